//! The one-to-one tests (counting.md section 5): which groups name which candidates, over all
//! evidence of a level together, in bounded time.
//!
//! Evidence is found by signatures: what has the same signature is tied. Nobody needs to know more
//! than that a group names over five candidates, or that two groups name a candidate, so counting
//! stops there: a million namesakes cost a million steps, not their square.

use std::hash::Hash;

use foldhash::{HashMap, HashMapExt};
use smallvec::SmallVec;

use super::texts::Texts;
use super::{Evidence, EvidenceCode, Words};

/// A group that takes part in the tests, by the account and address that gave a signature.
#[derive(Debug, Clone, Copy)]
pub(super) struct Holder {
    /// The group, as a number among those that take part.
    pub taker: u32,
    /// The account's rank within its group.
    pub rank: u32,
    /// The account, an index of `Matching::accounts`.
    pub account: u32,
    /// The key that the signature was made of.
    pub key: Option<u32>,
    /// Is the account declared to be apart from anybody? Then no other account of the group may
    /// stand for it.
    pub apart: bool,
    /// Is the key repeated on its instance? Then it may be the very address of a candidate, and no
    /// other address stands for it.
    pub repeated: bool,
}

/// A candidate, by the address that gave a signature.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    /// The Cloud row.
    pub row: u32,
    /// The key that the signature was made of.
    pub key: Option<u32>,
}

/// All that has one signature.
pub(super) struct Slot {
    holders: SmallVec<[Holder; 1]>,
    /// One more than may be named, at most.
    candidates: Vec<Met>,
    /// Is it evidence only between addresses that are different?
    of_different: bool,
}

/// A candidate that has a slot's signature.
#[derive(Debug, Clone, Copy)]
struct Met {
    candidate: Candidate,
    /// The key of another of its addresses with the same signature.
    other: Option<u32>,
}

impl Holder {
    /// Is one of the two enough for their group?
    fn may_stand_for(&self, other: &Holder) -> bool {
        self.taker == other.taker && !self.apart && !other.apart && self.repeated == other.repeated
    }

    fn has(&self, key: Option<u32>) -> bool {
        self.key.is_some() && self.key == key
    }
}

impl Slot {
    /// A slot of these groups, in the order of their numbers.
    pub fn of(holders: impl Iterator<Item = Holder>, texts: &Texts) -> Slot {
        let (nobody, candidates) = (SmallVec::new(), Vec::new());
        let mut slot = Slot { holders: nobody, candidates, of_different: false };
        holders.for_each(|holder| slot.hold(holder, texts));
        slot
    }

    /// The same for evidence between addresses that are different.
    pub fn of_different(holders: impl Iterator<Item = Holder>, texts: &Texts) -> Slot {
        Slot { of_different: true, ..Slot::of(holders, texts) }
    }

    /// Adds a group; of one group's accounts and addresses the first stands for it.
    fn hold(&mut self, holder: Holder, texts: &Texts) {
        match self.holders.last_mut() {
            Some(last) if last.may_stand_for(&holder) => {
                let order = |it: &Holder| (it.rank, text(texts, it.key));
                if order(&holder) < order(last) {
                    *last = holder;
                }
            }
            _ => self.holders.push(holder),
        }
    }
}

/// Groups by signature, to be met by candidates.
pub(super) struct Join<K> {
    places: HashMap<K, u32>,
    slots: Vec<Slot>,
}

impl<K: Hash + Eq> Join<K> {
    /// Nobody yet.
    pub fn new() -> Join<K> {
        Join { places: HashMap::new(), slots: Vec::new() }
    }

    /// Adds a group; groups come in the order of their numbers.
    pub fn hold(&mut self, signature: K, holder: Holder, texts: &Texts) {
        let next = self.slots.len() as u32;
        let place = *self.places.entry(signature).or_insert(next);
        if place == next {
            self.slots.push(Slot::of(std::iter::once(holder), texts));
        } else {
            self.slots[place as usize].hold(holder, texts);
        }
    }

    /// Where the slot of a signature is.
    pub fn place<Q>(&self, signature: &Q) -> Option<u32>
    where
        K: std::borrow::Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.places.get(signature).copied()
    }

    /// The slot at a place.
    pub fn slot(&mut self, place: u32) -> &mut Slot {
        &mut self.slots[place as usize]
    }

    /// Who has this signature?
    pub fn find<Q>(&mut self, signature: &Q) -> Option<&mut Slot>
    where
        K: std::borrow::Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.place(signature).map(|place| self.slot(place))
    }

    /// Gives every group its candidates.
    pub fn settle(&self, code: EvidenceCode, claims: &mut Claims<'_>) {
        self.slots.iter().for_each(|slot| claims.settle(code, slot));
    }
}

/// Who names whom, over all evidence of one level.
pub(super) struct Claims<'t> {
    words: Words<'t>,
    groups: Vec<Claim>,
    /// The first group that names a candidate, and whether another does.
    namers: HashMap<u32, (u32, bool)>,
}

/// What one group names.
#[derive(Default, Clone)]
struct Claim {
    rows: Vec<u32>,
    /// Each with what comes first: what is not repeated, then the account's rank.
    evidence: Vec<((bool, u32), Evidence)>,
    too_many: bool,
}

impl<'t> Claims<'t> {
    /// Nobody names anybody yet, among so many groups.
    pub fn new(takers: usize, words: Words<'t>) -> Claims<'t> {
        Claims { words, groups: vec![Claim::default(); takers], namers: HashMap::new() }
    }

    /// A candidate has the signature of a slot. Candidates come in the order of their rows.
    pub fn meet(&mut self, slot: &mut Slot, candidate: Candidate) {
        let words = self.words;
        let of_different = slot.of_different;
        let mut namers = slot.holders.iter().filter(|holder| {
            words.may_name(holder, &candidate) && !(of_different && holder.has(candidate.key))
        });
        let Some(first) = namers.next() else { return };
        let named = self.namers.entry(candidate.row).or_insert((first.taker, false));
        named.1 |= first.taker != named.0 || namers.any(|holder| holder.taker != named.0);
        // Some of them may be declared not to be candidates of some holders.
        let room = slot.candidates.len() <= words.most + words.links.pairs_apart();
        let texts = words.texts;
        match slot.candidates.last_mut().filter(|last| last.candidate.row == candidate.row) {
            Some(last) if text(texts, candidate.key) < text(texts, last.candidate.key) => {
                *last = Met { candidate, other: last.candidate.key };
            }
            Some(last) if candidate.key != last.candidate.key => {
                let is_first = last
                    .other
                    .is_none_or(|other| text(texts, candidate.key) < text(texts, Some(other)));
                last.other = if is_first { candidate.key } else { last.other };
            }
            None if room => slot.candidates.push(Met { candidate, other: None }),
            _ => {}
        }
    }

    /// Gives the groups of a slot its candidates.
    pub fn settle(&mut self, code: EvidenceCode, slot: &Slot) {
        if slot.candidates.is_empty() {
            return;
        }
        // Who has the very address of a candidate names it by that (plus-tag), and by another address
        // of it that is alike.
        let of_different = matches!(code, EvidenceCode::OtherDomain | EvidenceCode::NearEmail);
        for holder in &slot.holders {
            for Met { candidate, other } in &slot.candidates {
                let mut candidate = *candidate;
                if of_different && holder.has(candidate.key) {
                    match other {
                        Some(other) => candidate.key = Some(*other),
                        None => continue,
                    }
                }
                if self.words.may_name(holder, &candidate) {
                    let claim = &mut self.groups[holder.taker as usize];
                    claim.add(code, *holder, candidate, self.words);
                }
            }
        }
    }

    /// The candidates that a group names, and the evidence; none if they are too many.
    pub fn of_group(&self, taker: u32) -> (&[u32], impl Iterator<Item = Evidence>) {
        let claim = &self.groups[taker as usize];
        (&claim.rows, claim.evidence.iter().map(|(_, evidence)| *evidence))
    }

    /// The one candidate of a group, if no other group names it.
    pub fn one_to_one(&self, taker: u32) -> Option<u32> {
        match self.groups[taker as usize].rows.as_slice() {
            [only] if self.namers.get(only).is_some_and(|(_, several)| !several) => Some(*only),
            _ => None,
        }
    }
}

impl Claim {
    fn add(&mut self, code: EvidenceCode, holder: Holder, candidate: Candidate, words: Words<'_>) {
        let Words { texts, most, .. } = words;
        if self.too_many {
            return;
        }
        let Candidate { row, key: cloud_key } = candidate;
        if !self.rows.contains(&row) {
            if self.rows.len() == most {
                *self = Claim { too_many: true, ..Claim::default() };
                return;
            }
            self.rows.push(row);
        }
        let Holder { rank, account, key, repeated, .. } = holder;
        let rank = (repeated, rank);
        let evidence =
            Evidence { code, row: Some(row), account: Some(account), other: None, key, cloud_key };
        let same = |it: &&mut ((bool, u32), Evidence)| it.1.code == code && it.1.row == Some(row);
        match self.evidence.iter_mut().find(same) {
            Some(known) => {
                let order = |rank: (bool, u32), it: &Evidence| {
                    (rank, text(texts, it.key).to_owned(), text(texts, it.cloud_key).to_owned())
                };
                if order(rank, &evidence) < order(known.0, &known.1) {
                    *known = (rank, evidence);
                }
            }
            None => self.evidence.push((rank, evidence)),
        }
    }
}

impl Words<'_> {
    /// Is it not declared that they are two people?
    fn may_name(&self, holder: &Holder, candidate: &Candidate) -> bool {
        !holder.apart || !self.links.are_apart(holder.account, candidate.row)
    }
}

fn text(texts: &Texts, key: Option<u32>) -> &str {
    key.map_or("", |key| texts.keys.get(key))
}
