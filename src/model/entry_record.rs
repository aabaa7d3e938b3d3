//! The stored form of an employee directory's entry (directory.md section 1). It has keyed digests in place of
//! the id, the addresses and the logins, and it states whether the person is active. So the database does not
//! reveal who works for a company, unless a Cloud or Server file names the person as well.
//!
//! In one database, equal texts have equal digests. A digest means nothing in any other database.

use std::borrow::Cow;

use smallvec::SmallVec;

use super::record::{Field, Record, Value};
use super::{DayMeans, EntryTexts, Instant};
use crate::email;

/// The secret key of the digests of directory entries in one database.
#[derive(Clone, PartialEq, Eq)]
pub struct DigestKey([u8; 32]);

/// The keyed digest of a text of a directory entry: the first half of a keyed BLAKE3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryDigest(pub [u8; 16]);

/// The kind of text that a digest is made from. Equal texts of different kinds have different digests, except
/// that a primary address has the digest of an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum DigestOf {
    /// The id of a directory entry.
    Id = 0,
    /// An address, in the form in which addresses are compared.
    Address = 1,
    /// The address that the directory marks as primary, in the form in which addresses are compared.
    Primary = 2,
    /// A login on Cloud, in the form in which logins are compared.
    CloudLogin = 3,
    /// A login on an instance, in the form in which logins are compared, together with the host of the instance.
    ServerLogin = 4,
    /// The details of an entry: all its data as plain text. The database stores the details of some entries only.
    Details = 5,
}

impl DigestOf {
    /// The kind of text for the number under which the database stores it. `None` for an unknown number, and for
    /// the kinds `Id` and `Details`, by which no account is found.
    pub fn from_number(number: u8) -> Option<DigestOf> {
        [DigestOf::Address, DigestOf::Primary, DigestOf::CloudLogin, DigestOf::ServerLogin]
            .into_iter()
            .find(|kind| *kind as u8 == number)
    }
}

impl DigestKey {
    /// The digest key that consists of these bytes; `None` unless there are 32 bytes.
    pub fn of(bytes: &[u8]) -> Option<DigestKey> {
        Some(DigestKey(bytes.try_into().ok()?))
    }

    /// The bytes of the digest key, as the database stores them.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The digest of an address key, by which directory entries are found. A primary address has the same digest
    /// as a secondary one.
    pub fn address(&self, key: &str) -> EntryDigest {
        self.digest(DigestOf::Address, key)
    }

    /// The digest of a login on Cloud, in the form in which logins are compared.
    pub fn cloud_login(&self, login_key: &str) -> EntryDigest {
        self.digest(DigestOf::CloudLogin, login_key)
    }

    /// The digest of a login on an instance, in the form in which logins are compared.
    pub fn server_login(&self, host: &str, login_key: &str) -> EntryDigest {
        self.digest(DigestOf::ServerLogin, &[host, login_key].join("\n"))
    }

    /// The digest of the id of a directory entry, by which it is recognized in another snapshot.
    pub fn id(&self, id: &str) -> EntryDigest {
        self.digest(DigestOf::Id, id)
    }

    /// The digest of the details of a directory entry (all its data as plain text).
    pub fn details(&self, details: &str) -> EntryDigest {
        self.digest(DigestOf::Details, details)
    }

    fn digest(&self, of: DigestOf, text: &str) -> EntryDigest {
        // Most texts fit into one block of BLAKE3, which is hashed fastest in one call.
        let mut block = [0; 64];
        let hash = match block.get_mut(1..=text.len()) {
            Some(room) => {
                room.copy_from_slice(text.as_bytes());
                block[0] = of as u8;
                blake3::keyed_hash(&self.0, &block[..=text.len()])
            }
            None => {
                let mut hasher = blake3::Hasher::new_keyed(&self.0);
                hasher.update(&[of as u8]).update(text.as_bytes());
                hasher.finalize()
            }
        };
        let mut digest = [0; 16];
        digest.copy_from_slice(&hash.as_bytes()[..16]);
        EntryDigest(digest)
    }
}

impl std::fmt::Debug for DigestKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DigestKey(…)")
    }
}

impl EntryDigest {
    /// The digest in hexadecimal digits, which is its form in records.
    pub fn hex(self) -> String {
        let mut text = String::with_capacity(2 * self.0.len());
        self.write_hex(&mut text);
        text
    }

    /// Appends the hexadecimal digits of the digest to `out`.
    pub fn write_hex(self, out: &mut String) {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut digits = [0; 32];
        for (pair, byte) in digits.chunks_exact_mut(2).zip(self.0) {
            pair[0] = DIGITS[usize::from(byte >> 4)];
            pair[1] = DIGITS[usize::from(byte & 15)];
        }
        out.extend(std::str::from_utf8(&digits));
    }

    /// Reads a digest from its hexadecimal digits; `None` if the text is not a digest.
    pub fn from_hex(text: &str) -> Option<EntryDigest> {
        let mut digest = [0; 16];
        if text.len() != 32 || !text.is_ascii() {
            return None;
        }
        for (byte, digits) in digest.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            let digit = |at: usize| char::from(digits[at]).to_digit(16);
            *byte = (digit(0)? << 4 | digit(1)?) as u8;
        }
        Some(EntryDigest(digest))
    }
}

/// The digests of an entry, each with its kind. Most entries have only a few.
pub type EntryDigests = SmallVec<[(DigestOf, EntryDigest); 4]>;

/// The data that are stored about every directory entry, even if no file of GitHub names the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryRecord {
    /// The digest of the entry's id, from which leading zeros were removed.
    pub id: EntryDigest,
    /// The digests by which accounts are found, each with its kind. The list is sorted and has no duplicates. The
    /// primary address occurs only with the kind `Primary`.
    pub digests: EntryDigests,
    /// Is the person's account at the directory active? `None` if the file does not state it.
    pub active: Option<bool>,
    /// The time when the person left or will leave. `None` if the file states none, or only the expiry of the
    /// account.
    pub left: Option<Instant>,
    /// The time when the person's account at the directory expires.
    pub expires: Option<Instant>,
    /// The digest of the entry's details (all its data as plain text).
    pub details: EntryDigest,
}

impl EntryRecord {
    /// Is the person active at an instant? The statement of the file counts, unless the account has expired by
    /// then.
    pub fn active_at(&self, at: Instant) -> Option<bool> {
        match self.expires {
            Some(expires) if expires <= at => Some(false),
            _ => self.active,
        }
    }

    /// Makes the stored form of a directory entry. `id` is the id in the form in which ids are compared, and
    /// `details` is the digest of the entry's details.
    pub fn new(
        key: &DigestKey,
        entry: &EntryTexts<'_>,
        id: &str,
        details: EntryDigest,
    ) -> EntryRecord {
        let digest_of = |address: &str| email::key(address).map(|it| key.address(&it));
        let primary = entry.primary.and_then(digest_of);
        let mut digests: EntryDigests = SmallVec::new();
        // In most entries the primary address is one of the addresses. It is hashed only once.
        let others = entry.addresses.iter().filter(|it| Some(**it) != entry.primary);
        let others = others.filter_map(|it| digest_of(it)).filter(|it| Some(*it) != primary);
        digests.extend(others.map(|it| (DigestOf::Address, it)));
        digests.extend(primary.map(|it| (DigestOf::Primary, it)));
        digests.extend(
            entry
                .logins
                .iter()
                .map(|login| (DigestOf::CloudLogin, key.cloud_login(&email::login_key(login)))),
        );
        digests.extend(entry.server_logins.iter().map(|(host, login)| {
            (DigestOf::ServerLogin, key.server_login(host, &email::login_key(login)))
        }));
        digests.sort_unstable();
        digests.dedup();
        EntryRecord {
            id: key.id(id),
            digests,
            active: entry.active,
            left: entry.left,
            expires: entry.expires,
            details,
        }
    }

    /// Appends to `out` what [`Record::write_values`] appends for [`EntryRecord::record`], without making the
    /// record.
    pub fn write_values(&self, out: &mut String) {
        let list = |kind: DigestOf, out: &mut String| {
            out.push('[');
            let own = self.digests.iter().filter(|it| it.0 == kind);
            for (at, (_, digest)) in own.enumerate() {
                out.push_str(if at == 0 { "\"" } else { ",\"" });
                digest.write_hex(out);
                out.push('"');
            }
            out.push(']');
        };
        let digest = |digest: Option<EntryDigest>, out: &mut String| match digest {
            Some(digest) => {
                out.push('"');
                digest.write_hex(out);
                out.push('"');
            }
            None => out.push_str("null"),
        };
        let instant = |at: Option<Instant>, out: &mut String| match at {
            Some(at) => {
                out.push('"');
                out.push_str(&at.to_string());
                out.push('"');
            }
            None => out.push_str("null"),
        };
        out.push_str(match self.active {
            Some(true) => "[true,",
            Some(false) => "[false,",
            None => "[null,",
        });
        list(DigestOf::Address, out);
        out.push(',');
        digest(Some(self.details), out);
        out.push(',');
        instant(self.expires, out);
        out.push(',');
        digest(Some(self.id), out);
        out.push(',');
        instant(self.left, out);
        out.push(',');
        list(DigestOf::CloudLogin, out);
        out.push(',');
        digest(self.primary(), out);
        out.push(',');
        list(DigestOf::ServerLogin, out);
        out.push(']');
    }

    fn primary(&self) -> Option<EntryDigest> {
        self.digests.iter().find(|it| it.0 == DigestOf::Primary).map(|it| it.1)
    }

    /// The stored form of the directory entry as a record, with the fields in the order of their names.
    pub fn record(&self) -> Record<'static> {
        let text = |digest: EntryDigest| Value::Text(Cow::Owned(digest.hex()));
        let of = |kind: DigestOf| self.digests.iter().filter(move |it| it.0 == kind);
        let list = |kind: DigestOf| Value::List(of(kind).map(|it| it.1.hex().into()).collect());
        let instant = |at: Option<Instant>| match at {
            Some(at) => Value::Text(Cow::Owned(at.to_string())),
            None => Value::Null,
        };
        let field = |name: &'static str, value| Field { name: Cow::Borrowed(name), value };
        Record::in_order(vec![
            field("active", self.active.map_or(Value::Null, Value::Bool)),
            field("addresses", list(DigestOf::Address)),
            field("details", text(self.details)),
            field("expires", instant(self.expires)),
            field("id", text(self.id)),
            field("left", instant(self.left)),
            field("logins", list(DigestOf::CloudLogin)),
            field("primary", self.primary().map_or(Value::Null, text)),
            field("server_logins", list(DigestOf::ServerLogin)),
        ])
    }

    /// Reads the stored form of a directory entry from a record that [`EntryRecord::record`] made; `None` for
    /// any other record.
    pub fn of(record: &Record<'_>) -> Option<EntryRecord> {
        let text = |name: &str| record.get(name).and_then(Value::text);
        let digest = |name: &str| text(name).and_then(EntryDigest::from_hex);
        let instant = |name: &str| text(name).and_then(|it| Instant::parse(it, DayMeans::Start));
        let mut digests = EntryDigests::new();
        for (name, kind) in [
            ("addresses", DigestOf::Address),
            ("logins", DigestOf::CloudLogin),
            ("server_logins", DigestOf::ServerLogin),
        ] {
            for item in record.get(name)?.items() {
                digests.push((kind, EntryDigest::from_hex(item)?));
            }
        }
        digests.extend(digest("primary").map(|it| (DigestOf::Primary, it)));
        digests.sort_unstable();
        let active = match record.get("active")? {
            Value::Bool(active) => Some(*active),
            _ => None,
        };
        let (left, expires) = (instant("left"), instant("expires"));
        Some(EntryRecord {
            id: digest("id")?,
            digests,
            active,
            left,
            expires,
            details: digest("details")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{DirectoryEntry, PackedEntries};

    #[test]
    fn an_entry_is_read_as_it_was_recorded() {
        let key = DigestKey([7; 32]);
        let entry = DirectoryEntry {
            addresses: vec!["A@x.example".to_owned(), "b@x.example".to_owned()],
            primary: Some("a@X.example ".to_owned()),
            logins: vec!["Ada".to_owned()],
            active: Some(false),
            left: Instant::from_unix(86_399),
            ..DirectoryEntry::default()
        };
        let mut packed = PackedEntries::default();
        packed.push(&entry);
        let texts = packed.texts_of(0).expect("an entry");
        let recorded = EntryRecord::new(&key, &texts, "7", key.details("{}"));
        assert_eq!(recorded.digests.len(), 3);
        assert_eq!(EntryRecord::of(&recorded.record()), Some(recorded.clone()));
        assert!(recorded.digests.contains(&(DigestOf::Primary, key.address("a@x.example"))));
        assert!(recorded.digests.contains(&(DigestOf::CloudLogin, key.cloud_login("ada"))));
        assert!(!recorded.record().to_json().contains("x.example"));
        let empty = EntryRecord::new(&key, &EntryTexts::default(), "", key.details("{}"));
        for record in [recorded, empty] {
            let (mut values, mut written) = (String::new(), String::new());
            record.record().write_values(&mut values);
            record.write_values(&mut written);
            assert_eq!(written, values);
        }
    }

    #[test]
    fn digests_depend_on_the_key_the_kind_and_the_whole_text() {
        let (key, other) = (DigestKey([7; 32]), DigestKey([8; 32]));
        let long = "a".repeat(100);
        let digests = [
            key.address("a"),
            other.address("a"),
            key.cloud_login("a"),
            key.id("a"),
            key.address(&long),
            key.address(&long[1..]),
            key.address(&long[..63]),
            key.address(&long[..64]),
        ];
        for (at, digest) in digests.iter().enumerate() {
            assert!(!digests[..at].contains(digest), "{at}");
            assert_eq!(EntryDigest::from_hex(&digest.hex()), Some(*digest));
        }
        assert_eq!(EntryDigest::from_hex("x"), None);
        // A text that fits into one block must have the digest that BLAKE3's incremental hasher computes.
        let mut hasher = blake3::Hasher::new_keyed(key.bytes());
        hasher.update(&[DigestOf::Address as u8]).update(&long.as_bytes()[..63]);
        assert_eq!(key.address(&long[..63]).0, hasher.finalize().as_bytes()[..16]);
    }
}
