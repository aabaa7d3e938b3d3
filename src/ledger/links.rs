//! Adds the declared links to a population, and finds the accounts that the links are about (counting.md section
//! 8).

use std::collections::HashMap;

use super::Ledger;
use super::assign::Assigned;
use super::declared::that_counts;
use super::moment::Moment;
use crate::error::Result;
use crate::model::{Instant, Link, LinkEnd, Population};
use crate::store::{DeclaredLink, LinkedAccount, SnapshotFacts};

impl Ledger<'_> {
    /// The links that count at an instant, at most one for each pair of accounts, ordered by number. Two links
    /// may name one account differently, by its present and by its earlier login; they are then about one pair.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn links_at(&self, at: Instant) -> Result<Vec<&DeclaredLink>> {
        let standing = self.links.standing(at);
        let mut of_ends: HashMap<LinkedAccount, usize> = HashMap::new();
        for link in &standing {
            for end in &link.ends {
                *of_ends.entry(self.by_name_of_source(end, at)).or_default() += 1;
            }
        }
        let mut of_pairs: HashMap<[LinkedAccount; 2], Vec<&DeclaredLink>> = HashMap::new();
        for link in standing {
            let mut ends = link.ends.clone().map(|end| self.by_name_of_source(&end, at));
            // Two links about one pair of accounts have an account with the same name, because only Cloud
            // accounts are renamed and a link has at most one, beside an invitation. So only links that share a
            // name need a look at earlier logins.
            if ends.iter().any(|end| of_ends[end] > 1) {
                for end in &mut ends {
                    self.follow(end, at)?;
                }
            }
            ends.sort();
            of_pairs.entry(ends).or_default().push(link);
        }
        let of_pairs = of_pairs.into_values();
        let counting = of_pairs.filter_map(|it| that_counts(it.into_iter(), |it| it.valid_from));
        let mut counting: Vec<&DeclaredLink> = counting.collect();
        counting.sort_by_key(|link| link.id);
        Ok(counting)
    }

    /// The account that a link names, under the name that its source has at an instant. If several stored
    /// sources have one name, the first of them stands for all.
    fn by_name_of_source(&self, end: &LinkedAccount, at: Instant) -> LinkedAccount {
        match end {
            LinkedAccount::Cloud { source_id, identity } => {
                let first = self.same_source(*source_id).first().copied();
                let source_id = first.unwrap_or(*source_id);
                LinkedAccount::Cloud { source_id, identity: identity.clone() }
            }
            LinkedAccount::Server { host, identity } => {
                LinkedAccount::Server { host: self.host(host, at), identity: identity.clone() }
            }
        }
    }

    /// Replaces the identity of a Cloud account that a link names by the identity that it has at an instant.
    fn follow(&self, end: &mut LinkedAccount, at: Instant) -> Result<()> {
        if let LinkedAccount::Cloud { source_id, identity } = end
            && let Some(known) = self.sources.iter().find(|known| known.id == *source_id)
        {
            *identity = self.name_of_last(self.name_that_counts(known), identity, at)?;
        }
        Ok(())
    }

    /// Adds to a population the links whose two accounts may both be in it.
    pub(super) fn add_links(
        &self,
        population: &mut Population,
        cloud: Option<&SnapshotFacts>,
        at: Instant,
        assigned: &Assigned,
    ) -> Result<()> {
        for link in self.links_at(at)? {
            let [one, other] = &link.ends;
            let end = |named| self.link_end(population, cloud, named, at, assigned);
            if let (Some(one), Some(other)) = (end(one)?, end(other)?) {
                population.links.push(Link { id: link.id, says: link.says, ends: [one, other] });
            }
        }
        Ok(())
    }

    /// Is a link about two accounts that count in two different enterprises of a moment? Only `across` uses such
    /// a link as evidence.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn is_across(&self, moment: &Moment<'_>, link: &DeclaredLink) -> Result<bool> {
        let assigned = self.assigned_at(moment.at)?;
        let mut found = Vec::new();
        for named in &link.ends {
            for (place, enterprise) in moment.enterprises.iter().enumerate() {
                let (population, cloud) = (&enterprise.population, enterprise.cloud);
                let end = self.link_end(population, cloud, named, moment.at, &assigned)?;
                let is_counted = end.is_some_and(|end| match end {
                    LinkEnd::Cloud(row) => population.takes_seat(&population.cloud[row]),
                    LinkEnd::Server { .. } => enterprise.account(&end).is_some(),
                });
                found.extend(is_counted.then_some(place));
            }
        }
        Ok(matches!(found[..], [one, other] if one != other))
    }

    /// The account that one end of a link names, if the account's source is in this population. A Cloud login
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
