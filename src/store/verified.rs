//! When `verify` last found that everything holds.
//!
//! It is kept in a small file beside the database, `FILE-verified`, and not in a table: verifying
//! only reads, must not move the head that it has just confirmed, and must work where the database
//! may not be written. The file holds instants, a head and a number of lines, no personal data. It
//! proves nothing to anybody else (whoever can write there can write it); it answers the question
//! whether somebody has looked since the last change.

use std::io::Write as _;
use std::path::Path;

use rusqlite::OptionalExtension as _;
use serde::{Deserialize, Serialize};

use super::place_on_disk::beside;
use super::{Store, folder_of, hex};
use crate::error::{Error, Result};
use crate::model::{DayMeans, Instant};
use crate::temporary;

/// How the file's name ends.
pub(super) const BESIDE: &str = "-verified";

const SCHEMA: &str = "oneseat.verified/1";

/// A file that is longer is none of ours.
const LONGEST: u64 = 4096;

/// What `verify` found the last times.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LastVerified {
    /// When everything held last, and where the journal was then.
    pub passed: Option<(Instant, JournalPosition)>,
    /// When something did not hold, if that was later.
    pub failed: Option<Instant>,
}

/// Where a journal is: its number of lines, and the hash of the last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JournalPosition {
    /// The number of lines.
    pub lines: i64,
    /// The hash of the last line, in hexadecimal digits; `None` if there is none.
    pub head: Option<String>,
}

/// What has happened to a journal since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// So many lines were written after it; nothing before was changed.
    Lines(i64),
    /// The line that was the last is not there any more: the file is another one, an older one, or
    /// was rewritten.
    Another,
}

/// The file's text.
#[derive(Serialize, Deserialize)]
struct Kept {
    schema: String,
    passed_at: Option<String>,
    lines: i64,
    head: Option<String>,
    failed_at: Option<String>,
}

impl LastVerified {
    /// What is kept beside a database; nothing, where there is no such file or it is not understood.
    pub fn of(database: &Path) -> LastVerified {
        LastVerified::read(&beside(database, BESIDE)).unwrap_or_default()
    }

    fn read(file: &Path) -> Option<LastVerified> {
        let metadata = std::fs::metadata(file).ok()?;
        if !metadata.is_file() || metadata.len() > LONGEST {
            return None;
        }
        let kept: Kept = serde_json::from_slice(&std::fs::read(file).ok()?).ok()?;
        if kept.schema != SCHEMA {
            return None;
        }
        let instant = |text: Option<String>| Instant::parse(&text?, DayMeans::Start);
        let journal = JournalPosition { lines: kept.lines, head: kept.head };
        Some(LastVerified {
            passed: instant(kept.passed_at).map(|at| (at, journal)),
            failed: instant(kept.failed_at),
        })
    }

    /// Keeps it beside a database, readable by its owner only; what was there is replaced.
    ///
    /// # Errors
    /// [`crate::error::Kind::Output`] if it cannot be written.
    pub fn keep(&self, database: &Path) -> Result<()> {
        let text = |at: Option<Instant>| at.map(|at| at.to_string());
        let journal = self.passed.as_ref().map(|(_, journal)| journal.clone()).unwrap_or_default();
        let kept = Kept {
            schema: SCHEMA.to_owned(),
            passed_at: text(self.passed.as_ref().map(|(at, _)| *at)),
            lines: journal.lines,
            head: journal.head,
            failed_at: text(self.failed),
        };
        let file = beside(database, BESIDE);
        let written = serde_json::to_vec(&kept).map_err(std::io::Error::from).and_then(|text| {
            // Temporary files have the mode 0600, and a link in the place is replaced, not followed.
            let mut beside = temporary::file(folder_of(&file), "verified")?;
            beside.write_all(&text)?;
            beside.put_in_place(&file)
        });
        let cannot = |error| {
            Error::output(format!("{}: cannot be written", file.display())).caused_by(error)
        };
        written.map_err(cannot)
    }
}

impl Store {
    /// Where the journal is.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn journal(&self) -> Result<JournalPosition> {
        let sql = "SELECT line, hash FROM journal ORDER BY line DESC LIMIT 1";
        let last = self.connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)));
        let last: Option<(i64, Vec<u8>)> = last.optional()?;
        Ok(last.map_or_else(JournalPosition::default, |(lines, hash)| JournalPosition {
            lines,
            head: Some(hex(&hash)),
        }))
    }

    /// What has happened to the journal since it was there.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn journal_since(&self, then: &JournalPosition) -> Result<Since> {
        let sql = "SELECT hash FROM journal WHERE line = ?1";
        let hash = self.connection.query_row(sql, [then.lines], |row| row.get::<_, Vec<u8>>(0));
        if hash.optional()?.map(|hash| hex(&hash)) != then.head {
            return Ok(Since::Another);
        }
        Ok(Since::Lines(self.journal()?.lines - then.lines))
    }
}
