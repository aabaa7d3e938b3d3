//! What is not known at an instant: the sources without a snapshot in force (counting.md section 1,
//! interface.md section 3, `sources_missing`), and whether anything is known at all. It must not look at
//! accounts.

use super::force::Question;
use super::server::UNKNOWN;
use super::{Kind, cloud};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A source without a snapshot in force: its kind and its name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Missing(&'static str, String);

impl Missing {
    fn of(kind: &Kind) -> Option<Missing> {
        match kind {
            Kind::Cloud { enterprise } => Some(Missing("cloud", enterprise.clone())),
            Kind::Server { host } => Some(Missing("server", host.clone())),
            Kind::ServerAsSynced { host } => Some(Missing("server-as-synced", host.clone())),
            Kind::ServerInfo { .. } | Kind::SyncStatus { .. } | Kind::Directory { .. } => None,
        }
    }

    /// The form that the program writes.
    pub fn json(&self) -> Value {
        json!({"kind": self.0, "name": self.1})
    }
}

impl Question<'_> {
    /// Section 1: before the first snapshot nothing is known. About one enterprise nothing is known before the
    /// first snapshot of the enterprise or of an instance that belongs to it.
    pub fn is_known(&self, only: Option<&str>) -> bool {
        let known = self
            .known()
            .filter(|snapshot| snapshot.kind.holds_accounts() && !snapshot.partial)
            .any(|snapshot| match (&snapshot.kind, only) {
                (_, None) => true,
                (Kind::Cloud { enterprise }, Some(only)) => enterprise == only,
                (kind, Some(only)) => {
                    let host = kind.host().map(|host| self.enterprise_of(host));
                    host.flatten().as_deref() == Some(only)
                }
            });
        if !known && only.is_some() {
            self.seen.saw("nothing known: before an enterprise's first snapshot");
        }
        known
    }

    /// interface.md section 3, `sources_missing`.
    pub fn missing(&self, only: Option<&str>) -> BTreeSet<Missing> {
        let mut missing = BTreeSet::new();
        for kind in self.known_to_the_books() {
            let without = self.in_force(&kind).is_none();
            if without && !self.kind_is_retired(&kind) && self.is_of(&kind, only) {
                self.seen.saw("missing: a source without a snapshot in force");
                missing.extend(Missing::of(&kind));
            }
        }
        for host in self.named_hosts(only) {
            let of_host = |kind: &&Kind| kind.holds_accounts() && kind.host() == Some(&host);
            let known = self.known_to_the_books();
            let all: BTreeSet<&Kind> =
                self.imported.iter().map(|snapshot| &snapshot.kind).filter(of_host).collect();
            if self.retired(&host) {
                continue;
            }
            if all.is_empty() {
                self.seen.saw("missing: a host of which no file was ever imported");
                missing.extend(Missing::of(&Kind::Server { host: host.clone() }));
            }
            for voided in all.into_iter().filter(|kind| !known.contains(kind)) {
                self.seen.saw("missing: a named host's source, all of which is voided");
                missing.extend(Missing::of(voided));
            }
        }
        let mut named = self.settings.enterprises(self.at, self.seen);
        // A declared billing model names the enterprise, too, if all of its reports are voided.
        let of_books = self.imported.iter().filter_map(|snapshot| match &snapshot.kind {
            Kind::Cloud { enterprise } => Some(enterprise),
            _ => None,
        });
        let billed = |name: &&String| self.settings.model(name, self.at, self.seen).is_some();
        named.extend(of_books.filter(billed).cloned());
        for enterprise in named {
            let kind = Kind::Cloud { enterprise };
            let known = self.known_to_the_books().contains(&kind);
            if !known && !self.kind_is_retired(&kind) && self.is_of(&kind, only) {
                self.seen.saw("missing: an enterprise that a setting names");
                missing.extend(Missing::of(&kind));
            }
        }
        missing
    }

    /// Sources of kinds that can come into force, whenever their snapshots were taken. A source whose snapshots
    /// are all voided is none.
    fn known_to_the_books(&self) -> BTreeSet<Kind> {
        let all = self.imported.iter().filter(|snapshot| !snapshot.voided);
        all.map(|snapshot| snapshot.kind.clone()).filter(Kind::holds_accounts).collect()
    }

    /// The hosts in the sync statuses or Cloud rows in force at the instant, and the instances that a setting
    /// names.
    fn named_hosts(&self, only: Option<&str>) -> BTreeSet<String> {
        let mut hosts = BTreeSet::new();
        for enterprise in self.enterprises() {
            if let Some(cloud) = self.in_force(&Kind::Cloud { enterprise }) {
                hosts.extend(self.listed_hosts(cloud));
            }
        }
        for status in self.sync_statuses_in_force() {
            for instance in cloud::objects(&status.content) {
                let name = instance.get("hostname").and_then(|name| name.as_str()).unwrap_or("");
                hosts.insert(self.instance(&cloud::host_name(name, None), status.taken_at));
                self.seen.saw("named host: by a sync status");
            }
        }
        let instances = self.imported.iter().filter_map(|snapshot| snapshot.kind.host());
        let set = |host: &&String| self.settings.name_instance(host, self.at, self.seen);
        hosts.extend(instances.filter(set).cloned());
        hosts.retain(|host| host != UNKNOWN);
        if let Some(only) = only {
            hosts.retain(|host| self.enterprise_of(host).as_deref() == Some(only));
        }
        hosts
    }

    fn kind_is_retired(&self, kind: &Kind) -> bool {
        match kind {
            Kind::Cloud { enterprise } => self.retired(enterprise),
            kind => kind.host().is_some_and(|host| self.retired(host)),
        }
    }

    /// Whether the source is the enterprise in question, or belongs to it.
    fn is_of(&self, kind: &Kind, only: Option<&str>) -> bool {
        let Some(only) = only else { return true };
        match kind {
            Kind::Cloud { enterprise } => enterprise == only,
            // Section 2: an alias at the instant stands for its instance, and belongs to the same enterprise.
            kind => {
                let host = kind.host().map(|host| self.instance(host, self.at));
                host.and_then(|host| self.enterprise_of(&host)).as_deref() == Some(only)
            }
        }
    }
}
