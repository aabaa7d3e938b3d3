//! The unmatched groups in the order in which answers list them, with their accounts and addresses in
//! contiguous memory.

use super::compared::secondary_keys;
use crate::model::{Member, Population};
use crate::people::{Matching, Participant};

/// The unmatched groups, as indices of [`Matching::groups`].
pub fn unmatched_groups(matching: &Matching) -> Vec<u32> {
    let groups = (0u32..).zip(&matching.groups);
    groups.filter(|(_, group)| group.rule.is_none()).map(|(index, _)| index).collect()
}

/// The role of an address for its account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It acts as the primary address.
    Primary,
    /// It is another address of the account.
    Secondary,
    /// It is the primary address, but another account of the instance has it too. It proves nothing.
    Repeated,
}

/// The unmatched groups, sorted by the host and id of their first accounts. Methods take a group's index in
/// this order.
pub(super) struct Unmatched {
    groups: Vec<u32>,
    /// The index of each group's first account, and the end of the last group's accounts.
    starts: Vec<u32>,
    accounts: Vec<u32>,
    /// The index of each account's first key, and the end of the last account's keys.
    key_starts: Vec<u32>,
    keys: Vec<(u32, Kind)>,
    hosts: Hosts,
}

impl Unmatched {
    pub fn of(population: &Population, matching: &Matching) -> Unmatched {
        let hosts = Hosts::of(population);
        let groups = in_order(matching, &hosts);
        let mut unmatched = Unmatched {
            starts: Vec::with_capacity(groups.len() + 1),
            accounts: Vec::with_capacity(groups.len()),
            key_starts: Vec::with_capacity(groups.len() + 1),
            keys: Vec::new(),
            groups,
            hosts,
        };
        for &group in &unmatched.groups {
            unmatched.starts.push(unmatched.accounts.len() as u32);
            for &number in &matching.groups[group as usize].accounts {
                unmatched.accounts.push(number);
                unmatched.key_starts.push(unmatched.keys.len() as u32);
                let account = &matching.accounts[number as usize];
                let primary = account.keys.iter().map(|key| (*key, Kind::Primary));
                unmatched.keys.extend(primary);
                let secondary = secondary_keys(population, account);
                unmatched.keys.extend(secondary.map(|key| (key, Kind::Secondary)));
                unmatched.keys.extend(account.repeated.map(|key| (key, Kind::Repeated)));
            }
        }
        unmatched.starts.push(unmatched.accounts.len() as u32);
        unmatched.key_starts.push(unmatched.keys.len() as u32);
        unmatched
    }

    pub fn len(&self) -> usize {
        self.groups.len()
    }

    /// The groups, as indices of [`Matching::groups`].
    pub fn groups(&self) -> &[u32] {
        &self.groups
    }

    /// The accounts of a group, as indices of [`Matching::accounts`], sorted by host and id.
    pub fn accounts(&self, place: u32) -> &[u32] {
        let place = place as usize;
        &self.accounts[self.starts[place] as usize..self.starts[place + 1] as usize]
    }

    /// The accounts of a group, each with its keys.
    pub fn with_keys(&self, place: u32) -> impl Iterator<Item = (u32, &[(u32, Kind)])> {
        let place = place as usize;
        (self.starts[place] as usize..self.starts[place + 1] as usize).map(|at| {
            let keys = self.key_starts[at] as usize..self.key_starts[at + 1] as usize;
            (self.accounts[at], &self.keys[keys])
        })
    }

    /// The keys of all addresses of a group that prove something.
    pub fn proving(&self, place: u32) -> impl Iterator<Item = u32> {
        let keys = self.with_keys(place).flat_map(|(_, keys)| keys);
        keys.filter(|(_, kind)| *kind != Kind::Repeated).map(|(key, _)| *key)
    }

    pub fn hosts(&self) -> &Hosts {
        &self.hosts
    }
}

/// Host names as numbers, in the order of their bytes.
pub(super) struct Hosts {
    of_instance: Vec<u32>,
    /// The number of the host `unknown`.
    unknown: u32,
}

impl Hosts {
    fn of(population: &Population) -> Hosts {
        let mut names: Vec<&str> = population.instances.iter().map(|it| &*it.host).collect();
        names.push(UNKNOWN);
        names.sort_unstable();
        names.dedup();
        let number = |name: &str| names.partition_point(|it| *it < name) as u32;
        let of_instance = population.instances.iter().map(|it| number(&it.host)).collect();
        Hosts { of_instance, unknown: number(UNKNOWN) }
    }

    pub fn number(&self, account: &Participant) -> u32 {
        account.instance.map_or(self.unknown, |instance| self.of_instance[instance as usize])
    }
}

/// The host of accounts whose instance is not known.
const UNKNOWN: &str = "unknown";

/// The unmatched groups, sorted by the host and id of their first accounts.
fn in_order(matching: &Matching, hosts: &Hosts) -> Vec<u32> {
    let first = |group: u32| {
        let first = matching.groups[group as usize].accounts[0];
        &matching.accounts[first as usize]
    };
    let placed = unmatched_groups(matching).into_iter().map(|group| {
        let account = first(group);
        // This is the order of `Member`. Most ids are numbers, so most comparisons read nothing else.
        let (kind, id) = match &account.member {
            Member::Unnamed(_) => (0u8, 0),
            Member::Login(_) => (1, 0),
            Member::Number(id) => (2, *id),
            Member::Text(_) => (3, 0),
        };
        (hosts.number(account), kind, id, group)
    });
    let mut placed: Vec<(u32, u8, u64, u32)> = placed.collect();
    placed.sort_unstable_by(|a, b| {
        (a.0, a.1, a.2)
            .cmp(&(b.0, b.1, b.2))
            .then_with(|| match a.1 {
                2 => std::cmp::Ordering::Equal,
                _ => first(a.3).member.cmp(&first(b.3).member),
            })
            .then(a.3.cmp(&b.3))
    });
    placed.into_iter().map(|it| it.3).collect()
}
