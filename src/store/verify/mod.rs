//! Implements `oneseat verify`, which checks every promise about the stored data again.
//!
//! The journal is a chain of hashes. Its lines cover every column of the books (snapshots, sources, voidings,
//! declarations, links, saved questions). Every record has a salted hash. Everything that is derived from a record
//! is derived again and compared. The content hash of each snapshot follows from the spans and the record hashes.
//! [`COVERAGE`] lists the protection of each column.

mod books;
mod children;
mod directory;
mod image;
mod journal;
mod records;
mod rows;
mod schema;
mod sources;
mod spans;
mod verified;

use rusqlite::Connection;

use super::books::{DeclarationRow, VoidingRow};
use super::counts::CountRow;
use super::directory::DigestKeyRow;
use super::filling::{DETAILS, FillingRow};
use super::journal::LineRow;
use super::links::LinkRow;
use super::questions::QuestionRow;
use super::row::StoredRow;
use super::snapshot_row::SnapshotRow;
use super::source_row::SourceRow;
use super::state_writer::{ADDRESSES, LISTED, MEMBERSHIPS, SPANS, STATES};
use super::timeline::SumRow;
use super::{Store, migrations, schema as schema_rows, sound};
use crate::code::VerifyCode;
use crate::error::Result;

pub use verified::{Broken, Verified};

impl Store {
    /// Checks everything that is stored. If `head` is given, a line of the journal must have this hash.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn verify(&self, head: Option<&str>) -> Result<Verified> {
        self.freeze()?;
        let mut verified = Verified::default();
        sqlite(&self.connection, &mut verified)?;
        schema::check(&self.connection, &mut verified)?;
        let lines = journal::check(&self.connection, head, &mut verified)?;
        sources::check(&self.connection, &mut verified)?;
        books::check(&self.connection, &lines, &mut verified)?;
        let image = records::check(&self.connection, &mut verified)?;
        spans::check(&self.connection, &lines, &mut verified)?;
        super::counts::check(&self.connection, &mut verified)?;
        directory::check(&self.connection, &mut verified)?;
        image.compare(&self.connection, &mut verified)?;
        verified.note_what_is_left_off();
        Ok(verified)
    }
}

/// Runs SQLite's own checks of pages, indexes and references. If the database has foreign objects, only this
/// program's tables are checked, one by one, because a check of the whole file would evaluate expressions of
/// foreign tables.
fn sqlite(connection: &Connection, verified: &mut Verified) -> Result<()> {
    let objects = schema_rows::objects(connection)?;
    let alone = schema_rows::others(&objects, migrations::VERSION)?.is_empty();
    let tables = schema_rows::tables()?;
    let checks = match alone {
        true => vec!["integrity_check(20)".to_owned()],
        false => tables.iter().map(|it| format!("integrity_check({it})")).collect(),
    };
    for check in checks {
        for line in sound::findings(connection, &check)? {
            if line != "ok" {
                verified.broken(VerifyCode::Sqlite, line);
            }
        }
    }
    for table in tables {
        let mut statement = connection.prepare(&format!("PRAGMA foreign_key_check({table})"))?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (table, parent): (String, String) = (row.get(0)?, row.get(2)?);
            verified.broken(
                VerifyCode::Reference,
                format!("a row of {table} refers to a row of {parent} that is missing"),
            );
        }
    }
    Ok(())
}

/// The protection of every column against unnoticed changes: the name of the table, its columns, and a description
/// of their protection.
pub const COVERAGE: [(&str, &[&str], &str); 21] = [
    ("source_kinds", &["kind"], "the kinds that this program knows"),
    (SourceRow::TABLE, SourceRow::COLUMNS, "the journal's first line about the source"),
    (DeclarationRow::TABLE, DeclarationRow::COLUMNS, "the row's line of the journal"),
    (LinkRow::TABLE, LinkRow::COLUMNS, "the row's line of the journal"),
    (
        SnapshotRow::TABLE,
        SnapshotRow::COLUMNS,
        "the row's line of the journal; for the content hash, also the hashes of the records in the \
         snapshot",
    ),
    (VoidingRow::TABLE, VoidingRow::COLUMNS, "its line of the journal"),
    (QuestionRow::TABLE, QuestionRow::COLUMNS, "its line of the journal"),
    (DigestKeyRow::TABLE, DigestKeyRow::COLUMNS, "its line of the journal"),
    (FillingRow::TABLE, FillingRow::COLUMNS, "its line of the journal"),
    (
        DETAILS.name,
        DETAILS.columns,
        "the digest in the entry's record; the number of rows by the journal's lines",
    ),
    (SumRow::TABLE, SumRow::COLUMNS, "the sum of the records, added up again"),
    ("shapes", &["shape_id", "fields"], "the hash of every record that has these fields"),
    (
        STATES.name,
        STATES.columns,
        "the record's hash, and the record's text, from which the other columns are derived again; \
         snapshot_id by the content hash of every snapshot and the journal's line of the import",
    ),
    (SPANS.name, SPANS.columns, "the content hash of every snapshot in the span"),
    (ADDRESSES.name, ADDRESSES.columns, "the record's text, from which the row is derived again"),
    ("hosts", &["host_id", "host"], "the record's text, from which listed ids are derived again"),
    (LISTED.name, LISTED.columns, "the record's text, from which the row is derived again"),
    (
        MEMBERSHIPS.name,
        MEMBERSHIPS.columns,
        "the record's text, from which the row is derived again",
    ),
    (
        "image",
        &["part", "first", "count", "data", "hash"],
        "its own hash, and a comparison with an image rebuilt from the rows; oneseat rebuilds a \
         missing image",
    ),
    (
        "image_form",
        &["version", "hash_key", "hash_bits", "newest", "hash"],
        "its own hash, and a comparison with a rebuilt image",
    ),
    (
        CountRow::TABLE,
        CountRow::COLUMNS,
        "its own hash, and counting again; a count that would not be counted again is never used \
         for an answer",
    ),
];

/// The protection of the journal itself against unnoticed changes: the name of its table, the columns, and a
/// description of their protection.
pub const JOURNAL_COVERAGE: (&str, &[&str], &str) = (
    LineRow::TABLE,
    LineRow::COLUMNS,
    "the chain of hashes, one line for each row of the books, and a head that you have written \
     down",
);
