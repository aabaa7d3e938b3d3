//! Certain evidence for Cloud accounts: declared, secondary-email, linked-before, visual-studio-email
//! (counting.md section 5). An address may be that of a million accounts: only as many candidates
//! as a finding names are looked at one by one, the rest is counted, once for each set of lists.

use foldhash::{HashMap, HashMapExt, HashSet};

use super::{CANDIDATES, Evidence, EvidenceCode, all_keys, secondary_keys};
use crate::model::{AddressKind, Population};
use crate::people::Matching;
use crate::people::matching::is_cloud_seat;

/// For an account (an index of [`Matching::accounts`]), the Cloud rows into which an earlier Cloud
/// snapshot has merged it and which still take a seat. Found by whoever knows the history.
pub type LinkedBefore = HashMap<u32, Vec<u32>>;

/// What is certain about one group.
#[derive(Debug, Clone, Default)]
pub(super) struct Certain {
    /// The evidence, for as many Cloud accounts as a finding names (or a few more).
    pub evidence: Vec<Evidence>,
    /// How many Cloud accounts it names.
    pub candidates: u64,
    /// Accounts of other groups that share an address.
    pub others: Vec<u32>,
}

/// The addresses of Cloud accounts that take a seat, arranged for looking up.
pub(super) struct CloudAddresses<'p> {
    population: &'p Population,
    /// NameIDs and verified addresses.
    identities: HashMap<u32, Rows>,
    /// Visual Studio sign-in addresses.
    visual_studio: HashMap<u32, Rows>,
    /// How many rows lists of many rows have together.
    counted: HashMap<Vec<(EvidenceCode, u32)>, u64>,
}

/// The Cloud accounts with an address.
#[derive(Default)]
struct Rows {
    /// Each once, in order.
    all: Vec<u32>,
    /// The first by login.
    named: Vec<u32>,
}

impl<'p> CloudAddresses<'p> {
    /// The Cloud accounts with an address of an unmatched group or of an invitation.
    pub fn new(
        population: &'p Population,
        matching: &Matching,
        unmatched: &[u32],
        invited: impl Iterator<Item = u32>,
    ) -> CloudAddresses<'p> {
        let accounts = unmatched.iter().flat_map(|it| &matching.groups[*it as usize].accounts);
        let accounts = accounts.map(|number| &matching.accounts[*number as usize]);
        let mut wanted: HashSet<u32> =
            accounts.flat_map(|account| all_keys(population, account)).collect();
        wanted.extend(invited);
        let mut identities: HashMap<u32, Rows> = HashMap::new();
        let mut visual_studio: HashMap<u32, Rows> = HashMap::new();
        for (index, row) in (0u32..).zip(&population.cloud) {
            if wanted.is_empty() || !is_cloud_seat(population, index) {
                continue;
            }
            for address in population.addresses(&row.addresses) {
                let map = match address.kind {
                    AddressKind::NameId | AddressKind::Verified => &mut identities,
                    AddressKind::VisualStudio => &mut visual_studio,
                    _ => continue,
                };
                if wanted.contains(&address.key) {
                    let rows = &mut map.entry(address.key).or_default().all;
                    if rows.last() != Some(&index) {
                        rows.push(index);
                    }
                }
            }
        }
        for rows in identities.values_mut().chain(visual_studio.values_mut()) {
            rows.named = first_by_login(rows.all.clone());
        }
        CloudAddresses { population, identities, visual_studio, counted: HashMap::new() }
    }

    /// The Cloud accounts whose NameID or verified address this is.
    pub fn with_identity(&self, key: u32) -> &[u32] {
        self.identities.get(&key).map_or(&[], |rows| &rows.all)
    }

    /// The certain evidence that ties a group to Cloud accounts.
    pub fn of_group(
        &mut self,
        matching: &Matching,
        linked_before: &LinkedBefore,
        group: u32,
    ) -> Certain {
        let accounts = &matching.groups[group as usize].accounts;
        let declared = declared(self.population, matching, accounts);
        if declared.is_empty() && !accounts.iter().any(|it| matching.links.is_set_apart(*it)) {
            return self.of_accounts(matching, linked_before, accounts);
        }
        self.of_linked_accounts(matching, linked_before, accounts, declared)
    }

    /// The same where links say something of the accounts: looked at one by one.
    fn of_linked_accounts(
        &self,
        matching: &Matching,
        linked_before: &LinkedBefore,
        accounts: &[u32],
        declared: Vec<Evidence>,
    ) -> Certain {
        let mut candidates: HashSet<u32> = declared.iter().filter_map(|it| it.row).collect();
        let mut evidence = declared;
        for &number in accounts {
            let account = &matching.accounts[number as usize];
            let mut add = |code, rows: &[u32], key| {
                let rows = rows.iter().copied();
                let rows: Vec<u32> =
                    rows.filter(|row| !matching.links.are_apart(number, *row)).collect();
                candidates.extend(&rows);
                let named = first_by_login(rows).into_iter();
                evidence.extend(named.map(|row| Evidence::of_row(code, number, row, key)));
            };
            let all = |rows: Option<&Rows>| rows.map_or(Vec::new(), |rows| rows.all.clone());
            for key in secondary_keys(self.population, account) {
                add(EvidenceCode::SecondaryEmail, &all(self.identities.get(&key)), Some(key));
            }
            if let Some(rows) = linked_before.get(&number) {
                add(EvidenceCode::LinkedBefore, rows, None);
            }
            for &key in &account.keys {
                add(EvidenceCode::VisualStudioEmail, &all(self.visual_studio.get(&key)), Some(key));
            }
        }
        Certain { evidence, candidates: candidates.len() as u64, others: Vec::new() }
    }

    fn of_accounts(
        &mut self,
        matching: &Matching,
        linked_before: &LinkedBefore,
        accounts: &[u32],
    ) -> Certain {
        let mut evidence = Vec::new();
        let mut linked: Vec<u32> = Vec::new();
        let mut lists: Vec<(EvidenceCode, u32)> = Vec::new();
        for &number in accounts {
            let account = &matching.accounts[number as usize];
            let mut add = |code, row, key| evidence.push(Evidence::of_row(code, number, row, key));
            for key in secondary_keys(self.population, account) {
                for row in self.identities.get(&key).into_iter().flat_map(|rows| &rows.named) {
                    add(EvidenceCode::SecondaryEmail, *row, Some(key));
                    lists.push((EvidenceCode::SecondaryEmail, key));
                }
            }
            for row in linked_before.get(&number).into_iter().flatten() {
                add(EvidenceCode::LinkedBefore, *row, None);
                linked.push(*row);
            }
            for &key in &account.keys {
                for row in self.visual_studio.get(&key).into_iter().flat_map(|rows| &rows.named) {
                    add(EvidenceCode::VisualStudioEmail, *row, Some(key));
                    lists.push((EvidenceCode::VisualStudioEmail, key));
                }
            }
        }
        let candidates = self.count(lists, linked);
        Certain { evidence, candidates, others: Vec::new() }
    }

    /// How many Cloud accounts are in any of these lists?
    fn count(&mut self, mut lists: Vec<(EvidenceCode, u32)>, linked: Vec<u32>) -> u64 {
        lists.sort_unstable();
        lists.dedup();
        if let (true, Some(known)) = (linked.is_empty(), self.counted.get(&lists)) {
            return *known;
        }
        let rows = lists.iter().filter_map(|(code, key)| match code {
            EvidenceCode::VisualStudioEmail => self.visual_studio.get(key),
            _ => self.identities.get(key),
        });
        let mut all: Vec<u32> = rows.flat_map(|rows| rows.all.iter().copied()).collect();
        all.extend(&linked);
        all.sort_unstable();
        all.dedup();
        let count = all.len() as u64;
        if linked.is_empty() && count > CANDIDATES as u64 {
            self.counted.insert(lists, count);
        }
        count
    }
}

/// What the user has declared of an unmatched group's accounts: links with a seat of Cloud, and with
/// Server accounts that are part of one.
fn declared(population: &Population, matching: &Matching, accounts: &[u32]) -> Vec<Evidence> {
    let links = &matching.links;
    let mut declared: Vec<Evidence> = Vec::new();
    for (account, row) in links.one_person().iter().filter(|it| accounts.contains(&it.0)) {
        let it = &population.cloud[*row as usize];
        if population.takes_seat(it) {
            let invited = population.keys(&it.addresses, AddressKind::Invitation).next();
            declared.push(Evidence::of_row(EvidenceCode::Declared, *account, *row, invited));
        }
    }
    for &(one, other) in links.one_server_person() {
        for (account, other) in [(one, other), (other, one)] {
            let row = matching.attached[other as usize].filter(|_| accounts.contains(&account));
            if let Some(row) = row.filter(|row| !links.are_apart(account, *row)) {
                let evidence = Evidence::of_row(EvidenceCode::Declared, account, row, None);
                declared.push(Evidence { other: Some(other), ..evidence });
            }
        }
    }
    declared
}

/// As many of these rows as a finding names, the first by login.
pub(super) fn first_by_login(mut rows: Vec<u32>) -> Vec<u32> {
    rows.sort_unstable();
    rows.dedup();
    rows.truncate(CANDIDATES);
    rows
}
