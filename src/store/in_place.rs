//! The first import into a new file writes in place, with a rollback journal: through a write-ahead log
//! everything would be written twice. Afterwards the file is written through a log, and no reader waits for a
//! writer.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::time::Duration;

use super::sql::PATIENCE;
use super::{Store, log};
use crate::error::Result;

/// How long other processes wait for the first import into a new file, which cannot be read meanwhile.
const LITTLE_PATIENCE: Duration = Duration::from_secs(5);

/// How long a connection to a file waits for another one.
pub(super) fn patience(path: &Path) -> Duration {
    if is_written_in_place(path) { LITTLE_PATIENCE } else { PATIENCE }
}

/// Does the header say that the file is written without a log, as in its first import?
fn is_written_in_place(path: &Path) -> bool {
    const READ_VERSION: usize = 19;
    let mut header = [0; READ_VERSION + 1];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut header));
    read.is_ok() && header[READ_VERSION] == 1
}

impl Store {
    /// Makes the first import write the new file in place, with a rollback journal. Readers wait meanwhile. If
    /// another process has already opened the file, the log stays.
    pub(super) fn roll_back(&self) {
        let sql = "PRAGMA journal_mode = delete";
        let _other = self.connection.query_row(sql, [], |row| row.get::<_, String>(0));
    }

    /// Frees the space of the older schema's tables, and sets the page size of a new file: SQLite rewrites the
    /// whole file in one transaction. If another process has the file open, or there is no room, the file keeps
    /// its size.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(super) fn give_room_back(&self) -> Result<()> {
        self.connection.busy_timeout(Duration::ZERO)?;
        // The page size can change only while there is no log.
        let whole = self.connection.pragma_update(None, "journal_mode", "delete");
        let _as_it_was = whole.and_then(|()| {
            self.connection.pragma_update(None, "page_size", log::PAGE)?;
            self.connection.execute_batch("VACUUM")
        });
        self.connection.busy_timeout(PATIENCE)?;
        self.write_through_log()
    }

    /// Makes a new file be written through a log from now on, once its first files are imported. If another
    /// process has it open, the next writer does this.
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
