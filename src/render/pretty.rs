//! Tables for people: numbers aligned and in groups of three, the terminal's width kept, control
//! characters of the data escaped.

use comfy_table::{CellAlignment, ContentArrangement, LineStyle, Table as Drawn, presets};

use rust_decimal::Decimal;

use super::{Options, Printable, Renderer, is_number};
use crate::error::{Result, printable};
use crate::table::{Cell, Table};

/// The format for people.
pub struct Pretty;

impl Renderer for Pretty {
    fn name(&self) -> &'static str {
        "table"
    }

    fn render(&self, answer: &Printable, options: &Options) -> Result<Vec<u8>> {
        let page = &answer.page;
        let mut out = String::new();
        // The answer of a statement is a table and no more.
        if !page.headline.is_empty() {
            out.push_str(&emphasised(&page.headline, options));
            out.push_str("\n\n");
        }
        for table in &page.tables {
            if let Some(title) = &table.title {
                out.push_str(&format!("{}\n", printable(title)));
            }
            let text = match options.width {
                Some(width) if page.headline.is_empty() && natural_width(table) > width.into() => {
                    records(table)
                }
                _ => drawn(table, options),
            };
            for line in text.lines() {
                out.push_str(line.trim_end());
                out.push('\n');
            }
            // Nothing follows the table of a statement, unless it was cut.
            if !(page.headline.is_empty() && page.closing.is_empty()) {
                out.push('\n');
            }
        }
        for sentence in &page.closing {
            out.push_str(&printable(sentence));
            out.push('\n');
        }
        Ok(out.into_bytes())
    }

    fn most_rows(&self) -> Option<usize> {
        Some(10_000)
    }
}

/// How many characters the longest line of a table has when nothing is wrapped.
fn natural_width(table: &Table) -> usize {
    let longest = |text: &str| text.lines().map(|line| line.chars().count()).max().unwrap_or(0);
    let columns = table.columns.iter().enumerate().map(|(index, name)| {
        let cells = table.rows.iter().filter_map(|row| row.get(index));
        let cells = cells.map(|cell| longest(&shown(cell))).max().unwrap_or(0);
        // A space on both sides, and one between columns.
        cells.max(longest(&printable(name))) + 3
    });
    columns.sum::<usize>().saturating_sub(1)
}

/// A statement's table that is wider than the terminal: a block of lines for each row, for in
/// columns of two letters nobody can read.
fn records(table: &Table) -> String {
    let names: Vec<String> = table.columns.iter().map(|column| printable(column)).collect();
    let widest = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
    let mut out = String::new();
    for (number, row) in (1i64..).zip(&table.rows) {
        out.push_str(&format!("─── {} ───\n", grouped(number)));
        for (name, cell) in names.iter().zip(row) {
            out.push_str(&format!(" {name:widest$}   {}\n", shown(cell)));
        }
    }
    out
}

fn drawn(table: &Table, options: &Options) -> String {
    let mut drawn = Drawn::new();
    let rule = LineStyle::none().fill('─').junction(' ');
    drawn.load_style(presets::NOTHING.header_separator(rule));
    match options.width {
        Some(width) => {
            drawn.set_content_arrangement(ContentArrangement::Dynamic);
            drawn.set_width(width);
        }
        None => {
            drawn.set_content_arrangement(ContentArrangement::Disabled);
        }
    }
    let numbers: Vec<bool> = (0..table.columns.len())
        .map(|index| table.rows.iter().any(|row| row.get(index).is_some_and(is_number)))
        .collect();
    let aligned = |(index, text): (usize, String)| {
        let cell = comfy_table::Cell::new(text);
        let right = numbers.get(index).copied().unwrap_or(false);
        if right { cell.set_alignment(CellAlignment::Right) } else { cell }
    };
    let names = table.columns.iter().map(|column| printable(column));
    drawn.set_header(names.enumerate().map(aligned));
    for row in &table.rows {
        drawn.add_row(row.iter().map(shown).enumerate().map(aligned));
    }
    drawn.to_string()
}

fn shown(cell: &Cell) -> String {
    match cell {
        Cell::Absent => "–".to_owned(),
        Cell::Integer(number) => grouped(*number),
        Cell::Real(number) => super::real(*number),
        Cell::Decimal(number) => money(*number),
        Cell::Instant(at) => at.to_string(),
        Cell::Truth(truth) => if *truth { "yes" } else { "no" }.to_owned(),
        Cell::Text(text) => lines(text),
    }
}

/// Line breaks of the program's own making stay; everything else that a terminal obeys is escaped.
fn lines(text: &str) -> String {
    text.split('\n').map(printable).collect::<Vec<_>>().join("\n")
}

fn emphasised(text: &str, options: &Options) -> String {
    let text = printable(text);
    if options.color { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text }
}

/// Money in groups of three digits before the point.
fn money(number: Decimal) -> String {
    let text = number.abs().to_string();
    let (whole, cents) = text.split_once('.').unwrap_or((&text, ""));
    let sign = if number.is_sign_negative() && !number.is_zero() { "-" } else { "" };
    let whole = whole.parse().map_or_else(|_| whole.to_owned(), grouped);
    if cents.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{cents}") }
}

/// A number in groups of three digits.
fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut out = String::new();
    if number < 0 {
        out.push('-');
    }
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn numbers_come_in_groups_of_three() {
        for (number, shown) in [(0, "0"), (999, "999"), (1000, "1,000"), (-1_234_567, "-1,234,567")]
        {
            assert_eq!(grouped(number), shown);
        }
    }
}
