//! Do the fixes of some findings stand apart from those of all others? Then they are the same whether or
//! not the others are looked at, and `explain` need not count everybody.
//!
//! A fix looks at the accounts that have an address as primary, at the findings of its cluster, and at
//! the addresses that fixes before it have given (`fixes`). Take findings H that hang together, among
//! people who were found with everybody who has an address with any of them in common. Let K be the
//! addresses of all seats and accounts that H and its clusters name: a fix of H gives and asks for none but
//! these.
//!
//! - Whoever has an address of K is among the people who were found. So it is the same who has it.
//! - A fix of another finding F gives the address of a seat that F names, or that a finding of F's cluster
//!   names, or of an account of an unmatched group of F's cluster. If such an address is one of K, then
//!   that seat or that group has an address of K. Where every seat and every unmatched group with an
//!   address of K is one that H is about, H is about that one.
//! - If F names that seat, F hangs together with H, and is one of H. Else a finding of F's cluster names it,
//!   and is one of H; or the group is of F's cluster. Either way a group that H is about is of the same
//!   cluster as F. A cluster is held together by addresses and links, so all of it was found, and
//!   that no finding of such a cluster is outside of H is looked at here.
//!
//! Findings keep their order, so those of H are fixed in the same order among themselves. At any
//! doubt the answer is no.

use std::collections::BTreeSet;

use foldhash::HashSet;

use super::together::{FindingSide, Findings};
use crate::model::CloudRow;
use crate::people::{Finding, alike_keys};

impl Findings<'_> {
    /// Do the fixes of these findings, which are all that hang together, stand apart from those of all others?
    pub fn stand_apart(&self, indices: &BTreeSet<usize>) -> bool {
        let sides: BTreeSet<FindingSide> =
            indices.iter().flat_map(|it| self.sides_of(*it)).collect();
        let findings = self.all().iter().enumerate();
        let mut others = findings.filter(|(index, _)| !indices.contains(index));
        let is_of_cluster = |finding: &Finding| {
            let cluster = finding.cluster.iter().flat_map(|it| it.iter());
            cluster.copied().any(|group| sides.contains(&FindingSide::Group(group)))
        };
        if others.any(|(_, other)| is_of_cluster(other)) {
            return false;
        }
        let keys = self.keys_of(indices, &sides);
        let population = &self.enterprise().population;
        let has_one = |row: &CloudRow| {
            population.addresses(&row.addresses).iter().any(|it| keys.contains(&it.key))
        };
        let mut rows = (0u32..).zip(&population.cloud);
        let strange_row = rows.any(|(index, row)| {
            population.takes_seat(row) && has_one(row) && !sides.contains(&FindingSide::Row(index))
        });
        let mut groups = (0u32..).zip(&self.enterprise().matching.groups);
        !strange_row
            && !groups.any(|(index, group)| {
                group.rule.is_none()
                    && !sides.contains(&FindingSide::Group(index))
                    && self.keys_of_group(index).any(|key| keys.contains(&key))
            })
    }

    /// The keys of all addresses that fixes of these findings may be about.
    fn keys_of(&self, indices: &BTreeSet<usize>, sides: &BTreeSet<FindingSide>) -> HashSet<u32> {
        let population = &self.enterprise().population;
        let mut keys = HashSet::default();
        let findings = indices.iter().filter_map(|index| self.all().get(*index));
        for finding in findings.clone() {
            keys.extend(finding.evidence.iter().flat_map(|it| [it.key, it.cloud_key]).flatten());
        }
        let clusters = findings.flat_map(|it| it.cluster.iter().flat_map(|it| it.iter()));
        let clusters = clusters.map(|group| FindingSide::Group(*group));
        for side in sides.iter().copied().chain(clusters) {
            match side {
                FindingSide::Row(row) => {
                    let addresses = &population.cloud[row as usize].addresses;
                    keys.extend(population.addresses(addresses).iter().map(|it| it.key));
                }
                FindingSide::Group(group) => keys.extend(self.keys_of_group(group)),
            }
        }
        keys
    }

    /// The keys of all addresses of a group's accounts.
    fn keys_of_group(&self, group: u32) -> impl Iterator<Item = u32> {
        let enterprise = self.enterprise();
        let accounts = enterprise.matching.groups[group as usize].accounts.iter();
        accounts.flat_map(|account| {
            alike_keys(&enterprise.population, &enterprise.matching.accounts[*account as usize])
        })
    }
}
