//! Finds the renames of Cloud accounts among the accounts that have had the same NameID (counting.md section 6).

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use foldhash::HashMap;

use crate::model::{Instant, KeyId};
use crate::store::{NameIdHolder, SnapshotFacts};

/// A change of a Cloud account's identity between two snapshots.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rename {
    /// The instant of the first snapshot with the new identity.
    pub first: Instant,
    /// The instant of the last snapshot with the old identity.
    pub last: Instant,
    pub old: String,
    pub new: String,
}

/// The span of time in which an account had one identity, such as a login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentitySpan {
    pub identity: String,
    /// The instant of the first snapshot with the identity; `None` if no earlier identity is known.
    pub from: Option<Instant>,
    /// The instant of the first snapshot without the identity; `None` if the account still has the identity.
    pub to: Option<Instant>,
}

impl IdentitySpan {
    /// Did the account have the identity at this instant?
    pub fn holds(&self, at: Instant) -> bool {
        self.from.is_none_or(|from| from <= at) && self.to.is_none_or(|to| at < to)
    }
}

/// The renames of a group of Cloud accounts, in order of time.
pub type RenameChain = Rc<Vec<Rename>>;

/// The renames of Cloud accounts that have been looked up so far.
#[derive(Default)]
pub struct Renames {
    /// The renames among the accounts that have had the same NameID, by enterprise and by the key of the NameID.
    pub of_key: RefCell<HashMap<(String, KeyId), RenameChain>>,
    /// The renames from an identity or to it, ordered by time, by enterprise and by identity.
    pub of_identity: RefCell<HashMap<String, HashMap<String, RenameChain>>>,
}

/// A range of positions in a list of snapshots that have an account, from the first position to the one after
/// the last. The flag says whether the account has the NameID in these snapshots.
type Range = (usize, usize, bool);

/// The renames among the accounts that have had the same NameID, in the order of the snapshots.
pub fn among(holders: &[NameIdHolder], snapshots: &[&SnapshotFacts]) -> Vec<Rename> {
    let mut there: BTreeMap<&str, Vec<Range>> = BTreeMap::new();
    for holder in holders {
        let ranges = ranges(holder, snapshots);
        if !ranges.is_empty() {
            there.entry(&holder.identity).or_default().extend(ranges);
        }
    }
    // The accounts with the NameID that disappear (`gone`) and that appear (`new`), by the position of the
    // snapshot. An account in the first snapshot does not count as new.
    let mut gone: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
    let mut new: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
    for (identity, mut ranges) in there {
        ranges.sort_unstable();
        for (index, (from, to, _)) in ranges.iter().enumerate().filter(|(_, range)| range.2) {
            let before = index.checked_sub(1).map(|before| ranges[before].1);
            if *from > 0 && before != Some(*from) {
                new.entry(*from).or_default().push(identity);
            }
            if *to < snapshots.len() && ranges.get(index + 1).is_none_or(|next| next.0 != *to) {
                gone.entry(*to).or_default().push(identity);
            }
        }
    }
    let pairs = gone.into_iter().filter_map(|(at, gone)| match (gone.as_slice(), new.get(&at)) {
        ([old], Some(new)) if new.len() == 1 => Some(Rename {
            first: snapshots[at].taken_at,
            last: snapshots[at - 1].taken_at,
            old: (*old).to_owned(),
            new: new[0].to_owned(),
        }),
        _ => None,
    });
    pairs.collect()
}

/// The ranges of positions in `snapshots` at which the snapshots have the account of `holder`.
fn ranges(holder: &NameIdHolder, snapshots: &[&SnapshotFacts]) -> Vec<Range> {
    let from = snapshots.partition_point(|it| it.place < holder.from);
    let to = snapshots.partition_point(|it| it.place < holder.to);
    let is_its = |at: &usize| snapshots[*at].source_id == holder.source_id;
    if from >= to {
        return Vec::new();
    }
    if (from..to).all(|at| is_its(&at)) {
        return vec![(from, to, holder.has_it)];
    }
    // The snapshots of two stored sources with one name may alternate, so each snapshot of the account's source
    // becomes a range of its own.
    (from..to).filter(is_its).map(|at| (at, at + 1, holder.has_it)).collect()
}
