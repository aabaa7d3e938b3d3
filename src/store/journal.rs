//! The journal: one line for each writing command, chained by hash to the line before. The newest hash is the
//! head: someone who wrote it down can later tell that no line before it changed (architecture.md section 2). A
//! line names no person: accounts, reasons, file names and the content of files are in their own tables, and
//! the line commits to them. Lines of earlier versions contain them in plain text and are not changed.

use rusqlite::{Connection, OptionalExtension};

use super::Store;
use super::knowledge::{Knowledge, LATE, greatest};
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

/// Appends a line, in the transaction that makes the change it records.
pub(super) fn append(connection: &Connection, entry: &serde_json::Value) -> Result<()> {
    let entry = entry.to_string();
    let previous = head(connection, Knowledge::ALL)?.unwrap_or([0; 32]);
    connection
        .prepare_cached("INSERT INTO journal (entry, previous, hash) VALUES (?1, ?2, ?3)")?
        .execute((&entry, previous, chain(&previous, &entry)))?;
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
pub(super) fn commitment(salt: &[u8], value: &serde_json::Value) -> String {
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
