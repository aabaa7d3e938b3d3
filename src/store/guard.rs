//! The settings that a connection gets before it reads a file, which may be damaged or malicious.
//!
//! SQLite parses the whole schema before it answers anything, and evaluates nothing while it does, with one
//! exception: it reads the statistics of `ANALYZE` from tables that the file defines, without asking the
//! authorizer. So the schema is parsed once with a low limit on the length of a value and on the time.
//! Statistics beyond these limits are not loaded. The schema is checked afterwards.

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::limits::Limit;
use rusqlite::{Connection, OpenFlags};

use super::place_on_disk::absolute;

/// The longest value, and the longest statement of the schema, while the schema is parsed; in bytes.
const LONGEST_AT_FIRST: i32 = 200_000;

/// How long reading the statistics may take, and after how many steps of SQLite's machine the clock is read.
const TIME_AT_FIRST: Duration = Duration::from_secs(2);
const STEPS: i32 = 100;

/// The longest statement, including those of the schema, in bytes.
const LONGEST_STATEMENT: i32 = 1_000_000;

/// Opens a file so that SQLite evaluates nothing in it until a statement asks for it.
///
/// # Errors
/// If the file cannot be opened.
pub(super) fn open(path: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    let mut connection = Connection::open_with_flags(absolute(path), flags)?;
    protect(&mut connection)?;
    Ok(connection)
}

/// Protects a connection that has not read anything yet.
///
/// # Errors
/// If SQLite refuses a setting.
pub(super) fn protect(connection: &mut Connection) -> rusqlite::Result<()> {
    // Views call no function with side effects, and no trigger runs (this program has none).
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_limit(Limit::SQLITE_LIMIT_SQL_LENGTH, LONGEST_STATEMENT)?;
    without_statistics(connection)?;
    // SQLite checks a page before it uses it.
    connection.pragma_update(None, "cell_size_check", true)?;
    let longest = connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, LONGEST_AT_FIRST)?;
    let begun = Instant::now();
    connection.progress_handler(STEPS, Some(move || begun.elapsed() > TIME_AT_FIRST))?;
    // An error is reported by the statement that needs what cannot be read.
    let _parsed = connection.prepare("SELECT 1 FROM sqlite_schema").map(drop);
    connection.progress_handler(STEPS, None::<fn() -> bool>)?;
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, longest).map(drop)
}

/// Makes the statistics read as empty in statements of this program, and allows everything else.
///
/// # Errors
/// If SQLite refuses.
pub(super) fn without_statistics(connection: &mut Connection) -> rusqlite::Result<()> {
    connection.authorizer(Some(|context: AuthContext<'_>| match context.action {
        AuthAction::Read { table_name, .. } if is_statistics(table_name) => Authorization::Ignore,
        _ => Authorization::Allow,
    }))
}

fn is_statistics(table: &str) -> bool {
    table.get(..11).is_some_and(|begin| begin.eq_ignore_ascii_case("sqlite_stat"))
}
