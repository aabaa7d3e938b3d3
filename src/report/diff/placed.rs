//! A seat of `diff` with its enterprise, and the properties of the seat that `diff` compares.

use crate::email;
use crate::error::Result;
use crate::ledger::{Enterprise, Ledger};
use crate::model::{Account, KeyId, StateId};
use crate::people::{AccountOrigin, RecreatedBy, Seat, SeatOf};
use crate::report::seat::{SeatDetails, teller};

/// A seat of a `diff`, with the enterprise in which it is counted.
pub(super) struct Placed<'m> {
    pub(super) enterprise: &'m Enterprise<'m>,
    pub(super) seat: SeatOf,
    pub(super) name: Seat,
}

impl Placed<'_> {
    /// The login of the seat's Cloud row. If the row has no login, the identity by which it is found in other
    /// snapshots.
    pub(super) fn identity(&self) -> &str {
        let identity = self.name.cloud.as_ref().map_or("", |(_, identity)| identity);
        Account::login_of_identity(identity).unwrap_or(identity)
    }

    /// The ids of the stored states of all accounts of the seat, sorted. Equal ids mean that nothing changed.
    pub(super) fn states(&self) -> Vec<StateId> {
        let mut states: Vec<StateId> =
            self.seat.accounts.iter().map(|account| self.enterprise.state_of(*account)).collect();
        states.extend(self.seat.row.map(|row| self.enterprise.population.cloud[row].state));
        states.sort_unstable();
        states
    }

    /// The keys of the primary addresses of the seat's Server accounts, sorted. An account that only Cloud rows
    /// list has the keys of every row that lists it, even of rows that belong to other seats.
    pub(super) fn keys(&self) -> Vec<KeyId> {
        let accounts = self.seat.accounts.iter();
        let accounts = accounts.map(|it| &self.enterprise.matching.accounts[*it]);
        let mut keys: Vec<KeyId> = accounts.flat_map(|account| account.primary_keys()).collect();
        keys.sort_unstable();
        keys
    }

    pub(super) fn kind(&self) -> (bool, bool) {
        (self.seat.row.is_some(), self.seat.accounts.is_empty())
    }

    pub(super) fn teller(&self, ledger: &Ledger<'_>) -> Result<SeatDetails> {
        teller(ledger, self.enterprise, &self.seat)
    }

    /// For each Server account of the seat, its login and the key of its primary address. By both together an
    /// account is recognized that was deleted and created again under a new id. Accounts that lack one of them
    /// are left out.
    pub(super) fn called(&self, ledger: &Ledger<'_>) -> Result<Vec<RecreatedBy>> {
        let mut called = Vec::new();
        for (place, number) in self.seat.accounts.iter().enumerate() {
            let account = &self.enterprise.matching.accounts[*number];
            let (AccountOrigin::Own(_), Some(key)) = (account.origin, account.keys.first()) else {
                continue;
            };
            let login = ledger.store.called(self.enterprise.state_of(*number))?.login;
            let login = email::login_key(&login);
            if !login.is_empty() {
                called.push(RecreatedBy { account: place, login, key: *key });
            }
        }
        Ok(called)
    }
}
