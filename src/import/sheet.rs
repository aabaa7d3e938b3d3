//! Tables of text: finds the delimiter, reads the header by name, gives rows with their lines
//! (formats.md sections 2 and 5).

use std::cell::Cell;
use std::collections::HashSet;
use std::io::{self, Read};
use std::rc::Rc;

use super::input::unreadable;
use super::is_known_name;
use crate::error::{Error, Result, quoted};

/// A table, read row by row.
pub struct Sheet<R> {
    reader: csv::Reader<Rows<R>>,
    /// Bytes read since the last row.
    since_row: Rc<Cell<usize>>,
    name: String,
    header: Vec<String>,
    row: csv::StringRecord,
}

/// The cells of the first line of a file's beginning, trimmed.
pub fn header_cells(head: &[u8]) -> Vec<String> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter(head))
        .from_reader(head);
    let mut first = csv::ByteRecord::new();
    match reader.read_byte_record(&mut first) {
        Ok(true) => {
            first.iter().map(|cell| String::from_utf8_lossy(cell).trim().to_owned()).collect()
        }
        _ => Vec::new(),
    }
}

/// The first rows below the first line of a file's beginning, as far as they are whole.
pub fn first_rows(head: &[u8]) -> Vec<Vec<String>> {
    const ROWS: usize = 50;
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(true)
        .flexible(true)
        .delimiter(delimiter(head))
        .from_reader(head);
    let rows = reader.byte_records().take(ROWS).map_while(std::result::Result::ok);
    let cells = |row: csv::ByteRecord| {
        row.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect()
    };
    rows.map(cells).collect()
}

/// The delimiter: of comma, semicolon and tab the one that the first line has most of.
pub fn delimiter(head: &[u8]) -> u8 {
    let line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |delimiter: u8| line.iter().filter(|byte| **byte == delimiter).count();
    let mut best = b',';
    for delimiter in [b';', b'\t'] {
        if count(delimiter) > count(best) {
            best = delimiter;
        }
    }
    best
}

impl<R: Read> Sheet<R> {
    /// Opens a table; `name` makes a column's name of its header cell.
    ///
    /// # Errors
    /// If there is no header, or two columns have one name.
    pub fn open(
        stream: R,
        delimiter: u8,
        file: &str,
        name: impl Fn(&str) -> String,
    ) -> Result<Sheet<R>> {
        let mut sheet = Sheet::without_header(stream, delimiter, file, &[]);
        if !sheet.read_row()? {
            return Err(Error::input("the file is empty").at(file, None));
        }
        sheet.header = sheet.row.iter().map(|cell| name(cell.trim())).collect();
        let mut before = HashSet::new();
        for column in &sheet.header {
            if !before.insert(column) {
                let known = is_known_name(column);
                let error = Error::input(match known {
                    true => format!("two columns have the name {}", quoted(column)),
                    false => "two columns have one name".to_owned(),
                });
                let error = if known { error } else { error.found(column) };
                return Err(error
                    .at(file, Some(1))
                    .hint("take one of them out, or download the file again"));
            }
        }
        Ok(sheet)
    }

    /// Opens a table whose first line is a row already; `columns` are the names of its columns.
    pub fn without_header(stream: R, delimiter: u8, file: &str, columns: &[&str]) -> Sheet<R> {
        let since_row = Rc::new(Cell::new(0));
        let reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .delimiter(delimiter)
            .buffer_capacity(256 * 1024)
            .from_reader(Rows { inner: stream, since_row: Rc::clone(&since_row) });
        Sheet {
            reader,
            since_row,
            name: file.to_owned(),
            header: columns.iter().map(|column| (*column).to_owned()).collect(),
            row: csv::StringRecord::new(),
        }
    }

    /// The names of the columns.
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// The next row's cells, as many as there are columns; `None` at the end.
    ///
    /// # Errors
    /// If the row has another number of cells than the header, or is no text.
    pub fn next_row(&mut self) -> Result<Option<&csv::StringRecord>> {
        loop {
            if !self.read_row()? {
                return Ok(None);
            }
            // A spreadsheet leaves lines of empty cells at its end.
            if self.row.iter().any(|cell| !cell.trim().is_empty()) {
                break;
            }
        }
        if self.row.len() != self.header.len() {
            let (cells, columns) = (self.row.len(), self.header.len());
            return Err(Error::input(format!("the row has {cells} cells, the table {columns}"))
                .at(&self.name, self.line())
                .hint("most likely half a download: get the file again"));
        }
        if self.row.iter().any(|cell| cell.contains('\0')) {
            return Err(Error::input("a cell has a NUL byte")
                .at(&self.name, self.line())
                .hint("the file is damaged, or UTF-16 without its mark: save it as UTF-8"));
        }
        Ok(Some(&self.row))
    }

    /// The line of the row last read.
    pub fn line(&self) -> Option<u64> {
        self.row.position().map(csv::Position::line)
    }

    fn read_row(&mut self) -> Result<bool> {
        self.since_row.set(0);
        let read = self.reader.read_record(&mut self.row);
        let web_page = self.row.get(0).is_some_and(|cell| cell.trim_start().starts_with('<'));
        read.map_err(|error| {
            let line = error.position().map(csv::Position::line);
            let (message, hint) = match error.into_kind() {
                csv::ErrorKind::Io(error)
                    if error.get_ref().is_some_and(|it| it.is::<TooLong>()) =>
                {
                    return Error::input("a row is longer than 16 MiB")
                        .at(&self.name, Some(self.reader.position().line()))
                        .hint("most likely a quote that is never closed; look at the file there");
                }
                csv::ErrorKind::Io(error) => {
                    return unreadable(error, &self.name, Some(self.reader.position().line()));
                }
                csv::ErrorKind::UnequalLengths { .. } if web_page => (
                    "here a web page begins".to_owned(),
                    "most likely a log-in page: get the file again with a valid session",
                ),
                csv::ErrorKind::UnequalLengths { expected_len, len, .. } => (
                    format!("the row has {len} cells, the first {expected_len}"),
                    "most likely half a download: get the file again",
                ),
                csv::ErrorKind::Utf8 { .. } => (
                    "the text is UTF-8 at first, and here it is not".to_owned(),
                    "the file is damaged, or two files were joined: get it again",
                ),
                _ => ("the table cannot be read".to_owned(), "get the file again"),
            };
            Error::input(message).at(&self.name, line).hint(hint)
        })
    }
}

/// No row is as long as this.
const LONGEST_ROW: usize = 16 * 1024 * 1024;

/// Stops within a row that has no end.
struct Rows<R> {
    inner: R,
    since_row: Rc<Cell<usize>>,
}

impl<R: Read> Read for Rows<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.since_row.set(self.since_row.get() + count);
        if self.since_row.get() > LONGEST_ROW {
            return Err(io::Error::new(io::ErrorKind::InvalidData, TooLong));
        }
        Ok(count)
    }
}

/// What a row without an end ends with.
#[derive(Debug)]
struct TooLong;

impl std::fmt::Display for TooLong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a row without an end")
    }
}

impl std::error::Error for TooLong {}
