//! Rows by the key of an address, for millions of keys. Most keys have one row, so there is no list per
//! key.

use super::by_key::ByKey;

/// The end of a chain.
const END: u32 = u32::MAX;

/// Rows by key. The row that was added last comes first.
pub(super) struct Many {
    /// The newest entry of each key.
    newest: ByKey,
    /// Each row with the previous entry of the same key.
    entries: Vec<(u32, u32)>,
}

impl Many {
    /// An empty collection; `newest` must be empty too.
    pub fn new(newest: ByKey) -> Many {
        Many { newest, entries: Vec::new() }
    }

    pub fn add(&mut self, key: u32, row: u32) {
        let entry = self.entries.len() as u32;
        let before = self.newest.insert(key, entry).unwrap_or(END);
        self.entries.push((row, before));
    }

    /// The rows of a key, the last one first.
    pub fn get(&self, key: u32) -> KeyRows<'_> {
        KeyRows { entries: &self.entries, next: self.newest.get(key).unwrap_or(END) }
    }
}

pub(super) struct KeyRows<'m> {
    entries: &'m [(u32, u32)],
    next: u32,
}

impl Iterator for KeyRows<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        let (row, before) = *self.entries.get(self.next as usize)?;
        self.next = before;
        Some(row)
    }
}
