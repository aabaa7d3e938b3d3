//! Defines a column of texts, and converts it to the bytes of segments (stored pieces) and back.

use std::ops::Range;

use super::bytes::{BadColumns, ColumnReader, put};
use crate::error::{Error, Result};

/// A column of texts, which are stored one after another in one string.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TextColumn {
    bytes: String,
    ends: Vec<u32>,
}

impl TextColumn {
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// The text at a position of the column.
    pub fn get(&self, place: usize) -> &str {
        &self.bytes[self.range(place)]
    }

    fn range(&self, place: usize) -> Range<usize> {
        let start = if place == 0 { 0 } else { self.ends[place - 1] };
        start as usize..self.ends[place] as usize
    }

    /// Adds a text to the column.
    ///
    /// # Errors
    /// If all texts of the column together are longer than 4 GiB.
    pub fn push(&mut self, text: &str) -> Result<()> {
        self.bytes.push_str(text);
        let end = u32::try_from(self.bytes.len()).map_err(|_| too_long())?;
        self.ends.push(end);
        Ok(())
    }

    /// The bytes of a segment (stored piece) with the texts at a range of positions: first the lengths of the
    /// texts, in one byte each if all lengths fit, and then the texts.
    pub fn write(&self, places: Range<usize>) -> Vec<u8> {
        let mut bytes = Vec::new();
        let lengths = places.clone().map(|place| self.range(place).len() as u32);
        let lengths: Vec<u32> = lengths.collect();
        let short: Option<Vec<u8>> = lengths.iter().map(|it| u8::try_from(*it).ok()).collect();
        put(&mut bytes, &[u8::from(short.is_none())]);
        match short {
            Some(short) => put(&mut bytes, &short),
            None => put(&mut bytes, &lengths),
        }
        places.for_each(|place| bytes.extend_from_slice(self.get(place).as_bytes()));
        bytes
    }

    /// Adds the texts of a stored segment to the column. `count` is the number of texts in the segment.
    pub fn read(&mut self, count: usize, bytes: &[u8]) -> std::result::Result<(), BadColumns> {
        let mut reader = ColumnReader::of(bytes);
        let mut lengths: Vec<u32> = Vec::new();
        match reader.one::<u8>()? {
            0 => lengths.extend(reader.bytes(count)?.iter().copied().map(u32::from)),
            _ => reader.column(count, &mut lengths)?,
        }
        let all: u64 = lengths.iter().map(|it| u64::from(*it)).sum();
        let all = usize::try_from(all).map_err(|_| BadColumns)?;
        let text = std::str::from_utf8(reader.bytes(all)?).map_err(|_| BadColumns)?;
        reader.end()?;
        let begun = self.bytes.len();
        u32::try_from(begun + all).map_err(|_| BadColumns)?;
        self.bytes.push_str(text);
        self.ends.reserve(count);
        let mut end = begun as u32;
        for length in lengths {
            end += length;
            if !self.bytes.is_char_boundary(end as usize) {
                return Err(BadColumns);
            }
            self.ends.push(end);
        }
        Ok(())
    }
}

fn too_long() -> Error {
    Error::database("the database is full: its texts are longer than 4 GiB")
}
