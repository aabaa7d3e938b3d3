//! Declared links as of an instant: of the lines about one pair of accounts that hold then, the one
//! that holds from latest counts, among equals the one declared last, and taking back ends whatever
//! was said before it (counting.md section 8); and who they are about in a population.

use std::collections::HashMap;

use super::assign::Assigned;
use super::declared::that_counts;
use super::moment::Ledger;
use crate::error::Result;
use crate::model::{Instant, Link, LinkEnd, LinkSays, Population};
use crate::store::{DeclaredLink, Named, SnapshotFacts};

/// The links known, oldest first.
#[derive(Debug, Default)]
pub struct Links(Vec<DeclaredLink>);

impl Links {
    /// Takes what the store knows.
    pub fn new(links: Vec<DeclaredLink>) -> Links {
        Links(links)
    }

    /// The links that count at an instant, each pair once, by number.
    pub fn at(&self, at: Instant) -> Vec<&DeclaredLink> {
        let mut of_pairs: HashMap<&[Named; 2], Vec<&DeclaredLink>> = HashMap::new();
        for link in self.0.iter().filter(|it| it.valid_from.is_none_or(|from| from <= at)) {
            let of_pair = of_pairs.entry(&link.ends).or_default();
            match link.says {
                // From whatever day on it was said, it is taken back.
                LinkSays::Nothing => of_pair.clear(),
                _ => of_pair.push(link),
            }
        }
        let of_pairs = of_pairs.into_values();
        let counting = of_pairs.filter_map(|it| that_counts(it.into_iter(), |it| it.valid_from));
        let mut counting: Vec<&DeclaredLink> = counting.collect();
        counting.sort_by_key(|link| link.id);
        counting
    }

    /// The links that hold at any time, each pair once.
    pub fn ever(&self) -> Vec<&DeclaredLink> {
        self.at(Instant::LAST)
    }

    /// The pairs that anything was ever said of.
    pub fn all(&self) -> impl Iterator<Item = &[Named; 2]> {
        self.0.iter().map(|link| &link.ends)
    }

    /// The Cloud accounts that anything was ever said of: source and identity.
    pub fn cloud_identities(&self) -> impl Iterator<Item = (i64, &str)> {
        let ends = self.0.iter().flat_map(|link| &link.ends);
        ends.filter_map(|end| match end {
            Named::Cloud { source_id, identity } => Some((*source_id, identity.as_str())),
            Named::Server { .. } => None,
        })
    }

    /// The instants from which on a link holds: an answer may change there.
    pub fn instants(&self) -> impl Iterator<Item = Instant> {
        self.instants_of_pairs().map(|(_, at)| at)
    }

    /// The same, each with the pair that it is about.
    pub fn instants_of_pairs(&self) -> impl Iterator<Item = (&[Named; 2], Instant)> {
        self.0.iter().filter_map(|link| Some((&link.ends, link.valid_from?)))
    }
}

impl Ledger<'_> {
    /// Takes in the links between accounts that may be here.
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

    /// The account that a link is about, if its source is here: of a Cloud login the account that
    /// had it last, under the login that it has now.
    fn link_end(
        &self,
        population: &Population,
        cloud: Option<&SnapshotFacts>,
        named: &Named,
        at: Instant,
        assigned: &Assigned,
    ) -> Result<Option<LinkEnd>> {
        match named {
            Named::Cloud { source_id, identity } => {
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
            Named::Server { host, .. } => {
                let host = assigned.canonical(host);
                let mut instances = (0u32..).zip(&population.instances);
                let instance = instances.find(|(_, instance)| *instance.host == *host);
                let instance = instance.map(|(index, _)| index);
                Ok((instance.is_some() || host == UNKNOWN_HOST)
                    .then(|| LinkEnd::Server { instance, member: named.member() }))
            }
        }
    }
}

/// The host of accounts whose instance nobody knows (counting.md section 2).
pub(super) const UNKNOWN_HOST: &str = "unknown";
