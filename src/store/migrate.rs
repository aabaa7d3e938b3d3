//! Brings a database to the newest schema by numbered migrations, all in one transaction (architecture.md
//! section 2).

use std::path::Path;

use rusqlite::Connection;

use super::migrations::{APPLICATION_ID, INTERNAL_VIEWS, MIGRATIONS, VERSION, views};
use super::schema::{self, SchemaObject};
use super::sql::IMMEDIATE;
use super::{image, words};
use crate::error::{Error, Result};

/// Whether a database is empty or belongs to this program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileIdentity {
    /// The file has no tables, so this program may create its own.
    Empty,
    /// The database belongs to this program, and has this schema version.
    Ours(i64),
}

/// The result of inspecting the schema of a database file.
pub(super) struct Looked {
    pub(super) found: FileIdentity,
    pub(super) objects: Vec<SchemaObject>,
    /// Whether every object in the schema belongs to this program.
    pub(super) alone: bool,
}

/// Finds out whether a file is a database of this program, and checks that no object in its schema can do harm
/// when the file is read.
///
/// # Errors
/// If the database belongs to another program or is newer than this program, or if its schema differs from what
/// this program creates.
pub(super) fn look(connection: &Connection, path: &Path) -> Result<Looked> {
    // All reads are in one transaction, because another process may be creating the database.
    let alone = connection.is_autocommit();
    if alone {
        connection.execute_batch("BEGIN")?;
    }
    let looked = look_at_once(connection, path);
    if alone {
        connection.execute_batch("ROLLBACK")?;
    }
    looked
}

fn look_at_once(connection: &Connection, path: &Path) -> Result<Looked> {
    let (application, version) = marks(connection)?;
    let objects = schema::objects(connection)?;
    if application == APPLICATION_ID {
        if version > VERSION {
            return Err(Error::database(format!(
                "the database has schema {version}; this program knows schemas up to {VERSION}"
            ))
            .of_file(path)
            .hint("use the newer version of oneseat that wrote the database"));
        }
        if version < 1 {
            return Err(schema::unknown_version(version, path));
        }
        let alone = schema::check(&objects, version, path)?;
        return Ok(Looked { found: FileIdentity::Ours(version), objects, alone });
    }
    if objects.is_empty() && application == 0 {
        return Ok(Looked { found: FileIdentity::Empty, objects, alone: true });
    }
    Err(Error::database("this is a SQLite database, but not one of oneseat")
        .of_file(path)
        .hint("name another file with --db, or leave --db out to use your own database"))
}

/// The application id and the schema version, read with PRAGMA statements. SQLite's functions of the same names
/// are not used, because a file may contain tables with these names.
///
/// # Errors
/// If the file cannot be read.
pub(super) fn marks(connection: &Connection) -> rusqlite::Result<(i64, i64)> {
    let number = |sql: &str| connection.query_row(sql, [], |row| row.get(0));
    Ok((number("PRAGMA application_id")?, number("PRAGMA user_version")?))
}

/// Does the database have the newest schema, and the public views exactly as this program creates them?
///
/// # Errors
/// If the database cannot be read.
pub fn is_newest(connection: &Connection, version: i64) -> Result<bool> {
    Ok(version == VERSION && has_views(connection)?)
}

/// Runs the migrations that the database lacks, and creates the public views again if their text has changed.
/// Before the first change to a database with an older schema, `keep` is called with the version of that
/// schema.
///
/// # Errors
/// If the database cannot be written, or another process has migrated it to a schema that this program does not
/// know. On an error, the database is as it was before.
pub fn migrate(
    connection: &mut Connection,
    path: &Path,
    from: i64,
    keep: impl FnOnce(i64) -> Result<()>,
) -> Result<()> {
    if is_newest(connection, from)? {
        return Ok(());
    }
    // Foreign keys are not enforced during the migrations, because they replace tables that other rows refer to.
    // `oneseat verify` checks the references.
    let followed: bool = connection.query_row("PRAGMA foreign_keys", [], |row| row.get(0))?;
    connection.pragma_update(None, "foreign_keys", false)?;
    let migrated = in_one_transaction(connection, path, keep);
    connection.pragma_update(None, "foreign_keys", followed)?;
    migrated
}

fn in_one_transaction(
    connection: &mut Connection,
    path: &Path,
    keep: impl FnOnce(i64) -> Result<()>,
) -> Result<()> {
    let transaction = connection.transaction_with_behavior(IMMEDIATE)?;
    // Before this transaction began, another process may have migrated the database, perhaps with a newer
    // version of this program.
    let version = match look(&transaction, path)?.found {
        FileIdentity::Empty => 0,
        FileIdentity::Ours(version) => version,
    };
    if (1..VERSION).contains(&version) {
        // The transaction keeps other processes from writing, so the copy is of exactly the data that the
        // migrations change.
        keep(version)?;
    }
    // The public views are dropped first, because SQLite refuses to rename a table that an outdated view names.
    drop_views(&transaction)?;
    words::give_functions(&transaction)?;
    for migration in MIGRATIONS.iter().skip(version as usize) {
        transaction.execute_batch(migration)?;
    }
    for (_, statement) in views() {
        transaction.execute_batch(statement)?;
    }
    if version < VERSION {
        image::make(&transaction)?;
    }
    transaction.execute_batch(&format!(
        "PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {VERSION};"
    ))?;
    transaction.commit()?;
    Ok(())
}

/// The names and statements of all views in the database, except the internal views that migrations create.
fn present_views(connection: &Connection) -> Result<Vec<(String, String)>> {
    let mut statement =
        connection.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'view'")?;
    let views = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut views: Vec<(String, String)> = views.collect::<rusqlite::Result<_>>()?;
    views.retain(|(name, _)| !INTERNAL_VIEWS.contains(&name.as_str()));
    Ok(views)
}

/// Do the public views exist exactly as this program creates them?
fn has_views(connection: &Connection) -> Result<bool> {
    let mut wanted: Vec<(String, String)> =
        views().map(|(name, statement)| (name.to_owned(), statement.to_owned())).collect();
    let mut present = present_views(connection)?;
    // Views that a user added are ignored.
    present.retain(|(name, _)| wanted.iter().any(|(other, _)| other == name));
    wanted.sort();
    present.sort();
    Ok(wanted == present)
}

fn drop_views(connection: &Connection) -> Result<()> {
    let present = present_views(connection)?;
    for (name, _) in views() {
        if present.iter().any(|(other, _)| other == name) {
            connection.execute_batch(&format!("DROP VIEW {name}"))?;
        }
    }
    Ok(())
}
