//! Defines [`Import`], the transaction of a writing command. The file `write.rs` begins and commits it.

use std::cell::{Cell, OnceCell, RefCell};
use std::path::Path;

use rusqlite::{Connection, Transaction};

use super::moved::FileId;
use super::state_writer::StateWriter;
use crate::model::Instant;

/// The transaction of a writing command. Nothing is stored unless the transaction is committed.
pub struct Import<'s> {
    pub(super) transaction: Transaction<'s>,
    pub(super) now: Instant,
    pub(super) connection: &'s Connection,
    pub(super) path: &'s Path,
    pub(super) identity: Option<FileId>,
    pub(super) stored: &'s Cell<bool>,
    pub(super) writer: OnceCell<RefCell<StateWriter>>,
}
