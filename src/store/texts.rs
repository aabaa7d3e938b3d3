//! Reads the texts that evidence compares: the texts of keys, the hashes of display names, and the logins of
//! many accounts in one pass. `read` reads the texts that are printed. This file makes no decision about
//! evidence.

use std::collections::hash_map::Entry;
use std::sync::Arc;

use foldhash::HashMap;

use super::Store;
use super::image::{StateTable, TextColumn, WordColumns, is_few};
use crate::error::Result;
use crate::model::{AccountIx, KeyId, ListIndex, StateId, StoredWords};
use crate::name::NameHash;

/// The texts of all address keys and the display names of all states, read from the image (the derived columns).
struct ImageWords<'i> {
    states: &'i StateTable,
    words: &'i WordColumns,
    key_texts: &'i TextColumn,
}

impl StoredWords for ImageWords<'_> {
    fn key_text(&self, key: KeyId) -> &str {
        let place = key.position().wrapping_sub(1);
        if place < self.key_texts.len() { self.key_texts.get(place) } else { "" }
    }

    fn name(&self, state: StateId) -> Option<NameHash> {
        self.states.name(self.words, self.states.place_of(state)?).map(NameHash)
    }
}

/// The texts of a few address keys, and the display names of all states.
struct FewWords<'i> {
    states: &'i StateTable,
    words: &'i WordColumns,
    texts: HashMap<KeyId, Arc<str>>,
}

impl StoredWords for FewWords<'_> {
    fn key_text(&self, key: KeyId) -> &str {
        self.texts.get(&key).map_or("", |text| text)
    }

    fn name(&self, state: StateId) -> Option<NameHash> {
        self.states.name(self.words, self.states.place_of(state)?).map(NameHash)
    }
}

impl Store {
    /// Calls `ask` with the texts of address keys and the hashes of display names. `ask` may read the texts of
    /// the keys in `keys` only. `keys` may contain duplicates.
    ///
    /// # Errors
    /// If the database cannot be read, or `ask` fails.
    pub fn with_words<T>(
        &self,
        keys: impl Iterator<Item = KeyId> + Clone,
        ask: impl FnOnce(&dyn StoredWords) -> Result<T>,
    ) -> Result<T> {
        let image = self.image()?;
        let words = image.words(&self.connection)?;
        if !is_few(keys.clone().count(), image.counts.keys) {
            let key_texts = image.key_texts(&self.connection)?;
            return ask(&ImageWords { states: image.states(), words, key_texts });
        }
        let mut texts = HashMap::default();
        for key in keys {
            if let Entry::Vacant(entry) = texts.entry(key) {
                let known = image.few.key(key.number());
                let known = known.map_or_else(|| self.key_text(key).map(Arc::from), Ok)?;
                entry.insert(known);
            }
        }
        ask(&FewWords { states: image.states(), words, texts })
    }

    /// Passes the login that each of these states (records of accounts) has to `put`.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn logins_each(
        &self,
        states: &[(AccountIx, StateId)],
        mut put: impl FnMut(AccountIx, &str),
    ) -> Result<()> {
        let sql = "SELECT login FROM states WHERE state_id = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        for (account, state) in states {
            let mut rows = statement.query([state.number()])?;
            if let Some(row) = rows.next()? {
                put(*account, row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?);
            }
        }
        Ok(())
    }
}
