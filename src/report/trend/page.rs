//! Lays out the answer of `oneseat trend` as a page: a bar for each point, and notes on what no bar shows. The
//! notes name periods without snapshots, the end of the data, and steps in consumption that come with a new
//! source.

use super::{Point, Trend};
use crate::error::Result;
use crate::model::{Instant, Source, SourceKind};
use crate::report::period::{By, period_of};
use crate::table::{Answer, Cell, Columns, Page, RowVisitor, Table, grouped};

/// How many steps in consumption the page describes one by one.
const STEPS: usize = 3;

impl Answer for Trend {
    const LIST: Option<&'static str> = Some("points");
    const COLUMNS: Columns = Point::COLUMNS;

    fn rows(&self, visitor: &mut impl RowVisitor) -> Result<()> {
        visitor.all(&self.points)
    }

    fn rests_on(&self) -> Vec<String> {
        self.basis.told()
    }

    fn page(&self) -> Page {
        let by = if self.by == "snapshot" { "at every snapshot" } else { self.by };
        let mut closing = self.steps();
        closing.push(match self.peak {
            Some(peak) => format!(
                "The peak was at least {} on {}. `oneseat diff FROM TO` says who came and went.",
                grouped(peak.consumed),
                peak.at
            ),
            None => "There is no snapshot in this span.".to_owned(),
        });
        Page {
            headline: format!("Licenses consumed, by {by}").replace("by at", "at"),
            tables: vec![self.points_table()],
            closing,
        }
    }
}

impl Trend {
    fn points_table(&self) -> Table {
        let snapshots = self.period == By::Snapshot;
        let top = self.points.iter().map(|point| point.consumed).max().unwrap_or(0);
        let low = self.points.iter().map(|point| point.consumed).min().unwrap_or(0);
        let notes: Vec<String> = self.points.iter().map(|point| self.note(point)).collect();
        let noted = notes.iter().any(|note| !note.is_empty());
        let scale = format!("{} to {}", grouped(low), grouped(top));
        let mut columns = vec![if snapshots { "At" } else { "Until" }, "Consumed", &scale, "Peak"];
        columns.extend(["Purchased", "GitHub says", "Server only"]);
        columns.extend(noted.then_some("Note"));
        let mut table = Table::new(&columns);
        for (point, note) in self.points.iter().zip(notes) {
            let at = point.at.to_string();
            // A period ends with the last second of a day, so the page prints the day without the time.
            let day = at.split_once('T').map_or(at.as_str(), |(day, _)| day);
            let mut row: Vec<Cell> = vec![
                if snapshots { at.as_str() } else { day }.into(),
                point.consumed.into(),
                bar(point.consumed, low, top).into(),
                point.peak.map(|peak| peak.consumed).into(),
            ];
            row.extend([point.purchased.into(), point.reported.into(), point.server_only.into()]);
            row.extend(noted.then(|| note.into()));
            table.rows.push(row);
        }
        table
    }

    fn note(&self, point: &Point) -> String {
        let mut notes = Vec::new();
        if point.snapshots == 0 {
            notes.push("carried: no file".to_owned());
        }
        if point.unfinished {
            notes.push("unfinished".to_owned());
        } else if self.to.is_some_and(|to| to < point.at) {
            notes.push("ends after --to".to_owned());
        }
        if !self.is_first(point) && !point.sources_new.is_empty() {
            notes.push(firsts(&point.sources_new));
        }
        notes.join("; ")
    }

    /// Does the trend begin with this point? Every source is new there, so no note about new sources is
    /// printed.
    fn is_first(&self, point: &Point) -> bool {
        period_of(self.period, self.data_start).is_some_and(|(_, end)| end == point.at)
    }

    /// The sentences about steps in consumption at points where a source has its first file.
    fn steps(&self) -> Vec<String> {
        let steps = self
            .points
            .windows(2)
            .filter(|pair| !pair[1].sources_new.is_empty() && pair[0].consumed != pair[1].consumed);
        let mut told: Vec<String> = steps
            .map(|pair| {
                let firsts = firsts(&pair[1].sources_new);
                let step = format!(
                    "The step from {} to {} on {}",
                    grouped(pair[0].consumed),
                    grouped(pair[1].consumed),
                    pair[1].at,
                );
                // If every file at this point is the first file of its source, only the new sources can have
                // caused the step.
                let is_theirs = pair[1].snapshots == pair[1].sources_new.len() as u64;
                match self.period {
                    By::Snapshot if is_theirs => format!("{step} comes with the {firsts}."),
                    By::Snapshot => {
                        format!(
                            "{step} comes with the {firsts}, and with whatever else moved at \
                                 that instant."
                        )
                    }
                    // Within a period, older sources may also have changed, so the step is not put down to the
                    // new ones alone.
                    _ => format!(
                        "{step} comes with the {firsts}, and with whatever else moved in that \
                         period; `oneseat trend --by snapshot` shows them separately."
                    ),
                }
            })
            .collect();
        if told.len() > STEPS {
            let more = told.len() - STEPS;
            told.truncate(STEPS);
            told.push(format!(
                "{} more steps come with new sources, as the notes say.",
                grouped(more as u64)
            ));
        }
        told
    }
}

/// Is the period that ends at `end` not over when the data end?
pub(crate) fn is_unfinished(by: By, end: Instant, data_end: Instant) -> bool {
    by != By::Snapshot
        && data_end < end
        && period_of(by, data_end).is_some_and(|(_, its_end)| its_end == end)
}

fn firsts(sources: &[Source]) -> String {
    let told: Vec<String> = sources
        .iter()
        .map(|source| match source.kind {
            SourceKind::Cloud => format!("first report of {}", source.name),
            _ => format!("first file of {}", source.name),
        })
        .collect();
    told.join(", ")
}

/// A bar that shows a value. It begins at the lowest value (`low`) and not at 0, so that small movements are
/// visible.
fn bar(value: u64, low: u64, top: u64) -> String {
    const WIDTH: u64 = 12;
    let span = (top - low).max(1);
    let filled = 1 + (value - low) * (WIDTH - 1) / span;
    "▇".repeat(usize::try_from(filled).unwrap_or(1))
}
