//! Defines [`Image`], the derived columns of a database in memory. The functions in `parts`, `find` and `few`
//! answer questions about it.

use std::path::PathBuf;

use rusqlite::Connection;

use super::build;
use super::came::Came;
use super::columns::{ImageColumns, is_of_all};
use super::few_read::FewRead;
use super::finder::Finder;
use super::form::{self, ImageForm};
use super::parts_read::{PartsRead, in_one_moment};
use super::segment::{Counts, ImagePart};
use super::states::StateTable;
use super::table::{self, ImageRead};
use super::times::StateTimes;
use crate::error::Result;

/// An image (the derived columns of a database) in memory, with the spans of its states. The columns that
/// counting needs are always in memory. The other parts are read when they are first used (`parts`).
pub(in crate::store) struct Image {
    pub form: ImageForm,
    pub times: StateTimes,
    pub counts: Counts,
    /// The columns of the states that counting needs; `None` if the image was made from the rows.
    pub(super) counting: Option<StateTable>,
    pub(super) parts: PartsRead,
    /// The database file in which an image made from the rows is stored; `None` if the image must not be stored.
    pub(super) kept_at: Option<PathBuf>,
    pub(super) finder: Finder,
    /// The texts and hosts that were already read for a few states only.
    pub few: FewRead,
}

/// An empty table of states, for an image without states.
static NO_STATES: std::sync::LazyLock<StateTable> = std::sync::LazyLock::new(StateTable::default);

impl Image {
    /// Reads the stored image (derived columns), or makes an image from the rows if there is no usable stored
    /// one.
    ///
    /// # Errors
    /// If the database cannot be read or holds invalid data.
    pub fn of(connection: &Connection) -> Result<(Image, Came)> {
        in_one_moment(connection, || Image::read(connection))
    }

    fn read(connection: &Connection) -> Result<(Image, Came)> {
        let came = match table::outline(connection)? {
            ImageRead::Whole(outline) => match Image::begun(connection, outline)? {
                ImageRead::Whole(image) => return Ok((image, Came::Kept)),
                ImageRead::Missing => Came::Missing,
                ImageRead::Damaged => Came::Damaged,
            },
            ImageRead::Missing => Came::Missing,
            ImageRead::Damaged => Came::Damaged,
        };
        let form = match ImageForm::read(connection)? {
            form::Kept::Form(form, _) => form,
            _ => ImageForm::new()?,
        };
        let columns = build::build(connection, &form, None)?;
        let image = Image {
            times: StateTimes::read(connection)?,
            form,
            counts: Counts::of(&columns),
            counting: None,
            parts: PartsRead::whole(columns),
            kept_at: None,
            finder: Finder::default(),
            few: FewRead::default(),
        };
        Ok((image, came))
    }

    /// Reads the columns that counting needs from the stored image. Returns `Missing` if the stored image does not
    /// cover all states.
    fn begun(connection: &Connection, outline: table::ImageOutline) -> Result<ImageRead<Image>> {
        let mut columns = ImageColumns::default();
        let (form, counts) = (outline.form.clone(), outline.counts);
        match table::read_part(connection, ImagePart::Counting, &form, &counts, &mut columns)? {
            ImageRead::Whole(()) => {}
            ImageRead::Missing => return Ok(ImageRead::Missing),
            ImageRead::Damaged => return Ok(ImageRead::Damaged),
        }
        let counting = columns.states;
        if !is_of_all(connection, &counting)? || counting.greatest_key() as usize > counts.keys {
            return Ok(ImageRead::Missing);
        }
        Ok(ImageRead::Whole(Image {
            times: StateTimes::read(connection)?,
            parts: PartsRead::of(&outline),
            form,
            counts,
            counting: Some(counting),
            kept_at: None,
            finder: Finder::default(),
            few: FewRead::default(),
        }))
    }

    /// The states of the image (derived columns), with the columns that counting needs.
    pub fn states(&self) -> &StateTable {
        let made = || self.parts.made().map(|made| &made.states);
        self.counting.as_ref().or_else(made).unwrap_or(&NO_STATES)
    }

    /// Whether this image was made from the rows, because the stored one is missing or damaged.
    pub fn is_made(&self) -> bool {
        self.parts.made().is_some()
    }
}
