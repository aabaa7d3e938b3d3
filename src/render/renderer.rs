//! What an output format is, what it prints, and the options of printing.

use std::borrow::Cow;
use std::io::Write;

use serde_json::{Map, Value};

use crate::error::Result;
use crate::table::{Page, RowSink, Table};

/// The options of printing.
#[derive(Debug, Clone, Copy)]
pub struct PrintOptions {
    /// The delimiter of CSV.
    pub delimiter: u8,
    /// Begin CSV with a byte-order mark, which some spreadsheets need.
    pub bom: bool,
    /// Write a comma instead of the point in the numbers of CSV, for spreadsheets that expect it.
    pub decimal_comma: bool,
    /// Do not protect cells that a spreadsheet would run as a formula.
    pub raw_cells: bool,
    /// Add to each row what the answer is based on: `as_of`, `known_on`, `billing_model`.
    pub stamped: bool,
    /// Is the output a terminal? Then characters of the data that a terminal would obey are escaped.
    pub terminal: bool,
    /// The width at which sentences are broken, in characters; `None`: each sentence is one line.
    pub width: Option<u16>,
    /// The maximum width of a table for people, in characters; `None`: no maximum.
    pub table_width: Option<u16>,
    /// Use colors.
    pub color: bool,
}

/// An answer in the shapes that formats print. Each shape is made when a format asks for it, because an answer
/// may be long and a format needs one of them.
pub trait Printable {
    /// The JSON key of the answer's list, if it has one.
    fn list(&self) -> Option<&'static str>;

    /// The JSON as indented text.
    ///
    /// # Errors
    /// [`crate::error::ErrorKind::Bug`] if the answer cannot be represented as JSON.
    fn json_text(&self) -> Result<Vec<u8>>;

    /// The rows as JSON objects, one on each line. `stamped` adds to each row what the answer is based on.
    ///
    /// # Errors
    /// As with [`Printable::json_text`].
    fn json_lines(&self, stamped: bool) -> Result<Vec<u8>>;

    /// The members of the JSON, with null in place of the list; `None` if the answer consists of rows only.
    ///
    /// # Errors
    /// As with [`Printable::json_text`].
    fn outline(&self) -> Result<Option<Map<String, Value>>>;

    /// Sends the rows to a sink: one for each element of the list, or one for the answer itself, and the lines
    /// before and after them. Columns have dotted names.
    ///
    /// # Errors
    /// As with [`Printable::json_text`]; any error of the sink.
    fn send(&self, stamped: bool, sink: &mut dyn RowSink) -> Result<()>;

    /// The rows as a table, for a format that needs all of them at once.
    ///
    /// # Errors
    /// As with [`Printable::json_text`].
    fn table(&self, stamped: bool) -> Result<Cow<'_, Table>> {
        let mut table = Table::default();
        self.send(stamped, &mut table)?;
        Ok(Cow::Owned(table))
    }

    /// A sentence below the rows, if the rows alone could be mistaken for another answer.
    fn said_below(&self) -> Option<String>;

    /// What the answer is based on, in sentences, if that is not the usual.
    fn rests_on(&self) -> Vec<String>;

    /// The page for people.
    fn page(&self) -> Cow<'_, Page>;
}

/// A format of output.
pub trait Renderer: Sync {
    /// The name of the format on the command line.
    fn name(&self) -> &'static str;

    /// The answer as bytes.
    ///
    /// # Errors
    /// If the format cannot represent the answer.
    fn render(&self, answer: &dyn Printable, options: &PrintOptions) -> Result<Vec<u8>>;

    /// Begins to print rows as they come; `None` if the format needs all of them first.
    fn stream<'w>(
        &self,
        _out: &'w mut dyn Write,
        _options: &PrintOptions,
    ) -> Option<Box<dyn Printing + 'w>> {
        None
    }

    /// The maximum number of rows to show a person; the number of the others is printed. `None`: no maximum.
    fn most_rows(&self) -> Option<usize> {
        None
    }

    /// Is the output unsuitable for a terminal?
    fn is_binary(&self) -> bool {
        false
    }
}

/// Rows that are being printed.
pub trait Printing: RowSink {
    /// Ends the output. Returns the bytes that were held back for the end, if any.
    ///
    /// # Errors
    /// If the output cannot be written, or if the format cannot represent the answer.
    fn finish(self: Box<Self>) -> Result<Option<Vec<u8>>>;
}
