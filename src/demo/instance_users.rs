//! The accounts of one Server instance on one day, as both of its reports need them.
//!
//! What it is: a selection from the population, with the texts that are the same in both formats. May assume: a
//! slot has at most one own and one extra account per instance. Must not: format.

use super::account::{Day, DemoInstance, DemoServerAccount};
use super::life::SlotKind;
use super::population::{DemoPeople, Person};
use super::traits::Trait;

/// An account with the person whose slot it belongs to.
pub struct InstanceUser {
    /// The person whose slot the account belongs to.
    pub person: Person,
    pub account: DemoServerAccount,
}

impl InstanceUser {
    /// Every account of `instance` on `day`, suspended ones included, in the order of their ids.
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
