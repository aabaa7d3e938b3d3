//! What identifies few of many states, and the texts of their keys, from their rows: to read those of some
//! people takes less than to read the parts that have everybody's.
//!
//! What the rows say is held against the hashes of the image. Where it does not fit, the image's own texts
//! are read, and damage is found there.

use std::cell::RefCell;
use std::sync::Arc;

use foldhash::{HashMap, HashSet};
use rusqlite::{Connection, OptionalExtension};

use super::Image;
use super::build::stored_key;
use crate::error::Result;
use crate::store::{IDENTITY, ROOM};

/// So many times as many must there be, that some are few.
const MANY: usize = 16;

/// So many states are looked at one by one.
const LOOKED_AT: usize = 10_000;

/// Are these few of so many?
pub fn is_few(some: usize, all: usize) -> bool {
    some.saturating_mul(MANY) <= all
}

/// The number of a source, and a place in it.
type At = (i64, i64);

/// The names of hosts, in order.
type Hosts = Arc<[Box<str>]>;

/// What was read.
#[derive(Default)]
pub struct Few {
    /// The states whose keys were read, by their places.
    states: RefCell<HashSet<usize>>,
    /// The texts of keys, by their numbers.
    keys: RefCell<HashMap<u32, Arc<str>>>,
    /// What identifies accounts, by their numbers.
    accounts: RefCell<HashMap<u32, Arc<str>>>,
    /// The keys that are one slip from an address.
    slips: RefCell<HashMap<String, Arc<[u32]>>>,
    /// The hosts that rows list, by their source and the place at which they hold.
    hosts: RefCell<HashMap<At, Hosts>>,
}

impl Few {
    /// The text of a key, if it was read.
    pub fn key(&self, key: u32) -> Option<Arc<str>> {
        self.keys.borrow().get(&key).cloned()
    }

    /// The keys that are one slip from an address, if they were looked for.
    pub fn slips(&self, address: &str) -> Option<Arc<[u32]>> {
        self.slips.borrow().get(address).cloned()
    }

    /// Keeps them.
    pub fn keep_slips(&self, address: &str, keys: &[u32]) {
        self.slips.borrow_mut().insert(address.to_owned(), keys.into());
    }

    /// The hosts that the rows of a source list at a place; `look` finds them, once.
    ///
    /// # Errors
    /// What `look` says.
    pub fn hosts(
        &self,
        source: i64,
        place: i64,
        look: impl FnOnce() -> Result<Vec<Box<str>>>,
    ) -> Result<Hosts> {
        if let Some(known) = self.hosts.borrow().get(&(source, place)) {
            return Ok(Arc::clone(known));
        }
        let hosts: Hosts = look()?.into();
        self.hosts.borrow_mut().insert((source, place), Arc::clone(&hosts));
        Ok(hosts)
    }
}

impl Image {
    /// What identifies the account of a state, for few of many; empty where it is not there.
    ///
    /// # Errors
    /// If the database cannot be read, or holds what it should not; likewise below.
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

    /// What identifies an account, by its place among them, for few of many.
    pub fn identity_of_account(&self, connection: &Connection, place: usize) -> Result<Arc<str>> {
        let number = self.accounts(connection)?.numbers.at(place);
        if let Some(known) = self.few.accounts.borrow().get(&number) {
            return Ok(Arc::clone(known));
        }
        // Accounts are numbered as they come: before its first state are those of all before it.
        let own = self.states().accounts.iter().skip(place).position(|it| *it == number);
        match own {
            Some(after) => self.identity_of_few(connection, place + after),
            None => Ok(self.identity_at(connection, place)?.into()),
        }
    }

    /// The hosts (by their numbers) that the rows of a source list which hold at a place; `None`: that is
    /// not found out by looking at few.
    pub fn few_hosts(&self, source: i64, at: i64) -> Option<HashSet<u32>> {
        let (states, (hosts, _)) = (self.states(), self.states().all_listed());
        let (mut found, mut last, mut looked_at) = (HashSet::default(), None, 0);
        for (place, host) in hosts.iter().enumerate() {
            // Most list one that was found already.
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

    /// The text of a key, for few of many; empty if there is none.
    pub fn key_text_of_few(&self, connection: &Connection, key: u32) -> Result<Arc<str>> {
        if let Some(known) = self.few.key(key) {
            return Ok(known);
        }
        if let Some(place) = self.with_key(key).first() {
            self.read_keys_of(connection, *place as usize)?;
        }
        match self.few.key(key) {
            Some(known) => Ok(known),
            None => Ok(self.key_text(connection, key)?.unwrap_or_default().into()),
        }
    }

    /// Reads the texts of a state's keys, for few of many: they stand in the order of its addresses.
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
