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

/// What `oneseat trend` answers: the consumption at several instants, and its peak.
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
    /// The instant that the user set as the end of the trend; `None` if the trend ends with the newest
    /// snapshot.
    #[serde(skip)]
    to: Option<Instant>,
    /// The instant at which the first snapshot was taken.
    #[serde(skip)]
    data_start: Instant,
}

/// Answers the command `trend`. Each point has the numbers that `consumption` gives as of the same instant.
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
    // The last period may end later than the trend that the user asked for. Its values are those of its last
    // second, so everything up to that second is counted.
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
        // If nothing is known of the enterprise at the end of the trend, the call of `point` returns an error
        // that says so. Otherwise the error below is returned.
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
    // A round of files that has begun but not ended by the end of the trend counts as ended, so that the peak
    // includes it.
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
