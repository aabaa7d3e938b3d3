//! Checks the journal: the chain of its hashes, and the rules for its lines.
//!
//! A head that somebody has written down protects the line with this hash and every earlier line. Exactly one line
//! may introduce each row of the books, so that a later line cannot contradict an earlier one. The first line about
//! a row counts, and a second one is reported. The numbers of each kind of row rise by one. A line refers only to
//! rows that an earlier line introduced.

use std::collections::HashMap;

use rusqlite::Connection;
use serde_json::Value;

use super::Verified;
use crate::code::VerifyCode;
use crate::error::Result;
use crate::model::{DayMeans, Instant};
use crate::store::books::{DeclarationRow, VoidingRow};
use crate::store::directory::DigestKeyRow;
use crate::store::filling::FillingRow;
use crate::store::journal::{self, BookRow, LineRow};
use crate::store::links::LinkRow;
use crate::store::questions::QuestionRow;
use crate::store::row::RowColumns;
use crate::store::snapshot_row::SnapshotRow;
use crate::store::sql::hex;

/// The kinds of rows that lines of the journal introduce, each with the commands that write such a line. In the
/// line, the kind is the key of the row's number.
const KINDS: [(&str, &[&str]); 7] = [
    kind::<SnapshotRow>(),
    kind::<VoidingRow>(),
    kind::<DeclarationRow>(),
    kind::<LinkRow>(),
    kind::<QuestionRow>(),
    kind::<DigestKeyRow>(),
    kind::<FillingRow>(),
];

const fn kind<T: BookRow>() -> (&'static str, &'static [&'static str]) {
    (T::KIND, T::COMMANDS)
}

#[derive(Default)]
pub struct JournalLines {
    /// The journal entries that introduce rows of the books, by kind of row and number.
    told: HashMap<&'static str, HashMap<i64, Value>>,
    /// For each kind of row, the greatest number that a line has introduced so far.
    greatest: HashMap<&'static str, i64>,
    /// The kind and the name of each source. The source's first import states them, or an earlier declaration.
    sources: HashMap<i64, Value>,
}

impl JournalLines {
    /// The journal entries that introduce rows of one kind (such as snapshots), with the numbers of the rows.
    pub fn of(&self, kind: &str) -> impl Iterator<Item = (i64, &Value)> {
        self.told.get(kind).into_iter().flatten().map(|(number, entry)| (*number, entry))
    }

    /// The journal entry that introduces the row with this kind (such as `snapshot`) and this number.
    pub fn entry(&self, kind: &str, number: i64) -> Option<&Value> {
        self.told.get(kind)?.get(&number)
    }

    /// The kind and the name of each source, as the first line about the source states them, by the number of
    /// the source.
    pub fn sources(&self) -> &HashMap<i64, Value> {
        &self.sources
    }

    fn take(&mut self, line: i64, entry: Value, verified: &mut Verified) {
        let mut broken = |message: String| verified.broken(VerifyCode::Journal, message);
        let command = entry["command"].as_str().unwrap_or_default();
        let Some((kind, _)) = KINDS.iter().find(|(_, commands)| commands.contains(&command)) else {
            return broken(format!("journal: line {line} names no command that writes"));
        };
        let Some(number) = entry[*kind].as_i64() else {
            return broken(format!("journal: line {line} names no {kind}"));
        };
        let told = self.told.entry(kind).or_default();
        if told.contains_key(&number) {
            return broken(format!("journal: line {line} introduces {kind} {number} again"));
        }
        let greatest = self.greatest.entry(kind).or_default();
        let next = greatest.saturating_add(1);
        *greatest = number.max(*greatest);
        if number != next {
            broken(format!(
                "journal: line {line} introduces {kind} {number}, but the next number is {next}"
            ));
        }
        let snapshot = entry["snapshot"].as_i64();
        if matches!(*kind, "voiding" | "filling")
            && snapshot.is_none_or(|it| self.entry("snapshot", it).is_none())
        {
            broken(format!(
                "journal: line {line} names a snapshot that no line before it introduces"
            ));
        }
        // A declaration states the kind and the name of a source only if it introduces the source.
        let is_told = *kind == "snapshot" || entry["source"].is_object();
        if let (true, Some(source)) = (is_told, entry["source_id"].as_i64()) {
            self.sources.entry(source).or_insert_with(|| entry["source"].clone());
        }
        self.told.entry(kind).or_default().insert(number, entry);
    }
}

/// Checks the chain of hashes, and every line of the journal.
pub fn check(
    connection: &Connection,
    head: Option<&str>,
    verified: &mut Verified,
) -> Result<JournalLines> {
    let mut statement = connection.prepare("SELECT * FROM journal ORDER BY line")?;
    let columns = RowColumns::<LineRow>::of(&statement)?;
    let mut rows = statement.query([])?;
    let (mut lines, mut last, mut found) = (JournalLines::default(), vec![0u8; 32], None);
    while let Some(row) = rows.next()? {
        let (line, LineRow { entry, previous, hash }) = columns.read(row)?;
        verified.lines += 1;
        if line != verified.lines {
            verified.broken(
                VerifyCode::Journal,
                format!("journal.line {line} does not follow the number of the line before"),
            );
        }
        if previous != last {
            verified.broken(
                VerifyCode::Journal,
                format!("journal.previous of line {line} is not the hash of the line before"),
            );
        }
        if hash != journal::chain(&previous, &entry) {
            verified.broken(
                VerifyCode::Journal,
                format!(
                    "journal.hash of line {line} is not the hash of journal.previous and \
                     journal.entry"
                ),
            );
        }
        if head.is_some_and(|head| head.eq_ignore_ascii_case(&hex(&hash))) {
            found = Some(verified.lines);
        }
        last = hash;
        match as_written(&entry) {
            Some((at, entry)) => {
                verified.times.push(at);
                lines.take(line, entry, verified);
            }
            None => {
                verified.times.push(verified.times.last().copied().unwrap_or_default());
                let message =
                    format!("journal.entry of line {line} is not as this program writes it");
                verified.broken(VerifyCode::Journal, message);
            }
        }
    }
    verified.head = (verified.lines > 0).then(|| hex(&last));
    match (head, found) {
        (Some(head), None) => {
            verified
                .broken(VerifyCode::Head, format!("no line of the journal has the hash {head}"));
        }
        (Some(_), Some(found)) => verified.written_since = Some(verified.lines - found),
        (None, _) => {}
    }
    Ok(lines)
}

/// The time and the value of a journal entry; `None` unless the entry is written exactly as this program writes
/// it. From any other text, such as one with a repeated key, SQLite could read another value than this program.
fn as_written(text: &str) -> Option<(Instant, Value)> {
    let entry: Value = serde_json::from_str(text).ok()?;
    let mut keys = entry.as_object()?.keys();
    let written = entry.to_string();
    if keys.next()? != "command" || keys.next()? != "at" || written != text {
        return None;
    }
    let at = Instant::parse(entry["at"].as_str()?, DayMeans::Start)?;
    (entry["at"].as_str() == Some(at.to_string().as_str())).then_some((at, entry))
}
