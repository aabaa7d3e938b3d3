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
mod find;
mod form;
mod new;
mod states;
mod table;
mod texts;
mod times;

use rusqlite::Connection;

use super::Store;
use crate::error::Result;
pub(super) use build::{Builder, RowOf, plain_key, takes_part};
use find::Finder;
pub(super) use form::{Form, login_hash, plain_login_hash};
pub(super) use new::{NewColumns, NewRow};
pub(super) use states::{Id, States};
pub(super) use texts::{Accounts, Numbered, Texts};
pub(super) use times::{Held, Times};

/// All columns.
#[derive(Debug, Clone, Default)]
pub(super) struct Columns {
    pub states: States,
    pub accounts: Accounts,
    /// The keys of addresses: the first has the number 1.
    pub key_hashes: Vec<u64>,
    pub key_texts: Texts,
}

impl Columns {
    /// Do they hold everything that the rows do, and nothing that cannot be?
    fn is_whole(&self, connection: &Connection) -> Result<bool> {
        let sql = "SELECT coalesce(max(state_id), 0) FROM states";
        let newest: i64 = connection.query_row(sql, [], |row| row.get(0))?;
        let last = self.states.numbers.last().copied().unwrap_or_default();
        if i64::from(last) != newest {
            return Ok(false);
        }
        let known = |account: &u32| self.accounts.place_of(*account).is_some();
        Ok(self.states.accounts.iter().all(known)
            && self.states.greatest_key() as usize <= self.key_hashes.len())
    }
}

/// An image in memory, with when the states held.
pub(super) struct Image {
    pub form: Form,
    pub columns: Columns,
    pub times: Times,
    finder: Finder,
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

impl Image {
    /// The image of what a connection sees: the one that is kept, else one that is made from the rows.
    ///
    /// # Errors
    /// If the database cannot be read, or holds what it should not.
    pub fn of(connection: &Connection) -> Result<(Image, Came)> {
        // All of it is of one moment.
        let alone = connection.is_autocommit();
        if alone {
            connection.execute_batch("BEGIN")?;
        }
        let image = Image::read(connection);
        if alone {
            connection.execute_batch("COMMIT")?;
        }
        image
    }

    fn read(connection: &Connection) -> Result<(Image, Came)> {
        let (form, columns, came) = match table::read(connection)? {
            table::Found::Whole(form, columns) => (form, columns, Came::Kept),
            found => {
                let form = match Form::read(connection)? {
                    form::Kept::Form(form, _) => form,
                    _ => Form::new()?,
                };
                let columns = build::build(connection, &form)?;
                let damaged = matches!(found, table::Found::Damaged);
                (form, columns, if damaged { Came::Damaged } else { Came::Missing })
            }
        };
        let times = Times::read(connection, &columns.states)?;
        Ok((Image { form, columns, times, finder: Finder::default() }, came))
    }

    /// The states, for short.
    pub fn states(&self) -> &States {
        &self.columns.states
    }

    /// What identifies the account of a state; empty where it is not there.
    pub fn identity(&self, place: usize) -> &str {
        let account = self.columns.states.accounts[place];
        self.columns.accounts.place_of(account).map_or("", |at| self.columns.accounts.texts.get(at))
    }

    /// The text of a key.
    pub fn key_text(&self, key: u32) -> Option<&str> {
        let place = (key as usize).checked_sub(1)?;
        (place < self.columns.key_texts.len()).then(|| self.columns.key_texts.get(place))
    }
}

/// What stands in the table of the image's form.
pub(super) enum KeptForm {
    /// Nothing, or the form of another version: the image is made anew.
    None,
    /// What this program did not write.
    Damaged,
    /// A form.
    Form(Form),
}

/// The form that is kept.
///
/// # Errors
/// If the database cannot be read.
pub(super) fn kept_form(connection: &Connection) -> Result<KeptForm> {
    Ok(match Form::read(connection)? {
        form::Kept::None => KeptForm::None,
        form::Kept::Damaged => KeptForm::Damaged,
        form::Kept::Form(form, _) => KeptForm::Form(form),
    })
}

/// What of the image that is kept is not what was made anew from the rows.
///
/// # Errors
/// If the database cannot be read.
pub(super) fn differing(connection: &Connection, made: &Columns) -> Result<Vec<String>> {
    table::differing(connection, made)
}

/// Is the image that is kept whole?
///
/// # Errors
/// If the database cannot be read.
pub(super) fn is_kept(connection: &Connection) -> Result<bool> {
    Ok(matches!(table::read(connection)?, table::Found::Whole(..)))
}

/// Makes the image of all rows, and keeps it.
///
/// # Errors
/// If the database cannot be read or written, or holds what it should not.
pub(super) fn make(connection: &Connection) -> Result<()> {
    let form = Form::new()?;
    let columns = build::build(connection, &form)?;
    table::replace(connection, &form, &columns)
}

/// Keeps an image in the place of what is there.
///
/// # Errors
/// If the database cannot be written.
pub(super) fn keep(connection: &Connection, image: &Image) -> Result<()> {
    table::replace(connection, &image.form, &image.columns)
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
        let (image, came) = Image::of(&self.connection)?;
        let image = std::rc::Rc::new(image);
        note(came);
        if came != Came::Kept {
            self.keep_image(&image);
        }
        *self.image.borrow_mut() = Some((version, std::rc::Rc::clone(&image)));
        Ok(image)
    }

    /// Keeps an image that was made, where the database can be written and nobody else writes: it is
    /// needed by nobody, and saves the next one the time.
    fn keep_image(&self, image: &Image) {
        let Some(path) = self.written_at.as_deref() else { return };
        // Another connection: this one may be reading, and shall go on to see what it saw.
        let writer = Store::connect_with(path, rusqlite::OpenFlags::SQLITE_OPEN_READ_WRITE);
        let _kept = writer.map_err(crate::error::Error::from).and_then(|mut writer| {
            writer.connection.busy_timeout(std::time::Duration::ZERO)?;
            let transaction = writer.connection.transaction_with_behavior(super::IMMEDIATE)?;
            super::log::changes_page_one(&transaction)?;
            if image.columns.is_whole(&transaction)? {
                keep(&transaction, image)?;
                transaction.commit()?;
            }
            Ok(())
        });
    }
}
