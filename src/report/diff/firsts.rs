//! The instances and enterprises whose first file was taken between the two instants of a `diff`. Their people
//! appear with that file. When these people really joined is unknown.

use std::collections::{BTreeMap, BTreeSet};

use super::placed::Placed;
use crate::ledger::Ledger;
use crate::model::{Instant, SourceKind};

/// The instances and enterprises whose first file was taken between the two instants of a `diff`.
pub(super) struct Firsts {
    hosts: BTreeSet<String>,
    enterprises: BTreeSet<String>,
}

impl Firsts {
    /// The instances and enterprises whose first snapshot was taken after `from` and not after `to`. Only
    /// snapshots that can come into force are considered.
    pub fn between(ledger: &Ledger<'_>, from: Instant, to: Instant) -> Firsts {
        let aliases = ledger.aliases(to);
        let mut first: BTreeMap<(bool, String), Instant> = BTreeMap::new();
        for snapshot in ledger.valid() {
            let is_cloud = snapshot.source.kind == SourceKind::Cloud;
            let name = &snapshot.source.name;
            let name = aliases.get(name).filter(|_| !is_cloud).unwrap_or(name).clone();
            let known = first.entry((is_cloud, name)).or_insert(snapshot.taken_at);
            *known = snapshot.taken_at.min(*known);
        }
        first.retain(|_, at| from < *at && *at <= to);
        let named = |wanted: bool| {
            let names = first.keys().filter(move |(is_cloud, _)| *is_cloud == wanted);
            names.map(|(_, name)| name.clone()).collect()
        };
        Firsts { hosts: named(false), enterprises: named(true) }
    }

    /// The detail that tells that a seat appeared with the first file of its source. `None` for any other seat.
    pub fn of(&self, seat: &Placed<'_>) -> Option<String> {
        if let Some((enterprise, _)) = &seat.name.cloud {
            let enterprise = enterprise.as_ref().filter(|it| self.enterprises.contains(*it))?;
            return Some(format!("first report of {enterprise}"));
        }
        let mut accounts = seat.name.accounts.iter();
        let host = accounts.clone().map(|account| &account.host).next()?;
        accounts
            .all(|account| self.hosts.contains(&account.host))
            .then(|| format!("first file of {host}"))
    }
}
