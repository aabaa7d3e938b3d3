//! The snapshots in force at an instant, and the enterprise of an instance (counting.md section 1, and section
//! 4c for the last sync). It must not look at who is one person.

use super::cloud::{self, Row};
use super::coverage::Seen;
use super::{BillingModel, Imported, Kind, Settings};
use std::collections::{BTreeMap, BTreeSet};

/// The imports and declarations, and the instant that is asked for.
pub struct Question<'a> {
    /// Each under the present name of its instance.
    pub imported: Vec<Imported>,
    pub settings: &'a Settings,
    pub at: i64,
    pub seen: &'a Seen,
}

/// Sources that are counted by themselves: an enterprise with its instances, or instances without an
/// enterprise.
pub struct Party {
    pub enterprise: Option<String>,
    /// The instances that belong to it, of those known at the instant.
    pub hosts: BTreeSet<String>,
    /// The rows of its Cloud snapshot in force, and the instant of that snapshot.
    pub rows: Vec<Row>,
    pub cloud_taken_at: Option<i64>,
    pub billing_model: BillingModel,
    pub unassigned: bool,
}

impl<'a> Question<'a> {
    /// The question at an instant. Section 2: files under another name of an instance are that instance's.
    pub fn new(
        imported: &[Imported],
        settings: &'a Settings,
        at: i64,
        seen: &'a Seen,
    ) -> Question<'a> {
        let mut imported = imported.to_vec();
        for snapshot in &mut imported {
            if let Some(name) = snapshot.kind.host() {
                let host = settings.instance(name, snapshot.taken_at, seen);
                if host != *name {
                    seen.saw("other name: of a file");
                }
                snapshot.kind = snapshot.kind.of(host);
            }
        }
        Question { imported, settings, at, seen }
    }

    /// Section 2: the instance that this name stands for in a file taken then.
    pub fn instance(&self, name: &str, taken_at: i64) -> String {
        self.settings.instance(name, taken_at, self.seen)
    }

    pub fn rows(&self, snapshot: &Imported) -> Vec<Row> {
        cloud::rows_naming(&snapshot.content, self.seen, &|name| {
            let host = self.instance(name, snapshot.taken_at);
            if host != name {
                self.seen.saw("other name: in a Cloud row");
            }
            host
        })
    }

    /// Snapshots that are not voided and not after the instant, the newest first. Of one instant, the partial
    /// ones come last.
    pub fn known(&self) -> impl Iterator<Item = &Imported> {
        let mut known: Vec<&Imported> = self.imported.iter().collect();
        known.retain(|snapshot| !snapshot.voided && snapshot.taken_at <= self.at);
        known.sort_by_key(|snapshot| (-snapshot.taken_at, snapshot.partial));
        known.into_iter()
    }

    /// Section 1: the newest snapshot with `taken_at <= T` that is neither partial nor voided, and whose source
    /// is not retired at T. The callers check that its kind holds accounts.
    pub fn in_force(&self, kind: &Kind) -> Option<&Imported> {
        let of_kind = self.imported.iter().filter(|snapshot| snapshot.kind == *kind);
        for snapshot in of_kind {
            if snapshot.voided {
                self.seen.saw("snapshot: voided");
            } else if snapshot.taken_at > self.at {
                self.seen.saw("snapshot: after the instant");
            } else if snapshot.partial {
                self.seen.saw("snapshot: partial");
            }
        }
        let name = match kind {
            Kind::Cloud { enterprise } => Some(enterprise),
            kind => kind.host(),
        };
        if name.is_some_and(|name| self.retired(name)) {
            if matches!(kind, Kind::Cloud { .. }) {
                self.seen.saw("enterprise: retired");
            }
            return None;
        }
        let mut complete =
            self.known().filter(|snapshot| snapshot.kind == *kind && !snapshot.partial);
        let newest = complete.next();
        if complete.next().is_some() {
            self.seen.saw("snapshot: superseded by a newer one");
        }
        newest
    }

    /// Section 1: a retired instance has no accounts.
    pub fn retired(&self, name: &str) -> bool {
        self.settings.retired(name, self.at, self.seen)
    }

    /// The enterprises that exist: those with a Cloud snapshot that is neither voided nor after T, and those
    /// that a setting names.
    pub fn enterprises(&self) -> BTreeSet<String> {
        let of_snapshots = self.known().filter_map(|snapshot| match &snapshot.kind {
            Kind::Cloud { enterprise } => Some(enterprise.clone()),
            _ => None,
        });
        let mut enterprises: BTreeSet<String> = of_snapshots.collect();
        for named in self.settings.enterprises(self.at, self.seen) {
            if enterprises.insert(named) {
                self.seen.saw("enterprise: only named by a setting");
            }
        }
        enterprises
    }

    /// The newest sync status of each enterprise.
    pub fn sync_statuses_in_force(&self) -> Vec<&Imported> {
        let mut newest: BTreeMap<&Kind, &Imported> = BTreeMap::new();
        for snapshot in self.known() {
            if matches!(snapshot.kind, Kind::SyncStatus { .. }) {
                newest.entry(&snapshot.kind).or_insert(snapshot);
            }
        }
        newest.into_values().collect()
    }

    /// Every Cloud snapshot of an enterprise that is or was in force, the newest first.
    pub fn cloud_snapshots(&self, enterprise: &str) -> Vec<&Imported> {
        let kind = Kind::Cloud { enterprise: enterprise.to_owned() };
        self.known().filter(|snapshot| snapshot.kind == kind && !snapshot.partial).collect()
    }

    /// The hosts that the rows of a Cloud snapshot list.
    pub fn listed_hosts(&self, snapshot: &Imported) -> BTreeSet<String> {
        self.rows(snapshot)
            .into_iter()
            .flat_map(|row| row.server_ids)
            .filter_map(|(host, _)| host)
            .collect()
    }

    /// Section 2: any instance with a snapshot that is neither voided nor after T, or listed as a host in the
    /// Cloud rows in force.
    fn known_hosts(&self) -> BTreeSet<String> {
        let mut hosts: BTreeSet<String> =
            self.known().filter_map(|snapshot| snapshot.kind.host().cloned()).collect();
        for enterprise in self.enterprises() {
            if let Some(cloud) = self.in_force(&Kind::Cloud { enterprise }) {
                hosts.extend(self.listed_hosts(cloud));
            }
        }
        hosts
    }

    /// Section 1, "Several enterprises": the declared one, else the only one, else the one whose newest report
    /// lists the host, else none.
    pub fn enterprise_of(&self, host: &str) -> Option<String> {
        let enterprises = self.enterprises();
        if let Some(enterprise) = self.settings.enterprise_of(host, self.at, self.seen) {
            self.seen.saw("instance belongs to: the enterprise set for it");
            return Some(enterprise);
        }
        if enterprises.len() == 1 {
            self.seen.saw("instance belongs to: the only enterprise");
            return enterprises.into_iter().next();
        }
        let mut listing: Vec<&Imported> = enterprises
            .into_iter()
            .filter_map(|enterprise| self.in_force(&Kind::Cloud { enterprise }))
            .filter(|report| self.listed_hosts(report).contains(host))
            .collect();
        listing.sort_by_key(|report| (-report.taken_at, report.kind.clone()));
        if listing.len() > 1 {
            self.seen.saw("instance belongs to: the newest of the listing enterprises");
        }
        match &listing.first()?.kind {
            Kind::Cloud { enterprise } => {
                self.seen.saw("instance belongs to: the enterprise that lists it");
                Some(enterprise.clone())
            }
            _ => None,
        }
    }

    /// Section 1, "Several enterprises": each enterprise is counted by itself. While there are several
    /// enterprises, an instance that belongs to none stands alone. Without any enterprise, all instances form
    /// one party.
    pub fn parties(&self) -> Vec<Party> {
        let enterprises = self.enterprises();
        let mut hosts: BTreeMap<Option<String>, BTreeSet<String>> = BTreeMap::new();
        for enterprise in &enterprises {
            hosts.insert(Some(enterprise.clone()), BTreeSet::new());
        }
        for host in self.known_hosts() {
            hosts.entry(self.enterprise_of(&host)).or_default().insert(host);
        }
        let mut parties = Vec::new();
        for (enterprise, hosts) in hosts {
            if enterprise.is_none() && enterprises.len() > 1 {
                for host in hosts {
                    self.seen.saw("instance belongs to: no enterprise, stands alone");
                    parties.push(self.party(None, BTreeSet::from([host]), true));
                }
            } else {
                if enterprise.is_none() {
                    self.seen.saw("instance belongs to: no enterprise at all");
                }
                parties.push(self.party(enterprise, hosts, false));
            }
        }
        parties
    }

    fn party(
        &self,
        enterprise: Option<String>,
        hosts: BTreeSet<String>,
        unassigned: bool,
    ) -> Party {
        let cloud = enterprise.clone().and_then(|enterprise| {
            let cloud = self.in_force(&Kind::Cloud { enterprise });
            if cloud.is_none() {
                self.seen.saw("source: enterprise without a snapshot in force");
            }
            cloud
        });
        let model = |enterprise: &String| self.settings.model(enterprise, self.at, self.seen);
        Party {
            rows: cloud.map_or_else(Vec::new, |cloud| self.rows(cloud)),
            cloud_taken_at: cloud.map(|cloud| cloud.taken_at),
            billing_model: enterprise.as_ref().and_then(model).unwrap_or_default(),
            enterprise,
            hosts,
            unassigned,
        }
    }

    /// Section 4c, "The last sync of a host": the newest `sync-status` not after T that reports `success` for
    /// it (or has no error); `None` if there is none.
    pub fn last_sync(&self, party: &Party, host: &str) -> Option<i64> {
        let kind = Kind::SyncStatus { enterprise: party.enterprise.clone()? };
        for status in self.known().filter(|snapshot| snapshot.kind == kind) {
            for instance in cloud::objects(&status.content) {
                let text = |name| instance.get(name).and_then(|value| value.as_str()).unwrap_or("");
                let name = cloud::host_name(text("hostname"), None);
                if self.instance(&name, status.taken_at) != host {
                    continue;
                }
                let success = text("status") == "success" || text("error").is_empty();
                if let (true, Some(date)) =
                    (success, instance.get("date").and_then(|date| date.as_i64()))
                {
                    return Some(date);
                }
                self.seen.saw("last sync: a status without success passed over");
            }
        }
        None
    }

    /// interface.md section 3, `reported`: the newest Cloud snapshot not after T, not voided, that states
    /// totals (also a partial one); `purchased` comes from the same snapshot. For several enterprises, the
    /// sums, if all state them.
    pub fn reported(&self, only: Option<&str>) -> Option<(i64, i64)> {
        let mut enterprises = self.enterprises();
        enterprises.retain(|enterprise| only.is_none_or(|only| only == enterprise));
        let statements: Vec<Option<&Imported>> = enterprises
            .into_iter()
            .map(|enterprise| {
                let kind = Kind::Cloud { enterprise };
                self.known().find(|snapshot| snapshot.kind == kind && snapshot.totals.is_some())
            })
            .collect();
        if statements.is_empty() {
            self.seen.saw("reported: no enterprise");
            return None;
        }
        let mut sum = (0, 0);
        for statement in statements {
            let Some(statement) = statement else {
                self.seen.saw("reported: not stated");
                return None;
            };
            if statement.partial {
                self.seen.saw("reported: by a partial snapshot");
            }
            if self.in_force(&statement.kind).map(|cloud| cloud.taken_at)
                != Some(statement.taken_at)
            {
                self.seen.saw("reported: not by the snapshot in force");
            }
            let (consumed, purchased) = statement.totals?;
            sum = (sum.0 + consumed, sum.1 + purchased);
        }
        Some(sum)
    }
}
