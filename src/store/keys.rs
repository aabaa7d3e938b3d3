//! The numbers of addresses' keys: known in memory where a file brings many, else asked for.

use foldhash::{HashMap, HashMapExt};
use rusqlite::{Connection, OptionalExtension};

use super::place::text_hash;
use super::waiting::Waiting;
use crate::error::Result;

/// So many keys are kept in memory at most (some 90 MB).
const MOST: usize = 3_500_000;

/// All keys are read once so many of them, or of those that there are the eighth part, have been
/// asked for one by one: what a small file names is a small part of a large database.
const ASKED: usize = 1000;
const PART: usize = 8;

/// The keys of a database that is being written to.
pub struct Keys {
    known: HashMap<[u8; 16], u32>,
    /// Are all keys that are stored known?
    all: bool,
    /// How many were stored at the beginning; more than [`MOST`] are never read.
    stored: usize,
    asked: usize,
    next: u32,
    waiting: Waiting,
}

impl Keys {
    /// The keys that there are.
    pub fn of(connection: &Connection) -> Result<Keys> {
        let newest = super::newest(connection, "key_id", "keys")?;
        Ok(Keys {
            known: HashMap::new(),
            all: newest == 0,
            stored: newest as usize,
            asked: 0,
            next: newest + 1,
            waiting: Waiting::default(),
        })
    }

    /// The number of a key, by its text and hash; a new one if there is none.
    pub fn number(&mut self, connection: &Connection, key: &str, hash: &[u8; 16]) -> Result<u32> {
        if let Some(number) = self.known.get(hash) {
            return Ok(*number);
        }
        let number = match self.stored_number(connection, key, hash)? {
            Some(number) => number,
            None => {
                let number = self.next;
                self.next += 1;
                self.waiting.push(number, 0, key);
                number
            }
        };
        self.known.insert(*hash, number);
        if self.waiting.is_full() || self.known.len() > MOST {
            self.write(connection)?;
        }
        Ok(number)
    }

    fn stored_number(
        &mut self,
        connection: &Connection,
        key: &str,
        hash: &[u8; 16],
    ) -> Result<Option<u32>> {
        if self.all {
            return Ok(None);
        }
        self.asked += 1;
        if self.asked > ASKED && self.asked > self.stored / PART && self.stored < MOST {
            self.read_all(connection)?;
            return Ok(self.known.get(hash).copied());
        }
        let sql = "SELECT key_id FROM keys WHERE key = ?1";
        Ok(connection.prepare_cached(sql)?.query_row([key], |row| row.get(0)).optional()?)
    }

    fn read_all(&mut self, connection: &Connection) -> Result<()> {
        self.known.reserve(self.stored);
        let mut statement = connection.prepare("SELECT key_id, key FROM keys")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let key = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
            self.known.insert(text_hash(key), row.get(0)?);
        }
        self.all = true;
        Ok(())
    }

    /// Writes the new keys.
    pub fn write(&mut self, connection: &Connection) -> Result<()> {
        self.waiting.write_keys(connection)?;
        if self.known.len() > MOST {
            self.forget();
            self.stored = usize::MAX;
        }
        Ok(())
    }

    /// Forgets what is known, all of which is written: some of it may be deleted.
    pub fn forget(&mut self) {
        self.known = HashMap::new();
        self.all = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_one_number_however_it_is_found() {
        let connection = Connection::open_in_memory().expect("a database");
        connection
            .execute_batch("CREATE TABLE keys (key_id INTEGER PRIMARY KEY, key TEXT UNIQUE)")
            .expect("a table");
        let name = |of: usize| format!("{of}@octo-corp.example");
        let mut numbers = Vec::new();
        for begun in 0..4 {
            let mut keys = Keys::of(&connection).expect("keys");
            // Those of the round before, most of them twice, and as many new ones.
            for of in (0..2000 * begun).rev().step_by(3).chain(0..2000 * (begun + 1)) {
                let number =
                    keys.number(&connection, &name(of), &text_hash(&name(of))).expect("a number");
                if of == numbers.len() {
                    numbers.push(number);
                }
                assert_eq!(numbers[of], number);
            }
            keys.write(&connection).expect("written");
            keys.forget();
            let again = keys.number(&connection, &name(7), &text_hash(&name(7)));
            assert_eq!(again.expect("a number"), numbers[7]);
        }
        let sql = "SELECT count(DISTINCT key_id) FROM keys";
        let stored: usize = connection.query_row(sql, [], |row| row.get(0)).expect("a number");
        assert_eq!(stored, numbers.len());
    }
}
