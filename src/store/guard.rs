//! What a connection is told before it looks at a file: the file may be damaged, or be made to do
//! harm.
//!
//! SQLite parses the whole schema before it answers anything, and evaluates nothing by it, with one
//! exception: it reads the statistics of `ANALYZE` meanwhile, from tables that the file defines, and
//! asks nobody. So the schema is parsed once with little room for each value and within a short time;
//! statistics that want more are not loaded, and the schema is compared afterwards.

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::limits::Limit;
use rusqlite::{Connection, OpenFlags};

use super::place_on_disk::absolute;

/// How long a value may be while the schema is parsed, also a statement of it, in bytes.
const LONGEST_AT_FIRST: i32 = 200_000;

/// How long statistics may be read, and after how many steps of SQLite's machine it is looked at the
/// clock.
const TIME_AT_FIRST: Duration = Duration::from_secs(2);
const STEPS: i32 = 100;

/// How long a statement may be, also one of the schema, in bytes.
const LONGEST_STATEMENT: i32 = 1_000_000;

/// Opens a file so that nothing in it is evaluated until it is asked for.
///
/// # Errors
/// If it cannot be opened.
pub(super) fn open(path: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    let mut connection = Connection::open_with_flags(absolute(path), flags)?;
    protect(&mut connection)?;
    Ok(connection)
}

/// The same for a connection that has looked at nothing yet.
///
/// # Errors
/// If SQLite refuses a setting.
pub(super) fn protect(connection: &mut Connection) -> rusqlite::Result<()> {
    // Views call nothing that acts, and no trigger runs (this program has none).
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_limit(Limit::SQLITE_LIMIT_SQL_LENGTH, LONGEST_STATEMENT)?;
    without_statistics(connection)?;
    // A page is looked at before it is used.
    connection.pragma_update(None, "cell_size_check", true)?;
    let longest = connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, LONGEST_AT_FIRST)?;
    let begun = Instant::now();
    connection.progress_handler(STEPS, Some(move || begun.elapsed() > TIME_AT_FIRST))?;
    // What cannot be read is told by whoever asks for it.
    let _parsed = connection.prepare("SELECT 1 FROM sqlite_schema").map(drop);
    connection.progress_handler(STEPS, None::<fn() -> bool>)?;
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, longest).map(drop)
}

/// Has the statistics read as empty in statements of this program, and allows everything else.
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
