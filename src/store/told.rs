//! Translates the errors of SQLite into messages for the user.

use rusqlite::ErrorCode;

use super::sound;
use crate::error::{Error, ErrorKind};

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        let (message, hint) = match error.sqlite_error_code() {
            // SQLite reports `FileLockingProtocolFailed` if another process is stopped while it opens the log.
            Some(
                ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::FileLockingProtocolFailed,
            ) => (
                "the database is locked by another process that is writing",
                "wait for the other process to end, then repeat the command",
            ),
            Some(ErrorCode::DiskFull) => (
                "the disk is full; the database was not changed",
                "free some disk space, then repeat the command",
            ),
            Some(ErrorCode::SystemIoFailure) => (sound::UNREADABLE, sound::TRY_AGAIN),
            Some(ErrorCode::NotADatabase) => (
                "the file is not a SQLite database",
                "name another file with --db, or leave --db out to use your own database",
            ),
            Some(ErrorCode::DatabaseCorrupt) => (
                "the database is damaged",
                "restore the database from a backup (`oneseat restore FILE`), or import the files \
                 again into a new database with --db",
            ),
            Some(ErrorCode::ReadOnly) => (
                "the database cannot be written",
                "check the permissions of the file and its folder",
            ),
            Some(ErrorCode::CannotOpen) => (
                "the database cannot be opened",
                "check the permissions of the file and its folder",
            ),
            Some(_) => (
                "SQLite reported an error",
                "check the database with `oneseat verify`; the cause above is SQLite's own message",
            ),
            None => {
                return Error::new(
                    ErrorKind::Database,
                    "the database holds a value of an unexpected type",
                )
                .caused_by(error)
                .hint(
                    "check the database with `oneseat verify`: another program may have \
                         changed it",
                );
            }
        };
        Error::new(ErrorKind::Database, message).caused_by(error).hint(hint)
    }
}
