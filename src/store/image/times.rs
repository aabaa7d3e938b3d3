//! Reads the spans of time in which states (records of accounts) are in force. A state without rows in the table
//! `spans` is in force from the snapshot that brought it, without an end.

use std::ops::Range;

use foldhash::{HashMap, HashMapExt};
use rusqlite::Connection;

use super::states::StateTable;
use crate::error::Result;
use crate::store::sql::{OPEN_END, number};

/// A span of time in which a state (a record of an account) is in force. `place` is the position of the state in
/// the image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImageSpan {
    pub place: usize,
    pub source: i64,
    pub from: i64,
    pub to: i64,
}

/// The spans of time in which the states of an image are in force.
#[derive(Debug, Default)]
pub struct StateTimes {
    /// The source of each snapshot and its point on that source's time line, by the number of the snapshot.
    snapshots: HashMap<u32, (i64, i64)>,
    /// The rows of the table `spans`, ordered by state and beginning. A state that has any row here has all of
    /// its spans here.
    spans: Vec<(u32, i64, i64)>,
}

impl StateTimes {
    /// Reads the spans of time of all states from the database.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn read(connection: &Connection) -> Result<StateTimes> {
        let mut snapshots = HashMap::new();
        let sql = "SELECT snapshot_id, source_id, place FROM stored_snapshots";
        let mut statement = connection.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            snapshots.insert(number(row.get(0)?)?, (row.get(1)?, row.get(2)?));
        }
        let sql = "SELECT state_id, from_place, to_place FROM spans ORDER BY state_id, from_place";
        let mut statement = connection.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        let mut spans = Vec::new();
        while let Some(row) = rows.next()? {
            spans.push((number(row.get(0)?)?, row.get(1)?, row.get(2)?));
        }
        Ok(StateTimes { snapshots, spans })
    }

    /// The spans of time in which the state at a position in the image is in force.
    pub fn of(&self, states: &StateTable, place: usize) -> Vec<ImageSpan> {
        let mut found = Vec::new();
        self.each(states, place..place + 1, |held| found.push(held));
        found
    }

    /// Calls `take` with every span of time of the states at a range of positions in the image, in the order of
    /// the states.
    pub fn each(&self, states: &StateTable, places: Range<usize>, mut take: impl FnMut(ImageSpan)) {
        if places.is_empty() {
            return;
        }
        let first = states.numbers.at(places.start);
        let mut next = self.spans.partition_point(|(state, _, _)| *state < first);
        let (mut last, mut end) = (None, 0);
        for place in places {
            let state = states.numbers.at(place);
            if place >= end {
                let (snapshot, until) = states.snapshots.run_at(place);
                (last, end) = (self.snapshots.get(&snapshot).copied(), until);
            }
            let Some((source, begun)) = last else { continue };
            while self.spans.get(next).is_some_and(|(other, _, _)| *other < state) {
                next += 1;
            }
            let mut has_spans = false;
            while let Some((_, from, to)) = self.spans.get(next).filter(|it| it.0 == state) {
                has_spans = true;
                next += 1;
                take(ImageSpan { place, source, from: *from, to: *to });
            }
            if !has_spans {
                take(ImageSpan { place, source, from: begun, to: OPEN_END });
            }
        }
    }

    /// Calls `take` with every span of time of all states.
    pub fn all(&self, states: &StateTable, take: impl FnMut(ImageSpan)) {
        self.each(states, 0..states.len(), take);
    }

    /// The spans of a source's states that contain any point of the time line from `first` to `last`, ordered by
    /// end, then beginning, then state.
    pub fn between(
        &self,
        states: &StateTable,
        source: i64,
        first: i64,
        last: i64,
    ) -> Vec<ImageSpan> {
        let mut found = Vec::new();
        self.all(states, |held| {
            if held.source == source && held.from <= last && held.to > first {
                found.push(held);
            }
        });
        found.sort_unstable_by_key(|held| (held.to, held.from, held.place));
        found
    }

    /// The spans of a source's states that contain one point of the source's time line: the content of a
    /// snapshot at that point.
    pub fn at(&self, states: &StateTable, source: i64, place: i64) -> Vec<ImageSpan> {
        self.between(states, source, place, place)
    }

    /// The number of spans of time of all states together.
    pub fn count(&self, states: &StateTable) -> usize {
        let mut count = 0;
        self.all(states, |_| count += 1);
        count
    }
}
