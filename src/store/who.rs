//! Finding accounts by what people call them: a login, an address, an id. Every account that was
//! ever stored, in force or not.

use super::image::{Image, login_hash};
use super::new_snapshot::ROWS_REPEATED;
use super::words::hash_of_name;
use super::{SnapshotFacts, Store};
use crate::email;
use crate::error::Result;
use crate::model::Account;

/// How much of the database is held in memory, in KiB, where all of it is read once.
const PAGES_READ_ONCE: i64 = 1024;

/// An account by its source and its identity there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountRef {
    /// The number of the source.
    pub source_id: i64,
    /// The account's identity there.
    pub identity: String,
}

/// A state of an account, and the places between which it held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StateSpan {
    /// The state.
    pub state: i64,
    /// The first place.
    pub from_place: i64,
    /// The first place after.
    pub to_place: i64,
}

impl StateSpan {
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
        self.image()?.key_number(&self.connection, key)
    }

    /// The accounts that have ever had a login, letter case apart.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn accounts_with_login(&self, login: &str) -> Result<Vec<AccountRef>> {
        let wanted = email::login_key(login);
        let image = self.image()?;
        let hash = login_hash(&image.form, login);
        if hash == 0 {
            return Ok(Vec::new());
        }
        let sql = "SELECT login FROM states WHERE state_id = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut places = Vec::new();
        for place in image.with_login(&self.connection, hash)? {
            let login: String = statement
                .query_row([image.states().numbers.at(place as usize)], |row| row.get(0))?;
            if email::login_key(&login) == wanted {
                places.push(place);
            }
        }
        self.accounts_behind(&image, places)
    }

    /// The accounts that have ever had a display name, as names are compared: case, accents, runs of
    /// spaces and the order of "Last, First" apart.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn accounts_with_name(&self, name: &str) -> Result<Vec<AccountRef>> {
        let Some(hash) = hash_of_name(name) else { return Ok(Vec::new()) };
        let image = self.image()?;
        let places = image.with_name(&self.connection, hash)?;
        self.accounts_behind(&image, places)
    }

    /// The accounts that have ever had an address, whatever its kind; for a Cloud row that lists it
    /// as a Server account's, the row.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn accounts_with_key(&self, key: u32) -> Result<Vec<AccountRef>> {
        let image = self.image()?;
        self.accounts_behind(&image, image.with_key(key))
    }

    /// The account of a source with an identity, if it was ever there.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn account(&self, source_id: i64, identity: &str) -> Result<Option<AccountRef>> {
        let account = self.image()?.account(&self.connection, source_id, identity)?;
        Ok(account.map(|_| AccountRef { source_id, identity: identity.to_owned() }))
    }

    /// The states of an account with the places between which each held, in order.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn history(&self, account: &AccountRef) -> Result<Vec<StateSpan>> {
        let image = self.image()?;
        let states = match image.account(&self.connection, account.source_id, &account.identity)? {
            Some(number) => image.of_account(number),
            None => Vec::new(),
        };
        let spans = states.into_iter().flat_map(|at| image.times.of(image.states(), at as usize));
        let mut held: Vec<StateSpan> = spans
            .map(|it| StateSpan {
                state: i64::from(image.states().numbers.at(it.place)),
                from_place: it.from,
                to_place: it.to,
            })
            .collect();
        held.sort_by_key(|it| it.from_place);
        Ok(held)
    }

    /// What identifies the accounts whose rows came more than once in a snapshot, by number, as far
    /// as they were kept.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn repeated_in(&self, snapshot: i64) -> Result<Vec<String>> {
        let facts = self.facts(snapshot)?;
        let kept = facts.get(ROWS_REPEATED).and_then(serde_json::Value::as_array);
        let image = self.image()?;
        let accounts = image.accounts(&self.connection)?;
        let numbers = kept.into_iter().flatten().filter_map(serde_json::Value::as_u64);
        let places = numbers
            .filter_map(|number| u32::try_from(number).ok())
            .filter_map(|number| accounts.place_of(number));
        let text = |place| Ok(image.identity_at(&self.connection, place)?.to_owned());
        places.map(text).collect()
    }

    /// Hands out every login that was ever stored, and every address: what somebody may have meant.
    /// Some come more than once.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn each_name(&self, take: &mut dyn FnMut(&str)) -> Result<()> {
        // Each page is read once: kept ones would only take memory.
        let cache: i64 =
            self.connection.pragma_query_value(None, "cache_size", |row| row.get(0))?;
        self.connection.pragma_update(None, "cache_size", -PAGES_READ_ONCE)?;
        let read = self.each_login(take);
        self.connection.pragma_update(None, "cache_size", cache)?;
        read?;
        let image = self.image()?;
        let keys = image.key_texts(&self.connection)?;
        (0..keys.len()).for_each(|place| take(keys.get(place)));
        Ok(())
    }

    fn each_login(&self, take: &mut dyn FnMut(&str)) -> Result<()> {
        let sql = "SELECT login FROM states WHERE login <> ''";
        let mut statement = self.connection.prepare(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            take(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?);
        }
        Ok(())
    }

    /// The accounts of states, by source and identity.
    fn accounts_behind(&self, image: &Image, places: Vec<u32>) -> Result<Vec<AccountRef>> {
        let sources = image.accounts(&self.connection)?;
        let mut known = Vec::new();
        for place in places {
            let account = image.states().accounts[place as usize];
            let Some(account) = sources.place_of(account) else { continue };
            let source_id = i64::from(sources.sources.at(account));
            let identity = image.identity_of_few(&self.connection, place as usize)?.to_string();
            known.push(AccountRef { source_id, identity });
        }
        known.sort_unstable();
        known.dedup();
        Ok(known)
    }
}

impl AccountRef {
    /// The account of a source with this id.
    pub fn with_id(source_id: i64, id: &str) -> AccountRef {
        AccountRef { source_id, identity: Account::identity_of_id(id) }
    }
}
