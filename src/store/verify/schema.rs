//! The schema against the one that this program makes: a damaged or rewritten statement would give
//! wrong answers from right rows, and a trigger that somebody else put there would change what is
//! written.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::Connection;

use super::Verified;
use crate::error::Result;
use crate::store::migrate;

/// Kind and name of an object of the schema.
type Name = (String, String);

/// Checks that every table, index and view is there as this program makes it. What somebody else has
/// put beside them is none of ours: it is noted.
pub fn check(connection: &Connection, verified: &mut Verified) -> Result<()> {
    let mut model = Connection::open_in_memory()?;
    migrate::migrate(&mut model, Path::new("a new database"), 0, |_| Ok(()))?;
    let found = objects(connection)?;
    let ours = objects(&model)?;
    let foreign = found
        .keys()
        .filter(|(_, name)| !name.starts_with("sqlite_") && !ours.keys().any(|(_, it)| it == name));
    let noted = foreign.map(|(kind, name)| {
        format!("the {kind} {name} is not of this program: nothing is promised of it")
    });
    verified.notes.extend(noted);
    for ((kind, name), statement) in ours {
        match found.get(&(kind.clone(), name.clone())) {
            Some(other) if *other == statement => {}
            Some(_) => {
                let message = format!("the {kind} {name} is not as this program makes it");
                verified.broken("schema", message);
            }
            None => verified.broken("schema", format!("the {kind} {name} is not there")),
        }
    }
    Ok(())
}

/// What is there, each with the table that it is of and its statement.
fn objects(connection: &Connection) -> Result<BTreeMap<Name, (String, Option<String>)>> {
    let sql = "SELECT type, name, tbl_name, sql FROM sqlite_schema";
    let mut statement = connection.prepare(sql)?;
    let rows = statement
        .query_map([], |row| Ok(((row.get(0)?, row.get(1)?), (row.get(2)?, row.get(3)?))))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
