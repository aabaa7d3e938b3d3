//! Reading the words that evidence is about: the texts of keys, logins and the hashes of display
//! names, of many accounts in one pass. What is printed is read by `read`; nothing here decides
//! anything.

use foldhash::{HashMap, HashMapExt, HashSet};

use super::Store;
use crate::error::Result;
use crate::name::NameHash;

/// With fewer keys or names than this, each is looked up by itself.
const FEW: usize = 1000;

impl Store {
    /// The texts of the keys that are wanted (flags by key number), in the order of their numbers.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn key_texts(&self, wanted: &[bool], mut put: impl FnMut(u32, &str)) -> Result<()> {
        let count = wanted.iter().filter(|wanted| **wanted).count();
        if count < FEW {
            let numbers = (0u32..).zip(wanted).filter(|(_, wanted)| **wanted);
            for (number, _) in numbers {
                put(number, &self.key_text(number)?);
            }
            return Ok(());
        }
        let sql = "SELECT key_id, key FROM keys ORDER BY key_id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let number: u32 = row.get(0)?;
            if wanted.get(number as usize).is_some_and(|wanted| *wanted) {
                put(number, row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?);
            }
        }
        Ok(())
    }

    /// What states are called; each is handed in with a number of the caller's.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn called_each(
        &self,
        states: &[(u32, i64)],
        mut put: impl FnMut(u32, &str, Option<NameHash>),
    ) -> Result<()> {
        let sql = "SELECT login, name_hash FROM states WHERE state_id = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        for (number, state) in states {
            let mut rows = statement.query([state])?;
            if let Some(row) = rows.next()? {
                let login = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
                put(*number, login, row.get::<_, Option<i64>>(1)?.map(NameHash));
            }
        }
        Ok(())
    }

    /// The states that have one of these display names, whenever they held, with it.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn states_named(&self, names: &HashSet<NameHash>) -> Result<HashMap<i64, NameHash>> {
        let mut states: HashMap<i64, NameHash> = HashMap::new();
        if names.len() < FEW {
            for name in names {
                let sql = "SELECT state_id FROM states WHERE name_hash = ?1";
                let mut statement = self.connection.prepare_cached(sql)?;
                let found = statement.query_map([name.0], |row| row.get(0))?;
                for state in found {
                    states.insert(state?, *name);
                }
            }
        } else {
            let sql = "SELECT name_hash, state_id FROM states WHERE name_hash IS NOT NULL";
            let mut statement = self.connection.prepare_cached(sql)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let name = NameHash(row.get(0)?);
                if names.contains(&name) {
                    states.insert(row.get(1)?, name);
                }
            }
        }
        Ok(states)
    }
}
