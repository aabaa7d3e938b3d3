//! A copy of the database as it is at one moment, made by SQLite's online backup. Other processes may read and
//! write meanwhile. The caller decides where the copy goes and what happens to a file already there. Before a
//! copy gets its name, it is verified here and left as one file.

use std::path::Path;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use super::place_on_disk::absolute;
use super::place_on_disk::cannot_make;
use super::{Store, Verified, guard, log};
use crate::error::{Error, Result};
use crate::private_file;

/// All pages in one step: the copy shows one moment, and a writer cannot make it start over.
const ALL_PAGES: std::ffi::c_int = -1;

impl Store {
    /// Copies everything into a new file that only its owner can read, and waits until it is on the disk.
    ///
    /// # Errors
    /// [`crate::error::ErrorKind::Database`] if the file exists, there is no room, or the database cannot be
    /// read.
    pub fn copy_into(&self, file: &Path) -> Result<()> {
        private_file::create(file).map_err(|error| cannot_make(file, error))?;
        let mut copy = Connection::open(absolute(file))?;
        let stepped = Backup::new(&self.connection, &mut copy)?.step(ALL_PAGES)?;
        if !matches!(stepped, StepResult::Done) {
            return Err(Error::database("the database is locked by another process")
                .hint("wait for it to end, then repeat the command"));
        }
        copy.close().map_err(|(_, error)| error)?;
        // With its own counter, the copy matches no log of another file. Stamping also syncs the file to the
        // disk.
        log::stamp(file).map_err(|error| cannot_make(file, error))
    }
}

/// Verifies a copy that is about to get its name, and leaves it as one file.
///
/// Opening it may write to it: a migration, or its image. SQLite says nothing if it cannot bring these from the
/// log into the file when it closes it, and the log stays behind when the file is renamed. So that is done, and
/// checked, before.
///
/// # Errors
/// [`crate::error::ErrorKind::Database`] if it cannot be read, or the disk is full.
pub fn verified_copy(copy: &Path) -> Result<Verified> {
    let verified = Store::open(copy)?.verify(None)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let home = "PRAGMA wal_checkpoint(TRUNCATE)";
    let busy: i64 = guard::open(copy, flags)?.query_row(home, [], |row| row.get(0))?;
    match busy {
        0 => Ok(verified),
        _ => Err(Error::database("the copy is locked by another process")
            .hint("wait for it to end, then repeat the command")),
    }
}
