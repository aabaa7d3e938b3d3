//! Writes JSON objects key by key, so that a file of any size needs no memory.
//!
//! This file adds the punctuation; `serde_json` escapes the texts. It may assume that the caller ends every
//! object that it begins. It must not hold more in memory than the value that is being written.

use std::io::{self, Write};

/// A JSON object that is being written.
pub struct JsonWriter<'w, W: Write> {
    out: &'w mut W,
    empty: bool,
}

impl<'w, W: Write> JsonWriter<'w, W> {
    pub fn begin(out: &'w mut W) -> io::Result<Self> {
        out.write_all(b"{")?;
        Ok(JsonWriter { out, empty: true })
    }

    pub fn end(self) -> io::Result<()> {
        self.out.write_all(b"}")
    }

    /// Writes a key with a text as its value.
    pub fn text(&mut self, key: &str, value: &str) -> io::Result<()> {
        string(self.key(key)?, value)
    }

    /// Writes a key with a text as its value. If there is no text, the value is null.
    pub fn optional(&mut self, key: &str, value: Option<&str>) -> io::Result<()> {
        match value {
            Some(value) => self.text(key, value),
            None => self.key(key)?.write_all(b"null"),
        }
    }

    /// Writes a key with a whole number as its value.
    pub fn number(&mut self, key: &str, value: u64) -> io::Result<()> {
        write!(self.key(key)?, "{value}")
    }

    /// Writes a key with true or false as its value.
    pub fn flag(&mut self, key: &str, value: bool) -> io::Result<()> {
        write!(self.key(key)?, "{value}")
    }

    /// Writes a key with a list of texts as its value.
    pub fn texts(&mut self, key: &str, values: &[String]) -> io::Result<()> {
        let out = self.key(key)?;
        list(out, values, |out, value| string(out, value))
    }

    /// Writes a key and the colon behind it. The caller writes the value to the output that is returned.
    pub fn key(&mut self, key: &str) -> io::Result<&mut W> {
        if !self.empty {
            self.out.write_all(b",")?;
        }
        self.empty = false;
        string(self.out, key)?;
        self.out.write_all(b":")?;
        Ok(self.out)
    }
}

/// Writes a JSON list. `write` is called with each of its elements.
pub fn list<W: Write, T>(
    out: &mut W,
    items: impl IntoIterator<Item = T>,
    mut write: impl FnMut(&mut W, T) -> io::Result<()>,
) -> io::Result<()> {
    out.write_all(b"[")?;
    for (number, item) in items.into_iter().enumerate() {
        if number > 0 {
            out.write_all(b",")?;
        }
        write(out, item)?;
    }
    out.write_all(b"]")
}

fn string<W: Write>(out: &mut W, value: &str) -> io::Result<()> {
    serde_json::to_writer(out, value).map_err(io::Error::from)
}
