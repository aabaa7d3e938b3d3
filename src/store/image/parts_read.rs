//! Holds the parts of an image (groups of columns) that were already read. The functions that read them are in
//! `parts.rs`.

use std::cell::OnceCell;

use rusqlite::Connection;

use super::columns::ImageColumns;
use super::entries::EntryColumns;
use super::segment::ImagePart;
use super::states::WordColumns;
use super::sums::LocalColumns;
use super::table::ImageOutline;
use super::text_column::TextColumn;
use super::texts::AccountColumns;
use crate::error::Result;

/// The parts of an image (groups of columns) that were already read. Each part is read at most once.
#[derive(Default)]
pub struct PartsRead {
    pub(super) digests: OnceCell<Vec<u64>>,
    pub(super) words: OnceCell<WordColumns>,
    pub(super) accounts: OnceCell<AccountColumns>,
    pub(super) identities: SomeTexts,
    pub(super) key_hashes: OnceCell<Vec<u32>>,
    pub(super) key_texts: SomeTexts,
    pub(super) key_locals: OnceCell<LocalColumns>,
    pub(super) entries: OnceCell<EntryColumns>,
    /// All columns of the image, if it was made from the rows instead of read.
    pub(super) whole: OnceCell<ImageColumns>,
}

/// The texts of a column that were already read: all of them, or the texts of single segments.
#[derive(Default)]
pub(super) struct SomeTexts {
    pub(super) all: OnceCell<TextColumn>,
    pub(super) firsts: Vec<usize>,
    pub(super) segments: Vec<OnceCell<TextColumn>>,
}

impl SomeTexts {
    fn of(firsts: &[usize]) -> SomeTexts {
        let segments = firsts.iter().map(|_| OnceCell::new()).collect();
        SomeTexts { all: OnceCell::new(), firsts: firsts.to_vec(), segments }
    }
}

impl PartsRead {
    /// The parts of a stored image of which nothing was read yet.
    pub fn of(outline: &ImageOutline) -> PartsRead {
        PartsRead {
            identities: SomeTexts::of(outline.firsts(ImagePart::Identities)),
            key_texts: SomeTexts::of(outline.firsts(ImagePart::KeyTexts)),
            ..PartsRead::default()
        }
    }

    /// The parts of an image that was made from the rows, so that nothing is left to be read.
    pub fn whole(columns: ImageColumns) -> PartsRead {
        PartsRead { whole: OnceCell::from(columns), ..PartsRead::default() }
    }

    /// All columns of the image, if it was made from the rows; `None` if it is read from the database part by
    /// part.
    pub fn made(&self) -> Option<&ImageColumns> {
        self.whole.get()
    }
}

/// Runs `read` within one read transaction, so that it sees the database as it is at one moment.
///
/// # Errors
/// If the database cannot be read, or `read` fails.
pub fn in_one_moment<T>(connection: &Connection, read: impl FnOnce() -> Result<T>) -> Result<T> {
    // Within an open transaction, `read` sees the database as it is at one moment anyway.
    if !connection.is_autocommit() {
        return read();
    }
    connection.execute_batch("BEGIN")?;
    let found = read();
    connection.execute_batch("COMMIT")?;
    found
}
