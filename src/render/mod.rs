//! Formats of output: an answer in, bytes out; no files, no terminals (interface.md section 1).
//!
//! A format is one file in this folder and one line in [`RENDERERS`].

mod csv;
mod json;
mod markdown;
mod pretty;

use serde_json::Value;

use crate::error::{Error, Result, quoted};
use crate::table::{Answer, Cell, Page, Table};

/// How to print.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// The delimiter of CSV.
    pub delimiter: u8,
    /// Begin CSV with a byte-order mark, for spreadsheets that want one.
    pub bom: bool,
    /// Do not protect cells that a spreadsheet would run as a formula.
    pub raw_cells: bool,
    /// The width of the terminal in characters; `None`: no terminal.
    pub width: Option<u16>,
    /// Use colors.
    pub color: bool,
}

/// An answer in the three shapes that formats print.
pub struct Printable {
    /// Its JSON.
    pub json: Value,
    /// The key of its list, if it has one.
    pub list: Option<&'static str>,
    /// Its list with dotted column names.
    pub table: Table,
    /// Its page for people.
    pub page: Page,
}

/// A format of output.
pub trait Renderer: Sync {
    /// The name on the command line.
    fn name(&self) -> &'static str;

    /// The answer as bytes.
    ///
    /// # Errors
    /// If the answer cannot be told in this format.
    fn render(&self, answer: &Printable, options: &Options) -> Result<Vec<u8>>;
}

/// Every format.
pub const RENDERERS: [&dyn Renderer; 6] =
    [&pretty::Pretty, &json::Json, &json::Ndjson, &csv::Csv, &csv::Tsv, &markdown::Markdown];

/// The format of a name.
///
/// # Errors
/// [`crate::error::Kind::Usage`] with the names that there are.
pub fn by_name(name: &str) -> Result<&'static dyn Renderer> {
    RENDERERS.into_iter().find(|renderer| renderer.name() == name).ok_or_else(|| {
        let names: Vec<&str> = RENDERERS.iter().map(|renderer| renderer.name()).collect();
        Error::usage(format!("there is no output format {}", quoted(name)))
            .hint(format!("there are: {}", names.join(", ")))
    })
}

impl Printable {
    /// Prepares an answer.
    ///
    /// # Errors
    /// [`crate::error::Kind::Bug`] if it cannot be told as JSON.
    pub fn new<A: Answer>(answer: &A) -> Result<Printable> {
        let json = to_json(answer)?;
        let table = flat_table(&json, &to_json(&A::example())?, A::LIST);
        Ok(Printable { json, list: A::LIST, table, page: answer.page() })
    }

    /// The elements of the list; the answer itself if it has none.
    fn elements(&self) -> Vec<&Value> {
        elements(&self.json, self.list)
    }
}

fn to_json<A: serde::Serialize>(answer: &A) -> Result<Value> {
    serde_json::to_value(answer)
        .map_err(|error| Error::bug("an answer cannot be told as JSON").caused_by(error))
}

fn elements<'v>(json: &'v Value, list: Option<&str>) -> Vec<&'v Value> {
    match list {
        Some(key) => json.get(key).and_then(Value::as_array).into_iter().flatten().collect(),
        None => vec![json],
    }
}

/// One row for each element; the columns are the dotted paths of the example's scalars and lists.
fn flat_table(json: &Value, example: &Value, list: Option<&str>) -> Table {
    let mut columns = Vec::new();
    if let Some(example) = elements(example, list).first() {
        collect_paths(example, &mut Vec::new(), &mut columns);
    }
    let rows = elements(json, list)
        .into_iter()
        .map(|element| columns.iter().map(|path| cell(element, path)).collect())
        .collect();
    Table { title: None, columns: columns.iter().map(|path| path.join(".")).collect(), rows }
}

fn collect_paths(value: &Value, path: &mut Vec<String>, paths: &mut Vec<Vec<String>>) {
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                path.push(key.clone());
                collect_paths(member, path, paths);
                path.pop();
            }
        }
        _ => paths.push(path.clone()),
    }
}

fn cell(element: &Value, path: &[String]) -> Cell {
    match path.iter().try_fold(element, |value, key| value.get(key)) {
        None | Some(Value::Null) => Cell::Absent,
        Some(Value::Bool(truth)) => Cell::Truth(*truth),
        Some(Value::Number(number)) => match number.as_i64() {
            Some(number) => Cell::Integer(number),
            None => Cell::Text(number.to_string()),
        },
        Some(value) => Cell::Text(joined(value)),
    }
}

/// A list in one cell: its elements joined by `; `, the members of an element by a space.
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
