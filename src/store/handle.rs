//! An open database, as every file of the store uses it. `mod.rs` opens it.

use std::cell::{Cell, RefCell};
use std::path::PathBuf;
use std::rc::Rc;

use rusqlite::Connection;

use super::image::Image;
use super::moved::FileId;
use crate::model::StateId;

/// An open database.
pub struct Store {
    pub(super) connection: Connection,
    /// If `connection` is read-only, a second connection that can write. It is closed last; otherwise SQLite
    /// would leave its log beside the file.
    pub(super) _closes_last: Option<Connection>,
    pub(super) path: PathBuf,
    /// The file in which computed values may be kept. `None` for a copy and for a file that cannot be written.
    pub(super) written_at: Option<PathBuf>,
    /// Whether an import can be stored.
    pub(super) writable: bool,
    /// The identity of the file when it was opened. `None` for a copy without a name.
    pub(super) identity: Option<FileId>,
    /// Has an import been stored through this value?
    pub(super) stored: Cell<bool>,
    /// The image, with the value of SQLite's `data_version` when it was read. Another connection's commit
    /// changes that value.
    pub(super) image: RefCell<Option<(i64, Rc<Image>)>>,
    /// The numbers of the states to read (`near`).
    pub(super) wanted: RefCell<Vec<StateId>>,
}
