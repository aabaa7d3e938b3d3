//! Finds out what was known at an instant (counting.md section 8). The order of the journal decides: a line is not
//! known before the lines in front of it, whatever the clock of its command showed. So a slow clock, or a clock
//! that was set back, does not change what was known earlier. The numbers of snapshots, voidings, declarations and
//! links rise from line to line, which `verify` checks. So one limit for each of these kinds separates the rows
//! that were known from the later rows.

use rusqlite::{Connection, OptionalExtension};

use super::Store;
use crate::error::Result;
use crate::model::{DayMeans, Instant};

/// The rows that were known at an instant. Each field is a limit for one kind of row: the rows with smaller
/// numbers were known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Knowledge {
    /// The limit for the lines of the journal.
    pub lines: i64,
    /// The limit for snapshots.
    pub snapshots: i64,
    /// The limit for voidings and restorations of snapshots.
    pub voidings: i64,
    /// The limit for declarations about sources.
    pub declarations: i64,
    /// The limit for links, which are declarations about pairs of accounts.
    pub links: i64,
}

impl Knowledge {
    /// The limits for a question that uses everything that is stored.
    pub const ALL: Knowledge = Knowledge {
        lines: i64::MAX,
        snapshots: i64::MAX,
        voidings: i64::MAX,
        declarations: i64::MAX,
        links: i64::MAX,
    };
}

/// Two times from the journal, to be compared with a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JournalTimes {
    /// The greatest time of all lines of the journal.
    pub greatest: Instant,
    /// The time of the newest line of the journal.
    pub newest: Instant,
}

/// The number of seconds by which a clock may be behind the journal without a warning. A command that waited for
/// another command to finish writing may be behind although its clock is right.
pub const LATE: i64 = 3600;

impl JournalTimes {
    /// The number of seconds by which a clock is behind the journal; `None` if this number is too small for a
    /// warning.
    pub fn behind(self, clock: Instant) -> Option<i64> {
        Some(self.greatest.unix() - clock.unix()).filter(|behind| *behind > LATE)
    }
}

impl Store {
    /// The rows that were known at the instant `known_on`; every stored row for `None`.
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

    /// The greatest and the newest time of the journal; `None` if the journal has no line.
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

/// The greatest time of all lines of the journal; `None` if the journal has no line.
pub(super) fn greatest(connection: &Connection) -> Result<Option<Instant>> {
    let sql = include_str!("../../schema/queries/times.sql");
    let seconds: Option<i64> = connection.query_row(sql, [], |row| row.get(0))?;
    Ok(seconds.and_then(Instant::from_unix))
}
