//! Finds equal values among millions by their hashes, in plain arrays. A bit map rules out nearly all
//! values that have no equal, and the rest is sorted by hash. Hashes only propose: the caller compares what
//! it finds.

use std::hash::BuildHasher;
use std::ops::Range;

use foldhash::fast::RandomState;

/// Hashes texts for one question. The seed is random, so that nobody can choose colliding texts.
#[derive(Clone, Default)]
pub(super) struct Hasher(RandomState);

impl Hasher {
    /// The hash of a text in two pieces.
    pub fn of(&self, text: (&str, &str)) -> u64 {
        spread(self.0.hash_one(text))
    }

    pub fn of_number(&self, number: u64) -> u64 {
        spread(self.0.hash_one(number))
    }
}

/// Spreads the entropy of a hash over all of its bits.
pub(super) fn spread(hash: u64) -> u64 {
    let full = u128::from(hash) * 0x9e37_79b9_7f4a_7c15;
    full as u64 ^ (full >> 64) as u64
}

/// A set of hashes with false positives: each hash sets two bits in one word.
#[derive(Default)]
pub(super) struct Bits {
    /// A power of two of words, or none.
    words: Vec<u64>,
}

impl Bits {
    /// An empty set with room for this number of hashes.
    pub fn for_count(count: usize) -> Bits {
        Bits { words: vec![0; (count / 10).next_power_of_two()] }
    }

    pub fn of(hashes: impl ExactSizeIterator<Item = u64>) -> Bits {
        let mut bits = Bits::for_count(hashes.len());
        hashes.for_each(|hash| bits.add(hash));
        bits
    }

    pub fn add(&mut self, hash: u64) {
        let place = self.place(hash);
        if let Some(word) = self.words.get_mut(place) {
            *word |= Bits::two(hash);
        }
    }

    /// May the set contain this hash?
    pub fn may_have(&self, hash: u64) -> bool {
        let two = Bits::two(hash);
        self.words.get(self.place(hash)).is_some_and(|word| word & two == two)
    }

    fn place(&self, hash: u64) -> usize {
        (hash >> 12) as usize & self.words.len().wrapping_sub(1)
    }

    fn two(hash: u64) -> u64 {
        1 << (hash & 63) | 1 << (hash >> 6 & 63)
    }
}

/// Values in an order in which the hash comes first. The leading bits of the hash divide them into buckets
/// of a few values each.
pub(super) struct Buckets<T> {
    things: Vec<T>,
    /// The beginning of each bucket, and the end of the last one.
    starts: Vec<u32>,
    /// The number of bits by which a hash is shifted to get its bucket.
    shift: u32,
}

impl<T: Copy + Default + Ord> Buckets<T> {
    /// Sorts values. Their order must begin with the hash.
    pub fn of(things: &[T], hash: impl Fn(&T) -> u64) -> Buckets<T> {
        let buckets = (things.len() / 4).next_power_of_two().max(2);
        let shift = 64 - buckets.trailing_zeros();
        let bucket = |thing: &T| (hash(thing) >> shift) as usize;
        let mut starts = vec![0u32; buckets + 1];
        for thing in things {
            starts[bucket(thing) + 1] += 1;
        }
        for bucket in 0..buckets {
            starts[bucket + 1] += starts[bucket];
        }
        let mut next = starts.clone();
        let mut arranged = vec![T::default(); things.len()];
        for thing in things {
            let place = &mut next[bucket(thing)];
            arranged[*place as usize] = *thing;
            *place += 1;
        }
        for bucket in starts.windows(2) {
            arranged[bucket[0] as usize..bucket[1] as usize].sort_unstable();
        }
        Buckets { things: arranged, starts, shift }
    }

    pub fn all(&self) -> &[T] {
        &self.things
    }

    /// The range of the values in `all` that may have a hash.
    pub fn places(&self, hash: u64) -> Range<u32> {
        let bucket = (hash >> self.shift) as usize;
        self.starts[bucket]..self.starts[bucket + 1]
    }
}

/// Numbers by hash.
pub(super) struct Alike {
    /// Sorted by hash, then by number.
    entries: Buckets<(u64, u32)>,
    bits: Bits,
}

impl Alike {
    /// Numbers, each with its hash.
    pub fn new(entries: &[(u64, u32)]) -> Alike {
        let bits = Bits::of(entries.iter().map(|(hash, _)| *hash));
        Alike { entries: Buckets::of(entries, |(hash, _)| *hash), bits }
    }

    /// The position of the first number with this hash for which `is_it` is true.
    pub fn find(&self, hash: u64, is_it: impl Fn(u32) -> bool) -> Option<u32> {
        if !self.bits.may_have(hash) {
            return None;
        }
        self.entries.places(hash).find(|place| {
            let (its, number) = self.entries.all()[*place as usize];
            its == hash && is_it(number)
        })
    }

    /// The numbers that have the same hash as the one at this position, beginning with that one.
    pub fn from(&self, place: u32) -> impl Iterator<Item = u32> {
        let own = &self.entries.all()[place as usize..];
        own.iter().take_while(|(hash, _)| *hash == own[0].0).map(|(_, number)| *number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_found_by_its_hash() {
        let hasher = Hasher::default();
        for count in [0, 1, 2, 3, 1000] {
            let words: Vec<String> = (0..count).map(|it| (it / 3).to_string()).collect();
            let hashed = (0u32..).zip(&words).map(|(at, word)| (hasher.of((word, "")), at));
            let alike = Alike::new(&hashed.collect::<Vec<_>>());
            for (at, word) in (0u32..).zip(&words) {
                let is_it = |other: u32| words[other as usize] == *word;
                let place = alike.find(hasher.of((word, "")), is_it).expect("there");
                let found: Vec<u32> = alike.from(place).filter(|it| is_it(*it)).collect();
                let first = at / 3 * 3;
                assert_eq!(found, (first..count.min(first + 3)).collect::<Vec<u32>>());
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
        let alike = Alike::new(&[(7, 0), (7, 1), (7, 2), (8, 3)]);
        let place = alike.find(7, |it| it == 1).expect("there");
        assert_eq!(alike.from(place).collect::<Vec<u32>>(), [1, 2]);
    }
}
