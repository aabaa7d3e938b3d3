//! The SQL text of all migrations, and of the public views.

use std::sync::LazyLock;

use rusqlite::Connection;

use super::words;
use crate::error::Result;

/// The application id of this program's databases: the four bytes "oneS".
pub const APPLICATION_ID: i64 = 0x6f6e_6553;

/// The migrations, in the order in which they run. The `user_version` of a database is the number of migrations
/// that ran on it.
pub(super) const MIGRATIONS: [&str; 7] = [
    include_str!("../../schema/migrations/0001_first.sql"),
    include_str!("../../schema/migrations/0002_links.sql"),
    include_str!("../../schema/migrations/0003_public_names.sql"),
    include_str!("../../schema/migrations/0004_stored_counts.sql"),
    include_str!("../../schema/migrations/0005_words.sql"),
    include_str!("../../schema/migrations/0006_plain_rows.sql"),
    include_str!("../../schema/migrations/0007_directories.sql"),
];

/// The statements that create the public views. They run again whenever their text or the schema changes.
const VIEWS: &str = include_str!("../../schema/views.sql");

/// The internal views, which migrations create. They are not public, and are not created again.
pub(super) const INTERNAL_VIEWS: [&str; 3] =
    ["named_sources", "voided_snapshots", "valid_snapshots"];

/// The statements that create the public views, each with the name of its view. A view comes after the views
/// that it reads.
pub fn views() -> impl Iterator<Item = (&'static str, &'static str)> {
    static SPLIT: LazyLock<Vec<(&str, &str)>> = LazyLock::new(|| {
        let statements = VIEWS.split(";\n").filter_map(|statement| {
            let statement = &statement[statement.find(CREATE_VIEW)?..];
            let name = statement[CREATE_VIEW.len()..].split_whitespace().next()?;
            Some((name, statement))
        });
        statements.collect()
    });
    SPLIT.iter().copied()
}

/// The text with which every statement that creates a view begins.
pub const CREATE_VIEW: &str = "CREATE VIEW ";

/// The version of the schema that this program writes.
pub const VERSION: i64 = MIGRATIONS.len() as i64;

/// Creates the tables of a schema version in an empty database, exactly as the migrations leave them.
///
/// # Errors
/// If there is not enough memory or disk space for the tables.
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
