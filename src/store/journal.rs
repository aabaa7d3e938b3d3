//! Writes and reads the journal. The journal has one line for each writing command, and each line is chained by
//! its hash to the line before it. The newest hash is the head: a person who wrote the head down can later tell
//! whether any line before it was changed (architecture.md section 2). A line names no person. Accounts, reasons,
//! file names and the content of files stand in tables of their own, and the line holds only a salted hash of
//! them, the commitment. Lines of earlier versions of this program contain these values in plain text and are
//! never changed.
//!
//! [`BookRow`] describes which columns of a row of the books its line of the journal states, and which columns
//! the line only commits to.

use rusqlite::{Connection, OptionalExtension};
use serde_json::{Value, json};

use super::Store;
use super::knowledge::{Knowledge, LATE, greatest};
use super::row::{Journaled, StoredRow, stored_row};
use super::sql::hex;
use crate::error::{Result, no_random_numbers};
use crate::model::{DayMeans, Instant, Source, SourceKind};

/// A line of the journal, as answers show it.
#[derive(Debug, Clone)]
pub struct JournalLine {
    /// The number of the line, counted from 1.
    pub line: i64,
    /// The time at which the command was run; `None` if the line does not state a time.
    pub at: Option<Instant>,
    /// The name of the command that wrote the line, such as `import`.
    pub command: String,
    /// The source that the line is about, under its present name; `None` if the line is about no source.
    pub source: Option<Source>,
    /// The number of the snapshot that the line is about; `None` if the line is about no snapshot.
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
    /// A row of the table `journal`: a line of the journal, the hash of the line before it, and its own hash.
    LineRow, "journal", line {
        entry: String,
        previous: Vec<u8>,
        hash: Vec<u8>,
    }
}

/// A row of the books (the tables of snapshots and declarations). One line of the journal introduces each row,
/// and that line states or commits to every column of the row.
pub(super) trait BookRow: StoredRow {
    /// The word for this kind of row in the journal. The line that introduces a row holds the number of the row
    /// under this key.
    const KIND: &'static str;

    /// The commands that write this kind of row. The line of the journal names the first command, unless a column
    /// of the row states another one.
    const COMMANDS: &'static [&'static str];

    /// The salt of the commitment (salted hash) to the row. `None` for a row that an earlier version of this
    /// program wrote: its line of the journal contains the values in plain text.
    fn salt(&self) -> Option<&[u8]>;

    /// The line of the journal that introduces the row with this number.
    fn line(&self, number: i64) -> Value {
        let mut line = Self::begin_line(number);
        self.say(&mut line);
        self.commit(&mut line);
        line
    }

    /// The first keys of a line of the journal, in their order. The values of `command` and `at` may be replaced
    /// by columns of the row.
    fn begin_line(number: i64) -> Value {
        json!({"command": Self::COMMANDS.first(), "at": null, (Self::KIND): number})
    }

    /// Adds to the line of the journal the columns whose values the journal states. A key that the line already has
    /// keeps its position.
    fn say(&self, line: &mut Value) {
        for (key, column) in self.journaled() {
            if let Journaled::Said(value) = column {
                line[key] = value;
            }
        }
    }

    /// Adds to the line of the journal the commitment (salted hash) to the columns whose values the line does
    /// not state.
    fn commit(&self, line: &mut Value) {
        line["commitment"] = json!(self.commitment());
    }

    /// The commitment: a salted hash of the columns whose values the line of the journal does not state. `None`
    /// if the row has no salt.
    fn commitment(&self) -> Option<String> {
        let committed = self.journaled().into_iter().filter_map(|(key, column)| match column {
            Journaled::Committed(value) => Some((key.to_owned(), value)),
            Journaled::Said(_) => None,
        });
        Some(commitment(self.salt()?, &Value::Object(committed.collect())))
    }
}

/// Appends a line to the journal. The caller must append the line in the same transaction as the change that the
/// line records.
pub(super) fn append(connection: &Connection, entry: &Value) -> Result<()> {
    let entry = entry.to_string();
    let previous = head(connection, Knowledge::ALL)?.unwrap_or([0; 32]);
    let hash = chain(&previous, &entry).to_vec();
    LineRow { entry, previous: previous.to_vec(), hash }.insert(connection, None)?;
    Ok(())
}

/// The random salt of a commitment, which keeps anybody from guessing the committed value.
pub(super) type Salt = [u8; 16];

/// Makes a salt for the commitment to a value that may have to be deleted when a person must be forgotten. The
/// line of the journal contains the commitment instead of the value.
///
/// # Errors
/// If the operating system provides no random numbers.
pub(super) fn salt() -> Result<Salt> {
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).map_err(|error| no_random_numbers(&error))?;
    Ok(salt)
}

/// The commitment that a line of the journal contains instead of a value in another table: the BLAKE3 of the
/// value as JSON and of the salt, which is stored beside the value.
fn commitment(salt: &[u8], value: &Value) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(salt).update(value.to_string().as_bytes());
    hex(hasher.finalize().as_bytes())
}

/// The time that the journal records for a command that begins to write. It is `now`, the time at which the
/// command was started. But if the newest time in the journal is later by at most `LATE` seconds, that time is
/// recorded, because the command may have waited for another one that wrote. If the difference is greater, the
/// clock of the command is wrong, and its time is recorded unchanged: the order of the lines decides what is
/// known (counting.md section 8).
pub(super) fn not_before(connection: &Connection, now: Instant) -> Result<Instant> {
    let late = |it: &Instant| *it > now && *it <= now.plus_seconds(LATE);
    Ok(greatest(connection)?.filter(late).unwrap_or(now))
}

/// The hash of the newest journal line that was known, by the limits in `known`; `None` if there is no such
/// line.
pub(super) fn head(connection: &Connection, known: Knowledge) -> Result<Option<[u8; 32]>> {
    let sql = "SELECT hash FROM main.journal WHERE line < ?1 ORDER BY line DESC LIMIT 1";
    Ok(connection.prepare_cached(sql)?.query_row([known.lines], |row| row.get(0)).optional()?)
}

/// The hash of a line of the journal. It covers the hash of the line before and the text of the line.
pub(super) fn chain(previous: &[u8], entry: &str) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(previous);
    hasher.update(entry.as_bytes());
    *hasher.finalize().as_bytes()
}
