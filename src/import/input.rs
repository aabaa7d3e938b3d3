//! Opens a file or standard input, decompresses gzip and zstd, converts other encodings to UTF-8 (with `text`),
//! and hashes the bytes as received.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::file_hash::{FileHash, Hashing};
use super::text;
use super::wrapping::Wrapping;
use crate::code::WarningCode;
use crate::error::{Error, Result};

/// How many bytes at the beginning of a file are looked at to recognize its format.
const HEAD: usize = 64 * 1024;

/// An open file or stream, from which a report is read.
pub struct Input {
    name: String,
    path: Option<PathBuf>,
    head: Vec<u8>,
    rest: Box<dyn Read + Send>,
    hash: FileHash,
    /// The number of bytes read so far, counted before decompression.
    received: Arc<AtomicU64>,
    size: Option<u64>,
    /// The line from which the text is read as Windows-1252 because it is not UTF-8; empty if all text so far
    /// is UTF-8.
    guessed: text::Guessed,
    /// What the content is wrapped in, such as an archive or HTTP headers; `None` if it is not wrapped.
    wrapping: Option<Wrapping>,
    /// Whether the strict parser must read every record, as [`Input::strictly`] asks for.
    strictly: bool,
}

impl Input {
    /// Opens the file at this path.
    ///
    /// # Errors
    /// If the file cannot be opened or read, or its compressed data are damaged.
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

    /// An input that reads an open stream, for instance standard input. `name` is what messages call it.
    ///
    /// # Errors
    /// If the stream cannot be read, or its compressed data are damaged.
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
        // An archive is not text, so it is not decoded.
        if input.wrapping.is_none() {
            input.decode()?;
            input.wrapping = Wrapping::of(&input.head);
        }
        Ok(input)
    }

    /// Converts the content to UTF-8 while it is read.
    fn decode(&mut self) -> Result<()> {
        if self.head.starts_with(b"\xef\xbb\xbf") {
            self.head.drain(..3);
        }
        let head = std::mem::take(&mut self.head);
        let rest = std::mem::replace(&mut self.rest, Box::new(io::empty()));
        if let Some(encoding) = text::wide_encoding(&head) {
            let bytes = Cursor::new(head).chain(rest);
            self.rest = Box::new(text::Wide::new(bytes, encoding));
        } else if text::is_json(&head) || text::is_ldif(&head) {
            // JSON must be UTF-8. A line of an LDIF may be folded within a character, so LDIF is decoded after
            // unfolding.
            (self.head, self.rest) = (head, rest);
            return Ok(());
        } else {
            let bytes = Cursor::new(head).chain(rest);
            self.rest = Box::new(text::Narrow::new(bytes, Arc::clone(&self.guessed)));
        }
        self.head = read_head(&mut self.rest).map_err(|error| self.cannot_read(error))?;
        Ok(())
    }

    /// The warning that the text is not UTF-8; `None` if it is UTF-8. The answer is final only after all of the
    /// text was read.
    pub fn note(&self) -> Option<(WarningCode, String)> {
        let line = *self.guessed.get()?;
        Some((
            WarningCode::EncodingGuessed,
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

    /// What messages call the file: its path as the user typed it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The first bytes of the decoded content. A short content is there as a whole.
    pub fn head(&self) -> &[u8] {
        &self.head
    }

    /// What the content is wrapped in, such as an archive or HTTP headers; `None` if it is not wrapped.
    pub fn wrapping(&self) -> Option<&Wrapping> {
        self.wrapping.as_ref()
    }

    /// A stream of the decompressed and decoded content. It can be taken only once.
    pub fn reader(&mut self) -> impl Read + use<> {
        let head = Cursor::new(std::mem::take(&mut self.head));
        head.chain(std::mem::replace(&mut self.rest, Box::new(io::empty())))
    }

    /// The same input, but the strict parser reads every record. Tests compare the result with that of the
    /// quick way.
    #[must_use]
    pub fn strictly(mut self) -> Input {
        self.strictly = true;
        self
    }

    /// Whether the strict parser must read every record.
    pub(super) fn is_read_strictly(&self) -> bool {
        self.strictly
    }

    /// Opens the same file again; `None` if the input is a stream.
    ///
    /// # Errors
    /// If the file can no longer be opened.
    pub fn again(&self) -> Option<Result<Input>> {
        let again = Input::open(self.path.as_deref()?);
        Some(again.map(|again| Input { strictly: self.strictly, ..again }))
    }

    /// The SHA-256 of the bytes as received, in hexadecimal digits. The hash is final only after all bytes were
    /// read.
    pub fn sha256(&self) -> String {
        self.hash.sha256()
    }

    /// The size of the file on disk, in bytes; `None` if the input is a stream.
    pub fn size(&self) -> Option<u64> {
        self.size
    }

    /// A counter of the bytes that were read so far, before decompression. It goes on counting while the file
    /// is read.
    pub fn bytes_read(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.received)
    }

    /// The error that reading this input failed. It names the file but no line.
    fn cannot_read(&self, error: io::Error) -> Error {
        unreadable(error, &self.name, None)
    }
}

/// The error that reading a file failed. It names the line if that is known.
pub fn unreadable(error: io::Error, name: &str, line: Option<u64>) -> Error {
    if let Some(bomb) = error.get_ref().and_then(|inner| inner.downcast_ref::<Bomb>()) {
        return Error::input(format!("the file unpacks to more than {} times its size", bomb.most_ratio))
            .at(name, None)
            .hint("no report is packed like this; if you trust the file, unpack it yourself and import the result");
    }
    if error.get_ref().is_some_and(|inner| inner.is::<text::BadText>()) {
        return Error::input("the text begins as UTF-16 but is not valid UTF-16")
            .at(name, line)
            .hint("the file is damaged or incomplete: download it again");
    }
    let damaged = matches!(
        error.kind(),
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::UnexpectedEof
    );
    let packed = damaged || error.kind() == io::ErrorKind::Other;
    let (message, hint) = if packed {
        ("the compressed data are damaged or end too early", "download the file again")
    } else {
        ("cannot be read", "check the file and its permissions")
    };
    Error::input(message).at(name, line).caused_by(error).hint(hint)
}

/// How many bytes may be unpacked from one packed byte, on average over a window of gzip data. Reports reach
/// 50, and artificial reports in which only the login differs reach 90. Files built to exhaust memory or time
/// approach 1,032, the limit of gzip.
const GZIP_RATIO: u64 = 500;

/// How many bytes may be unpacked from one packed byte, on average over a window of zstd data. Artificial
/// reports in which only the login differs reach 250. Files built to exhaust memory or time reach 10,000 and
/// more.
const ZSTD_RATIO: u64 = 1000;

/// The number of unpacked bytes over which the ratio of unpacked to packed bytes is measured. A harmful file
/// cannot hide behind a long harmless beginning, because the ratio must hold in every window.
const WINDOW: u64 = 64 * 1024 * 1024;

/// How many packed bytes are read at once. The number is small, so that bytes read ahead do not distort the
/// ratio of a window.
const PACKED: usize = 8 * 1024;

/// A stream that decompresses and that fails if it unpacks to far more bytes than a report does.
struct Guarded {
    inner: Box<dyn Read + Send>,
    packed: Arc<AtomicU64>,
    most_ratio: u64,
    /// The number of bytes unpacked in the current window.
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

/// The error that ends a stream because it unpacks to too many bytes for a report.
#[derive(Debug)]
struct Bomb {
    most_ratio: u64,
}

impl std::fmt::Display for Bomb {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the file unpacks to far more than any report")
    }
}

impl std::error::Error for Bomb {}

/// A reader that counts the bytes read through it.
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
