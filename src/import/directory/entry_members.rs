//! The members of an entry of a directory in JSON, and the values in them. Keys may have any letter case, since
//! PowerShell changes it (directory.md section 1). This file knows no format.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::dates;
use super::list::DirectoryList;
use super::table::scientific_id;
use super::truths::SaysActive;
use super::values;
use crate::email;
use crate::error::{Error, Result};
use crate::import::record_json;
use crate::model::Instant;

/// The members of an entry, or of an object within an entry. Keys are compared without regard to letter case.
pub struct EntryMembers<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> EntryMembers<'a> {
    /// The members of the object in these bytes of the file `name`.
    ///
    /// # Errors
    /// If the bytes are no object. The error names the line.
    pub fn of(bytes: &'a [u8], line: u64, name: &str) -> Result<EntryMembers<'a>> {
        record_json::members(bytes, line, name).map(EntryMembers)
    }

    /// The keys with their values, in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &'a RawValue)> {
        self.0.iter().map(|(key, raw)| (key.as_ref(), *raw))
    }

    /// The value of a key; `None` if the key is missing or its value is null.
    pub fn raw(&self, key: &str) -> Option<&'a RawValue> {
        let mut members = self.0.iter().filter(|(name, _)| name.eq_ignore_ascii_case(key));
        members.next().map(|(_, raw)| *raw).filter(|raw| raw.get() != "null")
    }

    /// The text or number of a key, or the only one in a list, as text; `None` if the value is empty, a word of absence, or what a shell prints
    /// in place of an object.
    pub fn text(&self, key: &str) -> Option<String> {
        let text = scalar_of(self.raw(key)?)?;
        values::text(&text).filter(|text| !values::is_printed_text(text)).map(str::to_owned)
    }

    /// The truth value of a key, which may be written as a text.
    pub fn truth(&self, key: &str) -> Option<bool> {
        match self.raw(key)?.get() {
            "true" => Some(true),
            "false" => Some(false),
            _ => values::truth(&text_of(self.raw(key)?)?),
        }
    }

    /// The truth value of a key that says whether the person is active. The list counts the values that are
    /// there, and those that can be read.
    pub fn active(&self, says: SaysActive, list: &mut DirectoryList) -> Option<bool> {
        let raw = self.raw(says.key)?;
        let truth = self.truth(says.key);
        if text_of(raw).is_none_or(|text| !text.trim().is_empty()) {
            list.truths.count(says, truth.is_some());
        }
        truth
    }

    /// The time that a key holds; `None` if it holds none. A value that cannot be read is counted in the list.
    pub fn time(&self, key: &str, list: &mut DirectoryList) -> Option<Instant> {
        let raw = self.raw(key)?;
        // Windows PowerShell may write a date as an object, which has the date under `value`.
        let text = text_of(raw).or_else(|| members_of(raw)?.text("value"));
        let read = text.and_then(|text| dates::alone(&text));
        list.dates_unread += u64::from(read.is_none());
        read.flatten()
    }

    /// Whether a key states a time of deletion, and the time, if it can be read. A text that means never states none.
    pub fn deleted(&self, key: &str, list: &mut DirectoryList) -> (bool, Option<Instant>) {
        let Some(raw) = self.raw(key).filter(|raw| raw.get() != "false") else {
            return (false, None);
        };
        let text = text_of(raw).or_else(|| members_of(raw)?.text("value"));
        let is_stated = text.is_none_or(|text| dates::alone(&text) != Some(None));
        (is_stated, if is_stated { self.time(key, list) } else { None })
    }

    /// The members of the object that a key holds; `None` if the key holds no object.
    pub fn members(&self, key: &str) -> Option<EntryMembers<'a>> {
        members_of(self.raw(key)?)
    }

    /// The elements of the list that a key holds. A single text or object counts as a list of one element.
    pub fn list(&self, key: &str) -> Vec<&'a RawValue> {
        self.raw(key).map_or_else(Vec::new, list_of)
    }

    /// The texts in the list that a key holds. Like a cell of a table, one text may hold several values.
    pub fn texts(&self, key: &str) -> Vec<String> {
        self.list(key).into_iter().filter_map(text_of).collect()
    }

    /// The first key whose lower-case form ends with `end`.
    pub fn key_that_ends(&self, end: &str) -> Option<&str> {
        let ends = |key: &&str| key.to_ascii_lowercase().ends_with(end);
        self.0.iter().map(|(key, _)| key.as_ref()).find(ends)
    }

    /// The message of an error answer, empty if the answer has none; `None` if these are the members of an
    /// entry.
    pub fn error(&self) -> Option<String> {
        if self.raw("errorCode").is_some() {
            return Some(self.text("errorSummary").unwrap_or_default());
        }
        if self.raw("id").is_some() {
            return None;
        }
        if let Some(error) = self.raw("error") {
            let message = members_of(error).and_then(|error| error.text("message"));
            return Some(message.unwrap_or_default());
        }
        let is_error = |schema: &String| schema.ends_with(":Error");
        let is_scim = self.texts("schemas").iter().any(is_error);
        is_scim.then(|| self.text("detail").unwrap_or_default())
    }

    /// A key that occurs twice among these members, letter case aside.
    pub fn twice(&self) -> Option<String> {
        self.0.iter().enumerate().find_map(|(place, (key, _))| {
            let mut before = self.0[..place].iter();
            before.any(|(other, _)| other.eq_ignore_ascii_case(key)).then(|| key.to_string())
        })
    }
}

/// The members of a JSON value; `None` if the value is no object.
pub fn members_of(raw: &RawValue) -> Option<EntryMembers<'_>> {
    record_json::members(raw.get().as_bytes(), 0, "").ok().map(EntryMembers)
}

/// The text of a JSON value that is a text or a number; `None` for other values.
pub fn text_of(raw: &RawValue) -> Option<String> {
    match raw.get().as_bytes().first() {
        Some(b'"') => serde_json::from_str(raw.get()).ok(),
        Some(b'-' | b'0'..=b'9') => Some(raw.get().to_owned()),
        _ => None,
    }
}

/// The text or number that a JSON value is, or the only one in a list; `None` for other values.
pub fn scalar_of(raw: &RawValue) -> Option<String> {
    if !raw.get().starts_with('[') {
        return text_of(raw);
    }
    let mut elements = list_of(raw).into_iter().filter(|element| element.get() != "null");
    let only = elements.next().and_then(text_of);
    only.filter(|_| elements.next().is_none())
}

/// The elements of a list. A single value is a list of one element. Windows PowerShell 5.1 may write a list as an
/// object with the list under `value` and its length under `Count`.
pub fn list_of(raw: &RawValue) -> Vec<&RawValue> {
    match raw.get().as_bytes().first() {
        Some(b'[') => serde_json::from_str(raw.get()).unwrap_or_default(),
        Some(b'{') => {
            let list = members_of(raw).filter(|members| members.raw("Count").is_some());
            let list = list.and_then(|members| members.raw("value"));
            let list = list.filter(|list| list.get().starts_with('['));
            list.map_or_else(|| vec![raw], list_of)
        }
        _ => vec![raw],
    }
}

/// The id of an entry.
///
/// # Errors
/// If the entry has no id, or a program has turned it into scientific form. An entry without an id is never
/// skipped.
pub fn id_of(members: &EntryMembers<'_>) -> Result<String> {
    let id = members.text("id").filter(|id| email::word_of_absence(id).is_none());
    let id = id.ok_or_else(|| {
        Error::input("an entry has no id")
            .hint("request the field id too: without an id, entries cannot be told apart")
    })?;
    if values::is_scientific(&id) { Err(scientific_id()) } else { Ok(id) }
}
