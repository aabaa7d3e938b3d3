//! An organization that is asked for: one that no Cloud row has ever named is a wrong word, and no
//! organization without members.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::Result;
use crate::ledger::Ledger;
use crate::ledger::unknown;
use crate::model::SourceKind;

/// Checks that a row of some Cloud snapshot that is known names an organization.
///
/// # Errors
/// [`crate::error::Kind::Usage`] with near names if none does; if the database cannot be read.
pub(super) fn check(ledger: &Ledger<'_>, organization: &str) -> Result<()> {
    let mut places: BTreeMap<i64, BTreeSet<i64>> = BTreeMap::new();
    for snapshot in ledger.snapshots.iter().filter(|it| it.source.kind == SourceKind::Cloud) {
        places.entry(snapshot.source_id).or_default().insert(snapshot.place.number());
    }
    let mut names: BTreeSet<String> = BTreeSet::new();
    for named in ledger.store.organizations()? {
        let known = places.get(&named.source_id);
        if known.is_some_and(|it| it.range(named.from.number()..named.to.number()).next().is_some())
        {
            names.insert(named.organization);
        }
    }
    let wanted = organization.to_lowercase();
    if names.iter().any(|name| name.to_lowercase() == wanted) {
        return Ok(());
    }
    Err(unknown("organization", organization, names.iter().map(String::as_str)))
}
