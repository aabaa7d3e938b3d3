//! Who is called alike, looked up by the indexes: states with a login or a display name, accounts whose
//! logins begin alike, and keys by their order. For questions about few of many people; whoever asks
//! compares the words themselves.

use rusqlite::OptionalExtension;

use super::Store;
use super::near::Holding;
use super::words::hash_of_login;
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
        let sql = "SELECT login, name_hash FROM states WHERE state_id = ?1";
        Ok(self.connection.prepare_cached(sql)?.query_row([state], |row| {
            Ok(Called { login: row.get(0)?, name: row.get::<_, Option<i64>>(1)?.map(NameHash) })
        })?)
    }

    /// The states that may have a login, letter case apart, each span of them; at most so many.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn holding_login(&self, login: &str, most: usize) -> Result<Vec<Holding>> {
        let Some(hash) = hash_of_login(login) else { return Ok(Vec::new()) };
        self.holding_hash("login_hash", hash, most)
    }

    /// The states that may have a display name, each span of them; at most so many.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn holding_name(&self, name: NameHash, most: usize) -> Result<Vec<Holding>> {
        self.holding_hash("name_hash", name.0, most)
    }

    fn holding_hash(&self, column: &str, hash: i64, most: usize) -> Result<Vec<Holding>> {
        let sql = format!(
            "SELECT state_id, source_id, from_place, to_place
             FROM states CROSS JOIN spans USING (state_id) WHERE {column} = ?1 LIMIT {most}"
        );
        self.holding(&sql, [hash])
    }

    /// The identities of the rows and accounts of a source whose logins, as they are compared, begin
    /// with this; at most so many.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn logins_beginning(&self, source: i64, start: &str, most: usize) -> Result<Vec<String>> {
        let first = Account::identity_of_login(start);
        let sql = format!(
            "SELECT identity FROM stored_accounts WHERE source_id = ?1 AND identity >= ?2
             ORDER BY identity LIMIT {most}"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query((source, &first))?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let identity: String = row.get(0)?;
            if !identity.starts_with(&first) {
                break;
            }
            found.push(identity);
        }
        Ok(found)
    }

    /// The first key that is not before a text, in the order of bytes, with its number.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn key_from(&self, text: &str) -> Result<Option<(u32, String)>> {
        let sql = "SELECT key_id, key FROM keys WHERE key >= ?1 ORDER BY key LIMIT 1";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row([text], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
    }

    /// The keys that begin with a text, with their numbers; at most so many.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn keys_beginning(&self, start: &str, most: usize) -> Result<Vec<(u32, String)>> {
        let sql = format!("SELECT key_id, key FROM keys WHERE key >= ?1 ORDER BY key LIMIT {most}");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query([start])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let key: String = row.get(1)?;
            if !key.starts_with(start) {
                break;
            }
            found.push((row.get(0)?, key));
        }
        Ok(found)
    }

    /// The hosts that the rows of a Cloud snapshot list, in order.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn hosts_at(&self, cloud: &super::SnapshotFacts) -> Result<Vec<Box<str>>> {
        let sql = include_str!("../../schema/queries/hosts_at.sql");
        let mut statement = self.connection.prepare_cached(sql)?;
        let at = (cloud.source_id, cloud.place.number());
        let hosts = statement.query_map(at, |row| row.get::<_, String>(0))?;
        let mut hosts: Vec<Box<str>> =
            hosts.map(|host| host.map(Into::into)).collect::<rusqlite::Result<_>>()?;
        hosts.sort_unstable();
        Ok(hosts)
    }
}
