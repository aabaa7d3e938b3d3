//! The entries of employee directories that `explain` prints about a person (directory.md section 3).

use serde::Serialize;

use super::told::AccountTold;
use crate::error::Result;
use crate::ledger::{EntryTexts, KnownEntry, Ledger};
use crate::model::Instant;
use crate::table::{Cell, Table};

/// An entry of a directory in force.
#[derive(Debug, Clone, Serialize)]
pub(super) struct EntryShown {
    directory: String,
    /// The id of the entry in its directory; `None` if only its digest is stored.
    id: Option<String>,
    active: Option<bool>,
    left_at: Option<Instant>,
    manager: Option<String>,
    unit: Option<String>,
    name: Option<String>,
}

impl EntryShown {
    fn of(known: KnownEntry<'_>, at: Instant) -> EntryShown {
        let directory = known.snapshot.source.name.clone();
        let (active, left_at) = (known.entry.active_at(at), known.left_at);
        match known.details {
            Some(it) => EntryShown {
                directory,
                id: Some(it.id),
                active,
                left_at,
                manager: it.manager,
                unit: it.unit,
                name: it.name,
            },
            None => EntryShown {
                directory,
                id: None,
                active,
                left_at,
                manager: None,
                unit: None,
                name: None,
            },
        }
    }
}

/// The entries of the directories in force that have an address or a mapped login of one of these accounts, by
/// directory and id.
pub(super) fn entries(
    ledger: &Ledger<'_>,
    at: Instant,
    accounts: &[AccountTold],
) -> Result<Vec<EntryShown>> {
    let mut texts = EntryTexts::default();
    for account in accounts {
        texts.addresses.extend(account.emails.iter().map(|it| it.email.clone()));
        let Some(login) = &account.login else { continue };
        match account.kind {
            // The login of an invitation is the address that was invited.
            "cloud" if login.contains('@') => texts.addresses.push(login.clone()),
            "cloud" => texts.cloud_logins.push(login.clone()),
            _ => texts.server_logins.push((account.source.clone(), login.clone())),
        }
    }
    let found = ledger.entries_of(&texts, at)?.into_iter();
    let mut shown: Vec<EntryShown> = found.map(|known| EntryShown::of(known, at)).collect();
    shown.sort_by(|a, b| (&a.directory, &a.id).cmp(&(&b.directory, &b.id)));
    Ok(shown)
}

/// The table about these entries.
pub(super) fn table(entries: &[EntryShown]) -> Table {
    let mut table =
        Table::new(&["Directory", "Entry", "Active", "Left at", "Manager", "Unit", "Name"]);
    for it in entries {
        table.rows.push(vec![
            it.directory.as_str().into(),
            it.id.clone().into(),
            it.active.map_or(Cell::Absent, Cell::Truth),
            it.left_at.map_or(Cell::Absent, Cell::Instant),
            it.manager.clone().into(),
            it.unit.clone().into(),
            it.name.clone().into(),
        ]);
    }
    table
}
