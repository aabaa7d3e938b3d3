//! Holds what many files of the store share: fragments of SQL, waiting times, and functions that read stored
//! values.

use std::time::Duration;

use rusqlite::{Connection, ErrorCode, TransactionBehavior};

use crate::error::{Error, Result};

/// A transaction that writes takes the write lock when it begins. So it never fails halfway because another
/// process holds the lock.
pub(super) const IMMEDIATE: TransactionBehavior = TransactionBehavior::Immediate;

/// How long a writer waits until another writer has finished.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// The time to wait before a failed attempt is repeated, for example if the database is locked.
pub(super) const A_MOMENT: Duration = Duration::from_millis(10);

/// The number that is stored as the end of a span that has not ended.
pub(super) const OPEN_END: i64 = i64::MAX;

/// The greatest number of rows that can belong to one state in one table, such as its addresses. These rows are
/// numbered from the number of the state times this value.
pub(super) const ROOM: i64 = 1 << 20;

/// The SQL expression for the identity of the account that a state belongs to.
pub(super) const IDENTITY: &str = "coalesce(account, 'login:' || lower(login))";

/// The greatest number in a column of a table; 0 if the table is empty.
pub(super) fn newest(connection: &Connection, column: &str, table: &str) -> Result<u32> {
    let sql = format!("SELECT coalesce(max({column}), 0) FROM {table}");
    number(connection.query_row(&sql, [], |row| row.get(0))?)
}

/// Checks that the number of an account or a state is in range. These numbers begin at 1.
pub(super) fn number(id: i64) -> Result<u32> {
    // Half of the range is left free, so that an import can always number its new rows.
    let number = u32::try_from(id).ok().filter(|number| *number <= u32::MAX / 2);
    number.ok_or_else(|| Error::database("the database is full: no row numbers are left"))
}

pub(super) fn stored_record(connection: &Connection, state: i64) -> Result<(String, String)> {
    let sql = "SELECT fields, content FROM states JOIN shapes USING (shape_id) WHERE state_id = ?1";
    Ok(connection.prepare_cached(sql)?.query_row([state], |row| Ok((row.get(0)?, row.get(1)?)))?)
}

/// The error for a stored record that this program cannot have written.
pub(super) fn damaged(error: serde_json::Error) -> Error {
    Error::database("a stored record is damaged")
        .caused_by(error)
        .hint("`oneseat verify` names the record; `oneseat restore FILE` goes back to a backup")
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The error for a stored value that this program cannot have written.
pub(super) fn unknown_value() -> Error {
    Error::database("the database holds a value that this program does not know")
        .hint("`oneseat verify` names the table; another program may have changed the database")
}

pub(super) fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}
