//! Converts columns that say how many entries each owner has, for example how many address keys each state has.
//! A segment (a stored piece of a column) has the number of entries of each owner. In memory, a column has the
//! position at which the entries of each owner end. This file also converts columns in which numbers repeat to
//! runs and back.

use std::ops::Range;

use super::bytes::{BadColumns, ColumnReader, put};
use super::sparse::Runs;

/// The range of the entries that belong to one owner, for example of the addresses of one state. `ends` has, for
/// each owner, the position at which its entries end.
pub fn range(ends: &[u32], place: usize) -> Range<usize> {
    let start = if place == 0 { 0 } else { ends[place - 1] };
    start as usize..ends[place] as usize
}

/// The range of the entries of several neighboring owners together. `all` has, for each owner, the position at
/// which its entries end.
pub fn ends(all: &[u32], places: &Range<usize>) -> Range<usize> {
    if places.is_empty() {
        return 0..0;
    }
    range(all, places.start).start..range(all, places.end - 1).end
}

/// The number of entries that each of several owners has. `all` has, for each owner, the position at which its
/// entries end.
pub fn counts(all: &[u32], places: &Range<usize>) -> Vec<u32> {
    places.clone().map(|place| range(all, place).len() as u32).collect()
}

/// Writes numbers of entries, each in 32 bits if `wide` is true, otherwise each in 16 bits.
pub fn put_counts(bytes: &mut Vec<u8>, counts: &[u32], wide: bool) {
    match wide {
        true => put(bytes, counts),
        false => put(bytes, &counts.iter().map(|it| *it as u16).collect::<Vec<u16>>()),
    }
}

/// Reads `count` numbers of entries and returns their sum. Each is appended to `ends` as the position at which
/// the entries of that owner end. The entries of the first owner begin at the position `before`.
pub fn read_counts(
    reader: &mut ColumnReader<'_>,
    count: usize,
    wide: bool,
    ends: &mut Vec<u32>,
    before: usize,
) -> Result<usize, BadColumns> {
    let mut counts: Vec<u32> = Vec::new();
    if wide {
        reader.column(count, &mut counts)?;
    } else {
        let mut short: Vec<u16> = Vec::new();
        reader.column(count, &mut short)?;
        counts.extend(short.into_iter().map(u32::from));
    }
    let mut end = before as u32;
    for count in counts {
        end = end.checked_add(count).ok_or(BadColumns)?;
        ends.push(end);
    }
    Ok(end as usize - before)
}

/// The runs of a column: each number, followed by the number of times that it repeats.
pub fn runs(column: &[u32]) -> Vec<u32> {
    let mut runs: Vec<u32> = Vec::new();
    for number in column {
        match runs.as_mut_slice() {
            [.., last, count] if last == number => *count += 1,
            _ => runs.extend([*number, 1]),
        }
    }
    runs
}

/// Adds the numbers of runs to a column. Fails unless the runs add up to exactly `count` numbers.
pub fn read_runs(runs: &[u32], count: usize, column: &mut Runs) -> Result<(), BadColumns> {
    let mut left = count;
    for run in runs.chunks_exact(2) {
        left = left.checked_sub(run[1] as usize).ok_or(BadColumns)?;
        column.push(run[0], run[1] as usize);
    }
    if left == 0 { Ok(()) } else { Err(BadColumns) }
}
