//! Reads the texts that likely and possible evidence compares: the logins of unmatched Server accounts, and the
//! texts of address keys. If every Server account is matched and no employee directory is in force, this file
//! reads nothing.

use std::cell::OnceCell;
use std::rc::Rc;

use super::Ledger;
use super::moment::Enterprise;
use crate::email;
use crate::error::Result;
use crate::model::Instant;
use crate::people::{AccountOrigin, EvidenceTexts, Strings, unmatched_groups};

impl Ledger<'_> {
    /// Calls `ask` with the texts that the evidence of an enterprise compares (such as logins), and with the
    /// entries of the employee directories in force at the instant.
    ///
    /// # Errors
    /// If the database cannot be read, or if `ask` fails.
    pub(crate) fn with_texts<T>(
        &self,
        at: Instant,
        enterprise: &Enterprise<'_>,
        ask: impl FnOnce(&EvidenceTexts<'_>) -> Result<T>,
    ) -> Result<T> {
        let Enterprise { population, matching, .. } = enterprise;
        let unmatched = unmatched_groups(matching);
        let read = OnceCell::new();
        let logins = || -> Result<Rc<Strings>> {
            if let Some(read) = read.get() {
                return Ok(Rc::clone(read));
            }
            let accounts = unmatched.iter().flat_map(|it| &matching.groups[*it].accounts);
            let states = accounts.filter_map(|&number| match matching.accounts[number].origin {
                AccountOrigin::Own(index) => Some((number, population.server[index].state)),
                AccountOrigin::Cloud(_) => None,
            });
            let mut logins = Strings::default();
            self.store.logins_each(&states.collect::<Vec<_>>(), |account, login| {
                logins.put(account, &email::login_key(login));
            })?;
            Ok(Rc::clone(read.get_or_init(|| Rc::new(logins))))
        };
        let entries = self.entries_in_force(at, enterprise, &logins)?;
        let entries = entries.as_slice();
        if unmatched.is_empty() && entries.is_empty() {
            return ask(&EvidenceTexts { keys: &(), logins: &logins, entries });
        }
        self.store.with_words(population.all_keys(), |keys| {
            ask(&EvidenceTexts { keys, logins: &logins, entries })
        })
    }
}
