//! A record: what a file states about one account. It has all fields of the account with their values,
//! including fields that oneseat does not know.
//!
//! A record has one canonical text: the names of its fields ([`ShapeText`], which most records of a file share)
//! and a JSON array of the values in the order of the names. Lists without order are sorted. So two downloads
//! of the same content have the same canonical text, even if the order of keys or lists differs
//! (architecture.md section 2). Values stay as the file has them, and no types are guessed.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::field::is_set;
use super::first_escaped;
use crate::email::{self, trimmed};

/// One value of a file, as received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<'a> {
    /// JSON `null`.
    Null,
    /// JSON `true` or `false`.
    Bool(bool),
    /// A JSON number with the digits that the file has.
    Number(Cow<'a, str>),
    /// A JSON string, or the text of a CSV cell.
    Text(Cow<'a, str>),
    /// A list of texts.
    List(Vec<Cow<'a, str>>),
    /// Any other JSON value, in canonical form (keys sorted).
    Json(String),
}

/// A field of a record: a name and a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field<'a> {
    /// The name of the field: a JSON key, or the normalized name of a column.
    pub name: Cow<'a, str>,
    /// The value of the field.
    pub value: Value<'a>,
}

/// What a file states about one account, with the fields in the order of their names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Record<'a> {
    fields: Vec<Field<'a>>,
}

/// The names of a record's fields, as canonical JSON text.
pub type ShapeText = String;

impl<'a> Value<'a> {
    /// Reads the JSON value of a field.
    ///
    /// # Errors
    /// If the text is not JSON.
    pub fn from_json(raw: &'a RawValue) -> Result<Value<'a>, serde_json::Error> {
        let text = raw.get();
        Ok(match text.as_bytes().first() {
            Some(b'n') => Value::Null,
            Some(b't') => Value::Bool(true),
            Some(b'f') => Value::Bool(false),
            Some(b'"') => Value::Text(string(text)?),
            Some(b'[') => match serde_json::from_str::<Vec<&'a RawValue>>(text) {
                Ok(items) if items.iter().all(|item| item.get().starts_with('"')) => Value::List(
                    items.iter().map(|item| string(item.get())).collect::<Result<_, _>>()?,
                ),
                _ => Value::Json(canonical(text)?),
            },
            Some(b'{') => Value::Json(canonical(text)?),
            _ => Value::Number(Cow::Borrowed(text)),
        })
    }

    /// The text of the value, if the value is a text or a number and is not empty.
    pub fn text(&self) -> Option<&str> {
        match self {
            Value::Text(text) | Value::Number(text) if !trimmed(text).is_empty() => Some(text),
            _ => None,
        }
    }

    /// The truth value of the field: JSON `true` or `false`, or the word `true` or `false` in any letter case.
    pub fn truth(&self) -> Option<bool> {
        match self {
            Value::Bool(truth) => Some(*truth),
            Value::Text(text) if text.trim().eq_ignore_ascii_case("true") => Some(true),
            Value::Text(text) if text.trim().eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }

    /// The items of a list. A text is split like a CSV cell that contains a list (formats.md section 2).
    pub fn items(&self) -> Vec<&str> {
        self.each_item().collect()
    }

    /// The items of a list like [`Value::items`], but one at a time, without a new list.
    pub fn each_item(&self) -> impl Iterator<Item = &str> {
        let (list, cell) = match self {
            Value::List(items) => (items.as_slice(), None),
            Value::Text(text) | Value::Number(text) => (&[][..], Some(split_cell(text))),
            _ => (&[][..], None),
        };
        let items = list.iter().map(|item| trimmed(item)).filter(|item| !item.is_empty());
        items.chain(cell.into_iter().flatten())
    }

    /// Is the value null, an empty text or an empty list?
    pub fn is_empty(&self) -> bool {
        match self {
            Value::Null => true,
            Value::Text(text) => trimmed(text).is_empty(),
            Value::List(items) => items.is_empty(),
            Value::Bool(_) | Value::Number(_) | Value::Json(_) => false,
        }
    }

    /// Appends the value to `out` as JSON text.
    pub fn write_json(&self, out: &mut String) {
        match self {
            Value::Null => out.push_str("null"),
            Value::Bool(true) => out.push_str("true"),
            Value::Bool(false) => out.push_str("false"),
            Value::Number(text) => out.push_str(text),
            Value::Text(text) => write_string(text, out),
            Value::List(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    write_string(item, out);
                }
                out.push(']');
            }
            Value::Json(text) => out.push_str(text),
        }
    }

    /// The same value with a text of its own, which does not borrow from the file.
    pub fn into_owned(self) -> Value<'static> {
        let own = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        match self {
            Value::Null => Value::Null,
            Value::Bool(truth) => Value::Bool(truth),
            Value::Number(text) => Value::Number(own(text)),
            Value::Text(text) => Value::Text(own(text)),
            Value::List(items) => Value::List(items.into_iter().map(own).collect()),
            Value::Json(text) => Value::Json(text),
        }
    }

    /// The value as text that does not depend on the format: a CSV cell has no null and no JSON `true`. `set`
    /// states whether the value is a list in which order means nothing. `None` if the value is empty.
    fn meaning(&self, set: bool) -> Option<String> {
        if self.is_empty() {
            return None;
        }
        if set {
            let mut items = self.items();
            items.sort_unstable();
            return (!items.is_empty()).then(|| items.join("\n"));
        }
        if let Some(truth) = self.truth() {
            return Some(truth.to_string());
        }
        match self {
            Value::Text(text) | Value::Number(text) => Some(text.trim().to_owned()),
            other => {
                let mut text = String::new();
                other.write_json(&mut text);
                Some(text)
            }
        }
    }
}

/// The items of a cell that contains a list, separated by commas or newlines, with or without spaces (formats.md
/// section 2).
pub fn split_cell(cell: &str) -> impl Iterator<Item = &str> {
    cell.split([',', '\n', '\r']).map(str::trim).filter(|piece| !piece.is_empty())
}

impl<'a> Record<'a> {
    /// Makes a record from fields in any order.
    ///
    /// # Errors
    /// If a field occurs twice. The error is the name of that field.
    pub fn new(mut fields: Vec<Field<'a>>) -> Result<Record<'a>, String> {
        if !fields.is_sorted_by(|a, b| a.name < b.name) {
            fields.sort_by(|a, b| a.name.cmp(&b.name));
            if let Some(pair) = fields.windows(2).find(|pair| pair[0].name == pair[1].name) {
                return Err(pair[0].name.clone().into_owned());
            }
        }
        for field in &mut fields {
            if let Value::List(items) = &mut field.value
                && is_set(&field.name)
            {
                items.sort_unstable();
            }
        }
        Ok(Record { fields })
    }

    /// Makes a record from fields that are sorted by name. No name may occur twice, and lists in which order
    /// means nothing must be sorted.
    pub fn in_order(fields: Vec<Field<'a>>) -> Record<'a> {
        debug_assert!(fields.is_sorted_by(|a, b| a.name < b.name));
        Record { fields }
    }

    /// Like [`Record::in_order`], but without the check of the order in debug builds.
    pub(super) fn of_sorted(fields: Vec<Field<'a>>) -> Record<'a> {
        Record { fields }
    }

    /// The fields in the order of their names.
    pub fn fields(&self) -> &[Field<'a>] {
        &self.fields
    }

    /// The name and the value of each field, for changes. After changing a list in which order means nothing,
    /// the caller must sort it again.
    pub fn values_mut(&mut self) -> impl Iterator<Item = (&str, &mut Value<'a>)> {
        self.fields.iter_mut().map(|field| (field.name.as_ref(), &mut field.value))
    }

    /// Does the record have this field with a value that can be read? A JSON object cannot. The field `emails`
    /// may also be a list of objects with addresses.
    pub fn states(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| match value {
            Value::Json(text) => name == "emails" && text.starts_with('['),
            _ => true,
        })
    }

    /// The value of a field; `None` if the file lacks the field.
    pub fn get(&self, name: &str) -> Option<&Value<'a>> {
        let at = self.fields.binary_search_by(|field| field.name.as_ref().cmp(name)).ok()?;
        Some(&self.fields[at].value)
    }

    /// Appends the names of the fields to `out`, as a JSON array.
    pub fn write_shape(&self, out: &mut ShapeText) {
        write_array(&self.fields, out, |field, out| write_string(&field.name, out));
    }

    /// Appends the values to `out` as a JSON array, in the order of the field names. This is the canonical text.
    pub fn write_values(&self, out: &mut String) {
        write_array(&self.fields, out, |field, out| field.value.write_json(out));
    }

    /// The record as a JSON object.
    pub fn to_json(&self) -> String {
        let mut out = String::from("{");
        for (index, field) in self.fields.iter().enumerate() {
            if index > 0 {
                out.push(',');
            }
            write_string(&field.name, &mut out);
            out.push(':');
            field.value.write_json(&mut out);
        }
        out.push('}');
        out
    }

    /// Makes a record from the texts that [`Record::write_shape`] and [`Record::write_values`] wrote.
    ///
    /// # Errors
    /// If the texts are not two JSON arrays of equal length.
    pub fn from_stored(shape: &'a str, values: &'a str) -> Result<Record<'a>, serde_json::Error> {
        let names: Vec<Text<'a>> = serde_json::from_str(shape)?;
        let values: Vec<&'a RawValue> = serde_json::from_str(values)?;
        if names.len() != values.len() {
            return Err(serde::de::Error::invalid_length(values.len(), &"one value for each name"));
        }
        let fields = names
            .into_iter()
            .zip(values)
            .map(|(name, raw)| Ok(Field { name: name.0, value: Value::from_json(raw)? }))
            .collect::<Result<_, serde_json::Error>>()?;
        Ok(Record { fields })
    }

    /// Does the record contain this text as a value or as an item of a list? Surrounding white space does not
    /// matter.
    pub fn says(&self, text: &str) -> bool {
        self.any_text(&mut |it| it.trim() == text.trim())
    }

    /// Like [`Record::says`], regardless of letter case.
    pub fn says_in_any_case(&self, text: &str) -> bool {
        self.any_text(&mut |it| email::login_key(it) == email::login_key(text))
    }

    fn any_text(&self, is_it: &mut impl FnMut(&str) -> bool) -> bool {
        self.fields.iter().any(|field| match &field.value {
            Value::Json(text) => {
                serde_json::from_str(text).is_ok_and(|json| any_text_in(&json, is_it))
            }
            value => {
                value.text().is_some_and(&mut *is_it) || value.items().into_iter().any(&mut *is_it)
            }
        })
    }

    /// The fields that are not empty, as text that does not depend on the format. It distinguishes records that
    /// have no login, no id and no address.
    pub fn meaning(&self) -> String {
        let mut out = String::new();
        for field in &self.fields {
            if let Some(meaning) = field.value.meaning(is_set(&field.name)) {
                write_string(&field.name, &mut out);
                write_string(&meaning, &mut out);
            }
        }
        out
    }
}

/// Do two records agree in every field that both have? A field that only one of them has is no difference
/// (architecture.md section 2).
pub fn say_the_same(a: &Record<'_>, b: &Record<'_>) -> bool {
    a.fields.iter().all(|field| match b.get(&field.name) {
        Some(value) => {
            let set = is_set(&field.name);
            field.value.meaning(set) == value.meaning(set)
        }
        None => true,
    })
}

fn any_text_in(json: &serde_json::Value, is_it: &mut impl FnMut(&str) -> bool) -> bool {
    match json {
        serde_json::Value::String(text) => is_it(text),
        serde_json::Value::Number(number) => is_it(&number.to_string()),
        serde_json::Value::Array(items) => items.iter().any(|item| any_text_in(item, is_it)),
        serde_json::Value::Object(fields) => fields.values().any(|it| any_text_in(it, is_it)),
        serde_json::Value::Null | serde_json::Value::Bool(_) => false,
    }
}

fn write_array<T>(items: &[T], out: &mut String, write: impl Fn(&T, &mut String)) {
    out.push('[');
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write(item, out);
    }
    out.push(']');
}

/// Appends a text to `out` as a JSON string.
pub(super) fn write_string(text: &str, out: &mut String) {
    if first_escaped(text.as_bytes(), 0).is_none() {
        out.reserve(text.len() + 2);
        out.push('"');
        out.push_str(text);
        out.push('"');
    } else {
        out.push_str(&serde_json::Value::from(text).to_string());
    }
}

/// A JSON string. The text is borrowed if it has no escapes.
#[derive(serde::Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

fn string(text: &str) -> Result<Cow<'_, str>, serde_json::Error> {
    Ok(serde_json::from_str::<Text<'_>>(text)?.0)
}

/// A JSON text in canonical form: with sorted keys in its objects, and without white space.
fn canonical(text: &str) -> Result<String, serde_json::Error> {
    let mut value: serde_json::Value = serde_json::from_str(text)?;
    value.sort_all_objects();
    Ok(value.to_string())
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::BTreeMap;

    use super::*;

    pub(in crate::model) fn record(json: &str) -> Record<'_> {
        let fields: BTreeMap<Cow<'_, str>, &RawValue> = serde_json::from_str(json).expect("JSON");
        let fields = fields
            .into_iter()
            .map(|(name, raw)| Field { name, value: Value::from_json(raw).expect("a value") })
            .collect();
        Record::new(fields).expect("no field twice")
    }

    fn texts(record: &Record<'_>) -> (String, String) {
        let (mut shape, mut values) = (String::new(), String::new());
        record.write_shape(&mut shape);
        record.write_values(&mut values);
        (shape, values)
    }

    #[test]
    fn the_canonical_text_forgets_order_and_keeps_everything_else() {
        let one = record(
            r#"{"b":"\u00fc\"","github_com_member_roles":["y:Member","x:Owner"],"a":1.50,"c":{"z":1,"y":[2]}}"#,
        );
        let other = record(
            r#"{"a":1.50,"c":{"y":[2],"z":1},"b":"ü\"","github_com_member_roles":["x:Owner","y:Member"]}"#,
        );
        assert_eq!(texts(&one), texts(&other));
        let (shape, values) = texts(&one);
        assert_eq!(shape, r#"["a","b","c","github_com_member_roles"]"#);
        assert_eq!(values, r#"[1.50,"ü\"",{"y":[2],"z":1},["x:Owner","y:Member"]]"#);
        assert_eq!(texts(&Record::from_stored(&shape, &values).expect("stored")), (shape, values));
    }

    #[test]
    fn formats_that_say_the_same_are_no_change() {
        let json = record(
            r#"{"github_com_user":true,"github_com_name":null,"github_com_member_roles":["b","a"],"only_here":1}"#,
        );
        let csv = record(
            r#"{"github_com_user":"TRUE","github_com_name":"","github_com_member_roles":"a, b"}"#,
        );
        assert!(say_the_same(&json, &csv) && say_the_same(&csv, &json));
        let other = record(r#"{"github_com_user":"FALSE"}"#);
        assert!(!say_the_same(&json, &other));
    }
}
