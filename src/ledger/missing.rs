//! Finds the sources that are missing at an instant (interface.md section 3, `sources_missing`). Snapshots,
//! declarations or Cloud rows in force name a missing source, but it has no snapshot in force. A missing source
//! is listed and never counts as zero.

use std::collections::{BTreeSet, HashSet};

use super::assign::Assigned;
use super::links::UNKNOWN_HOST;
use super::parts::PartSource;
use super::{KnownSource, Ledger};
use crate::error::Result;
use crate::model::{Instant, Source, SourceKind, named_hosts};
use crate::store::SnapshotFacts;

impl Ledger<'_> {
    /// The missing sources of an enterprise, or of all enterprises, by kind and name. A retired source is not
    /// missing, because no file of it is expected.
    pub(crate) fn missing(
        &self,
        at: Instant,
        only: Option<&str>,
        in_force: &[&SnapshotFacts],
        assigned: &Assigned,
        parts: &dyn PartSource,
    ) -> Result<Vec<Source>> {
        let named = self.named_hosts(at, in_force, parts)?;
        let mut missing: BTreeSet<Source> = BTreeSet::new();
        let mut known: BTreeSet<Source> = BTreeSet::new();
        // The name of a source in a file means the source that had this name when the file was taken.
        known.extend(self.sources_of_snapshots().cloned());
        // A source without snapshots that are not voided is missing only if Cloud rows, a sync status or a
        // setting name it.
        let voided = |it: &&KnownSource| self.voided.iter().any(|(id, _)| *id == it.id);
        let declared =
            self.sources.iter().filter(|it| !self.with_snapshots.contains(&it.id) && !voided(it));
        let declared = declared.filter(|it| !self.is_another_name(it, at)).map(|it| &it.source);
        let named_alone = self.voided.iter().map(|(_, source)| source).chain(declared);
        known.extend(named_alone.filter(|it| self.is_named(it, at, &named, assigned)).cloned());
        let there: HashSet<&Source> = in_force.iter().map(|snapshot| &snapshot.source).collect();
        for source in known.into_iter().filter(|source| source.kind.holds_accounts()) {
            if !there.contains(&source) && !self.is_retired(&source, at) {
                missing.insert(source);
            }
        }
        // An enterprise that only a setting names has no report, so it is missing.
        for name in assigned.enterprises.keys().flatten() {
            let of_name =
                |source: &Source| source.kind == SourceKind::Cloud && source.name == *name;
            let mut sources = self.sources.iter().map(|known| &known.source);
            if !sources.any(of_name) {
                missing.insert(Source { kind: SourceKind::Cloud, name: name.clone() });
            }
        }
        // One Cloud row may list a hundred thousand hosts, so the hosts are looked up in a set.
        let hosts_of = |source: &Source| {
            let is_instance = source.kind.is_instance();
            let names = [source.name.clone(), assigned.instance_of(source)];
            names.into_iter().filter(move |_| is_instance)
        };
        let spoken = in_force.iter().map(|it| &it.source).chain(&missing).flat_map(hosts_of);
        let mut spoken: HashSet<String> = spoken.collect();
        for name in named {
            if !spoken.contains(&name) {
                let source = Source { kind: SourceKind::Server, name };
                spoken.extend(hosts_of(&source));
                missing.insert(source);
            }
        }
        let ours = |source: &Source| only.is_none_or(|only| assigned.belongs(source, only));
        Ok(missing.into_iter().filter(ours).collect())
    }

    /// Does a Cloud row, a sync status or a setting name the source at an instant? Voided snapshots do not count.
    fn is_named(
        &self,
        source: &Source,
        at: Instant,
        named: &BTreeSet<String>,
        assigned: &Assigned,
    ) -> bool {
        let Source { kind, name } = source;
        let elsewhere = match kind {
            SourceKind::Cloud => assigned.set.values().any(|enterprise| enterprise == name),
            _ => named.contains(name),
        };
        let family = kind.family();
        let mut called = self
            .sources
            .iter()
            .filter(|it| it.source.kind.family() == family && it.source.name == *name);
        let still = |alias: &str| self.known_as.canonical(family, alias, at) == name;
        let set = |id| {
            self.declarations.is_set(id, at) || self.declarations.aliases_set(id, at).any(still)
        };
        elsewhere || called.any(|it| set(it.id))
    }

    /// The hosts that Cloud rows in force and the newest sync statuses name, under the current names of their
    /// instances. Retired hosts and the host `unknown` are left out.
    fn named_hosts(
        &self,
        at: Instant,
        in_force: &[&SnapshotFacts],
        parts: &dyn PartSource,
    ) -> Result<BTreeSet<String>> {
        let mut hosts: BTreeSet<String> = BTreeSet::new();
        for cloud in in_force.iter().filter(|it| it.source.kind == SourceKind::Cloud) {
            let named = parts.hosts(cloud)?;
            hosts.extend(named.iter().map(|host| self.host(host, cloud.taken_at)));
        }
        let taken = self.taken_by(at).map(|snapshots| &snapshots[0].source);
        for status in taken.filter(|source| source.kind == SourceKind::SyncStatus) {
            if let Some((facts, taken_at)) = self.newest_sync_status(&status.name, at)? {
                let named = named_hosts(&facts).into_iter();
                hosts.extend(named.map(|host| self.host(host.as_str(), taken_at)));
            }
        }
        hosts.retain(|host| host != UNKNOWN_HOST && !self.is_retired_host(host, at));
        Ok(hosts)
    }
}
