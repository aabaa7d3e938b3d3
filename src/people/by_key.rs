//! Numbers by the key of an address.

use foldhash::{HashMap, HashMapExt};

use super::participant::Participant;

/// A number for each of some keys of addresses. Keys are numbered consecutively. If most of them occur, a
/// plain table finds a number in one step; if few occur, a map does.
#[derive(Clone)]
pub(super) enum ByKey {
    /// Indexed by key. 0 means no number; otherwise the number plus one.
    Table(Vec<u32>),
    Map(HashMap<u32, u32>),
}

/// The greatest size of a table, in entries per account.
const PLACES: usize = 16;

impl ByKey {
    /// An empty mapping for the keys of these accounts.
    pub fn new(accounts: &[Participant]) -> ByKey {
        let keys = accounts.iter().flat_map(|account| account.keys.iter().copied());
        ByKey::of(keys, accounts.len())
    }

    /// An empty mapping for these keys, which belong to this number of accounts.
    pub fn of(keys: impl Iterator<Item = u32>, accounts: usize) -> ByKey {
        let places = keys.max().map_or(0, |greatest| greatest as usize + 1);
        match places <= PLACES * accounts {
            true => ByKey::Table(vec![0; places]),
            false => ByKey::Map(HashMap::with_capacity(accounts)),
        }
    }

    /// The number for a key.
    pub fn get(&self, key: u32) -> Option<u32> {
        match self {
            ByKey::Table(table) => table.get(key as usize)?.checked_sub(1),
            ByKey::Map(map) => map.get(&key).copied(),
        }
    }

    /// Sets the number for one of these accounts' keys, and returns the previous one.
    pub fn insert(&mut self, key: u32, number: u32) -> Option<u32> {
        match self {
            ByKey::Table(table) => {
                let place = table.get_mut(key as usize)?;
                std::mem::replace(place, number + 1).checked_sub(1)
            }
            ByKey::Map(map) => map.insert(key, number),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_and_maps_say_the_same() {
        let (mut table, mut map) = (ByKey::Table(vec![0; 10]), ByKey::Map(HashMap::new()));
        for (key, number) in [(3, 0), (9, 7), (3, 5), (0, 1)] {
            assert_eq!(table.insert(key, number), map.insert(key, number), "{key}");
        }
        for key in 0..20 {
            assert_eq!(table.get(key), map.get(key), "{key}");
        }
    }
}
