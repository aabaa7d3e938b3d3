//! Finds equal values among millions by their hashes, in plain arrays. A bit map rules out nearly all values that
//! have no equal. The other values are sorted by hash. Equal hashes do not prove equal values, so the caller must
//! compare the values.

use std::hash::BuildHasher;
use std::ops::Range;

use foldhash::fast::RandomState;

use crate::model::{Grouped, ListIndex, list_indices, low_bits, part};

/// Hashes the texts that are compared for one question. The seed is random, so that nobody can choose texts
/// whose hashes collide.
#[derive(Clone, Default)]
pub(super) struct Hasher(RandomState);

impl Hasher {
    /// The hash of a text that is passed as two pieces.
    pub fn of(&self, text: (&str, &str)) -> u64 {
        spread(self.0.hash_one(text))
    }

    pub fn of_number(&self, number: u64) -> u64 {
        spread(self.0.hash_one(number))
    }
}

/// Spreads the randomness of a hash over all of its bits, so that any of the bits can select a bucket.
pub(super) fn spread(hash: u64) -> u64 {
    let full = u128::from(hash) * 0x9e37_79b9_7f4a_7c15;
    full as u64 ^ (full >> 64) as u64
}

/// A set of hashes that may report a hash that it lacks, but never the reverse (a Bloom filter). Each hash sets
/// two bits in one word.
#[derive(Default)]
pub(super) struct Bits {
    /// The bits of the set. The number of words is a power of two, or zero.
    words: Vec<u64>,
}

impl Bits {
    /// An empty set with room for `count` hashes; with more hashes it reports more that it lacks.
    pub fn for_count(count: usize) -> Bits {
        Bits { words: vec![0; (count / 10).next_power_of_two()] }
    }

    pub fn of(hashes: impl ExactSizeIterator<Item = u64>) -> Bits {
        let mut bits = Bits::for_count(hashes.len());
        hashes.for_each(|hash| bits.add(hash));
        bits
    }

    pub fn add(&mut self, hash: u64) {
        let word = self.word(hash);
        if let Some(word) = self.words.get_mut(word) {
            *word |= Bits::two(hash);
        }
    }

    /// May the set contain this hash? If the answer is `false`, it does not.
    pub fn may_have(&self, hash: u64) -> bool {
        let two = Bits::two(hash);
        self.words.get(self.word(hash)).is_some_and(|word| word & two == two)
    }

    fn word(&self, hash: u64) -> usize {
        low_bits(hash >> 12) & self.words.len().wrapping_sub(1)
    }

    fn two(hash: u64) -> u64 {
        1 << (hash & 63) | 1 << (hash >> 6 & 63)
    }
}

/// Values sorted by their hashes. The leading bits of a hash are the number of its bucket, which has a few
/// values.
pub(super) struct Buckets<T> {
    things: Grouped<BucketIx, T>,
    /// The number of bits by which a hash is shifted to the right to get the number of its bucket.
    shift: u32,
}

list_indices! {
    /// A bucket of [`Buckets`].
    BucketIx;
    /// The position of an entry of [`Alike`]. The entries are in the order of their hashes.
    AlikeIx;
}

impl<T: Copy + Default + Ord> Buckets<T> {
    /// Sorts values into buckets. The order of the values must begin with the order of their hashes.
    pub fn of(things: &[T], hash: impl Fn(&T) -> u64) -> Buckets<T> {
        let buckets = (things.len() / 4).next_power_of_two().max(2);
        let shift = 64 - buckets.trailing_zeros();
        let placed = things.iter().map(|thing| (bucket(hash(thing), shift), *thing));
        let mut things = Grouped::arranged(buckets, placed);
        things.sort_each();
        Buckets { things, shift }
    }

    pub fn all(&self) -> &[T] {
        self.things.all()
    }

    /// The range, within `all`, of the values that may have this hash.
    pub fn range(&self, hash: u64) -> Range<u32> {
        self.things.range(bucket(hash, self.shift))
    }
}

/// The bucket (group of neighboring hashes) to which a hash belongs.
fn bucket(hash: u64, shift: u32) -> BucketIx {
    BucketIx::of_number((hash >> shift) as u32)
}

/// Finds the indices of values that have a certain hash.
pub(super) struct Alike<I> {
    /// The hashes with their indices, sorted by hash, then by index.
    entries: Buckets<(u64, I)>,
    bits: Bits,
}

impl<I: ListIndex + Default + Ord> Alike<I> {
    /// Arranges indices for lookups. Each entry is an index with the hash of its value.
    pub fn new(entries: &[(u64, I)]) -> Alike<I> {
        let bits = Bits::of(entries.iter().map(|(hash, _)| *hash));
        Alike { entries: Buckets::of(entries, |(hash, _)| *hash), bits }
    }

    /// The first index with this hash for which `is_it` is true, as a position in the sorted entries.
    pub fn find(&self, hash: u64, is_it: impl Fn(I) -> bool) -> Option<AlikeIx> {
        if !self.bits.may_have(hash) {
            return None;
        }
        let range = self.entries.range(hash);
        let own = part(self.entries.all(), &range);
        let found = own.iter().position(|(its, index)| *its == hash && is_it(*index))?;
        Some(AlikeIx::of_number(range.start + found as u32))
    }

    /// The indices that have the same hash as the index at this position, from this position on.
    pub fn from(&self, entry: AlikeIx) -> impl Iterator<Item = I> {
        let own = &self.entries.all()[entry.position()..];
        own.iter().take_while(|(hash, _)| *hash == own[0].0).map(|(_, index)| *index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Indexed, RowIx};

    #[test]
    fn everything_is_found_by_its_hash() {
        let hasher = Hasher::default();
        for count in [0, 1, 2, 3, 1000] {
            let words: Vec<String> = (0..count).map(|it| (it / 3).to_string()).collect();
            let words: Indexed<RowIx, String> = words.into();
            let hashed = words.enumerated().map(|(row, word)| (hasher.of((word, "")), row));
            let alike = Alike::new(&hashed.collect::<Vec<_>>());
            for (row, word) in words.enumerated() {
                let is_it = |other: RowIx| words[other] == *word;
                let entry = alike.find(hasher.of((word, "")), is_it).expect("there");
                let found: Vec<RowIx> = alike.from(entry).filter(|it| is_it(*it)).collect();
                let first = row.number() / 3 * 3;
                let expected = (first..count.min(first + 3)).map(RowIx::of_number);
                assert_eq!(found, expected.collect::<Vec<_>>());
            }
            assert_eq!(alike.find(hasher.of(("nobody", "")), |_| true), None);
        }
    }

    #[test]
    fn things_stand_in_the_order_of_their_hashes() {
        let hasher = Hasher::default();
        for count in [0u32, 1, 2, 5, 1000] {
            let things: Vec<(u64, u32)> =
                (0..count).map(|it| (hasher.of_number(u64::from(it % 300)), count - it)).collect();
            let mut expected = things.clone();
            expected.sort_unstable();
            assert_eq!(Buckets::of(&things, |it| it.0).all(), expected);
        }
    }

    #[test]
    fn texts_with_one_hash_are_told_apart() {
        let hashed =
            [(7, 0), (7, 1), (7, 2), (8, 3)].map(|(hash, row)| (hash, RowIx::of_number(row)));
        let alike = Alike::new(&hashed);
        let entry = alike.find(7, |it| it == RowIx::of_number(1)).expect("there");
        assert_eq!(
            alike.from(entry).collect::<Vec<_>>(),
            [RowIx::of_number(1), RowIx::of_number(2)]
        );
    }
}
