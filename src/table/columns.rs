//! The columns of an answer's rows, and what they hold. The declared kind decides what a cell is: no text of the
//! data is ever guessed to be a date or a number.

use rust_decimal::Decimal;
use serde_json::Value;

use super::Cell;
use crate::model::{DayMeans, Instant};

/// The columns of a row: the keys of its JSON in their order, and what they hold.
pub type Columns = &'static [(&'static str, CellKind)];

/// The columns of a [`crate::model::Source`].
pub const SOURCE_COLUMNS: Columns = &[("kind", CellKind::Text), ("name", CellKind::Text)];

/// What a column holds. Every kind may be absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellKind {
    /// Text.
    Text,
    /// A whole number.
    Whole,
    /// Money, which JSON writes as a text.
    Money,
    /// A point in time, which JSON writes as a text.
    Instant,
    /// Yes or no.
    Truth,
    /// A list in one cell: its elements are joined by `; `, the members of an element by a space.
    List,
    /// An object. Its members are columns of their own, with its key and a dot before their names.
    Object(Columns),
}

impl CellKind {
    /// The cell of a value. A value of another kind is shown as text.
    pub fn cell(self, value: Value) -> Cell {
        match (self, value) {
            (_, Value::Null) => Cell::Absent,
            (CellKind::Text, Value::String(text)) => Cell::Text(text),
            (CellKind::Whole, Value::Number(number)) => {
                number.as_i64().map_or_else(|| Cell::Text(number.to_string()), Cell::Integer)
            }
            (CellKind::Money, Value::String(text)) => {
                text.parse::<Decimal>().map_or(Cell::Text(text), Cell::Decimal)
            }
            (CellKind::Instant, Value::String(text)) => {
                Instant::parse(&text, DayMeans::Start).map_or(Cell::Text(text), Cell::Instant)
            }
            (CellKind::Truth, Value::Bool(truth)) => Cell::Truth(truth),
            (_, value) => Cell::Text(joined(&value)),
        }
    }
}

/// A value in one cell: elements are joined by `; `, the members of an element by a space.
fn joined(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(joined).collect::<Vec<_>>().join("; "),
        Value::Object(members) => {
            let texts = members.values().map(joined).filter(|member| !member.is_empty());
            texts.collect::<Vec<_>>().join(" ")
        }
        scalar => scalar.to_string(),
    }
}
