//! Who is called alike, looked up in the image: states with a login or a display name, accounts whose
//! logins begin alike, and keys by their order. For questions about few of many people; whoever asks
//! compares the words themselves.

use std::collections::HashSet;

use rusqlite::Connection;

use super::image::{Image, login_hash};
use super::near::{Holding, holding};
use super::{Place, Store};
use crate::error::Result;
use crate::model::Account;
use crate::name::NameHash;

/// What a state is called.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Called {
    /// The login as received; empty if there is none.
    pub login: String,
    /// What finds the states with the same display name; `None` if there is none.
    pub name: Option<NameHash>,
}

impl Store {
    /// What a state is called.
    ///
    /// # Errors
    /// If there is no such state, or the database cannot be read.
    pub fn called(&self, state: i64) -> Result<Called> {
        let image = self.image()?;
        let words = image.words(&self.connection)?;
        let place = image.states().place_of(state);
        let name = place.and_then(|place| image.states().name(words, place));
        let sql = "SELECT login FROM states WHERE state_id = ?1";
        let login = self.connection.prepare_cached(sql)?.query_row([state], |row| row.get(0))?;
        Ok(Called { login, name: name.map(NameHash) })
    }

    /// The states that may have a login, letter case apart, each span of them; at most so many.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn holding_login(&self, login: &str, most: usize) -> Result<Vec<Holding>> {
        let image = self.image()?;
        match login_hash(&image.form, login) {
            0 => Ok(Vec::new()),
            hash => Ok(holding(&image, image.with_login(&self.connection, hash)?, most)),
        }
    }

    /// The states that may have a display name, each span of them; at most so many.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn holding_name(&self, name: NameHash, most: usize) -> Result<Vec<Holding>> {
        let image = self.image()?;
        Ok(holding(&image, image.with_name(&self.connection, name.0)?, most))
    }

    /// The identities of the rows and accounts of a source whose logins, as they are compared, begin
    /// with this; at most so many.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn logins_beginning(&self, source: i64, start: &str, most: usize) -> Result<Vec<String>> {
        let first = Account::identity_of_login(start);
        let image = self.image()?;
        let accounts = image.accounts(&self.connection)?;
        let texts = image.identities(&self.connection)?;
        let own = (0..accounts.len()).filter(|at| i64::from(accounts.sources[*at]) == source);
        let texts = own.map(|at| texts.get(at)).filter(|text| text.starts_with(&first));
        let mut found: Vec<String> = texts.map(str::to_owned).collect();
        found.sort_unstable();
        found.truncate(most);
        Ok(found)
    }

    /// The first key that is not before a text, in the order of bytes, with its number.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn key_from(&self, text: &str) -> Result<Option<(u32, String)>> {
        let image = self.image()?;
        let texts = image.key_texts(&self.connection)?;
        let first = image.keys_from(&self.connection, text)?.next();
        Ok(first.map(|place| (place + 1, texts.get(place as usize).to_owned())))
    }

    /// The keys that begin with a text, with their numbers; at most so many.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn keys_beginning(&self, start: &str, most: usize) -> Result<Vec<(u32, String)>> {
        let image = self.image()?;
        let texts = image.key_texts(&self.connection)?;
        let keys = image.keys_from(&self.connection, start)?.take(most);
        let keys = keys.map(|place| (place + 1, texts.get(place as usize)));
        let own = keys.take_while(|(_, key)| key.starts_with(start));
        Ok(own.map(|(number, key)| (number, key.to_owned())).collect())
    }

    /// The hosts that the rows of a Cloud snapshot list, in order.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn hosts_at(&self, cloud: &super::SnapshotFacts) -> Result<Vec<Box<str>>> {
        let image = self.image()?;
        hosts_at(&self.connection, &image, cloud.source_id, cloud.place)
    }
}

/// The hosts that the rows list that hold at a place of a Cloud source, in order.
pub(super) fn hosts_at(
    connection: &Connection,
    image: &Image,
    source: i64,
    place: Place,
) -> Result<Vec<Box<str>>> {
    let states = image.states();
    let held = image.times.at(states, source, place.number());
    let listed: HashSet<u32> =
        held.iter().flat_map(|it| states.listed(it.place).map(|it| it.host)).collect();
    let mut statement = connection.prepare_cached("SELECT host_id, host FROM hosts")?;
    let mut rows = statement.query([])?;
    let mut hosts: Vec<Box<str>> = Vec::new();
    while let Some(row) = rows.next()? {
        let host = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
        if !host.is_empty() && listed.contains(&row.get(0)?) {
            hosts.push(host.into());
        }
    }
    hosts.sort_unstable();
    Ok(hosts)
}
