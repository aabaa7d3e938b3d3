//! CSV by RFC 4180 and tab-separated values: UTF-8, `\r\n`, a header always, and no cell that a
//! spreadsheet would run as a formula (interface.md section 1).

use super::{Options, Printable, Renderer};
use crate::error::{Error, Result};
use crate::table::{Cell, Table};

/// Comma-separated, or by another delimiter.
pub struct Csv;

impl Renderer for Csv {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn render(&self, answer: &Printable, options: &Options) -> Result<Vec<u8>> {
        written(&answer.table, options.delimiter, options)
    }
}

/// Tab-separated.
pub struct Tsv;

impl Renderer for Tsv {
    fn name(&self) -> &'static str {
        "tsv"
    }

    fn render(&self, answer: &Printable, options: &Options) -> Result<Vec<u8>> {
        written(&answer.table, b'\t', options)
    }
}

fn written(table: &Table, delimiter: u8, options: &Options) -> Result<Vec<u8>> {
    let start = if options.bom { "\u{feff}".as_bytes().to_vec() } else { Vec::new() };
    let mut writer = csv::WriterBuilder::new()
        .delimiter(delimiter)
        .terminator(csv::Terminator::CRLF)
        .from_writer(start);
    writer.write_record(&table.columns).map_err(not_csv)?;
    for row in &table.rows {
        writer.write_record(row.iter().map(|cell| text(cell, options))).map_err(not_csv)?;
    }
    writer.into_inner().map_err(|error| not_csv(error.into_error()))
}

fn text(cell: &Cell, options: &Options) -> String {
    match cell {
        Cell::Absent => String::new(),
        Cell::Integer(number) => number.to_string(),
        Cell::Truth(truth) => truth.to_string(),
        Cell::Text(text) if !options.raw_cells && runs_as_formula(text) => format!("'{text}"),
        Cell::Text(text) => text.clone(),
    }
}

fn runs_as_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

fn not_csv(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::bug("an answer cannot be told as CSV").caused_by(error)
}
