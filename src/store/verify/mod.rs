//! `oneseat verify`: checks every promise about the stored data again.
//!
//! The journal is a chain of hashes. Its lines repeat every column of the books (snapshots, sources,
//! voidings, declarations, links, saved questions). Every record has a salted hash, and everything derived
//! from a record is derived again and compared. The spans and the record hashes together give the content
//! hash of each snapshot. [`COVERAGE`] lists the protection of every column.

mod books;
mod image;
mod journal;
mod records;
mod rows;
mod schema;
mod sources;
mod spans;

use std::collections::BTreeMap;

use rusqlite::Connection;

use super::{Store, migrate, schema as schema_rows, sound};
use crate::code::VerifyCode;
use crate::error::Result;
use crate::model::Instant;

/// One promise that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The stable code.
    pub code: VerifyCode,
    /// What is wrong, with table, column and row.
    pub message: String,
}

/// What `verify` found.
#[derive(Debug, Default)]
pub struct Verified {
    /// The hash of the journal's newest line, in hexadecimal digits; `None` if the journal is empty.
    pub head: Option<String>,
    /// The number of lines in the journal.
    pub lines: i64,
    /// The time of each line, by the clock of the command that wrote it.
    pub times: Vec<Instant>,
    /// The number of lines after the requested head; `None` if no head was requested, or none was found.
    pub written_since: Option<i64>,
    /// The number of snapshots that were checked.
    pub snapshots: u64,
    /// The promises that do not hold.
    pub broken: Vec<Broken>,
    /// What is no finding: objects that are not this program's, and a missing image.
    pub notes: Vec<String>,
    /// For each code, the number of findings that were not kept.
    left_off: BTreeMap<VerifyCode, u64>,
}

/// At most so many findings with one code are kept, because a database can be damaged everywhere.
const TOLD: usize = 100;

impl Verified {
    pub(super) fn broken(&mut self, code: VerifyCode, message: String) {
        if self.broken.iter().filter(|broken| broken.code == code).count() < TOLD {
            self.broken.push(Broken { code, message });
        } else {
            *self.left_off.entry(code).or_default() += 1;
        }
    }

    /// Says what was not kept.
    fn note_what_is_left_off(&mut self) {
        for (code, more) in std::mem::take(&mut self.left_off) {
            self.notes
                .push(format!("{code}: the first {TOLD} are listed, and {more} more are not"));
        }
    }
}

impl Store {
    /// Checks everything. If `head` is given, a line of the journal must have this hash.
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
        image.compare(&self.connection, &mut verified)?;
        verified.note_what_is_left_off();
        Ok(verified)
    }
}

/// Runs SQLite's own checks of pages, indexes and references. A check of the whole file would evaluate
/// expressions in foreign tables. If there are any, only our tables are checked, one by one.
fn sqlite(connection: &Connection, verified: &mut Verified) -> Result<()> {
    let objects = schema_rows::objects(connection)?;
    let alone = schema_rows::others(&objects, migrate::VERSION)?.is_empty();
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
                format!("a row of {table} names a row of {parent} that is not there"),
            );
        }
    }
    Ok(())
}

/// The protection of every column: the table, its columns, and what protects them.
pub const COVERAGE: [(&str, &[&str], &str); 18] = [
    ("source_kinds", &["kind"], "the kinds that this program knows"),
    ("stored_sources", &["source_id", "kind", "name"], "the journal's first line about it"),
    (
        "declarations",
        &[
            "declaration_id",
            "source_id",
            "what",
            "value",
            "valid_from",
            "declared_at",
            "reason",
            "salt",
        ],
        "its line of the journal",
    ),
    (
        "links",
        &[
            "link_id",
            "says",
            "a_source",
            "a_host",
            "a_account",
            "b_source",
            "b_host",
            "b_account",
            "reason",
            "valid_from",
            "declared_at",
            "salt",
        ],
        "its line of the journal",
    ),
    (
        "stored_snapshots",
        &[
            "snapshot_id",
            "source_id",
            "place",
            "imported_at",
            "taken_at_from",
            "format",
            "file",
            "sha256",
            "rows",
            "accounts",
            "consumed",
            "purchased",
            "complete",
            "partial",
            "accepted_short",
            "facts",
            "warnings",
            "content_hash",
            "salt",
        ],
        "its line of the journal; the content hash also by the records that hold there",
    ),
    (
        "voidings",
        &["voiding_id", "snapshot_id", "voided", "reason", "declared_at", "salt"],
        "its line of the journal",
    ),
    (
        "saved_questions",
        &["question_id", "name", "statement", "declared_at", "salt"],
        "its line of the journal",
    ),
    ("content_sums", &["source_id", "place", "sum"], "the sum of the records, added up again"),
    ("shapes", &["shape_id", "fields"], "the hash of every record of this form"),
    (
        "states",
        &[
            "state_id",
            "source_id",
            "snapshot_id",
            "account_id",
            "row",
            "roles",
            "visual_studio",
            "suspended",
            "login",
            "account",
            "shape_id",
            "content",
            "salt",
            "record_hash",
        ],
        "the record's hash, and its text, from which the rest is derived again; snapshot_id by the \
         content hash of every snapshot and the line of its import",
    ),
    (
        "spans",
        &["state_id", "from_place", "to_place"],
        "the content hash of every snapshot that it touches",
    ),
    (
        "addresses",
        &["row_id", "kinds", "text", "key"],
        "the record's text, from which it is derived again",
    ),
    ("hosts", &["host_id", "host"], "the record's text, from which listed ids are derived again"),
    (
        "stored_listed",
        &["row_id", "host_id", "id"],
        "the record's text, from which it is derived again",
    ),
    (
        "stored_memberships",
        &["row_id", "organization", "repository", "role"],
        "the record's text, from which it is derived again",
    ),
    (
        "image",
        &["part", "first", "count", "data", "hash"],
        "its own hash, and making it again from the rows; a missing image is made again",
    ),
    (
        "image_form",
        &["version", "hash_key", "hash_bits", "newest", "hash"],
        "its own hash, and making the image again",
    ),
    (
        "stored_counts",
        &["count_id", "at", "enterprise", "inputs", "counts", "doubles", "line_hash"],
        "its own hash, and counting again; what would not be counted again answers nothing",
    ),
];

/// The protection of the journal itself.
pub const JOURNAL_COVERAGE: (&str, &[&str], &str) = (
    "journal",
    &["line", "entry", "previous", "hash"],
    "the chain of hashes, one line for each thing, and a head that you have written down",
);
