//! Finds people who have seats in two or more enterprises (directory.md section 4). Each enterprise is counted by
//! itself, so such a person takes a license in each.
//!
//! `seats` lists the seats of all enterprises, with the values that evidence compares. `certain` finds certain
//! evidence, which joins seats transitively, and `torn` leaves out what contradicts declarations. `alike` and
//! `one_to_one` find weaker evidence. `links` has the declarations, and `item` the result. All values are
//! numbers; the caller reads names and logins only for the people that are found.

mod alike;
mod certain;
mod item;
mod links;
mod one_to_one;
mod seats;
mod torn;

use std::collections::BTreeMap;

use crate::code::EvidenceCode;
use crate::model::StoredWords;
use crate::people::Confidence;
use alike::Classes;
use links::Persons;
use one_to_one::Sides;

pub use item::{AcrossEvidence, AcrossItem, SeatEntry};
pub use links::AcrossLinks;
pub use seats::{AcrossIx, AcrossSeats, AcrossSide, SideIx};

/// The people with seats in two or more of these enterprises, sorted by confidence, then by their first seats.
/// `entries` are the directory entries to which seats belong.
///
/// Certain evidence joins seats transitively. A person whom likely evidence joins is likely. A likely or
/// possible person has at most one seat in each enterprise, unless certain evidence joins two.
pub fn across(
    seats: &AcrossSeats<'_>,
    words: &dyn StoredWords,
    entries: Vec<SeatEntry>,
    links: &AcrossLinks,
) -> Vec<AcrossItem> {
    if seats.sides.len() < 2 {
        return Vec::new();
    }
    let mut persons = Persons::new(seats.count(), links);
    let mut evidence = Vec::new();
    // Declared links come first, because they decide which people other evidence may join.
    let is_declared = |it: &AcrossEvidence| it.code == EvidenceCode::Declared;
    let (declared, found): (Vec<_>, Vec<_>) =
        certain::certain(seats, words, entries, links).into_iter().partition(is_declared);
    for certain in [declared, found] {
        let mut certain = torn::untorn(&mut persons, certain);
        certain.retain(|it| persons.join(it.seats[0], it.seats[1]));
        evidence.extend(certain);
    }
    let mut sides = Sides::new(seats, links);
    seats_of(&mut persons, &evidence).values().for_each(|own| sides.add(own));

    let found = |code, pairs: Vec<[AcrossIx; 2]>| {
        pairs.into_iter().map(move |pair| AcrossEvidence::of(code, pair))
    };
    let likely = sides.one_to_one(Classes::of_logins(seats).all());
    let likely: Vec<AcrossEvidence> =
        found(EvidenceCode::SameLogin, sides.consistent(likely)).collect();
    let alike = sides.one_to_one(Classes::of_names(seats, words).all());
    evidence.extend(likely.into_iter().filter(|it| persons.join(it.seats[0], it.seats[1])));
    seats_of(&mut persons, &evidence).values().for_each(|own| sides.add(own));
    // An equal name confirms likely evidence between two seats. It also joins people about whom no better
    // evidence is known.
    let is_joined = |pair: &[AcrossIx; 2]| sides.person(pair[0]) == sides.person(pair[1]);
    let (confirming, possible): (Vec<_>, Vec<_>) = alike.into_iter().partition(is_joined);
    evidence.extend(found(EvidenceCode::SameName, confirming));

    let mut items = items(&mut persons, evidence, None);
    let possible: Vec<AcrossEvidence> =
        found(EvidenceCode::SameName, sides.consistent(possible)).collect();
    let mut namesakes = Persons::new(seats.count(), links);
    let mut possible = possible;
    possible.retain(|it| namesakes.join(it.seats[0], it.seats[1]));
    items.extend(self::items(&mut namesakes, possible, Some(Confidence::Possible)));
    items.sort_by(|a, b| (a.confidence, &a.seats).cmp(&(b.confidence, &b.seats)));
    items
}

/// The seats of each person whom the evidence is about, in order. A person is represented by the first seat.
fn seats_of(
    persons: &mut Persons<'_>,
    evidence: &[AcrossEvidence],
) -> BTreeMap<AcrossIx, Vec<AcrossIx>> {
    let mut own: BTreeMap<AcrossIx, Vec<AcrossIx>> = BTreeMap::new();
    for seat in evidence.iter().flat_map(|it| it.seats) {
        own.entry(persons.of(seat)).or_default().push(seat);
    }
    for seats in own.values_mut() {
        seats.sort_unstable();
        seats.dedup();
    }
    own
}

/// One item for each person whom the evidence is about. If `confidence` is `None`, a person with same-login
/// evidence is likely, and any other person is certain.
fn items(
    persons: &mut Persons<'_>,
    evidence: Vec<AcrossEvidence>,
    confidence: Option<Confidence>,
) -> Vec<AcrossItem> {
    let seats = seats_of(persons, &evidence);
    let mut of_person: BTreeMap<AcrossIx, Vec<AcrossEvidence>> = BTreeMap::new();
    for it in evidence {
        of_person.entry(persons.of(it.seats[0])).or_default().push(it);
    }
    let items = of_person.into_iter().zip(seats.into_values()).map(|((_, mut evidence), seats)| {
        evidence.sort_unstable();
        let is_weak = |it: &AcrossEvidence| it.code == EvidenceCode::SameLogin;
        let found = match evidence.iter().any(is_weak) {
            true => Confidence::Likely,
            false => Confidence::Certain,
        };
        AcrossItem { confidence: confidence.unwrap_or(found), seats, evidence }
    });
    items.collect()
}
