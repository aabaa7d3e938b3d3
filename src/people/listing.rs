//! Which Cloud rows list which Server accounts (counting.md section 2, "Server ids in Cloud rows").

use foldhash::{HashMap, HashMapExt};

use super::accounts::{Account, only_instance};
use super::by_key::ByKey;
use super::many::{Many, Rows};
use crate::model::Population;

/// Every Cloud row in force, by a Server account that it lists.
pub(super) struct Listing {
    /// The first account of the same instance and id, which is nearly always the account itself.
    first: Vec<u32>,
    rows: Many<ByKey>,
}

impl Listing {
    /// Looks up everything that the rows list among the accounts.
    pub fn new(population: &Population, accounts: &[Account]) -> Listing {
        let mut numbers = HashMap::with_capacity(accounts.len());
        let numbered = (0u32..).zip(accounts).map(|(number, account)| {
            *numbers.entry((account.instance, account.member.by_ref())).or_insert(number)
        });
        let first = numbered.collect();
        let mut rows = Many::new(ByKey::table(accounts.len()));
        let only_instance = only_instance(population);
        for (index, row) in (0u32..).zip(&population.cloud) {
            for listed in population.listed(row) {
                let instance = listed.instance.or(only_instance);
                if let Some(number) = numbers.get(&(instance, listed.member.by_ref())) {
                    rows.add(*number, index);
                }
            }
        }
        Listing { first, rows }
    }

    /// The rows that list an account.
    pub fn rows(&self, number: u32) -> Rows<'_> {
        self.rows.get(&self.first[number as usize])
    }
}
