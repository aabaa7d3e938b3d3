//! Access to the stored texts of address keys and to display names. The texts are not copied, so that millions
//! of them can be compared.

use super::{KeyId, StateId};
use crate::name::NameHash;

/// Finds the texts of address keys and the display names of states (records of accounts) by their numbers.
pub trait StoredWords: Sync {
    /// The text of an address key; empty if no key has this number.
    fn key_text(&self, key: KeyId) -> &str;

    /// The hash of the display name in a state (an account's record); `None` if the state has no name or does
    /// not exist.
    fn name(&self, state: StateId) -> Option<NameHash>;
}

/// For callers that compare numbers only: it has no texts and no names.
impl StoredWords for () {
    fn key_text(&self, _: KeyId) -> &str {
        ""
    }

    fn name(&self, _: StateId) -> Option<NameHash> {
        None
    }
}
