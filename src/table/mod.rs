//! A neutral table of typed cells, which each renderer prints in its own way, and a page (tables and sentences)
//! for people.
//!
//! Nothing in this folder decides how a table looks. An absent value is a value of its own, never 0 or "".
//! [`Answer`] is the trait by which an answer describes itself, and [`send_rows`] turns its rows into cells.

mod answer;
mod cells;
mod columns;
mod people;

use rust_decimal::Decimal;

use crate::error::Result;
use crate::model::Instant;
pub use answer::{Answer, RowVisitor};
pub use answer::{not_json, outline, send_rows};
pub use columns::{CellKind, Columns, SOURCE_COLUMNS};
pub use people::{AccountLine, Distinct, PeopleList, PersonLine};

/// One typed value of a table, which a renderer turns into text.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// The value is not known. This is never printed as 0 or as an empty text.
    Absent,
    /// A text from the data.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number with a fraction, from the answer to an SQL statement.
    Real(f64),
    /// Money, exact to the cent.
    Decimal(Decimal),
    /// A point in time.
    Instant(Instant),
    /// A truth value, yes or no.
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

/// A number with its noun in the singular or plural: `counted(2, "seat")` is "2 seats".
pub fn counted(number: impl Into<i128>, noun: &str) -> String {
    let number = number.into();
    if number == 1 { format!("1 {noun}") } else { format!("{} {}", grouped(number), plural(noun)) }
}

/// The plural of a noun, or of words that end with one: "entries" of "entry", "people" of "person".
fn plural(noun: &str) -> String {
    let of_y = noun.strip_suffix('y').filter(|rest| !rest.ends_with(['a', 'e', 'i', 'o', 'u']));
    match (noun.strip_suffix("person"), of_y) {
        (Some(rest), _) => format!("{rest}people"),
        (None, Some(rest)) => format!("{rest}ies"),
        (None, None) => format!("{noun}s"),
    }
}

/// A number with its noun and a verb that agrees with the number: `agreeing(1, "license", ["is taken", "are
/// taken"])`.
pub fn agreeing(number: impl Into<i128>, noun: &str, [of_one, of_several]: [&str; 2]) -> String {
    let number = number.into();
    format!("{} {}", counted(number, noun), if number == 1 { of_one } else { of_several })
}

/// A whole number for people: its digits in groups of three, with commas between them.
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

/// A table: named columns, and rows of cells.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    /// The heading above the table, for people.
    pub title: Option<String>,
    /// The names of the columns, from left to right.
    pub columns: Vec<String>,
    /// The rows, each with a cell for every column.
    pub rows: Vec<Vec<Cell>>,
    /// Whether whole numbers are printed without grouping their digits. In the answer to an SQL statement
    /// they may be years, ids or codes.
    pub plain_numbers: bool,
}

impl Table {
    /// An empty table with these columns.
    pub fn new(columns: &[&str]) -> Table {
        Table {
            title: None,
            columns: columns.iter().map(|column| (*column).to_owned()).collect(),
            rows: Vec::new(),
            plain_numbers: false,
        }
    }

    /// Sets the title of the table.
    #[must_use]
    pub fn titled(mut self, title: &str) -> Table {
        self.title = Some(title.to_owned());
        self
    }
}

/// An answer as people read it: a headline, tables, and sentences below them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Page {
    /// The headline: one line that says what the answer is.
    pub headline: String,
    /// The tables, in order.
    pub tables: Vec<Table>,
    /// Sentences below the tables. The last one names what to do next.
    pub closing: Vec<String>,
}

/// Receives the rows of an answer one by one, so that a million of them are never in memory at once.
pub trait RowSink {
    /// Receives the names of the columns. Called once, before the first row.
    ///
    /// # Errors
    /// If the output cannot be written.
    fn columns(&mut self, names: &[String]) -> Result<()>;

    /// Receives the next row, with a cell for every column.
    ///
    /// # Errors
    /// If the output cannot be written.
    fn row(&mut self, cells: Vec<Cell>) -> Result<()>;
}

impl RowSink for Table {
    fn columns(&mut self, names: &[String]) -> Result<()> {
        self.columns = names.to_vec();
        Ok(())
    }

    fn row(&mut self, cells: Vec<Cell>) -> Result<()> {
        self.rows.push(cells);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{agreeing, grouped};

    #[test]
    fn a_verb_agrees_with_its_number() {
        let have = |number| agreeing(number, "cost center", ["has", "have"]);
        assert_eq!(
            [0, 1, 2000].map(have),
            ["0 cost centers have", "1 cost center has", "2,000 cost centers have"]
        );
    }

    #[test]
    fn numbers_come_in_groups_of_three() {
        for (number, shown) in [(0, "0"), (999, "999"), (1000, "1,000"), (-1_234_567, "-1,234,567")]
        {
            assert_eq!(grouped(number), shown);
        }
    }
}
