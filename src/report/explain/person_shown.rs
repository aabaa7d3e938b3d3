//! One person as `explain` prints them, and the tables with their accounts, evidence and history.

use serde::Serialize;

use super::entries::{self, EarlierEntryShown, EntryShown};
use super::history::Line;
use super::told::AccountTold;
use crate::report::duplicates::{Duplicate, Proof, Together};
use crate::table::{CellKind, Columns, Table};

/// One person as `explain` prints them: the license decision, the accounts, the findings and the history.
#[derive(Debug, Clone, Serialize)]
pub(super) struct PersonShown {
    pub(super) seat: &'static str,
    pub(super) takes_license: bool,
    pub(super) reason: String,
    pub(super) github_says: Option<String>,
    pub(super) accounts: Vec<AccountTold>,
    /// All evidence that the person has another seat, the nearest first. It includes evidence that is too weak,
    /// or that fits too many people, for a finding.
    pub(super) near_misses: Vec<Proof>,
    /// The finding with the highest confidence about the person. Among findings of equal confidence, one about
    /// the person's seat comes before one that names the seat as a candidate.
    pub(super) duplicate: Option<Duplicate>,
    /// All findings about the person. The one in the field `duplicate` comes first.
    pub(super) duplicates: Vec<Duplicate>,
    /// The findings about the person, together with all findings that are connected with them.
    #[serde(skip)]
    pub(super) together: Option<Together>,
    pub(super) history: Vec<Line>,
    /// The entries of the employee directories in force that have an address or a mapped login of the person.
    pub(super) entries: Vec<EntryShown>,
    /// The entries that had an address or a login of the person in an earlier snapshot, while the snapshot in
    /// force has it no longer.
    pub(super) earlier_entries: Vec<EarlierEntryShown>,
}

impl PersonShown {
    pub(super) const COLUMNS: Columns = &[
        ("seat", CellKind::Text),
        ("takes_license", CellKind::Truth),
        ("reason", CellKind::Text),
        ("github_says", CellKind::Text),
        ("accounts", CellKind::List),
        ("near_misses", CellKind::List),
        ("duplicate", CellKind::Object(Duplicate::COLUMNS)),
        ("duplicates", CellKind::List),
        ("history", CellKind::List),
        ("entries", CellKind::List),
        ("earlier_entries", CellKind::List),
    ];
}

impl PersonShown {
    pub(super) fn tables(&self, number: &str) -> Vec<Table> {
        let mut decision = Table::new(&["", ""]);
        let mut line = |name: &str, text: &str| {
            decision.rows.push(vec![name.into(), text.into()]);
        };
        line("License", if self.takes_license { "yes" } else { "no" });
        line("Why", &self.reason);
        if let Some(says) = &self.github_says {
            line("GitHub says", says);
        }
        for double in &self.duplicates {
            line("Two licenses", &double.told());
            line("Nearest miss", &double.nearest_miss);
            for (place, fix) in double.fixes.iter().enumerate() {
                line(if place == 0 { "Fix" } else { "" }, &fix.told());
            }
        }
        for (place, miss) in self.near_misses.iter().enumerate() {
            line(if place == 0 { "Alike" } else { "" }, &miss.told());
        }
        let title = format!("{number}{}", self.seat.replace('_', " "));
        let mut accounts = Table::new(&["Account", "Kind", "Name", "Addresses", "Why"]);
        for account in &self.accounts {
            accounts.rows.push(vec![
                account.shown().into(),
                account.kind.into(),
                account.name.clone().into(),
                account.addresses().into(),
                account.why.as_str().into(),
            ]);
        }
        let mut history = Table::new(&["From", "To", "Account", "What"]);
        for line in &self.history {
            history.rows.push(vec![
                line.from.to_string().into(),
                line.to.map(|to| to.to_string()).into(),
                line.account.as_str().into(),
                line.change.as_str().into(),
            ]);
        }
        let mut tables = vec![decision.titled(&title)];
        tables.extend(Some(accounts).filter(|table| !table.rows.is_empty()));
        let entries = entries::table(&self.entries);
        tables.extend(Some(entries).filter(|table| !table.rows.is_empty()));
        let earlier = entries::earlier_table(&self.earlier_entries);
        tables.extend(Some(earlier).filter(|table| !table.rows.is_empty()));
        tables.extend(Some(history).filter(|table| !table.rows.is_empty()));
        tables
    }
}
