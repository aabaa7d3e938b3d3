//! Reading the words that evidence is about: the texts of keys, logins and the hashes of display
//! names, of many accounts in one pass. What is printed is read by `read`; nothing here decides
//! anything.

use foldhash::{HashMap, HashMapExt, HashSet};

use super::Store;
use crate::error::Result;
use crate::name::NameHash;

impl Store {
    /// The texts of the keys that are wanted (flags by key number), in the order of their numbers.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn key_texts(&self, wanted: &[bool], mut put: impl FnMut(u32, &str)) -> Result<()> {
        let image = self.image()?;
        let numbers = (0u32..).zip(wanted).filter(|(_, wanted)| **wanted);
        for (number, _) in numbers {
            if let Some(text) = image.key_text(&self.connection, number)? {
                put(number, text);
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
        let image = self.image()?;
        let words = image.words(&self.connection)?;
        let sql = "SELECT login FROM states WHERE state_id = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        for (number, state) in states {
            let mut rows = statement.query([state])?;
            if let Some(row) = rows.next()? {
                let login = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
                let place = image.states().place_of(*state);
                let name = place.and_then(|place| image.states().name(words, place)).map(NameHash);
                put(*number, login, name);
            }
        }
        Ok(())
    }

    /// The states that have one of these display names, whenever they held, with it.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn states_named(&self, names: &HashSet<NameHash>) -> Result<HashMap<i64, NameHash>> {
        let image = self.image()?;
        let (states, words) = (image.states(), image.words(&self.connection)?);
        let mut found: HashMap<i64, NameHash> = HashMap::new();
        for place in 0..states.len() {
            if let Some(name) = states.name(words, place).map(NameHash)
                && names.contains(&name)
            {
                found.insert(i64::from(states.numbers[place]), name);
            }
        }
        Ok(found)
    }
}
