//! Writing: one transaction, within it one snapshot after another, each a line of the journal.
//!
//! A snapshot is written by its changes against its neighbours in time (`timeline` knows how);
//! `state_writer` knows what a record becomes in the tables.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::batch::{Batch, Looker};
use super::moved::Identity;
use super::place::{Digest, text_hash};
use super::state_writer::{NewState, StateWriter};
use super::timeline::Timeline;
use super::{IMMEDIATE, Store, journal};
use crate::error::{Error, Result};
use crate::model::{
    Account, Instant, Record, Source, SourceKind, Union, account_of, say_the_same_account,
};

/// A transaction that writes: all of it is stored, or, unless committed, nothing.
pub struct Import<'s> {
    pub(super) transaction: rusqlite::Transaction<'s>,
    pub(super) now: Instant,
    path: &'s Path,
    identity: Option<Identity>,
    writer: OnceCell<RefCell<StateWriter>>,
}

/// How much of the database is held in memory while a file is imported, in KiB.
const IMPORT_CACHE: i64 = 32 * 1024;

impl Store {
    /// Begins to write; waits for another writer.
    ///
    /// # Errors
    /// If the database is locked for too long, or cannot be written.
    pub fn begin(&mut self, now: Instant) -> Result<Import<'_>> {
        self.connection.pragma_update(None, "foreign_keys", true)?;
        self.begin_as_it_is(now)
    }

    /// Begins to write snapshots, as [`Store::begin`] does. References are not looked at for each
    /// row (`state_writer` says why they hold), and more of the database is held in memory.
    ///
    /// # Errors
    /// If the database is locked for too long, or cannot be written.
    pub fn begin_import(&mut self, now: Instant) -> Result<Import<'_>> {
        self.connection.pragma_update(None, "foreign_keys", false)?;
        self.connection.pragma_update(None, "cache_size", -IMPORT_CACHE)?;
        self.begin_as_it_is(now)
    }

    fn begin_as_it_is(&mut self, now: Instant) -> Result<Import<'_>> {
        self.may_be_written()?;
        let (path, identity) = (&self.path, self.identity);
        let begun = self.connection.transaction_with_behavior(IMMEDIATE);
        let transaction = begun.map_err(|error| of_file(path, error))?;
        let now = journal::not_before(&transaction, now)?;
        Ok(Import { transaction, now, path, identity, writer: OnceCell::new() })
    }
}

impl Import<'_> {
    /// Begins a snapshot of a source at an instant; makes the source if it is new.
    ///
    /// # Errors
    /// If the database cannot be read or written.
    pub fn snapshot(&self, source: &Source, taken_at: Instant) -> Result<NewSnapshot<'_>> {
        let source_id = source_id(&self.transaction, source)?;
        let writer = self.writer()?;
        let first_new = writer.borrow().next_state();
        let timeline = Timeline::open(&self.transaction, source_id, taken_at, first_new)?;
        Ok(NewSnapshot {
            connection: &self.transaction,
            now: self.now,
            source: source.clone(),
            source_id,
            taken_at,
            timeline,
            writer,
            looker: Looker::new(Arc::default())?,
            new: Vec::new(),
            equals: HashMap::new(),
            changes: Changes::default(),
            repeated: Vec::new(),
            unions: BTreeMap::new(),
        })
    }

    /// The one writer of the transaction.
    fn writer(&self) -> Result<&RefCell<StateWriter>> {
        if let Some(writer) = self.writer.get() {
            return Ok(writer);
        }
        let made = StateWriter::new(&self.transaction)?;
        Ok(self.writer.get_or_init(|| RefCell::new(made)))
    }

    /// The sources of one kind, by name.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn source_names(&self, kind: SourceKind) -> Result<Vec<String>> {
        let sql = "SELECT name FROM named_sources WHERE kind = ?1 ORDER BY name";
        let mut statement = self.transaction.prepare(sql)?;
        let names = statement.query_map([kind.name()], |row| row.get(0))?;
        Ok(names.collect::<rusqlite::Result<_>>()?)
    }

    /// Another snapshot with these bytes of this source that is not voided, if there is one.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn snapshot_with_bytes(
        &self,
        source: &Source,
        sha256: &str,
        apart_from: i64,
    ) -> Result<Option<i64>> {
        Ok(self
            .transaction
            .prepare_cached(
                "SELECT snapshot_id FROM stored_snapshots JOIN named_sources USING (source_id) \
                 WHERE kind = ?1 AND name = ?2 AND sha256 = ?3 AND snapshot_id <> ?4 \
                 AND snapshot_id NOT IN (SELECT snapshot_id FROM voided_snapshots) \
                 ORDER BY snapshot_id DESC LIMIT 1",
            )?
            .query_row((source.kind.name(), &source.name, sha256, apart_from), |row| row.get(0))
            .optional()?)
    }

    /// Stores everything.
    ///
    /// # Errors
    /// If the disk is full or fails, or the file is no longer where it was.
    pub fn commit(self) -> Result<()> {
        self.transaction.commit().map_err(|error| of_file(self.path, error))?;
        self.identity.map_or(Ok(()), |identity| identity.check(self.path))
    }
}

fn of_file(path: &Path, error: rusqlite::Error) -> Error {
    Error::from(error).at(&path.display().to_string(), None)
}

/// How a snapshot differs from its neighbour before it in time, in accounts. What only one of the
/// two formats can say is no change.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Changes {
    /// Accounts that the neighbour does not have.
    pub added: u64,
    /// Accounts of which something else is said.
    pub changed: u64,
    /// Accounts that only the neighbour has.
    pub removed: u64,
    /// Accounts of which the same is said.
    pub unchanged: u64,
}

/// What is stored of a snapshot beside its accounts.
#[derive(Debug, Clone)]
pub struct Stored<'a> {
    /// How the time was found.
    pub taken_at_from: &'a str,
    /// The format's name.
    pub format: &'a str,
    /// The file's name as given, without its folder.
    pub file: &'a str,
    /// SHA-256 of the bytes as received, in hexadecimal digits.
    pub sha256: &'a str,
    /// Records in the file.
    pub rows: u64,
    /// The totals that the file states.
    pub consumed: Option<i64>,
    /// Likewise.
    pub purchased: Option<i64>,
    /// What tells whether the snapshot is complete.
    pub evidence: &'a Evidence,
    /// Is the snapshot complete? `None` if the file states no total.
    pub complete: Option<bool>,
    /// Stored, but never in force.
    pub partial: bool,
    /// Why a short snapshot was accepted.
    pub accepted_short: Option<&'a str>,
    /// What the file says beside accounts: a JSON object.
    pub facts: &'a serde_json::Value,
    /// The warnings of the import: a JSON array.
    pub warnings: &'a serde_json::Value,
}

/// What tells whether a snapshot is complete. It stands in the journal's line of the import alone:
/// no count needs it, and there it can be neither changed nor lost.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Distinct records in the file.
    pub distinct_rows: u64,
    /// How many records there should be, as the file states.
    pub total: Option<i64>,
    /// In how many pages they came; `None` if the format does not tell pages apart.
    pub pages: Option<u64>,
    /// How many of the pages state a total.
    pub pages_with_totals: Option<u64>,
    /// Why the file is not complete, or is taken not to be.
    pub short: Option<String>,
}

/// A snapshot that is being written.
pub struct NewSnapshot<'t> {
    connection: &'t Connection,
    now: Instant,
    source: Source,
    source_id: i64,
    taken_at: Instant,
    timeline: Timeline<'t>,
    writer: &'t RefCell<StateWriter>,
    looker: Looker,
    /// States of the batch at hand that are not yet written.
    new: Vec<NewState>,
    /// How many invitations without any address have been equal so far.
    equals: HashMap<String, u64>,
    changes: Changes,
    repeated: Vec<String>,
    /// Rows that came more than once and said different things, by their slot.
    unions: BTreeMap<usize, Union>,
}

impl NewSnapshot<'_> {
    /// Takes the next records of the file; gives how many of them say something new.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub fn put(&mut self, batch: &mut Batch) -> Result<usize> {
        batch.hash();
        let first = self.writer.borrow().next_state();
        for index in 0..batch.len() {
            self.put_one(batch, index)?;
        }
        self.write_new(batch)?;
        Ok((self.writer.borrow().next_state() - first) as usize)
    }

    fn put_one(&mut self, batch: &mut Batch, index: usize) -> Result<()> {
        let mut numbered = None;
        let slot = match batch.identity(index) {
            Ok((identity, hash)) => self.slot(identity, hash)?,
            Err(meaning) => {
                let ordinal = self.equals.entry(meaning.to_owned()).or_default();
                *ordinal += 1;
                let identity = Account::numbered_identity(meaning, *ordinal - 1);
                let slot = self.slot(&identity, text_hash(&identity))?;
                numbered = Some(identity);
                slot
            }
        };
        let digest = batch.ready(index).digest;
        if let Some(union) = self.unions.get_mut(&slot) {
            let record = batch.record(index)?;
            if !union.may_be(&record) || digest_of(&union.record()) != digest {
                union.add(&record);
                self.repeated.push(account_of(self.source.kind, &record).login.into_owned());
            }
            return Ok(());
        }
        let Some(state) = self.timeline.now(slot) else { return self.place(slot, batch, index) };
        // It may be of this very batch.
        self.write_new(batch)?;
        if self.timeline.digest_now(slot, state)? == Some(digest) {
            return Ok(());
        }
        let identity = match (numbered, batch.identity(index)) {
            (Some(identity), _) => identity,
            (None, Ok((identity, _)) | Err(identity)) => identity.to_owned(),
        };
        // Rows that only their content tells apart are never united: other content, another row.
        if Account::is_identified_by_content(&identity) {
            let identity = digest.tell_apart(&identity);
            let slot = self.slot(&identity, text_hash(&identity))?;
            return match self.timeline.now(slot) {
                None => self.place(slot, batch, index),
                Some(_) => Ok(()),
            };
        }
        self.unite(slot, state, &batch.record(index)?)
    }

    fn slot(&mut self, identity: &str, hash: [u8; 16]) -> Result<usize> {
        self.timeline.slot(&mut self.writer.borrow_mut(), identity, hash)
    }

    /// The state of an account in this snapshot: the one that held before or holds after, if it
    /// says the same; else a new one.
    fn place(&mut self, slot: usize, batch: &mut Batch, index: usize) -> Result<()> {
        if self.timeline.holds(slot, batch.ready(index).digest)? {
            return Ok(());
        }
        self.looker.work_out(self.source.kind, batch, index)?;
        let state = self.writer.borrow_mut().number_state();
        self.timeline.begin_state(slot, state);
        self.new.push(NewState { state, account: self.timeline.account(slot), index });
        Ok(())
    }

    /// Writes the new states of a batch.
    fn write_new(&mut self, batch: &Batch) -> Result<()> {
        let mut writer = self.writer.borrow_mut();
        writer.write(self.connection, batch, &self.new, self.timeline.new_span())?;
        match batch.sum() {
            Some(sum) if self.new.len() == batch.len() => self.timeline.sum().add_all(sum),
            _ => {
                let columns = self.new.iter().filter_map(|new| batch.columns(new.index));
                columns.for_each(|columns| self.timeline.sum().add(&columns.record_hash));
            }
        }
        self.new.clear();
        Ok(())
    }

    /// A second record of the same identity that says something else: lists united, later scalars
    /// that are not empty count (counting.md section 2). Kept until the file is read.
    fn unite(&mut self, slot: usize, state: i64, record: &Record<'_>) -> Result<()> {
        let (fields, content) = stored_record(self.connection, state)?;
        let mut union = Union::of(&Record::from_stored(&fields, &content).map_err(damaged)?);
        union.add(record);
        self.repeated.push(account_of(self.source.kind, record).login.into_owned());
        self.unions.insert(slot, union);
        Ok(())
    }

    /// Writes the rows that were united, in place of the first of each.
    fn write_unions(&mut self) -> Result<()> {
        let mut batch = Batch::default();
        for (slot, union) in std::mem::take(&mut self.unions) {
            if let Some(state) = self.timeline.now(slot) {
                self.timeline.retract(slot, state)?;
            }
            self.looker.look(self.source.kind, &union.record(), &mut batch);
            batch.hash();
            let index = batch.len() - 1;
            self.place(slot, &mut batch, index)?;
            if batch.is_full() {
                self.write_new(&batch)?;
                batch = Batch::default();
            }
        }
        self.write_new(&batch)
    }

    /// How many distinct accounts the file has so far.
    pub fn accounts(&self) -> u64 {
        self.timeline.accounts()
    }

    /// What is already stored around the place of this snapshot.
    pub fn neighbours(&self) -> &Timeline<'_> {
        &self.timeline
    }

    /// The logins of records that came twice and said different things, in order.
    pub fn repeated(&self) -> &[String] {
        &self.repeated
    }

    /// Closes what is gone, writes the snapshot and its line of the journal; gives its number, or
    /// that of a snapshot already there with the same source, instant and content.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub fn finish(mut self, stored: &Stored<'_>) -> Result<Finished> {
        self.write_unions()?;
        self.writer.borrow_mut().settle(self.connection)?;
        let content_hash = self.timeline.close()?;
        if !self.repeated.is_empty() {
            self.connection.execute_batch(include_str!("../../schema/queries/tidy_up.sql"))?;
            self.writer.borrow_mut().forget();
        }
        self.count_changes()?;
        let same = self.timeline.same_content(stored)?;
        let accounts = self.source.kind.holds_accounts().then(|| self.timeline.accounts());
        let place = self.timeline.place();
        let snapshot = self.connection.query_row(
            include_str!("../../schema/queries/insert_snapshot.sql"),
            params![
                self.source_id,
                place.number(),
                self.now.unix(),
                stored.taken_at_from,
                stored.format,
                stored.file,
                stored.sha256,
                stored.rows,
                accounts,
                stored.consumed,
                stored.purchased,
                stored.complete,
                stored.partial,
                stored.accepted_short,
                stored.facts.to_string(),
                stored.warnings.to_string(),
                content_hash,
            ],
            |row| row.get(0),
        )?;
        journal::append(
            self.connection,
            &json!({
                "command": "import", "at": self.now, "snapshot": snapshot,
                "source": self.source, "source_id": self.source_id,
                "taken_at": self.taken_at, "place": place.number(),
                "taken_at_from": stored.taken_at_from, "format": stored.format,
                "file": stored.file, "sha256": stored.sha256, "rows": stored.rows,
                "accounts": accounts, "consumed": stored.consumed, "purchased": stored.purchased,
                "complete": stored.complete, "partial": stored.partial,
                "accepted_short": stored.accepted_short, "facts": stored.facts,
                "warnings": stored.warnings, "content_hash": hex(&content_hash),
                "evidence": stored.evidence,
            }),
        )?;
        Ok(Finished { snapshot, same, changes: self.changes })
    }

    /// Compares with the neighbour, account by account; only states that differ are read.
    fn count_changes(&mut self) -> Result<()> {
        let compared = self.timeline.compared()?;
        self.changes = Changes {
            added: compared.added,
            removed: compared.removed,
            unchanged: compared.unchanged,
            changed: 0,
        };
        for (before, now) in compared.differ {
            let before = stored_record(self.connection, before)?;
            let now = stored_record(self.connection, now)?;
            let before = Record::from_stored(&before.0, &before.1).map_err(damaged)?;
            let now = Record::from_stored(&now.0, &now.1).map_err(damaged)?;
            if say_the_same_account(self.source.kind, &before, &now) {
                self.changes.unchanged += 1;
            } else {
                self.changes.changed += 1;
            }
        }
        Ok(())
    }
}

/// What became of a snapshot.
#[derive(Debug, Clone, Copy)]
pub struct Finished {
    /// Its number.
    pub snapshot: i64,
    /// A snapshot of the same source, instant and content that is already there.
    pub same: Option<i64>,
    /// Against the neighbour before it.
    pub changes: Changes,
}

/// The number of a source; made if it is new.
fn source_id(connection: &Connection, source: &Source) -> Result<i64> {
    let found: Option<i64> = connection
        .prepare_cached("SELECT source_id FROM named_sources WHERE kind = ?1 AND name = ?2")?
        .query_row((source.kind.name(), &source.name), |row| row.get(0))
        .optional()?;
    match found {
        Some(id) => Ok(id),
        None => {
            connection.execute(
                "INSERT INTO stored_sources (kind, name) VALUES (?1, ?2)",
                (source.kind.name(), &source.name),
            )?;
            Ok(connection.last_insert_rowid())
        }
    }
}

/// The hash by which records that say the same are found.
fn digest_of(record: &Record<'_>) -> Digest {
    let (mut fields, mut content) = (String::new(), String::new());
    record.write_shape(&mut fields);
    record.write_values(&mut content);
    Digest::of_texts(&fields, &content)
}

/// The fields and the content of a stored record.
pub(super) fn stored_record(connection: &Connection, state: i64) -> Result<(String, String)> {
    let sql =
        "SELECT fields, content FROM records JOIN shapes USING (shape_id) WHERE state_id = ?1";
    Ok(connection.prepare_cached(sql)?.query_row([state], |row| Ok((row.get(0)?, row.get(1)?)))?)
}

/// A stored text that this program cannot have written.
pub(super) fn damaged(error: serde_json::Error) -> Error {
    Error::database("a stored record is damaged")
        .caused_by(error)
        .hint("`oneseat verify` says which; restore from a backup")
}

/// Bytes as hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
