//! The move of a person to the demo's second enterprise, which has managed users only.
//!
//! A move follows from the traits of a person, so that no random number is drawn for it. People move over the
//! last year of the history. This file may assume that the person has a Cloud account. It must not know about
//! events.

use super::account::{Day, DemoAddress};
use super::traits::{Trait, Traits};

/// How many days the move of all people takes.
const MOVING: Day = 365;
/// How many days a person has been at the company before they move, at least.
const SETTLED: Day = 30;
/// How many days after the move the account in the first enterprise is removed, at the earliest.
const OVERLAP: Day = 14;
/// One person in this many has a stranger in the second enterprise with their login. The person must be an
/// employee without an event, and does not move. A small demo has no stranger.
const SLOTS_PER_MANAGED_STRANGER: u64 = 1_000;

/// The move of one person to the second enterprise. From `from` to `until`, the person has an account and takes
/// a license in both enterprises.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// The first day on which the person has an account in the second enterprise.
    pub from: Day,
    /// The first day on which the person has no account in the first enterprise; `None` if nobody removes it.
    pub until: Option<Day>,
}

impl Migration {
    /// The move of a person with these traits in a history of `days` days; `None` if the person does not move.
    pub fn of(traits: Traits, hired: Day, days: Day) -> Option<Self> {
        let drawn = |which, limit| i64::try_from(traits.number(which, limit)).unwrap_or(0);
        let from = (days - MOVING + drawn(Trait::MigrationDay, MOVING.unsigned_abs()))
            .max(hired + SETTLED);
        if drawn(Trait::Migrates, 10) >= 6 || from >= days {
            return None;
        }
        let is_forgotten = drawn(Trait::MigrationForgotten, 20) == 0;
        let until = from + OVERLAP + drawn(Trait::MigrationOverlap, 120);
        Some(Migration { from, until: (!is_forgotten).then_some(until) })
    }
}

/// The NameID that a person has in the second enterprise: the work address or, for three people in ten, the
/// personnel number.
pub fn managed_name_id(traits: Traits) -> DemoAddress {
    match traits.number(Trait::ManagedNameId, 10) {
        0..7 => DemoAddress::Work,
        _ => DemoAddress::PersonnelNumber,
    }
}

/// The day on which a stranger with the login of a person appears in the second enterprise; `None` if the
/// person's number (`slot`) selects no stranger.
pub fn managed_stranger(slot: u64, hired: Day, days: Day) -> Option<Day> {
    let is_selected = slot % SLOTS_PER_MANAGED_STRANGER == SLOTS_PER_MANAGED_STRANGER * 3 / 4;
    is_selected.then(|| (days - MOVING + SETTLED).max(hired + SETTLED))
}
