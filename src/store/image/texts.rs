//! Defines the columns of accounts, and a list of texts that is used to number the keys of addresses.

use std::ops::Range;

use super::bytes::{BadColumns, ColumnReader, put, put_count};
use super::counts::{read_runs, runs};
use super::places::PositionTable;
use super::sparse::{Ascending, Runs};
use super::sums::OfIdentities;
use super::text_column::TextColumn;
use crate::error::Result;

/// The accounts of an image as columns, in the order of the accounts' numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountColumns {
    /// The number of each account.
    pub numbers: Ascending,
    /// The number of each account's source.
    pub sources: Runs,
    /// The hash of each account's identity.
    pub hashes: Vec<u64>,
    /// The summary of all identities: whether unusual ids are among them, and the endings of logins.
    pub sums: OfIdentities,
    /// The identity of each account, by which an account is recognized in two snapshots. Empty if this part of
    /// the image was not read.
    pub texts: TextColumn,
}

impl AccountColumns {
    pub fn len(&self) -> usize {
        self.numbers.len()
    }

    /// The position of an account in the columns, by its number; `None` if the columns lack the account.
    pub fn place_of(&self, number: u32) -> Option<usize> {
        self.numbers.place_of(number)
    }

    /// The number of the first account; `None` if there is no account.
    pub fn first(&self) -> Option<u32> {
        (self.len() > 0).then(|| self.numbers.at(0))
    }

    /// Reserves memory for the hashes of `count` accounts.
    pub fn reserve(&mut self, count: usize) {
        self.hashes.reserve_exact(count);
    }

    /// Whether the columns have every account with one of these numbers.
    pub fn have(&self, numbers: &[u32]) -> bool {
        if self.numbers.all_follow() {
            // The columns have all numbers from 1 on, so it is enough to check the least and the greatest of
            // `numbers`.
            let ends = numbers
                .iter()
                .fold((u32::MAX, 0), |(first, last), it| (first.min(*it), last.max(*it)));
            return numbers.is_empty() || (ends.0 > 0 && ends.1 as usize <= self.len());
        }
        numbers.iter().all(|number| self.place_of(*number).is_some())
    }

    /// Adds an account to the columns.
    ///
    /// # Errors
    /// If the identities of all accounts together become too long.
    pub fn push(&mut self, number: u32, source: u32, hash: u64, identity: &str) -> Result<()> {
        self.numbers.push(number);
        self.sources.push(source, 1);
        self.hashes.push(hash);
        self.sums.add(identity);
        self.texts.push(identity)
    }

    /// The bytes of a segment (stored piece) with the accounts at a range of positions, without their
    /// identities.
    pub fn write(&self, places: Range<usize>) -> Vec<u8> {
        let mut bytes = Vec::new();
        let numbers = &self.numbers.of(places.clone())[..];
        let follow = numbers.windows(2).all(|pair| pair[0].checked_add(1) == Some(pair[1]));
        put_count(&mut bytes, usize::from(follow));
        put(&mut bytes, if follow { numbers.get(..1).unwrap_or_default() } else { numbers });
        let runs = runs(&self.sources.of(places.clone()));
        put_count(&mut bytes, runs.len() / 2);
        put(&mut bytes, &runs);
        put(&mut bytes, &self.hashes[places.clone()]);
        OfIdentities::write(&mut bytes, &self.texts, places);
        bytes
    }

    /// Adds the accounts of a stored segment to the columns. `count` is the number of accounts in the segment.
    pub fn read(&mut self, count: usize, bytes: &[u8]) -> std::result::Result<(), BadColumns> {
        let mut reader = ColumnReader::of(bytes);
        // Every account takes more than one byte. So a count that is greater than the number of bytes is wrong,
        // and no memory must be allocated for it.
        if count > bytes.len() {
            return Err(BadColumns);
        }
        match reader.count()? {
            1 if count > 0 => {
                let first: u32 = reader.one()?;
                let last = first.checked_add(count as u32).ok_or(BadColumns)?;
                self.numbers.push_range(first..last);
            }
            _ => {
                let mut numbers: Vec<u32> = Vec::new();
                reader.column(count, &mut numbers)?;
                numbers.into_iter().for_each(|number| self.numbers.push(number));
            }
        }
        let runs_count = reader.count()?;
        let mut runs: Vec<u32> = Vec::new();
        reader.column(runs_count.checked_mul(2).ok_or(BadColumns)?, &mut runs)?;
        read_runs(&runs, count, &mut self.sources)?;
        reader.column(count, &mut self.hashes)?;
        self.sums.read(&mut reader)?;
        reader.end()
    }
}

/// A list of different texts, each found by its hash, so that a text has one number. Texts with equal hashes are
/// compared.
#[derive(Debug, Clone, Default)]
pub struct Numbered {
    /// The lower half of the hash of each text. It is enough, because texts with equal hashes are compared.
    pub hashes: Vec<u32>,
    pub texts: TextColumn,
    places: PositionTable,
}

impl Numbered {
    /// The position of a text in the list; `None` if the list does not hold the text.
    pub fn find(&self, hash: u64, text: &str) -> Option<u32> {
        let hash = hash as u32;
        let is_it = |at: usize| self.hashes[at] == hash && self.texts.get(at) == text;
        self.places.find(u64::from(hash), is_it).map(|at| at as u32)
    }

    /// Whether the list has a text with this hash. The text itself is not compared.
    pub fn has(&self, hash: u32) -> bool {
        self.places.find(u64::from(hash), |at| self.hashes[at] == hash).is_some()
    }

    /// The position of a text in the list. A new text is added to the list.
    ///
    /// # Errors
    /// If all texts together become too long.
    pub fn place(&mut self, hash: u64, text: &str) -> Result<u32> {
        if let Some(place) = self.find(hash, text) {
            return Ok(place);
        }
        let place = self.hashes.len() as u32;
        self.texts.push(text)?;
        self.hashes.push(hash as u32);
        let hash = u64::from(hash as u32);
        self.places.add(hash, place, |at| u64::from(self.hashes[at]));
        Ok(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_and_texts_are_read_as_they_were_written() {
        let mut accounts = AccountColumns::default();
        for (number, source, text) in
            [(1, 1, "login:ada"), (2, 1, ""), (5, 2, "id:7 ü"), (6, 1, "x")]
        {
            accounts.push(number, source, u64::from(number), text).expect("room");
        }
        for cut in 0..=accounts.len() {
            let mut read = AccountColumns::default();
            for part in [0..cut, cut..accounts.len()] {
                let (bytes, texts) =
                    (accounts.write(part.clone()), accounts.texts.write(part.clone()));
                read.read(part.len(), &bytes).expect("accounts");
                read.texts.read(part.len(), &texts).expect("texts");
                for length in 0..bytes.len() {
                    assert!(AccountColumns::default().read(part.len(), &bytes[..length]).is_err());
                }
                for length in 0..texts.len() {
                    assert!(TextColumn::default().read(part.len(), &texts[..length]).is_err());
                }
            }
            assert_eq!(read, accounts);
        }
        assert_eq!([1, 4, 5, 6].map(|it| accounts.place_of(it)), [Some(0), None, Some(2), Some(3)]);
    }

    #[test]
    fn a_text_has_one_place_whatever_its_hash() {
        let mut numbered = Numbered::default();
        let texts: Vec<String> = (0..100).map(|it| format!("{it}@corp.example")).collect();
        for _ in 0..2 {
            for (place, text) in (0u32..).zip(&texts) {
                assert_eq!(numbered.place(u64::from(place % 3), text).ok(), Some(place));
            }
        }
        assert_eq!(numbered.find(1, "nobody"), None);
    }
}
