//! Writes a new snapshot as changes against the snapshots before and after it. `timeline` finds the changes, and
//! `state_writer` writes the records into the tables.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use rusqlite::Connection;
use serde::Serialize;
use serde_json::json;

use super::batch::{Looker, RecordBatch};
use super::booked::InBooks;
use super::filling::Filling;
use super::image::ImageForm;
use super::journal::{self, BookRow as _};
use super::row::StoredRow as _;
use super::snapshot_row::{SnapshotRow, Stored, WrittenFacts};
use super::sql::{damaged, stored_record};
use super::state_writer::{NewState, StateWriter};
use super::timeline::Timeline;
use crate::error::Result;
use crate::model::{Account, Instant, Record, Source, Union, account_of, say_the_same_account};
use crate::table::{CellKind, Columns};

/// The key in the stored facts of a snapshot under which the accounts with repeated rows in the file are listed by
/// number. `oneseat reconcile` reads that list. The key contains a space, so that it differs from every field name
/// of GitHub's.
pub(super) const ROWS_REPEATED: &str = "rows repeated";

/// The greatest number of accounts with repeated rows that is stored. A file with more such accounts was probably
/// joined with itself by mistake.
const MOST_REPEATED: usize = 10_000;

/// How a snapshot differs from the snapshot before it, counted in accounts. A field that only one of the two
/// formats has is not compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Changes {
    /// The number of accounts that the snapshot before does not have.
    pub added: u64,
    /// The number of accounts whose records differ between the two snapshots.
    pub changed: u64,
    /// The number of accounts that only the snapshot before has.
    pub removed: u64,
    /// The number of accounts whose records state the same in both snapshots.
    pub unchanged: u64,
}

impl Changes {
    /// The columns of a table that shows the numbers of changed accounts.
    pub const COLUMNS: Columns = &[
        ("added", CellKind::Whole),
        ("changed", CellKind::Whole),
        ("removed", CellKind::Whole),
        ("unchanged", CellKind::Whole),
    ];
}

/// A snapshot that is being written, record by record.
pub struct NewSnapshot<'t> {
    connection: &'t Connection,
    now: Instant,
    source: Source,
    source_id: i64,
    taken_at: Instant,
    timeline: Timeline<'t>,
    writer: &'t RefCell<StateWriter>,
    looker: Looker,
    /// The key of the hashes by which texts are found in the image (the derived columns).
    form: ImageForm,
    /// The new states of the current batch that are not written yet.
    new: Vec<NewState>,
    /// For each content of an invitation without an address, the number of such invitations so far. The number
    /// distinguishes them.
    equals: HashMap<String, u64>,
    changes: Changes,
    repeated: Vec<String>,
    /// The numbers of the accounts whose rows came more than once in the file, whether the rows are equal or
    /// not.
    repeated_accounts: BTreeSet<u32>,
    /// For each account whose rows in the file differ, the union of these rows. The account is named by its
    /// position (slot) in the `Timeline`.
    unions: BTreeMap<usize, Union>,
    /// What is stored in plain text of the entries of an employee directory.
    filling: Filling,
}

impl<'t> NewSnapshot<'t> {
    pub(super) fn begin(
        connection: &'t Connection,
        now: Instant,
        source: Source,
        place: (i64, Instant, (Option<&InBooks>, Option<&InBooks>)),
        writer: &'t RefCell<StateWriter>,
    ) -> Result<NewSnapshot<'t>> {
        let (source_id, taken_at, neighbors) = place;
        Ok(NewSnapshot {
            connection,
            now,
            source,
            source_id,
            taken_at,
            timeline: Timeline::open(connection, (source_id, taken_at), neighbors, writer)?,
            writer,
            looker: Looker::new(Arc::default(), writer.borrow().form().clone())?,
            form: writer.borrow().form().clone(),
            new: Vec::new(),
            equals: HashMap::new(),
            changes: Changes::default(),
            repeated: Vec::new(),
            repeated_accounts: BTreeSet::new(),
            unions: BTreeMap::new(),
            filling: Filling::begin(connection)?,
        })
    }

    /// Adds the next records of the file. Returns the number of new states that they made.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub fn put(&mut self, batch: &mut RecordBatch) -> Result<usize> {
        batch.hash(&self.form);
        let first = self.writer.borrow().next_state();
        let mut kept: Vec<(i64, usize)> = Vec::new();
        for index in 0..batch.len() {
            let slot = self.slot_of(batch, index)?;
            self.put_one(slot, batch, index)?;
            if batch.details(index).is_some() {
                kept.extend(self.timeline.now(slot).map(|state| (state, index)));
            }
        }
        self.write_new(batch)?;
        if !kept.is_empty() {
            let details = kept.iter();
            let details =
                details.map(|(state, index)| (*state, batch.details(*index).unwrap_or_default()));
            self.filling.add(self.connection, details)?;
        }
        Ok((self.writer.borrow().next_state() - first) as usize)
    }

    /// The slot of the account that a record of the batch describes.
    fn slot_of(&mut self, batch: &RecordBatch, index: usize) -> Result<usize> {
        match batch.identity(index) {
            Ok(identity) => self.slot(identity, batch.ready(index).digest),
            Err(meaning) => {
                let ordinal = self.equals.entry(meaning.to_owned()).or_default();
                *ordinal += 1;
                let identity = Account::numbered_identity(meaning, *ordinal - 1);
                // Invitations without an address can have equal content, so only the identity tells two of them
                // apart.
                self.numbered_slot(&identity)
            }
        }
    }

    fn put_one(&mut self, slot: usize, batch: &mut RecordBatch, index: usize) -> Result<()> {
        let digest = batch.ready(index).digest;
        if self.timeline.now(slot).is_some() && self.repeated_accounts.len() < MOST_REPEATED {
            self.repeated_accounts.insert(self.timeline.account(slot));
        }
        if let Some(union) = self.unions.get_mut(&slot) {
            let record = batch.record(index)?;
            if !union.may_be(&record) || digest_of(&self.form, &union.record()) != digest {
                union.add(&record);
                self.repeated.push(account_of(self.source.kind, &record).login.into_owned());
            }
            return Ok(());
        }
        let Some(state) = self.timeline.now(slot) else { return self.place(slot, batch, index) };
        if self.timeline.digest_now(slot) == digest {
            return Ok(());
        }
        // The account's first record may still be in the batch. It must be written before it can be read again.
        self.write_new(batch)?;
        // Rows without login, id and address are identified by their content. Two of them with one identity are
        // one row, even if one has an additional empty field (counting.md section 2).
        let by_content = |(identity, _): (&str, u64)| Account::is_identified_by_content(identity);
        if batch.identity(index).is_ok_and(by_content) {
            return Ok(());
        }
        self.unite(slot, state, &batch.record(index)?)
    }

    fn slot(&mut self, identity: (&str, u64), digest: u64) -> Result<usize> {
        self.timeline.slot(&mut self.writer.borrow_mut(), identity, Some(digest))
    }

    fn numbered_slot(&mut self, identity: &str) -> Result<usize> {
        let identity = (identity, self.form.hash_of(identity));
        self.timeline.slot(&mut self.writer.borrow_mut(), identity, None)
    }

    /// Gives an account its record (state) in the new snapshot. If the account's record just before or just
    /// after the snapshot has the same content, the account keeps it. Otherwise a new state is made.
    fn place(&mut self, slot: usize, batch: &mut RecordBatch, index: usize) -> Result<()> {
        let digest = batch.ready(index).digest;
        if self.timeline.holds(slot, digest)? {
            return Ok(());
        }
        self.looker.work_out(self.source.kind, batch, index)?;
        let state = self.writer.borrow_mut().number_state();
        self.timeline.begin_state(slot, state, digest);
        self.new.push(NewState { state, account: self.timeline.account(slot), index });
        Ok(())
    }

    fn write_new(&mut self, batch: &RecordBatch) -> Result<()> {
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

    /// Adds another record of an account, which differs from the first one. Lists are united, and of scalars
    /// the later values that are not empty count (counting.md section 2). The union is kept in memory until the
    /// whole file is read.
    fn unite(&mut self, slot: usize, state: i64, record: &Record<'_>) -> Result<()> {
        let (fields, content) = stored_record(self.connection, state)?;
        let mut union = Union::of(&Record::from_stored(&fields, &content).map_err(damaged)?);
        union.add(record);
        self.repeated.push(account_of(self.source.kind, record).login.into_owned());
        self.unions.insert(slot, union);
        Ok(())
    }

    /// Writes the union of each account's rows in place of the account's first row.
    fn write_unions(&mut self) -> Result<()> {
        let mut batch = RecordBatch::default();
        for (slot, union) in std::mem::take(&mut self.unions) {
            if let Some(state) = self.timeline.now(slot) {
                self.timeline.retract(&mut self.writer.borrow_mut(), slot, state)?;
            }
            self.looker.look(self.source.kind, &union.record(), &mut batch);
            batch.hash(&self.form);
            let index = batch.len() - 1;
            self.place(slot, &mut batch, index)?;
            if batch.is_full() {
                self.write_new(&batch)?;
                batch = RecordBatch::default();
            }
        }
        self.write_new(&batch)
    }

    /// The number of distinct accounts that were read so far.
    pub fn accounts(&self) -> u64 {
        self.timeline.accounts()
    }

    /// The records of the source's accounts just before and just after this snapshot.
    pub fn neighbors(&self) -> &Timeline<'_> {
        &self.timeline
    }

    pub(super) fn connection(&self) -> &'t Connection {
        self.connection
    }

    /// The number of accounts that have the same state in this snapshot and in another one; 0 if the other snapshot
    /// belongs to another source.
    pub(super) fn same_states(&self, other: &InBooks) -> Result<u64> {
        if other.source_id != self.source_id {
            return Ok(0);
        }
        self.timeline.same_states(other.place)
    }

    /// The numbers of the states (records) that are the content of another snapshot.
    pub(super) fn states_at(&self, other: &InBooks) -> Vec<i64> {
        self.writer.borrow().states_at(other.source_id, other.place.number())
    }

    /// The logins of the rows that repeat an account with different content, in the order of the file.
    pub fn repeated(&self) -> &[String] {
        &self.repeated
    }

    /// Ends the spans of accounts that the snapshot does not have, and writes the snapshot and its line of the
    /// journal. Also looks for an older stored snapshot with the same source, instant and content.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub fn finish(mut self, stored: &Stored<'_>) -> Result<Finished> {
        self.write_unions()?;
        let content_hash = self.timeline.close()?;
        let mut facts = stored.facts.clone();
        if let (false, Some(facts)) = (self.repeated_accounts.is_empty(), facts.as_object_mut()) {
            facts.insert(ROWS_REPEATED.to_owned(), json!(self.repeated_accounts));
        }
        if !self.repeated.is_empty() {
            self.connection.execute_batch(include_str!("../../schema/queries/tidy_up.sql"))?;
            self.writer.borrow_mut().forget();
        }
        self.count_changes()?;
        let same = self.timeline.same_content(stored)?;
        let place = self.timeline.place();
        let snapshot = i64::from(self.timeline.snapshot());
        self.writer.borrow_mut().finish(
            self.source_id,
            place.number(),
            self.timeline.states_now().collect(),
        );
        let written = WrittenFacts {
            source_id: self.source_id,
            place,
            imported_at: self.now,
            accounts: self.source.kind.holds_records().then(|| self.timeline.accounts()),
            facts: facts.to_string(),
            content_hash,
            salt: journal::salt()?,
        };
        let row = SnapshotRow::new(stored, written);
        row.insert(self.connection, Some(snapshot))?;
        let mut line = SnapshotRow::begin_line(snapshot);
        line["source"] = json!(self.source);
        line["source_id"] = json!(self.source_id);
        line["taken_at"] = json!(self.taken_at);
        row.say(&mut line);
        line["states"] = json!(self.timeline.new_states());
        line["evidence"] = json!(stored.evidence);
        row.commit(&mut line);
        journal::append(self.connection, &line)?;
        Ok(Finished { snapshot, same, changes: self.changes, filling: self.filling })
    }

    /// Counts the accounts that differ between this snapshot and the snapshot before it. Reads records only for
    /// accounts whose states differ.
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

/// What is known about a snapshot after it was written.
#[derive(Debug, Clone, Copy)]
pub struct Finished {
    /// The number that identifies the new snapshot in the database.
    pub snapshot: i64,
    /// The number of an older snapshot with the same source, instant and content; `None` if there is none.
    pub same: Option<i64>,
    /// The changes against the previous snapshot on the source's time line.
    pub changes: Changes,
    /// What was stored in plain text. It has no row and no line of the journal yet.
    pub filling: Filling,
}

/// The digest of a record. Equal records have equal digests.
fn digest_of(form: &ImageForm, record: &Record<'_>) -> u64 {
    let (mut fields, mut content) = (String::new(), String::new());
    record.write_shape(&mut fields);
    record.write_values(&mut content);
    form.digests_of(&fields).of(&content)
}
