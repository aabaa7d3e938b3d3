//! What an output format must be able to do, in what shapes it gets an answer, and what options there are for
//! printing.

use std::borrow::Cow;
use std::io::Write;

use serde_json::{Map, Value};

use crate::error::Result;
use crate::table::{Page, RowSink, Table};

/// The options with which an answer is printed.
#[derive(Debug, Clone, Copy)]
pub struct PrintOptions {
    /// The character that separates the cells of CSV.
    pub delimiter: u8,
    /// Whether CSV begins with a byte-order mark, which some spreadsheets need.
    pub bom: bool,
    /// Whether numbers in CSV have a decimal comma instead of a point, which some spreadsheets expect.
    pub decimal_comma: bool,
    /// Whether texts in CSV stay as they are, even if a spreadsheet would run them as formulas.
    pub raw_cells: bool,
    /// Whether each row has three more columns with the basis of the answer: `as_of`, `known_on`,
    /// `billing_model`.
    pub stamped: bool,
    /// Whether the output is a terminal. If so, characters of the data that a terminal would obey are escaped.
    pub terminal: bool,
    /// How wide a sentence may be before it is broken, in characters; `None` if each sentence is printed on one
    /// line.
    pub width: Option<u16>,
    /// How wide a table for people may be, in characters; `None` if it may have any width.
    pub table_width: Option<u16>,
    /// Whether colors are used.
    pub color: bool,
}

/// An answer in all the shapes in which an output format may want it. A shape is made only when it is asked
/// for, because an answer may be long and no format needs all shapes.
pub trait Printable {
    /// The key under which the JSON of the answer has its list; `None` if the answer has no list.
    fn list(&self) -> Option<&'static str>;

    /// The answer as JSON text with indented lines.
    ///
    /// # Errors
    /// [`crate::error::ErrorKind::Bug`] if the answer cannot be represented as JSON.
    fn json_text(&self) -> Result<Vec<u8>>;

    /// The rows of the answer as JSON, one object on each line. With `stamped`, each row also has the basis of
    /// the answer (`as_of`, `known_on`, `billing_model`).
    ///
    /// # Errors
    /// [`crate::error::ErrorKind::Bug`] if the answer cannot be represented as JSON.
    fn json_lines(&self, stamped: bool) -> Result<Vec<u8>>;

    /// The members of the answer's JSON object. In place of the list there is null. `None` if the answer
    /// consists of rows only.
    ///
    /// # Errors
    /// [`crate::error::ErrorKind::Bug`] if the answer cannot be represented as JSON.
    fn outline(&self) -> Result<Option<Map<String, Value>>>;

    /// Sends the rows of the answer to `sink`: one for each element of the list, or a single one if there is no
    /// list. Further rows, such as totals, may come before and behind the elements. Nested values have dotted
    /// column names.
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

    /// A sentence to print below the rows, for an answer whose rows alone might be misunderstood; else `None`.
    fn said_below(&self) -> Option<String>;

    /// Sentences on what the answer is based on, if that is unusual: `--known-on`, or a billing model that is
    /// not the default.
    fn rests_on(&self) -> Vec<String>;

    /// The answer as a page for people: sentences and tables.
    fn page(&self) -> Cow<'_, Page>;
}

/// An output format, such as CSV. Each format has one implementation.
pub trait Renderer: Sync {
    /// The name of the format, as the user types it.
    fn name(&self) -> &'static str;

    /// Writes the answer in this format, and returns the bytes.
    ///
    /// # Errors
    /// If the format cannot represent the answer.
    fn render(&self, answer: &dyn Printable, options: &PrintOptions) -> Result<Vec<u8>>;

    /// Begins to print rows one by one, to `out`. `None` if the format can print only when it has all rows.
    fn stream<'w>(
        &self,
        _out: &'w mut dyn Write,
        _options: &PrintOptions,
    ) -> Option<Box<dyn Printing + 'w>> {
        None
    }

    /// How many rows are printed for people at most. Of further rows only the number is printed. `None` if all
    /// rows are printed.
    fn most_rows(&self) -> Option<usize> {
        None
    }

    /// Whether the output is binary, so that it cannot be shown on a terminal.
    fn is_binary(&self) -> bool {
        false
    }
}

/// An output to which rows are sent one by one. It writes them in an output format.
pub trait Printing: RowSink {
    /// Ends the output. Returns the bytes that were held back for the end, if any.
    ///
    /// # Errors
    /// If the output cannot be written, or if the format cannot represent the answer.
    fn finish(self: Box<Self>) -> Result<Option<Vec<u8>>>;
}
