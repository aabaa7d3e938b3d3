//! Judges the types of the values in a JSON entry (directory.md section 1; formats.md section 1, "A known field of
//! another type"). A value of another type than its field has is refused by line where identity rests on it, and
//! noted elsewhere. What can be read all the same is read by `entry_members`.

use serde_json::value::RawValue;

use super::entry_members::{EntryMembers, list_of, members_of, scalar_of, text_of};
use super::list::DirectoryList;
use super::values;
use crate::error::{Error, Result, quoted};

/// A key of an entry that is used, with what its value holds.
pub type JsonField = (&'static str, Holds);

/// What the value of a field holds.
#[derive(Clone, Copy)]
pub enum Holds {
    /// An id or a name to sign in with: a text or a number. Identity rests on it.
    Identity,
    /// Addresses: a text or a list of texts. Identity rests on it.
    Addresses,
    /// Addresses as objects with these members, or as texts. Identity rests on it.
    AddressObjects(&'static [JsonField]),
    /// Whether a person is active: true or false, also as a text or a number.
    Truth,
    /// A text or a number on which no identity rests.
    Text,
    /// An object with these members.
    Object(&'static [JsonField]),
    /// A text, a number, or an object with these members.
    Named(&'static [JsonField]),
    /// A value that its reader judges by itself, such as a date.
    Any,
}

/// Judges one value under a key. `above` is the name of the field that holds the object of the key.
///
/// # Errors
/// If identity rests on the value, and its type is another one. The error names no line yet.
pub fn judge(
    (above, key): (Option<&str>, &str),
    raw: &RawValue,
    holds: Holds,
    list: &mut DirectoryList,
) -> Result<()> {
    let name = || above.map_or_else(|| key.to_owned(), |above| format!("{above}.{key}"));
    let what = type_of(raw);
    let is = |types: &[JsonType]| types.contains(&what);
    if is(&[JsonType::Null]) {
        return Ok(());
    }
    match holds {
        Holds::Any => {}
        Holds::Identity => {
            if !is(&[JsonType::Text, JsonType::Number]) && !holds_one(raw) {
                return Err(of_another_type(&name(), what, "a text"));
            }
        }
        Holds::Addresses => {
            for element in list_of(raw) {
                judge_address(&name, element, list)?;
            }
        }
        Holds::AddressObjects(fields) => {
            for element in list_of(raw) {
                match members_of(element) {
                    Some(members) => judge_members(&name(), &members, fields, list)?,
                    None => judge_address(&name, element, list)?,
                }
            }
        }
        Holds::Truth => {
            if is(&[JsonType::Object, JsonType::List]) {
                return Err(of_another_type(&name(), what, "true or false"));
            }
        }
        Holds::Text | Holds::Object(_) | Holds::Named(_) => {
            let fields = match holds {
                Holds::Object(fields) | Holds::Named(fields) => Some(fields),
                _ => None,
            };
            let is_text = is(&[JsonType::Text, JsonType::Number]) || holds_one(raw);
            match (fields, members_of(raw)) {
                (Some(fields), Some(members)) => judge_members(&name(), &members, fields, list)?,
                _ if text_of(raw).is_some_and(|text| values::is_printed_text(&text)) => {
                    list.note_printed(&name(), 1);
                }
                _ if matches!(holds, Holds::Object(_)) || !is_text => {
                    list.note_type(&name(), what.told());
                }
                _ => {}
            }
        }
    }
    Ok(())
}

/// Judges the members of an object that the field `above` holds.
fn judge_members(
    above: &str,
    members: &EntryMembers<'_>,
    fields: &'static [JsonField],
    list: &mut DirectoryList,
) -> Result<()> {
    for (key, holds) in fields {
        if let Some(raw) = members.raw(key) {
            judge((Some(above), key), raw, *holds, list)?;
        }
    }
    Ok(())
}

/// Judges one address. Numbers and truth values hold no address, so nothing is lost with them.
fn judge_address(
    name: &dyn Fn() -> String,
    raw: &RawValue,
    list: &mut DirectoryList,
) -> Result<()> {
    let what = type_of(raw);
    match what {
        JsonType::Null => {}
        JsonType::Text => {
            if text_of(raw).is_some_and(|text| values::is_printed_object(&text)) {
                list.note_printed(&name(), 1);
            }
        }
        JsonType::Number | JsonType::Truth => list.note_type(&name(), what.told()),
        JsonType::Object | JsonType::List => {
            return Err(of_another_type(&name(), what, "an address"));
        }
    }
    Ok(())
}

/// Whether a value is a list of one text or number, which is read in its place.
fn holds_one(raw: &RawValue) -> bool {
    type_of(raw) == JsonType::List
        && (scalar_of(raw).is_some() || list_of(raw).iter().all(|it| it.get() == "null"))
}

fn of_another_type(name: &str, what: JsonType, wanted: &str) -> Error {
    Error::input(format!("the field {} has {} in place of {wanted}", quoted(name), what.told()))
        .hint("save the answer as it came; from PowerShell with ConvertTo-Json -Depth 10")
}

/// The type of a JSON value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum JsonType {
    Null,
    Text,
    Number,
    Truth,
    Object,
    List,
}

impl JsonType {
    /// The type in words.
    fn told(self) -> &'static str {
        match self {
            JsonType::Null => "null",
            JsonType::Text => "a text",
            JsonType::Number => "a number",
            JsonType::Truth => "true or false",
            JsonType::Object => "an object",
            JsonType::List => "a list",
        }
    }
}

fn type_of(raw: &RawValue) -> JsonType {
    match raw.get().as_bytes().first() {
        Some(b'"') => JsonType::Text,
        Some(b'{') => JsonType::Object,
        Some(b'[') => JsonType::List,
        Some(b't' | b'f') => JsonType::Truth,
        Some(b'n') | None => JsonType::Null,
        Some(_) => JsonType::Number,
    }
}
