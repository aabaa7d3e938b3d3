//! Connected findings. Two findings are connected if they are about the same seat, or if a chain of findings
//! leads from one to the other in which neighbors are about the same seat. `explain` prints the same sentences
//! about connected findings, whichever of their accounts the user asks about (interface.md section 3).

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
use crate::model::{AccountIx, GroupIx, Instant, RowIx};
use crate::people::{Confidence, Finding};
use crate::store::AccountRef;
use crate::table::agreeing;

/// The number of connected findings that `explain` prints at most.
const TOLD: usize = 20;

/// A seat that a finding is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum FindingSide {
    /// A Cloud seat or an invitation, by its row.
    Row(RowIx),
    /// A seat of Server accounts only, by its group.
    Group(GroupIx),
}

/// The findings of an enterprise. They can be found by the seats that they are about.
pub(crate) struct Findings<'a> {
    enterprise: &'a Enterprise<'a>,
    all: &'a [Finding],
    sides: Vec<BTreeSet<FindingSide>>,
    by_side: HashMap<FindingSide, Vec<usize>>,
    /// The steps of the fix of each finding, worked out when they are first needed.
    steps: OnceCell<Vec<Vec<FixStep>>>,
}

impl<'a> Findings<'a> {
    /// Builds the index from seats to the findings about them.
    pub fn new(enterprise: &'a Enterprise<'a>, all: &'a [Finding]) -> Findings<'a> {
        let groups = enterprise.matching.groups.enumerated();
        let group_of: HashMap<AccountIx, GroupIx> = groups
            .flat_map(|(index, group)| group.accounts.iter().map(move |it| (*it, index)))
            .collect();
        let side_of = |account: &AccountIx| match enterprise.matching.attached[*account] {
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

    pub fn enterprise(&self) -> &'a Enterprise<'a> {
        self.enterprise
    }

    /// All findings of the enterprise, in the order in which they were found.
    pub fn all(&self) -> &'a [Finding] {
        self.all
    }

    /// The seats that the finding number `index` is about.
    pub fn sides_of(&self, index: usize) -> impl Iterator<Item = FindingSide> {
        self.sides[index].iter().copied()
    }

    /// The indices of the findings that are about the seat `start`, and of all findings that are connected with
    /// them, directly or through other findings.
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

    /// Whether the finding number `index` is about the seat `side`.
    pub fn is_about(&self, index: usize, side: FindingSide) -> bool {
        self.sides[index].contains(&side)
    }

    /// The index of the finding that `mark` identifies. The mark may come from another moment, in which fewer
    /// people were counted.
    pub fn same_as(&self, mark: &Mark) -> Option<usize> {
        self.all.iter().position(|it| Mark::of(self.enterprise, it).is_same(mark))
    }

    /// One seat that the finding number `index` is about: a seat of Server accounts only, if there is one, else
    /// a Cloud seat.
    pub fn side(&self, index: usize) -> Option<FindingSide> {
        self.sides[index].iter().next_back().copied()
    }

    /// The accounts from which a search starts that must find everybody whom the findings `indices` are about.
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

    /// The connected findings `indices` as they are printed: the first `TOLD` of them. The finding `own` is
    /// printed in any case.
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

/// Connected findings, as `explain` prints them.
#[derive(Debug, Clone)]
pub(crate) struct Together {
    /// The findings, each with its index among all findings of the enterprise; at most `TOLD` plus one.
    pub items: Vec<(usize, Duplicate)>,
    /// The number of seats that the certain and likely findings are about.
    taken: usize,
    /// The number of certain and likely findings. Each stands for one license too many.
    sure: usize,
    /// The lowest confidence among the certain and likely findings.
    level: Option<Confidence>,
}

impl Together {
    /// Whether `other` is about the same connected findings. It is, if the first finding of each is the same.
    pub fn is_same(&self, other: &Together) -> bool {
        match (self.items.first(), other.items.first()) {
            (Some((_, one)), Some((_, its))) => one.is_same(its),
            _ => false,
        }
    }

    /// The sentences about the licenses that the connected findings cost.
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
            "{} where {enough} would do{likely} ({}).",
            agreeing(self.taken as u64, "license", ["is taken", "are taken"]),
            told.join("; ")
        );
        let possible = self.items.iter().filter(|(_, item)| item.level > Confidence::Likely);
        std::iter::once(sum).chain(possible.map(|(_, item)| item.closing())).collect()
    }
}
