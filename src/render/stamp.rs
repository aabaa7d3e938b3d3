//! The columns that `--stamped` adds to each row: what the answer is based on (interface.md section 1).

use serde_json::{Map, Value};

use crate::error::Result;
use crate::table::{Answer, Cell, CellKind, Columns, outline};

/// The names and kinds of the columns that `--stamped` adds.
const COLUMNS: Columns = &[
    ("as_of", CellKind::Instant),
    ("known_on", CellKind::Instant),
    ("billing_model", CellKind::Text),
];

/// The values of the columns that `--stamped` adds. They are the same in every row.
pub(super) struct Stamp([Value; COLUMNS.len()]);

impl Stamp {
    /// The values that `--stamped` adds to the rows of an answer. For an answer about a span of time, `as_of`
    /// is its end.
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

    /// The columns that `--stamped` adds, each with its value as a cell.
    pub fn cells(self) -> Vec<(&'static str, Cell)> {
        let columns = COLUMNS.iter().zip(self.0);
        columns.map(|((name, kind), value)| (*name, kind.cell(value))).collect()
    }

    /// The row with the columns that `--stamped` adds behind its own. If the row has a column of one of these
    /// names already, its own value stays.
    pub fn added_to(&self, mut row: Value) -> Value {
        if let Some(members) = row.as_object_mut() {
            for ((name, _), value) in COLUMNS.iter().zip(&self.0) {
                members.entry(*name).or_insert_with(|| value.clone());
            }
        }
        row
    }
}

/// The billing model of the only enterprise. If there are several enterprises, a text with the name and the
/// billing model of each.
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
