//! The ledger: everything that is stored, as known on a day, and what is there at an instant
//! (counting.md sections 1, 2 and 8). Questions (`report`) enter here.
//!
//! Which door to take:
//!
//! - a question about an instant: `Ledger::ask`, which finds the instant, says why there is nothing
//!   to answer, and gives the `Moment` with everybody in it; the instant alone: [`Ledger::asked`];
//! - the ends of a span: [`Ledger::end_of_span`];
//! - the numbers of an instant: `Ledger::counted_at`, of many: `sweep`, both as kept or counted anew;
//! - a few people at two instants: `moments_near`, the surroundings of some: `around`;
//! - who would take two licenses: `Ledger::findings` of an `Enterprise`.
//!
//! May assume: a store that is frozen for the time of the question. Must not: know a question, its
//! words or its form; look at the clock.

mod asked;
mod assign;
mod counting;
mod declared;
mod instance;
mod kept;
mod links;
mod missing;
mod moment;
mod near;
mod near_names;
mod parts;
mod population;
mod record;
mod renamed;
mod renames;
mod rounds;
mod source_names;
mod sweep;
mod texts;

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

pub(crate) use asked::check_span;
pub(crate) use counting::{
    Counted, Doubles, DuplicateCounts, Noticed, count_anew, order_of_license_ends, total,
};
pub use declared::{Declarations, KnownLinks};
pub(crate) use links::UNKNOWN_HOST;
pub(crate) use moment::{Enterprise, Moment};
pub(crate) use near::{Scenes, Seed, around, moments_near};
pub(crate) use near_names::unknown;
pub(crate) use record::stored_record;
pub(crate) use renamed::IdentitySpan;
pub(crate) use rounds::{USUAL_ROUND, rounds};
pub(crate) use sweep::{Setting, count_all, sweep};

use near::Crowds;
use renamed::Renames;

use crate::error::Result;
use crate::model::{
    Ago, CloudPart, FirstNamed, Host, Instant, KnownAs, ServerPart, Source, SourceKind,
};
use crate::store::{Knowledge, SnapshotFacts, Store};

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
    /// The sources of voided snapshots, by their number and the name that counts on the day of the
    /// file.
    pub(crate) voided: BTreeSet<(i64, Source)>,
    /// Every snapshot that is not voided, by kind and name of the source, then by place.
    pub snapshots: Vec<SnapshotFacts>,
    /// Where the snapshots of each source stand in `snapshots`.
    of_sources: Vec<Range<usize>>,
    /// The numbers of the sources that have any.
    with_snapshots: HashSet<i64>,
    /// Every source, by kind and name.
    pub sources: Vec<KnownSource>,
    /// What is declared of them.
    pub declarations: Declarations,
    /// Which source each of their names means.
    pub known_as: KnownAs,
    /// What is declared of pairs of accounts.
    pub links: KnownLinks,
    cloud_parts: Cache<CloudPart>,
    server_parts: Cache<ServerPart>,
    /// What each `sync-status` snapshot says of syncs that went well.
    pub(crate) syncs: RefCell<HashMap<i64, Rc<Syncs>>>,
    /// Which Cloud accounts go on under another login.
    pub(crate) renames: Renames,
    /// Who has to do with too many to be looked for one by one.
    pub(crate) crowds: Crowds,
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

/// Hosts, each with the time of a sync that went well.
type Syncs = Vec<(Host, Instant)>;

/// The newest part that was read of each source, with its place.
type Cache<T> = RefCell<HashMap<i64, (i64, Arc<T>)>>;

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
        let only_voided: BTreeSet<(i64, Source)> = snapshots
            .iter()
            .filter(|snapshot| voided.contains(&snapshot.id))
            .map(|snapshot| (snapshot.source_id, snapshot.source.clone()))
            .collect();
        snapshots.retain(|snapshot| !voided.contains(&snapshot.id));
        snapshots.sort_by(|a, b| (&a.source, a.place).cmp(&(&b.source, b.place)));
        let same = snapshots.chunk_by(|one, next| one.source == next.source);
        let of_sources = same.scan(0, |end, chunk| {
            let start = std::mem::replace(end, *end + chunk.len());
            Some(start..*end)
        });
        Ok(Ledger {
            of_sources: of_sources.collect(),
            with_snapshots: snapshots.iter().map(|snapshot| snapshot.source_id).collect(),
            store,
            known_on,
            known,
            snapshots,
            voided: only_voided,
            sources,
            declarations,
            known_as,
            links: KnownLinks::new(store.links(known)?),
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

    pub(crate) fn valid(&self) -> impl Iterator<Item = &SnapshotFacts> {
        self.snapshots
            .iter()
            .filter(|snapshot| !snapshot.partial && snapshot.source.kind.holds_accounts())
    }

    /// The sources of all snapshots, each once, by the names that count on the days of the files.
    pub(super) fn sources_of_snapshots(&self) -> impl Iterator<Item = &Source> {
        self.of_sources.iter().map(|range| &self.snapshots[range.start].source)
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
    pub(crate) fn taken_of(&self, kind: SourceKind, name: &str, at: Instant) -> &[SnapshotFacts] {
        let of_source = |snapshots: &&[SnapshotFacts]| {
            let source = &snapshots[0].source;
            source.kind == kind && source.name == name
        };
        self.taken_by(at).find(of_source).unwrap_or_default()
    }

    /// For each source the newest snapshot not after the instant that holds accounts and is not
    /// partial.
    pub(crate) fn in_force(&self, at: Instant) -> Vec<&SnapshotFacts> {
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
    pub(crate) fn is_retired(&self, source: &Source, at: Instant) -> bool {
        let is_instance = source.kind.is_instance();
        let mut named = self.sources.iter().filter(|known| {
            known.source.kind.is_instance() == is_instance && known.source.name == source.name
        });
        named.any(|known| self.declarations.retired(known.id, at))
    }

    /// The sources that are instances.
    pub(crate) fn instances(&self) -> impl Iterator<Item = &KnownSource> {
        self.sources.iter().filter(|known| known.source.kind.is_instance())
    }

    pub(crate) fn cloud_part(&self, snapshot: &SnapshotFacts) -> Result<Arc<CloudPart>> {
        cached(&self.cloud_parts, snapshot, |snapshot| self.store.cloud_part(snapshot))
    }

    pub(crate) fn server_part(&self, snapshot: &SnapshotFacts) -> Result<Arc<ServerPart>> {
        cached(&self.server_parts, snapshot, |snapshot| self.store.server_part(snapshot))
    }
}

fn cached<T>(
    cache: &Cache<T>,
    snapshot: &SnapshotFacts,
    read: impl FnOnce(&SnapshotFacts) -> Result<T>,
) -> Result<Arc<T>> {
    let place = snapshot.place.number();
    if let Some((known, part)) = cache.borrow().get(&snapshot.source_id)
        && *known == place
    {
        return Ok(Arc::clone(part));
    }
    let part = Arc::new(read(snapshot)?);
    cache.borrow_mut().insert(snapshot.source_id, (place, Arc::clone(&part)));
    Ok(part)
}
