//! The question that `oneseat trend` answers, and the points and the peak of its answer.

use serde::Serialize;

use crate::model::{Instant, Source};
use crate::report::period::By;
use crate::table::{CellKind, Columns};

/// One point of a trend: the consumption at an instant, with the numbers that explain it.
#[derive(Debug, Clone, Serialize)]
pub struct Point {
    pub(super) at: Instant,
    pub(super) consumed: u64,
    pub(super) purchased: Option<i64>,
    pub(super) reported: Option<i64>,
    pub(super) cloud_only: u64,
    pub(super) cloud_and_server: u64,
    pub(super) server_only: u64,
    pub(super) peak: Option<Peak>,
    pub(super) sources_missing: Vec<Source>,
    pub(super) sources_new: Vec<Source>,
    pub(super) snapshots: u64,
    /// Do the data end within the period of this point? Then files that are still to come may change its
    /// numbers.
    pub(super) unfinished: bool,
}

impl Point {
    pub(super) const COLUMNS: Columns = &[
        ("at", CellKind::Instant),
        ("consumed", CellKind::Whole),
        ("purchased", CellKind::Whole),
        ("reported", CellKind::Whole),
        ("cloud_only", CellKind::Whole),
        ("cloud_and_server", CellKind::Whole),
        ("server_only", CellKind::Whole),
        ("peak", CellKind::Object(Peak::COLUMNS)),
        ("sources_missing", CellKind::List),
        ("sources_new", CellKind::List),
        ("snapshots", CellKind::Whole),
        ("unfinished", CellKind::Truth),
    ];
}

/// The highest consumption within a span of time, and the first instant at which it was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) struct Peak {
    pub(super) at: Instant,
    pub(super) consumed: u64,
}

impl Peak {
    pub(super) const COLUMNS: Columns = &[("at", CellKind::Instant), ("consumed", CellKind::Whole)];
}

/// What the user asks `oneseat trend`: the span, the period of a point, and the enterprise.
#[derive(Debug, Clone, Default)]
pub struct TrendAsked {
    /// The earliest instant of a point; `None`: the trend begins with the first snapshot.
    pub from: Option<Instant>,
    /// The latest instant of a point; `None`: the trend ends with the newest snapshot.
    pub to: Option<Instant>,
    /// The calendar period that one point covers, such as a month.
    pub by: By,
    /// The length of a round (the files that count as one statement) in seconds; `None`: six hours.
    pub round: Option<i64>,
    /// The answer uses only what had been imported or declared by this instant. `None`: the answer uses
    /// everything that is stored.
    pub known_on: Option<Instant>,
    /// The enterprise that the question is about; `None`: all of them.
    pub enterprise: Option<String>,
}
