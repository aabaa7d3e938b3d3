//! Checks whether the values of a record have the types of their fields (formats.md section 1, "A known field of
//! another type"). `one_value` checks each value. If identity, matching or counting rests on a field, a value of
//! the field that cannot be read is an error, and the file is refused. In any other field, such a value is
//! treated as absent.
//!
//! The record keeps the values as the file has them, except that lists which arrived as one text become lists.

use super::alike::Next;
use super::facts::Noted;
use super::field_rule::FieldRule;
use super::one_value::{SeenValue, WrongValue};
use crate::error::{Error, Result};
use crate::model::Record;

/// Checks the values in the records of one file.
pub struct ValueCheck {
    file: String,
    rule_of: fn(&str) -> Option<FieldRule>,
    /// The field names of the previous record. Most records of a file have equal names, so the rules are looked
    /// up only when the names change.
    names: Vec<String>,
    rules: Vec<Option<FieldRule>>,
    has_new_names: bool,
    row: u64,
    /// The fields of the current record that have a value of the wrong type.
    odd: Vec<String>,
    /// What was noted about the values of all records so far.
    pub noted: Noted,
}

impl ValueCheck {
    /// A check for the records of a file. `file` is its name in messages, and `rule_of` returns the rule for a
    /// field.
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

    /// Whether a record has the same field names as the previous record.
    fn has_names_of(&self, record: &Record<'_>) -> bool {
        let names = record.fields().iter().map(|field| field.name.as_ref());
        self.names.len() == record.fields().len() && names.eq(self.names.iter().map(String::as_str))
    }

    /// Whether the field names of the current record differ from those of the record before it.
    pub fn has_new_names(&self) -> bool {
        self.has_new_names
    }

    /// Checks the next record.
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
            let seen = SeenValue { name, rule, noted: &mut self.noted };
            let Some(found) = seen.look(value) else { continue };
            if rule.telling || found.is_shell_output {
                return Err(refusal(name, self.row, &found).at(&self.file, Some(*line)));
            }
            self.noted.field_type(name, found.what);
            self.odd.push(name.to_owned());
        }
        Ok(())
    }

    /// Checks the end of a table. If the table has no line end and its last cell has a value of the wrong type,
    /// the file was cut within this cell.
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
