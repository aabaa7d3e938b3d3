//! The journal: one line for each writing command, chained by hash to the line before. The newest
//! hash is the head: whoever has written it down can tell later that nothing before it changed
//! (architecture.md section 2).

use rusqlite::{Connection, OptionalExtension};

use super::Store;
use crate::error::Result;
use crate::model::{DayMeans, Instant, Source, SourceKind};

/// A line of the journal, as answers show it.
#[derive(Debug, Clone)]
pub struct JournalLine {
    /// Its number.
    pub line: i64,
    /// When the command was given; `None` if the line does not say it.
    pub at: Option<Instant>,
    /// What was done.
    pub command: String,
    /// The source that it is about, under the name that it has now.
    pub source: Option<Source>,
    /// The snapshot that it is about.
    pub snapshot: Option<i64>,
    /// Its hash, in hexadecimal digits.
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

/// Appends a line within the transaction that does what it tells.
pub(super) fn append(connection: &Connection, entry: &serde_json::Value) -> Result<()> {
    let entry = entry.to_string();
    let previous = head(connection)?.unwrap_or([0; 32]);
    connection
        .prepare_cached("INSERT INTO journal (entry, previous, hash) VALUES (?1, ?2, ?3)")?
        .execute((&entry, previous, chain(&previous, &entry)))?;
    Ok(())
}

/// How far back a command's time may lie behind the newest line because it waited for its turn, in
/// seconds. A greater distance is a clock that was wrong, which must not stay wrong for ever.
const LATE: i64 = 3600;

/// The time of a command that begins to write now: that at which it was started, but not before the
/// newest line, so that what was known on an instant is what the journal held then.
pub(super) fn not_before(connection: &Connection, now: Instant) -> Result<Instant> {
    let sql = "SELECT json_extract(entry, '$.at') FROM journal ORDER BY line DESC LIMIT 1";
    let newest: Option<Option<String>> =
        connection.query_row(sql, [], |row| row.get(0)).optional()?;
    let newest = newest.flatten().and_then(|at| Instant::parse(&at, DayMeans::End));
    Ok(newest.filter(|newest| *newest > now && *newest <= now.plus_seconds(LATE)).unwrap_or(now))
}

/// The hash of the newest line, if there is one.
pub(super) fn head(connection: &Connection) -> Result<Option<[u8; 32]>> {
    let sql = "SELECT hash FROM journal ORDER BY line DESC LIMIT 1";
    Ok(connection.prepare_cached(sql)?.query_row([], |row| row.get(0)).optional()?)
}

/// The hash of the newest line written by an instant, if there is one.
pub(super) fn head_on(connection: &Connection, known_on: Instant) -> Result<Option<[u8; 32]>> {
    let sql = "SELECT hash FROM journal WHERE json_extract(entry, '$.at') <= ?1 \
               ORDER BY line DESC LIMIT 1";
    Ok(connection.query_row(sql, [known_on.to_string()], |row| row.get(0)).optional()?)
}

/// The hash of a line after the one before it.
pub(super) fn chain(previous: &[u8], entry: &str) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(previous);
    hasher.update(entry.as_bytes());
    *hasher.finalize().as_bytes()
}
