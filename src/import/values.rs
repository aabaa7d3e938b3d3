//! Whether the values of a record are of the kind that their fields have (formats.md section 1, "A
//! known field of another type"): a list that came as one text is split, a word of absence is
//! counted, and what cannot be read is refused where identity or matching rests on it, and else
//! counted as absent.
//!
//! The record keeps what the file said; only known lists are put into the form of a list.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::alike::Next;
use super::facts::Noted;
use super::list_text::{self, Items, Unclear};
use crate::email;
use crate::error::{Error, Result};
use crate::model::{PRIMARY_FLAGS, Record, ServerId, Value, plain_entries};

/// What a known field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldForm {
    /// A text, or a number.
    Text,
    /// The id of an account: a number, or a text.
    Id,
    /// True or false, or nothing.
    Truth,
    /// A number.
    Number,
    /// A list of texts.
    List(Items),
    /// The addresses of a Server account: texts, or objects with an address and a flag.
    Emails,
    /// Whether an account is suspended: true or false. Who takes part rests on it, so a text that
    /// says nothing is counted as one.
    Suspended,
    /// The same as a word: `active` or `suspended`, true or false; never empty.
    Status,
    /// Since when an account is suspended: a time, a truth value, or nothing.
    SuspendedAt,
}

/// Which words say that a value is absent (counting.md section 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Words {
    /// Where an address, an id or a NameID belongs.
    Address,
    /// Where a login, a name or an organization belongs.
    Name,
    /// Elsewhere words are kept as they are.
    Kept,
}

/// What is known of a field.
#[derive(Debug, Clone, Copy)]
pub struct FieldRule {
    /// What it holds.
    pub form: FieldForm,
    /// Does identity, matching or counting rest on it?
    pub telling: bool,
    /// Which words say that it is absent.
    pub words: Words,
}

impl FieldRule {
    /// A rule for a field on which identity, matching or counting rests.
    pub const fn telling(form: FieldForm, words: Words) -> FieldRule {
        FieldRule { form, telling: true, words }
    }

    /// A rule for any other known field.
    pub const fn other(form: FieldForm, words: Words) -> FieldRule {
        FieldRule { form, telling: false, words }
    }
}

/// Looks at the values of records, one file after another.
pub struct ValueCheck {
    file: String,
    rule_of: fn(&str) -> Option<FieldRule>,
    /// The names of the last record's fields and their rules: most records have one form.
    names: Vec<String>,
    rules: Vec<Option<FieldRule>>,
    has_new_names: bool,
    row: u64,
    /// The fields of the last record that are not of their kind.
    odd: Vec<String>,
    /// What was noticed.
    pub noted: Noted,
}

impl ValueCheck {
    /// Looks at the records of a file by these rules.
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

    /// The number of the record last looked at, from 1.
    pub fn row(&self) -> u64 {
        self.row
    }

    /// Had the record before the names of this one?
    fn has_names_of(&self, record: &Record<'_>) -> bool {
        let names = record.fields().iter().map(|field| field.name.as_ref());
        self.names.len() == record.fields().len() && names.eq(self.names.iter().map(String::as_str))
    }

    /// Had the record last looked at other names than the one before it?
    pub fn has_new_names(&self) -> bool {
        self.has_new_names
    }

    /// Looks at the next record.
    ///
    /// # Errors
    /// If a value on which identity, matching or counting rests cannot be read.
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

    /// Checks how a table ends: without a line end, and in the last column with what is no value
    /// of it, it was cut there.
    ///
    /// # Errors
    /// If it was.
    pub fn check_end(&self, last_column: Option<&String>, has_line_end: bool) -> Result<()> {
        match last_column {
            Some(column) if !has_line_end && self.odd.contains(column) => {
                Err(Error::input("the file ends in the middle of its last cell")
                    .at(&self.file, None)
                    .hint("most likely half a download: get the file again"))
            }
            _ => Ok(()),
        }
    }
}

/// What a value is instead of what belongs there.
struct WrongValue {
    what: &'static str,
    /// Is it what a script left when it wrote a list or an object as a text?
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
        error.hint("what the rows say of who somebody is rests on this field: import GitHub's own answer or report, unchanged")
    }
}

/// One value that is looked at.
struct Seen<'s> {
    name: &'s str,
    rule: &'s FieldRule,
    noted: &'s mut Noted,
}

impl Seen<'_> {
    /// What the value is, if it is not what belongs there.
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
                // A login or a name may begin like that; an address does not.
                let is_address = self.rule.telling && self.rule.words == Words::Address;
                let found = found.or_else(|| list_text::bracketed(text).filter(|_| is_address));
                let what = found.filter(|_| self.rule.words != Words::Kept)?;
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
                    self.noted.field_type(self.name, "a text that is no Server id");
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
                            let what = "a list of something else than texts";
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
                // One text alone, or several that are split: the same list in another form.
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

    /// Counts a word of absence; is the text one?
    fn absent(&mut self, text: &str) -> bool {
        let word = match self.rule.words {
            Words::Address => email::word_of_absence(text),
            Words::Name => email::nothing_named(text),
            Words::Kept => None,
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
            Value::Json(text) if text.starts_with('[') => "a list of something else than texts",
            Value::Json(_) => "an object",
        };
        Some(WrongValue { what, is_shell_output: false, wanted })
    }
}

/// What is wrong with the flag of an address that says whether it is the primary one.
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

/// Is this a time in some form: a number of seconds, or a text that begins with a day?
fn is_time(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit);
    text.starts_with(|first: char| first.is_ascii_digit())
        && digits.clone().count() >= 5
        && digits.clone().any(|digit| digit != b'0')
}

/// Is this a number as spreadsheets and data frames rewrite one: `1.2E+05`, `7.0`, `120,000`?
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

/// The elements of a JSON list: a null is skipped, a number is read digit for digit.
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
