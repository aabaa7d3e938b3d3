//! The format `table`, for people: numbers are aligned and grouped by three digits, lines fit the terminal, and
//! control characters of the data are escaped.

use comfy_table::{CellAlignment, ContentArrangement, LineStyle, Table as Drawn, presets};

use rust_decimal::Decimal;
use unicode_width::UnicodeWidthStr;

use super::cells::{is_number, real};
use super::layout::{Column, Layout, wrapped};
use super::renderer::{PrintOptions, Printable, Renderer};
use crate::error::{Result, printable};
use crate::table::{Cell, Table, grouped};

/// The output format `table`, which is for people and is the default.
pub struct Pretty;

impl Renderer for Pretty {
    fn name(&self) -> &'static str {
        "table"
    }

    fn render(&self, answer: &dyn Printable, options: &PrintOptions) -> Result<Vec<u8>> {
        let page = answer.page();
        let mut out = String::new();
        let mut put = |text: &str| {
            for line in text.split('\n') {
                out.push_str(line.trim_end());
                out.push('\n');
            }
        };
        // A page without a headline belongs to an SQL statement. It has a table and no sentences.
        if !page.headline.is_empty() {
            put(&emphasized(&sentence(&page.headline, options), options));
            answer.rests_on().iter().for_each(|text| put(&sentence(text, options)));
            put("");
        }
        for table in &page.tables {
            if let Some(title) = &table.title {
                put(&sentence(title, options));
            }
            put(&match options.table_width {
                None => drawn(table, &Layout::unbounded(&columns(table))),
                Some(width) if page.headline.is_empty() => asked(table, width.into()),
                Some(width) => told(table, width.into()),
            });
            // The table of an SQL statement ends without an empty line, unless a sentence about omitted rows
            // follows.
            if !(page.headline.is_empty() && page.closing.is_empty()) {
                put("");
            }
        }
        page.closing.iter().for_each(|text| put(&sentence(text, options)));
        Ok(out.into_bytes())
    }

    fn most_rows(&self) -> Option<usize> {
        Some(10_000)
    }
}

/// A sentence broken into lines that fit the terminal. If it begins with a label and several spaces, all lines
/// of the text begin at the same column, behind the label.
fn sentence(text: &str, options: &PrintOptions) -> String {
    let text = printable(text);
    let label = text
        .find("  ")
        .filter(|at| *at < 24)
        .map_or(0, |at| text.len() - text[at..].trim_start().len());
    match options.width {
        Some(width) => wrapped(&text, width.into(), label),
        None => text,
    }
}

/// How wide each column of a table is, and how wide it must be at least.
fn columns(table: &Table) -> Vec<Column> {
    let of = |(index, name): (usize, &String)| {
        let cells = table.rows.iter().filter_map(|row| row.get(index));
        let texts: Vec<String> =
            std::iter::once(printable(name)).chain(cells.map(|it| shown(it, table))).collect();
        Column::of(texts.iter().map(String::as_str))
    };
    table.columns.iter().enumerate().map(of).collect()
}

/// The table as text that fits into the width of the terminal. If it is too wide, columns without any value are
/// left out.
fn told(table: &Table, width: usize) -> String {
    let all = columns(table);
    if Layout::unbounded(&all).width() <= width {
        return drawn(table, &Layout::unbounded(&all));
    }
    let says = |index: usize| {
        let mut cells = table.rows.iter().filter_map(|row| row.get(index));
        table.rows.is_empty() || cells.any(|cell| !says_nothing(cell))
    };
    let telling: Vec<usize> = (0..all.len()).filter(|index| says(*index)).collect();
    let kept = |cells: &[Cell]| telling.iter().filter_map(|it| cells.get(*it)).cloned().collect();
    let table = Table {
        title: None,
        columns: telling.iter().filter_map(|it| table.columns.get(*it)).cloned().collect(),
        rows: table.rows.iter().map(|row| kept(row)).collect(),
        ..*table
    };
    drawn(&table, &Layout::of(&columns(&table), width))
}

fn says_nothing(cell: &Cell) -> bool {
    matches!(cell, Cell::Absent) || matches!(cell, Cell::Text(text) if text.is_empty())
}

/// The table of an SQL statement as text that fits into the width of the terminal. No column is left out. If
/// the columns do not fit side by side, each row is printed as a block, one line for each column.
fn asked(table: &Table, width: usize) -> String {
    let layout = Layout::unbounded(&columns(table));
    if layout.width() <= width {
        return drawn(table, &layout);
    }
    let names: Vec<String> = table.columns.iter().map(|column| printable(column)).collect();
    let widest = names.iter().map(|name| name.width()).max().unwrap_or(0);
    let mut out = Vec::new();
    for (number, row) in (1i64..).zip(&table.rows) {
        out.push(format!("─── {} ───", grouped(number)));
        for (name, cell) in names.iter().zip(row) {
            let spaces = " ".repeat(widest - name.width() + 3);
            // If the longest word of a value does not fit to the right of the column names, the value begins on
            // the next line, near the margin.
            let longest = shown(cell, table).split_whitespace().map(UnicodeWidthStr::width).max();
            let fits = widest + 4 + longest.unwrap_or(0) <= width;
            let indent = if fits { widest + 4 } else { 4 };
            let value = shown(cell, table).replace('\n', &format!("\n{}", " ".repeat(indent)));
            out.push(wrapped(&format!(" {name}{spaces}{value}"), width, indent));
        }
    }
    out.join("\n")
}

fn drawn(table: &Table, layout: &Layout) -> String {
    let mut drawn = Drawn::new();
    let rule = LineStyle::none().fill('─').junction(' ');
    drawn.load_style(presets::NOTHING.header_separator(rule));
    drawn.set_content_arrangement(ContentArrangement::Disabled);
    let is_numbers =
        |index: usize| table.rows.iter().any(|row| row.get(index).is_some_and(is_number));
    let right: Vec<bool> = layout.beside.iter().map(|(index, _)| is_numbers(*index)).collect();
    // A row of the table as text, with each cell broken into lines.
    let row = |text: &dyn Fn(usize) -> String| {
        let texts = layout.beside.iter().map(|(index, width)| wrapped(&text(*index), *width, 0));
        let texts: Vec<String> = texts.collect();
        let lines = texts.iter().map(|text| text.split('\n').count()).max().unwrap_or(1);
        let cells = texts.into_iter().zip(&right).map(|(text, right)| {
            let cell = comfy_table::Cell::new(text);
            if *right { cell.set_alignment(CellAlignment::Right) } else { cell }
        });
        (cells.collect::<Vec<_>>(), lines)
    };
    let name = |index: usize| table.columns.get(index).map(|it| printable(it)).unwrap_or_default();
    let (header, header_lines) = row(&name);
    drawn.set_header(header);
    let mut heights = Vec::with_capacity(table.rows.len());
    for cells in &table.rows {
        let (cells, lines) =
            row(&|index| cells.get(index).map(|it| shown(it, table)).unwrap_or_default());
        drawn.add_row(cells);
        heights.push(lines);
    }
    let text = drawn.to_string();
    if layout.below.is_empty() {
        return text;
    }
    // The texts below a row begin under the second column. If the first column is wide, they begin near the
    // margin.
    let indent = layout.beside.first().map_or(0, |(_, width)| width + 4);
    let indent = if indent > layout.width / 3 { 4 } else { indent };
    let mut lines = text.lines();
    let mut out: Vec<String> = lines.by_ref().take(header_lines + 1).map(str::to_owned).collect();
    for (cells, height) in table.rows.iter().zip(heights) {
        out.extend(lines.by_ref().take(height).map(str::to_owned));
        let told = layout.below.iter().filter_map(|index| {
            let cell = cells.get(*index).filter(|cell| !says_nothing(cell))?;
            // A line of a cell may end with a semicolon of its own.
            let one_line = shown(cell, table).replace(";\n", "\n").replace('\n', "; ");
            Some(format!("{}: {one_line}", name(*index)))
        });
        for text in told {
            let room = layout.width.saturating_sub(indent);
            let margin = " ".repeat(indent);
            out.extend(wrapped(&text, room, 2).split('\n').map(|line| format!("{margin}{line}")));
        }
    }
    out.join("\n")
}

fn shown(cell: &Cell, table: &Table) -> String {
    match cell {
        Cell::Integer(number) if table.plain_numbers => number.to_string(),
        Cell::Absent => "–".to_owned(),
        Cell::Integer(number) => grouped(*number),
        Cell::Real(number) => real(*number),
        Cell::Decimal(number) => money(*number),
        Cell::Instant(at) => at.to_string(),
        Cell::Truth(truth) => if *truth { "yes" } else { "no" }.to_owned(),
        Cell::Text(text) => lines(text),
    }
}

/// The text with the characters escaped that a terminal would obey. Line breaks stay, because the program
/// itself has written them.
fn lines(text: &str) -> String {
    text.split('\n').map(printable).collect::<Vec<_>>().join("\n")
}

fn emphasized(text: &str, options: &PrintOptions) -> String {
    if options.color { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.to_owned() }
}

/// An amount of money as text. The digits before the decimal point are in groups of three.
fn money(number: Decimal) -> String {
    let text = number.abs().to_string();
    let (whole, cents) = text.split_once('.').unwrap_or((&text, ""));
    let sign = if number.is_sign_negative() && !number.is_zero() { "-" } else { "" };
    let whole = whole.parse::<i64>().map_or_else(|_| whole.to_owned(), grouped);
    if cents.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{cents}") }
}
