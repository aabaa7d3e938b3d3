//! Lays out the answer of `oneseat across` as a page: the people, the numbers by calendar period, and the
//! assumption that each enterprise pays for its own seats.

use super::person::AcrossPerson;
use super::{Across, Summary};
use crate::error::Result;
use crate::report::basis::{billing_told, known_on_told};
use crate::table::{Answer, Columns, Page, RowVisitor, Table, agreeing, counted, grouped};

impl Answer for Across {
    const LIST: Option<&'static str> = Some("items");
    const COLUMNS: Columns = AcrossPerson::COLUMNS;

    fn rows(&self, visitor: &mut impl RowVisitor) -> Result<()> {
        visitor.all(&self.items)
    }

    fn rests_on(&self) -> Vec<String> {
        known_on_told(self.known_on).into_iter().chain(billing_told(&self.billing)).collect()
    }

    fn page(&self) -> Page {
        let mut people = Table::new(&["Sure", "Seats", "Why", "Since"]);
        for item in &self.items {
            let seats: Vec<String> = item.seats.iter().map(|seat| seat.shown()).collect();
            let why: Vec<&str> = item.evidence.iter().map(|it| it.detail.as_str()).collect();
            people.rows.push(vec![
                item.confidence.into(),
                seats.join("\n").into(),
                why.join("\n").into(),
                item.since.map(|at| at.to_string()).into(),
            ]);
        }
        let mut periods = Table::new(&["At", "People", "Extra seats"]);
        for point in &self.by_period {
            periods.rows.push(vec![
                point.at.to_string().into(),
                point.people.into(),
                point.extra_seats.into(),
            ]);
        }
        let tables = [people, periods].into_iter().filter(|table| !table.rows.is_empty());
        let mut closing = vec![self.numbers()];
        if self.enterprises.len() > 1 {
            closing.push(
                "Each enterprise is counted by itself. No documentation of GitHub says that \
                 enterprises share a license, so the answer assumes that they do not \
                 (licenses-are-per-enterprise)."
                    .to_owned(),
            );
        }
        if !self.missing.is_empty() && self.enterprises.len() > 1 {
            closing.push(format!(
                "No file of these sources is in force, so people with a seat there may be missing: {}.",
                self.missing.join(", ")
            ));
        }
        closing.extend(self.warnings.iter().map(|warning| format!("! {}", warning.message)));
        Page {
            headline: format!("People with seats in several enterprises, as of {}", self.as_of),
            tables: tables.collect(),
            closing,
        }
    }
}

impl Across {
    /// A sentence that states how many people have seats in several enterprises at the as-of instant.
    fn numbers(&self) -> String {
        let Summary { people, seats, extra_seats, certain, likely, possible } = self.summary;
        match (self.enterprises.as_slice(), people) {
            ([], _) => "No enterprise is known, so nobody has seats in two (the answer assumes \
                        licenses-are-per-enterprise)."
                .to_owned(),
            ([only], _) => format!(
                "The only enterprise is {only}, so nobody has seats in two (the answer assumes \
                 licenses-are-per-enterprise)."
            ),
            (_, 0) => {
                let besides = match possible {
                    0 => String::new(),
                    _ => format!(
                        "; {} worth checking",
                        agreeing(possible, "possible one", ["is", "are"])
                    ),
                };
                format!("Nobody is known to have seats in two enterprises{besides}.")
            }
            _ => format!(
                "{} {} in two or more enterprises, {} more than one each: {} certain, {} likely. \
                 Besides, {} worth checking. `--json` has the activity of each seat.",
                match people {
                    1 => "1 person has".to_owned(),
                    many => format!("{} people have", grouped(many)),
                },
                counted(seats, "seat"),
                grouped(extra_seats),
                grouped(certain),
                grouped(likely),
                agreeing(possible, "possible one", ["is", "are"])
            ),
        }
    }
}
