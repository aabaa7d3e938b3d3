//! The past of an employee directory: who was in its earlier snapshots, since when an entry is inactive, and since
//! when an entry is gone (directory.md section 3). Snapshots that are voided or partial have no part in it.
//!
//! An entry is the same in two snapshots if it has the same id. Entries with one id have one account number.

use std::cell::OnceCell;
use std::convert::Infallible;

use smallvec::SmallVec;

use super::{Directory, Ledger};
use crate::model::Instant;
use crate::store::{Entry, PartEntryIx, SnapshotFacts};

/// An employee directory with its snapshots that are neither voided nor partial, up to the one in force.
pub(crate) struct DirectoryHistory<'d, 'l> {
    /// The directory, with the entries of all its snapshots.
    pub directory: &'d Directory<'l>,
    /// The snapshots that are neither voided nor partial, the oldest first. The last one is in force.
    snapshots: Vec<&'l SnapshotFacts>,
    /// The entries of all snapshots, sorted by account number (which stands for the id) and then by time.
    by_account: OnceCell<Vec<PartEntryIx>>,
}

/// The directory entry to which an account belonged in an earlier snapshot. The newest earlier snapshot in which
/// exactly one entry fits the account decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EarlierEntry {
    /// Exactly one entry fitted the account, and the snapshot in force still has its id, with this entry.
    Still(PartEntryIx),
    /// Exactly one entry fitted the account, and the snapshot in force lacks its id.
    Gone {
        /// The newest entry that has the id.
        entry: PartEntryIx,
        /// The time of the first snapshot that lacks the id.
        since: Instant,
    },
    /// Every earlier snapshot with fitting entries has several of them, so none can be chosen.
    Several,
    /// No earlier snapshot has an entry that fits the account.
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
        DirectoryHistory { directory, snapshots, by_account: OnceCell::new() }
    }
}

/// The time of the first snapshot of the unbroken run in which an entry is inactive. The run ends with the
/// snapshot of the time `own`. `earlier` has the time of each snapshot before that one, newest first, and a
/// statement about the entry. The statement is `None` if the snapshot lacks the entry, which does not break the
/// run; otherwise it says whether the entry is active, if the file states it. The result is `None` if no
/// snapshot before the run says otherwise.
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

    /// Does the snapshot in force of the directory have this entry?
    pub(crate) fn is_in_force(&self, entry: PartEntryIx) -> bool {
        self.is_in(entry, self.directory.snapshot)
    }

    /// The snapshots of the directory before the one in force, the newest first.
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

    /// All entries that have the same id as `entry`, the oldest first.
    pub(crate) fn all_of(&self, entry: PartEntryIx) -> &[PartEntryIx] {
        let (sorted, account) = (self.sorted(), self.entry(entry).account);
        let first = sorted.partition_point(|it| self.entry(*it).account < account);
        let count = sorted[first..].partition_point(|it| self.entry(*it).account == account);
        &sorted[first..first + count]
    }

    /// The time from which an entry of the snapshot in force has been inactive in every snapshot that has it.
    /// `None` if no earlier snapshot has it as active. Then it is not known when the person left, or whether the
    /// entry stands for a person at all.
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

    /// The directory entry to which an account belonged before. The newest earlier snapshot in which exactly one
    /// entry fits decides. `by_address` are the entries with an address of the account, `by_login` those with
    /// its mapped login. A snapshot in which entries have an address is not searched by login.
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

    /// The number of people who are missing from the snapshot in force, but not from the one before it, and the
    /// number of people in the one before. `None` if there is no earlier snapshot.
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
