//! The books against the journal: every column of every row is repeated in a line.

use std::collections::HashMap;

use rusqlite::Connection;
use serde_json::{Value, json};

use super::Verified;
use crate::error::Result;
use crate::model::Instant;
use crate::store::{Place, hex};

/// Checks snapshots, sources, voidings, declarations, links and saved questions.
pub fn check(connection: &Connection, journal: &[Value], verified: &mut Verified) -> Result<()> {
    let of = |commands: &'static [&'static str]| {
        journal.iter().filter(move |entry| {
            entry["command"].as_str().is_some_and(|command| commands.contains(&command))
        })
    };
    snapshots(connection, of(&["import"]), verified)?;
    sources(connection, of(&["import", "declare"]), verified)?;
    voidings(connection, of(&["void", "restore"]), verified)?;
    declarations(connection, of(&["declare"]), verified)?;
    links(connection, of(&["link"]), verified)?;
    questions(connection, of(&["question"]), verified)
}

/// Entries by the number that they are about.
fn by_number<'j>(entries: impl Iterator<Item = &'j Value>, key: &str) -> HashMap<i64, &'j Value> {
    entries.filter_map(|entry| Some((entry[key].as_i64()?, entry))).collect()
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
fn missing(table: &str, told: &HashMap<i64, &Value>, seen: &[i64], verified: &mut Verified) {
    let mut gone: Vec<&i64> = told.keys().filter(|id| !seen.contains(id)).collect();
    gone.sort();
    for id in gone {
        let message = format!("{table} has no row {id}, of which the journal tells");
        verified.broken("books", message);
    }
}

fn instant(seconds: i64) -> Value {
    Instant::from_unix(seconds).map_or(json!(seconds), |instant| json!(instant))
}

fn snapshots<'j>(
    connection: &Connection,
    entries: impl Iterator<Item = &'j Value>,
    verified: &mut Verified,
) -> Result<()> {
    let told = by_number(entries, "snapshot");
    let mut statement = connection.prepare("SELECT * FROM stored_snapshots")?;
    let mut rows = statement.query([])?;
    let mut seen = Vec::new();
    while let Some(row) = rows.next()? {
        let id: i64 = row.get("snapshot_id")?;
        let place: i64 = row.get("place")?;
        let hash: Vec<u8> = row.get("content_hash")?;
        let (facts, warnings): (String, String) = (row.get("facts")?, row.get("warnings")?);
        let said = json!({
            "source_id": row.get::<_, i64>("source_id")?,
            "place": place,
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
            "content_hash": hex(&hash),
        });
        let entry = told.get(&id).copied();
        compare("stored_snapshots", id, &said, entry, verified);
        for (column, text) in [("facts", facts), ("warnings", warnings)] {
            // As text: other white space and another order are changes too.
            let told = entry.map(|entry| entry[column].to_string());
            if told.is_some_and(|told| told != text) {
                let message =
                    format!("stored_snapshots.{column} of row {id} is not what the journal says");
                verified.broken("books", message);
            }
        }
        let taken_at = Place::from_number(place).instant();
        if entry.is_some_and(|entry| entry["taken_at"] != json!(taken_at)) {
            verified.broken(
                "books",
                format!("stored_snapshots.place of row {id} is of another instant"),
            );
        }
        seen.push(id);
    }
    missing("stored_snapshots", &told, &seen, verified);
    Ok(())
}

/// A source has the kind and the name that its first import gave it, or what was declared of it
/// before that.
fn sources<'j>(
    connection: &Connection,
    entries: impl Iterator<Item = &'j Value>,
    verified: &mut Verified,
) -> Result<()> {
    let mut told: HashMap<i64, &Value> = HashMap::new();
    for entry in entries {
        // Of a source that is in the books already a declaration does not repeat them.
        if let (Some(id), true) = (entry["source_id"].as_i64(), entry["source"].is_object()) {
            told.entry(id).or_insert(&entry["source"]);
        }
    }
    let mut statement = connection.prepare("SELECT source_id, kind, name FROM stored_sources")?;
    let mut rows = statement.query([])?;
    let mut seen = Vec::new();
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        let said = json!({"kind": row.get::<_, String>(1)?, "name": row.get::<_, String>(2)?});
        compare("stored_sources", id, &said, told.get(&id).copied(), verified);
        seen.push(id);
    }
    missing("stored_sources", &told, &seen, verified);
    Ok(())
}

fn voidings<'j>(
    connection: &Connection,
    entries: impl Iterator<Item = &'j Value>,
    verified: &mut Verified,
) -> Result<()> {
    let told = by_number(entries, "voiding");
    let mut statement = connection
        .prepare("SELECT voiding_id, snapshot_id, voided, reason, declared_at FROM voidings")?;
    let mut rows = statement.query([])?;
    let mut seen = Vec::new();
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        let voided: bool = row.get(2)?;
        let said = json!({
            "snapshot": row.get::<_, i64>(1)?,
            "command": if voided { "void" } else { "restore" },
            "reason": row.get::<_, Option<String>>(3)?,
            "at": instant(row.get(4)?),
        });
        compare("voidings", id, &said, told.get(&id).copied(), verified);
        seen.push(id);
    }
    missing("voidings", &told, &seen, verified);
    Ok(())
}

fn declarations<'j>(
    connection: &Connection,
    entries: impl Iterator<Item = &'j Value>,
    verified: &mut Verified,
) -> Result<()> {
    let told = by_number(entries, "declaration");
    let mut statement = connection.prepare(
        "SELECT declaration_id, source_id, what, value, valid_from, declared_at FROM declarations",
    )?;
    let mut rows = statement.query([])?;
    let mut seen = Vec::new();
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        let said = json!({
            "source_id": row.get::<_, i64>(1)?,
            "what": row.get::<_, String>(2)?,
            "value": row.get::<_, String>(3)?,
            "valid_from": row.get::<_, Option<i64>>(4)?.map(instant),
            "at": instant(row.get(5)?),
        });
        compare("declarations", id, &said, told.get(&id).copied(), verified);
        seen.push(id);
    }
    missing("declarations", &told, &seen, verified);
    Ok(())
}

fn links<'j>(
    connection: &Connection,
    entries: impl Iterator<Item = &'j Value>,
    verified: &mut Verified,
) -> Result<()> {
    let told = by_number(entries, "link");
    let mut statement = connection.prepare("SELECT * FROM links")?;
    let mut rows = statement.query([])?;
    let mut seen = Vec::new();
    while let Some(row) = rows.next()? {
        let id: i64 = row.get("link_id")?;
        let said = json!({
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
        });
        compare("links", id, &said, told.get(&id).copied(), verified);
        seen.push(id);
    }
    missing("links", &told, &seen, verified);
    Ok(())
}

fn questions<'j>(
    connection: &Connection,
    entries: impl Iterator<Item = &'j Value>,
    verified: &mut Verified,
) -> Result<()> {
    let told = by_number(entries, "question");
    let mut statement = connection
        .prepare("SELECT question_id, name, statement, declared_at FROM saved_questions")?;
    let mut rows = statement.query([])?;
    let mut seen = Vec::new();
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        let said = json!({
            "name": row.get::<_, String>(1)?,
            "statement": row.get::<_, Option<String>>(2)?,
            "at": instant(row.get(3)?),
        });
        compare("saved_questions", id, &said, told.get(&id).copied(), verified);
        seen.push(id);
    }
    missing("saved_questions", &told, &seen, verified);
    Ok(())
}
