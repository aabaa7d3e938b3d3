//! Places on a source's time line.

use crate::model::Instant;

/// A point on a source's time line: an instant and the arrival number among its snapshots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place(pub(super) i64);

/// How many snapshots of a source can have the same instant.
pub(super) const ARRIVALS: i64 = 65536;

impl Place {
    /// The first of all places.
    pub const FIRST: Place = Place(0);

    /// The first place of an instant.
    pub fn first_of(instant: Instant) -> Place {
        Place(instant.unix() * ARRIVALS)
    }

    /// The place with this stored number.
    pub fn from_number(number: i64) -> Place {
        Place(number)
    }

    /// The number under which the place is stored.
    pub fn number(self) -> i64 {
        self.0
    }

    /// The instant of the place; `None` if the number is out of range.
    pub fn instant(self) -> Option<Instant> {
        Instant::from_unix(self.0 / ARRIVALS)
    }
}

/// The ending that earlier versions added to the identity of a row whose content means the same as another
/// row's but is written differently: half of an unsalted hash of its canonical text.
pub fn tell_apart(identity: &str, fields: &str, content: &str) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(fields.as_bytes()).update(&[0]).update(content.as_bytes());
    format!("{identity}/{}", super::sql::hex(&hasher.finalize().as_bytes()[..16]))
}
