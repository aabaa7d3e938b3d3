//! Checks the organization that the user names in `diff --organization`. A name that no Cloud row has ever
//! stated is an error, and not an organization without members.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::Result;
use crate::ledger::Ledger;
use crate::ledger::unknown;
use crate::model::SourceKind;

/// Checks that a row of any known Cloud snapshot names the organization.
///
/// # Errors
/// [`crate::error::ErrorKind::Usage`] if no row names the organization, with similar names as a hint; another
/// error if the database cannot be read.
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
