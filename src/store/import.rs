//! The transaction that writes. `write` begins and commits it.

use std::cell::{Cell, OnceCell, RefCell};
use std::path::Path;

use rusqlite::{Connection, Transaction};

use super::moved::FileId;
use super::state_writer::StateWriter;
use crate::error::{Error, Result};
use crate::model::{Instant, LONGEST_NAME, Source};
use crate::table::grouped;

/// A transaction that writes. Unless it is committed, nothing is stored.
pub struct Import<'s> {
    pub(super) transaction: Transaction<'s>,
    pub(super) now: Instant,
    pub(super) connection: &'s Connection,
    pub(super) path: &'s Path,
    pub(super) identity: Option<FileId>,
    pub(super) stored: &'s Cell<bool>,
    pub(super) writer: OnceCell<RefCell<StateWriter>>,
}

/// The number of a source, which is created if it is new.
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
        .hint("name it with --enterprise or --host")),
        None => {
            connection.execute(
                "INSERT INTO stored_sources (kind, name) VALUES (?1, ?2)",
                (source.kind.name(), &source.name),
            )?;
            Ok(connection.last_insert_rowid())
        }
    }
}
