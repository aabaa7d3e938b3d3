//! Lays out the answer of `oneseat consumption` as a page for people.

use super::{AccountCounts, Consumption, MatchedBy, Reported, SeatKinds};
use crate::error::Result;
use crate::ledger::DuplicateCounts;
use crate::model::length_of_time;
use crate::report::absent::is_of_absence;
use crate::table::{Answer, Cell, CellKind, Columns, Page, RowVisitor, Table, grouped};

impl Answer for Consumption {
    const LIST: Option<&'static str> = None;
    const COLUMNS: Columns = &[
        ("schema", CellKind::Text),
        ("as_of", CellKind::Instant),
        ("known_on", CellKind::Text),
        ("billing_models", CellKind::List),
        ("consumed", CellKind::Whole),
        ("purchased", CellKind::Whole),
        ("available", CellKind::Whole),
        ("reported", CellKind::Object(Reported::COLUMNS)),
        ("seats", CellKind::Object(SeatKinds::COLUMNS)),
        ("server_only_never_synced", CellKind::Whole),
        ("pending_invitations", CellKind::Whole),
        ("visual_studio", CellKind::Whole),
        ("matched_by", CellKind::Object(MatchedBy::COLUMNS)),
        ("accounts", CellKind::Object(AccountCounts::COLUMNS)),
        ("duplicates", CellKind::Object(DuplicateCounts::COLUMNS)),
        ("sources_missing", CellKind::List),
        ("sources", CellKind::List),
        ("warnings", CellKind::List),
    ];

    fn rows(&self, visitor: &mut impl RowVisitor) -> Result<()> {
        visitor.row(self)
    }

    fn rests_on(&self) -> Vec<String> {
        self.basis.told()
    }

    fn page(&self) -> Page {
        let mut licenses = Table::new(&["Licenses", "", ""]);
        let mut line = |name: &str, value: Cell, remark: String| {
            licenses.rows.push(vec![name.into(), value, remark.into()]);
        };
        line("Consumed", self.consumed.into(), String::new());
        line("Purchased", self.purchased.into(), String::new());
        let over = self.available.is_some_and(|available| available < 0);
        line("Available", self.available.into(), if over { "over".into() } else { String::new() });
        let reported = self.reported.as_ref();
        line(
            "GitHub says",
            reported.and_then(|reported| reported.consumed).into(),
            reported.map_or("no report states it".into(), |reported| {
                format!("consumed, report of {}", reported.taken_at)
            }),
        );

        let mut seats = Table::new(&["Seats", "", ""]);
        let mut line = |name: &str, value: Option<u64>, remark: String| {
            let remark = if value.is_some() { remark } else { "not stated".to_owned() };
            seats.rows.push(vec![name.into(), value.into(), remark.into()]);
        };
        line("Cloud only", Some(self.seats.cloud_only), String::new());
        line("Cloud and Server", Some(self.seats.cloud_and_server), String::new());
        let never = match self.server_only_never_synced {
            0 => String::new(),
            never => format!("{} of them in no Cloud report yet", grouped(never)),
        };
        line("Server only", Some(self.seats.server_only), never);
        line("Visual Studio", self.visual_studio, "among the above".into());
        line("Invitations", self.pending_invitations, "pending".into());

        // The column `Last synced` is shown only if a time of a sync was imported. Most enterprises never
        // import one, and an empty column would only widen the table.
        let syncs = self.sources.iter().any(|source| source.last_synced.is_some());
        let mut columns = vec!["Source", "Kind", "Taken at", "Behind", "Complete"];
        columns.extend(syncs.then_some("Last synced"));
        let mut sources = Table::new(&columns);
        for source in &self.sources {
            let complete = match source.complete {
                Some(true) => "yes",
                Some(false) => "no",
                None => "not stated",
            };
            let mut row: Vec<Cell> = vec![
                source.name.as_str().into(),
                source.kind.name().into(),
                source.taken_at.to_string().into(),
                length_of_time(source.age_seconds).into(),
                complete.into(),
            ];
            row.extend(syncs.then(|| source.last_synced.map(|at| at.to_string()).into()));
            sources.rows.push(row);
        }
        for source in &self.sources_missing {
            let row = [source.name.as_str(), source.kind.name(), "none in force yet"];
            let mut row: Vec<Cell> = row.into_iter().map(Cell::from).collect();
            row.resize(columns.len(), Cell::Absent);
            sources.rows.push(row);
        }

        let mut closing: Vec<String> =
            self.warnings.iter().map(|warning| format!("! {}", warning.message)).collect();
        closing.push(self.next_step());
        Page {
            headline: format!("GitHub Enterprise licenses as of {}", self.as_of),
            tables: vec![licenses, seats, sources],
            closing,
        }
    }
}

impl Consumption {
    fn next_step(&self) -> String {
        if let Some(over) = self.available.filter(|available| *available < 0) {
            let over = over.unsigned_abs();
            let licenses = if over == 1 { "license is" } else { "licenses are" };
            return format!(
                "{} more {licenses} consumed than were purchased: `oneseat duplicates` lists people \
                 who take two licenses, and `oneseat reclaim` lists seats that nobody uses.",
                grouped(over)
            );
        }
        let sure = self.duplicates.certain + self.duplicates.likely;
        let possible = self.duplicates.possible;
        match (sure, possible) {
            (0, 0) if self.warnings.iter().any(is_of_absence) => {
                "Nobody is known to take two licenses, but a file lacks a field that would show it."
                    .into()
            }
            (0, 0) if !self.sources_missing.is_empty() => {
                "Nobody is known to take two licenses, but not every source has a file in force."
                    .into()
            }
            (0, 0) if self.accounts.cloud == 0 && self.accounts.server > 0 => {
                "Nobody is known to take two licenses, but no Cloud account is known.".into()
            }
            (0, 0) => "Nobody takes two licenses. `oneseat trend` shows how seats moved.".into(),
            (0, _) => format!(
                "Possible duplicates: {}. `oneseat duplicates` says who they are, and why.",
                grouped(possible)
            ),
            (1, _) => {
                "1 person takes two licenses, certainly or likely: `oneseat duplicates` says \
                       who, and how to fix it."
                    .into()
            }
            (many, _) => format!(
                "{} people take two licenses, certainly or likely: `oneseat duplicates` says \
                 who, and how to fix each.",
                grouped(many)
            ),
        }
    }
}
