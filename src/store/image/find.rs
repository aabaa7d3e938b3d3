//! Finds, in the image, the states that have an address key, a login, a display name or a listed id, and finds
//! accounts and keys by their texts. The functions that find a number in a column are in `finder.rs`.

use rusqlite::Connection;

use super::finder::{ColumnIx, ImageStateIx};
use super::states::Id;
use super::states::StateTable;
use super::sums::local_hash;
use super::whole_image::Image;
use crate::error::Result;
use crate::model::ListIndex;

impl Image {
    /// The states that have the address key with this number.
    pub fn with_key(&self, key: u32) -> Vec<ImageStateIx> {
        let states = self.states();
        owners(states, &self.finder.keys.places(key, states.all_keys()), StateTable::owner_of_key)
    }

    /// The states whose login has the hash `hash`. The caller must compare the logins, because hashes can
    /// collide.
    ///
    /// # Errors
    /// If the database cannot be read or holds invalid data. All other functions of this file that return a
    /// `Result` fail in the same cases.
    pub fn with_login(&self, connection: &Connection, hash: u32) -> Result<Vec<ImageStateIx>> {
        Ok(self.finder.logins.places(hash, &self.words(connection)?.logins))
    }

    /// The states whose display name has the hash `name`. The names themselves are not compared.
    pub fn with_name(&self, connection: &Connection, name: i64) -> Result<Vec<ImageStateIx>> {
        let (states, words) = (self.states(), self.words(connection)?);
        let mut found = self.finder.names.places(name, words.names());
        // The column also has a number for each state without a display name, and that number may equal `name`.
        found.retain(|state| states.name(words, state.position()) == Some(name));
        Ok(found)
    }

    /// The states (records) of the account with this number.
    pub fn of_account(&self, account: u32) -> Vec<ImageStateIx> {
        self.finder.owners.places(account, &self.states().accounts)
    }

    /// The number of the account that has this identity (such as an id or a login) in a source; `None` if there
    /// is no such account.
    pub fn account(
        &self,
        connection: &Connection,
        source: i64,
        identity: &str,
    ) -> Result<Option<u32>> {
        let accounts = self.accounts(connection)?;
        let hash = self.form.hash_of(identity);
        let mut last = self.finder.last_accounts.borrow_mut();
        if last.as_ref().is_none_or(|(own, _)| *own != hash) {
            *last = Some((hash, self.finder.accounts.places(hash, &accounts.hashes)));
        }
        let found = last.as_ref().map_or(&[][..], |(_, found)| found);
        for place in found.iter().map(|place| place.position()) {
            if i64::from(accounts.sources.at(place)) == source
                && &*self.identity_of_account(connection, place)? == identity
            {
                return Ok(Some(accounts.numbers.at(place)));
            }
        }
        Ok(None)
    }

    /// The states of Cloud rows that list the Server account with this id on this host.
    pub fn listing(&self, host: u32, id: Id<'_>) -> Vec<ImageStateIx> {
        let states = self.states();
        let (hosts, ids) = states.all_listed();
        let number = match id {
            Id::Number(number) => number,
            Id::Text(_) => 0,
        };
        let places = self.finder.listed.places(number, ids);
        let is_it =
            |it: &ColumnIx| hosts[it.position()] == host && states.id_at(it.position()) == id;
        let places: Vec<ColumnIx> = places.into_iter().filter(is_it).collect();
        owners(states, &places, StateTable::owner_of_listed)
    }

    /// The number of the address key with this text; `None` if there is no such key.
    pub fn key_number(&self, connection: &Connection, text: &str) -> Result<Option<u32>> {
        for key in self.may_be_keys(connection, std::iter::once(text))? {
            if &*self.key_text_of_few(connection, key)? == text {
                return Ok(Some(key));
            }
        }
        Ok(None)
    }

    /// The numbers of the address keys that have the same hash as one of these texts. The caller must compare
    /// the texts, because hashes can collide.
    ///
    /// # Errors
    /// If the database cannot be read or holds invalid data.
    pub fn may_be_keys<'t>(
        &self,
        connection: &Connection,
        texts: impl Iterator<Item = &'t str>,
    ) -> Result<Vec<u32>> {
        let hashes = self.key_hashes(connection)?;
        self.finder.numbered.prepare_for(texts.size_hint().0.saturating_sub(1));
        let mut found = Vec::new();
        for text in texts {
            let places = self.finder.numbered.places(self.form.hash_of(text) as u32, hashes);
            found.extend(places.into_iter().map(key_at));
        }
        Ok(found)
    }

    /// The numbers of the address keys whose local parts may equal that of `address`, apart from tags, dots and
    /// hyphens. Only the hashes (`local_hash`) are compared.
    ///
    /// # Errors
    /// If the database cannot be read or holds invalid data.
    pub fn with_local(&self, connection: &Connection, address: &str) -> Result<Vec<u32>> {
        let hashes = &self.key_locals(connection)?.hashes;
        let hash = local_hash(&self.form, address, &mut String::new());
        let places = self.finder.locals.places(hash, hashes);
        Ok(places.into_iter().map(key_at).collect())
    }
}

/// The number of the address key at a position in the columns of keys. Keys are numbered from 1 on.
fn key_at(place: ColumnIx) -> u32 {
    place.number() + 1
}

/// The states that own the entries at these positions of a column, for example the address keys. Each state is
/// returned once. The positions must be in ascending order.
fn owners(
    states: &StateTable,
    places: &[ColumnIx],
    owner: fn(&StateTable, usize) -> usize,
) -> Vec<ImageStateIx> {
    let mut owners: Vec<ImageStateIx> =
        places.iter().map(|it| ImageStateIx::at(owner(states, it.position()))).collect();
    owners.dedup();
    owners
}
