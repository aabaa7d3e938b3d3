//! Writes records into the tables: the states (records of accounts) with their salts and hashes, and the
//! addresses, listed Server accounts and memberships of each state. Also writes the columns of the image. The
//! modules `write` and `timeline` decide which states are new and must be written.
//!
//! A transaction has one writer. The writer assigns the numbers of all rows, so that no number has to be read
//! back. Rows are written in batches, each at the end of its table. Foreign keys are not checked meanwhile,
//! because the writer has numbered or read every row that is referred to. `oneseat verify` checks all
//! references.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::rc::Rc;
use std::sync::Arc;

use rusqlite::Connection;

use super::batch::{RecordBatch, Shape, StateColumns};
use super::bulk::{self, BulkTable};
use super::image::{Image, ImageForm, NewColumns, NewRow, plain_key};
use super::sql::{OPEN_END, ROOM, newest};
use crate::error::{Error, Result};
use crate::model::Account;

/// Up to this many values of one state (such as its addresses) are compared one by one. More values are looked
/// up by their hashes.
const FEW: usize = 16;

/// The table of states. A state is the record of an account, with the snapshot that first had this record.
pub(super) const STATES: BulkTable = BulkTable {
    name: "states",
    columns: &[
        "state_id",
        "source_id",
        "snapshot_id",
        "account_id",
        "row",
        "roles",
        "visual_studio",
        "suspended",
        "login",
        "account",
        "shape_id",
        "content",
        "salt",
        "record_hash",
    ],
};

/// The table of spans of time. It has no row for a state that is in force from its first snapshot on without an
/// end.
pub(super) const SPANS: BulkTable =
    BulkTable { name: "spans", columns: &["state_id", "from_place", "to_place"] };

/// The table of the addresses of states (records of accounts).
pub(super) const ADDRESSES: BulkTable =
    BulkTable { name: "addresses", columns: &["row_id", "kinds", "text", "key"] };

/// The table of the Server accounts that Cloud rows list.
pub(super) const LISTED: BulkTable =
    BulkTable { name: "stored_listed", columns: &["row_id", "host_id", "id"] };

/// The table of memberships in organizations and repositories.
pub(super) const MEMBERSHIPS: BulkTable = BulkTable {
    name: "stored_memberships",
    columns: &["row_id", "organization", "repository", "role"],
};

pub(super) struct StateWriter {
    next_state: u32,
    next_account: u32,
    next_snapshot: u32,
    /// The image (the columns derived from all rows) as it was when the transaction began.
    image: Rc<Image>,
    new: NewColumns,
    shapes: HashMap<String, i64>,
    hosts: HashMap<String, u32>,
    /// The states in each snapshot that this transaction wrote, by source and point of its time line.
    finished: HashMap<(i64, i64), Vec<i64>>,
}

/// A state (an account's record) to write: its number, the number of its account, and the index of the record in
/// its batch.
#[derive(Debug, Clone, Copy)]
pub(super) struct NewState {
    pub state: u32,
    pub account: u32,
    pub index: usize,
}

/// The span of time in which new states are in force, and the source and the snapshot that they come from.
#[derive(Debug, Clone, Copy)]
pub(super) struct NewSpan {
    pub from: i64,
    pub to: i64,
    pub source: i64,
    pub snapshot: u32,
}

impl StateWriter {
    pub fn new(connection: &Connection) -> Result<StateWriter> {
        let (image, came) = Image::of(connection)?;
        super::image::note(came);
        // An account and its first state are written together, so the greatest number of an account is among the
        // states.
        let accounts = image.states().accounts.iter().copied().max().unwrap_or_default();
        Ok(StateWriter {
            next_state: newest(connection, "state_id", "states")? + 1,
            next_account: accounts + 1,
            next_snapshot: newest(connection, "snapshot_id", "stored_snapshots")? + 1,
            new: NewColumns::of(image.form.clone()),
            image: Rc::new(image),
            shapes: HashMap::new(),
            hosts: HashMap::new(),
            finished: HashMap::new(),
        })
    }

    /// The image (the columns derived from all rows) as it was when the transaction began.
    pub fn image(&self) -> &Rc<Image> {
        &self.image
    }

    /// The key of the hashes by which texts are found in the image (the derived columns).
    pub fn form(&self) -> &ImageForm {
        &self.image.form
    }

    /// The number that the next new state (record of an account) will get.
    pub fn next_state(&self) -> u32 {
        self.next_state
    }

    /// Assigns the next number to a new state (record of an account).
    pub fn number_state(&mut self) -> u32 {
        self.next_state += 1;
        self.next_state - 1
    }

    /// Assigns the next number to a new snapshot.
    pub fn number_snapshot(&mut self) -> u32 {
        self.next_snapshot += 1;
        self.next_snapshot - 1
    }

    /// Creates an account that its source does not have yet. Returns the number of the account.
    pub fn make_account(&mut self, source: i64, hash: u64, identity: &str) -> Result<u32> {
        let number = self.next_account;
        self.next_account += 1;
        self.new.account(number, super::sql::number(source)?, hash, identity)?;
        Ok(number)
    }

    /// The identity of an account; empty if there is no such account.
    pub fn identity(&self, connection: &Connection, account: u32) -> Result<&str> {
        if let Some(identity) = self.new.identity(account) {
            return Ok(identity);
        }
        match self.image.accounts(connection)?.place_of(account) {
            Some(place) => self.image.identity_at(connection, place),
            None => Ok(""),
        }
    }

    /// Deletes a state that this transaction wrote, with its addresses, listed accounts and memberships.
    pub fn take_back(&mut self, connection: &Connection, state: i64) -> Result<()> {
        let (first, last) = (state * ROOM, state * ROOM + ROOM - 1);
        for table in ["addresses", "stored_listed", "stored_memberships"] {
            let sql = format!("DELETE FROM {table} WHERE row_id BETWEEN ?1 AND ?2");
            connection.prepare_cached(&sql)?.execute((first, last))?;
        }
        for table in ["spans", "states"] {
            let sql = format!("DELETE FROM {table} WHERE state_id = ?1");
            connection.prepare_cached(&sql)?.execute([state])?;
        }
        self.new.take_back(super::sql::number(state)?);
        Ok(())
    }

    /// Remembers the states in a snapshot that this transaction wrote.
    pub fn finish(&mut self, source: i64, place: i64, states: Vec<i64>) {
        self.finished.insert((source, place), states);
    }

    /// The numbers of the states that are in force at a point of the source's time line: the content of a
    /// snapshot at that point.
    pub fn states_at(&self, source: i64, place: i64) -> Vec<i64> {
        if let Some(states) = self.finished.get(&(source, place)) {
            return states.clone();
        }
        let held = self.image.times.at(self.image.states(), source, place);
        held.iter().map(|it| i64::from(self.image.states().numbers.at(it.place))).collect()
    }

    /// Writes the columns that the new states add to the image (the derived columns of all states).
    pub fn write_image(&mut self, connection: &Connection) -> Result<()> {
        self.new.write(connection, &self.image)
    }

    /// Forgets the numbers of shapes and hosts, because their rows may have been deleted.
    pub fn forget(&mut self) {
        self.shapes.clear();
        self.hosts.clear();
    }

    /// Writes the new states of a batch, with their addresses, listed accounts and memberships.
    pub fn write(
        &mut self,
        connection: &Connection,
        batch: &RecordBatch,
        states: &[NewState],
        span: NewSpan,
    ) -> Result<()> {
        let states: Vec<(NewState, &StateColumns)> =
            states.iter().filter_map(|new| Some((*new, batch.columns(new.index)?))).collect();
        let shapes = self.shapes_of(connection, batch, &states)?;
        self.write_states(connection, batch, &states, &shapes, span)?;
        if span.to != OPEN_END {
            bulk::insert(connection, &SPANS, &states, |values, (new, _)| {
                values.add(new.state)?;
                values.add(span.from)?;
                values.add(span.to)
            })?;
        }
        self.write_addresses(connection, batch, &states)?;
        let listed = self.listed_of(connection, batch, &states)?;
        bulk::insert(connection, &LISTED, &listed, |values, (row, host, id)| {
            values.add(row)?;
            values.add(host)?;
            values.add(id)
        })?;
        write_memberships(connection, batch, &states)?;
        self.add_columns(batch, &states, &shapes, &listed, span)
    }

    fn write_states(
        &self,
        connection: &Connection,
        batch: &RecordBatch,
        states: &[(NewState, &StateColumns)],
        shapes: &[i64],
        span: NewSpan,
    ) -> Result<()> {
        let mut rows = Vec::with_capacity(states.len());
        for ((new, columns), shape) in states.iter().zip(shapes) {
            let login = batch.login(columns);
            let told = told_account(self.identity(connection, new.account)?, login);
            rows.push((new, columns, shape, login, told));
        }
        bulk::insert(connection, &STATES, &rows, |values, (new, columns, shape, login, told)| {
            values.add(new.state)?;
            values.add(span.source)?;
            values.add(span.snapshot)?;
            values.add(new.account)?;
            values.add(columns.row)?;
            values.add(columns.roles)?;
            values.add(columns.visual_studio)?;
            values.add(columns.suspended)?;
            values.add(login)?;
            values.add(told)?;
            values.add(shape)?;
            values.add(batch.content(new.index))?;
            values.add(columns.salt)?;
            values.add(columns.record_hash)
        })?;
        Ok(())
    }

    fn shapes_of(
        &mut self,
        connection: &Connection,
        batch: &RecordBatch,
        states: &[(NewState, &StateColumns)],
    ) -> Result<Vec<i64>> {
        let mut shapes = Vec::with_capacity(states.len());
        let mut last: Option<(&Arc<Shape>, i64)> = None;
        for (new, _) in states {
            let shape = &batch.ready(new.index).shape;
            let id = match last {
                Some((known, id)) if Arc::ptr_eq(known, shape) => id,
                _ => self.shape(connection, &shape.text)?,
            };
            last = Some((shape, id));
            shapes.push(id);
        }
        Ok(shapes)
    }

    fn write_addresses(
        &self,
        connection: &Connection,
        batch: &RecordBatch,
        states: &[(NewState, &StateColumns)],
    ) -> Result<()> {
        let mut rows = Vec::new();
        for (new, columns) in states {
            for (n, address) in batch.addresses(columns).enumerate() {
                let told = (plain_key(address.text) != address.key).then_some(address.key);
                rows.push((row_id(new.state, n)?, address.kinds, address.text, told));
            }
        }
        bulk::insert(connection, &ADDRESSES, &rows, |values, (row, kinds, text, key)| {
            values.add(row)?;
            values.add(kinds)?;
            values.add(text)?;
            values.add(key)
        })?;
        Ok(())
    }

    /// The Server accounts that Cloud rows list, as rows to write: the number of the row, the number of the
    /// host, and the id.
    fn listed_of<'b>(
        &mut self,
        connection: &Connection,
        batch: &'b RecordBatch,
        states: &[(NewState, &StateColumns)],
    ) -> Result<Vec<(i64, u32, &'b str)>> {
        let mut rows = Vec::new();
        for (new, columns) in states {
            let own = distinct(batch.listed(columns));
            for (n, (host, id)) in own.into_iter().enumerate() {
                let host = match self.hosts.get(host) {
                    Some(number) => *number,
                    None => {
                        let number = host_id(connection, host)?;
                        self.hosts.insert(host.to_owned(), number);
                        number
                    }
                };
                rows.push((row_id(new.state, n)?, host, id));
            }
        }
        Ok(rows)
    }

    fn add_columns(
        &mut self,
        batch: &RecordBatch,
        states: &[(NewState, &StateColumns)],
        shapes: &[i64],
        listed: &[(i64, u32, &str)],
        span: NewSpan,
    ) -> Result<()> {
        let (mut keys, mut listed): (Vec<(u32, u8)>, _) = (Vec::new(), listed);
        for ((new, columns), shape) in states.iter().zip(shapes) {
            keys.clear();
            let mut places: HashMap<u32, usize> = HashMap::new();
            for address in batch.addresses(columns) {
                let key = self.new.key(address.key, address.key_hash)?;
                let known = match keys.len() > FEW {
                    false => keys.iter().position(|(known, _)| *known == key),
                    true => {
                        if places.is_empty() {
                            places.extend(keys.iter().enumerate().map(|(at, (key, _))| (*key, at)));
                        }
                        places.get(&key).copied()
                    }
                };
                match known {
                    Some(at) => keys[at].1 |= address.kinds,
                    None => {
                        if !places.is_empty() {
                            places.insert(key, keys.len());
                        }
                        keys.push((key, address.kinds));
                    }
                }
            }
            let last = i64::from(new.state) * ROOM + ROOM;
            let count = listed.partition_point(|(row, _, _)| *row < last);
            let (own, rest) = listed.split_at(count);
            listed = rest;
            let row = NewRow {
                number: new.state,
                snapshot: span.snapshot,
                account: new.account,
                shape: super::sql::number(*shape)?,
                row: columns.row,
                roles: columns.roles,
                visual_studio: columns.visual_studio,
                suspended: columns.suspended,
                login: batch.login(columns),
                login_hash: columns.login_hash,
                digest: batch.ready(new.index).digest,
                name: columns.name_hash,
                entry: batch.entry(columns),
            };
            self.new.state(&row, &keys, own.iter().map(|(_, host, id)| (*host, *id)));
        }
        Ok(())
    }

    fn shape(&mut self, connection: &Connection, fields: &str) -> Result<i64> {
        if let Some(id) = self.shapes.get(fields) {
            return Ok(*id);
        }
        connection.execute("INSERT OR IGNORE INTO shapes (fields) VALUES (?1)", [fields])?;
        let sql = "SELECT shape_id FROM shapes WHERE fields = ?1";
        let id = connection.query_row(sql, [fields], |row| row.get(0))?;
        // The number of remembered shapes is limited, because a malicious file may give each record a shape of
        // its own.
        if self.shapes.len() < 1000 {
            self.shapes.insert(fields.to_owned(), id);
        }
        Ok(id)
    }
}

/// The identity as the row of a state stores it: `None` if the identity follows from the login, so that it is
/// not stored twice.
pub(super) fn told_account<'i>(identity: &'i str, login: &str) -> Option<&'i str> {
    let of_login = Account::login_of_identity(identity);
    let follows = |it: &str| it == login.to_ascii_lowercase();
    if of_login.is_some_and(follows) { None } else { Some(identity) }
}

/// The number of the n-th row that belongs to a state in a table such as `addresses`.
fn row_id(state: u32, n: usize) -> Result<i64> {
    if n as i64 >= ROOM {
        return Err(Error::input(format!(
            "a record names more than {ROOM} addresses, accounts or organizations"
        )));
    }
    Ok(i64::from(state) * ROOM + n as i64)
}

fn write_memberships(
    connection: &Connection,
    batch: &RecordBatch,
    states: &[(NewState, &StateColumns)],
) -> Result<()> {
    let mut rows = Vec::new();
    for (new, columns) in states {
        for (n, membership) in distinct(batch.memberships(columns)).into_iter().enumerate() {
            rows.push((row_id(new.state, n)?, membership));
        }
    }
    bulk::insert(connection, &MEMBERSHIPS, &rows, |values, (row, membership)| {
        values.add(row)?;
        membership.iter().try_for_each(|text| values.add(text))
    })?;
    Ok(())
}

/// Removes repeated values, and keeps the order of the remaining ones.
pub(super) fn distinct<T: Copy + Eq + Hash>(all: impl Iterator<Item = T>) -> Vec<T> {
    let (mut found, mut seen): (Vec<T>, HashSet<T>) = (Vec::new(), HashSet::new());
    for it in all {
        let is_known = match found.len() > FEW {
            false => found.contains(&it),
            true => {
                if seen.is_empty() {
                    seen.extend(found.iter().copied());
                }
                !seen.insert(it)
            }
        };
        if !is_known {
            found.push(it);
        }
    }
    found
}

fn host_id(connection: &Connection, host: &str) -> Result<u32> {
    connection.execute("INSERT OR IGNORE INTO hosts (host) VALUES (?1)", [host])?;
    let sql = "SELECT host_id FROM hosts WHERE host = ?1";
    super::sql::number(connection.query_row(sql, [host], |row| row.get(0))?)
}
