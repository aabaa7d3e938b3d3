//! The entries that earlier snapshots of employee directories have of a few people, if the directories in force
//! have none of their addresses or logins (directory.md section 3).

use std::cmp::Reverse;

use foldhash::HashSet;

use super::{Ledger, SoughtTexts};
use crate::error::Result;
use crate::model::{Account, DigestOf, EntryDigest, EntryRecord, Instant};
use crate::store::{AccountRef, Entry, EntryDetails, EntryPart, PartEntryIx, SnapshotFacts};

/// A directory entry of an earlier snapshot that the directory in force lacks, or has with other addresses and
/// logins.
pub(crate) struct FormerEntry<'l> {
    /// The snapshot in force of the directory, which lacks the entry or its addresses.
    pub snapshot: &'l SnapshotFacts,
    /// The entry in the newest snapshot that has its id.
    pub record: EntryRecord,
    /// The details of the entry in plain text, even if only an earlier snapshot has them; `None` if none are
    /// stored.
    pub details: Option<EntryDetails>,
    /// The time of the first snapshot that lacks the id of the entry. `None` if the directory in force still has
    /// the id, but with other addresses or logins.
    pub gone_at: Option<Instant>,
}

impl Ledger<'_> {
    /// For each directory in force that has none of these addresses and logins, the entry of an earlier snapshot
    /// that had one of them. The newest snapshot in which exactly one entry has one decides. A login counts only
    /// if no entry has one of the addresses.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn former_entries_of(
        &self,
        texts: &SoughtTexts,
        at: Instant,
    ) -> Result<Vec<FormerEntry<'_>>> {
        let snapshots = self.directories_in_force(at);
        if snapshots.is_empty() {
            return Ok(Vec::new());
        }
        let Some(key) = self.store.digest_key()? else { return Ok(Vec::new()) };
        let wanted = self.wanted(texts, &key, at);
        let mut found = Vec::new();
        for snapshot in snapshots {
            let now = self.store.entries_with(snapshot.source_id, snapshot.place, &wanted)?;
            if now.entries.is_empty() {
                found.extend(self.former_entry(snapshot, &wanted)?);
            }
        }
        Ok(found)
    }

    fn former_entry<'s>(
        &'s self,
        in_force: &'s SnapshotFacts,
        wanted: &HashSet<EntryDigest>,
    ) -> Result<Option<FormerEntry<'s>>> {
        let (source_id, place) = (in_force.source_id, in_force.place);
        let part = self.store.entries_before_with(source_id, place, wanted)?;
        if part.entries.is_empty() {
            return Ok(None);
        }
        let own = self.snapshots.iter().filter(|it| it.source_id == source_id);
        let mut earlier: Vec<&SnapshotFacts> =
            own.filter(|it| !it.partial && it.place < place).collect();
        earlier.sort_unstable_by_key(|it| Reverse(it.place));
        let found = earlier.iter().find_map(|snapshot| only_in(&part, snapshot, wanted));
        let Some(entry) = found else { return Ok(None) };
        let identity = Account::identity_of_entry(self.entry_record(entry.state)?.id);
        let history = self.store.history(&AccountRef { source_id, identity })?;
        let state_in = |snapshot: &SnapshotFacts| {
            let mut held = history.iter().filter(|it| it.in_snapshot(snapshot));
            held.next().map(|it| it.state)
        };
        let (mut state, mut gone_at) = (state_in(in_force), None);
        if state.is_none() {
            gone_at = Some(in_force.taken_at);
            for snapshot in earlier {
                state = state_in(snapshot);
                if state.is_some() {
                    break;
                }
                gone_at = Some(snapshot.taken_at);
            }
        }
        let state = state.unwrap_or(entry.state);
        let details = match self.store.entry_details(state, self.known)? {
            Some(details) => Some(details),
            // The newest record of the entry may lack details, because an import stores details only for known
            // accounts. Then the details of the earlier record are used.
            None => self.store.entry_details(entry.state, self.known)?,
        };
        let record = self.entry_record(state)?;
        Ok(Some(FormerEntry { snapshot: in_force, record, details, gone_at }))
    }
}

/// The only entry of a snapshot that has one of the wanted addresses. If no entry has one, the only entry that
/// has a wanted login.
fn only_in<'p>(
    part: &'p EntryPart,
    snapshot: &SnapshotFacts,
    wanted: &HashSet<EntryDigest>,
) -> Option<&'p Entry> {
    let place = snapshot.place;
    let there = part.entries.enumerated().filter(|(_, it)| it.from <= place && place < it.to);
    let there: Vec<(PartEntryIx, &Entry)> = there.collect();
    let has_address = |(index, _): &&(PartEntryIx, &Entry)| {
        let mut digests = part.digests(*index).iter();
        digests.any(|(of, digest)| {
            matches!(of, DigestOf::Address | DigestOf::Primary) && wanted.contains(digest)
        })
    };
    let by_address: Vec<&(PartEntryIx, &Entry)> = there.iter().filter(has_address).collect();
    match (by_address.as_slice(), there.as_slice()) {
        ([(_, only)], _) | ([], [(_, only)]) => Some(only),
        _ => None,
    }
}
