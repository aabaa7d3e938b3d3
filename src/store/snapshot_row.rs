//! A snapshot without its accounts: the values that an import passes to the store ([`Stored`]), the row in the
//! database, and the values that are read from the row ([`SnapshotFacts`]). No other file of the store lists
//! all columns of a snapshot.

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
    /// The code for the origin of the snapshot's instant, such as `file-name`.
    pub taken_at_from: &'a str,
    /// The name of the file's format.
    pub format: &'a str,
    /// The file's name as the user wrote it, without its folder.
    pub file: &'a str,
    /// The SHA-256 hash of the file's bytes as received, in hexadecimal digits.
    pub sha256: &'a str,
    /// The number of records in the file.
    pub rows: u64,
    /// The number of consumed licenses that the file states.
    pub consumed: Option<i64>,
    /// The number of purchased licenses that the file states.
    pub purchased: Option<i64>,
    /// The facts that decide whether the snapshot is complete.
    pub evidence: &'a CompletenessFacts,
    /// Whether the snapshot is complete; `None` if the file states no total.
    pub complete: Option<bool>,
    /// Whether the snapshot is stored but never in force.
    pub partial: bool,
    /// The user's reason for accepting a snapshot that has too few rows.
    pub accepted_short: Option<&'a str>,
    /// The facts that the file states beside its accounts, as a JSON object.
    pub facts: &'a serde_json::Value,
    /// The warnings of the import, as a JSON array.
    pub warnings: &'a serde_json::Value,
}

/// The facts that decide whether a snapshot is complete. They are stored only in the import's line of the
/// journal, because no count needs them, and because they can be neither changed nor lost there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompletenessFacts {
    /// The number of distinct records in the file.
    pub distinct_rows: u64,
    /// The number of records that the file should have, as the file itself states.
    pub total: Option<i64>,
    /// The number of pages in the file; `None` if the format does not separate pages.
    pub pages: Option<u64>,
    /// How many of the file's pages state a total.
    pub pages_with_totals: Option<u64>,
    /// The reason why the file is incomplete, or is assumed to be.
    pub short: Option<String>,
    /// The columns of an employee directory that are not used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub columns_left_out: Option<Vec<String>>,
    /// The number of entries of an employee directory whose details the import stored, or found stored, in plain
    /// text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entries_in_plain_text: Option<u64>,
}

stored_row! {
    /// A row of the table `stored_snapshots`: a snapshot without its accounts.
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

/// The values of a snapshot that are known only after its accounts were written, such as the content hash.
pub(super) struct WrittenFacts {
    pub(super) source_id: i64,
    pub(super) place: Place,
    pub(super) imported_at: Instant,
    /// The number of distinct accounts; `None` if this kind of source has no accounts.
    pub(super) accounts: Option<u64>,
    /// The facts that the file states, and those that its accounts add, as a JSON object.
    pub(super) facts: String,
    pub(super) content_hash: [u8; 32],
    pub(super) salt: Salt,
}

impl SnapshotRow {
    /// Makes the row of a new snapshot from the values of the import and those that writing its accounts gave.
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

    /// Turns the row into the facts of the snapshot with the number `id`, which belongs to `source`.
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
    /// The number that identifies the snapshot in the database.
    pub id: i64,
    /// The source of the snapshot, under the name that the source had first.
    pub source: Source,
    /// The number that identifies the source in the database.
    pub source_id: i64,
    /// The point of the snapshot on the source's time line.
    pub place: Place,
    /// The instant at which the snapshot was taken.
    pub taken_at: Instant,
    /// The time at which the snapshot was imported.
    pub imported_at: Instant,
    /// The name of the format that the file was read as.
    pub format: String,
    /// The name of the imported file.
    pub file: String,
    /// The SHA-256 hash of the file's bytes as received, in hexadecimal digits.
    pub sha256: String,
    /// The number of records in the file.
    pub rows: u64,
    /// The number of distinct accounts; `None` if this kind of source has no accounts.
    pub accounts: Option<u64>,
    /// The number of consumed licenses that the file states.
    pub consumed: Option<i64>,
    /// The number of purchased licenses that the file states.
    pub purchased: Option<i64>,
    /// Whether the snapshot is complete; `None` if the file states no total.
    pub complete: Option<bool>,
    /// Whether the snapshot is stored but never in force.
    pub partial: bool,
    /// The user's reason for accepting a snapshot that has too few rows.
    pub accepted_short: Option<String>,
    /// The content hash of the snapshot, in hexadecimal digits.
    pub content_hash: String,
}

impl Store {
    /// All snapshots that were known, by the limits in `known`, sorted by source and time. Each source has the
    /// name that it had first.
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
