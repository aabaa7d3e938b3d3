//! Near addresses (counting.md section 5): the same domain, and local parts one slip apart.
//!
//! Two such addresses have a rough signature in common (`rough`). Signatures are searched twice: first for
//! the candidates of groups, except of groups that already name too many; then for the other groups that
//! name the only candidate of a group. Each search narrows both sides with bit maps: Cloud's signatures to
//! those that some group may have, the groups' signatures to those that remain on the Cloud side, and
//! Cloud's once more. Few remain.
//!
//! How a common signature was made decides the tie. If both sides leave out the same position, a letter is
//! replaced. If one side is whole and the other leaves out a letter, it has one letter more, and so on. So
//! thousands of addresses that are one slip from each other are not compared in pairs.

use std::ops::Range;

use super::candidates::Candidates;
use super::key_set::{KeySet, RowsOfKeys};
use super::locals::{Domains, Locals};
use super::one_to_one::{Candidate, Claims};
use super::rough::{BARE, LetterLeftOut, Rough, WHOLE, are_same};
use super::side_by_side;
use super::takers::Takers;
use super::words::{parts, tells_a_person};
use crate::beside::both;
use crate::code::EvidenceCode;
use crate::people::alike::{Bits, Buckets};

/// A rough signature of an address.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    signature: u64,
    part: LetterLeftOut,
    /// For a group's address, its index among the searched addresses. For an address of Cloud, its key, and
    /// later its index among the keys that remain.
    number: u32,
}

/// Ties groups to the Cloud accounts that have an address near one of theirs. Candidates are searched only
/// for groups that do not yet name too many. Other groups that name a Cloud account are searched only if it
/// is the only candidate of a group, because only then do they matter.
pub(super) fn near_email(
    takers: &Takers<'_>,
    candidates: &Candidates<'_>,
    claims: &mut Claims<'_>,
) {
    let all = || 0..takers.addresses().len() as u32;
    let may_name_more = |address: &u32| {
        let mut holders = takers.of_address(*address).iter();
        holders.any(|it| !claims.has_too_many(takers.holder(*it).taker))
    };
    let own: Vec<u32> = all().filter(may_name_more).collect();
    tie((takers, &own), (candidates, &|_| true), Asked::Named, claims);
    let only: KeySet = claims.only_candidates().flat_map(|row| candidates.keys_of(row)).collect();
    if !only.is_empty() {
        let own: Vec<u32> = all().collect();
        tie((takers, &own), (candidates, &|key| only.contains(key)), Asked::Namers, claims);
    }
}

/// What a search looks for.
#[derive(Clone, Copy)]
enum Asked {
    /// The candidates that groups name.
    Named,
    /// Other groups that name known candidates.
    Namers,
}

/// Ties groups by some of their addresses, as indices of [`Takers::addresses`], to the Cloud accounts that
/// have one of the wanted keys.
fn tie(
    (takers, addresses): (&Takers<'_>, &[u32]),
    (candidates, is_wanted): (&Candidates<'_>, &(dyn Fn(u32) -> bool + Sync)),
    asked: Asked,
    claims: &mut Claims<'_>,
) {
    let mut rough = Rough::new();
    let mut domains = Domains::new();
    let texts = addresses.iter().map(|it| takers.text(takers.addresses()[*it as usize]));
    let own_locals = Locals::of(texts, &mut domains);
    let mut own = Bits::for_count(own_locals.text_len() + 2 * own_locals.len());
    rough.each_of(&own_locals, |signature, _, _| own.add(signature));
    let look = |rough: &mut Rough, places: Range<usize>, kept: &mut Vec<Entry>| {
        let keys = places.filter_map(|place| candidates.key_at(place));
        for key in keys.map(|(key, _)| key).filter(|key| is_wanted(*key)) {
            let Some((local, domain)) = parts(takers.text(key)) else { continue };
            let Some(domain) = domains.get(domain) else { continue };
            rough.each(local, domain, |signature, part| {
                if own.may_have(signature) {
                    kept.push(Entry { signature, part, number: key });
                }
            });
        }
    };
    let blocks = side_by_side::blocks(candidates.places());
    let mut of_cloud: Vec<Entry> = Vec::new();
    for block in blocks {
        of_cloud.extend(side_by_side::find(block, || rough.clone(), look));
    }
    drop(own);
    let theirs = Bits::of(of_cloud.iter().map(|it| it.signature));
    let mut of_takers: Vec<Entry> = Vec::new();
    rough.each_of(&own_locals, |signature, part, number| {
        if theirs.may_have(signature) {
            of_takers.push(Entry { signature, part, number });
        }
    });
    let in_both = Bits::of(of_takers.iter().map(|it| it.signature));
    // The signatures of a key are contiguous.
    let (mut last, mut tells) = (u32::MAX, false);
    of_cloud.retain(|it| {
        if !in_both.may_have(it.signature) {
            return false;
        }
        if it.number != last {
            (last, tells) = (it.number, tells_a_person(takers.text(it.number)));
        }
        tells
    });
    drop((theirs, in_both));
    let keys: KeySet = of_cloud.iter().map(|it| it.number).collect();
    let rows = candidates.rows_of(&keys);
    // From here on, `number` is the index among the remaining keys.
    let mut last = (u32::MAX, 0);
    for it in &mut of_cloud {
        if it.number != last.0 {
            last = (it.number, rows.place(it.number).unwrap_or_default());
        }
        it.number = last.1;
    }
    let texts = (0..rows.len() as u32).map(|place| takers.text(rows.key_at(place)));
    let locals = Locals::of(texts, &mut domains);
    let (of_takers, of_cloud) = both(
        of_takers.len().max(of_cloud.len()),
        || Buckets::of(&of_takers, |it| it.signature),
        || Buckets::of(&of_cloud, |it| it.signature),
    );
    let mut ties = Ties {
        own_done: vec![false; addresses.len()],
        done: vec![false; rows.len()],
        asked,
        numbers: Vec::new(),
        takers,
        addresses,
        rows: &rows,
        own_locals: &own_locals,
        locals: &locals,
        claims,
    };
    ties.of_all(of_takers.all(), of_cloud.all());
}

/// Ties groups to candidates, one signature at a time.
struct Ties<'n, 't, 'c> {
    takers: &'n Takers<'t>,
    /// The searched addresses of groups, as indices of `Takers::addresses`.
    addresses: &'n [u32],
    rows: &'n RowsOfKeys,
    /// The local parts of the groups' addresses; `locals` has those of Cloud.
    own_locals: &'n Locals,
    locals: &'n Locals,
    claims: &'n mut Claims<'c>,
    /// Addresses whose groups all name too many, so that nothing can be added.
    own_done: Vec<bool>,
    /// Cloud addresses whose rows are all named by several groups, so that nothing can be added.
    done: Vec<bool>,
    asked: Asked,
    /// A reused buffer for the numbers of holders.
    numbers: Vec<u32>,
}

impl<'n> Ties<'n, '_, '_> {
    /// Ties all entries with equal signatures. Both lists are sorted.
    fn of_all(&mut self, mut own: &[Entry], theirs: &[Entry]) {
        for theirs in theirs.chunk_by(|a, b| a.signature == b.signature) {
            let signature = theirs[0].signature;
            let before = own.iter().take_while(|it| it.signature < signature).count();
            let same = own[before..].iter().take_while(|it| it.signature == signature).count();
            self.of_signature(&own[before..before + same], theirs);
            own = &own[before + same..];
        }
    }

    /// Ties the entries of one signature that were made of the same text.
    fn of_signature(&mut self, own: &[Entry], theirs: &[Entry]) {
        let Some(first) = own.first() else { return };
        let is_done = match self.asked {
            Asked::Named => own.iter().all(|it| self.own_done[it.number as usize]),
            Asked::Namers => theirs.iter().all(|it| self.done[it.number as usize]),
        };
        if is_done {
            return;
        }
        let own_is_same = |it: &Entry| self.is_same(first, self.own_address(it), it.part);
        let is_same = |it: &Entry| self.is_same(first, self.address(it), it.part);
        if own.iter().all(own_is_same) && theirs.iter().all(is_same) {
            return self.of_text(own, theirs);
        }
        // Different texts may have the same hash.
        let (own, other_own): (Vec<Entry>, Vec<Entry>) = own.iter().partition(|it| own_is_same(it));
        let (theirs, others): (Vec<Entry>, Vec<Entry>) = theirs.iter().partition(|it| is_same(it));
        self.of_text(&own, &theirs);
        self.of_signature(&other_own, &others);
    }

    /// Was this part of an address made of the same text as the first entry of the groups?
    fn is_same(&self, first: &Entry, its: (&str, Option<u32>), part: LetterLeftOut) -> bool {
        let (local, domain) = self.own_address(first);
        its.1 == domain && are_same((its.0, part), (local, first.part))
    }

    /// The holders of a group's address.
    fn holders(&self, it: &Entry) -> &'n [u32] {
        self.takers.of_address(self.addresses[it.number as usize])
    }

    fn own_address(&self, it: &Entry) -> (&'n str, Option<u32>) {
        self.own_locals.get(it.number)
    }

    fn address(&self, it: &Entry) -> (&'n str, Option<u32>) {
        self.locals.get(it.number)
    }

    /// Ties entries that were made of the same text, according to the parts that they leave out. Both lists
    /// are sorted.
    fn of_text(&mut self, own: &[Entry], theirs: &[Entry]) {
        let split = |entries: &[Entry], part| entries.partition_point(|it| it.part < part);
        let (own_less, own_all) = own.split_at(split(own, BARE));
        let (less, all) = theirs.split_at(split(theirs, BARE));
        // Equal without dots and hyphens: texts with and without them.
        self.tie(own_all, all);
        // One letter more, one letter less.
        self.tie(&own_all[split(own_all, WHOLE)..], less);
        self.tie(own_less, &all[split(all, WHOLE)..]);
        // One letter replaced.
        for own in own_less.chunk_by(|a, b| a.part == b.part) {
            let part = own[0].part;
            self.tie(own, &less[split(less, part)..split(less, part + 1)]);
        }
        self.swapped(own_less, less);
    }

    /// Ties texts with two neighbors swapped: they leave out the same letter at adjacent positions.
    fn swapped(&mut self, own: &[Entry], theirs: &[Entry]) {
        let mut by_letter: Vec<(LetterLeftOut, Option<char>, Entry)> = Vec::new();
        for it in own {
            for part in [it.part.checked_sub(1), Some(it.part + 1)].into_iter().flatten() {
                let at = theirs.partition_point(|its| its.part < part);
                if theirs.get(at).is_none_or(|its| its.part != part) {
                    continue;
                }
                if by_letter.is_empty() {
                    by_letter.extend(theirs.iter().map(|its| {
                        let letter = self.address(its).0.chars().nth(its.part as usize);
                        (its.part, letter, *its)
                    }));
                    by_letter.sort_unstable();
                }
                let letter = self.own_address(it).0.chars().nth(it.part as usize);
                let from = by_letter.partition_point(|its| (its.0, its.1) < (part, letter));
                let same =
                    by_letter[from..].iter().take_while(|its| (its.0, its.1) == (part, letter));
                let same: Vec<Entry> = same.map(|its| its.2).collect();
                self.tie(&[*it], &same);
            }
        }
    }

    /// Ties all of the groups' entries to all of Cloud's entries.
    fn tie(&mut self, own: &[Entry], theirs: &[Entry]) {
        let (Some(one), Some(other)) = (own.first(), theirs.first()) else { return };
        let key = self.takers.addresses()[self.addresses[one.number as usize] as usize];
        let is_one =
            |entries: &[Entry], first: &Entry| entries.iter().all(|it| it.number == first.number);
        // An address is not near itself. A million accounts on both sides may share one.
        let is_itself = key == self.rows.key_at(other.number);
        if is_itself && is_one(own, one) && is_one(theirs, other) {
            return;
        }
        for it in own {
            self.numbers.extend(self.holders(it));
        }
        let holders = self.takers.standing(&mut self.numbers);
        let mut candidates: Vec<Candidate> = Vec::new();
        for it in theirs {
            let key = Some(self.rows.key_at(it.number));
            let rows = self.rows.at(it.number).iter();
            candidates.extend(rows.map(|row| Candidate { row: *row, key }));
        }
        candidates.sort_unstable();
        candidates.dedup();
        self.claims.tie(EvidenceCode::NearEmail, &holders, candidates);
        for it in own {
            let mut holders = self.holders(it).iter();
            self.own_done[it.number as usize] =
                holders.all(|it| self.claims.has_too_many(self.takers.holder(*it).taker));
        }
        for it in theirs {
            let mut rows = self.rows.at(it.number).iter();
            self.done[it.number as usize] = rows.all(|row| self.claims.have_several(*row));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::Words;
    use super::super::rough::tests::{is_one_slip, local_parts};
    use super::super::unmatched::Unmatched;
    use super::*;
    use crate::model::{
        AddressKey, AddressKind, CloudPart, CloudRow, Member, Population, Roles, RowKind,
        ServerAccount, ServerPart, Standing, StoredWords,
    };
    use crate::name::NameHash;
    use crate::people::resolve;

    struct Keys(Vec<String>);

    impl StoredWords for Keys {
        fn key_text(&self, key: u32) -> &str {
            &self.0[key as usize]
        }

        fn name(&self, _: i64) -> Option<NameHash> {
            None
        }
    }

    /// Every third key is the primary address of a Server account. The others are NameIDs.
    fn population(keys: usize) -> Population {
        let (mut cloud, mut server) = (CloudPart::default(), ServerPart::default());
        for key in 0..keys as u32 {
            let is_server = key % 3 == 0;
            let kind = if is_server { AddressKind::Primary } else { AddressKind::NameId };
            let all = if is_server { &mut server.addresses } else { &mut cloud.addresses };
            all.push(AddressKey { kind, key });
            let addresses = all.len() as u32 - 1..all.len() as u32;
            if is_server {
                let (member, takes_part) = (Member::Number(u64::from(key)), true);
                server.accounts.push(ServerAccount {
                    state: 0,
                    instance: 0,
                    member,
                    takes_part,
                    addresses,
                });
            } else {
                cloud.rows.push(CloudRow {
                    state: 0,
                    row: RowKind::Cloud,
                    roles: Roles::None,
                    visual_studio: false,
                    identity: 0..0,
                    addresses,
                    listed: 0..0,
                });
            }
        }
        let mut population = Population::of(Arc::new(cloud));
        let instance = population.instance("ghes.example");
        population.instances[0].standing = Standing::CloudOnly;
        population.add_server(instance, &server);
        population
    }

    #[test]
    fn exactly_what_is_one_slip_apart_is_tied() {
        let mut locals = local_parts();
        // Hundreds of letters at one position, at the next one, and with both neighbors swapped.
        locals.extend((0..600u32).filter_map(|it| char::from_u32(0x4e00 + it)).flat_map(
            |letter| [format!("aa{letter}bbb"), format!("aab{letter}bb"), format!("aa{letter}abb")],
        ));
        let texts = locals.iter().map(|local| format!("{local}@corp.example")).collect();
        let population = population(locals.len());
        let matching = resolve(&population);
        let keys = Keys(texts);
        let words = Words { keys: &keys, links: &matching.links };
        let unmatched = Unmatched::of(&population, &matching);
        let places = (0..unmatched.len() as u32).collect();
        let takers = Takers::new(&unmatched, places, words);
        let mut claims = Claims::new(takers.len(), population.cloud.len(), words, locals.len());
        near_email(&takers, &Candidates::new(&population), &mut claims);
        let key_of_row = |row: u32| (row / 2 * 3 + 1 + row % 2) as usize;
        for taker in 0..takers.len() as u32 {
            let own = 3 * taker as usize;
            let mut found: Vec<usize> =
                claims.of_group(taker).0.iter().map(|row| key_of_row(*row)).collect();
            found.sort_unstable();
            let expected: Vec<usize> = (0..locals.len())
                .filter(|key| key % 3 != 0 && is_one_slip(&locals[own], &locals[*key]))
                .collect();
            assert_eq!(found, expected, "{}", locals[own]);
        }
    }
}
