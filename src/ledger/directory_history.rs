//! The past of an employee directory: who was in its earlier snapshots, since when an entry is inactive, and since
//! when an entry is gone (directory.md section 3). Snapshots that are voided or partial have no part in it.
//!
//! An entry is the same in two snapshots if it has the same id. The number of its account stands for the id.

use std::convert::Infallible;
use std::sync::OnceLock;

use smallvec::SmallVec;

use super::{Directory, Ledger};
use crate::model::Instant;
use crate::store::{Entry, PartEntryIx, SnapshotFacts};

/// An employee directory with its valid snapshots up to the one in force.
pub(crate) struct DirectoryHistory<'d, 'l> {
    /// The directory, with the entries of all its snapshots.
    pub directory: &'d Directory<'l>,
    /// The valid snapshots, the oldest first. The last one is in force.
    snapshots: Vec<&'l SnapshotFacts>,
    /// All entries, sorted by account and then by time.
    by_account: OnceLock<Vec<PartEntryIx>>,
}

/// The entry of an earlier snapshot that an account had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EarlierEntry {
    /// The only entry of the newest snapshot that decides. Its id is in the snapshot in force, with this entry.
    Still(PartEntryIx),
    /// The only entry of the newest snapshot that decides. Its id is missing from the snapshot in force.
    Gone {
        /// The newest entry with the id.
        entry: PartEntryIx,
        /// The time of the first snapshot without the id.
        since: Instant,
    },
    /// Whichever snapshot has entries, it has several of them.
    Several,
    /// No earlier snapshot has such an entry.
    Nobody,
}

impl Ledger<'_> {
    /// The past of a directory that [`Ledger::directories_with_history`] has read.
    pub(crate) fn history_of<'d, 'l>(
        &'l self,
        directory: &'d Directory<'l>,
    ) -> DirectoryHistory<'d, 'l> {
        let own = directory.snapshot;
        let mut snapshots: Vec<&SnapshotFacts> = self
            .snapshots
            .iter()
            .filter(|it| it.source_id == own.source_id && !it.partial && it.place <= own.place)
            .collect();
        snapshots.sort_by_key(|it| it.place);
        DirectoryHistory { directory, snapshots, by_account: OnceLock::new() }
    }
}

/// The time of the first snapshot of the unbroken run in which an entry is inactive. The run ends with the snapshot
/// of the time `own`. `earlier` has the time of each snapshot before it, newest first, and what it says of the entry:
/// `None` if it lacks the entry, which does not break the run, because nobody was active then; else whether the entry
/// is active, as far as it is stated. The result is `None` if no snapshot before the run says otherwise.
///
/// # Errors
/// The first error of `earlier`.
pub(super) fn begin_of_absence<E>(
    own: Instant,
    earlier: impl Iterator<Item = Result<(Instant, Option<Option<bool>>), E>>,
) -> Result<Option<Instant>, E> {
    let mut since = own;
    for snapshot in earlier {
        match snapshot? {
            (_, None) => {}
            (at, Some(Some(false))) => since = at,
            (_, Some(Some(true) | None)) => return Ok(Some(since)),
        }
    }
    Ok(None)
}

impl<'l> DirectoryHistory<'_, 'l> {
    fn entry(&self, entry: PartEntryIx) -> &Entry {
        &self.directory.entries.entries[entry]
    }

    fn is_in(&self, entry: PartEntryIx, snapshot: &SnapshotFacts) -> bool {
        let entry = self.entry(entry);
        entry.from <= snapshot.place && snapshot.place < entry.to
    }

    /// Is the entry in the snapshot in force?
    pub(crate) fn is_in_force(&self, entry: PartEntryIx) -> bool {
        self.is_in(entry, self.directory.snapshot)
    }

    /// The snapshots before the one in force, the newest first.
    fn earlier_snapshots(&self) -> impl Iterator<Item = &'l SnapshotFacts> {
        self.snapshots.iter().copied().rev().skip(1)
    }

    fn sorted(&self) -> &[PartEntryIx] {
        self.by_account.get_or_init(|| {
            let mut sorted: Vec<PartEntryIx> = self.directory.entries.entries.indices().collect();
            sorted.sort_unstable_by_key(|entry| {
                let entry = self.entry(*entry);
                (entry.account, entry.from)
            });
            sorted
        })
    }

    /// All entries with the id of an entry, the oldest first.
    pub(crate) fn all_of(&self, entry: PartEntryIx) -> &[PartEntryIx] {
        let (sorted, account) = (self.sorted(), self.entry(entry).account);
        let first = sorted.partition_point(|it| self.entry(*it).account < account);
        let count = sorted[first..].partition_point(|it| self.entry(*it).account == account);
        &sorted[first..first + count]
    }

    /// The time from which an entry of the snapshot in force has been inactive in every snapshot that has it.
    /// `None` if no snapshot before that time has the entry otherwise: then it is not known when the person left,
    /// and whether the entry stands for a person at all.
    pub(crate) fn inactive_since(&self, entry: PartEntryIx) -> Option<Instant> {
        if self.snapshots.len() < 2 {
            return None;
        }
        let all = self.all_of(entry);
        let earlier = self.earlier_snapshots().map(|snapshot| {
            let there = all.iter().find(|it| self.is_in(**it, snapshot));
            let active = there.map(|it| self.entry(*it).active_at(snapshot.taken_at));
            Ok::<_, Infallible>((snapshot.taken_at, active))
        });
        let Ok(since) = begin_of_absence(self.directory.snapshot.taken_at, earlier);
        since
    }

    /// The entry that an account had in the newest earlier snapshot that decides. `by_address` are the entries with
    /// an address of the account, `by_login` those with its mapped login; a snapshot in which entries have an
    /// address is not searched by login.
    pub(crate) fn earlier(
        &self,
        by_address: &[PartEntryIx],
        by_login: &[PartEntryIx],
    ) -> EarlierEntry {
        if by_address.is_empty() && by_login.is_empty() {
            return EarlierEntry::Nobody;
        }
        let mut found = EarlierEntry::Nobody;
        for snapshot in self.earlier_snapshots() {
            let there = |entries: &[PartEntryIx]| -> SmallVec<[PartEntryIx; 4]> {
                entries.iter().copied().filter(|it| self.is_in(*it, snapshot)).collect()
            };
            let mut entries = there(by_address);
            if entries.is_empty() {
                entries = there(by_login);
            }
            match entries.as_slice() {
                [] => {}
                [only] => return self.now(*only),
                _ => found = EarlierEntry::Several,
            }
        }
        found
    }

    fn now(&self, earlier: PartEntryIx) -> EarlierEntry {
        let all = self.all_of(earlier);
        if let Some(still) = all.iter().find(|it| self.is_in_force(**it)) {
            return EarlierEntry::Still(*still);
        }
        let mut gone = (earlier, self.directory.snapshot.taken_at);
        for snapshot in self.earlier_snapshots() {
            match all.iter().find(|it| self.is_in(**it, snapshot)) {
                Some(last) => {
                    gone.0 = *last;
                    break;
                }
                None => gone.1 = snapshot.taken_at,
            }
        }
        EarlierEntry::Gone { entry: gone.0, since: gone.1 }
    }

    /// The number of people of the snapshot before the one in force who are missing from the one in force, and the
    /// number of people in the snapshot before. `None` if there is no snapshot before.
    pub(crate) fn missing_since_last(&self) -> Option<(u64, u64)> {
        let before = self.earlier_snapshots().next()?;
        let (mut missing, mut people) = (0, 0);
        let same =
            |a: &PartEntryIx, b: &PartEntryIx| self.entry(*a).account == self.entry(*b).account;
        for all in self.sorted().chunk_by(same) {
            if all.iter().any(|it| self.is_in(*it, before)) {
                people += 1;
                missing += u64::from(!all.iter().any(|it| self.is_in_force(*it)));
            }
        }
        Some((missing, people))
    }
}
