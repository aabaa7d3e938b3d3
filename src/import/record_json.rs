//! Reads one JSON object as a record. Members keep their order and values stay as the file writes them. No key
//! may occur twice.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::json_stream::{given_twice, not_json};
use crate::error::Result;
use crate::model::{Field, Record, Value};

/// Reads one JSON object as a record. `line` is the line on which its bytes begin, and `name` is the name of
/// the file; both are for errors.
///
/// # Errors
/// If the bytes are not a JSON object, or a key occurs twice.
pub fn record<'b>(bytes: &'b [u8], line: u64, name: &str) -> Result<Record<'b>> {
    let fields = fields(bytes).map_err(|error| not_json(name, &error, line))?;
    Record::new(fields).map_err(|twice| {
        given_twice("a key is given twice in one record", &twice).at(name, Some(line))
    })
}

/// Reads the members of one JSON object in their order. The values are not parsed, and a key may occur twice.
/// `line` is the line on which the bytes begin, and `name` is the name of the file; both are for errors.
///
/// # Errors
/// If the bytes are not a JSON object.
pub fn members<'b>(
    bytes: &'b [u8],
    line: u64,
    name: &str,
) -> Result<Vec<(Cow<'b, str>, &'b RawValue)>> {
    let object: std::result::Result<RecordMembers<'_>, _> = serde_json::from_slice(bytes);
    object.map(|object| object.0).map_err(|error| not_json(name, &error, line))
}

fn fields(bytes: &[u8]) -> std::result::Result<Vec<Field<'_>>, serde_json::Error> {
    let object: RecordMembers<'_> = serde_json::from_slice(bytes)?;
    let mut fields = Vec::with_capacity(object.0.len());
    for (name, raw) in object.0 {
        fields.push(Field { name, value: Value::from_json(raw)? });
    }
    Ok(fields)
}

/// The members of a JSON object in their order, with unparsed values.
struct RecordMembers<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de: 'a, 'a> serde::Deserialize<'de> for RecordMembers<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(
        deserializer: D,
    ) -> std::result::Result<Self, D::Error> {
        struct Members;

        impl<'de> serde::de::Visitor<'de> for Members {
            type Value = RecordMembers<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                mut map: A,
            ) -> std::result::Result<RecordMembers<'de>, A::Error> {
                let mut members = Vec::with_capacity(32);
                while let Some((Key(key), value)) = map.next_entry::<Key<'de>, &'de RawValue>()? {
                    members.push((key, value));
                }
                Ok(RecordMembers(members))
            }
        }

        deserializer.deserialize_map(Members)
    }
}

/// A key of a JSON object, borrowed from the bytes if it has no escapes.
#[derive(serde::Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);
