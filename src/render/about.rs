//! Makes the table for the sheet `about` of a workbook, with the values of an answer that are in no row, such
//! as totals. They differ from answer to answer, so their kinds are not declared: a text that can be read as an
//! instant counts as one.

use serde_json::{Map, Value};

use crate::model::{DayMeans, Instant};
use crate::table::{Cell, CellKind, Table};

/// The table for the sheet `about`, with one line for each value. Names below each other are easier to read
/// than one wide row.
pub(super) fn about(members: &Map<String, Value>) -> Table {
    let mut about = Table::new(&["what", "value"]);
    for (name, value) in members {
        add(name, value, &mut about);
    }
    about
}

/// Adds a value to the table. An object becomes one line for each of its members, with a dotted name such as
/// `seats.cloud_only`.
fn add(name: &str, value: &Value, about: &mut Table) {
    if let Value::Object(members) = value {
        for (member, value) in members {
            add(&format!("{name}.{member}"), value, about);
        }
        return;
    }
    let kind = match value {
        Value::Bool(_) => CellKind::Truth,
        Value::Number(_) => CellKind::Whole,
        Value::String(text) if text == "0.00" => CellKind::Money,
        Value::String(text) if Instant::parse(text, DayMeans::Start).is_some() => CellKind::Instant,
        Value::String(_) => CellKind::Text,
        _ => CellKind::List,
    };
    about.rows.push(vec![Cell::from(name), kind.cell(value.clone())]);
}
