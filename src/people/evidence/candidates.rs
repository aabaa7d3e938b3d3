//! The Cloud side of likely and possible evidence: which keys Cloud accounts that take a seat are
//! compared by. Keys are looked at in the order of their numbers, in which their texts lie, and the
//! accounts that have them only where something was found.

use super::compared;
use super::key_set::{KeySet, RowsOfKeys};
use crate::model::{AddressKind, CloudRow, Population, RowKind};

/// The keys of Cloud accounts.
pub(super) struct Candidates<'p> {
    population: &'p Population,
    /// What each key is, by its number.
    kinds: Vec<u8>,
    /// The account that is compared by each key, or the last of several.
    rows: Vec<u32>,
}

/// A key is some account's NameID or verified address.
const COMPARED: u8 = 1;
/// A key is some account's NameID.
const NAME_ID: u8 = 2;
/// Several accounts are compared by a key.
const SEVERAL: u8 = 4;

impl<'p> Candidates<'p> {
    /// All of an enterprise.
    pub fn new(population: &'p Population) -> Candidates<'p> {
        let (mut kinds, mut rows): (Vec<u8>, Vec<u32>) = (Vec::new(), Vec::new());
        for (index, row) in accounts(population) {
            for address in population.addresses(&row.addresses) {
                let kind = match address.kind {
                    AddressKind::NameId => COMPARED | NAME_ID,
                    AddressKind::Verified => COMPARED,
                    _ => continue,
                };
                let key = address.key as usize;
                if key >= kinds.len() {
                    kinds.resize(key + 1, 0);
                    rows.resize(key + 1, 0);
                }
                let is_other = kinds[key] & COMPARED != 0 && rows[key] != index;
                kinds[key] |= if is_other { kind | SEVERAL } else { kind };
                rows[key] = index;
            }
        }
        Candidates { population, kinds, rows }
    }

    /// No key has this number, or one above it.
    pub fn end(&self) -> usize {
        self.kinds.len()
    }

    /// Is an account compared by this key?
    pub fn has(&self, key: u32) -> bool {
        self.kinds[key as usize] & COMPARED != 0
    }

    /// Is it the NameID of an account?
    pub fn has_name_id(&self, key: u32) -> bool {
        self.kinds[key as usize] & NAME_ID != 0
    }

    /// The accounts with some of these keys.
    pub fn rows_of(&self, keys: &KeySet) -> RowsOfKeys {
        let of_several = |key: &u32| self.kinds[*key as usize] & SEVERAL != 0;
        let compared_by = keys.iter().filter(|key| (*key as usize) < self.end() && self.has(*key));
        let (several, one): (Vec<u32>, Vec<u32>) = compared_by.partition(of_several);
        let mut pairs: Vec<(u32, u32)> =
            one.into_iter().map(|key| (key, self.rows[key as usize])).collect();
        if !several.is_empty() {
            let several: KeySet = several.into_iter().collect();
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

    /// The keys that an account is compared by.
    pub fn keys_of(&self, row: u32) -> impl Iterator<Item = u32> {
        compared(self.population, &self.population.cloud[row as usize]).map(|it| it.key)
    }

    /// Is a key the NameID of this account?
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
