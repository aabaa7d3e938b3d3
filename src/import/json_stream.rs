//! Reads JSON of any length, one value at a time. The stream is split at its braces, commas and colons, and the
//! bytes of each inner value are returned. So memory holds one account and never the whole file.
//!
//! This file checks the structure outside of the returned values. The code that parses a value checks the
//! value.

use std::io::{self, Read};

use memchr::{memchr_iter, memchr2};

use super::format_names::is_known_name;
use super::input::unreadable;
use super::strict_json;
use crate::error::{Error, Result, quoted};

/// The length, in bytes, that a value may have at most. A longer value is no account.
const LONGEST_VALUE: usize = 64 * 1024 * 1024;

/// The length, in bytes, up to which a value may be parsed into a tree in memory.
const LARGEST_TREE: usize = 16 * 1024 * 1024;

/// How many bytes [`JsonStream::peek_keys`] looks at to find the keys of an object.
const LONGEST_LOOK: usize = 1024 * 1024;

const BUFFER: usize = 256 * 1024;

/// JSON that is read from a stream, and the position up to which it was read.
pub struct JsonStream<R> {
    reader: R,
    name: String,
    buffer: Vec<u8>,
    /// The position in the buffer up to which bytes were taken. The bytes from `start` to `end` are in the
    /// buffer but not yet taken.
    start: usize,
    end: usize,
    ended: bool,
    /// The number of the line at the position `start`; the first line is 1.
    line: u64,
}

impl<R: Read> JsonStream<R> {
    /// The JSON in a stream. `name` is the name of the file, for errors.
    pub fn new(reader: R, name: &str) -> JsonStream<R> {
        JsonStream {
            reader,
            name: name.to_owned(),
            buffer: Vec::new(),
            start: 0,
            end: 0,
            ended: false,
            line: 1,
        }
    }

    /// The same stream, but its first line counts as line `line`.
    #[must_use]
    pub fn at_line(mut self, line: u64) -> JsonStream<R> {
        self.line = line;
        self
    }

    /// The next byte that is not white space; `None` at the end of the stream. The byte is not taken.
    ///
    /// # Errors
    /// If the stream cannot be read.
    pub fn peek(&mut self) -> Result<Option<u8>> {
        loop {
            let unread = &self.buffer[self.start..self.end];
            match unread.iter().position(|byte| !byte.is_ascii_whitespace()) {
                Some(skipped) => {
                    self.take(skipped);
                    if !self.takes_mark()? {
                        return Ok(Some(self.buffer[self.start]));
                    }
                }
                None => {
                    self.take(unread.len());
                    if !self.fill()? {
                        return Ok(None);
                    }
                }
            }
        }
    }

    /// Takes a byte-order mark, and returns whether there was one. A file of several joined pages may have a
    /// mark before each page.
    fn takes_mark(&mut self) -> Result<bool> {
        const MARK: &[u8] = b"\xef\xbb\xbf";
        if self.buffer[self.start] != MARK[0] {
            return Ok(false);
        }
        while self.end - self.start < MARK.len() && self.fill()? {}
        let is_mark = self.buffer[self.start..self.end].starts_with(MARK);
        if is_mark {
            self.take(MARK.len());
        }
        Ok(is_mark)
    }

    /// Takes one byte of the structure, such as a brace or a comma.
    ///
    /// # Errors
    /// If another byte comes next.
    pub fn take_sign(&mut self, wanted: u8) -> Result<()> {
        match self.peek()? {
            Some(byte) if byte == wanted => {
                self.take(1);
                Ok(())
            }
            Some(_) => Err(self.unexpected(&format!("'{}'", wanted as char))),
            None => Err(self.ends_too_early()),
        }
    }

    /// Moves to the next member of an object or the next item of an array. If there is none, takes the closing
    /// bracket and returns `false`. The caller sets `first` to true before the first call.
    ///
    /// # Errors
    /// If neither a member nor the closing bracket comes next.
    pub fn next_member(&mut self, closing: u8, first: &mut bool) -> Result<bool> {
        let Some(byte) = self.peek()? else { return Err(self.ends_too_early()) };
        if byte == closing {
            self.take(1);
            return Ok(false);
        }
        if !std::mem::replace(first, false) {
            self.take_sign(b',')?;
            match self.peek()? {
                None => return Err(self.ends_too_early()),
                Some(byte) if byte == closing => return Err(self.unexpected("a value")),
                Some(_) => {}
            }
        }
        Ok(true)
    }

    /// Takes the key of the next member of an object, and the colon behind it.
    ///
    /// # Errors
    /// If no key comes next.
    pub fn key(&mut self) -> Result<String> {
        if self.peek()? != Some(b'"') {
            return Err(self.unexpected("a key"));
        }
        let (bytes, line) = self.value()?;
        let key = serde_json::from_slice(bytes).map_err(|error| (error, line));
        let key = key.map_err(|(error, line)| self.not_json(&error, line))?;
        self.take_sign(b':')?;
        Ok(key)
    }

    /// Calls `decide` with each key of the next object until it decides something, and returns that. Nothing is
    /// taken from the stream. Returns `None` if no key near the beginning of the object decides, or if the next
    /// value is no object.
    ///
    /// # Errors
    /// If the stream cannot be read.
    pub fn peek_keys<T>(&mut self, mut decide: impl FnMut(&str) -> Option<T>) -> Result<Option<T>> {
        if self.peek()? != Some(b'{') {
            return Ok(None);
        }
        let mut at = 1;
        loop {
            let Some((key, end)) = self.peek_value(at)? else { return Ok(None) };
            let bytes = &self.buffer[self.start + key..self.start + end];
            let Ok(key) = serde_json::from_slice::<String>(bytes) else { return Ok(None) };
            if let Some(decided) = decide(&key) {
                return Ok(Some(decided));
            }
            let Some((_, end)) = self.peek_value(end)? else { return Ok(None) };
            at = end;
        }
    }

    /// Where the first value at or after the offset `at` begins and ends. White space, commas and colons before
    /// the value are skipped. Offsets count from the current position.
    fn peek_value(&mut self, mut at: usize) -> Result<Option<(usize, usize)>> {
        let is_between = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b',' | b':');
        let mut scanner = Scanner::default();
        loop {
            let unread = &self.buffer[self.start..self.end];
            if scanner.at == 0 {
                at += unread[at..].iter().take_while(|byte| is_between(byte)).count();
            }
            match scanner.scan(&unread[at..]) {
                Some(0) => return Ok(None),
                Some(length) => return Ok(Some((at, at + length))),
                None if unread.len() > LONGEST_LOOK => return Ok(None),
                None if !self.fill()? => return Ok(None),
                None => {}
            }
        }
    }

    /// Takes the next value. Returns its bytes, and the line on which it begins.
    ///
    /// # Errors
    /// If the stream ends within the value, or the value is too long to be an account.
    pub fn value(&mut self) -> Result<(&[u8], u64)> {
        self.value_by(|_| None)
    }

    /// Takes the next value, as [`JsonStream::value`] does. If the whole value is in the buffer, `quick` may
    /// find its length, so that its end need not be searched.
    ///
    /// # Errors
    /// The same as for [`JsonStream::value`].
    pub fn value_by(&mut self, quick: impl FnOnce(&[u8]) -> Option<usize>) -> Result<(&[u8], u64)> {
        match self.peek()? {
            None => return Err(self.ends_too_early()),
            Some(b'<') => return Err(self.unexpected("a value")),
            Some(_) => {}
        }
        let line = self.line;
        let length = match quick(&self.buffer[self.start..self.end]) {
            Some(length) => length,
            None => self.length_of_value()?,
        };
        let from = self.start;
        self.take(length);
        Ok((&self.buffer[from..from + length], line))
    }

    /// The length of the next value in bytes. The whole value is in the buffer when the function returns.
    fn length_of_value(&mut self) -> Result<usize> {
        let line = self.line;
        let mut scanner = Scanner::default();
        loop {
            match scanner.scan(&self.buffer[self.start..self.end]) {
                Some(0) => return Err(self.unexpected("a value")),
                Some(length) => return Ok(length),
                None if self.end - self.start > LONGEST_VALUE => {
                    return Err(Error::input("a value is longer than 64 MiB")
                        .at(&self.name, Some(line))
                        .hint("no account is this long: check that this is the right file"));
                }
                None => {
                    if !self.fill()? {
                        if scanner.is_scalar() {
                            return Ok(self.end - self.start);
                        }
                        return Err(self.ends_too_early());
                    }
                }
            }
        }
    }

    /// Takes the next value and parses it into a tree in memory. Large values are refused.
    ///
    /// # Errors
    /// The same as for [`JsonStream::value`]; also if the value is not JSON, or a key occurs twice in an
    /// object.
    pub fn json(&mut self) -> Result<(serde_json::Value, u64)> {
        let name = self.name.clone();
        let (bytes, line) = self.value()?;
        if bytes.len() > LARGEST_TREE {
            return Err(Error::input("a value is longer than 16 MiB where a short one belongs")
                .at(&name, Some(line))
                .hint("this is not a response from GitHub: check that this is the right file"));
        }
        let value = strict_json::from_slice(bytes);
        Ok((value.map_err(|error| self.not_json(&error, line))?, line))
    }

    /// The number of the line at the current position, from 1.
    pub fn line(&self) -> u64 {
        self.line
    }

    fn not_json(&self, error: &serde_json::Error, line: u64) -> Error {
        not_json(&self.name, error, line)
    }

    /// The error that the stream ends in the middle of a value.
    pub fn ends_too_early(&self) -> Error {
        Error::input("the file ends in the middle of its data")
            .at(&self.name, Some(self.line))
            .hint("the download is incomplete: download the file again")
    }

    fn unexpected(&mut self, wanted: &str) -> Error {
        if self.buffer[self.start..self.end].starts_with(b"<") {
            return Error::input("a web page begins here").at(&self.name, Some(self.line)).hint(
                "this is most likely a log-in page: download the file again with a valid session or token",
            );
        }
        let unread = &self.buffer[self.start..self.end.min(self.start + 20)];
        let unread = String::from_utf8_lossy(unread);
        // A character of JSON's structure may be quoted, because it shows where the JSON goes wrong. Any other
        // text may be personal data.
        let sign = unread.chars().next().filter(|it| "{}[],:\"".contains(*it));
        let found = sign.map_or("something else".to_owned(), |sign| quoted(&sign.to_string()));
        Error::input(format!("expected {wanted}, found {found}"))
            .found(&unread)
            .at(&self.name, Some(self.line))
            .hint(
                "download the file again; if the error persists, report it to the oneseat project",
            )
    }

    fn take(&mut self, count: usize) {
        let taken = &self.buffer[self.start..self.start + count];
        self.line += match taken {
            [sign] => u64::from(*sign == b'\n'),
            taken => memchr_iter(b'\n', taken).count() as u64,
        };
        self.start += count;
    }

    /// Reads more bytes from the stream into the buffer. Returns `false` at the end of the stream.
    fn fill(&mut self) -> Result<bool> {
        if self.ended {
            return Ok(false);
        }
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if self.end == self.buffer.len() {
            self.buffer.resize((self.buffer.len() * 2).max(BUFFER), 0);
        }
        loop {
            match self.reader.read(&mut self.buffer[self.end..]) {
                Ok(0) => {
                    self.ended = true;
                    return Ok(false);
                }
                Ok(count) => {
                    self.end += count;
                    return Ok(true);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    return Err(unreadable(error, &self.name, Some(self.line)));
                }
            }
        }
    }
}

/// The error that bytes are not valid JSON, or that a JSON value has the wrong type. `line` is the line on
/// which the value begins.
pub fn not_json(name: &str, error: &serde_json::Error, line: u64) -> Error {
    let line = line + (error.line() as u64).saturating_sub(1);
    let told = error.to_string();
    let told = told.split(" at line ").next().unwrap_or_default().to_owned();
    if let Some(key) = told.strip_prefix(strict_json::GIVEN_TWICE) {
        return twice(key.trim_start_matches(": ")).at(name, Some(line));
    }
    if told.starts_with("recursion limit") {
        return Error::input("the JSON is nested more deeply than any response from GitHub")
            .at(name, Some(line))
            .hint("check that this is the right file, or download it again");
    }
    if error.is_data() {
        // The parser's message quotes the value, which may be personal data. So the error names only the
        // value's type.
        return Error::input(format!("{} stands where an object belongs", kind_of(&told)))
            .found(&told)
            .at(name, Some(line))
            .hint("save the answer as it came; from PowerShell with ConvertTo-Json -Depth 10");
    }
    Error::input(format!("invalid JSON: {told}"))
        .at(name, Some(line))
        .hint("download the file again; if the error persists, report it to the oneseat project")
}

/// The type of a value, as the beginning of the parser's message states it. The message ends with the value
/// itself, which must not be printed.
fn kind_of(told: &str) -> &'static str {
    const KINDS: [(&str, &str); 6] = [
        ("invalid type: string", "a text"),
        ("invalid type: integer", "a number"),
        ("invalid type: floating point", "a number"),
        ("invalid type: boolean", "true or false"),
        ("invalid type: null", "null"),
        ("invalid type: sequence", "a list"),
    ];
    KINDS
        .iter()
        .find(|(words, _)| told.starts_with(words))
        .map_or("something else", |(_, kind)| kind)
}

/// The error for a key that occurs twice in one object.
pub fn twice(key: &str) -> Error {
    given_twice(strict_json::GIVEN_TWICE, key)
}

/// The error that a name occurs twice. Its message begins with `sentence`. It quotes the name only if some
/// format has it, because any other name may be personal data.
pub fn given_twice(sentence: &str, key: &str) -> Error {
    let error = match is_known_name(key) {
        true => Error::input(format!("{sentence}: {}", quoted(key))),
        false => Error::input(sentence).found(key),
    };
    error.hint("nobody can know which of the two values counts: download the file again")
}

/// Finds the end of a JSON value. If the bytes so far do not contain the end, the next call goes on where the
/// last one stopped.
#[derive(Default)]
struct Scanner {
    at: usize,
    depth: usize,
    in_string: bool,
    scalar: bool,
}

impl Scanner {
    /// The length of the value at the beginning of `bytes`; `None` if its end is not among these bytes, and 0
    /// if there is no value.
    fn scan(&mut self, bytes: &[u8]) -> Option<usize> {
        while self.at < bytes.len() {
            if self.in_string {
                let found = memchr2(b'"', b'\\', &bytes[self.at..])?;
                if bytes[self.at + found] == b'\\' {
                    // The byte after a backslash is skipped. It may not have arrived yet.
                    if self.at + found + 1 >= bytes.len() {
                        self.at += found;
                        return None;
                    }
                    self.at += found + 2;
                    continue;
                }
                self.at += found + 1;
                self.in_string = false;
                if self.depth == 0 {
                    return Some(self.at);
                }
                continue;
            }
            match bytes[self.at] {
                b'"' if self.scalar => return Some(self.at),
                b'"' => self.in_string = true,
                b'{' | b'[' if self.scalar => return Some(self.at),
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' if self.depth == 0 => return Some(self.at),
                b'}' | b']' => {
                    self.depth -= 1;
                    if self.depth == 0 {
                        return Some(self.at + 1);
                    }
                }
                byte if self.depth == 0 => {
                    if byte == b',' || byte == b':' || byte.is_ascii_whitespace() {
                        return Some(self.at);
                    }
                    self.scalar = true;
                }
                _ => {}
            }
            self.at += 1;
        }
        None
    }

    /// Whether the bytes so far are a number, `true`, `false` or `null`. Such a value has no closing character,
    /// so the end of the stream may end it.
    fn is_scalar(&self) -> bool {
        self.scalar && !self.in_string && self.depth == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A stream that returns one byte at a time, which is the hardest case for a buffer.
    struct Drip<'a>(&'a [u8]);

    impl Read for Drip<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let Some((first, rest)) = self.0.split_first() else { return Ok(0) };
            buffer[0] = *first;
            self.0 = rest;
            Ok(1)
        }
    }

    #[test]
    fn values_come_whole_however_the_bytes_arrive() {
        let text = " {\"a\": [1, {\"b\\\"}\": \"]\\\\\"}], \"c\":2}\n\"x\\\\\" 12 [ ] true";
        let mut stream = JsonStream::new(Drip(text.as_bytes()), "x.json");
        let c = |key: &str| (key == "c").then_some(key.len());
        assert_eq!(stream.peek_keys(c).expect("readable"), Some(1));
        assert_eq!(stream.peek_keys(|key| (key == "b").then_some(())).expect("readable"), None);
        let mut values = Vec::new();
        while stream.peek().expect("readable").is_some() {
            let (bytes, line) = stream.value().expect("whole");
            values.push((String::from_utf8_lossy(bytes).into_owned(), line));
        }
        let expected = [
            ("{\"a\": [1, {\"b\\\"}\": \"]\\\\\"}], \"c\":2}", 1),
            ("\"x\\\\\"", 2),
            ("12", 2),
            ("[ ]", 2),
            ("true", 2),
        ];
        assert_eq!(values, expected.map(|(text, line)| (text.to_owned(), line)));
    }

    #[test]
    fn half_a_value_is_an_error_with_its_line() {
        let mut stream = JsonStream::new("\n{\"a\": [1,".as_bytes(), "x.json");
        let error = stream.value().expect_err("half a value");
        assert_eq!(error.to_string(), "x.json:2: the file ends in the middle of its data");
    }
}
