//! Finds certain evidence that seats of several enterprises are one person's: declared, same-directory-entry,
//! same-identity and same-visual-studio (directory.md section 4). An address that two seats of one enterprise
//! have is no evidence. Neither is an address of two seats that are declared to be two people's. All keys are
//! compared in one pass over a sorted list of numbers.

use super::item::{AcrossEvidence, SeatEntry};
use super::links::AcrossLinks;
use super::seats::{AcrossIx, AcrossSeats, IDENTITY, PRIMARY, VISUAL_STUDIO};
use crate::code::EvidenceCode;
use crate::model::{KeyId, StoredWords};

/// An address of a seat: the key of the address, the seat, and flags for the uses of the address.
type Held = (KeyId, AcrossIx, u8);

/// The certain evidence about all seats, in the order of its codes.
pub(super) fn certain(
    seats: &AcrossSeats<'_>,
    words: &dyn StoredWords,
    entries: Vec<SeatEntry>,
    links: &AcrossLinks,
) -> Vec<AcrossEvidence> {
    let search = Search { seats, links };
    let declared = links.one_person().iter().filter(|[a, b]| !links.are_apart(*a, *b));
    let mut evidence: Vec<AcrossEvidence> =
        declared.map(|pair| AcrossEvidence::of(EvidenceCode::Declared, *pair)).collect();
    let mut no_evidence = Vec::new();
    search.by_address(&mut evidence, &mut no_evidence);
    search.by_entry(words, entries, &no_evidence, &mut evidence);
    evidence.sort_unstable();
    evidence.dedup();
    evidence
}

struct Search<'a, 'p> {
    seats: &'a AcrossSeats<'p>,
    links: &'a AcrossLinks,
}

impl Search<'_, '_> {
    /// Adds the evidence of equal addresses. `no_evidence` receives, in order, the address keys that two seats
    /// of one enterprise have, or two people by a declaration.
    fn by_address(&self, evidence: &mut Vec<AcrossEvidence>, no_evidence: &mut Vec<KeyId>) {
        let mut held: Vec<Held> = Vec::with_capacity(2 * self.seats.count());
        for side in self.seats.sides.indices() {
            for (index, seat) in self.seats.seats_of(side) {
                let keys = self.seats.addresses(side, seat);
                held.extend(keys.into_iter().map(|(key, uses)| (key, index, uses)));
            }
        }
        held.sort_unstable();
        // A seat may have one address in several uses, such as NameID and verified address.
        held.dedup_by(|next, kept| {
            let is_same = (next.0, next.1) == (kept.0, kept.1);
            if is_same {
                kept.2 |= next.2;
            }
            is_same
        });
        for of_key in held.chunk_by(|one, next| one.0 == next.0) {
            let [first, _, ..] = of_key else { continue };
            let key = first.0;
            let sides = of_key.windows(2).map(|pair| (pair[0].1, pair[1].1));
            let mut in_one = sides.filter(|(a, b)| self.is_one_side(*a, *b));
            let members = || of_key.iter().map(|held| held.1);
            if in_one.next().is_some() || self.links.has_two_people(members()) {
                no_evidence.push(key);
                continue;
            }
            let with = |flag: u8| of_key.iter().filter(move |held| held.2 & flag != 0);
            let mut tie = |code, members: Vec<AcrossIx>| {
                let keys = [Some(key), Some(key)];
                let pairs = self.pairs(&members).into_iter();
                evidence.extend(
                    pairs.map(|seats| AcrossEvidence { keys, ..AcrossEvidence::of(code, seats) }),
                );
            };
            tie(EvidenceCode::SameIdentity, with(IDENTITY).map(|held| held.1).collect());
            // For Cloud accounts the Visual Studio sign-in addresses are compared; for a Server account its
            // primary address.
            if let Some(known) = with(VISUAL_STUDIO).next() {
                let others = with(VISUAL_STUDIO | PRIMARY).map(|held| held.1);
                let others = others.filter(|seat| *seat != known.1);
                tie(EvidenceCode::SameVisualStudio, [known.1].into_iter().chain(others).collect());
            }
        }
    }

    /// Adds the evidence of directory entries to which seats of several enterprises belong.
    fn by_entry(
        &self,
        words: &dyn StoredWords,
        mut entries: Vec<SeatEntry>,
        no_evidence: &[KeyId],
        evidence: &mut Vec<AcrossEvidence>,
    ) {
        entries.retain(|it| it.key.is_none_or(|key| no_evidence.binary_search(&key).is_err()));
        let place = |it: &SeatEntry| (it.directory, it.entry, it.seat);
        entries.sort_unstable();
        // Several addresses may connect a seat with its entry. The evidence names the first of them by its text,
        // and a login only if there is no address.
        let text = |it: &SeatEntry| it.key.map(|key| words.key_text(key));
        entries.dedup_by(|next, kept| {
            let is_same = place(next) == place(kept);
            let is_first = match (text(next), text(kept)) {
                (Some(next), Some(kept)) => next < kept,
                (next, kept) => next.is_some() && kept.is_none(),
            };
            if is_same && is_first {
                kept.key = next.key;
            }
            is_same
        });
        for of_entry in entries.chunk_by(|a, b| (a.directory, a.entry) == (b.directory, b.entry)) {
            let members: Vec<AcrossIx> = of_entry.iter().map(|it| it.seat).collect();
            if self.links.has_two_people(members.iter().copied()) {
                continue;
            }
            let key = |seat: AcrossIx| of_entry.iter().find(|it| it.seat == seat)?.key;
            evidence.extend(self.pairs(&members).into_iter().map(|seats| AcrossEvidence {
                keys: seats.map(key),
                directory: of_entry.first().map(|it| it.directory),
                ..AcrossEvidence::of(EvidenceCode::SameDirectoryEntry, seats)
            }));
        }
    }

    fn is_one_side(&self, one: AcrossIx, other: AcrossIx) -> bool {
        self.seats.side_of(one) == self.seats.side_of(other)
    }

    /// Pairs of seats of two enterprises that connect all of `members`, most of them with the first seat. If a
    /// declaration says that one of the seats is another person's, all pairs that no declaration excludes.
    fn pairs(&self, members: &[AcrossIx]) -> Vec<[AcrossIx; 2]> {
        let [first, others @ ..] = members else { return Vec::new() };
        if members.iter().any(|seat| self.links.is_set_apart(*seat)) {
            let mut pairs = Vec::new();
            for (at, one) in members.iter().enumerate() {
                let others = members[at + 1..].iter();
                let others = others.filter(|it| !self.is_one_side(*one, **it));
                let others = others.filter(|it| !self.links.are_apart(*one, **it));
                pairs.extend(others.map(|other| in_order(*one, *other)));
            }
            return pairs;
        }
        let Some(other) = others.iter().find(|it| !self.is_one_side(*first, **it)) else {
            return Vec::new();
        };
        let pairs = others.iter().map(|it| match self.is_one_side(*first, *it) {
            true => in_order(*it, *other),
            false => in_order(*first, *it),
        });
        pairs.collect()
    }
}

/// A pair of seats, the smaller index first.
fn in_order(one: AcrossIx, other: AcrossIx) -> [AcrossIx; 2] {
    [one.min(other), one.max(other)]
}
