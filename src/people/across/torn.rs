//! Leaves out certain evidence that would tie somebody to two people whom a link declares to be different people
//! (directory.md section 4). Which of the two it is, nobody knows, so the evidence ties nobody to either of them.

use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};

use super::item::AcrossEvidence;
use super::links::Persons;
use super::seats::AcrossIx;

/// The people who have evidence in common with a person, each by the first seat.
type Near = HashMap<AcrossIx, Vec<AcrossIx>>;

/// The evidence that remains. The result does not depend on the order of the evidence.
pub(super) fn untorn(
    persons: &mut Persons<'_>,
    evidence: Vec<AcrossEvidence>,
) -> Vec<AcrossEvidence> {
    let apart = persons.apart();
    if apart.is_empty() {
        return evidence;
    }
    let tied: Vec<[AcrossIx; 2]> =
        evidence.iter().map(|it| it.seats.map(|seat| persons.of(seat))).collect();
    let mut near = Near::new();
    for [one, other] in &tied {
        near.entry(*one).or_default().push(*other);
        near.entry(*other).or_default().push(*one);
    }
    let mut is_left_out = vec![false; evidence.len()];
    for [one, other] in apart {
        let sides = [reached(&near, one, other), reached(&near, other, one)];
        // A person on one side only is tied to the people of that side, and one on both sides to those on both.
        let place = |person: &AcrossIx| [sides[0].contains(person), sides[1].contains(person)];
        for (is_left_out, [a, b]) in is_left_out.iter_mut().zip(&tied) {
            *is_left_out |= place(a) != place(b);
        }
    }
    let evidence = evidence.into_iter().zip(is_left_out);
    evidence.filter(|(_, is_left_out)| !is_left_out).map(|(it, _)| it).collect()
}

/// Everybody whom evidence ties to a person, also by way of others except for `without`.
fn reached(near: &Near, person: AcrossIx, without: AcrossIx) -> HashSet<AcrossIx> {
    let mut reached = HashSet::new();
    let mut open = vec![person];
    while let Some(next) = open.pop() {
        if next != without && reached.insert(next) {
            open.extend(near.get(&next).into_iter().flatten());
        }
    }
    reached
}
