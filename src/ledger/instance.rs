//! Finds the accounts and the syncs of an instance (counting.md sections 1 and 4c). The accounts come from the
//! instance's own snapshot or, without one, from its `server-as-synced` snapshot, which holds the accounts that
//! Cloud has synced.

use std::collections::HashMap;
use std::rc::Rc;

use super::Ledger;
use super::assign::There;
use crate::error::Result;
use crate::model::{
    CENTERS_ALONE, CostCenters, Host, InstanceIx, Instant, Member, Population, Source, SourceKind,
    Standing, cost_centers, never_synced, successful_syncs,
};
use crate::store::SnapshotFacts;

impl Ledger<'_> {
    /// Adds the accounts of an instance that has a snapshot. They come from the instance's own snapshot in force
    /// or, without one, from the `server-as-synced` snapshot in force. If both snapshots are in force, addresses
    /// that only the `server-as-synced` snapshot states are evidence.
    pub(super) fn add_instance(
        &self,
        population: &mut Population,
        host: &str,
        there: &There<'_>,
    ) -> Result<()> {
        let There { at, in_force, parts, .. } = *there;
        let index = population.instance(host);
        population.instances[index].known = true;
        if self.is_retired_host(host, at) {
            population.instances[index].standing = Standing::Absent;
            return Ok(());
        }
        let of = |kind: SourceKind| {
            let of_kind = in_force.iter().filter(|it| it.source.kind == kind);
            let of_host = of_kind.filter(|it| it.source.name == host);
            of_host.max_by_key(|it| it.taken_at)
        };
        let (own, synced) = (of(SourceKind::Server), of(SourceKind::ServerAsSynced));
        let standing = match (own, synced) {
            (Some(own), _) => Standing::Own(own.taken_at),
            (None, Some(synced)) => Standing::AsSynced(synced.taken_at),
            (None, None) => return Ok(()),
        };
        population.instances[index].standing = standing;
        let Some(speaking) = own.or(synced) else { return Ok(()) };
        let part = parts.server(speaking)?;
        let some_by_login = part.accounts.iter().any(|it| matches!(it.member, Member::Login(_)));
        population.add_server(index, &part);
        if some_by_login {
            self.name_by_login(population, index, speaking)?;
        }
        if let (Some(_), Some(synced)) = (own, synced) {
            population.add_synced_addresses(index, &*parts.server(synced)?);
        }
        Ok(())
    }

    /// Gives accounts without an id the ids that other files of the same instance state, whether those files
    /// are earlier or later (counting.md section 2, "Identity of a Server account").
    fn name_by_login(
        &self,
        population: &mut Population,
        instance: InstanceIx,
        speaking: &SnapshotFacts,
    ) -> Result<()> {
        let ids = self.ids_by_login(speaking)?;
        population.name_by_login(instance, &ids);
        Ok(())
    }

    /// The ids of the accounts that a file names only by login. Other files of the same instance state these ids.
    fn ids_by_login(&self, speaking: &SnapshotFacts) -> Result<HashMap<String, String>> {
        let of_instance = self
            .valid()
            .filter(|it| it.source.kind.is_instance() && it.source.name == speaking.source.name);
        let mut snapshots: Vec<&SnapshotFacts> = of_instance.collect();
        // Of two files that were taken at one instant, the file of the instance itself comes before the file
        // from Cloud.
        snapshots.sort_by_key(|it| std::cmp::Reverse(it.source.kind));
        self.store.ids_by_login(speaking, &snapshots)
    }

    /// The id of an account that a file names only by login; `None` if no other file of the instance states an
    /// id.
    pub(crate) fn id_of_login(&self, file: &SnapshotFacts, login: &str) -> Result<Option<String>> {
        Ok(self.ids_by_login(file)?.remove(login))
    }

    /// Is an instance of this name retired at an instant?
    pub(crate) fn is_retired_host(&self, host: &str, at: Instant) -> bool {
        let name = host.to_owned();
        self.is_retired(&Source { kind: SourceKind::Server, name }, at)
    }

    /// The hosts that were never synced with Cloud, according to the newest `sync-status` of an enterprise that was
    /// taken at or before the instant `at`. Each host has the current name of its instance.
    pub(crate) fn never_synced(&self, enterprise: &str, at: Instant) -> Result<Vec<String>> {
        let Some((facts, taken_at)) = self.newest_sync_status(enterprise, at)? else {
            return Ok(Vec::new());
        };
        let hosts = never_synced(&facts).into_iter();
        Ok(hosts.map(|host| self.host(host.as_str(), taken_at)).collect())
    }

    /// The newest `sync-status` of an enterprise that was taken at or before the instant `at`, and the time of that
    /// snapshot.
    pub(crate) fn newest_sync_status(
        &self,
        enterprise: &str,
        at: Instant,
    ) -> Result<Option<(serde_json::Value, Instant)>> {
        self.newest_facts(SourceKind::SyncStatus, enterprise, at)
    }

    /// The facts in the newest snapshot of a source that was taken at or before the instant `at`, and the time of
    /// that snapshot. The source must be of a kind that holds facts and no accounts.
    pub(crate) fn newest_facts(
        &self,
        kind: SourceKind,
        name: &str,
        at: Instant,
    ) -> Result<Option<(serde_json::Value, Instant)>> {
        let of_source = self.taken_of(kind, name, at).iter();
        let newest = of_source.max_by_key(|it| (it.taken_at, !it.partial, it.place));
        newest.map(|newest| Ok((self.store.facts(newest.id)?, newest.taken_at))).transpose()
    }

    /// The cost centers of an enterprise at an instant: the newest complete list, changed by later answers about
    /// single cost centers. `None` if the database has no cost centers of the enterprise.
    pub(crate) fn cost_centers(
        &self,
        enterprise: &str,
        at: Instant,
    ) -> Result<Option<CostCenters>> {
        let mut facts = Vec::new();
        for snapshot in self.taken_of(SourceKind::CostCenters, enterprise, at).iter().rev() {
            facts.push(self.store.facts(snapshot.id)?);
            let alone = facts.last().is_some_and(|it| it.get(CENTERS_ALONE).is_some());
            if !alone {
                break;
            }
        }
        Ok(cost_centers(facts.iter().rev()))
    }

    /// The last successful sync with Cloud of each host of an enterprise, if one is known (counting.md section
    /// 4c). Each host has the current name of its instance. Of two snapshots that were taken at one instant, the
    /// complete one overrules the partial one.
    pub(crate) fn last_syncs(
        &self,
        enterprise: &str,
        at: Instant,
    ) -> Result<HashMap<String, Instant>> {
        let mut snapshots: Vec<&SnapshotFacts> = self
            .snapshots
            .iter()
            .filter(|it| {
                it.source.kind == SourceKind::SyncStatus
                    && it.source.name == enterprise
                    && it.taken_at <= at
            })
            .collect();
        snapshots.sort_by_key(|it| (it.taken_at, !it.partial));
        let mut last = HashMap::new();
        for snapshot in snapshots {
            let known = self.syncs.borrow().get(&snapshot.id).cloned();
            let syncs = match known {
                Some(syncs) => syncs,
                None => {
                    let syncs = Rc::new(successful_syncs(&self.store.facts(snapshot.id)?));
                    self.syncs.borrow_mut().insert(snapshot.id, Rc::clone(&syncs));
                    syncs
                }
            };
            let named = |host: &Host| self.host(host.as_str(), snapshot.taken_at);
            last.extend(syncs.iter().map(|(host, at)| (named(host), *at)));
        }
        Ok(last)
    }
}
