//! Converts text to UTF-8 while it is read: UTF-16 from a spreadsheet or from the redirected output of a shell,
//! and tables in Latin-1 or Windows-1252 (formats.md section 2, "Re-saved spreadsheets").
//!
//! JSON must be UTF-8 or UTF-16. LDIF that is not UTF-16 is not converted, since a line may be folded within a
//! character. Only a table may be read as Windows-1252, which includes Latin-1, and only if all text before the
//! first invalid byte is ASCII. Otherwise the file is damaged, and its reader reports the line.

use std::io::{self, Read};
use std::sync::{Arc, OnceLock};

use encoding_rs::{
    CoderResult, Decoder, DecoderResult, Encoding, UTF_16BE, UTF_16LE, WINDOWS_1252,
};

/// The number of the first line that had to be read as Windows-1252; empty if all text is UTF-8.
pub type Guessed = Arc<OnceLock<u64>>;

/// The number of bytes that are decoded at once.
const CHUNK: usize = 32 * 1024;

/// The encoding of a UTF-16 text, found from its byte-order mark or from the zero bytes in its first two
/// characters; `None` if the text is not UTF-16.
pub fn wide_encoding(head: &[u8]) -> Option<&'static Encoding> {
    match head {
        [0xff, 0xfe, ..] => Some(UTF_16LE),
        [0xfe, 0xff, ..] => Some(UTF_16BE),
        [a, 0, b, 0, ..] if *a != 0 && *b != 0 => Some(UTF_16LE),
        [0, a, 0, b, ..] if *a != 0 && *b != 0 => Some(UTF_16BE),
        _ => None,
    }
}

/// Whether a text begins like JSON.
pub fn is_json(head: &[u8]) -> bool {
    matches!(head.trim_ascii_start().first(), Some(b'{' | b'['))
}

/// Whether a file begins like LDIF: its first line that is not empty, a comment, a `version:` or a `ref:` line
/// must be a `dn:` line.
pub fn is_ldif(head: &[u8]) -> bool {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let begins = |line: &[u8], name: &[u8]| {
        line.get(..name.len()).is_some_and(|it| it.eq_ignore_ascii_case(name))
    };
    let mut in_comment = false;
    for line in head.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end) {
        match line.first() {
            None => {}
            Some(b' ') if in_comment => continue,
            Some(b'#') => {
                in_comment = true;
                continue;
            }
            _ if begins(line, b"version:") || begins(line, b"ref:") => {}
            _ => return begins(line, b"dn:"),
        }
        in_comment = false;
    }
    false
}

/// A stream that decodes UTF-16 to UTF-8.
pub struct Wide<R> {
    inner: R,
    decoder: Decoder,
    bytes: Vec<u8>,
    text: Text,
    ended: bool,
}

/// The error that a text is not valid in the encoding that its first bytes show.
#[derive(Debug)]
pub struct BadText;

impl std::fmt::Display for BadText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the text is not valid UTF-16")
    }
}

impl std::error::Error for BadText {}

/// Text that was decoded and waits to be read.
#[derive(Default)]
struct Text {
    bytes: Vec<u8>,
    start: usize,
}

impl Text {
    fn hand_out(&mut self, buffer: &mut [u8]) -> usize {
        let unread = &self.bytes[self.start..];
        let count = unread.len().min(buffer.len());
        buffer[..count].copy_from_slice(&unread[..count]);
        self.start += count;
        count
    }

    fn is_empty(&self) -> bool {
        self.start == self.bytes.len()
    }
}

impl<R: Read> Wide<R> {
    /// Decodes a stream of UTF-16 that may begin with a byte-order mark.
    pub fn new(inner: R, encoding: &'static Encoding) -> Wide<R> {
        let decoder = encoding.new_decoder_with_bom_removal();
        Wide { inner, decoder, bytes: Vec::new(), text: Text::default(), ended: false }
    }

    fn decode(&mut self) -> io::Result<()> {
        self.bytes.resize(CHUNK, 0);
        let count = read_some(&mut self.inner, &mut self.bytes)?;
        self.ended = count == 0;
        let mut text = std::mem::take(&mut self.text.bytes);
        // Two bytes of UTF-16 become three bytes of UTF-8 at most. The 16 more bytes are for bytes that the
        // decoder kept from the last call.
        text.resize(CHUNK * 2 + 16, 0);
        let decoded = self.decoder.decode_to_utf8_without_replacement(
            &self.bytes[..count],
            &mut text,
            self.ended,
        );
        match decoded {
            (DecoderResult::InputEmpty, read, written) if read == count => {
                text.truncate(written);
                self.text = Text { bytes: text, start: 0 };
                Ok(())
            }
            _ => Err(io::Error::new(io::ErrorKind::InvalidData, BadText)),
        }
    }
}

impl<R: Read> Read for Wide<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.text.is_empty() && !self.ended {
            self.decode()?;
        }
        Ok(self.text.hand_out(buffer))
    }
}

/// A stream that reads a table as UTF-8. If its first byte that is not ASCII is no valid UTF-8, the table is
/// read as Windows-1252.
pub struct Narrow<R> {
    inner: R,
    guessed: Guessed,
    line: u64,
    found: DetectedEncoding,
    /// The bytes at the end of the last piece that may be an incomplete character.
    waiting: Vec<u8>,
    text: Text,
    ended: bool,
}

#[derive(PartialEq, Eq)]
enum DetectedEncoding {
    OnlyAscii,
    Utf8,
    Windows,
}

impl<R: Read> Narrow<R> {
    /// Reads a table from a stream. If the text turns out to be Windows-1252, `guessed` is set to the line
    /// where it shows.
    pub fn new(inner: R, guessed: Guessed) -> Narrow<R> {
        let (found, text) = (DetectedEncoding::OnlyAscii, Text::default());
        Narrow { inner, guessed, line: 1, found, waiting: Vec::new(), text, ended: false }
    }

    fn decode(&mut self) -> io::Result<()> {
        let mut bytes = std::mem::take(&mut self.waiting);
        let kept = bytes.len();
        bytes.resize(kept + CHUNK, 0);
        let count = read_some(&mut self.inner, &mut bytes[kept..])?;
        bytes.truncate(kept + count);
        self.ended = count == 0;
        if self.found == DetectedEncoding::OnlyAscii {
            match std::str::from_utf8(&bytes) {
                Ok(text) if text.is_ascii() => {}
                Ok(_) => self.found = DetectedEncoding::Utf8,
                Err(error) => {
                    let (before, after) = bytes.split_at(error.valid_up_to());
                    if !before.is_ascii() {
                        self.found = DetectedEncoding::Utf8;
                    } else if error.error_len().is_none() && !self.ended {
                        self.waiting = after.to_vec();
                        bytes.truncate(error.valid_up_to());
                    } else {
                        self.found = DetectedEncoding::Windows;
                        let lines = memchr::memchr_iter(b'\n', before).count() as u64;
                        let _once = self.guessed.set(self.line + lines);
                    }
                }
            }
            self.line += memchr::memchr_iter(b'\n', &bytes).count() as u64;
        }
        if self.found == DetectedEncoding::Windows {
            bytes = windows(&bytes);
        }
        self.text = Text { bytes, start: 0 };
        Ok(())
    }
}

/// Decodes Windows-1252, in which every byte is a character.
fn windows(bytes: &[u8]) -> Vec<u8> {
    let mut text = String::with_capacity(bytes.len() * 3);
    let mut decoder = WINDOWS_1252.new_decoder_without_bom_handling();
    let (result, _, _) = decoder.decode_to_string(bytes, &mut text, true);
    debug_assert_eq!(result, CoderResult::InputEmpty);
    text.into_bytes()
}

impl<R: Read> Read for Narrow<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.text.is_empty() && !self.ended {
            self.decode()?;
        }
        Ok(self.text.hand_out(buffer))
    }
}

fn read_some(stream: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match stream.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A stream that returns one byte at a time.
    struct Drip<'a>(&'a [u8]);

    impl Read for Drip<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let Some((first, rest)) = self.0.split_first() else { return Ok(0) };
            buffer[0] = *first;
            self.0 = rest;
            Ok(1)
        }
    }

    fn narrow(bytes: &[u8]) -> (Vec<u8>, Option<u64>) {
        let guessed = Guessed::default();
        let mut text = Vec::new();
        let mut stream = Narrow::new(Drip(bytes), Arc::clone(&guessed));
        stream.read_to_end(&mut text).expect("readable");
        (text, guessed.get().copied())
    }

    #[test]
    fn latin_text_is_found_by_its_first_byte_that_is_not_utf8() {
        assert_eq!(narrow(b"a\nM\xfcller \x80"), ("a\nMüller €".into(), Some(2)));
        assert_eq!(narrow("a\nMüller €".as_bytes()), ("a\nMüller €".into(), None));
        let damaged = "a\nMü\n".as_bytes().iter().copied().chain([0xfc]).collect::<Vec<u8>>();
        assert_eq!(narrow(&damaged), (damaged, None));
        assert_eq!(narrow(b"half \xc3"), ("half Ã".into(), Some(1)));
    }

    #[test]
    fn wide_text_is_read_with_and_without_its_mark() {
        let text = "id,login\n7,Mü🦀\n";
        for (mark, encoding) in [(true, UTF_16LE), (false, UTF_16LE), (true, UTF_16BE)] {
            let units = mark.then_some(0xfeff).into_iter().chain(text.encode_utf16());
            let bytes: Vec<u8> = match encoding == UTF_16LE {
                true => units.flat_map(u16::to_le_bytes).collect(),
                false => units.flat_map(u16::to_be_bytes).collect(),
            };
            assert_eq!(wide_encoding(&bytes), Some(encoding));
            let mut read = String::new();
            Wide::new(Drip(&bytes), encoding).read_to_string(&mut read).expect("readable");
            assert_eq!(read, text);
            let half = &bytes[..bytes.len() - 1];
            Wide::new(half, encoding)
                .read_to_string(&mut read)
                .expect_err("the text is not valid UTF-16");
        }
    }

    #[test]
    fn an_ldif_begins_with_a_name() {
        for (text, expected) in [
            ("dn: CN=A", true),
            ("\u{feff}DN:: QQ==", true),
            ("# extended LDIF\n#\n# refldap://a\n b\n\nversion: 1\n\ndn: CN=A", true),
            ("# LDAPv3\n", false),
            ("dnx: a", false),
            ("mail: a", false),
            ("", false),
        ] {
            assert_eq!(is_ldif(text.as_bytes()), expected, "{text}");
        }
    }
}
