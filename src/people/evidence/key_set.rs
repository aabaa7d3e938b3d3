//! Sets of keys as bits, and the Cloud rows of some keys. Keys are numbered consecutively, so that millions
//! of them need no hash map.

#[derive(Default)]
pub(super) struct KeySet {
    words: Vec<u64>,
}

impl KeySet {
    /// Adds a key, and returns whether it was already there.
    pub fn insert(&mut self, key: u32) -> bool {
        let (word, bit) = (key as usize / 64, 1 << (key % 64));
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

    pub fn iter(&self) -> impl Iterator<Item = u32> {
        (0u32..).zip(&self.words).flat_map(|(at, word)| {
            (0..64).filter(move |bit| word >> bit & 1 != 0).map(move |bit| 64 * at + bit)
        })
    }

    pub fn contains(&self, key: u32) -> bool {
        self.words.get(key as usize / 64).is_some_and(|word| word >> (key % 64) & 1 != 0)
    }
}

impl Extend<u32> for KeySet {
    fn extend<I: IntoIterator<Item = u32>>(&mut self, keys: I) {
        keys.into_iter().for_each(|key| {
            self.insert(key);
        });
    }
}

impl FromIterator<u32> for KeySet {
    fn from_iter<I: IntoIterator<Item = u32>>(keys: I) -> KeySet {
        let mut set = KeySet::default();
        set.extend(keys);
        set
    }
}

/// The Cloud rows that have any of some keys.
pub(super) struct RowsOfKeys {
    keys: KeySet,
    /// Each key that a row has, sorted, with the index of its first row.
    starts: Vec<(u32, u32)>,
    /// The rows of one key after another, sorted, each once per key.
    rows: Vec<u32>,
}

impl RowsOfKeys {
    /// Takes pairs of a key and a row that has it, in any order.
    pub fn new(mut pairs: Vec<(u32, u32)>) -> RowsOfKeys {
        pairs.sort_unstable();
        pairs.dedup();
        let mut starts: Vec<(u32, u32)> = Vec::new();
        for (place, (key, _)) in (0u32..).zip(&pairs) {
            if starts.last().is_none_or(|(last, _)| last != key) {
                starts.push((*key, place));
            }
        }
        let keys = starts.iter().map(|(key, _)| *key).collect();
        RowsOfKeys { keys, starts, rows: pairs.into_iter().map(|(_, row)| row).collect() }
    }

    /// The rows of a key, sorted.
    pub fn get(&self, key: u32) -> &[u32] {
        self.place(key).map_or(&[], |place| self.at(place))
    }

    /// The index of a key among the keys that rows have, for repeated lookups.
    pub fn place(&self, key: u32) -> Option<u32> {
        if !self.keys.contains(key) {
            return None;
        }
        self.starts.binary_search_by_key(&key, |(key, _)| *key).ok().map(|place| place as u32)
    }

    /// The number of keys that rows have.
    pub fn len(&self) -> usize {
        self.starts.len()
    }

    pub fn key_at(&self, place: u32) -> u32 {
        self.starts[place as usize].0
    }

    /// The rows of the key at an index, sorted.
    pub fn at(&self, place: u32) -> &[u32] {
        let place = place as usize;
        let end = self.starts.get(place + 1).map_or(self.rows.len(), |(_, start)| *start as usize);
        &self.rows[self.starts[place].1 as usize..end]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_told_in_order() {
        let keys = [900, 0, 63, 64, 7, 7];
        let set: KeySet = keys.into_iter().collect();
        assert_eq!(set.iter().collect::<Vec<u32>>(), [0, 7, 63, 64, 900]);
        assert!(keys.iter().all(|key| set.contains(*key)) && !set.contains(1));
        assert_eq!(KeySet::default().iter().next(), None);
    }

    #[test]
    fn rows_are_found_by_their_keys() {
        let rows = RowsOfKeys::new(vec![(7, 2), (900, 1), (7, 0), (7, 2), (64, 5)]);
        assert_eq!(rows.get(7), [0, 2]);
        assert_eq!(rows.get(64), [5]);
        assert_eq!(rows.get(900), [1]);
        assert_eq!(rows.len(), 3);
        let places = [7, 64, 900].map(|key| rows.place(key));
        assert_eq!(places, [Some(0), Some(1), Some(2)]);
        assert_eq!([0, 1, 2].map(|place| rows.key_at(place)), [7, 64, 900]);
        for key in [0, 6, 8, 63, 65, 901, u32::MAX] {
            assert!(rows.get(key).is_empty(), "{key}");
        }
    }
}
