//! Access to the texts of keys and the names of states wherever they are stored, so that millions of
//! them can be compared without a copy.

use super::{KeyId, StateId};
use crate::name::NameHash;

/// The texts of keys and the display names of states, by their numbers.
pub trait StoredWords: Sync {
    /// The text of a key; empty if there is no key of this number.
    fn key_text(&self, key: KeyId) -> &str;

    /// The display name of a state; `None` if it has none, or there is no such state.
    fn name(&self, state: StateId) -> Option<NameHash>;
}

/// No texts and no names.
impl StoredWords for () {
    fn key_text(&self, _: KeyId) -> &str {
        ""
    }

    fn name(&self, _: StateId) -> Option<NameHash> {
        None
    }
}
