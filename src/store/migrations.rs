//! The migrations and the public views: the text of every schema that there has been.

use rusqlite::Connection;

use super::words;
use crate::error::Result;

/// "oneS", which marks a SQLite file as ours.
pub const APPLICATION_ID: i64 = 0x6f6e_6553;

/// The migrations in order. `user_version` is the number of those that ran.
pub(super) const MIGRATIONS: [&str; 7] = [
    include_str!("../../schema/migrations/0001_first.sql"),
    include_str!("../../schema/migrations/0002_links.sql"),
    include_str!("../../schema/migrations/0003_public_names.sql"),
    include_str!("../../schema/migrations/0004_stored_counts.sql"),
    include_str!("../../schema/migrations/0005_words.sql"),
    include_str!("../../schema/migrations/0006_plain_rows.sql"),
    include_str!("../../schema/migrations/0007_directories.sql"),
];

/// The public views, created again whenever their text or the schema changes.
const VIEWS: &str = include_str!("../../schema/views.sql");

/// Views that a migration created, and that stay.
pub(super) const INTERNAL_VIEWS: [&str; 3] =
    ["named_sources", "voided_snapshots", "valid_snapshots"];

/// The statements that create the public views, each with the view's name, in the order of their dependencies.
pub fn views() -> impl Iterator<Item = (&'static str, &'static str)> {
    VIEWS.split(";\n").filter_map(|statement| {
        let statement = &statement[statement.find(CREATE_VIEW)?..];
        let name = statement[CREATE_VIEW.len()..].split_whitespace().next()?;
        Some((name, statement))
    })
}

/// The start of each of these statements.
pub const CREATE_VIEW: &str = "CREATE VIEW ";

/// The version of the schema that this program writes.
pub const VERSION: i64 = MIGRATIONS.len() as i64;

/// Creates the tables of a version in an empty database, as its migrations leave them.
///
/// # Errors
/// If there is no room.
pub(super) fn make(connection: &Connection, version: i64) -> Result<()> {
    words::give_functions(connection)?;
    connection.pragma_update(None, "foreign_keys", false)?;
    for migration in MIGRATIONS.iter().take(version as usize) {
        connection.execute_batch(migration)?;
    }
    connection.execute_batch(&format!(
        "PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {version};"
    ))?;
    Ok(())
}
