//! Places on a source's time line, and digests by which equal states are found.

use crate::model::Instant;

/// A point on a source's time line: an instant and the arrival number among its snapshots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place(pub(super) i64);

/// How many snapshots of a source fit into one second.
pub(super) const ARRIVALS: i64 = 65536;

impl Place {
    /// No place is before it.
    pub const FIRST: Place = Place(0);

    /// The first place of an instant.
    pub fn first_of(instant: Instant) -> Place {
        Place(instant.unix() * ARRIVALS)
    }

    /// The place of a stored number.
    pub fn from_number(number: i64) -> Place {
        Place(number)
    }

    /// The number as it is stored.
    pub fn number(self) -> i64 {
        self.0
    }

    /// The instant.
    pub fn instant(self) -> Option<Instant> {
        Instant::from_unix(self.0 / ARRIVALS)
    }
}

/// An unsalted hash of a record's canonical text, for finding changes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Digest(pub(super) [u8; 16]);

impl Digest {
    /// The first half of a hash.
    fn of(hash: &blake3::Hash) -> Digest {
        let mut half = [0; 16];
        half.copy_from_slice(&hash.as_bytes()[..16]);
        Digest(half)
    }

    /// The digest of a record's canonical text.
    pub fn of_texts(fields: &str, content: &str) -> Digest {
        Hasher::of_fields(fields).digest(content)
    }

    /// The identity of a row whose content means the same as another's but is said differently.
    pub fn tell_apart(self, identity: &str) -> String {
        format!("{identity}/{}", super::hex(&self.0))
    }

    /// The bytes as they are stored.
    pub fn bytes(self) -> [u8; 16] {
        self.0
    }
}

/// Makes the digests of records of one form: their names are hashed once.
#[derive(Clone)]
pub struct Hasher(blake3::Hasher);

impl Hasher {
    /// Takes the names of the fields.
    pub fn of_fields(fields: &str) -> Hasher {
        let mut hasher = blake3::Hasher::new();
        hasher.update(fields.as_bytes());
        hasher.update(&[0]);
        Hasher(hasher)
    }

    /// The digest of a record with these values.
    pub fn digest(&self, content: &str) -> Digest {
        let mut hasher = self.0.clone();
        hasher.update(content.as_bytes());
        Digest::of(&hasher.finalize())
    }
}

/// A hash by which texts are found in memory: of identities, and of the keys of addresses.
pub fn text_hash(text: &str) -> [u8; 16] {
    let mut half = [0; 16];
    half.copy_from_slice(&blake3::hash(text.as_bytes()).as_bytes()[..16]);
    half
}
