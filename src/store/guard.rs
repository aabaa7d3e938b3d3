//! Protects a connection before it reads a file, because the file may be damaged or malicious.
//!
//! SQLite parses the whole schema of a file before it runs any statement. While it parses the schema, it
//! evaluates nothing that the file defines, with one exception: it reads the statistics of `ANALYZE` from tables
//! in the file, without asking the authorizer. So the schema is parsed once under a low limit on the length of a
//! value and on the time. Statistics beyond these limits are not loaded. The schema itself is checked later, in
//! the folder `schema`.

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::limits::Limit;
use rusqlite::{Connection, OpenFlags};

use super::place_on_disk::absolute;

/// The length, in bytes, of the longest value and of the longest statement that SQLite accepts while it parses
/// the schema for the first time.
const LONGEST_AT_FIRST: i32 = 200_000;

/// The longest time that SQLite may spend on the statistics, and the number of steps of SQLite's virtual machine
/// after which the clock is read again.
const TIME_AT_FIRST: Duration = Duration::from_secs(2);
const STEPS: i32 = 100;

/// The length, in bytes, of the longest SQL statement that SQLite accepts, including the statements of the
/// schema.
const LONGEST_STATEMENT: i32 = 1_000_000;

/// Opens a file so that SQLite evaluates nothing that the file defines until a statement needs it.
///
/// # Errors
/// If the file cannot be opened.
pub(super) fn open(path: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    let mut connection = Connection::open_with_flags(absolute(path), flags)?;
    protect(&mut connection)?;
    Ok(connection)
}

/// Restricts what SQLite may evaluate on a connection that has not read anything yet.
///
/// # Errors
/// If SQLite refuses a setting.
pub(super) fn protect(connection: &mut Connection) -> rusqlite::Result<()> {
    // The views of a file must not call functions with side effects, and no trigger may run. This program has no
    // triggers.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_limit(Limit::SQLITE_LIMIT_SQL_LENGTH, LONGEST_STATEMENT)?;
    without_statistics(connection)?;
    // `cell_size_check` makes SQLite check the structure of a page before it uses the page.
    connection.pragma_update(None, "cell_size_check", true)?;
    let longest = connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, LONGEST_AT_FIRST)?;
    let begun = Instant::now();
    connection.progress_handler(STEPS, Some(move || begun.elapsed() > TIME_AT_FIRST))?;
    // An error in the schema is ignored at this point, because the first statement that needs the schema reports
    // the error again.
    let _parsed = connection.prepare("SELECT 1 FROM sqlite_schema").map(drop);
    connection.progress_handler(STEPS, None::<fn() -> bool>)?;
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, longest).map(drop)
}

/// Makes the statistics of `ANALYZE` read as empty in the statements of this program, and allows everything else.
///
/// # Errors
/// If SQLite refuses the authorizer.
pub(super) fn without_statistics(connection: &mut Connection) -> rusqlite::Result<()> {
    connection.authorizer(Some(|context: AuthContext<'_>| match context.action {
        AuthAction::Read { table_name, .. } if is_statistics(table_name) => Authorization::Ignore,
        _ => Authorization::Allow,
    }))
}

fn is_statistics(table: &str) -> bool {
    table.get(..11).is_some_and(|begin| begin.eq_ignore_ascii_case("sqlite_stat"))
}
