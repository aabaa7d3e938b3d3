//! Output formats: they turn an answer into bytes, without files or terminals (interface.md section 1).
//!
//! A format is one file in this folder and one line in [`RENDERERS`].

mod about;
mod csv;
mod json;
mod layout;
mod markdown;
#[cfg(feature = "parquet")]
mod parquet;
mod pretty;
mod rows;
mod stamp;
mod xlsx;

use std::borrow::Cow;
use std::io::Write;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::error::{Error, Result, is_obeyed, quoted};
use crate::table::{Answer, Cell, Page, RowSink, RowVisitor, Table};
use crate::table::{not_json, outline, send_rows};
pub use rows::Printing;
use stamp::Stamp;

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

impl<A: Answer> Printable for A {
    fn list(&self) -> Option<&'static str> {
        A::LIST
    }

    fn json_text(&self) -> Result<Vec<u8>> {
        serde_json::to_vec_pretty(self).map_err(not_json)
    }

    fn json_lines(&self, stamped: bool) -> Result<Vec<u8>> {
        let stamp = stamped.then(|| Stamp::of(self)).transpose()?;
        let mut lines = JsonLines { stamp, lines: Vec::new() };
        self.rows(&mut lines)?;
        Ok(lines.lines)
    }

    fn outline(&self) -> Result<Option<Map<String, Value>>> {
        outline(self).map(Some)
    }

    fn send(&self, stamped: bool, sink: &mut dyn RowSink) -> Result<()> {
        let stamp = stamped.then(|| Stamp::of(self)).transpose()?;
        send_rows(self, &stamp.map(Stamp::cells).unwrap_or_default(), sink)
    }

    fn said_below(&self) -> Option<String> {
        Answer::said_below(self)
    }

    fn rests_on(&self) -> Vec<String> {
        Answer::rests_on(self)
    }

    fn page(&self) -> Cow<'_, Page> {
        Cow::Owned(Answer::page(self))
    }
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

/// All formats.
pub const RENDERERS: &[&dyn Renderer] = &[
    &pretty::Pretty,
    &json::Json,
    &json::Ndjson,
    &csv::Csv,
    &csv::Tsv,
    &markdown::Markdown,
    &xlsx::Xlsx,
    #[cfg(feature = "parquet")]
    &parquet::Parquet,
];

/// Begins to print an answer that consists of rows only.
pub fn printing<'w>(
    renderer: &'static dyn Renderer,
    out: &'w mut dyn Write,
    options: &PrintOptions,
) -> Box<dyn Printing + 'w> {
    // The first call only checks: `out` can be passed on only once.
    if renderer.stream(&mut std::io::sink(), options).is_some()
        && let Some(printing) = renderer.stream(out, options)
    {
        return printing;
    }
    rows::collected(renderer, options)
}

/// The format with this name.
///
/// # Errors
/// [`crate::error::ErrorKind::Usage`] with the known names.
pub fn by_name(name: &str) -> Result<&'static dyn Renderer> {
    RENDERERS.iter().copied().find(|renderer| renderer.name() == name).ok_or_else(|| {
        if name == "parquet" {
            return Error::usage(
                "this oneseat was built without Parquet; \
                 `cargo install --path . --features parquet` builds one with it",
            );
        }
        let names: Vec<&str> = RENDERERS.iter().map(|renderer| renderer.name()).collect();
        Error::usage(format!(
            "there is no output format {} (there are: {})",
            quoted(name),
            names.join(", ")
        ))
    })
}

/// JSON for a terminal: the same values, with every character escaped that a terminal would obey. Line breaks
/// occur only between values and stay.
pub fn json_for_terminal(json: &str) -> Cow<'_, str> {
    let obeyed = |character: char| is_obeyed(character) && character != '\n';
    if !json.contains(obeyed) {
        return Cow::Borrowed(json);
    }
    let mut escaped = String::with_capacity(json.len());
    for character in json.chars() {
        match obeyed(character) {
            true => escaped.push_str(&format!("\\u{:04x}", u32::from(character))),
            false => escaped.push(character),
        }
    }
    Cow::Owned(escaped)
}

/// Writes each row as a line of JSON.
struct JsonLines {
    stamp: Option<Stamp>,
    lines: Vec<u8>,
}

impl RowVisitor for JsonLines {
    fn row<T: Serialize>(&mut self, row: &T) -> Result<()> {
        let written = match &self.stamp {
            None => serde_json::to_writer(&mut self.lines, row),
            Some(stamp) => serde_json::to_value(row)
                .and_then(|row| serde_json::to_writer(&mut self.lines, &stamp.added_to(row))),
        };
        self.lines.push(b'\n');
        written.map_err(not_json)
    }
}

/// Is a cell a number? Numbers are aligned to the right.
fn is_number(cell: &Cell) -> bool {
    matches!(cell, Cell::Integer(_) | Cell::Real(_) | Cell::Decimal(_))
}

/// A number as SQL and JSON write it: the shortest text that parses to the same number.
fn real(number: f64) -> String {
    serde_json::Number::from_f64(number).map_or_else(|| number.to_string(), |it| it.to_string())
}
