//! Rebuilds the image, the compact columns that are derived from all rows of the database, and stores it.

use rusqlite::Connection;

use super::form::ImageForm;
use super::{build, table};
use crate::error::Result;

/// Makes the image (the columns that are derived from all rows) again, with a new random key for its hashes, and
/// stores it.
///
/// # Errors
/// If the database cannot be read or written, or holds invalid data.
pub(in crate::store) fn make(connection: &Connection) -> Result<()> {
    let form = ImageForm::new()?;
    remake(connection, &form)
}

/// Makes the image (the columns that are derived from all rows) again, with the hash key of `form`, and stores
/// it.
pub(super) fn remake(connection: &Connection, form: &ImageForm) -> Result<()> {
    let columns = build::build(connection, form, None)?;
    table::replace(connection, form, &columns)
}
