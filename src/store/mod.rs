//! The store: the database, and the only code that uses a SQLite connection.
//!
//! This file opens a database as a [`Store`] (`handle`), which answers questions about the stored data (`read`,
//! `parts`). An [`Import`] writes snapshots in one transaction (`write`). `sql` holds constants and functions that
//! many files share. SQL longer than one line stands in `schema/queries`, in files that are named for the question
//! that they answer. The comments in `schema/migrations` describe what is stored. The module `row` makes it
//! possible to describe each table of the books in one place.

mod alike;
mod backup;
mod batch;
mod booked;
mod books;
mod bulk;
mod content_hash;
mod counts;
mod directory;
mod entries;
mod facts;
mod filling;
mod forms;
mod guard;
mod handle;
mod image;
mod import;
mod in_books;
mod in_place;
mod journal;
mod keep;
mod knowledge;
mod known;
mod links;
mod log;
mod migrate;
mod migrations;
mod moved;
mod near;
mod new_snapshot;
mod of_accounts;
mod parts;
mod place;
mod place_on_disk;
mod query;
mod questions;
mod read;
mod read_only;
mod renamed;
mod resemblance;
mod restore;
mod row;
mod rows_only;
mod schema;
mod snapshot_row;
mod sound;
mod source_row;
mod sql;
mod state_writer;
mod structure;
mod texts;
mod timeline;
mod told;
mod verified;
mod verify;
mod who;
mod words;
mod write;

use std::cell::{Cell, RefCell};
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, MAIN_DB, OpenFlags};

use crate::error::{Error, ErrorKind, Result};
use crate::private_file;
use crate::temporary;
use moved::FileId;
use place_on_disk::{cannot_make, folder_of};
use read_only::ReadOnly;
use sql::{A_MOMENT, PATIENCE, is_busy};

pub use alike::StateNames;
pub use backup::verified_copy;
pub use batch::{Looker, RecordBatch, Shape};
pub use booked::InBooks;
pub use books::{Declaration, Declared, Voiding};
pub use counts::{Inputs, StoredCount};
pub use directory::{DetailName, EntryDetails};
pub use entries::{EntriesOfKeys, Entry, EntryPart, PartEntryIx};
pub use facts::{DatabaseFacts, RowNumbers, SCHEMA, sqlite_version};
pub use handle::Store;
pub use image::met_damage;
pub use import::Import;
pub use journal::JournalLine;
pub use knowledge::{JournalTimes, Knowledge, LATE};
pub use known::{Certificate, FieldTimes};
pub use links::{DeclaredLink, LinkedAccount};
pub use log::{Log, look as look_at_the_log};
pub use moved::names as names_of;
pub use near::{Holding, NamedOrganization, Owner};
pub use new_snapshot::{Changes, Finished, NewSnapshot};
pub use parts::Span;
pub use place::Place;
pub use place_on_disk::{file_system, is_far_away, mode, wide_files};
pub use query::{QueryFailure, Statement};
pub use questions::SavedQuestion;
pub use read::{Merged, Printed};
pub use renamed::NameIdHolder;
pub use resemblance::Resemblance;
pub use restore::{Checked, Restored, restore};
pub use rows_only::{LeftBehind, rows_only};
pub use snapshot_row::{CompletenessFacts, SnapshotFacts, Stored};
pub use sound::second_look;
pub use timeline::Timeline;
pub use verified::{JournalPosition, LastVerified, Since};
pub use verify::{Broken, COVERAGE, JOURNAL_COVERAGE, Verified};
pub use who::{AccountRef, StateSpan};

/// The size of SQLite's page cache, in KiB. It is large because questions about everybody look up many rows in
/// no particular order.
const CACHE: i64 = 64 * 1024;

/// The number of pages that one step of copying a database copies.
const COPIED_PAGES: std::ffi::c_int = 4096;

/// SQLite's smallest page size, in bytes. A file that is shorter than one page, and not empty, is not a database.
const SMALLEST: u64 = 512;

impl Store {
    /// Opens the database for questions.
    ///
    /// # Errors
    /// [`ErrorKind::Nothing`] if there is no file, or the file is empty. [`ErrorKind::Database`] if the file
    /// belongs to another program, is newer than this program, is locked or is damaged.
    pub fn open(path: &Path) -> Result<Store> {
        if !path.exists() {
            log::check(path)?;
            return Err(Error::nothing("there is no database yet").of_file(path).hint(
                "`oneseat import FILE…` creates the database; `oneseat demo` shows oneseat with \
                 made-up data",
            ));
        }
        let (mut store, found) = Store::recognize(path)?;
        match found {
            migrate::FileIdentity::Ours(version) => match store.writable {
                true => store.migrate(version)?,
                false if migrate::is_newest(&store.connection, version)? => {}
                // A read-only database cannot be migrated, but a migrated copy of it can answer questions.
                false => store = store.migrated_copy(version)?,
            },
            migrate::FileIdentity::Empty => {
                return Err(Error::nothing("the database is empty")
                    .of_file(path)
                    .hint("`oneseat import FILE…` fills the database"));
            }
        }
        Ok(store)
    }

    /// Opens the database read-only, for an SQL statement that the user wrote.
    ///
    /// # Errors
    /// The same errors as [`Store::open`].
    pub fn open_to_read(path: &Path) -> Result<Store> {
        // `Store::open` migrates an older database, which a read-only connection could not do.
        let opened = Store::open(path)?;
        if opened.identity.is_none() || opened.connection.is_readonly(MAIN_DB)? {
            // The opened store is a temporary copy, in which no changes are kept, or its connection is already
            // read-only.
            return Ok(opened);
        }
        let mut store = Store::connect_with(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        store.look().map_err(|error| store.named(error))?;
        Ok(Store { written_at: None, _closes_last: Some(opened.connection), ..store })
    }

    /// Opens the database for writing. If there is none, creates one that only its owner can read.
    ///
    /// # Errors
    /// [`ErrorKind::Database`] in the same cases as [`Store::open`], and if the file cannot be created.
    pub fn open_or_create(path: &Path) -> Result<Store> {
        let mut is_new = false;
        if !path.exists() {
            if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
                private_file::private_folder(folder).map_err(|error| cannot_make(folder, error))?;
            }
            log::check(path)?;
            match create_empty(path) {
                // Another process created the database first.
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                made => {
                    made.map_err(|error| cannot_make(path, error))?;
                    is_new = true;
                }
            }
        }
        let (mut store, found) = Store::recognize(path)?;
        store.may_be_written()?;
        let version = match found {
            migrate::FileIdentity::Ours(version) => version,
            migrate::FileIdentity::Empty => {
                store.write_ahead()?;
                0
            }
        };
        store.migrate(version)?;
        match is_new {
            true => store.roll_back(),
            false => {
                store.sweep_journal()?;
                store.write_through_log()?;
            }
        }
        Ok(store)
    }

    /// Opens a file without inspecting its schema.
    fn open_unlooked(path: &Path) -> Result<Store> {
        is_a_file(path)?;
        log::check(path)?;
        Store::connect(path)
    }

    /// Opens a file, and finds out whether it is a database of this program. Every error names the file.
    fn recognize(path: &Path) -> Result<(Store, migrate::FileIdentity)> {
        is_a_file(path)?;
        loop {
            log::check(path)?;
            let mut store = Store::connect(path)?;
            let found = store.look().map_err(|error| store.named(error))?;
            // If another file has taken the name meanwhile, SQLite would read the opened file with the log of
            // the other file.
            if store.identity.is_none_or(|identity| identity.holds(path)) {
                return Ok((store, found));
            }
        }
    }

    /// Inspects the schema and the structure of the file. Checks that no statement takes more time or memory
    /// than a file of this size should need.
    fn look(&mut self) -> Result<migrate::FileIdentity> {
        let migrate::Looked { found, objects, alone } =
            migrate::look(&self.connection, &self.path)?;
        structure::check(&mut self.connection, &objects)?;
        if let migrate::FileIdentity::Ours(version) = found
            && !alone
            && schema::has_references_of_others(&objects, version)?
        {
            self.connection.pragma_update(None, "foreign_keys", false)?;
        }
        Ok(found)
    }

    /// Opens a file for writing. If that fails, opens it for reading, even in a folder where no file can be
    /// created.
    fn connect(path: &Path) -> Result<Store> {
        let access = OpenFlags::SQLITE_OPEN_READ_WRITE;
        let named =
            |error: rusqlite::Error| Error::from(error).at(&path.display().to_string(), None);
        let opened = Store::connect_with(path, access);
        let opened = opened.and_then(|store| {
            read_only::try_reading(&store.connection)?;
            Ok(store)
        });
        let error = match opened {
            Err(error) if read_only::may_be(&error) => error,
            opened => return opened.map_err(named),
        };
        match read_only::open(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)? {
            Some(ReadOnly::Unchanging(connection)) => {
                Store::set_up(connection, path, Some(FileId::of(path))).map_err(named)
            }
            Some(ReadOnly::Copy(connection)) => {
                let store = Store::set_up(connection, path, None).map_err(named)?;
                Ok(Store { written_at: None, writable: false, ..store })
            }
            None => Err(named(error)),
        }
    }

    fn connect_with(path: &Path, access: OpenFlags) -> rusqlite::Result<Store> {
        let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let identity = FileId::of(path);
        let connection = guard::open(path, flags)?;
        Store::set_up(connection, path, Some(identity))
    }

    fn set_up(
        connection: Connection,
        path: &Path,
        identity: Option<FileId>,
    ) -> rusqlite::Result<Store> {
        connection.busy_timeout(in_place::patience(path))?;
        keep_plans(&connection)?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.pragma_update(None, "synchronous", "full")?;
        connection.pragma_update(None, "cache_size", -CACHE)?;
        connection.set_prepared_statement_cache_capacity(64);
        let writable = !connection.is_readonly(MAIN_DB)? && !has_other_names(path);
        Ok(Store {
            connection,
            _closes_last: None,
            path: path.to_owned(),
            written_at: Some(path.to_owned()).filter(|_| writable),
            writable,
            identity,
            stored: Cell::new(false),
            image: RefCell::default(),
            wanted: RefCell::default(),
        })
    }

    /// Turns the write-ahead log on, so that a reader never waits for a writer. If several processes create the
    /// database at once, SQLite lets the slower ones wait only briefly, so this function tries again.
    fn write_ahead(&self) -> Result<()> {
        let begun = Instant::now();
        loop {
            match self.connection.pragma_update(None, "journal_mode", "wal") {
                Err(error) if is_busy(&error) && begun.elapsed() < PATIENCE => {
                    std::thread::sleep(A_MOMENT);
                }
                set => return set.map_err(|error| self.named(error.into())),
            }
        }
    }

    fn migrate(&mut self, version: i64) -> Result<()> {
        keep::sweep(&self.path);
        let keep = |version| keep::old_schema(&self.path, version);
        let migrated = migrate::migrate(&mut self.connection, &self.path, version, keep);
        migrated.map_err(|error| self.named(error))?;
        if (1..migrations::VERSION).contains(&version) {
            self.give_room_back()?;
        }
        Ok(())
    }

    /// A temporary copy of the database with the newest schema. The copy is for questions only: anything written
    /// into it is lost.
    fn migrated_copy(&self, version: i64) -> Result<Store> {
        let mut copy = self.passing_copy()?;
        let nothing_to_keep = |_| Ok(());
        let migrated = migrate::migrate(&mut copy.connection, &self.path, version, nothing_to_keep);
        migrated.map_err(|error| self.named(error))?;
        Ok(Store { writable: false, ..copy })
    }

    /// Checks that an import can be stored in the database.
    ///
    /// # Errors
    /// [`ErrorKind::Database`] if the file or its disk is read-only, or the file has several names.
    pub fn may_be_written(&self) -> Result<()> {
        if self.writable {
            return Ok(());
        }
        if has_other_names(&self.path) {
            return Err(Error::database(
                "the file has several names (hard links), and writing would destroy the database, \
                 because each name has a log of its own",
            )
            .of_file(&self.path)
            .hint(
                "make a copy with `oneseat backup NEW` and use it with --db NEW; or remove the \
                 other names",
            ));
        }
        Err(Error::database("the database cannot be written: the file or its disk is read-only")
            .of_file(&self.path)
            .hint(
                "check the permissions of the file and its folder, or make a copy and write to it: \
                 `oneseat backup FILE`",
            ))
    }

    /// Adds the name of the database to an error of SQLite, unless the error already names the database or a
    /// file beside it.
    pub fn named(&self, error: Error) -> Error {
        let name = self.path.display().to_string();
        let is_named = error.place.as_ref().is_some_and(|place| place.file.starts_with(&name));
        if error.kind == ErrorKind::Database && !is_named { error.at(&name, None) } else { error }
    }

    /// A temporary copy of the database, which disappears when it is dropped. SQLite keeps the copy in memory
    /// and in a file without a name.
    ///
    /// # Errors
    /// [`ErrorKind::Database`] if the database cannot be read, or there is not enough memory or disk space for the
    /// copy.
    pub fn passing_copy(&self) -> Result<Store> {
        let mut copy = Connection::open("")?;
        guard::protect(&mut copy)?;
        {
            let backup = rusqlite::backup::Backup::new(&self.connection, &mut copy)?;
            backup.run_to_completion(COPIED_PAGES, Duration::ZERO, None)?;
        }
        keep_plans(&copy)?;
        copy.pragma_update(None, "foreign_keys", true)?;
        copy.pragma_update(None, "journal_mode", "memory")?;
        copy.set_prepared_statement_cache_capacity(64);
        Ok(Store {
            connection: copy,
            _closes_last: None,
            path: self.path.clone(),
            written_at: None,
            writable: true,
            identity: None,
            stored: Cell::new(false),
            image: RefCell::default(),
            wanted: RefCell::default(),
        })
    }

    /// The path of the database file.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Makes SQLite plan each statement only once. By default, SQLite plans a statement again whenever its
/// parameters are bound or cleared. That takes much longer than a short statement itself.
fn keep_plans(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map(drop)
}

/// Creates an empty database that only its owner can read. If creating it fails, no file is left.
fn create_empty(path: &Path) -> std::io::Result<()> {
    let mut file = temporary::file(folder_of(path), "new")?;
    file.write_all(&log::empty_database()?)?;
    file.put_in_free_place(path)
}

/// Checks that the path leads to a file that SQLite can open as a database.
fn is_a_file(path: &Path) -> Result<()> {
    // A pipe or a device is refused, because opening a pipe would block, and reading a device might never end.
    if std::fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
        return Err(Error::database("this is not a regular file")
            .of_file(path)
            .hint("name another file with --db, or leave --db out to use your own database"));
    }
    // A file of a few bytes is refused, because SQLite would treat it as empty and overwrite it.
    let length = std::fs::metadata(path).map_or(0, |metadata| metadata.len());
    if (1..SMALLEST).contains(&length) {
        return Err(Error::database("the file is not a SQLite database")
            .of_file(path)
            .hint("name another file with --db, or leave --db out to use your own database"));
    }
    Ok(())
}

/// Does the file have several names (hard links)? SQLite finds the log by the name of the file, so each name
/// would have a log of its own.
fn has_other_names(path: &Path) -> bool {
    moved::names(path).is_some_and(|names| names > 1)
}
