//! `duplicates --since T`: which findings are new, still open, back or fixed since the instant T, and how many
//! licenses the fixes freed.

use serde::Serialize;

use super::fate::{Fate, Fates};
use super::paired::{self, Paired};
use super::since::{LOOKED_AT, Mark, Marks, marks_at};
use crate::error::Result;
use crate::ledger::{Ledger, Moment};
use crate::model::Instant;
use crate::people::Confidence;
use crate::table::{agreeing, counted, grouped};

/// How many findings are new, open, back or fixed, compared with an earlier instant.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub(super) struct FindingProgress {
    pub since: Instant,
    pub new: u64,
    pub open: u64,
    pub back: u64,
    pub fixed: u64,
    pub licenses_freed: u64,
    /// The number of open findings that were not certain at the earlier instant and are certain now.
    #[serde(skip)]
    pub became_certain: u64,
    /// Of the findings that became certain, the number whose certainty rests on an employee directory alone.
    #[serde(skip)]
    pub by_directory: u64,
}

impl FindingProgress {
    /// The sentences about the progress since the earlier instant.
    pub fn told(&self) -> Vec<String> {
        let mut told = vec![format!(
            "Since {}: {} new, {} still open, {} back, {} fixed; {} freed.",
            self.since,
            grouped(self.new),
            grouped(self.open),
            grouped(self.back),
            grouped(self.fixed),
            counted(self.licenses_freed, "license")
        )];
        if self.became_certain > 0 {
            let by = match self.by_directory {
                0 => String::new(),
                all if all == self.became_certain => ", by an employee directory alone".to_owned(),
                some => format!(", {} of them by an employee directory alone", grouped(some)),
            };
            told.push(format!(
                "{} become certain since then{by}.",
                agreeing(self.became_certain, "open finding", ["has", "have"])
            ));
        }
        told
    }
}

/// Sets the status of each finding to new, open or back, and appends the findings that were fixed. The instants
/// in between are not looked at: in the hour between a Server file and the Cloud report that follows it, a
/// person may be counted twice, and that is not worth reporting.
pub(super) fn progress(
    ledger: &Ledger<'_>,
    since: Instant,
    moment: &Moment<'_>,
    only: Option<&str>,
    paired: &mut Vec<Paired>,
) -> Result<FindingProgress> {
    let opening = ledger.moment(since, only)?;
    let now: Marks = paired.iter().map(|(mark, _)| mark.clone()).collect();
    let is_gone = |mark: &Mark| Ok(!now.has(&mark.called(ledger, since, moment.at)?));
    let (mut before, mut there): (Vec<Paired>, Vec<Mark>) = (Vec::new(), Vec::new());
    let mut certain: Vec<Mark> = Vec::new();
    for enterprise in &opening.enterprises {
        let findings = ledger.findings(since, enterprise)?;
        there.extend(findings.iter().map(|finding| Mark::of(enterprise, finding)));
        let sure = findings.iter().filter(|it| it.confidence == Confidence::Certain);
        certain.extend(sure.map(|finding| Mark::of(enterprise, finding)));
        before.extend(paired::paired(ledger, enterprise, &findings, is_gone)?);
    }
    drop(opening);
    let there: Marks = there.into_iter().collect();
    let certain: Marks = certain.into_iter().collect();
    let mut progress = FindingProgress { since, ..FindingProgress::default() };
    let mut new: Vec<usize> = Vec::new();
    for (index, (mark, item)) in paired.iter_mut().enumerate() {
        let called = mark.called(ledger, moment.at, since)?;
        if there.has(&called) {
            item.status = Some("open");
            progress.open += 1;
            if item.level == Confidence::Certain && !certain.has(&called) {
                item.became_certain = true;
                progress.became_certain += 1;
                progress.by_directory += u64::from(item.rests_on_directory());
            }
        } else {
            new.push(index);
        }
    }
    let marks: Vec<&Mark> = new.iter().map(|index| &paired[*index].0).collect();
    let ever = ever_before(ledger, since, moment.at, only, &marks)?;
    for (index, back) in new.into_iter().zip(ever) {
        let item = &mut paired[index].1;
        item.status = Some(if back { "back" } else { "new" });
        if back {
            progress.back += 1;
        } else {
            progress.new += 1;
        }
    }
    let marks: Vec<&Mark> = before.iter().map(|(mark, _)| mark).collect();
    let fates = Fates::new(moment, &marks);
    let called = marks.iter().map(|mark| mark.called(ledger, since, moment.at));
    let called: Vec<Mark> = called.collect::<Result<_>>()?;
    let fixed: Vec<(Option<Instant>, Fate)> = fixed_at(ledger, since, moment.at, only, &marks)?
        .into_iter()
        .zip(called.iter().map(|mark| fates.of(mark)))
        .collect();
    for ((mark, mut item), (fixed_at, (how, freed))) in before.into_iter().zip(fixed) {
        item.status = Some("fixed");
        item.fixed_at = fixed_at;
        item.how = Some(how.to_owned());
        progress.fixed += 1;
        progress.licenses_freed += u64::from(freed && item.level <= Confidence::Likely);
        paired.push((mark, item));
    }
    Ok(progress)
}

/// For each finding at `at`, given by its mark: did it exist at any instant before `since`? The search goes
/// back in time, and stops once it has counted more than `LOOKED_AT` accounts.
fn ever_before(
    ledger: &Ledger<'_>,
    since: Instant,
    at: Instant,
    only: Option<&str>,
    marks: &[&Mark],
) -> Result<Vec<bool>> {
    let mut ever = vec![false; marks.len()];
    let mut looked_at = 0;
    let mut instants = ledger.instants_of_evidence();
    instants.retain(|it| *it < since);
    for &instant in instants.iter().rev() {
        if ever.iter().all(|ever| *ever) || looked_at > LOOKED_AT {
            break;
        }
        let (there, size) = marks_at(ledger, instant, only)?;
        looked_at += size;
        for (ever, mark) in ever.iter_mut().zip(marks) {
            *ever = *ever || there.has(&mark.called(ledger, at, instant)?);
        }
    }
    Ok(ever)
}

/// For each fixed finding, given by its mark: the instant at which it was fixed. That is the first of the
/// instants without the finding that last until `at`.
fn fixed_at(
    ledger: &Ledger<'_>,
    since: Instant,
    at: Instant,
    only: Option<&str>,
    marks: &[&Mark],
) -> Result<Vec<Option<Instant>>> {
    let mut fixed_at: Vec<Option<Instant>> = vec![None; marks.len()];
    let mut open: Vec<usize> = (0..marks.len()).collect();
    let mut instants = ledger.instants_of_evidence();
    instants.retain(|it| *it > since && *it <= at);
    for &instant in instants.iter().rev() {
        if open.is_empty() {
            break;
        }
        // A fixed finding is absent at the instant `at`, so nothing need be counted there.
        let there = match instant == at {
            true => Marks::default(),
            false => marks_at(ledger, instant, only)?.0,
        };
        let mut still_open = Vec::new();
        for index in open {
            if !there.has(&marks[index].called(ledger, since, instant)?) {
                fixed_at[index] = Some(instant);
                still_open.push(index);
            }
        }
        open = still_open;
    }
    Ok(fixed_at)
}
