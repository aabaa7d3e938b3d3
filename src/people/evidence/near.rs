//! Finds near addresses (counting.md section 5): addresses with the same domain whose local parts are one slip
//! of the pen apart, such as one letter.
//!
//! Two near addresses have a rough signature (a hash without one letter) in common (`rough`). Signatures are
//! searched twice. The first search finds the candidates of groups, except for groups that already name too many
//! candidates. The second search finds the other groups that name the only candidate of a group. Each search
//! uses bit maps to narrow the signatures in three steps: Cloud's signatures to those that some group may have,
//! the groups' signatures to those that remain on the Cloud side, and Cloud's signatures once more. Few
//! signatures remain.
//!
//! The kind of slip follows from the way in which a common signature was made. If both signatures leave out the
//! letter at the same position, the addresses differ in that letter. If one signature is of the complete address
//! and the other leaves out a letter, the other address has one letter more. So thousands of addresses that are one
//! slip from each other need not be compared in pairs.

use std::ops::Range;

use super::candidates::Candidates;
use super::key_set::{FoundKeyIx, KeySet, RowsOfKeys};
use super::locals::{DomainIx, Domains, Locals};
use super::one_to_one::{Candidate, Claims};
use super::rough::{BARE, LetterLeftOut, Rough, WHOLE, are_same};
use super::side_by_side;
use super::takers::{AddressIx, HolderIx, Takers};
use super::words::{parts, tells_a_person};
use crate::beside::both;
use crate::code::EvidenceCode;
use crate::model::{Indexed, KeyId, list_indices};
use crate::people::alike::{Bits, Buckets};

/// A rough signature of an address (a hash of its local part, usually without one letter), by which near
/// addresses are found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Entry<I> {
    signature: u64,
    part: LetterLeftOut,
    /// The address. For an address of a Cloud account, this is first the key of the address, and later the index
    /// of the key among those that remain in the search.
    address: I,
}

list_indices! {
    /// An address of a group, among the addresses that a search compares.
    SearchedIx;
}

/// A rough signature (a hash without one letter) of the address of an unmatched group.
type OwnEntry = Entry<SearchedIx>;

/// A rough signature (a hash without one letter) of the address of a Cloud account.
type CloudEntry = Entry<FoundKeyIx>;

/// Connects groups with the Cloud accounts that have an address near one of the group's addresses. Candidates
/// are searched only for groups that do not yet name too many. Other groups that name a Cloud account matter
/// only if it is the only candidate of a group, so they are searched only then.
pub(super) fn near_email(
    takers: &Takers<'_>,
    candidates: &Candidates<'_>,
    claims: &mut Claims<'_>,
) {
    let all = || takers.addresses().indices();
    let may_name_more = |address: &AddressIx| {
        let mut holders = takers.of_address(*address).iter();
        holders.any(|it| !claims.has_too_many(takers.holder(*it).taker))
    };
    let own = all().filter(may_name_more).collect();
    tie((takers, &own), (candidates, &|_| true), Asked::Named, claims);
    let only: KeySet = claims.only_candidates().flat_map(|row| candidates.keys_of(row)).collect();
    if !only.is_empty() {
        let own = all().collect();
        tie((takers, &own), (candidates, &|key| only.contains(key)), Asked::Namers, claims);
    }
}

/// The goal of a search: candidates of groups, or groups of candidates.
#[derive(Clone, Copy)]
enum Asked {
    /// Find the candidates that each group names.
    Named,
    /// Find all groups that name a known candidate.
    Namers,
}

/// Connects the groups that have any of these addresses with the Cloud accounts that have a key for which
/// `is_wanted` is true.
fn tie(
    (takers, addresses): (&Takers<'_>, &Indexed<SearchedIx, AddressIx>),
    (candidates, is_wanted): (&Candidates<'_>, &(dyn Fn(KeyId) -> bool + Sync)),
    asked: Asked,
    claims: &mut Claims<'_>,
) {
    let mut rough = Rough::new();
    let mut domains = Domains::new();
    let texts = addresses.iter().map(|it| takers.text(takers.addresses()[*it]));
    let own_locals: Locals<SearchedIx> = Locals::of(texts, &mut domains);
    let mut own = Bits::for_count(own_locals.text_len() + 2 * own_locals.len());
    rough.each_of(&own_locals, |signature, _, _| own.add(signature));
    let look = |rough: &mut Rough, slots: Range<usize>, kept: &mut Vec<Entry<KeyId>>| {
        let keys = slots.filter_map(|slot| candidates.key_at(slot));
        for key in keys.map(|(key, _)| key).filter(|key| is_wanted(*key)) {
            let Some((local, domain)) = parts(takers.text(key)) else { continue };
            let Some(domain) = domains.get(domain) else { continue };
            rough.each(local, domain, |signature, part| {
                if own.may_have(signature) {
                    kept.push(Entry { signature, part, address: key });
                }
            });
        }
    };
    let blocks = side_by_side::blocks(candidates.slots());
    let mut of_cloud: Vec<Entry<KeyId>> = Vec::new();
    for block in blocks {
        of_cloud.extend(side_by_side::find(block, || rough.clone(), look));
    }
    drop(own);
    let theirs = Bits::of(of_cloud.iter().map(|it| it.signature));
    let mut of_takers: Vec<OwnEntry> = Vec::new();
    rough.each_of(&own_locals, |signature, part, address| {
        if theirs.may_have(signature) {
            of_takers.push(Entry { signature, part, address });
        }
    });
    let in_both = Bits::of(of_takers.iter().map(|it| it.signature));
    // All signatures of one address key are next to each other in the list.
    let (mut last, mut tells) = (None, false);
    of_cloud.retain(|it| {
        if !in_both.may_have(it.signature) {
            return false;
        }
        if last != Some(it.address) {
            (last, tells) = (Some(it.address), tells_a_person(takers.text(it.address)));
        }
        tells
    });
    drop((theirs, in_both));
    let keys: KeySet = of_cloud.iter().map(|it| it.address).collect();
    let rows = candidates.rows_of(&keys);
    let mut last = (None, FoundKeyIx::default());
    let found = of_cloud.into_iter().map(|Entry { signature, part, address }| {
        if last.0 != Some(address) {
            last = (Some(address), rows.find(address).unwrap_or_default());
        }
        Entry { signature, part, address: last.1 }
    });
    let of_cloud: Vec<CloudEntry> = found.collect();
    let texts = rows.keys().iter().map(|key| takers.text(*key));
    let locals: Locals<FoundKeyIx> = Locals::of(texts, &mut domains);
    let (of_takers, of_cloud) = both(
        of_takers.len().max(of_cloud.len()),
        || Buckets::of(&of_takers, |it| it.signature),
        || Buckets::of(&of_cloud, |it| it.signature),
    );
    let mut ties = Ties {
        own_done: Indexed::filled(false, addresses.len()),
        done: Indexed::filled(false, rows.keys().len()),
        asked,
        holders: Vec::new(),
        takers,
        addresses,
        rows: &rows,
        own_locals: &own_locals,
        locals: &locals,
        claims,
    };
    ties.of_all(of_takers.all(), of_cloud.all());
}

/// Connects groups with candidates, one rough signature (hash without one letter) at a time.
struct Ties<'n, 't, 'c> {
    takers: &'n Takers<'t>,
    /// The groups' addresses that the search compares.
    addresses: &'n Indexed<SearchedIx, AddressIx>,
    rows: &'n RowsOfKeys,
    /// The local parts of the groups' addresses (`own_locals`), and those of the Cloud accounts' addresses
    /// (`locals`).
    own_locals: &'n Locals<SearchedIx>,
    locals: &'n Locals<FoundKeyIx>,
    claims: &'n mut Claims<'c>,
    /// For each address of a group, whether all groups with the address already name too many candidates. Then
    /// nothing more can be found for it.
    own_done: Indexed<SearchedIx, bool>,
    /// For each address of a Cloud account, whether several groups already name each Cloud account with the
    /// address. Then nothing more can be found for it.
    done: Indexed<FoundKeyIx, bool>,
    asked: Asked,
    /// A buffer for the accounts with an address, which is reused.
    holders: Vec<HolderIx>,
}

impl<'n> Ties<'n, '_, '_> {
    /// Connects the groups and the Cloud accounts of all entries with equal signatures. Both lists must be
    /// sorted by signature.
    fn of_all(&mut self, mut own: &[OwnEntry], theirs: &[CloudEntry]) {
        for theirs in theirs.chunk_by(|a, b| a.signature == b.signature) {
            let signature = theirs[0].signature;
            let before = own.iter().take_while(|it| it.signature < signature).count();
            let same = own[before..].iter().take_while(|it| it.signature == signature).count();
            self.of_signature(&own[before..before + same], theirs);
            own = &own[before + same..];
        }
    }

    /// Connects groups with Cloud accounts by the entries of one signature that were made from the same text.
    fn of_signature(&mut self, own: &[OwnEntry], theirs: &[CloudEntry]) {
        let Some(first) = own.first() else { return };
        let is_done = match self.asked {
            Asked::Named => own.iter().all(|it| self.own_done[it.address]),
            Asked::Namers => theirs.iter().all(|it| self.done[it.address]),
        };
        if is_done {
            return;
        }
        let own_is_same = |it: &OwnEntry| self.is_same(first, self.own_address(it), it.part);
        let is_same = |it: &CloudEntry| self.is_same(first, self.address(it), it.part);
        if own.iter().all(own_is_same) && theirs.iter().all(is_same) {
            return self.of_text(own, theirs);
        }
        // Different texts may have the same hash, and so the same signature.
        let (own, other_own): (Vec<OwnEntry>, Vec<OwnEntry>) =
            own.iter().partition(|it| own_is_same(it));
        let (theirs, others): (Vec<CloudEntry>, Vec<CloudEntry>) =
            theirs.iter().partition(|it| is_same(it));
        self.of_text(&own, &theirs);
        self.of_signature(&other_own, &others);
    }

    /// Was the signature of an address made from the same text as that of `first`, an address of a group?
    fn is_same(
        &self,
        first: &OwnEntry,
        its: (&str, Option<DomainIx>),
        part: LetterLeftOut,
    ) -> bool {
        let (local, domain) = self.own_address(first);
        its.1 == domain && are_same((its.0, part), (local, first.part))
    }

    /// The accounts of groups that have the address with this signature.
    fn holders(&self, it: &OwnEntry) -> &'n [HolderIx] {
        self.takers.of_address(self.addresses[it.address])
    }

    fn own_address(&self, it: &OwnEntry) -> (&'n str, Option<DomainIx>) {
        self.own_locals.get(it.address)
    }

    fn address(&self, it: &CloudEntry) -> (&'n str, Option<DomainIx>) {
        self.locals.get(it.address)
    }

    /// Connects groups with Cloud accounts by signatures that were made from the same text. The letters that two
    /// signatures leave out decide whether their addresses are near. Both lists must be sorted.
    fn of_text(&mut self, own: &[OwnEntry], theirs: &[CloudEntry]) {
        let (own_less, own_all) = own.split_at(split(own, BARE));
        let (less, all) = theirs.split_at(split(theirs, BARE));
        // First case: the addresses are equal without dots and hyphens.
        self.tie(own_all, all);
        // Second case: an address of a group has one letter more than one of Cloud, or one letter less.
        self.tie(&own_all[split(own_all, WHOLE)..], less);
        self.tie(own_less, &all[split(all, WHOLE)..]);
        // Third case: the addresses differ in one letter, which both signatures leave out.
        for own in own_less.chunk_by(|a, b| a.part == b.part) {
            let part = own[0].part;
            self.tie(own, &less[split(less, part)..split(less, part + 1)]);
        }
        self.swapped(own_less, less);
    }

    /// Connects groups with Cloud accounts by addresses in which two neighboring letters are swapped. The
    /// signatures of two such addresses leave out the same letter, at neighboring positions.
    fn swapped(&mut self, own: &[OwnEntry], theirs: &[CloudEntry]) {
        let mut by_letter: Vec<(LetterLeftOut, Option<char>, CloudEntry)> = Vec::new();
        for it in own {
            for part in [it.part.checked_sub(1), Some(it.part + 1)].into_iter().flatten() {
                let at = theirs.partition_point(|its| its.part < part);
                if theirs.get(at).is_none_or(|its| its.part != part) {
                    continue;
                }
                if by_letter.is_empty() {
                    by_letter.extend(theirs.iter().map(|its| {
                        let letter = letter_at(self.address(its).0, its.part);
                        (its.part, letter, *its)
                    }));
                    by_letter.sort_unstable();
                }
                let letter = letter_at(self.own_address(it).0, it.part);
                let from = by_letter.partition_point(|its| (its.0, its.1) < (part, letter));
                let same =
                    by_letter[from..].iter().take_while(|its| (its.0, its.1) == (part, letter));
                let same: Vec<CloudEntry> = same.map(|its| its.2).collect();
                self.tie(&[*it], &same);
            }
        }
    }

    /// Connects the groups of all entries in `own` with the Cloud accounts of all entries in `theirs`.
    fn tie(&mut self, own: &[OwnEntry], theirs: &[CloudEntry]) {
        let (Some(one), Some(other)) = (own.first(), theirs.first()) else { return };
        let key = self.takers.addresses()[self.addresses[one.address]];
        // An address is not near itself. A million Server accounts and a million Cloud accounts may share one
        // address, so this case must end early.
        let is_itself = key == self.rows.keys()[other.address];
        if is_itself && are_of_one(own, one) && are_of_one(theirs, other) {
            return;
        }
        for it in own {
            self.holders.extend(self.holders(it));
        }
        let holders = self.takers.standing(&mut self.holders);
        let mut candidates: Vec<Candidate> = Vec::new();
        for it in theirs {
            let key = Some(self.rows.keys()[it.address]);
            let rows = self.rows.at(it.address).iter();
            candidates.extend(rows.map(|row| Candidate { row: *row, key }));
        }
        candidates.sort_unstable();
        candidates.dedup();
        self.claims.tie(EvidenceCode::NearEmail, &holders, candidates);
        for it in own {
            let mut holders = self.holders(it).iter();
            self.own_done[it.address] =
                holders.all(|it| self.claims.has_too_many(self.takers.holder(*it).taker));
        }
        for it in theirs {
            let mut rows = self.rows.at(it.address).iter();
            self.done[it.address] = rows.all(|row| self.claims.have_several(*row));
        }
    }
}

/// The position of the first of these sorted entries that leaves out the letter `part` or a later one.
fn split<I>(entries: &[Entry<I>], part: LetterLeftOut) -> usize {
    entries.partition_point(|it| it.part < part)
}

/// Do all of these entries belong to the same address as `first`?
fn are_of_one<I: PartialEq>(entries: &[Entry<I>], first: &Entry<I>) -> bool {
    entries.iter().all(|it| it.address == first.address)
}

/// The letter of a local part that a signature leaves out; `None` if it leaves out no single letter.
fn letter_at(local: &str, part: LetterLeftOut) -> Option<char> {
    local.chars().nth(usize::try_from(part).ok()?)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::Words;
    use super::super::rough::tests::{is_one_slip, local_parts};
    use super::super::unmatched::Unmatched;
    use super::*;
    use crate::model::{
        AddressKey, AddressKind, CloudPart, CloudRow, InstanceIx, ListIndex, Member, Population,
        Roles, RowIx, RowKind, ServerAccount, ServerPart, Standing, StateId, StoredWords,
    };
    use crate::name::NameHash;
    use crate::people::resolve;

    struct Keys(Indexed<KeyId, String>);

    impl StoredWords for Keys {
        fn key_text(&self, key: KeyId) -> &str {
            &self.0[key]
        }

        fn name(&self, _: StateId) -> Option<NameHash> {
            None
        }
    }

    /// A population in which every third key is the primary address of a Server account. The other keys are
    /// NameIDs.
    fn population(keys: usize) -> Population {
        let (mut cloud, mut server) = (CloudPart::default(), ServerPart::default());
        for key in KeyId::below(keys) {
            let is_server = key.number() % 3 == 0;
            let kind = if is_server { AddressKind::Primary } else { AddressKind::NameId };
            let all = if is_server { &mut server.addresses } else { &mut cloud.addresses };
            all.push(AddressKey { kind, key });
            let addresses = all.len() as u32 - 1..all.len() as u32;
            if is_server {
                let (member, takes_part) = (Member::Number(u64::from(key.number())), true);
                server.accounts.push(ServerAccount {
                    state: StateId::default(),
                    instance: InstanceIx::default(),
                    member,
                    takes_part,
                    addresses,
                });
            } else {
                cloud.rows.push(CloudRow {
                    state: StateId::default(),
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
        population.instances[instance].standing = Standing::CloudOnly;
        population.add_server(instance, &server);
        population
    }

    #[test]
    fn exactly_what_is_one_slip_apart_is_tied() {
        let mut locals = local_parts();
        // Hundreds of local parts differ in the letter at one position, in the letter at the next position, or
        // by a swap of these two letters.
        locals.extend((0..600u32).filter_map(|it| char::from_u32(0x4e00 + it)).flat_map(
            |letter| [format!("aa{letter}bbb"), format!("aab{letter}bb"), format!("aa{letter}abb")],
        ));
        let texts = locals.iter().map(|local| format!("{local}@corp.example")).collect();
        let population = population(locals.len());
        let matching = resolve(&population);
        let keys = Keys(texts);
        let words = Words { keys: &keys, links: &matching.links };
        let unmatched = Unmatched::of(&population, &matching);
        let takers = Takers::new(&unmatched, unmatched.indices().collect(), words);
        let mut claims = Claims::new(takers.len(), population.cloud.len(), words, locals.len());
        near_email(&takers, &Candidates::new(&population), &mut claims);
        let key_of_row = |row: RowIx| row.position() / 2 * 3 + 1 + row.position() % 2;
        for taker in takers.groups().indices() {
            let own = 3 * taker.position();
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
