//! Defines the texts that likely and possible evidence compares, and passes on the entries of employee
//! directories. The store supplies the texts of keys and the display names. The logins of unmatched Server
//! accounts are read only when they are needed. The logins of Cloud accounts are part of their identities.

use std::rc::Rc;

use super::entries::EntriesInForce;
use crate::error::Result;
use crate::model::{AccountIx, Indexed, StoredWords};

/// Texts of accounts in one block of memory. An account for which no text was stored has an empty text.
#[derive(Debug, Clone, Default)]
pub struct Strings {
    text: String,
    /// The beginning and the end of each account's text within `text`.
    spans: Indexed<AccountIx, (usize, usize)>,
}

impl Strings {
    /// Stores the text of an account.
    pub fn put(&mut self, account: AccountIx, text: &str) {
        self.spans.reach(account, (0, 0));
        let start = self.text.len();
        self.text.push_str(text);
        self.spans[account] = (start, self.text.len());
    }

    /// The text of an account; empty if no text was stored.
    pub fn get(&self, account: AccountIx) -> &str {
        let (start, end) = self.spans.get(account).copied().unwrap_or_default();
        &self.text[start..end]
    }
}

/// The texts that likely and possible evidence compares, and the entries of employee directories.
#[derive(Clone, Copy)]
pub struct EvidenceTexts<'w> {
    /// The employee directories in force, sorted by name.
    pub entries: &'w [EntriesInForce],
    /// The texts of address keys, and the display names of states.
    pub keys: &'w dyn StoredWords,
    /// Reads the logins of unmatched Server accounts, in the form in which logins are compared.
    pub logins: &'w dyn Fn() -> Result<Rc<Strings>>,
}
