//! Finds the clusters: unmatched groups that share an address (counting.md section 5) or an entry of an employee
//! directory (directory.md section 2).

use std::sync::Arc;

use foldhash::{HashMap, HashMapExt, HashSet};

use super::Evidence;
use super::key_set::KeySet;
use super::shared::SharedEntries;
use super::unmatched::{Kind, Unmatched, UnmatchedIx};
use crate::code::EvidenceCode;
use crate::model::{AccountIx, GroupIx, Indexed, KeyId};
use crate::people::links::LinkEffects;
use crate::people::matching::DisjointSets;

/// The clusters: unmatched groups of one person, because they share an address or a directory entry.
pub(super) struct Clusters {
    /// For each group, the first group of its cluster, which represents the cluster.
    first: Indexed<UnmatchedIx, UnmatchedIx>,
    /// For each group, the evidence that connects it with other groups of its cluster.
    shared: HashMap<UnmatchedIx, Vec<Evidence>>,
    /// For each group, the accounts of other groups that share an address or a directory entry with it.
    others: HashMap<UnmatchedIx, Vec<AccountIx>>,
}

/// The greatest number of accounts with one address for which findings list the other accounts. An address of a
/// thousand accounts identifies nobody, and a thousand lists of a thousand accounts would be useless.
const TOLD: usize = 100;

/// An account of an unmatched group, and an address or directory entry that it may share with other groups.
#[derive(Debug, Clone, Copy)]
struct Holder {
    group: UnmatchedIx,
    account: AccountIx,
    /// The key of the account's address; `None` if the account belongs to the entry by its login.
    key: Option<KeyId>,
}

impl Clusters {
    pub fn new(unmatched: &Unmatched, links: &LinkEffects, entries: &SharedEntries) -> Clusters {
        // Finds the group of each account that a declared link names.
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
        let mut join = |holders: &[Holder], evidence: &dyn Fn(&Holder, &Holder) -> Evidence| {
            tell_others(holders, links, &mut others);
            for (holder, other) in neighbors(holders, links) {
                sets.join(holder.group, other.group);
                shared.entry(holder.group).or_default().push(evidence(&holder, &other));
            }
        };
        for holders in held.chunk_by(|a, b| a.key == b.key) {
            join(holders, &|holder, other| Evidence {
                account: Some(holder.account),
                other: Some(other.account),
                key: holder.key,
                ..Evidence::of(EvidenceCode::SharedAddress)
            });
        }
        for entry in entries.indices() {
            let known = entries.accounts(entry).iter();
            let holders: Vec<Holder> = known
                .map(|it| Holder { group: it.group, account: it.account, key: it.key })
                .collect();
            join(&holders, &|holder, other| {
                entries.between(entry, (holder.account, holder.key), (other.account, other.key))
            });
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
                    account: Some(account),
                    other: Some(other),
                    ..Evidence::of(EvidenceCode::Declared)
                });
            }
        }
        // A joined set is represented by its smallest index, which is the first group of the cluster.
        let first = unmatched.indices().map(|group| sets.root(group)).collect();
        Clusters { first, shared, others }
    }

    /// The first group of a group's cluster. For a group that shares nothing, the group itself.
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

/// The accounts with an address that several accounts have, by the key of the address, then in the order of
/// groups.
fn held_by_several(unmatched: &Unmatched) -> Vec<Holder> {
    let (mut once, mut several) = (KeySet::default(), KeySet::default());
    for group in unmatched.indices() {
        for key in unmatched.proving(group) {
            if once.insert(key) {
                several.insert(key);
            }
        }
    }
    let mut held: Vec<Holder> = Vec::new();
    for group in unmatched.indices() {
        for (account, keys) in unmatched.with_keys(group) {
            let keys = keys.iter().filter(|(_, kind)| *kind != Kind::Repeated);
            let keys = keys.filter(|(key, _)| several.contains(*key));
            held.extend(keys.map(|(key, _)| Holder { group, account, key: Some(*key) }));
        }
    }
    held.sort_by_key(|holder| holder.key);
    held
}

/// Tells each group about the accounts of other groups that have the same address or directory entry.
fn tell_others(
    holders: &[Holder],
    links: &LinkEffects,
    others: &mut HashMap<UnmatchedIx, Vec<AccountIx>>,
) {
    let Some(first) = holders.first() else { return };
    if holders.len() > TOLD || holders.iter().all(|holder| holder.group == first.group) {
        return;
    }
    for holder in holders {
        let of_others = holders.iter().filter(|it| {
            it.group != holder.group && !links.accounts_are_apart(holder.account, it.account)
        });
        others.entry(holder.group).or_default().extend(of_others.map(|it| it.account));
    }
}

/// For each account with a shared address or entry, the first such account of another group. So an address of a
/// thousand groups gives a thousand pieces of evidence and not a million. The pairs connect all groups that
/// share the address, except for pairs that are declared to be two people.
fn neighbors(holders: &[Holder], links: &LinkEffects) -> Vec<(Holder, Holder)> {
    let apart = holders.iter().any(|holder| links.is_set_apart(holder.account));
    if apart {
        return neighbors_apart(holders, links);
    }
    let Some(first) = holders.first() else { return Vec::new() };
    let Some(second) = holders.iter().find(|other| other.group != first.group) else {
        return Vec::new();
    };
    let other = |holder: &Holder| if holder.group == first.group { *second } else { *first };
    holders.iter().map(|holder| (*holder, other(holder))).collect()
}

/// The pairs that `neighbors` returns if some of the accounts are declared to be different people. Each of these
/// accounts is compared with all others.
fn neighbors_apart(holders: &[Holder], links: &LinkEffects) -> Vec<(Holder, Holder)> {
    let mut pairs = Vec::new();
    for holder in holders {
        let mut others = holders.iter().filter(|other| {
            other.group != holder.group && !links.accounts_are_apart(holder.account, other.account)
        });
        if links.is_set_apart(holder.account) {
            pairs.extend(others.map(|other| (*holder, *other)));
        } else {
            pairs.extend(others.next().map(|other| (*holder, *other)));
        }
    }
    pairs
}
