//! Copies the rows of a database into a new database, if the schema of the old one differs from this program's.
//! This saves the data after somebody added an index or tampered with the file.
//!
//! Nothing in the old schema is evaluated. From each of this program's tables, only the columns stored in its
//! rows are read, directly from the table's own tree. No view, index, generated column, CHECK or trigger is
//! used, and SQLite refuses any statement that would call a function. This program's migrations create the new
//! tables, and the constraints of these tables check the rows.

use std::io::Write as _;
use std::path::Path;

use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, OpenFlags, params_from_iter};

use super::migrations;
use super::place_on_disk::cannot_make;
use super::schema::{self, SchemaObject};
use super::{Store, guard, log, migrate, structure};
use crate::error::{Error, Result};
use crate::private_file;

/// An object of the old schema that was not copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftBehind {
    /// The kind of the object: `table`, `index`, `view` or `trigger`; or `column` for a column that was added
    /// to one of this program's tables.
    pub kind: String,
    /// The name of the object. A column has the name `TABLE.COLUMN`.
    pub name: String,
}

/// Copies the rows of this program's tables into a new file with the same schema version. Returns the objects
/// that were not copied.
///
/// # Errors
/// [`crate::error::ErrorKind::Nothing`] if there is no database. [`crate::error::ErrorKind::Database`] if the
/// file is not a database of this program, a table or a column is missing, a row violates a constraint, or the
/// file cannot be read.
pub fn rows_only(path: &Path, copy: &Path) -> Result<Vec<LeftBehind>> {
    let named = |error: Error| error.at(&path.display().to_string(), None);
    if !path.exists() {
        return Err(Error::nothing("there is no database yet").of_file(path));
    }
    let mut old = Store::open_unlooked(path)?;
    let (application, version) =
        migrate::marks(&old.connection).map_err(Error::from).map_err(named)?;
    if application != migrations::APPLICATION_ID {
        return Err(named(Error::database("this is not a database of oneseat"))
            .hint("name another file with --db, or leave --db out to use your own database"));
    }
    if !(1..=migrations::VERSION).contains(&version) {
        return Err(schema::unknown_version(version, path));
    }
    let objects = schema::objects(&old.connection).map_err(named)?;
    structure::check(&mut old.connection, &objects).map_err(named)?;
    let model = schema::model(version)?;
    let new = make(copy, version)?;
    // One transaction reads all tables, so that other processes change nothing between two of these reads.
    old.connection.execute_batch("BEGIN").map_err(Error::from).map_err(named)?;
    let others = schema::others(&objects, version)?.into_iter();
    let others = others.filter(|it| !model.iter().any(|ours| it.is_called(&ours.name)));
    let mut left: Vec<LeftBehind> =
        others.map(|it| LeftBehind { kind: it.kind.clone(), name: it.name.clone() }).collect();
    let mut plans = Vec::new();
    for table in model.iter().filter(|it| it.kind == "table") {
        let columns = columns(&new, &table.name)?;
        let there = columns_there(&old.connection, &objects, &table.name).map_err(named)?;
        let added = there.iter().filter(|it| !columns.iter().any(|ours| it.is_called(ours)));
        left.extend(added.map(|it| LeftBehind {
            kind: "column".to_owned(),
            name: format!("{}.{}", table.name, it.name),
        }));
        plans.push(plan(&table.name, columns, &there).map_err(named)?);
    }
    read_rows_only(&mut old.connection, model)?;
    new.execute_batch("BEGIN")?;
    for (table, columns) in &plans {
        copy_rows(&old.connection, &new, table, columns).map_err(named)?;
    }
    new.execute_batch("COMMIT")?;
    new.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    new.close().map_err(|(_, error)| error)?;
    log::stamp(copy).map_err(|error| cannot_make(copy, error))?;
    Ok(left)
}

/// Creates a new file that only its owner can read, with the tables of a schema version.
fn make(copy: &Path, version: i64) -> Result<Connection> {
    let cannot = |error| cannot_make(copy, error);
    let begun =
        || std::fs::File::options().write(true).open(copy)?.write_all(&log::empty_database()?);
    private_file::create(copy).and_then(|()| begun()).map_err(cannot)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let new = guard::open(copy, flags)?;
    // Foreign keys are not enforced, because the rows are copied table by table. `oneseat verify` checks the
    // references.
    new.pragma_update(None, "foreign_keys", false)?;
    migrations::make(&new, version)?;
    Ok(new)
}

fn columns(new: &Connection, table: &str) -> Result<Vec<String>> {
    let mut statement = new.prepare(&format!("PRAGMA table_info({table})"))?;
    let names = statement.query_map([], |row| row.get(1))?;
    Ok(names.collect::<rusqlite::Result<_>>()?)
}

/// A column of a table in the old file.
struct Column {
    name: String,
    /// Whether the rows store the value of the column. The value of a generated column is computed.
    stored: bool,
}

impl Column {
    fn is_called(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

/// The columns of a table in the old file. The list is empty if the old file does not have exactly one ordinary
/// table of this name.
fn columns_there(old: &Connection, objects: &[SchemaObject], table: &str) -> Result<Vec<Column>> {
    let is_plain = |it: &&SchemaObject| {
        it.kind.eq_ignore_ascii_case("table") && it.is_called(table) && it.root > 0
    };
    if objects.iter().filter(is_plain).count() != 1 {
        return Ok(Vec::new());
    }
    let mut statement = old.prepare(&format!("PRAGMA table_xinfo({table})"))?;
    let columns = statement.query_map([], |row| {
        Ok(Column { name: row.get(1)?, stored: row.get::<_, i64>(6)? == 0 })
    })?;
    Ok(columns.collect::<rusqlite::Result<_>>()?)
}

/// A table with the columns to copy. It is an error if the old file does not store all of these columns.
fn plan(table: &str, columns: Vec<String>, there: &[Column]) -> Result<(String, Vec<String>)> {
    if there.is_empty() {
        return Err(Error::database(format!(
            "the table {table} is missing, so its rows cannot be copied"
        ))
        .hint("go back to a backup: `oneseat restore FILE`"));
    }
    let stored = |name: &&String| there.iter().any(|it| it.stored && it.is_called(name));
    match columns.iter().find(|name| !stored(name)) {
        Some(column) => Err(Error::database(format!(
            "the column {column} of the table {table} is missing, so the rows of the table cannot \
             be copied"
        ))
        .hint("go back to a backup: `oneseat restore FILE`")),
        None => Ok((table.to_owned(), columns)),
    }
}

/// Restricts the connection to reading columns of this program's tables.
fn read_rows_only(old: &mut Connection, model: Vec<SchemaObject>) -> rusqlite::Result<()> {
    let tables: Vec<String> =
        model.into_iter().filter(|it| it.kind == "table").map(|it| it.name).collect();
    old.authorizer(Some(move |context: AuthContext<'_>| match context.action {
        AuthAction::Select => Authorization::Allow,
        AuthAction::Read { table_name, .. }
            if context.accessor.is_none()
                && tables.iter().any(|it| it.eq_ignore_ascii_case(table_name)) =>
        {
            Authorization::Allow
        }
        _ => Authorization::Deny,
    }))
}

fn copy_rows(old: &Connection, new: &Connection, table: &str, columns: &[String]) -> Result<()> {
    // A migration may have inserted rows into the new table.
    new.execute(&format!("DELETE FROM {table}"), [])?;
    let listed = columns.join(", ");
    let mut rows = old.prepare(&format!("SELECT {listed} FROM main.{table} NOT INDEXED"))?;
    let marks = vec!["?"; columns.len()].join(", ");
    let mut insert = new.prepare(&format!("INSERT INTO {table} ({listed}) VALUES ({marks})"))?;
    let mut rows = rows.query([])?;
    while let Some(row) = rows.next()? {
        let cells: Vec<ValueRef<'_>> =
            (0..columns.len()).map(|at| row.get_ref(at)).collect::<rusqlite::Result<_>>()?;
        let cells = cells.into_iter().map(ToSqlOutput::Borrowed);
        insert.execute(params_from_iter(cells)).map_err(|error| does_not_fit(table, error))?;
    }
    Ok(())
}

fn does_not_fit(table: &str, error: rusqlite::Error) -> Error {
    let unfit = [ErrorCode::ConstraintViolation, ErrorCode::TypeMismatch];
    match error.sqlite_error_code() {
        Some(code) if unfit.contains(&code) => {
            Error::database(format!("a row of the table {table} is not as this program writes it"))
                .caused_by(error)
                .hint("go back to a backup: `oneseat restore FILE`")
        }
        _ => error.into(),
    }
}
