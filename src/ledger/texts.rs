//! Reads what evidence below certain is about: the words of unmatched Server accounts and of Cloud
//! accounts that take a seat, and nothing where every Server account is matched.

use foldhash::HashSet;

use super::Ledger;
use super::moment::Enterprise;
use crate::email;
use crate::error::Result;
use crate::name::NameHash;
use crate::people::{Origin, Texts, keys_to_read, unmatched_groups};

impl Ledger<'_> {
    /// The words that the evidence of an enterprise is about.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn texts(&self, enterprise: &Enterprise<'_>) -> Result<Texts> {
        let Enterprise { population, matching, cloud, .. } = enterprise;
        let mut texts = Texts::default();
        let unmatched = unmatched_groups(matching);
        if unmatched.is_empty() {
            return Ok(texts);
        }
        let wanted = keys_to_read(population, matching);
        self.store.key_texts(&wanted, |key, text| texts.keys.put(key, text))?;
        let accounts = unmatched.iter().flat_map(|it| &matching.groups[*it as usize].accounts);
        let states =
            accounts.filter_map(|&number| match matching.accounts[number as usize].origin {
                Origin::Own(index) => Some((number, population.server[index as usize].state)),
                Origin::Cloud(_) => None,
            });
        let states: Vec<(u32, i64)> = states.collect();
        self.store.called_each(&states, |number, login, name| {
            texts.logins.put(number, &email::login_key(login));
            texts.names.extend(name.map(|name| (number, name)));
        })?;
        if cloud.is_none() || texts.names.is_empty() {
            return Ok(texts);
        }
        let names: HashSet<NameHash> = texts.names.values().copied().collect();
        let named = self.store.states_named(&names)?;
        let rows = (0u32..).zip(&population.cloud);
        let found = rows.filter_map(|(index, row)| Some((index, *named.get(&row.state)?)));
        texts.cloud_names.extend(found);
        Ok(texts)
    }
}
