//! Finds the states with a key, a login, a display name or an id. `finder` looks numbers up in columns.

use rusqlite::Connection;

use super::states::Id;
use super::states::StateTable;
use super::sums::local_hash;
use super::whole_image::Image;
use crate::error::Result;

impl Image {
    /// The states with this key.
    pub fn with_key(&self, key: u32) -> Vec<u32> {
        let states = self.states();
        owners(states, &self.finder.keys.places(key, states.all_keys()), StateTable::owner_of_key)
    }

    /// The states whose login has this hash. The logins themselves are not compared.
    ///
    /// # Errors
    /// If the database cannot be read or holds invalid data. The functions below fail likewise.
    pub fn with_login(&self, connection: &Connection, hash: u32) -> Result<Vec<u32>> {
        Ok(self.finder.logins.places(hash, &self.words(connection)?.logins))
    }

    /// The states with the hash of a display name.
    pub fn with_name(&self, connection: &Connection, name: i64) -> Result<Vec<u32>> {
        let (states, words) = (self.states(), self.words(connection)?);
        let mut found = self.finder.names.places(name, words.names());
        // The column also holds a number for states without a display name.
        found.retain(|place| states.name(words, *place as usize) == Some(name));
        Ok(found)
    }

    /// The states of an account.
    pub fn of_account(&self, account: u32) -> Vec<u32> {
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
        for place in found.iter().map(|place| *place as usize) {
            if i64::from(accounts.sources.at(place)) == source
                && &*self.identity_of_account(connection, place)? == identity
            {
                return Ok(Some(accounts.numbers.at(place)));
            }
        }
        Ok(None)
    }

    /// The states that list this id on this host.
    pub fn listing(&self, host: u32, id: Id<'_>) -> Vec<u32> {
        let states = self.states();
        let (hosts, ids) = states.all_listed();
        let number = match id {
            Id::Number(number) => number,
            Id::Text(_) => 0,
        };
        let places = self.finder.listed.places(number, ids);
        let is_it =
            |place: &u32| hosts[*place as usize] == host && states.id_at(*place as usize) == id;
        let places: Vec<u32> = places.into_iter().filter(is_it).collect();
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
            found.extend(places.into_iter().map(|place| place + 1));
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
        let mut keys = self.finder.locals.places(hash, hashes);
        keys.iter_mut().for_each(|place| *place += 1);
        Ok(keys)
    }
}

/// The states that own these positions, each once.
fn owners(states: &StateTable, places: &[u32], owner: fn(&StateTable, usize) -> usize) -> Vec<u32> {
    let mut owners: Vec<u32> =
        places.iter().map(|place| owner(states, *place as usize) as u32).collect();
    owners.dedup();
    owners
}
