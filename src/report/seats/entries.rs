//! Splits seats by what the employee directories in force state about the person: the manager or the unit in
//! the person's entry (directory.md section 3).
//!
//! Each directory is searched for a seat separately: by the addresses of the seat's accounts and, if no entry
//! has one of them, by their logins. If a directory has several entries of a seat, its only active one counts;
//! if all are inactive, the one that left last; otherwise all of them.

use std::collections::BTreeSet;
use std::rc::Rc;

use foldhash::{HashMap, HashSet};

use super::split_by::PartNames;
use crate::error::Result;
use crate::ledger::{Directories, Directory, Enterprise, Ledger, stored_record};
use crate::model::{
    Account, AddressKind, DigestOf, EntryDigest, Instant, KeyId, ServerIx, StateId, account_of,
};
use crate::people::{AccountOrigin, SeatOf};
use crate::store::{DetailName, PartEntryIx};

/// What the employee directories in force state about the manager or the unit of a seat's person.
#[derive(Debug, Clone)]
pub(super) enum EntryOfSeat {
    /// No directory has an entry of the seat.
    NoEntry,
    /// A directory has an entry of the seat, but no entry has a known manager or unit.
    NotStated,
    /// The only manager or unit that the seat's entries state.
    Named(PartNames),
    /// The seat's entries state several managers or units, so the seat cannot be counted under one.
    Several,
}

/// The employee directories in force at an instant, with the managers or the units that their entries state.
pub(super) struct EntryNames<'l> {
    ledger: &'l Ledger<'l>,
    at: Instant,
    directories: Option<Directories<'l>>,
    /// For each stored state of an entry, the index of its manager or unit in `names`.
    of_states: HashMap<StateId, usize>,
    /// The managers or units, each spelling once.
    names: Vec<PartNames>,
    /// For each text in `names`, the index of the first text that differs from it in letter case only, or in
    /// nothing.
    same: Vec<usize>,
}

impl<'l> EntryNames<'l> {
    /// Reads the employee directories in force at an instant, with the manager or the unit (`name`) of each
    /// entry.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn read(ledger: &'l Ledger<'l>, name: DetailName, at: Instant) -> Result<EntryNames<'l>> {
        let directories = ledger.directories(at)?;
        let all = directories.iter().flat_map(|it| &it.all);
        let entries = all.flat_map(|directory| &directory.entries.entries);
        let wanted: HashSet<StateId> = entries.map(|entry| entry.state).collect();
        let mut read = EntryNames {
            ledger,
            at,
            directories,
            of_states: HashMap::default(),
            names: Vec::new(),
            same: Vec::new(),
        };
        let mut spelled: HashMap<String, usize> = HashMap::default();
        let mut keys: HashMap<String, usize> = HashMap::default();
        ledger.store.each_detail(name, ledger.known, &mut |state, text| {
            let text = text.trim();
            if text.is_empty() || !wanted.contains(&state) {
                return;
            }
            let known = spelled.get(text).copied();
            let place = known.unwrap_or_else(|| {
                let place = read.names.len();
                read.names.push(Rc::new(Some(vec![text.to_owned()])));
                read.same.push(*keys.entry(text.to_lowercase()).or_insert(place));
                spelled.insert(text.to_owned(), place);
                place
            });
            read.of_states.insert(state, place);
        })?;
        Ok(read)
    }

    /// The employee directories in force, each with the time of its snapshot and its number of entries.
    pub fn told(&self) -> Vec<(String, Instant, usize)> {
        let all = self.directories.iter().flat_map(|it| &it.all);
        let told = all.map(|directory| {
            let snapshot = directory.snapshot;
            (snapshot.source.name.clone(), snapshot.taken_at, directory.entries.entries.len())
        });
        told.collect()
    }

    /// What the employee directories in force state about each of the seats.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn of_seats(
        &self,
        enterprise: &Enterprise<'_>,
        seats: &[SeatOf],
    ) -> Result<Vec<EntryOfSeat>> {
        let Some(directories) = &self.directories else {
            return Ok(vec![EntryOfSeat::NoEntry; seats.len()]);
        };
        let digests = directories.digests_of_keys()?;
        let none = || vec![Found::default(); seats.len()];
        let mut found: Vec<Vec<Found>> = Vec::new();
        for directory in &directories.all {
            let mut of_directory = none();
            for (seat, found) in seats.iter().zip(&mut of_directory) {
                each_key(enterprise, seat, |key| {
                    if let Some(digest) = digests.get(key) {
                        found.take(directory, *digest);
                    }
                });
            }
            self.by_login(directories, directory, enterprise, seats, &mut of_directory)?;
            found.push(of_directory);
        }
        let stated = (0..seats.len()).map(|seat| {
            let found = directories.all.iter().zip(found.iter().filter_map(|it| it.get(seat)));
            self.stated(found)
        });
        Ok(stated.collect())
    }

    /// Looks up seats in a directory by login, if no address of theirs was found in the directory.
    fn by_login(
        &self,
        directories: &Directories<'_>,
        directory: &Directory<'_>,
        enterprise: &Enterprise<'_>,
        seats: &[SeatOf],
        found: &mut [Found],
    ) -> Result<()> {
        if directory.entries.has_logins(DigestOf::CloudLogin) {
            for (seat, found) in seats.iter().zip(&mut *found).filter(|(_, it)| it.is_empty()) {
                let identity = seat.row.map(|row| enterprise.population.identity(row));
                if let Some(login) = identity.and_then(Account::login_of_identity) {
                    found.take(directory, directories.digest_of_cloud_login(login));
                }
            }
        }
        if !directory.entries.has_logins(DigestOf::ServerLogin) {
            return Ok(());
        }
        let mut seats_of: HashMap<StateId, (usize, ServerIx)> = HashMap::default();
        for (place, (seat, found)) in seats.iter().zip(&*found).enumerate() {
            for index in own(enterprise, seat).filter(|_| found.is_empty()) {
                seats_of.insert(enterprise.population.server[index].state, (place, index));
            }
        }
        let states: Vec<StateId> = seats_of.keys().copied().collect();
        let mut names: HashMap<&str, Vec<String>> = HashMap::default();
        self.ledger.store.records_of(&states, &mut |state, fields, content| {
            let Some((place, index)) = seats_of.get(&state) else { return Ok(()) };
            let record = stored_record(fields, content)?;
            let login = account_of(enterprise.kind_of_own(*index), &record).login;
            let population = &enterprise.population;
            let host = &*population.instances[population.server[*index].instance].host;
            let names =
                names.entry(host).or_insert_with(|| self.ledger.names_of_host(host, self.at));
            for name in names.iter().filter(|_| !login.is_empty()) {
                found[*place].take(directory, directories.digest_of_server_login(name, &login));
            }
            Ok(())
        })
    }

    /// What all entries of a seat state together. `found` has the entries that each directory has of the seat.
    fn stated<'f>(
        &self,
        found: impl Iterator<Item = (&'f Directory<'f>, &'f Found)>,
    ) -> EntryOfSeat {
        let (mut names, mut first, mut any) = (BTreeSet::new(), None::<usize>, false);
        for (directory, found) in found {
            for entry in deciding(directory, &found.0, self.at) {
                any = true;
                let state = directory.entries.entries[entry].state;
                if let Some(name) = self.of_states.get(&state) {
                    names.insert(self.same[*name]);
                    // Of several spellings of a manager or unit, the one that comes first in the order of bytes
                    // is printed.
                    first = first.filter(|it| self.names[*it] <= self.names[*name]).or(Some(*name));
                }
            }
        }
        match (names.len(), first) {
            (1, Some(name)) => EntryOfSeat::Named(Rc::clone(&self.names[name])),
            (2.., _) => EntryOfSeat::Several,
            _ if any => EntryOfSeat::NotStated,
            _ => EntryOfSeat::NoEntry,
        }
    }
}

/// The entries that one directory has of a seat, each of them once.
#[derive(Debug, Clone, Default)]
struct Found(Vec<PartEntryIx>);

impl Found {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn take(&mut self, directory: &Directory<'_>, digest: EntryDigest) {
        for entry in directory.entries.having(digest) {
            if !self.0.contains(&entry) {
                self.0.push(entry);
            }
        }
    }
}

/// Which of a seat's entries in one directory count: the only active one; if all are inactive, the one that
/// left last; otherwise all of them.
fn deciding(directory: &Directory<'_>, found: &[PartEntryIx], at: Instant) -> Vec<PartEntryIx> {
    let entries = &directory.entries.entries;
    let active = |entry: &PartEntryIx| entries[*entry].active_at(at);
    let mut is_active = found.iter().filter(|entry| active(entry) == Some(true));
    if let (Some(only), None) = (is_active.next(), is_active.next()) {
        return vec![*only];
    }
    if found.len() > 1 && found.iter().all(|entry| active(entry) == Some(false)) {
        let left = |entry: &PartEntryIx| entries[*entry].left_on();
        let last = found.iter().filter_map(left).max();
        let mut left_last = found.iter().filter(|entry| last.is_some() && left(entry) == last);
        if let (Some(only), None) = (left_last.next(), left_last.next()) {
            return vec![*only];
        }
    }
    found.to_vec()
}

/// Calls `take` with the key of every address of a seat by which directories are searched: all addresses of its
/// Server accounts; the NameID, the verified and the Visual Studio addresses of its Cloud account; the address
/// of an invitation.
fn each_key(enterprise: &Enterprise<'_>, seat: &SeatOf, mut take: impl FnMut(KeyId)) {
    let population = &enterprise.population;
    if let Some(row) = seat.row {
        let addresses = population.addresses(&population.cloud[row].addresses).iter();
        addresses.filter(|it| it.kind != AddressKind::Server).for_each(|it| take(it.key));
    }
    for account in &seat.accounts {
        let account = &enterprise.matching.accounts[*account];
        match account.origin {
            AccountOrigin::Own(index) => {
                let addresses = &population.server[index].addresses;
                population.addresses(addresses).iter().for_each(|it| take(it.key));
                let synced = population.synced_addresses.get(&index).into_iter().flatten();
                synced.copied().for_each(&mut take);
            }
            AccountOrigin::Cloud(_) => account.primary_keys().for_each(&mut take),
        }
    }
}

/// The Server accounts of a seat that a snapshot of their own instance in force states. Accounts that only
/// Cloud rows list are left out.
fn own(enterprise: &Enterprise<'_>, seat: &SeatOf) -> impl Iterator<Item = ServerIx> {
    seat.accounts.iter().filter_map(|account| match enterprise.matching.accounts[*account].origin {
        AccountOrigin::Own(index) => Some(index),
        AccountOrigin::Cloud(_) => None,
    })
}
