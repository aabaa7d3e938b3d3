//! The database: the only owner of a SQLite connection.
//!
//! [`Store`] opens the file and answers questions about it (`read`, `parts`); [`Import`] writes one
//! snapshot within one transaction (`write`). SQL longer than a line lies in `schema/queries`,
//! named for the question it answers. What is stored is described in `schema/migrations`.

mod backup;
mod books;
mod content_hash;
mod facts;
mod journal;
mod known;
mod links;
mod migrate;
mod parts;
mod place;
mod place_on_disk;
mod query;
mod questions;
mod read;
mod state_writer;
mod texts;
mod timeline;
mod verified;
mod verify;
mod who;
mod write;

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use crate::error::{Error, Kind, Result};

pub use books::{Declaration, Declared, Voiding};
pub use facts::{FileFacts, Numbers, SCHEMA, sqlite_version};
pub use known::{Certificate, FieldsSeen};
pub use links::{DeclaredLink, Named};
pub use parts::Span;
pub use place::Place;
pub use place_on_disk::{file_system, is_far_away, mode, wide_files};
pub use query::{Statement, Wrong};
pub use questions::SavedQuestion;
pub use read::{Printed, SnapshotFacts};
pub use timeline::Timeline;
pub use verified::{Journal, LastVerified, Since};
pub use verify::{Broken, COVERAGE, JOURNAL_COVERAGE, Verified};
pub use who::{Held, Known};
pub use write::{Changes, Evidence, Finished, Import, NewSnapshot, Stored};
use write::{damaged, hex};

/// Writers take the write lock at once, so that two never meet half-way.
const IMMEDIATE: TransactionBehavior = TransactionBehavior::Immediate;

/// How long a writer waits for another one.
const PATIENCE: Duration = Duration::from_secs(30);

/// How many pages a copy takes at a time.
const COPIED_PAGES: std::ffi::c_int = 4096;

/// The smallest page that SQLite has, in bytes: no database is shorter.
const SMALLEST: u64 = 512;

/// The end of a span that still holds.
const OPEN_END: i64 = i64::MAX;

/// An open database.
pub struct Store {
    connection: Connection,
    path: PathBuf,
}

impl Store {
    /// Opens the database for questions.
    ///
    /// # Errors
    /// [`Kind::Nothing`] if there is no file; [`Kind::Database`] if it is not ours, newer than
    /// this program, locked or damaged.
    pub fn open(path: &Path) -> Result<Store> {
        if !path.exists() {
            return Err(Error::nothing(format!("{}: there is no database yet", path.display()))
                .hint("`oneseat import FILE…` makes it; `oneseat demo` shows how it looks"));
        }
        let (mut store, found) = Store::recognise(path)?;
        match found {
            migrate::Found::Ours(version) => {
                store.keep_old_schema(version)?;
                migrate::migrate(&mut store.connection, version)?;
            }
            migrate::Found::Empty => {
                return Err(Error::nothing(format!("{}: the database is empty", path.display()))
                    .hint("`oneseat import FILE…` fills it"));
            }
        }
        Ok(store)
    }

    /// Opens the database so that nothing can write to it, for a statement of the user's.
    ///
    /// # Errors
    /// As with [`Store::open`].
    pub fn open_to_read(path: &Path) -> Result<Store> {
        // An older database is brought to the newest schema first.
        drop(Store::open(path)?);
        Ok(Store::recognise_with(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?.0)
    }

    /// Opens the database for writing; makes it, readable by its owner only, if it is not there.
    ///
    /// # Errors
    /// [`Kind::Database`] as with [`Store::open`], or if the file cannot be made.
    pub fn open_or_create(path: &Path) -> Result<Store> {
        if !path.exists() {
            if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
                make_private_folder(folder).map_err(|error| cannot_make(folder, error))?;
            }
            create_private(path).map_err(|error| cannot_make(path, error))?;
        }
        let (mut store, found) = Store::recognise(path)?;
        let version = match found {
            migrate::Found::Ours(version) => {
                store.keep_old_schema(version)?;
                version
            }
            migrate::Found::Empty => 0,
        };
        if version == 0 {
            store.connection.pragma_update(None, "journal_mode", "wal")?;
        }
        migrate::migrate(&mut store.connection, version)?;
        Ok(store)
    }

    /// Opens a file and looks at what it is; whatever is wrong with it is told with its name.
    fn recognise(path: &Path) -> Result<(Store, migrate::Found)> {
        Store::recognise_with(path, OpenFlags::SQLITE_OPEN_READ_WRITE)
    }

    fn recognise_with(path: &Path, access: OpenFlags) -> Result<(Store, migrate::Found)> {
        // A pipe would be waited for, and a device be read without end.
        if std::fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
            return Err(Error::database(format!("{}: this is no file", path.display()))
                .hint("name another file with --db, or leave --db out for your own"));
        }
        // SQLite takes a few bytes for nothing, and would write over them.
        let length = std::fs::metadata(path).map_or(0, |metadata| metadata.len());
        if (1..SMALLEST).contains(&length) {
            return Err(Error::database(format!(
                "{}: the file is not a SQLite database",
                path.display()
            ))
            .hint("name another file with --db, or leave --db out for your own"));
        }
        let named =
            |error: rusqlite::Error| Error::from(error).at(&path.display().to_string(), None);
        let store = Store::connect_with(path, access).map_err(named)?;
        let found = migrate::look(&store.connection, path).map_err(|error| {
            let name = path.display().to_string();
            if error.message.starts_with(&name) { error } else { error.at(&name, None) }
        })?;
        Ok((store, found))
    }

    fn connect_with(path: &Path, access: OpenFlags) -> rusqlite::Result<Store> {
        let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(PATIENCE)?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.pragma_update(None, "synchronous", "full")?;
        // The file may be damaged, or be made to do harm: a page is looked at before it is used,
        // views call nothing that acts, and no trigger runs (this program has none).
        connection.pragma_update(None, "cell_size_check", true)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
        connection.set_prepared_statement_cache_capacity(64);
        Ok(Store { connection, path: path.to_owned() })
    }

    /// Before a database of an older schema is changed, a copy of it is put beside it:
    /// `FILE.schema-N`, readable by its owner only.
    fn keep_old_schema(&self, version: i64) -> Result<()> {
        if version >= migrate::VERSION {
            return Ok(());
        }
        let beside = |number: u32| {
            let mut name = self.path.as_os_str().to_owned();
            name.push(match number {
                0 => format!(".schema-{version}"),
                _ => format!(".schema-{version}-{number}"),
            });
            PathBuf::from(name)
        };
        // A copy that is there already may be of another state: it stays, and this one is another.
        let mut number = 0;
        let copy = loop {
            let path = beside(number);
            match create_private(&path) {
                Ok(()) => break path,
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => number += 1,
                Err(error) => return Err(cannot_make(&path, error)),
            }
        };
        let Some(name) = copy.to_str() else {
            return Err(Error::database(format!("{}: the name is no text", copy.display())));
        };
        self.connection.execute("VACUUM INTO ?1", [name])?;
        Ok(())
    }

    /// A copy that is gone when it is dropped: SQLite keeps it in memory and in a file that no name
    /// leads to.
    ///
    /// # Errors
    /// [`Kind::Database`] if the database cannot be read, or there is no room.
    pub fn passing_copy(&self) -> Result<Store> {
        let mut copy = Connection::open("")?;
        {
            let backup = rusqlite::backup::Backup::new(&self.connection, &mut copy)?;
            backup.run_to_completion(COPIED_PAGES, Duration::ZERO, None)?;
        }
        copy.pragma_update(None, "foreign_keys", true)?;
        copy.pragma_update(None, "journal_mode", "memory")?;
        copy.set_prepared_statement_cache_capacity(64);
        Ok(Store { connection: copy, path: self.path.clone() })
    }

    /// Where the database lies.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Makes a file that only its owner can read.
fn create_private(path: &Path) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

/// Makes the folder of a database, and those above it, readable by its owner only.
fn make_private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn cannot_make(path: &Path, error: std::io::Error) -> Error {
    Error::database(format!("{}: cannot be made", path.display()))
        .caused_by(error)
        .hint("name a place that you may write to with --db FILE or ONESEAT_DB")
}

/// What SQLite says, in the user's terms.
impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        let (message, hint) = match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => (
                "the database is locked by another process that is writing",
                "wait for it to end, then repeat the command",
            ),
            Some(ErrorCode::DiskFull) => {
                ("the disk is full; nothing was stored", "make room, then repeat the command")
            }
            Some(ErrorCode::NotADatabase) => (
                "the file is not a SQLite database",
                "name another file with --db, or leave --db out for your own",
            ),
            Some(ErrorCode::DatabaseCorrupt) => (
                "the database is damaged",
                "restore it from a backup, or import the files again into a new one with --db",
            ),
            Some(ErrorCode::ReadOnly) => {
                ("the database cannot be written", "look at the rights of the file and its folder")
            }
            Some(ErrorCode::CannotOpen) => {
                ("the database cannot be opened", "look at the rights of the file and its folder")
            }
            Some(_) => ("the database gave an error", "see the cause above"),
            None => {
                return Error::new(Kind::Database, "the database holds what it should not")
                    .caused_by(error)
                    .hint("it may have been changed by another program");
            }
        };
        Error::new(Kind::Database, message).caused_by(error).hint(hint)
    }
}
