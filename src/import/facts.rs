//! What a file states beside its records: totals, numbers of pages, and other facts.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::code::WarningCode;
use crate::table::counted;

/// What a file states beside its records. It may be about the whole file or about one of the sources in it.
#[derive(Debug, Default, Clone)]
pub struct FileFacts {
    /// The number of licenses consumed, as the file states it.
    pub consumed: Option<i64>,
    /// The number of licenses purchased, as the file states it.
    pub purchased: Option<i64>,
    /// The number of records that the file states to have. Formats that state the number of consumed licenses
    /// do not use it.
    pub total: Option<i64>,
    /// Whether two pages of the answer state different totals. The list then changed while its pages were
    /// fetched.
    pub list_moved: bool,
    /// The number of pages of the answer; 0 if the format has no pages.
    pub pages: u64,
    /// The number of pages that state a total.
    pub pages_with_totals: u64,
    /// Whether the first and the last page of a GraphQL connection have arrived (formats.md section 3).
    pub paging: Paging,
    /// Why the file is incomplete; `None` if the file does not show that it is.
    pub not_whole: Option<String>,
    /// The number of records in the lists of `facts`.
    pub records: u64,
    /// Other facts that the file states, by key. Some are lists of records, such as subscriptions; the order of
    /// these records means nothing.
    pub facts: Map<String, Value>,
    /// Warnings about the file as a whole, each with its code and message.
    pub notes: Vec<(WarningCode, String)>,
    /// What was noted about the values of the records, such as words that stand for an absent value.
    pub noted: Noted,
}

/// What was noted about the values of all records of a file, in numbers. It becomes warnings.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Noted {
    /// For each field, the words in it that stand for an absent value, each with its number of occurrences.
    absent_words: BTreeMap<String, BTreeMap<&'static str, u64>>,
    /// For each field, the wrong types of its values, each with its number of values.
    field_types: BTreeMap<String, BTreeMap<&'static str, u64>>,
    /// The number of lines that repeat the header.
    headers: u64,
    /// Further warnings about the values of single fields.
    others: Vec<FieldNote>,
}

/// A warning about the values of a file: its code, its message, and the field if it is about one field.
pub type FieldNote = (WarningCode, String, Option<String>);

impl Noted {
    /// Counts a word in a field that stands for an absent value, such as `n/a`.
    pub fn absent_word(&mut self, field: &str, word: &'static str) {
        add(&mut self.absent_words, field, word, 1);
    }

    /// Counts a value of the wrong type in a field. Such a value is treated as absent.
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

    /// Adds what was noted about the values of another page of the same answer.
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

    /// The warnings about what was noted: one for each field with words that stand for an absent value, and one
    /// for each field with values of the wrong type.
    pub fn warnings(&self) -> Vec<FieldNote> {
        let mut warnings = Vec::new();
        if self.headers > 0 {
            let message = format!(
                "the header is repeated, and the repetition is skipped, in {}",
                counted(self.headers, "line")
            );
            warnings.push((WarningCode::HeaderRepeated, message, None));
        }
        for (field, words) in &self.absent_words {
            let words = words.iter().map(|(word, count)| format!("{word} ({count})"));
            let words: Vec<String> = words.collect();
            let message = format!(
                "words that stand for an absent value, so the value counts as absent: {}",
                words.join(", ")
            );
            warnings.push((WarningCode::AbsentWord, message, Some(field.clone())));
        }
        for (field, types) in &self.field_types {
            let types =
                types.iter().map(|(what, count)| format!("{what} in {}", counted(*count, "row")));
            let types: Vec<String> = types.collect();
            let message = format!(
                "values of an unexpected type, which count as not stated: {}",
                types.join(", ")
            );
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
    /// Adds the totals of another page. If pages state different totals, the largest one counts, so that the
    /// order of the pages does not matter.
    pub fn add_page(&mut self, consumed: Option<i64>, purchased: Option<i64>) {
        self.merge(FileFacts { consumed, purchased, ..FileFacts::default() }.as_page());
    }

    /// Makes these the facts of one page of an answer, so that its pages can be counted.
    #[must_use]
    pub fn as_page(mut self) -> FileFacts {
        let stated = self.consumed.is_some() || self.purchased.is_some() || self.total.is_some();
        self.pages = 1;
        self.pages_with_totals = u64::from(stated);
        self
    }

    /// Adds the facts of another page. The page may be in another file with pages of the same answer.
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

    /// The number of records in the lists of `facts`. Records that are equal count once.
    pub fn distinct_records(&self) -> u64 {
        let repeats = |records: &Vec<Value>| {
            let distinct: BTreeSet<String> = records.iter().map(Value::to_string).collect();
            (records.len() - distinct.len()) as u64
        };
        let lists = self.facts.values().filter_map(Value::as_array);
        self.records.saturating_sub(lists.map(repeats).sum())
    }

    /// The facts as they are stored: keys are sorted, and lists of records are sorted by their text and have no
    /// repetitions. So equal facts are stored equally, whatever the order of the pages.
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

/// The truth value that a JSON value states, as a boolean or as a string; `None` for any other value.
pub(super) fn truth_of(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(truth) => Some(*truth),
        Value::String(text) if text.trim().eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.trim().eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// Which pages of a GraphQL connection have arrived. Pages may arrive in any order, so all that can be known is
/// whether the first and the last page are among them.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Paging {
    has_first: bool,
    has_last: bool,
    has_one_with_next: bool,
    has_one_with_previous: bool,
}

impl Paging {
    /// Adds the `pageInfo` of one page.
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

    /// A sentence about a page that is certainly missing; `None` if no page is known to be missing.
    pub fn missing(self) -> Option<&'static str> {
        if self.has_one_with_next && !self.has_last {
            Some("the answer says that a next page follows, but that page is not in the file")
        } else if self.has_one_with_previous && !self.has_first {
            Some("the answer says that a page comes before it, but that page is not in the file")
        } else {
            None
        }
    }
}
