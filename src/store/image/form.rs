//! How an image is made: the version of its form, and the key of the hashes in it.

use rusqlite::{Connection, OptionalExtension};

use crate::error::{Error, Result, no_random_numbers};
use crate::store::place::{Digest, text_hash};

/// The form that this program writes and reads.
pub const VERSION: i64 = 1;

/// How many bits of a hash are kept by which something is only found.
const BITS: u32 = 64;

/// What makes hashes of texts. The key is the database's own, so that nobody who shapes a file can
/// have two texts meet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    key: [u8; 32],
    bits: u32,
}

/// What stands in the table.
pub enum Kept {
    /// Nothing, or the form of another version.
    None,
    /// What this program did not write.
    Damaged,
    /// A form, and the newest state of its image.
    Form(Form, Vec<u8>),
}

impl Form {
    /// One of its own.
    ///
    /// # Errors
    /// If the operating system gives no random numbers.
    pub fn new() -> Result<Form> {
        let mut key = [0; 32];
        getrandom::fill(&mut key).map_err(|error| no_random_numbers(&error))?;
        Ok(Form { key, bits: BITS })
    }

    /// Reads the one that is kept.
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
        // There is one.
        if rows.next()?.is_some() {
            return Ok(Kept::Damaged);
        }
        let own = line_hash(version, &key, bits, &newest);
        let Ok(key) = <[u8; 32]>::try_from(key) else { return Ok(Kept::Damaged) };
        if hash != own {
            return Ok(Kept::Damaged);
        }
        Ok(match version {
            VERSION => Kept::Form(Form { key, bits }, newest),
            _ => Kept::None,
        })
    }

    /// Keeps it in the place of any other, for an image of all states that there are.
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

    /// The hash of a text of which the plain hash is known: it proposes, and texts decide.
    pub fn hash(&self, text_hash: &[u8; 16]) -> u64 {
        self.keyed(text_hash) >> (BITS - self.bits.clamp(1, BITS))
    }

    /// The hash of a text.
    pub fn hash_of(&self, text: &str) -> u64 {
        self.hash(&text_hash(text))
    }

    /// By what a record is known that says the same. Equal ones count as unchanged: one changed
    /// record in 2^64 would be missed, and nobody without the key can aim at it.
    pub fn digest(&self, digest: Digest) -> u64 {
        self.keyed(&digest.bytes())
    }

    /// A strongly universal hash of what is a hash already (multiply, add, shift): two different ones
    /// meet with one chance in 2^64, whoever made them, if he does not know the key.
    fn keyed(&self, bytes: &[u8; 16]) -> u64 {
        let (first, second) = self.key.split_at(16);
        let factor = |key: &[u8]| key.try_into().map_or(1, u128::from_le_bytes);
        let part = |at: usize| bytes[at..at + 8].try_into().map_or(0, u64::from_le_bytes);
        let product = |key: &[u8], at: usize| factor(key).wrapping_mul(u128::from(part(at)));
        (product(first, 0).wrapping_add(product(second, 8)) >> 64) as u64
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

/// What tells the newest state of this database from any other: the salted hash of its record. Empty
/// where there is none.
///
/// # Errors
/// If the database cannot be read.
pub fn newest(connection: &Connection) -> Result<Vec<u8>> {
    let sql = "SELECT record_hash FROM states ORDER BY state_id DESC LIMIT 1";
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement.query_row([], |row| row.get(0)).optional()?.unwrap_or_default())
}

/// The hash that a segment is kept with.
pub fn segment_hash(part: i64, first: i64, count: i64, data: &[u8]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    for number in [part, first, count] {
        hasher.update(&number.to_le_bytes());
    }
    *hasher.update(data).finalize().as_bytes()
}

/// The hash of a login as it is compared; what a state with no login has in its place, no login has.
pub fn login_hash(form: &Form, login: &str) -> u64 {
    plain_login_hash(login).map_or(0, |hash| keyed_login_hash(form, &hash))
}

/// The same of a login of which the plain hash is known.
pub fn keyed_login_hash(form: &Form, hash: &[u8; 16]) -> u64 {
    form.hash(hash).max(1)
}

/// The plain hash of a login as it is compared; `None`: there is none.
pub fn plain_login_hash(login: &str) -> Option<[u8; 16]> {
    let login = crate::email::login_key(login);
    (!login.is_empty()).then(|| text_hash(&login))
}

impl From<super::bytes::Malformed> for Error {
    fn from(_: super::bytes::Malformed) -> Error {
        Error::database("the image in the database is damaged")
            .hint("`oneseat verify` says more; it is made anew from the rows")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_depend_on_the_key_and_on_every_bit() {
        let (one, other) = (Form { key: [7; 32], bits: 64 }, Form::new().expect("a key"));
        let few = Form { bits: 8, ..other.clone() };
        let text = text_hash("ann@corp.example");
        assert_ne!(one.hash(&text), other.hash(&text));
        assert_eq!(few.hash(&text), other.hash(&text) >> 56);
        assert_eq!(few.digest(Digest(text)), other.digest(Digest(text)));
        for bit in 0..128 {
            let mut flipped = text;
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_ne!(other.hash(&flipped), other.hash(&text), "{bit}");
        }
        assert_eq!(login_hash(&other, " Ada "), login_hash(&other, "ada"));
        assert_ne!(login_hash(&other, "ada"), login_hash(&other, "adam"));
        assert_eq!(login_hash(&other, " "), 0);
    }
}
