//! `oneseat trend`: consumption over time (interface.md section 3).

use serde::Serialize;

use super::consumption::{purchased, reported, total};
use super::moment::Ledger;
use crate::error::Result;
use crate::model::{Instant, Source};
use crate::table::{Answer, Page, Table};

/// The answer.
#[derive(Debug, Clone, Serialize)]
pub struct Trend {
    schema: &'static str,
    by: &'static str,
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
#[derive(Debug, Clone, Copy, Serialize)]
struct Peak {
    at: Instant,
    consumed: u64,
}

/// What is asked of the trend.
#[derive(Debug, Clone, Default)]
pub struct TrendAsked {
    /// Only points from here on.
    pub from: Option<Instant>,
    /// Only points up to here.
    pub to: Option<Instant>,
    /// One enterprise; `None`: all of them.
    pub enterprise: Option<String>,
}

/// Answers the question: one point at each instant at which a snapshot was taken that can come
/// into force.
///
/// # Errors
/// If the database cannot be read.
pub fn trend(ledger: &Ledger<'_>, asked: &TrendAsked) -> Result<Trend> {
    let enterprise = asked.enterprise.as_deref();
    if let Some(name) = enterprise {
        ledger.check_enterprise(name)?;
    }
    let mut points = Vec::new();
    for at in ledger.instants() {
        if asked.from.is_some_and(|from| at < from) || asked.to.is_some_and(|to| at > to) {
            continue;
        }
        let moment = ledger.moment(at, enterprise)?;
        let count = total(&moment.enterprises);
        let consumed = count.consumed();
        points.push(Point {
            at,
            consumed,
            purchased: purchased(ledger, &moment),
            reported: reported(ledger, &moment).and_then(|reported| reported.consumed),
            cloud_only: count.cloud_only,
            cloud_and_server: count.cloud_and_server,
            server_only: count.server_only,
            peak: Peak { at, consumed },
            sources_missing: if enterprise.is_some() { Vec::new() } else { moment.missing },
        });
    }
    let peak = highest(&points);
    Ok(Trend { schema: "oneseat.trend/1", by: "snapshot", points, peak })
}

/// The highest point, the first of equals.
fn highest(points: &[Point]) -> Option<Peak> {
    let mut peak: Option<Peak> = None;
    for point in points {
        if peak.is_none_or(|peak| point.consumed > peak.consumed) {
            peak = Some(point.peak);
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
        Trend { schema: "oneseat.trend/1", by: "snapshot", points: vec![point], peak: Some(peak) }
    }

    fn page(&self) -> Page {
        let mut table = Table::new(&[
            "At",
            "Consumed",
            "Purchased",
            "GitHub says",
            "Cloud only",
            "Cloud and Server",
            "Server only",
        ]);
        for point in &self.points {
            table.rows.push(vec![
                point.at.to_string().into(),
                point.consumed.into(),
                point.purchased.into(),
                point.reported.into(),
                point.cloud_only.into(),
                point.cloud_and_server.into(),
                point.server_only.into(),
            ]);
        }
        let closing = match self.peak {
            Some(peak) => format!(
                "The peak was {} on {}. `oneseat consumption --as-of T` says what it was made of.",
                peak.consumed, peak.at
            ),
            None => "There is no snapshot in this span.".to_owned(),
        };
        Page {
            headline: "Licenses consumed, at every snapshot".to_owned(),
            tables: vec![table],
            closing: vec![closing],
        }
    }
}
