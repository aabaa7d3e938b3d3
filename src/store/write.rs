//! Writes snapshots, one after another, in one transaction (`new_snapshot` writes each of them). Each snapshot
//! gets a line in the journal.

use std::cell::{OnceCell, RefCell};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use rusqlite::{OptionalExtension, Transaction};

use super::batch::Looker;
use super::booked::InBooks;
use super::import::Import;
use super::new_snapshot::NewSnapshot;
use super::source_row::source_id;
use super::sql::IMMEDIATE;
use super::state_writer::StateWriter;
use super::{Store, journal, log};
use crate::error::{Error, Result};
use crate::model::{Instant, Source, SourceKind};

/// The size of SQLite's page cache, in KiB, while a file is imported. The more accounts are new, the more pages
/// an import changes.
pub(super) const IMPORT_CACHE: i64 = 32 * 1024;

impl Store {
    /// Begins a transaction that writes. Waits until another writer has finished.
    ///
    /// # Errors
    /// If the database is locked for too long, or cannot be written.
    pub fn begin(&mut self, now: Instant) -> Result<Import<'_>> {
        self.connection.pragma_update(None, "foreign_keys", true)?;
        self.begin_as_it_is(now)
    }

    /// Begins a transaction that writes snapshots. Unlike [`Store::begin`], it does not check the references of
    /// each row (the module `state_writer` explains why the references are right), and it sets the page cache to
    /// `IMPORT_CACHE`.
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
        *self.image.borrow_mut() = None;
        let Store { connection, path, identity, stored, .. } = &*self;
        let begun = Transaction::new_unchecked(connection, IMMEDIATE);
        let begun = begun.and_then(|it| log::changes_page_one(&it).map(|()| it));
        let transaction = begun.map_err(|error| of_file(path, error))?;
        let now = journal::not_before(&transaction, now)?;
        let (identity, writer) = (*identity, OnceCell::new());
        Ok(Import { transaction, now, connection, path, identity, stored, writer })
    }
}

impl Import<'_> {
    /// Begins a snapshot of a source at an instant, between its two neighbors in time. Creates the source if it
    /// is new.
    pub(super) fn begin_snapshot(
        &self,
        source: &Source,
        taken_at: Instant,
        neighbors: (Option<&InBooks>, Option<&InBooks>),
    ) -> Result<NewSnapshot<'_>> {
        let source_id = source_id(&self.transaction, source)?;
        let writer = self.writer()?;
        let place = (source_id, taken_at, neighbors);
        NewSnapshot::begin(&self.transaction, self.now, source.clone(), place, writer)
    }

    /// The one writer of states in this transaction, which numbers all new rows.
    pub(super) fn writer(&self) -> Result<&RefCell<StateWriter>> {
        if let Some(writer) = self.writer.get() {
            return Ok(writer);
        }
        let made = StateWriter::new(&self.transaction)?;
        Ok(self.writer.get_or_init(|| RefCell::new(made)))
    }

    /// Creates a [`Looker`], which prepares records before they are written. Another thread may change the value of
    /// `mostly_new` at any time.
    ///
    /// # Errors
    /// If the database cannot be read, or the operating system provides no random numbers.
    pub fn looker(&self, mostly_new: &Arc<AtomicBool>) -> Result<Looker> {
        Looker::new(Arc::clone(mostly_new), self.writer()?.borrow().form().clone())
    }

    /// The names of the sources of one kind, sorted.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn source_names(&self, kind: SourceKind) -> Result<Vec<String>> {
        let sql = "SELECT name FROM named_sources WHERE kind = ?1 ORDER BY name";
        let mut statement = self.transaction.prepare(sql)?;
        let names = statement.query_map([kind.name()], |row| row.get(0))?;
        Ok(names.collect::<rusqlite::Result<_>>()?)
    }

    /// The format of a stored snapshot; `None` if there is no snapshot of this number.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn format_of(&self, snapshot: i64) -> Result<Option<String>> {
        let sql = "SELECT format FROM stored_snapshots WHERE snapshot_id = ?1";
        let mut statement = self.transaction.prepare_cached(sql)?;
        Ok(statement.query_row([snapshot], |row| row.get(0)).optional()?)
    }

    /// The instant of a stored snapshot, and the code for the origin of that instant, such as `file-name`.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn taken_at(&self, snapshot: i64) -> Result<Option<(Instant, String)>> {
        let sql =
            "SELECT place / 65536, taken_at_from FROM stored_snapshots WHERE snapshot_id = ?1";
        let mut statement = self.transaction.prepare_cached(sql)?;
        let found = statement.query_row([snapshot], |row| Ok((row.get(0)?, row.get(1)?)));
        let found: Option<(i64, String)> = found.optional()?;
        Ok(found.and_then(|(at, from)| Some((Instant::from_unix(at)?, from))))
    }

    /// Commits the transaction, so that its changes are stored.
    ///
    /// # Errors
    /// If the disk is full or fails, or the database file was moved or removed meanwhile.
    pub fn commit(self) -> Result<()> {
        if let Some(writer) = self.writer.get() {
            writer.borrow_mut().write_image(&self.transaction)?;
        }
        let Import { transaction, connection, path, identity, stored, .. } = self;
        let moved = || identity.filter(|identity| !identity.holds(path));
        // SQLite writes a commit into the log beside the path. If another file has this path now, that log would
        // damage it.
        if let Some(identity) = moved() {
            transaction.rollback().map_err(|error| of_file(path, error))?;
            return Err(identity.told(path, connection, stored.get()));
        }
        transaction.commit().map_err(|error| of_file(path, error))?;
        stored.set(true);
        moved().map_or(Ok(()), |identity| Err(identity.told(path, connection, true)))
    }
}

fn of_file(path: &Path, error: rusqlite::Error) -> Error {
    Error::from(error).at(&path.display().to_string(), None)
}
