//! Copies the database as it is at one moment, with SQLite's online backup. Other processes may read and write the
//! database meanwhile. The caller chooses the path of the copy, and decides about a file that already has this
//! path. A copy is verified, and its log is emptied, before the caller gives it its name.

use std::path::Path;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use super::place_on_disk::absolute;
use super::place_on_disk::cannot_make;
use super::{Store, Verified, guard, log};
use crate::error::{Error, Result};
use crate::private_file;

/// The number of pages that makes SQLite copy all pages in one step. So the copy shows the database at one
/// moment, and a process that writes meanwhile cannot make SQLite start the copy again.
const ALL_PAGES: std::ffi::c_int = -1;

impl Store {
    /// Copies the whole database into a new file that only its owner can read, and waits until the copy is on the
    /// disk.
    ///
    /// # Errors
    /// [`crate::error::ErrorKind::Database`] if the new file exists already, the disk is full, or the database
    /// cannot be read.
    pub fn copy_into(&self, file: &Path) -> Result<()> {
        private_file::create(file).map_err(|error| cannot_make(file, error))?;
        let mut copy = Connection::open(absolute(file))?;
        let stepped = Backup::new(&self.connection, &mut copy)?.step(ALL_PAGES)?;
        if !matches!(stepped, StepResult::Done) {
            return Err(Error::database("the database is locked by another process")
                .hint("wait for the other process to end, then repeat the command"));
        }
        copy.close().map_err(|(_, error)| error)?;
        // Stamping gives the copy a random change counter, so that the log of another file never fits the copy.
        // Stamping also waits until the copy is on the disk.
        log::stamp(file).map_err(|error| cannot_make(file, error))
    }
}

/// Verifies a copy of a database before it gets its name, and moves everything from its log into the file.
///
/// Opening a copy may write a migration or an image to its log. If SQLite cannot move these changes into the file
/// when it closes the copy, SQLite reports no error, and the log stays behind when the copy is renamed. So this
/// function moves the changes into the file itself and checks the result.
///
/// # Errors
/// [`crate::error::ErrorKind::Database`] if the copy cannot be read, another process has it locked, or the disk
/// is full.
pub fn verified_copy(copy: &Path) -> Result<Verified> {
    let verified = Store::open(copy)?.verify(None)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let home = "PRAGMA wal_checkpoint(TRUNCATE)";
    let busy: i64 = guard::open(copy, flags)?.query_row(home, [], |row| row.get(0))?;
    match busy {
        0 => Ok(verified),
        _ => Err(Error::database("the copy is locked by another process")
            .hint("wait for the other process to end, then repeat the command")),
    }
}
