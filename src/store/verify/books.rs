//! Compares the books with the journal. For each row of the books, a line of the journal states every column, or a
//! commitment (a salted hash) to the column.

use std::collections::HashSet;

use rusqlite::Connection;
use serde_json::{Value, json};

use super::Verified;
use super::journal::JournalLines;
use crate::code::VerifyCode;
use crate::error::Result;
use crate::store::Place;
use crate::store::books::{DeclarationRow, VoidingRow};
use crate::store::directory::DigestKeyRow;
use crate::store::filling::FillingRow;
use crate::store::journal::BookRow;
use crate::store::links::LinkRow;
use crate::store::questions::QuestionRow;
use crate::store::row::{Journaled, StoredRow, rows};
use crate::store::snapshot_row::SnapshotRow;
use crate::store::source_row::SourceRow;

/// Checks the rows of snapshots, sources, voidings, declarations, links and saved questions.
pub fn check(connection: &Connection, lines: &JournalLines, verified: &mut Verified) -> Result<()> {
    table::<SnapshotRow>(connection, lines, verified, instant_of_place)?;
    table::<VoidingRow>(connection, lines, verified, nothing_more)?;
    table::<DeclarationRow>(connection, lines, verified, nothing_more)?;
    table::<LinkRow>(connection, lines, verified, nothing_more)?;
    table::<QuestionRow>(connection, lines, verified, nothing_more)?;
    table::<DigestKeyRow>(connection, lines, verified, nothing_more)?;
    table::<FillingRow>(connection, lines, verified, nothing_more)?;
    sources(connection, lines, verified)
}

/// Compares the rows of a table with the lines of the journal that introduce them. `more` checks what only this
/// kind of row has.
fn table<T: BookRow>(
    connection: &Connection,
    lines: &JournalLines,
    verified: &mut Verified,
    more: impl Fn(i64, &T, &Value, &mut Verified),
) -> Result<()> {
    let mut seen = HashSet::new();
    for (id, row) in rows::<T>(connection, "", [])? {
        seen.insert(id);
        let Some(entry) = introduced(T::TABLE, id, lines.entry(T::KIND, id), verified) else {
            continue;
        };
        commitment(id, &row, entry, verified);
        for (key, column) in row.journaled() {
            let same = match column {
                Journaled::Said(value) => entry[key] == value,
                Journaled::Committed(_) if row.salt().is_some() => continue,
                Journaled::Committed(value) => in_plain_text(T::TABLE, key, entry) == value,
            };
            if !same {
                differs(T::TABLE, key, id, verified);
            }
        }
        more(id, &row, entry, verified);
    }
    missing(T::TABLE, lines.of(T::KIND).map(|(id, _)| id), &seen, verified);
    Ok(())
}

/// The journal entry that introduces the row `id` of `table`. Reports the row if there is no such entry.
fn introduced<'e>(
    table: &str,
    id: i64,
    entry: Option<&'e Value>,
    verified: &mut Verified,
) -> Option<&'e Value> {
    if entry.is_none() {
        let message = format!("{table} has row {id}, which no line of the journal introduces");
        verified.broken(VerifyCode::Books, message);
    }
    entry
}

fn differs(table: &str, column: &str, id: i64, verified: &mut Verified) {
    let message = format!("{table}.{column} of row {id} differs from the value in the journal");
    verified.broken(VerifyCode::Books, message);
}

/// Compares the commitment (salted hash) in a row's journal entry with the columns that it covers.
fn commitment<T: BookRow>(id: i64, row: &T, entry: &Value, verified: &mut Verified) {
    let table = T::TABLE;
    let message = match row.commitment() {
        Some(own) if entry["commitment"] != json!(own) => {
            let columns = row.journaled().into_iter();
            let committed = columns.filter(|(_, it)| matches!(it, Journaled::Committed(_)));
            let columns = committed.map(|(column, _)| column).collect::<Vec<_>>().join(", ");
            format!(
                "{table} of row {id}: the commitment in the journal's line does not match \
                 {columns} and salt"
            )
        }
        None if entry.get("commitment").is_some() => {
            format!("{table}.salt of row {id} is missing, but the journal's line has a commitment")
        }
        _ => return,
    };
    verified.broken(VerifyCode::Books, message);
}

/// The value of a column in a journal line of an earlier version, which stated the column itself and no
/// commitment to it. Such a line contains facts and warnings as JSON values. They are compared as text, because
/// a change of white space or order is a change too.
fn in_plain_text(table: &str, column: &str, entry: &Value) -> Value {
    match (table, column) {
        ("stored_snapshots", "facts" | "warnings") => json!(entry[column].to_string()),
        ("declarations", "reason") => entry["accepted_new"].clone(),
        _ => entry[column].clone(),
    }
}

/// Reports the rows that a line of the journal introduces and the table lacks.
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

/// Compares the instant that follows from the column `place` of a snapshot with the instant in the snapshot's
/// journal entry.
fn instant_of_place(id: i64, row: &SnapshotRow, entry: &Value, verified: &mut Verified) {
    if entry["taken_at"] != json!(Place::from_number(row.place).instant()) {
        verified.broken(
            VerifyCode::Books,
            format!(
                "stored_snapshots.place of row {id} means another instant than the journal states"
            ),
        );
    }
}

fn nothing_more<T>(_: i64, _: &T, _: &Value, _: &mut Verified) {}

/// Checks that each source has the kind and the name that the journal states for it. The source's first import
/// states them, or an earlier declaration.
fn sources(connection: &Connection, lines: &JournalLines, verified: &mut Verified) -> Result<()> {
    let (told, table) = (lines.sources(), SourceRow::TABLE);
    let mut seen = HashSet::new();
    for (id, row) in rows::<SourceRow>(connection, "", [])? {
        seen.insert(id);
        let Some(entry) = introduced(table, id, told.get(&id), verified) else { continue };
        for (key, column) in row.journaled() {
            if matches!(column, Journaled::Said(value) if entry[key] != value) {
                differs(table, key, id, verified);
            }
        }
    }
    missing(table, told.keys().copied(), &seen, verified);
    Ok(())
}
