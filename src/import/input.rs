//! Opens a file or standard input, decompresses gzip and zstd, turns what is not UTF-8 into it
//! (`text` knows how), and hashes the bytes as received.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::file_hash::{FileHash, Hashing};
use super::text;
use super::wrapping::Wrapping;
use crate::error::{Error, Result};

/// How much of a file is looked at to recognize it.
const HEAD: usize = 64 * 1024;

/// An open input.
pub struct Input {
    name: String,
    path: Option<PathBuf>,
    head: Vec<u8>,
    rest: Box<dyn Read + Send>,
    hash: FileHash,
    /// How many bytes have been read as received.
    received: Arc<AtomicU64>,
    size: Option<u64>,
    /// The line from which on the text is read as Windows-1252.
    guessed: text::Guessed,
    /// What the bytes are wrapped in, if it is no report's.
    wrapping: Option<Wrapping>,
    /// Is every record to be read by the strict reader?
    strictly: bool,
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
        let size = file.metadata().ok().filter(std::fs::Metadata::is_file).map(|it| it.len());
        let mut input = Input::new(name, Box::new(file))?;
        input.size = size;
        input.path = Some(path.to_owned());
        Ok(input)
    }

    /// Takes an open stream, for instance standard input.
    ///
    /// # Errors
    /// If it cannot be read, or is not what its compression says.
    pub fn new(name: String, stream: Box<dyn Read + Send>) -> Result<Input> {
        let hash = FileHash::default();
        let received = Arc::new(AtomicU64::new(0));
        let stream = Counting { inner: stream, count: Arc::clone(&received) };
        let stream = Hashing { inner: stream, hash: hash.clone() };
        let mut input = Input {
            name,
            path: None,
            head: Vec::new(),
            rest: Box::new(stream),
            hash,
            received,
            size: None,
            guessed: Arc::default(),
            wrapping: None,
            strictly: false,
        };
        input.decompress()?;
        input.wrapping = Wrapping::of(&input.head);
        // What is an archive is no text in any encoding.
        if input.wrapping.is_none() {
            input.decode()?;
            input.wrapping = Wrapping::of(&input.head);
        }
        Ok(input)
    }

    /// Makes UTF-8 of the text.
    fn decode(&mut self) -> Result<()> {
        if self.head.starts_with(b"\xef\xbb\xbf") {
            self.head.drain(..3);
        }
        let head = std::mem::take(&mut self.head);
        let rest = std::mem::replace(&mut self.rest, Box::new(io::empty()));
        if let Some(encoding) = text::wide_encoding(&head) {
            let bytes = Cursor::new(head).chain(rest);
            self.rest = Box::new(text::Wide::new(bytes, encoding));
        } else if text::is_json(&head) {
            (self.head, self.rest) = (head, rest);
            return Ok(());
        } else {
            let bytes = Cursor::new(head).chain(rest);
            self.rest = Box::new(text::Narrow::new(bytes, Arc::clone(&self.guessed)));
        }
        self.head = read_head(&mut self.rest).map_err(|error| self.cannot_read(error))?;
        Ok(())
    }

    /// What to tell of the text once it has been read, if it was not what it should be.
    pub fn note(&self) -> Option<(&'static str, String)> {
        let line = *self.guessed.get()?;
        Some((
            "encoding-guessed",
            format!("line {line} is not UTF-8: the text is read as Windows-1252"),
        ))
    }

    fn decompress(&mut self) -> Result<()> {
        self.head = read_head(&mut self.rest).map_err(|error| self.cannot_read(error))?;
        let start = self.head.get(..4).unwrap_or(&self.head);
        let gzip = start.starts_with(&[0x1f, 0x8b]);
        if !gzip && !start.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
            return Ok(());
        }
        let packed = Arc::new(AtomicU64::new(0));
        let raw = Cursor::new(std::mem::take(&mut self.head));
        let raw = raw.chain(std::mem::replace(&mut self.rest, Box::new(io::empty())));
        let raw =
            BufReader::with_capacity(PACKED, Counting { inner: raw, count: Arc::clone(&packed) });
        let most_ratio = if gzip { GZIP_RATIO } else { ZSTD_RATIO };
        let inner: Box<dyn Read + Send> = if gzip {
            Box::new(flate2::bufread::MultiGzDecoder::new(raw))
        } else {
            let decoder = zstd::stream::read::Decoder::with_buffer(raw);
            Box::new(decoder.map_err(|error| self.cannot_read(error))?)
        };
        self.rest = Box::new(Guarded { inner, packed, most_ratio, window: 0, packed_before: 0 });
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

    /// What a file is wrapped in, where that is something that no report comes in.
    pub fn wrapping(&self) -> Option<&Wrapping> {
        self.wrapping.as_ref()
    }

    /// The content, decompressed. Can be taken once.
    pub fn reader(&mut self) -> impl Read + use<> {
        let head = Cursor::new(std::mem::take(&mut self.head));
        head.chain(std::mem::replace(&mut self.rest, Box::new(io::empty())))
    }

    /// The same input, of which every record is read by the strict reader: what is read must not
    /// differ, and tests hold that.
    #[must_use]
    pub fn strictly(mut self) -> Input {
        self.strictly = true;
        self
    }

    /// Is it to be read like that?
    pub(super) fn is_read_strictly(&self) -> bool {
        self.strictly
    }

    /// Opens the same file again, where it is a file.
    ///
    /// # Errors
    /// If it can no longer be opened.
    pub fn again(&self) -> Option<Result<Input>> {
        let again = Input::open(self.path.as_deref()?);
        Some(again.map(|again| Input { strictly: self.strictly, ..again }))
    }

    /// SHA-256 of the bytes as received, in hexadecimal digits; right once all has been read.
    pub fn sha256(&self) -> String {
        self.hash.sha256()
    }

    /// How many bytes the file has as it lies on disk; `None` if it is a stream.
    pub fn size(&self) -> Option<u64> {
        self.size
    }

    /// A counter of the bytes that have been read as received.
    pub fn bytes_read(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.received)
    }

    /// The error for a stream that cannot be read.
    fn cannot_read(&self, error: io::Error) -> Error {
        unreadable(error, &self.name, None)
    }
}

/// The error for a stream that cannot be read on, at a line if one is known.
pub fn unreadable(error: io::Error, name: &str, line: Option<u64>) -> Error {
    if let Some(bomb) = error.get_ref().and_then(|inner| inner.downcast_ref::<Bomb>()) {
        return Error::input(format!("it unpacks to more than {} times its size", bomb.most_ratio))
            .at(name, None)
            .hint("no report is like this; if you trust it, unpack it yourself and import that");
    }
    if error.get_ref().is_some_and(|inner| inner.is::<text::BadText>()) {
        return Error::input("the text is not the UTF-16 that it begins as")
            .at(name, line)
            .hint("it is damaged or half a download: get the file again");
    }
    let damaged = matches!(
        error.kind(),
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::UnexpectedEof
    );
    let packed = damaged || error.kind() == io::ErrorKind::Other;
    let (message, hint) = if packed {
        ("the compressed data are damaged or end too early", "download the file again")
    } else {
        ("cannot be read", "look at the file and its rights")
    };
    Error::input(message).at(name, line).caused_by(error).hint(hint)
}

/// A window of what is unpacked may be this many times as large as what it is unpacked from.
/// Reports reach 50 to 1, made-up ones in which only the login differs 90 to 1; what is made to fill
/// memory or time comes near the 1,032 to 1 that the format can reach at all.
const GZIP_RATIO: u64 = 500;

/// Likewise: such made-up reports reach 250 to 1, what is made to do harm 10,000 to 1 and more.
const ZSTD_RATIO: u64 = 1000;

/// In so much of what is unpacked the bound must hold, wherever it lies: a long harmless beginning
/// buys nothing.
const WINDOW: u64 = 64 * 1024 * 1024;

/// How much of what is packed is read at once: little against what a window may be packed into.
const PACKED: usize = 8 * 1024;

/// Stops a stream that unpacks to more than any report does.
struct Guarded {
    inner: Box<dyn Read + Send>,
    packed: Arc<AtomicU64>,
    most_ratio: u64,
    /// How much of the window has been unpacked, and from where on.
    window: u64,
    packed_before: u64,
}

impl Read for Guarded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.window += count as u64;
        if self.window >= WINDOW {
            let packed = self.packed.load(Ordering::Relaxed);
            if (packed - self.packed_before).saturating_mul(self.most_ratio) < self.window {
                let bomb = Bomb { most_ratio: self.most_ratio };
                return Err(io::Error::new(io::ErrorKind::InvalidData, bomb));
            }
            (self.window, self.packed_before) = (0, packed);
        }
        Ok(count)
    }
}

/// What a guarded stream ends with.
#[derive(Debug)]
struct Bomb {
    most_ratio: u64,
}

impl std::fmt::Display for Bomb {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("too much is unpacked from too little")
    }
}

impl std::error::Error for Bomb {}

/// Counts the bytes that pass.
struct Counting<R> {
    inner: R,
    count: Arc<AtomicU64>,
}

impl<R: Read> Read for Counting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.count.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

fn read_head(stream: &mut dyn Read) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    stream.take(HEAD as u64).read_to_end(&mut head)?;
    Ok(head)
}
