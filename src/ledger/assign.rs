//! Decides which enterprise each instance belongs to at an instant (counting.md section 1, "Several
//! enterprises").

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::Ledger;
use super::declared::Aliases;
use super::parts::PartSource;
use crate::error::Result;
use crate::model::{CloudPart, Instant, ServerPart, Source, SourceFamily, SourceKind};
use crate::store::SnapshotFacts;

/// The enterprise that each instance belongs to at an instant.
#[derive(Default)]
pub(crate) struct Assigned {
    /// For each enterprise, the hosts of its instances that have snapshots. The key is `None` if no enterprise
    /// is known at all.
    pub(crate) enterprises: BTreeMap<Option<String>, HashSet<String>>,
    /// The enterprise of every host that a Cloud report lists or for which the user has set an enterprise. The map
    /// is empty unless there are several enterprises.
    pub(crate) owner: HashMap<String, Option<String>>,
    /// The enterprises that the user has set for instances, by host.
    pub(crate) set: BTreeMap<String, String>,
    pub(crate) unassigned: Vec<String>,
    pub(crate) aliases: Aliases,
}

/// An instant, with its snapshots in force and their accounts.
#[derive(Clone, Copy)]
pub(crate) struct There<'a> {
    pub at: Instant,
    /// For each instance, the enterprise that it belongs to at the instant.
    pub assigned: &'a Assigned,
    /// The snapshots in force at the instant.
    pub in_force: &'a [&'a SnapshotFacts],
    /// Reads the accounts of the snapshots in force: all of them, or only some.
    pub parts: &'a dyn PartSource,
}

impl Assigned {
    /// The current host name of the instance that has the host name or alias `host`.
    pub(crate) fn canonical(&self, host: &str) -> String {
        self.aliases.get(host).cloned().unwrap_or_else(|| host.to_owned())
    }

    /// Does a source (an enterprise or an instance) belong to this enterprise?
    pub(crate) fn belongs(&self, source: &Source, enterprise: &str) -> bool {
        match source.kind.family() {
            SourceFamily::Instance => self.host_belongs(&self.instance_of(source), enterprise),
            SourceFamily::Enterprise => source.name == enterprise,
            SourceFamily::Directory => false,
        }
    }

    /// Does an instance belong to this enterprise? The enterprise that the user has set for the instance decides.
    /// If none is set, the instance belongs to the only enterprise or, if there are several, to the one whose
    /// newest report lists the host.
    pub(super) fn host_belongs(&self, host: &str, enterprise: &str) -> bool {
        let host = self.canonical(host);
        if let Some(set) = self.set.get(&host) {
            return set == enterprise;
        }
        let mut names = self.enterprises.keys().flatten();
        match (names.next(), names.next()) {
            (Some(only), None) => only == enterprise,
            _ => self.owner.get(&host).is_some_and(|it| it.as_deref() == Some(enterprise)),
        }
    }

    /// The current host name of the instance that a source describes.
    pub(crate) fn instance_of(&self, source: &Source) -> String {
        self.canonical(&source.name)
    }
}

/// A source of hosts for `assign`: it has the hosts that Cloud rows list, and no accounts.
struct ListedHosts<'l>(&'l Ledger<'l>);

impl PartSource for ListedHosts<'_> {
    fn hosts(&self, cloud: &SnapshotFacts) -> Result<Vec<Box<str>>> {
        self.0.store.hosts_at(cloud)
    }

    fn cloud(&self, cloud: &SnapshotFacts) -> Result<Arc<CloudPart>> {
        Ok(Arc::new(CloudPart { hosts: self.hosts(cloud)?.into(), ..CloudPart::default() }))
    }

    fn server(&self, _: &SnapshotFacts) -> Result<Arc<ServerPart>> {
        Ok(Arc::default())
    }
}

impl Ledger<'_> {
    /// Decides which enterprise each instance belongs to at an instant (counting.md section 1, "Several
    /// enterprises").
    pub(crate) fn assign(
        &self,
        at: Instant,
        in_force: &[&SnapshotFacts],
        parts: &dyn PartSource,
    ) -> Result<Assigned> {
        let mut assigned = Assigned::default();
        let sources = self.taken_by(at).map(|snapshots| &snapshots[0].source);
        for enterprise in sources.filter(|source| source.kind == SourceKind::Cloud) {
            assigned.enterprises.entry(Some(enterprise.name.clone())).or_default();
        }
        assigned.aliases = self.aliases(at);
        let hosts = self.instances_with_snapshots(at);
        for known in self.instances() {
            if let Some(enterprise) = self.declarations.enterprise(known.id, at) {
                assigned.set.insert(known.source.name.clone(), enterprise.to_owned());
                // An enterprise that is named only by a setting is an enterprise like any other.
                assigned.enterprises.entry(Some(enterprise.to_owned())).or_default();
            }
        }
        if assigned.enterprises.len() < 2 {
            let only = assigned.enterprises.first_key_value().map(|(name, _)| name.clone());
            assigned.enterprises.insert(only.flatten(), hosts);
            return Ok(assigned);
        }
        let mut clouds: Vec<&SnapshotFacts> = in_force.to_vec();
        clouds.retain(|snapshot| snapshot.source.kind == SourceKind::Cloud);
        // If several reports list a host, the newest report decides. Among equally new reports, the first one by
        // the name of its enterprise decides.
        clouds.sort_by_key(|cloud| (std::cmp::Reverse(cloud.taken_at), &cloud.source.name));
        let set = assigned.set.iter();
        assigned.owner = set.map(|(host, name)| (host.clone(), Some(name.clone()))).collect();
        for cloud in clouds {
            for host in parts.hosts(cloud)? {
                let name = Some(cloud.source.name.clone());
                let host = self.host(&host, cloud.taken_at);
                assigned.owner.entry(host).or_insert(name);
            }
        }
        for host in hosts {
            match assigned.owner.get(&host).cloned() {
                Some(name) => {
                    assigned.enterprises.entry(name).or_default().insert(host);
                }
                None => assigned.unassigned.push(host),
            }
        }
        assigned.unassigned.sort();
        Ok(assigned)
    }

    /// The enterprise that each instance belongs to at an instant, decided from the snapshots in force.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn assigned_at(&self, at: Instant) -> Result<Assigned> {
        self.assign(at, &self.in_force(at), &ListedHosts(self))
    }

    /// The hosts that have a snapshot of any kind that was taken at or before the instant `at`.
    fn instances_with_snapshots(&self, at: Instant) -> HashSet<String> {
        let sources = self.taken_by(at).map(|snapshots| &snapshots[0].source);
        let instances = sources.filter(|source| source.kind.is_instance());
        instances.map(|source| source.name.clone()).collect()
    }
}
