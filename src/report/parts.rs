//! Puts the compact records of an enterprise at an instant together (counting.md section 1). Where
//! the accounts come from is behind `Parts`: whole snapshots from the store, or, for a sweep over
//! many instants, the few accounts that may count otherwise than before.

use std::collections::HashSet;
use std::rc::Rc;

use super::assign::Assigned;
use super::moment::Ledger;
use crate::error::Result;
use crate::model::{CloudPart, Instant, Population, ServerPart, SourceKind, Standing};
use crate::store::SnapshotFacts;

/// Hands out accounts of snapshots.
pub(super) trait Parts {
    /// The hosts that the rows of a Cloud snapshot list: all of them, whatever rows are handed out.
    ///
    /// # Errors
    /// If the database cannot be read.
    fn hosts(&self, cloud: &SnapshotFacts) -> Result<Vec<Box<str>>>;

    /// Rows of a Cloud snapshot, by identity; with all hosts.
    ///
    /// # Errors
    /// If the database cannot be read.
    fn cloud(&self, cloud: &SnapshotFacts) -> Result<Rc<CloudPart>>;

    /// Accounts of a Server snapshot, by id.
    ///
    /// # Errors
    /// If the database cannot be read.
    fn server(&self, server: &SnapshotFacts) -> Result<Rc<ServerPart>>;
}

/// Everything that the snapshots hold.
pub(super) struct Whole<'l>(pub &'l Ledger<'l>);

impl Parts for Whole<'_> {
    fn hosts(&self, cloud: &SnapshotFacts) -> Result<Vec<Box<str>>> {
        Ok(self.0.cloud_part(cloud)?.hosts.clone())
    }

    fn cloud(&self, cloud: &SnapshotFacts) -> Result<Rc<CloudPart>> {
        self.0.cloud_part(cloud)
    }

    fn server(&self, server: &SnapshotFacts) -> Result<Rc<ServerPart>> {
        self.0.server_part(server)
    }
}

/// What is there at an instant.
#[derive(Clone, Copy)]
pub(super) struct There<'a> {
    /// The instant.
    pub at: Instant,
    /// Which instance belongs where.
    pub assigned: &'a Assigned,
    /// The snapshots in force.
    pub in_force: &'a [&'a SnapshotFacts],
    /// Where accounts come from.
    pub parts: &'a dyn Parts,
}

impl Ledger<'_> {
    /// The compact records of an enterprise with these hosts.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(super) fn population(
        &self,
        there: &There<'_>,
        name: Option<&str>,
        cloud: Option<&SnapshotFacts>,
        hosts: &HashSet<String>,
    ) -> Result<Population> {
        let There { at, assigned, parts, .. } = *there;
        // What is set of an enterprise is set also where no report of it is in force.
        let mut clouds = self.sources.iter().filter(|it| it.source.kind == SourceKind::Cloud);
        let known = clouds.find(|it| name == Some(it.source.name.as_str()));
        let billing = known.map(|it| self.declarations.billing_model(it.id, at));
        let mut population = Population {
            billing: billing.unwrap_or_default(),
            cloud_taken_at: cloud.map(|snapshot| snapshot.taken_at),
            ..Population::default()
        };
        let mut hosts: Vec<&String> = hosts.iter().collect();
        hosts.sort();
        for host in hosts {
            self.add_instance(&mut population, host, there)?;
        }
        if let Some(cloud) = cloud {
            let part = parts.cloud(cloud)?;
            let name = Some(cloud.source.name.clone());
            for host in &part.hosts {
                let host = self.host(host, cloud.taken_at);
                let elsewhere = assigned.owner.get(&host).is_some_and(|owner| *owner != name);
                let retired = self.is_retired_host(&host, at);
                if elsewhere || retired {
                    let instance = population.instance(&host) as usize;
                    population.instances[instance].standing = Standing::Absent;
                    population.instances[instance].known |= !elsewhere;
                }
            }
            population.add_cloud(Rc::unwrap_or_clone(part), |host| self.host(host, cloud.taken_at));
        }
        self.add_links(&mut population, cloud, at, assigned)?;
        if let Some(enterprise) = name {
            for (host, at) in self.last_syncs(enterprise, at)? {
                if let Some(instance) = population.known_instance(&host) {
                    instance.last_sync = Some(at);
                }
            }
            for host in self.never_synced(enterprise, at)? {
                if let Some(instance) = population.known_instance(&host) {
                    instance.never_synced = instance.last_sync.is_none();
                }
            }
        }
        Ok(population)
    }
}
