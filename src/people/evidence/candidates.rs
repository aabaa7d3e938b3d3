//! The address keys by which likely and possible evidence compares Cloud accounts that take a seat. Keys are
//! read in the order of their numbers, which is the order of their texts in memory. The accounts that have a key
//! are read only if the key matches.

use super::compared;
use super::key_set::{KeySet, RowsOfKeys};
use crate::model::{AddressKind, CloudRow, KeyId, ListIndex, Population, RowIx, RowKind};

/// The address keys by which evidence compares Cloud accounts that take a seat.
pub(super) struct Candidates<'p> {
    population: &'p Population,
    /// If few of all key numbers occur: the keys, sorted, and the position of a key is its slot. Otherwise
    /// `None`, and the number of a key is its slot.
    few: Option<Vec<KeyId>>,
    /// Flags for the key in each slot (position of a key): `COMPARED`, `NAME_ID` and `SEVERAL`.
    kinds: Vec<u8>,
    /// For each slot (position of a key), the Cloud account that has the key, or the last of several. The
    /// accounts are plain numbers, because a new list of zeros takes no memory until it is written to.
    rows: Vec<u32>,
}

/// Flag: the key is the NameID or a verified address of a Cloud account.
const COMPARED: u8 = 1;
/// Flag: the key is the NameID of a Cloud account.
const NAME_ID: u8 = 2;
/// Flag: several Cloud accounts have the key.
const SEVERAL: u8 = 4;

/// If there are at most this many key numbers per address, every key number gets a slot (position in the lists).
/// Unused slots then waste little memory.
const NUMBERS: usize = 64;

impl<'p> Candidates<'p> {
    pub fn new(population: &'p Population) -> Candidates<'p> {
        let keys = || {
            accounts(population).flat_map(|(index, row)| {
                let addresses = population.addresses(&row.addresses).iter();
                addresses.filter_map(move |address| match address.kind {
                    AddressKind::NameId => Some((address.key, COMPARED | NAME_ID, index)),
                    AddressKind::Verified => Some((address.key, COMPARED, index)),
                    _ => None,
                })
            })
        };
        let (mut count, mut greatest) = (0, KeyId::default());
        population.all_keys().for_each(|key| (count, greatest) = (count + 1, greatest.max(key)));
        let few = (greatest.position() > NUMBERS * count).then(|| {
            let mut few: Vec<KeyId> = keys().map(|(key, ..)| key).collect();
            few.sort_unstable();
            few.dedup();
            few
        });
        let slots = few.as_ref().map_or(greatest.position() + 1, Vec::len);
        let (kinds, rows) = (vec![0; slots], vec![0; slots]);
        let mut candidates = Candidates { population, few, kinds, rows };
        for (key, kind, row) in keys() {
            let Some(slot) = candidates.slot_of(key) else { continue };
            let known = &mut candidates.kinds[slot];
            let is_other = *known & COMPARED != 0 && candidates.rows[slot] != row.number();
            *known |= if is_other { kind | SEVERAL } else { kind };
            candidates.rows[slot] = row.number();
        }
        candidates
    }

    /// The number of slots (positions for keys). A slot has one key or none.
    pub fn slots(&self) -> usize {
        self.kinds.len()
    }

    /// The key in a slot, if Cloud accounts have it, and whether it is the NameID of one of them. The keys of
    /// successive slots are in ascending order.
    pub fn key_at(&self, slot: usize) -> Option<(KeyId, bool)> {
        let kind = self.kinds[slot];
        let key = self.few.as_ref().map_or(KeyId::at(slot), |few| few[slot]);
        (kind & COMPARED != 0).then_some((key, kind & NAME_ID != 0))
    }

    fn slot_of(&self, key: KeyId) -> Option<usize> {
        match &self.few {
            Some(few) => few.binary_search(&key).ok(),
            None => Some(key.position()).filter(|slot| *slot < self.kinds.len()),
        }
    }

    /// The Cloud accounts that take a seat and have any of these keys.
    pub fn rows_of(&self, keys: &KeySet) -> RowsOfKeys {
        let (mut pairs, mut several) = (Vec::new(), KeySet::default());
        for (key, slot) in keys.iter().filter_map(|key| Some((key, self.slot_of(key)?))) {
            match self.kinds[slot] {
                0 => {}
                kind if kind & SEVERAL != 0 => {
                    several.insert(key);
                }
                _ => pairs.push((key, RowIx::of_number(self.rows[slot]))),
            }
        }
        if !several.is_empty() {
            for (index, row) in accounts(self.population) {
                let mut addresses = self.population.addresses(&row.addresses).iter();
                if addresses.any(|it| several.contains(it.key)) {
                    let own = self.keys_of(index).filter(|key| several.contains(*key));
                    pairs.extend(own.map(|key| (key, index)));
                }
            }
        }
        RowsOfKeys::new(pairs)
    }

    /// The keys of the addresses by which evidence compares a Cloud account.
    pub fn keys_of(&self, row: RowIx) -> impl Iterator<Item = KeyId> {
        compared(self.population, &self.population.cloud[row]).map(|it| it.key)
    }

    /// Is the key the NameID of this Cloud account?
    pub fn is_name_id(&self, row: RowIx, key: KeyId) -> bool {
        let addresses = &self.population.cloud[row].addresses;
        self.population.keys(addresses, AddressKind::NameId).any(|it| it == key)
    }
}

/// The Cloud accounts of the enterprise that take a seat.
fn accounts(population: &Population) -> impl Iterator<Item = (RowIx, &CloudRow)> {
    let rows = population.cloud.enumerated();
    rows.filter(|(_, row)| row.row == RowKind::Cloud && population.takes_seat(row))
}
