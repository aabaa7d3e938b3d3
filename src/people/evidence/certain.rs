//! Finds certain evidence that connects Server accounts with Cloud accounts: declared, secondary-email,
//! linked-before, visual-studio-email (counting.md section 5) and same-directory-entry (directory.md section 2).
//! A million accounts may share an address. So only as many candidates as a finding names are looked at one by
//! one. The other candidates are counted, once for each set of addresses and entries.

use foldhash::{HashMap, HashMapExt, HashSet};

use super::key_set::{KeySet, RowsOfKeys};
use super::shared::{SharedEntries, SharedEntryIx};
use super::unmatched::{Kind, Unmatched, UnmatchedIx};
use super::{CANDIDATES, Evidence};
use crate::code::EvidenceCode;
use crate::model::{AccountIx, AddressKind, KeyId, Population, RowIx};
use crate::people::Matching;
use crate::people::matching::is_cloud_seat;

/// For each Server account, the Cloud accounts that take a seat and of which an earlier Cloud snapshot says that
/// the Server account is merged with them. The caller knows the history and provides these rows.
pub type LinkedBefore = HashMap<AccountIx, Vec<RowIx>>;

/// The certain evidence about one unmatched group (Server accounts that no rule matches).
#[derive(Debug, Clone, Default)]
pub(super) struct Certain {
    /// Evidence about as many Cloud accounts as a finding names, or a few more.
    pub evidence: Vec<Evidence>,
    /// The number of all Cloud accounts that the evidence names, including those that `evidence` leaves out.
    pub candidates: u64,
    /// The accounts of other groups that share an address with the group.
    pub others: Vec<AccountIx>,
}

/// The addresses of Cloud accounts that take a seat, arranged for lookups by key.
pub(super) struct CloudAddresses<'p> {
    population: &'p Population,
    /// The Cloud rows by the key of their NameID and of their verified addresses.
    identities: RowsOfKeys,
    /// The Cloud rows by the key of their Visual Studio sign-in address.
    visual_studio: RowsOfKeys,
    /// The seats that belong to the same entry of an employee directory.
    entries: &'p SharedEntries,
    /// For each set of lists of Cloud rows, the number of distinct rows, if it was already counted.
    counted: HashMap<Vec<RowList>, u64>,
}

/// A list of Cloud rows that one address or one directory entry connects with a Server account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum RowList {
    /// The rows that have an address, by the code of the evidence and the key of the address.
    Address(EvidenceCode, KeyId),
    /// The rows that belong to an entry of an employee directory.
    Entry(SharedEntryIx),
}

impl<'p> CloudAddresses<'p> {
    /// Collects the Cloud accounts that take a seat and have an address in `wanted`.
    pub fn new(
        population: &'p Population,
        wanted: &KeySet,
        entries: &'p SharedEntries,
    ) -> CloudAddresses<'p> {
        let (mut identities, mut visual_studio) = (Vec::new(), Vec::new());
        for (index, row) in population.cloud.enumerated() {
            if wanted.is_empty() || !is_cloud_seat(population, index) {
                continue;
            }
            for address in population.addresses(&row.addresses) {
                let rows = match address.kind {
                    AddressKind::NameId | AddressKind::Verified => &mut identities,
                    AddressKind::VisualStudio => &mut visual_studio,
                    _ => continue,
                };
                if wanted.contains(address.key) {
                    rows.push((address.key, index));
                }
            }
        }
        CloudAddresses {
            population,
            identities: RowsOfKeys::new(identities),
            visual_studio: RowsOfKeys::new(visual_studio),
            entries,
            counted: HashMap::new(),
        }
    }

    /// The Cloud accounts that have this key as their NameID or as a verified address.
    pub fn with_identity(&self, key: KeyId) -> &[RowIx] {
        self.identities.get(key)
    }

    /// The certain evidence that connects an unmatched group with Cloud accounts.
    pub fn of_group(
        &mut self,
        matching: &Matching,
        linked_before: &LinkedBefore,
        unmatched: &Unmatched,
        group: UnmatchedIx,
    ) -> Certain {
        let accounts = unmatched.accounts(group);
        let declared = declared(self.population, matching, accounts);
        if declared.is_empty() && !accounts.iter().any(|it| matching.links.is_set_apart(*it)) {
            return self.of_accounts(linked_before, unmatched.with_keys(group));
        }
        self.of_linked_accounts(matching, linked_before, unmatched.with_keys(group), declared)
    }

    /// The certain evidence about Server accounts that declared links name. These accounts are looked at one by
    /// one.
    fn of_linked_accounts<'k>(
        &self,
        matching: &Matching,
        linked_before: &LinkedBefore,
        accounts: impl Iterator<Item = (AccountIx, &'k [(KeyId, Kind)])>,
        declared: Vec<Evidence>,
    ) -> Certain {
        let mut candidates: HashSet<RowIx> = declared.iter().filter_map(|it| it.row).collect();
        let mut evidence = declared;
        for (number, keys) in accounts {
            let mut add = |code, rows: &[RowIx], key| {
                let rows = rows.iter().copied();
                let rows: Vec<RowIx> =
                    rows.filter(|row| !matching.links.are_apart(number, *row)).collect();
                candidates.extend(&rows);
                let named = first_by_login(rows).into_iter();
                evidence.extend(named.map(|row| Evidence::of_row(code, number, row, key)));
            };
            for &(key, kind) in keys {
                let (code, rows) = self.of_key(key, kind);
                add(code, rows, Some(key));
            }
            if let Some(rows) = linked_before.get(&number) {
                add(EvidenceCode::LinkedBefore, rows, None);
            }
            for (entry, key) in self.entries.of_account(number) {
                let rows = self.entries.rows(entry).iter();
                let rows = rows.filter(|it| !matching.links.are_apart(number, it.row));
                candidates.extend(rows.clone().map(|it| it.row));
                let named = rows.take(CANDIDATES);
                evidence.extend(named.map(|it| self.entries.with_row(entry, (number, key), it)));
            }
        }
        Certain { evidence, candidates: candidates.len() as u64, others: Vec::new() }
    }

    fn of_accounts<'k>(
        &mut self,
        linked_before: &LinkedBefore,
        accounts: impl Iterator<Item = (AccountIx, &'k [(KeyId, Kind)])>,
    ) -> Certain {
        let mut evidence = Vec::new();
        let mut linked: Vec<RowIx> = Vec::new();
        let mut lists: Vec<RowList> = Vec::new();
        for (number, keys) in accounts {
            let mut add = |code, row, key| evidence.push(Evidence::of_row(code, number, row, key));
            for &(key, kind) in keys {
                let (code, rows) = self.of_key(key, kind);
                for row in rows.iter().take(CANDIDATES) {
                    add(code, *row, Some(key));
                    lists.push(RowList::Address(code, key));
                }
            }
            if !linked_before.is_empty() {
                for row in linked_before.get(&number).into_iter().flatten() {
                    add(EvidenceCode::LinkedBefore, *row, None);
                    linked.push(*row);
                }
            }
            for (entry, key) in self.entries.of_account(number) {
                let named = self.entries.rows(entry).iter().take(CANDIDATES);
                evidence.extend(named.map(|it| self.entries.with_row(entry, (number, key), it)));
                lists.push(RowList::Entry(entry));
            }
        }
        if evidence.is_empty() {
            return Certain::default();
        }
        let candidates = self.count(lists, linked);
        Certain { evidence, candidates, others: Vec::new() }
    }

    /// The Cloud accounts that an address of a Server account proves to be the same person's, with the code of
    /// the evidence.
    fn of_key(&self, key: KeyId, kind: Kind) -> (EvidenceCode, &[RowIx]) {
        match kind {
            Kind::Primary => (EvidenceCode::VisualStudioEmail, self.visual_studio.get(key)),
            Kind::Secondary => (EvidenceCode::SecondaryEmail, self.identities.get(key)),
            Kind::Repeated => (EvidenceCode::SecondaryEmail, &[]),
        }
    }

    /// The number of distinct Cloud accounts in all of `lists` and `linked` together.
    fn count(&mut self, mut lists: Vec<RowList>, linked: Vec<RowIx>) -> u64 {
        lists.sort_unstable();
        lists.dedup();
        if let (true, Some(known)) = (linked.is_empty(), self.counted.get(&lists)) {
            return *known;
        }
        let mut all: Vec<RowIx> = linked.clone();
        for list in &lists {
            match list {
                RowList::Address(EvidenceCode::VisualStudioEmail, key) => {
                    all.extend(self.visual_studio.get(*key));
                }
                RowList::Address(_, key) => all.extend(self.identities.get(*key)),
                RowList::Entry(entry) => {
                    all.extend(self.entries.rows(*entry).iter().map(|it| it.row));
                }
            }
        }
        all.sort_unstable();
        all.dedup();
        let count = all.len() as u64;
        if linked.is_empty() && count > CANDIDATES as u64 {
            self.counted.insert(lists, count);
        }
        count
    }
}

/// The declared evidence about the accounts of an unmatched group: links to a Cloud seat, and links to Server
/// accounts that are attached to a Cloud seat.
fn declared(population: &Population, matching: &Matching, accounts: &[AccountIx]) -> Vec<Evidence> {
    let links = &matching.links;
    let mut declared: Vec<Evidence> = Vec::new();
    for (account, row) in links.one_person().iter().filter(|it| accounts.contains(&it.0)) {
        let it = &population.cloud[*row];
        if population.takes_seat(it) {
            let invited = population.keys(&it.addresses, AddressKind::Invitation).next();
            declared.push(Evidence::of_row(EvidenceCode::Declared, *account, *row, invited));
        }
    }
    for &(one, other) in links.one_server_person() {
        for (account, other) in [(one, other), (other, one)] {
            let row = matching.attached[other].filter(|_| accounts.contains(&account));
            if let Some(row) = row.filter(|row| !links.are_apart(account, *row)) {
                let evidence = Evidence::of_row(EvidenceCode::Declared, account, row, None);
                declared.push(Evidence { other: Some(other), ..evidence });
            }
        }
    }
    declared
}

/// The first of these Cloud rows by login, at most [`CANDIDATES`] of them.
pub(super) fn first_by_login(mut rows: Vec<RowIx>) -> Vec<RowIx> {
    rows.sort_unstable();
    rows.dedup();
    rows.truncate(CANDIDATES);
    rows
}
