//! Stores what is kept of directory entries in plain text. One filling is what one import adds: its rows, a row that
//! counts them, and a line of the journal.

use rusqlite::Connection;

use super::bulk::{self, BulkTable};
use super::journal::{self, BookRow};
use super::row::{StoredRow as _, instant, said, stored_row};
use super::sql::newest;
use crate::error::Result;
use crate::model::Instant;

stored_row! {
    /// What one import added in plain text, as it is stored.
    FillingRow, "fillings", filling_id {
        snapshot_id: i64 => said as "snapshot",
        entries: i64 => said,
        filled_at: i64 => instant as "at",
    }
}

impl BookRow for FillingRow {
    const KIND: &'static str = "filling";
    const COMMANDS: &'static [&'static str] = &["fill"];

    fn salt(&self) -> Option<&[u8]> {
        None
    }

    /// Nothing of the row may have to be forgotten, so the line has no commitment.
    fn line(&self, number: i64) -> serde_json::Value {
        let mut line = Self::begin_line(number);
        self.say(&mut line);
        line
    }
}

/// The details of entries.
pub(super) const DETAILS: BulkTable =
    BulkTable { name: "entry_details", columns: &["state_id", "filling_id", "details"] };

/// A filling whose rows are being written.
#[derive(Debug, Clone, Copy)]
pub struct Filling {
    number: u32,
    /// The greatest number of a state that had details before.
    last: i64,
    entries: usize,
}

impl Filling {
    /// Begins a filling without any rows.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(super) fn begin(connection: &Connection) -> Result<Filling> {
        Ok(Filling {
            number: newest(connection, "filling_id", "fillings")? + 1,
            last: i64::from(newest(connection, "state_id", "entry_details")?),
            entries: 0,
        })
    }

    /// Stores the details of those of these states that have none.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(super) fn add<'d>(
        &mut self,
        connection: &Connection,
        details: impl ExactSizeIterator<Item = (i64, &'d str)>,
    ) -> Result<()> {
        let mut has =
            connection.prepare_cached("SELECT 1 FROM entry_details WHERE state_id = ?1")?;
        let mut new = Vec::with_capacity(details.len());
        for (state, text) in details {
            let may_have = state <= self.last;
            if !(may_have && has.exists([state])?) {
                new.push((state, text));
            }
        }
        // In the order of the states, the rows belong at the end of the table.
        new.sort_unstable_by_key(|(state, _)| *state);
        bulk::insert(connection, &DETAILS, &new, |values, (state, text)| {
            values.add(*state)?;
            values.add(self.number)?;
            values.add(text)
        })?;
        self.entries += new.len();
        Ok(())
    }

    /// Ends the filling with its row and its line of the journal, if it has any details. Returns how many it has.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(super) fn end(self, connection: &Connection, snapshot: i64, now: Instant) -> Result<usize> {
        if self.entries > 0 {
            let row = FillingRow {
                snapshot_id: snapshot,
                entries: self.entries as i64,
                filled_at: now.unix(),
            };
            let number = row.insert(connection, Some(i64::from(self.number)))?;
            journal::append(connection, &row.line(number))?;
        }
        Ok(self.entries)
    }
}
