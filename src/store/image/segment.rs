//! Defines which columns each part of an image holds, and converts these columns to the bytes of segments (the
//! stored pieces of a part) and back. The code that stores the segments in the database is in `table.rs`.

use std::ops::Range;

use super::ImageColumns;
use super::bytes::{BadColumns, ColumnReader, put};

/// The greatest number of states, accounts or address keys in a segment, which is one stored piece of the image.
pub const SEGMENT: usize = 65_536;

/// The greatest number of texts in a segment (one stored piece of the image). It is smaller than for numbers,
/// because a question often needs only a few texts.
const TEXTS: usize = 8192;

/// The greatest number of entries for which memory is reserved before they are read. A damaged image may state
/// any number.
const MOST: usize = 1 << 24;

/// A part of the image: a group of columns that is read together. Each segment (stored piece) belongs to one
/// part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImagePart {
    /// The columns of the states without which nothing can be counted.
    Counting = 1,
    /// The digests of the records of the states, by which changes are found.
    Change = 2,
    /// The hashes of the logins and display names of the states.
    Words = 3,
    /// The number, the source and the identity's hash of each account.
    Accounts = 4,
    /// The identities of the accounts, as texts.
    Identities = 5,
    /// The hashes of the address keys, by which a key is looked up.
    KeyHashes = 6,
    /// The texts of the address keys, in which addresses are compared.
    KeyTexts = 7,
    /// The columns by which addresses with similar local parts are found.
    KeyLocals = 8,
    /// The states that are entries of an employee directory.
    Entries = 9,
}

/// The numbers of states, accounts and address keys in an image.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub states: usize,
    pub accounts: usize,
    pub keys: usize,
}

impl Counts {
    pub fn of(columns: &ImageColumns) -> Counts {
        Counts {
            states: columns.states.len(),
            accounts: columns.accounts.len(),
            keys: columns.key_hashes.len(),
        }
    }
}

impl ImagePart {
    /// All parts of the image (groups of columns), in the order of their numbers.
    pub const ALL: [ImagePart; 9] = [
        ImagePart::Counting,
        ImagePart::Change,
        ImagePart::Words,
        ImagePart::Accounts,
        ImagePart::Identities,
        ImagePart::KeyHashes,
        ImagePart::KeyTexts,
        ImagePart::KeyLocals,
        ImagePart::Entries,
    ];

    /// The greatest number of entries in one segment (stored piece) of this part of the image.
    pub fn segment(self) -> usize {
        match self {
            ImagePart::Identities | ImagePart::KeyTexts => TEXTS,
            _ => SEGMENT,
        }
    }

    /// The number of entries that this part of the image has, if the image has these numbers of states, accounts
    /// and keys.
    pub fn count(self, counts: &Counts) -> usize {
        match self {
            ImagePart::Counting | ImagePart::Change | ImagePart::Words | ImagePart::Entries => {
                counts.states
            }
            ImagePart::Accounts | ImagePart::Identities => counts.accounts,
            ImagePart::KeyHashes | ImagePart::KeyTexts | ImagePart::KeyLocals => counts.keys,
        }
    }

    /// Reserves memory for `count` entries of this part of the image. A count that no database can have is
    /// ignored, because a damaged image may state it.
    pub fn reserve(self, columns: &mut ImageColumns, count: usize) {
        if count > MOST {
            return;
        }
        match self {
            ImagePart::Counting => columns.states.reserve(count),
            ImagePart::Change => columns.states.digests.reserve_exact(count),
            ImagePart::Words => columns.states.words.reserve(count),
            ImagePart::Accounts => columns.accounts.reserve(count),
            ImagePart::KeyHashes => columns.key_hashes.reserve_exact(count),
            ImagePart::KeyLocals => columns.key_locals.hashes.reserve_exact(count),
            ImagePart::Identities | ImagePart::KeyTexts | ImagePart::Entries => {}
        }
    }

    /// The bytes of a segment (stored piece) with the entries of this part of the image at these positions.
    pub fn write(self, columns: &ImageColumns, places: Range<usize>) -> Vec<u8> {
        match self {
            ImagePart::Counting => columns.states.counting(places),
            ImagePart::Change => columns.states.change(places),
            ImagePart::Words => columns.states.words(places),
            ImagePart::Accounts => columns.accounts.write(places),
            ImagePart::Identities => columns.accounts.texts.write(places),
            ImagePart::KeyHashes => {
                let mut bytes = Vec::new();
                put(&mut bytes, &columns.key_hashes[places]);
                bytes
            }
            ImagePart::KeyTexts => columns.key_texts.write(places),
            ImagePart::KeyLocals => columns.key_locals.write(&columns.key_texts, places),
            ImagePart::Entries => columns.states.entries.write(places),
        }
    }

    /// Adds the `count` entries of a stored segment of this part of the image to the columns.
    pub fn read(
        self,
        columns: &mut ImageColumns,
        count: usize,
        data: &[u8],
    ) -> Result<(), BadColumns> {
        match self {
            ImagePart::Counting => {
                let before = columns.states.len();
                columns.states.read_counting(data)?;
                if columns.states.len() - before != count {
                    return Err(BadColumns);
                }
                Ok(())
            }
            ImagePart::Change => columns.states.read_change(count, data),
            ImagePart::Words => columns.states.read_words(count, data),
            ImagePart::Accounts => columns.accounts.read(count, data),
            ImagePart::Identities => columns.accounts.texts.read(count, data),
            ImagePart::KeyHashes => {
                let mut reader = ColumnReader::of(data);
                reader.column(count, &mut columns.key_hashes)?;
                reader.end()
            }
            ImagePart::KeyTexts => columns.key_texts.read(count, data),
            ImagePart::KeyLocals => columns.key_locals.read(count, data),
            ImagePart::Entries => columns.states.entries.read(count, data),
        }
    }
}
