//! Declared links between the seats of several enterprises, and people as sets of seats. Two seats that are
//! declared to be two people's are never in one set, even if evidence connects them.

use foldhash::HashSet;

use super::seats::AcrossIx;
use crate::people::DisjointSets;

/// The declared links that say whether two seats of different enterprises are one person's.
#[derive(Debug, Clone, Default)]
pub struct AcrossLinks {
    /// Pairs of seats of two enterprises that are declared to be one person's.
    one_person: Vec<[AcrossIx; 2]>,
    /// Pairs of seats that are declared to be two people's, the smaller index first.
    apart: HashSet<[AcrossIx; 2]>,
    /// The seats that a declaration says to be another person's than some other seat.
    set_apart: HashSet<AcrossIx>,
}

impl AcrossLinks {
    /// Adds a declaration that the seats of two enterprises are one person's.
    pub fn add_one_person(&mut self, one: AcrossIx, other: AcrossIx) {
        self.one_person.push([one.min(other), one.max(other)]);
    }

    /// Adds a declaration that two seats are two people's.
    pub fn add_apart(&mut self, one: AcrossIx, other: AcrossIx) {
        self.apart.insert([one.min(other), one.max(other)]);
        self.set_apart.extend([one, other]);
    }

    pub(super) fn one_person(&self) -> &[[AcrossIx; 2]] {
        &self.one_person
    }

    /// Are two seats declared to be two people's?
    pub(super) fn are_apart(&self, one: AcrossIx, other: AcrossIx) -> bool {
        !self.apart.is_empty() && self.apart.contains(&[one.min(other), one.max(other)])
    }

    /// Are any two of these seats declared to be two people's?
    pub(super) fn has_two_people(&self, seats: impl Iterator<Item = AcrossIx>) -> bool {
        let declared: Vec<AcrossIx> = seats.filter(|seat| self.is_set_apart(*seat)).collect();
        let mut others = declared.iter().enumerate();
        others.any(|(at, one)| declared[at + 1..].iter().any(|it| self.are_apart(*one, *it)))
    }

    /// The pairs of seats that are declared to be two people's, in no particular order.
    pub(super) fn apart(&self) -> impl Iterator<Item = [AcrossIx; 2]> {
        self.apart.iter().copied()
    }

    /// Does a declaration say that this seat and some other seat are two people's?
    pub(super) fn is_set_apart(&self, seat: AcrossIx) -> bool {
        !self.set_apart.is_empty() && self.set_apart.contains(&seat)
    }
}

/// People as sets of seats. At first, each seat is a person by itself; evidence joins people.
pub(super) struct Persons<'l> {
    sets: DisjointSets<AcrossIx>,
    links: &'l AcrossLinks,
    /// The people (by their first seats) with a seat that is declared to be another person's than some other
    /// seat.
    set_apart: HashSet<AcrossIx>,
}

impl<'l> Persons<'l> {
    pub fn new(seats: usize, links: &'l AcrossLinks) -> Persons<'l> {
        Persons { sets: DisjointSets::new(seats), links, set_apart: links.set_apart.clone() }
    }

    /// The person that has this seat, represented by the first seat of that person.
    pub fn of(&mut self, seat: AcrossIx) -> AcrossIx {
        self.sets.root(seat)
    }

    /// Makes one person of the two people that have these seats. `false` if a declaration says that they are
    /// two.
    pub fn join(&mut self, one: AcrossIx, other: AcrossIx) -> bool {
        let (one, other) = (self.of(one), self.of(other));
        if one == other {
            return true;
        }
        let [first, second] = [one, other].map(|it| self.set_apart.contains(&it));
        if first && second && self.are_apart(one, other) {
            return false;
        }
        self.sets.join(one, other);
        if first || second {
            let joined = self.of(one);
            self.set_apart.insert(joined);
        }
        true
    }

    /// The pairs of people who are declared to be two different people, in order. A person is represented by the
    /// first seat.
    pub fn apart(&mut self) -> Vec<[AcrossIx; 2]> {
        let links = self.links;
        let pairs = links.apart.iter().map(|pair| pair.map(|seat| self.of(seat)));
        let mut pairs: Vec<[AcrossIx; 2]> = pairs.filter(|[one, other]| one != other).collect();
        pairs.sort_unstable();
        pairs.dedup();
        pairs
    }

    fn are_apart(&mut self, one: AcrossIx, other: AcrossIx) -> bool {
        let links = self.links;
        links.apart.iter().any(|[a, b]| {
            let (a, b) = (self.of(*a), self.of(*b));
            (a, b) == (one, other) || (a, b) == (other, one)
        })
    }
}
