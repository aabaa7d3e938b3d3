//! The unmatched groups (Server accounts that no rule matches), in the order in which answers list them. Their
//! accounts and addresses are next to each other in memory.

use super::compared::secondary_keys;
use crate::model::{
    AccountIx, GroupIx, Grouped, Indexed, InstanceIx, KeyId, ListIndex, Member, Population,
    list_indices,
};
use crate::people::{Matching, Participant};

list_indices! {
    /// An unmatched group, in the order in which answers list the groups: an index of [`Unmatched::groups`].
    UnmatchedIx;
    /// An account of an unmatched group: its position among the accounts of all unmatched groups.
    OwnAccountIx;
    /// The position of a host name in the order of the bytes of all host names.
    HostRank;
}

/// The groups of Server accounts that no rule matches.
pub fn unmatched_groups(matching: &Matching) -> Vec<GroupIx> {
    let groups = matching.groups.enumerated();
    groups.filter(|(_, group)| group.rule.is_none()).map(|(index, _)| index).collect()
}

/// Whether an address is the primary address of its account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The address acts as the account's primary address.
    Primary,
    /// The address is another address of the account.
    Secondary,
    /// The address is the primary address, but another account of the instance has it too. It proves nothing.
    Repeated,
}

/// The unmatched groups, sorted by the host and id of their first accounts.
pub(super) struct Unmatched {
    groups: Indexed<UnmatchedIx, GroupIx>,
    accounts: Grouped<UnmatchedIx, AccountIx>,
    keys: Grouped<OwnAccountIx, (KeyId, Kind)>,
    hosts: Hosts,
}

impl Unmatched {
    pub fn of(population: &Population, matching: &Matching) -> Unmatched {
        let hosts = Hosts::of(population);
        let groups = in_order(matching, &hosts);
        let mut unmatched = Unmatched {
            accounts: Grouped::with_capacity(groups.len()),
            keys: Grouped::with_capacity(groups.len()),
            groups,
            hosts,
        };
        for &group in &unmatched.groups {
            for &index in &matching.groups[group].accounts {
                unmatched.accounts.push(index);
                let account = &matching.accounts[index];
                let primary = account.keys.iter().map(|key| (*key, Kind::Primary));
                unmatched.keys.extend(primary);
                let secondary = secondary_keys(population, account);
                unmatched.keys.extend(secondary.map(|key| (key, Kind::Secondary)));
                unmatched.keys.extend(account.repeated.map(|key| (key, Kind::Repeated)));
                unmatched.keys.end();
            }
            unmatched.accounts.end();
        }
        unmatched
    }

    pub fn len(&self) -> usize {
        self.groups.len()
    }

    /// The indices of all unmatched groups, in order.
    pub fn indices(&self) -> impl Iterator<Item = UnmatchedIx> + Clone + use<> {
        self.groups.indices()
    }

    pub fn groups(&self) -> &Indexed<UnmatchedIx, GroupIx> {
        &self.groups
    }

    /// The accounts of an unmatched group, sorted by host and id.
    pub fn accounts(&self, group: UnmatchedIx) -> &[AccountIx] {
        self.accounts.of(group)
    }

    /// The accounts of an unmatched group, each with the keys of its addresses.
    pub fn with_keys(
        &self,
        group: UnmatchedIx,
    ) -> impl Iterator<Item = (AccountIx, &[(KeyId, Kind)])> {
        let own = self.accounts.range(group).map(OwnAccountIx::of_number);
        own.zip(self.accounts.of(group)).map(|(own, account)| (*account, self.keys.of(own)))
    }

    /// The keys of an unmatched group's addresses. A primary address that several accounts of an instance have
    /// is left out, because it proves nothing.
    pub fn proving(&self, group: UnmatchedIx) -> impl Iterator<Item = KeyId> {
        let keys = self.with_keys(group).flat_map(|(_, keys)| keys);
        keys.filter(|(_, kind)| *kind != Kind::Repeated).map(|(key, _)| *key)
    }

    pub fn hosts(&self) -> &Hosts {
        &self.hosts
    }
}

/// The position of each instance's host name in the order of the bytes of all host names.
pub(super) struct Hosts {
    of_instance: Indexed<InstanceIx, HostRank>,
    /// The position of the host name `unknown` in that order.
    unknown: HostRank,
}

impl Hosts {
    fn of(population: &Population) -> Hosts {
        let mut names: Vec<&str> = population.instances.iter().map(|it| &*it.host).collect();
        names.push(UNKNOWN);
        names.sort_unstable();
        names.dedup();
        let rank = |name: &str| HostRank::at(names.partition_point(|it| *it < name));
        let of_instance = population.instances.iter().map(|it| rank(&it.host)).collect();
        Hosts { of_instance, unknown: rank(UNKNOWN) }
    }

    pub fn rank(&self, account: &Participant) -> HostRank {
        account.instance.map_or(self.unknown, |instance| self.of_instance[instance])
    }
}

/// The host name that stands for the instance of an account if that instance is not known.
const UNKNOWN: &str = "unknown";

/// The unmatched groups, sorted by the host and id of their first accounts.
fn in_order(matching: &Matching, hosts: &Hosts) -> Indexed<UnmatchedIx, GroupIx> {
    let first = |group: GroupIx| {
        let first = matching.groups[group].accounts[0];
        &matching.accounts[first]
    };
    let placed = unmatched_groups(matching).into_iter().map(|group| {
        let account = first(group);
        // The pair of kind and id is in the order of `Member`. Most ids are numbers, so most comparisons are
        // decided by this pair.
        let (kind, id) = match &account.member {
            Member::Unnamed(_) => (0u8, 0),
            Member::Login(_) => (1, 0),
            Member::Number(id) => (2, *id),
            Member::Text(_) => (3, 0),
        };
        (hosts.rank(account), kind, id, group)
    });
    let mut placed: Vec<(HostRank, u8, u64, GroupIx)> = placed.collect();
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
