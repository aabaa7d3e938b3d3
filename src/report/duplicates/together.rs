//! Findings that hang together, each by a seat with the next: whichever of their accounts is asked
//! for, `explain` says the same of them (interface.md section 3).

use std::cell::OnceCell;
use std::collections::BTreeSet;

use foldhash::{HashMap, HashMapExt};

use super::Duplicate;
use super::fixes::{FixStep, fixes};
use super::since::{Mark, since_of_each};
use super::teller::FindingDetails;
use crate::error::Result;
use crate::ledger::Seed;
use crate::ledger::{Enterprise, Ledger};
use crate::model::Instant;
use crate::people::{Confidence, Finding};
use crate::store::AccountRef;

/// At most so many findings that hang together are told.
const TOLD: usize = 20;

/// What a finding is about, on either side of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum FindingSide {
    /// A seat of Cloud or an invitation, by its row.
    Row(u32),
    /// A seat of Server accounts only, by its group.
    Group(u32),
}

/// The findings of an enterprise, to be found by what they are about.
pub(crate) struct Findings<'a> {
    enterprise: &'a Enterprise<'a>,
    all: &'a [Finding],
    sides: Vec<BTreeSet<FindingSide>>,
    by_side: HashMap<FindingSide, Vec<usize>>,
    /// What must be done for each.
    steps: OnceCell<Vec<Vec<FixStep>>>,
}

impl<'a> Findings<'a> {
    /// Takes the findings of an enterprise.
    pub fn new(enterprise: &'a Enterprise<'a>, all: &'a [Finding]) -> Findings<'a> {
        let groups = (0u32..).zip(&enterprise.matching.groups);
        let group_of: HashMap<u32, u32> = groups
            .flat_map(|(index, group)| group.accounts.iter().map(move |it| (*it, index)))
            .collect();
        let side_of = |account: &u32| match enterprise.matching.attached[*account as usize] {
            Some(row) => Some(FindingSide::Row(row)),
            None => group_of.get(account).copied().map(FindingSide::Group),
        };
        let sides_of = |finding: &Finding| -> BTreeSet<FindingSide> {
            let rows = finding.own.iter().chain(&finding.invitation).chain(&finding.candidates);
            let rows = rows.copied().map(FindingSide::Row);
            let others = finding.others.iter().filter_map(side_of);
            finding.group.map(FindingSide::Group).into_iter().chain(rows).chain(others).collect()
        };
        let sides: Vec<BTreeSet<FindingSide>> = all.iter().map(sides_of).collect();
        let mut by_side: HashMap<FindingSide, Vec<usize>> = HashMap::new();
        for (index, sides) in sides.iter().enumerate() {
            for side in sides {
                by_side.entry(*side).or_default().push(index);
            }
        }
        Findings { enterprise, all, sides, by_side, steps: OnceCell::new() }
    }

    /// The enterprise.
    pub fn enterprise(&self) -> &'a Enterprise<'a> {
        self.enterprise
    }

    /// All of them, in order.
    pub fn all(&self) -> &'a [Finding] {
        self.all
    }

    /// Whom a finding is about.
    pub fn sides_of(&self, index: usize) -> impl Iterator<Item = FindingSide> {
        self.sides[index].iter().copied()
    }

    /// The findings that are about this, or that hang together with such a one, in their order.
    pub fn hanging_together(&self, start: FindingSide) -> BTreeSet<usize> {
        let mut seen = BTreeSet::from([start]);
        let mut next = vec![start];
        let mut found = BTreeSet::new();
        while let Some(side) = next.pop() {
            for index in self.by_side.get(&side).into_iter().flatten() {
                if found.insert(*index) {
                    let further = self.sides[*index].iter().filter(|side| seen.insert(**side));
                    next.extend(further);
                }
            }
        }
        found
    }

    /// Is the finding about this?
    pub fn is_about(&self, index: usize, side: FindingSide) -> bool {
        self.sides[index].contains(&side)
    }

    /// The finding that is the same as one which was found by looking at few people.
    pub fn same_as(&self, mark: &Mark) -> Option<usize> {
        self.all.iter().position(|it| Mark::of(self.enterprise, it).is_same(mark))
    }

    /// The group, or else a row, that a finding is about.
    pub fn side(&self, index: usize) -> Option<FindingSide> {
        self.sides[index].iter().next_back().copied()
    }

    /// Everybody whom these findings are about, to be looked at.
    pub fn seeds(&self, indices: &BTreeSet<usize>) -> Vec<Seed> {
        let mut seeds = Vec::new();
        for index in indices {
            seeds.extend(Mark::of(self.enterprise, &self.all[*index]).seeds());
            let rows = self.sides[*index].iter().filter_map(|side| match side {
                FindingSide::Row(row) => Some(self.enterprise.population.identity(*row).to_owned()),
                FindingSide::Group(_) => None,
            });
            let cloud = self.enterprise.cloud;
            seeds.extend(rows.filter_map(|identity| {
                Some(Seed::Known(AccountRef { source_id: cloud?.source_id, identity }))
            }));
        }
        seeds
    }

    /// Findings that hang together, as they are printed; one of them in any case.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn told(
        &self,
        ledger: &Ledger<'_>,
        at: Instant,
        only: Option<&str>,
        (indices, own): (&BTreeSet<usize>, usize),
    ) -> Result<Together> {
        let teller = FindingDetails::new(ledger, self.enterprise);
        let address = |key| teller.address(key);
        let steps = self.steps.get_or_init(|| fixes(self.enterprise, self.all, &address));
        let mut items = Vec::new();
        let first: BTreeSet<usize> = indices.iter().copied().take(TOLD).chain([own]).collect();
        let marks = first.iter().map(|index| Mark::of(self.enterprise, &self.all[*index]));
        let since = since_of_each(ledger, at, only, marks.collect())?;
        for (index, since) in first.iter().zip(since) {
            let item = teller.item(&self.all[*index], &steps[*index])?;
            items.push((*index, Duplicate { since, ..item }));
        }
        let sure = indices.iter().filter(|it| self.all[**it].confidence <= Confidence::Likely);
        let sides: BTreeSet<FindingSide> =
            sure.clone().flat_map(|it| self.sides[*it].iter().copied()).collect();
        let level = sure.clone().map(|it| self.all[*it].confidence).max();
        Ok(Together { items, taken: sides.len(), sure: sure.count(), level })
    }
}

/// Findings that hang together, as they are printed.
#[derive(Debug, Clone)]
pub(crate) struct Together {
    /// Each with its place among all findings; the first ones, if they are very many.
    pub items: Vec<(usize, Duplicate)>,
    /// How many seats the certain and the likely ones are about.
    taken: usize,
    /// How many these are: so many licenses are too many.
    sure: usize,
    /// The least sure of these.
    level: Option<Confidence>,
}

impl Together {
    /// Are these the same findings?
    pub fn is_same(&self, other: &Together) -> bool {
        match (self.items.first(), other.items.first()) {
            (Some((_, one)), Some((_, its))) => one.is_same(its),
            _ => false,
        }
    }

    /// What they mean for licenses, in sentences.
    pub fn closing(&self) -> Vec<String> {
        if self.sure < 2 {
            return self.items.iter().map(|(_, item)| item.closing()).collect();
        }
        let of_sure = self.items.iter().filter(|(_, item)| item.level <= Confidence::Likely);
        let mut told: Vec<String> = of_sure.map(|(_, item)| item.told()).collect();
        let more = self.sure.saturating_sub(told.len());
        if more > 0 {
            told.push(format!("{more} more"));
        }
        let enough = self.taken.saturating_sub(self.sure).max(1);
        let likely = if self.level == Some(Confidence::Certain) { "" } else { ", likely" };
        let sum = format!(
            "{} licenses are taken where {enough} would do{likely} ({}).",
            self.taken,
            told.join("; ")
        );
        let possible = self.items.iter().filter(|(_, item)| item.level > Confidence::Likely);
        std::iter::once(sum).chain(possible.map(|(_, item)| item.closing())).collect()
    }
}
