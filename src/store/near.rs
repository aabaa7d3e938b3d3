//! Who has to do with whom, looked up by the indexes: the states that turn between two places, and
//! those with an address, of an account, or that list one. For questions about few of many people.

use rusqlite::Params;

use super::{Place, Span, Store};
use crate::error::Result;

/// A state of some source, and one span in which it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holding {
    /// The state and the span.
    pub span: Span,
    /// The number of its source.
    pub source_id: i64,
}

/// The account behind a state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// The number of its source.
    pub source_id: i64,
    /// Its identity there.
    pub identity: String,
}

/// An organization that a state names, in a span in which the state holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedOrganization {
    /// Its name, as it is spelled there.
    pub organization: String,
    /// The number of the source.
    pub source_id: i64,
    /// From this place on.
    pub from: Place,
    /// Up to before this one.
    pub to: Place,
}

const HOLDING: &str = "SELECT state_id, source_id, from_place, to_place";

impl Store {
    /// The states of a source that begin or end to hold after a place and up to another.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn states_turned(&self, source: i64, after: Place, to: Place) -> Result<Vec<i64>> {
        let sql = include_str!("../../schema/queries/states_turned.sql");
        let mut statement = self.connection.prepare_cached(sql)?;
        let states = statement
            .query_map((source, after.number(), to.number()), |row| row.get::<_, i64>(0))?;
        Ok(states.collect::<rusqlite::Result<_>>()?)
    }

    /// The numbers of a state's keys, whatever their kind.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn keys_of(&self, state: i64) -> Result<Vec<u32>> {
        let sql = "SELECT DISTINCT key_id FROM addresses WHERE state_id = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let keys = statement.query_map([state], |row| row.get(0))?;
        Ok(keys.collect::<rusqlite::Result<_>>()?)
    }

    /// The Server accounts that a state lists: host (empty for a bare id) and id.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn listed_of(&self, state: i64) -> Result<Vec<(String, String)>> {
        let sql = "SELECT host, id FROM listed JOIN hosts USING (host_id) WHERE state_id = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let listed = statement.query_map([state], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(listed.collect::<rusqlite::Result<_>>()?)
    }

    /// The organizations that states have ever named, and when.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn organizations(&self) -> Result<Vec<NamedOrganization>> {
        let sql = "SELECT DISTINCT organization, source_id, from_place, to_place
                   FROM stored_memberships JOIN spans USING (state_id)";
        let mut statement = self.connection.prepare_cached(sql)?;
        let named = statement.query_map([], |row| {
            let place = |column| row.get(column).map(Place::from_number);
            let (organization, source_id) = (row.get(0)?, row.get(1)?);
            Ok(NamedOrganization { organization, source_id, from: place(2)?, to: place(3)? })
        })?;
        Ok(named.collect::<rusqlite::Result<_>>()?)
    }

    /// The Server accounts that any state of an account has listed: host (empty for a bare id) and
    /// id.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn listed_ever(&self, row: &Owner) -> Result<Vec<(String, String)>> {
        let sql = include_str!("../../schema/queries/listed_ever.sql");
        let mut statement = self.connection.prepare_cached(sql)?;
        let listed = statement
            .query_map((row.source_id, &row.identity), |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(listed.collect::<rusqlite::Result<_>>()?)
    }

    /// The account behind a state.
    ///
    /// # Errors
    /// If there is no such state, or the database cannot be read.
    pub fn owner_of(&self, state: i64) -> Result<Owner> {
        let sql = "SELECT source_id, identity FROM states JOIN stored_accounts USING (account_id)
                   WHERE state_id = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row([state], |row| {
            Ok(Owner { source_id: row.get(0)?, identity: row.get(1)? })
        })?)
    }

    /// The states with a key, each span of them; at most so many.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn holding_key(&self, key: u32, most: usize) -> Result<Vec<Holding>> {
        // A limit that is bound would have SQLite prepare the statement anew each time.
        let sql = format!(
            "{HOLDING} FROM addresses JOIN spans USING (state_id) WHERE key_id = ?1 LIMIT {most}"
        );
        self.holding(&sql, [key])
    }

    /// The states of an account, each span of them.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn holding_account(&self, source: i64, identity: &str) -> Result<Vec<Holding>> {
        let sql = "SELECT state_id, spans.source_id, from_place, to_place FROM stored_accounts
                   JOIN states USING (account_id) JOIN spans USING (state_id)
                   WHERE stored_accounts.source_id = ?1 AND identity = ?2";
        self.holding(sql, (source, identity))
    }

    /// The states that list a Server account by this host (empty for a bare id), each span of them.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn holding_listed(&self, host: &str, id: &str) -> Result<Vec<Holding>> {
        let sql = format!(
            "{HOLDING} FROM hosts JOIN listed USING (host_id) JOIN spans USING (state_id)
             WHERE host = ?1 AND id = ?2"
        );
        self.holding(&sql, (host, id))
    }

    pub(super) fn holding(&self, sql: &str, parameters: impl Params) -> Result<Vec<Holding>> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let found = statement.query_map(parameters, |row| {
            let place = |column| row.get(column).map(Place::from_number);
            let span = Span { state: row.get(0)?, from: place(2)?, to: place(3)? };
            Ok(Holding { span, source_id: row.get(1)? })
        })?;
        Ok(found.collect::<rusqlite::Result<_>>()?)
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

    /// Is an id stored otherwise than as its number is written? Then equal ids are not found by
    /// their texts.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn has_odd_ids(&self) -> Result<bool> {
        let sql = include_str!("../../schema/queries/has_odd_ids.sql");
        Ok(self.connection.query_row(sql, [], |row| row.get(0))?)
    }

    /// Has an instance ever had accounts without an id, known by their logins (counting.md
    /// section 2)?
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn has_accounts_without_id(&self, source: i64) -> Result<bool> {
        let sql = include_str!("../../schema/queries/has_accounts_without_id.sql");
        Ok(self.connection.prepare_cached(sql)?.query_row([source], |row| row.get(0))?)
    }

    /// Says which states are read by `cloud_part_wanted` and its like.
    ///
    /// # Errors
    /// If there is no room for them.
    pub fn want(&self, states: impl Iterator<Item = i64>) -> Result<()> {
        self.connection.execute_batch(
            "CREATE TEMP TABLE IF NOT EXISTS wanted (state_id INTEGER PRIMARY KEY) STRICT;
             DELETE FROM temp.wanted;",
        )?;
        let sql = "INSERT OR IGNORE INTO temp.wanted VALUES (?1)";
        let mut insert = self.connection.prepare_cached(sql)?;
        for state in states {
            insert.execute([state])?;
        }
        Ok(())
    }
}
