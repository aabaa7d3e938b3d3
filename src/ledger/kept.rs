//! Decides whether stored counts are still right, and stores new ones (architecture.md section 2). A stored
//! count is right for exactly the snapshots, declarations and links from which it was computed. An import, a
//! voiding or a declaration for the count's instant or an earlier one changes them. The count is then computed
//! again.

use std::collections::{BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use super::Ledger;
use super::counting::{Counted, Doubles, HostsBySource, Scene, count_anew, hosts, total};
use super::moment::Moment;
use super::parts::WholeLedger;
use super::sweep::count_all;
use crate::error::Result;
use crate::model::{Instant, SourceKind};
use crate::people::Count;
use crate::store::{Inputs, Knowledge, SnapshotFacts, StoredCount};

/// The version of the counting rules. It must be raised with every change of the rules, so that stored counts of
/// older rules are not used.
const RULES: &str = "3";

/// The version of the evidence from employee directories. It must be raised with every change of this evidence.
/// The counts of databases without a directory then stay valid.
const DIRECTORY_RULES: &str = "directories 1";

/// The smallest number of accounts for which a count is stored. Counting fewer accounts is quicker than writing
/// a count.
const WORTH_KEEPING: u64 = 20_000;

/// The numbers of a stored count, as JSON.
#[derive(Serialize, Deserialize)]
struct Line {
    count: Count,
    hosts: HostsBySource,
}

impl Ledger<'_> {
    /// For each of these instants, the stored count; `None` if there is none that is still right. The instants
    /// must be in order.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn counted(
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

    /// The counts at an instant: a stored count that is still right, or a new count, which is then stored. If a
    /// stored count is used, the moment has no accounts.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn counted_at(
        &self,
        at: Instant,
        only: Option<&str>,
    ) -> Result<(Moment<'_>, Count, Doubles)> {
        let kept = self.counted(&[at], only)?.pop().flatten();
        if let Some(Counted { count, hosts, doubles: Some(doubles), .. }) = kept {
            return Ok((self.moment_of(at, only, &Scene(&hosts))?, count, doubles));
        }
        let (moment, counted, doubles) = count_anew(self, at, only)?;
        self.keep(std::slice::from_ref(&counted), only, moment.accounts());
        Ok((moment, counted.count, doubles))
    }

    /// Removes the stored counts that do not follow from what this ledger knows. `verify` recounts only the
    /// counts that follow from everything known today, so no other count may be used for an answer about an
    /// earlier day (`--known-on`).
    fn retain_what_holds(&self, stored: &mut Vec<StoredCount>, only: Option<&str>) {
        let turns = self.change_instants();
        let instants: Vec<Instant> = stored.iter().map(|line| line.at).collect();
        let mut inputs = self.inputs(&instants, only).into_iter();
        stored.retain(|line| {
            inputs.next().is_some_and(|inputs| inputs == line.inputs)
                && turn(&turns, line.at) == line.at
        });
    }

    /// Recounts every stored count that an answer would use. Returns a sentence for each one that disagrees with
    /// the recount, and the number of stored counts that no answer uses because their inputs have changed.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn wrong_counts(&self) -> Result<(Vec<String>, usize)> {
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

    /// Stores the count of a moment with all accounts, unless it is already stored.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn keep_moment(&self, moment: &Moment<'_>, only: Option<&str>) -> Result<()> {
        if self.counted(&[moment.at], only)?.iter().any(Option::is_some) {
            return Ok(());
        }
        let (count, hosts) = (total(&moment.enterprises), hosts(moment, &WholeLedger(self))?);
        let counted = Counted { at: moment.at, count, hosts, doubles: None };
        self.keep(&[counted], only, moment.accounts());
        Ok(())
    }

    /// Stores the counts of instants, which must be in order. Counts of few accounts are not stored, because
    /// counting again is quick. Counts that leave out anything known today (`--known-on`) are never stored.
    pub(crate) fn keep(&self, counted: &[Counted], only: Option<&str>, looked_at: u64) {
        if looked_at >= WORTH_KEEPING && self.known == Knowledge::ALL {
            // A count that could not be written is computed again the next time.
            let _kept = self.store.keep_counts(&self.lines(counted, only), false);
        }
    }

    /// Replaces all stored counts with these counts of each enterprise. Returns whether the database could be
    /// written.
    pub(crate) fn replace_counts(&self, counted: &[(Option<&str>, Vec<Counted>)]) -> bool {
        let lines = counted.iter().flat_map(|(only, counted)| self.lines(counted, *only));
        self.store.keep_counts(&lines.collect::<Vec<_>>(), true)
    }

    fn lines(&self, counted: &[Counted], only: Option<&str>) -> Vec<StoredCount> {
        let turns = self.change_instants();
        let instants: Vec<Instant> = counted.iter().map(|it| turn(&turns, it.at)).collect();
        let lines = counted.iter().zip(&instants).zip(self.inputs(&instants, only));
        lines.filter_map(|((counted, at), inputs)| write(counted, *at, inputs, only)).collect()
    }

    /// For each of these instants, a hash of everything that decides the count at that instant. The instants
    /// must be in order.
    fn inputs(&self, instants: &[Instant], only: Option<&str>) -> Vec<Vec<u8>> {
        let mut inputs = Inputs::default();
        // Some files have only the logins of accounts, without ids. Later files of the same instance also decide
        // which accounts such logins mean.
        let mut asked: HashMap<i64, bool> = HashMap::new();
        let mut has_logins = |it: &&SnapshotFacts| {
            let of_source = || self.store.has_accounts_without_id(it.source_id).unwrap_or(true);
            !it.partial
                && it.source.kind.is_instance()
                && *asked.entry(it.source_id).or_insert_with(of_source)
        };
        let by_login: BTreeSet<&str> = self
            .snapshots
            .iter()
            .filter(|it| has_logins(it))
            .map(|it| it.source.name.as_str())
            .collect();
        for it in self.valid().filter(|it| by_login.contains(it.source.name.as_str())) {
            inputs.add(&format!("{} {} {}", it.id, it.place.number(), it.content_hash));
        }
        inputs.add(RULES);
        if self.snapshots.iter().any(|it| it.source.kind == SourceKind::Directory) {
            inputs.add(DIRECTORY_RULES);
        }
        // Databases store a hash of this text. A change of the text would make all their kept counts stale.
        inputs.add(&format!("{only:?} {:?} Links({:?})", self.declarations, self.links.declared()));
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

/// The last instant in `turns`, not after `at`, at which answers may change. Between two such instants answers
/// do not change, so the count at the result is also the count at `at`.
fn turn(turns: &[Instant], at: Instant) -> Instant {
    let before = turns.partition_point(|turn| *turn <= at).checked_sub(1);
    before.map_or(at, |before| turns[before])
}

fn read(line: &StoredCount) -> Option<Counted> {
    // An older program may have stored the count with other fields. Such a count is computed again.
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
