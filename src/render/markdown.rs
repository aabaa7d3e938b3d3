//! The format Markdown: one table, whose cells are escaped so that Markdown in the data stays plain text.

use super::cells::{is_number, real};
use super::renderer::{PrintOptions, Printable, Renderer};
use crate::error::{Result, printable};
use crate::table::Cell;

/// The output format Markdown: the rows of the answer as one table.
pub struct Markdown;

impl Renderer for Markdown {
    fn name(&self) -> &'static str {
        "markdown"
    }

    fn render(&self, answer: &dyn Printable, options: &PrintOptions) -> Result<Vec<u8>> {
        let table = answer.table(options.stamped)?;
        let mut out = String::new();
        line(&mut out, table.columns.iter().map(|column| escaped(column)));
        let numbers = |index: usize| {
            let mut cells = table.rows.iter().filter_map(|row| row.get(index));
            cells.clone().any(is_number)
                && cells.all(|cell| is_number(cell) || *cell == Cell::Absent)
        };
        let rules = (0..table.columns.len()).map(|it| if numbers(it) { "---:" } else { "---" });
        line(&mut out, rules.map(str::to_owned));
        for row in &table.rows {
            line(&mut out, row.iter().map(text));
        }
        if let Some(said) = answer.said_below() {
            out.push('\n');
            out.push_str(&escaped(&said));
            out.push('\n');
        }
        Ok(out.into_bytes())
    }
}

fn line(out: &mut String, cells: impl Iterator<Item = String>) {
    out.push('|');
    for cell in cells {
        out.push(' ');
        out.push_str(&cell);
        out.push_str(" |");
    }
    out.push('\n');
}

fn text(cell: &Cell) -> String {
    match cell {
        Cell::Absent => String::new(),
        Cell::Integer(number) => number.to_string(),
        Cell::Real(number) => real(*number),
        Cell::Decimal(number) => number.to_string(),
        Cell::Instant(at) => at.to_string(),
        Cell::Truth(truth) => truth.to_string(),
        Cell::Text(text) => escaped(text),
    }
}

/// The text with the characters escaped that Markdown or HTML would interpret. Line breaks become `<br>`.
fn escaped(text: &str) -> String {
    let lines = text.split('\n').map(|line| {
        let mut out = String::with_capacity(line.len());
        for character in printable(line.trim_end_matches('\r')).chars() {
            match character {
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                '&' => out.push_str("&amp;"),
                '|' | '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '~' => {
                    out.push('\\');
                    out.push(character);
                }
                other => out.push(other),
            }
        }
        out
    });
    lines.collect::<Vec<_>>().join("<br>")
}
