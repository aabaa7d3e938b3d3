//! Checks whether the values of a record have the types of their fields (formats.md section 1, "A known
//! field of another type"). It splits a list that arrived as one text and counts words for absent values.
//! It refuses an unreadable value if identity, matching or counting depends on the field. Otherwise it
//! treats the value as absent.
//!
//! The record keeps the values of the file; only known lists are converted to lists.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::alike::Next;
use super::facts::Noted;
use super::list_text::{self, Items, Unclear};
use crate::email;
use crate::error::{Error, Result};
use crate::model::{PRIMARY_FLAGS, Record, ServerId, Value, plain_entries};

/// The type of value in a known field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldForm {
    /// A string or a number.
    Text,
    /// The id of an account: a number or a string.
    Id,
    /// True, false or empty.
    Truth,
    /// A number.
    Number,
    /// A list of strings.
    List(Items),
    /// The addresses of a Server account: strings, or objects with an address and a flag.
    Emails,
    /// Whether an account is suspended: true or false. It decides whether the account counts, so an empty
    /// text is counted as a word for an absent value.
    Suspended,
    /// The same as a word: `active` or `suspended`, or true or false; never empty.
    Status,
    /// The time at which an account was suspended, a truth value, or empty.
    SuspendedAt,
}

/// The words that stand for an absent value in a field (counting.md section 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AbsenceWords {
    /// The words for an address, an id or a NameID.
    Address,
    /// The words for a login, a name or an organization.
    Name,
    /// No words: values are kept as they are.
    Kept,
}

/// The rule for a known field.
#[derive(Debug, Clone, Copy)]
pub struct FieldRule {
    pub form: FieldForm,
    /// Whether identity, matching or counting depends on the field.
    pub telling: bool,
    /// The words that stand for an absent value.
    pub words: AbsenceWords,
}

impl FieldRule {
    /// A rule for a field that identity, matching or counting depends on.
    pub const fn telling(form: FieldForm, words: AbsenceWords) -> FieldRule {
        FieldRule { form, telling: true, words }
    }

    /// A rule for any other known field.
    pub const fn other(form: FieldForm, words: AbsenceWords) -> FieldRule {
        FieldRule { form, telling: false, words }
    }
}

/// Checks the values of the records of one file.
pub struct ValueCheck {
    file: String,
    rule_of: fn(&str) -> Option<FieldRule>,
    /// The field names of the last record, with their rules: most records have the same names.
    names: Vec<String>,
    rules: Vec<Option<FieldRule>>,
    has_new_names: bool,
    row: u64,
    /// The fields of the last record whose values have the wrong type.
    odd: Vec<String>,
    /// The observations so far.
    pub noted: Noted,
}

impl ValueCheck {
    /// A check of the records of this file, by these rules.
    pub fn of(file: &str, rule_of: fn(&str) -> Option<FieldRule>) -> ValueCheck {
        ValueCheck {
            file: file.to_owned(),
            rule_of,
            names: Vec::new(),
            rules: Vec::new(),
            has_new_names: false,
            row: 0,
            odd: Vec::new(),
            noted: Noted::default(),
        }
    }

    /// The number of the current record, from 1.
    pub fn row(&self) -> u64 {
        self.row
    }

    /// Whether the previous record had the names of this one.
    fn has_names_of(&self, record: &Record<'_>) -> bool {
        let names = record.fields().iter().map(|field| field.name.as_ref());
        self.names.len() == record.fields().len() && names.eq(self.names.iter().map(String::as_str))
    }

    /// Whether the current record has other names than the one before it.
    pub fn has_new_names(&self) -> bool {
        self.has_new_names
    }

    /// Checks the next record.
    ///
    /// # Errors
    /// If a value that identity, matching or counting depends on cannot be read.
    pub fn look(&mut self, next: &mut Next<'_>) -> Result<()> {
        let Next { record, line, is_alike } = next;
        self.row += 1;
        self.odd.clear();
        let is_alike = *is_alike && self.row > 1;
        self.has_new_names = !(is_alike || self.has_names_of(record));
        debug_assert!(!is_alike || self.has_names_of(record));
        if self.has_new_names {
            self.names = record.fields().iter().map(|field| field.name.to_string()).collect();
            self.rules = self.names.iter().map(|name| (self.rule_of)(name)).collect();
        }
        for ((name, value), rule) in record.values_mut().zip(&self.rules) {
            let Some(rule) = rule else { continue };
            let seen = Seen { name, rule, noted: &mut self.noted };
            let Some(found) = seen.look(value) else { continue };
            if rule.telling || found.is_shell_output {
                return Err(refusal(name, self.row, &found).at(&self.file, Some(*line)));
            }
            self.noted.field_type(name, found.what);
            self.odd.push(name.to_owned());
        }
        Ok(())
    }

    /// Checks the end of a table. If it has no line end, and its last cell has a value of the wrong type,
    /// the file was cut there.
    ///
    /// # Errors
    /// If the file was cut.
    pub fn check_end(&self, last_column: Option<&String>, has_line_end: bool) -> Result<()> {
        match last_column {
            Some(column) if !has_line_end && self.odd.contains(column) => {
                Err(Error::input("the file ends in the middle of its last cell")
                    .at(&self.file, None)
                    .hint("the download is probably incomplete: download the file again"))
            }
            _ => Ok(()),
        }
    }
}

/// A value of the wrong type: what it is, and what belongs there.
struct WrongValue {
    what: &'static str,
    /// Whether a script wrote a list or an object as text.
    is_shell_output: bool,
    wanted: &'static str,
}

fn refusal(field: &str, row: u64, found: &WrongValue) -> Error {
    let WrongValue { what, wanted, is_shell_output } = found;
    let error = Error::input(format!("row {row}: the field {field} is {what}, not {wanted}"));
    if *is_shell_output {
        error
            .hint("import GitHub's own JSON answer; in PowerShell write it with ConvertTo-Json -Depth 10")
            .hint("a table needs lists joined by commas: -join \",\" before Export-Csv")
    } else {
        error.hint("identity or matching depends on this field: import GitHub's own answer or report, unchanged")
    }
}

/// The check of a single value.
struct Seen<'s> {
    name: &'s str,
    rule: &'s FieldRule,
    noted: &'s mut Noted,
}

impl Seen<'_> {
    /// Returns what is wrong with the value, if anything. Replaces a list that arrived as text by a list.
    fn look(mut self, value: &mut Value<'_>) -> Option<WrongValue> {
        match self.rule.form {
            FieldForm::Text => self.text(value),
            FieldForm::Truth => self.truth(value),
            FieldForm::Suspended => {
                if matches!(value, Value::Text(text) if text.trim().is_empty()) {
                    self.noted.absent_word(self.name, "\"\"");
                }
                self.truth(value)
            }
            FieldForm::Status => self.status(value),
            FieldForm::SuspendedAt => self.suspended_at(value),
            FieldForm::Id => match value {
                Value::Text(text) if text.trim().contains(char::is_whitespace) => {
                    Some(WrongValue {
                        what: "a text of several words",
                        is_shell_output: false,
                        wanted: "an id",
                    })
                }
                Value::Text(text) | Value::Number(text) if is_mangled_id(text) => {
                    Some(WrongValue {
                        what: "a number that a program has rewritten",
                        is_shell_output: false,
                        wanted: "an id",
                    })
                }
                value => self.text(value),
            },
            FieldForm::Number => match value {
                Value::Null | Value::Number(_) => None,
                Value::Text(text) if is_number(text) => None,
                other => self.another(other, "a number"),
            },
            FieldForm::List(items) => self.list(value, items),
            FieldForm::Emails => self.emails(value),
        }
    }

    fn text(&mut self, value: &Value<'_>) -> Option<WrongValue> {
        match value {
            Value::Null | Value::Number(_) => None,
            Value::Text(text) => {
                if self.absent(text) {
                    return None;
                }
                let found = list_text::printed_object(text);
                // A login or a name may begin with a bracket; an address never does.
                let is_address = self.rule.telling && self.rule.words == AbsenceWords::Address;
                let found = found.or_else(|| list_text::bracketed(text).filter(|_| is_address));
                let what = found.filter(|_| self.rule.words != AbsenceWords::Kept)?;
                Some(WrongValue { what, is_shell_output: true, wanted: "a text" })
            }
            other => self.another(other, "a text"),
        }
    }

    fn truth(&mut self, value: &Value<'_>) -> Option<WrongValue> {
        const WANTED: &str = "true or false";
        match value {
            Value::Null | Value::Bool(_) => None,
            Value::Text(text) => {
                let text = text.trim();
                if text.is_empty() || value.truth().is_some() {
                    return None;
                }
                if let Some(word) = email::word_of_absence(text) {
                    self.noted.absent_word(self.name, word);
                    return None;
                }
                let what = list_text::printed_object(text);
                let is_shell_output = what.is_some() && self.rule.telling;
                let what = what.unwrap_or("another text");
                Some(WrongValue { what, is_shell_output, wanted: WANTED })
            }
            other => self.another(other, WANTED),
        }
    }

    fn status(&mut self, value: &Value<'_>) -> Option<WrongValue> {
        const WANTED: &str = "active or suspended";
        match value {
            Value::Bool(_) => None,
            Value::Text(text) => {
                let text = text.trim();
                let known = ["active", "suspended"].iter().any(|it| it.eq_ignore_ascii_case(text));
                if known || value.truth().is_some() || self.absent(text) {
                    return None;
                }
                let what = if text.is_empty() { "empty" } else { "another text" };
                Some(WrongValue { what, is_shell_output: false, wanted: WANTED })
            }
            other => self.another(other, WANTED),
        }
    }

    fn suspended_at(&mut self, value: &Value<'_>) -> Option<WrongValue> {
        const WANTED: &str = "a time";
        match value {
            Value::Null | Value::Bool(_) => None,
            Value::Number(text) if is_time(text) => None,
            Value::Text(text) => {
                let text = text.trim();
                if text.is_empty() || value.truth().is_some() || is_time(text) || self.absent(text)
                {
                    return None;
                }
                Some(WrongValue { what: "another text", is_shell_output: false, wanted: WANTED })
            }
            other => self.another(other, WANTED),
        }
    }

    fn list(&mut self, value: &mut Value<'_>, items: Items) -> Option<WrongValue> {
        const WANTED: &str = "a list of texts";
        let unclear =
            |what: Unclear| Some(WrongValue { what, is_shell_output: true, wanted: WANTED });
        match value {
            Value::Null => return None,
            Value::Number(_) => {}
            Value::Text(text) => match list_text::split(text, items) {
                Ok(None) => {}
                Ok(Some(list)) => {
                    let mut list: Vec<Cow<'static, str>> =
                        list.into_iter().map(|item| Cow::Owned(item.into_owned())).collect();
                    list.sort_unstable();
                    *value = Value::List(list);
                }
                Err(what) => return unclear(what),
            },
            Value::List(list) => {
                let clear = list.iter().try_for_each(|item| list_text::one(item, items));
                if let Err(what) = clear {
                    return unclear(what);
                }
            }
            Value::Json(text) if text.starts_with('[') => match elements(text) {
                Ok(mut list) => {
                    list.sort_unstable();
                    *value = Value::List(list);
                }
                Err(what) => {
                    return Some(WrongValue { what, is_shell_output: false, wanted: WANTED });
                }
            },
            other => return self.another(other, WANTED),
        }
        self.count_words(value, items)
    }

    fn count_words(&mut self, value: &Value<'_>, items: Items) -> Option<WrongValue> {
        if let Value::Text(text) = value
            && text.trim() == "[]"
        {
            return None;
        }
        for item in value.each_item() {
            if items == Items::Ids && ServerId::is_plainly_one(item) {
                continue;
            }
            if items == Items::Ids && email::word_of_absence(item).is_none() {
                if ServerId::parse(item).is_none() {
                    if is_mangled_id(item) {
                        let what = "a list with a number that a program has rewritten";
                        let wanted = "a list of ids such as HOST:NUMBER";
                        return Some(WrongValue { what, is_shell_output: false, wanted });
                    }
                    self.noted.field_type(self.name, "a text that is not a Server id");
                }
                continue;
            }
            let organization = match items {
                Items::Pairs => item.rsplit_once(':').map_or(item, |(place, _)| place),
                _ => item,
            };
            self.absent(organization);
        }
        None
    }

    fn emails(&mut self, value: &mut Value<'_>) -> Option<WrongValue> {
        const WANTED: &str = "a list of addresses";
        match value {
            Value::Json(text) if text.starts_with('[') => {
                if let Some(entries) = plain_entries(text) {
                    for (text, _) in entries {
                        if let Err(what) = list_text::one(text, Items::Addresses) {
                            return Some(WrongValue {
                                what,
                                is_shell_output: true,
                                wanted: WANTED,
                            });
                        }
                        self.absent(text);
                    }
                    return None;
                }
                let entries: Vec<serde_json::Value> =
                    serde_json::from_str(text).unwrap_or_default();
                for entry in &entries {
                    if let Some(what) = other_flag(entry) {
                        return Some(WrongValue { what, is_shell_output: false, wanted: WANTED });
                    }
                    let address = match entry {
                        serde_json::Value::Object(members) => members.get("email"),
                        other => Some(other),
                    };
                    match address {
                        Some(serde_json::Value::String(text)) => {
                            if let Err(what) = list_text::one(text, Items::Addresses) {
                                return Some(WrongValue {
                                    what,
                                    is_shell_output: true,
                                    wanted: WANTED,
                                });
                            }
                            self.absent(text);
                        }
                        Some(serde_json::Value::Null | serde_json::Value::Number(_)) => {}
                        None => {
                            let what = "a list with an object that has no email";
                            return Some(WrongValue {
                                what,
                                is_shell_output: false,
                                wanted: WANTED,
                            });
                        }
                        Some(_) => {
                            let what = "a list of values other than texts";
                            return Some(WrongValue {
                                what,
                                is_shell_output: false,
                                wanted: WANTED,
                            });
                        }
                    }
                }
                None
            }
            other => {
                // One text, or several to be split: the same list in another form.
                if let Value::Text(text) = other
                    && !text.trim().is_empty()
                    && list_text::split(text, Items::Addresses).is_ok_and(|it| it.is_none())
                {
                    let pieces = crate::model::split_cell(text);
                    *other = Value::List(pieces.map(|it| Cow::Owned(it.to_owned())).collect());
                }
                self.list(other, Items::Addresses)
            }
        }
    }

    /// Whether a text is a word for an absent value; counts it if so.
    fn absent(&mut self, text: &str) -> bool {
        let word = match self.rule.words {
            AbsenceWords::Address => email::word_of_absence(text),
            AbsenceWords::Name => email::nothing_named(text),
            AbsenceWords::Kept => None,
        };
        if let Some(word) = word {
            self.noted.absent_word(self.name, word);
        }
        word.is_some()
    }

    fn another(&self, value: &Value<'_>, wanted: &'static str) -> Option<WrongValue> {
        let what = match value {
            Value::Null => "null",
            Value::Bool(_) => "a truth value",
            Value::Number(_) => "a number",
            Value::Text(_) => "another text",
            Value::List(_) => "a list",
            Value::Json(text) if text.starts_with('[') => "a list of values other than texts",
            Value::Json(_) => "an object",
        };
        Some(WrongValue { what, is_shell_output: false, wanted })
    }
}

/// What is wrong with the flag for the primary address, if anything.
fn other_flag(entry: &serde_json::Value) -> Option<&'static str> {
    let flags = PRIMARY_FLAGS.iter().filter_map(|flag| entry.get(*flag));
    let is_flag = |flag: &serde_json::Value| match flag {
        serde_json::Value::Null | serde_json::Value::Bool(_) => true,
        serde_json::Value::String(text) => {
            let text = text.trim();
            text.is_empty() || ["true", "false"].iter().any(|it| it.eq_ignore_ascii_case(text))
        }
        _ => false,
    };
    let mut others = flags.filter(|flag| !is_flag(flag));
    others
        .next()
        .map(|_| "a list with a flag of the primary address that is neither true nor false")
}

/// Whether a text is a time: a number of seconds, or a text that begins with a date.
fn is_time(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit);
    text.starts_with(|first: char| first.is_ascii_digit())
        && digits.clone().count() >= 5
        && digits.clone().any(|digit| digit != b'0')
}

/// Whether a number was rewritten by a spreadsheet or a data frame: `1.2E+05`, `7.0`, `120,000`.
fn is_mangled_id(text: &str) -> bool {
    let text = text.trim().as_bytes();
    text.first().is_some_and(u8::is_ascii_digit)
        && text.iter().any(|byte| !byte.is_ascii_digit())
        && text
            .iter()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b',' | b'+' | b'-' | b'e' | b'E'))
}

fn is_number(text: &str) -> bool {
    let text = text.trim();
    text.is_empty() || text.parse::<f64>().is_ok()
}

/// The elements of a JSON list. A null is skipped; a number keeps its digits.
fn elements(text: &str) -> std::result::Result<Vec<Cow<'static, str>>, Unclear> {
    let items: Vec<&RawValue> =
        serde_json::from_str(text).map_err(|_| "a list that cannot be read")?;
    let mut list = Vec::with_capacity(items.len());
    for item in items {
        let raw = item.get();
        match raw.as_bytes().first() {
            Some(b'n') => {}
            Some(b'"') => match serde_json::from_str::<String>(raw) {
                Ok(text) => list.push(Cow::Owned(text)),
                Err(_) => return Err("a list that cannot be read"),
            },
            Some(b'{') => return Err("a list with an object in it"),
            Some(b'[') => return Err("a list with a list in it"),
            Some(b't' | b'f') => return Err("a list with a truth value in it"),
            _ => list.push(Cow::Owned(raw.to_owned())),
        }
    }
    Ok(list)
}
