//! Finds the states with a key, a login, a display name or an id. `finder` looks numbers up in columns.

use rusqlite::Connection;

use super::finder::{ColumnIx, ImageStateIx};
use super::states::Id;
use super::states::StateTable;
use super::sums::local_hash;
use super::whole_image::Image;
use crate::error::Result;
use crate::model::ListIndex;

impl Image {
    /// The states with this key.
    pub fn with_key(&self, key: u32) -> Vec<ImageStateIx> {
        let states = self.states();
        owners(states, &self.finder.keys.places(key, states.all_keys()), StateTable::owner_of_key)
    }

    /// The states whose login has this hash. The logins themselves are not compared.
    ///
    /// # Errors
    /// If the database cannot be read or holds invalid data. The functions below fail likewise.
    pub fn with_login(&self, connection: &Connection, hash: u32) -> Result<Vec<ImageStateIx>> {
        Ok(self.finder.logins.places(hash, &self.words(connection)?.logins))
    }

    /// The states with the hash of a display name.
    pub fn with_name(&self, connection: &Connection, name: i64) -> Result<Vec<ImageStateIx>> {
        let (states, words) = (self.states(), self.words(connection)?);
        let mut found = self.finder.names.places(name, words.names());
        // The column also holds a number for states without a display name.
        found.retain(|state| states.name(words, state.position()) == Some(name));
        Ok(found)
    }

    /// The states of an account.
    pub fn of_account(&self, account: u32) -> Vec<ImageStateIx> {
        self.finder.owners.places(account, &self.states().accounts)
    }

    /// The number of the account with this identity in a source.
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

    /// The states that list this id on this host.
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

    /// The number of a key, by its text.
    pub fn key_number(&self, connection: &Connection, text: &str) -> Result<Option<u32>> {
        for key in self.may_be_keys(connection, std::iter::once(text))? {
            if &*self.key_text_of_few(connection, key)? == text {
                return Ok(Some(key));
            }
        }
        Ok(None)
    }

    /// The numbers of the keys that have the hash of one of these texts. The texts are not compared.
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

    /// The numbers of the keys whose local part has the same `local_hash` as that of the address: tags,
    /// dots and hyphens do not count.
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

/// The number of the key at a position of the columns of keys.
fn key_at(place: ColumnIx) -> u32 {
    place.number() + 1
}

/// The states that own these positions, each once.
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
