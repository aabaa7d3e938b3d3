//! Builds the findings about unmatched groups: the evidence, the confidence and the candidates.

use std::collections::BTreeSet;

use foldhash::{HashSet, HashSetExt};

use super::candidates::Candidates;
use super::certain::{Certain, first_by_login};
use super::one_to_one::Claims;
use super::takers::{TakerIx, Takers};
use super::texts::EvidenceTexts;
use super::unmatched::{HostRank, Unmatched, UnmatchedIx};
use super::{CANDIDATES, Confidence, Evidence, Finding, Words, likely, possible};
use crate::beside::both;
use crate::code::EvidenceCode;
use crate::error::{Error, Result};
use crate::model::{AccountIx, Indexed, KeyId, Population, RowIx, RowKind};
use crate::people::matching::place;
use crate::people::{Matching, Participant};

pub(super) struct FindingBuilder<'a> {
    pub population: &'a Population,
    pub matching: &'a Matching,
    pub unmatched: &'a Unmatched,
    pub texts: &'a EvidenceTexts<'a>,
}

impl FindingBuilder<'_> {
    /// The findings about groups without certain evidence, by likely and possible evidence. Each comes with its
    /// group.
    ///
    /// # Errors
    /// If logins cannot be read.
    pub fn tested(
        &self,
        groups: Indexed<TakerIx, UnmatchedIx>,
    ) -> Result<Vec<(UnmatchedIx, Finding)>> {
        let words = Words { keys: self.texts.keys, links: &self.matching.links };
        let takers = Takers::new(self.unmatched, groups, words);
        let candidates = Candidates::new(self.population);
        let (possible, likely) = both(
            takers.len().max(self.population.cloud.len()),
            // Possible evidence counts only if it is one to one, so one candidate for each group is enough.
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
        for (taker, &group) in takers.groups().enumerated() {
            let (rows, evidence) = likely.of_group(taker);
            let mut rows = rows.to_vec();
            let mut evidence: Vec<Evidence> = evidence.collect();
            let proves = evidence.iter().any(|it| !self.is_lowered(it));
            let sure = likely.one_to_one(taker);
            let sure = sure.filter(|_| proves && !has_one_there[taker]);
            if possible.one_to_one(taker).is_some() {
                let (more, by) = possible.of_group(taker);
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
            let finding = self.finding(group, confidence, certain);
            found.push((group, Finding { own: sure.or(finding.own), ..finding }));
        }
        Ok(found)
    }

    /// Is the evidence about an address that another account of the instance has too? Such evidence is only
    /// possible.
    fn is_lowered(&self, it: &Evidence) -> bool {
        let Some((account, key)) = it.account.zip(it.key) else { return false };
        let of_address = matches!(
            it.code,
            EvidenceCode::PlusTag | EvidenceCode::OtherDomain | EvidenceCode::SamlUsername
        );
        of_address && self.matching.accounts[account].has_repeated(key)
    }

    /// For each group, whether its only candidate already has a matched account on the host of one of the
    /// group's accounts. Then likely evidence is only possible.
    fn matched_on_host(&self, takers: &Takers<'_>, likely: &Claims<'_>) -> Indexed<TakerIx, bool> {
        let mut is_only: Indexed<RowIx, bool> = Indexed::filled(false, self.population.cloud.len());
        for only in takers.groups().indices().filter_map(|taker| likely.one_to_one(taker)) {
            is_only[only] = true;
        }
        let host = |account: &Participant| self.unmatched.hosts().rank(account);
        let mut matched: HashSet<(RowIx, HostRank)> = HashSet::new();
        for (account, row) in self.matching.accounts.iter().zip(&self.matching.attached) {
            if let Some(row) = row.filter(|row| is_only[*row]) {
                matched.insert((row, host(account)));
            }
        }
        let on_host = |row: RowIx, account: AccountIx| {
            matched.contains(&(row, host(&self.matching.accounts[account])))
        };
        let has_one_there = takers.groups().enumerated().map(|(taker, group)| {
            let accounts = self.unmatched.accounts(*group).iter();
            let only = likely.one_to_one(taker);
            only.is_some_and(|row| accounts.clone().any(|account| on_host(row, *account)))
        });
        has_one_there.collect()
    }

    /// Builds the finding about a group from its confidence and its evidence.
    pub fn finding(&self, group: UnmatchedIx, confidence: Confidence, certain: Certain) -> Finding {
        let Certain { mut evidence, candidates: candidates_total, others } = certain;
        evidence.sort_by(|a, b| self.rank(a).cmp(&self.rank(b)));
        evidence.dedup();
        let rows = evidence.iter().filter_map(|it| it.row).collect();
        let candidates = first_by_login(rows);
        let is_invited = |row: &RowIx| self.population.cloud[*row].row == RowKind::Invited;
        let invitation = evidence.iter().filter_map(|it| it.row).find(is_invited);
        let named = evidence.iter().filter_map(|it| it.other);
        let others: BTreeSet<AccountIx> = named.chain(others).collect();
        let mut others: Vec<AccountIx> = others.into_iter().collect();
        others.sort_by(|a, b| self.place(*a).cmp(&self.place(*b)));
        let own = candidates.first().copied().filter(|_| candidates_total == 1);
        Finding {
            confidence,
            group: Some(self.unmatched.groups()[group]),
            invitation,
            second: None,
            candidates,
            candidates_total,
            own,
            others,
            cluster: None,
            evidence,
        }
    }

    /// The sort key of evidence: code, login, host and id, addresses. Evidence that differs only in the
    /// directory keeps the order of the directories.
    pub fn rank(&self, it: &Evidence) -> impl Ord {
        let text = |key: Option<KeyId>| key.map(|key| self.texts.keys.key_text(key));
        let place = |account: Option<AccountIx>| account.map(|account| self.place(account));
        (it.code, it.row, place(it.account), text(it.key), text(it.cloud_key), place(it.other))
    }

    fn place(&self, account: AccountIx) -> (&str, &crate::model::Member) {
        place(self.population, &self.matching.accounts[account])
    }
}
