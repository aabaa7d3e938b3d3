//! The accounts of an instance and what is known of its syncs (counting.md sections 1 and 4c): its
//! own word, else what Cloud has synced of it.

use std::collections::HashMap;
use std::rc::Rc;

use super::Ledger;
use super::assign::There;
use crate::error::Result;
use crate::model::{
    CENTERS_ALONE, CostCenters, Host, Instant, Member, Population, Source, SourceKind, Standing,
    cost_centers, never_synced, successful_syncs,
};
use crate::store::SnapshotFacts;

impl Ledger<'_> {
    /// Takes in the accounts of an instance that has a snapshot: those of its own in force, else
    /// those that Cloud has synced; of both, what only Cloud knows is evidence.
    pub(super) fn add_instance(
        &self,
        population: &mut Population,
        host: &str,
        there: &There<'_>,
    ) -> Result<()> {
        let There { at, in_force, parts, .. } = *there;
        let index = population.instance(host);
        population.instances[index as usize].known = true;
        if self.is_retired_host(host, at) {
            population.instances[index as usize].standing = Standing::Absent;
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
        population.instances[index as usize].standing = standing;
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

    /// Gives the accounts of a file that tells no id of theirs the ids that other files of the same
    /// instance tell, earlier or later ones (counting.md section 2, "Identity of a Server account").
    fn name_by_login(
        &self,
        population: &mut Population,
        instance: u32,
        speaking: &SnapshotFacts,
    ) -> Result<()> {
        let ids = self.ids_by_login(speaking)?;
        population.name_by_login(instance, &ids);
        Ok(())
    }

    /// The ids of the accounts of a file that tells their logins only.
    fn ids_by_login(&self, speaking: &SnapshotFacts) -> Result<HashMap<String, String>> {
        let of_instance = self
            .valid()
            .filter(|it| it.source.kind.is_instance() && it.source.name == speaking.source.name);
        let mut snapshots: Vec<&SnapshotFacts> = of_instance.collect();
        // At one instant the instance's own word counts before Cloud's.
        snapshots.sort_by_key(|it| std::cmp::Reverse(it.source.kind));
        self.store.ids_by_login(speaking, &snapshots)
    }

    /// The id of the account that a file knows by this login only, if another file tells it.
    pub(crate) fn id_of_login(&self, file: &SnapshotFacts, login: &str) -> Result<Option<String>> {
        Ok(self.ids_by_login(file)?.remove(login))
    }

    /// Is an instance of this name retired at an instant?
    pub(crate) fn is_retired_host(&self, host: &str, at: Instant) -> bool {
        let name = host.to_owned();
        self.is_retired(&Source { kind: SourceKind::Server, name }, at)
    }

    /// The hosts of an enterprise that have never been synced with Cloud, as its newest
    /// `sync-status` not after the instant says, by the names that count on its day.
    pub(crate) fn never_synced(&self, enterprise: &str, at: Instant) -> Result<Vec<String>> {
        let Some((facts, taken_at)) = self.newest_sync_status(enterprise, at)? else {
            return Ok(Vec::new());
        };
        let hosts = never_synced(&facts).into_iter();
        Ok(hosts.map(|host| self.host(host.as_str(), taken_at)).collect())
    }

    /// What the newest `sync-status` of an enterprise that is not after the instant says, and when
    /// it was taken.
    pub(crate) fn newest_sync_status(
        &self,
        enterprise: &str,
        at: Instant,
    ) -> Result<Option<(serde_json::Value, Instant)>> {
        self.newest_facts(SourceKind::SyncStatus, enterprise, at)
    }

    /// What the newest snapshot of a source of a kind without accounts says that is not after the
    /// instant, and when it was taken.
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

    /// The cost centers of an enterprise at an instant: of the newest whole list that is not after
    /// it, changed by answers about single centers after that; `None` where there is neither.
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

    /// The last sync of each host of an enterprise, where one is known: the newest `sync-status`
    /// not after the instant in which it went well (counting.md section 4c); by the names of hosts
    /// that count on its day. Of one instant the partial ones come last.
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
