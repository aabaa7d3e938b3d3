//! Reads each part of an image (for example the hashes of logins) when the part is first used.
//!
//! A part that is read later must belong to the image that was opened. So the part must have the form of that
//! image, and entries that were added later are ignored. If the part is damaged or missing, the whole image is made
//! again from the rows of the same states, and is compared with the columns that were read before. An answer never
//! combines parts of two images.

use std::cell::OnceCell;

use rusqlite::Connection;

use super::came::{Came, note};
use super::columns::ImageColumns;
use super::entries::EntryColumns;
use super::parts_read::{SomeTexts, in_one_moment};
use super::segment::{Counts, ImagePart};
use super::states::StateTable;
use super::states::WordColumns;
use super::sums::LocalColumns;
use super::table::ImageRead;
use super::text_column::TextColumn;
use super::texts::AccountColumns;
use super::whole_image::Image;
use super::{build, table};
use crate::error::{Error, Result};
use crate::store::handle::Store;

/// A part of the image (for example the hashes of logins), and two functions that select its columns from all
/// columns.
struct Which<T> {
    part: ImagePart,
    take: fn(ImageColumns) -> T,
    of: fn(&ImageColumns) -> &T,
}

const DIGESTS: Which<Vec<u64>> =
    Which { part: ImagePart::Change, take: |it| it.states.digests, of: |it| &it.states.digests };
const WORDS: Which<WordColumns> =
    Which { part: ImagePart::Words, take: |it| it.states.words, of: |it| &it.states.words };
const ACCOUNTS: Which<AccountColumns> =
    Which { part: ImagePart::Accounts, take: |it| it.accounts, of: |it| &it.accounts };
const IDENTITIES: Which<TextColumn> = Which {
    part: ImagePart::Identities,
    take: |it| it.accounts.texts,
    of: |it| &it.accounts.texts,
};
const KEY_HASHES: Which<Vec<u32>> =
    Which { part: ImagePart::KeyHashes, take: |it| it.key_hashes, of: |it| &it.key_hashes };
const KEY_TEXTS: Which<TextColumn> =
    Which { part: ImagePart::KeyTexts, take: |it| it.key_texts, of: |it| &it.key_texts };
const KEY_LOCALS: Which<LocalColumns> =
    Which { part: ImagePart::KeyLocals, take: |it| it.key_locals, of: |it| &it.key_locals };

const ENTRIES: Which<EntryColumns> =
    Which { part: ImagePart::Entries, take: |it| it.states.entries, of: |it| &it.states.entries };

impl Image {
    /// The columns of the employee-directory entries among the states of the image.
    ///
    /// # Errors
    /// If the database cannot be read or holds invalid data.
    pub fn entries(&self, connection: &Connection) -> Result<&EntryColumns> {
        self.part(connection, &ENTRIES, &self.parts.entries)
    }

    /// The digests of the records of all states, by which changes are found.
    ///
    /// # Errors
    /// If the database cannot be read or holds invalid data. All other functions of this file that return a
    /// `Result` fail in the same cases.
    pub fn digests(&self, connection: &Connection) -> Result<&[u64]> {
        self.part(connection, &DIGESTS, &self.parts.digests).map(Vec::as_slice)
    }

    /// The hashes of the logins and display names of all states.
    pub fn words(&self, connection: &Connection) -> Result<&WordColumns> {
        self.part(connection, &WORDS, &self.parts.words)
    }

    /// The columns of the accounts, without their identities.
    pub fn accounts(&self, connection: &Connection) -> Result<&AccountColumns> {
        if let Some(accounts) = self.parts.accounts.get() {
            return Ok(accounts);
        }
        let accounts = self.part(connection, &ACCOUNTS, &self.parts.accounts)?;
        if !accounts.have(&self.states().accounts) {
            return Err(self.not_of_its_rows());
        }
        Ok(accounts)
    }

    /// The identities of all accounts, in the order of the accounts' numbers.
    pub fn identities(&self, connection: &Connection) -> Result<&TextColumn> {
        self.part(connection, &IDENTITIES, &self.parts.identities.all)
    }

    /// The hashes of all address keys, in the order of the keys' numbers.
    pub fn key_hashes(&self, connection: &Connection) -> Result<&[u32]> {
        self.part(connection, &KEY_HASHES, &self.parts.key_hashes).map(Vec::as_slice)
    }

    /// The texts of all address keys, in the order of the keys' numbers.
    pub fn key_texts(&self, connection: &Connection) -> Result<&TextColumn> {
        self.part(connection, &KEY_TEXTS, &self.parts.key_texts.all)
    }

    /// The columns by which addresses with similar local parts are found.
    pub fn key_locals(&self, connection: &Connection) -> Result<&LocalColumns> {
        self.part(connection, &KEY_LOCALS, &self.parts.key_locals)
    }

    /// The identity of the account at a position in the image. This reads only the segment (a stored piece) that
    /// holds the identity, for callers that need few identities.
    pub fn identity_at(&self, connection: &Connection, place: usize) -> Result<&str> {
        self.text_at(connection, &IDENTITIES, &self.parts.identities, place)
    }

    /// The text of the address key at a position in the image. This reads only the segment (a stored piece) that
    /// holds the text, for callers that need few texts.
    pub fn key_text_at(&self, connection: &Connection, place: usize) -> Result<&str> {
        self.text_at(connection, &KEY_TEXTS, &self.parts.key_texts, place)
    }

    /// The text at a position of a column of texts. This reads only the segment (a stored piece) that holds the
    /// text, or the whole column if the segments have changed since the image was opened.
    fn text_at<'i>(
        &'i self,
        connection: &Connection,
        which: &Which<TextColumn>,
        some: &'i SomeTexts,
        place: usize,
    ) -> Result<&'i str> {
        if let Some(texts) = self.parts.whole.get().map(which.of).or(some.all.get()) {
            return Ok(texts.get(place));
        }
        let at = some.firsts.partition_point(|first| *first <= place).saturating_sub(1);
        if let (Some(first), Some(segment)) = (some.firsts.get(at), some.segments.get(at)) {
            if segment.get().is_none() {
                let (mut columns, part) = (ImageColumns::default(), which.part);
                let form = &self.form;
                let found = table::read_segment_at(connection, part, form, *first, &mut columns)?;
                if let ImageRead::Whole(_) = found {
                    segment.get_or_init(|| (which.take)(columns));
                }
            }
            // If segments were joined since the image was opened, the segment that was read may not hold the text
            // at this position.
            if let Some(texts) = segment.get().filter(|texts| place - first < texts.len()) {
                return Ok(texts.get(place - first));
            }
        }
        Ok(self.part(connection, which, &some.all)?.get(place))
    }

    fn part<'i, T>(
        &'i self,
        connection: &Connection,
        which: &Which<T>,
        cell: &'i OnceCell<T>,
    ) -> Result<&'i T> {
        if let Some(read) = self.parts.whole.get().map(which.of).or(cell.get()) {
            return Ok(read);
        }
        let (mut columns, part) = (ImageColumns::default(), which.part);
        let read = in_one_moment(connection, || {
            match table::read_part(connection, part, &self.form, &self.counts, &mut columns)? {
                ImageRead::Whole(()) => Ok(cell.get_or_init(|| (which.take)(columns))),
                ImageRead::Missing => self.make_anew(connection, Came::Missing).map(which.of),
                ImageRead::Damaged => self.make_anew(connection, Came::Damaged).map(which.of),
            }
        });
        if let (Some(made), Some(path)) = (self.parts.whole.get(), &self.kept_at) {
            Store::keep_image(path, &self.form, made);
        }
        read
    }

    /// Makes all columns of the image again, from the rows of the states that it covers. Fails if they differ
    /// from the columns that were already read.
    fn make_anew(&self, connection: &Connection, came: Came) -> Result<&ImageColumns> {
        let last = self.states().numbers.last().unwrap_or_default();
        let columns = build::build(connection, &self.form, Some(last))?;
        if Counts::of(&columns) != self.counts || !columns.states.count_alike(self.states()) {
            return Err(self.not_of_its_rows());
        }
        note(came);
        Ok(self.parts.whole.get_or_init(|| columns))
    }

    /// The error for a stored image that does not match the rows of the database. The stored image is deleted if
    /// possible, so that the next command makes it again.
    fn not_of_its_rows(&self) -> Error {
        let error = Error::database("the image in the database does not match its rows");
        match self.kept_at.as_ref().map(|path| Store::forget_image(path)) {
            Some(Ok(())) => error.hint(
                "repeat the command, which rebuilds the deleted image; then check the rows with \
                 `oneseat verify`",
            ),
            _ => error.hint("find the difference with `oneseat verify`"),
        }
    }
}

impl Image {
    /// The identity of the account that the state at a position in the image belongs to; empty if the account is
    /// missing.
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

    /// The identities of the accounts of all states, for callers that need many of them.
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

    /// The text of the address key with this number; `None` if there is no such key.
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

/// The identities of the accounts of all states of an image.
#[derive(Clone, Copy)]
pub(in crate::store) struct Identified<'i> {
    pub(super) states: &'i StateTable,
    pub(super) accounts: &'i AccountColumns,
    pub(super) texts: &'i TextColumn,
}

impl<'i> Identified<'i> {
    /// The identity of the account that the state at this position belongs to; empty if the account is missing.
    pub fn of(&self, place: usize) -> &'i str {
        let at = self.accounts.place_of(self.states.accounts[place]);
        at.map_or("", |at| self.texts.get(at))
    }
}
