//! An item of `oneseat leavers`: a seat, what the employee directories say about its holder, and who acts.

use std::cmp::{Ordering, Reverse};

use serde::Serialize;

use crate::model::{Instant, compare_ids};
use crate::report::seat_tables::SeatAccount;
use crate::table::{CellKind, Columns};

/// The reason why a seat is listed. The items of an answer are in the order of these variants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum LeaverWhy {
    /// The entry of the person is inactive, or the time at which the person left is past.
    Left,
    /// An earlier snapshot of the directory has the person, and the one in force does not.
    Gone,
    /// No snapshot of any directory has ever had the person.
    Unknown,
    /// Several entries have an address of the seat, and none of them decides.
    Ambiguous,
}

impl LeaverWhy {
    /// The word for the reason in answers.
    pub(super) fn name(self) -> &'static str {
        match self {
            LeaverWhy::Left => "left",
            LeaverWhy::Gone => "gone",
            LeaverWhy::Unknown => "unknown",
            LeaverWhy::Ambiguous => "ambiguous",
        }
    }
}

/// A seat that is listed.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Leaver {
    pub why: LeaverWhy,
    /// The time at which the person left; `None` if it is not known.
    pub left_at: Option<Instant>,
    /// The number of whole days since the person left.
    pub days: Option<i64>,
    pub seat: String,
    pub kind: &'static str,
    pub login: Option<String>,
    pub name: Option<String>,
    pub accounts: Vec<SeatAccount>,
    /// The entry that decides; `None` if no entry does.
    pub entry: Option<EntryNamed>,
    pub last_active: Option<Instant>,
    /// The cost since the person left. No price is known, so the cost is not known either.
    pub cost: Option<()>,
    pub fix: LeaverFix,
}

impl Leaver {
    pub(super) const COLUMNS: Columns = &[
        ("why", CellKind::Text),
        ("left_at", CellKind::Instant),
        ("days", CellKind::Whole),
        ("seat", CellKind::Text),
        ("kind", CellKind::Text),
        ("login", CellKind::Text),
        ("name", CellKind::Text),
        ("accounts", CellKind::List),
        ("entry", CellKind::Object(EntryNamed::COLUMNS)),
        ("last_active", CellKind::Instant),
        ("cost", CellKind::Object(&[("currency", CellKind::Text), ("amount", CellKind::Money)])),
        ("fix", CellKind::Object(LeaverFix::COLUMNS)),
    ];

    /// Was the entry of the seat never seen active? Such an entry may be a shared mailbox.
    pub(super) fn was_never_active(&self) -> bool {
        self.why == LeaverWhy::Left && self.left_at.is_none()
    }

    /// The order of the items: by reason, the longest absence first, then by seat. Entries that were never seen
    /// active come last.
    pub(super) fn compare(&self, other: &Leaver) -> Ordering {
        let place = |it: &Leaver| (it.was_never_active(), it.why, Reverse(it.days), it.left_at);
        place(self).cmp(&place(other)).then_with(|| compare_seats(&self.seat, &other.seat))
    }
}

/// The order of seats by their ids: logins regardless of letter case, ids of accounts as numbers.
pub(super) fn compare_seats(a: &str, b: &str) -> Ordering {
    let parts = |seat: &str| {
        let (place, id) = seat.rsplit_once(':').unwrap_or(("", seat));
        (place.to_owned(), id.to_lowercase())
    };
    let ((place_a, id_a), (place_b, id_b)) = (parts(a), parts(b));
    place_a.cmp(&place_b).then_with(|| compare_ids(&id_a, &id_b)).then_with(|| a.cmp(b))
}

/// An entry of a directory.
#[derive(Debug, Clone, Serialize)]
pub(super) struct EntryNamed {
    pub directory: String,
    /// The id of the entry; `None` if the database has only its digest.
    pub id: Option<String>,
}

impl EntryNamed {
    const COLUMNS: Columns = &[("directory", CellKind::Text), ("id", CellKind::Text)];
}

/// The action that ends an item, and the person who acts.
#[derive(Debug, Clone, Serialize)]
pub(super) struct LeaverFix {
    pub actor: &'static str,
    pub action: String,
}

impl LeaverFix {
    const COLUMNS: Columns = &[("actor", CellKind::Text), ("action", CellKind::Text)];
}

/// A seat about which the directories disagree: one has the person active, and another does not.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Disagreement {
    pub seat: String,
    pub entries: Vec<EntrySays>,
}

/// What one directory says about the holder of a seat.
#[derive(Debug, Clone, Serialize)]
pub(super) struct EntrySays {
    #[serde(flatten)]
    pub entry: EntryNamed,
    /// `left`, `gone` or `active`.
    pub says: &'static str,
}
