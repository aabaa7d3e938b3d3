//! What is stored for a snapshot beside its accounts.

use serde::{Deserialize, Serialize};

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
