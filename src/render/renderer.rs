//! The interface of an output format, the shapes of an answer that a format can print, and the options of
//! printing.

use std::borrow::Cow;
use std::io::Write;

use serde_json::{Map, Value};

use crate::error::Result;
use crate::table::{Page, RowSink, Table};

/// The options of printing.
#[derive(Debug, Clone, Copy)]
pub struct PrintOptions {
    /// The delimiter between the cells of CSV.
    pub delimiter: u8,
    /// Whether CSV begins with a byte-order mark, which some spreadsheets need.
    pub bom: bool,
    /// Whether numbers in CSV have a decimal comma instead of a point, which some spreadsheets expect.
    pub decimal_comma: bool,
    /// Whether cells of CSV stay as they are even if a spreadsheet would run them as a formula.
    pub raw_cells: bool,
    /// Whether each row also states the basis of the answer: `as_of`, `known_on`, `billing_model`.
    pub stamped: bool,
    /// Whether the output is a terminal. If so, characters of the data that a terminal would obey are escaped.
    pub terminal: bool,
    /// The width at which sentences are broken, in characters; `None` if each sentence is one line.
    pub width: Option<u16>,
    /// The maximum width of a table for people, in characters; `None` if there is no maximum.
    pub table_width: Option<u16>,
    /// Whether to use colors.
    pub color: bool,
}

/// An answer in the shapes that formats print. Each shape is made only when a format asks for it, because an
/// answer may be long and no format needs all shapes.
pub trait Printable {
    /// The JSON key of the answer's list, if it has one.
    fn list(&self) -> Option<&'static str>;

    /// The answer as indented JSON text.
    ///
    /// # Errors
    /// [`crate::error::ErrorKind::Bug`] if the answer cannot be represented as JSON.
    fn json_text(&self) -> Result<Vec<u8>>;

    /// The rows of the answer as JSON objects, one on each line. `stamped` adds the basis of the answer to each
    /// row.
    ///
    /// # Errors
    /// [`crate::error::ErrorKind::Bug`] if the answer cannot be represented as JSON.
    fn json_lines(&self, stamped: bool) -> Result<Vec<u8>>;

    /// The members of the answer's JSON object, with null in place of the list; `None` if the answer consists of
    /// rows only.
    ///
    /// # Errors
    /// [`crate::error::ErrorKind::Bug`] if the answer cannot be represented as JSON.
    fn outline(&self) -> Result<Option<Map<String, Value>>>;

    /// Sends the rows of the answer to a sink: one row for each element of the list, or one row for an answer
    /// without a list. Further rows may stand before and after the elements. Nested values have dotted column
    /// names.
    ///
    /// # Errors
    /// [`crate::error::ErrorKind::Bug`] if the answer cannot be represented as JSON; any error of the sink.
    fn send(&self, stamped: bool, sink: &mut dyn RowSink) -> Result<()>;

    /// The rows of the answer as a table, for a format that needs all of them at once.
    ///
    /// # Errors
    /// [`crate::error::ErrorKind::Bug`] if the answer cannot be represented as JSON.
    fn table(&self, stamped: bool) -> Result<Cow<'_, Table>> {
        let mut table = Table::default();
        self.send(stamped, &mut table)?;
        Ok(Cow::Owned(table))
    }

    /// A sentence below the rows, if the rows alone could be mistaken for another answer.
    fn said_below(&self) -> Option<String>;

    /// Sentences about an unusual basis of the answer, such as `--known-on` or a billing model.
    fn rests_on(&self) -> Vec<String>;

    /// The answer as people see it.
    fn page(&self) -> Cow<'_, Page>;
}

/// An output format.
pub trait Renderer: Sync {
    /// The name of the format on the command line.
    fn name(&self) -> &'static str;

    /// Writes the answer in this format, and returns the bytes.
    ///
    /// # Errors
    /// If the format cannot represent the answer.
    fn render(&self, answer: &dyn Printable, options: &PrintOptions) -> Result<Vec<u8>>;

    /// Begins to print rows one by one; `None` if the format needs all rows at once.
    fn stream<'w>(
        &self,
        _out: &'w mut dyn Write,
        _options: &PrintOptions,
    ) -> Option<Box<dyn Printing + 'w>> {
        None
    }

    /// The maximum number of rows to print for people. Of the other rows, only the number is printed. `None` if
    /// there is no maximum.
    fn most_rows(&self) -> Option<usize> {
        None
    }

    /// Whether the output is binary, so that it cannot be shown on a terminal.
    fn is_binary(&self) -> bool {
        false
    }
}

/// An output into which rows are being printed.
pub trait Printing: RowSink {
    /// Ends the output. Returns the bytes that were held back for the end, if any.
    ///
    /// # Errors
    /// If the output cannot be written, or if the format cannot represent the answer.
    fn finish(self: Box<Self>) -> Result<Option<Vec<u8>>>;
}
