//! What records become in the tables: states, their records with salt and hash, spans, addresses,
//! what they list and their memberships. Whether there is anything new to write is for `write` and
//! `timeline` to say.
//!
//! There is one writer in a transaction, which gives the numbers, so that nothing has to be asked
//! for; rows are written a batch at a time. Foreign keys are not looked at meanwhile: whatever is
//! referred to was numbered here or was read before, and `verify` looks at them all.

use std::collections::HashMap;
use std::sync::Arc;

use rusqlite::Connection;

use super::batch::{Batch, Columns, Shape};
use super::keys::Keys;
use super::waiting::Waiting;
use super::write::IMPORT_CACHE;
use super::{bulk, newest};
use crate::error::Result;

/// So much more of the database is held in memory for every new state of a transaction, in bytes:
/// the indexes that are written to anywhere would otherwise go to the disk and come back again.
const CACHE_PER_STATE: i64 = 64;

/// … but not more than this, in KiB.
const LARGEST_CACHE: i64 = 256 * 1024;

/// In such steps, in KiB.
const CACHE_STEP: i64 = 4 * 1024;

/// Writes states and what belongs to them.
pub(super) struct StateWriter {
    /// The first state of the transaction.
    first_state: u32,
    next_state: u32,
    /// How much of the database may be held in memory, in KiB.
    cache: i64,
    next_account: u32,
    /// Accounts that are not yet written.
    accounts: Waiting,
    keys: Keys,
    shapes: HashMap<String, i64>,
    hosts: HashMap<String, i64>,
}

/// A state that is to be written: its number, its account, and its record's place in a batch.
#[derive(Debug, Clone, Copy)]
pub(super) struct NewState {
    pub state: u32,
    pub account: u32,
    pub index: usize,
}

/// The span of new states, and the source that it belongs to.
#[derive(Debug, Clone, Copy)]
pub(super) struct NewSpan {
    pub from: i64,
    pub to: i64,
    pub source: i64,
}

impl StateWriter {
    /// The writer of a transaction.
    pub fn new(connection: &Connection) -> Result<StateWriter> {
        let first_state = newest(connection, "state_id", "states")? + 1;
        Ok(StateWriter {
            first_state,
            next_state: first_state,
            cache: IMPORT_CACHE,
            next_account: newest(connection, "account_id", "stored_accounts")? + 1,
            accounts: Waiting::default(),
            keys: Keys::of(connection)?,
            shapes: HashMap::new(),
            hosts: HashMap::new(),
        })
    }

    /// The number of the next state.
    pub fn next_state(&self) -> u32 {
        self.next_state
    }

    /// Gives a state its number.
    pub fn number_state(&mut self) -> u32 {
        self.next_state += 1;
        self.next_state - 1
    }

    /// Makes an account that a source does not have yet; gives its number.
    pub fn make_account(
        &mut self,
        connection: &Connection,
        source: i64,
        identity: &str,
    ) -> Result<u32> {
        let number = self.next_account;
        self.next_account += 1;
        self.accounts.push(number, source, identity);
        if self.accounts.is_full() {
            self.accounts.write_accounts(connection)?;
        }
        Ok(number)
    }

    /// Writes what waits to be written.
    pub fn settle(&mut self, connection: &Connection) -> Result<()> {
        self.accounts.write_accounts(connection)?;
        self.keys.write(connection)
    }

    /// Forgets the numbers of what may have been deleted.
    pub fn forget(&mut self) {
        self.keys.forget();
        self.shapes.clear();
        self.hosts.clear();
    }

    /// Holds more of the database in memory once enough states are new.
    fn hold_more(&mut self, connection: &Connection) -> Result<()> {
        let new = i64::from(self.next_state - self.first_state);
        let wanted = (IMPORT_CACHE + new * CACHE_PER_STATE / 1024).min(LARGEST_CACHE);
        if wanted >= self.cache + CACHE_STEP {
            connection.pragma_update(None, "cache_size", -wanted)?;
            self.cache = wanted;
        }
        Ok(())
    }

    /// Writes states of a batch, each with its span.
    pub fn write(
        &mut self,
        connection: &Connection,
        batch: &Batch,
        states: &[NewState],
        span: NewSpan,
    ) -> Result<()> {
        self.hold_more(connection)?;
        let states: Vec<(NewState, &Columns)> =
            states.iter().filter_map(|new| Some((*new, batch.columns(new.index)?))).collect();
        bulk::insert_one_by_one(
            connection,
            "INSERT INTO states (state_id, account_id, row, roles, visual_studio, suspended, \
             login, login_hash, name_hash, digest)",
            10,
            &states,
            |values, (new, columns)| {
                values.add(new.state)?;
                values.add(new.account)?;
                values.add(columns.row)?;
                values.add(columns.roles)?;
                values.add(columns.visual_studio)?;
                values.add(columns.suspended)?;
                values.add(batch.login(columns))?;
                values.add(columns.login_hash)?;
                values.add(columns.name_hash)?;
                values.add(batch.ready(new.index).digest.bytes())
            },
        )?;
        bulk::insert(connection, "INSERT INTO spans", 4, &states, |values, (new, _)| {
            values.add(new.state)?;
            values.add(span.from)?;
            values.add(span.to)?;
            values.add(span.source)
        })?;
        self.write_records(connection, batch, &states)?;
        self.write_addresses(connection, batch, &states)?;
        self.write_listed(connection, batch, &states)?;
        let memberships = states.iter().flat_map(|(new, columns)| {
            batch.memberships(columns).map(|membership| (new.state, membership))
        });
        bulk::insert(
            connection,
            "INSERT OR IGNORE INTO stored_memberships",
            4,
            &memberships.collect::<Vec<_>>(),
            |values, (state, membership)| {
                values.add(state)?;
                membership.iter().try_for_each(|text| values.add(text))
            },
        )?;
        Ok(())
    }

    fn write_records(
        &mut self,
        connection: &Connection,
        batch: &Batch,
        states: &[(NewState, &Columns)],
    ) -> Result<()> {
        let mut rows = Vec::with_capacity(states.len());
        let mut last: Option<(&Arc<Shape>, i64)> = None;
        for (new, columns) in states {
            let shape = &batch.ready(new.index).shape;
            let id = match last {
                Some((known, id)) if Arc::ptr_eq(known, shape) => id,
                _ => self.shape(connection, &shape.text)?,
            };
            last = Some((shape, id));
            rows.push((new, id, columns));
        }
        bulk::insert(
            connection,
            "INSERT INTO records (state_id, shape_id, content, salt, record_hash)",
            5,
            &rows,
            |values, (new, shape, columns)| {
                values.add(new.state)?;
                values.add(shape)?;
                values.add(batch.content(new.index))?;
                values.add(columns.salt)?;
                values.add(columns.record_hash)
            },
        )?;
        Ok(())
    }

    fn write_addresses(
        &mut self,
        connection: &Connection,
        batch: &Batch,
        states: &[(NewState, &Columns)],
    ) -> Result<()> {
        let mut rows = Vec::new();
        for (new, columns) in states {
            for address in batch.addresses(columns) {
                let key = self.keys.number(connection, address.key, address.key_hash)?;
                rows.push((new.state, address.kind, key, address.received));
            }
        }
        let into = "INSERT OR IGNORE INTO addresses";
        bulk::insert(connection, into, 4, &rows, |values, (state, kind, key, received)| {
            values.add(state)?;
            values.add(kind)?;
            values.add(key)?;
            values.add(received)
        })?;
        Ok(())
    }

    fn write_listed(
        &mut self,
        connection: &Connection,
        batch: &Batch,
        states: &[(NewState, &Columns)],
    ) -> Result<()> {
        let mut rows = Vec::new();
        for (new, columns) in states {
            for (host, id) in batch.listed(columns) {
                let host = match self.hosts.get(host) {
                    Some(number) => *number,
                    None => {
                        let number = host_id(connection, host)?;
                        self.hosts.insert(host.to_owned(), number);
                        number
                    }
                };
                rows.push((new.state, host, id));
            }
        }
        let into = "INSERT OR IGNORE INTO listed";
        bulk::insert(connection, into, 3, &rows, |values, (state, host, id)| {
            values.add(state)?;
            values.add(host)?;
            values.add(id)
        })?;
        Ok(())
    }

    fn shape(&mut self, connection: &Connection, fields: &str) -> Result<i64> {
        if let Some(id) = self.shapes.get(fields) {
            return Ok(*id);
        }
        connection.execute("INSERT OR IGNORE INTO shapes (fields) VALUES (?1)", [fields])?;
        let sql = "SELECT shape_id FROM shapes WHERE fields = ?1";
        let id = connection.query_row(sql, [fields], |row| row.get(0))?;
        // A hostile file may give each record a form of its own.
        if self.shapes.len() < 1000 {
            self.shapes.insert(fields.to_owned(), id);
        }
        Ok(id)
    }
}

fn host_id(connection: &Connection, host: &str) -> Result<i64> {
    connection.execute("INSERT OR IGNORE INTO hosts (host) VALUES (?1)", [host])?;
    let sql = "SELECT host_id FROM hosts WHERE host = ?1";
    Ok(connection.query_row(sql, [host], |row| row.get(0))?)
}
