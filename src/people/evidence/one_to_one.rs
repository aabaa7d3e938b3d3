//! The one-to-one tests (counting.md section 5): which groups name which candidates, over all evidence of one
//! confidence. The tests end in bounded time.
//!
//! Evidence compares values such as names; all groups with a value are connected with all candidates with it. It
//! is enough to know that a group names more than five candidates, or that two groups name one candidate, so
//! counting stops at these numbers. A million people with one name take a million steps, and not a million times
//! a million.

use foldhash::{HashMap, HashMapExt};

use super::takers::{Holder, TakerIx};
use super::{Evidence, Words};
use crate::code::EvidenceCode;
use crate::model::{Indexed, KeyId, ListIndex, RowIx, list_indices};

/// A candidate (a Cloud account or invitation), with the address by which a group may name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Candidate {
    pub row: RowIx,
    /// The key of the address by which a group may name the candidate; `None` if the value is no address.
    pub key: Option<KeyId>,
}

/// A candidate that has the value (such as an address) that is being compared.
#[derive(Debug, Clone, Copy)]
struct Met {
    candidate: Candidate,
    /// Another address key of the candidate that has the value, too.
    other: Option<KeyId>,
}

/// The candidates with one compared value, as far as a group may need them: at most one more than a group may
/// name.
struct Kept {
    met: Vec<Met>,
    /// The number of candidates that is enough for any group.
    most: usize,
    /// Does this evidence need two different addresses? If so, a group that has the address of some candidates
    /// names only candidates with other addresses, and enough of these must be kept.
    of_different: bool,
    /// The number of kept candidates with each key. The numbers are counted only once `most` candidates are kept.
    counts: HashMap<Option<KeyId>, usize>,
    /// The greatest number of kept candidates that have one key.
    greatest: usize,
    is_full: bool,
}

impl Kept {
    fn new(code: EvidenceCode, most: usize) -> Kept {
        // A group may have the same address as a candidate. For plus-tag evidence, the group then names the
        // candidate by this address. For other-domain and near-email, it names the candidate only by a
        // different, similar address.
        let of_different = matches!(code, EvidenceCode::OtherDomain | EvidenceCode::NearEmail);
        let counts = HashMap::new();
        Kept { met: Vec::new(), most, of_different, counts, greatest: 0, is_full: false }
    }

    /// Keeps a candidate, unless enough candidates for any group are kept already.
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

/// The value that stands for no group: no group names the candidate.
const NOBODY: TakerIx = TakerIx::NONE;
/// The value that stands for several groups that name the candidate.
const SEVERAL: TakerIx = TakerIx::SEVERAL;

list_indices! {
    /// A [`Claim`] (the candidates that one group names), by its position in the list of all claims.
    ClaimIx;
}

/// The value for a group that names no candidate, so that the list of claims has none for it.
const NO_CLAIM: ClaimIx = ClaimIx::NONE;

/// The candidates that each group names, over all evidence of one level of confidence.
pub(super) struct Claims<'t> {
    words: Words<'t>,
    /// The greatest number of candidates that a group may name. A group that would name more names none.
    most: usize,
    /// The claim of each group; [`NO_CLAIM`] if the group names no candidate.
    of_takers: Indexed<TakerIx, ClaimIx>,
    claims: Indexed<ClaimIx, Claim>,
    /// For each Cloud row, the group that names it as a candidate, or [`NOBODY`], or [`SEVERAL`].
    namers: Indexed<RowIx, TakerIx>,
}

/// The candidates that one group names, with the evidence for them.
#[derive(Default, Clone)]
struct Claim {
    rows: Vec<RowIx>,
    /// The evidence, with its sort key: first the evidence by addresses that no other account of the instance
    /// has, then by the position of the account in its group.
    evidence: Vec<((bool, u32), Evidence)>,
    too_many: bool,
}

impl<'t> Claims<'t> {
    /// Starts without claims. `takers` is the number of groups, and `rows` is the number of Cloud rows.
    pub fn new(takers: usize, rows: usize, words: Words<'t>, most: usize) -> Claims<'t> {
        let (of_takers, namers) =
            (Indexed::filled(NO_CLAIM, takers), Indexed::filled(NOBODY, rows));
        Claims { words, most, of_takers, claims: Indexed::new(), namers }
    }

    /// Connects the groups of `holders` with candidates. All of them must have the same compared value, such as
    /// a login. The holders must be in the order of their groups, and the candidates in the order of their rows.
    pub fn tie(
        &mut self,
        code: EvidenceCode,
        holders: &[Holder],
        candidates: impl IntoIterator<Item = Candidate>,
    ) {
        // Declarations may exclude some candidates for some accounts, so more candidates are kept than a group
        // may name.
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

    /// Keeps a candidate, and records that the groups with its value name it.
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

    /// The candidates that a group names, and the evidence for them. Both are empty if it names too many.
    pub fn of_group(&self, taker: TakerIx) -> (&[RowIx], impl Iterator<Item = Evidence>) {
        let claim = self.claim(taker);
        let evidence = claim.into_iter().flat_map(|claim| &claim.evidence);
        (claim.map_or(&[], |claim| &claim.rows), evidence.map(|(_, evidence)| *evidence))
    }

    /// The Cloud rows that are the only candidate of a group. Rows that several groups are already known to name
    /// are left out.
    pub fn only_candidates(&self) -> impl Iterator<Item = RowIx> {
        let claims = self.claims.iter().filter(|claim| claim.rows.len() == 1);
        let rows = claims.flat_map(|claim| &claim.rows).copied();
        rows.filter(|row| !self.have_several(*row))
    }

    /// Does a group name so many candidates that no more can be added?
    pub fn has_too_many(&self, taker: TakerIx) -> bool {
        self.claim(taker).is_some_and(|claim| claim.too_many)
    }

    /// Do several groups name a Cloud row?
    pub fn have_several(&self, row: RowIx) -> bool {
        self.namers[row] == SEVERAL
    }

    /// The only candidate of a group; `None` if the group has no candidate or several, or if another group names
    /// the candidate too.
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
        let evidence = Evidence { cloud_key, ..Evidence::of_row(code, account, row, key) };
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

/// Finds the groups that name a candidate, among the groups that have the same compared value (such as a login).
struct Naming<'h> {
    holders: &'h [Holder],
    words: Words<'h>,
    /// Does this evidence need two different addresses, as other-domain does?
    of_different: bool,
    /// Does a declaration say that any of the holders and some other account are two people?
    any_apart: bool,
    /// The groups that name a candidate, by its address key, if `any_apart` is false. All candidates with one
    /// key then have the same result, and a million candidates may share a key.
    known: HashMap<Option<KeyId>, Option<TakerIx>>,
}

impl<'h> Naming<'h> {
    fn new(code: EvidenceCode, holders: &'h [Holder], words: Words<'h>) -> Naming<'h> {
        let any_apart = holders.iter().any(|holder| holder.apart);
        let of_different = code == EvidenceCode::NearEmail;
        Naming { holders, words, of_different, any_apart, known: HashMap::new() }
    }

    /// The group that names a candidate, [`SEVERAL`] if several groups do, or `None` if no group does.
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
    /// May an account of a group and a candidate be one person? Not if a declaration says that they are two
    /// people.
    fn may_name(&self, holder: &Holder, candidate: &Candidate) -> bool {
        !holder.apart || !self.links.are_apart(holder.account, candidate.row)
    }

    /// The text of an address key; an empty text for `None`.
    pub fn text(&self, key: Option<KeyId>) -> &'t str {
        key.map_or("", |key| self.keys.key_text(key))
    }
}
