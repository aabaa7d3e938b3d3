//! Finds a number in a column. The first lookups scan the column. After several lookups in one column, an index
//! is built for it.

use std::cell::{Cell, OnceCell, RefCell};
use std::marker::PhantomData;

use crate::model::{Grouped, ListIndex, list_indices};

list_indices! {
    /// A state, by its position in the image.
    ImageStateIx;
    /// A position in a column that is not about states.
    ColumnIx;
    /// A bucket of [`Buckets`].
    NumberBucketIx;
}

/// How many bits select a bucket at most. With so few buckets, the cells that are being filled stay in
/// the processor's cache.
const BUCKETS: u32 = 13;

/// The same for a column with thousands of lookups, each of which scans one bucket.
const FINE: u32 = 17;

/// The indexes of the columns, each built when it pays.
#[derive(Default)]
pub struct Finder {
    pub(super) keys: ColumnIndex<ColumnIx, BUCKETS>,
    pub(super) owners: ColumnIndex<ImageStateIx, BUCKETS>,
    pub(super) logins: ColumnIndex<ImageStateIx, BUCKETS>,
    pub(super) names: ColumnIndex<ImageStateIx, BUCKETS>,
    pub(super) accounts: ColumnIndex<ColumnIx, BUCKETS>,
    /// The result of the last lookup by hash: callers ask for one identity in several sources in turn.
    pub(super) last_accounts: RefCell<Option<(u64, Vec<ColumnIx>)>>,
    pub(super) listed: ColumnIndex<ColumnIx, BUCKETS>,
    pub(super) numbered: ColumnIndex<ColumnIx, FINE>,
    pub(super) locals: ColumnIndex<ColumnIx, BUCKETS>,
}

/// A number that can be looked up in a column.
pub(super) trait ColumnNumber: Copy + PartialEq {
    /// How many lookups are scans before an index is built: so many scans take as long as building it.
    const SCANS: usize;

    /// The number, widened to 64 bits.
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

/// An index of one column: its positions, in buckets that `BITS` bits of the number select.
#[derive(Default)]
pub(super) struct ColumnIndex<I, const BITS: u32> {
    asked: Cell<usize>,
    buckets: OnceCell<Buckets>,
    index: PhantomData<I>,
}

impl<I: ListIndex, const BITS: u32> ColumnIndex<I, BITS> {
    /// Announces this many lookups.
    pub(super) fn prepare_for(&self, questions: usize) {
        self.asked.set(self.asked.get().saturating_add(questions));
    }

    /// The positions in ascending order where a number stands. Every call must pass the same column.
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
    /// So many numbers are tested together, without a branch for each.
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

/// The positions of a column, grouped by bucket. A bucket holds the positions of several numbers.
struct Buckets {
    places: Grouped<NumberBucketIx, u32>,
    bits: u32,
}

impl Buckets {
    /// The buckets of a column, selected by at most `most` bits.
    fn of<N: ColumnNumber>(column: &[N], most: u32) -> Buckets {
        let bits = (column.len() / 4).max(2).ilog2().min(most);
        let placed = (0u32..).zip(column).map(|(place, number)| (bucket(*number, bits), place));
        Buckets { places: Grouped::arranged(1 << bits, placed), bits }
    }

    /// The positions in the bucket of a number, in order. Some of them hold other numbers.
    fn get<N: ColumnNumber>(&self, number: N) -> &[u32] {
        self.places.of(bucket(number, self.bits))
    }
}

/// The multiplication spreads numbers that are consecutive or have few bits.
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
