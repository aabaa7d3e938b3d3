//! The one-to-one tests (counting.md section 5): which groups name which candidates, over all evidence of a
//! level together, in bounded time.
//!
//! All groups with a signature are tied to all candidates with the same signature. It is enough to know
//! that a group names more than five candidates, or that two groups name a candidate, so counting stops
//! there. A million namesakes cost a million steps, not their square.

use foldhash::{HashMap, HashMapExt};

use super::takers::{Holder, TakerIx};
use super::{Evidence, Words};
use crate::code::EvidenceCode;
use crate::model::{Indexed, KeyId, ListIndex, RowIx, list_indices};

/// A candidate, with the address that gave a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Candidate {
    pub row: RowIx,
    /// The key that the signature was made from.
    pub key: Option<KeyId>,
}

/// A candidate with the signature at hand.
#[derive(Debug, Clone, Copy)]
struct Met {
    candidate: Candidate,
    /// Another key of the candidate with the same signature.
    other: Option<KeyId>,
}

/// The candidates of one signature that matter. No group needs more than one candidate beyond the number
/// that it may name.
struct Kept {
    met: Vec<Met>,
    /// This many candidates are enough for any group.
    most: usize,
    /// Is this evidence only between different addresses? A group may then have the very address of some
    /// candidates and name only the others, so there must be enough of the others.
    of_different: bool,
    /// Once there are more than `most` candidates, how many of them have each key.
    counts: HashMap<Option<KeyId>, usize>,
    /// The greatest of these counts.
    greatest: usize,
    is_full: bool,
}

impl Kept {
    fn new(code: EvidenceCode, most: usize) -> Kept {
        // Whoever has the very address of a candidate names it by that address (plus-tag), and also by
        // another address of the candidate that is similar.
        let of_different = matches!(code, EvidenceCode::OtherDomain | EvidenceCode::NearEmail);
        let counts = HashMap::new();
        Kept { met: Vec::new(), most, of_different, counts, greatest: 0, is_full: false }
    }

    /// Keeps a candidate if it matters.
    fn keep(&mut self, candidate: Candidate) {
        if self.met.len() >= self.most {
            if !self.of_different || self.is_full {
                return;
            }
            if self.counts.is_empty() {
                for met in &self.met {
                    let with_key = self.counts.entry(met.candidate.key).or_default();
                    *with_key += 1;
                    self.greatest = self.greatest.max(*with_key);
                }
            }
            let with_key = self.counts.entry(candidate.key).or_default();
            if *with_key == self.most {
                return;
            }
            *with_key += 1;
            self.greatest = self.greatest.max(*with_key);
            self.is_full = self.met.len() + 1 - self.greatest >= self.most;
        }
        self.met.push(Met { candidate, other: None });
    }
}

/// No group names the candidate.
const NOBODY: TakerIx = TakerIx::NONE;
/// Several groups name the candidate.
const SEVERAL: TakerIx = TakerIx::SEVERAL;

list_indices! {
    /// A [`Claim`].
    ClaimIx;
}

/// The claim of a group that names nobody.
const NO_CLAIM: ClaimIx = ClaimIx::NONE;

/// Which groups name which candidates, over all evidence of one level.
pub(super) struct Claims<'t> {
    words: Words<'t>,
    /// The greatest number of candidates that a group may name. A group with more names none.
    most: usize,
    /// The claim of each group, or [`NO_CLAIM`] if it names nobody.
    of_takers: Indexed<TakerIx, ClaimIx>,
    claims: Indexed<ClaimIx, Claim>,
    /// For each Cloud row, the group that names it, [`NOBODY`] or [`SEVERAL`].
    namers: Indexed<RowIx, TakerIx>,
}

/// The candidates that one group names.
#[derive(Default, Clone)]
struct Claim {
    rows: Vec<RowIx>,
    /// Each with its sort key: unrepeated addresses first, then by the rank of the account.
    evidence: Vec<((bool, u32), Evidence)>,
    too_many: bool,
}

impl<'t> Claims<'t> {
    /// No claims yet, for these numbers of groups and rows.
    pub fn new(takers: usize, rows: usize, words: Words<'t>, most: usize) -> Claims<'t> {
        let (of_takers, namers) =
            (Indexed::filled(NO_CLAIM, takers), Indexed::filled(NOBODY, rows));
        Claims { words, most, of_takers, claims: Indexed::new(), namers }
    }

    /// Ties holders and candidates with the same signature. Holders are in the order of their groups,
    /// candidates in the order of their rows.
    pub fn tie(
        &mut self,
        code: EvidenceCode,
        holders: &[Holder],
        candidates: impl IntoIterator<Item = Candidate>,
    ) {
        // Declarations may exclude some candidates for some holders.
        let mut met = Kept::new(code, self.most + self.words.links.pairs_apart() + 1);
        let mut naming = Naming::new(code, holders, self.words);
        for candidate in candidates {
            self.meet(&mut naming, candidate, &mut met);
        }
        for holder in holders {
            for Met { candidate, other } in &met.met {
                let mut candidate = *candidate;
                if met.of_different && holder.has(candidate.key) {
                    match other {
                        Some(other) => candidate.key = Some(*other),
                        None => continue,
                    }
                }
                if self.words.may_name(holder, &candidate) {
                    self.add(code, *holder, candidate);
                }
            }
        }
    }

    /// Adds a candidate, and records which group names it.
    fn meet(&mut self, naming: &mut Naming<'_>, candidate: Candidate, met: &mut Kept) {
        let Some(named) = naming.of(&candidate) else { return };
        let namer = &mut self.namers[candidate.row];
        *namer = match *namer {
            NOBODY => named,
            known if known == named => known,
            _ => SEVERAL,
        };
        let text = |key: Option<KeyId>| self.words.text(key);
        match met.met.last_mut().filter(|last| last.candidate.row == candidate.row) {
            Some(last) if text(candidate.key) < text(last.candidate.key) => {
                *last = Met { candidate, other: last.candidate.key };
            }
            Some(last) if candidate.key != last.candidate.key => {
                let is_first =
                    last.other.is_none_or(|other| text(candidate.key) < text(Some(other)));
                last.other = if is_first { candidate.key } else { last.other };
            }
            None => met.keep(candidate),
            Some(_) => {}
        }
    }

    fn add(&mut self, code: EvidenceCode, holder: Holder, candidate: Candidate) {
        let claim = &mut self.of_takers[holder.taker];
        if *claim == NO_CLAIM {
            *claim = self.claims.push(Claim::default());
        }
        let claim = &mut self.claims[*claim];
        claim.add(code, holder, candidate, self.words, self.most);
    }

    fn claim(&self, taker: TakerIx) -> Option<&Claim> {
        self.claims.get(self.of_takers[taker])
    }

    /// The candidates that a group names and the evidence for them, or nothing if there are too many.
    pub fn of_group(&self, taker: TakerIx) -> (&[RowIx], impl Iterator<Item = Evidence>) {
        let claim = self.claim(taker);
        let evidence = claim.into_iter().flat_map(|claim| &claim.evidence);
        (claim.map_or(&[], |claim| &claim.rows), evidence.map(|(_, evidence)| *evidence))
    }

    /// The only candidates of groups, without those that several groups are already known to name.
    pub fn only_candidates(&self) -> impl Iterator<Item = RowIx> {
        let claims = self.claims.iter().filter(|claim| claim.rows.len() == 1);
        let rows = claims.flat_map(|claim| &claim.rows).copied();
        rows.filter(|row| !self.have_several(*row))
    }

    /// Does a group name too many candidates, so that no more can be added?
    pub fn has_too_many(&self, taker: TakerIx) -> bool {
        self.claim(taker).is_some_and(|claim| claim.too_many)
    }

    /// Do several groups name a Cloud row?
    pub fn have_several(&self, row: RowIx) -> bool {
        self.namers[row] == SEVERAL
    }

    /// The only candidate of a group, if no other group names it.
    pub fn one_to_one(&self, taker: TakerIx) -> Option<RowIx> {
        match self.claim(taker)?.rows.as_slice() {
            [only] if self.namers[*only] != SEVERAL => Some(*only),
            _ => None,
        }
    }
}

impl Claim {
    fn add(
        &mut self,
        code: EvidenceCode,
        holder: Holder,
        candidate: Candidate,
        words: Words<'_>,
        most: usize,
    ) {
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
                let texts = |it: &Evidence| (words.text(it.key), words.text(it.cloud_key));
                let order = rank.cmp(&known.0);
                if order.then_with(|| texts(&evidence).cmp(&texts(&known.1))).is_lt() {
                    *known = (rank, evidence);
                }
            }
            None => self.evidence.push((rank, evidence)),
        }
    }
}

/// Finds the groups of one signature that name a candidate.
struct Naming<'h> {
    holders: &'h [Holder],
    words: Words<'h>,
    /// Is this evidence only between different addresses?
    of_different: bool,
    /// Is any of the holders declared to be apart from anybody?
    any_apart: bool,
    /// If not, all candidates with the same key have the same result. A million may share a key.
    known: HashMap<Option<KeyId>, Option<TakerIx>>,
}

impl<'h> Naming<'h> {
    fn new(code: EvidenceCode, holders: &'h [Holder], words: Words<'h>) -> Naming<'h> {
        let any_apart = holders.iter().any(|holder| holder.apart);
        let of_different = code == EvidenceCode::NearEmail;
        Naming { holders, words, of_different, any_apart, known: HashMap::new() }
    }

    /// The group that names a candidate, or [`SEVERAL`].
    fn of(&mut self, candidate: &Candidate) -> Option<TakerIx> {
        if self.any_apart || self.holders.len() == 1 {
            return self.look(candidate);
        }
        let key = candidate.key.filter(|_| self.of_different);
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        let found = self.look(candidate);
        self.known.insert(key, found);
        found
    }

    fn look(&self, candidate: &Candidate) -> Option<TakerIx> {
        let mut namers = self.holders.iter().filter(|holder| {
            self.words.may_name(holder, candidate)
                && !(self.of_different && holder.has(candidate.key))
        });
        let first = namers.next()?.taker;
        Some(if namers.any(|holder| holder.taker != first) { SEVERAL } else { first })
    }
}

impl<'t> Words<'t> {
    /// Is there no declaration that the two are different people?
    fn may_name(&self, holder: &Holder, candidate: &Candidate) -> bool {
        !holder.apart || !self.links.are_apart(holder.account, candidate.row)
    }

    /// The text of a key, or an empty text without a key.
    pub fn text(&self, key: Option<KeyId>) -> &'t str {
        key.map_or("", |key| self.keys.key_text(key))
    }
}
