//! Any answer as a page: its headline, one table, and the sentences below it (page.md).

use askama::Template;
use serde_json::{Value, json};

use super::embedded;
use super::frame::{Embedded, Script, framed, not_made};
use super::markup::{Markup, text};
use crate::error::Result;
use crate::render::cells::{is_number, real};
use crate::render::renderer::{PrintOptions, Printable, Renderer};
use crate::table::{Cell, Table, grouped};

/// The most rows that stand on the page as HTML.
const ROWS: usize = 1_000;

/// The most rows that are embedded as they are; more are packed.
const PLAIN: usize = 5_000;

/// The most rows that are embedded at all.
const MOST: usize = 100_000;

/// The format HTML: one page with one table.
pub struct Html;

#[derive(Template)]
#[template(path = "answer.html")]
struct AnswerPage {
    title: Markup,
    basis: Vec<Markup>,
    heads: Vec<(String, bool)>,
    rows: Vec<Vec<Markup>>,
    /// The number of rows on the page, in words.
    found: String,
    /// A sentence about the rows that are not on the page as HTML.
    more: Markup,
    closing: Vec<Markup>,
    is_scripted: bool,
}

impl Renderer for Html {
    fn name(&self) -> &'static str {
        "html"
    }

    fn render(&self, answer: &dyn Printable, options: &PrintOptions) -> Result<Vec<u8>> {
        let table = answer.table(options.stamped)?;
        let page = answer.page();
        let title = if page.headline.is_empty() { "Answer" } else { page.headline.as_str() };
        let all = table.rows.len();
        let embedded = all.min(MOST);
        let is_scripted = all > ROWS;
        let more = match (is_scripted, all - embedded) {
            (false, _) => Markup::nothing(),
            (true, 0) => Markup(format!(
                "<noscript><p class=\"more\">The first {} of {} rows: <code>--format csv</code> has \
                 all of them.</p></noscript>",
                grouped(ROWS as u64),
                grouped(all as u64)
            )),
            (true, left) => Markup(format!(
                "<p class=\"more\">{} more rows are not on this page: <code>--format csv</code> has \
                 all of them.</p>",
                grouped(left as u64)
            )),
        };
        let content = AnswerPage {
            title: text(title),
            basis: answer.rests_on().iter().map(|it| text(it)).collect(),
            heads: heads(&table),
            rows: table
                .rows
                .iter()
                .take(ROWS)
                .map(|row| row.iter().map(|it| cell(it, table.plain_numbers)).collect())
                .collect(),
            found: if all == 1 {
                "1 row".to_owned()
            } else {
                format!("{} rows", grouped(all as u64))
            },
            more,
            closing: page.closing.iter().chain(&answer.said_below()).map(|it| text(it)).collect(),
            is_scripted,
        };
        let content = Markup(content.render().map_err(not_made)?);
        let data = if is_scripted { vec![data(&table, embedded)?] } else { Vec::new() };
        let script = if is_scripted { Script::Rows } else { Script::None };
        framed(title, &content, &data, script, "oneseat")
    }
}

/// The names of the columns, and whether a column has numbers.
fn heads(table: &Table) -> Vec<(String, bool)> {
    let is_of_numbers = |index: usize| {
        let cells = table.rows.iter().filter_map(|row| row.get(index));
        cells.clone().any(is_number)
            && cells.clone().all(|cell| is_number(cell) || *cell == Cell::Absent)
    };
    let columns = table.columns.iter().enumerate();
    columns.map(|(index, name)| (name.clone(), is_of_numbers(index))).collect()
}

fn cell(cell: &Cell, plain: bool) -> Markup {
    Markup(match cell {
        Cell::Absent => String::new(),
        Cell::Integer(number) if plain => number.to_string(),
        Cell::Integer(number) => grouped(*number),
        Cell::Real(number) => real(*number),
        Cell::Decimal(number) => number.to_string(),
        Cell::Instant(at) => format!("<time datetime=\"{at}\">{at}</time>"),
        Cell::Truth(truth) => truth.to_string(),
        Cell::Text(it) => {
            let lines: Vec<String> = it.split('\n').map(|line| text(line).0).collect();
            lines.join("<br>")
        }
    })
}

/// The rows as columns for the script.
fn data(table: &Table, embedded: usize) -> Result<Embedded> {
    let value = |cell: &Cell| match cell {
        Cell::Absent => Value::Null,
        Cell::Integer(number) => json!(number),
        Cell::Real(number) => json!(number),
        Cell::Decimal(number) => json!(number.to_string()),
        Cell::Instant(at) => json!(at.to_string()),
        Cell::Truth(truth) => json!(truth.to_string()),
        Cell::Text(text) => json!(text),
    };
    let columns = (0..table.columns.len()).map(|index| {
        let cells = table.rows.iter().take(embedded);
        Value::Array(cells.map(|row| row.get(index).map_or(Value::Null, value)).collect())
    });
    let columns = Value::Array(columns.collect());
    let packed = embedded > PLAIN;
    let text = if packed { embedded::packed(&columns)? } else { embedded::json(&columns)? };
    Ok(Embedded { id: "rows-data", packed, text: Markup(text) })
}
