//! The state of things at an instant: which snapshots are in force, and each enterprise then, with
//! its compact records (put together by `parts`) and who is matched with whom (counting.md
//! section 1).

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::rc::Rc;

use super::declared::Declarations;
use super::instance::Syncs;
use super::links::Links;
use super::near::Crowds;
use super::parts::{Parts, There, Whole};
use super::renames::Renames;
use crate::error::Result;
use crate::model::{
    AddressKind, Ago, CloudPart, FirstNamed, Instant, KnownAs, LinkEnd, Population, RowKind,
    ServerPart, Source, SourceKind, Standing,
};
use crate::people::{
    self, AccountName, Count, Finding, LinkedBefore, Matching, Origin, Seat, SeatOf,
};
use crate::store::{Knowledge, Merged, SnapshotFacts, Store};

/// The instant that a question is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AsOf {
    /// The newest instant at which anything was taken, facts that stand beside accounts included.
    Latest,
    /// A given instant.
    At(Instant),
    /// So long before the latest.
    Ago(Ago),
    /// The end of the round of snapshots before the one that holds the newest accounts.
    Previous,
}

/// What every question has in common.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The instant.
    pub as_of: AsOf,
    /// Answer with only what had been imported or declared by then.
    pub known_on: Option<Instant>,
    /// One enterprise; `None`: all of them.
    pub enterprise: Option<String>,
}

/// The stored snapshots, ready to be asked.
pub struct Ledger<'s> {
    /// The database.
    pub store: &'s Store,
    /// Only what had been imported or declared by then is known; `None`: everything.
    pub known_on: Option<Instant>,
    /// What that is.
    pub known: Knowledge,
    /// Every snapshot that is not voided, by kind and name of the source, then by place.
    pub snapshots: Vec<SnapshotFacts>,
    /// Where the snapshots of each source stand in `snapshots`.
    of_sources: Vec<Range<usize>>,
    /// Every source, by kind and name.
    pub sources: Vec<KnownSource>,
    /// What is declared of them.
    pub declarations: Declarations,
    /// Which source each of their names means.
    pub known_as: KnownAs,
    /// What is declared of pairs of accounts.
    pub links: Links,
    cloud_parts: Cache<CloudPart>,
    server_parts: Cache<ServerPart>,
    /// What each `sync-status` snapshot says of syncs that went well.
    pub(super) syncs: RefCell<HashMap<i64, Rc<Syncs>>>,
    /// Which Cloud accounts go on under another login.
    pub(super) renames: Renames,
    /// Who has to do with too many to be looked for one by one.
    pub(super) crowds: Crowds,
}

/// A source with its number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct KnownSource {
    /// The source under the name that it has now.
    pub source: Source,
    /// Its number.
    pub id: i64,
    /// The name at its first import.
    pub first_name: String,
}

/// The newest part that was read of each source, with its place.
type Cache<T> = RefCell<HashMap<i64, (i64, Rc<T>)>>;

/// Everything that is in force at an instant.
pub struct Moment<'l> {
    /// The instant.
    pub at: Instant,
    /// The snapshots in force, by kind and name.
    pub in_force: Vec<&'l SnapshotFacts>,
    /// Sources of kinds that can come into force, without a snapshot in force: of the enterprise
    /// asked for, or all.
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

    /// How many accounts the snapshots in force hold.
    pub(super) fn accounts(&self) -> u64 {
        self.in_force.iter().filter_map(|snapshot| snapshot.accounts).sum()
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
    /// The stored state behind a Server account, an index of [`Matching::accounts`].
    pub fn state_of(&self, account: u32) -> i64 {
        match self.matching.accounts[account as usize].origin {
            Origin::Own(index) => self.population.server[index as usize].state,
            Origin::Cloud(row) => self.population.cloud[row as usize].state,
        }
    }

    /// The account that takes part at an end of a link, an index of [`Matching::accounts`].
    pub fn account(&self, end: &LinkEnd) -> Option<u32> {
        let LinkEnd::Server { instance, member } = end else { return None };
        let mut accounts = (0u32..).zip(&self.matching.accounts);
        let found = accounts.find(|(_, it)| it.instance == *instance && it.member == *member);
        found.map(|(number, _)| number)
    }

    /// The host of a Server account.
    pub fn host_of(&self, account: u32) -> &str {
        match self.matching.accounts[account as usize].instance {
            Some(instance) => &self.population.instances[instance as usize].host,
            None => "unknown",
        }
    }

    /// What makes a seat the same at another instant (counting.md section 6).
    pub fn name_of(&self, seat: &SeatOf) -> Seat {
        let account_name = |account: &u32| {
            let it = &self.matching.accounts[*account as usize];
            let host = self.host_of(*account).to_owned();
            AccountName { enterprise: self.name.clone(), host, member: it.member.clone() }
        };
        let identity = |row: u32| self.population.identity(row).to_owned();
        let name_id = |row: u32| {
            let addresses = &self.population.cloud[row as usize].addresses;
            self.population.keys(addresses, AddressKind::NameId).next()
        };
        Seat {
            cloud: seat.row.map(|row| (self.name.clone(), identity(row))),
            name_id: seat.row.and_then(name_id),
            accounts: seat.accounts.iter().map(account_name).collect(),
        }
    }

    /// Its numbers.
    pub fn count(&self) -> Count {
        people::count(&self.population, &self.matching)
    }
}

impl<'s> Ledger<'s> {
    /// Reads which snapshots there are, and what is declared, as known on an instant.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn open(store: &'s Store, known_on: Option<Instant>) -> Result<Ledger<'s>> {
        store.freeze()?;
        let known = store.knowledge(known_on)?;
        let declarations = Declarations::new(store.declarations(known)?);
        let mut snapshots = store.snapshots(known)?;
        let mut sources = Vec::new();
        for snapshot in &mut snapshots {
            let first_name = snapshot.source.name.clone();
            if let Some(name) = declarations.name(snapshot.source_id) {
                snapshot.source.name = name.to_owned();
            }
            let (source, id) = (snapshot.source.clone(), snapshot.source_id);
            sources.push(KnownSource { source, id, first_name });
        }
        // Something may be declared of an instance that no file was ever imported of.
        for (id, source) in store.declared_sources(known)? {
            let first_name = source.name;
            let name = declarations.name(id).unwrap_or(&first_name).to_owned();
            let source = Source { kind: source.kind, name };
            sources.push(KnownSource { source, id, first_name });
        }
        sources.sort();
        sources.dedup();
        let first_names = sources.iter().map(|known: &KnownSource| FirstNamed {
            id: known.id,
            is_instance: known.source.kind.is_instance(),
            name: &known.first_name,
        });
        let known_as = declarations.known_as(&first_names.collect::<Vec<_>>());
        // A file that came under another name of a source is that source's.
        for SnapshotFacts { source, taken_at, .. } in &mut snapshots {
            let name = known_as.canonical(source.kind.is_instance(), &source.name, *taken_at);
            if *name != *source.name {
                source.name = name.to_owned();
            }
        }
        let mut voided = HashSet::new();
        for voiding in store.voidings(known)? {
            if voiding.voided {
                voided.insert(voiding.snapshot);
            } else {
                voided.remove(&voiding.snapshot);
            }
        }
        snapshots.retain(|snapshot| !voided.contains(&snapshot.id));
        snapshots.sort_by(|a, b| (&a.source, a.place).cmp(&(&b.source, b.place)));
        let same = snapshots.chunk_by(|one, next| one.source == next.source);
        let of_sources = same.scan(0, |end, chunk| {
            let start = std::mem::replace(end, *end + chunk.len());
            Some(start..*end)
        });
        Ok(Ledger {
            of_sources: of_sources.collect(),
            store,
            known_on,
            known,
            snapshots,
            sources,
            declarations,
            known_as,
            links: Links::new(store.links(known)?),
            cloud_parts: RefCell::default(),
            server_parts: RefCell::default(),
            syncs: RefCell::default(),
            renames: Renames::default(),
            crowds: Crowds::default(),
        })
    }

    /// The instants at which an answer may change: every snapshot, of whatever kind, and every
    /// declaration with a time from which on it holds.
    pub fn change_instants(&self) -> Vec<Instant> {
        let snapshots = self.snapshots.iter().map(|snapshot| snapshot.taken_at);
        let mut instants: Vec<Instant> =
            snapshots.chain(self.declarations.instants()).chain(self.links.instants()).collect();
        instants.sort_unstable();
        instants.dedup();
        instants
    }

    /// The instants at which a snapshot came into force, in order, each once.
    pub fn instants(&self) -> Vec<Instant> {
        let mut instants: Vec<Instant> = self.valid().map(|snapshot| snapshot.taken_at).collect();
        instants.sort_unstable();
        instants.dedup();
        instants
    }

    pub(super) fn valid(&self) -> impl Iterator<Item = &SnapshotFacts> {
        self.snapshots
            .iter()
            .filter(|snapshot| !snapshot.partial && snapshot.source.kind.holds_accounts())
    }

    /// The state of things at an instant.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn moment(&self, at: Instant, only: Option<&str>) -> Result<Moment<'_>> {
        self.moment_of(at, only, &Whole(self))
    }

    /// The state of things at an instant, with the accounts that `parts` hands out.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(super) fn moment_of(
        &self,
        at: Instant,
        only: Option<&str>,
        parts: &dyn Parts,
    ) -> Result<Moment<'_>> {
        let in_force = self.in_force(at);
        let assigned = self.assign(at, &in_force, parts)?;
        let missing = self.missing(at, only, &in_force, &assigned, parts)?;
        let mut enterprises = Vec::new();
        for (name, hosts) in &assigned.enterprises {
            if only.is_some_and(|only| name.as_deref() != Some(only)) {
                continue;
            }
            let cloud = in_force.iter().copied().find(|snapshot| {
                snapshot.source.kind == SourceKind::Cloud
                    && Some(&snapshot.source.name) == name.as_ref()
            });
            let there = There { at, assigned: &assigned, in_force: &in_force, parts };
            let population = self.population(&there, name.as_deref(), cloud, hosts)?;
            let matching = people::resolve(&population);
            enterprises.push(Enterprise { name: name.clone(), cloud, population, matching });
        }
        if only.is_none() {
            for host in &assigned.unassigned {
                let alone = HashSet::from([host.clone()]);
                let there = There { at, assigned: &assigned, in_force: &in_force, parts };
                let population = self.population(&there, None, None, &alone)?;
                let matching = people::resolve(&population);
                enterprises.push(Enterprise { name: None, cloud: None, population, matching });
            }
        }
        let unassigned = if only.is_some() { Vec::new() } else { assigned.unassigned };
        Ok(Moment { at, in_force, missing, enterprises, unassigned })
    }

    /// The snapshots of each source that were taken by an instant, by place; those that have any.
    pub(super) fn taken_by(&self, at: Instant) -> impl Iterator<Item = &[SnapshotFacts]> {
        let taken = self.of_sources.iter().map(move |range| {
            let snapshots = &self.snapshots[range.clone()];
            &snapshots[..snapshots.partition_point(|snapshot| snapshot.taken_at <= at)]
        });
        taken.filter(|snapshots| !snapshots.is_empty())
    }

    /// The snapshots of one source that were taken by an instant, by place.
    pub(super) fn taken_of(&self, kind: SourceKind, name: &str, at: Instant) -> &[SnapshotFacts] {
        let of_source = |snapshots: &&[SnapshotFacts]| {
            let source = &snapshots[0].source;
            source.kind == kind && source.name == name
        };
        self.taken_by(at).find(of_source).unwrap_or_default()
    }

    /// For each source the newest snapshot not after the instant that holds accounts and is not
    /// partial.
    pub(super) fn in_force(&self, at: Instant) -> Vec<&SnapshotFacts> {
        let newest = self.taken_by(at).filter_map(|snapshots| {
            snapshots.iter().rev().find(|snapshot| {
                snapshot.source.kind.holds_accounts()
                    && !snapshot.partial
                    && !self.is_retired(&snapshot.source, at)
            })
        });
        newest.collect()
    }

    /// Is a source of this name retired at an instant? That holds for the name, whatever kind of
    /// file comes under it, before or after it was said (counting.md section 1).
    pub(super) fn is_retired(&self, source: &Source, at: Instant) -> bool {
        let is_instance = source.kind.is_instance();
        let mut named = self.sources.iter().filter(|known| {
            known.source.kind.is_instance() == is_instance && known.source.name == source.name
        });
        named.any(|known| self.declarations.retired(known.id, at))
    }

    /// The sources that are instances.
    pub(super) fn instances(&self) -> impl Iterator<Item = &KnownSource> {
        self.sources.iter().filter(|known| known.source.kind.is_instance())
    }

    pub(super) fn cloud_part(&self, snapshot: &SnapshotFacts) -> Result<Rc<CloudPart>> {
        cached(&self.cloud_parts, snapshot, |snapshot| self.store.cloud_part(snapshot))
    }

    pub(super) fn server_part(&self, snapshot: &SnapshotFacts) -> Result<Rc<ServerPart>> {
        cached(&self.server_parts, snapshot, |snapshot| self.store.server_part(snapshot))
    }

    /// The people of an enterprise who would take two licenses.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn findings(&self, at: Instant, enterprise: &Enterprise<'_>) -> Result<Vec<Finding>> {
        let linked_before = self.linked_before(at, enterprise)?;
        let texts = self.texts(enterprise)?;
        let Enterprise { population, matching, .. } = enterprise;
        Ok(people::findings(population, matching, &linked_before, &texts))
    }

    /// For each unmatched account, the Cloud accounts that still take a seat
    /// and into which a Cloud snapshot that is or was in force has merged it.
    pub(super) fn linked_before(
        &self,
        at: Instant,
        enterprise: &Enterprise<'_>,
    ) -> Result<LinkedBefore> {
        let mut linked = LinkedBefore::default();
        let Enterprise { population, matching, .. } = enterprise;
        let history: Vec<&SnapshotFacts> = self
            .valid()
            .filter(|snapshot| {
                snapshot.taken_at <= at
                    && snapshot.source.kind == SourceKind::Cloud
                    && Some(&snapshot.source.name) == enterprise.name.as_ref()
            })
            .collect();
        let name = enterprise.name.as_deref().unwrap_or_default();
        // The account may go on under another login.
        let seat = |merged: &Merged| -> Result<Option<u32>> {
            let identity = self.later_name(name, &merged.identity, merged.seen, at)?;
            let Some(row) = population.row_of(&identity) else { return Ok(None) };
            let it = &population.cloud[row as usize];
            Ok((it.row == RowKind::Cloud && population.takes_seat(it)).then_some(row))
        };
        let only_instance = people::only_instance(population);
        let aliases = self.aliases(at);
        let mut asked: Vec<(u32, &str, String)> = Vec::new();
        for group in matching.groups.iter().filter(|group| group.rule.is_none()) {
            for &number in &group.accounts {
                let account = &matching.accounts[number as usize];
                let id = account.member.to_string();
                if let Some(instance) = account.instance {
                    let host = &population.instances[instance as usize].host;
                    asked.push((number, host, id.clone()));
                    let aliases = aliases.iter().filter(|(_, name)| ***name == **host);
                    asked.extend(aliases.map(|(alias, _)| (number, alias.as_str(), id.clone())));
                }
                // A bare id belongs to the only instance, or to the host `unknown`.
                if account.instance == only_instance {
                    asked.push((number, "", id));
                }
            }
        }
        let accounts: Vec<(&str, &str)> =
            asked.iter().map(|(_, host, id)| (*host, id.as_str())).collect();
        let merged = self.store.merged_into(&history, &accounts)?;
        for ((number, _, _), merged) in asked.iter().zip(merged) {
            let mut rows: Vec<u32> = Vec::new();
            for row in merged.iter().filter_map(|it| seat(it).transpose()) {
                let row = row?;
                if !rows.contains(&row) {
                    rows.push(row);
                }
            }
            if !rows.is_empty() {
                linked.entry(*number).or_default().extend(rows);
            }
        }
        Ok(linked)
    }
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
