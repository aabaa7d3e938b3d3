//! Reads the license facts of an instance (formats.md section 6): `GET /enterprise/settings/license`,
//! `ghe-license info -j` and `GET /manage/v1/config/license`.

use serde_json::{Map, Value};

use super::format_names::SERVER_LICENSE;
use super::{FileFacts, Input, Outline, Reader, Sink, whole};
use crate::code::WarningCode;
use crate::error::{Error, Result};
use crate::model::{Instant, SourceKind};

/// Reads the license facts of an instance.
pub struct ServerLicense;

impl Reader for ServerLicense {
    fn format(&self) -> &'static str {
        "server-license-json"
    }

    fn about(&self) -> &'static str {
        "Server: the license's seats, how many are used, and when it expires"
    }

    fn recognised_by(&self) -> &'static str {
        "JSON with seats and one of seats_used, expire_at, expireAt, perpetual, unlimited_seating"
    }

    fn obtained_from(&self) -> &'static str {
        "GET /api/v3/enterprise/settings/license; ghe-license info -j; GET /manage/v1/config/license"
    }

    fn kind(&self) -> SourceKind {
        SourceKind::ServerLicense
    }

    fn recognizes(&self, outline: &Outline) -> bool {
        let beside = [
            "seats_used",
            "seats_available",
            "expire_at",
            "expireAt",
            "perpetual",
            "unlimited_seating",
            "unlimitedSeating",
        ];
        outline.has_key("seats")
            && !outline.has_key("users")
            && !outline.has_key("total_seats_consumed")
            && beside.into_iter().any(|key| outline.has_key(key))
    }

    fn knows(&self, field: &str) -> bool {
        SERVER_LICENSE.contains(&field)
    }

    fn read(&self, input: &mut Input, sink: &mut dyn Sink) -> Result<FileFacts> {
        let name = input.name().to_owned();
        sink.source(SourceKind::ServerLicense, None)?;
        let mut pages = whole::pages(input)?;
        pages.dedup_by(|one, other| one.0 == other.0);
        let (license, line) = match pages.pop() {
            Some((Value::Object(license), line)) if pages.is_empty() => (license, line),
            found => {
                let line = found.map(|(_, line)| line);
                let what = if pages.is_empty() {
                    "this is not a license"
                } else {
                    "the file has several licenses"
                };
                return Err(Error::input(what)
                    .at(&name, line)
                    .hint("import the license of each instance as a separate file"));
            }
        };
        let mut said = FileFacts { records: 1, ..FileFacts::default() };
        said.purchased = seats(&license, "seats", &name, line)?;
        if is_unlimited(&license) {
            said.purchased = None;
        }
        said.consumed = seats(&license, "seats_used", &name, line)?;
        let expires = license.get("expire_at").or_else(|| license.get("expireAt"));
        if let Some(text) = expires.and_then(Value::as_str)
            && !text.trim().is_empty()
            && Instant::parse_answer(text).is_none()
        {
            let told = "expire_at is not a date in a known form: the day of expiry is not stated";
            said.notes.push((WarningCode::DateUnknown, told.to_owned()));
        }
        said.facts = license;
        Ok(said)
    }
}

fn is_unlimited(license: &Map<String, Value>) -> bool {
    let stated = license.get("unlimited_seating").or_else(|| license.get("unlimitedSeating"));
    stated == Some(&Value::Bool(true))
}

/// A number of seats, as a number or as a string. `None` if the text is `unlimited` or empty, or if the value
/// is null or missing.
fn seats(license: &Map<String, Value>, key: &str, name: &str, line: u64) -> Result<Option<i64>> {
    let number = match license.get(key) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) if text.trim().is_empty() => return Ok(None),
        Some(Value::String(text)) if text.trim().eq_ignore_ascii_case("unlimited") => {
            return Ok(None);
        }
        Some(Value::String(text)) => text.trim().parse().ok(),
        Some(value) => value.as_i64(),
    };
    match number {
        Some(number) if number >= 0 => Ok(Some(number)),
        _ => {
            let value = license.get(key).map(Value::to_string).unwrap_or_default();
            Err(Error::input(format!("{key} is not a number of seats"))
                .found(value.trim_matches('"'))
                .at(name, Some(line))
                .hint("fetch the license from the instance again; if the error persists, report it to the oneseat project"))
        }
    }
}
