//! The journal: one line for each writing command, chained by hash to the line before. The newest hash is the
//! head: someone who wrote it down can later tell that no line before it changed (architecture.md section 2). A
//! line names no person: accounts, reasons, file names and the content of files are in their own tables, and
//! the line commits to them. Lines of earlier versions contain them in plain text and are not changed.
//!
//! What a line states of a row of the books follows from the description of the row ([`BookRow`]).

use rusqlite::{Connection, OptionalExtension};
use serde_json::{Value, json};

use super::Store;
use super::knowledge::{Knowledge, LATE, greatest};
use super::row::{Journaled, StoredRow, stored_row};
use super::sql::hex;
use crate::error::{Result, no_random_numbers};
use crate::model::{DayMeans, Instant, Source, SourceKind};

/// A line of the journal, as it is shown in answers.
#[derive(Debug, Clone)]
pub struct JournalLine {
    /// The number of the line.
    pub line: i64,
    /// When the command was run; `None` if the line does not state it.
    pub at: Option<Instant>,
    /// The name of the command.
    pub command: String,
    /// The source that the line is about, under its present name.
    pub source: Option<Source>,
    /// The number of the snapshot that the line is about.
    pub snapshot: Option<i64>,
    /// The hash of the line, in hexadecimal digits.
    pub hash: String,
}

impl Store {
    /// Every line of the journal, in order.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn journal_lines(&self) -> Result<Vec<JournalLine>> {
        let sql = "SELECT line, at, command, source_kind, source, snapshot, hash \
                   FROM journal_lines ORDER BY line";
        let mut statement = self.connection.prepare(sql)?;
        let lines = statement.query_map([], |row| {
            let (at, kind): (Option<String>, Option<String>) = (row.get(1)?, row.get(3)?);
            let kind = kind.as_deref().and_then(SourceKind::from_name);
            let name: Option<String> = row.get(4)?;
            Ok(JournalLine {
                line: row.get(0)?,
                at: at.and_then(|at| Instant::parse(&at, DayMeans::Start)),
                command: row.get::<_, Option<String>>(2)?.unwrap_or_default(),
                source: kind.zip(name).map(|(kind, name)| Source { kind, name }),
                snapshot: row.get(5)?,
                hash: row.get(6)?,
            })
        })?;
        Ok(lines.collect::<rusqlite::Result<_>>()?)
    }
}

stored_row! {
    /// A line of the journal as it is stored.
    LineRow, "journal", line {
        entry: String,
        previous: Vec<u8>,
        hash: Vec<u8>,
    }
}

/// A row of the books: one line of the journal introduces it, and states or commits to all its columns.
pub(super) trait BookRow: StoredRow {
    /// What the journal calls such a row. The line has the row's number under this key.
    const KIND: &'static str;

    /// The commands that write such a row. The first one is in the line unless a column states another.
    const COMMANDS: &'static [&'static str];

    /// The salt of the commitment; `None` if a line of an earlier version contains the values in plain text.
    fn salt(&self) -> Option<&[u8]>;

    /// The line that introduces the row.
    fn line(&self, number: i64) -> Value {
        let mut line = Self::begin_line(number);
        self.say(&mut line);
        self.commit(&mut line);
        line
    }

    /// The first keys of the line. Columns give two of them their values.
    fn begin_line(number: i64) -> Value {
        json!({"command": Self::COMMANDS.first(), "at": null, (Self::KIND): number})
    }

    /// Adds the columns that the line contains. A key that is in the line stays where it is.
    fn say(&self, line: &mut Value) {
        for (key, column) in self.journaled() {
            if let Journaled::Said(value) = column {
                line[key] = value;
            }
        }
    }

    /// Adds the commitment to the other columns.
    fn commit(&self, line: &mut Value) {
        line["commitment"] = json!(self.commitment());
    }

    /// The commitment to the columns that the line does not contain; `None` without a salt.
    fn commitment(&self) -> Option<String> {
        let committed = self.journaled().into_iter().filter_map(|(key, column)| match column {
            Journaled::Committed(value) => Some((key.to_owned(), value)),
            Journaled::Said(_) => None,
        });
        Some(commitment(self.salt()?, &Value::Object(committed.collect())))
    }
}

/// Appends a line, in the transaction that makes the change it records.
pub(super) fn append(connection: &Connection, entry: &Value) -> Result<()> {
    let entry = entry.to_string();
    let previous = head(connection, Knowledge::ALL)?.unwrap_or([0; 32]);
    let hash = chain(&previous, &entry).to_vec();
    LineRow { entry, previous: previous.to_vec(), hash }.insert(connection, None)?;
    Ok(())
}

/// The salt of a commitment.
pub(super) type Salt = [u8; 16];

/// Makes a salt for a value that may have to be forgotten with a person. The line has a commitment to the value
/// in its place.
///
/// # Errors
/// If the operating system provides no random numbers.
pub(super) fn salt() -> Result<Salt> {
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).map_err(|error| no_random_numbers(&error))?;
    Ok(salt)
}

/// The commitment that a line contains in place of a value in another table: BLAKE3 of the salt, which is
/// stored beside the value, and of the value as JSON.
fn commitment(salt: &[u8], value: &Value) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(salt).update(value.to_string().as_bytes());
    hex(hasher.finalize().as_bytes())
}

/// The time of a command that begins to write now: the time when it was started, but not before any existing
/// line, because it may have waited for its turn. If the clock is further behind, it is wrong. Its time is
/// recorded unchanged, and what is known depends on the order of the lines anyway.
pub(super) fn not_before(connection: &Connection, now: Instant) -> Result<Instant> {
    let late = |it: &Instant| *it > now && *it <= now.plus_seconds(LATE);
    Ok(greatest(connection)?.filter(late).unwrap_or(now))
}

/// The hash of the newest line that is known, if there is one.
pub(super) fn head(connection: &Connection, known: Knowledge) -> Result<Option<[u8; 32]>> {
    let sql = "SELECT hash FROM main.journal WHERE line < ?1 ORDER BY line DESC LIMIT 1";
    Ok(connection.prepare_cached(sql)?.query_row([known.lines], |row| row.get(0)).optional()?)
}

/// The hash of a line after the one before it.
pub(super) fn chain(previous: &[u8], entry: &str) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(previous);
    hasher.update(entry.as_bytes());
    *hasher.finalize().as_bytes()
}
