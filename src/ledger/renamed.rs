//! What a rename of a Cloud account is, and which there are among those who have had one NameID
//! (counting.md section 6).

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use foldhash::HashMap;

use crate::model::Instant;
use crate::store::{NameIdHolder, SnapshotFacts};

/// An account that is called otherwise from a snapshot on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rename {
    /// When the first snapshot was taken that has it under the new name.
    pub first: Instant,
    /// When the last one was taken that has it under the old name.
    pub last: Instant,
    /// Its identity before.
    pub old: String,
    /// Its identity since.
    pub new: String,
}

/// A span of time in which an account had an identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentitySpan {
    /// The identity.
    pub identity: String,
    /// The first snapshot with it; `None`: as long as anything is known.
    pub from: Option<Instant>,
    /// The first snapshot after.
    pub to: Option<Instant>,
}

impl IdentitySpan {
    /// Was the account called so then?
    pub fn holds(&self, at: Instant) -> bool {
        self.from.is_none_or(|from| from <= at) && self.to.is_none_or(|to| at < to)
    }
}

/// Renames that belong together.
pub type RenameChain = Rc<Vec<Rename>>;

/// What was found out already.
#[derive(Default)]
pub struct Renames {
    /// By enterprise and NameID.
    pub of_key: RefCell<HashMap<(String, u32), RenameChain>>,
    /// By enterprise and identity: where it is the old or the new one, in order of time.
    pub of_identity: RefCell<HashMap<String, HashMap<String, RenameChain>>>,
}

/// Where an account is there, as places in the list of snapshots: from one, up to before another;
/// and whether it has the NameID then.
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
    // Who is gone, and who is new, at each snapshot but the first.
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

/// Where in the list of snapshots an account is there.
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
    // Two sources that have one name by now take turns.
    (from..to).filter(is_its).map(|at| (at, at + 1, holder.has_it)).collect()
}
