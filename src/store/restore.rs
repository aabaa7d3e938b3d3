//! Restores a backup: a checked copy of the backup replaces the database. The old database and its log stay
//! beside it under another name.
//!
//! This code assumes nothing about the database and the backup: the database may be damaged or missing, and its log
//! may belong to another file. No other process has the database open while files are renamed. If the program is
//! stopped at any point, the path of the database leads either to the old database or to the new one.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::backup::verified_copy;
use super::log::{self, Log};
use super::migrations;
use super::place_on_disk::{absolute, beside};
use super::place_on_disk::{cannot_make, folder_of};
use super::sql::{A_MOMENT, is_busy};
use super::{SMALLEST, Store, guard, sound};
use crate::error::{Error, ErrorKind, Result};
use crate::private_file;
use crate::temporary;

/// The longest time to wait until other processes have closed the database.
const PATIENCE: Duration = Duration::from_secs(10);

/// The suffix that is added to the name of the old database.
const KEPT: &str = ".before-restore";

/// The name suffixes of the files that SQLite applies to a database when it opens the database.
const LOGS: [&str; 2] = ["-wal", "-journal"];

/// How a backup is checked before it replaces the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checked {
    /// Runs only SQLite's own quick check.
    Quickly,
    /// Runs every check of `oneseat verify`.
    Whole,
}

/// The result of restoring a backup.
#[derive(Debug, Clone)]
pub struct Restored {
    /// The size of the restored database, in bytes.
    pub bytes: u64,
    /// The head of the restored database's journal; `None` if the journal is empty, or the schema is older.
    pub head: Option<String>,
    /// The number of snapshots that were checked; `None` after a quick check.
    pub snapshots_checked: Option<u64>,
    /// The path of the old database; `None` if there was no database, or it was not kept.
    pub kept: Option<PathBuf>,
}

/// Replaces a database with a copy of a backup. If `keep` is true, the old database stays beside the new one
/// under another name.
///
/// # Errors
/// [`crate::error::ErrorKind::Database`] if the backup is not sound, another process has the database open, or the
/// disk is full. On an error, the database is unchanged.
pub fn restore(database: &Path, backup: &Path, checked: Checked, keep: bool) -> Result<Restored> {
    let same = |path: &Path| std::fs::canonicalize(path).ok();
    let is_itself = same(backup).is_some() && same(backup) == same(database);
    if is_itself && log::look(database) != Log::OfAnother {
        return Err(Error::database("this is the database itself")
            .of_file(backup)
            .hint("name the backup to go back to"));
    }
    if !backup.exists() {
        return Err(Error::database("there is no such file")
            .of_file(backup)
            .hint("name the backup to go back to"));
    }
    // If the path is a link, the file behind the link is replaced, so that the link leads to the restored
    // database.
    let target = same(database).unwrap_or_else(|| absolute(database));
    let folder = folder_of(&target);
    let made = private_file::private_folder(folder);
    let made = made.and_then(|()| temporary::folder(folder, "restore"));
    let temporary = made.map_err(|error| cannot_make(folder, error))?;
    let copy = temporary.copy();
    if is_itself {
        // The log beside the file is not copied, because it belongs to another file.
        let copied = std::fs::copy(&target, &copy).and_then(|_| log::stamp(&copy));
        copied.map_err(|error| cannot_make(&copy, error))?;
    } else {
        let unsound = |error| of(backup, backup, error);
        Store::open_as_it_is(backup).map_err(unsound)?.copy_into(&copy)?;
    }
    let checked = check(&copy, checked).map_err(|error| of(backup, &copy, error));
    let (head, snapshots_checked) = checked?;
    let kept = put_in_place(&copy, &target, keep)?;
    let bytes = std::fs::metadata(&target).map_err(|error| cannot_make(&target, error))?.len();
    Ok(Restored { bytes, head, snapshots_checked, kept })
}

/// Turns an error about `looked_at`, the file that was checked, into an error about the backup.
fn of(backup: &Path, looked_at: &Path, error: Error) -> Error {
    let error = sound::second_look(looked_at, error);
    let told = match error.is_at(&looked_at.display().to_string()) {
        true => error.message.clone(),
        false => error.to_string(),
    };
    let message = format!("this backup cannot be restored, and nothing was changed: {told}");
    let causes = error.causes().join(": ");
    let hints = match sound::is_unreadable(&error) {
        // The disk failed, so the backup may be sound. The hint to name another backup is left out.
        true => error.hints,
        false => {
            // Only the hints that say how to remove another program's objects from the file are kept.
            let mut hints = error.hints;
            hints.retain(|hint| hint.starts_with("remove it"));
            hints.push("name another backup".to_owned());
            hints
        }
    };
    // The cause is kept as text. As an error of SQLite, it would make the caller examine the database, although
    // the backup is at fault.
    let source = (!causes.is_empty()).then(|| causes.into());
    let kind = ErrorKind::Database;
    Error { kind, message, place: None, source, hints, ..error }.of_file(backup)
}

/// Checks the copy of the backup. Returns the head of its journal, and the number of snapshots that were
/// checked.
fn check(copy: &Path, checked: Checked) -> Result<(Option<String>, Option<u64>)> {
    if checked == Checked::Whole {
        let verified = verified_copy(copy)?;
        let broken = verified.broken.len();
        return match broken {
            0 => Ok((verified.head, Some(verified.snapshots))),
            _ => Err(Error::database(format!(
                "`oneseat verify` finds the backup damaged; number of findings: {broken}"
            ))),
        };
    }
    let store = Store::open_as_it_is(copy)?;
    let facts = store.file_facts()?;
    if facts.quick_check != "ok" {
        return Err(Error::database("SQLite's quick check finds damage"));
    }
    let newest = facts.schema == migrations::VERSION;
    Ok((if newest { store.journal()?.head } else { None }, None))
}

/// Puts the copy in the place of the database. Returns the path of the old database, if there was one and it is
/// kept.
fn put_in_place(copy: &Path, target: &Path, keep: bool) -> Result<Option<PathBuf>> {
    let cannot = |error| cannot_make(target, error);
    let there = std::fs::symlink_metadata(target).is_ok();
    if there && !std::fs::metadata(target).is_ok_and(|metadata| metadata.is_file()) {
        return Err(Error::database("this is not a regular file").of_file(target));
    }
    // This connection keeps the database locked until the copy has its name. Meanwhile, a process that opens the
    // old file waits, and then finds the new one.
    let held = if there { alone(target)? } else { None };
    // An interruption between giving the database its second name and renaming the copy would leave the database
    // with two names, and then it could not be written.
    let aside = temporary::uninterrupted(|| change_places(copy, target, there, keep));
    let aside = aside.map_err(cannot)?;
    drop(held);
    Ok(aside.filter(|_| there))
}

/// Gives the old database a second name, under which it is kept, and gives the copy the name of the database.
fn change_places(
    copy: &Path,
    target: &Path,
    there: bool,
    keep: bool,
) -> std::io::Result<Option<PathBuf>> {
    let aside = if keep { Some(second_name(target, there)?) } else { None };
    let changed = put_logs_aside(target, aside.as_deref())
        // The folder is synced before the copy gets the name of the database. After a power loss, the copy must
        // not stand beside the old log, and the old database must not be without a name.
        .and_then(|()| private_file::sync_folder_of(target))
        .and_then(|()| private_file::rename(copy, target));
    if let (Err(_), Some(aside)) = (&changed, &aside) {
        // The second name is removed, because a database with two names cannot be written. An error in doing so
        // is ignored, because the first error is the one to report.
        let _two_names = take_back(target, aside, there);
    }
    changed?;
    private_file::sync_folder_of(target)?;
    Ok(aside)
}

/// Undoes a failed restore: gives the old database its log back, and removes its second name.
fn take_back(database: &Path, aside: &Path, there: bool) -> std::io::Result<()> {
    for end in LOGS {
        let log = beside(aside, end);
        if std::fs::symlink_metadata(&log).is_ok() {
            private_file::rename(&log, &beside(database, end))?;
        }
    }
    if there { std::fs::remove_file(aside) } else { Ok(()) }
}

/// A connection that excludes every other process. If the log belongs to the database, the content of the log
/// is copied into the database. Returns `None` if the file is too damaged to be opened.
fn alone(database: &Path) -> Result<Option<Connection>> {
    let follows = log::look(database) != Log::OfAnother;
    if std::fs::metadata(database).is_ok_and(|metadata| metadata.len() < SMALLEST) {
        // No other process can have a file open as a database if the file is shorter than one page. SQLite would
        // delete the log beside such a file.
        return Ok(None);
    }
    let begun = Instant::now();
    loop {
        match take(database, follows) {
            Ok(connection) => return Ok(Some(connection)),
            Err(error) if !is_busy(&error) => return Ok(None),
            Err(_) if begun.elapsed() < PATIENCE => std::thread::sleep(A_MOMENT),
            Err(error) => {
                return Err(Error::database("another process has the database open")
                    .of_file(database)
                    .caused_by(error)
                    .hint(
                        "wait for the other process to end, or end it (for example a dashboard or \
                         a SQLite shell), then repeat the command",
                    ));
            }
        }
    }
}

fn take(database: &Path, follows: bool) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = guard::open(database, flags)?;
    connection.busy_timeout(Duration::ZERO)?;
    // SQLite must not apply the log to the database when the connection is closed, because the log may belong
    // to another file.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    connection.pragma_update(None, "locking_mode", "exclusive")?;
    connection.execute_batch("BEGIN EXCLUSIVE; ROLLBACK")?;
    if follows {
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    }
    connection.execute_batch("BEGIN EXCLUSIVE")?;
    Ok(connection)
}

/// Gives the database a second name beside its own, if the database exists. Returns the second name.
fn second_name(database: &Path, there: bool) -> std::io::Result<PathBuf> {
    let mut number = 0;
    loop {
        let end = if number == 0 { KEPT.to_owned() } else { format!("{KEPT}-{number}") };
        let name = beside(database, &end);
        let taken = |end: &&str| std::fs::symlink_metadata(beside(&name, end)).is_ok();
        number += 1;
        if LOGS.iter().any(taken) || taken(&"") {
            continue;
        }
        if !there {
            return Ok(name);
        }
        match std::fs::hard_link(database, &name) {
            Ok(()) => return Ok(name),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
}

/// Moves the logs to the second name of the old database, because SQLite would apply them to the new database.
/// If the old database is not kept, the logs are removed.
fn put_logs_aside(database: &Path, kept: Option<&Path>) -> std::io::Result<()> {
    for end in LOGS.iter().chain(&["-shm"]) {
        let log = beside(database, end);
        let Ok(metadata) = std::fs::symlink_metadata(&log) else { continue };
        match kept {
            Some(kept) if metadata.len() > 0 && LOGS.contains(end) => {
                private_file::rename(&log, &beside(kept, end))?;
            }
            _ => std::fs::remove_file(&log)?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_there_is_aside_on_the_disk_before_the_copy_has_its_name() {
        let place = tempfile::tempdir().expect("a folder");
        let target = place.path().join("a.db");
        std::fs::write(&target, b"before").expect("a file");
        std::fs::write(beside(&target, "-wal"), b"its log").expect("a log");
        let copy = place.path().join("copy.db");
        assert!(put_in_place(&copy, &target, true).is_err(), "there is no copy");
        assert_eq!(private_file::times_synced(place.path()), 1);
        // The second name must be gone, because a database with two names cannot be written.
        let kept = beside(&target, KEPT);
        for (file, bytes) in [(&target, "before"), (&beside(&target, "-wal"), "its log")] {
            assert_eq!(std::fs::read_to_string(file).expect("it is there"), bytes);
        }
        assert!(!kept.exists() && !beside(&kept, "-wal").exists());
        std::fs::write(&copy, b"after").expect("a copy");
        let kept = put_in_place(&copy, &target, true).expect("in place").expect("a second name");
        assert_eq!(private_file::times_synced(place.path()), 3);
        assert_eq!(std::fs::read_to_string(&target).expect("it is there"), "after");
        assert_eq!(std::fs::read_to_string(kept).expect("it is there"), "before");
    }
}
