//! The question that a page answers.

use crate::ledger::Asked;
use crate::model::Instant;
use crate::pseudonym::PseudonymKey;
use crate::report::check::Bounds;

/// The people that a page embeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeopleShown {
    /// All of them up to a number, else those with a finding or an idle seat.
    Auto,
    /// All of them.
    All,
    /// Those with a finding or an idle seat.
    Findings,
    /// Nobody.
    None,
}

/// The question that a page answers.
#[derive(Debug, Clone)]
pub struct PageAsked {
    /// The instant and the enterprise.
    pub asked: Asked,
    /// The instant at which the trend begins; `None`: the first snapshot.
    pub from: Option<Instant>,
    /// The bounds of `check`.
    pub bounds: Bounds,
    /// The people to embed.
    pub people: PeopleShown,
    /// The key of the pseudonyms under which people stand; `None`: under their names.
    pub pseudonyms: Option<PseudonymKey>,
}
