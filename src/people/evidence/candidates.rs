//! The Cloud side of likely and possible evidence: which keys Cloud accounts that take a seat are
//! compared by. Keys are looked at in the order of their numbers, in which their texts lie, and the
//! accounts that have them only where something was found.

use super::compared;
use super::key_set::{KeySet, RowsOfKeys};
use crate::model::{AddressKind, CloudRow, Population, RowKind};

/// The keys of Cloud accounts.
pub(super) struct Candidates<'p> {
    population: &'p Population,
    kinds: Kinds,
}

/// What each key is.
enum Kinds {
    /// By its number.
    All(Vec<u8>),
    /// Where few of all keys occur: with its number, in order.
    Few(Vec<(u32, u8)>),
}

/// A key is some account's NameID or verified address.
const COMPARED: u8 = 1;
/// A key is some account's NameID.
const NAME_ID: u8 = 2;

/// So many numbers may there be for each address, that a place for each number is no waste.
const NUMBERS: usize = 64;

impl<'p> Candidates<'p> {
    /// All of an enterprise.
    pub fn new(population: &'p Population) -> Candidates<'p> {
        let addresses =
            || accounts(population).flat_map(|(_, row)| population.addresses(&row.addresses));
        let keys = || {
            addresses().filter_map(|address| match address.kind {
                AddressKind::NameId => Some((address.key, COMPARED | NAME_ID)),
                AddressKind::Verified => Some((address.key, COMPARED)),
                _ => None,
            })
        };
        let (mut count, mut greatest) = (0usize, 0u32);
        population.all_keys().for_each(|key| (count, greatest) = (count + 1, greatest.max(key)));
        let kinds = if greatest as usize > NUMBERS * count {
            let mut few: Vec<(u32, u8)> = keys().collect();
            few.sort_unstable();
            few.dedup_by(|next, kept| {
                let is_same = next.0 == kept.0;
                kept.1 |= if is_same { next.1 } else { 0 };
                is_same
            });
            Kinds::Few(few)
        } else {
            let mut all: Vec<u8> = Vec::new();
            for (key, kind) in keys().map(|(key, kind)| (key as usize, kind)) {
                if key >= all.len() {
                    all.resize(key + 1, 0);
                }
                all[key] |= kind;
            }
            Kinds::All(all)
        };
        Candidates { population, kinds }
    }

    /// How many places there are, of which each has a key or none.
    pub fn places(&self) -> usize {
        match &self.kinds {
            Kinds::All(all) => all.len(),
            Kinds::Few(few) => few.len(),
        }
    }

    /// The key at a place by which an account is compared, and whether it is the NameID of one; keys are
    /// in order.
    pub fn key_at(&self, place: usize) -> Option<(u32, bool)> {
        let (key, kind) = match &self.kinds {
            Kinds::All(all) => (place as u32, all[place]),
            Kinds::Few(few) => few[place],
        };
        (kind & COMPARED != 0).then_some((key, kind & NAME_ID != 0))
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
