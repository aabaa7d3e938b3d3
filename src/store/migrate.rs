//! Brings a database to the newest schema: numbered migrations, all in one transaction
//! (architecture.md section 2).

use std::path::Path;

use rusqlite::Connection;

use crate::error::{Error, Result};

/// "oneS": marks a SQLite file as ours.
pub const APPLICATION_ID: i64 = 0x6f6e_6553;

/// The migrations in order; `user_version` is how many of them ran.
const MIGRATIONS: [&str; 2] = [
    include_str!("../../schema/migrations/0001_first.sql"),
    include_str!("../../schema/migrations/0002_links.sql"),
];

/// The public views, made anew whenever their text or the schema changes.
const VIEWS: &str = include_str!("../../schema/views.sql");

/// The schema's version that this program writes.
pub const VERSION: i64 = MIGRATIONS.len() as i64;

/// What a file turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// Nothing yet.
    Empty,
    /// A database of ours, with its version.
    Ours(i64),
}

/// Looks at what a file is.
///
/// # Errors
/// If it is a database of another program, or newer than this program.
pub fn look(connection: &Connection, path: &Path) -> Result<Found> {
    let pragma = |name: &str| -> rusqlite::Result<i64> {
        connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get(0))
    };
    let application = pragma("application_id")?;
    let version = pragma("user_version")?;
    let objects: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let name = path.display();
    if application == APPLICATION_ID {
        if version > VERSION {
            return Err(Error::database(format!(
                "{name}: the database has schema {version}, this program knows up to {VERSION}"
            ))
            .hint("use the newer oneseat that wrote it"));
        }
        return Ok(Found::Ours(version));
    }
    if objects == 0 && application == 0 {
        return Ok(Found::Empty);
    }
    Err(Error::database(format!("{name}: this is a SQLite database, but not one of oneseat"))
        .hint("name another file with --db, or leave --db out for your own"))
}

/// Runs the migrations that are missing.
///
/// # Errors
/// If the database cannot be written; then nothing has changed.
pub fn migrate(connection: &mut Connection, from: i64) -> Result<()> {
    if from == VERSION {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(super::IMMEDIATE)?;
    // Another process may have been quicker.
    let version: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    for migration in MIGRATIONS.iter().skip(version as usize) {
        transaction.execute_batch(migration)?;
    }
    transaction.execute_batch(VIEWS)?;
    transaction.execute_batch(&format!(
        "PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {VERSION};"
    ))?;
    transaction.commit()?;
    Ok(())
}
