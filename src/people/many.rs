//! Cloud rows by the key of an address, for millions of keys. Most keys have one row, so all rows are in one
//! list, in which the rows of a key are chained.

use super::by_key::ByKey;
use crate::model::{Indexed, KeyId, ListIndex, RowIx, list_indices};

list_indices! {
    /// An entry of [`Many::entries`]: a Cloud row that has a key.
    EntryIx;
}

/// The value that marks the end of the chain of a key's rows.
const END: EntryIx = EntryIx::NONE;

/// Cloud rows by the key of an address. Among the rows of a key, the row that was added last comes first.
pub(super) struct Many {
    /// For each address key, the entry that was added last, at which its chain begins.
    newest: ByKey<EntryIx>,
    /// Each Cloud row, with the index of the previous entry of the same key.
    entries: Indexed<EntryIx, (RowIx, EntryIx)>,
}

impl Many {
    /// An empty collection. `newest` must be a mapping without entries, made for the keys that will be added.
    pub fn new(newest: ByKey<EntryIx>) -> Many {
        Many { newest, entries: Indexed::new() }
    }

    pub fn add(&mut self, key: KeyId, row: RowIx) {
        let entry = EntryIx::at(self.entries.len());
        let before = self.newest.insert(key, entry).unwrap_or(END);
        self.entries.push((row, before));
    }

    /// The Cloud rows of a key, beginning with the row that was added last.
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
