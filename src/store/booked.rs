//! A snapshot in the books.

use super::place::Place;
use crate::model::{Instant, Source};

/// A snapshot that is not voided.
#[derive(Debug, Clone)]
pub struct InBooks {
    /// The number of the snapshot.
    pub id: i64,
    /// The source that the snapshot's name meant when the snapshot was taken.
    pub source: Source,
    /// When it was taken.
    pub taken_at: Instant,
    /// The number of distinct accounts; `None` if the kind has no accounts.
    pub accounts: Option<u64>,
    /// SHA-256 of the bytes as received.
    pub sha256: String,
    /// Whether the snapshot is stored but never in force.
    pub partial: bool,
    /// The number of the source under whose name it was stored.
    pub(super) source_id: i64,
    pub(super) place: Place,
}
