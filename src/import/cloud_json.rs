//! Cloud's answer to `GET /enterprises/{enterprise}/consumed-licenses` (formats.md section 1), in
//! every form in which people have it: one page, one object, an array of pages, pages one after
//! another, one user per line, an array of users.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::json_stream::JsonStream;
use super::{FileFacts, Input, Outline, Reader, Sink};
use crate::error::{Error, Result, quoted};
use crate::model::{Field, Record, SourceKind, Value, is_known_cloud_field};

/// The reader.
pub struct CloudJson;

impl Reader for CloudJson {
    fn format(&self) -> &'static str {
        "cloud-consumed-licenses-json"
    }

    fn about(&self) -> &'static str {
        "Cloud: GET /enterprises/{enterprise}/consumed-licenses, pages in any arrangement"
    }

    fn kind(&self) -> SourceKind {
        SourceKind::Cloud
    }

    fn recognises(&self, outline: &Outline) -> bool {
        outline.has_key("total_seats_consumed")
            || outline.has_key("total_seats_purchased")
            || outline.keys.iter().chain(&outline.user_keys).any(|key| is_user_key(key))
    }

    fn knows(&self, field: &str) -> bool {
        is_known_cloud_field(field)
    }

    fn read(&self, input: &mut Input, sink: &mut dyn Sink) -> Result<FileFacts> {
        sink.source(SourceKind::Cloud, None)?;
        let mut answer = Answer {
            name: input.name().to_owned(),
            stream: JsonStream::new(input.reader(), input.name()),
            facts: FileFacts::default(),
            sink,
        };
        while answer.stream.peek()?.is_some() {
            answer.page_or_user_or_array()?;
        }
        Ok(answer.facts)
    }
}

fn is_user_key(key: &str) -> bool {
    key.starts_with("github_com_") || is_known_cloud_field(key)
}

struct Answer<'s, R> {
    name: String,
    stream: JsonStream<R>,
    facts: FileFacts,
    sink: &'s mut dyn Sink,
}

impl<R: std::io::Read> Answer<'_, R> {
    fn page_or_user_or_array(&mut self) -> Result<()> {
        if self.stream.peek()? != Some(b'[') {
            return self.page_or_user();
        }
        self.stream.take_sign(b'[')?;
        let mut first = true;
        while self.stream.next_member(b']', &mut first)? {
            self.page_or_user()?;
        }
        Ok(())
    }

    fn page_or_user(&mut self) -> Result<()> {
        match self.stream.peek_first_key()? {
            Some(key) if is_user_key(&key) => self.user(),
            _ => self.page(),
        }
    }

    fn page(&mut self) -> Result<()> {
        self.stream.take_sign(b'{')?;
        let (mut consumed, mut purchased) = (None, None);
        let mut first = true;
        while self.stream.next_member(b'}', &mut first)? {
            let key = self.stream.key()?;
            match key.as_str() {
                "total_seats_consumed" => consumed = self.total(&key)?,
                "total_seats_purchased" => purchased = self.total(&key)?,
                "users" => self.users()?,
                _ => self.other(key)?,
            }
        }
        self.facts.add_page(consumed, purchased);
        Ok(())
    }

    /// A total: a number, or a number in a string; null is no total.
    fn total(&mut self, key: &str) -> Result<Option<i64>> {
        let name = self.name.clone();
        let (bytes, line) = self.stream.value()?;
        let text = String::from_utf8_lossy(bytes);
        let digits = text.trim_matches('"').trim();
        if digits == "null" || digits.is_empty() {
            return Ok(None);
        }
        digits.parse().map(Some).map_err(|_| {
            Error::input(format!("{key} is not a whole number: {}", quoted(digits)))
                .at(&name, Some(line))
                .hint("download the file again; if it stays so, report it")
        })
    }

    fn users(&mut self) -> Result<()> {
        if self.stream.peek()? == Some(b'n') {
            self.stream.value()?;
            return Ok(());
        }
        self.stream.take_sign(b'[')?;
        let mut first = true;
        while self.stream.next_member(b']', &mut first)? {
            self.user()?;
        }
        Ok(())
    }

    fn user(&mut self) -> Result<()> {
        let (bytes, line) = self.stream.value()?;
        match record(bytes) {
            Ok(Ok(record)) => self.sink.record(record),
            Ok(Err(twice)) => {
                Err(Error::input(format!("a key stands twice in one user: {}", quoted(&twice)))
                    .at(&self.name, Some(line))
                    .hint("which of the two counts nobody can know: download the file again"))
            }
            Err(error) => Err(self.stream.not_json(&error, line)),
        }
    }

    /// An unknown key of a page is kept, unless the page is an error answer.
    fn other(&mut self, key: String) -> Result<()> {
        let (bytes, line) = self.stream.value()?;
        let value = serde_json::from_slice(bytes);
        let value: serde_json::Value = value.map_err(|error| self.stream.not_json(&error, line))?;
        if key == "message" {
            let told = value.as_str().unwrap_or_default();
            return Err(Error::input(format!(
                "a page is an error answer of GitHub: {}",
                quoted(told)
            ))
            .at(&self.name, Some(line))
            .hint("download that page again"));
        }
        self.facts.facts.insert(key, value);
        Ok(())
    }
}

/// A JSON object as a record; the inner error is a key that stands twice.
pub(super) fn record(
    bytes: &[u8],
) -> std::result::Result<std::result::Result<Record<'_>, String>, serde_json::Error> {
    let object: Object<'_> = serde_json::from_slice(bytes)?;
    let mut fields = Vec::with_capacity(object.0.len());
    for (name, raw) in object.0 {
        fields.push(Field { name, value: Value::from_json(raw)? });
    }
    Ok(Record::new(fields))
}

/// The members of an object in their order, values unparsed.
struct Object<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de: 'a, 'a> serde::Deserialize<'de> for Object<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(
        deserializer: D,
    ) -> std::result::Result<Self, D::Error> {
        struct Members;

        impl<'de> serde::de::Visitor<'de> for Members {
            type Value = Object<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                mut map: A,
            ) -> std::result::Result<Object<'de>, A::Error> {
                let mut members = Vec::with_capacity(32);
                while let Some((Key(key), value)) = map.next_entry::<Key<'de>, &'de RawValue>()? {
                    members.push((key, value));
                }
                Ok(Object(members))
            }
        }

        deserializer.deserialize_map(Members)
    }
}

/// A key, borrowed where it has no escapes.
#[derive(serde::Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);
