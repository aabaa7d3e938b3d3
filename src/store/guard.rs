//! What a connection is told before it looks at a file: the file may be damaged, or be made to do
//! harm.
//!
//! SQLite parses the whole schema before it answers anything, and evaluates nothing by it, with one
//! exception: it reads the statistics of `ANALYZE`, from tables that the file defines. Here they read
//! as empty, whatever is in them: plans are the same on every machine, and a generated column with
//! such a name is never worked out.

use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::limits::Limit;
use rusqlite::{Connection, OpenFlags};

use super::place_on_disk::absolute;

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
    connection.pragma_update(None, "cell_size_check", true)
}

/// Has the statistics read as empty, and allows everything else.
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
