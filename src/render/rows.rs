//! Prints rows that come one by one: as JSON objects at once, or collected until the last one for formats that
//! need all of them.

use std::borrow::Cow;
use std::io::Write;

use serde_json::{Map, Value};

use super::cells::json_for_terminal;
use super::renderer::{PrintOptions, Printable, Printing, Renderer};
use crate::error::{Error, Result};
use crate::table::{Cell, Page, RowSink, Table, counted};

/// JSON that is being written, with one object for each row.
pub(super) struct Objects<'w> {
    out: &'w mut dyn Write,
    /// The keys of each object, as JSON texts: the names of the columns.
    keys: Vec<String>,
    /// Whether the objects are elements of one JSON array. If not, each is on a line of its own.
    array: bool,
    terminal: bool,
    rows: u64,
}

impl<'w> Objects<'w> {
    pub(super) fn array(out: &'w mut dyn Write, terminal: bool) -> Self {
        Objects { out, keys: Vec::new(), array: true, terminal, rows: 0 }
    }

    pub(super) fn lines(out: &'w mut dyn Write, terminal: bool) -> Self {
        Objects { out, keys: Vec::new(), array: false, terminal, rows: 0 }
    }

    fn put(&mut self, text: &str) -> Result<()> {
        let text = if self.terminal { json_for_terminal(text) } else { Cow::Borrowed(text) };
        self.out.write_all(text.as_bytes()).map_err(not_written)
    }
}

impl RowSink for Objects<'_> {
    fn columns(&mut self, names: &[String]) -> Result<()> {
        self.keys = distinct(names).into_iter().map(|key| Value::from(key).to_string()).collect();
        if self.array { self.put("[") } else { Ok(()) }
    }

    fn row(&mut self, cells: Vec<Cell>) -> Result<()> {
        let mut text = String::from(match (self.array, self.rows) {
            (false, _) => "",
            (true, 0) => "\n",
            (true, _) => ",\n",
        });
        for (index, (key, cell)) in self.keys.iter().zip(cells).enumerate() {
            text.push(if index == 0 { '{' } else { ',' });
            text.push_str(key);
            text.push(':');
            text.push_str(&value(cell).to_string());
        }
        text.push_str(if self.array { "}" } else { "}\n" });
        self.rows += 1;
        self.put(&text)
    }
}

impl Printing for Objects<'_> {
    fn finish(mut self: Box<Self>) -> Result<Option<Vec<u8>>> {
        match (self.array, self.rows) {
            (false, _) => {}
            (true, 0) => self.put("]\n")?,
            (true, _) => self.put("\n]\n")?,
        }
        Ok(None)
    }
}

/// The column names, with a number added where two would be equal, because each key of a JSON object is there
/// only once.
pub(super) fn distinct(names: &[String]) -> Vec<String> {
    let mut keys: Vec<String> = Vec::with_capacity(names.len());
    for name in names {
        let numbered = (2..).map(|number| format!("{name}_{number}"));
        let mut candidates = std::iter::once(name.clone()).chain(numbered);
        keys.extend(candidates.find(|key| !keys.contains(key)));
    }
    keys
}

fn value(cell: Cell) -> Value {
    match cell {
        Cell::Absent => Value::Null,
        Cell::Text(text) => Value::String(text),
        Cell::Integer(number) => Value::from(number),
        // JSON has no infinite numbers, so such a number becomes null.
        Cell::Real(number) => Value::from(number),
        Cell::Decimal(number) => Value::String(number.to_string()),
        Cell::Instant(at) => Value::String(at.to_string()),
        Cell::Truth(truth) => Value::Bool(truth),
    }
}

/// Keeps the rows that come until the last one is there, and then prints them.
struct Collected {
    renderer: &'static dyn Renderer,
    options: PrintOptions,
    table: Table,
    /// The number of rows that were not kept, because the format prints no more for people.
    more: u64,
}

/// An output that keeps rows until the last one has come, for a format that needs all of them.
pub(super) fn collected(
    renderer: &'static dyn Renderer,
    options: &PrintOptions,
) -> Box<dyn Printing + 'static> {
    let table = Table { plain_numbers: true, ..Table::default() };
    Box::new(Collected { renderer, options: *options, table, more: 0 })
}

impl RowSink for Collected {
    fn columns(&mut self, names: &[String]) -> Result<()> {
        self.table.columns(names)
    }

    fn row(&mut self, cells: Vec<Cell>) -> Result<()> {
        if self.renderer.most_rows().is_some_and(|most| self.table.rows.len() >= most) {
            self.more += 1;
            return Ok(());
        }
        self.table.row(cells)
    }
}

impl Printing for Collected {
    fn finish(self: Box<Self>) -> Result<Option<Vec<u8>>> {
        let Collected { renderer, options, table, more } = *self;
        renderer.render(&NothingButRows { table, more }, &options).map(Some)
    }
}

/// The answer of an SQL statement. It consists of rows and has no sentences.
struct NothingButRows {
    table: Table,
    /// The number of rows that the table leaves out.
    more: u64,
}

impl Printable for NothingButRows {
    fn list(&self) -> Option<&'static str> {
        None
    }

    fn json_text(&self) -> Result<Vec<u8>> {
        Ok(b"null".to_vec())
    }

    fn json_lines(&self, _stamped: bool) -> Result<Vec<u8>> {
        Ok(Vec::new())
    }

    fn outline(&self) -> Result<Option<Map<String, Value>>> {
        Ok(None)
    }

    fn send(&self, _stamped: bool, sink: &mut dyn RowSink) -> Result<()> {
        sink.columns(&self.table.columns)?;
        self.table.rows.iter().try_for_each(|row| sink.row(row.clone()))
    }

    fn said_below(&self) -> Option<String> {
        None
    }

    fn rests_on(&self) -> Vec<String> {
        Vec::new()
    }

    fn table(&self, _stamped: bool) -> Result<Cow<'_, Table>> {
        Ok(Cow::Borrowed(&self.table))
    }

    fn page(&self) -> Cow<'_, Page> {
        let mut page = Page::default();
        if self.more > 0 {
            let more = counted(self.more, "more row");
            page.closing.push(format!("… and {more}: --format csv prints them all."));
        }
        page.tables.push(self.table.clone());
        Cow::Owned(page)
    }
}

fn not_written(error: std::io::Error) -> Error {
    Error::output("the output cannot be written").caused_by(error)
}
