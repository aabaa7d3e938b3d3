//! Finds the positions of a number in a column. The first lookups scan the column. After several lookups in one
//! column, an index is built for that column.

use std::cell::{Cell, OnceCell, RefCell};
use std::marker::PhantomData;

use crate::model::{Grouped, ListIndex, list_indices};

list_indices! {
    /// A state (a record of an account), by its position in the image.
    ImageStateIx;
    /// A position in a column whose entries are not states, such as the column of address keys.
    ColumnIx;
    /// The number of a bucket (a group of positions) in [`Buckets`].
    NumberBucketIx;
}

/// The greatest number of bits that select a bucket of an index. With so few buckets, the memory that building
/// the index fills stays in the processor's cache.
const BUCKETS: u32 = 13;

/// The greatest number of bits that select a bucket, for a column with thousands of lookups. Each lookup scans one
/// bucket, so more and smaller buckets save time.
const FINE: u32 = 17;

/// The indexes of the columns of an image. Each index is built when its column was looked up often enough.
#[derive(Default)]
pub struct Finder {
    pub(super) keys: ColumnIndex<ColumnIx, BUCKETS>,
    pub(super) owners: ColumnIndex<ImageStateIx, BUCKETS>,
    pub(super) logins: ColumnIndex<ImageStateIx, BUCKETS>,
    pub(super) names: ColumnIndex<ImageStateIx, BUCKETS>,
    pub(super) accounts: ColumnIndex<ColumnIx, BUCKETS>,
    /// The hash and the result of the last lookup of an account. Callers look up one identity in several sources
    /// in turn, and all these lookups have the same result.
    pub(super) last_accounts: RefCell<Option<(u64, Vec<ColumnIx>)>>,
    pub(super) listed: ColumnIndex<ColumnIx, BUCKETS>,
    pub(super) numbered: ColumnIndex<ColumnIx, FINE>,
    pub(super) locals: ColumnIndex<ColumnIx, BUCKETS>,
}

/// A number that can be looked up in a column.
pub(super) trait ColumnNumber: Copy + PartialEq {
    /// The number of lookups that scan the column before an index is built. This many scans take about as long as
    /// building the index.
    const SCANS: usize;

    /// The number, widened to 64 bits, from which its bucket is computed.
    fn wide(self) -> u64;
}

impl ColumnNumber for u32 {
    const SCANS: usize = 20;

    fn wide(self) -> u64 {
        u64::from(self)
    }
}

impl ColumnNumber for u64 {
    const SCANS: usize = 10;

    fn wide(self) -> u64 {
        self
    }
}

impl ColumnNumber for i64 {
    const SCANS: usize = 10;

    fn wide(self) -> u64 {
        self.cast_unsigned()
    }
}

/// An index of one column. It groups the positions of the column into buckets by a hash of the number at each
/// position. At most `BITS` bits of the hash select the bucket.
#[derive(Default)]
pub(super) struct ColumnIndex<I, const BITS: u32> {
    asked: Cell<usize>,
    buckets: OnceCell<Buckets>,
    index: PhantomData<I>,
}

impl<I: ListIndex, const BITS: u32> ColumnIndex<I, BITS> {
    /// Announces that `questions` lookups will follow. If they are many, the first of them already builds the
    /// index.
    pub(super) fn prepare_for(&self, questions: usize) {
        self.asked.set(self.asked.get().saturating_add(questions));
    }

    /// The positions at which the column has the number `wanted`, in ascending order. Every call must pass the
    /// same column, because its index is kept.
    pub(super) fn places<N: ColumnNumber>(&self, wanted: N, column: &[N]) -> Vec<I> {
        if self.asked.get() < N::SCANS {
            self.prepare_for(1);
            return scan(wanted, column);
        }
        let buckets = self.buckets.get_or_init(|| Buckets::of(column, BITS));
        let own = buckets.get(wanted).iter().map(|place| I::of_number(*place));
        own.filter(|place| column[place.position()] == wanted).collect()
    }
}

fn scan<I: ListIndex, N: ColumnNumber>(wanted: N, column: &[N]) -> Vec<I> {
    /// The number of values that are compared together, so that the processor needs no branch for each value.
    const AT_ONCE: usize = 64;
    let mut found = Vec::new();
    for (number, some) in column.chunks(AT_ONCE).enumerate() {
        if some.iter().fold(false, |is, it| is | (*it == wanted)) {
            let places = (number * AT_ONCE..).zip(some).filter(|(_, it)| **it == wanted);
            found.extend(places.map(|(place, _)| I::at(place)));
        }
    }
    found
}

/// The positions of a column, grouped into buckets. One bucket may hold the positions of several different
/// numbers.
struct Buckets {
    places: Grouped<NumberBucketIx, u32>,
    bits: u32,
}

impl Buckets {
    /// Groups the positions of a column into buckets. At most `most` bits select a bucket.
    fn of<N: ColumnNumber>(column: &[N], most: u32) -> Buckets {
        let bits = (column.len() / 4).max(2).ilog2().min(most);
        let placed = (0u32..).zip(column).map(|(place, number)| (bucket(*number, bits), place));
        Buckets { places: Grouped::arranged(1 << bits, placed), bits }
    }

    /// The positions in the bucket of a number, in ascending order. Some of these positions may have other
    /// numbers, which the caller must leave out.
    fn get<N: ColumnNumber>(&self, number: N) -> &[u32] {
        self.places.of(bucket(number, self.bits))
    }
}

/// The bucket of a number. The multiplication spreads numbers over all buckets even if they are consecutive or
/// have few bits.
fn bucket<N: ColumnNumber>(number: N, bits: u32) -> NumberBucketIx {
    let spread = number.wide().wrapping_mul(0x9e37_79b9_7f4a_7c15);
    NumberBucketIx::of_number((spread >> (u64::BITS - bits)) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_found_by_their_numbers() {
        let column = [3u32, 0, 3, 9, 1, 3, 0];
        let order = ColumnIndex::<ColumnIx, BUCKETS>::default();
        for _ in 0..2 * u32::SCANS {
            assert_eq!(order.places(3, &column), [0, 2, 5].map(ColumnIx::of_number));
            assert!(order.places(7, &column).is_empty());
        }
        let order = ColumnIndex::<ColumnIx, BUCKETS>::default();
        for _ in 0..2 * u32::SCANS {
            assert!(order.places(7u64, &[]).is_empty());
        }
    }

    #[test]
    fn every_place_of_a_column_is_found() {
        let column: Vec<i64> = (0..1000).map(|it| it * it % 37 - 9).collect();
        for length in [0, 1, 63, 64, 65, 128, 1000] {
            let (column, order) = (&column[..length], ColumnIndex::<ColumnIx, BUCKETS>::default());
            for wanted in -10..30 {
                let all = ColumnIx::below(length).zip(column).filter(|(_, it)| **it == wanted);
                let all: Vec<ColumnIx> = all.map(|(place, _)| place).collect();
                assert_eq!(order.places(wanted, column), all, "{wanted} of {length}");
            }
        }
    }
}
