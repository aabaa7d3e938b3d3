//! Opens a database that can only be read, in a folder where no file can be created. Examples are another
//! person's database, a backup, a snapshot of a disk, and a file kept as evidence.
//!
//! To share the write-ahead log between processes, SQLite needs a file beside the database, which cannot be
//! created in such a folder. If the log is empty, the database is complete without it, and SQLite opens the
//! file in its mode for files that never change. Otherwise the database and its log are copied, and the copy is
//! opened. The files of the copy are deleted as soon as the copy is open.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::guard;
use super::log::{self, Log};
use super::place_on_disk::{absolute, beside};
use crate::error::{Error, Result};
use crate::private_file;
use crate::temporary;

/// The greatest number of attempts to copy the database while other processes write.
const TRIES: u32 = 5;
const A_MOMENT: Duration = Duration::from_millis(50);

/// The two ways of opening a database in a folder where no file can be created.
pub(super) enum ReadOnly {
    /// The file itself, in SQLite's mode for files that never change.
    Unchanging(Connection),
    /// A temporary copy of the database, whose files are already deleted.
    Copy(Connection),
}

/// Can this error occur because no file can be created in the folder?
pub(super) fn may_be(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly))
}

/// Opens a database for reading; `None` if the file cannot be read.
///
/// # Errors
/// [`crate::error::ErrorKind::Database`] if another process is writing the database, or there is not enough disk
/// space for a copy.
pub(super) fn open(path: &Path, flags: OpenFlags) -> Result<Option<ReadOnly>> {
    if log::look(path) == Log::Empty && !is_half_written(path) {
        let name = unchanging(&absolute(path));
        let opened = Connection::open_with_flags(name, flags | OpenFlags::SQLITE_OPEN_URI);
        let opened = opened.and_then(is_readable);
        return Ok(opened.ok().map(ReadOnly::Unchanging));
    }
    if std::fs::File::open(path).is_err() {
        return Ok(None);
    }
    copy(path).map(|copy| Some(ReadOnly::Copy(copy)))
}

/// Reads a value from the database, because only the first read makes SQLite open the log, which may fail.
///
/// # Errors
/// If the database cannot be read.
pub(super) fn try_reading(connection: &Connection) -> rusqlite::Result<()> {
    connection.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0)).map(drop)
}

fn is_readable(mut connection: Connection) -> rusqlite::Result<Connection> {
    guard::protect(&mut connection)?;
    try_reading(&connection).map(|()| connection)
}

/// Is there a rollback journal beside the database? Only the first import into a new database uses one.
fn is_half_written(path: &Path) -> bool {
    std::fs::metadata(beside(path, "-journal")).is_ok_and(|journal| journal.len() > 0)
}

/// Copies the file beside the database whose name ends with `end`, if that file exists.
fn copy_beside(path: &Path, copy: &Path, end: &str) -> std::io::Result<()> {
    let there = if end == "-wal" { log::of(path) } else { beside(path, end) };
    match std::fs::copy(there, beside(copy, end)) {
        Ok(_) => private_file::own(&beside(copy, end)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

fn copy(path: &Path) -> Result<Connection> {
    let cannot = |error| {
        Error::database(
            "the database cannot be copied, and the content of its log cannot be read without a \
             copy",
        )
        .of_file(path)
        .caused_by(error)
        .hint(
            "make room in the folder for temporary files (TMPDIR), or copy the database and its \
             log to another folder",
        )
    };
    let log = log::of(path);
    for _ in 0..TRIES {
        let folder = temporary::folder(&tempfile::env::temp_dir(), "reading").map_err(cannot)?;
        let copy = folder.copy();
        let before = [state(path), state(&log)];
        std::fs::copy(path, &copy)
            .and_then(|_| copy_beside(path, &copy, "-wal"))
            .and_then(|()| copy_beside(path, &copy, "-journal"))
            .map_err(cannot)?;
        if before == [state(path), state(&log)] && log::look(&copy) != Log::OfAnother {
            // The copies have the permissions of the original files, which may be read-only.
            private_file::own(&copy).map_err(cannot)?;
            return Ok(Connection::open(&copy).and_then(is_readable)?);
        }
        std::thread::sleep(A_MOMENT);
    }
    Err(Error::database("the database is being written by another process")
        .of_file(path)
        .hint("wait for the other process to end, then repeat the command"))
}

/// The size of a file and the time of its last change. If either changes while the file is copied, the copy is
/// useless.
fn state(path: &Path) -> Option<(u64, impl PartialEq)> {
    let metadata = std::fs::metadata(path).ok()?;
    Some((metadata.len(), metadata.modified().ok()?))
}

/// The URI that makes SQLite treat a file as one that never changes.
fn unchanging(path: &Path) -> String {
    let mut name = "file:".to_owned();
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' => name.push(char::from(*byte)),
            byte if byte.is_ascii_alphanumeric() => name.push(char::from(*byte)),
            byte => name.push_str(&format!("%{byte:02X}")),
        }
    }
    name + "?immutable=1"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_anything_in_it_is_one_name() {
        let name = unchanging(Path::new("/a b/c?mode=memory#d.db"));
        assert_eq!(name, "file:/a%20b/c%3Fmode%3Dmemory%23d.db?immutable=1");
    }

    #[test]
    fn a_copy_has_what_is_in_the_log_and_leaves_nothing() {
        let place = tempfile::tempdir().expect("a folder");
        let file = place.path().join("a.db");
        let writer = Connection::open(&file).expect("a database");
        writer
            .execute_batch(
                "PRAGMA journal_mode = wal; CREATE TABLE a (b); INSERT INTO a VALUES (7)",
            )
            .expect("a row");
        let killed = place.path().join("killed.db");
        for end in ["", "-wal"] {
            std::fs::copy(beside(&file, end), beside(&killed, end)).expect("a copy");
        }
        let copy = copy(&killed).expect("a copy");
        let found: i64 = copy.query_row("SELECT b FROM a", [], |row| row.get(0)).expect("the row");
        assert_eq!(found, 7);
        assert!(beside(&killed, "-wal").exists(), "the log is as it was");
    }
}
