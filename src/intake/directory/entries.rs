//! The entries of a directory on their way into the database. Their records are made on another thread than the
//! one that writes: packing a record takes about as long as writing it. If the system cannot start a thread, one
//! thread does both.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::sync_channel;
use std::thread::Builder;

use foldhash::{HashMap, HashMapExt, HashSet};

use crate::error::{Error, Result};
use crate::model::{Account, DigestKey, EntryRecord, PackedEntries};
use crate::store::{Import, Looker, NewSnapshot, RecordBatch};

/// The number of batches that may wait for the writing thread.
const WAITING: usize = 2;

/// The entries of a directory, with what is needed to store them.
pub(super) struct Entries {
    /// The entries as they were read.
    pub all: PackedEntries,
    /// The ids without leading zeros that several entries have.
    ambiguous: HashSet<String>,
    key: DigestKey,
    /// Whether the details of each entry are kept.
    kept: Vec<bool>,
}

impl Entries {
    /// The entries of a file, with which of them are kept in plain text: all of them, or those that an account
    /// names.
    ///
    /// # Errors
    /// If the database cannot be read or written.
    pub fn of(import: &Import<'_>, all: PackedEntries, keeps_all: bool) -> Result<Entries> {
        let kept = match keeps_all {
            true => vec![true; all.len()],
            false => import.entries_of_accounts(&all)?,
        };
        let ambiguous = ambiguous_ids(&all);
        Ok(Entries { ambiguous, key: import.digest_key()?, kept, all })
    }

    /// The id of an entry as it is compared. An id is the same with and without leading zeros, which
    /// spreadsheets drop, unless the list itself has both.
    fn compared_id(&self, at: usize) -> &str {
        let id = self.all.id(at);
        let bare = bare(id);
        if bare.len() < id.len() && self.ambiguous.contains(bare) { id } else { bare }
    }

    /// Appends the details of an entry, as they are stored, to a text.
    pub fn write_details(&self, at: usize, text: &mut String) {
        if let Some(entry) = self.all.texts_of(at) {
            entry.write_details(text);
        }
    }

    /// The number of entries whose details are kept.
    pub fn kept(&self) -> u64 {
        self.kept.iter().filter(|kept| **kept).count() as u64
    }

    /// The states of the entries whose details are kept, each with the position of its entry. `states` are those
    /// of all entries, by their identities.
    pub fn kept_states(&self, states: &HashMap<String, i64>) -> Vec<(i64, usize)> {
        let kept = (0..self.all.len()).filter(|at| self.kept[*at]);
        let states = kept.filter_map(|at| {
            let identity = Account::identity_of_entry(self.key.id(self.compared_id(at)));
            Some((*states.get(&identity)?, at))
        });
        states.collect()
    }

    /// Writes the entries as records of a snapshot.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub fn put(&self, import: &Import<'_>, snapshot: &mut NewSnapshot<'_>) -> Result<()> {
        let is_first = snapshot.neighbors().accounts_before().is_none();
        let mostly_new = Arc::new(AtomicBool::new(is_first));
        let mut put = |mut batch: RecordBatch| -> Result<()> {
            let new = snapshot.put(&mut batch)?;
            mostly_new.store(2 * new > batch.len(), Ordering::Relaxed);
            Ok(())
        };
        let looker = import.looker(&mostly_new)?;
        let beside = std::thread::scope(|scope| {
            let (sender, batches) = sync_channel(WAITING);
            let packing = Builder::new().spawn_scoped(scope, move || {
                // Sending fails only after the writing thread has stopped at an error, which the caller reports.
                let send = |batch| {
                    sender.send(batch).map_err(|_| Error::bug("the writing thread has stopped"))
                };
                self.in_batches(looker, send)
            });
            let packing = packing.ok()?;
            // An error drops the receiver, so that the other thread stops.
            let written = batches.into_iter().try_for_each(&mut put);
            let packed = packing.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            Some(written.and(packed))
        });
        match beside {
            Some(done) => done,
            None => self.in_batches(import.looker(&mostly_new)?, put),
        }
    }

    /// Hands the records of all entries to `each`, in batches.
    fn in_batches(
        &self,
        mut looker: Looker,
        mut each: impl FnMut(RecordBatch) -> Result<()>,
    ) -> Result<()> {
        let (mut batch, mut details) = (RecordBatch::default(), String::new());
        for at in 0..self.all.len() {
            let Some(entry) = self.all.texts_of(at) else { continue };
            details.clear();
            entry.write_details(&mut details);
            let digest = self.key.details(&details);
            let record = EntryRecord::new(&self.key, &entry, self.compared_id(at), digest);
            let kept = Some(details.as_str()).filter(|_| self.kept[at]);
            looker.look_at_entry(record, kept, &mut batch);
            if batch.is_full() {
                each(std::mem::take(&mut batch))?;
            }
        }
        each(batch)
    }
}

/// An id without leading zeros. An id of zeros alone stays as it is.
fn bare(id: &str) -> &str {
    match id.trim_start_matches('0') {
        "" => id,
        rest => rest,
    }
}

/// The ids without leading zeros that several entries have.
fn ambiguous_ids(entries: &PackedEntries) -> HashSet<String> {
    let ids = || (0..entries.len()).map(|at| entries.id(at));
    let is_bare = |id: &str| bare(id).len() == id.len();
    let mut often: HashMap<&str, u32> = HashMap::new();
    for id in ids().filter(|id| !is_bare(id)) {
        *often.entry(bare(id)).or_default() += 1;
    }
    if !often.is_empty() {
        for id in ids().filter(|id| is_bare(id)) {
            often.entry(id).and_modify(|often| *often += 1);
        }
    }
    often.into_iter().filter(|(_, often)| *often > 1).map(|(id, _)| id.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::DirectoryEntry;

    #[test]
    fn ids_are_ambiguous_if_only_leading_zeros_tell_them_apart() {
        let mut entries = PackedEntries::default();
        for id in ["007", "7", "0x", "x1", "00", "000", "0012", "012", "13"] {
            entries.push(&DirectoryEntry { id: id.to_owned(), ..DirectoryEntry::default() });
        }
        let mut found: Vec<String> = ambiguous_ids(&entries).into_iter().collect();
        found.sort();
        assert_eq!(found, ["12", "7"]);
    }
}
