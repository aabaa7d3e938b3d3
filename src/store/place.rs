//! Points on the time line of a source, called places.

use crate::model::Instant;

/// A point on a source's time line: an instant, and the arrival number of a snapshot among the source's
/// snapshots of that instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place(pub(super) i64);

/// The greatest number of snapshots that a source can have at one instant. A place (point on a time line) is
/// stored as the instant times this number, plus the arrival number.
pub(super) const ARRIVALS: i64 = 65536;

impl Place {
    /// The earliest point of any time line.
    pub const FIRST: Place = Place(0);

    /// The first point of a time line that belongs to an instant.
    pub fn first_of(instant: Instant) -> Place {
        Place(instant.unix() * ARRIVALS)
    }

    /// The point of a time line that a stored number stands for.
    pub fn from_number(number: i64) -> Place {
        Place(number)
    }

    /// The number that stands for this point in the database.
    pub fn number(self) -> i64 {
        self.0
    }

    /// The instant that this point belongs to; `None` if the instant is out of range.
    pub fn instant(self) -> Option<Instant> {
        Instant::from_unix(self.0 / ARRIVALS)
    }
}

/// Adds a suffix to the identity of a row. Earlier versions of this program added it to distinguish rows that
/// mean the same but are written differently. The suffix is half of an unsalted hash of the row's canonical
/// text.
pub fn tell_apart(identity: &str, fields: &str, content: &str) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(fields.as_bytes()).update(&[0]).update(content.as_bytes());
    format!("{identity}/{}", super::sql::hex(&hasher.finalize().as_bytes()[..16]))
}
