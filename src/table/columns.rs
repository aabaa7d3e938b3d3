//! The columns of an answer's rows, and the kinds of their values. The declared kind decides the type of a
//! cell. The text of a value is never used to guess that it is a date or a number.

use rust_decimal::Decimal;
use serde_json::Value;

use super::Cell;
use crate::model::{DayMeans, Instant};

/// The columns of a row: the keys of its JSON in their order, each with the kind of its values.
pub type Columns = &'static [(&'static str, CellKind)];

/// The columns of a [`crate::model::Source`].
pub const SOURCE_COLUMNS: Columns = &[("kind", CellKind::Text), ("name", CellKind::Text)];

/// The kind of a column's values. A value of any kind may be absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellKind {
    /// A value that is text in JSON and is neither money nor a time.
    Text,
    /// A whole number.
    Whole,
    /// Money, which JSON writes as a text.
    Money,
    /// A point in time, which JSON writes as a text.
    Instant,
    /// A truth value, yes or no.
    Truth,
    /// A list in one cell: its elements are joined by `; `, the members of an element by a space.
    List,
    /// An object. Each member is a column of its own, whose name begins with the object's key and a dot.
    Object(Columns),
}

impl CellKind {
    /// Makes the cell for a value. A value of another kind than the declared one becomes text.
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

/// Writes a value as the text of one cell. The elements of a list are joined by `; `, and the members of an
/// element by a space.
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
