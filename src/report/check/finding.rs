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

/// The severity of a finding. If all findings are notices, the exit code is 0.
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

/// The bounds by which `check` judges values, from the options and the configuration. A value without a bound
/// is not judged.
#[derive(Debug, Clone)]
pub struct Bounds {
    /// The greatest age of the snapshot in force of a source without a bound of its own, in seconds.
    pub max_age: i64,
    /// The greatest age of the snapshot in force for single sources, in seconds, by the name of the
    /// enterprise, the instance or the employee directory.
    pub max_ages: Vec<(SourceFamily, String, i64)>,
    /// The least number of licenses that must be available.
    pub min_available: Option<i64>,
    /// The greatest share of the purchased licenses that may be consumed, in hundredths of a percent.
    pub max_use: Option<i64>,
    /// Bounds for duplicates: a confidence, and the greatest number of duplicates with this confidence or a
    /// higher one.
    pub max_duplicates: Vec<(Confidence, u64)>,
}

pub(super) fn instance(host: &str) -> Source {
    Source { kind: SourceKind::Server, name: host.to_owned() }
}
