//! The columns of states that a transaction adds, until it is stored: keys and accounts have numbers of
//! their own here, and get those of the image at the end.

use foldhash::{HashSet, HashSetExt};
use rusqlite::Connection;

use super::form::keyed_login_hash;
use super::states::State;
use super::{Columns, Form, Image, Numbered, remake, table};
use crate::error::Result;
use crate::store::place::Digest;

/// What a transaction adds.
pub struct NewColumns {
    form: Form,
    states: super::States,
    keys: Numbered,
    accounts: Vec<(u32, u32, u64)>,
    identities: super::Texts,
    /// States that were taken back.
    gone: HashSet<u32>,
}

/// What stands in the rows of a new state.
pub struct NewRow<'r> {
    pub number: u32,
    pub snapshot: u32,
    pub account: u32,
    pub shape: u32,
    pub row: u8,
    pub roles: u8,
    pub visual_studio: bool,
    pub suspended: Option<bool>,
    pub login: &'r str,
    /// The plain hash of the login.
    pub login_hash: Option<[u8; 16]>,
    pub digest: Digest,
    pub name: Option<i64>,
}

impl NewColumns {
    /// Nothing yet, with the hashes of a form.
    pub fn of(form: Form) -> NewColumns {
        NewColumns {
            form,
            states: super::States::default(),
            keys: Numbered::default(),
            accounts: Vec::new(),
            identities: super::Texts::default(),
            gone: HashSet::new(),
        }
    }

    /// Adds an account.
    ///
    /// # Errors
    /// If there is no room for more.
    pub fn account(&mut self, number: u32, source: u32, hash: u64, identity: &str) -> Result<()> {
        self.accounts.push((number, source, hash));
        self.identities.push(identity)
    }

    /// The identity of an account that was added, by its number.
    pub fn identity(&self, number: u32) -> Option<&str> {
        let first = self.accounts.first()?.0;
        let place = number.checked_sub(first)? as usize;
        (place < self.accounts.len()).then(|| self.identities.get(place))
    }

    /// The number of a key here.
    ///
    /// # Errors
    /// If there is no room for more.
    pub fn key(&mut self, key: &str, hash: &[u8; 16]) -> Result<u32> {
        self.keys.place(self.form.hash(hash), key)
    }

    /// Adds a state with its keys (by their numbers here, with the bits of their kinds) and what it
    /// lists.
    pub fn state<'l>(
        &mut self,
        row: &NewRow<'_>,
        keys: &[(u32, u8)],
        listed: impl Iterator<Item = (u32, &'l str)>,
    ) {
        let state = State {
            number: row.number,
            snapshot: row.snapshot,
            account: row.account,
            shape: row.shape,
            row: row.row,
            roles: row.roles,
            visual_studio: row.visual_studio,
            takes_part: super::takes_part(row.suspended, row.login),
            keys,
            digest: self.form.digest(row.digest),
            login: row.login_hash.map_or(0, |hash| keyed_login_hash(&self.form, &hash)),
            name: row.name,
        };
        self.states.add(&state, listed);
    }

    /// Takes a state back.
    pub fn take_back(&mut self, number: u32) {
        self.gone.insert(number);
    }

    /// Adds what is new to the image that was there when the transaction began, in the tables too. One
    /// that was not kept is kept whole.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub fn write(&self, connection: &Connection, before: &Image) -> Result<()> {
        let is_nothing = self.states.len() == self.gone.len();
        if before.is_made() {
            return remake(connection, &self.form);
        }
        if is_nothing {
            return Ok(());
        }
        let mut columns = Columns::default();
        let mut numbers = self.known_keys(connection, before)?;
        // What is damaged was met only now.
        if before.is_made() {
            return remake(connection, &self.form);
        }
        let old_keys = before.counts.keys as u32;
        for place in 0..self.states.len() {
            if self.gone.contains(&self.states.numbers[place]) {
                continue;
            }
            for (own, _) in self.states.keys(place) {
                let own = own as usize;
                if numbers[own] == 0 {
                    columns.key_hashes.push(self.keys.hashes[own]);
                    columns.key_texts.push(self.keys.texts.get(own))?;
                    numbers[own] = old_keys + columns.key_hashes.len() as u32;
                }
            }
            columns.states.copy(&self.states, place, |own| numbers[own as usize]);
        }
        for (place, (number, source, hash)) in self.accounts.iter().enumerate() {
            columns.accounts.push(*number, *source, *hash, self.identities.get(place))?;
        }
        table::append(connection, &columns, &before.counts)?;
        self.form.write(connection)?;
        table::join(connection)
    }

    /// For each key here the number that it has already; 0: it is new. The keys of the image are gone
    /// through once.
    fn known_keys(&self, connection: &Connection, before: &Image) -> Result<Vec<u32>> {
        let mut numbers = vec![0; self.keys.hashes.len()];
        if numbers.is_empty() || before.counts.keys == 0 {
            return Ok(numbers);
        }
        for (place, hash) in before.key_hashes(connection)?.iter().enumerate() {
            let text = || before.key_text_at(connection, place);
            if let Some(own) = self.keys.find_with(*hash, text)? {
                numbers[own as usize] = place as u32 + 1;
            }
        }
        Ok(numbers)
    }
}
