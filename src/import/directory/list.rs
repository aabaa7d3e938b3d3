//! Collects the people that the files of one directory list, and what the readers report about the list as a
//! whole: counts, warnings, and whether the list itself shows that it is incomplete (directory.md section 1).
//!
//! Rows are kept until the end of all files, because dates, repeated ids and managers can be resolved only
//! then.

use std::collections::{BTreeMap, BTreeSet};

use foldhash::HashSet;

use super::truths::Truths;
use super::unite;
use crate::code::WarningCode;
use crate::error::{Error, Result, quoted};
use crate::model::PackedEntries;
use crate::table::counted;

/// The number of entries from which an Okta list without deprovisioned people is suspicious.
const LONG_LIST: usize = 20;

/// The hint that names the list to get instead.
pub const PEOPLE: &str = "get the list of the users: the Entra admin center, Users, Download users; GET /users; \
    Get-ADUser; `oneseat formats` has the others";

/// What the readers report about a directory as a whole.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct DirectoryFacts {
    /// The number of rows about people, counted before rows with the same id are united.
    pub rows: u64,
    /// The number of rows whose id an earlier row has.
    pub repeated: u64,
    /// The number of entries that are not people.
    pub not_people: u64,
    /// The number of references to other servers.
    pub references: u64,
    /// The number of skipped rows: rows above the header, and rows with neither an address nor a login.
    pub skipped: u64,
    /// Why the list is incomplete; `None` if the list does not show that it is.
    pub cut: Option<String>,
    /// The greatest number of entries that the list itself states.
    pub total: Option<u64>,
    /// The organization to which all entries belong; `None` if there is no organization or more than one.
    pub organization: Option<String>,
    /// The names of the columns or keys that were not used.
    pub left_out: BTreeSet<String>,
    /// The warnings about the directory, each with its code and message.
    pub warnings: Vec<(WarningCode, String)>,
}

/// A directory as its files state it.
#[derive(Debug, Default)]
pub struct ReadDirectory {
    /// The people in the order of the files, with one entry for each id.
    pub entries: PackedEntries,
    /// What the readers report about the directory as a whole.
    pub facts: DirectoryFacts,
}

/// Counts over the words in the column that states who is active, in a table that the configuration maps.
#[derive(Debug)]
pub struct WordsMet {
    /// The name of the column.
    pub column: String,
    /// The number of rows whose word means active.
    pub active: u64,
    /// The number of rows whose word means inactive.
    pub inactive: u64,
    /// The number of rows that are inactive only because their word is not among the configured words for
    /// active.
    pub made_inactive: u64,
    /// Whether the configuration lists words for active, so that at least one row must have one of them.
    pub must_be_met: bool,
    /// Whether the configuration lists words for inactive alone. A row with one of them is to be expected, but perhaps
    /// nobody has left.
    pub may_be_met: bool,
}

/// Where the values of a format stand, which decides the words of a warning about them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ValuePlace {
    /// The cells in the columns of a table.
    #[default]
    Cells,
    /// The fields of JSON objects.
    Fields,
    /// The attributes of LDIF.
    Attributes,
}

/// The rows read so far from all files of a directory, and what was noticed in them.
#[derive(Debug, Default)]
pub struct DirectoryList {
    /// The rows in the order of the files, each as an entry.
    pub rows: PackedEntries,
    /// What is reported about the directory as a whole. The warnings are complete only after `finish`.
    pub facts: DirectoryFacts,
    /// The number of pages of answers.
    pub pages: u64,
    /// The number of pages that name a next page.
    pub next_links: u64,
    /// The number of pages of ldapsearch whose cookie says that a next page follows.
    pub cookies: u64,
    /// The number of pages of ldapsearch whose empty cookie says that no page follows.
    pub last_cookies: u64,
    /// The greatest number of entries that an answer states, with the name of the key that states it.
    pub stated: Option<(u64, &'static str)>,
    /// The number of entries in the lists of the answers, whether or not they are people.
    pub elements: u64,
    /// Whether a page says that it lists all users.
    pub is_of_all_users: bool,
    /// The number of entries that call themselves users, as the answers about members of a group do.
    pub named_users: u64,
    /// Whether any entry has an Okta status.
    pub has_okta_status: bool,
    /// The number of entries whose Okta status is `DEPROVISIONED`.
    pub deprovisioned: u64,
    /// The organizations named in the `meta.location` of SCIM entries.
    pub organizations: BTreeSet<String>,
    /// Counts over the truth values of formats without columns.
    pub truths: Truths,
    /// The number of texts with an @ that cannot be read as addresses.
    pub addresses_unread: u64,
    /// Where the values of the format stand.
    pub value_place: ValuePlace,
    /// The number of values that should be a date and cannot be read as one.
    pub dates_unread: u64,
    /// The number of rows of a mapped table with neither an address nor a login.
    pub nameless: u64,
    /// The distinguished names of the entries that are not people, as hashes.
    pub other_dns: HashSet<u64>,
    /// The number of rows that do not say whether the person is active because the word for it is unknown.
    pub words_unknown: u64,
    /// Counts over the words in the mapped column that states who is active; `None` if no column is mapped to
    /// that.
    pub words: Option<WordsMet>,
    /// How to get a list that states who is active, for the warning `active-not-stated`.
    pub ask_for_active: Option<&'static str>,
    /// The columns or keys with values that hold the name of a type, each with the number of these values.
    printed: BTreeMap<String, u64>,
    /// The keys with values of another type, each with the type and the number of these values.
    types: BTreeMap<(String, &'static str), u64>,
    /// The names of columns and keys that are not used. Each row names them again, so they are kept as a set.
    left_out: HashSet<String>,
}

impl DirectoryList {
    /// Adds a warning about the directory.
    pub fn warn(&mut self, code: WarningCode, message: impl Into<String>) {
        self.facts.warnings.push((code, message.into()));
    }

    /// Records why the list is incomplete. Only the first reason is kept.
    pub fn cut(&mut self, why: impl FnOnce() -> String) {
        self.facts.cut.get_or_insert_with(why);
    }

    /// Keeps a number of entries that an answer states, if it is the greatest so far. `by` names the key that
    /// states it.
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

    /// Notes a value of a key that has another type than the key's values have.
    pub fn note_type(&mut self, name: &str, what: &'static str) {
        *self.types.entry((name.to_owned(), what)).or_default() += 1;
    }

    /// Notes values of a column or key that hold the name of a type, and are left out.
    pub fn note_printed(&mut self, name: &str, values: u64) {
        match self.printed.get_mut(name) {
            Some(known) => *known += values,
            None => drop(self.printed.insert(name.to_owned(), values)),
        }
    }

    /// Ends the list and returns the directory. `file` is the name of the last file, for errors.
    ///
    /// # Errors
    /// If the configuration lists words that mean active, and no row has one of them; if no value of a key says
    /// whether the person is active; if the list has entries, and none of them is a person.
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
            .hint(
                "look at the words of the column, and list those that mean active under is in \
                the configuration",
            ));
        }
        self.truths.judge().map_err(|error| error.at(file, None))?;
        if let Some(error) = self.without_people() {
            return Err(error.at(file, None));
        }
        self.facts.total = self.stated.map(|(total, _)| total);
        for at in 0..self.rows.len() {
            let Some(dates) = self.rows.dates_mut(at) else { continue };
            if dates.hired.is_some_and(|hired| dates.left.is_some_and(|left| left < hired)) {
                dates.left = None;
            }
        }
        self.facts.rows = self.rows.len() as u64;
        self.facts.left_out = std::mem::take(&mut self.left_out).into_iter().collect();
        let mut entries = std::mem::take(&mut self.rows);
        unite::unite_ids(&mut entries);
        self.facts.repeated = self.facts.rows - entries.len() as u64;
        self.judge_completeness(entries.len() as u64 + self.facts.not_people);
        unite::name_managers(&mut entries);
        self.add_warnings(&entries);
        Ok(ReadDirectory { entries, facts: self.facts })
    }

    /// The refusal of a list that has entries, none of which is a person. A list without any entry may be right. The
    /// error names no file yet.
    fn without_people(&self) -> Option<Error> {
        if !self.rows.is_empty() {
            return None;
        }
        if self.nameless > 0 {
            return Some(
                Error::input(format!(
                    "no row has an address or a login in the mapped columns; rows: {}",
                    self.nameless
                ))
                .hint(
                    "look at the columns that the configuration names under emails, logins and \
                    server_logins",
                ),
            );
        }
        (self.facts.not_people > 0).then(|| {
            let entries = counted(self.facts.not_people, "entry");
            Error::input(format!(
                "the list has no people, but {entries} of something else, such as computers or groups"
            ))
            .hint(PEOPLE)
        })
    }

    /// Records that the list is incomplete, if the last page names a next page or an answer states more entries
    /// than were read. `there` is the number of different entries: an entry that two pages repeat does not make
    /// up for one that no page has.
    fn judge_completeness(&mut self, there: u64) {
        if self.next_links > 0 && self.next_links >= self.pages {
            self.cut(|| "the last page names a next page (@odata.nextLink)".to_owned());
        }
        if self.cookies > 0 && self.last_cookies == 0 {
            self.cut(|| "the last page has a cookie for a next page (pagedresults)".to_owned());
        }
        let repeated = self.elements > there;
        if let Some((number, by)) = self.stated.filter(|(number, _)| *number > there) {
            self.cut(|| more_stated(by, number, there, repeated));
        }
    }

    fn add_warnings(&mut self, entries: &PackedEntries) {
        let facts = &self.facts;
        let mut warnings = Vec::new();
        for (name, values) in &self.printed {
            let (what, noun, way) = match self.value_place {
                ValuePlace::Cells => (
                    "column",
                    "row",
                    format!("@{{n='{name}';e={{$_.{name} -join \";\"}}}} in Select-Object"),
                ),
                _ => ("field", "entry", "ConvertTo-Json -Depth 10".to_owned()),
            };
            let told = format!(
                "the {what} {} is refused in {}, where it holds the name of a type in place of its \
                    values; write the values with {way}",
                quoted(name),
                counted(*values, noun)
            );
            warnings.push((WarningCode::ColumnRefused, told));
        }
        for ((name, what), values) in &self.types {
            let told = format!(
                "values of the field {} have an unexpected type and count as not stated: {what} in {}",
                quoted(name),
                counted(*values, "entry")
            );
            warnings.push((WarningCode::FieldType, told));
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
                WarningCode::AddressUnread,
                self.addresses_unread,
                "texts that hold an @ and cannot be read as addresses, and are left out",
            ),
            (
                WarningCode::DateUnknown,
                self.dates_unread,
                match self.value_place {
                    ValuePlace::Cells => "cells in columns of dates that cannot be read as a date",
                    ValuePlace::Fields => "fields of dates that cannot be read as a date",
                    ValuePlace::Attributes => "attributes of dates that cannot be read as a date",
                },
            ),
        ];
        let counts = counts.into_iter().filter(|(_, number, _)| *number > 0);
        warnings.extend(counts.map(|(code, number, told)| (code, format!("{told}: {number}"))));
        let silent = (0..entries.len()).filter(|at| entries.active(*at).is_none()).count();
        if silent > 0 {
            let unknown = self.words_unknown + self.truths.unread();
            let mut told = match unknown {
                0 => format!(
                    "the files do not state whether {silent} of {} are active",
                    entries.len()
                ),
                _ => format!(
                    "words that should say whether a person is active, and are not known: {unknown}; nobody is \
                        called inactive for them, and {silent} of {} entries count as not stated",
                    entries.len()
                ),
            };
            if let Some(way) = self.ask_for_active.filter(|_| silent == entries.len()) {
                told = format!("{told}: {way}");
            }
            warnings.push((WarningCode::ActiveNotStated, told));
        }
        if let Some(made @ 1..) = self.words.as_ref().map(|words| words.made_inactive) {
            let told = format!(
                "{} inactive, because the word in the column is not among those that mean active",
                if made == 1 { "1 row is".to_owned() } else { format!("{made} rows are") }
            );
            warnings.push((WarningCode::MadeInactive, told));
        }
        if let Some(words) = &self.words
            && words.may_be_met
            && words.inactive == 0
            && !entries.is_empty()
        {
            let told = format!(
                "no row has a word that means inactive in the column {}, so nobody is called inactive: if somebody \
                    has left, list the words of the column that mean it under not in the configuration",
                quoted(&words.column)
            );
            warnings.push((WarningCode::ActiveNotStated, told));
        }
        if self.named_users > 0 && !self.is_of_all_users {
            let told = "the entries name their type, as the members of a group do: if this is the list of a group, \
                request GET /users, since everybody else is missing";
            warnings.push((WarningCode::GroupMembers, told.to_owned()));
        }
        if self.has_okta_status && entries.len() >= LONG_LIST && self.deprovisioned == 0 {
            let told = "no entry is deprovisioned: Okta's plain list leaves such entries out; \
                request them too with \
                        filter=status eq \"DEPROVISIONED\", and import both answers with --pages";
            warnings.push((WarningCode::LeaversLeftOut, told.to_owned()));
        }
        if let [only] = self.organizations.iter().collect::<Vec<_>>()[..] {
            let told = format!("all entries belong to the organization {}", quoted(only));
            warnings.push((WarningCode::OneOrganization, told));
            self.facts.organization = Some(only.clone());
        }
        self.facts.warnings.extend(warnings);
    }
}

/// Why a list is incomplete that states more entries than it has. `repeated` is whether it has entries twice.
pub fn more_stated(by: &str, number: u64, there: u64, repeated: bool) -> String {
    let once = if repeated { ", each counted once" } else { "" };
    let files = if by.starts_with('#') { "file has" } else { "files have" };
    format!("{by} states {number} entries, but the {files} {there}{once}")
}
