//! The entries of employee directories that belong to a few people, and since when each entry is inactive
//! (directory.md section 3). The other entries of the directories are not read.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::collections::hash_map::Entry as MapEntry;

use foldhash::HashSet;

use super::Ledger;
use super::directory_history::begin_of_absence;
use crate::email;
use crate::error::{Error, Result};
use crate::model::{Account, DigestKey, EntryDigest, EntryRecord, Instant, ListIndex, StateId};
use crate::store::{AccountRef, Entry, EntryDetails, SnapshotFacts};

/// The addresses and logins by which the directory entries of people are found.
#[derive(Debug, Default)]
pub(crate) struct SoughtTexts {
    /// Addresses of the people, as received.
    pub addresses: Vec<String>,
    /// Logins of the people on Cloud.
    pub cloud_logins: Vec<String>,
    /// Logins on instances, each with the host of the instance.
    pub server_logins: Vec<(String, String)>,
}

/// An entry of an employee directory in force, with what is known about it.
pub(crate) struct KnownEntry<'l> {
    /// The snapshot of the directory that has the entry.
    pub snapshot: &'l SnapshotFacts,
    /// The entry with its digests and dates, as the snapshot has it.
    pub entry: Entry,
    /// The details of the entry in plain text; `None` if they are not stored.
    pub details: Option<EntryDetails>,
    /// The time when the person left or will leave, as the directory states it. If it states none, the time of
    /// the first snapshot of the unbroken run in which the entry is inactive, provided that an earlier snapshot
    /// has it as active.
    pub left_at: Option<Instant>,
}

impl Ledger<'_> {
    /// The entries of the directories in force at an instant that have one of these addresses or logins, ordered
    /// by the name of the directory.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn entries_of(
        &self,
        texts: &SoughtTexts,
        at: Instant,
    ) -> Result<Vec<KnownEntry<'_>>> {
        let snapshots = self.directories_in_force(at);
        if snapshots.is_empty() {
            return Ok(Vec::new());
        }
        let Some(key) = self.store.digest_key()? else { return Ok(Vec::new()) };
        let wanted = self.wanted(texts, &key, at);
        let mut found = Vec::new();
        for snapshot in snapshots {
            let part = self.store.entries_with(snapshot.source_id, snapshot.place, &wanted)?;
            for entry in &part.entries {
                found.push(KnownEntry {
                    snapshot,
                    entry: entry.clone(),
                    details: self.store.entry_details(entry.state, self.known)?,
                    left_at: self.left_at(snapshot, entry, at)?,
                });
            }
        }
        Ok(found)
    }

    /// The digests of these addresses and logins, by which directory entries are found.
    pub(super) fn wanted(
        &self,
        texts: &SoughtTexts,
        key: &DigestKey,
        at: Instant,
    ) -> HashSet<EntryDigest> {
        let addresses = texts.addresses.iter().filter_map(|text| email::key(text));
        let mut wanted: HashSet<EntryDigest> = addresses.map(|it| key.address(&it)).collect();
        let logins = texts.cloud_logins.iter();
        wanted.extend(logins.map(|login| key.cloud_login(&email::login_key(login))));
        for (host, login) in &texts.server_logins {
            let names = self.names_of_host(host, at).into_iter();
            wanted.extend(names.map(|name| key.server_login(&name, &email::login_key(login))));
        }
        wanted
    }

    /// When the person of an entry left: see [`KnownEntry::left_at`].
    fn left_at(
        &self,
        snapshot: &SnapshotFacts,
        entry: &Entry,
        at: Instant,
    ) -> Result<Option<Instant>> {
        let is_inactive = entry.active_at(at) == Some(false);
        // A time in the future is not the time at which a person left who is inactive now.
        let past = [entry.left, entry.expires].into_iter().flatten().find(|it| *it <= at);
        if past.is_some() || !is_inactive {
            return Ok(past.or(entry.left_on()));
        }
        let identity = Account::identity_of_entry(self.entry_record(entry.state)?.id);
        let source_id = snapshot.source_id;
        let history = self.store.history(&AccountRef { source_id, identity })?;
        let mut records: HashMap<StateId, EntryRecord> = HashMap::new();
        let of_directory = self.snapshots.iter().filter(|it| it.source_id == source_id);
        let valid = of_directory.filter(|it| !it.partial && it.place < snapshot.place);
        let mut earlier: Vec<&SnapshotFacts> = valid.collect();
        earlier.sort_unstable_by_key(|it| Reverse(it.place));
        let earlier = earlier.into_iter().map(|snapshot| {
            let held = history.iter().find(|it| it.in_snapshot(snapshot));
            let Some(held) = held else { return Ok((snapshot.taken_at, None)) };
            let record = match records.entry(held.state) {
                MapEntry::Occupied(known) => known.into_mut(),
                MapEntry::Vacant(new) => new.insert(self.entry_record(held.state)?),
            };
            Ok((snapshot.taken_at, Some(record.active_at(snapshot.taken_at))))
        });
        begin_of_absence(snapshot.taken_at, earlier)
    }

    /// The record of a directory entry, as the database stores it.
    ///
    /// # Errors
    /// If the database cannot be read, or if the state is that of no entry.
    pub(super) fn entry_record(&self, state: StateId) -> Result<EntryRecord> {
        let stored = self.record(state)?;
        EntryRecord::of(&stored.read()?).ok_or_else(|| {
            Error::database(format!("state {} is no entry of a directory", state.number()))
        })
    }
}
