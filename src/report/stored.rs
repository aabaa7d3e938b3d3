//! Counts that were once worked out (architecture.md section 2): whether they still hold, keeping
//! new ones, and what a moment is without its accounts. They hold for exactly the snapshots,
//! declarations and links that they were worked out from: whatever is imported, voided or declared
//! for an instant or before it makes other inputs, and the counts are worked out again.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::consumption::{DuplicateCounts, address_repeated, count_anew, total};
use super::moment::{Ledger, Moment};
use super::parts::{Parts, Whole};
use super::seat_tables::stored_record;
use super::sweep::count_all;
use crate::error::Result;
use crate::model::{
    CloudPart, DateColumn, DateOrder, Instant, LICENSE_FIELDS, ServerPart, SourceKind,
    add_license_end, license_ends,
};
use crate::people::Count;
use crate::store::{Inputs, Knowledge, SnapshotFacts, StoredCount};

/// The version of the rules that counts follow from; to be raised with every change of them.
const RULES: &str = "3";

/// Fewer accounts than this are counted before a line about them is written.
const WORTH_KEEPING: u64 = 20_000;

/// What is known of an instant without looking at accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Counted {
    /// The instant.
    pub at: Instant,
    /// What is consumed.
    pub count: Count,
    /// The hosts that each Cloud snapshot in force lists, by number of its source.
    pub hosts: Hosts,
    /// What takes longest to work out; `None`: it was not.
    pub doubles: Option<Doubles>,
}

/// The hosts that each Cloud snapshot in force lists, by number of its source.
pub(super) type Hosts = BTreeMap<i64, Vec<Box<str>>>;

/// What matching and evidence tell beside the count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Doubles {
    /// People who would take two licenses.
    pub duplicates: DuplicateCounts,
    /// What only a look at all accounts shows.
    pub noticed: Noticed,
}

/// What is to be warned of and shows only where all accounts and records are looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Noticed {
    /// Did matches rest on a report that is newer than our file (counting.md section 4c)?
    pub server_snapshot_older: bool,
    /// How many Cloud rows say that their license ends (counting.md section 3), by the last second of
    /// it: what is kept holds for more than one instant.
    pub license_ends: BTreeMap<i64, u64>,
    /// Instances on which accounts have one primary address, with the number of such accounts.
    pub address_repeated: Vec<(String, u64)>,
}

impl Noticed {
    /// What shows at a moment with all of its accounts.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn of(ledger: &Ledger<'_>, moment: &Moment<'_>) -> Result<Noticed> {
        let mut noticed =
            Noticed { address_repeated: address_repeated(moment), ..Noticed::default() };
        for enterprise in &moment.enterprises {
            noticed.server_snapshot_older |= enterprise.matching.server_snapshot_older;
            let Some(cloud) = enterprise.cloud else { continue };
            let order = order_of_license_ends(ledger, cloud)?;
            ledger.store.each_record_stating(cloud, &LICENSE_FIELDS, &mut |fields, content| {
                if let Some(end) = license_ends(&stored_record(fields, content)?, order) {
                    *noticed.license_ends.entry(end.unix()).or_default() += 1;
                }
                Ok(())
            })?;
        }
        Ok(noticed)
    }

    /// How many licenses have ended at an instant.
    pub fn licenses_ended(&self, at: Instant) -> u64 {
        self.license_ends.range(..at.unix()).map(|(_, rows)| rows).sum()
    }
}

/// How the rows of a Cloud snapshot write the days on which licenses end.
///
/// # Errors
/// If the database cannot be read.
pub(super) fn order_of_license_ends(
    ledger: &Ledger<'_>,
    cloud: &SnapshotFacts,
) -> Result<DateOrder> {
    let mut column = DateColumn::default();
    ledger.store.each_record_stating(cloud, &LICENSE_FIELDS, &mut |fields, content| {
        add_license_end(&stored_record(fields, content)?, &mut column);
        Ok(())
    })?;
    Ok(column.order())
}

/// What a line of the store says, as JSON.
#[derive(Serialize, Deserialize)]
struct Line {
    count: Count,
    hosts: Hosts,
}

/// A moment without its accounts.
pub(super) struct Scene<'h>(pub &'h Hosts);

impl Parts for Scene<'_> {
    fn hosts(&self, cloud: &SnapshotFacts) -> Result<Vec<Box<str>>> {
        Ok(self.0.get(&cloud.source_id).cloned().unwrap_or_default())
    }

    fn cloud(&self, cloud: &SnapshotFacts) -> Result<Rc<CloudPart>> {
        Ok(Rc::new(CloudPart { hosts: self.hosts(cloud)?, ..CloudPart::default() }))
    }

    fn server(&self, _: &SnapshotFacts) -> Result<Rc<ServerPart>> {
        Ok(Rc::default())
    }
}

/// The hosts that the Cloud snapshots in force at a moment list.
///
/// # Errors
/// If the database cannot be read.
pub(super) fn hosts(moment: &Moment<'_>, parts: &dyn Parts) -> Result<Hosts> {
    let clouds = moment.in_force.iter().filter(|it| it.source.kind == SourceKind::Cloud);
    let listed = clouds.map(|cloud| {
        let mut hosts = parts.hosts(cloud)?;
        hosts.sort_unstable();
        Ok((cloud.source_id, hosts))
    });
    listed.collect()
}

impl Ledger<'_> {
    /// What is kept of each of these instants, which are in order, and still holds.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(super) fn counted(
        &self,
        instants: &[Instant],
        only: Option<&str>,
    ) -> Result<Vec<Option<Counted>>> {
        let (Some(first), Some(last)) = (instants.first(), instants.last()) else {
            return Ok(Vec::new());
        };
        let turns = self.change_instants();
        let mut stored = self.store.stored_counts(turn(&turns, *first), *last, only)?;
        if self.known != Knowledge::ALL && !stored.is_empty() {
            Ledger::open(self.store, None)?.retain_what_holds(&mut stored, only);
        }
        if stored.is_empty() {
            return Ok(vec![None; instants.len()]);
        }
        let instants: Vec<Instant> = instants.iter().map(|at| turn(&turns, *at)).collect();
        let inputs = self.inputs(&instants, only);
        let counted = instants.iter().zip(inputs).map(|(at, inputs)| {
            let found = stored.binary_search_by_key(at, |line| line.at).ok()?;
            read(Some(&stored[found]).filter(|line| line.inputs == inputs)?)
        });
        Ok(counted.collect())
    }

    /// Leaves those lines that hold for what this ledger knows. What holds for nothing that is known
    /// now is never counted again by `verify`, so it must not answer for an earlier knowledge either.
    fn retain_what_holds(&self, stored: &mut Vec<StoredCount>, only: Option<&str>) {
        let turns = self.change_instants();
        let instants: Vec<Instant> = stored.iter().map(|line| line.at).collect();
        let mut inputs = self.inputs(&instants, only).into_iter();
        stored.retain(|line| {
            inputs.next().is_some_and(|inputs| inputs == line.inputs)
                && turn(&turns, line.at) == line.at
        });
    }

    /// Counts again whatever is kept and would be answered: what does not agree, as sentences. Also
    /// how many lines are kept that hold for nothing that is known now, and so answer nothing.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(super) fn wrong_counts(&self) -> Result<(Vec<String>, usize)> {
        let (mut wrong, mut idle) = (Vec::new(), 0);
        for enterprise in self.store.enterprises_with_counts()? {
            let only = enterprise.as_deref();
            let lines = self.store.stored_counts(Instant::default(), Instant::LAST, only)?;
            let instants: Vec<Instant> = lines.iter().map(|line| line.at).collect();
            let kept: Vec<Counted> = self.counted(&instants, only)?.into_iter().flatten().collect();
            idle += lines.len() - kept.len();
            let instants: Vec<Instant> = kept.iter().map(|it| it.at).collect();
            let mut anew = Vec::with_capacity(kept.len());
            count_all(self, &instants, only, |_, counted| anew.push(counted))?;
            for (kept, anew) in kept.iter().zip(&mut anew) {
                if kept.doubles.is_some() {
                    *anew = count_anew(self, kept.at, only)?.1;
                }
                if kept != anew {
                    wrong.push(format!(
                        "stored_counts for {}{}: counting again gives other numbers ({} consumed, \
                         not {})",
                        kept.at,
                        only.map(|name| format!(" of {name}")).unwrap_or_default(),
                        anew.count.consumed(),
                        kept.count.consumed()
                    ));
                }
            }
        }
        Ok((wrong, idle))
    }

    /// Keeps the count of a whole moment, unless it is kept already.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(super) fn keep_moment(&self, moment: &Moment<'_>, only: Option<&str>) -> Result<()> {
        if self.counted(&[moment.at], only)?.iter().any(Option::is_some) {
            return Ok(());
        }
        let (count, hosts) = (total(&moment.enterprises), hosts(moment, &Whole(self))?);
        let counted = Counted { at: moment.at, count, hosts, doubles: None };
        self.keep(&[counted], only, moment.accounts());
        Ok(())
    }

    /// Keeps what was worked out for instants that are in order, where that is worth it (so many
    /// accounts were looked at), and where it holds for all that is known.
    pub(super) fn keep(&self, counted: &[Counted], only: Option<&str>, looked_at: u64) {
        if looked_at >= WORTH_KEEPING && self.known == Knowledge::ALL {
            // What is not kept is worked out again when it is asked again.
            let _kept = self.store.keep_counts(&self.lines(counted, only), false);
        }
    }

    /// Keeps what was worked out for each enterprise in the place of all that was kept; says
    /// whether that could be written.
    pub(super) fn replace_counts(&self, counted: &[(Option<&str>, Vec<Counted>)]) -> bool {
        let lines = counted.iter().flat_map(|(only, counted)| self.lines(counted, *only));
        self.store.keep_counts(&lines.collect::<Vec<_>>(), true)
    }

    fn lines(&self, counted: &[Counted], only: Option<&str>) -> Vec<StoredCount> {
        let turns = self.change_instants();
        let instants: Vec<Instant> = counted.iter().map(|it| turn(&turns, it.at)).collect();
        let lines = counted.iter().zip(&instants).zip(self.inputs(&instants, only));
        lines.filter_map(|((counted, at), inputs)| write(counted, *at, inputs, only)).collect()
    }

    /// For each of these instants, which are in order, a hash of everything that decides what is
    /// counted then.
    fn inputs(&self, instants: &[Instant], only: Option<&str>) -> Vec<Vec<u8>> {
        let mut inputs = Inputs::default();
        // Who is meant by a login alone, later files tell as well.
        let has_logins = |it: &&SnapshotFacts| {
            let without_id = it.source.kind.is_instance()
                && self.store.has_accounts_without_id(it.source_id).unwrap_or(true);
            without_id && !it.partial
        };
        let by_login: BTreeSet<&str> =
            self.snapshots.iter().filter(has_logins).map(|it| it.source.name.as_str()).collect();
        for it in self.valid().filter(|it| by_login.contains(it.source.name.as_str())) {
            inputs.add(&format!("{} {} {}", it.id, it.place.number(), it.content_hash));
        }
        inputs.add(RULES);
        inputs.add(&format!("{only:?} {:?} {:?}", self.declarations, self.links));
        let mut snapshots: Vec<&SnapshotFacts> = self.snapshots.iter().collect();
        snapshots.sort_by_key(|it| (it.taken_at, it.id));
        let mut rest = snapshots.into_iter().peekable();
        let of_instant = instants.iter().map(|at| {
            while let Some(snapshot) = rest.next_if(|snapshot| snapshot.taken_at <= *at) {
                inputs.add(&format!(
                    "{} {} {} {} {} {}",
                    snapshot.id,
                    snapshot.source_id,
                    snapshot.source,
                    snapshot.place.number(),
                    snapshot.partial,
                    snapshot.content_hash
                ));
            }
            inputs.with(&at.to_string())
        });
        of_instant.collect()
    }
}

/// The last instant up to this one at which an answer may change, among all of them: nothing
/// changes until the next.
fn turn(turns: &[Instant], at: Instant) -> Instant {
    let before = turns.partition_point(|turn| *turn <= at).checked_sub(1);
    before.map_or(at, |before| turns[before])
}

fn read(line: &StoredCount) -> Option<Counted> {
    // What an older program wrote otherwise is worked out again.
    let Line { count, hosts } = serde_json::from_str(&line.counts).ok()?;
    let doubles = line.doubles.as_deref().map(serde_json::from_str).transpose().ok()?;
    Some(Counted { at: line.at, count, hosts, doubles })
}

fn write(
    counted: &Counted,
    at: Instant,
    inputs: Vec<u8>,
    only: Option<&str>,
) -> Option<StoredCount> {
    let Counted { count, hosts, doubles, .. } = counted.clone();
    let doubles = doubles.map(|it| serde_json::to_string(&it)).transpose().ok()?;
    let counts = serde_json::to_string(&Line { count, hosts }).ok()?;
    Some(StoredCount { at, enterprise: only.map(str::to_owned), inputs, counts, doubles })
}
