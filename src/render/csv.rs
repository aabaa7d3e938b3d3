//! The formats CSV (RFC 4180) and TSV: UTF-8, lines that end with `\r\n`, always a header, and no cell that a
//! spreadsheet would run as a formula (interface.md section 1).

use std::borrow::Cow;
use std::io::Write;

use super::cells;
use super::renderer::{PrintOptions, Printable, Printing, Renderer};
use crate::error::{Error, Result, printable};
use crate::table::{Cell, RowSink};

/// The output format CSV: cells separated by commas or by another delimiter that the user names.
pub struct Csv;

impl Renderer for Csv {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn render(&self, answer: &dyn Printable, options: &PrintOptions) -> Result<Vec<u8>> {
        written(answer, options.delimiter, options)
    }

    fn stream<'w>(
        &self,
        out: &'w mut dyn Write,
        options: &PrintOptions,
    ) -> Option<Box<dyn Printing + 'w>> {
        Some(Box::new(Sheet::new(out, options.delimiter, options)))
    }
}

/// The output format TSV: cells separated by tabs.
pub struct Tsv;

impl Renderer for Tsv {
    fn name(&self) -> &'static str {
        "tsv"
    }

    fn render(&self, answer: &dyn Printable, options: &PrintOptions) -> Result<Vec<u8>> {
        written(answer, b'\t', options)
    }

    fn stream<'w>(
        &self,
        out: &'w mut dyn Write,
        options: &PrintOptions,
    ) -> Option<Box<dyn Printing + 'w>> {
        Some(Box::new(Sheet::new(out, b'\t', options)))
    }
}

fn written(answer: &dyn Printable, delimiter: u8, options: &PrintOptions) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    let mut sheet = Sheet::new(&mut out, delimiter, options);
    answer.send(options.stamped, &mut sheet)?;
    Box::new(sheet).finish()?;
    Ok(out)
}

/// CSV or TSV that is being written.
struct Sheet<W: Write> {
    writer: csv::Writer<W>,
    delimiter: u8,
    options: PrintOptions,
}

impl<W: Write> Sheet<Marked<W>> {
    fn new(out: W, delimiter: u8, options: &PrintOptions) -> Self {
        let writer = csv::WriterBuilder::new()
            .delimiter(delimiter)
            .terminator(csv::Terminator::CRLF)
            .from_writer(Marked { out, mark: options.bom });
        Sheet { writer, delimiter, options: *options }
    }
}

/// The bytes of a table that is being written. They begin with a byte-order mark if `mark` is set.
struct Marked<W: Write> {
    out: W,
    mark: bool,
}

impl<W: Write> Write for Marked<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.mark {
            self.out.write_all("\u{feff}".as_bytes())?;
            self.mark = false;
        }
        self.out.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }
}

impl<W: Write> RowSink for Sheet<W> {
    fn columns(&mut self, names: &[String]) -> Result<()> {
        let terminal = self.options.terminal;
        self.writer
            .write_record(names.iter().map(|it| shown(it, terminal).into_owned()))
            .map_err(not_written)
    }

    fn row(&mut self, cells: Vec<Cell>) -> Result<()> {
        for cell in &cells {
            let text = text(cell, self.delimiter, &self.options);
            let text = shown(&text, self.options.terminal);
            self.writer.write_field(text.as_bytes()).map_err(not_written)?;
        }
        self.writer.write_record(None::<&[u8]>).map_err(not_written)
    }
}

impl<W: Write> Printing for Sheet<W> {
    fn finish(mut self: Box<Self>) -> Result<Option<Vec<u8>>> {
        self.writer.flush().map_err(not_written)?;
        Ok(None)
    }
}

/// The text with the characters escaped that a terminal would obey, if the output is a terminal; else the text
/// as it is.
fn shown(text: &str, terminal: bool) -> Cow<'_, str> {
    if terminal { Cow::Owned(printable(text)) } else { Cow::Borrowed(text) }
}

fn text(cell: &Cell, delimiter: u8, options: &PrintOptions) -> String {
    let number = |text: String| {
        if options.decimal_comma { text.replace('.', ",") } else { text }
    };
    match cell {
        Cell::Absent => String::new(),
        Cell::Integer(number) => number.to_string(),
        Cell::Real(real) => number(cells::real(*real)),
        Cell::Decimal(decimal) => number(decimal.to_string()),
        Cell::Instant(at) => at.to_string(),
        Cell::Truth(truth) => truth.to_string(),
        Cell::Text(text) if options.raw_cells => text.clone(),
        Cell::Text(text) => without_formulas(text, char::from(delimiter)),
    }
}

/// The characters with which a formula can begin in a spreadsheet, some of them also in their full-width form.
const FORMULAS: [char; 11] =
    ['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];

/// The characters at which a spreadsheet may split a cell in countries with other settings.
const SPLITS: [char; 2] = [';', ','];

/// The text changed so that no spreadsheet runs it as a formula, even if it splits the text at another
/// delimiter. Each stretch of text that would be a formula gets a `'` in front.
fn without_formulas(text: &str, delimiter: char) -> String {
    let mut safe = String::with_capacity(text.len() + 1);
    let mut begins = true;
    for character in text.chars() {
        if begins && FORMULAS.contains(&character) {
            safe.push('\'');
        }
        safe.push(character);
        // If the character is the delimiter of this output, the cell is put into quotes, and no spreadsheet
        // splits it there.
        begins = SPLITS.contains(&character) && character != delimiter;
    }
    safe
}

fn not_written(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::output("the output cannot be written").caused_by(error)
}
