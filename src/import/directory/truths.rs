//! Counts the values that should say who is active, in formats that have no columns: JSON and LDIF. If no value
//! of a key or attribute can be read, the file is refused, as a table is.

use std::collections::BTreeMap;

use crate::error::{Error, Result};

/// Where a directory says who is active: the name of a key or attribute, and how to get values that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SaysActive {
    /// The name of the key or attribute.
    pub key: &'static str,
    /// The hint for a file in which no value can be read.
    pub hint: &'static str,
}

/// What to do about a `userAccountControl` that cannot be read.
pub const CONTROL_HINT: &str =
    "userAccountControl is a number, such as 512 or 514: export the list again with the numbers";

/// The attribute of Active Directory that has a flag for a disabled account.
pub const CONTROL: SaysActive = SaysActive { key: "userAccountControl", hint: CONTROL_HINT };

/// The numbers of values that are there and that can be read, by key.
#[derive(Debug, Default)]
pub struct Truths(BTreeMap<SaysActive, (u64, u64)>);

impl Truths {
    /// Counts a value that is there, and whether it can be read.
    pub fn count(&mut self, says: SaysActive, is_read: bool) {
        let (there, read) = self.0.entry(says).or_default();
        *there += 1;
        *read += u64::from(is_read);
    }

    /// The number of values that are there and cannot be read.
    pub fn unread(&self) -> u64 {
        self.0.values().map(|(there, read)| there - read).sum()
    }

    /// Refuses a directory if no value of a key can be read. The error names no file yet.
    ///
    /// # Errors
    /// If there is such a key.
    pub fn judge(&self) -> Result<()> {
        match self.0.iter().find(|(_, (_, read))| *read == 0) {
            Some((says, _)) => Err(no_value_says("value", says.key).hint(says.hint)),
            None => Ok(()),
        }
    }
}

/// The refusal of a column, key or attribute in which nothing says whether somebody is active. `what` is the word
/// for one of its values.
pub fn no_value_says(what: &str, name: &str) -> Error {
    Error::input(format!("no {what} of {name} says whether the person is active"))
}
