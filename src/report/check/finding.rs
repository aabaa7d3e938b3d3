//! The findings of `check`, and the bounds by which `check` judges values.

use serde::Serialize;

use crate::code::CheckCode;
use crate::model::{Source, SourceFamily, SourceKind};
use crate::people::Confidence;
use crate::table::{CellKind, Columns, SOURCE_COLUMNS};

/// A finding of `check`: something that is wrong, or a value that cannot be judged.
#[derive(Debug, Clone, Serialize)]
pub(super) struct CheckFinding {
    pub(super) code: CheckCode,
    pub(super) severity: Severity,
    pub(super) message: String,
    pub(super) source: Option<Source>,
}

impl CheckFinding {
    pub(super) const COLUMNS: Columns = &[
        ("code", CellKind::Text),
        ("severity", CellKind::Text),
        ("message", CellKind::Text),
        ("source", CellKind::Object(SOURCE_COLUMNS)),
    ];
}

/// How serious a finding of `check` is. If all findings are notices, the exit code is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Severity {
    Error,
    Warning,
    Notice,
}

impl Severity {
    pub(super) fn name(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Notice => "notice",
        }
    }
}

/// The bounds that the values looked at by `check` must keep, from the options and the configuration file. A
/// value without a bound is not judged.
#[derive(Debug, Clone)]
pub struct Bounds {
    /// How old the snapshot in force of a source may be, in seconds. A source in `max_ages` has a bound of its
    /// own.
    pub max_age: i64,
    /// How old the snapshot in force may be for single sources, in seconds. Each source is named as an
    /// enterprise, an instance or an employee directory.
    pub max_ages: Vec<(SourceFamily, String, i64)>,
    /// The least number of licenses that must be available; `None`: any number will do.
    pub min_available: Option<i64>,
    /// The greatest share of the purchased licenses that may be consumed, in hundredths of a percent (9000 is
    /// 90 %).
    pub max_use: Option<i64>,
    /// How many duplicates there may be at most: each number holds for one confidence and all higher ones.
    pub max_duplicates: Vec<(Confidence, u64)>,
}

pub(super) fn instance(host: &str) -> Source {
    Source { kind: SourceKind::Server, name: host.to_owned() }
}
