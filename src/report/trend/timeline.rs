//! The consumption at every instant at which it may change, and the rounds (the files that count as one
//! statement) in which peaks are measured (counting.md section 9).

use std::collections::HashMap;

use super::point::{Peak, Point, TrendAsked};
use crate::error::Result;
use crate::ledger::sweep;
use crate::ledger::{Ledger, Moment};
use crate::ledger::{USUAL_ROUND, rounds};
use crate::model::{Instant, Source, SourceKind};
use crate::people::Count;
use crate::report::consumption::{purchased, reported};
use crate::report::period::period_of;
use crate::store::SnapshotFacts;

/// The time and source of a snapshot that can come into force.
struct Taken {
    at: Instant,
    source: Source,
    /// Is no earlier snapshot of the source known?
    is_first: bool,
}

/// The counted values of a trend, and the snapshots and declarations by which they change.
pub(super) struct TrendSeries {
    /// The values at each instant at which consumption may change. The first instant may lie before the trend:
    /// the trend then begins with the values of that instant.
    values: Vec<Point>,
    /// The snapshots that can come into force, in order of time. If the user named an enterprise, only its own
    /// and those of its instances.
    taken: Vec<Taken>,
    /// The instants from which a declaration is valid, in order of time.
    declared: Vec<Instant>,
    /// The length of a round (the files that count as one statement) in seconds.
    seconds: i64,
    /// The instant at which the newest snapshot was taken, even if the trend ends earlier.
    newest: Option<Instant>,
}

impl TrendSeries {
    /// Counts the seats at each instant up to `end`, in order of time. `show` is called with each moment that
    /// was counted.
    pub fn of(
        ledger: &Ledger<'_>,
        asked: &TrendAsked,
        end: Instant,
        mut show: impl FnMut(&Moment<'_>),
    ) -> Result<TrendSeries> {
        let only = asked.enterprise.as_deref();
        let all = taken(ledger, only)?;
        let mut timeline = TrendSeries {
            values: Vec::new(),
            newest: all.last().map(|it| it.taken_at),
            taken: firsts(ledger, &all, end),
            declared: ledger.declared_of(only)?,
            seconds: asked.round.unwrap_or(USUAL_ROUND),
        };
        let Some(first) = timeline.first() else { return Ok(timeline) };
        let mut instants = ledger.change_instants();
        instants.retain(|at| *at >= first && *at <= end);
        timeline.skip_what_is_over(&mut instants, asked, end);
        sweep(ledger, &instants, only, |moment, count| {
            show(&moment);
            timeline.values.push(point(ledger, moment, &count));
        })?;
        Ok(timeline)
    }

    /// The instant at which the first snapshot was taken.
    pub fn first(&self) -> Option<Instant> {
        self.taken.first().map(|it| it.at)
    }

    /// The instant at which the newest snapshot was taken, even if the trend ends earlier.
    pub fn newest(&self) -> Option<Instant> {
        self.newest
    }

    /// Removes instants before the beginning of the trend. The last of them is kept, because the trend begins
    /// with its values.
    fn skip_what_is_over(&self, instants: &mut Vec<Instant>, asked: &TrendAsked, end: Instant) {
        let Some(from) = asked.from else { return };
        let start = period_of(asked.by, from).map_or(from, |(start, _)| start.min(from));
        let carried = self.ends(end).into_iter().rfind(|at| *at <= start);
        instants.retain(|at| carried.is_none_or(|carried| *at >= carried));
    }

    /// The instants at which rounds of files end. Everything after `limit` is ignored, so the last round may be
    /// cut short.
    pub fn ends(&self, limit: Instant) -> Vec<Instant> {
        let taken = self.taken.iter().map(|it| it.at);
        let taken: Vec<Instant> = taken.filter(|at| *at <= limit).collect();
        let declared: Vec<Instant> =
            self.declared.iter().copied().filter(|at| *at <= limit).collect();
        rounds(&taken, &declared, self.seconds).iter().map(|round| round.ends).collect()
    }

    /// The values that hold at the instant `at`: those of the newest counted instant that is not later.
    fn value(&self, at: Instant) -> Option<&Point> {
        let after = self.values.partition_point(|point| point.at <= at);
        self.values.get(after.checked_sub(1)?)
    }

    /// The highest consumption at the ends of rounds from `from` to `to`, and the first instant at which it was
    /// reached. The value at the end of the last round before `from` counts as the value at `from`, because it
    /// still holds there.
    pub fn highest(&self, ends: &[Instant], from: Instant, to: Instant) -> Option<Peak> {
        let value = |at: Instant| self.value(at).map(|point| point.consumed);
        let opening = ends.partition_point(|end| *end <= from);
        let carried = opening.checked_sub(1).and_then(|before| value(ends[before]));
        let mut peak = carried.map(|consumed| Peak { at: from, consumed });
        for at in ends[opening..].iter().take_while(|end| **end <= to) {
            let Some(consumed) = value(*at) else { continue };
            if peak.is_none_or(|peak| consumed > peak.consumed) {
                peak = Some(Peak { at: *at, consumed });
            }
        }
        peak
    }

    /// One point for each instant at which a snapshot was taken that can come into force. The point has a peak
    /// only if a round of files ends at the instant; it is then the point's own value.
    pub fn by_snapshot(&self, from: Instant, to: Instant) -> Vec<Point> {
        let ends = self.ends(to);
        let mut instants: Vec<Instant> = self.taken.iter().map(|it| it.at).collect();
        instants.dedup();
        instants.retain(|at| (from..=to).contains(at));
        let points = instants.into_iter().filter_map(|at| {
            let value = self.value(at)?;
            let ends_here = ends.binary_search(&at).is_ok();
            let peak = ends_here.then_some(Peak { at, consumed: value.consumed });
            Some(self.filled(Point { at, peak, ..value.clone() }, at))
        });
        points.collect()
    }

    /// One point for each of the calendar periods, which are given by their first and last seconds.
    pub fn by_period(&self, periods: &[(Instant, Instant)]) -> Vec<Point> {
        let Some((_, end)) = periods.last() else { return Vec::new() };
        let ends = self.ends(*end);
        let points = periods.iter().filter_map(|(start, end)| {
            let value = self.value(*end)?;
            let peak = self.highest(&ends, *start, *end);
            Some(self.filled(Point { at: *end, peak, ..value.clone() }, *start))
        });
        points.collect()
    }

    /// Fills in how many snapshots were taken from `since` up to the point, and which sources have their first
    /// snapshot among them.
    fn filled(&self, mut point: Point, since: Instant) -> Point {
        let first = self.taken.partition_point(|it| it.at < since);
        let after = self.taken.partition_point(|it| it.at <= point.at);
        let taken = &self.taken[first..after];
        let new = taken.iter().filter(|it| it.is_first).map(|it| it.source.clone());
        point.snapshots = taken.len() as u64;
        point.sources_new = new.collect();
        point.sources_new.sort();
        point
    }
}

/// The snapshots that can come into force, in order of time. If an enterprise is named, only its own, and those
/// of instances that belonged to it when the snapshot was taken.
///
/// # Errors
/// If the database cannot be read.
pub(crate) fn taken<'l>(
    ledger: &'l Ledger<'_>,
    only: Option<&str>,
) -> Result<Vec<&'l SnapshotFacts>> {
    let mut taken: Vec<&SnapshotFacts> = ledger.valid().collect();
    taken.sort_by_key(|it| (it.taken_at, it.source.kind));
    let Some(name) = only else { return Ok(taken) };
    let mut own = Vec::new();
    for of_instant in taken.chunk_by(|one, next| one.taken_at == next.taken_at) {
        let mut assigned = None;
        for snapshot in of_instant {
            let belongs = match snapshot.source.kind {
                SourceKind::Cloud => snapshot.source.name == name,
                _ => {
                    if assigned.is_none() {
                        assigned = Some(ledger.assigned_at(snapshot.taken_at)?);
                    }
                    assigned.as_ref().is_some_and(|it| it.belongs(&snapshot.source, name))
                }
            };
            own.extend(belongs.then_some(*snapshot));
        }
    }
    Ok(own)
}

/// The snapshots of `taken` up to the instant `end`, each with whether it is the first of its source.
fn firsts(ledger: &Ledger<'_>, taken: &[&SnapshotFacts], end: Instant) -> Vec<Taken> {
    let mut first: HashMap<&Source, Instant> = HashMap::new();
    for snapshot in ledger.valid() {
        let known = first.entry(&snapshot.source).or_insert(snapshot.taken_at);
        *known = snapshot.taken_at.min(*known);
    }
    let taken = taken.iter().filter(|it| it.taken_at <= end).map(|it| Taken {
        at: it.taken_at,
        source: it.source.clone(),
        is_first: first.get(&it.source) == Some(&it.taken_at),
    });
    taken.collect()
}

fn point(ledger: &Ledger<'_>, moment: Moment<'_>, count: &Count) -> Point {
    Point {
        at: moment.at,
        consumed: count.consumed(),
        purchased: purchased(ledger, &moment),
        reported: reported(ledger, &moment).and_then(|reported| reported.consumed),
        cloud_only: count.cloud_only,
        cloud_and_server: count.cloud_and_server,
        server_only: count.server_only,
        peak: None,
        sources_missing: moment.missing,
        sources_new: Vec::new(),
        snapshots: 0,
        unfinished: false,
    }
}
