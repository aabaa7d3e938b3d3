//! Checks that the schema of a file is the one that this program creates. The check runs whenever a database is
//! opened, before anything in the file is evaluated. Without the check, a view in place of a table, an index, a
//! generated column or a CHECK could call any function, and run for any time.
//!
//! The schema is read as rows of text and compared as text. Objects that users added beside this program's own
//! stay in the file. This program evaluates them only in an SQL statement of the user, and `verify` prints a
//! note about them.

mod refusal;

use std::path::Path;
use std::sync::OnceLock;

use rusqlite::Connection;
use sha2::{Digest as _, Sha256};

use super::migrations;
use crate::error::{Error, Result};

pub(super) use refusal::refused;

/// The SHA-256 hash of the newest schema without the public views. If this value is outdated, a test in this
/// file fails and prints the new value.
const AS_MADE: &str = "d8c6dcdb2d48dab5d18bd3c8930bf9d3650622b608a5dcc61aba0dd102918706";

/// The tables that SQLite creates for itself, with the statements that SQLite stores for them.
const OF_SQLITE: [(&str, &str); 5] = [
    ("sqlite_sequence", "CREATE TABLE sqlite_sequence(name,seq)"),
    ("sqlite_stat1", "CREATE TABLE sqlite_stat1(tbl,idx,stat)"),
    ("sqlite_stat2", "CREATE TABLE sqlite_stat2(tbl,idx,sampleno,sample)"),
    ("sqlite_stat3", "CREATE TABLE sqlite_stat3(tbl,idx,neq,nlt,ndlt,sample)"),
    ("sqlite_stat4", "CREATE TABLE sqlite_stat4(tbl,idx,neq,nlt,ndlt,sample)"),
];

/// SQLite's functions that are called like tables. A table with the name of such a function would be read in
/// place of the function.
const FUNCTIONS: [&str; 7] =
    ["json_each", "json_tree", "jsonb_each", "jsonb_tree", "dbstat", "fts3tokenize", "fts4aux"];

/// An object of the schema, as `sqlite_schema` lists it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SchemaObject {
    /// The kind of the object: `table`, `index`, `view` or `trigger`.
    pub(super) kind: String,
    pub(super) name: String,
    /// The name of the table that the object belongs to; for a table or view its own name.
    pub(super) table: String,
    /// The statement that creates the object; `None` for an index that SQLite creates by itself.
    pub(super) sql: Option<String>,
    /// The number of the object's first page in the file; 0 for an object without pages.
    pub(super) root: i64,
}

impl SchemaObject {
    fn is(&self, kind: &str) -> bool {
        self.kind.eq_ignore_ascii_case(kind)
    }

    pub(super) fn is_called(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// Does SQLite reserve the name of the object for itself?
    fn is_sqlites(&self) -> bool {
        self.name.to_ascii_lowercase().starts_with("sqlite_")
    }

    /// Is the object a public view? This program creates a public view again whenever the view differs.
    fn is_public_view(&self) -> bool {
        self.is("view") && migrations::views().any(|(name, _)| self.is_called(name))
    }

    fn is_made_by(&self, model: &[SchemaObject]) -> bool {
        model.iter().any(|it| {
            (&it.kind, &it.name, &it.table, &it.sql)
                == (&self.kind, &self.name, &self.table, &self.sql)
        })
    }
}

/// An object of the schema that differs from what this program creates, or that is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SchemaFault {
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) why: Why,
}

/// The way in which an object of the schema is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Why {
    /// This program did not create the object, which belongs to the named table or view of this program.
    IsOn(String),
    /// This program did not create the object, and SQLite would read it in place of a function of its own.
    HidesFunction,
    /// The object has the name of an object that this program creates. The text is the kind of the program's
    /// object.
    InPlaceOf(String),
    /// The object has a name that this program uses, but its SQL text differs from the text that this program
    /// writes.
    Altered,
    /// An object that this program creates is missing.
    Missing,
}

/// Every object of the schema. Reading the list evaluates nothing in the file.
///
/// # Errors
/// If the schema cannot be read.
pub(super) fn objects(connection: &Connection) -> Result<Vec<SchemaObject>> {
    let sql = "SELECT type, name, tbl_name, sql, rootpage FROM sqlite_schema";
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([], |row| {
        let root: Option<i64> = row.get(4)?;
        Ok(SchemaObject {
            kind: row.get(0)?,
            name: row.get(1)?,
            table: row.get(2)?,
            sql: row.get(3)?,
            root: root.unwrap_or(0),
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Checks that every object of this program is as this program creates it, and that no foreign object affects one
/// of them. Returns true if the schema is exactly the newest one. For this result, only the views in
/// `INTERNAL_VIEWS` are compared.
///
/// # Errors
/// [`crate::error::ErrorKind::Database`] with the names of the wrong objects, and how to remove them.
pub(super) fn check(objects: &[SchemaObject], version: i64, path: &Path) -> Result<bool> {
    let of_functions = |it: &SchemaObject| !it.is("index") && is_function(&it.name);
    if version == migrations::VERSION
        && fingerprint(objects) == AS_MADE
        && !objects.iter().any(of_functions)
    {
        return Ok(true);
    }
    let wrong = wrong(objects, version)?;
    if wrong.is_empty() { Ok(false) } else { Err(refused(&wrong, path)) }
}

/// A hash of the objects of a schema, which does not depend on their order. SQLite's own tables are left out,
/// and so are all views except the internal ones.
fn fingerprint(objects: &[SchemaObject]) -> String {
    let free = |it: &&SchemaObject| {
        it.is("view")
            && !it.is_sqlites()
            && !migrations::INTERNAL_VIEWS.iter().any(|name| it.is_called(name))
    };
    let mut told: Vec<&SchemaObject> =
        objects.iter().filter(|it| !free(it) && !is_of_sqlite(it)).collect();
    told.sort();
    let mut hasher = Sha256::new();
    for object in told {
        let sql = object.sql.as_deref().unwrap_or_default();
        for text in [&object.kind, &object.name, &object.table, sql] {
            hasher.update((text.len() as u64).to_le_bytes());
            hasher.update(text.as_bytes());
        }
    }
    super::sql::hex(&hasher.finalize())
}

/// The objects of the schema that differ from what this program creates, or that are missing.
pub(super) fn wrong(objects: &[SchemaObject], version: i64) -> Result<Vec<SchemaFault>> {
    let model = model(version)?;
    let mut found = Vec::new();
    for object in objects.iter().filter(|it| !it.is_made_by(&model) && !it.is_public_view()) {
        if let Some(why) = why(object, &model, newest()?) {
            found.push(SchemaFault {
                kind: object.kind.to_ascii_lowercase(),
                name: object.name.clone(),
                why,
            });
        }
    }
    // A missing index is accepted, because it only makes answers slow. `verify` reports it.
    let lacks = |it: &&SchemaObject| {
        !it.is("index") && !objects.iter().any(|other| other.is_called(&it.name))
    };
    let missing = model.iter().filter(lacks).map(|it| SchemaFault {
        kind: it.kind.clone(),
        name: it.name.clone(),
        why: Why::Missing,
    });
    found.extend(missing);
    Ok(found)
}

fn why(object: &SchemaObject, model: &[SchemaObject], newest: &[SchemaObject]) -> Option<Why> {
    let called = |name: &str, among: &[SchemaObject]| -> Option<String> {
        among.iter().find(|it| it.is_called(name)).map(|it| it.kind.clone())
    };
    let public = |name: &str| migrations::views().any(|(view, _)| view.eq_ignore_ascii_case(name));
    if let Some(kind) = called(&object.name, model) {
        return Some(if object.is(&kind) { Why::Altered } else { Why::InPlaceOf(kind) });
    }
    if (object.is("index") || object.is("trigger"))
        && (called(&object.table, model).is_some() || public(&object.table))
    {
        return Some(Why::IsOn(object.table.clone()));
    }
    if let Some(kind) = called(&object.name, newest) {
        return Some(Why::InPlaceOf(kind));
    }
    if object.is_sqlites() {
        let automatic = object.is("index") && object.sql.is_none();
        return (!automatic && !is_of_sqlite(object)).then_some(Why::Altered);
    }
    if !object.is("index") && is_function(&object.name) {
        return Some(Why::HidesFunction);
    }
    if object.is("table") && public(&object.name) {
        return Some(Why::InPlaceOf("view".to_owned()));
    }
    None
}

fn is_of_sqlite(object: &SchemaObject) -> bool {
    let made =
        |(name, sql): &(&str, &str)| object.name == *name && object.sql.as_deref() == Some(*sql);
    object.is("table") && OF_SQLITE.iter().any(made)
}

fn is_function(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.starts_with("pragma_") || FUNCTIONS.contains(&name.as_str())
}

/// The foreign objects of the schema, which belong neither to this program nor to SQLite.
pub(super) fn others(objects: &[SchemaObject], version: i64) -> Result<Vec<&SchemaObject>> {
    let model = model(version)?;
    let of_others = |it: &&SchemaObject| {
        let automatic = it.is("index") && it.sql.is_none();
        !it.is_made_by(&model) && !it.is_public_view() && !is_of_sqlite(it) && !automatic
    };
    Ok(objects.iter().filter(of_others).collect())
}

/// Does a foreign table refer to rows of another table? If foreign keys are enforced, SQLite reads the foreign
/// table whenever rows of this program's tables change.
pub(super) fn has_references_of_others(objects: &[SchemaObject], version: i64) -> Result<bool> {
    let others = others(objects, version)?;
    let speaks = |it: &&SchemaObject| {
        it.is("table")
            && it.sql.as_deref().is_some_and(|sql| sql.to_ascii_lowercase().contains("references"))
    };
    Ok(others.iter().any(speaks))
}

/// The schema that the migrations up to a version create.
pub(super) fn model(version: i64) -> Result<Vec<SchemaObject>> {
    if version == migrations::VERSION {
        return Ok(newest()?.to_vec());
    }
    let connection = Connection::open_in_memory()?;
    migrations::make(&connection, version)?;
    objects(&connection)
}

fn newest() -> Result<&'static [SchemaObject]> {
    static NEWEST: OnceLock<Vec<SchemaObject>> = OnceLock::new();
    if let Some(made) = NEWEST.get() {
        return Ok(made);
    }
    let connection = Connection::open_in_memory()?;
    migrations::make(&connection, migrations::VERSION)?;
    let made = objects(&connection)?;
    Ok(NEWEST.get_or_init(|| made))
}

/// The names of this program's tables.
pub(super) fn tables() -> Result<Vec<&'static str>> {
    let tables = newest()?.iter().filter(|it| it.is("table"));
    Ok(tables.map(|it| it.name.as_str()).collect())
}

/// The error for a schema version that this program does not know.
pub(super) fn unknown_version(version: i64, path: &Path) -> Error {
    Error::database(format!(
        "the database has schema {version}, which no version of this program has made"
    ))
    .of_file(path)
    .hint("go back to a backup: `oneseat restore FILE`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_newest_migration_leaves_is_known() {
        let made = newest().expect("a schema");
        assert_eq!(fingerprint(made), AS_MADE, "a new migration: put the left one into AS_MADE");
        assert_eq!(wrong(made, migrations::VERSION).expect("compared"), []);
    }

    #[test]
    fn every_function_that_is_called_like_a_table_is_known() {
        let connection = Connection::open_in_memory().expect("a database");
        let mut statement =
            connection.prepare("SELECT name FROM pragma_module_list").expect("modules");
        let modules = statement.query_map([], |row| row.get::<_, String>(0)).expect("modules");
        let mut unknown = Vec::new();
        for module in modules.map(|it| it.expect("a name")) {
            // For a module that cannot be called like a table, SQLite reports "no such table".
            let sql = format!("SELECT * FROM {module}");
            let called = match connection.prepare(&sql) {
                Ok(_) => true,
                Err(error) => !error.to_string().contains("no such table"),
            };
            unknown.extend((called && !is_function(&module)).then_some(module));
        }
        assert!(unknown.is_empty(), "{unknown:?}");
    }
}
