//! The one-to-one tests (counting.md section 5): which groups name which candidates, over all
//! evidence of a level together, in bounded time.
//!
//! What has the same signature is tied: all of its groups to all of its candidates. Nobody needs to
//! know more than that a group names over five candidates, or that two groups name a candidate, so
//! counting stops there: a million namesakes cost a million steps, not their square.

use foldhash::{HashMap, HashMapExt};

use super::takers::Holder;
use super::{Evidence, EvidenceCode, Words};

/// A candidate, by the address that gave a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Candidate {
    /// The Cloud row.
    pub row: u32,
    /// The key that the signature was made of.
    pub key: Option<u32>,
}

/// A candidate that has a signature.
#[derive(Debug, Clone, Copy)]
struct Met {
    candidate: Candidate,
    /// The key of another of its addresses with the same signature.
    other: Option<u32>,
}

/// As many candidates of one signature as matter: no group needs to know of more than one more than it
/// may name.
struct Kept {
    met: Vec<Met>,
    /// So many are enough for any group.
    most: usize,
    /// Is it evidence only between addresses that are different? Then a group may have the very
    /// address of some of them, and names the others: there must be enough of those.
    of_different: bool,
    /// Of more than those, how many have one key.
    counts: HashMap<Option<u32>, usize>,
    /// The greatest of these numbers.
    greatest: usize,
    is_full: bool,
}

impl Kept {
    fn new(code: EvidenceCode, most: usize) -> Kept {
        // Who has the very address of a candidate names it by that (plus-tag), and by another address
        // of it that is alike.
        let of_different = matches!(code, EvidenceCode::OtherDomain | EvidenceCode::NearEmail);
        let counts = HashMap::new();
        Kept { met: Vec::new(), most, of_different, counts, greatest: 0, is_full: false }
    }

    /// Keeps a candidate, if it matters.
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

/// Nobody, among the groups that name a candidate.
const NOBODY: u32 = u32::MAX;
/// More than one of them.
const SEVERAL: u32 = u32::MAX - 1;

/// Who names whom, over all evidence of one level.
pub(super) struct Claims<'t> {
    words: Words<'t>,
    /// How many candidates a group may name before it names none.
    most: usize,
    /// One more than the place of each group's claim; 0: it names nobody.
    places: Vec<u32>,
    claims: Vec<Claim>,
    /// The group that names each Cloud row, [`NOBODY`] or [`SEVERAL`].
    namers: Vec<u32>,
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
    /// Nobody names anybody yet, among so many groups and rows.
    pub fn new(takers: usize, rows: usize, words: Words<'t>, most: usize) -> Claims<'t> {
        let (places, namers) = (vec![0; takers], vec![NOBODY; rows]);
        Claims { words, most, places, claims: Vec::new(), namers }
    }

    /// Holders and candidates have one signature: the holders in the order of their groups, the
    /// candidates in that of their rows.
    pub fn tie(
        &mut self,
        code: EvidenceCode,
        holders: &[Holder],
        candidates: impl IntoIterator<Item = Candidate>,
    ) {
        // Some of them may be declared not to be candidates of some holders.
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

    /// Takes in a candidate, and that it is named.
    fn meet(&mut self, naming: &mut Naming<'_>, candidate: Candidate, met: &mut Kept) {
        let Some(named) = naming.of(&candidate) else { return };
        let namer = &mut self.namers[candidate.row as usize];
        *namer = match *namer {
            NOBODY => named,
            known if known == named => known,
            _ => SEVERAL,
        };
        let text = |key: Option<u32>| self.words.text(key);
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
        let place = &mut self.places[holder.taker as usize];
        if *place == 0 {
            self.claims.push(Claim::default());
            *place = self.claims.len() as u32;
        }
        let claim = &mut self.claims[*place as usize - 1];
        claim.add(code, holder, candidate, self.words, self.most);
    }

    fn claim(&self, taker: u32) -> Option<&Claim> {
        self.claims.get((self.places[taker as usize] as usize).checked_sub(1)?)
    }

    /// The candidates that a group names, and the evidence; none if they are too many.
    pub fn of_group(&self, taker: u32) -> (&[u32], impl Iterator<Item = Evidence>) {
        let claim = self.claim(taker);
        let evidence = claim.into_iter().flat_map(|claim| &claim.evidence);
        (claim.map_or(&[], |claim| &claim.rows), evidence.map(|(_, evidence)| *evidence))
    }

    /// The candidates that a group names alone, and that no two groups name as far as is known.
    pub fn only_candidates(&self) -> impl Iterator<Item = u32> {
        let claims = self.claims.iter().filter(|claim| claim.rows.len() == 1);
        let rows = claims.flat_map(|claim| &claim.rows).copied();
        rows.filter(|row| !self.have_several(*row))
    }

    /// Does a group name too many, so that nothing adds to it?
    pub fn has_too_many(&self, taker: u32) -> bool {
        self.claim(taker).is_some_and(|claim| claim.too_many)
    }

    /// Do several groups name a Cloud row?
    pub fn have_several(&self, row: u32) -> bool {
        self.namers[row as usize] == SEVERAL
    }

    /// The one candidate of a group, if no other group names it.
    pub fn one_to_one(&self, taker: u32) -> Option<u32> {
        match self.claim(taker)?.rows.as_slice() {
            [only] if self.namers[*only as usize] != SEVERAL => Some(*only),
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

/// Which groups of a signature name a candidate.
struct Naming<'h> {
    holders: &'h [Holder],
    words: Words<'h>,
    /// Is it evidence only between addresses that are different?
    of_different: bool,
    /// Is anybody declared to be apart from anybody?
    any_apart: bool,
    /// Otherwise it is the same for all candidates with a key: an address may be that of a million.
    known: HashMap<Option<u32>, Option<u32>>,
}

impl<'h> Naming<'h> {
    fn new(code: EvidenceCode, holders: &'h [Holder], words: Words<'h>) -> Naming<'h> {
        let any_apart = holders.iter().any(|holder| holder.apart);
        let of_different = code == EvidenceCode::NearEmail;
        Naming { holders, words, of_different, any_apart, known: HashMap::new() }
    }

    /// The group that names a candidate, or [`SEVERAL`].
    fn of(&mut self, candidate: &Candidate) -> Option<u32> {
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

    fn look(&self, candidate: &Candidate) -> Option<u32> {
        let mut namers = self.holders.iter().filter(|holder| {
            self.words.may_name(holder, candidate)
                && !(self.of_different && holder.has(candidate.key))
        });
        let first = namers.next()?.taker;
        Some(if namers.any(|holder| holder.taker != first) { SEVERAL } else { first })
    }
}

impl<'t> Words<'t> {
    /// Is it not declared that they are two people?
    fn may_name(&self, holder: &Holder, candidate: &Candidate) -> bool {
        !holder.apart || !self.links.are_apart(holder.account, candidate.row)
    }

    /// The text of a key; empty where there is none.
    pub fn text(&self, key: Option<u32>) -> &'t str {
        key.map_or("", |key| self.keys.key_text(key))
    }
}
