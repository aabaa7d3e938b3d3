//! What the program works on: the states, accounts and keys of a database as plain columns in memory,
//! kept in blobs beside the rows (`table`) and made from them where they are missing (`build`).
//!
//! Everything in it follows from the rows. Hashes in it only propose: keys are numbered by their
//! texts, so that equal numbers are equal keys, and an identity is compared as a text wherever the
//! digests of two records do not say already that they are one. When states held is no part of it:
//! that is read from the rows (`Times`), so that an image is only ever added to.

mod build;
mod bytes;
mod counts;
mod few;
mod find;
mod form;
mod new;
mod parts;
mod places;
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
use few::Few;
pub(super) use few::is_few;
use find::Finder;
pub(super) use form::{Digests, ImageForm, login_hash};
pub(super) use new::{NewColumns, NewRow};
use parts::Parts;
pub(super) use places::Places;
pub(super) use states::{Id, StateTable, Words};
use sums::Locals;
pub(super) use sums::is_odd_id;
use table::{Counts, ImageRead, Part};
pub(super) use texts::{AccountColumns, Numbered, TextColumn};
pub(super) use times::{ImageSpan, StateTimes};

/// All columns.
#[derive(Debug, Clone, Default)]
pub(super) struct ImageColumns {
    pub states: StateTable,
    pub accounts: AccountColumns,
    /// The keys of addresses: the first has the number 1.
    pub key_hashes: Vec<u32>,
    pub key_texts: TextColumn,
    /// By what keys are found that are like one.
    pub key_locals: Locals,
}

impl ImageColumns {
    /// Takes keys, which are all that there are.
    fn set_keys(&mut self, form: &ImageForm, hashes: Vec<u32>, texts: TextColumn) {
        self.key_locals = Locals::of(form, &texts);
        (self.key_hashes, self.key_texts) = (hashes, texts);
    }

    /// Do they hold everything that the rows do, and nothing that cannot be?
    fn is_whole(&self, connection: &Connection) -> Result<bool> {
        if !is_of_all(connection, &self.states)? {
            return Ok(false);
        }
        Ok(self.accounts.have(&self.states.accounts)
            && self.states.greatest_key() as usize <= self.key_hashes.len())
    }
}

/// An image in memory, with when the states held. What counting needs is there; the rest is read when
/// it is first asked for (`parts`).
pub(super) struct Image {
    pub form: ImageForm,
    pub times: StateTimes,
    /// How much it holds.
    pub counts: Counts,
    /// What counting needs of states; `None`: it is in what was made.
    counting: Option<StateTable>,
    parts: Parts,
    /// Where one is kept that was made from the rows.
    kept_at: Option<PathBuf>,
    finder: Finder,
    /// What was read of few.
    pub few: Few,
}

/// How an image was come by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Came {
    /// It is kept.
    Kept,
    /// None is kept that can be used.
    Missing,
    /// What is kept is damaged.
    Damaged,
}

/// Stands for the states of an image that has none.
static NO_STATES: std::sync::LazyLock<StateTable> = std::sync::LazyLock::new(StateTable::default);

impl Image {
    /// The image of what a connection sees: the one that is kept, else one that is made from the rows.
    ///
    /// # Errors
    /// If the database cannot be read, or holds what it should not.
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
            parts: Parts::whole(columns),
            kept_at: None,
            finder: Finder::default(),
            few: Few::default(),
        };
        Ok((image, came))
    }

    /// The image that is kept, if it is of all states.
    fn begun(connection: &Connection, outline: table::Outline) -> Result<ImageRead<Image>> {
        let mut columns = ImageColumns::default();
        let (form, counts) = (outline.form.clone(), outline.counts);
        match table::read_part(connection, Part::Counting, &form, &counts, &mut columns)? {
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
            parts: Parts::of(&outline),
            form,
            counts,
            counting: Some(counting),
            kept_at: None,
            finder: Finder::default(),
            few: Few::default(),
        }))
    }

    /// The states: what counting needs of them.
    pub fn states(&self) -> &StateTable {
        let made = || self.parts.made().map(|made| &made.states);
        self.counting.as_ref().or_else(made).unwrap_or(&NO_STATES)
    }

    /// Was it made from the rows, since nothing was kept or what is kept is damaged?
    pub fn is_made(&self) -> bool {
        self.parts.made().is_some()
    }

    /// What identifies the account of a state; empty where it is not there.
    ///
    /// # Errors
    /// If the database cannot be read, or holds what it should not.
    pub fn identity(&self, connection: &Connection, place: usize) -> Result<&str> {
        let account = self.states().accounts[place];
        match self.accounts(connection)?.place_of(account) {
            Some(at) => self.identity_at(connection, at),
            None => Ok(""),
        }
    }

    /// What identifies the accounts of all states, for whoever asks for many.
    ///
    /// # Errors
    /// If the database cannot be read, or holds what it should not.
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
    /// If the database cannot be read, or holds what it should not.
    pub fn key_text(&self, connection: &Connection, key: u32) -> Result<Option<&str>> {
        match (key as usize).checked_sub(1).filter(|place| *place < self.counts.keys) {
            Some(place) => self.key_text_at(connection, place).map(Some),
            None => Ok(None),
        }
    }
}

/// What identifies the accounts of states.
#[derive(Clone, Copy)]
pub(super) struct Identified<'i> {
    states: &'i StateTable,
    accounts: &'i AccountColumns,
    texts: &'i TextColumn,
}

impl<'i> Identified<'i> {
    /// What identifies the account of a state; empty where it is not there.
    pub fn of(&self, place: usize) -> &'i str {
        let at = self.accounts.place_of(self.states.accounts[place]);
        at.map_or("", |at| self.texts.get(at))
    }
}

/// Is the newest state among them?
fn is_of_all(connection: &Connection, states: &StateTable) -> Result<bool> {
    let sql = "SELECT coalesce(max(state_id), 0) FROM states";
    let newest: i64 = connection.query_row(sql, [], |row| row.get(0))?;
    Ok(i64::from(states.numbers.last().unwrap_or_default()) == newest)
}

/// What stands in the table of the image's form.
pub(super) enum KeptForm {
    /// Nothing, or the form of another version: the image is made anew.
    None,
    /// What this program did not write.
    Damaged,
    /// A form.
    Form(ImageForm),
}

/// The form that is kept.
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

/// What of the image that is kept is not what was made anew from the rows.
///
/// # Errors
/// If the database cannot be read.
pub(super) fn differing(connection: &Connection, made: &ImageColumns) -> Result<Vec<String>> {
    table::differing(connection, made)
}

/// Is the image that is kept whole?
///
/// # Errors
/// If the database cannot be read.
pub(super) fn is_kept(connection: &Connection) -> Result<bool> {
    Ok(matches!(table::read(connection)?, table::ImageRead::Whole(..)))
}

/// Makes the image of all rows, and keeps it.
///
/// # Errors
/// If the database cannot be read or written, or holds what it should not.
pub(super) fn make(connection: &Connection) -> Result<()> {
    let form = ImageForm::new()?;
    remake(connection, &form)
}

/// Makes the image of all rows by a form, and keeps it.
fn remake(connection: &Connection, form: &ImageForm) -> Result<()> {
    let columns = build::build(connection, form, None)?;
    table::replace(connection, form, &columns)
}

thread_local! {
    static DAMAGED: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

/// Notes how an image was come by.
pub(super) fn note(came: Came) {
    if came == Came::Damaged {
        DAMAGED.set(true);
    }
}

/// Was a damaged image met since it was asked last? Whoever runs a command tells it, once.
pub fn met_damage() -> bool {
    DAMAGED.replace(false)
}

impl Store {
    /// The image of what is read now: it is kept in memory until somebody has written.
    ///
    /// # Errors
    /// If the database cannot be read, or holds what it should not.
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

    /// Keeps an image that was made, where the database can be written and nobody else writes: it is
    /// needed by nobody, and saves the next one the time.
    fn keep_image(path: &Path, form: &ImageForm, made: &ImageColumns) {
        let _kept = Store::change_image(path, |transaction| {
            if made.is_whole(transaction)? {
                table::replace(transaction, form, made)
            } else {
                Ok(())
            }
        });
    }

    /// Throws an image away, so that the next one makes it anew.
    fn forget_image(path: &Path) -> Result<()> {
        Store::change_image(path, |transaction| Ok(transaction.execute_batch("DELETE FROM image")?))
    }

    fn change_image(path: &Path, change: impl FnOnce(&Connection) -> Result<()>) -> Result<()> {
        // Another connection: this one may be reading, and shall go on to see what it saw.
        let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_WRITE;
        let mut writer = Store::connect_with(path, flags)?;
        writer.connection.busy_timeout(std::time::Duration::ZERO)?;
        let transaction = writer.connection.transaction_with_behavior(super::IMMEDIATE)?;
        super::log::changes_page_one(&transaction)?;
        change(&transaction)?;
        Ok(transaction.commit()?)
    }
}
