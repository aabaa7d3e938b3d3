//! A neutral table of typed cells, which every renderer prints in its own way; and a page of
//! tables and sentences for people.
//!
//! Nothing here knows how it will look: absent is a value of its own, never 0 or "".

use rust_decimal::Decimal;

use crate::error::Result;
use crate::model::Instant;

/// One cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Not known.
    Absent,
    /// Text of the data.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// Another number, of a statement's answer.
    Real(f64),
    /// Money: exact, to the cent.
    Decimal(Decimal),
    /// An instant.
    Instant(Instant),
    /// Yes or no.
    Truth(bool),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Cell {
        Cell::Text(text)
    }
}

impl From<u64> for Cell {
    fn from(number: u64) -> Cell {
        i64::try_from(number).map_or(Cell::Absent, Cell::Integer)
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Cell {
        Cell::Integer(number)
    }
}

impl From<Decimal> for Cell {
    fn from(number: Decimal) -> Cell {
        Cell::Decimal(number)
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Cell {
        value.map_or(Cell::Absent, Into::into)
    }
}

/// A number with its noun, in the singular or the plural.
pub fn counted(number: u64, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{} {noun}s", grouped(number)) }
}

/// A whole number as people write it in sentences and tables: in groups of three digits.
pub fn grouped(number: impl Into<i128>) -> String {
    let number: i128 = number.into();
    let digits = number.unsigned_abs().to_string();
    let mut out = String::from(if number < 0 { "-" } else { "" });
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Columns and rows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    /// What stands above it, for people.
    pub title: Option<String>,
    /// The names of the columns.
    pub columns: Vec<String>,
    /// The rows, each with a cell for every column.
    pub rows: Vec<Vec<Cell>>,
    /// Whole numbers stand as they are, not in groups of three digits: a statement's may be years,
    /// ids or codes.
    pub plain_numbers: bool,
}

impl Table {
    /// A table with these columns and no rows yet.
    pub fn new(columns: &[&str]) -> Table {
        Table {
            title: None,
            columns: columns.iter().map(|column| (*column).to_owned()).collect(),
            rows: Vec::new(),
            plain_numbers: false,
        }
    }

    /// Gives the table a title.
    #[must_use]
    pub fn titled(mut self, title: &str) -> Table {
        self.title = Some(title.to_owned());
        self
    }
}

/// What a person reads: a headline, tables, and what to do next.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Page {
    /// The answer in one line.
    pub headline: String,
    /// The tables, in order.
    pub tables: Vec<Table>,
    /// Sentences below, the last of them what to do next.
    pub closing: Vec<String>,
}

/// Takes the rows of an answer as they come, so that a million of them never sit in memory.
pub trait RowSink {
    /// The names of the columns; comes first, once.
    ///
    /// # Errors
    /// If the output cannot be written.
    fn columns(&mut self, names: &[String]) -> Result<()>;

    /// The next row, with a cell for every column.
    ///
    /// # Errors
    /// If the output cannot be written.
    fn row(&mut self, cells: Vec<Cell>) -> Result<()>;
}

/// An answer to a question: it serializes to its JSON, and shows itself to people.
pub trait Answer: serde::Serialize {
    /// The key of the answer's list, of which CSV and its kin print one line per element; `None`:
    /// the answer is one line (interface.md section 1).
    const LIST: Option<&'static str>;

    /// An answer with one element in its list and every nullable object present, so that the
    /// columns of a table do not depend on the data. Its values tell the types of the columns: an
    /// instant there is a date to a spreadsheet, and a `0.00` is money.
    fn example() -> Self;

    /// Lines that stand before and after those of the list in row forms, each with keys of its
    /// elements: what a reader of the rows alone would miss (interface.md section 3, `reconcile`).
    fn lines_around(&self) -> (Vec<serde_json::Value>, Vec<serde_json::Value>) {
        (Vec::new(), Vec::new())
    }

    /// A sentence below the rows, where they alone would be taken for another answer.
    fn said_below(&self) -> Option<String> {
        None
    }

    /// What the answer rests on, in sentences, where that is not the usual: what was known, how an
    /// enterprise pays (interface.md section 1).
    fn rests_on(&self) -> Vec<String> {
        Vec::new()
    }

    /// The answer for a person.
    fn page(&self) -> Page;
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
