//! Defines the form of an image (the derived columns): the version of its layout, and the key of its hashes.

use std::hash::Hasher as _;

use rusqlite::{Connection, OptionalExtension};
use siphasher::sip::SipHasher13;

use crate::error::{Error, Result, no_random_numbers};

/// The version of the image's layout that this program writes and reads.
pub const VERSION: i64 = 3;

/// The number of bits of the hash by which equal texts are looked for. Texts with equal hashes are compared
/// afterwards.
const BITS: u32 = 64;

/// The form of an image (the derived columns): the key and the length of its hashes. The key is random for each
/// database, so that nobody can make a file with two texts that have the same hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageForm {
    key: [u8; 32],
    bits: u32,
}

/// The content of the table `image_form`, which describes the stored image.
pub enum Kept {
    /// The table `image_form` is empty, or has the form of another version.
    None,
    /// The table `image_form` has data that this program did not write.
    Damaged,
    /// The form of the stored image, and the record hash of the newest state in the image.
    Form(ImageForm, Vec<u8>),
}

impl ImageForm {
    /// A form with a new random key.
    ///
    /// # Errors
    /// If the operating system provides no random numbers.
    pub fn new() -> Result<ImageForm> {
        let mut key = [0; 32];
        getrandom::fill(&mut key).map_err(|error| no_random_numbers(&error))?;
        Ok(ImageForm { key, bits: BITS })
    }

    /// Reads the form (hash key and layout version) of the stored image.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn read(connection: &Connection) -> Result<Kept> {
        let sql = "SELECT version, hash_key, hash_bits, newest, hash FROM image_form";
        let mut statement = connection.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        let Some(row) = rows.next()? else { return Ok(Kept::None) };
        let (version, bits): (i64, u32) = (row.get(0)?, row.get(2)?);
        let (key, newest, hash): (Vec<u8>, Vec<u8>, Vec<u8>) =
            (row.get(1)?, row.get(3)?, row.get(4)?);
        // This program stores exactly one form, so a second row is damage.
        if rows.next()?.is_some() {
            return Ok(Kept::Damaged);
        }
        let own = line_hash(version, &key, bits, &newest);
        let Ok(key) = <[u8; 32]>::try_from(key) else { return Ok(Kept::Damaged) };
        if hash != own {
            return Ok(Kept::Damaged);
        }
        Ok(match version {
            VERSION => Kept::Form(ImageForm { key, bits }, newest),
            _ => Kept::None,
        })
    }

    /// Stores this form in place of any stored one. The stored image must cover all states in the database.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub fn write(&self, connection: &Connection) -> Result<()> {
        connection.execute("DELETE FROM image_form", [])?;
        let newest = newest(connection)?;
        let hash = line_hash(VERSION, &self.key, self.bits, &newest);
        connection.execute(
            "INSERT INTO image_form (version, hash_key, hash_bits, newest, hash) \
             VALUES (?1, ?2, ?3, ?4, ?5)",
            (VERSION, &self.key[..], self.bits, newest, &hash[..]),
        )?;
        Ok(())
    }

    /// The hash of a text. Different texts may have the same hash, so the texts must still be compared.
    pub fn hash_of(&self, text: &str) -> u64 {
        let hasher = SipHasher13::new_with_key(&self.half(0));
        hasher.hash(text.as_bytes()) >> (BITS - self.bits.clamp(1, BITS))
    }

    /// The hasher for the digests of records with these fields. `fields` is a JSON array of the names of the
    /// fields.
    pub fn digests_of(&self, fields: &str) -> Digests {
        let hasher = SipHasher13::new_with_key(&self.half(1));
        let mut begun = hasher;
        begun.write_u64(hasher.hash(fields.as_bytes()));
        Digests(begun)
    }

    /// One half of the secret key. The half 0 is for hashes of texts, the half 1 is for digests of records.
    fn half(&self, which: usize) -> [u8; 16] {
        let mut half = [0; 16];
        half.copy_from_slice(&self.key[which * 16..][..16]);
        half
    }
}

/// Computes the 64-bit digests of the records of one shape. Two records with equal digests count as equal. So a
/// change is missed with a probability of one in 2^64. Nobody who lacks the key can cause that on purpose.
#[derive(Debug, Clone, Copy)]
pub struct Digests(SipHasher13);

impl Digests {
    /// The digest of the record whose values have the canonical text `content`.
    pub fn of(&self, content: &str) -> u64 {
        let mut hasher = self.0;
        hasher.write(content.as_bytes());
        hasher.finish()
    }
}

fn line_hash(version: i64, key: &[u8], bits: u32, newest: &[u8]) -> Vec<u8> {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&version.to_le_bytes()).update(&bits.to_le_bytes());
    for bytes in [key, newest] {
        hasher.update(&(bytes.len() as u64).to_le_bytes()).update(bytes);
    }
    hasher.finalize().as_bytes().to_vec()
}

/// The evidence hash of the newest state's record. The hash is salted, so no state of another database has the
/// same hash. Empty if the database has no state.
///
/// # Errors
/// If the database cannot be read.
pub fn newest(connection: &Connection) -> Result<Vec<u8>> {
    let sql = "SELECT record_hash FROM states ORDER BY state_id DESC LIMIT 1";
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement.query_row([], |row| row.get(0)).optional()?.unwrap_or_default())
}

/// The hash that is stored with a segment of the image, by which damage is found. It covers the number of the
/// part, the first position, the number of entries and the data of the segment.
pub fn segment_hash(part: i64, first: i64, count: i64, data: &[u8]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    for number in [part, first, count] {
        hasher.update(&number.to_le_bytes());
    }
    *hasher.update(data).finalize().as_bytes()
}

/// The hash of a login, regardless of letter case. 0 stands for an absent login; the hash of a login is never 0.
pub fn login_hash(form: &ImageForm, login: &str) -> u32 {
    match crate::email::login_key(login) {
        key if key.is_empty() => 0,
        key => (form.hash_of(&key) as u32).max(1),
    }
}

impl From<super::bytes::BadColumns> for Error {
    fn from(_: super::bytes::BadColumns) -> Error {
        Error::database("the image in the database is damaged")
            .hint("list the damage with `oneseat verify`; oneseat rebuilds the image from the rows by itself")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_depend_on_the_key_and_on_every_bit() {
        let (one, other) = (ImageForm { key: [7; 32], bits: 64 }, ImageForm::new().expect("a key"));
        let few = ImageForm { bits: 8, ..other.clone() };
        let text = "ann@corp.example";
        assert_ne!(one.hash_of(text), other.hash_of(text));
        assert_eq!(few.hash_of(text), other.hash_of(text) >> 56);
        let digest =
            |form: &ImageForm, fields: &str, content: &str| form.digests_of(fields).of(content);
        assert_eq!(digest(&few, "a", "b"), digest(&other, "a", "b"));
        assert_ne!(digest(&one, "a", "b"), digest(&other, "a", "b"));
        assert_ne!(digest(&one, "a", "b"), digest(&one, "ab", ""));
        assert_ne!(digest(&one, "", text), one.hash_of(text));
        for bit in 0..text.len() * 7 {
            let mut flipped = text.as_bytes().to_vec();
            flipped[bit / 7] ^= 1 << (bit % 7);
            let flipped = std::str::from_utf8(&flipped).expect("ASCII");
            assert_ne!(other.hash_of(flipped), other.hash_of(text), "{bit}");
            assert_ne!(digest(&other, "a", flipped), digest(&other, "a", text), "{bit}");
        }
        // Databases store these hashes, so they must be the same in every version and on every machine.
        assert_eq!(one.hash_of(text), 10_429_321_701_327_222_159);
        assert_eq!(digest(&one, "[\"a\"]", "[1]"), 9_686_462_619_663_220_189);
        assert_eq!(login_hash(&other, " Ada "), login_hash(&other, "ada"));
        assert_ne!(login_hash(&other, "ada"), login_hash(&other, "adam"));
        assert_eq!(login_hash(&other, " "), 0);
    }
}
