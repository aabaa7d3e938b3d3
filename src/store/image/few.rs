//! Reads the identities of a few states and the texts of their address keys from the rows of these states. This
//! takes less time than reading the parts of the image that hold the texts of all states.
//!
//! Each text that a row contains is checked against its hash in the image. If the hash differs, the text is read
//! from the image itself, and that also finds any damage to the image.

use std::sync::Arc;

use foldhash::HashSet;
use rusqlite::{Connection, OptionalExtension};

use super::build::stored_key;
use super::whole_image::Image;
use crate::error::Result;
use crate::model::ListIndex;
use crate::store::sql::{IDENTITY, ROOM};

/// A selection is small if it has at most one of every `MANY` states; then reading row by row is faster than
/// reading a column.
const MANY: usize = 16;

/// The number of listed Server ids that `few_hosts` checks before it gives up.
const LOOKED_AT: usize = 10_000;

/// Whether a selection of `some` out of `all` states is small enough to be read row by row.
pub fn is_few(some: usize, all: usize) -> bool {
    some.saturating_mul(MANY) <= all
}

impl Image {
    /// The identity of the account of a state, read from the row of the state; empty if the account is missing.
    ///
    /// # Errors
    /// If the database cannot be read or holds invalid data. All other functions of this file that return a
    /// `Result` fail in the same cases.
    pub fn identity_of_few(&self, connection: &Connection, place: usize) -> Result<Arc<str>> {
        let account = self.states().accounts[place];
        if let Some(known) = self.few.accounts.borrow().get(&account) {
            return Ok(Arc::clone(known));
        }
        let sql = format!("SELECT {IDENTITY} FROM states WHERE state_id = ?1");
        let mut statement = connection.prepare_cached(&sql)?;
        let state = self.states().numbers.at(place);
        let stored: Option<String> = statement.query_row([state], |row| row.get(0)).optional()?;
        let accounts = self.accounts(connection)?;
        let hash = accounts.place_of(account).map(|at| accounts.hashes[at]);
        let identity: Arc<str> = match stored {
            Some(stored) if Some(self.form.hash_of(&stored)) == hash => stored.into(),
            _ => self.identity(connection, place)?.into(),
        };
        self.few.accounts.borrow_mut().insert(account, Arc::clone(&identity));
        Ok(identity)
    }

    /// The identity of the account at a position in the image, read from the row of one of its states.
    pub fn identity_of_account(&self, connection: &Connection, place: usize) -> Result<Arc<str>> {
        let number = self.accounts(connection)?.numbers.at(place);
        if let Some(known) = self.few.accounts.borrow().get(&number) {
            return Ok(Arc::clone(known));
        }
        // Accounts are numbered in the order of their first states, so none of the first `place` states belongs
        // to this account.
        let own = self.states().accounts.iter().skip(place).position(|it| *it == number);
        match own {
            Some(after) => self.identity_of_few(connection, place + after),
            None => Ok(self.identity_at(connection, place)?.into()),
        }
    }

    /// The numbers of the hosts that the rows of a Cloud source list at one point of its time line; `None` if
    /// too many listed ids would have to be checked.
    pub fn few_hosts(&self, source: i64, at: i64) -> Option<HashSet<u32>> {
        let (states, (hosts, _)) = (self.states(), self.states().all_listed());
        let (mut found, mut last, mut looked_at) = (HashSet::default(), None, 0);
        for (place, host) in hosts.iter().enumerate() {
            // Most Cloud rows list only hosts that earlier rows have listed too, so these are skipped quickly.
            if last == Some(*host) || found.contains(host) {
                last = Some(*host);
                continue;
            }
            looked_at += 1;
            if looked_at > LOOKED_AT {
                return None;
            }
            let held = self.times.of(states, states.owner_of_listed(place));
            if held.iter().any(|it| it.source == source && it.from <= at && it.to > at) {
                last = Some(*host);
                found.insert(*host);
            }
        }
        Some(found)
    }

    /// The text of an address key, read from the row of a state that has the address; empty if no key has this
    /// number.
    pub fn key_text_of_few(&self, connection: &Connection, key: u32) -> Result<Arc<str>> {
        if let Some(known) = self.few.key(key) {
            return Ok(known);
        }
        if let Some(state) = self.with_key(key).first() {
            self.read_keys_of(connection, state.position())?;
        }
        match self.few.key(key) {
            Some(known) => Ok(known),
            None => Ok(self.key_text(connection, key)?.unwrap_or_default().into()),
        }
    }

    /// Reads the texts of a state's address keys from the rows of its addresses, and keeps them in memory. The
    /// keys of a state are in the order of its addresses.
    pub fn read_keys_of(&self, connection: &Connection, place: usize) -> Result<()> {
        if !self.few.states.borrow_mut().insert(place) {
            return Ok(());
        }
        let numbers: Vec<u32> = self.states().keys(place).map(|(key, _)| key).collect();
        if numbers.iter().all(|key| self.few.keys.borrow().contains_key(key)) {
            return Ok(());
        }
        let first = i64::from(self.states().numbers.at(place)) * ROOM;
        let sql = "SELECT text, key FROM addresses WHERE row_id BETWEEN ?1 AND ?2 ORDER BY row_id";
        let mut statement = connection.prepare_cached(sql)?;
        let mut rows = statement.query((first, first + ROOM - 1))?;
        let mut texts: Vec<String> = Vec::new();
        let mut seen: HashSet<String> = HashSet::default();
        while let Some(row) = rows.next()? {
            let text = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
            let key = row.get_ref(1)?.as_str_or_null().map_err(rusqlite::Error::from)?;
            let key = stored_key(text, key);
            if seen.insert(key.clone()) {
                texts.push(key);
            }
        }
        let hashes = self.key_hashes(connection)?;
        let fits = |(number, text): (&u32, &String)| {
            let hash = hashes.get((*number as usize).wrapping_sub(1));
            hash.is_some_and(|hash| *hash == self.form.hash_of(text) as u32)
        };
        if texts.len() == numbers.len() && numbers.iter().zip(&texts).all(fits) {
            let texts = texts.into_iter().map(Arc::from);
            self.few.keys.borrow_mut().extend(numbers.into_iter().zip(texts));
        }
        Ok(())
    }
}
