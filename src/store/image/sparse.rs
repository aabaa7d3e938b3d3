//! Compact columns of numbers that are mostly consecutive or mostly equal.

use std::ops::Range;

/// A column of ascending numbers, most of which are 1, 2, 3 and so on from the beginning.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ascending {
    /// The column begins with all numbers from 1 to this number.
    follow: u32,
    others: Vec<u32>,
}

impl Ascending {
    pub fn len(&self) -> usize {
        self.follow as usize + self.others.len()
    }

    pub fn push(&mut self, number: u32) {
        if self.others.is_empty() && number.checked_sub(1) == Some(self.follow) {
            self.follow = number;
        } else {
            self.others.push(number);
        }
    }

    /// Adds all numbers of a range to the column.
    pub fn push_range(&mut self, numbers: Range<u32>) {
        let is_next = self.others.is_empty() && numbers.start.checked_sub(1) == Some(self.follow);
        match numbers.end.checked_sub(1) {
            Some(last) if is_next && last >= numbers.start => self.follow = last,
            _ => numbers.for_each(|number| self.push(number)),
        }
    }

    /// The number at a position of the column.
    pub fn at(&self, place: usize) -> u32 {
        match place < self.follow as usize {
            true => place as u32 + 1,
            false => self.others[place - self.follow as usize],
        }
    }

    pub fn last(&self) -> Option<u32> {
        self.others.last().copied().or((self.follow > 0).then_some(self.follow))
    }

    /// Whether the numbers of the column are consecutive from 1 on.
    pub fn all_follow(&self) -> bool {
        self.others.is_empty()
    }

    /// The numbers at a range of positions of the column.
    pub fn of(&self, places: Range<usize>) -> Vec<u32> {
        places.map(|place| self.at(place)).collect()
    }

    /// The position of a number in the column; `None` if the column does not hold the number.
    pub fn place_of(&self, number: u32) -> Option<usize> {
        if (1..=self.follow).contains(&number) {
            return Some(number as usize - 1);
        }
        let at = self.others.binary_search(&number).ok()?;
        Some(self.follow as usize + at)
    }
}

/// The greatest number of runs that a column keeps as runs. A column with more runs stores every number by
/// itself, which is then faster.
const RUNS: usize = 4096;

/// A column of numbers, most of which equal the number before them. It is kept as runs of equal numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Runs {
    numbers: Vec<u32>,
    /// For each run of equal numbers, the position in the column after its last number.
    ends: Vec<usize>,
    /// All numbers of the column, one by one, if the column has too many runs; empty otherwise.
    all: Vec<u32>,
}

impl Runs {
    /// Adds a number to the column `times` times.
    pub fn push(&mut self, number: u32, times: usize) {
        if times == 0 {
            return;
        }
        if !self.all.is_empty() {
            self.all.extend(std::iter::repeat_n(number, times));
            return;
        }
        let end = self.ends.last().copied().unwrap_or_default() + times;
        match (self.numbers.last(), self.ends.last_mut()) {
            (Some(last), Some(own)) if *last == number => *own = end,
            _ => {
                self.numbers.push(number);
                self.ends.push(end);
            }
        }
        if self.numbers.len() > RUNS {
            self.all = self.of(0..end);
            (self.numbers, self.ends) = (Vec::new(), Vec::new());
        }
    }

    /// The number at a position of the column.
    pub fn at(&self, place: usize) -> u32 {
        match self.all.get(place) {
            Some(number) => *number,
            None => self.numbers[self.ends.partition_point(|end| *end <= place)],
        }
    }

    /// The number at a position of the column, and the position at which its run ends.
    pub fn run_at(&self, place: usize) -> (u32, usize) {
        match self.all.get(place) {
            Some(number) => (*number, place + 1),
            None => {
                let run = self.ends.partition_point(|end| *end <= place);
                (self.numbers[run], self.ends[run])
            }
        }
    }

    /// The numbers at a range of positions of the column.
    pub fn of(&self, places: Range<usize>) -> Vec<u32> {
        let mut numbers = Vec::with_capacity(places.len());
        let mut place = places.start;
        while place < places.end {
            let (number, end) = self.run_at(place);
            let end = end.min(places.end);
            numbers.extend(std::iter::repeat_n(number, end - place));
            place = end;
        }
        numbers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_where_they_were_put() {
        for all in [&[1, 2, 3][..], &[1, 2, 5, 6], &[4, 5], &[0, 1], &[]] {
            let (mut numbers, mut ranges) = (Ascending::default(), Ascending::default());
            all.iter().for_each(|number| numbers.push(*number));
            for run in all.chunk_by(|a, b| a + 1 == *b) {
                ranges.push_range(run[0]..run[0] + run.len() as u32);
            }
            assert_eq!(ranges, numbers);
            assert_eq!((numbers.len(), numbers.last()), (all.len(), all.last().copied()));
            assert_eq!(numbers.of(0..all.len()), all);
            for number in 0..8 {
                let place = all.iter().position(|it| *it == number);
                assert_eq!(numbers.place_of(number), place, "{number} of {all:?}");
            }
        }
    }

    #[test]
    fn runs_are_the_numbers_that_were_added() {
        for period in [1, 7, 100_000] {
            let all: Vec<u32> = (0..20_000u32).map(|it| it / period % 3).collect();
            let (mut one_by_one, mut by_runs) = (Runs::default(), Runs::default());
            all.iter().for_each(|number| one_by_one.push(*number, 1));
            for run in all.chunk_by(|a, b| a == b) {
                by_runs.push(run[0], run.len());
                by_runs.push(9, 0);
            }
            for (place, number) in all.iter().enumerate() {
                assert_eq!((one_by_one.at(place), by_runs.at(place)), (*number, *number));
            }
            assert_eq!(
                (one_by_one.of(3..11), by_runs.of(3..11)),
                (all[3..11].to_vec(), all[3..11].to_vec())
            );
            assert_eq!(one_by_one, by_runs);
        }
    }
}
