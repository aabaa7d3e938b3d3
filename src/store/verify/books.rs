//! Compares the books with the journal: a line of the journal repeats every column of every row.

use std::collections::HashSet;

use rusqlite::{Connection, Row};
use serde_json::{Value, json};

use super::Verified;
use super::journal::JournalLines;
use crate::code::VerifyCode;
use crate::error::Result;
use crate::model::Instant;
use crate::store::{Place, hex, journal};

/// A table of the books: its name, the journal's name for a row of it, the column of the row's number, and
/// a function that writes a row as the journal does.
type Table = (&'static str, &'static str, &'static str, fn(&Row<'_>) -> rusqlite::Result<Value>);

const TABLES: [Table; 5] = [
    ("stored_snapshots", "snapshot", "snapshot_id", snapshot),
    ("voidings", "voiding", "voiding_id", voiding),
    ("declarations", "declaration", "declaration_id", declaration),
    ("links", "link", "link_id", link),
    ("saved_questions", "question", "question_id", question),
];

/// Checks snapshots, sources, voidings, declarations, links and saved questions.
pub fn check(connection: &Connection, lines: &JournalLines, verified: &mut Verified) -> Result<()> {
    for (table, kind, number, said) in TABLES {
        let mut statement = connection.prepare(&format!("SELECT * FROM {table}"))?;
        let mut rows = statement.query([])?;
        let mut seen = HashSet::new();
        while let Some(row) = rows.next()? {
            let id: i64 = row.get(number)?;
            let entry = lines.entry(kind, id);
            let salt: Option<Vec<u8>> = row.get("salt")?;
            let mut said = said(row)?;
            if let (Some(salt), Some(entry)) = (&salt, entry) {
                committed(table, id, salt, &mut said, entry, verified);
            } else if let Some(entry) = entry {
                aloud(table, id, &mut said, entry, verified);
            }
            compare(table, id, &said, entry, verified);
            if let (&"stored_snapshots", Some(entry)) = (&table, entry) {
                instant_of_place(id, row, entry, verified)?;
            }
            seen.insert(id);
        }
        missing(table, lines.of(kind).map(|(id, _)| id), &seen, verified);
    }
    sources(connection, lines, verified)
}

/// Compares a row with its entry, column by column.
fn compare(table: &str, id: i64, row: &Value, entry: Option<&Value>, verified: &mut Verified) {
    let Some(entry) = entry else {
        verified.broken(
            VerifyCode::Books,
            format!("{table} has row {id}, which no line of the journal introduces"),
        );
        return;
    };
    for (column, value) in row.as_object().into_iter().flatten() {
        if entry.get(column).unwrap_or(&Value::Null) != value {
            let message = format!("{table}.{column} of row {id} is not what the journal says");
            verified.broken(VerifyCode::Books, message);
        }
    }
}

/// The columns that the journal's line only commits to, in the order of the commitment.
fn of_persons(table: &str) -> &'static [&'static str] {
    match table {
        "stored_snapshots" => &["file", "accepted_short", "facts", "warnings"],
        "links" => &["a_account", "b_account", "reason"],
        "saved_questions" => &["name", "statement"],
        _ => &["reason"],
    }
}

/// Removes the committed columns from a row, and compares their commitment with that of the entry.
fn committed(
    table: &str,
    id: i64,
    salt: &[u8],
    said: &mut Value,
    entry: &Value,
    verified: &mut Verified,
) {
    let mut value = serde_json::Map::new();
    if let Some(said) = said.as_object_mut() {
        for column in of_persons(table) {
            value.insert((*column).to_owned(), said.remove(*column).unwrap_or_default());
        }
    }
    let own = journal::commitment(salt, &Value::Object(value));
    if entry["commitment"] != json!(own) {
        let columns = of_persons(table).join(", ");
        let message = format!(
            "{table} of row {id}: what the journal's line commits to is not {columns} and salt"
        );
        verified.broken(VerifyCode::Books, message);
    }
}

/// Compares the columns that a line of an earlier version holds in another form than the row. Facts and
/// warnings are values there. Their texts are compared, because other white space or order is a change too.
fn aloud(table: &str, id: i64, said: &mut Value, entry: &Value, verified: &mut Verified) {
    let Some(said) = said.as_object_mut() else { return };
    if entry.get("commitment").is_some() {
        let message =
            format!("{table}.salt of row {id} is missing, but the journal's line has a commitment");
        verified.broken(VerifyCode::Books, message);
    }
    for column in ["facts", "warnings"] {
        if let Some(text) = said.remove(column)
            && json!(entry[column].to_string()) != text
        {
            let message = format!("{table}.{column} of row {id} is not what the journal says");
            verified.broken(VerifyCode::Books, message);
        }
    }
    if table == "declarations"
        && let Some(reason) = said.remove("reason")
        && entry.get("accepted_new").unwrap_or(&Value::Null) != &reason
    {
        let message = format!("declarations.reason of row {id} is not what the journal says");
        verified.broken(VerifyCode::Books, message);
    }
}

/// Reports the rows that the journal names and the table lacks.
fn missing(
    table: &str,
    told: impl Iterator<Item = i64>,
    seen: &HashSet<i64>,
    verified: &mut Verified,
) {
    let mut gone: Vec<i64> = told.filter(|id| !seen.contains(id)).collect();
    gone.sort_unstable();
    for id in gone {
        let message = format!("{table} has no row {id}, which the journal introduces");
        verified.broken(VerifyCode::Books, message);
    }
}

fn instant(seconds: i64) -> Value {
    Instant::from_unix(seconds).map_or(json!(seconds), |instant| json!(instant))
}

fn snapshot(row: &Row<'_>) -> rusqlite::Result<Value> {
    Ok(json!({
        "source_id": row.get::<_, i64>("source_id")?,
        "place": row.get::<_, i64>("place")?,
        "at": instant(row.get("imported_at")?),
        "taken_at_from": row.get::<_, String>("taken_at_from")?,
        "format": row.get::<_, String>("format")?,
        "file": row.get::<_, String>("file")?,
        "sha256": row.get::<_, String>("sha256")?,
        "rows": row.get::<_, i64>("rows")?,
        "accounts": row.get::<_, Option<i64>>("accounts")?,
        "consumed": row.get::<_, Option<i64>>("consumed")?,
        "purchased": row.get::<_, Option<i64>>("purchased")?,
        "complete": row.get::<_, Option<bool>>("complete")?,
        "partial": row.get::<_, bool>("partial")?,
        "accepted_short": row.get::<_, Option<String>>("accepted_short")?,
        "facts": row.get::<_, String>("facts")?,
        "warnings": row.get::<_, String>("warnings")?,
        "content_hash": hex(&row.get::<_, Vec<u8>>("content_hash")?),
    }))
}

/// Compares the instant in a snapshot's place with the entry.
fn instant_of_place(id: i64, row: &Row<'_>, entry: &Value, verified: &mut Verified) -> Result<()> {
    let taken_at = Place::from_number(row.get("place")?).instant();
    if entry["taken_at"] != json!(taken_at) {
        verified.broken(
            VerifyCode::Books,
            format!("stored_snapshots.place of row {id} is of another instant"),
        );
    }
    Ok(())
}

/// Checks that each source has the kind and name from its first import, or from an earlier declaration.
fn sources(connection: &Connection, lines: &JournalLines, verified: &mut Verified) -> Result<()> {
    let told = lines.sources();
    let mut statement = connection.prepare("SELECT source_id, kind, name FROM stored_sources")?;
    let mut rows = statement.query([])?;
    let mut seen = HashSet::new();
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        let said = json!({"kind": row.get::<_, String>(1)?, "name": row.get::<_, String>(2)?});
        compare("stored_sources", id, &said, told.get(&id), verified);
        seen.insert(id);
    }
    missing("stored_sources", told.keys().copied(), &seen, verified);
    Ok(())
}

fn voiding(row: &Row<'_>) -> rusqlite::Result<Value> {
    let voided: bool = row.get("voided")?;
    Ok(json!({
        "snapshot": row.get::<_, i64>("snapshot_id")?,
        "command": if voided { "void" } else { "restore" },
        "reason": row.get::<_, Option<String>>("reason")?,
        "at": instant(row.get("declared_at")?),
    }))
}

fn declaration(row: &Row<'_>) -> rusqlite::Result<Value> {
    Ok(json!({
        "source_id": row.get::<_, i64>("source_id")?,
        "what": row.get::<_, String>("what")?,
        "value": row.get::<_, String>("value")?,
        "valid_from": row.get::<_, Option<i64>>("valid_from")?.map(instant),
        "at": instant(row.get("declared_at")?),
        "reason": row.get::<_, Option<String>>("reason")?,
    }))
}

fn link(row: &Row<'_>) -> rusqlite::Result<Value> {
    Ok(json!({
        "says": row.get::<_, String>("says")?,
        "a_source": row.get::<_, Option<i64>>("a_source")?,
        "a_host": row.get::<_, Option<String>>("a_host")?,
        "a_account": row.get::<_, String>("a_account")?,
        "b_source": row.get::<_, Option<i64>>("b_source")?,
        "b_host": row.get::<_, Option<String>>("b_host")?,
        "b_account": row.get::<_, String>("b_account")?,
        "reason": row.get::<_, Option<String>>("reason")?,
        "valid_from": row.get::<_, Option<i64>>("valid_from")?.map(instant),
        "at": instant(row.get("declared_at")?),
    }))
}

fn question(row: &Row<'_>) -> rusqlite::Result<Value> {
    Ok(json!({
        "name": row.get::<_, String>("name")?,
        "statement": row.get::<_, Option<String>>("statement")?,
        "at": instant(row.get("declared_at")?),
    }))
}
