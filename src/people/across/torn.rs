//! Leaves out certain evidence that would connect a person with two people whom a link declares to be different
//! people (directory.md section 4). Nobody knows which of the two the person is, so the evidence connects the
//! person with neither.

use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};

use super::item::AcrossEvidence;
use super::links::Persons;
use super::seats::AcrossIx;

/// For each person, the people whom evidence connects with that person. A person is represented by the first
/// seat.
type Near = HashMap<AcrossIx, Vec<AcrossIx>>;

/// The evidence that contradicts no declaration. The result does not depend on the order of the evidence.
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
        // `one` and `other` are two people. Evidence stays only if both of its people are reached from the same
        // of these two: from one, from the other, from both, or from neither.
        let place = |person: &AcrossIx| [sides[0].contains(person), sides[1].contains(person)];
        for (is_left_out, [a, b]) in is_left_out.iter_mut().zip(&tied) {
            *is_left_out |= place(a) != place(b);
        }
    }
    let evidence = evidence.into_iter().zip(is_left_out);
    evidence.filter(|(_, is_left_out)| !is_left_out).map(|(it, _)| it).collect()
}

/// Everybody whom evidence connects with a person, directly or through other people except `without`.
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
