//! The first import into a new file: written in place, with a journal by which it is taken back, for
//! through a log everything would be written twice. From then on the file is written through a log, and
//! nobody who asks waits for whoever writes.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::time::Duration;

use super::{PATIENCE, Store, log};
use crate::error::Result;

/// How long anybody waits for the first import into a new file, which nobody can ask meanwhile.
const LITTLE_PATIENCE: Duration = Duration::from_secs(5);

/// How long a connection to a file waits for another one.
pub(super) fn patience(path: &Path) -> Duration {
    if is_written_in_place(path) { LITTLE_PATIENCE } else { PATIENCE }
}

/// Is a file written without a log, as in its first import? The header says it.
fn is_written_in_place(path: &Path) -> bool {
    const READ_VERSION: usize = 19;
    let mut header = [0; READ_VERSION + 1];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut header));
    read.is_ok() && header[READ_VERSION] == 1
}

impl Store {
    /// Has the first import into a new file written in place, with a journal by which it is taken back:
    /// through a log everything would be written twice. Whoever asks meanwhile waits. Where another
    /// process has opened the file by now, the log stays.
    pub(super) fn roll_back(&self) {
        let sql = "PRAGMA journal_mode = delete";
        let _other = self.connection.query_row(sql, [], |row| row.get::<_, String>(0));
    }

    /// Gives the room back that the tables of an older schema took, with pages as those of a new file:
    /// SQLite writes all of it anew, in one transaction. Where another process has it open, or there is
    /// no room for that, the file stays as long as it is.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(super) fn give_room_back(&self) -> Result<()> {
        self.connection.busy_timeout(Duration::ZERO)?;
        // The size of pages changes only where there is no log.
        let whole = self.connection.pragma_update(None, "journal_mode", "delete");
        let _as_it_was = whole.and_then(|()| {
            self.connection.pragma_update(None, "page_size", log::PAGE)?;
            self.connection.execute_batch("VACUUM")
        });
        self.connection.busy_timeout(PATIENCE)?;
        self.write_through_log()
    }

    /// Has a new file written through a log from now on, once its first files are imported. Where that
    /// cannot be, since another process has it open, whoever writes next does it.
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
