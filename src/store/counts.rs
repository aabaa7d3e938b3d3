//! Counts that are kept in the database so that the same question is fast the next time. They are not facts: no
//! answer waits until they are written, and if the database cannot be written at the moment, they are not kept.
//! Only the caller knows what they mean. Here they are text, guarded by a hash.

use std::time::Duration;

use rusqlite::{Connection, OpenFlags, Row};

use super::verify::Verified;
use super::{IMMEDIATE, Store};
use crate::code::VerifyCode;
use crate::error::Result;
use crate::model::Instant;

/// How many lines keep `doubles`, which take long to compute. `verify` computes each of them again.
const WITH_DOUBLES: usize = 8;

/// A hash over everything that decides an answer, fed piece by piece.
#[derive(Clone, Default)]
pub struct Inputs(blake3::Hasher);

impl Inputs {
    /// Adds a piece.
    pub fn add(&mut self, piece: &str) {
        self.0.update(&(piece.len() as u64).to_le_bytes());
        self.0.update(piece.as_bytes());
    }

    /// The hash of all pieces so far and one more.
    pub fn with(&self, piece: &str) -> Vec<u8> {
        let mut all = self.clone();
        all.add(piece);
        all.0.finalize().as_bytes().to_vec()
    }
}

/// The counts of one instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCount {
    /// The instant that was counted.
    pub at: Instant,
    /// The enterprise; `None` for all of them.
    pub enterprise: Option<String>,
    /// The hash of everything that the counts depend on.
    pub inputs: Vec<u8>,
    /// The counts, as JSON.
    pub counts: String,
    /// The part that takes long to compute, as JSON; `None` if it was not computed.
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

    /// Reads a line of the table; `None` if it is not as it was written.
    fn read(row: &Row<'_>) -> rusqlite::Result<Option<StoredCount>> {
        let Some(at) = Instant::from_unix(row.get(0)?) else { return Ok(None) };
        let enterprise: String = row.get(1)?;
        let stored = StoredCount {
            at,
            enterprise: Some(enterprise).filter(|name| !name.is_empty()),
            inputs: row.get(2)?,
            counts: row.get(3)?,
            doubles: row.get(4)?,
        };
        let (line_hash, number): (Vec<u8>, i64) = (row.get(5)?, row.get(6)?);
        Ok(Some(stored).filter(|stored| stored.line_hash(number) == line_hash))
    }
}

impl Store {
    /// The counts kept for the instants from `from` to `to`, by instant. Damaged lines are skipped.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn stored_counts(
        &self,
        from: Instant,
        to: Instant,
        enterprise: Option<&str>,
    ) -> Result<Vec<StoredCount>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT at, enterprise, inputs, counts, doubles, line_hash, count_id FROM stored_counts
             WHERE at BETWEEN ?1 AND ?2 AND enterprise = ?3 ORDER BY at",
        )?;
        let parameters = (from.unix(), to.unix(), enterprise.unwrap_or_default());
        let lines = statement.query_map(parameters, StoredCount::read)?;
        Ok(lines.flat_map(rusqlite::Result::transpose).collect::<rusqlite::Result<_>>()?)
    }

    /// The enterprises for which counts are kept; `None` stands for all of them together.
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

    /// Keeps counts, replacing those of the same question, or all of them (`anew`). Returns whether the counts
    /// are kept: a database that cannot be written, or that another process is writing, is left unchanged.
    pub fn keep_counts(&self, counts: &[StoredCount], anew: bool) -> bool {
        let Some(path) = self.written_at.as_deref().filter(|_| !counts.is_empty()) else {
            return false;
        };
        // On another connection, because this one may be reading and must not see the change.
        let writer = Store::connect_with(path, OpenFlags::SQLITE_OPEN_READ_WRITE);
        let kept = writer.and_then(|mut writer| {
            writer.connection.busy_timeout(Duration::ZERO)?;
            write(&mut writer.connection, counts, anew)
        });
        kept.is_ok()
    }
}

fn write(connection: &mut Connection, counts: &[StoredCount], anew: bool) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(IMMEDIATE)?;
    super::log::changes_page_one(&transaction)?;
    {
        if anew {
            transaction.execute("DELETE FROM stored_counts", [])?;
        }
        let sql = "SELECT coalesce(max(count_id), 0) FROM stored_counts";
        let newest: i64 = transaction.query_row(sql, [], |row| row.get(0))?;
        let mut insert = transaction.prepare(
            "INSERT OR REPLACE INTO stored_counts (count_id, at, enterprise, inputs, counts,
               doubles, line_hash)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?;
        for (number, count) in (newest.saturating_add(1)..).zip(counts) {
            insert.execute((
                number,
                count.at.unix(),
                count.enterprise(),
                &count.inputs,
                &count.counts,
                &count.doubles,
                count.line_hash(number),
            ))?;
        }
        transaction.execute(
            "DELETE FROM stored_counts WHERE doubles IS NOT NULL AND count_id NOT IN (
               SELECT count_id FROM stored_counts WHERE doubles IS NOT NULL
               ORDER BY count_id DESC LIMIT ?1)",
            [WITH_DOUBLES as i64],
        )?;
    }
    transaction.commit()
}

/// Checks that every line is as it was written. Whether its counts are right shows only when they are computed
/// again.
pub(super) fn check(connection: &Connection, verified: &mut Verified) -> Result<()> {
    let mut statement = connection.prepare(
        "SELECT at, enterprise, inputs, counts, doubles, line_hash, count_id FROM stored_counts",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        if !matches!(StoredCount::read(row), Ok(Some(_))) {
            let number: i64 = row.get(6)?;
            verified.broken(
                VerifyCode::StoredCount,
                format!("stored_counts.count_id {number} is not as it was written"),
            );
        }
    }
    Ok(())
}
