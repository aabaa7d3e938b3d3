//! Lays out the answer of `oneseat seats` as a page for people.

use super::{Line, Seats, SplitBy};
use crate::code::WarningCode;
use crate::error::Result;
use crate::report::money::Money;
use crate::table::{Answer, Cell, Columns, Page, RowVisitor, Table, grouped};
use crate::warning::Warning;

impl Answer for Seats {
    const LIST: Option<&'static str> = Some("lines");
    const COLUMNS: Columns = Line::COLUMNS;

    fn rows(&self, visitor: &mut impl RowVisitor) -> Result<()> {
        visitor.all(&self.lines)
    }

    fn rests_on(&self) -> Vec<String> {
        self.basis.told()
    }

    fn page(&self) -> Page {
        let amount = self.currency.as_ref().map(|currency| format!("Amount ({currency})"));
        let with_members = matches!(self.by, SplitBy::Organization | SplitBy::Role);
        let mut columns = vec![self.by.heading(), "Seats"];
        columns.extend(with_members.then_some("Members"));
        columns.extend(amount.as_deref());
        let mut tables = Vec::new();
        for total in &self.totals {
            let mut table = Table::new(&columns);
            let mut row = |part: &str, seats: u64, members: Option<u64>, amount: Option<Money>| {
                let mut row: Vec<Cell> = vec![part.into(), seats.into()];
                row.extend(with_members.then(|| members.into()));
                row.extend(self.currency.as_ref().map(|_| amount.map(|it| it.0).into()));
                table.rows.push(row);
            };
            for line in self.lines.iter().filter(|line| line.at == total.at) {
                row(&line.part, line.seats, line.members, line.amount);
            }
            row("Total", total.seats, None, total.amount);
            let mut until = format!("until {}", total.at);
            if total.snapshots == 0 {
                until += " (carried: no file in this period)";
            }
            if total.unfinished {
                until += " (unfinished)";
            }
            tables.push(if self.period.is_some() { table.titled(&until) } else { table });
        }
        let mut closing = Vec::new();
        if with_members {
            let noun = self.by.noun();
            let preposition = if self.by == SplitBy::Role { "with" } else { "in" };
            closing.push(format!(
                "A person {preposition} several {noun}s takes one seat, under (several {noun}s)."
            ));
            closing.push("The column Members counts such a person in each of them.".to_owned());
        }
        if self.by.detail().is_some() {
            closing.extend(self.about_entries());
        } else if self.lines.iter().any(|line| line.group == "not_stated") {
            closing.push(format!("(not stated): the file does not state the {}.", self.by.noun()));
        }
        closing.push(
            "The lines add up to the total, which is what `oneseat consumption` counts.".to_owned(),
        );
        let when = match (&self.period, self.totals.first(), self.totals.last()) {
            (None, Some(total), _) => format!("as of {}", total.at),
            (Some(period), _, _) => format!("at the end of every {period}"),
            _ => "at no time".to_owned(),
        };
        Page { headline: format!("Seats by {} {when}", self.by.noun()), tables, closing }
    }
}

impl Seats {
    /// The sentences about the employee directories by whose entries the seats are split.
    fn about_entries(&self) -> Vec<String> {
        let noun = self.by.noun();
        let has = |group: &str| self.lines.iter().any(|line| line.group == group);
        let mut told = Vec::new();
        told.extend(
            has("several")
                .then(|| format!("(several): the entries of the person state different {noun}s.")),
        );
        told.extend(has("none").then(|| {
            "(no entry): no directory in force has an address or a mapped login of the seat."
                .to_owned()
        }));
        told.extend(has("not_stated").then(|| {
            format!(
                "(not stated): the entry states no {noun}, or its {noun} is not stored: import the \
                 same file of the directory again once the account is known."
            )
        }));
        told.push(match self.directories.as_slice() {
            [] => "No employee directory is in force: `oneseat import FILE --directory NAME`."
                .to_owned(),
            all => {
                let all = all.iter().map(|(name, at, entries)| {
                    let noun = if *entries == 1 { "entry" } else { "entries" };
                    format!("{name} of {at} ({} {noun})", grouped(*entries as u64))
                });
                format!("Directories: {}.", all.collect::<Vec<_>>().join(", "))
            }
        });
        let is_without = |it: &&Warning| it.code == WarningCode::NoDirectory;
        if !self.directories.is_empty() {
            told.extend(
                self.warnings.iter().filter(is_without).map(|it| format!("! {}.", it.message)),
            );
        }
        told
    }
}
