//! A hash table of positions. It takes half the memory of a hash map, because the hashes themselves are in a
//! column of the caller.

/// A hash table of positions with open addressing.
#[derive(Debug, Clone, Default)]
pub struct PositionTable {
    /// The cells of the table. Each cell holds a position plus one, or 0 if the cell is empty.
    table: Vec<u32>,
    count: usize,
}

impl PositionTable {
    /// An empty table with room for `count` positions.
    pub fn with_room(count: usize) -> PositionTable {
        PositionTable { table: vec![0; (2 * count).next_power_of_two()], count: 0 }
    }

    /// The first position with this hash for which `is_it` returns true. `is_it` is also called with some
    /// positions that have other hashes.
    pub fn find(&self, hash: u64, mut is_it: impl FnMut(usize) -> bool) -> Option<usize> {
        self.try_find(hash, |place| Ok::<bool, std::convert::Infallible>(is_it(place)))
            .unwrap_or_default()
    }

    /// The first position with this hash for which `is_it` returns true, if `is_it` can fail. `is_it` is also
    /// called with some positions that have other hashes.
    ///
    /// # Errors
    /// If `is_it` fails.
    pub fn try_find<E>(
        &self,
        hash: u64,
        mut is_it: impl FnMut(usize) -> Result<bool, E>,
    ) -> Result<Option<usize>, E> {
        let Some(last) = self.table.len().checked_sub(1) else { return Ok(None) };
        let mut at = start(hash, self.table.len());
        loop {
            let Some(place) = (self.table[at] as usize).checked_sub(1) else { return Ok(None) };
            if is_it(place)? {
                return Ok(Some(place));
            }
            at = (at + 1) & last;
        }
    }

    /// The position at which the search for a hash begins; `None` if no position has this hash. The position may
    /// have another hash. A loop that calls this function for many hashes before it looks at any of the positions
    /// waits for the memory of many of them at once.
    pub fn candidate(&self, hash: u64) -> Option<usize> {
        if self.table.is_empty() {
            return None;
        }
        (self.table[start(hash, self.table.len())] as usize).checked_sub(1)
    }

    /// Adds a position with its hash. `hash_of` must return the hash of any position that was added before.
    pub fn add(&mut self, hash: u64, place: u32, hash_of: impl Fn(usize) -> u64) {
        if 2 * (self.count + 1) > self.table.len() {
            let room = (2 * self.table.len()).max(16);
            let old = std::mem::replace(&mut self.table, vec![0; room]);
            for place in old.into_iter().filter(|place| *place != 0) {
                self.put(hash_of(place as usize - 1), place);
            }
        }
        self.put(hash, place + 1);
        self.count += 1;
    }

    fn put(&mut self, hash: u64, place: u32) {
        let last = self.table.len() - 1;
        let mut at = start(hash, self.table.len());
        while self.table[at] != 0 {
            at = (at + 1) & last;
        }
        self.table[at] = place;
    }
}

/// The cell of the table at which the search for a hash begins. The multiplication spreads hashes that have few
/// bits.
fn start(hash: u64, room: usize) -> usize {
    let spread = hash.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (spread >> 32) as usize & (room - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_is_found_by_its_hash() {
        for bits in [64, 8, 1] {
            let hash =
                |place: usize| (place as u64).wrapping_mul(0xdead_beef_1234_5679) >> (64 - bits);
            for mut places in [PositionTable::default(), PositionTable::with_room(100)] {
                assert_eq!(places.find(7, |_| true), None);
                assert_eq!(places.candidate(7), None);
                for place in 0..1000u32 {
                    places.add(hash(place as usize), place, hash);
                }
                for place in 0..1000 {
                    assert_eq!(places.find(hash(place), |it| it == place), Some(place));
                    assert!(places.candidate(hash(place)).is_some());
                }
                assert_eq!(places.find(hash(0), |_| false), None);
            }
        }
    }
}
