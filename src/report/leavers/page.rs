//! The answer of `oneseat leavers` as a page for people.

use super::leaver::{Leaver, LeaverWhy};
use super::{Leavers, is_first};
use crate::error::Result;
use crate::report::basis::{billing_told, known_on_told};
use crate::table::{Answer, Cell, Columns, Page, RowVisitor, Table, agreeing, counted, grouped};
use crate::warning::Warning;

/// The greatest number of unknown seats on the page.
const UNKNOWN: usize = 20;

impl Answer for Leavers {
    const LIST: Option<&'static str> = Some("items");
    const COLUMNS: Columns = Leaver::COLUMNS;

    fn rows(&self, visitor: &mut impl RowVisitor) -> Result<()> {
        visitor.all(&self.items)
    }

    fn rests_on(&self) -> Vec<String> {
        known_on_told(self.known_on).into_iter().chain(billing_told(&self.billing)).collect()
    }

    fn page(&self) -> Page {
        let (first, others): (Vec<&Warning>, Vec<&Warning>) =
            self.warnings.iter().partition(|it| is_first(it.code));
        let mut headline: String =
            first.iter().map(|warning| format!("! {}. ", capitalized(&warning.message))).collect();
        headline.push_str(&format!("Seats of people who have left, as of {}", self.as_of));
        let (table, unshown) = self.table();
        let mut closing = vec![self.counts()];
        closing.extend(self.directories.iter().map(|it| {
            let entries = it.entries.map_or("people".to_owned(), |people| match people {
                1 => "1 person".to_owned(),
                people => format!("{} people", grouped(people)),
            });
            let cut = if it.complete == Some(false) { ", not complete" } else { "" };
            format!(
                "Compared with {}, {entries} on {} (#{}){cut}.",
                it.name, it.taken_at, it.snapshot
            )
        }));
        closing.extend(others.iter().map(|it| format!("! {}.", capitalized(&it.message))));
        if !self.disagreements.is_empty() {
            closing.push(format!(
                "The directories disagree about {}; `--json` lists what each says.",
                counted(self.disagreements.len() as u64, "seat")
            ));
        }
        if unshown > 0 {
            closing.push(format!(
                "{} not shown; `--json` lists all.",
                agreeing(unshown, "more unknown seat", ["is", "are"])
            ));
        }
        let tables = if table.rows.is_empty() { Vec::new() } else { vec![table] };
        Page { headline, tables, closing }
    }
}

impl Leavers {
    /// The table of the items, and the number of unknown seats that it leaves out.
    fn table(&self) -> (Table, u64) {
        let mut table = Table::new(&["Why", "Seat", "Left", "Days", "What to do"]);
        let (mut unknown, mut unshown) = (0, 0);
        for item in &self.items {
            if item.why == LeaverWhy::Unknown {
                unknown += 1;
                if unknown > UNKNOWN {
                    unshown += 1;
                    continue;
                }
            }
            table.rows.push(vec![
                item.why.name().into(),
                item.login
                    .clone()
                    .or_else(|| item.name.clone())
                    .map_or_else(|| Cell::from(item.seat.as_str()), Cell::from),
                item.left_at.map(|at| at.to_string()).into(),
                item.days.into(),
                item.fix.action.as_str().into(),
            ]);
        }
        (table, unshown)
    }

    fn counts(&self) -> String {
        let summary = &self.summary;
        let others = [
            (summary.matched, "matched"),
            (summary.unknown, "unknown"),
            (summary.ambiguous, "ambiguous"),
            (summary.excepted, "excepted"),
        ];
        let others: Vec<String> = others
            .into_iter()
            .filter(|(number, _)| *number > 0)
            .map(|(number, word)| format!("{} {word}", grouped(number)))
            .collect();
        let others = match others.is_empty() {
            true => String::new(),
            false => format!(" Other seats: {}.", others.join(", ")),
        };
        format!(
            "{} taken by people who have left: {} left, {} gone.{others}",
            agreeing(summary.licenses, "license", ["is", "are"]),
            grouped(summary.left),
            grouped(summary.gone),
        )
    }
}

fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
