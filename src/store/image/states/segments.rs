//! Writes the states of an image to the segments (stored pieces) of three parts, and reads them again.
//! `counting` is the part for counting, `change` the part for finding changes, and `words` the part for finding
//! people by their names. The bytes of a segment may be damaged, so the functions that read a segment must not
//! trust them.

use std::ops::Range;

use super::StateTable;
use crate::store::image::bytes::{BadColumns, ColumnReader, put, put_count};
use crate::store::image::counts::{counts, ends, put_counts, read_counts, read_runs, runs};

/// The bits that say which columns of a segment have their long form: the numbers of the states if they are not
/// consecutive, the shapes if there are several, and the counts if they do not fit in 16 bits.
const NUMBERS: u32 = 1;
const SHAPES: u32 = 2;
const WIDE: u32 = 4;

impl StateTable {
    /// The bytes of a segment (stored piece) with the columns that counting needs, for the states at these
    /// positions.
    pub fn counting(&self, places: Range<usize>) -> Vec<u8> {
        let (mut bytes, count) = (Vec::new(), places.len());
        let numbers = &self.numbers.of(places.clone())[..];
        let shapes = &self.shapes.of(places.clone())[..];
        let (keys, listed) = (ends(&self.key_ends, &places), ends(&self.listed_ends, &places));
        let key_counts = counts(&self.key_ends, &places);
        let listed_counts = counts(&self.listed_ends, &places);
        let follow = numbers.windows(2).all(|pair| pair[0].checked_add(1) == Some(pair[1]));
        let alike = shapes.windows(2).all(|pair| pair[0] == pair[1]);
        let is_wide = |it: &u32| *it > u32::from(u16::MAX);
        let wide = key_counts.iter().chain(&listed_counts).any(is_wide);
        let form = |is: bool, bit: u32| if is { bit } else { 0 };
        put_count(&mut bytes, count);
        put(&mut bytes, &[form(!follow, NUMBERS) | form(!alike, SHAPES) | form(wide, WIDE)]);
        put(&mut bytes, if follow { numbers.get(..1).unwrap_or_default() } else { numbers });
        let runs = runs(&self.snapshots.of(places.clone()));
        put_count(&mut bytes, runs.len() / 2);
        put(&mut bytes, &runs);
        put(&mut bytes, &self.accounts[places.clone()]);
        put(&mut bytes, if alike { shapes.get(..1).unwrap_or_default() } else { shapes });
        put(&mut bytes, &self.flags[places]);
        put_counts(&mut bytes, &key_counts, wide);
        put(&mut bytes, &self.keys[keys.clone()]);
        put(&mut bytes, &self.kinds[keys]);
        put_count(&mut bytes, listed.len());
        if listed.is_empty() {
            return bytes;
        }
        put_counts(&mut bytes, &listed_counts, wide);
        put(&mut bytes, &self.hosts[listed.clone()]);
        put(&mut bytes, &self.ids[listed.clone()]);
        let odd: Vec<(u32, &str)> = match self.odd_ids.is_empty() {
            true => Vec::new(),
            false => listed
                .clone()
                .filter_map(|at| {
                    Some(((at - listed.start) as u32, &**self.odd_ids.get(&(at as u32))?))
                })
                .collect(),
        };
        put_count(&mut bytes, odd.len());
        put(&mut bytes, &odd.iter().map(|(at, _)| *at).collect::<Vec<u32>>());
        put(&mut bytes, &odd.iter().map(|(_, id)| id.len() as u32).collect::<Vec<u32>>());
        odd.iter().for_each(|(_, id)| bytes.extend_from_slice(id.as_bytes()));
        bytes
    }

    /// Adds the states of a stored segment to the table. The segment lacks the digests of their records and the
    /// hashes of their names, which other segments have.
    pub fn read_counting(&mut self, bytes: &[u8]) -> Result<(), BadColumns> {
        let mut reader = ColumnReader::of(bytes);
        let count = reader.count()?;
        // Every state takes at least one byte. So a count that is greater than the number of bytes is damage,
        // and no memory must be allocated for it.
        if count > bytes.len() {
            return Err(BadColumns);
        }
        let form: u32 = reader.one()?;
        if form & NUMBERS != 0 {
            let mut numbers: Vec<u32> = Vec::new();
            reader.column(count, &mut numbers)?;
            numbers.into_iter().for_each(|number| self.numbers.push(number));
        } else if count > 0 {
            let first: u32 = reader.one()?;
            let last = first.checked_add(count as u32).ok_or(BadColumns)?;
            self.numbers.push_range(first..last);
        }
        let runs_count = reader.count()?;
        let mut runs: Vec<u32> = Vec::new();
        reader.column(runs_count.checked_mul(2).ok_or(BadColumns)?, &mut runs)?;
        read_runs(&runs, count, &mut self.snapshots)?;
        reader.column(count, &mut self.accounts)?;
        if form & SHAPES != 0 {
            let mut shapes: Vec<u32> = Vec::new();
            reader.column(count, &mut shapes)?;
            shapes.into_iter().for_each(|shape| self.shapes.push(shape, 1));
        } else if count > 0 {
            let shape: u32 = reader.one()?;
            self.shapes.push(shape, count);
        }
        reader.column(count, &mut self.flags)?;
        let wide = form & WIDE != 0;
        let keys = read_counts(&mut reader, count, wide, &mut self.key_ends, self.keys.len())?;
        reader.column(keys, &mut self.keys)?;
        reader.column(keys, &mut self.kinds)?;
        let listed = reader.count()?;
        let before = self.ids.len();
        if listed == 0 {
            self.listed_ends.extend(std::iter::repeat_n(before as u32, count));
            return reader.end();
        }
        if read_counts(&mut reader, count, wide, &mut self.listed_ends, before)? != listed {
            return Err(BadColumns);
        }
        reader.column(listed, &mut self.hosts)?;
        reader.column(listed, &mut self.ids)?;
        let odd = reader.count()?;
        let (mut places, mut lengths): (Vec<u32>, Vec<u32>) = (Vec::new(), Vec::new());
        reader.column(odd, &mut places)?;
        reader.column(odd, &mut lengths)?;
        for (place, length) in places.into_iter().zip(lengths) {
            let text =
                std::str::from_utf8(reader.bytes(length as usize)?).map_err(|_| BadColumns)?;
            let place = place.checked_add(before as u32).ok_or(BadColumns)?;
            self.odd_ids.insert(place, text.into());
        }
        reader.end()
    }

    /// The bytes of a segment (stored piece) with the digests of the records of the states at these positions.
    pub fn change(&self, places: Range<usize>) -> Vec<u8> {
        let mut bytes = Vec::new();
        put(&mut bytes, &self.digests[places]);
        bytes
    }

    /// Adds the digests of records from a stored segment to the table. `count` is the number of states in the
    /// segment.
    pub fn read_change(&mut self, count: usize, bytes: &[u8]) -> Result<(), BadColumns> {
        let mut reader = ColumnReader::of(bytes);
        reader.column(count, &mut self.digests)?;
        reader.end()
    }

    /// The bytes of a segment (stored piece) with the hashes of the logins and display names of the states at
    /// these positions.
    pub fn words(&self, places: Range<usize>) -> Vec<u8> {
        let mut bytes = Vec::new();
        put(&mut bytes, &self.words.logins[places.clone()]);
        put(&mut bytes, &self.words.names[places]);
        bytes
    }

    /// Adds the hashes of logins and display names from a stored segment to the table. `count` is the number of
    /// states in the segment.
    pub fn read_words(&mut self, count: usize, bytes: &[u8]) -> Result<(), BadColumns> {
        let mut reader = ColumnReader::of(bytes);
        reader.column(count, &mut self.words.logins)?;
        reader.column(count, &mut self.words.names)?;
        reader.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::image::states::State;

    fn filled() -> StateTable {
        let mut states = StateTable::default();
        for number in 1..=9u32 {
            let keys = [(number, 5), (number + 7, 8)];
            let state = State {
                // No state has the number 5, so the numbers are not consecutive.
                number: number + u32::from(number > 4),
                snapshot: number / 4 + 1,
                account: number % 3,
                shape: number / 8,
                row: (number % 5) as u8,
                roles: (number % 3) as u8,
                visual_studio: number % 2 == 0,
                takes_part: number % 3 == 0,
                keys: &keys[..(number % 3) as usize],
                digest: u64::from(number) << 40,
                login: number % 4,
                name: (number % 2 == 0).then_some(-i64::from(number)),
                entry: None,
            };
            let listed = [(1, "7"), (2, "007"), (2, "x"), (3, "18446744073709551616"), (3, "0")];
            states.add(&state, listed.into_iter().take((number % 6) as usize));
        }
        states
    }

    #[test]
    fn states_are_read_as_they_were_written_in_segments_of_any_length() {
        let states = filled();
        for cut in 0..=states.len() {
            let mut read = StateTable::default();
            for part in [0..cut, cut..states.len()] {
                read.read_counting(&states.counting(part.clone())).expect("counting");
                read.read_change(part.len(), &states.change(part.clone())).expect("change");
                read.read_words(part.len(), &states.words(part.clone())).expect("words");
                read.entries.read(part.len(), &states.entries.write(part)).expect("entries");
            }
            assert_eq!(read, states, "{cut}");
        }
    }

    #[test]
    fn what_is_cut_or_longer_is_refused() {
        let states = filled();
        let bytes = states.counting(0..states.len());
        for length in 0..bytes.len() {
            assert!(StateTable::default().read_counting(&bytes[..length]).is_err(), "{length}");
        }
        let longer = [bytes.as_slice(), &[0]].concat();
        assert!(StateTable::default().read_counting(&longer).is_err());
    }
}
