//! A mapping from keys of addresses to indices.

use foldhash::{HashMap, HashMapExt};

use super::participant::Participant;
use crate::model::{Indexed, KeyId, ListIndex};

/// A mapping from keys of addresses to indices. Keys are numbered consecutively. If most key numbers occur, a
/// table with one position for each number finds an index in one step. If few occur, a hash map takes less
/// memory.
#[derive(Clone)]
pub(super) enum ByKey<I> {
    /// For each key, 0 if the key has no index, otherwise the number of the index plus one.
    Table(Indexed<KeyId, u32>),
    Map(HashMap<KeyId, I>),
}

/// The greatest size of a table, in positions per account. If it would be larger, a hash map is used.
const PLACES: usize = 16;

impl<I: ListIndex> ByKey<I> {
    /// An empty mapping for the address keys of these accounts.
    pub fn new(accounts: &[Participant]) -> ByKey<I> {
        let keys = accounts.iter().flat_map(|account| account.keys.iter().copied());
        ByKey::of(keys, accounts.len())
    }

    /// An empty mapping for these address keys. `accounts` is the number of accounts that have them.
    pub fn of(keys: impl Iterator<Item = KeyId>, accounts: usize) -> ByKey<I> {
        let entries = keys.max().map_or(0, |greatest| greatest.position() + 1);
        match entries <= PLACES * accounts {
            true => ByKey::Table(Indexed::filled(0, entries)),
            false => ByKey::Map(HashMap::with_capacity(accounts)),
        }
    }

    /// The index that was set for an address key; `None` if none was set.
    pub fn get(&self, key: KeyId) -> Option<I> {
        match self {
            ByKey::Table(table) => table.get(key)?.checked_sub(1).map(I::of_number),
            ByKey::Map(map) => map.get(&key).copied(),
        }
    }

    /// Sets the index for a key, and returns the previous index. The mapping must have been made for this key.
    pub fn insert(&mut self, key: KeyId, index: I) -> Option<I> {
        match self {
            ByKey::Table(table) => {
                let entry = table.get_mut(key)?;
                std::mem::replace(entry, index.number() + 1).checked_sub(1).map(I::of_number)
            }
            ByKey::Map(map) => map.insert(key, index),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::AccountIx;

    #[test]
    fn tables_and_maps_say_the_same() {
        let (mut table, mut map) =
            (ByKey::Table(Indexed::filled(0, 10)), ByKey::Map(HashMap::new()));
        for (key, number) in [(3, 0), (9, 7), (3, 5), (0, 1)] {
            let (key, account) = (KeyId::of_number(key), AccountIx::of_number(number));
            assert_eq!(table.insert(key, account), map.insert(key, account), "{key:?}");
        }
        for key in KeyId::below(20) {
            assert_eq!(table.get(key), map.get(key), "{key:?}");
        }
    }
}
