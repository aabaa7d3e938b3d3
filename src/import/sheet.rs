//! Reads tables of text: finds the delimiter, finds columns by the names in the header, and returns rows with
//! their line numbers (formats.md sections 2 and 5).

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::io::Read;
use std::rc::Rc;

use super::alike::Next;
use super::columns::Header;
use super::format_names::is_known_name;
use super::input::unreadable;
use super::lines::LineStarts;
use super::quotes::{self, BadQuote, Quotes};
use super::sheet_rows::{Blanks, SheetRows, TooLong, has_blanks_before_quotes};
use crate::code::WarningCode;
use crate::error::{Error, Result, quoted};

/// A table that is read row by row.
pub struct Sheet<R> {
    reader: csv::Reader<SheetRows<R>>,
    /// The number of bytes read since the last row began. It shows a row that is too long.
    since_row: Rc<Cell<usize>>,
    lines: Rc<RefCell<LineStarts>>,
    /// The last byte that was read from the file.
    last_byte: Rc<Cell<u8>>,
    name: String,
    header: Vec<String>,
    /// The cells of the header, spelled as in the file.
    header_cells: Vec<String>,
    /// Whether a cell is the name of a column in any version of the format's header.
    is_column: fn(&str) -> bool,
    headers_repeated: u64,
    /// The number of columns at the right end that have no name. Spreadsheets leave such columns behind.
    unnamed: usize,
    row: csv::StringRecord,
    /// The last cell of the last row. It may be cut off if the file has no line end.
    last_cell: String,
}

/// The cells of the first line of a table, without white space around them.
pub fn header_cells(head: &[u8]) -> Vec<String> {
    let (delimiter, head) = (delimiter(head), without_blanks(head));
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(head.as_ref());
    let mut first = csv::ByteRecord::new();
    match reader.read_byte_record(&mut first) {
        Ok(true) => {
            first.iter().map(|cell| String::from_utf8_lossy(cell).trim().to_owned()).collect()
        }
        _ => Vec::new(),
    }
}

/// Some rows of a table, from the second line on.
pub fn first_rows(head: &[u8]) -> Vec<Vec<String>> {
    const ROWS: usize = 50;
    let (delimiter, head) = (delimiter(head), without_blanks(head));
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(true)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(head.as_ref());
    let rows = reader.byte_records().take(ROWS).map_while(std::result::Result::ok);
    let cells = |row: csv::ByteRecord| {
        row.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect()
    };
    rows.map(cells).collect()
}

/// The first bytes of a file, without blanks between a delimiter and a quote. The rows are read without these
/// blanks too.
fn without_blanks(head: &[u8]) -> Cow<'_, [u8]> {
    let delimiter = delimiter(head);
    match has_blanks_before_quotes(head, delimiter) {
        true => Cow::Owned(Blanks::new(delimiter).taken_out(head)),
        false => Cow::Borrowed(head),
    }
}

/// The delimiter of a table: the comma, semicolon or tab that is most frequent in its first line.
pub fn delimiter(head: &[u8]) -> u8 {
    let mut lines = head.split(|byte| matches!(byte, b'\n' | b'\r'));
    let line = lines.find(|line| !line.is_empty()).unwrap_or_default();
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
    /// Opens a table that has a header. `name` turns a cell of the header into the name of its column.
    ///
    /// # Errors
    /// If the file is empty, or two columns have the same name.
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
        sheet.header_cells = sheet.row.iter().map(|cell| bare(cell).to_owned()).collect();
        // Spreadsheets keep deleted columns at the right end of a table. Their headers are empty.
        let named = sheet.header_cells.iter().rposition(|cell| !cell.is_empty());
        let named = named.map_or(0, |last| last + 1);
        sheet.unnamed = sheet.header.len() - named;
        sheet.header.truncate(named);
        let mut before = HashSet::new();
        for column in &sheet.header {
            if !before.insert(column) {
                let known = is_known_name(column);
                let error = Error::input(match known {
                    true => format!("two columns have the name {}", quoted(column)),
                    false => "two columns have the same name".to_owned(),
                });
                let error = if known { error } else { error.found(column) };
                return Err(error
                    .at(file, sheet.line())
                    .hint("remove one of the columns, or download the file again"));
            }
        }
        Ok(sheet)
    }

    /// Opens a table whose header follows `above` other rows. Two columns of the header may have the same name,
    /// so code that uses a column must check that its name is unique.
    ///
    /// # Errors
    /// If the table has no row after those `above` rows.
    pub fn below(stream: R, delimiter: u8, file: &str, above: usize) -> Result<Sheet<R>> {
        let mut sheet = Sheet::without_header(stream, delimiter, file, &[]);
        for _ in 0..=above {
            if !sheet.read_row()? {
                return Err(Error::input("the file is empty").at(file, None));
            }
        }
        sheet.header_cells = sheet.row.iter().map(|cell| bare(cell).to_owned()).collect();
        let named = sheet.header_cells.iter().rposition(|cell| !cell.is_empty());
        let named = named.map_or(0, |last| last + 1);
        sheet.unnamed = sheet.header_cells.len() - named;
        sheet.header = sheet.header_cells[..named].to_vec();
        Ok(sheet)
    }

    /// Opens a table that has no header. `columns` are the names of its columns.
    pub fn without_header(stream: R, delimiter: u8, file: &str, columns: &[&str]) -> Sheet<R> {
        let since_row = Rc::new(Cell::new(0));
        let lines = Rc::new(RefCell::new(LineStarts::default()));
        let last_byte = Rc::new(Cell::new(b'\n'));
        let reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .buffer_capacity(256 * 1024)
            .from_reader(SheetRows {
                inner: stream,
                since_row: Rc::clone(&since_row),
                lines: Rc::clone(&lines),
                last_byte: Rc::clone(&last_byte),
                quotes: Quotes::new(delimiter),
                begun: false,
                delimiter,
                blanks: None,
            });
        let header: Vec<String> = columns.iter().map(|column| (*column).to_owned()).collect();
        Sheet {
            reader,
            since_row,
            lines,
            last_byte,
            name: file.to_owned(),
            header_cells: header.clone(),
            header,
            is_column: |_| false,
            headers_repeated: 0,
            unnamed: 0,
            row: csv::StringRecord::new(),
            last_cell: String::new(),
        }
    }

    /// The same table, which now also refuses a header of another version between its rows. `is_column` says
    /// whether a cell is the name of a column in any version.
    #[must_use]
    pub fn of_columns(mut self, is_column: fn(&str) -> bool) -> Sheet<R> {
        self.is_column = is_column;
        self
    }

    /// How many lines so far repeat the header.
    pub fn headers_repeated(&self) -> u64 {
        self.headers_repeated
    }

    /// Whether the text that was read so far ends with a line end.
    pub fn has_line_end(&self) -> bool {
        matches!(self.last_byte.get(), b'\n' | b'\r')
    }

    /// The warning that a table does not end with a line end, so its last cell may be cut off. `None` if the
    /// last cell is quoted or a truth value, because it is then certainly complete.
    pub fn note_on_end(&self) -> Option<(WarningCode, String)> {
        let last = self.last_cell.trim().to_ascii_lowercase();
        let is_whole = matches!(last.as_str(), "true" | "false") || self.last_byte.get() == b'"';
        if self.has_line_end() || is_whole {
            return None;
        }
        let told = "the last line has no line end: if the file was cut there, its last cell is cut off, \
                    and rows may be missing";
        Some((WarningCode::NoLineEnd, told.to_owned()))
    }

    /// The names of the columns, in their order.
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// Calls `take` with every row and its line number. Each row has exactly one cell for each column.
    ///
    /// # Errors
    /// If a row has more or fewer cells than the header, or is not text; also any error of `take`.
    pub fn each_row(
        &mut self,
        mut take: impl FnMut(&csv::StringRecord, u64) -> Result<()>,
    ) -> Result<()> {
        while let Some(row) = self.next_row()? {
            let line = row.position().map_or(0, csv::Position::line);
            take(row, line)?;
        }
        Ok(())
    }

    /// Calls `take` with every row and with the record that the row's cells make.
    ///
    /// # Errors
    /// The same as for [`Sheet::each_row`].
    pub fn each_record(
        &mut self,
        mut take: impl FnMut(&csv::StringRecord, Next<'_>) -> Result<()>,
    ) -> Result<()> {
        // A header with two columns of one name was refused when the table was opened.
        let columns = self.header.clone();
        let by_name = Header::of(&columns);
        self.each_row(|row, line| {
            take(row, Next { record: by_name.record(row), line, is_alike: true })
        })
    }

    /// The cells of the next row; `None` at the end of the table.
    ///
    /// # Errors
    /// If the row has more or fewer cells than the header, or is not text.
    fn next_row(&mut self) -> Result<Option<&csv::StringRecord>> {
        match self.next_of_any_width()? {
            true => self.whole_row().map(Some),
            false => Ok(None),
        }
    }

    /// The last row that was read. It must have exactly one cell for each column.
    ///
    /// # Errors
    /// If the row has more or fewer cells, or a cell has a NUL byte.
    pub fn whole_row(&self) -> Result<&csv::StringRecord> {
        if self.row.len() != self.header.len() {
            return Err(self.another_number_of_cells());
        }
        if self.row.iter().any(|cell| cell.contains('\0')) {
            return Err(Error::input("a cell has a NUL byte").at(&self.name, self.line()).hint(
                "the file is damaged, or it is UTF-16 without a byte-order mark: save it as UTF-8",
            ));
        }
        Ok(&self.row)
    }

    /// Moves to the next row. It may have any number of cells. Returns `false` at the end of the table.
    ///
    /// # Errors
    /// If the row is a header other than the table's own, or is not text.
    pub fn next_of_any_width(&mut self) -> Result<bool> {
        loop {
            if !self.read_row()? {
                return Ok(false);
            }
            // A spreadsheet may write lines with empty cells only at the end of a table. They are skipped.
            if self.row.iter().all(|cell| cell.trim().is_empty()) {
                continue;
            }
            match self.is_header()? {
                true => self.headers_repeated += 1,
                false => break,
            }
        }
        let beyond = self.row.iter().skip(self.header.len());
        let is_empty = beyond.clone().all(|cell| cell.trim().is_empty());
        if is_empty && beyond.count() == self.unnamed && self.unnamed > 0 {
            self.row.truncate(self.header.len());
        }
        self.last_cell.clear();
        self.last_cell.push_str(self.row.iter().next_back().unwrap_or_default());
        Ok(true)
    }

    /// The last row that was read. It may have any number of cells.
    pub fn row(&self) -> &csv::StringRecord {
        &self.row
    }

    /// Whether the last row that was read repeats the table's header, as it does where several files were
    /// joined.
    ///
    /// # Errors
    /// If the row is a different header, since the rows after it would be read under the wrong names.
    fn is_header(&self) -> Result<bool> {
        let mut first = self.row.iter().take(2).map(bare);
        if !first.any(|cell| self.is_name(cell)) {
            return Ok(false);
        }
        let cells = self.row.iter().map(bare);
        let mut names = self.header_cells.iter().map(String::as_str);
        let same = self.row.len() == self.header_cells.len()
            && cells.clone().all(|cell| names.next().is_some_and(|name| alike(name, cell)));
        if same {
            return Ok(true);
        }
        let said = cells.clone().filter(|cell| !cell.is_empty()).count();
        let named = cells.filter(|cell| self.is_name(cell)).count();
        if named < 2 || 2 * named < said {
            return Ok(false);
        }
        Err(Error::input("another header stands here, in the middle of the table")
            .at(&self.name, self.line())
            .hint("two files with different columns were joined: import each file by itself"))
    }

    fn is_name(&self, cell: &str) -> bool {
        self.header_cells.iter().any(|name| alike(name, cell)) || (self.is_column)(cell)
    }

    fn another_number_of_cells(&self) -> Error {
        let (cells, columns) = (self.row.len(), self.header.len());
        let first = self.row.get(0).unwrap_or_default().trim_start();
        let conflict = ["<<<<<<< ", "=======", ">>>>>>> "];
        let (message, hint) = if conflict.iter().any(|mark| first.starts_with(mark)) {
            (
                "a conflict marker of git stands here".to_owned(),
                "get the file as it was before the merge",
            )
        } else if first.starts_with('<') {
            (
                "a web page begins here".to_owned(),
                "this is most likely a log-in page: sign in, and download the file again",
            )
        } else if cells > columns {
            (
                format!("the row has {cells} cells, but the header has {columns}"),
                "a delimiter stands within a cell that has no quotes: put such cells in quotes",
            )
        } else {
            (
                format!("the row has {cells} cells, but the first row has {columns}"),
                "the download is probably incomplete: download the file again",
            )
        };
        Error::input(message).at(&self.name, self.line()).hint(hint)
    }

    /// The line number of the last row that was read.
    pub fn line(&self) -> Option<u64> {
        self.row.position().map(csv::Position::line)
    }

    fn read_row(&mut self) -> Result<bool> {
        self.since_row.set(0);
        let read = self.reader.read_record(&mut self.row);
        // For line ends of two bytes, the csv crate counts the second byte as a part of the next row. So the
        // line is found by the row's byte offset.
        let line_of = |at: &csv::Position| self.lines.borrow_mut().line_at(at.byte());
        if let Some(mut position) = self.row.position().cloned() {
            let line = line_of(&position);
            position.set_line(line);
            self.row.set_position(Some(position));
        }
        read.map_err(|error| {
            let here = || Some(line_of(self.reader.position()));
            let line = error.position().map(line_of);
            let (message, hint) = match error.into_kind() {
                csv::ErrorKind::Io(error)
                    if error.get_ref().is_some_and(|it| it.is::<TooLong>()) =>
                {
                    return Error::input("a row is longer than 16 MiB")
                        .at(&self.name, here())
                        .hint("the row most likely contains a quote that is never closed: correct it there, or download the file again");
                }
                csv::ErrorKind::Io(error)
                    if error.get_ref().is_some_and(|it| it.is::<BadQuote>()) =>
                {
                    return quotes::refusal(&error, &self.name);
                }
                csv::ErrorKind::Io(error) => {
                    return unreadable(error, &self.name, here());
                }
                csv::ErrorKind::Utf8 { .. } => (
                    "the text is valid UTF-8 up to here, and from here on it is not".to_owned(),
                    "the file is damaged, or two files were joined: download it again, and import each file separately",
                ),
                _ => ("the table cannot be read".to_owned(), "download the file again"),
            };
            Error::input(message).at(&self.name, line).hint(hint)
        })
    }
}

/// The text of a cell without white space and without a byte-order mark. The csv crate does not remove quotes
/// behind a byte-order mark, so they are removed here.
fn bare(cell: &str) -> &str {
    let cell = cell.trim();
    match cell.strip_prefix('\u{feff}') {
        Some(rest) => rest.trim().trim_matches('"'),
        None => cell,
    }
}

fn alike(one: &str, other: &str) -> bool {
    !one.is_empty() && one.eq_ignore_ascii_case(other)
}
