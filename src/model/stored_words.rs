//! Access to the stored texts of keys and the stored names of states. The texts are not copied, so that
//! millions of them can be compared.

use super::{KeyId, StateId};
use crate::name::NameHash;

/// Finds the texts of keys and the display names of states by their numbers.
pub trait StoredWords: Sync {
    /// The text of a key; empty if no key has this number.
    fn key_text(&self, key: KeyId) -> &str;

    /// The hash of a state's display name; `None` if the state has no name or does not exist.
    fn name(&self, state: StateId) -> Option<NameHash>;
}

/// An implementation that has no texts and no names.
impl StoredWords for () {
    fn key_text(&self, _: KeyId) -> &str {
        ""
    }

    fn name(&self, _: StateId) -> Option<NameHash> {
        None
    }
}
