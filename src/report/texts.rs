//! Reads what evidence below certain is about: the words of unmatched Server accounts and of Cloud
//! accounts that take a seat, and nothing where every Server account is matched.

use super::moment::{Enterprise, Ledger};
use crate::error::Result;
use crate::model::SourceKind;
use crate::people::{Origin, Texts, keys_to_read, unmatched_groups};

impl Ledger<'_> {
    /// The words that the evidence of an enterprise is about.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(super) fn texts(&self, enterprise: &Enterprise<'_>) -> Result<Texts> {
        let Enterprise { population, matching, cloud, .. } = enterprise;
        let mut texts = Texts::default();
        let unmatched = unmatched_groups(matching);
        if unmatched.is_empty() {
            return Ok(texts);
        }
        let wanted = keys_to_read(population, matching);
        self.store.key_texts(&wanted, |key, text| texts.keys.put(key, text))?;
        let accounts = unmatched.iter().flat_map(|it| &matching.groups[*it as usize].accounts);
        let mut accounts: Vec<u32> = accounts.copied().collect();
        accounts.sort_unstable();
        for number in accounts {
            if let Origin::Own(index) = matching.accounts[number as usize].origin {
                let state = population.server[index as usize].state;
                texts.logins.put(number, &self.store.login_of(state)?);
                if let Some(name) = self.store.name_of(SourceKind::Server, state)? {
                    texts.names.put(number, &name);
                }
            }
        }
        let Some(cloud) = cloud.filter(|_| !texts.names.is_empty()) else { return Ok(texts) };
        // Both come in the order of their states.
        let mut rows = (0u32..).zip(&population.cloud).peekable();
        self.store.names_at(cloud, |state, name| {
            while rows.next_if(|(_, row)| row.state < state).is_some() {}
            if let Some((index, _)) = rows.next_if(|(_, row)| row.state == state) {
                texts.cloud_names.put(index, name);
            }
        })?;
        Ok(texts)
    }
}
