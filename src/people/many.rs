//! A map from a key to rows, for millions of keys most of which have one row: no list per key.

use std::hash::Hash;

use foldhash::{HashMap, HashMapExt};

/// The end of a chain.
const END: u32 = u32::MAX;

/// Rows by key, in any order.
pub(super) struct Many<K> {
    /// The newest entry of each key.
    newest: HashMap<K, u32>,
    /// Each row with the entry of the same key before it.
    entries: Vec<(u32, u32)>,
}

impl<K: Hash + Eq> Many<K> {
    /// No rows.
    pub fn new() -> Many<K> {
        Many { newest: HashMap::new(), entries: Vec::new() }
    }

    /// Adds a row.
    pub fn add(&mut self, key: K, row: u32) {
        let entry = self.entries.len() as u32;
        let before = self.newest.insert(key, entry).unwrap_or(END);
        self.entries.push((row, before));
    }

    /// The rows of a key.
    pub fn get(&self, key: &K) -> Rows<'_> {
        Rows { entries: &self.entries, next: self.newest.get(key).copied().unwrap_or(END) }
    }
}

/// The rows of one key.
#[derive(Clone)]
pub(super) struct Rows<'m> {
    entries: &'m [(u32, u32)],
    next: u32,
}

impl Iterator for Rows<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        let (row, before) = *self.entries.get(self.next as usize)?;
        self.next = before;
        Some(row)
    }
}
