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
}

/// A key is some account's NameID or verified address.
const COMPARED: u8 = 1;
/// A key is some account's NameID.
const NAME_ID: u8 = 2;

impl<'p> Candidates<'p> {
    /// All of an enterprise.
    pub fn new(population: &'p Population) -> Candidates<'p> {
        let mut kinds: Vec<u8> = Vec::new();
        for (_, row) in accounts(population) {
            for address in population.addresses(&row.addresses) {
                let kind = match address.kind {
                    AddressKind::NameId => COMPARED | NAME_ID,
                    AddressKind::Verified => COMPARED,
                    _ => continue,
                };
                let key = address.key as usize;
                if key >= kinds.len() {
                    kinds.resize(key + 1, 0);
                }
                kinds[key] |= kind;
            }
        }
        Candidates { population, kinds }
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
        let mut pairs = Vec::new();
        for (index, row) in accounts(self.population) {
            let mut addresses = self.population.addresses(&row.addresses).iter();
            if !addresses.any(|it| keys.contains(it.key)) {
                continue;
            }
            let compared = compared(self.population, row).filter(|it| keys.contains(it.key));
            pairs.extend(compared.map(|it| (it.key, index)));
        }
        RowsOfKeys::new(pairs)
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
