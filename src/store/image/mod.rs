//! The image: the states, accounts and keys of a database as plain columns in memory. It is stored in
//! blobs beside the rows (`table`). Where it is missing, it is made again from the rows (`build`).
//!
//! Everything in the image follows from the rows. A hash only proposes a match. Keys are numbered by
//! their texts, so equal numbers mean equal keys. Identities are compared as texts unless the digests
//! of two records are equal. The image does not hold the spans of the states: they are read from the
//! rows (`times`), so the image only ever grows.

mod build;
mod bytes;
mod counts;
mod few;
mod find;
mod form;
mod new;
mod parts;
mod places;
mod segment;
mod sparse;
mod states;
mod sums;
mod table;
mod texts;
mod times;

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::Store;
use crate::error::Result;
pub(super) use build::{Builder, RowOf, plain_key, takes_part};
use few::FewRead;
pub(super) use few::is_few;
use find::Finder;
pub(super) use form::{Digests, ImageForm, login_hash};
pub(super) use new::{NewColumns, NewRow};
use parts::PartsRead;
pub(super) use places::PositionTable;
use segment::{Counts, ImagePart};
pub(super) use states::{Id, StateTable, WordColumns};
use sums::LocalColumns;
pub(super) use sums::is_odd_id;
use table::ImageRead;
pub(super) use texts::{AccountColumns, Numbered, TextColumn};
pub(super) use times::{ImageSpan, StateTimes};

/// The columns of an image.
#[derive(Debug, Clone, Default)]
pub(super) struct ImageColumns {
    pub states: StateTable,
    pub accounts: AccountColumns,
    /// The hashes of the keys of addresses. The first key has the number 1.
    pub key_hashes: Vec<u32>,
    pub key_texts: TextColumn,
    /// The columns that find similar keys.
    pub key_locals: LocalColumns,
}

impl ImageColumns {
    /// Sets all keys at once.
    fn set_keys(&mut self, form: &ImageForm, hashes: Vec<u32>, texts: TextColumn) {
        self.key_locals = LocalColumns::of(form, &texts);
        (self.key_hashes, self.key_texts) = (hashes, texts);
    }

    /// Do the columns cover all states, and hold every account and key that these name?
    fn is_whole(&self, connection: &Connection) -> Result<bool> {
        if !is_of_all(connection, &self.states)? {
            return Ok(false);
        }
        Ok(self.accounts.have(&self.states.accounts)
            && self.states.greatest_key() as usize <= self.key_hashes.len())
    }
}

/// An image in memory, with the spans of its states. The part that counting needs is loaded. The other
/// parts are read on first use (`parts`).
pub(super) struct Image {
    pub form: ImageForm,
    pub times: StateTimes,
    pub counts: Counts,
    /// The part of the states that counting needs; `None` if the image was made from the rows.
    counting: Option<StateTable>,
    parts: PartsRead,
    /// The database to store an image in that was made from the rows.
    kept_at: Option<PathBuf>,
    finder: Finder,
    /// The texts that were read for a few states.
    pub few: FewRead,
}

/// How an image was obtained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Came {
    /// The stored image was read.
    Kept,
    /// No usable image is stored.
    Missing,
    /// The stored image is damaged.
    Damaged,
}

/// The states of an image that has none.
static NO_STATES: std::sync::LazyLock<StateTable> = std::sync::LazyLock::new(StateTable::default);

impl Image {
    /// Reads the stored image that the connection sees, or makes one from the rows.
    ///
    /// # Errors
    /// If the database cannot be read or holds invalid data.
    pub fn of(connection: &Connection) -> Result<(Image, Came)> {
        parts::in_one_moment(connection, || Image::read(connection))
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

    /// Reads the stored image, if it covers all states.
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

    /// The states, with the columns that counting needs.
    pub fn states(&self) -> &StateTable {
        let made = || self.parts.made().map(|made| &made.states);
        self.counting.as_ref().or_else(made).unwrap_or(&NO_STATES)
    }

    /// Was the image made from the rows, because the stored one is missing or damaged?
    pub fn is_made(&self) -> bool {
        self.parts.made().is_some()
    }

    /// The identity of a state's account; empty if the account is missing.
    ///
    /// # Errors
    /// If the database cannot be read or holds invalid data.
    pub fn identity(&self, connection: &Connection, place: usize) -> Result<&str> {
        let account = self.states().accounts[place];
        match self.accounts(connection)?.place_of(account) {
            Some(at) => self.identity_at(connection, at),
            None => Ok(""),
        }
    }

    /// The identities of the accounts of all states, for callers that look up many.
    ///
    /// # Errors
    /// If the database cannot be read or holds invalid data.
    pub fn identified(&self, connection: &Connection) -> Result<Identified<'_>> {
        Ok(Identified {
            states: self.states(),
            accounts: self.accounts(connection)?,
            texts: self.identities(connection)?,
        })
    }

    /// The text of a key.
    ///
    /// # Errors
    /// If the database cannot be read or holds invalid data.
    pub fn key_text(&self, connection: &Connection, key: u32) -> Result<Option<&str>> {
        match (key as usize).checked_sub(1).filter(|place| *place < self.counts.keys) {
            Some(place) => self.key_text_at(connection, place).map(Some),
            None => Ok(None),
        }
    }
}

/// The identities of the accounts of states.
#[derive(Clone, Copy)]
pub(super) struct Identified<'i> {
    states: &'i StateTable,
    accounts: &'i AccountColumns,
    texts: &'i TextColumn,
}

impl<'i> Identified<'i> {
    /// The identity of a state's account; empty if the account is missing.
    pub fn of(&self, place: usize) -> &'i str {
        let at = self.accounts.place_of(self.states.accounts[place]);
        at.map_or("", |at| self.texts.get(at))
    }
}

/// Do these states include the newest one in the database?
fn is_of_all(connection: &Connection, states: &StateTable) -> Result<bool> {
    let sql = "SELECT coalesce(max(state_id), 0) FROM states";
    let newest: i64 = connection.query_row(sql, [], |row| row.get(0))?;
    Ok(i64::from(states.numbers.last().unwrap_or_default()) == newest)
}

/// What the table `image_form` holds.
pub(super) enum KeptForm {
    /// Nothing, or the form of another version: the image is made again.
    None,
    /// Data that this program did not write.
    Damaged,
    Form(ImageForm),
}

/// Reads the stored form.
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

/// The differences between the stored image and one that was made from the rows.
///
/// # Errors
/// If the database cannot be read.
pub(super) fn differing(connection: &Connection, made: &ImageColumns) -> Result<Vec<String>> {
    table::differing(connection, made)
}

/// Is a complete image stored?
///
/// # Errors
/// If the database cannot be read.
pub(super) fn is_kept(connection: &Connection) -> Result<bool> {
    Ok(matches!(table::read(connection)?, table::ImageRead::Whole(..)))
}

/// Makes the image of all rows with a new form, and stores it.
///
/// # Errors
/// If the database cannot be read or written, or holds invalid data.
pub(super) fn make(connection: &Connection) -> Result<()> {
    let form = ImageForm::new()?;
    remake(connection, &form)
}

/// Makes the image of all rows with this form, and stores it.
fn remake(connection: &Connection, form: &ImageForm) -> Result<()> {
    let columns = build::build(connection, form, None)?;
    table::replace(connection, form, &columns)
}

thread_local! {
    static DAMAGED: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

/// Remembers that a damaged image was met.
pub(super) fn note(came: Came) {
    if came == Came::Damaged {
        DAMAGED.set(true);
    }
}

/// Was a damaged image met since the last call? The command that runs warns about it once.
pub fn met_damage() -> bool {
    DAMAGED.replace(false)
}

impl Store {
    /// The image of the current data. It stays in memory until somebody writes to the database.
    ///
    /// # Errors
    /// If the database cannot be read or holds invalid data.
    pub(super) fn image(&self) -> Result<std::rc::Rc<Image>> {
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

    /// Stores an image that was made from the rows, if the database is writable and nobody else is
    /// writing. A failure is ignored: the stored image only saves the next command time.
    fn keep_image(path: &Path, form: &ImageForm, made: &ImageColumns) {
        let _kept = Store::change_image(path, |transaction| {
            if made.is_whole(transaction)? {
                table::replace(transaction, form, made)
            } else {
                Ok(())
            }
        });
    }

    /// Deletes the stored image, so that the next command makes it again.
    fn forget_image(path: &Path) -> Result<()> {
        Store::change_image(path, |transaction| Ok(transaction.execute_batch("DELETE FROM image")?))
    }

    fn change_image(path: &Path, change: impl FnOnce(&Connection) -> Result<()>) -> Result<()> {
        // A second connection, because the first one may be in a read transaction and must keep its view.
        let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_WRITE;
        let mut writer = Store::connect_with(path, flags)?;
        writer.connection.busy_timeout(std::time::Duration::ZERO)?;
        let transaction = writer.connection.transaction_with_behavior(super::IMMEDIATE)?;
        super::log::changes_page_one(&transaction)?;
        change(&transaction)?;
        Ok(transaction.commit()?)
    }
}
