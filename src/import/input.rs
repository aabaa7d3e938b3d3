//! Opens a file or standard input, decompresses gzip and zstd, and hashes the bytes as received.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use sha2::{Digest, Sha256};

use crate::error::{Error, Result};

/// How much of a file is looked at to recognise it.
const HEAD: usize = 64 * 1024;

/// An open input.
pub struct Input {
    name: String,
    path: Option<PathBuf>,
    head: Vec<u8>,
    rest: Box<dyn Read>,
    hashed: Rc<RefCell<Sha256>>,
}

impl Input {
    /// Opens a file.
    ///
    /// # Errors
    /// If it cannot be opened or read, or is not what its compression says.
    pub fn open(path: &Path) -> Result<Input> {
        let name = path.display().to_string();
        let file = File::open(path)
            .map_err(|error| Error::input("cannot be opened").at(&name, None).caused_by(error))?;
        if file.metadata().is_ok_and(|metadata| metadata.is_dir()) {
            return Err(Error::input("this is a folder")
                .at(&name, None)
                .hint("name the files in it, for instance with FOLDER/*"));
        }
        let mut input = Input::new(name, Box::new(file))?;
        input.path = Some(path.to_owned());
        Ok(input)
    }

    /// Takes an open stream, for instance standard input.
    ///
    /// # Errors
    /// If it cannot be read, or is not what its compression says.
    pub fn new(name: String, stream: Box<dyn Read>) -> Result<Input> {
        let hashed = Rc::new(RefCell::new(Sha256::new()));
        let stream = Hashing { inner: stream, hashed: Rc::clone(&hashed) };
        let mut input =
            Input { name, path: None, head: Vec::new(), rest: Box::new(stream), hashed };
        input.decompress()?;
        if input.head.starts_with(b"\xef\xbb\xbf") {
            input.head.drain(..3);
        }
        Ok(input)
    }

    fn decompress(&mut self) -> Result<()> {
        self.head = read_head(&mut self.rest).map_err(|error| self.cannot_read(error))?;
        let raw = Cursor::new(std::mem::take(&mut self.head));
        let rest = std::mem::replace(&mut self.rest, Box::new(io::empty()));
        let start = raw.get_ref().get(..4).unwrap_or(raw.get_ref()).to_vec();
        if start.starts_with(&[0x1f, 0x8b]) {
            let raw = BufReader::with_capacity(HEAD, raw.chain(rest));
            self.rest = Box::new(flate2::bufread::MultiGzDecoder::new(raw));
        } else if start.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
            let decoder = zstd::stream::read::Decoder::new(raw.chain(rest))
                .map_err(|error| self.cannot_read(error))?;
            self.rest = Box::new(decoder);
        } else {
            self.head = raw.into_inner();
            self.rest = rest;
            return Ok(());
        }
        self.head = read_head(&mut self.rest).map_err(|error| self.cannot_read(error))?;
        Ok(())
    }

    /// The name for messages: as the user gave it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The beginning of the content: all of it, where it is short.
    pub fn head(&self) -> &[u8] {
        &self.head
    }

    /// The content, decompressed. Can be taken once.
    pub fn reader(&mut self) -> impl Read + use<> {
        let head = Cursor::new(std::mem::take(&mut self.head));
        head.chain(std::mem::replace(&mut self.rest, Box::new(io::empty())))
    }

    /// Opens the same file again, where it is a file.
    ///
    /// # Errors
    /// If it can no longer be opened.
    pub fn again(&self) -> Option<Result<Input>> {
        self.path.as_deref().map(Input::open)
    }

    /// SHA-256 of the bytes as received, in hexadecimal digits; right once all has been read.
    pub fn sha256(&self) -> String {
        hex(&self.hashed.borrow().clone().finalize())
    }

    /// The error for a stream that cannot be read.
    pub fn cannot_read(&self, error: io::Error) -> Error {
        let damaged = matches!(
            error.kind(),
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::UnexpectedEof
        );
        let (message, hint) = if damaged {
            ("the compressed data are damaged or end too early", "download the file again")
        } else {
            ("cannot be read", "look at the file and its rights")
        };
        Error::input(message).at(&self.name, None).caused_by(error).hint(hint)
    }
}

/// SHA-256 of a text, in hexadecimal digits.
pub fn sha256_of(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn read_head(stream: &mut dyn Read) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    stream.take(HEAD as u64).read_to_end(&mut head)?;
    Ok(head)
}

/// Passes bytes on and hashes them.
struct Hashing {
    inner: Box<dyn Read>,
    hashed: Rc<RefCell<Sha256>>,
}

impl Read for Hashing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.hashed.borrow_mut().update(&buffer[..count]);
        Ok(count)
    }
}
