//! Counts the seats that joined, left, were matched, were unmatched or changed, for `oneseat diff`.

use serde::Serialize;

use crate::people::Movement;

/// How many seats joined, left, were matched, were unmatched, or changed.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub(in crate::report) struct Movements {
    pub(in crate::report) joined: u64,
    pub(in crate::report) left: u64,
    pub(in crate::report) matched: u64,
    pub(in crate::report) unmatched: u64,
    pub(in crate::report) changed: u64,
}

impl Movements {
    pub(in crate::report) fn add(&mut self, movement: Movement) {
        let number = match movement {
            Movement::Joined => &mut self.joined,
            Movement::Left => &mut self.left,
            Movement::Matched => &mut self.matched,
            Movement::Unmatched => &mut self.unmatched,
            Movement::Changed => &mut self.changed,
        };
        *number += 1;
    }
}
