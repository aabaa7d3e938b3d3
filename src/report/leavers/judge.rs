//! Judges a seat by the employee directories in force (directory.md section 3). Works on digests and numbers alone;
//! names are read elsewhere, for the seats that are listed.

use smallvec::SmallVec;

use super::leaver::LeaverWhy;
use crate::error::Result;
use crate::ledger::{Directories, DirectoryHistory, EarlierEntry, Ledger};
use crate::model::{EntryDigest, Instant, KeyId};
use crate::store::{EntriesOfKeys, PartEntryIx, SnapshotFacts};

/// The keys of a seat's addresses, each once.
pub(super) type SeatKeys = SmallVec<[KeyId; 8]>;

/// That by which the entries of a seat are found.
#[derive(Debug, Default)]
pub(super) struct SeatLook {
    pub addresses: SeatKeys,
    /// The logins of the seat's accounts. They are used only where no entry has an address.
    pub logins: SmallVec<[EntryDigest; 4]>,
}

/// An entry of one of the directories, by the position of the directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct EntryOf {
    pub directory: usize,
    pub entry: PartEntryIx,
}

/// What the directories together say about a seat.
#[derive(Debug, Default)]
pub(super) struct Judged {
    /// Why the seat is listed; `None` if its holder is matched.
    pub why: Option<LeaverWhy>,
    pub left_at: Option<Instant>,
    /// The entry that decides.
    pub entry: Option<EntryOf>,
    /// The directory whose entries are ambiguous.
    pub ambiguous_in: Option<usize>,
    /// Is the entry that decides active although the person has left?
    pub is_active_after_left: bool,
    /// Is the seat matched by an entry that does not state whether the person is active?
    pub is_not_stated: bool,
    /// What each directory says, if one has the person active and another does not.
    pub disagreement: Vec<(EntryOf, &'static str)>,
}

/// What an entry says about its person at the instant asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Says {
    Active,
    NotStated,
    /// The person has left at this time, if it is known.
    Left {
        at: Option<Instant>,
        /// The time from which the entry has been inactive, if that is known and longer ago than `at`.
        inactive_since: Option<Instant>,
        is_active: bool,
    },
}

/// What one directory says about a seat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    Entry(PartEntryIx, Says),
    Gone(PartEntryIx, Instant),
    /// Several entries have an address, in the snapshot in force or in earlier ones only.
    Several {
        in_force: bool,
    },
    Nobody,
}

type Entries = SmallVec<[PartEntryIx; 4]>;

/// Judges seats at an instant.
pub(super) struct SeatJudge<'d, 'l> {
    histories: Vec<DirectoryHistory<'d, 'l>>,
    /// The entries of each directory by the keys of their addresses.
    of_keys: Vec<EntriesOfKeys>,
    at: Instant,
    /// The time in seconds during which a person who has left still counts as matched.
    grace: i64,
}

/// The number of seats that were judged, and of those that were found.
#[derive(Debug, Clone, Default)]
pub(super) struct SeatsFound {
    /// The number of seats that each directory has found in its snapshot in force.
    pub by_directory: Vec<u64>,
    /// The number of seats that no directory has found in its snapshot in force.
    pub nowhere: u64,
    /// The number of seats judged.
    pub seats: u64,
}

impl SeatsFound {
    /// Adds the numbers of other seats.
    pub(super) fn add(&mut self, other: &SeatsFound) {
        self.by_directory.resize(other.by_directory.len().max(self.by_directory.len()), 0);
        for (own, more) in self.by_directory.iter_mut().zip(&other.by_directory) {
            *own += more;
        }
        self.nowhere += other.nowhere;
        self.seats += other.seats;
    }

    fn count(&mut self, found: &[Found]) {
        self.by_directory.resize(found.len(), 0);
        self.seats += 1;
        let mut is_found = false;
        for (count, found) in self.by_directory.iter_mut().zip(found) {
            let here = matches!(found, Found::Entry(..) | Found::Several { in_force: true });
            *count += u64::from(here);
            is_found |= here;
        }
        self.nowhere += u64::from(!is_found);
    }
}

impl<'d, 'l> SeatJudge<'d, 'l> {
    /// Finds the entries of all keys of the database.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(super) fn new(
        ledger: &'l Ledger<'_>,
        directories: &'d Directories<'l>,
        at: Instant,
        grace: i64,
    ) -> Result<SeatJudge<'d, 'l>> {
        let histories: Vec<DirectoryHistory<'d, 'l>> =
            directories.all.iter().map(|directory| ledger.history_of(directory)).collect();
        let digests = directories.digests_of_keys()?;
        let of_keys = directories.all.iter().map(|it| it.entries.of_keys(digests)).collect();
        Ok(SeatJudge { histories, of_keys, at, grace })
    }

    /// The directories, each with its past.
    pub(super) fn histories(&self) -> &[DirectoryHistory<'d, 'l>] {
        &self.histories
    }

    /// The snapshot in force of a directory.
    pub(super) fn snapshot(&self, directory: usize) -> &'l SnapshotFacts {
        self.histories[directory].directory.snapshot
    }

    /// Judges a seat. The first of these that holds decides: an active entry in any directory, an entry of a person
    /// who has left, an entry that is gone, an entry that does not say (or says that the person has left within the
    /// grace), several entries, and none. Counts the seat in `counts`.
    pub(super) fn judge(&self, seat: &SeatLook, counts: &mut SeatsFound) -> Judged {
        let directories = self.histories.iter().zip(&self.of_keys);
        let found: SmallVec<[Found; 4]> =
            directories.map(|(history, keys)| self.in_directory(history, keys, seat)).collect();
        counts.count(&found);
        // Of several directories that say the same, one that knows the time decides, then the first.
        let order = |it: &(usize, &Found)| (self.rank(it.1), self.left_at(it.1).is_none());
        let Some((directory, decides)) = found.iter().enumerate().min_by_key(order) else {
            return Judged { why: Some(LeaverWhy::Unknown), ..Judged::default() };
        };
        let mut judged = Judged {
            why: match (decides, self.has_left(decides)) {
                (Found::Entry(..), true) => Some(LeaverWhy::Left),
                (Found::Entry(..), false) => None,
                (Found::Gone(..), _) => Some(LeaverWhy::Gone),
                (Found::Several { .. }, _) => Some(LeaverWhy::Ambiguous),
                (Found::Nobody, _) => Some(LeaverWhy::Unknown),
            },
            left_at: self.left_at(decides),
            is_not_stated: matches!(decides, Found::Entry(_, Says::NotStated)),
            is_active_after_left: self.has_left(decides)
                && matches!(decides, Found::Entry(_, Says::Left { is_active: true, .. })),
            ..Judged::default()
        };
        match decides {
            Found::Entry(entry, _) | Found::Gone(entry, _) => {
                judged.entry = Some(EntryOf { directory, entry: *entry });
            }
            Found::Several { .. } => judged.ambiguous_in = Some(directory),
            Found::Nobody => {}
        }
        judged.disagreement = self.disagreement(&found);
        judged
    }

    fn rank(&self, found: &Found) -> u8 {
        match found {
            Found::Entry(_, Says::Active) => 0,
            Found::Entry(..) if self.has_left(found) => 1,
            Found::Gone(..) => 2,
            Found::Entry(..) => 3,
            Found::Several { .. } => 4,
            Found::Nobody => 5,
        }
    }

    /// Has the person left for more than the grace, or has the entry been inactive for more than the grace? No grace
    /// applies if it is not known when the person left.
    fn has_left(&self, found: &Found) -> bool {
        match found {
            Found::Entry(_, Says::Left { at: Some(at), inactive_since, .. }) => {
                let since = inactive_since.map_or(*at, |since| since.min(*at));
                self.at.unix() - since.unix() > self.grace
            }
            Found::Entry(_, Says::Left { at: None, .. }) => true,
            _ => false,
        }
    }

    fn left_at(&self, found: &Found) -> Option<Instant> {
        match found {
            Found::Entry(_, Says::Left { at, .. }) => *at,
            Found::Gone(_, at) => Some(*at),
            _ => None,
        }
    }

    /// What the directories say, if one has the person active and another has the person left or gone.
    fn disagreement(&self, found: &[Found]) -> Vec<(EntryOf, &'static str)> {
        let says = |(directory, found): (usize, &Found)| {
            let (entry, says) = match found {
                Found::Entry(entry, Says::Active) => (*entry, "active"),
                Found::Entry(entry, _) if self.has_left(found) => (*entry, LeaverWhy::Left.name()),
                Found::Gone(entry, _) => (*entry, LeaverWhy::Gone.name()),
                _ => return None,
            };
            Some((EntryOf { directory, entry }, says))
        };
        if found.len() < 2 {
            return Vec::new();
        }
        let all: Vec<_> = found.iter().enumerate().filter_map(says).collect();
        let active = all.iter().filter(|(_, says)| *says == "active").count();
        if active == 0 || active == all.len() { Vec::new() } else { all }
    }

    fn in_directory(
        &self,
        history: &DirectoryHistory<'_, '_>,
        of_keys: &EntriesOfKeys,
        seat: &SeatLook,
    ) -> Found {
        let part = &history.directory.entries;
        let each_once = |mut found: Entries| {
            if found.len() > 1 {
                found.sort_unstable();
                found.dedup();
            }
            found
        };
        let in_force = |entries: &Entries| -> Entries {
            entries.iter().copied().filter(|it| history.is_in_force(*it)).collect()
        };
        let keys = seat.addresses.iter();
        let by_address = each_once(keys.flat_map(|key| part.having_key(of_keys, *key)).collect());
        let mut now = in_force(&by_address);
        let mut by_login = Entries::new();
        if now.is_empty() {
            let logins = seat.logins.iter();
            by_login = each_once(logins.flat_map(|login| part.having(*login)).collect());
            now = in_force(&by_login);
        }
        if !now.is_empty() {
            return self.of_several(history, &now);
        }
        match history.earlier(&by_address, &by_login) {
            EarlierEntry::Still(entry) => Found::Entry(entry, self.says(history, entry)),
            EarlierEntry::Gone { entry, since } => Found::Gone(entry, since),
            EarlierEntry::Several => Found::Several { in_force: false },
            EarlierEntry::Nobody => Found::Nobody,
        }
    }

    /// Of several entries, the only active one counts; if all people have left, the one who left last; else none.
    fn of_several(&self, history: &DirectoryHistory<'_, '_>, entries: &[PartEntryIx]) -> Found {
        if let [only] = entries {
            return Found::Entry(*only, self.says(history, *only));
        }
        let mut active = None;
        let mut latest: Option<(PartEntryIx, Says)> = None;
        let mut is_stated = true;
        for &entry in entries {
            let says = self.says(history, entry);
            match says {
                Says::Active if active.is_some() => return Found::Several { in_force: true },
                Says::Active => active = Some(entry),
                Says::NotStated => is_stated = false,
                Says::Left { at, .. } => {
                    let is_later = match latest {
                        Some((_, Says::Left { at: before, .. })) => at > before,
                        _ => true,
                    };
                    if is_later {
                        latest = Some((entry, says));
                    }
                }
            }
        }
        match (active, latest) {
            (Some(entry), _) => Found::Entry(entry, Says::Active),
            (None, Some((entry, says))) if is_stated => Found::Entry(entry, says),
            _ => Found::Several { in_force: true },
        }
    }

    fn says(&self, history: &DirectoryHistory<'_, '_>, number: PartEntryIx) -> Says {
        let entry = &history.directory.entries.entries[number];
        // A time that lies ahead is not the time at which an inactive person left.
        let past = [entry.left, entry.expires].into_iter().flatten().find(|it| *it <= self.at);
        match (entry.active_at(self.at), past) {
            (active, Some(left)) => {
                // A stated time that has just passed does not bring back who has been inactive for long.
                let is_recent = self.at.unix() - left.unix() <= self.grace;
                let is_inactive = active == Some(false) && is_recent;
                Says::Left {
                    at: Some(left),
                    inactive_since: is_inactive.then(|| history.inactive_since(number)).flatten(),
                    is_active: active == Some(true),
                }
            }
            (Some(true), None) => Says::Active,
            (Some(false), None) => Says::Left {
                at: history.inactive_since(number),
                inactive_since: None,
                is_active: false,
            },
            (None, None) => Says::NotStated,
        }
    }
}
