//! Prepares the bytes of a table for the csv crate: removes blanks before quotes, checks the quotes, and stops
//! at a row that is too long.

use std::cell::{Cell, RefCell};
use std::io::{self, Read};
use std::rc::Rc;

use super::lines::LineStarts;
use super::quotes::Quotes;

/// The length, in bytes, that a row may have at most. No row of a report comes near it.
const LONGEST_ROW: usize = 16 * 1024 * 1024;

/// The bytes of a table, as the csv crate reads them. On the way, blanks before quoted cells are removed and
/// the quotes are checked, and a row that is too long is an error.
pub(super) struct SheetRows<R> {
    pub(super) inner: R,
    pub(super) since_row: Rc<Cell<usize>>,
    pub(super) lines: Rc<RefCell<LineStarts>>,
    pub(super) last_byte: Rc<Cell<u8>>,
    pub(super) quotes: Quotes,
    pub(super) begun: bool,
    pub(super) delimiter: u8,
    /// Removes the blanks before quoted cells; `None` if the file has no such blanks.
    pub(super) blanks: Option<Blanks>,
}

/// Whether a text has a blank between a delimiter and a quote. If the blank is inside a quoted cell this does
/// no harm, because [`Blanks`] removes blanks at the beginning of a cell only.
pub(super) fn has_blanks_before_quotes(text: &[u8], delimiter: u8) -> bool {
    memchr::memmem::find(text, &[delimiter, b' ', b'"']).is_some()
}

/// Removes the blanks that scripts write between a delimiter and the quote of a cell. With a blank before it,
/// the csv crate would take the quote for a part of the cell.
pub(super) struct Blanks {
    delimiter: u8,
    at: At,
    /// The number of blanks that were read but not passed on: only the next byte shows whether a quote follows
    /// them.
    waiting: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    /// The next byte begins a cell.
    Beginning,
    /// The next byte is within a cell without quotes.
    Bare,
    /// The next byte is within a quoted cell.
    Quoted,
    /// A quote was read within a quoted cell. It closes the cell, or it is the first of a doubled quote.
    Closed,
}

impl Blanks {
    pub(super) fn new(delimiter: u8) -> Blanks {
        Blanks { delimiter, at: At::Beginning, waiting: 0 }
    }

    /// The text without the blanks before quoted cells. The table comes in several pieces of text, one per
    /// call.
    pub(super) fn taken_out(&mut self, text: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(text.len());
        for &byte in text {
            if self.at == At::Beginning && byte == b' ' {
                self.waiting += 1;
                continue;
            }
            if self.at == At::Beginning && byte != b'"' {
                out.extend(std::iter::repeat_n(b' ', self.waiting));
            }
            self.waiting = 0;
            out.push(byte);
            self.at = match (self.at, byte) {
                (At::Quoted, b'"') => At::Closed,
                (At::Quoted, _) => At::Quoted,
                (At::Closed, b'"') => At::Quoted,
                (At::Beginning, b'"') => At::Quoted,
                (_, b'\n' | b'\r') => At::Beginning,
                (_, byte) if byte == self.delimiter => At::Beginning,
                _ => At::Bare,
            };
        }
        out
    }
}

impl<R: Read> Read for SheetRows<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut count = self.inner.read(buffer)?;
        if !self.begun {
            self.begun = true;
            let found = has_blanks_before_quotes(&buffer[..count], self.delimiter);
            self.blanks = found.then(|| Blanks::new(self.delimiter));
        }
        // If a piece of text has nothing but blanks, nothing is left of it. An empty piece would mean the end
        // of the text, so the next piece is read.
        while let Some(blanks) = self.blanks.as_mut().filter(|_| count > 0) {
            let text = blanks.taken_out(&buffer[..count]);
            if text.is_empty() {
                count = self.inner.read(buffer)?;
                continue;
            }
            buffer[..text.len()].copy_from_slice(&text);
            count = text.len();
            break;
        }
        self.lines.borrow_mut().read(&buffer[..count]);
        if count > 0 {
            self.last_byte.set(buffer[count - 1]);
            self.quotes.look(&buffer[..count])?;
        } else if !buffer.is_empty() {
            self.quotes.end()?;
        }
        self.since_row.set(self.since_row.get() + count);
        if self.since_row.get() > LONGEST_ROW {
            return Err(io::Error::new(io::ErrorKind::InvalidData, TooLong));
        }
        Ok(count)
    }
}

/// The error that ends the reading of a table because a row is too long.
#[derive(Debug)]
pub(super) struct TooLong;

impl std::fmt::Display for TooLong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a row is longer than any in a report")
    }
}

impl std::error::Error for TooLong {}
