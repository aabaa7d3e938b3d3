//! `oneseat across`: people with seats in two or more enterprises, at an instant and by calendar period
//! (directory.md section 4).
//!
//! Counting never crosses enterprises. The answer assumes that each enterprise pays for its own seats, and says so.

mod page;
mod person;

use serde::Serialize;

use super::absent;
use super::basis::{Billing, billing};
use super::consumption::warnings;
use super::period::{By, periods};
use crate::error::Result;
use crate::ledger::{AcrossFound, Asked, Ledger, check_span};
use crate::model::Instant;
use crate::people::{AcrossItem, Confidence};
use crate::warning::Warning;
use person::{AcrossPerson, persons};

/// What the user asks `oneseat across`: at which instant to look for people with seats in several enterprises,
/// and whether to count them by calendar period too.
#[derive(Debug, Clone)]
pub struct AcrossAsked {
    /// The as-of instant. With an enterprise, only people who have a seat in it are listed.
    pub asked: Asked,
    /// The calendar period, such as a month, at whose ends people are counted too; `None`: they are counted at
    /// the as-of instant only.
    pub by: Option<By>,
    /// The instant at which the calendar periods begin; `None`: at the first snapshot.
    pub from: Option<Instant>,
}

/// The people with seats in several enterprises, as `oneseat across` lists them.
#[derive(Debug, Clone, Serialize)]
pub struct Across {
    schema: &'static str,
    as_of: Instant,
    known_on: Option<Instant>,
    /// The billing model of each enterprise, to be printed below the answer.
    #[serde(skip)]
    billing: Vec<Billing>,
    /// The assumption on which the numbers of extra seats rest: each enterprise pays for its own seats.
    assumes: &'static str,
    summary: Summary,
    items: Vec<AcrossPerson>,
    by_period: Vec<AcrossPoint>,
    warnings: Vec<Warning>,
    /// The names of the enterprises whose seats are compared.
    #[serde(skip)]
    enterprises: Vec<String>,
    /// The sources without a snapshot in force, by name.
    #[serde(skip)]
    missing: Vec<String>,
}

/// How many people have seats in several enterprises, and how many seats these people take.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
struct Summary {
    /// The number of certain and likely people.
    people: u64,
    /// The number of seats of certain and likely people.
    seats: u64,
    /// The number of seats beyond the first of each certain or likely person.
    extra_seats: u64,
    certain: u64,
    likely: u64,
    possible: u64,
}

/// How many people have seats in several enterprises at the end of a calendar period, or at the as-of instant
/// if the period is not over by then.
#[derive(Debug, Clone, Copy, Serialize)]
struct AcrossPoint {
    at: Instant,
    people: u64,
    extra_seats: u64,
}

impl Summary {
    fn of<'i>(items: impl Iterator<Item = &'i AcrossItem>) -> Summary {
        let mut summary = Summary::default();
        for item in items {
            match item.confidence {
                Confidence::Certain => summary.certain += 1,
                Confidence::Likely => summary.likely += 1,
                Confidence::Possible => {
                    summary.possible += 1;
                    continue;
                }
            }
            summary.people += 1;
            summary.seats += item.seats.len() as u64;
        }
        summary.extra_seats = summary.seats - summary.people;
        summary
    }
}

/// Answers the command `across`: finds the people with seats in several enterprises.
///
/// # Errors
/// [`crate::error::ErrorKind::Nothing`] if nothing is in force at the as-of instant; also if the database cannot be
/// read.
pub fn across(ledger: &Ledger<'_>, asked: &AcrossAsked) -> Result<Across> {
    let at = ledger.asked(&asked.asked)?;
    let only = asked.asked.enterprise.as_deref();
    let moment = ledger.moment(at, None)?;
    let mut found = ledger.across(&moment)?;
    narrow(&mut found, only);
    let summary = Summary::of(found.items.iter());
    let mut all_warnings = warnings(ledger, &moment)?;
    all_warnings.extend(absent::warnings(ledger, &moment)?);
    let names = found.enterprises.iter().filter_map(|enterprise| enterprise.name.clone());
    Ok(Across {
        schema: "oneseat.across/1",
        as_of: at,
        known_on: ledger.known_on,
        billing: billing(&moment),
        assumes: "licenses-are-per-enterprise",
        summary,
        enterprises: names.collect(),
        missing: moment.missing.iter().map(|source| source.name.clone()).collect(),
        items: persons(ledger, at, &found)?,
        by_period: by_period(ledger, asked, at, summary)?,
        warnings: all_warnings,
    })
}

/// Keeps only the people who have a seat in the enterprise `only`, if the user named one.
fn narrow(found: &mut AcrossFound<'_>, only: Option<&str>) {
    let Some(only) = only else { return };
    let mut items = std::mem::take(&mut found.items);
    items.retain(|item| {
        let mut names = item.seats.iter().map(|seat| found.enterprise_of(*seat).name.as_deref());
        names.any(|name| name == Some(only))
    });
    found.items = items;
}

/// The number of people with seats in several enterprises at the end of each calendar period up to the as-of
/// instant `last`. The numbers for `last` have been counted already: `of_last`.
fn by_period(
    ledger: &Ledger<'_>,
    asked: &AcrossAsked,
    last: Instant,
    of_last: Summary,
) -> Result<Vec<AcrossPoint>> {
    if let Some(from) = asked.from {
        check_span(from, last)?;
    }
    let Some(by) = asked.by else { return Ok(Vec::new()) };
    let first = match asked.asked.enterprise.as_deref() {
        Some(name) => ledger.first_instant_of(name)?,
        None => ledger.instants().first().copied(),
    };
    let first = first.unwrap_or(last);
    let from = asked.from.map_or(first, |from| from.max(first));
    let changes = ledger.change_instants();
    let mut known: Option<(Instant, Summary)> = None;
    let mut points = Vec::new();
    for (_, end) in periods(by, from, last)? {
        let at = end.min(last);
        let changed = |since: Instant| changes.iter().any(|it| since < *it && *it <= at);
        let summary = match known {
            // If no snapshot and no declaration took effect since the period before, its numbers still hold.
            Some((since, summary)) if !changed(since) => summary,
            _ if at == last => of_last,
            _ => {
                let moment = ledger.moment(at, None)?;
                let mut found = ledger.across(&moment)?;
                narrow(&mut found, asked.asked.enterprise.as_deref());
                Summary::of(found.items.iter())
            }
        };
        known = Some((at, summary));
        points.push(AcrossPoint { at, people: summary.people, extra_seats: summary.extra_seats });
    }
    Ok(points)
}
