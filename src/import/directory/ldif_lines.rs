//! The line grammar of LDIF (RFC 2849): unfolds lines, and splits each line into a name and a value. This file
//! must not interpret what an attribute means.
//!
//! Lines are unfolded as bytes, since a fold may stand in the middle of a character.

use std::borrow::Cow;
use std::io::{self, BufRead, BufReader, Read};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::error::{Error, Result};
use crate::import::input::unreadable;

/// The longest unfolded line, in bytes. Even the pictures in a directory are shorter.
const LONGEST_LINE: usize = 16 * 1024 * 1024;

/// The lines of an LDIF file, read from a stream.
pub struct LdifLines<R> {
    reader: BufReader<R>,
    name: String,
    bytes: Vec<u8>,
    /// The number of physical lines read so far.
    read: u64,
    /// The number of the first physical line of the current unfolded line.
    line: u64,
    /// Whether the last physical line has a line end.
    has_line_end: bool,
}

/// One unfolded line of an LDIF file.
#[derive(Debug, PartialEq, Eq)]
pub enum LdifLine<'l> {
    /// An empty line, which ends a record.
    Blank,
    /// A comment, without the `#` before it.
    Comment(&'l [u8]),
    /// A line with only `-`, which ends one operation of a change record.
    Dash,
    /// An attribute: its name without options, and its value as written.
    Attribute(&'l str, LdifValue<'l>),
}

/// The value of an LDIF attribute, as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LdifValue<'l> {
    /// A value after `:`, which is plain bytes.
    Plain(&'l [u8]),
    /// A value after `::`, which is base64.
    Base64(&'l [u8]),
    /// A value after `:<`, which is a URL. It is never fetched.
    Url,
}

impl<'l> LdifValue<'l> {
    /// The bytes of the value; `None` if the value is a URL.
    ///
    /// # Errors
    /// If the base64 of the value is invalid. The error names no line yet.
    pub fn bytes(self) -> Result<Option<Cow<'l, [u8]>>> {
        match self {
            LdifValue::Url => Ok(None),
            LdifValue::Plain(bytes) => Ok(Some(Cow::Borrowed(bytes))),
            LdifValue::Base64(text) => match STANDARD.decode(text.trim_ascii()) {
                Ok(bytes) => Ok(Some(Cow::Owned(bytes))),
                Err(_) => Err(Error::input("the value is not valid base64")
                    .hint("the file is damaged or was edited: export it again")),
            },
        }
    }
}

impl<R: Read> LdifLines<R> {
    /// The LDIF lines of a stream. `name` is the name of the file, for errors.
    pub fn new(stream: R, name: &str) -> LdifLines<R> {
        LdifLines {
            reader: BufReader::with_capacity(256 * 1024, stream),
            name: name.to_owned(),
            bytes: Vec::new(),
            read: 0,
            line: 0,
            has_line_end: true,
        }
    }

    /// The number of the physical line on which the current unfolded line begins, from 1.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// Whether the text read so far ends with a line end.
    pub fn has_line_end(&self) -> bool {
        self.has_line_end
    }

    /// The next unfolded line; `None` at the end of the file.
    ///
    /// # Errors
    /// If the stream cannot be read, a line is too long, or a line is not LDIF.
    pub fn next_line(&mut self) -> Result<Option<LdifLine<'_>>> {
        self.bytes.clear();
        self.line = self.read + 1;
        if !self.read_physical()? {
            return Ok(None);
        }
        if self.bytes.is_empty() {
            return Ok(Some(LdifLine::Blank));
        }
        while self.next_byte()? == Some(b' ') {
            self.reader.consume(1);
            self.read_physical()?;
        }
        match parsed(&self.bytes) {
            Some(line) => Ok(Some(line)),
            None => Err(Error::input("this is not a line of LDIF")
                .at(&self.name, Some(self.line))
                .hint("the file is damaged or was edited: export it again")),
        }
    }

    /// Appends the next physical line to the buffer, without its line end. Returns `false` at the end of the
    /// file.
    fn read_physical(&mut self) -> Result<bool> {
        let before = self.bytes.len();
        let most = (LONGEST_LINE - before + 2) as u64;
        let read = (&mut self.reader).take(most).read_until(b'\n', &mut self.bytes);
        let count = read.map_err(|error| unreadable(error, &self.name, Some(self.line)))?;
        self.read += u64::from(count > 0);
        if count > 0 {
            self.has_line_end = self.bytes.last() == Some(&b'\n');
        }
        if self.bytes.last() == Some(&b'\n') {
            self.bytes.pop();
            if self.bytes.len() > before && self.bytes.last() == Some(&b'\r') {
                self.bytes.pop();
            }
        }
        if self.bytes.len() > LONGEST_LINE {
            return Err(Error::input("a value is longer than 16 MiB")
                .at(&self.name, Some(self.line))
                .hint("no person has a value of this length: look at that line of the file"));
        }
        Ok(count > 0)
    }

    /// The next byte of the stream, which stays unread.
    fn next_byte(&mut self) -> Result<Option<u8>> {
        loop {
            match self.reader.fill_buf() {
                Ok(bytes) => return Ok(bytes.first().copied()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(unreadable(error, &self.name, Some(self.line))),
            }
        }
    }
}

/// The parts of an unfolded line that is not empty; `None` if the line is not LDIF.
fn parsed(line: &[u8]) -> Option<LdifLine<'_>> {
    match line {
        [b'#', comment @ ..] => return Some(LdifLine::Comment(comment)),
        b"-" => return Some(LdifLine::Dash),
        _ => {}
    }
    let colon = memchr::memchr(b':', line)?;
    let (name, rest) = (&line[..colon], &line[colon + 1..]);
    let name = std::str::from_utf8(name).ok()?;
    // The options of an attribute stand after a semicolon: `mail;lang-de`, `proxyAddresses;range=0-1499`.
    let name = name.split(';').next().unwrap_or_default();
    let is_sign = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    if name.is_empty() || !name.bytes().all(is_sign) {
        return None;
    }
    let value = match rest {
        [b':', text @ ..] => LdifValue::Base64(text),
        [b'<', ..] => LdifValue::Url,
        text => LdifValue::Plain(text.trim_ascii_start()),
    };
    Some(LdifLine::Attribute(name, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &[u8]) -> Vec<String> {
        let mut lines = LdifLines::new(text, "x.ldif");
        let mut told = Vec::new();
        loop {
            match lines.next_line() {
                Ok(Some(LdifLine::Attribute(name, value))) => {
                    let value = value
                        .bytes()
                        .map(|it| it.map(|it| String::from_utf8_lossy(&it).into_owned()));
                    told.push(format!("{name}={value:?}"));
                }
                Ok(Some(LdifLine::Blank)) => told.push(String::new()),
                Ok(Some(line)) => told.push(format!("{line:?}").chars().take(4).collect()),
                Ok(None) => return told,
                Err(error) => {
                    told.push(error.to_string());
                    return told;
                }
            }
        }
    }

    #[test]
    fn lines_are_unfolded_and_split() {
        let text = b"# a\n comment\ndn: CN=A\r\nmail;lang-de: a@x.e\r\n xample\r\ncn:: QQ==\r\n\r\n-\njpegPhoto:< file:///x\nx:\n";
        let expected = [
            "Comm",
            "dn=Ok(Some(\"CN=A\"))",
            "mail=Ok(Some(\"a@x.example\"))",
            "cn=Ok(Some(\"A\"))",
            "",
            "Dash",
            "jpegPhoto=Ok(None)",
            "x=Ok(Some(\"\"))",
        ];
        assert_eq!(told(text), expected);
    }

    #[test]
    fn a_fold_may_stand_within_a_character() {
        assert_eq!(told(b"cn: J\xc3\n \xb6rg"), ["cn=Ok(Some(\"J\u{f6}rg\"))"]);
    }

    #[test]
    fn what_is_no_line_is_refused_with_its_number() {
        assert_eq!(told(b"cn: a\n b\nnothing\n")[1], "x.ldif:3: this is not a line of LDIF");
        assert_eq!(told(b"\n folded")[1], "x.ldif:2: this is not a line of LDIF");
        assert!(told(b"cn:: Q=Q\n")[0].contains("base64"));
    }

    #[test]
    fn a_value_without_an_end_is_refused() {
        let text =
            b"cn: a\n".iter().copied().chain(b" aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n".repeat(600_000));
        let text: Vec<u8> = text.collect();
        assert_eq!(told(&text), ["x.ldif:1: a value is longer than 16 MiB"]);
    }
}
