//! The ledger: the stored snapshots and declarations, as known on a day, and the accounts, people and settings in
//! force at an instant (counting.md sections 1, 2 and 8). The questions in `report` are answered through this
//! module.
//!
//! Where to start:
//!
//! - a question about an instant: `Ledger::ask` finds the instant and returns the `Moment`, which has everybody
//!   at that instant, or an error that explains why there is no answer; [`Ledger::asked`] returns the instant
//!   alone;
//! - the ends of a span: [`Ledger::end_of_span`];
//! - the counts of an instant: `Ledger::counted_at`; the counts of many instants: `sweep`; both functions use stored
//!   counts that are still right;
//! - the people whose records differ between two instants: `moments_near`; a few people, with everybody who
//!   affects the answer about them: `around`;
//! - the people who would take two licenses: `Ledger::findings` of an `Enterprise`;
//! - the employee directories: `Ledger::directories`, and with the past of their entries
//!   `Ledger::directories_with_history` and `DirectoryHistory`;
//! - the people who have seats in several enterprises: `Ledger::across`, and `Ledger::begun` for the instants from
//!   which their seats have been there.
//!
//! The ledger may assume that the store is frozen while a question is answered. It must not depend on a
//! particular question, its words or its output format, and it must not read the clock.

mod across;
mod asked;
mod assign;
mod begun;
mod counting;
mod declared;
mod directories;
mod directory_history;
mod entries;
mod few_entries;
mod former_entries;
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

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

pub(crate) use across::AcrossFound;
pub(crate) use asked::check_span;
pub(crate) use counting::{
    Counted, Doubles, DuplicateCounts, Noticed, count_anew, order_of_license_ends, total,
};
pub use declared::{Aliases, Declarations, KnownLinks};
pub(crate) use directories::{Directories, Directory};
pub(crate) use directory_history::{DirectoryHistory, EarlierEntry};
pub(crate) use few_entries::{KnownEntry, SoughtTexts};
pub(crate) use former_entries::FormerEntry;
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
    Ago, CloudPart, EntryDigest, FirstNamed, Host, Indexed, Instant, KeyId, KnownAs, ServerPart,
    Source, SourceKind,
};
use crate::store::{EntryPart, Knowledge, SnapshotFacts, Store};

/// The way in which a question names the instant that it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AsOf {
    /// The newest instant at which any snapshot was taken, including snapshots without accounts.
    Latest,
    /// An instant that the user names, such as 2026-09-01.
    At(Instant),
    /// The instant that is this long before [`AsOf::Latest`].
    Ago(Ago),
    /// The end of the last round (snapshots taken together) before the newest round with accounts.
    Previous,
}

/// The parameters that all questions have in common.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The instant that the answer is about (`--as-of`).
    pub as_of: AsOf,
    /// The answer uses only imports and declarations made at or before this instant (`--known-on`). `None` means
    /// all imports and declarations.
    pub known_on: Option<Instant>,
    /// The one enterprise that the answer is about; `None` means all enterprises.
    pub enterprise: Option<String>,
}

/// The stored snapshots and declarations, as they were known on a day. All questions are answered through it.
pub struct Ledger<'s> {
    /// The database that the ledger reads from.
    pub store: &'s Store,
    /// The ledger uses only imports and declarations made at or before this instant. `None` means all imports and
    /// declarations.
    pub known_on: Option<Instant>,
    /// The imports and declarations that were made up to `known_on`, as limits on row numbers for the store.
    pub known: Knowledge,
    /// The sources of voided snapshots: the number of the source, and its current name.
    pub(crate) voided: BTreeSet<(i64, Source)>,
    /// Every snapshot that is not voided, ordered by the kind and name of its source, then by its place on the
    /// source's time line.
    pub snapshots: Vec<SnapshotFacts>,
    /// For each source, the range of its snapshots in the list `snapshots`.
    of_sources: Vec<Range<usize>>,
    with_snapshots: HashSet<i64>,
    /// Every source, ordered by kind and name.
    pub sources: Vec<KnownSource>,
    /// What the user declared about sources, such as billing models and retirements.
    pub declarations: Declarations,
    /// The source that each name means, including aliases and earlier names.
    pub known_as: KnownAs,
    /// What the user declared about pairs of accounts: that they belong to one person or to two.
    pub links: KnownLinks,
    cloud_parts: Cache<CloudPart>,
    server_parts: Cache<ServerPart>,
    /// The directory entries that were already read for evidence.
    entry_parts: Cache<EntryPart>,
    /// The digests of all address keys, by which directory entries are found.
    key_digests: OnceCell<Indexed<KeyId, EntryDigest>>,
    /// The successful syncs of instances with Cloud that each `sync-status` snapshot states, by the number of
    /// the snapshot.
    pub(crate) syncs: RefCell<HashMap<i64, Rc<Syncs>>>,
    /// The renames of Cloud accounts that have been looked up so far.
    pub(crate) renames: Renames,
    /// The crowds that were found so far: accounts related to so many others that a search for a few (`near`) is
    /// useless.
    pub(crate) crowds: Crowds,
}

/// A source that is stored or declared, with its number and its names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct KnownSource {
    /// The source under its current name.
    pub source: Source,
    /// The number of the source in the database.
    pub id: i64,
    /// The name of the source at its first import.
    pub first_name: String,
}

/// Host names, each with the time of a successful sync of that host.
type Syncs = Vec<(Host, Instant)>;

/// For each source, by number, the content that was read last, with the point of its snapshot on the source's
/// time line (as a number).
type Cache<T> = RefCell<HashMap<i64, (i64, Arc<T>)>>;

impl<'s> Ledger<'s> {
    /// Reads the snapshots and the declarations that were known at an instant; `None` means all of them.
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
        // A declaration may be about an instance of which no file was ever imported.
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
            family: known.source.kind.family(),
            name: &known.first_name,
        });
        let known_as = declarations.known_as(&first_names.collect::<Vec<_>>());
        // A file that was imported under another name of a source belongs to that source.
        for SnapshotFacts { source, taken_at, .. } in &mut snapshots {
            let name = known_as.canonical(source.kind.family(), &source.name, *taken_at);
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
            entry_parts: RefCell::default(),
            key_digests: OnceCell::new(),
            syncs: RefCell::default(),
            renames: Renames::default(),
            crowds: Crowds::default(),
        })
    }

    /// The instants at which an answer may change: the instants of all snapshots of any kind, and the instants
    /// from which declarations and links are valid.
    pub fn change_instants(&self) -> Vec<Instant> {
        let snapshots = self.snapshots.iter().map(|snapshot| snapshot.taken_at);
        let mut instants: Vec<Instant> =
            snapshots.chain(self.declarations.instants()).chain(self.links.instants()).collect();
        instants.sort_unstable();
        instants.dedup();
        instants
    }

    /// The instants at which snapshots came into force, in order, each once.
    pub fn instants(&self) -> Vec<Instant> {
        let mut instants: Vec<Instant> = self.valid().map(|snapshot| snapshot.taken_at).collect();
        instants.sort_unstable();
        instants.dedup();
        instants
    }

    /// The instants at which a snapshot may begin or end a finding, in order, each once: the instants at which
    /// snapshots came into force, and later ones at which an employee directory was taken.
    pub(crate) fn instants_of_evidence(&self) -> Vec<Instant> {
        let mut instants = self.instants();
        let Some(first) = instants.first().copied() else { return instants };
        let directories = self.snapshots.iter().filter(|snapshot| {
            snapshot.source.kind == SourceKind::Directory
                && !snapshot.partial
                && snapshot.taken_at > first
        });
        instants.extend(directories.map(|snapshot| snapshot.taken_at));
        instants.sort_unstable();
        instants.dedup();
        instants
    }

    pub(crate) fn valid(&self) -> impl Iterator<Item = &SnapshotFacts> {
        self.snapshots
            .iter()
            .filter(|snapshot| !snapshot.partial && snapshot.source.kind.holds_accounts())
    }

    /// The sources of all snapshots that are not voided, each once, under their current names.
    pub(super) fn sources_of_snapshots(&self) -> impl Iterator<Item = &Source> {
        self.of_sources.iter().map(|range| &self.snapshots[range.start].source)
    }

    /// For each source, the snapshots that were taken at or before an instant, oldest first. Sources without such a
    /// snapshot are left out.
    pub(super) fn taken_by(&self, at: Instant) -> impl Iterator<Item = &[SnapshotFacts]> {
        let taken = self.of_sources.iter().map(move |range| {
            let snapshots = &self.snapshots[range.clone()];
            &snapshots[..snapshots.partition_point(|snapshot| snapshot.taken_at <= at)]
        });
        taken.filter(|snapshots| !snapshots.is_empty())
    }

    /// The snapshots of one source that were taken at or before an instant, oldest first.
    pub(crate) fn taken_of(&self, kind: SourceKind, name: &str, at: Instant) -> &[SnapshotFacts] {
        let of_source = |snapshots: &&[SnapshotFacts]| {
            let source = &snapshots[0].source;
            source.kind == kind && source.name == name
        };
        self.taken_by(at).find(of_source).unwrap_or_default()
    }

    /// For each source, the newest snapshot that was taken at or before the instant, holds accounts and is not
    /// partial. Retired sources are left out.
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

    /// Is a source of this name retired at an instant? A retirement is about a name, so it applies to sources of
    /// every kind with this name (counting.md section 1).
    pub(crate) fn is_retired(&self, source: &Source, at: Instant) -> bool {
        let family = source.kind.family();
        let mut named = self.sources.iter().filter(|known| {
            known.source.kind.family() == family && known.source.name == source.name
        });
        named.any(|known| self.declarations.retired(known.id, at))
    }

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
