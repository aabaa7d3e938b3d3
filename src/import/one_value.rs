//! Checks one value against the rule of its field. A list that came as one text is split, and words that stand
//! for an absent value are counted. The file `values` checks whole records with it.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::facts::Noted;
use super::field_rule::{AbsenceWords, FieldForm, FieldRule};
use super::list_text::{self, Items, Unclear};
use crate::email;
use crate::model::{PRIMARY_FLAGS, ServerId, Value, plain_entries};

/// A value of the wrong type: what it is, and what the field should contain instead.
pub(super) struct WrongValue {
    pub(super) what: &'static str,
    /// Whether the value is a list or an object that a script printed as text.
    pub(super) is_shell_output: bool,
    pub(super) wanted: &'static str,
}

/// The check of one value: the name and the rule of its field, and where to count what is noted.
pub(super) struct SeenValue<'s> {
    pub(super) name: &'s str,
    pub(super) rule: &'s FieldRule,
    pub(super) noted: &'s mut Noted,
}

impl SeenValue<'_> {
    /// Checks the value. Returns what is wrong with it, or `None` if nothing is. A list that came as one text
    /// is replaced by a list.
    pub(super) fn look(mut self, value: &mut Value<'_>) -> Option<WrongValue> {
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
                // A login or a name may begin with a bracket. An address never does, so a bracket shows that a
                // program printed an object.
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
                // A text with one address or several is split into a list of addresses.
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

    /// Whether a text is a word that stands for an absent value, such as `n/a`. Each such word is counted.
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

/// Describes the flag of an address that should say whether the address is primary, if it is neither true nor
/// false. `None` if every flag can be read.
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

/// Whether a spreadsheet or a data frame has rewritten an id: `1.2E+05`, `7.0`, `120,000`.
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

/// The elements of a JSON list as texts. Nulls are skipped, and numbers keep all of their digits.
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
