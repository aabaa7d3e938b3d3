//! The entries of employee directories as columns of the image. Only questions about directories read these
//! columns. A state that is an account has no values in them.

use std::ops::Range;

use foldhash::HashSet;

use super::bytes::{BadColumns, ColumnReader, put, put_count};
use crate::model::{DigestOf, EntryDigest, EntryRecord, Instant};

/// The number that stands for a missing time, because the directory does not state one.
const NO_TIME: i64 = i64::MIN;

/// The length of a digest, in bytes.
const DIGEST: usize = 16;

/// The directory entries among the states of an image, as columns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EntryColumns {
    /// The number of all states in the image: directory entries and accounts.
    states: usize,
    /// The positions of the states that are directory entries, in ascending order.
    places: Vec<u32>,
    /// For each directory entry, the position in `digests` after its last digest.
    ends: Vec<u32>,
    kinds: Vec<u8>,
    digests: Vec<[u8; DIGEST]>,
    /// Whether each entry is active. 0 means that the directory does not state it, 1 means inactive, and 2 means
    /// active.
    active: Vec<u8>,
    left: Vec<i64>,
    expires: Vec<i64>,
}

/// A directory entry, with the values that the image (the derived columns) has of it.
#[derive(Debug, Clone, Copy)]
pub struct EntryColumn<'e> {
    kinds: &'e [u8],
    digests: &'e [[u8; DIGEST]],
    /// Whether the person's account at the directory is active; `None` if the directory does not state it.
    pub active: Option<bool>,
    /// The time when the person left or will leave, in seconds since 1970.
    pub left: Option<i64>,
    /// The time when the person's account at the directory expires, in seconds since 1970.
    pub expires: Option<i64>,
}

impl<'e> EntryColumn<'e> {
    /// The digests by which the person's accounts are found, each with its kind.
    pub fn digests(&self) -> impl Iterator<Item = (DigestOf, EntryDigest)> + use<'e> {
        self.kinds.iter().zip(self.digests).filter_map(|(kind, digest)| {
            Some((DigestOf::from_number(*kind)?, EntryDigest(*digest)))
        })
    }
}

impl EntryColumns {
    /// Adds a state. `entry` is `None` if the state is not a directory entry.
    pub fn push(&mut self, entry: Option<&EntryRecord>) {
        if let Some(entry) = entry {
            self.places.push(self.states as u32);
            self.kinds.extend(entry.digests.iter().map(|(kind, _)| *kind as u8));
            self.digests.extend(entry.digests.iter().map(|(_, digest)| digest.0));
            self.ends.push(self.digests.len() as u32);
            self.active.push(match entry.active {
                None => 0,
                Some(active) => 1 + u8::from(active),
            });
            let seconds = |at: Option<Instant>| at.map_or(NO_TIME, Instant::unix);
            self.left.push(seconds(entry.left));
            self.expires.push(seconds(entry.expires));
        }
        self.states += 1;
    }

    /// Adds a copy of the state at the position `place` of `other`.
    pub fn copy(&mut self, other: &EntryColumns, place: usize) {
        if let Ok(at) = other.places.binary_search(&(place as u32)) {
            let own = other.range(at);
            self.places.push(self.states as u32);
            self.kinds.extend_from_slice(&other.kinds[own.clone()]);
            self.digests.extend_from_slice(&other.digests[own]);
            self.ends.push(self.digests.len() as u32);
            self.active.push(other.active[at]);
            self.left.push(other.left[at]);
            self.expires.push(other.expires[at]);
        }
        self.states += 1;
    }

    /// The directory entry that the state at this position in the image is; `None` if that state is an account.
    pub fn at(&self, place: usize) -> Option<EntryColumn<'_>> {
        let at = self.places.binary_search(&u32::try_from(place).ok()?).ok()?;
        Some(self.entry(at))
    }

    /// The positions in the image of the directory entries that have at least one of these digests, in ascending
    /// order.
    pub fn with_any(&self, wanted: &HashSet<EntryDigest>) -> Vec<usize> {
        let (mut found, mut at) = (Vec::new(), 0);
        for (place, digest) in self.digests.iter().enumerate() {
            if wanted.contains(&EntryDigest(*digest)) {
                while self.ends.get(at).is_some_and(|end| *end as usize <= place) {
                    at += 1;
                }
                found.extend(self.places.get(at).map(|it| *it as usize));
            }
        }
        found.dedup();
        found
    }

    fn entry(&self, at: usize) -> EntryColumn<'_> {
        let (own, time) = (self.range(at), |time: i64| (time != NO_TIME).then_some(time));
        EntryColumn {
            kinds: &self.kinds[own.clone()],
            digests: &self.digests[own],
            active: match self.active[at] {
                0 => None,
                active => Some(active == 2),
            },
            left: time(self.left[at]),
            expires: time(self.expires[at]),
        }
    }

    fn range(&self, at: usize) -> Range<usize> {
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        start as usize..self.ends[at] as usize
    }

    /// The bytes of a segment (a stored piece of the image) with the directory entries among the states at these
    /// positions.
    pub fn write(&self, places: Range<usize>) -> Vec<u8> {
        let at = |place: usize| self.places.partition_point(|it| (*it as usize) < place);
        let own = at(places.start)..at(places.end);
        let mut bytes = Vec::new();
        put_count(&mut bytes, own.len());
        if own.is_empty() {
            return bytes;
        }
        let relative = self.places[own.clone()].iter().map(|it| *it - places.start as u32);
        put(&mut bytes, &relative.collect::<Vec<u32>>());
        let counts = own.clone().map(|at| self.range(at).len() as u32);
        put(&mut bytes, &counts.collect::<Vec<u32>>());
        put(&mut bytes, &self.active[own.clone()]);
        put(&mut bytes, &self.left[own.clone()]);
        put(&mut bytes, &self.expires[own.clone()]);
        let digests = self.range(own.start).start..self.range(own.end - 1).end;
        put(&mut bytes, &self.kinds[digests.clone()]);
        self.digests[digests].iter().for_each(|digest| bytes.extend_from_slice(digest));
        bytes
    }

    /// Adds the directory entries of a stored segment to the columns. `count` is the number of states in the
    /// segment.
    pub fn read(&mut self, count: usize, bytes: &[u8]) -> Result<(), BadColumns> {
        let mut reader = ColumnReader::of(bytes);
        let entries = reader.count()?;
        let first = u32::try_from(self.states).map_err(|_| BadColumns)?;
        self.states += count;
        if entries == 0 {
            return reader.end();
        }
        let (mut relative, mut counts): (Vec<u32>, Vec<u32>) = (Vec::new(), Vec::new());
        reader.column(entries, &mut relative)?;
        reader.column(entries, &mut counts)?;
        let ascending = relative.windows(2).all(|pair| pair[0] < pair[1]);
        if !ascending || relative.last().is_some_and(|last| *last as usize >= count) {
            return Err(BadColumns);
        }
        self.places.extend(relative.iter().map(|it| first + it));
        reader.column(entries, &mut self.active)?;
        reader.column(entries, &mut self.left)?;
        reader.column(entries, &mut self.expires)?;
        let mut end = self.digests.len();
        for own in &counts {
            end = end.checked_add(*own as usize).ok_or(BadColumns)?;
            self.ends.push(u32::try_from(end).map_err(|_| BadColumns)?);
        }
        let all = end - self.digests.len();
        reader.column(all, &mut self.kinds)?;
        let length = all.checked_mul(DIGEST).ok_or(BadColumns)?;
        let digests = reader.bytes(length)?.chunks_exact(DIGEST);
        self.digests.extend(digests.map(|it| {
            let mut digest = [0; DIGEST];
            digest.copy_from_slice(it);
            digest
        }));
        reader.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled() -> EntryColumns {
        let mut columns = EntryColumns::default();
        for number in 0..9u8 {
            let digest = |it: u8| EntryDigest([it; DIGEST]);
            let digests = (0..number % 4).map(|it| (DigestOf::Address, digest(10 * number + it)));
            let entry = EntryRecord {
                id: digest(number),
                digests: digests.collect(),
                active: [None, Some(true), Some(false)][usize::from(number % 3)],
                left: Instant::from_unix(i64::from(number)).filter(|_| number % 2 == 0),
                expires: None,
                details: digest(0),
            };
            columns.push(Some(&entry).filter(|_| number % 5 != 1));
        }
        columns
    }

    #[test]
    fn entries_are_read_as_they_were_written_in_segments_of_any_length() {
        let columns = filled();
        for cut in 0..=columns.states {
            let mut read = EntryColumns::default();
            for part in [0..cut, cut..columns.states] {
                read.read(part.len(), &columns.write(part)).expect("a segment");
            }
            assert_eq!(read, columns, "{cut}");
            let mut copied = EntryColumns::default();
            (0..columns.states).for_each(|place| copied.copy(&columns, place));
            assert_eq!(copied, columns);
        }
        assert!(columns.at(1).is_none());
        assert_eq!(columns.at(2).and_then(|it| it.left), Some(2));
    }

    #[test]
    fn entries_are_found_by_any_of_their_digests() {
        let columns = filled();
        let wanted = |all: &[u8]| all.iter().map(|it| EntryDigest([*it; DIGEST])).collect();
        assert_eq!(columns.with_any(&wanted(&[20, 21, 70, 72])), [2, 7]);
        assert_eq!(columns.with_any(&wanted(&[30, 99])), [3]);
        assert!(columns.with_any(&wanted(&[10, 40, 99])).is_empty(), "1 and 4 have no such digest");
    }

    #[test]
    fn what_is_cut_or_longer_is_refused() {
        let columns = filled();
        let bytes = columns.write(0..columns.states);
        for length in 0..bytes.len() {
            let read = EntryColumns::default().read(columns.states, &bytes[..length]);
            assert!(read.is_err(), "{length}");
        }
        let longer = [bytes.as_slice(), &[0]].concat();
        assert!(EntryColumns::default().read(columns.states, &longer).is_err());
        assert!(EntryColumns::default().read(1, &bytes).is_err(), "a place outside of the segment");
    }
}
