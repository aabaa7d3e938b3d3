//! Works out the fixes of findings (counting.md section 5, "A fix must work"). A fix has a step for every
//! account of the group that moves, on every instance. It never proposes an address that another account of
//! the same instance has.
//!
//! A step refers to accounts and addresses by their numbers; `teller` reads the texts. The fixes of all
//! findings of an enterprise are worked out together, because no two fixes may assign one address to two
//! accounts of an instance.

use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};
use smallvec::SmallVec;

use crate::code::EvidenceCode;
use crate::ledger::Enterprise;
use crate::model::{
    AccountIx, AddressKind, GroupIx, InstanceIx, KeyId, Member, Population, RowIx, RowKind,
};
use crate::people::{AccountOrigin, Confidence, Evidence, Finding, Matching, compared};

/// One action of a fix, on one account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FixStep {
    /// Make an address primary for a Server account.
    Primary { account: AccountIx, key: KeyId },
    /// Verify an address on the person's Cloud account; `row` is `None` if it is not known which account that
    /// is.
    Verify { row: Option<RowIx>, key: KeyId },
    /// Suspend a Server account, because no change of an address can match it.
    Suspend { account: AccountIx },
    /// Find out which of two Cloud accounts the person uses, and remove the other one from the enterprise.
    Keep { row: RowIx, instead_of: RowIx },
    /// Cancel a pending invitation.
    Cancel { row: RowIx },
}

/// Works out the steps of the fix of each finding of an enterprise, in the order of the findings. The function
/// `address` returns the text of a key, or `None` if the text is no address: a NameID need not be one.
pub(super) fn fixes(
    enterprise: &Enterprise<'_>,
    findings: &[Finding],
    address: &dyn Fn(KeyId) -> Option<String>,
) -> Vec<Vec<FixStep>> {
    let Enterprise { population, matching, .. } = enterprise;
    let of_group = (0usize..).zip(findings).filter_map(|(index, it)| Some((it.group?, index)));
    let mut fixer = Fixer {
        population,
        matching,
        findings,
        of_group: of_group.collect(),
        address,
        clusters: HashMap::new(),
        primaries: HashMap::new(),
        given: HashMap::new(),
        preferred: HashMap::new(),
    };
    fixer.look_at_directories();
    fixer.look_at_clusters();
    fixer.look_up_primaries();
    findings.iter().map(|finding| fixer.fix(finding)).collect()
}

/// An address, by its key, on an instance.
type AddressAt = (Option<InstanceIx>, KeyId);

/// Where all groups of a cluster (unmatched groups that share an address) must move, so that one seat is left.
#[derive(Debug, Clone, Copy)]
struct Cluster {
    /// The Cloud account that a certain finding of the cluster names as its only candidate, if there is one.
    row: Option<RowIx>,
    /// Whether a certain finding of the cluster names a Cloud account as a candidate.
    in_cloud: bool,
    /// The first group of the cluster that has a primary address, with the key of that address. This group
    /// keeps its address, and the other groups take it over.
    keeper: Option<(GroupIx, KeyId)>,
    /// The shared address that all groups of the cluster take over. It is set only if no group has a primary
    /// address and no certain finding names a Cloud account.
    shared: Option<KeyId>,
}

/// The steps that would give an address to each account of a group. Another fix may still be chosen instead.
#[derive(Default)]
struct Moving {
    steps: Vec<FixStep>,
    given: HashMap<AddressAt, AccountIx>,
}

impl Moving {
    /// Whether every account of the group can get an address, so that no account must be suspended.
    fn works(&self) -> bool {
        self.steps.iter().all(|it| matches!(it, FixStep::Primary { .. }))
    }
}

struct Fixer<'a> {
    population: &'a Population,
    matching: &'a Matching,
    findings: &'a [Finding],
    /// For each group with a finding, the position of its finding in `findings`.
    of_group: HashMap<GroupIx, usize>,
    address: &'a dyn Fn(KeyId) -> Option<String>,
    /// What each cluster moves to, by the cluster's first group.
    clusters: HashMap<GroupIx, Cluster>,
    /// For each address on an instance, the accounts that have it as primary, suspended or not. At most two
    /// accounts are kept, because two already show that the address is taken.
    primaries: HashMap<AddressAt, SmallVec<[&'a Member; 2]>>,
    /// For each address on an instance, the account to which an earlier fix assigns it.
    given: HashMap<AddressAt, AccountIx>,
    /// For each Cloud account, the address that an employee directory calls primary. Addresses that GitHub does
    /// not compare are left out.
    preferred: HashMap<RowIx, KeyId>,
}

impl<'a> Fixer<'a> {
    /// Finds the addresses that employee directories call primary (directory.md section 2). Fixes prefer them.
    fn look_at_directories(&mut self) {
        for evidence in self.findings.iter().flat_map(|it| &it.evidence) {
            let primary = evidence.directory.and_then(|it| it.primary);
            if let (Some(row), Some(key)) = (evidence.row, primary) {
                self.preferred.entry(row).or_insert(key);
            }
        }
    }

    /// Works out for each cluster where its groups must move.
    fn look_at_clusters(&mut self) {
        for cluster in self.findings.iter().filter_map(|it| it.cluster.as_deref()) {
            let Some(first) = cluster.first() else { continue };
            if self.clusters.contains_key(first) {
                continue;
            }
            let findings = cluster.iter().filter_map(|group| self.of_group.get(group));
            let findings = findings.map(|index| &self.findings[*index]);
            let certain = findings.filter(|it| it.confidence == Confidence::Certain);
            let named = certain.clone().filter(|it| !it.candidates.is_empty());
            let row = named.clone().find_map(|it| it.own.filter(|row| !self.is_invited(*row)));
            let in_cloud = named.clone().next().is_some();
            let keeper = cluster.iter().find_map(|it| Some((*it, self.address_of(*it)?)));
            let mut shared = certain.flat_map(|it| &it.evidence).filter(|it| self.is_shared(it));
            let shared = shared.find_map(|it| it.key).filter(|_| keeper.is_none() && !in_cloud);
            self.clusters.insert(*first, Cluster { row, in_cloud, keeper, shared });
        }
    }

    /// Finds the accounts that already have an address as primary that a fix may propose. No other account of
    /// the same instance can get it.
    fn look_up_primaries(&mut self) {
        let mut wanted: HashSet<KeyId> = HashSet::new();
        for finding in self.findings {
            for row in finding.own.iter().chain(&finding.candidates) {
                let row = &self.population.cloud[*row];
                wanted.extend(compared(self.population, row).map(|it| it.key));
            }
            wanted.extend(finding.evidence.iter().filter_map(|it| it.key));
        }
        let rows = self.clusters.values().filter_map(|it| it.row);
        for row in rows.map(|row| &self.population.cloud[row]) {
            wanted.extend(compared(self.population, row).map(|it| it.key));
        }
        wanted.extend(self.clusters.values().filter_map(|it| it.keeper).map(|(_, key)| key));
        wanted.extend(self.clusters.values().filter_map(|it| it.shared));
        let (population, matching) = (self.population, self.matching);
        let own = population.server.iter().flat_map(|account| {
            let keys = population.keys(&account.addresses, AddressKind::Primary);
            keys.map(move |key| ((Some(account.instance), key), &account.member))
        });
        let listed =
            matching.accounts.iter().filter(|it| matches!(it.origin, AccountOrigin::Cloud(_)));
        let listed = listed.flat_map(|account| {
            account.keys.iter().map(move |key| ((account.instance, *key), &account.member))
        });
        for (place, member) in own.chain(listed).filter(|((_, key), _)| wanted.contains(key)) {
            let members = self.primaries.entry(place).or_default();
            if members.len() < 2 && !members.contains(&member) {
                members.push(member);
            }
        }
    }

    fn fix(&mut self, finding: &Finding) -> Vec<FixStep> {
        let Some(group) = finding.group else {
            if let (Some(row), Some(instead_of)) = (finding.own, finding.second) {
                return vec![FixStep::Keep { row, instead_of }];
            }
            return finding.invitation.map(|row| FixStep::Cancel { row }).into_iter().collect();
        };
        if let Some(row) = finding.own.filter(|row| self.is_invited(*row)) {
            return vec![FixStep::Cancel { row }];
        }
        let first = finding.cluster.as_ref().and_then(|cluster| cluster.first()).copied();
        let cluster = first.and_then(|first| self.clusters.get(&first)).copied();
        let keeper = cluster.and_then(|cluster| cluster.keeper);
        if finding.confidence != Confidence::Certain {
            // The other groups of the cluster take over the address of the group `keeper`, so that address must
            // be verified on the person's Cloud account.
            return match (keeper, finding.own) {
                (Some((_, key)), row) => vec![FixStep::Verify { row, key }],
                (None, Some(row)) => {
                    let shared = cluster.and_then(|it| it.shared);
                    let meeting = shared.and_then(|key| self.meet_at(group, row, key));
                    meeting.unwrap_or_else(|| self.come_to_row(finding, group, row))
                }
                (None, None) => self.verify_or_suspend(group),
            };
        }
        // All groups of a cluster must end in one seat, even if the finding about one of them names several
        // accounts.
        if let Some(row) = finding.own.or(cluster.and_then(|it| it.row)) {
            return self.come_to_row(finding, group, row);
        }
        match (cluster, first) {
            (Some(cluster), Some(first)) if cluster.keeper.is_some() => {
                self.come_to_keeper(finding, cluster, first, group)
            }
            (Some(cluster), Some(first)) if finding.candidates.is_empty() => {
                self.come_to_shared(cluster, first, group)
            }
            _ => self.verify_or_suspend(group),
        }
    }

    /// Makes an address of a Cloud account primary for the accounts of a group. If that is impossible, the
    /// person verifies the group's address on the Cloud account instead.
    fn come_to_row(&mut self, finding: &Finding, group: GroupIx, row: RowIx) -> Vec<FixStep> {
        let best = finding.evidence.first();
        let address = self.address_of(group);
        if let (Some(EvidenceCode::VisualStudioEmail), Some(key)) =
            (best.map(|it| it.code), address)
        {
            let key = best.and_then(|it| it.key).unwrap_or(key);
            return vec![FixStep::Verify { row: Some(row), key }];
        }
        let best = best.filter(|it| it.row == Some(row)).and_then(|it| match it.code {
            EvidenceCode::SecondaryEmail => it.key,
            // A directory's entry may know the Cloud account by an address that GitHub does not compare.
            EvidenceCode::SameDirectoryEntry => None,
            _ => it.cloud_key,
        });
        let best = self.preferred.get(&row).copied().into_iter().chain(best);
        let best = best.filter(|key| self.is_address(*key));
        let keys: Vec<KeyId> = best.chain(self.addresses_of(row)).collect();
        let moving = self.move_to_one_of(group, &keys);
        match address.filter(|_| !moving.works()) {
            // If one account of a group is matched, all of its accounts are, so verifying one address is
            // enough.
            Some(key) => vec![FixStep::Verify { row: Some(row), key }],
            None => self.settle(moving),
        }
    }

    /// The fix for a group that can take over no address: the person verifies the group's own address on Cloud.
    /// If the group has no address to verify, its accounts must be suspended.
    fn verify_or_suspend(&self, group: GroupIx) -> Vec<FixStep> {
        match self.address_of(group) {
            Some(key) => vec![FixStep::Verify { row: None, key }],
            None => self.suspend(group),
        }
    }

    fn suspend(&self, group: GroupIx) -> Vec<FixStep> {
        let accounts = self.matching.groups[group].accounts.iter();
        accounts.map(|account| FixStep::Suspend { account: *account }).collect()
    }

    /// Gives the accounts of a group the address that another group of the cluster (the keeper) keeps.
    fn come_to_keeper(
        &mut self,
        finding: &Finding,
        cluster: Cluster,
        first: GroupIx,
        group: GroupIx,
    ) -> Vec<FixStep> {
        let Some((keeper, key)) = cluster.keeper else { return Vec::new() };
        let is_keeper = group == keeper;
        if is_keeper && cluster.in_cloud {
            return vec![FixStep::Verify { row: finding.own, key }];
        }
        // The finding about a keeper moves the cluster's first group, because that group may have no finding of
        // its own.
        let moving = self.move_to(if is_keeper { first } else { group }, key);
        match self.address_of(group).filter(|_| cluster.in_cloud && !moving.works()) {
            Some(key) => vec![FixStep::Verify { row: None, key }],
            None => self.settle(moving),
        }
    }

    /// Gives the accounts of a group the address that its cluster shares, and has the person verify this
    /// address on the Cloud account. `None` if an account of the group cannot get the address.
    fn meet_at(&mut self, group: GroupIx, row: RowIx, key: KeyId) -> Option<Vec<FixStep>> {
        let moving = self.move_to(group, key);
        if !moving.works() {
            return None;
        }
        let mut steps = self.settle(moving);
        steps.push(FixStep::Verify { row: Some(row), key });
        Some(steps)
    }

    /// Gives the accounts of two groups, of which one is the first of the cluster, an address that the cluster
    /// shares. It is called only if no account of the cluster has a primary address.
    fn come_to_shared(&mut self, cluster: Cluster, first: GroupIx, group: GroupIx) -> Vec<FixStep> {
        let Some(key) = cluster.shared else { return self.suspend(group) };
        let (mut moving, more) = (self.move_to(first, key), self.move_to(group, key));
        let meet = more.given.keys().any(|place| moving.given.contains_key(place));
        moving.steps.extend(more.steps);
        moving.given.extend(more.given);
        if meet || !moving.works() {
            return self.suspend(group);
        }
        self.settle(moving)
    }

    fn move_to(&self, group: GroupIx, key: KeyId) -> Moving {
        self.move_to_one_of(group, &[key])
    }

    /// Assigns to each account of a group the first of the addresses `keys` that is free on the account's
    /// instance.
    fn move_to_one_of(&self, group: GroupIx, keys: &[KeyId]) -> Moving {
        let mut moving = Moving::default();
        for &account in &self.matching.groups[group].accounts {
            let instance = self.matching.accounts[account].instance;
            let free = |key: &&KeyId| {
                let place = (instance, **key);
                self.is_free(account, place) && !moving.given.contains_key(&place)
            };
            moving.steps.push(match keys.iter().find(free) {
                Some(&key) => {
                    moving.given.insert((instance, key), account);
                    FixStep::Primary { account, key }
                }
                None => FixStep::Suspend { account },
            });
        }
        moving
    }

    /// Chooses the steps `moving` as the fix. Later fixes then cannot assign the same addresses again.
    fn settle(&mut self, moving: Moving) -> Vec<FixStep> {
        self.given.extend(moving.given);
        moving.steps
    }

    /// Whether an account can get an address on its instance: no other account there has it as primary, and no
    /// earlier fix has assigned it.
    fn is_free(&self, account: AccountIx, place: AddressAt) -> bool {
        let member = &self.matching.accounts[account].member;
        let there = self.primaries.get(&place);
        there.is_none_or(|members| members.iter().all(|it| *it == member))
            && self.given.get(&place).is_none_or(|given| *given == account)
    }

    /// The primary address of a group: that of its first account with a primary address. If Cloud rows list
    /// several addresses for that account, the first of them by text.
    fn address_of(&self, group: GroupIx) -> Option<KeyId> {
        let accounts = self.matching.groups[group].accounts.iter();
        let accounts = accounts.map(|it| &self.matching.accounts[*it]);
        let told = |key: &KeyId| Some(((self.address)(*key)?, *key));
        let mut addresses = accounts.filter_map(|it| it.keys.iter().filter_map(told).min());
        addresses.next().map(|(_, key)| key)
    }

    /// The addresses of a Cloud account that GitHub compares: the NameID, then the others in the order of their
    /// texts. The order of key numbers depends on which file was imported first, so it cannot be used.
    fn addresses_of(&self, row: RowIx) -> impl Iterator<Item = KeyId> {
        let compared = compared(self.population, &self.population.cloud[row]);
        let told = compared.filter_map(|it| Some((it.kind, (self.address)(it.key)?, it.key)));
        let mut addresses: Vec<(AddressKind, String, KeyId)> = told.collect();
        addresses.sort_unstable();
        addresses.into_iter().map(|(_, _, key)| key)
    }

    fn is_shared(&self, evidence: &Evidence) -> bool {
        evidence.code == EvidenceCode::SharedAddress
            && evidence.key.is_some_and(|key| self.is_address(key))
    }

    fn is_address(&self, key: KeyId) -> bool {
        (self.address)(key).is_some()
    }

    fn is_invited(&self, row: RowIx) -> bool {
        self.population.cloud[row].row == RowKind::Invited
    }
}
