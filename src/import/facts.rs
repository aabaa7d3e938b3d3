//! What a file states beside its records: totals, pages, and anything else worth keeping.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::code::WarningCode;
use crate::table::counted;

/// What a file, or one of its sources, states beside its records.
#[derive(Debug, Default, Clone)]
pub struct FileFacts {
    /// Licenses consumed, as the file states it.
    pub consumed: Option<i64>,
    /// Licenses purchased, as the file states it.
    pub purchased: Option<i64>,
    /// The stated number of records, in formats that state one instead of `consumed`.
    pub total: Option<i64>,
    /// Whether pages in the file state different totals.
    pub list_moved: bool,
    /// The number of pages of the answer; 0 if the format does not tell pages apart.
    pub pages: u64,
    /// The number of pages that state a total.
    pub pages_with_totals: u64,
    /// Which pages of the connection the file has (formats.md section 3).
    pub paging: Paging,
    /// Why the file is not complete, if the file itself shows it.
    pub not_whole: Option<String>,
    /// The number of records that are kept in `facts`.
    pub records: u64,
    /// Anything else worth keeping. Lists in it hold records, whose order means nothing.
    pub facts: Map<String, Value>,
    /// Warnings about the file as a whole: code and message.
    pub notes: Vec<(WarningCode, String)>,
    /// What was noticed in the values of the records.
    pub noted: Noted,
}

/// Observations about values, counted over all records.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Noted {
    /// By field: the words for an absent value, with their numbers.
    absent_words: BTreeMap<String, BTreeMap<&'static str, u64>>,
    /// By field: the wrong types of value, with their numbers.
    field_types: BTreeMap<String, BTreeMap<&'static str, u64>>,
    /// The number of lines that repeat the header.
    headers: u64,
    /// Other observations about one field.
    others: Vec<FieldNote>,
}

/// A warning about the values of a file: its code, its message, and the field, if it concerns one.
pub type FieldNote = (WarningCode, String, Option<String>);

impl Noted {
    /// Counts a word for an absent value in a field.
    pub fn absent_word(&mut self, field: &str, word: &'static str) {
        add(&mut self.absent_words, field, word, 1);
    }

    /// Counts a value of the wrong type, which is treated as absent.
    pub fn field_type(&mut self, field: &str, what: &'static str) {
        add(&mut self.field_types, field, what, 1);
    }

    /// Counts lines that repeat the header.
    pub fn headers_repeated(&mut self, count: u64) {
        self.headers += count;
    }

    /// Adds a warning about the values of a field.
    pub fn told(&mut self, code: WarningCode, message: String, field: &str) {
        self.others.push((code, message, Some(field.to_owned())));
    }

    /// Adds the observations from another part of the file.
    pub fn merge(&mut self, other: Noted) {
        for (mine, others) in [
            (&mut self.absent_words, other.absent_words),
            (&mut self.field_types, other.field_types),
        ] {
            for (field, counts) in others {
                counts.into_iter().for_each(|(what, count)| add(mine, &field, what, count));
            }
        }
        self.headers += other.headers;
        self.others.extend(other.others);
    }

    /// The warnings, at most one of each kind per field.
    pub fn warnings(&self) -> Vec<FieldNote> {
        let mut warnings = Vec::new();
        if self.headers > 0 {
            let message = format!(
                "the header occurs again and is skipped, in {}",
                counted(self.headers, "line")
            );
            warnings.push((WarningCode::HeaderRepeated, message, None));
        }
        for (field, words) in &self.absent_words {
            let words = words.iter().map(|(word, count)| format!("{word} ({count})"));
            let words: Vec<String> = words.collect();
            let message =
                format!("words for an absent value, treated as absent: {}", words.join(", "));
            warnings.push((WarningCode::AbsentWord, message, Some(field.clone())));
        }
        for (field, types) in &self.field_types {
            let types =
                types.iter().map(|(what, count)| format!("{what} in {}", counted(*count, "row")));
            let types: Vec<String> = types.collect();
            let message =
                format!("values of another type, so the field is not stated: {}", types.join(", "));
            warnings.push((WarningCode::FieldType, message, Some(field.clone())));
        }
        warnings.extend(self.others.iter().cloned());
        warnings
    }
}

fn add(
    counts: &mut BTreeMap<String, BTreeMap<&'static str, u64>>,
    field: &str,
    what: &'static str,
    count: u64,
) {
    if let Some(of_field) = counts.get_mut(field) {
        *of_field.entry(what).or_default() += count;
    } else {
        counts.insert(field.to_owned(), BTreeMap::from([(what, count)]));
    }
}

impl FileFacts {
    /// Adds the totals of another page. The larger total counts, whatever the order of the pages.
    pub fn add_page(&mut self, consumed: Option<i64>, purchased: Option<i64>) {
        self.merge(FileFacts { consumed, purchased, ..FileFacts::default() }.as_page());
    }

    /// Marks these facts as one page of an answer.
    #[must_use]
    pub fn as_page(mut self) -> FileFacts {
        let stated = self.consumed.is_some() || self.purchased.is_some() || self.total.is_some();
        self.pages = 1;
        self.pages_with_totals = u64::from(stated);
        self
    }

    /// Adds the facts of another page, or of another file of the same answer.
    pub fn merge(&mut self, page: FileFacts) {
        self.list_moved |= page.list_moved;
        self.pages += page.pages;
        self.pages_with_totals += page.pages_with_totals;
        for (total, stated) in [
            (&mut self.consumed, page.consumed),
            (&mut self.purchased, page.purchased),
            (&mut self.total, page.total),
        ] {
            if let (Some(total), Some(stated)) = (&*total, stated)
                && *total != stated
            {
                self.list_moved = true;
            }
            *total = (*total).max(stated);
        }
        self.paging.merge(page.paging);
        self.not_whole = self.not_whole.take().or(page.not_whole);
        self.records += page.records;
        for (key, value) in page.facts {
            match (self.facts.get_mut(&key), value) {
                (Some(Value::Array(known)), Value::Array(more)) => known.extend(more),
                (_, value) => {
                    self.facts.insert(key, value);
                }
            }
        }
        self.notes.extend(page.notes);
        self.noted.merge(page.noted);
    }

    /// The number of records in `facts`, without repetitions.
    pub fn distinct_records(&self) -> u64 {
        let repeats = |records: &Vec<Value>| {
            let distinct: BTreeSet<String> = records.iter().map(Value::to_string).collect();
            (records.len() - distinct.len()) as u64
        };
        let lists = self.facts.values().filter_map(Value::as_array);
        self.records.saturating_sub(lists.map(repeats).sum())
    }

    /// The facts as they are stored: sorted keys, and lists of records sorted by their text without
    /// repetitions, so that the order of the pages never shows.
    pub fn stored(mut self) -> Value {
        for value in self.facts.values_mut() {
            value.sort_all_objects();
            if let Value::Array(records) = value {
                records.sort_by_cached_key(Value::to_string);
                records.dedup();
            }
        }
        let mut facts = Value::Object(self.facts);
        facts.sort_all_objects();
        facts
    }
}

/// A truth value, which may be a string.
pub(super) fn truth_of(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(truth) => Some(*truth),
        Value::String(text) if text.trim().eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.trim().eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// The pages of a connection that have arrived. Pages can arrive in any order, so all that is known is
/// whether the first and the last are among them.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Paging {
    has_first: bool,
    has_last: bool,
    has_one_with_next: bool,
    has_one_with_previous: bool,
}

impl Paging {
    /// Adds one page's `pageInfo`, if it has one.
    pub fn add(&mut self, page_info: &Value) {
        let says = |key: &str| page_info.get(key).and_then(truth_of);
        match says("hasNextPage") {
            Some(true) => self.has_one_with_next = true,
            Some(false) => self.has_last = true,
            None => {}
        }
        match says("hasPreviousPage") {
            Some(true) => self.has_one_with_previous = true,
            Some(false) => self.has_first = true,
            None => {}
        }
    }

    fn merge(&mut self, other: Paging) {
        self.has_first |= other.has_first;
        self.has_last |= other.has_last;
        self.has_one_with_next |= other.has_one_with_next;
        self.has_one_with_previous |= other.has_one_with_previous;
    }

    /// A page that is certainly missing, described for a message.
    pub fn missing(self) -> Option<&'static str> {
        if self.has_one_with_next && !self.has_last {
            Some("the answer says that a next page follows, which is not in the file")
        } else if self.has_one_with_previous && !self.has_first {
            Some("the answer says that a page came before, which is not in the file")
        } else {
            None
        }
    }
}
