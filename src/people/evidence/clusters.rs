//! Finds the clusters: unmatched groups that share an address (counting.md section 5).

use std::sync::Arc;

use foldhash::{HashMap, HashMapExt, HashSet};

use super::Evidence;
use super::key_set::KeySet;
use super::unmatched::{Kind, Unmatched, UnmatchedIx};
use crate::code::EvidenceCode;
use crate::model::{AccountIx, GroupIx, Indexed, KeyId};
use crate::people::links::LinkEffects;
use crate::people::matching::DisjointSets;

/// The clusters of the unmatched groups.
pub(super) struct Clusters {
    /// The cluster of each group, represented by the first group of the cluster.
    first: Indexed<UnmatchedIx, UnmatchedIx>,
    /// The evidence that connects each group with other groups of its cluster.
    shared: HashMap<UnmatchedIx, Vec<Evidence>>,
    /// For each group, the accounts of other groups that share an address with it.
    others: HashMap<UnmatchedIx, Vec<AccountIx>>,
}

/// The largest number of accounts with one address for which findings list the other accounts. An address of a
/// thousand accounts identifies nobody, and listing all of them for each of them would be useless.
const TOLD: usize = 100;

/// A group, and the account in it that has an address.
type Holder = (UnmatchedIx, AccountIx);

impl Clusters {
    pub fn new(unmatched: &Unmatched, links: &LinkEffects) -> Clusters {
        // The group of each account that a link is about.
        let linked = links.one_server_person().iter();
        let linked: HashSet<AccountIx> = linked.flat_map(|(one, other)| [*one, *other]).collect();
        let mut group_of: HashMap<AccountIx, UnmatchedIx> = HashMap::new();
        for group in unmatched.indices() {
            let accounts = unmatched.accounts(group).iter();
            if !linked.is_empty() {
                group_of.extend(accounts.filter(|it| linked.contains(it)).map(|it| (*it, group)));
            }
        }
        let mut sets = DisjointSets::new(unmatched.len());
        let mut shared: HashMap<UnmatchedIx, Vec<Evidence>> = HashMap::new();
        let mut others: HashMap<UnmatchedIx, Vec<AccountIx>> = HashMap::new();
        let held = held_by_several(unmatched);
        for held in held.chunk_by(|a, b| a.0 == b.0) {
            let key = held[0].0;
            let holders: Vec<Holder> = held.iter().map(|(_, holder)| *holder).collect();
            tell_others(&holders, links, &mut others);
            for (holder, other) in neighbors(&holders, links) {
                sets.join(holder.0, other.0);
                shared.entry(holder.0).or_default().push(Evidence {
                    code: EvidenceCode::SharedAddress,
                    row: None,
                    account: Some(holder.1),
                    other: Some(other.1),
                    key: Some(key),
                    cloud_key: None,
                });
            }
        }
        for &(one, other) in links.one_server_person() {
            let group_of = |account: AccountIx| group_of.get(&account).copied();
            let (Some(its), Some(others)) = (group_of(one), group_of(other)) else { continue };
            if its == others {
                continue;
            }
            sets.join(its, others);
            for (group, account, other) in [(its, one, other), (others, other, one)] {
                shared.entry(group).or_default().push(Evidence {
                    code: EvidenceCode::Declared,
                    row: None,
                    account: Some(account),
                    other: Some(other),
                    key: None,
                    cloud_key: None,
                });
            }
        }
        // The root of a joined set is its smallest index, so the root is the first group of the cluster.
        let first = unmatched.indices().map(|group| sets.root(group)).collect();
        Clusters { first, shared, others }
    }

    /// The first group of a group's cluster. A group that shares nothing is its own first group.
    pub fn first(&self, group: UnmatchedIx) -> UnmatchedIx {
        self.first[group]
    }

    pub fn others(&self, group: UnmatchedIx) -> &[AccountIx] {
        self.others.get(&group).map_or(&[], Vec::as_slice)
    }

    /// For each group that shares an address or a link with another group, the groups of its cluster.
    pub fn of_groups(
        &self,
        unmatched: &Indexed<UnmatchedIx, GroupIx>,
    ) -> HashMap<GroupIx, Arc<[GroupIx]>> {
        let mut members: HashMap<UnmatchedIx, Vec<GroupIx>> = HashMap::new();
        for (group, first) in self.first.enumerated() {
            if *first != group {
                let members = members.entry(*first).or_insert_with(|| vec![unmatched[*first]]);
                members.push(unmatched[group]);
            }
        }
        let mut of_groups: HashMap<GroupIx, Arc<[GroupIx]>> = HashMap::new();
        for members in members.into_values() {
            let members: Arc<[GroupIx]> = members.into();
            of_groups.extend(members.iter().map(|group| (*group, Arc::clone(&members))));
        }
        of_groups
    }

    pub fn shared(&self, group: UnmatchedIx) -> &[Evidence] {
        self.shared.get(&group).map_or(&[], Vec::as_slice)
    }
}

/// The address keys that occur more than once, each with its holders in the order of groups.
fn held_by_several(unmatched: &Unmatched) -> Vec<(KeyId, Holder)> {
    let (mut once, mut several) = (KeySet::default(), KeySet::default());
    for group in unmatched.indices() {
        for key in unmatched.proving(group) {
            if once.insert(key) {
                several.insert(key);
            }
        }
    }
    let mut held: Vec<(KeyId, Holder)> = Vec::new();
    for group in unmatched.indices() {
        for (account, keys) in unmatched.with_keys(group) {
            let keys = keys.iter().filter(|(_, kind)| *kind != Kind::Repeated);
            let keys = keys.filter(|(key, _)| several.contains(*key));
            held.extend(keys.map(|(key, _)| (*key, (group, account))));
        }
    }
    held.sort_by_key(|(key, _)| *key);
    held
}

/// Adds to the group of each holder the accounts of other groups that have the same address.
fn tell_others(
    holders: &[Holder],
    links: &LinkEffects,
    others: &mut HashMap<UnmatchedIx, Vec<AccountIx>>,
) {
    let Some(first) = holders.first() else { return };
    if holders.len() > TOLD || holders.iter().all(|holder| holder.0 == first.0) {
        return;
    }
    for holder in holders {
        let of_others = holders
            .iter()
            .filter(|it| it.0 != holder.0 && !links.accounts_are_apart(holder.1, it.1));
        others.entry(holder.0).or_default().extend(of_others.map(|it| it.1));
    }
}

/// For each holder of an address, the first holder in another group. An address that a thousand groups share then
/// gives a thousand pieces of evidence and not a million. The pairs connect all groups that share the address,
/// except for pairs that are declared to be two people.
fn neighbors(holders: &[Holder], links: &LinkEffects) -> Vec<(Holder, Holder)> {
    let apart = holders.iter().any(|holder| links.is_set_apart(holder.1));
    if apart {
        return neighbors_apart(holders, links);
    }
    let Some(first) = holders.first() else { return Vec::new() };
    let Some(second) = holders.iter().find(|other| other.0 != first.0) else { return Vec::new() };
    let other = |holder: &Holder| if holder.0 == first.0 { *second } else { *first };
    holders.iter().map(|holder| (*holder, other(holder))).collect()
}

/// The pairs that `neighbors` returns if some holders are declared to be different people. Each of these holders
/// is compared with all other holders.
fn neighbors_apart(holders: &[Holder], links: &LinkEffects) -> Vec<(Holder, Holder)> {
    let mut pairs = Vec::new();
    for holder in holders {
        let mut others = holders
            .iter()
            .filter(|other| other.0 != holder.0 && !links.accounts_are_apart(holder.1, other.1));
        if links.is_set_apart(holder.1) {
            pairs.extend(others.map(|other| (*holder, *other)));
        } else {
            pairs.extend(others.next().map(|other| (*holder, *other)));
        }
    }
    pairs
}
