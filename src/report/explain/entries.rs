//! Finds the entries of employee directories that `explain` prints about a person (directory.md section 3).

use serde::Serialize;

use super::told::AccountTold;
use crate::error::Result;
use crate::ledger::{FormerEntry, KnownEntry, Ledger, SoughtTexts};
use crate::model::Instant;
use crate::store::EntryDetails;
use crate::table::{Cell, Table};

/// An entry of an employee directory, as `explain` prints it.
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
    fn of(
        directory: &str,
        (active, left_at): (Option<bool>, Option<Instant>),
        details: Option<EntryDetails>,
    ) -> EntryShown {
        let directory = directory.to_owned();
        match details {
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

    fn of_known(known: KnownEntry<'_>, at: Instant) -> EntryShown {
        let stated = (known.entry.active_at(at), known.left_at);
        EntryShown::of(&known.snapshot.source.name, stated, known.details)
    }

    /// The cells of the entry's line in the table, in the order of [`COLUMNS`].
    fn cells(&self) -> Vec<Cell> {
        vec![
            self.directory.as_str().into(),
            self.id.clone().into(),
            self.active.map_or(Cell::Absent, Cell::Truth),
            self.left_at.map_or(Cell::Absent, Cell::Instant),
            self.manager.clone().into(),
            self.unit.clone().into(),
            self.name.clone().into(),
        ]
    }
}

/// An entry that had an address or a login of the person in an earlier snapshot of its directory, and does not
/// have it in the snapshot in force.
#[derive(Debug, Clone, Serialize)]
pub(super) struct EarlierEntryShown {
    #[serde(flatten)]
    entry: EntryShown,
    /// The time of the first snapshot without the id of the entry; `None` if the id is still there, with other
    /// addresses or logins.
    gone_at: Option<Instant>,
}

impl EarlierEntryShown {
    fn of(former: FormerEntry<'_>, at: Instant) -> EarlierEntryShown {
        let FormerEntry { snapshot, record, details, gone_at } = former;
        let stated = (record.active_at(at), record.left.or(record.expires));
        EarlierEntryShown { entry: EntryShown::of(&snapshot.source.name, stated, details), gone_at }
    }
}

/// What the employee directories state about a person: in the snapshots in force and in earlier snapshots.
#[derive(Debug, Default)]
pub(super) struct InDirectories {
    /// The entries of the directories in force, sorted by directory and id.
    pub entries: Vec<EntryShown>,
    /// The entries that belonged to the person in earlier snapshots only, sorted by directory.
    pub earlier: Vec<EarlierEntryShown>,
}

/// The entries of employee directories that have, or once had, an address or a mapped login of one of the
/// accounts.
///
/// # Errors
/// If the database cannot be read.
pub(super) fn entries(
    ledger: &Ledger<'_>,
    at: Instant,
    accounts: &[AccountTold],
) -> Result<InDirectories> {
    let mut texts = SoughtTexts::default();
    for account in accounts {
        texts.addresses.extend(account.emails.iter().map(|it| it.email.clone()));
        let Some(login) = &account.login else { continue };
        match account.kind {
            // The login of an invitation by e-mail is the address that was invited.
            "cloud" if login.contains('@') => texts.addresses.push(login.clone()),
            "cloud" => texts.cloud_logins.push(login.clone()),
            _ => texts.server_logins.push((account.source.clone(), login.clone())),
        }
    }
    let found = ledger.entries_of(&texts, at)?.into_iter();
    let mut entries: Vec<EntryShown> = found.map(|it| EntryShown::of_known(it, at)).collect();
    entries.sort_by(|a, b| (&a.directory, &a.id).cmp(&(&b.directory, &b.id)));
    let earlier = ledger.former_entries_of(&texts, at)?.into_iter();
    let earlier = earlier.map(|it| EarlierEntryShown::of(it, at)).collect();
    Ok(InDirectories { entries, earlier })
}

const COLUMNS: [&str; 7] = ["Directory", "Entry", "Active", "Left at", "Manager", "Unit", "Name"];

/// The table of the person's entries in the employee directories in force.
pub(super) fn table(entries: &[EntryShown]) -> Table {
    let mut table = Table::new(&COLUMNS);
    table.rows.extend(entries.iter().map(EntryShown::cells));
    table
}

/// The table of the entries that belonged to the person in earlier snapshots of the directories only.
pub(super) fn earlier_table(entries: &[EarlierEntryShown]) -> Table {
    let [directory, rest @ ..] = COLUMNS;
    let mut columns = vec![directory, "Gone at"];
    columns.extend(rest);
    let mut table = Table::new(&columns);
    for it in entries {
        let mut cells = it.entry.cells();
        let gone_at = match it.gone_at {
            Some(at) => Cell::Instant(at),
            None => Cell::Text("has other addresses now".to_owned()),
        };
        cells.insert(1, gone_at);
        table.rows.push(cells);
    }
    table.titled("Earlier snapshots of directories")
}
