//! Looks up related accounts in the image (the columns derived from all rows): the states that begin or end
//! between two points of a time line, that have an address, that belong to an account, or that list an account.
//! These functions are for questions about a few people in a large database.

use std::collections::{HashMap, HashSet};

use rusqlite::OptionalExtension;

use super::image::{Id, Image, ImageStateIx, is_odd_id};
use super::sql::IDENTITY;
use super::{Place, Span, Store};
use crate::error::Result;
use crate::model::{Account, KeyId, ListIndex, StateId};

/// A state (an account's record), and one span of time in which it is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holding {
    /// The span of time in which the state is in force, with the number of the state.
    pub span: Span,
    /// The number that identifies the source in the database.
    pub source_id: i64,
}

/// The account that a state (a record of the account) belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// The number that identifies the source in the database.
    pub source_id: i64,
    /// The identity of the account in its source, such as its login or id.
    pub identity: String,
}

/// An organization that an account's record names, with a span of time in which that record is in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedOrganization {
    /// The name of the organization, as the account's record spells it.
    pub organization: String,
    /// The number that identifies the source in the database.
    pub source_id: i64,
    /// The point of the source's time line at which the span begins.
    pub from: Place,
    /// The point of the source's time line at which the span ends; the span does not contain it.
    pub to: Place,
}

impl Store {
    /// The states (records of accounts) of a source that begin or end after the point `after` of its time line,
    /// and not after the point `to`.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn states_turned(&self, source: i64, after: Place, to: Place) -> Result<Vec<StateId>> {
        let image = self.image()?;
        let within = |place: i64| place > after.number() && place <= to.number();
        let mut turned = Vec::new();
        image.times.all(image.states(), |held| {
            if held.source == source && (within(held.from) || within(held.to)) {
                turned.push(image.states().state_at(held.place));
            }
        });
        turned.dedup();
        Ok(turned)
    }

    /// The keys of all addresses of an account's record, whatever the kinds of the addresses.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn keys_of(&self, state: StateId) -> Result<Vec<KeyId>> {
        let image = self.image()?;
        let Some(place) = image.states().place_of(state) else { return Ok(Vec::new()) };
        Ok(image.states().keys(place).map(|(key, _)| KeyId::of_number(key)).collect())
    }

    /// The Server accounts that the record of a Cloud row lists, as host and id. The host is empty for an id
    /// that is listed without a host.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn listed_of(&self, state: StateId) -> Result<Vec<(String, String)>> {
        let image = self.image()?;
        let Some(place) = image.states().place_of(state) else { return Ok(Vec::new()) };
        let mut names: HashMap<u32, String> = HashMap::new();
        let mut listed = Vec::new();
        for it in image.states().listed(place) {
            let host = match names.get(&it.host) {
                Some(host) => host.clone(),
                None => {
                    let host = String::from(self.host(it.host)?);
                    names.insert(it.host, host.clone());
                    host
                }
            };
            listed.push((host, it.id.text()));
        }
        Ok(listed)
    }

    /// The organizations that any account's record has ever named, with the spans in which these records are in
    /// force.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn organizations(&self) -> Result<Vec<NamedOrganization>> {
        let image = self.image()?;
        let sql = "SELECT row_id / 1048576, organization FROM stored_memberships";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        let (mut seen, mut named) = (HashSet::new(), Vec::new());
        while let Some(row) = rows.next()? {
            let Ok(state) = u32::try_from(row.get::<_, i64>(0)?) else { continue };
            let place = image.states().place_of(StateId::of_number(state));
            let Some(place) = place else { continue };
            let organization = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
            for held in image.times.of(image.states(), place) {
                let found = (organization.to_owned(), held.source, held.from, held.to);
                if seen.insert(found.clone()) {
                    let (organization, source_id, from, to) = found;
                    let (from, to) = (Place::from_number(from), Place::from_number(to));
                    named.push(NamedOrganization { organization, source_id, from, to });
                }
            }
        }
        Ok(named)
    }

    /// The Server accounts that a Cloud account's rows have ever listed, as host and id. The host is empty for
    /// an id that is listed without a host.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn listed_ever(&self, row: &Owner) -> Result<Vec<(String, String)>> {
        let image = self.image()?;
        let Some(account) = image.account(&self.connection, row.source_id, &row.identity)? else {
            return Ok(Vec::new());
        };
        let mut listed = Vec::new();
        for place in image.of_account(account) {
            listed.extend(self.listed_of(image.states().state_at(place.position()))?);
        }
        listed.sort_unstable();
        listed.dedup();
        Ok(listed)
    }

    /// The account that a state (a record of the account) belongs to.
    ///
    /// # Errors
    /// If there is no such state, or the database cannot be read.
    pub fn owner_of(&self, state: StateId) -> Result<Owner> {
        let sql = format!("SELECT source_id, {IDENTITY} FROM states WHERE state_id = ?1");
        let mut statement = self.connection.prepare_cached(&sql)?;
        Ok(statement.query_row([state.number()], |row| {
            Ok(Owner { source_id: row.get(0)?, identity: row.get(1)? })
        })?)
    }

    /// The states (records of accounts) that have an address key. Each is listed once for every span of time in
    /// which it is in force. Returns at most `most` entries.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn holding_key(&self, key: KeyId, most: usize) -> Result<Vec<Holding>> {
        let image = self.image()?;
        Ok(holding(&image, image.with_key(key.number()), most))
    }

    /// The states (records) of an account, each listed once for every span of time in which it is in force.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn holding_account(&self, source: i64, identity: &str) -> Result<Vec<Holding>> {
        let image = self.image()?;
        let states = match image.account(&self.connection, source, identity)? {
            Some(account) => image.of_account(account),
            None => Vec::new(),
        };
        Ok(holding(&image, states, usize::MAX))
    }

    /// The states of Cloud rows that list the Server account with this host and id. Each state is listed once
    /// for every span of time in which it is in force. The host is empty for an id that is listed without a
    /// host.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn holding_listed(&self, host: &str, id: &str) -> Result<Vec<Holding>> {
        let image = self.image()?;
        let host = self.host_number(host)?;
        let states = host.map_or_else(Vec::new, |host| image.listing(host, Id::of(id)));
        Ok(holding(&image, states, usize::MAX))
    }

    /// The number that identifies a host in the database; `None` if no Cloud row has ever listed the host.
    pub(super) fn host_number(&self, host: &str) -> Result<Option<u32>> {
        let sql = "SELECT host_id FROM hosts WHERE host = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row([host], |row| row.get(0)).optional()?)
    }

    /// The names of all hosts that Cloud rows have ever listed.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn hosts_listed(&self) -> Result<Vec<String>> {
        let mut statement = self.connection.prepare_cached("SELECT host FROM hosts")?;
        let hosts = statement.query_map([], |row| row.get(0))?;
        Ok(hosts.collect::<rusqlite::Result<_>>()?)
    }

    /// Is any Server id stored with a leading zero or plus sign? If so, two texts can mean the same id.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn has_odd_ids(&self) -> Result<bool> {
        let image = self.image()?;
        if image.states().odd_ids().any(is_odd_id) {
            return Ok(true);
        }
        let accounts = image.accounts(&self.connection)?;
        if !accounts.sums.odd_ids {
            return Ok(false);
        }
        let texts = image.identities(&self.connection)?;
        let sql =
            "SELECT source_id FROM stored_sources WHERE kind IN ('server', 'server-as-synced')";
        let mut statement = self.connection.prepare_cached(sql)?;
        let instances = statement.query_map([], |row| row.get(0))?;
        let instances: HashSet<u32> = instances.collect::<rusqlite::Result<_>>()?;
        let mut places =
            (0..accounts.len()).filter(|at| instances.contains(&accounts.sources.at(*at)));
        Ok(places.any(|at| Account::id_of_identity(texts.get(at)).is_some_and(is_odd_id)))
    }

    /// Has an instance ever had accounts without an id? Such accounts are identified by their logins
    /// (counting.md section 2).
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn has_accounts_without_id(&self, source: i64) -> Result<bool> {
        let sql = include_str!("../../schema/queries/has_accounts_without_id.sql");
        Ok(self.connection.prepare_cached(sql)?.query_row([source], |row| row.get(0))?)
    }

    /// Selects the states (records of accounts) that `cloud_part_wanted` and `server_part_wanted` will read.
    ///
    /// # Errors
    /// This function never fails.
    pub fn want(&self, states: impl Iterator<Item = StateId>) -> Result<()> {
        let mut wanted: Vec<StateId> = states.collect();
        wanted.sort_unstable();
        wanted.dedup();
        *self.wanted.borrow_mut() = wanted;
        Ok(())
    }
}

/// The spans of time in which the states are in force. Returns at most `most` spans.
pub(super) fn holding(image: &Image, states: Vec<ImageStateIx>, most: usize) -> Vec<Holding> {
    let mut found = Vec::new();
    for state in states {
        for held in image.times.of(image.states(), state.position()) {
            if found.len() == most {
                return found;
            }
            let state = image.states().state_at(held.place);
            let (from, to) = (Place::from_number(held.from), Place::from_number(held.to));
            found.push(Holding { span: Span { state, from, to }, source_id: held.source });
        }
    }
    found
}
