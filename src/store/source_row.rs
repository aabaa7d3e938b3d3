//! The row of a source in the database.

use rusqlite::Connection;

use super::row::{StoredRow as _, said, stored_row};
use super::sql::unknown_value;
use crate::error::{Error, Result};
use crate::model::{LONGEST_NAME, Source, SourceKind};
use crate::table::grouped;

stored_row! {
    /// The row of a source, with the first name that the source had.
    SourceRow, "stored_sources", source_id {
        kind: String => said,
        name: String => said,
    }
}

impl SourceRow {
    /// The source that the row describes, with its first name.
    ///
    /// # Errors
    /// If this program does not know the kind.
    pub(super) fn source(self) -> Result<Source> {
        let kind = SourceKind::from_name(&self.kind).ok_or_else(unknown_value)?;
        Ok(Source { kind, name: self.name })
    }
}

/// The number that identifies a source in the database. The source is created if it is new.
pub(super) fn source_id(connection: &Connection, source: &Source) -> Result<i64> {
    let found: Option<i64> = connection
        .prepare_cached("SELECT min(source_id) FROM named_sources WHERE kind = ?1 AND name = ?2")?
        .query_row((source.kind.name(), &source.name), |row| row.get(0))?;
    match found {
        Some(id) => Ok(id),
        None if source.name.len() > LONGEST_NAME => Err(Error::input(format!(
            "the name of the source has {} bytes: a name has at most {}",
            grouped(source.name.len() as u64),
            grouped(LONGEST_NAME as u64)
        ))
        .hint("set a shorter name with --enterprise or --host")),
        None => {
            let row = SourceRow { kind: source.kind.name().to_owned(), name: source.name.clone() };
            row.insert(connection, None)
        }
    }
}
