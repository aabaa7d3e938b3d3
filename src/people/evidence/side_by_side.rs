//! Processes many rows on several cores at the same time.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::Builder;

/// The number of rows that a thread takes at a time.
const PART: usize = 4 * 1024;

/// The number of rows whose results are in memory at the same time, to bound the memory.
const BLOCK: usize = 16 * PART;

/// The largest number of threads. More threads gain nothing, because one thread merges the results.
const MOST_THREADS: usize = 8;

/// Splits rows into blocks. A row can have many results, so only the results of one block are in memory at a
/// time.
pub(super) fn blocks(rows: usize) -> impl Iterator<Item = Range<usize>> {
    (0..rows).step_by(BLOCK).map(move |from| from..rows.min(from + BLOCK))
}

/// The results for a block of rows, in the order of the rows. Each thread takes one part of the block after
/// another, and has `Tools` of its own, such as buffers.
pub(super) fn find<Tools, Found: Send>(
    block: Range<usize>,
    tools: impl Fn() -> Tools + Sync,
    look: impl Fn(&mut Tools, Range<usize>, &mut Vec<Found>) + Sync,
) -> Vec<Found> {
    let parts = block.len().div_ceil(PART);
    let threads = match parts {
        // For so few rows, asking the system for its number of cores would take longer than the work itself.
        0 | 1 => 1,
        _ => std::thread::available_parallelism().map_or(1, usize::from),
    };
    let threads = threads.min(MOST_THREADS).min(parts);
    let next = AtomicUsize::new(0);
    let work = || {
        let mut tools = tools();
        let mut done: Vec<(usize, Vec<Found>)> = Vec::new();
        loop {
            let part = next.fetch_add(1, Ordering::Relaxed);
            if part >= parts {
                return done;
            }
            let mut found = Vec::new();
            let from = block.start + part * PART;
            look(&mut tools, from..block.end.min(from + PART), &mut found);
            done.push((part, found));
        }
    };
    let mut done = std::thread::scope(|scope| {
        // If the system starts no more threads, the running threads do all the work.
        let more = (1..threads).map_while(|_| Builder::new().spawn_scoped(scope, work).ok());
        let others: Vec<_> = more.collect();
        let mut done = work();
        for other in others {
            let found = other.join();
            done.extend(found.unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        done
    });
    done.sort_unstable_by_key(|(part, _)| *part);
    done.into_iter().flat_map(|(_, found)| found).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_found_in_order_once() {
        for rows in [0, 1, PART - 1, PART, PART + 1, BLOCK, 2 * BLOCK + 5 * PART + 17] {
            let third = |(): &mut (), part: Range<usize>, found: &mut Vec<usize>| {
                found.extend(part.filter(|row| row % 3 == 0));
            };
            let expected: Vec<usize> = (0..rows).step_by(3).collect();
            let found = blocks(rows).flat_map(|block| find(block, || (), third));
            assert_eq!(found.collect::<Vec<_>>(), expected);
        }
    }
}
