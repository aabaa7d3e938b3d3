//! What a record becomes in the tables: a state, its record with salt and hash, its addresses, what
//! it lists and its memberships. Whether there is anything new to write is for `write` and
//! `timeline` to say.

use std::collections::HashMap;

use rusqlite::{Connection, params};

use super::content_hash::record_hash;
use super::place::Digest;
use super::words::{hash_of_login, hash_of_name};
use crate::email;
use crate::error::{Error, Result};
use crate::model::{Account, Record};

/// Writes states and what belongs to them; keeps the texts of the record at hand.
pub(super) struct StateWriter {
    salts: rand_chacha::ChaCha20Rng,
    fields: String,
    content: String,
    shapes: HashMap<String, i64>,
    hosts: HashMap<String, i64>,
}

impl StateWriter {
    /// A writer with salts of its own.
    pub fn new() -> Result<StateWriter> {
        let mut seed = [0u8; 32];
        getrandom::fill(&mut seed).map_err(|error| {
            Error::bug("the operating system gives no random numbers").caused_by(error)
        })?;
        Ok(StateWriter {
            salts: rand::SeedableRng::from_seed(seed),
            fields: String::new(),
            content: String::new(),
            shapes: HashMap::new(),
            hosts: HashMap::new(),
        })
    }

    /// Takes a record's canonical text; gives the hash by which equal ones are found.
    pub fn take(&mut self, record: &Record<'_>) -> Digest {
        self.fields.clear();
        self.content.clear();
        record.write_shape(&mut self.fields);
        record.write_values(&mut self.content);
        Digest::of_texts(&self.fields, &self.content)
    }

    /// Writes a state of the record last taken; gives its number and record hash.
    pub fn write(
        &mut self,
        connection: &Connection,
        account_id: i64,
        account: &Account<'_>,
        digest: Digest,
    ) -> Result<(i64, [u8; 32])> {
        let mut salt = [0u8; 16];
        rand::RngCore::fill_bytes(&mut self.salts, &mut salt);
        let hash = record_hash(&salt, &self.fields, &self.content);
        let shape = self.shape(connection)?;
        connection
            .prepare_cached(
                "INSERT INTO states (account_id, row, roles, visual_studio, suspended, login, digest, \
                 login_hash, name_hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )?
            .execute(params![
                account_id,
                account.row as i64,
                account.roles as i64,
                account.visual_studio,
                account.suspended,
                account.login,
                digest.bytes(),
                hash_of_login(&account.login),
                account.name.as_deref().and_then(hash_of_name),
            ])?;
        let state = connection.last_insert_rowid();
        connection
            .prepare_cached(
                "INSERT INTO records (state_id, shape_id, content, salt, record_hash) \
                 VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![state, shape, self.content, salt, hash])?;
        self.write_addresses(connection, state, account)?;
        self.write_listed(connection, state, account)?;
        for membership in &account.memberships {
            connection
                .prepare_cached("INSERT OR IGNORE INTO stored_memberships VALUES (?1, ?2, ?3, ?4)")?
                .execute(params![
                    state,
                    membership.organization,
                    membership.repository.as_deref().unwrap_or_default(),
                    membership.role,
                ])?;
        }
        Ok((state, hash))
    }

    fn write_addresses(
        &mut self,
        connection: &Connection,
        state: i64,
        account: &Account<'_>,
    ) -> Result<()> {
        let mut insert =
            connection.prepare_cached("INSERT OR IGNORE INTO addresses VALUES (?1, ?2, ?3, ?4)")?;
        let mut last: Option<(String, i64)> = None;
        for address in &account.addresses {
            let Some(key) = email::key(&address.text) else { continue };
            let id = match &last {
                Some((known, id)) if *known == key => *id,
                _ => key_id(connection, &key)?,
            };
            let text = (address.text != key).then_some(&address.text);
            insert.execute(params![state, address.kind as i64, id, text])?;
            last = Some((key, id));
        }
        Ok(())
    }

    fn write_listed(
        &mut self,
        connection: &Connection,
        state: i64,
        account: &Account<'_>,
    ) -> Result<()> {
        for listed in &account.listed {
            let host = listed.host.as_ref().map_or("", |host| host.as_str());
            let host_id = match self.hosts.get(host) {
                Some(id) => *id,
                None => {
                    let id = host_id(connection, host)?;
                    self.hosts.insert(host.to_owned(), id);
                    id
                }
            };
            connection
                .prepare_cached("INSERT OR IGNORE INTO listed VALUES (?1, ?2, ?3)")?
                .execute(params![state, host_id, listed.id])?;
        }
        Ok(())
    }

    fn shape(&mut self, connection: &Connection) -> Result<i64> {
        if let Some(id) = self.shapes.get(&self.fields) {
            return Ok(*id);
        }
        connection.execute("INSERT OR IGNORE INTO shapes (fields) VALUES (?1)", [&self.fields])?;
        let sql = "SELECT shape_id FROM shapes WHERE fields = ?1";
        let id = connection.query_row(sql, [&self.fields], |row| row.get(0))?;
        // A hostile file may give each record a form of its own.
        if self.shapes.len() < 1000 {
            self.shapes.insert(self.fields.clone(), id);
        }
        Ok(id)
    }
}

fn key_id(connection: &Connection, key: &str) -> Result<i64> {
    let mut insert = connection.prepare_cached("INSERT OR IGNORE INTO keys (key) VALUES (?1)")?;
    if insert.execute([key])? == 1 {
        return Ok(connection.last_insert_rowid());
    }
    let sql = "SELECT key_id FROM keys WHERE key = ?1";
    Ok(connection.prepare_cached(sql)?.query_row([key], |row| row.get(0))?)
}

fn host_id(connection: &Connection, host: &str) -> Result<i64> {
    connection.execute("INSERT OR IGNORE INTO hosts (host) VALUES (?1)", [host])?;
    let sql = "SELECT host_id FROM hosts WHERE host = ?1";
    Ok(connection.query_row(sql, [host], |row| row.get(0))?)
}
