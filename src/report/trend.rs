//! `oneseat trend`: consumption over time, with its peaks (interface.md section 3, counting.md
//! section 9).

use chrono::{DateTime, Datelike, Days, Months, NaiveDate};
use serde::Serialize;

use super::asked::check_span;
use super::basis::Basis;
use super::consumption::{purchased, reported};
use super::moment::{Ledger, Moment};
use super::sweep::sweep;
use crate::error::{Error, Result};
use crate::model::{Instant, Source};
use crate::people::Count;
use crate::table::{Answer, Cell, Page, Table};

/// The answer.
#[derive(Debug, Clone, Serialize)]
pub struct Trend {
    schema: &'static str,
    by: &'static str,
    #[serde(flatten)]
    basis: Basis,
    /// The points in order of time.
    pub points: Vec<Point>,
    peak: Option<Peak>,
}

/// The value at one instant.
#[derive(Debug, Clone, Serialize)]
pub struct Point {
    at: Instant,
    consumed: u64,
    purchased: Option<i64>,
    reported: Option<i64>,
    cloud_only: u64,
    cloud_and_server: u64,
    server_only: u64,
    peak: Peak,
    sources_missing: Vec<Source>,
}

/// The highest value and when it was first seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
struct Peak {
    at: Instant,
    consumed: u64,
}

/// What a point stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum By {
    /// The instant of a snapshot.
    #[default]
    Snapshot,
    /// A UTC day.
    Day,
    /// A UTC week, from Monday.
    Week,
    /// A UTC month.
    Month,
    /// A UTC quarter.
    Quarter,
    /// A UTC year.
    Year,
}

impl By {
    /// Every one, the finest first.
    pub const ALL: [By; 6] = [By::Snapshot, By::Day, By::Week, By::Month, By::Quarter, By::Year];

    /// The name on the command line and in answers.
    pub fn name(self) -> &'static str {
        match self {
            By::Snapshot => "snapshot",
            By::Day => "day",
            By::Week => "week",
            By::Month => "month",
            By::Quarter => "quarter",
            By::Year => "year",
        }
    }

    /// The first day of the period that a day lies in, and of the period after it.
    fn period(self, day: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
        let first_of_month = |month| NaiveDate::from_ymd_opt(day.year(), month, 1);
        let (first, months) = match self {
            By::Snapshot | By::Day => return Some((day, day.succ_opt()?)),
            By::Week => {
                let into_week = u64::from(day.weekday().num_days_from_monday());
                let monday = day.checked_sub_days(Days::new(into_week))?;
                return Some((monday, monday.checked_add_days(Days::new(7))?));
            }
            By::Month => (first_of_month(day.month())?, 1),
            By::Quarter => (first_of_month((day.month0() / 3) * 3 + 1)?, 3),
            By::Year => (first_of_month(1)?, 12),
        };
        Some((first, first.checked_add_months(Months::new(months))?))
    }
}

/// What is asked of the trend.
#[derive(Debug, Clone, Default)]
pub struct TrendAsked {
    /// Only points from here on.
    pub from: Option<Instant>,
    /// Only points up to here.
    pub to: Option<Instant>,
    /// What a point stands for.
    pub by: By,
    /// Answer with only what had been imported or declared by then.
    pub known_on: Option<Instant>,
    /// One enterprise; `None`: all of them.
    pub enterprise: Option<String>,
}

/// Answers the question. A point equals the consumption as of its instant.
///
/// # Errors
/// [`crate::error::Kind::Nothing`] if nothing is in force in the span; if the database cannot be
/// read.
pub fn trend(ledger: &Ledger<'_>, asked: &TrendAsked) -> Result<Trend> {
    let only = asked.enterprise.as_deref();
    let instants = ledger.instants();
    // Nothing is known of an enterprise before its first snapshot.
    let first = match only {
        Some(name) => ledger.first_instant_of(name)?,
        None => instants.first().copied(),
    };
    let (Some(first), Some(last)) = (first, instants.last()) else {
        ledger.point(super::AsOf::Latest, only)?;
        return Err(Error::database("the database is damaged: there are no instants")
            .hint("`oneseat verify` says more; restore it from a backup"));
    };
    let to = asked.to.unwrap_or(*last);
    if to < first {
        ledger.point(super::AsOf::At(to), only)?;
    }
    let from = asked.from.unwrap_or(first);
    if asked.to.is_some() {
        check_span(from, to)?;
    }
    let mut basis = Basis { known_on: ledger.known_on, ..Basis::default() };
    let values = values(ledger, asked, first, from, to, &mut basis)?;
    let points = match asked.by {
        By::Snapshot => by_snapshot(&values, &instants, from, to),
        by => by_period(&values, by, from.max(first), to),
    };
    let peak = highest(&values, from, to);
    Ok(Trend { schema: "oneseat.trend/1", by: asked.by.name(), basis, points, peak })
}

/// The value at every instant at which it may change, from the one carried into the span on.
/// Periods may begin before the span and end after it, so those are covered too.
fn values(
    ledger: &Ledger<'_>,
    asked: &TrendAsked,
    first: Instant,
    from: Instant,
    to: Instant,
    basis: &mut Basis,
) -> Result<Vec<Point>> {
    let start = period_of(asked.by, from).map_or(from, |(start, _)| start.min(from));
    let end = period_of(asked.by, to).map_or(to, |(_, end)| end.max(to));
    let mut instants = ledger.change_instants();
    instants.retain(|at| *at >= first && *at <= end);
    let carried = instants.iter().rposition(|at| *at <= start).unwrap_or(0);
    instants.drain(..carried);
    let mut points = Vec::with_capacity(instants.len());
    sweep(ledger, &instants, asked.enterprise.as_deref(), |moment, count| {
        if moment.at <= to {
            basis.take_in(&moment);
        }
        points.push(point(ledger, moment, &count));
    })?;
    Ok(points)
}

fn point(ledger: &Ledger<'_>, moment: Moment<'_>, count: &Count) -> Point {
    let (at, consumed) = (moment.at, count.consumed());
    Point {
        at,
        consumed,
        purchased: purchased(ledger, &moment),
        reported: reported(ledger, &moment).and_then(|reported| reported.consumed),
        cloud_only: count.cloud_only,
        cloud_and_server: count.cloud_and_server,
        server_only: count.server_only,
        peak: Peak { at, consumed },
        sources_missing: moment.missing,
    }
}

/// One point at each instant at which a snapshot was taken that can come into force.
fn by_snapshot(values: &[Point], instants: &[Instant], from: Instant, to: Instant) -> Vec<Point> {
    let wanted = |at: &Instant| (from..=to).contains(at) && instants.binary_search(at).is_ok();
    values.iter().filter(|point| wanted(&point.at)).cloned().collect()
}

/// Calendar periods without gaps; `at` is the period's last second.
fn by_period(values: &[Point], by: By, from: Instant, to: Instant) -> Vec<Point> {
    let mut points = Vec::new();
    let mut period = period_of(by, from);
    while let Some((start, end)) = period.filter(|(start, _)| *start <= to) {
        let in_force = values.iter().rev().find(|point| point.at <= end);
        if let (Some(value), Some(peak)) = (in_force, highest(values, start, end)) {
            points.push(Point { at: end, peak, ..value.clone() });
        }
        period = period_of(by, end.plus_seconds(1)).filter(|(next, _)| *next > start);
    }
    points
}

/// The first and the last second of the period that an instant lies in.
pub(super) fn period_of(by: By, at: Instant) -> Option<(Instant, Instant)> {
    if by == By::Snapshot {
        return Some((at, at));
    }
    let day = DateTime::from_timestamp(at.unix(), 0)?.date_naive();
    let (first, next) = by.period(day)?;
    let midnight = |day: NaiveDate| Some(day.and_hms_opt(0, 0, 0)?.and_utc().timestamp());
    // A week may begin in 1969; nothing was taken then.
    let start = Instant::from_unix(midnight(first)?.max(0))?;
    Some((start, Instant::from_unix(midnight(next)? - 1)?))
}

/// The highest value seen within a span, with its first instant; the value carried in counts from
/// the span's first second on (counting.md section 9).
fn highest(values: &[Point], from: Instant, to: Instant) -> Option<Peak> {
    let carried = values.iter().rev().find(|point| point.at <= from);
    let mut peak = carried.map(|point| Peak { at: from, consumed: point.consumed });
    for point in values.iter().filter(|point| point.at > from && point.at <= to) {
        if peak.is_none_or(|peak| point.consumed > peak.consumed) {
            peak = Some(Peak { at: point.at, consumed: point.consumed });
        }
    }
    peak
}

impl Answer for Trend {
    const LIST: Option<&'static str> = Some("points");

    fn example() -> Trend {
        let at = Instant::default();
        let peak = Peak { at, consumed: 0 };
        let point = Point {
            at,
            consumed: 0,
            purchased: None,
            reported: None,
            cloud_only: 0,
            cloud_and_server: 0,
            server_only: 0,
            peak,
            sources_missing: Vec::new(),
        };
        Trend {
            schema: "oneseat.trend/1",
            by: "snapshot",
            basis: Basis::example(),
            points: vec![point],
            peak: Some(peak),
        }
    }

    fn page(&self) -> Page {
        // At a snapshot the value is its own peak, and a period ends with the last second of a day.
        let snapshots = self.by == By::Snapshot.name();
        let mut columns = vec![if snapshots { "At" } else { "Until" }, "Consumed", ""];
        columns.extend((!snapshots).then_some("Peak"));
        columns.extend(["Purchased", "GitHub says", "Server only"]);
        let mut table = Table::new(&columns);
        let top = self.points.iter().map(|point| point.consumed).max().unwrap_or(0);
        let low = self.points.iter().map(|point| point.consumed).min().unwrap_or(0);
        for point in &self.points {
            let at = point.at.to_string();
            let day = at.split_once('T').map_or(at.as_str(), |(day, _)| day);
            let mut row: Vec<Cell> = vec![
                if snapshots { at.as_str() } else { day }.into(),
                point.consumed.into(),
                bar(point.consumed, low, top).into(),
            ];
            row.extend((!snapshots).then(|| point.peak.consumed.into()));
            row.extend([point.purchased.into(), point.reported.into(), point.server_only.into()]);
            table.rows.push(row);
        }
        let closing = match self.peak {
            Some(peak) => format!(
                "The peak was {} on {}. `oneseat diff FROM TO` says who came and went.",
                peak.consumed, peak.at
            ),
            None => "There is no snapshot in this span.".to_owned(),
        };
        let by = if self.by == "snapshot" { "at every snapshot" } else { self.by };
        Page {
            headline: format!("Licenses consumed, by {by}").replace("by at", "at"),
            tables: vec![table],
            closing: vec![closing],
        }
    }
}

/// A bar for a value between the lowest and the highest one, so that movement is seen.
fn bar(value: u64, low: u64, top: u64) -> String {
    const WIDTH: u64 = 12;
    let span = (top - low).max(1);
    let filled = 1 + (value - low) * (WIDTH - 1) / span;
    "▇".repeat(usize::try_from(filled).unwrap_or(1))
}
