//! The image holds the states, accounts and address keys of a database as plain columns in memory. The module
//! `table` stores it in blobs beside the rows. If it is missing, the module `build` makes it again from the
//! rows.
//!
//! Everything in the image follows from the rows. Different texts may have the same hash, so texts with equal
//! hashes are compared. Each different key has a number of its own, so that equal numbers mean equal keys.
//! Identities are compared as texts unless the digests of two records are equal. The spans of the states are not
//! part of the image: the module `times` reads them from the rows. So entries are only ever added to the image.

mod anew;
mod build;
mod bytes;
mod came;
mod columns;
mod counts;
mod entries;
mod few;
mod few_read;
mod find;
mod finder;
mod form;
mod kept;
mod new;
mod parts;
mod parts_read;
mod places;
mod segment;
mod sparse;
mod states;
mod sums;
mod table;
mod text_column;
mod texts;
mod times;
mod whole_image;

use rusqlite::Connection;

use crate::error::Result;
pub(super) use anew::make;
pub(super) use build::{Builder, RowOf, entry_of, plain_key, takes_part};
pub use came::met_damage;
pub(super) use came::note;
pub(super) use columns::ImageColumns;
pub(super) use entries::EntryColumns;
pub(super) use few::is_few;
pub(super) use finder::ImageStateIx;
pub(super) use form::{Digests, ImageForm, login_hash};
pub(super) use new::{NewColumns, NewRow};
pub(super) use parts::Identified;
pub(super) use places::PositionTable;
pub(super) use states::{Id, StateTable, WordColumns};
pub(super) use sums::is_odd_id;
pub(super) use text_column::TextColumn;
pub(super) use texts::AccountColumns;
pub(super) use times::{ImageSpan, StateTimes};
pub(super) use whole_image::Image;

/// The content of the table `image_form`, which describes the stored image.
pub(super) enum KeptForm {
    /// The table `image_form` is empty, or has the form of another version. The image is then made again.
    None,
    /// The table `image_form` has data that this program did not write.
    Damaged,
    Form(ImageForm),
}

/// Reads the form of the stored image: the key and the length of its hashes.
///
/// # Errors
/// If the database cannot be read.
pub(super) fn kept_form(connection: &Connection) -> Result<KeptForm> {
    Ok(match ImageForm::read(connection)? {
        form::Kept::None => KeptForm::None,
        form::Kept::Damaged => KeptForm::Damaged,
        form::Kept::Form(form, _) => KeptForm::Form(form),
    })
}

/// The differences between the stored image (derived columns) and an image that was made from the rows, each as
/// a message for the user.
///
/// # Errors
/// If the database cannot be read.
pub(super) fn differing(connection: &Connection, made: &ImageColumns) -> Result<Vec<String>> {
    table::differing(connection, made)
}

/// Whether a complete and undamaged image (derived columns) is stored in the database.
///
/// # Errors
/// If the database cannot be read.
pub(super) fn is_kept(connection: &Connection) -> Result<bool> {
    Ok(matches!(table::read(connection)?, table::ImageRead::Whole(..)))
}
