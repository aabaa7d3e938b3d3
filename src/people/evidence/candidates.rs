//! The Cloud side of likely and possible evidence: the keys by which Cloud accounts that take a seat are
//! compared. Keys are read in the order of their numbers, which is the order of their texts in memory. The
//! accounts of a key are read only if the key is a hit.

use super::compared;
use super::key_set::{KeySet, RowsOfKeys};
use crate::model::{AddressKind, CloudRow, Population, RowKind};

/// The keys of Cloud accounts that take a seat.
pub(super) struct Candidates<'p> {
    population: &'p Population,
    /// The key at each index, sorted, if few of all keys occur. Otherwise the number of a key is its index.
    few: Option<Vec<u32>>,
    /// The flags of the key at each index.
    kinds: Vec<u8>,
    /// The account that is compared by the key at each index, or the last of several accounts.
    rows: Vec<u32>,
}

/// The key is some account's NameID or verified address.
const COMPARED: u8 = 1;
/// The key is some account's NameID.
const NAME_ID: u8 = 2;
/// Several accounts are compared by the key.
const SEVERAL: u8 = 4;

/// Up to this many key numbers per address, a slot for each number wastes little memory.
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
        let (mut count, mut greatest) = (0usize, 0u32);
        population.all_keys().for_each(|key| (count, greatest) = (count + 1, greatest.max(key)));
        let few = (greatest as usize > NUMBERS * count).then(|| {
            let mut few: Vec<u32> = keys().map(|(key, ..)| key).collect();
            few.sort_unstable();
            few.dedup();
            few
        });
        let places = few.as_ref().map_or(greatest as usize + 1, Vec::len);
        let (kinds, rows) = (vec![0; places], vec![0; places]);
        let mut candidates = Candidates { population, few, kinds, rows };
        for (key, kind, row) in keys() {
            let Some(place) = candidates.place_of(key) else { continue };
            let known = &mut candidates.kinds[place];
            let is_other = *known & COMPARED != 0 && candidates.rows[place] != row;
            *known |= if is_other { kind | SEVERAL } else { kind };
            candidates.rows[place] = row;
        }
        candidates
    }

    /// The number of indices. Each has one key or none.
    pub fn places(&self) -> usize {
        self.kinds.len()
    }

    /// The key at an index if accounts are compared by it, and whether it is the NameID of one of them.
    /// Keys are sorted.
    pub fn key_at(&self, place: usize) -> Option<(u32, bool)> {
        let kind = self.kinds[place];
        let key = self.few.as_ref().map_or(place as u32, |few| few[place]);
        (kind & COMPARED != 0).then_some((key, kind & NAME_ID != 0))
    }

    fn place_of(&self, key: u32) -> Option<usize> {
        match &self.few {
            Some(few) => few.binary_search(&key).ok(),
            None => Some(key as usize).filter(|place| *place < self.kinds.len()),
        }
    }

    /// The accounts that have any of these keys.
    pub fn rows_of(&self, keys: &KeySet) -> RowsOfKeys {
        let (mut pairs, mut several) = (Vec::new(), KeySet::default());
        for (key, place) in keys.iter().filter_map(|key| Some((key, self.place_of(key)?))) {
            match self.kinds[place] {
                0 => {}
                kind if kind & SEVERAL != 0 => {
                    several.insert(key);
                }
                _ => pairs.push((key, self.rows[place])),
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

    /// The keys by which an account is compared.
    pub fn keys_of(&self, row: u32) -> impl Iterator<Item = u32> {
        compared(self.population, &self.population.cloud[row as usize]).map(|it| it.key)
    }

    /// Is the key the NameID of this account?
    pub fn is_name_id(&self, row: u32, key: u32) -> bool {
        let addresses = &self.population.cloud[row as usize].addresses;
        self.population.keys(addresses, AddressKind::NameId).any(|it| it == key)
    }
}

/// The Cloud accounts that take a seat.
fn accounts(population: &Population) -> impl Iterator<Item = (u32, &CloudRow)> {
    let rows = (0u32..).zip(&population.cloud);
    rows.filter(|(_, row)| row.row == RowKind::Cloud && population.takes_seat(row))
}
