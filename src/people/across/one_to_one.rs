//! Finds pairs of seats in two enterprises that have a text in common, if no other seat of either enterprise has
//! it (directory.md section 4). A seat whose person already has a seat in the other enterprise, by certain
//! evidence, takes no part.

use std::collections::BTreeMap;

use foldhash::{HashMap, HashMapExt};

use super::links::AcrossLinks;
use super::seats::{AcrossIx, AcrossSeats, SideIx};

/// The enterprises of the people who are already known to have seats in several. A person is represented by the
/// first seat.
pub(super) struct Sides<'a, 'p> {
    pub seats: &'a AcrossSeats<'p>,
    pub links: &'a AcrossLinks,
    /// For each seat of a person with several seats, the first seat of the person.
    pub persons: HashMap<AcrossIx, AcrossIx>,
    /// The enterprises in which each person with several seats has one, in order.
    pub sides: HashMap<AcrossIx, Vec<SideIx>>,
}

/// The seats of one other enterprise that have a text in common with a seat: one, or several.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Candidate {
    Only(AcrossIx),
    Several,
}

impl<'a, 'p> Sides<'a, 'p> {
    pub fn new(seats: &'a AcrossSeats<'p>, links: &'a AcrossLinks) -> Sides<'a, 'p> {
        Sides { seats, links, persons: HashMap::new(), sides: HashMap::new() }
    }

    /// Adds a person with several seats. `own` are all seats of the person, in order.
    pub fn add(&mut self, own: &[AcrossIx]) {
        let Some(first) = own.first() else { return };
        let mut sides: Vec<SideIx> = own.iter().map(|seat| self.seats.side_of(*seat)).collect();
        sides.sort_unstable();
        sides.dedup();
        self.persons.extend(own.iter().map(|seat| (*seat, *first)));
        self.sides.insert(*first, sides);
    }

    /// The person that has this seat, represented by the first seat of that person.
    pub fn person(&self, seat: AcrossIx) -> AcrossIx {
        self.persons.get(&seat).copied().unwrap_or(seat)
    }

    /// The enterprises in which a person has seats. `first` is the first seat of the person.
    pub fn of_person(&self, first: AcrossIx) -> Vec<SideIx> {
        let several = self.sides.get(&first);
        several.cloned().unwrap_or_else(|| vec![self.seats.side_of(first)])
    }

    /// Is the person of a seat not yet known to have a seat in the enterprise `side`?
    fn is_free(&self, seat: AcrossIx, side: SideIx) -> bool {
        let person = self.persons.get(&seat);
        let sides = person.and_then(|person| self.sides.get(person));
        !sides.is_some_and(|sides| sides.contains(&side))
    }

    /// The pairs of seats with a common text that no other seat of their enterprises has. Each class has the
    /// seats with one text, in order.
    pub fn one_to_one<'c>(
        &self,
        classes: impl Iterator<Item = &'c [AcrossIx]>,
    ) -> Vec<[AcrossIx; 2]> {
        let mut met: HashMap<(AcrossIx, SideIx), Candidate> = HashMap::new();
        for class in classes {
            let is_one_side =
                |a: &AcrossIx, b: &AcrossIx| self.seats.side_of(*a) == self.seats.side_of(*b);
            let of_sides: Vec<&[AcrossIx]> = class.chunk_by(is_one_side).collect();
            for (at, ours) in of_sides.iter().enumerate() {
                for (_, theirs) in of_sides.iter().enumerate().filter(|(other, _)| *other != at) {
                    self.meet(ours, theirs, &mut met);
                }
            }
        }
        let only = |seat: AcrossIx, side: SideIx| match met.get(&(seat, side)) {
            Some(Candidate::Only(other)) => Some(*other),
            _ => None,
        };
        let pairs = met.iter().filter_map(|((seat, _), candidate)| {
            let Candidate::Only(other) = candidate else { return None };
            let is_mutual = only(*other, self.seats.side_of(*seat)) == Some(*seat);
            (is_mutual && seat < other).then_some([*seat, *other])
        });
        let mut pairs: Vec<[AcrossIx; 2]> = pairs.collect();
        pairs.sort_unstable();
        pairs
    }

    /// Records, for each seat in `ours`, which seats in `theirs` (of another enterprise) are candidates.
    fn meet(
        &self,
        ours: &[AcrossIx],
        theirs: &[AcrossIx],
        met: &mut HashMap<(AcrossIx, SideIx), Candidate>,
    ) {
        let ([our, ..], [their, ..]) = (ours, theirs) else { return };
        let (our_side, their_side) = (self.seats.side_of(*our), self.seats.side_of(*their));
        let free = theirs.iter().copied().filter(|seat| self.is_free(*seat, our_side));
        let free: Vec<AcrossIx> = free.collect();
        for &seat in ours.iter().filter(|seat| self.is_free(**seat, their_side)) {
            let candidates = free.iter().filter(|other| !self.links.are_apart(seat, **other));
            // Two candidates are enough to know that a seat has several.
            for &candidate in candidates.take(2) {
                let known = met.entry((seat, their_side)).or_insert(Candidate::Only(candidate));
                if *known != Candidate::Only(candidate) {
                    *known = Candidate::Several;
                }
            }
        }
    }

    /// Keeps the pairs that may join people of different enterprises. If joining would give a person two people
    /// of one enterprise, or two that are declared to be two people's, all pairs of that person are left out.
    pub fn consistent(&self, pairs: Vec<[AcrossIx; 2]>) -> Vec<[AcrossIx; 2]> {
        let mut of_person: HashMap<AcrossIx, AcrossIx> = HashMap::new();
        for pair in &pairs {
            let [one, other] = pair.map(|seat| root(&of_person, self.person(seat)));
            if one != other {
                of_person.insert(one.max(other), one.min(other));
            }
        }
        let mut joined: BTreeMap<AcrossIx, Vec<AcrossIx>> = BTreeMap::new();
        for person in pairs.iter().flatten().map(|seat| self.person(*seat)) {
            let of_root = joined.entry(root(&of_person, person)).or_default();
            if !of_root.contains(&person) {
                of_root.push(person);
            }
        }
        joined.retain(|_, persons| {
            let mut sides: Vec<SideIx> =
                persons.iter().flat_map(|person| self.of_person(*person)).collect();
            let count = sides.len();
            sides.sort_unstable();
            sides.dedup();
            sides.len() == count
        });
        for pair in self.links.apart() {
            let [one, other] = pair.map(|seat| root(&of_person, self.person(seat)));
            if one == other {
                joined.remove(&one);
            }
        }
        let is_kept =
            |pair: &[AcrossIx; 2]| joined.contains_key(&root(&of_person, self.person(pair[0])));
        pairs.into_iter().filter(is_kept).collect()
    }
}

/// The first of the people with whom a person was joined, directly or through others.
fn root(of_person: &HashMap<AcrossIx, AcrossIx>, mut person: AcrossIx) -> AcrossIx {
    while let Some(first) = of_person.get(&person) {
        person = *first;
    }
    person
}
