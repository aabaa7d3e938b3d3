//! Assembles the compact records of an enterprise at an instant (counting.md section 1).

use std::collections::HashSet;
use std::sync::Arc;

use super::Ledger;
use super::assign::There;
use crate::error::Result;
use crate::model::{Population, SourceKind, Standing};
use crate::store::SnapshotFacts;

impl Ledger<'_> {
    /// The compact records (numbers instead of texts) of an enterprise's accounts at an instant. `hosts` are the
    /// hosts of the enterprise's instances.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn population(
        &self,
        there: &There<'_>,
        name: Option<&str>,
        cloud: Option<&SnapshotFacts>,
        hosts: &HashSet<String>,
    ) -> Result<Population> {
        let There { at, assigned, parts, .. } = *there;
        // A billing model that is set for an enterprise applies even if the enterprise has no report in force.
        let mut clouds = self.sources.iter().filter(|it| it.source.kind == SourceKind::Cloud);
        let known = clouds.find(|it| name == Some(it.source.name.as_str()));
        let billing = known.map(|it| self.declarations.billing_model(it.id, at));
        let part = cloud.map(|cloud| parts.cloud(cloud)).transpose()?.unwrap_or_default();
        let mut population = Population::of(Arc::clone(&part));
        population.billing = billing.unwrap_or_default();
        population.cloud_taken_at = cloud.map(|snapshot| snapshot.taken_at);
        let mut hosts: Vec<&String> = hosts.iter().collect();
        hosts.sort();
        for host in hosts {
            self.add_instance(&mut population, host, there)?;
        }
        if let Some(cloud) = cloud {
            let name = Some(cloud.source.name.clone());
            for host in &part.hosts {
                let host = self.host(host, cloud.taken_at);
                let elsewhere = assigned.owner.get(&host).is_some_and(|owner| *owner != name);
                let retired = self.is_retired_host(&host, at);
                if elsewhere || retired {
                    let instance = population.instance(&host);
                    population.instances[instance].standing = Standing::Absent;
                    population.instances[instance].known |= !elsewhere;
                }
            }
            population.name_hosts(|host| self.host(host, cloud.taken_at));
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
