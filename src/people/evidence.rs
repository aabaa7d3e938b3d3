//! People who would take two licenses (counting.md section 5): the certain evidence.
//!
//! For every unmatched Server group: which Cloud account that takes a seat, or which other
//! unmatched group, is the same human? Everything is told as indices and key numbers; whoever
//! prints it fetches names and addresses.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::matching::{DisjointSets, Matching, is_cloud_seat, place};
use super::{Account, Origin};
use crate::model::{AddressKind, Population};

/// How sure it is that the two are one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// No other reading is plausible.
    Certain,
    /// One to one, by something that people choose alike.
    Likely,
    /// Worth a look.
    Possible,
}

impl Confidence {
    /// Every level, the surest first.
    pub const ALL: [Confidence; 3] =
        [Confidence::Certain, Confidence::Likely, Confidence::Possible];

    /// The name in JSON and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Confidence::Certain => "certain",
            Confidence::Likely => "likely",
            Confidence::Possible => "possible",
        }
    }
}

/// A kind of evidence, in the order of counting.md section 5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EvidenceCode {
    /// A non-primary address of the Server account is the Cloud account's NameID or verified.
    SecondaryEmail,
    /// A Cloud snapshot merged this very Server account into the Cloud account.
    LinkedBefore,
    /// The primary address is the Visual Studio sign-in address of the Cloud account's row.
    VisualStudioEmail,
    /// An address of one unmatched group is an address of another.
    SharedAddress,
}

impl EvidenceCode {
    /// The code in JSON.
    pub fn name(self) -> &'static str {
        match self {
            EvidenceCode::SecondaryEmail => "secondary-email",
            EvidenceCode::LinkedBefore => "linked-before",
            EvidenceCode::VisualStudioEmail => "visual-studio-email",
            EvidenceCode::SharedAddress => "shared-address",
        }
    }

    /// How sure this evidence is by itself.
    pub fn confidence(self) -> Confidence {
        match self {
            EvidenceCode::SecondaryEmail
            | EvidenceCode::LinkedBefore
            | EvidenceCode::VisualStudioEmail
            | EvidenceCode::SharedAddress => Confidence::Certain,
        }
    }
}

/// Evidence that an account is the same person as a Cloud account or as another account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Certain {
    /// What kind of evidence.
    pub code: EvidenceCode,
    /// The Cloud account, an index of [`Population::cloud`]; `None` where it is a Server account.
    pub row: Option<u32>,
    /// The Server account, an index of [`Matching::accounts`].
    pub account: u32,
    /// The other Server account, for a shared address.
    pub other: Option<u32>,
    /// The number of the key that both have, where it is about an address.
    pub key: Option<u32>,
}

/// A group that takes a license too many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How sure: the best of its evidence.
    pub confidence: Confidence,
    /// The unmatched group, an index of [`Matching::groups`].
    pub group: u32,
    /// The Cloud accounts that its evidence names, by login.
    pub candidates: Vec<u32>,
    /// The other accounts that its evidence names, by host and id.
    pub others: Vec<u32>,
    /// All its evidence, in the order of counting.md.
    pub evidence: Vec<Certain>,
}

/// For an account (an index of [`Matching::accounts`]), the Cloud rows into which an earlier Cloud
/// snapshot has merged it and which still take a seat. Found by whoever knows the history.
pub type LinkedBefore = HashMap<u32, Vec<u32>>;

/// All findings, by confidence, then by the host and id of the group's first account.
pub fn findings(
    population: &Population,
    matching: &Matching,
    linked_before: &LinkedBefore,
) -> Vec<Finding> {
    let unmatched: Vec<u32> = (0u32..)
        .zip(&matching.groups)
        .filter(|(_, group)| group.rule.is_none())
        .map(|(index, _)| index)
        .collect();
    let cloud = CloudAddresses::new(population);
    let clusters = Clusters::new(population, matching, &unmatched);
    let to_cloud: BTreeMap<u32, Vec<Certain>> = unmatched
        .iter()
        .map(|&group| (group, cloud.evidence(population, matching, linked_before, group)))
        .collect();
    let mut found = Vec::new();
    for members in clusters.members() {
        let in_cloud = members.iter().any(|group| !to_cloud[group].is_empty());
        for (place, &group) in members.iter().enumerate() {
            let mut evidence = to_cloud[&group].clone();
            if in_cloud || place > 0 {
                evidence.extend(clusters.shared(group));
            }
            if !evidence.is_empty() {
                found.push(finding(population, group, evidence));
            }
        }
    }
    found.sort_by(|a, b| {
        let first = |it: &Finding| matching.groups[it.group as usize].accounts[0] as usize;
        let place = |it: &Finding| place(population, &matching.accounts[first(it)]);
        (a.confidence, place(a)).cmp(&(b.confidence, place(b)))
    });
    found
}

fn finding(population: &Population, group: u32, mut evidence: Vec<Certain>) -> Finding {
    evidence.sort();
    evidence.dedup();
    let mut candidates: Vec<u32> = evidence.iter().filter_map(|it| it.row).collect();
    let identity = |row: &u32| &population.cloud[*row as usize].identity;
    candidates.sort_by(|a, b| identity(a).cmp(identity(b)));
    candidates.dedup();
    let others: BTreeSet<u32> = evidence.iter().filter_map(|it| it.other).collect();
    let confidence =
        evidence.iter().map(|it| it.code.confidence()).min().unwrap_or(Confidence::Possible);
    Finding { confidence, group, candidates, others: others.into_iter().collect(), evidence }
}

/// The addresses of Cloud accounts that take a seat, arranged for looking up.
struct CloudAddresses {
    /// NameIDs and verified addresses.
    identities: HashMap<u32, Vec<u32>>,
    /// Visual Studio sign-in addresses.
    visual_studio: HashMap<u32, Vec<u32>>,
}

impl CloudAddresses {
    fn new(population: &Population) -> CloudAddresses {
        let mut identities: HashMap<u32, Vec<u32>> = HashMap::new();
        let mut visual_studio: HashMap<u32, Vec<u32>> = HashMap::new();
        for (index, row) in (0u32..).zip(&population.cloud) {
            if !is_cloud_seat(population, index) {
                continue;
            }
            for address in population.addresses(&row.addresses) {
                let map = match address.kind {
                    AddressKind::NameId | AddressKind::Verified => &mut identities,
                    AddressKind::VisualStudio => &mut visual_studio,
                    _ => continue,
                };
                map.entry(address.key).or_default().push(index);
            }
        }
        CloudAddresses { identities, visual_studio }
    }

    /// The certain evidence that ties a group to Cloud accounts.
    fn evidence(
        &self,
        population: &Population,
        matching: &Matching,
        linked_before: &LinkedBefore,
        group: u32,
    ) -> Vec<Certain> {
        let mut found = Vec::new();
        let mut add = |code, account, rows: Option<&Vec<u32>>, key| {
            for &row in rows.into_iter().flatten() {
                found.push(Certain { code, account, row: Some(row), other: None, key });
            }
        };
        for &number in &matching.groups[group as usize].accounts {
            let account = &matching.accounts[number as usize];
            for key in secondary_keys(population, account) {
                let rows = self.identities.get(&key);
                add(EvidenceCode::SecondaryEmail, number, rows, Some(key));
            }
            add(EvidenceCode::LinkedBefore, number, linked_before.get(&number), None);
            for key in &account.keys {
                let rows = self.visual_studio.get(key);
                add(EvidenceCode::VisualStudioEmail, number, rows, Some(*key));
            }
        }
        found
    }
}

/// The keys of an account's non-primary addresses.
fn secondary_keys(population: &Population, account: &Account) -> Vec<u32> {
    match account.origin {
        Origin::Own(index) => {
            let addresses = &population.server[index as usize].addresses;
            let synced = population.synced_addresses.get(&index).into_iter().flatten();
            population.keys(addresses, AddressKind::Secondary).chain(synced.copied()).collect()
        }
        Origin::Cloud(_) => Vec::new(),
    }
}

/// Unmatched groups that share an address.
struct Clusters {
    members: Vec<Vec<u32>>,
    shared: HashMap<u32, Vec<Certain>>,
}

impl Clusters {
    fn new(population: &Population, matching: &Matching, unmatched: &[u32]) -> Clusters {
        let mut holders: BTreeMap<u32, Vec<(usize, u32)>> = BTreeMap::new();
        for (place, &group) in unmatched.iter().enumerate() {
            for &number in &matching.groups[group as usize].accounts {
                let account = &matching.accounts[number as usize];
                let mut keys = secondary_keys(population, account);
                keys.extend(&account.keys);
                for key in keys {
                    holders.entry(key).or_default().push((place, number));
                }
            }
        }
        let mut sets = DisjointSets::new(unmatched.len());
        let mut shared: HashMap<u32, Vec<Certain>> = HashMap::new();
        for (key, holders) in &holders {
            for window in holders.windows(2) {
                sets.join(window[0].0 as u32, window[1].0 as u32);
            }
            for (holder, other) in neighbours(holders) {
                let code = EvidenceCode::SharedAddress;
                let (row, key) = (None, Some(*key));
                let evidence = Certain { code, row, account: holder.1, other: Some(other.1), key };
                shared.entry(unmatched[holder.0]).or_default().push(evidence);
            }
        }
        let mut by_root: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for (index, &group) in (0u32..).zip(unmatched) {
            by_root.entry(sets.root(index)).or_default().push(group);
        }
        let mut members: Vec<Vec<u32>> = by_root.into_values().collect();
        let place_of = |group: &u32| {
            let first = matching.groups[*group as usize].accounts[0];
            place(population, &matching.accounts[first as usize])
        };
        for cluster in &mut members {
            cluster.sort_by(|a, b| place_of(a).cmp(&place_of(b)));
        }
        Clusters { members, shared }
    }

    /// The clusters, each group by its smallest host and id; a group that shares nothing is a
    /// cluster of its own.
    fn members(&self) -> &[Vec<u32>] {
        &self.members
    }

    /// The addresses that a group shares with others.
    fn shared(&self, group: u32) -> Vec<Certain> {
        self.shared.get(&group).cloned().unwrap_or_default()
    }
}

/// For each holder of an address, one holder in another group: the first such, so that an address
/// that a thousand groups share gives a thousand pieces of evidence and not a million.
fn neighbours(holders: &[(usize, u32)]) -> Vec<((usize, u32), (usize, u32))> {
    let Some(first) = holders.first() else { return Vec::new() };
    let Some(second) = holders.iter().find(|other| other.0 != first.0) else { return Vec::new() };
    let other = |holder: &(usize, u32)| if holder.0 == first.0 { *second } else { *first };
    holders.iter().map(|holder| (*holder, other(holder))).collect()
}
