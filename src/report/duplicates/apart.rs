//! Checks whether the fixes of some findings are independent of all other findings. If they are, `explain`
//! can work out the fixes without counting everybody.
//!
//! The check is sound for the following reasons. A fix depends on the accounts that have an address as
//! primary, on the findings of its cluster, and on the addresses that earlier fixes have assigned (`fixes`).
//! Let H be a set of connected findings, in a moment that holds everybody who shares an address with a person
//! in H. Let K be the keys of all addresses of the seats and accounts that H and its clusters name. A fix of
//! H assigns and looks up only addresses of K.
//!
//! - Every account with an address of K is in the moment, so the moment and the ledger agree about these
//!   accounts.
//! - Let F be a finding outside H. A fix of F assigns an address of a seat that F or another finding of F's
//!   cluster names, or of an account of an unmatched group of F's cluster. If this address is in K, that seat
//!   or group has an address of K. `stand_apart` checks that H is about every seat and every unmatched group
//!   with an address of K, so H is about that seat or group.
//! - If F names that seat, F is connected with H and therefore in H, which is a contradiction. Otherwise
//!   another finding of F's cluster names the seat and is in H, or the group is in F's cluster. In both cases
//!   F's cluster has a group that H is about. A cluster is held together by addresses and links, so the
//!   moment holds all of it. `stand_apart` checks that no finding of such a cluster is outside H.
//!
//! Findings keep their order, so the fixes of H are made in the same order as among all findings. If a check
//! fails, the fixes may still be independent, but everybody is counted to be sure.

use std::collections::BTreeSet;

use foldhash::HashSet;

use super::together::{FindingSide, Findings};
use crate::model::{CloudRow, GroupIx, KeyId};
use crate::people::{Finding, alike_keys};

impl Findings<'_> {
    /// Whether the fixes of the findings `indices` are independent of the fixes of all other findings.
    /// `indices` must include every finding that is connected with one of them. `false` does not prove the
    /// contrary.
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
        let mut rows = population.cloud.enumerated();
        let strange_row = rows.any(|(index, row)| {
            population.takes_seat(row) && has_one(row) && !sides.contains(&FindingSide::Row(index))
        });
        let mut groups = self.enterprise().matching.groups.enumerated();
        !strange_row
            && !groups.any(|(index, group)| {
                group.rule.is_none()
                    && !sides.contains(&FindingSide::Group(index))
                    && self.keys_of_group(index).any(|key| keys.contains(&key))
            })
    }

    /// The keys of all addresses that the fixes of the findings `indices` may assign or look up.
    fn keys_of(&self, indices: &BTreeSet<usize>, sides: &BTreeSet<FindingSide>) -> HashSet<KeyId> {
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
                    let addresses = &population.cloud[row].addresses;
                    keys.extend(population.addresses(addresses).iter().map(|it| it.key));
                }
                FindingSide::Group(group) => keys.extend(self.keys_of_group(group)),
            }
        }
        keys
    }

    /// The keys of all addresses of the Server accounts in a group.
    fn keys_of_group(&self, group: GroupIx) -> impl Iterator<Item = KeyId> {
        let enterprise = self.enterprise();
        let accounts = enterprise.matching.groups[group].accounts.iter();
        accounts.flat_map(|account| {
            alike_keys(&enterprise.population, &enterprise.matching.accounts[*account])
        })
    }
}
