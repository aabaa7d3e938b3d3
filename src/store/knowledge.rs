//! What is known on an instant (counting.md section 8). The journal's order decides: a line is not known before
//! the lines in front of it, whatever clock its command had. So a slow clock, or one that was set back, does
//! not change what was known earlier. Numbers rise from line to line (`verify` checks it), so what is known of
//! each kind ends at a number.

use rusqlite::{Connection, OptionalExtension};

use super::Store;
use crate::error::Result;
use crate::model::{DayMeans, Instant};

/// Limits of what is known: for each kind, the numbers below this are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Knowledge {
    /// Lines of the journal.
    pub lines: i64,
    /// Snapshots.
    pub snapshots: i64,
    /// Lines about voided snapshots.
    pub voidings: i64,
    /// Declarations about sources.
    pub declarations: i64,
    /// Declarations about pairs of accounts.
    pub links: i64,
}

impl Knowledge {
    /// Everything is known.
    pub const ALL: Knowledge = Knowledge {
        lines: i64::MAX,
        snapshots: i64::MAX,
        voidings: i64::MAX,
        declarations: i64::MAX,
        links: i64::MAX,
    };
}

/// The times of the journal, to compare with a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JournalTimes {
    /// The greatest time of all lines.
    pub greatest: Instant,
    /// The time of the newest line.
    pub newest: Instant,
}

/// How many seconds a clock may be behind the journal without being reported. A command that waited for its
/// turn may be behind although its clock is right.
pub const LATE: i64 = 3600;

impl JournalTimes {
    /// How many seconds a clock is behind the journal, if that must be reported.
    pub fn behind(self, clock: Instant) -> Option<i64> {
        Some(self.greatest.unix() - clock.unix()).filter(|behind| *behind > LATE)
    }
}

impl Store {
    /// What is known on an instant; everything for `None`.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn knowledge(&self, known_on: Option<Instant>) -> Result<Knowledge> {
        let Some(known_on) = known_on else { return Ok(Knowledge::ALL) };
        let sql = include_str!("../../schema/queries/known_before.sql");
        let knowledge = self.connection.query_row(sql, [known_on.to_string()], |row| {
            let before = |kind: &str| -> rusqlite::Result<i64> {
                Ok(row.get::<_, Option<i64>>(kind)?.unwrap_or(i64::MAX))
            };
            Ok(Knowledge {
                lines: before("lines")?,
                snapshots: before("snapshots")?,
                voidings: before("voidings")?,
                declarations: before("declarations")?,
                links: before("links")?,
            })
        })?;
        Ok(knowledge)
    }

    /// The times of the journal; `None` if it has no line.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn times(&self) -> Result<Option<JournalTimes>> {
        let sql = "SELECT entry ->> 'at' FROM main.journal ORDER BY line DESC LIMIT 1";
        let newest: Option<Option<String>> =
            self.connection.query_row(sql, [], |row| row.get(0)).optional()?;
        let newest = newest.flatten().and_then(|at| Instant::parse(&at, DayMeans::Start));
        let greatest = greatest(&self.connection)?;
        Ok(greatest.zip(newest).map(|(greatest, newest)| JournalTimes { greatest, newest }))
    }
}

/// The greatest time of all lines.
pub(super) fn greatest(connection: &Connection) -> Result<Option<Instant>> {
    let sql = include_str!("../../schema/queries/times.sql");
    let seconds: Option<i64> = connection.query_row(sql, [], |row| row.get(0))?;
    Ok(seconds.and_then(Instant::from_unix))
}
