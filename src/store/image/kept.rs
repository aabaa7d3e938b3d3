//! Reads the image (the derived columns) of an open database once. If no usable image is stored, it is made from
//! the rows, and stored.

use std::path::Path;

use rusqlite::Connection;

use super::came::note;
use super::columns::ImageColumns;
use super::form::ImageForm;
use super::table;
use super::whole_image::Image;
use crate::error::Result;
use crate::store::handle::Store;
use crate::store::log;
use crate::store::sql::IMMEDIATE;

impl Store {
    /// The image (the derived columns) of the data that is in the database now. It stays in memory until the
    /// database changes.
    ///
    /// # Errors
    /// If the database cannot be read or holds invalid data.
    pub(in crate::store) fn image(&self) -> Result<std::rc::Rc<Image>> {
        let sql = "PRAGMA data_version";
        let version: i64 = self.connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
        if let Some((seen, image)) = &*self.image.borrow()
            && *seen == version
        {
            return Ok(std::rc::Rc::clone(image));
        }
        let (mut image, came) = Image::of(&self.connection)?;
        note(came);
        image.kept_at.clone_from(&self.written_at);
        let image = std::rc::Rc::new(image);
        if let (Some(made), Some(path)) = (image.parts.made(), &self.written_at) {
            Store::keep_image(path, &image.form, made);
        }
        *self.image.borrow_mut() = Some((version, std::rc::Rc::clone(&image)));
        Ok(image)
    }

    /// Stores an image that was made from the rows, unless the database cannot be written or another process is
    /// writing. A failure is ignored, because a stored image only makes the next command faster.
    pub(super) fn keep_image(path: &Path, form: &ImageForm, made: &ImageColumns) {
        let _kept = Store::change_image(path, |transaction| {
            if made.is_whole(transaction)? {
                table::replace(transaction, form, made)
            } else {
                Ok(())
            }
        });
    }

    /// Deletes the stored image, so that the next command makes it again from the rows.
    pub(super) fn forget_image(path: &Path) -> Result<()> {
        Store::change_image(path, |transaction| Ok(transaction.execute_batch("DELETE FROM image")?))
    }

    fn change_image(path: &Path, change: impl FnOnce(&Connection) -> Result<()>) -> Result<()> {
        // The image is changed on a second connection, because the first one may be in a read transaction and
        // must keep its view of the database.
        let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_WRITE;
        let mut writer = Store::connect_with(path, flags)?;
        writer.connection.busy_timeout(std::time::Duration::ZERO)?;
        let transaction = writer.connection.transaction_with_behavior(IMMEDIATE)?;
        log::changes_page_one(&transaction)?;
        change(&transaction)?;
        Ok(transaction.commit()?)
    }
}
