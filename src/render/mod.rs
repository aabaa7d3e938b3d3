//! Output formats: they turn an answer into bytes, without files or terminals (interface.md section 1).
//!
//! A format is one file in this folder and one line in [`RENDERERS`].

mod csv;
mod json;
mod layout;
mod markdown;
#[cfg(feature = "parquet")]
mod parquet;
mod pretty;
mod rows;
mod xlsx;

use std::borrow::Cow;
use std::io::Write;

use rust_decimal::Decimal;
use serde_json::{Map, Value};

use crate::error::{Error, Result, is_obeyed, quoted};
use crate::model::{DayMeans, Instant};
use crate::table::{Answer, Cell, Page, Table};
pub use rows::Printing;

/// The options of printing.
#[derive(Debug, Clone, Copy)]
pub struct PrintOptions {
    /// The delimiter of CSV.
    pub delimiter: u8,
    /// Begin CSV with a byte-order mark, which some spreadsheets need.
    pub bom: bool,
    /// Write a comma instead of the point in the numbers of CSV, for spreadsheets that expect it.
    pub decimal_comma: bool,
    /// Do not protect cells that a spreadsheet would run as a formula.
    pub raw_cells: bool,
    /// Add to each row what the answer is based on: `as_of`, `known_on`, `billing_model`.
    pub stamped: bool,
    /// Is the output a terminal? Then characters of the data that a terminal would obey are escaped.
    pub terminal: bool,
    /// The width at which sentences are broken, in characters; `None`: each sentence is one line.
    pub width: Option<u16>,
    /// The maximum width of a table for people, in characters; `None`: no maximum.
    pub table_width: Option<u16>,
    /// Use colors.
    pub color: bool,
}

/// An answer in the shapes that formats print. Each shape is made when a format asks for it, because an answer
/// may be long and a format needs one of them.
pub trait Printable {
    /// The JSON key of the answer's list, if it has one.
    fn list(&self) -> Option<&'static str>;

    /// The answer as JSON; null if it consists of rows only.
    ///
    /// # Errors
    /// [`crate::error::ErrorKind::Bug`] if it cannot be represented as JSON.
    fn json(&self) -> Result<Value>;

    /// The JSON as indented text.
    ///
    /// # Errors
    /// As with [`Printable::json`].
    fn json_text(&self) -> Result<Vec<u8>>;

    /// One row for each element of the list, or one for the answer itself, and the lines before and after them.
    /// `stamped` adds to each row what the answer is based on.
    ///
    /// # Errors
    /// As with [`Printable::json`].
    fn rows(&self, stamped: bool) -> Result<Vec<Value>>;

    /// The rows, with dotted column names.
    ///
    /// # Errors
    /// As with [`Printable::json`].
    fn table(&self, stamped: bool) -> Result<Cow<'_, Table>>;

    /// A sentence below the rows, if the rows alone could be mistaken for another answer.
    fn said_below(&self) -> Option<String>;

    /// What the answer is based on, in sentences, if that is not the usual.
    fn rests_on(&self) -> Vec<String>;

    /// The page for people.
    fn page(&self) -> Cow<'_, Page>;
}

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

/// A format of output.
pub trait Renderer: Sync {
    /// The name of the format on the command line.
    fn name(&self) -> &'static str;

    /// The answer as bytes.
    ///
    /// # Errors
    /// If the format cannot represent the answer.
    fn render(&self, answer: &dyn Printable, options: &PrintOptions) -> Result<Vec<u8>>;

    /// Begins to print rows as they come; `None` if the format needs all of them first.
    fn stream<'w>(
        &self,
        _out: &'w mut dyn Write,
        _options: &PrintOptions,
    ) -> Option<Box<dyn Printing + 'w>> {
        None
    }

    /// The maximum number of rows to show a person; the number of the others is printed. `None`: no maximum.
    fn most_rows(&self) -> Option<usize> {
        None
    }

    /// Is the output unsuitable for a terminal?
    fn is_binary(&self) -> bool {
        false
    }
}

/// All formats.
pub const RENDERERS: &[&dyn Renderer] = &[
    &pretty::Pretty,
    &json::Json,
    &json::Ndjson,
    &csv::Csv,
    &csv::Tsv,
    &markdown::Markdown,
    &xlsx::Xlsx,
    #[cfg(feature = "parquet")]
    &parquet::Parquet,
];

/// Begins to print an answer that consists of rows only.
pub fn printing<'w>(
    renderer: &'static dyn Renderer,
    out: &'w mut dyn Write,
    options: &PrintOptions,
) -> Box<dyn Printing + 'w> {
    // The first call only checks: `out` can be passed on only once.
    if renderer.stream(&mut std::io::sink(), options).is_some()
        && let Some(printing) = renderer.stream(out, options)
    {
        return printing;
    }
    rows::collected(renderer, options)
}

/// The format with this name.
///
/// # Errors
/// [`crate::error::ErrorKind::Usage`] with the known names.
pub fn by_name(name: &str) -> Result<&'static dyn Renderer> {
    RENDERERS.iter().copied().find(|renderer| renderer.name() == name).ok_or_else(|| {
        if name == "parquet" {
            return Error::usage(
                "this oneseat was built without Parquet; \
                 `cargo install --path . --features parquet` builds one with it",
            );
        }
        let names: Vec<&str> = RENDERERS.iter().map(|renderer| renderer.name()).collect();
        Error::usage(format!(
            "there is no output format {} (there are: {})",
            quoted(name),
            names.join(", ")
        ))
    })
}

/// JSON for a terminal: the same values, with every character escaped that a terminal would obey. Line breaks
/// occur only between values and stay.
pub fn json_for_terminal(json: &str) -> Cow<'_, str> {
    let obeyed = |character: char| is_obeyed(character) && character != '\n';
    if !json.contains(obeyed) {
        return Cow::Borrowed(json);
    }
    let mut escaped = String::with_capacity(json.len());
    for character in json.chars() {
        match obeyed(character) {
            true => escaped.push_str(&format!("\\u{:04x}", u32::from(character))),
            false => escaped.push(character),
        }
    }
    Cow::Owned(escaped)
}

fn to_json<A: serde::Serialize>(answer: &A) -> Result<Value> {
    serde_json::to_value(answer).map_err(not_json)
}

fn not_json(error: serde_json::Error) -> Error {
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
fn flat_table(elements: &[Value], example: &Value) -> Table {
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

/// Is a cell a number? Numbers are aligned to the right.
fn is_number(cell: &Cell) -> bool {
    matches!(cell, Cell::Integer(_) | Cell::Real(_) | Cell::Decimal(_))
}

/// A number as SQL and JSON write it: the shortest text that parses to the same number.
fn real(number: f64) -> String {
    serde_json::Number::from_f64(number).map_or_else(|| number.to_string(), |it| it.to_string())
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
