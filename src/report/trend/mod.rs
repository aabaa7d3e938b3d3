//! `oneseat trend`: consumption over time, with its peaks (interface.md section 3, counting.md
//! section 9).

mod page;
mod point;
mod timeline;

use serde::Serialize;

pub(super) use self::page::is_unfinished;
use self::point::Peak;
pub use self::point::{Point, TrendAsked};
use self::timeline::TrendSeries;
pub(super) use self::timeline::taken;
use super::basis::Basis;
use super::period::By;
use super::period::{period_of, periods};
use crate::error::{Error, Result};
use crate::ledger::USUAL_ROUND;
use crate::ledger::check_span;
use crate::ledger::{AsOf, Ledger};
use crate::model::Instant;

/// The answer of `oneseat trend`.
#[derive(Debug, Clone, Serialize)]
pub struct Trend {
    schema: &'static str,
    by: &'static str,
    #[serde(flatten)]
    basis: Basis,
    /// The points in order of time.
    pub points: Vec<Point>,
    peak: Option<Peak>,
    round_seconds: i64,
    #[serde(skip)]
    period: By,
    /// The end of the span, if the user set one.
    #[serde(skip)]
    to: Option<Instant>,
    /// The instant at which the first snapshot was taken.
    #[serde(skip)]
    data_start: Instant,
}

/// Answers the command `trend`. The values of a point are those of `consumption` as of the instant of the
/// point.
///
/// # Errors
/// [`crate::error::ErrorKind::Usage`] if the span ends before it begins, or has too many periods;
/// [`crate::error::ErrorKind::Nothing`] if no snapshot is in force in the span; another error if the database
/// cannot be read.
pub fn trend(ledger: &Ledger<'_>, asked: &TrendAsked) -> Result<Trend> {
    let only = asked.enterprise.as_deref();
    let instants = ledger.instants();
    let newest = instants.last().copied().unwrap_or_default();
    let to = asked.to.unwrap_or(newest);
    if let (Some(from), Some(to)) = (asked.from, asked.to) {
        check_span(from, to)?;
    }
    // The last period may end after the span that the user asked for. The values of a period are those of its
    // last second.
    let end = period_of(asked.by, to).map_or(to, |(_, end)| end.max(to));
    let mut basis = Basis { known_on: ledger.known_on, ..Basis::default() };
    let timeline = TrendSeries::of(ledger, asked, end, |moment| {
        if moment.at <= to {
            basis.take_in(moment);
        }
    })?;
    let (Some(first), Some(last)) =
        (timeline.first().filter(|first| *first <= to), timeline.newest())
    else {
        // If nothing is known of the enterprise at `to`, the method `point` returns a more exact error.
        ledger.point(asked.to.map_or(AsOf::Latest, AsOf::At), only)?;
        return Err(Error::nothing(format!("no snapshot was taken up to {to}"))
            .hint("`oneseat snapshots` lists the snapshots"));
    };
    let from = asked.from.map_or(first, |from| from.max(first));
    let mut points = match asked.by {
        By::Snapshot => timeline.by_snapshot(from, to),
        by => timeline.by_period(&periods(by, from, to.min(last))?),
    };
    for point in &mut points {
        point.unfinished = is_unfinished(asked.by, point.at, last);
    }
    // A round that has begun but not ended at the end of the span counts as ended there.
    let peak = timeline.highest(&timeline.ends(to), from, to);
    Ok(Trend {
        schema: "oneseat.trend/1",
        by: asked.by.name(),
        basis,
        peak: peak.filter(|_| !points.is_empty()),
        points,
        round_seconds: asked.round.unwrap_or(USUAL_ROUND),
        period: asked.by,
        data_start: first,
        to: asked.to,
    })
}
