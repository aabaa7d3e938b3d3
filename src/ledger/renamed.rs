//! Renames of Cloud accounts, and how to find them among the accounts that have had one NameID (counting.md
//! section 6).

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use foldhash::HashMap;

use crate::model::{Instant, KeyId};
use crate::store::{NameIdHolder, SnapshotFacts};

/// A change of a Cloud account's identity between two snapshots.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rename {
    /// When the first snapshot with the new identity was taken.
    pub first: Instant,
    /// When the last snapshot with the old identity was taken.
    pub last: Instant,
    pub old: String,
    pub new: String,
}

/// The time during which an account had an identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentitySpan {
    pub identity: String,
    /// When the first snapshot with it was taken; `None`: as long as anything is known.
    pub from: Option<Instant>,
    /// When the first snapshot without it was taken; `None`: the account still has it.
    pub to: Option<Instant>,
}

impl IdentitySpan {
    /// Did the account have the identity at this instant?
    pub fn holds(&self, at: Instant) -> bool {
        self.from.is_none_or(|from| from <= at) && self.to.is_none_or(|to| at < to)
    }
}

/// The renames of one NameID or one identity.
pub type RenameChain = Rc<Vec<Rename>>;

/// The renames that were already looked up.
#[derive(Default)]
pub struct Renames {
    /// By enterprise and key of the NameID.
    pub of_key: RefCell<HashMap<(String, KeyId), RenameChain>>,
    /// By enterprise and identity, whether it is the old or the new one; ordered by time.
    pub of_identity: RefCell<HashMap<String, HashMap<String, RenameChain>>>,
}

/// A range of the list of snapshots that have an account, and whether the account has the NameID there.
type Range = (usize, usize, bool);

/// The renames among accounts that have had one NameID.
pub fn among(holders: &[NameIdHolder], snapshots: &[&SnapshotFacts]) -> Vec<Rename> {
    let mut there: BTreeMap<&str, Vec<Range>> = BTreeMap::new();
    for holder in holders {
        let ranges = ranges(holder, snapshots);
        if !ranges.is_empty() {
            there.entry(&holder.identity).or_default().extend(ranges);
        }
    }
    // The accounts that disappear, and those that appear, at each snapshot but the first.
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

/// The ranges of the list of snapshots that have an account.
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
    // Two sources that now have one name alternate.
    (from..to).filter(is_its).map(|at| (at, at + 1, holder.has_it)).collect()
}
