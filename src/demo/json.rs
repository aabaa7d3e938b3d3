//! JSON objects written key by key, so that a file of any size needs no memory.
//!
//! What it is: punctuation around `serde_json`'s escaping. May assume: the caller ends every object that it
//! begins. Must not: hold more than the value being written.

use std::io::{self, Write};

/// An object being written.
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

    /// Writes a key and a text.
    pub fn text(&mut self, key: &str, value: &str) -> io::Result<()> {
        string(self.key(key)?, value)
    }

    /// Writes a key and a text or null.
    pub fn optional(&mut self, key: &str, value: Option<&str>) -> io::Result<()> {
        match value {
            Some(value) => self.text(key, value),
            None => self.key(key)?.write_all(b"null"),
        }
    }

    /// Writes a key and a whole number.
    pub fn number(&mut self, key: &str, value: u64) -> io::Result<()> {
        write!(self.key(key)?, "{value}")
    }

    /// Writes a key and true or false.
    pub fn flag(&mut self, key: &str, value: bool) -> io::Result<()> {
        write!(self.key(key)?, "{value}")
    }

    /// Writes a key and a list of texts.
    pub fn texts(&mut self, key: &str, values: &[String]) -> io::Result<()> {
        let out = self.key(key)?;
        list(out, values, |out, value| string(out, value))
    }

    /// Writes a key. The caller writes the value.
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

/// Writes a list. `write` writes each item.
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
