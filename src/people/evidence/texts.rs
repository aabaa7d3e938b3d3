//! The words that likely and possible evidence is about, of what takes part only: the texts of
//! keys, the logins and display names of unmatched Server accounts, the names of Cloud accounts.
//! Filled by whoever can read them; logins of Cloud accounts are in their identities already.

use foldhash::HashMap;

use super::alike_keys;
use crate::model::{AddressKind, Population};
use crate::name::NameHash;
use crate::people::Matching;

/// Texts by number, in one piece of memory: a text that was not put in is empty.
#[derive(Debug, Clone, Default)]
pub struct Strings {
    text: String,
    /// Where each text begins and ends.
    places: Vec<(usize, usize)>,
}

impl Strings {
    /// Puts in a text.
    pub fn put(&mut self, number: u32, text: &str) {
        let number = number as usize;
        if number >= self.places.len() {
            self.places.resize(number + 1, (0, 0));
        }
        let start = self.text.len();
        self.text.push_str(text);
        self.places[number] = (start, self.text.len());
    }

    /// The text of a number.
    pub fn get(&self, number: u32) -> &str {
        let (start, end) = self.places.get(number as usize).copied().unwrap_or_default();
        &self.text[start..end]
    }
}

/// What evidence below certain needs to read.
#[derive(Debug, Clone, Default)]
pub struct Texts {
    /// The texts of keys, by key number.
    pub keys: Strings,
    /// The logins of Server accounts as they are compared, by index of [`Matching::accounts`].
    pub logins: Strings,
    /// The display names of Server accounts, likewise.
    pub names: HashMap<u32, NameHash>,
    /// The display names of Cloud accounts, by index of [`Population::cloud`]; those that no
    /// Server account has may be missing.
    pub cloud_names: HashMap<u32, NameHash>,
}

/// The unmatched groups, as indices of [`Matching::groups`].
pub fn unmatched_groups(matching: &Matching) -> Vec<u32> {
    let groups = (0u32..).zip(&matching.groups);
    groups.filter(|(_, group)| group.rule.is_none()).map(|(index, _)| index).collect()
}

/// The keys whose texts are needed: those of unmatched groups and of Cloud seats, as flags by key
/// number.
pub fn keys_to_read(population: &Population, matching: &Matching) -> Vec<bool> {
    let mut wanted: Vec<bool> = Vec::new();
    let mut want = |key: u32| {
        let key = key as usize;
        if key >= wanted.len() {
            wanted.resize(key + 1, false);
        }
        wanted[key] = true;
    };
    for group in unmatched_groups(matching) {
        for &number in &matching.groups[group as usize].accounts {
            alike_keys(population, &matching.accounts[number as usize]).for_each(&mut want);
        }
    }
    for row in population.cloud.iter().filter(|row| population.takes_seat(row)) {
        for address in population.addresses(&row.addresses) {
            if matches!(address.kind, AddressKind::NameId | AddressKind::Verified) {
                want(address.key);
            }
        }
    }
    wanted
}
