//! The freshness of a page's sources: for each source and each week, whether a snapshot was taken, and else how old
//! the one in force was.

use serde::Serialize;

use crate::ledger::Ledger;
use crate::model::{Instant, Source, SourceKind};
use crate::report::check::Bounds;
use crate::report::period::{By, period_of};

/// The most weeks that are shown.
const WEEKS: usize = 53;

/// The snapshots of the sources in the weeks up to the instant of a page.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Freshness {
    /// The last second of each week, oldest first; the last week ends with the instant of the page.
    weeks: Vec<Instant>,
    sources: Vec<SourceFreshness>,
}

#[derive(Debug, Clone, Serialize)]
struct SourceFreshness {
    kind: SourceKind,
    name: String,
    /// For each week: `new`, `carried`, `stale`, `none` or `retired`.
    cells: Vec<&'static str>,
}

impl Freshness {
    pub fn of(ledger: &Ledger<'_>, at: Instant, bounds: &Bounds) -> Freshness {
        let mut weeks: Vec<(Instant, Instant)> = Vec::new();
        let first = ledger.instants().first().copied().unwrap_or(at);
        let mut week = period_of(By::Week, at);
        while let Some((start, end)) = week.filter(|(_, end)| *end >= first) {
            weeks.push((start, end.min(at)));
            if weeks.len() == WEEKS || start.unix() == 0 {
                break;
            }
            week = period_of(By::Week, start.plus_seconds(-1));
        }
        weeks.reverse();
        let mut sources: Vec<&Source> = ledger.valid().map(|snapshot| &snapshot.source).collect();
        sources.sort();
        sources.dedup();
        let sources = sources.into_iter().map(|source| {
            let cells = weeks.iter().map(|(start, end)| cell(ledger, source, *start, *end, bounds));
            SourceFreshness { kind: source.kind, name: source.name.clone(), cells: cells.collect() }
        });
        Freshness { sources: sources.collect(), weeks: weeks.iter().map(|(_, end)| *end).collect() }
    }
}

fn cell(
    ledger: &Ledger<'_>,
    source: &Source,
    start: Instant,
    end: Instant,
    bounds: &Bounds,
) -> &'static str {
    if ledger.is_retired(source, end) {
        return "retired";
    }
    let taken = ledger.taken_of(source.kind, &source.name, end);
    let Some(newest) = taken.iter().rev().find(|snapshot| !snapshot.partial) else {
        return "none";
    };
    let own = bounds.max_ages.iter().find(|(family, name, _)| {
        *family == source.kind.family() && name.eq_ignore_ascii_case(&source.name)
    });
    let max_age = own.map_or(bounds.max_age, |(_, _, age)| *age);
    match end.unix() - newest.taken_at.unix() {
        _ if newest.taken_at >= start => "new",
        age if age <= max_age => "carried",
        _ => "stale",
    }
}
