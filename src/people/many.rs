//! Rows by the key of an address, for millions of keys. Most keys have one row, so there is no list per
//! key.

use super::by_key::ByKey;
use crate::model::{Indexed, KeyId, ListIndex, RowIx, list_indices};

list_indices! {
    /// A row of a key: an index of [`Many::entries`].
    EntryIx;
}

/// The end of a chain.
const END: EntryIx = EntryIx::NONE;

/// Rows by key. The row that was added last comes first.
pub(super) struct Many {
    /// The newest entry of each key.
    newest: ByKey<EntryIx>,
    /// Each row with the previous entry of the same key.
    entries: Indexed<EntryIx, (RowIx, EntryIx)>,
}

impl Many {
    /// An empty collection; `newest` must be empty too.
    pub fn new(newest: ByKey<EntryIx>) -> Many {
        Many { newest, entries: Indexed::new() }
    }

    pub fn add(&mut self, key: KeyId, row: RowIx) {
        let entry = EntryIx::at(self.entries.len());
        let before = self.newest.insert(key, entry).unwrap_or(END);
        self.entries.push((row, before));
    }

    /// The rows of a key, the last one first.
    pub fn get(&self, key: KeyId) -> KeyRows<'_> {
        KeyRows { entries: &self.entries, next: self.newest.get(key).unwrap_or(END) }
    }
}

pub(super) struct KeyRows<'m> {
    entries: &'m Indexed<EntryIx, (RowIx, EntryIx)>,
    next: EntryIx,
}

impl Iterator for KeyRows<'_> {
    type Item = RowIx;

    fn next(&mut self) -> Option<RowIx> {
        let (row, before) = *self.entries.get(self.next)?;
        self.next = before;
        Some(row)
    }
}
