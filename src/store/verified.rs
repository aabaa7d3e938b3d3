//! Records when `oneseat verify` last found everything in order.
//!
//! The result is stored in a small file beside the database, `FILE-verified`, and not in a table. `oneseat verify`
//! only reads, must not change the head that it has just confirmed, and must work where the database cannot be
//! written. The file contains instants, the head and the number of lines of the journal, and no personal data. It
//! is no proof for anybody else, because everybody who can write to the folder can forge it. For users of the
//! database it shows whether somebody has verified the database since the last change.

use std::io::Write as _;
use std::path::Path;

use rusqlite::OptionalExtension as _;
use serde::{Deserialize, Serialize};

use super::Store;
use super::place_on_disk::{VERIFIED, beside, folder_of};
use super::sql::hex;
use crate::error::{Error, Result};
use crate::model::{DayMeans, Instant};
use crate::temporary;

const SCHEMA: &str = "oneseat.verified/1";

/// The greatest length of the file, in bytes. This program does not write a longer one.
const LONGEST: u64 = 4096;

/// The results of the last runs of `verify`: when it passed and when it failed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LastVerified {
    /// The time at which `oneseat verify` last found everything in order, and the position of the journal at that
    /// time.
    pub passed: Option<(Instant, JournalPosition)>,
    /// The time at which `oneseat verify` last found something wrong; `None` if a later run found everything in
    /// order.
    pub failed: Option<Instant>,
}

/// The position of a journal: its number of lines, and the hash of the last one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JournalPosition {
    /// The number of lines in the journal.
    pub lines: i64,
    /// The hash of the journal's last line, in hexadecimal digits; `None` if the journal is empty.
    pub head: Option<String>,
}

/// The change of a journal since an earlier position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// This many lines were added, and no earlier line was changed.
    Lines(i64),
    /// The line that was the last one at the earlier position is gone. The database is another one or an older
    /// one, or its journal was rewritten.
    Another,
}

/// The content of the file `FILE-verified`, as JSON.
#[derive(Serialize, Deserialize)]
struct Kept {
    schema: String,
    passed_at: Option<String>,
    lines: i64,
    head: Option<String>,
    failed_at: Option<String>,
}

impl LastVerified {
    /// The results in the file beside a database; empty if there is no such file, or its content is invalid.
    pub fn of(database: &Path) -> LastVerified {
        LastVerified::read(&beside(database, VERIFIED)).unwrap_or_default()
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

    /// Writes the results into a file beside a database, which only its owner can read. Replaces earlier
    /// results.
    ///
    /// # Errors
    /// [`crate::error::ErrorKind::Output`] if the file cannot be written.
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
        let file = beside(database, VERIFIED);
        let written = serde_json::to_vec(&kept).map_err(std::io::Error::from).and_then(|text| {
            // Temporary files have the mode 0600. If the name of the file is that of a link, the link is
            // replaced and not followed.
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
    /// The present position of the journal.
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

    /// The change of the journal since the position `then`.
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
