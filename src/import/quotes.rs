//! Checks the quotes of a table. If a quote is never closed, the csv crate takes all following lines for one
//! cell, and the people on these lines would be lost. This file finds text after a closing quote, and a table
//! that ends within quotes.

use std::io;

use memchr::{memchr, memchr_iter};

use crate::error::Error;

/// Checks the quotes of a table while its text is read piece by piece.
pub struct Quotes {
    delimiter: u8,
    state: State,
    /// The last byte of the text that was checked so far.
    before: u8,
    /// The number of the current line, from 1.
    line: u64,
    /// The line of the last opening quote.
    opened: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Outside,
    Inside,
    /// A quote was read within a quoted cell. It closes the cell, or it is the first of a doubled quote.
    Closed,
    /// Blanks were read behind the closing quote of a cell.
    Blank,
}

impl Quotes {
    /// A check for a table whose cells are separated by `delimiter`.
    pub fn new(delimiter: u8) -> Quotes {
        Quotes { delimiter, state: State::Outside, before: b'\n', line: 1, opened: 0 }
    }

    /// Checks the next piece of the table's text.
    ///
    /// # Errors
    /// [`BadQuote`], if text follows a closing quote.
    pub fn look(&mut self, text: &[u8]) -> io::Result<()> {
        let (mut at, mut counted) = (0, 0);
        while at < text.len() {
            match self.state {
                State::Outside => {
                    let Some(found) = memchr(b'"', &text[at..]) else { break };
                    let before = if at + found > 0 { text[at + found - 1] } else { self.before };
                    at += found + 1;
                    if before == self.delimiter || matches!(before, b'\n' | b'\r') {
                        self.line += newlines(&text[counted..at]);
                        counted = at;
                        self.opened = self.line;
                        self.state = State::Inside;
                    }
                }
                State::Inside => {
                    let Some(found) = memchr(b'"', &text[at..]) else { break };
                    at += found + 1;
                    self.state = State::Closed;
                }
                State::Closed | State::Blank => {
                    let byte = text[at];
                    self.state = match byte {
                        b'"' if self.state == State::Closed => State::Inside,
                        b' ' => State::Blank,
                        b'\n' | b'\r' => State::Outside,
                        byte if byte == self.delimiter => State::Outside,
                        _ => {
                            let line = self.line + newlines(&text[counted..at]);
                            let opened = Some(self.opened).filter(|it| *it != line);
                            return Err(bad(BadQuote { line, opened, ended: false }));
                        }
                    };
                    at += 1;
                }
            }
        }
        self.line += newlines(&text[counted..]);
        self.before = text.last().copied().unwrap_or(self.before);
        Ok(())
    }

    /// Checks the end of the table's text.
    ///
    /// # Errors
    /// [`BadQuote`], if the text ends within quotes.
    pub fn end(&self) -> io::Result<()> {
        match self.state {
            State::Inside => Err(bad(BadQuote { line: self.opened, opened: None, ended: true })),
            _ => Ok(()),
        }
    }
}

fn newlines(text: &[u8]) -> u64 {
    memchr_iter(b'\n', text).count() as u64
}

fn bad(quote: BadQuote) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, quote)
}

/// The error that ends the reading of a table because a quote is misplaced.
#[derive(Debug)]
pub struct BadQuote {
    line: u64,
    /// The line of the opening quote, if the error is on a later line.
    opened: Option<u64>,
    /// Whether the file ends within the quotes.
    ended: bool,
}

impl std::fmt::Display for BadQuote {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a quote that is not closed")
    }
}

impl std::error::Error for BadQuote {}

/// The refusal of a table whose reading stopped with a [`BadQuote`].
pub fn refusal(error: &io::Error, name: &str) -> Error {
    let quote = error.get_ref().and_then(|inner| inner.downcast_ref::<BadQuote>());
    let line = quote.map(|quote| quote.opened.unwrap_or(quote.line));
    let message = match quote {
        Some(BadQuote { ended: true, .. }) => {
            "the quote that opens here is never closed".to_owned()
        }
        Some(BadQuote { line, opened: Some(_), .. }) => {
            format!("a quote opens here, and text follows its closing quote on line {line}")
        }
        _ => "text follows a closing quote".to_owned(),
    };
    Error::input(message)
        .at(name, line)
        .hint("download the file again if it is incomplete; a quote inside a cell must be doubled")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_good(text: &str, piece: usize) -> bool {
        let mut quotes = Quotes::new(b',');
        let looked = text.as_bytes().chunks(piece).try_for_each(|piece| quotes.look(piece));
        looked.and_then(|()| quotes.end()).is_ok()
    }

    #[test]
    fn quotes_are_followed_however_the_text_comes() {
        for (text, good) in [
            ("a,b\n1,\"x,y\"\n", true),
            ("a,b\n1,\"x\"\"y\"", true),
            ("a,b\r\n1,\"\"\r\n", true),
            ("a,b\n1,\"x\" \n", true),
            ("a,b\n1,5\" disk\n", true),
            ("a,b\n1,\"\"\"x\"\"\"\n", true),
            ("\"a\",b\n1,2\n", true),
            ("a,b\n1,\"x\n2,y\n", false),
            ("a,b\n1,\"x\n2,y\n3,z\"d\n", false),
            ("a,b\n1,\"x\"y\n", false),
            ("a,b\n1,\"x", false),
        ] {
            for piece in [1, 2, 3, 100] {
                assert_eq!(is_good(text, piece), good, "{text:?} by {piece}");
            }
        }
    }
}
