//! The books against the journal: every column of every row is repeated in a line.

use std::collections::HashSet;

use rusqlite::{Connection, Row};
use serde_json::{Value, json};

use super::Verified;
use super::journal::Lines;
use crate::error::Result;
use crate::model::Instant;
use crate::store::{Place, hex};

/// A table of the books: the name, the kind of thing in it as the journal calls it, the column of its
/// number, and what a row says in the journal's words.
type Table = (&'static str, &'static str, &'static str, fn(&Row<'_>) -> rusqlite::Result<Value>);

const TABLES: [Table; 5] = [
    ("stored_snapshots", "snapshot", "snapshot_id", snapshot),
    ("voidings", "voiding", "voiding_id", voiding),
    ("declarations", "declaration", "declaration_id", declaration),
    ("links", "link", "link_id", link),
    ("saved_questions", "question", "question_id", question),
];

/// Checks snapshots, sources, voidings, declarations, links and saved questions.
pub fn check(connection: &Connection, lines: &Lines, verified: &mut Verified) -> Result<()> {
    for (table, kind, number, said) in TABLES {
        let mut statement = connection.prepare(&format!("SELECT * FROM {table}"))?;
        let mut rows = statement.query([])?;
        let mut seen = HashSet::new();
        while let Some(row) = rows.next()? {
            let id: i64 = row.get(number)?;
            let entry = lines.entry(kind, id);
            compare(table, id, &said(row)?, entry, verified);
            if let (&"stored_snapshots", Some(entry)) = (&table, entry) {
                texts_and_instant(id, row, entry, verified)?;
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
            "books",
            format!("{table} has row {id}, which no line of the journal tells of"),
        );
        return;
    };
    for (column, value) in row.as_object().into_iter().flatten() {
        if entry.get(column).unwrap_or(&Value::Null) != value {
            let message = format!("{table}.{column} of row {id} is not what the journal says");
            verified.broken("books", message);
        }
    }
}

/// What the journal tells of must be there.
fn missing(
    table: &str,
    told: impl Iterator<Item = i64>,
    seen: &HashSet<i64>,
    verified: &mut Verified,
) {
    let mut gone: Vec<i64> = told.filter(|id| !seen.contains(id)).collect();
    gone.sort_unstable();
    for id in gone {
        let message = format!("{table} has no row {id}, of which the journal tells");
        verified.broken("books", message);
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
        "content_hash": hex(&row.get::<_, Vec<u8>>("content_hash")?),
    }))
}

/// What of a snapshot is not compared as a value: facts and warnings as texts, for other white
/// space and another order are changes too, and the instant that the place is of.
fn texts_and_instant(id: i64, row: &Row<'_>, entry: &Value, verified: &mut Verified) -> Result<()> {
    for column in ["facts", "warnings"] {
        let told = entry[column].to_string();
        if told != row.get::<_, String>(column)? {
            let message =
                format!("stored_snapshots.{column} of row {id} is not what the journal says");
            verified.broken("books", message);
        }
    }
    let taken_at = Place::from_number(row.get("place")?).instant();
    if entry["taken_at"] != json!(taken_at) {
        verified
            .broken("books", format!("stored_snapshots.place of row {id} is of another instant"));
    }
    Ok(())
}

/// A source has the kind and the name that its first import gave it, or what was declared of it
/// before that.
fn sources(connection: &Connection, lines: &Lines, verified: &mut Verified) -> Result<()> {
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
