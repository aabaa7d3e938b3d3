//! Defines [`Store`], the open database that every file of the store uses. The functions that open a database are
//! in `mod.rs`.

use std::cell::{Cell, RefCell};
use std::path::PathBuf;
use std::rc::Rc;

use rusqlite::Connection;

use super::image::Image;
use super::moved::FileId;
use crate::model::StateId;

/// An open database, through which all stored data are read and written.
pub struct Store {
    pub(super) connection: Connection,
    /// A second connection that can write, if `connection` is read-only. The second connection is closed last: if
    /// a read-only connection were closed last, SQLite would leave its log beside the database.
    pub(super) _closes_last: Option<Connection>,
    pub(super) path: PathBuf,
    /// The database file in which computed values, such as counts, may be stored. `None` for a copy, and for a
    /// file that cannot be written.
    pub(super) written_at: Option<PathBuf>,
    /// Whether an import into this database can be stored.
    pub(super) writable: bool,
    /// The identity of the database file when it was opened; `None` for a temporary copy, which has no name.
    pub(super) identity: Option<FileId>,
    /// Whether an import has been stored through this `Store`.
    pub(super) stored: Cell<bool>,
    /// The image (the columns derived from all rows), with the value that SQLite's `data_version` had when the
    /// image was read. If another connection commits a change, `data_version` changes, and the image is read
    /// again.
    pub(super) image: RefCell<Option<(i64, Rc<Image>)>>,
    /// The states that `cloud_part_wanted` and `server_part_wanted` read. `Store::want` in `near` sets them.
    pub(super) wanted: RefCell<Vec<StateId>>,
}
