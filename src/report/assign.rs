//! Which enterprise each instance belongs to at an instant (counting.md section 1, "Several
//! enterprises").

use std::collections::{BTreeMap, HashMap, HashSet};

use super::declared::Aliases;
use super::moment::Ledger;
use super::parts::Parts;
use crate::error::Result;
use crate::model::{Instant, SourceKind};
use crate::store::SnapshotFacts;

/// Which instance belongs where.
#[derive(Default)]
pub(super) struct Assigned {
    /// The hosts with snapshots of each enterprise.
    pub(super) enterprises: BTreeMap<Option<String>, HashSet<String>>,
    /// The enterprise of every host for which one is set or whose report lists it.
    pub(super) owner: HashMap<String, Option<String>>,
    pub(super) unassigned: Vec<String>,
    pub(super) aliases: Aliases,
}

impl Assigned {
    /// The name of a host that counts.
    pub(super) fn canonical(&self, host: &str) -> String {
        self.aliases.get(host).cloned().unwrap_or_else(|| host.to_owned())
    }
}

impl Ledger<'_> {
    /// Which enterprise each instance belongs to: the only one, else the one whose newest report
    /// lists the host; with none at all, all instances form one.
    pub(super) fn assign(
        &self,
        at: Instant,
        in_force: &[&SnapshotFacts],
        parts: &dyn Parts,
    ) -> Result<Assigned> {
        let mut assigned = Assigned::default();
        let sources = self.taken_by(at).map(|snapshots| &snapshots[0].source);
        for enterprise in sources.filter(|source| source.kind == SourceKind::Cloud) {
            assigned.enterprises.entry(Some(enterprise.name.clone())).or_default();
        }
        assigned.aliases = self.aliases(at);
        let hosts = self.instances_with_snapshots(at);
        let mut set: HashMap<&str, &str> = HashMap::new();
        for known in self.instances() {
            if let Some(enterprise) = self.declarations.enterprise(known.id, at) {
                set.insert(&known.source.name, enterprise);
            }
        }
        if assigned.enterprises.len() < 2 && set.is_empty() {
            let only = assigned.enterprises.first_key_value().map(|(name, _)| name.clone());
            assigned.enterprises.insert(only.flatten(), hosts);
            return Ok(assigned);
        }
        let mut clouds: Vec<&SnapshotFacts> = in_force.to_vec();
        clouds.retain(|snapshot| snapshot.source.kind == SourceKind::Cloud);
        // The newest report first; of equally new ones the first by name.
        clouds.sort_by_key(|cloud| (std::cmp::Reverse(cloud.taken_at), &cloud.source.name));
        for (host, enterprise) in set {
            assigned.owner.insert(host.to_owned(), Some(enterprise.to_owned()));
        }
        let only = match assigned.enterprises.len() {
            1 => assigned.enterprises.first_key_value().and_then(|(name, _)| name.clone()),
            _ => None,
        };
        for cloud in clouds {
            for host in parts.hosts(cloud)? {
                let name = Some(cloud.source.name.clone());
                let host = self.host(&host, cloud.taken_at);
                assigned.owner.entry(host).or_insert(name);
            }
        }
        let several = assigned.enterprises.len() > 1;
        for host in hosts {
            match assigned
                .owner
                .get(&host)
                .cloned()
                .or_else(|| Some(only.clone()).filter(Option::is_some))
            {
                Some(name) => {
                    assigned.enterprises.entry(name).or_default().insert(host);
                }
                None if several => assigned.unassigned.push(host),
                None => {
                    assigned.enterprises.entry(None).or_default().insert(host);
                }
            }
        }
        assigned.unassigned.sort();
        Ok(assigned)
    }

    /// Hosts with a snapshot of any kind that is not after the instant.
    fn instances_with_snapshots(&self, at: Instant) -> HashSet<String> {
        let sources = self.taken_by(at).map(|snapshots| &snapshots[0].source);
        let instances = sources.filter(|source| source.kind.is_instance());
        instances.map(|source| source.name.clone()).collect()
    }
}
