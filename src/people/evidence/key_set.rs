//! Sets of address keys as bits, and the Cloud rows that have certain keys. Keys are numbered consecutively, so
//! millions of keys need no hash map.

use crate::model::{Grouped, Indexed, KeyId, ListIndex, RowIx, list_indices};

list_indices! {
    /// An address key that a Cloud row has: an index of [`RowsOfKeys::sorted`].
    FoundKeyIx;
}

#[derive(Default)]
pub(super) struct KeySet {
    words: Vec<u64>,
}

impl KeySet {
    /// Adds a key to the set. Returns `true` if the key was already in the set.
    pub fn insert(&mut self, key: KeyId) -> bool {
        let (word, bit) = (key.position() / 64, 1 << (key.number() % 64));
        if word >= self.words.len() {
            self.words.resize(word + 1, 0);
        }
        let was_there = self.words[word] & bit != 0;
        self.words[word] |= bit;
        was_there
    }

    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = KeyId> {
        (0u32..).zip(&self.words).flat_map(|(at, word)| {
            (0..64)
                .filter(move |bit| word >> bit & 1 != 0)
                .map(move |bit| KeyId::of_number(64 * at + bit))
        })
    }

    pub fn contains(&self, key: KeyId) -> bool {
        let (word, bit) = (key.position() / 64, key.number() % 64);
        self.words.get(word).is_some_and(|word| word >> bit & 1 != 0)
    }
}

impl Extend<KeyId> for KeySet {
    fn extend<I: IntoIterator<Item = KeyId>>(&mut self, keys: I) {
        keys.into_iter().for_each(|key| {
            self.insert(key);
        });
    }
}

impl FromIterator<KeyId> for KeySet {
    fn from_iter<I: IntoIterator<Item = KeyId>>(keys: I) -> KeySet {
        let mut set = KeySet::default();
        set.extend(keys);
        set
    }
}

/// The Cloud rows that have any of certain address keys, by key.
pub(super) struct RowsOfKeys {
    keys: KeySet,
    /// The address keys that Cloud rows have, sorted.
    sorted: Indexed<FoundKeyIx, KeyId>,
    /// The Cloud rows that have each address key, sorted, each row once.
    rows: Grouped<FoundKeyIx, RowIx>,
}

impl RowsOfKeys {
    /// Arranges pairs of an address key and a Cloud row that has it, in any order.
    pub fn new(mut pairs: Vec<(KeyId, RowIx)>) -> RowsOfKeys {
        pairs.sort_unstable();
        pairs.dedup();
        let mut sorted: Indexed<FoundKeyIx, KeyId> = Indexed::new();
        let mut ends = Vec::new();
        for (end, (key, _)) in (1u32..).zip(&pairs) {
            match ends.last_mut().filter(|_| sorted.last() == Some(key)) {
                Some(last) => *last = end,
                None => {
                    sorted.push(*key);
                    ends.push(end);
                }
            }
        }
        let keys = sorted.iter().copied().collect();
        let rows = Grouped::of_parts(pairs.into_iter().map(|(_, row)| row).collect(), ends);
        RowsOfKeys { keys, sorted, rows }
    }

    /// The Cloud rows that have an address key, sorted.
    pub fn get(&self, key: KeyId) -> &[RowIx] {
        self.find(key).map_or(&[], |found| self.at(found))
    }

    /// The index of an address key among those that Cloud rows have, for repeated lookups.
    pub fn find(&self, key: KeyId) -> Option<FoundKeyIx> {
        if !self.keys.contains(key) {
            return None;
        }
        self.sorted.binary_search(&key).ok().map(FoundKeyIx::at)
    }

    /// The address keys that Cloud rows have, sorted.
    pub fn keys(&self) -> &Indexed<FoundKeyIx, KeyId> {
        &self.sorted
    }

    /// The Cloud rows that have the address key with this index, sorted.
    pub fn at(&self, found: FoundKeyIx) -> &[RowIx] {
        self.rows.of(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_told_in_order() {
        let keys = [900, 0, 63, 64, 7, 7].map(KeyId::of_number);
        let set: KeySet = keys.into_iter().collect();
        assert_eq!(set.iter().collect::<Vec<_>>(), [0, 7, 63, 64, 900].map(KeyId::of_number));
        assert!(keys.iter().all(|key| set.contains(*key)) && !set.contains(KeyId::of_number(1)));
        assert_eq!(KeySet::default().iter().next(), None);
    }

    #[test]
    fn rows_are_found_by_their_keys() {
        let pairs = [(7, 2), (900, 1), (7, 0), (7, 2), (64, 5)];
        let pairs = pairs.map(|(key, row)| (KeyId::of_number(key), RowIx::of_number(row)));
        let rows = RowsOfKeys::new(pairs.to_vec());
        let keys = [7, 64, 900].map(KeyId::of_number);
        assert_eq!(rows.get(keys[0]), [0, 2].map(RowIx::of_number));
        assert_eq!(rows.get(keys[1]), [RowIx::of_number(5)]);
        assert_eq!(rows.get(keys[2]), [RowIx::of_number(1)]);
        let found = keys.map(|key| rows.find(key));
        assert_eq!(found, [0, 1, 2].map(|index| Some(FoundKeyIx::of_number(index))));
        assert_eq!(rows.keys().to_vec(), keys);
        for key in [0, 6, 8, 63, 65, 901, u32::MAX] {
            assert!(rows.get(KeyId::of_number(key)).is_empty(), "{key}");
        }
    }
}
