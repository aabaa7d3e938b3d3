//! Reads the JSON answers of directories in every arrangement: one page, pages in an array or one after
//! another, entries in an array or in the list of a page, or one entry per line (directory.md section 1). Keys
//! may have any letter case, since PowerShell changes it. Memory holds one entry at a time. This file finds the
//! entries; the formats (`graph`, `okta`, `scim`) say what an entry means.

use std::borrow::Cow;
use std::io::Read;

use serde_json::value::RawValue;

use super::dates;
use super::list::{DirectoryList, ValuePlace};
use super::reader::{Beginning, DirectoryReader};
use super::table::scientific_id;
use super::truths::SaysActive;
use super::values;
use crate::email;
use crate::error::{Error, Result};
use crate::import::Input;
use crate::import::json_stream::JsonStream;
use crate::import::record_json;
use crate::import::refusal::error_answer;
use crate::model::{DirectoryEntry, DirectoryMapping, Instant};

/// The greatest depth to which arrays may be nested in arrays.
const DEEPEST: usize = 4;

/// A format of JSON answers: its names, and how it reads an entry.
pub struct JsonFormat {
    /// The name of the format.
    pub format: &'static str,
    /// A description of the files of this format, in one line.
    pub about: &'static str,
    /// The feature by which a file of this format is recognized.
    pub recognised_by: &'static str,
    /// How to get a file of this format.
    pub obtained_from: &'static str,
    /// Whether a file with this beginning has this format.
    pub recognizes: fn(&Beginning) -> bool,
    /// The key of the list of entries in a page.
    pub list: &'static str,
    /// The keys of an entry that are used. Other keys are reported as left out.
    pub keys: &'static [&'static str],
    /// Reads the person in one entry. An error of this function names no line; the caller adds the line.
    pub entry: fn(&EntryMembers<'_>, &mut DirectoryList) -> Result<DirectoryEntry>,
}

impl DirectoryReader for JsonFormat {
    fn format(&self) -> &'static str {
        self.format
    }

    fn about(&self) -> &'static str {
        self.about
    }

    fn recognised_by(&self) -> &'static str {
        self.recognised_by
    }

    fn obtained_from(&self) -> &'static str {
        self.obtained_from
    }

    fn recognizes(&self, beginning: &Beginning) -> bool {
        (self.recognizes)(beginning)
    }

    fn read(
        &self,
        input: &mut Input,
        _mapping: Option<&DirectoryMapping>,
        list: &mut DirectoryList,
    ) -> Result<()> {
        let name = input.name().to_owned();
        list.value_place = ValuePlace::Fields;
        let mut stream = JsonStream::new(input.reader(), &name);
        let mut walk = Walk { format: self, name: &name, list };
        while stream.peek()?.is_some() {
            walk.value(&mut stream, 0)?;
        }
        Ok(())
    }
}

/// Walks through one file and adds its entries to the list.
struct Walk<'w> {
    format: &'w JsonFormat,
    name: &'w str,
    list: &'w mut DirectoryList,
}

impl Walk<'_> {
    /// Reads an entry, a page, or an array of entries or pages.
    fn value<R: Read>(&mut self, stream: &mut JsonStream<R>, depth: usize) -> Result<()> {
        match stream.peek()? {
            Some(b'[') if depth < DEEPEST => {
                stream.take_sign(b'[')?;
                let mut first = true;
                while stream.next_member(b']', &mut first)? {
                    self.value(stream, depth + 1)?;
                }
                Ok(())
            }
            Some(b'{') => match stream.peek_keys(|key| self.begins_page(key))? {
                Some(true) => self.page(stream),
                _ => self.entry(stream),
            },
            Some(b'n') => stream.value().map(drop),
            _ => {
                let line = stream.line();
                stream.value()?;
                Err(Error::input("a value where an entry belongs is not an object")
                    .at(self.name, Some(line))
                    .hint(
                        "save the answer as it came; from PowerShell with ConvertTo-Json -Depth 10",
                    ))
            }
        }
    }

    /// Whether a key shows that its object is a page (`true`) or an entry (`false`); `None` if the key shows
    /// neither.
    fn begins_page(&self, key: &str) -> Option<bool> {
        const OF_PAGE: [&str; 7] = [
            "@odata.nextLink",
            "@odata.count",
            "@odata.deltaLink",
            "totalResults",
            "itemsPerPage",
            "startIndex",
            "Resources",
        ];
        const OF_ENTRY: [&str; 5] =
            ["id", "userPrincipalName", "userName", "profile", "displayName"];
        let is = |known: &[&str]| known.iter().any(|it| it.eq_ignore_ascii_case(key));
        if is(&OF_PAGE) || is(&[self.format.list]) {
            return Some(true);
        }
        is(&OF_ENTRY).then_some(false)
    }

    /// Reads a page: the entries in its list, and what it states about the whole answer (the number of entries,
    /// and whether a next page follows).
    fn page<R: Read>(&mut self, stream: &mut JsonStream<R>) -> Result<()> {
        self.list.pages += 1;
        let page_line = stream.line();
        let mut listed = false;
        stream.take_sign(b'{')?;
        let mut first = true;
        while stream.next_member(b'}', &mut first)? {
            let key = stream.key()?;
            let is = |wanted: &str| key.eq_ignore_ascii_case(wanted);
            if is(self.format.list) {
                match stream.peek()? {
                    Some(b'[' | b'{') => self.value(stream, 1)?,
                    Some(b'n') => drop(stream.value()?),
                    _ => {
                        return Err(Error::input(
                            "a page has no list of entries, but another value in its place",
                        )
                        .at(self.name, Some(stream.line()))
                        .hint("save the answer as it came, with all of its levels"));
                    }
                }
                listed = true;
            } else if is("@odata.nextLink") {
                let (link, _) = stream.json()?;
                self.list.next_links += u64::from(link.as_str().is_some_and(|it| !it.is_empty()));
            } else if is("@odata.deltaLink") {
                return Err(changes().at(self.name, Some(stream.line())));
            } else if is("@odata.count") || is("totalResults") {
                let by = if is("totalResults") { "totalResults" } else { "@odata.count" };
                let (number, _) = stream.json()?;
                let text = || number.as_str().and_then(|text| text.trim().parse().ok());
                if let Some(number) = number.as_u64().or_else(text) {
                    self.list.states(number, by);
                }
            } else if is("error") || is("errorCode") {
                return Err(self.error_here("", stream.line()));
            } else {
                stream.value()?;
            }
        }
        if !listed && self.format.list == "value" {
            return Err(Error::input(format!("a page has no list called {}", self.format.list))
                .at(self.name, Some(page_line))
                .hint("save the answer as it came, with all of its levels"));
        }
        Ok(())
    }

    fn entry<R: Read>(&mut self, stream: &mut JsonStream<R>) -> Result<()> {
        let (bytes, line) = stream.value()?;
        let members = EntryMembers(record_json::members(bytes, line, self.name)?);
        if let Some(told) = members.error() {
            return Err(self.error_here(&told, line));
        }
        if members.raw("@removed").is_some() {
            return Err(changes().at(self.name, Some(line)));
        }
        if let Some(twice) = members.twice() {
            return Err(crate::import::json_stream::twice(&twice).at(self.name, Some(line)));
        }
        for (key, raw) in &members.0 {
            let is_used = self.format.keys.iter().any(|it| it.eq_ignore_ascii_case(key));
            if !is_used && !key.starts_with('@') {
                self.list.leave_out(key);
            } else if is_used && raw.get().starts_with('"') {
                let text = text_of(raw);
                if text.is_some_and(|text| values::is_printed_text(&text)) {
                    self.list.note_printed(key, 1);
                }
            }
        }
        let row = (self.format.entry)(&members, self.list);
        self.list.rows.push(&row.map_err(|error| error.at(self.name, Some(line)))?);
        self.list.elements += 1;
        Ok(())
    }

    /// The refusal of an error answer that stands among the pages.
    fn error_here(&self, told: &str, line: u64) -> Error {
        let sentence = format!(
            "an error answer is among the pages; entries before it: {}",
            self.list.elements
        );
        error_answer(&sentence, told)
            .at(self.name, Some(line))
            .hint("fetch the list again from that page on: its people are missing")
    }
}

/// The refusal of a delta answer, which lists changes and not all people.
fn changes() -> Error {
    Error::input("this is a delta answer: it lists changes, not everybody")
        .hint("ask for the whole list: GET /users, without /delta")
}

/// The members of an entry, or of an object within an entry. Keys are compared without regard to letter case.
pub struct EntryMembers<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> EntryMembers<'a> {
    /// The value of a key; `None` if the key is missing or its value is null.
    pub fn raw(&self, key: &str) -> Option<&'a RawValue> {
        let mut members = self.0.iter().filter(|(name, _)| name.eq_ignore_ascii_case(key));
        members.next().map(|(_, raw)| *raw).filter(|raw| raw.get() != "null")
    }

    /// The text or number of a key, as text; `None` if the value is empty, a word of absence, or what a shell prints
    /// in place of an object.
    pub fn text(&self, key: &str) -> Option<String> {
        let text = text_of(self.raw(key)?)?;
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

    /// The members of the object that a key holds; `None` if the key holds no object.
    pub fn members(&self, key: &str) -> Option<EntryMembers<'a>> {
        members_of(self.raw(key)?)
    }

    /// The elements of the list that a key holds. A single text or object counts as a list of one element.
    pub fn list(&self, key: &str) -> Vec<&'a RawValue> {
        match self.raw(key) {
            None => Vec::new(),
            Some(raw) if raw.get().starts_with('[') => {
                serde_json::from_str(raw.get()).unwrap_or_default()
            }
            Some(raw) => vec![raw],
        }
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
    fn error(&self) -> Option<String> {
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
    fn twice(&self) -> Option<String> {
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
