//! Builds the findings about groups: the evidence, the confidence and the candidates.

use std::collections::BTreeSet;

use foldhash::{HashSet, HashSetExt};

use super::candidates::Candidates;
use super::certain::{Certain, first_by_login};
use super::one_to_one::Claims;
use super::takers::Takers;
use super::texts::EvidenceTexts;
use super::unmatched::Unmatched;
use super::{CANDIDATES, Confidence, Evidence, Finding, Words, likely, possible};
use crate::beside::both;
use crate::code::EvidenceCode;
use crate::error::{Error, Result};
use crate::model::{Population, RowKind};
use crate::people::matching::place;
use crate::people::{Matching, Participant};

pub(super) struct FindingBuilder<'a> {
    pub population: &'a Population,
    pub matching: &'a Matching,
    pub unmatched: &'a Unmatched,
    pub texts: &'a EvidenceTexts<'a>,
}

impl FindingBuilder<'_> {
    /// The findings about groups without certain evidence. Groups are indices of the unmatched ones, and
    /// each finding comes with the index of its group.
    ///
    /// # Errors
    /// If logins cannot be read.
    pub fn tested(&self, places: Vec<u32>) -> Result<Vec<(u32, Finding)>> {
        let words = Words { keys: self.texts.keys, links: &self.matching.links };
        let takers = Takers::new(self.unmatched, places, words);
        let candidates = Candidates::new(self.population);
        let (possible, likely) = both(
            takers.len().max(self.population.cloud.len()),
            // Possible evidence is a finding only if it is one to one.
            || possible::claims(self.population, self.matching, &takers, &candidates, 1),
            || {
                let logins = (self.texts.logins)()?;
                let claims =
                    likely::claims(self.population, (&takers, &logins), &candidates, CANDIDATES);
                Ok::<_, Error>(claims)
            },
        );
        let likely = likely?;
        let has_one_there = self.matched_on_host(&takers, &likely);
        let mut found = Vec::new();
        for (number, &place) in (0u32..).zip(takers.places()) {
            let (rows, evidence) = likely.of_group(number);
            let mut rows = rows.to_vec();
            let mut evidence: Vec<Evidence> = evidence.collect();
            let proves = evidence.iter().any(|it| !self.is_lowered(it));
            let sure = likely.one_to_one(number);
            let sure = sure.filter(|_| proves && !has_one_there[number as usize]);
            if possible.one_to_one(number).is_some() {
                let (more, by) = possible.of_group(number);
                rows.extend(more);
                evidence.extend(by);
            }
            if evidence.is_empty() {
                continue;
            }
            rows.sort_unstable();
            rows.dedup();
            let confidence = if sure.is_some() { Confidence::Likely } else { Confidence::Possible };
            let certain = Certain { evidence, candidates: rows.len() as u64, others: Vec::new() };
            let finding = self.finding(place, confidence, certain);
            found.push((place, Finding { own: sure.or(finding.own), ..finding }));
        }
        Ok(found)
    }

    /// Is the evidence about an address that is repeated on its instance? It is then lowered to possible.
    fn is_lowered(&self, it: &Evidence) -> bool {
        let Some((account, key)) = it.account.zip(it.key) else { return false };
        let of_address = matches!(
            it.code,
            EvidenceCode::PlusTag | EvidenceCode::OtherDomain | EvidenceCode::SamlUsername
        );
        of_address && self.matching.accounts[account as usize].has_repeated(key)
    }

    /// For each group: does its only candidate already have a matched account on the host of one of the
    /// group's accounts?
    fn matched_on_host(&self, takers: &Takers<'_>, likely: &Claims<'_>) -> Vec<bool> {
        let mut is_only = vec![false; self.population.cloud.len()];
        for only in (0..takers.len() as u32).filter_map(|number| likely.one_to_one(number)) {
            is_only[only as usize] = true;
        }
        let host = |account: &Participant| self.unmatched.hosts().number(account);
        let mut matched: HashSet<(u32, u32)> = HashSet::new();
        for (account, row) in self.matching.accounts.iter().zip(&self.matching.attached) {
            if let Some(row) = row.filter(|row| is_only[*row as usize]) {
                matched.insert((row, host(account)));
            }
        }
        let on_host = |row: u32, account: u32| {
            matched.contains(&(row, host(&self.matching.accounts[account as usize])))
        };
        let groups = (0u32..).zip(takers.places());
        let has_one_there = groups.map(|(number, place)| {
            let accounts = self.unmatched.accounts(*place).iter();
            let only = likely.one_to_one(number);
            only.is_some_and(|row| accounts.clone().any(|account| on_host(row, *account)))
        });
        has_one_there.collect()
    }

    /// The finding about the group at index `place`, with this confidence and this evidence.
    pub fn finding(&self, place: u32, confidence: Confidence, certain: Certain) -> Finding {
        let Certain { mut evidence, candidates: candidates_total, others } = certain;
        evidence.sort_by(|a, b| self.rank(a).cmp(&self.rank(b)));
        evidence.dedup();
        let rows = evidence.iter().filter_map(|it| it.row).collect();
        let candidates = first_by_login(rows);
        let is_invited = |row: &u32| self.population.cloud[*row as usize].row == RowKind::Invited;
        let invitation = evidence.iter().filter_map(|it| it.row).find(is_invited);
        let named = evidence.iter().filter_map(|it| it.other);
        let others: BTreeSet<u32> = named.chain(others).collect();
        let mut others: Vec<u32> = others.into_iter().collect();
        others.sort_by(|a, b| self.place(*a).cmp(&self.place(*b)));
        let own = candidates.first().copied().filter(|_| candidates_total == 1);
        Finding {
            confidence,
            group: Some(self.unmatched.groups()[place as usize]),
            invitation,
            candidates,
            candidates_total,
            own,
            others,
            cluster: None,
            evidence,
        }
    }

    /// The sort key of evidence: code, login, host and id, addresses.
    pub fn rank(&self, it: &Evidence) -> impl Ord {
        let text = |key: Option<u32>| key.map(|key| self.texts.keys.key_text(key));
        let place = |account: Option<u32>| account.map(|number| self.place(number));
        (it.code, it.row, place(it.account), text(it.key), text(it.cloud_key), place(it.other))
    }

    fn place(&self, account: u32) -> (&str, &crate::model::Member) {
        place(self.population, &self.matching.accounts[account as usize])
    }
}
