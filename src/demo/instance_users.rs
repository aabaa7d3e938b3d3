//! The accounts that one Server instance has on one day. Both kinds of report of an instance are made from
//! them.
//!
//! This file selects the accounts from the demo's people, and spells the texts that are the same in both kinds
//! of report. It may assume that a slot (person) has at most one own and one extra account on each instance. It
//! must not write any format.

use super::account::{Day, DemoInstance, DemoServerAccount};
use super::life::SlotKind;
use super::population::{DemoPeople, Person};
use super::traits::Trait;

/// An account on a Server instance, with the person of the demo to whom it is assigned.
pub struct InstanceUser {
    /// The person to whom the account is assigned. An extra account is somebody else's, such as a relative's.
    pub person: Person,
    pub account: DemoServerAccount,
}

impl InstanceUser {
    /// Every account of `instance` on `day`, in the order of their ids. Suspended accounts are among them.
    pub fn all(
        population: &DemoPeople,
        instance: DemoInstance,
        day: Day,
    ) -> impl Iterator<Item = InstanceUser> + '_ {
        population.people().flat_map(move |person| {
            let mut accounts = person.life.accounts_on(day).servers;
            accounts.retain(|account| account.instance == instance);
            accounts.sort_by_key(|account| account.id(person.slot));
            accounts
                .into_iter()
                .map(move |account| InstanceUser { person: person.clone(), account })
        })
    }

    pub fn id(&self) -> u64 {
        self.account.id(self.person.slot)
    }

    pub fn login(&self) -> String {
        self.person.identity.login(self.account.login)
    }

    pub fn email(&self) -> String {
        self.person.identity.address(self.account.primary)
    }

    pub fn is_site_admin(&self) -> bool {
        self.person.life.kind == SlotKind::Employee
            && !self.account.extra
            && self.person.life.traits.number(Trait::SiteAdmin, 150) == 0
    }
}
