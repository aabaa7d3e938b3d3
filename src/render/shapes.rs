//! An answer in the shapes that formats print: JSON, rows and a table (interface.md section 1).

use std::borrow::Cow;

use rust_decimal::Decimal;
use serde_json::{Map, Value};

use super::renderer::Printable;
use crate::error::{Error, Result};
use crate::model::{DayMeans, Instant};
use crate::table::{Answer, Cell, Page, Table};

impl<A: Answer> Printable for A {
    fn list(&self) -> Option<&'static str> {
        A::LIST
    }

    fn json(&self) -> Result<Value> {
        to_json(self)
    }

    fn json_text(&self) -> Result<Vec<u8>> {
        serde_json::to_vec_pretty(self).map_err(not_json)
    }

    fn rows(&self, stamped: bool) -> Result<Vec<Value>> {
        let json = to_json(self)?;
        let stamp = stamped.then(|| stamp_of(&json));
        let (mut rows, after) = self.lines_around();
        rows.extend(elements(json, A::LIST));
        rows.extend(after);
        Ok(rows.into_iter().map(|row| with_stamp(row, stamp.as_ref())).collect())
    }

    fn table(&self, stamped: bool) -> Result<Cow<'_, Table>> {
        let example = to_json(&A::example())?;
        let stamp = stamped.then(example_stamp);
        let element = elements(example, A::LIST).into_iter().next().unwrap_or_default();
        let rows = Printable::rows(self, stamped)?;
        Ok(Cow::Owned(flat_table(&rows, &with_stamp(element, stamp.as_ref()))))
    }

    fn said_below(&self) -> Option<String> {
        Answer::said_below(self)
    }

    fn rests_on(&self) -> Vec<String> {
        Answer::rests_on(self)
    }

    fn page(&self) -> Cow<'_, Page> {
        Cow::Owned(Answer::page(self))
    }
}

fn to_json<A: serde::Serialize>(answer: &A) -> Result<Value> {
    serde_json::to_value(answer).map_err(not_json)
}

pub(super) fn not_json(error: serde_json::Error) -> Error {
    Error::bug("an answer cannot be written as JSON").caused_by(error)
}

/// The elements of an answer's list, or the answer itself if it has none.
fn elements(mut json: Value, list: Option<&str>) -> Vec<Value> {
    match list {
        Some(key) => match json.get_mut(key).map(Value::take) {
            Some(Value::Array(elements)) => elements,
            _ => Vec::new(),
        },
        None => vec![json],
    }
}

/// One row for each element. The columns are the dotted paths of the example's scalars and lists.
pub(super) fn flat_table(elements: &[Value], example: &Value) -> Table {
    let mut columns = Vec::new();
    collect_paths(example, &mut Vec::new(), &mut columns);
    let row = |element: &Value| columns.iter().map(|column| cell(element, column)).collect();
    let rows = elements.iter().map(row).collect();
    let columns = columns.iter().map(|it| it.path.join(".")).collect();
    Table { columns, rows, ..Table::default() }
}

/// What an answer is based on, as the columns that `--stamped` adds (interface.md section 1). For an answer
/// about a span, the instant is the end of the span.
fn stamp_of(json: &Value) -> Map<String, Value> {
    let as_of = json.get("as_of").or_else(|| json.pointer("/to/at"));
    let models = json.get("billing_models").and_then(Value::as_array);
    let texts = |model: &Value| {
        let text = |key: &str| model.get(key).and_then(Value::as_str).map(str::to_owned);
        Some((text("enterprise"), text("model")?))
    };
    let models: Vec<_> = models.into_iter().flatten().filter_map(texts).collect();
    let model = match models.as_slice() {
        [] => Value::Null,
        [(_, model)] => model.as_str().into(),
        several => {
            let told = several.iter().map(|(enterprise, model)| {
                format!("{}: {model}", enterprise.as_deref().unwrap_or("no enterprise"))
            });
            told.collect::<Vec<_>>().join("; ").into()
        }
    };
    let known_on = json.get("known_on").cloned().unwrap_or_default();
    stamp(as_of.cloned().unwrap_or_default(), known_on, model)
}

fn example_stamp() -> Map<String, Value> {
    let instant = || Value::from(Instant::default().to_string());
    stamp(instant(), instant(), Value::Null)
}

fn stamp(as_of: Value, known_on: Value, model: Value) -> Map<String, Value> {
    let columns = [("as_of", as_of), ("known_on", known_on), ("billing_model", model)];
    columns.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// A row with the columns of the stamp after its own. A column that the row already has keeps its value.
fn with_stamp(mut row: Value, stamp: Option<&Map<String, Value>>) -> Value {
    if let (Some(members), Some(stamp)) = (row.as_object_mut(), stamp) {
        for (name, value) in stamp {
            members.entry(name.clone()).or_insert_with(|| value.clone());
        }
    }
    row
}

/// A column: the path of its values in an element, and the kind of its texts.
struct Column {
    path: Vec<String>,
    texts: TextKind,
}

/// What the texts of a column are. The example decides it, so that no text of the data is ever guessed.
#[derive(Clone, Copy)]
enum TextKind {
    Plain,
    Instants,
    Decimals,
}

fn collect_paths(value: &Value, path: &mut Vec<String>, columns: &mut Vec<Column>) {
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                path.push(key.clone());
                collect_paths(member, path, columns);
                path.pop();
            }
        }
        value => {
            let texts = match value.as_str() {
                Some("0.00") => TextKind::Decimals,
                Some(text) if Instant::parse(text, DayMeans::Start).is_some() => TextKind::Instants,
                _ => TextKind::Plain,
            };
            columns.push(Column { path: path.clone(), texts });
        }
    }
}

fn cell(element: &Value, column: &Column) -> Cell {
    match column.path.iter().try_fold(element, |value, key| value.get(key)) {
        None | Some(Value::Null) => Cell::Absent,
        Some(Value::Bool(truth)) => Cell::Truth(*truth),
        Some(Value::Number(number)) => match number.as_i64() {
            Some(number) => Cell::Integer(number),
            None => Cell::Text(number.to_string()),
        },
        Some(Value::String(text)) => typed(text, column.texts),
        Some(value) => Cell::Text(joined(value)),
    }
}

fn typed(text: &str, texts: TextKind) -> Cell {
    let typed = match texts {
        TextKind::Plain => None,
        TextKind::Instants => Instant::parse(text, DayMeans::Start).map(Cell::Instant),
        TextKind::Decimals => text.parse::<Decimal>().ok().map(Cell::Decimal),
    };
    typed.unwrap_or_else(|| Cell::Text(text.to_owned()))
}

/// A list in one cell: elements are joined by `; `, the members of an element by a space.
fn joined(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(joined).collect::<Vec<_>>().join("; "),
        Value::Object(members) => {
            let told = members.values().map(joined).filter(|member| !member.is_empty());
            told.collect::<Vec<_>>().join(" ")
        }
        scalar => scalar.to_string(),
    }
}
