//! Chooses between SQLite's rollback journal and its write-ahead log. The first import into a new file writes in
//! place, with a rollback journal, because a write-ahead log would make SQLite write everything twice. Later
//! imports write through the log, so that no reader waits for a writer.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::time::Duration;

use super::sql::PATIENCE;
use super::{Store, log};
use crate::error::Result;

/// How long another process waits for the first import into a new file. The file cannot be read during that
/// import.
const LITTLE_PATIENCE: Duration = Duration::from_secs(5);

/// How long a connection to a file waits while another connection has the file locked.
pub(super) fn patience(path: &Path) -> Duration {
    if is_written_in_place(path) { LITTLE_PATIENCE } else { PATIENCE }
}

/// Whether the header of a file says that the file is written without a write-ahead log, as during its first
/// import.
fn is_written_in_place(path: &Path) -> bool {
    const READ_VERSION: usize = 19;
    let mut header = [0; READ_VERSION + 1];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut header));
    read.is_ok() && header[READ_VERSION] == 1
}

impl Store {
    /// Makes the first import write the new file in place, with a rollback journal. Readers wait until the import
    /// ends. If another process has already opened the file, the file keeps its write-ahead log.
    pub(super) fn roll_back(&self) {
        let sql = "PRAGMA journal_mode = delete";
        let _other = self.connection.query_row(sql, [], |row| row.get::<_, String>(0));
    }

    /// Frees the space of the tables of an older schema, and gives the file the page size of a new file. SQLite
    /// rewrites the whole file in one transaction. If another process has the file open, or the disk is full, the
    /// file stays as large as it was.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(super) fn give_room_back(&self) -> Result<()> {
        self.connection.busy_timeout(Duration::ZERO)?;
        // SQLite can change the page size only while the file has no write-ahead log.
        let whole = self.connection.pragma_update(None, "journal_mode", "delete");
        let _as_it_was = whole.and_then(|()| {
            self.connection.pragma_update(None, "page_size", log::PAGE)?;
            self.connection.execute_batch("VACUUM")
        });
        self.connection.busy_timeout(PATIENCE)?;
        self.write_through_log()
    }

    /// Removes a rollback journal beside a file that has a write-ahead log. A process that is killed while it switches
    /// a file to a rollback journal leaves one. It is unfinished, so SQLite neither applies nor removes it. If another
    /// process has the file open, the journal stays.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(super) fn sweep_journal(&self) -> Result<()> {
        let mut journal = self.path.clone().into_os_string();
        journal.push("-journal");
        if !self.writable || !Path::new(&journal).exists() || is_written_in_place(&self.path) {
            return Ok(());
        }
        // Switching to a rollback journal makes SQLite use the journal file that is left over, and then remove
        // it.
        self.connection.busy_timeout(Duration::ZERO)?;
        let _later = self.connection.pragma_update(None, "journal_mode", "delete");
        self.connection.busy_timeout(PATIENCE)?;
        Ok(())
    }

    /// Switches a new file to the write-ahead log, after its first files are imported. If another process has the
    /// file open, the next writing command switches it.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn write_through_log(&self) -> Result<()> {
        let sql = "PRAGMA journal_mode";
        let mode: String = self.connection.query_row(sql, [], |row| row.get(0))?;
        if self.writable && mode == "delete" {
            self.connection.busy_timeout(Duration::ZERO)?;
            let _later = self.connection.pragma_update(None, "journal_mode", "wal");
            self.connection.busy_timeout(PATIENCE)?;
        }
        Ok(())
    }
}
