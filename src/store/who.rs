//! Finds accounts by login, address, display name or id, among all accounts that were ever stored, whether they
//! are in force or not.

use super::image::{Image, ImageStateIx, login_hash};
use super::new_snapshot::ROWS_REPEATED;
use super::words::hash_of_name;
use super::{SnapshotFacts, Store};
use crate::email;
use crate::error::Result;
use crate::model::{Account, KeyId, ListIndex, StateId};

/// The size of SQLite's page cache, in KiB, while the whole database is read once.
const PAGES_READ_ONCE: i64 = 1024;

/// An account, named by its source and by its identity in that source.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountRef {
    /// The number that identifies the source in the database.
    pub source_id: i64,
    /// The identity of the account in its source, such as its login or id.
    pub identity: String,
}

/// A state (a record of an account), and a span of time in which it was in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StateSpan {
    /// The number that identifies the state in the database.
    pub state: StateId,
    /// The point of the source's time line at which the span begins.
    pub from_place: i64,
    /// The point of the source's time line at which the span ends; the span does not contain it.
    pub to_place: i64,
}

impl StateSpan {
    /// Was this record in force in a snapshot of the same source?
    pub fn in_snapshot(&self, snapshot: &SnapshotFacts) -> bool {
        (self.from_place..self.to_place).contains(&snapshot.place.number())
    }
}

impl Store {
    /// The number of the address key with this text; `None` if no record has ever had it.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn key_number(&self, key: &str) -> Result<Option<KeyId>> {
        Ok(self.image()?.key_number(&self.connection, key)?.map(KeyId::of_number))
    }

    /// The accounts that have ever had a login. Logins are compared without regard to letter case.
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
                .query_row([image.states().numbers.at(place.position())], |row| row.get(0))?;
            if email::login_key(&login) == wanted {
                places.push(place);
            }
        }
        self.accounts_behind(&image, places)
    }

    /// The accounts that have ever had a display name. Names are compared without regard to letter case,
    /// accents, runs of spaces, and the order of "Last, First".
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn accounts_with_name(&self, name: &str) -> Result<Vec<AccountRef>> {
        let Some(hash) = hash_of_name(name) else { return Ok(Vec::new()) };
        let image = self.image()?;
        let places = image.with_name(&self.connection, hash)?;
        self.accounts_behind(&image, places)
    }

    /// The accounts that have ever had an address of any kind. If a Cloud row lists the address for a Server
    /// account, the Cloud account is returned.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn accounts_with_key(&self, key: KeyId) -> Result<Vec<AccountRef>> {
        let image = self.image()?;
        self.accounts_behind(&image, image.with_key(key.number()))
    }

    /// The account with this identity in a source; `None` if there never was one.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn account(&self, source_id: i64, identity: &str) -> Result<Option<AccountRef>> {
        let account = self.image()?.account(&self.connection, source_id, identity)?;
        Ok(account.map(|_| AccountRef { source_id, identity: identity.to_owned() }))
    }

    /// The states (records) of an account with their spans, sorted by time.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn history(&self, account: &AccountRef) -> Result<Vec<StateSpan>> {
        let image = self.image()?;
        let states = match image.account(&self.connection, account.source_id, &account.identity)? {
            Some(number) => image.of_account(number),
            None => Vec::new(),
        };
        let spans = states.into_iter().flat_map(|it| image.times.of(image.states(), it.position()));
        let mut held: Vec<StateSpan> = spans
            .map(|it| StateSpan {
                state: image.states().state_at(it.place),
                from_place: it.from,
                to_place: it.to,
            })
            .collect();
        held.sort_by_key(|it| it.from_place);
        Ok(held)
    }

    /// The identities of the accounts whose rows came more than once in the file of a snapshot. If there were very
    /// many, the import stored only some of them.
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

    /// Passes every login and every address that was ever stored to `take`, some of them more than once. The
    /// caller suggests names similar to one that was not found.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn each_name(&self, take: &mut dyn FnMut(&str)) -> Result<()> {
        // Each page is read only once, so a large page cache would only take memory.
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

    /// The accounts to which these states (records) belong, each once.
    fn accounts_behind(&self, image: &Image, states: Vec<ImageStateIx>) -> Result<Vec<AccountRef>> {
        let sources = image.accounts(&self.connection)?;
        let mut known = Vec::new();
        for state in states {
            let account = image.states().accounts[state.position()];
            let Some(account) = sources.place_of(account) else { continue };
            let source_id = i64::from(sources.sources.at(account));
            let identity = image.identity_of_few(&self.connection, state.position())?.to_string();
            known.push(AccountRef { source_id, identity });
        }
        known.sort_unstable();
        known.dedup();
        Ok(known)
    }
}

impl AccountRef {
    /// The reference to the account of a source that has this id.
    pub fn with_id(source_id: i64, id: &str) -> AccountRef {
        AccountRef { source_id, identity: Account::identity_of_id(id) }
    }
}
