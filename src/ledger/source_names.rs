//! The names of sources. Files and Cloud rows may use several names for one source; one of them is the current
//! name (counting.md section 2).

use std::collections::{HashMap, HashSet};

use super::declared::Aliases;
use super::{KnownSource, Ledger};
use crate::model::{Instant, SourceFamily, SourceKind};

impl Ledger<'_> {
    /// The current name of a source, which files may name by an alias or an earlier name.
    pub(crate) fn name_that_counts<'n>(&'n self, known: &'n KnownSource) -> &'n str {
        let family = known.source.kind.family();
        self.known_as.canonical(family, &known.source.name, Instant::LAST)
    }

    /// All numbers of the source that has the number `source_id`, in order. A source has one number for each
    /// name under which files were imported.
    pub(crate) fn same_source(&self, source_id: i64) -> Vec<i64> {
        let Some(own) = self.sources.iter().find(|known| known.id == source_id) else {
            return vec![source_id];
        };
        let (kind, name) = (own.source.kind, self.name_that_counts(own));
        let same = self.sources.iter().filter(|known| known.source.kind == kind);
        let same = same.filter(|known| self.name_that_counts(known) == name);
        let mut ids: Vec<i64> = same.map(|known| known.id).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// The numbers of all sources that have several numbers, because their files were imported under several
    /// names.
    pub(super) fn of_several_names(&self) -> HashSet<i64> {
        let mut by_name: HashMap<(SourceKind, &str), HashSet<i64>> = HashMap::new();
        for known in &self.sources {
            let name = (known.source.kind, self.name_that_counts(known));
            by_name.entry(name).or_default().insert(known.id);
        }
        by_name.into_values().filter(|ids| ids.len() > 1).flatten().collect()
    }

    /// Is `known` only an alias or an earlier name of another source? If so, no file belongs to `known` itself.
    pub(crate) fn is_another_name(&self, known: &KnownSource, at: Instant) -> bool {
        let source = &known.source;
        let name = self.known_as.canonical(source.kind.family(), &source.name, at);
        let mut others = self.snapshots.iter().filter(|snapshot| snapshot.source != *source);
        self.snapshots.iter().all(|snapshot| snapshot.source != *source)
            && (*name != *source.name || others.any(|snapshot| snapshot.source_id == known.id))
    }

    /// The aliases of hosts at an instant, each with the current name of its instance.
    pub(crate) fn aliases(&self, at: Instant) -> Aliases {
        self.known_as.hosts(at)
    }

    /// The current name of the instance that a host name means in a file or report that was taken at this instant.
    pub(crate) fn host(&self, name: &str, at: Instant) -> String {
        self.known_as.canonical(SourceFamily::Instance, name, at).to_owned()
    }
}
