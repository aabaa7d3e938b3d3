//! Tables of a page: headings, cells of markup, and rows that are left out.

use askama::Template;

use super::frame::not_made;
use super::markup::{Markup, command, escaped};
use crate::error::Result;
use crate::table::grouped;

/// The most rows of a table without a script.
pub(super) const MOST_ROWS: usize = 1_000;

/// A table of a page.
#[derive(Default)]
pub(super) struct Grid {
    /// What the table is, for those who cannot see what stands above it.
    pub caption: String,
    pub heads: Vec<Head>,
    pub rows: Vec<Vec<Markup>>,
    /// The sum below the rows.
    pub sum: Option<Vec<Markup>>,
}

/// The heading of a column.
pub(super) struct Head {
    pub name: String,
    /// Whether the column has numbers, which stand at its right.
    pub is_number: bool,
}

#[derive(Template)]
#[template(path = "grid.html")]
struct GridPage<'a> {
    grid: &'a Grid,
}

impl Grid {
    /// A table with these headings; those that begin with `#` are of numbers.
    pub fn new(caption: &str, heads: &[&str]) -> Grid {
        let head = |name: &&str| Head {
            name: name.trim_start_matches('#').to_owned(),
            is_number: name.starts_with('#'),
        };
        let heads = heads.iter().map(head).collect();
        Grid { caption: caption.to_owned(), heads, ..Grid::default() }
    }

    /// The table as HTML.
    pub fn drawn(&self) -> Result<Markup> {
        Ok(Markup(GridPage { grid: self }.render().map_err(not_made)?))
    }

    /// The class of a table: one with few columns is no wider than it can be read.
    pub fn width(&self) -> &'static str {
        if self.heads.len() <= 2 { "narrow" } else { "wide" }
    }

    /// The table below a line that opens and closes it. Short ones are open in print.
    pub fn folded(&self, line: &str) -> Result<Markup> {
        let Markup(table) = self.drawn()?;
        let class = if self.rows.len() <= 40 { " class=\"short\"" } else { "" };
        Ok(Markup(format!("<details{class}><summary>{}</summary>{table}</details>", escaped(line))))
    }
}

/// The sentence about rows that are not shown: how many, and the command that lists all.
pub(super) fn left_out(count: usize, what: &str, with: &str) -> Markup {
    if count == 0 {
        return Markup::nothing();
    }
    let Markup(with) = command(with);
    Markup(format!(
        "<p class=\"more\">{} more {what}: {with} lists all.</p>",
        grouped(count as u64)
    ))
}

/// A bar from 0 to the greatest of several numbers, as a drawing of its own.
pub(super) fn bar(part: i64, most: i64, class: &str) -> Markup {
    let width = if most > 0 { 100.0 * part.max(0) as f64 / most as f64 } else { 0.0 };
    Markup(format!(
        "<svg class=\"bar {class}\" viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" \
         aria-hidden=\"true\"><rect width=\"{width:.2}\" height=\"10\"/></svg>"
    ))
}
