//! The columns that `--stamped` adds to each row. They state the basis of the answer (interface.md section 1).

use serde_json::{Map, Value};

use crate::error::Result;
use crate::table::{Answer, Cell, CellKind, Columns, outline};

/// The columns that `--stamped` adds.
const COLUMNS: Columns = &[
    ("as_of", CellKind::Instant),
    ("known_on", CellKind::Instant),
    ("billing_model", CellKind::Text),
];

/// The values of the columns that `--stamped` adds.
pub(super) struct Stamp([Value; COLUMNS.len()]);

impl Stamp {
    /// The values that `--stamped` adds to the rows of an answer. If the answer is about a span, `as_of` is the
    /// end of the span.
    ///
    /// # Errors
    /// [`crate::error::ErrorKind::Bug`] if the answer cannot be represented as JSON.
    pub fn of<A: Answer>(answer: &A) -> Result<Stamp> {
        let members = outline(answer)?;
        let end = || members.get("to").and_then(|to| to.get("at"));
        let as_of = members.get("as_of").or_else(end).cloned();
        let known_on = members.get("known_on").cloned();
        Ok(Stamp([
            as_of.unwrap_or_default(),
            known_on.unwrap_or_default(),
            billing_model(&members),
        ]))
    }

    /// The added columns, each with its value as a cell.
    pub fn cells(self) -> Vec<(&'static str, Cell)> {
        let columns = COLUMNS.iter().zip(self.0);
        columns.map(|((name, kind), value)| (*name, kind.cell(value))).collect()
    }

    /// Adds the columns to a row, after the row's own columns. If the row already has a column of the same name,
    /// the row keeps its own value.
    pub fn added_to(&self, mut row: Value) -> Value {
        if let Some(members) = row.as_object_mut() {
            for ((name, _), value) in COLUMNS.iter().zip(&self.0) {
                members.entry(*name).or_insert_with(|| value.clone());
            }
        }
        row
    }
}

/// The billing model of the only enterprise, or a text with the name and the billing model of each enterprise.
fn billing_model(members: &Map<String, Value>) -> Value {
    let models = members.get("billing_models").and_then(Value::as_array);
    let texts = |model: &Value| {
        let text = |key: &str| model.get(key).and_then(Value::as_str).map(str::to_owned);
        Some((text("enterprise"), text("model")?))
    };
    let models: Vec<_> = models.into_iter().flatten().filter_map(texts).collect();
    match models.as_slice() {
        [] => Value::Null,
        [(_, model)] => model.as_str().into(),
        several => {
            let told = several.iter().map(|(enterprise, model)| {
                format!("{}: {model}", enterprise.as_deref().unwrap_or("no enterprise"))
            });
            told.collect::<Vec<_>>().join("; ").into()
        }
    }
}
