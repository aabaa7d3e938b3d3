//! Finds the seats of several enterprises that have the same login, or the same display name, among millions.
//! Texts are compared by their hashes first; logins with equal hashes are then compared themselves.

use super::seats::{AcrossIx, AcrossSeats};
use crate::model::StoredWords;
use crate::people::alike::Hasher;
use crate::people::names_a_role;

/// Sets (classes) of seats that have a text in common, such as a login. The seats of a class belong to several
/// enterprises and are in order.
#[derive(Default)]
pub(super) struct Classes {
    seats: Vec<AcrossIx>,
    /// For each class of seats with one text, the position in `seats` after its last seat.
    ends: Vec<usize>,
}

impl Classes {
    /// The seats with equal logins. A login that names a role, such as `admin`, is left out.
    pub fn of_logins(seats: &AcrossSeats<'_>) -> Classes {
        let hasher = Hasher::default();
        let mut logins: Vec<(u64, AcrossIx, &str)> = Vec::with_capacity(seats.count());
        for side in seats.sides.indices() {
            for (index, seat) in seats.seats_of(side) {
                let own = seats.logins(side, seat);
                logins.extend(own.map(|login| (hasher.of((login, "")), index, login)));
            }
        }
        logins.sort_unstable_by_key(|it| it.0);
        let mut classes = Classes::default();
        for same in logins.chunk_by_mut(|a, b| a.0 == b.0).filter(|same| same.len() > 1) {
            // Two logins with one hash are rare, so the texts are sorted only here.
            same.sort_unstable_by(|a, b| (a.2, a.1).cmp(&(b.2, b.1)));
            for same in same.chunk_by(|a, b| a.2 == b.2) {
                if !names_a_role(same[0].2) {
                    classes.add(seats, same.iter().map(|it| it.1));
                }
            }
        }
        classes
    }

    /// The classes of seats that have equal display names.
    pub fn of_names(seats: &AcrossSeats<'_>, words: &dyn StoredWords) -> Classes {
        let mut names: Vec<(i64, AcrossIx)> = Vec::with_capacity(seats.count());
        for side in seats.sides.indices() {
            for (index, seat) in seats.seats_of(side) {
                names.extend(seats.names(side, seat, words).map(|name| (name.0, index)));
            }
        }
        names.sort_unstable();
        let mut classes = Classes::default();
        for same in names.chunk_by(|a, b| a.0 == b.0) {
            classes.add(seats, same.iter().map(|it| it.1));
        }
        classes
    }

    /// Adds a class: the seats with one text, if they belong to several enterprises.
    fn add(&mut self, seats: &AcrossSeats<'_>, same: impl Iterator<Item = AcrossIx> + Clone) {
        let (first, last) = (same.clone().next(), same.clone().last());
        let sides = [first, last].map(|seat| seat.map(|seat| seats.side_of(seat)));
        if sides[0] == sides[1] {
            return;
        }
        let start = self.seats.len();
        self.seats.extend(same);
        // A seat may have one login twice, on two instances, but counts once in its class.
        self.seats[start..].sort_unstable();
        let mut kept = start;
        for at in start..self.seats.len() {
            if at == start || self.seats[at] != self.seats[kept - 1] {
                self.seats[kept] = self.seats[at];
                kept += 1;
            }
        }
        self.seats.truncate(kept);
        self.ends.push(kept);
    }

    /// The classes (seats with one text), each with its seats.
    pub fn all(&self) -> impl Iterator<Item = &[AcrossIx]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| &self.seats[start..*end])
    }
}
