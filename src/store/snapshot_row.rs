//! A snapshot without its accounts: what an import hands over ([`Stored`]), the row, and what is read
//! ([`SnapshotFacts`]). No other file of the store lists all its columns.

use serde::{Deserialize, Serialize};

use super::journal::{BookRow, Salt};
use super::place::Place;
use super::row::{RowColumns, committed, hex_digits, instant, said, stored_row};
use super::source_row::SourceRow;
use super::sql::{hex, unknown_value};
use super::{Knowledge, Store};
use crate::error::Result;
use crate::model::{Instant, Source};

/// The values that are stored for a snapshot beside its accounts.
#[derive(Debug, Clone)]
pub struct Stored<'a> {
    /// How the instant was found.
    pub taken_at_from: &'a str,
    /// The name of the format.
    pub format: &'a str,
    /// The file's name as the user wrote it, without its folder.
    pub file: &'a str,
    /// SHA-256 of the bytes as received, in hexadecimal digits.
    pub sha256: &'a str,
    /// The number of records in the file.
    pub rows: u64,
    /// The consumed licenses that the file states.
    pub consumed: Option<i64>,
    /// The purchased licenses that the file states.
    pub purchased: Option<i64>,
    /// The facts that decide whether the snapshot is complete.
    pub evidence: &'a CompletenessFacts,
    /// Whether the snapshot is complete; `None` if the file states no total.
    pub complete: Option<bool>,
    /// Whether the snapshot is stored but never in force.
    pub partial: bool,
    /// The reason for accepting a short snapshot.
    pub accepted_short: Option<&'a str>,
    /// The facts of the file beside its accounts, as a JSON object.
    pub facts: &'a serde_json::Value,
    /// The warnings of the import, as a JSON array.
    pub warnings: &'a serde_json::Value,
}

/// The facts that decide whether a snapshot is complete. They are stored only in the import's journal line: no
/// count needs them, and there they can be neither changed nor lost.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompletenessFacts {
    /// The number of distinct records in the file.
    pub distinct_rows: u64,
    /// The number of records that the file should have, as it states.
    pub total: Option<i64>,
    /// The number of pages; `None` if the format does not separate pages.
    pub pages: Option<u64>,
    /// How many of the pages state a total.
    pub pages_with_totals: Option<u64>,
    /// Why the file is not complete, or is assumed not to be.
    pub short: Option<String>,
}

stored_row! {
    /// A snapshot as it is stored.
    SnapshotRow, "stored_snapshots", snapshot_id {
        source_id: i64 => said,
        place: i64 => said,
        imported_at: i64 => instant as "at",
        taken_at_from: String => said,
        format: String => said,
        file: String => committed,
        sha256: String => said,
        rows: i64 => said,
        accounts: Option<i64> => said,
        consumed: Option<i64> => said,
        purchased: Option<i64> => said,
        complete: Option<bool> => said,
        partial: bool => said,
        accepted_short: Option<String> => committed,
        facts: String => committed,
        warnings: String => committed,
        content_hash: Vec<u8> => hex_digits,
        salt: Option<Vec<u8>>,
    }
}

impl BookRow for SnapshotRow {
    const KIND: &'static str = "snapshot";
    const COMMANDS: &'static [&'static str] = &["import"];

    fn salt(&self) -> Option<&[u8]> {
        self.salt.as_deref()
    }
}

/// What an import finds out about a snapshot while it writes the accounts.
pub(super) struct WrittenFacts {
    pub(super) source_id: i64,
    pub(super) place: Place,
    pub(super) imported_at: Instant,
    /// The number of distinct accounts; `None` if the kind has no accounts.
    pub(super) accounts: Option<u64>,
    /// The facts of the file with those that the accounts add, as a JSON object.
    pub(super) facts: String,
    pub(super) content_hash: [u8; 32],
    pub(super) salt: Salt,
}

impl SnapshotRow {
    /// The row of a new snapshot.
    pub(super) fn new(stored: &Stored<'_>, written: WrittenFacts) -> SnapshotRow {
        SnapshotRow {
            source_id: written.source_id,
            place: written.place.number(),
            imported_at: written.imported_at.unix(),
            taken_at_from: stored.taken_at_from.to_owned(),
            format: stored.format.to_owned(),
            file: stored.file.to_owned(),
            sha256: stored.sha256.to_owned(),
            rows: stored.rows as i64,
            accounts: written.accounts.map(|accounts| accounts as i64),
            consumed: stored.consumed,
            purchased: stored.purchased,
            complete: stored.complete,
            partial: stored.partial,
            accepted_short: stored.accepted_short.map(str::to_owned),
            facts: written.facts,
            warnings: stored.warnings.to_string(),
            content_hash: written.content_hash.to_vec(),
            salt: Some(written.salt.to_vec()),
        }
    }

    /// The snapshot with this number, and with its source.
    fn read_as(self, id: i64, source: Source) -> Result<SnapshotFacts> {
        let place = Place::from_number(self.place);
        let count = |number: i64| u64::try_from(number).map_err(|_| unknown_value());
        Ok(SnapshotFacts {
            id,
            source,
            source_id: self.source_id,
            place,
            taken_at: place.instant().ok_or_else(unknown_value)?,
            imported_at: Instant::from_unix(self.imported_at).ok_or_else(unknown_value)?,
            format: self.format,
            file: self.file,
            sha256: self.sha256,
            rows: count(self.rows)?,
            accounts: self.accounts.map(count).transpose()?,
            consumed: self.consumed,
            purchased: self.purchased,
            complete: self.complete,
            partial: self.partial,
            accepted_short: self.accepted_short,
            content_hash: hex(&self.content_hash),
        })
    }
}

/// A stored snapshot, without its accounts.
#[derive(Debug, Clone)]
pub struct SnapshotFacts {
    /// The number of the snapshot.
    pub id: i64,
    /// The source of the snapshot, under the name that it was first given.
    pub source: Source,
    /// The number of the source.
    pub source_id: i64,
    /// The place of the snapshot on the source's time line.
    pub place: Place,
    /// When it was taken.
    pub taken_at: Instant,
    /// When it was imported.
    pub imported_at: Instant,
    /// The name of the format that it was read as.
    pub format: String,
    /// The name of the file.
    pub file: String,
    /// SHA-256 of the bytes as received.
    pub sha256: String,
    /// The number of records in the file.
    pub rows: u64,
    /// The number of distinct accounts; `None` if the kind has no accounts.
    pub accounts: Option<u64>,
    /// The consumed licenses that the file states.
    pub consumed: Option<i64>,
    /// The purchased licenses that the file states.
    pub purchased: Option<i64>,
    /// Whether the snapshot is complete; `None` if the file states no total.
    pub complete: Option<bool>,
    /// Whether the snapshot is stored but never in force.
    pub partial: bool,
    /// The reason for accepting it although it is short.
    pub accepted_short: Option<String>,
    /// The content hash, in hexadecimal digits.
    pub content_hash: String,
}

impl Store {
    /// All snapshots that are known, by source and place. Each source has the name that it was first given.
    ///
    /// # Errors
    /// If the database cannot be read, or has an invalid value.
    pub fn snapshots(&self, known: Knowledge) -> Result<Vec<SnapshotFacts>> {
        let mut statement =
            self.connection.prepare(include_str!("../../schema/queries/snapshots.sql"))?;
        let columns = RowColumns::<SnapshotRow>::of(&statement)?;
        let of_source = RowColumns::<SourceRow>::of(&statement)?;
        let mut rows = statement.query([known.snapshots])?;
        let mut snapshots = Vec::new();
        while let Some(row) = rows.next()? {
            let ((id, own), (_, source)) = (columns.read(row)?, of_source.read(row)?);
            snapshots.push(own.read_as(id, source.source()?)?);
        }
        Ok(snapshots)
    }
}
