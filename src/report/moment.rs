//! The state of things at an instant: which snapshots are in force, which enterprise each instance
//! belongs to, and the compact records of each enterprise (counting.md section 1).

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

use crate::error::{Error, Result, quoted};
use crate::model::{
    CloudPart, Host, Instant, Member, Population, RowKind, ServerPart, Source, SourceKind,
    Standing, successful_syncs,
};
use crate::people::{self, Count, Finding, LinkedBefore, Matching};
use crate::store::{SnapshotFacts, Store};

/// The instant that a question is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AsOf {
    /// The newest instant at which a snapshot came into force.
    Latest,
    /// A given instant.
    At(Instant),
}

/// What every question has in common.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The instant.
    pub as_of: AsOf,
    /// One enterprise; `None`: all of them.
    pub enterprise: Option<String>,
}

/// The stored snapshots, ready to be asked.
pub struct Ledger<'s> {
    /// The database.
    pub store: &'s Store,
    /// Every snapshot that is not voided, by source and place.
    pub snapshots: Vec<SnapshotFacts>,
    /// Every source, by kind and name.
    sources: Vec<Source>,
    cloud_parts: Cache<CloudPart>,
    server_parts: Cache<ServerPart>,
    /// What each `sync-status` snapshot says of syncs that went well.
    syncs: RefCell<HashMap<i64, Rc<Syncs>>>,
}

/// Hosts, each with the time of a sync that went well.
type Syncs = Vec<(Host, Instant)>;

/// The newest part that was read of each source, with its place.
type Cache<T> = RefCell<HashMap<i64, (i64, Rc<T>)>>;

/// Everything that is in force at an instant.
pub struct Moment<'l> {
    /// The instant.
    pub at: Instant,
    /// The snapshots in force, by kind and name.
    pub in_force: Vec<&'l SnapshotFacts>,
    /// Sources of kinds that can come into force, without a snapshot in force.
    pub missing: Vec<Source>,
    /// The enterprises asked for, each counted by itself.
    pub enterprises: Vec<Enterprise<'l>>,
    /// Instances that belong to no enterprise although there are several.
    pub unassigned: Vec<String>,
}

/// One enterprise at an instant.
pub struct Enterprise<'l> {
    /// Its name; `None` for instances without an enterprise.
    pub name: Option<String>,
    /// Its Cloud snapshot in force.
    pub cloud: Option<&'l SnapshotFacts>,
    /// The compact records.
    pub population: Population,
    /// Who is matched with whom.
    pub matching: Matching,
}

impl Moment<'_> {
    /// Is a source part of what was asked for?
    pub fn counts(&self, source: &Source) -> bool {
        self.enterprises.iter().any(|enterprise| match source.kind {
            kind if !kind.is_instance() => enterprise.name.as_ref() == Some(&source.name),
            _ => enterprise.population.instances.iter().any(|instance| {
                *instance.host == *source.name && instance.standing != Standing::Absent
            }),
        })
    }

    /// When an instance was last synced with Cloud, if that is known.
    pub fn last_synced(&self, source: &Source) -> Option<Instant> {
        let instances = self.enterprises.iter().flat_map(|it| &it.population.instances);
        let mut ours = instances.filter(|_| source.kind.is_instance());
        ours.find(|instance| {
            *instance.host == *source.name && instance.standing != Standing::Absent
        })?
        .last_sync
    }
}

impl Enterprise<'_> {
    /// Its numbers.
    pub fn count(&self) -> Count {
        people::count(&self.population, &self.matching)
    }
}

impl<'s> Ledger<'s> {
    /// Reads which snapshots there are.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn open(store: &'s Store) -> Result<Ledger<'s>> {
        store.freeze()?;
        let mut snapshots = store.snapshots()?;
        let mut sources: Vec<Source> =
            snapshots.iter().map(|snapshot| snapshot.source.clone()).collect();
        sources.dedup();
        snapshots.retain(|snapshot| !snapshot.voided);
        Ok(Ledger {
            store,
            snapshots,
            sources,
            cloud_parts: RefCell::default(),
            server_parts: RefCell::default(),
            syncs: RefCell::default(),
        })
    }

    /// The instants at which a snapshot came into force, in order, each once.
    pub fn instants(&self) -> Vec<Instant> {
        let mut instants: Vec<Instant> = self.valid().map(|snapshot| snapshot.taken_at).collect();
        instants.sort_unstable();
        instants.dedup();
        instants
    }

    fn valid(&self) -> impl Iterator<Item = &SnapshotFacts> {
        self.snapshots
            .iter()
            .filter(|snapshot| !snapshot.partial && snapshot.source.kind.holds_accounts())
    }

    /// The instant that is meant.
    ///
    /// # Errors
    /// [`crate::error::Kind::Nothing`] if nothing is in force then.
    pub fn instant(&self, as_of: AsOf) -> Result<Instant> {
        let instants = self.instants();
        let (Some(first), Some(last)) = (instants.first(), instants.last()) else {
            return Err(Error::nothing("no snapshot with accounts is in force")
                .hint("`oneseat import FILE…` takes in what Cloud and Server hand out"));
        };
        match as_of {
            AsOf::Latest => Ok(*last),
            AsOf::At(at) if at < *first => {
                Err(Error::nothing(format!("there is no snapshot as early as {at}"))
                    .hint(format!("the first is of {first}")))
            }
            AsOf::At(at) => Ok(at),
        }
    }

    /// Checks that there is an enterprise of this name.
    ///
    /// # Errors
    /// [`crate::error::Kind::Nothing`] with the names that there are.
    pub fn check_enterprise(&self, name: &str) -> Result<()> {
        let enterprises = self.sources.iter().filter(|source| source.kind == SourceKind::Cloud);
        let names: Vec<&str> = enterprises.map(|source| source.name.as_str()).collect();
        if names.contains(&name) {
            return Ok(());
        }
        let known = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        Err(Error::nothing(format!("there is no enterprise {}", quoted(name)))
            .hint(format!("known enterprises: {known}")))
    }

    /// The state of things at an instant.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn moment(&self, at: Instant, only: Option<&str>) -> Result<Moment<'_>> {
        let in_force = self.in_force(at);
        let missing = self.missing(&in_force);
        let assigned = self.assign(at, &in_force)?;
        let mut enterprises = Vec::new();
        for (name, hosts) in &assigned.enterprises {
            if only.is_some_and(|only| name.as_deref() != Some(only)) {
                continue;
            }
            let cloud = in_force.iter().copied().find(|snapshot| {
                snapshot.source.kind == SourceKind::Cloud
                    && Some(&snapshot.source.name) == name.as_ref()
            });
            let population =
                self.population(at, name.as_deref(), cloud, hosts, &assigned, &in_force)?;
            let matching = people::resolve(&population);
            enterprises.push(Enterprise { name: name.clone(), cloud, population, matching });
        }
        if only.is_none() {
            for host in &assigned.unassigned {
                let alone = HashSet::from([host.clone()]);
                let population = self.population(at, None, None, &alone, &assigned, &in_force)?;
                let matching = people::resolve(&population);
                enterprises.push(Enterprise { name: None, cloud: None, population, matching });
            }
        }
        let unassigned = if only.is_some() { Vec::new() } else { assigned.unassigned };
        Ok(Moment { at, in_force, missing, enterprises, unassigned })
    }

    /// For each source the newest snapshot not after the instant that holds accounts and is not
    /// partial.
    fn in_force(&self, at: Instant) -> Vec<&SnapshotFacts> {
        let mut in_force: Vec<&SnapshotFacts> = Vec::new();
        for snapshot in self.valid().filter(|snapshot| snapshot.taken_at <= at) {
            match in_force.last_mut() {
                Some(last) if last.source == snapshot.source => *last = snapshot,
                _ => in_force.push(snapshot),
            }
        }
        in_force
    }

    fn missing(&self, in_force: &[&SnapshotFacts]) -> Vec<Source> {
        let kinds = self.sources.iter().filter(|source| source.kind.holds_accounts());
        let missing = kinds.filter(|&source| in_force.iter().all(|it| it.source != *source));
        missing.cloned().collect()
    }

    /// Which enterprise each instance belongs to: the only one, else the one whose newest report
    /// lists the host; with none at all, all instances form one.
    fn assign(&self, at: Instant, in_force: &[&SnapshotFacts]) -> Result<Assigned> {
        let mut assigned = Assigned::default();
        let reports = self.snapshots.iter().filter(|snapshot| {
            snapshot.source.kind == SourceKind::Cloud && snapshot.taken_at <= at
        });
        for report in reports {
            assigned.enterprises.entry(Some(report.source.name.clone())).or_default();
        }
        let hosts = self.instances_with_snapshots(at);
        if assigned.enterprises.len() < 2 {
            let only = assigned.enterprises.first_key_value().map(|(name, _)| name.clone());
            assigned.enterprises.insert(only.flatten(), hosts);
            return Ok(assigned);
        }
        let mut clouds: Vec<&SnapshotFacts> = in_force.to_vec();
        clouds.retain(|snapshot| snapshot.source.kind == SourceKind::Cloud);
        // The newest report first; of equally new ones the first by name.
        clouds.sort_by_key(|cloud| (std::cmp::Reverse(cloud.taken_at), &cloud.source.name));
        for cloud in clouds {
            for host in &self.cloud_part(cloud)?.hosts {
                let name = Some(cloud.source.name.clone());
                assigned.owner.entry(host.to_string()).or_insert(name);
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

    /// Hosts with a snapshot of any kind that is not after the instant.
    fn instances_with_snapshots(&self, at: Instant) -> HashSet<String> {
        let servers = self
            .snapshots
            .iter()
            .filter(|snapshot| snapshot.taken_at <= at && snapshot.source.kind.is_instance());
        servers.map(|snapshot| snapshot.source.name.clone()).collect()
    }

    fn population(
        &self,
        at: Instant,
        name: Option<&str>,
        cloud: Option<&SnapshotFacts>,
        hosts: &HashSet<String>,
        assigned: &Assigned,
        in_force: &[&SnapshotFacts],
    ) -> Result<Population> {
        let mut population = Population {
            cloud_taken_at: cloud.map(|snapshot| snapshot.taken_at),
            ..Population::default()
        };
        let mut hosts: Vec<&String> = hosts.iter().collect();
        hosts.sort();
        for host in hosts {
            self.add_instance(&mut population, host, at, in_force)?;
        }
        if let Some(cloud) = cloud {
            let part = self.cloud_part(cloud)?;
            let name = Some(cloud.source.name.clone());
            for host in &part.hosts {
                let elsewhere = assigned.owner.get(&**host).is_some_and(|owner| *owner != name);
                if elsewhere {
                    let instance = population.instance(host);
                    population.instances[instance as usize].standing = Standing::Absent;
                }
            }
            population.add_cloud(&part);
        }
        if let Some(enterprise) = name {
            for (host, at) in self.last_syncs(enterprise, at)? {
                if let Some(instance) =
                    population.instances.iter_mut().find(|instance| *instance.host == *host)
                {
                    instance.last_sync = Some(at);
                }
            }
        }
        Ok(population)
    }

    /// Takes in the accounts of an instance that has a snapshot: those of its own in force, else
    /// those that Cloud has synced; of both, what only Cloud knows is evidence.
    fn add_instance(
        &self,
        population: &mut Population,
        host: &str,
        at: Instant,
        in_force: &[&SnapshotFacts],
    ) -> Result<()> {
        let index = population.instance(host);
        population.instances[index as usize].known = true;
        let of = |kind: SourceKind| {
            in_force.iter().find(|it| it.source.kind == kind && it.source.name == host)
        };
        let (own, synced) = (of(SourceKind::Server), of(SourceKind::ServerAsSynced));
        let standing = match (own, synced) {
            (Some(own), _) => Standing::Own(own.taken_at),
            (None, Some(synced)) => Standing::AsSynced(synced.taken_at),
            (None, None) => return Ok(()),
        };
        population.instances[index as usize].standing = standing;
        let Some(speaking) = own.or(synced) else { return Ok(()) };
        let part = self.server_part(speaking)?;
        population.add_server(index, &part);
        if part.accounts.iter().any(|account| matches!(account.member, Member::Login(_))) {
            population.name_by_login(index, &self.ids_by_login(host, at)?);
        }
        if let (Some(_), Some(synced)) = (own, synced) {
            population.add_synced_addresses(index, &*self.server_part(synced)?);
        }
        Ok(())
    }

    /// The ids of an instance's accounts by login, as its snapshots up to an instant know them;
    /// at one instant its own word counts before Cloud's.
    fn ids_by_login(&self, host: &str, at: Instant) -> Result<HashMap<String, String>> {
        let mut snapshots: Vec<&SnapshotFacts> = self
            .valid()
            .filter(|it| {
                it.source.kind.is_instance() && it.source.name == host && it.taken_at <= at
            })
            .collect();
        snapshots.sort_by_key(|it| std::cmp::Reverse(it.source.kind));
        self.store.ids_by_login(&snapshots)
    }

    /// The last sync of each host of an enterprise, where one is known: the newest `sync-status`
    /// not after the instant in which it went well (counting.md section 4c). Of one instant the
    /// partial ones come last.
    fn last_syncs(&self, enterprise: &str, at: Instant) -> Result<HashMap<String, Instant>> {
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
            last.extend(syncs.iter().map(|(host, at)| (host.as_str().to_owned(), *at)));
        }
        Ok(last)
    }

    fn cloud_part(&self, snapshot: &SnapshotFacts) -> Result<Rc<CloudPart>> {
        cached(&self.cloud_parts, snapshot, |snapshot| self.store.cloud_part(snapshot))
    }

    fn server_part(&self, snapshot: &SnapshotFacts) -> Result<Rc<ServerPart>> {
        cached(&self.server_parts, snapshot, |snapshot| self.store.server_part(snapshot))
    }

    /// The people of an enterprise who would take two licenses.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn findings(&self, at: Instant, enterprise: &Enterprise<'_>) -> Result<Vec<Finding>> {
        let linked_before = self.linked_before(at, enterprise)?;
        Ok(people::findings(&enterprise.population, &enterprise.matching, &linked_before))
    }

    /// For each unmatched account, the Cloud accounts that still take a seat
    /// and into which a Cloud snapshot that is or was in force has merged it.
    fn linked_before(&self, at: Instant, enterprise: &Enterprise<'_>) -> Result<LinkedBefore> {
        let mut linked = LinkedBefore::new();
        let Enterprise { population, matching, .. } = enterprise;
        let history: Vec<&SnapshotFacts> = self
            .valid()
            .filter(|snapshot| {
                snapshot.taken_at <= at
                    && snapshot.source.kind == SourceKind::Cloud
                    && Some(&snapshot.source.name) == enterprise.name.as_ref()
            })
            .collect();
        let seats: HashMap<&str, u32> = (0u32..)
            .zip(&population.cloud)
            .filter(|(_, row)| row.row == RowKind::Cloud && population.takes_seat(row))
            .map(|(index, row)| (&*row.identity, index))
            .collect();
        let only_instance = people::only_instance(population);
        for group in matching.groups.iter().filter(|group| group.rule.is_none()) {
            for &number in &group.accounts {
                let account = &matching.accounts[number as usize];
                let id = account.member.to_string();
                let mut identities = Vec::new();
                if let Some(instance) = account.instance {
                    let host = &population.instances[instance as usize].host;
                    identities = self.store.merged_into(&history, host, &id)?;
                }
                // A bare id belongs to the only instance, or to the host `unknown`.
                if account.instance == only_instance {
                    identities.extend(self.store.merged_into(&history, "", &id)?);
                }
                let rows: Vec<u32> = identities
                    .iter()
                    .filter_map(|identity| seats.get(identity.as_str()).copied())
                    .collect();
                if !rows.is_empty() {
                    linked.insert(number, rows);
                }
            }
        }
        Ok(linked)
    }
}

/// Which instance belongs where.
#[derive(Default)]
struct Assigned {
    /// The hosts with snapshots of each enterprise.
    enterprises: BTreeMap<Option<String>, HashSet<String>>,
    /// The enterprise of every host that a report lists, where there are several enterprises.
    owner: HashMap<String, Option<String>>,
    unassigned: Vec<String>,
}

fn cached<T>(
    cache: &Cache<T>,
    snapshot: &SnapshotFacts,
    read: impl FnOnce(&SnapshotFacts) -> Result<T>,
) -> Result<Rc<T>> {
    let place = snapshot.place.number();
    if let Some((known, part)) = cache.borrow().get(&snapshot.source_id)
        && *known == place
    {
        return Ok(Rc::clone(part));
    }
    let part = Rc::new(read(snapshot)?);
    cache.borrow_mut().insert(snapshot.source_id, (place, Rc::clone(&part)));
    Ok(part)
}
