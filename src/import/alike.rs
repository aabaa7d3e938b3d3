//! Reads, without a parser, JSON records that have the layout of the record before them. If the bytes between
//! the values are the same as in the previous record, the keys are the same too, and only the values need to be
//! read.
//!
//! This module rejects no record. The strict parser in `record_json` reads every record that may differ from the
//! layout, and reports the errors. Such a record has other bytes between two values, an escape, a control
//! character, a number that is not a plain integer, invalid UTF-8, or a list of anything but strings or flat
//! objects. The parser also reads a record that does not end within the buffer. The quick way and the parser
//! must give the same records. `tests/it/alike.rs` and the fuzz target `alike` check that.

use std::borrow::Cow;
use std::io::Read;
use std::ops::Range;

use super::json_stream::JsonStream;
use super::plain_json::{self, Plain, behind_blanks, closing_quote};
use super::record_json::record;
use crate::error::Result;
use crate::model::{Field, Record, Value, is_set};

/// The length, in bytes, up to which a record may serve as a pattern for the records after it. The strict
/// parser reads longer records.
const LONGEST: usize = 64 * 1024;

/// Reads the JSON records of one file, one after another.
pub struct Records {
    pattern: Option<Pattern>,
    /// Whether the strict parser must read every record, so that no pattern is used.
    strictly: bool,
    /// Whether the previous record had the layout that `pattern` describes.
    of_pattern: bool,
}

/// A record of a file, with the line on which it begins.
pub struct Next<'r> {
    pub record: Record<'r>,
    /// The line on which the record begins, from 1.
    pub line: u64,
    /// Whether this record certainly has the field names of the previous record. If so, rules for its fields
    /// need no new look-up.
    pub is_alike: bool,
}

impl Records {
    /// A reader for the records of one file. With `strictly`, the strict parser reads every record.
    pub fn new(strictly: bool) -> Records {
        Records { pattern: None, strictly, of_pattern: false }
    }

    /// Takes the next record from the stream. `name` is the name of the file, for errors.
    ///
    /// # Errors
    /// If the stream ends within the record, the record is not a JSON object, or a key occurs twice.
    pub fn next<'r, R: Read>(
        &'r mut self,
        stream: &'r mut JsonStream<R>,
        name: &str,
    ) -> Result<Next<'r>> {
        let mut quick = false;
        let (bytes, line) = stream.value_by(|bytes| {
            let length = self.pattern.as_mut()?.find(bytes);
            quick = length.is_some();
            length
        })?;
        let was_of_pattern = std::mem::replace(&mut self.of_pattern, true);
        let text = if quick { std::str::from_utf8(bytes).ok() } else { None };
        if let Some(text) = text {
            let record = match &self.pattern {
                Some(pattern) => pattern.record(text),
                None => record(bytes, line, name)?,
            };
            return Ok(Next { record, line, is_alike: was_of_pattern });
        }
        let record = record(bytes, line, name)?;
        let pattern = if self.strictly { None } else { Pattern::of(bytes) };
        self.of_pattern = pattern.is_some();
        // One record with an unusual layout says nothing about the records after it, so the pattern of the
        // earlier records is kept.
        self.pattern = pattern.or_else(|| self.pattern.take());
        Ok(Next { record, line, is_alike: false })
    }
}

/// The layout of a record that the strict parser has read: its field names, and the bytes between its values. A
/// record with this layout is read without the parser.
struct Pattern {
    /// The bytes between the values, joined in one buffer: for example `{"a":`, then `,"b":`, then `}`.
    between: Vec<u8>,
    /// For each stretch of bytes between two values, the offset in `between` at which it ends.
    ends: Vec<usize>,
    /// The fields of the record, sorted by name.
    fields: Vec<PreviousRecord>,
    /// The values of the current record, in the order of the file.
    values: Vec<Lookup>,
    /// The ranges of all strings in the lists of the current record.
    items: Vec<Range<usize>>,
}

enum Lookup {
    /// A value that stands in the record's own text, as a range of it.
    There(Plain),
    /// A list of objects, rewritten in canonical form.
    Made(String),
}

struct PreviousRecord {
    name: String,
    /// The index of this field's value in `Pattern::values`.
    place: usize,
    /// Whether the value is a list whose order means nothing, so that it is sorted before records are compared.
    is_set: bool,
}

impl Pattern {
    /// The pattern for records with the layout of `bytes`, a record that the parser has read; `None` if the
    /// record is too long, or has an escape or another form that only the parser can read.
    fn of(bytes: &[u8]) -> Option<Pattern> {
        if bytes.len() > LONGEST {
            return None;
        }
        let (mut between, mut ends, mut fields) = (Vec::new(), Vec::new(), Vec::new());
        let mut items = Vec::new();
        let (mut from, mut at) = (0, 1);
        loop {
            let quote = behind_blanks(bytes, at);
            let closing = closing_quote(bytes, quote + 1)?;
            let name = std::str::from_utf8(bytes.get(quote + 1..closing)?).ok()?;
            let value = behind_blanks(bytes, behind_blanks(bytes, closing + 1) + 1);
            let (_, end) = plain_json::value(bytes, value, &mut items)?;
            let place = fields.len();
            fields.push(PreviousRecord { name: name.to_owned(), place, is_set: is_set(name) });
            between.extend_from_slice(bytes.get(from..value)?);
            ends.push(between.len());
            from = end;
            at = behind_blanks(bytes, end) + 1;
            if at == bytes.len() {
                between.extend_from_slice(&bytes[from..]);
                ends.push(between.len());
                fields.sort_by(|a, b| a.name.cmp(&b.name));
                let (values, items) = (Vec::with_capacity(fields.len()), Vec::new());
                return Some(Pattern { between, ends, fields, values, items });
            }
        }
    }

    /// Checks whether `bytes` begins with a record that has this layout. Returns the length of that record, or
    /// `None` if there is none.
    fn find(&mut self, bytes: &[u8]) -> Option<usize> {
        let bytes = &bytes[..bytes.len().min(LONGEST)];
        self.values.clear();
        self.items.clear();
        let (mut at, mut from) = (0, 0);
        let (last, ends) = self.ends.split_last()?;
        for end in ends {
            let piece = &self.between[from..*end];
            if !bytes.get(at..)?.starts_with(piece) {
                return None;
            }
            let (value, next) = plain_json::value(bytes, at + piece.len(), &mut self.items)?;
            self.values.push(match value {
                Plain::Objects(list, false) => {
                    let list = std::str::from_utf8(&bytes[list]).ok()?;
                    Lookup::Made(plain_json::canonical(list)?)
                }
                value => Lookup::There(value),
            });
            (at, from) = (next, *end);
        }
        let piece = &self.between[from..*last];
        bytes.get(at..)?.starts_with(piece).then_some(at + piece.len())
    }

    /// The record that `find` found at the beginning of `text`.
    fn record<'r>(&'r self, text: &'r str) -> Record<'r> {
        // Every range begins and ends next to an ASCII character, so `get` never splits a character.
        let piece = |at: &Range<usize>| Cow::Borrowed(text.get(at.clone()).unwrap_or_default());
        let field = |known: &'r PreviousRecord| {
            let value = match &self.values[known.place] {
                Lookup::Made(list) => Value::Json(list.clone()),
                Lookup::There(Plain::Null) => Value::Null,
                Lookup::There(Plain::Bool(truth)) => Value::Bool(*truth),
                Lookup::There(Plain::Number(at)) => Value::Number(piece(at)),
                Lookup::There(Plain::Text(at)) => Value::Text(piece(at)),
                Lookup::There(Plain::Texts(at)) => {
                    let mut list: Vec<_> = self.items[at.clone()].iter().map(piece).collect();
                    if known.is_set {
                        list.sort_unstable();
                    }
                    Value::List(list)
                }
                Lookup::There(Plain::Objects(at, _)) => Value::Json(piece(at).into_owned()),
            };
            Field { name: Cow::Borrowed(known.name.as_str()), value }
        };
        Record::in_order(self.fields.iter().map(field).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_alike_is_found_and_nothing_else() {
        for (first, next) in [
            (r#"{"a":1,"b":"x"}"#, r#"{"a":22,"b":""}"#),
            (r#"{"b":null,"a":["x"]}"#, r#"{"b":true,"a":[]}"#),
            ("{\n  \"a\": [\n    \"x\",\n    \"y\"\n  ]\n}", "{\n  \"a\": []\n}"),
            (r#"{"a":[{"n":1}]}"#, r#"{"a":[{"z":"ü","b":false},{"n":null}]}"#),
        ] {
            let mut pattern = Pattern::of(first.as_bytes()).expect("plain");
            for text in [first, next] {
                let longer = format!("{text},{first}");
                assert_eq!(pattern.find(longer.as_bytes()), Some(text.len()), "{text}");
                let found = pattern.record(text);
                assert_eq!(found, record(text.as_bytes(), 1, "x.json").expect("JSON"));
            }
        }
        let mut pattern = Pattern::of(br#"{"a":1,"b":"x"}"#).expect("plain");
        for text in [
            r#"{"a":1,"c":"x"}"#,
            r#"{"b":"x","a":1}"#,
            r#"{"a": 1,"b":"x"}"#,
            r#"{"a":1,"b":"x","c":1}"#,
            r#"{"a":1.5,"b":"x"}"#,
            r#"{"a":-1,"b":"x"}"#,
            r#"{"a":01,"b":"x"}"#,
            r#"{"a":1e5,"b":"x"}"#,
            r#"{"a":1,"b":"\n"}"#,
            "{\"a\":1,\"b\":\"\t\"}",
            r#"{"a":[1],"b":"x"}"#,
            r#"{"a":{"b":1},"b":"x"}"#,
            r#"{"a":nul,"b":"x"}"#,
            r#"{"a":1,"b":"x""#,
            r#"{"a":1,"b":"x"#,
            "",
        ] {
            assert_eq!(pattern.find(text.as_bytes()), None, "{text}");
        }
        for text in [r"{}", r#"{"\u0061":1}"#, r#"{"a":1.5}"#, r#"{"a":[1]}"#] {
            assert!(Pattern::of(text.as_bytes()).is_none(), "{text}");
        }
    }
}
