//! Compares the schema of the database with the one that this program creates. A view with another statement
//! would give wrong answers from correct rows, and a foreign trigger would change the rows that are written.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::Connection;

use super::Verified;
use crate::code::VerifyCode;
use crate::error::Result;
use crate::store::migrate;

/// The kind (such as `table`) and the name of an object of the schema.
type Name = (String, String);

/// Checks that every object of this program exists, and is as this program creates it. An object that this program
/// did not create is reported in a note only.
pub fn check(connection: &Connection, verified: &mut Verified) -> Result<()> {
    let mut model = Connection::open_in_memory()?;
    migrate::migrate(&mut model, Path::new("a new database"), 0, |_| Ok(()))?;
    let found = objects(connection)?;
    let ours = objects(&model)?;
    let foreign = found
        .keys()
        .filter(|(_, name)| !name.starts_with("sqlite_") && !ours.keys().any(|(_, it)| it == name));
    let noted = foreign.map(|(kind, name)| {
        format!(
            "the {kind} {name} does not belong to this program: `verify` promises nothing about it"
        )
    });
    verified.notes.extend(noted);
    for ((kind, name), statement) in ours {
        match found.get(&(kind.clone(), name.clone())) {
            Some(other) if *other == statement => {}
            Some(_) => {
                let message = format!("the {kind} {name} is not as this program creates it");
                verified.broken(VerifyCode::Schema, message);
            }
            None => verified.broken(VerifyCode::Schema, format!("the {kind} {name} is missing")),
        }
    }
    Ok(())
}

/// The objects of a schema by kind and name, each with its table and its statement.
fn objects(connection: &Connection) -> Result<BTreeMap<Name, (String, Option<String>)>> {
    let sql = "SELECT type, name, tbl_name, sql FROM sqlite_schema";
    let mut statement = connection.prepare(sql)?;
    let rows = statement
        .query_map([], |row| Ok(((row.get(0)?, row.get(1)?), (row.get(2)?, row.get(3)?))))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
