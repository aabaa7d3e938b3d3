//! A map from a key to rows, for millions of keys most of which have one row: no list per key.

use super::by_key::Numbers;

/// The end of a chain.
const END: u32 = u32::MAX;

/// Rows by key, in any order.
pub(super) struct Many<N> {
    /// The newest entry of each key.
    newest: N,
    /// Each row with the entry of the same key before it.
    entries: Vec<(u32, u32)>,
}

impl<N> Many<N> {
    /// No rows; `newest` has no numbers yet.
    pub fn new(newest: N) -> Many<N> {
        Many { newest, entries: Vec::new() }
    }

    /// Adds a row.
    pub fn add<K>(&mut self, key: K, row: u32)
    where
        N: Numbers<K>,
    {
        let entry = self.entries.len() as u32;
        let before = self.newest.set(key, entry).unwrap_or(END);
        self.entries.push((row, before));
    }

    /// The rows of a key.
    pub fn get<K>(&self, key: &K) -> Rows<'_>
    where
        N: Numbers<K>,
    {
        Rows { entries: &self.entries, next: self.newest.number(key).unwrap_or(END) }
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
