//! Reads the JSON answers of directories in every arrangement: one page, pages in an array or one after
//! another, entries in an array or in the list of a page, or one entry per line (directory.md section 1). Keys
//! may have any letter case, since PowerShell changes it. Memory holds one entry at a time. This file finds the
//! entries; the formats (`graph`, `okta`, `scim`) say what an entry means.

use std::io::Read;

use super::entry_members::EntryMembers;
use super::field_types::{self, JsonField};
use super::list::{DirectoryList, ValuePlace};
use super::reader::{Beginning, DirectoryReader};
use crate::error::{Error, Result};
use crate::import::Input;
use crate::import::json_stream::JsonStream;
use crate::import::refusal::error_answer;
use crate::model::{DirectoryEntry, DirectoryMapping};

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
    /// The keys of an entry that are used, with what they hold. Other keys are reported as left out.
    pub fields: &'static [JsonField],
    /// Reads the person in one entry; `None` if the entry is about something else, such as a group. An error of this
    /// function names no line; the caller adds the line.
    pub entry: fn(&EntryMembers<'_>, &mut DirectoryList) -> Result<Option<DirectoryEntry>>,
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
            Some(b'n') => Err(self.lost_here(stream.line())),
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
                    Some(b'n') => return Err(self.lost_here(stream.line())),
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
            } else if is("@odata.context") {
                let (context, _) = stream.json()?;
                let context = context.as_str().unwrap_or_default();
                self.list.is_of_all_users |= context.contains("#users");
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
        let members = EntryMembers::of(bytes, line, self.name)?;
        if let Some(told) = members.error() {
            return Err(self.error_here(&told, line));
        }
        if members.raw("@removed").is_some() {
            return Err(changes().at(self.name, Some(line)));
        }
        if let Some(twice) = members.twice() {
            return Err(crate::import::json_stream::twice(&twice).at(self.name, Some(line)));
        }
        for (key, raw) in members.iter() {
            let field = self.format.fields.iter().find(|(it, _)| it.eq_ignore_ascii_case(key));
            if let Some((_, holds)) = field {
                field_types::judge((None, key), raw, *holds, self.list)
                    .map_err(|error| error.at(self.name, Some(line)))?;
            } else if !key.starts_with('@') {
                self.list.leave_out(key);
            }
        }
        let row = (self.format.entry)(&members, self.list);
        match row.map_err(|error| error.at(self.name, Some(line)))? {
            Some(row) => self.list.rows.push(&row),
            None => self.list.facts.not_people += 1,
        }
        self.list.elements += 1;
        Ok(())
    }

    /// The refusal of a `null` in place of a page, its list or an entry: a program writes it for what it did not get.
    fn lost_here(&self, line: u64) -> Error {
        Error::input(format!(
            "null is in place of a page or an entry; entries before it: {}",
            self.list.elements
        ))
        .at(self.name, Some(line))
        .hint("fetch the list again from that page on: its people are missing")
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
