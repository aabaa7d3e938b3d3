//! Defines [`InBooks`], the facts about a snapshot that is not voided that a writing command needs.

use super::place::Place;
use crate::model::{Instant, Source};

/// A snapshot that is not voided, with the facts that a writing command needs about it.
#[derive(Debug, Clone)]
pub struct InBooks {
    /// The number that identifies the snapshot in the database.
    pub id: i64,
    /// The source to which the snapshot belongs. If the snapshot was stored under an alias, this is the source
    /// that the alias stood for when the snapshot was taken.
    pub source: Source,
    /// The instant at which the snapshot was taken.
    pub taken_at: Instant,
    /// The number of distinct accounts; `None` if snapshots of this kind hold no accounts.
    pub accounts: Option<u64>,
    /// The SHA-256 of the imported bytes as received.
    pub sha256: String,
    /// Whether the snapshot is partial: it is stored, but no answer ever counts it.
    pub partial: bool,
    /// The number of the source under whose name the snapshot was stored. That name may be an alias of another
    /// source.
    pub(super) source_id: i64,
    pub(super) place: Place,
}
