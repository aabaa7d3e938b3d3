//! A copy of the database as it stands at one moment, by SQLite's online backup: other processes
//! may read and write meanwhile. Where the copy goes, and what is there already, is for the caller.

use std::path::Path;

use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use super::place_on_disk::absolute;
use super::{Store, cannot_make, create_private, log};
use crate::error::{Error, Result};

/// All pages in one step: the copy is of one moment, and a writer cannot make it begin again.
const ALL_PAGES: std::ffi::c_int = -1;

impl Store {
    /// Copies everything into a new file, readable by its owner only, and sees it to the disk.
    ///
    /// # Errors
    /// [`crate::error::Kind::Database`] if the file is there already, there is no room, or the
    /// database cannot be read.
    pub fn copy_into(&self, file: &Path) -> Result<()> {
        create_private(file).map_err(|error| cannot_make(file, error))?;
        let mut copy = Connection::open(absolute(file))?;
        let stepped = Backup::new(&self.connection, &mut copy)?.step(ALL_PAGES)?;
        if !matches!(stepped, StepResult::Done) {
            return Err(Error::database("the database is locked by another process")
                .hint("wait for it to end, then repeat the command"));
        }
        copy.close().map_err(|(_, error)| error)?;
        // No log of another file seems to follow on it; and what is written there is on the disk.
        log::stamp(file).map_err(|error| cannot_make(file, error))
    }
}
