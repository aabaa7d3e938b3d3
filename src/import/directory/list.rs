//! The list of people that one or several files make, and what the readers report of the whole list:
//! counts, warnings, and whether the list says itself that it is cut (directory.md section 1).
//!
//! Rows are kept until the end, because dates, repeated ids and managers are known only then.

use std::collections::BTreeSet;

use foldhash::HashSet;

use super::unite;
use crate::code::WarningCode;
use crate::error::{Error, Result, quoted};
use crate::model::DirectoryEntry;

/// The size from which a list without leavers is suspicious.
const LONG_LIST: usize = 20;

/// What the readers report of the whole list.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct DirectoryFacts {
    /// The number of rows about people, before repeated ids are united.
    pub rows: u64,
    /// The number of rows beyond the first of an id.
    pub repeated: u64,
    /// The number of entries that are no people.
    pub not_people: u64,
    /// The number of references to other servers.
    pub references: u64,
    /// The number of rows above the header, and of rows with neither address nor login.
    pub skipped: u64,
    /// Why the list is cut, if it says so itself.
    pub cut: Option<String>,
    /// The organization, if all entries are of a single one.
    pub organization: Option<String>,
    /// The names of the columns or keys that were not used.
    pub left_out: BTreeSet<String>,
    /// The warnings: code and message.
    pub warnings: Vec<(WarningCode, String)>,
}

/// A directory as its files state it.
#[derive(Debug, Default)]
pub struct ReadDirectory {
    /// The people, each id once, in the order of the files.
    pub entries: Vec<DirectoryEntry>,
    /// What the readers report of the whole list.
    pub facts: DirectoryFacts,
}

/// The words of a mapped column, as far as they were met.
#[derive(Debug)]
pub struct WordsMet {
    /// The column's name.
    pub column: String,
    /// The rows whose word means active.
    pub active: u64,
    /// The rows that are inactive because only the words for active are known.
    pub made_inactive: u64,
    /// Whether words for active are known, so that some row must have one.
    pub must_be_met: bool,
}

/// The rows of all files so far, and what was noticed.
#[derive(Debug, Default)]
pub struct DirectoryList {
    /// The rows in the order of the files, each as an entry.
    pub rows: Vec<DirectoryEntry>,
    /// What is reported; the warnings are complete only at the end.
    pub facts: DirectoryFacts,
    /// The pages of answers, and those that name a next page.
    pub pages: u64,
    /// See `pages`.
    pub next_links: u64,
    /// The greatest number of entries that an answer states, with the name of the statement.
    pub stated: Option<(u64, &'static str)>,
    /// The number of list elements in answers, whatever they are.
    pub elements: u64,
    /// Whether an entry has a status of Okta, and the entries that are deprovisioned.
    pub has_okta_status: bool,
    /// See `has_okta_status`.
    pub deprovisioned: u64,
    /// The organizations in SCIM's locations.
    pub organizations: BTreeSet<String>,
    /// The cells that should be dates and are not.
    pub dates_unread: u64,
    /// The words of the mapped column that says who is active.
    pub words: Option<WordsMet>,
    /// The way to get what `active-not-stated` misses.
    pub ask_for_active: Option<&'static str>,
    /// The columns that hold the names of types.
    refused: BTreeSet<String>,
    /// The names that are not used. They come again with every row.
    left_out: HashSet<String>,
}

impl DirectoryList {
    /// Adds a warning.
    pub fn warn(&mut self, code: WarningCode, message: impl Into<String>) {
        self.facts.warnings.push((code, message.into()));
    }

    /// States why the list is cut. The first reason counts.
    pub fn cut(&mut self, why: impl FnOnce() -> String) {
        self.facts.cut.get_or_insert_with(why);
    }

    /// Keeps the greatest number of entries that an answer states.
    pub fn states(&mut self, number: u64, by: &'static str) {
        if self.stated.is_none_or(|(greatest, _)| number > greatest) {
            self.stated = Some((number, by));
        }
    }

    /// Notes that a column or key is not used.
    pub fn leave_out(&mut self, name: &str) {
        if !self.left_out.contains(name) {
            self.left_out.insert(name.to_owned());
        }
    }

    /// Refuses a column or key whose values are the names of types. The file is read without it.
    pub fn refuse(&mut self, name: &str) {
        if !self.refused.contains(name) {
            self.refused.insert(name.to_owned());
        }
    }

    /// The whole directory. `file` is the last file's name.
    ///
    /// # Errors
    /// If no row has a word that means active.
    pub fn finish(mut self, file: &str) -> Result<ReadDirectory> {
        if let Some(words) = &self.words
            && words.must_be_met
            && words.active == 0
            && !self.rows.is_empty()
        {
            return Err(Error::input(format!(
                "no row has a word that means active in the column {}",
                quoted(&words.column)
            ))
            .at(file, None)
            .hint("look at the words of the column, and name those in is of the configuration"));
        }
        self.judge_completeness();
        for row in &mut self.rows {
            if row.hired.is_some_and(|hired| row.left.is_some_and(|left| left < hired)) {
                row.left = None;
            }
        }
        self.facts.rows = self.rows.len() as u64;
        self.facts.left_out = std::mem::take(&mut self.left_out).into_iter().collect();
        let mut entries = std::mem::take(&mut self.rows);
        unite::unite_ids(&mut entries);
        self.facts.repeated = self.facts.rows - entries.len() as u64;
        unite::name_managers(&mut entries);
        self.add_warnings(&entries);
        Ok(ReadDirectory { entries, facts: self.facts })
    }

    /// Whether the list says itself that it is cut.
    fn judge_completeness(&mut self) {
        if self.next_links > 0 && self.next_links >= self.pages {
            self.cut(|| "the last page names a next page (@odata.nextLink)".to_owned());
        }
        let there = self.elements;
        if let Some((number, by)) = self.stated.filter(|(number, _)| *number > there) {
            self.cut(|| format!("{by} states {number} entries, and {there} are there"));
        }
    }

    fn add_warnings(&mut self, entries: &[DirectoryEntry]) {
        let facts = &self.facts;
        let mut warnings = Vec::new();
        for name in &self.refused {
            let told = format!(
                "the column {} is refused: its values are the name of a type; write them with \
                 @{{n='{name}';e={{$_.{name} -join \";\"}}}} in Select-Object",
                quoted(name)
            );
            warnings.push((WarningCode::ColumnRefused, told));
        }
        let counts = [
            (
                WarningCode::RowRepeated,
                facts.repeated,
                "rows that repeat an id, and are united with its first row",
            ),
            (
                WarningCode::NotPeople,
                facts.not_people,
                "entries that are no people, and are skipped",
            ),
            (
                WarningCode::ReferencesSkipped,
                facts.references,
                "references to other servers, which are not followed",
            ),
            (
                WarningCode::RowsSkipped,
                facts.skipped,
                "rows above the header, or with neither address nor login, which are skipped",
            ),
            (
                WarningCode::DateUnknown,
                self.dates_unread,
                "cells of dates that cannot be read, and state no date",
            ),
        ];
        let counts = counts.into_iter().filter(|(_, number, _)| *number > 0);
        warnings.extend(counts.map(|(code, number, told)| (code, format!("{told}: {number}"))));
        let silent = entries.iter().filter(|entry| entry.active.is_none()).count();
        if silent > 0 {
            let mut told =
                format!("the files do not state whether {silent} of {} are active", entries.len());
            if let Some(way) = self.ask_for_active.filter(|_| silent == entries.len()) {
                told = format!("{told}: {way}");
            }
            warnings.push((WarningCode::ActiveNotStated, told));
        }
        if let Some(made @ 1..) = self.words.as_ref().map(|words| words.made_inactive) {
            let told = format!(
                "{} inactive, because the word is not among those that mean active",
                if made == 1 { "1 row is".to_owned() } else { format!("{made} rows are") }
            );
            warnings.push((WarningCode::MadeInactive, told));
        }
        if self.has_okta_status && entries.len() >= LONG_LIST && self.deprovisioned == 0 {
            let told = "no entry is deprovisioned: Okta's plain list leaves those out; ask also with \
                        filter=status eq \"DEPROVISIONED\", and import both answers with --pages";
            warnings.push((WarningCode::LeaversLeftOut, told.to_owned()));
        }
        if let [only] = self.organizations.iter().collect::<Vec<_>>()[..] {
            let told = format!("the entries are those of the organization {} alone", quoted(only));
            warnings.push((WarningCode::OneOrganization, told));
            self.facts.organization = Some(only.clone());
        }
        self.facts.warnings.extend(warnings);
    }
}
