//! Finding accounts by what people call them: a login, an address, an id. Every account that was
//! ever stored, in force or not.

use rusqlite::{OptionalExtension, params};

use super::new_snapshot::ROWS_REPEATED;
use super::words::{hash_of_login, hash_of_name};
use super::{SnapshotFacts, Store};
use crate::email;
use crate::error::Result;
use crate::model::Account;

/// An account by its source and its identity there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Known {
    /// The number of the source.
    pub source_id: i64,
    /// The account's identity there.
    pub identity: String,
}

/// A state of an account, and the places between which it held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// The state.
    pub state: i64,
    /// The first place.
    pub from_place: i64,
    /// The first place after.
    pub to_place: i64,
}

impl Held {
    /// Does it hold in a snapshot (of the same source)?
    pub fn in_snapshot(&self, snapshot: &SnapshotFacts) -> bool {
        (self.from_place..self.to_place).contains(&snapshot.place.number())
    }
}

impl Store {
    /// The number of a key, if anybody has ever had it.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn key_number(&self, key: &str) -> Result<Option<u32>> {
        let sql = "SELECT key_id FROM keys WHERE key = ?1";
        Ok(self.connection.prepare_cached(sql)?.query_row([key], |row| row.get(0)).optional()?)
    }

    /// The accounts that have ever had a login, letter case apart.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn accounts_with_login(&self, login: &str) -> Result<Vec<Known>> {
        let wanted = email::login_key(login);
        let Some(hash) = hash_of_login(login) else { return Ok(Vec::new()) };
        let sql = "SELECT DISTINCT source_id, identity, login \
                   FROM states JOIN stored_accounts USING (account_id) \
                   WHERE login_hash = ?1 ORDER BY source_id, identity";
        let mut statement = self.connection.prepare(sql)?;
        let mut rows = statement.query([hash])?;
        let mut known = Vec::new();
        while let Some(row) = rows.next()? {
            let login = row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?;
            if email::login_key(login) == wanted {
                known.push(Known { source_id: row.get(0)?, identity: row.get(1)? });
            }
        }
        known.dedup();
        Ok(known)
    }

    /// The accounts that have ever had a display name, as names are compared: case, accents, runs of
    /// spaces and the order of "Last, First" apart.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn accounts_with_name(&self, name: &str) -> Result<Vec<Known>> {
        let Some(hash) = hash_of_name(name) else { return Ok(Vec::new()) };
        let sql = "SELECT DISTINCT source_id, identity \
                   FROM states JOIN stored_accounts USING (account_id) \
                   WHERE name_hash = ?1 ORDER BY source_id, identity";
        let mut statement = self.connection.prepare(sql)?;
        let known = statement
            .query_map([hash], |row| Ok(Known { source_id: row.get(0)?, identity: row.get(1)? }))?;
        Ok(known.collect::<rusqlite::Result<_>>()?)
    }

    /// The accounts that have ever had an address, whatever its kind; for a Cloud row that lists it
    /// as a Server account's, the row.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn accounts_with_key(&self, key: u32) -> Result<Vec<Known>> {
        let sql = "SELECT DISTINCT stored_accounts.source_id, identity FROM addresses \
                   JOIN states USING (state_id) JOIN stored_accounts USING (account_id) \
                   WHERE key_id = ?1 ORDER BY stored_accounts.source_id, identity";
        let mut statement = self.connection.prepare(sql)?;
        let known = statement
            .query_map([key], |row| Ok(Known { source_id: row.get(0)?, identity: row.get(1)? }))?;
        Ok(known.collect::<rusqlite::Result<_>>()?)
    }

    /// The account of a source with an identity, if it was ever there.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn account(&self, source_id: i64, identity: &str) -> Result<Option<Known>> {
        let sql = "SELECT source_id, identity FROM stored_accounts \
                   WHERE source_id = ?1 AND identity = ?2";
        let found =
            self.connection.prepare_cached(sql)?.query_row(params![source_id, identity], |row| {
                Ok(Known { source_id: row.get(0)?, identity: row.get(1)? })
            });
        Ok(found.optional()?)
    }

    /// The states of an account with the places between which each held, in order.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn history(&self, account: &Known) -> Result<Vec<Held>> {
        let sql = "SELECT state_id, from_place, to_place FROM stored_accounts \
                   JOIN states USING (account_id) JOIN spans USING (state_id) \
                   WHERE stored_accounts.source_id = ?1 AND identity = ?2 ORDER BY from_place";
        let mut statement = self.connection.prepare_cached(sql)?;
        let held = statement.query_map(params![account.source_id, account.identity], |row| {
            Ok(Held { state: row.get(0)?, from_place: row.get(1)?, to_place: row.get(2)? })
        })?;
        Ok(held.collect::<rusqlite::Result<_>>()?)
    }

    /// What identifies the accounts whose rows came more than once in a snapshot, by number, as far
    /// as they were kept.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn repeated_in(&self, snapshot: i64) -> Result<Vec<String>> {
        let facts = self.facts(snapshot)?;
        let kept = facts.get(ROWS_REPEATED).and_then(serde_json::Value::as_array);
        let sql = "SELECT identity FROM stored_accounts WHERE account_id = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let numbers = kept.into_iter().flatten().filter_map(serde_json::Value::as_i64);
        let identities = numbers
            .map(|number| statement.query_row([number], |row| row.get::<_, String>(0)).optional());
        Ok(identities.filter_map(Result::transpose).collect::<rusqlite::Result<_>>()?)
    }

    /// Hands out every login that was ever stored, and every address: what somebody may have meant.
    /// Some come more than once.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn each_name(&self, take: &mut dyn FnMut(&str)) -> Result<()> {
        for sql in ["SELECT login FROM states WHERE login <> ''", "SELECT key FROM keys"] {
            let mut statement = self.connection.prepare(sql)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                take(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?);
            }
        }
        Ok(())
    }
}

impl Known {
    /// The account of a source with this id.
    pub fn with_id(source_id: i64, id: &str) -> Known {
        Known { source_id, identity: Account::identity_of_id(id) }
    }
}
