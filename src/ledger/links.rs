//! Adds the declared links to a population, and finds the accounts that the links are about (counting.md section
//! 8).

use super::Ledger;
use super::assign::Assigned;
use crate::error::Result;
use crate::model::{Instant, Link, LinkEnd, Population};
use crate::store::{LinkedAccount, SnapshotFacts};

impl Ledger<'_> {
    /// Adds the links whose two accounts may both be in this population.
    pub(super) fn add_links(
        &self,
        population: &mut Population,
        cloud: Option<&SnapshotFacts>,
        at: Instant,
        assigned: &Assigned,
    ) -> Result<()> {
        for link in self.links.at(at) {
            let [one, other] = &link.ends;
            let end = |named| self.link_end(population, cloud, named, at, assigned);
            if let (Some(one), Some(other)) = (end(one)?, end(other)?) {
                population.links.push(Link { id: link.id, says: link.says, ends: [one, other] });
            }
        }
        Ok(())
    }

    /// The account that one end of a link is about, if the account's source is in this population. A Cloud login
    /// means the account that had the login last, even if that account has another login now.
    fn link_end(
        &self,
        population: &Population,
        cloud: Option<&SnapshotFacts>,
        named: &LinkedAccount,
        at: Instant,
        assigned: &Assigned,
    ) -> Result<Option<LinkEnd>> {
        match named {
            LinkedAccount::Cloud { source_id, identity } => {
                let same = self.same_source(*source_id);
                let Some(cloud) = cloud.filter(|cloud| same.contains(&cloud.source_id)) else {
                    return Ok(None);
                };
                if let Some(row) = population.row_of(identity) {
                    return Ok(Some(LinkEnd::Cloud(row)));
                }
                let identity = self.name_of_last(&cloud.source.name, identity, at)?;
                Ok(population.row_of(&identity).map(LinkEnd::Cloud))
            }
            LinkedAccount::Server { host, .. } => {
                let host = assigned.canonical(host);
                let mut instances = population.instances.enumerated();
                let instance = instances.find(|(_, instance)| *instance.host == *host);
                let instance = instance.map(|(index, _)| index);
                Ok((instance.is_some() || host == UNKNOWN_HOST)
                    .then(|| LinkEnd::Server { instance, member: named.member() }))
            }
        }
    }
}

/// The host name that stands for the instance of an account if that instance is not known (counting.md section
/// 2).
pub(crate) const UNKNOWN_HOST: &str = "unknown";
