//! The question that `trend` answers, and the points of its answer.

use serde::Serialize;

use crate::model::{Instant, Source};
use crate::report::period::By;
use crate::table::{CellKind, Columns};

/// The values of a trend at one instant.
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
    /// Do the data end within the period of the point, so that its values may still change?
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

/// The highest consumption in a span of time, and the first instant at which it was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) struct Peak {
    pub(super) at: Instant,
    pub(super) consumed: u64,
}

impl Peak {
    pub(super) const COLUMNS: Columns = &[("at", CellKind::Instant), ("consumed", CellKind::Whole)];
}

/// The question that `trend` answers.
#[derive(Debug, Clone, Default)]
pub struct TrendAsked {
    /// The earliest instant of a point; `None`: the first snapshot.
    pub from: Option<Instant>,
    /// The latest instant of a point; `None`: the newest snapshot.
    pub to: Option<Instant>,
    /// The period that one point covers.
    pub by: By,
    /// The length of a round, in seconds; `None`: the usual length.
    pub round: Option<i64>,
    /// The answer uses only what had been imported or declared by this instant. `None`: the answer uses
    /// everything that is stored.
    pub known_on: Option<Instant>,
    /// The enterprise that the question is about; `None`: all of them.
    pub enterprise: Option<String>,
}
