//! Keeps counts in the database, so that the same question is answered faster the next time. Kept counts are not
//! facts, because they can be computed again. No answer waits until its counts are stored. If the database cannot
//! be written at that moment, the counts are not stored. Only the caller knows the meaning of the counts: this file
//! treats them as text that a hash protects.

use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::Store;
use super::row::{self, RowColumns, StoredRow as _, stored_row};
use super::sql::IMMEDIATE;
use super::verify::Verified;
use crate::code::VerifyCode;
use crate::error::{Error, Result};
use crate::model::Instant;

/// The greatest number of rows of `stored_counts` that keep the duplicates of an instant (the column `doubles`).
/// The number is small because `verify` computes them again, which takes long.
const WITH_DOUBLES: usize = 8;

/// A hash over all texts that an answer depends on, by which kept counts are recognized as still valid.
#[derive(Clone, Default)]
pub struct Inputs(blake3::Hasher);

impl Inputs {
    /// Adds one text to the hash.
    pub fn add(&mut self, piece: &str) {
        self.0.update(&(piece.len() as u64).to_le_bytes());
        self.0.update(piece.as_bytes());
    }

    /// The hash of all texts that were added, followed by `piece`. `piece` is not added for later hashes.
    pub fn with(&self, piece: &str) -> Vec<u8> {
        let mut all = self.clone();
        all.add(piece);
        all.0.finalize().as_bytes().to_vec()
    }
}

/// The counts of one instant, for one enterprise or for all enterprises together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCount {
    /// The instant for which the seats were counted.
    pub at: Instant,
    /// The enterprise that the counts are about; `None` for all enterprises together.
    pub enterprise: Option<String>,
    /// The hash of everything that the counts depend on. If it differs now, the counts must not be used.
    pub inputs: Vec<u8>,
    /// The counts of seats, as JSON.
    pub counts: String,
    /// The number of duplicates and the facts for warnings, as JSON; `None` if they were not computed, because
    /// that takes long.
    pub doubles: Option<String>,
}

impl StoredCount {
    fn enterprise(&self) -> &str {
        self.enterprise.as_deref().unwrap_or_default()
    }

    fn line_hash(&self, number: i64) -> Vec<u8> {
        let mut line = Inputs::default();
        line.add(&number.to_string());
        line.add(&self.at.unix().to_string());
        line.add(self.enterprise());
        line.0.update(&self.inputs);
        line.add(&self.counts);
        line.with(&format!("{:?}", self.doubles))
    }

    /// The counts in a row of the table `stored_counts`; `None` if the row is damaged.
    fn of(number: i64, row: CountRow) -> Option<StoredCount> {
        let stored = StoredCount {
            at: Instant::from_unix(row.at)?,
            enterprise: Some(row.enterprise).filter(|name| !name.is_empty()),
            inputs: row.inputs,
            counts: row.counts,
            doubles: row.doubles,
        };
        Some(stored).filter(|stored| stored.line_hash(number) == row.line_hash)
    }
}

stored_row! {
    /// A row of the table `stored_counts`: the counts of one instant.
    CountRow, "stored_counts", count_id {
        at: i64,
        enterprise: String,
        inputs: Vec<u8>,
        counts: String,
        doubles: Option<String>,
        line_hash: Vec<u8>,
    }
}

impl Store {
    /// The counts that are kept for the instants from `from` to `to`, ordered by instant. They are the counts of
    /// one enterprise or, for `None`, of all enterprises together. Damaged rows are left out.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn stored_counts(
        &self,
        from: Instant,
        to: Instant,
        enterprise: Option<&str>,
    ) -> Result<Vec<StoredCount>> {
        let rest = "WHERE at BETWEEN ?1 AND ?2 AND enterprise = ?3 ORDER BY at";
        let parameters = (from.unix(), to.unix(), enterprise.unwrap_or_default());
        let lines = row::rows::<CountRow>(&self.connection, rest, parameters)?;
        Ok(lines.into_iter().filter_map(|(number, row)| StoredCount::of(number, row)).collect())
    }

    /// The enterprises for which counts are kept; `None` stands for all enterprises together.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn enterprises_with_counts(&self) -> Result<Vec<Option<String>>> {
        let sql = "SELECT DISTINCT enterprise FROM stored_counts ORDER BY enterprise";
        let mut statement = self.connection.prepare_cached(sql)?;
        let names = statement.query_map([], |row| row.get::<_, String>(0))?;
        let names = names.map(|name| name.map(|name| Some(name).filter(|name| !name.is_empty())));
        Ok(names.collect::<rusqlite::Result<_>>()?)
    }

    /// Stores counts. They replace the stored counts of the same instants and enterprises or, if `anew` is true,
    /// all stored counts. Returns whether the counts were stored. If the database cannot be written, or another
    /// process is writing to it, the database stays unchanged.
    pub fn keep_counts(&self, counts: &[StoredCount], anew: bool) -> bool {
        let Some(path) = self.written_at.as_deref().filter(|_| !counts.is_empty()) else {
            return false;
        };
        // The counts are written on another connection, because this connection may be in a read transaction,
        // which must not see the change.
        let writer = Store::connect_with(path, OpenFlags::SQLITE_OPEN_READ_WRITE);
        let kept = writer.map_err(Error::from).and_then(|mut writer| {
            writer.connection.busy_timeout(Duration::ZERO)?;
            write(&mut writer.connection, counts, anew)
        });
        kept.is_ok()
    }
}

fn write(connection: &mut Connection, counts: &[StoredCount], anew: bool) -> Result<()> {
    let transaction = connection.transaction_with_behavior(IMMEDIATE)?;
    super::log::changes_page_one(&transaction)?;
    if anew {
        transaction.execute("DELETE FROM stored_counts", [])?;
    }
    let sql = "SELECT coalesce(max(count_id), 0) FROM stored_counts";
    let newest: i64 = transaction.query_row(sql, [], |row| row.get(0))?;
    for (number, count) in (newest.saturating_add(1)..).zip(counts) {
        let row = CountRow {
            at: count.at.unix(),
            enterprise: count.enterprise().to_owned(),
            inputs: count.inputs.clone(),
            counts: count.counts.clone(),
            doubles: count.doubles.clone(),
            line_hash: count.line_hash(number),
        };
        row.replace(&transaction, number)?;
    }
    transaction.execute(
        "DELETE FROM stored_counts WHERE doubles IS NOT NULL AND count_id NOT IN (
           SELECT count_id FROM stored_counts WHERE doubles IS NOT NULL
           ORDER BY count_id DESC LIMIT ?1)",
        [WITH_DOUBLES as i64],
    )?;
    Ok(transaction.commit()?)
}

/// Checks that every row of `stored_counts` matches its hash. Wrong counts in a row with the right hash are found
/// only when the counts are computed again.
pub(super) fn check(connection: &Connection, verified: &mut Verified) -> Result<()> {
    let mut statement = connection.prepare("SELECT * FROM stored_counts")?;
    let columns = RowColumns::<CountRow>::of(&statement)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let read = columns.read(row).ok();
        if read.and_then(|(number, row)| StoredCount::of(number, row)).is_none() {
            let number: i64 = row.get("count_id")?;
            verified.broken(
                VerifyCode::StoredCount,
                format!("row {number} of stored_counts is not as it was written"),
            );
        }
    }
    Ok(())
}
