//! Reads the entries of directories for questions: with the spans in which they held, and with the digests by
//! which accounts find them.

use std::ops::Range;

use foldhash::HashSet;

use super::image::{EntryColumns, Image, ImageSpan, PositionTable};
use super::{Place, Store};
use crate::beside::both;
use crate::error::Result;
use crate::model::{
    DigestKey, DigestOf, EntryDigest, Indexed, Instant, KeyId, StateId, list_indices,
};

list_indices! {
    /// An entry among those that were read together: an index of [`EntryPart::entries`].
    PartEntryIx;
}

/// An entry of a directory in one span of time.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The stored state of the entry.
    pub state: StateId,
    /// The number by which the entry is the same in two snapshots of its directory.
    pub account: u32,
    /// The first place at which the entry held like this.
    pub from: Place,
    /// The first place after that.
    pub to: Place,
    /// Whether the account at the directory is active; `None` if no file states it.
    pub active: Option<bool>,
    /// When the person left or will leave, where the file states it apart from the account's expiry.
    pub left: Option<Instant>,
    /// When the account at the directory expires.
    pub expires: Option<Instant>,
    digests: Range<u32>,
}

impl Entry {
    /// Whether the entry is active at an instant: what the file states, unless the account has expired.
    pub fn active_at(&self, at: Instant) -> Option<bool> {
        match self.expires {
            Some(expires) if expires <= at => Some(false),
            _ => self.active,
        }
    }

    /// When the person left: the stated time, else the account's expiry. It may lie in the future.
    pub fn left_on(&self) -> Option<Instant> {
        self.left.or(self.expires)
    }
}

/// Entries of one directory, which are found by digests.
#[derive(Debug, Default)]
pub struct EntryPart {
    /// The entries, in the order of their states.
    pub entries: Indexed<PartEntryIx, Entry>,
    digests: Vec<(DigestOf, EntryDigest)>,
    owners: Vec<PartEntryIx>,
    /// Finds the first position of a digest in `digests`.
    table: PositionTable,
    /// For each position, the next one with the same digest, or 0.
    next: Vec<u32>,
}

impl EntryPart {
    /// The digests of an entry, each with its kind.
    pub fn digests(&self, entry: PartEntryIx) -> &[(DigestOf, EntryDigest)] {
        let own = &self.entries[entry].digests;
        &self.digests[own.start as usize..own.end as usize]
    }

    /// The entries with a digest, in order. An address has the same digest whether or not it is primary.
    pub fn having(&self, digest: EntryDigest) -> impl Iterator<Item = PartEntryIx> {
        let first = self.table.find(prefix(digest), |at| self.digests[at].1 == digest);
        let mut at = first.map(|first| first as u32 + 1).unwrap_or_default();
        std::iter::from_fn(move || {
            let place = (at as usize).checked_sub(1)?;
            at = self.next[place];
            Some(self.owners[place])
        })
    }

    /// Whether any entry has a login of this kind, from a mapped column.
    pub fn has_logins(&self, kind: DigestOf) -> bool {
        self.digests.iter().any(|(own, _)| *own == kind)
    }

    /// The only entry with a digest; `None` if none or several have it.
    pub fn only(&self, digest: EntryDigest) -> Option<PartEntryIx> {
        let mut having = self.having(digest);
        let first = having.next()?;
        having.all(|entry| entry == first).then_some(first)
    }

    /// The entries of these spans.
    fn of(image: &Image, columns: &EntryColumns, mut held: Vec<ImageSpan>) -> EntryPart {
        held.sort_unstable_by_key(|held| (held.place, held.from));
        let states = image.states();
        let mut part = EntryPart::default();
        let time = |seconds: Option<i64>| seconds.and_then(Instant::from_unix);
        for held in held {
            let Some(entry) = columns.at(held.place) else { continue };
            let begun = part.digests.len() as u32;
            part.digests.extend(entry.digests());
            let index = part.entries.push(Entry {
                state: states.state_at(held.place),
                account: states.accounts[held.place],
                from: Place::from_number(held.from),
                to: Place::from_number(held.to),
                active: entry.active,
                left: time(entry.left),
                expires: time(entry.expires),
                digests: begun..part.digests.len() as u32,
            });
            part.owners.resize(part.digests.len(), index);
        }
        part.arrange();
        part
    }

    fn arrange(&mut self) {
        self.table = PositionTable::with_room(self.digests.len());
        self.next = vec![0; self.digests.len()];
        // From the last to the first, so that each list of equal digests begins with the first.
        let mut firsts: Vec<u32> = Vec::new();
        for (at, (_, digest)) in self.digests.iter().enumerate() {
            let hash = prefix(*digest);
            match self.table.find(hash, |other| self.digests[other].1 == *digest) {
                // An entry has an address only once, but Primary and Address of two files may meet.
                Some(first) => {
                    self.next[at] = self.next[first];
                    self.next[first] = at as u32 + 1;
                    firsts.push(first as u32);
                }
                None => {
                    let digests = &self.digests;
                    self.table.add(hash, at as u32, |place| prefix(digests[place].1));
                }
            }
        }
        // Equal digests were put in front of each other: bring them into the order of the entries.
        firsts.sort_unstable();
        firsts.dedup();
        for first in firsts {
            let mut own = vec![first];
            let mut at = self.next[first as usize];
            while at != 0 {
                own.push(at - 1);
                at = self.next[at as usize - 1];
            }
            own[1..].sort_unstable();
            for pair in own.windows(2) {
                self.next[pair[0] as usize] = pair[1] + 1;
            }
            if let Some(last) = own.last() {
                self.next[*last as usize] = 0;
            }
        }
    }
}

/// Digests are random, so any part of one is a hash of it.
fn prefix(digest: EntryDigest) -> u64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&digest.0[..8]);
    u64::from_le_bytes(bytes)
}

impl Store {
    /// The entries of a directory that held at any place from `first` to `last`, each once for each span.
    ///
    /// # Errors
    /// If the database cannot be read, or has an invalid value.
    pub fn entries_between(&self, source: i64, first: Place, last: Place) -> Result<EntryPart> {
        let image = self.image()?;
        let columns = image.entries(&self.connection)?;
        let held = image.times.between(image.states(), source, first.number(), last.number());
        Ok(EntryPart::of(&image, columns, held))
    }

    /// The entries of a directory that held at a place and have at least one of these digests. For a question
    /// about a few people: nothing is arranged for the other entries.
    ///
    /// # Errors
    /// If the database cannot be read, or has an invalid value.
    pub fn entries_with(
        &self,
        source: i64,
        at: Place,
        wanted: &HashSet<EntryDigest>,
    ) -> Result<EntryPart> {
        let at = at.number();
        self.entries_held(source, wanted, |span| (span.from..span.to).contains(&at))
    }

    /// The entries of a directory that held at any place before this one and have at least one of these digests,
    /// each once for each span. For a question about a few people.
    ///
    /// # Errors
    /// If the database cannot be read, or has an invalid value.
    pub fn entries_before_with(
        &self,
        source: i64,
        before: Place,
        wanted: &HashSet<EntryDigest>,
    ) -> Result<EntryPart> {
        self.entries_held(source, wanted, |span| span.from < before.number())
    }

    /// The entries of a directory with at least one of these digests, for each of their spans that passes a test.
    fn entries_held(
        &self,
        source: i64,
        wanted: &HashSet<EntryDigest>,
        is_wanted: impl Fn(&ImageSpan) -> bool,
    ) -> Result<EntryPart> {
        let image = self.image()?;
        let columns = image.entries(&self.connection)?;
        let states = columns.with_any(wanted).into_iter();
        let spans = states.flat_map(|state| image.times.of(image.states(), state));
        let held = spans.filter(|it| it.source == source && is_wanted(it));
        Ok(EntryPart::of(&image, columns, held.collect()))
    }

    /// The digests of all keys of addresses in the database, by the number of the key. The first key has the
    /// number 1; the entry of the number 0 means nothing.
    ///
    /// # Errors
    /// If the database cannot be read, or has an invalid value.
    pub fn digests_of_keys(&self, key: &DigestKey) -> Result<Indexed<KeyId, EntryDigest>> {
        let image = self.image()?;
        let texts = image.key_texts(&self.connection)?;
        let of = |places: Range<usize>| -> Vec<EntryDigest> {
            places.map(|place| key.address(texts.get(place))).collect()
        };
        let (count, middle) = (texts.len(), texts.len() / 2);
        let (second, first) = both(count, || of(middle..count), || of(0..middle));
        let mut digests = Vec::with_capacity(count + 1);
        digests.push(EntryDigest([0; 16]));
        digests.extend(first);
        digests.extend(second);
        Ok(digests.into())
    }

    /// The digest of one key.
    ///
    /// # Errors
    /// If the database cannot be read, or has an invalid value.
    pub fn digest_of_key(&self, key: &DigestKey, number: KeyId) -> Result<EntryDigest> {
        Ok(key.address(&self.key_text(number)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ListIndex;

    #[test]
    fn entries_are_found_by_digest_in_their_order() {
        let mut part = EntryPart::default();
        let digest = |it: u8| EntryDigest([it; 16]);
        for own in [&[1, 2][..], &[2, 3], &[], &[2], &[3]] {
            let begun = part.digests.len() as u32;
            part.digests.extend(own.iter().map(|it| (DigestOf::Address, digest(*it))));
            let index = part.entries.push(Entry {
                state: StateId::of_number(1),
                account: 1,
                from: Place::from_number(0),
                to: Place::from_number(1),
                active: None,
                left: None,
                expires: None,
                digests: begun..part.digests.len() as u32,
            });
            part.owners.resize(part.digests.len(), index);
        }
        part.arrange();
        let having = |it: u8| part.having(digest(it)).map(ListIndex::number).collect::<Vec<_>>();
        assert_eq!(
            [having(1), having(2), having(3), having(4)],
            [vec![0], vec![0, 1, 3], vec![1, 4], vec![]]
        );
        assert_eq!(part.only(digest(1)), Some(PartEntryIx::of_number(0)));
        assert_eq!(part.only(digest(2)), None);
    }
}
