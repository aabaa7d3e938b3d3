//! `oneseat verify`: checks whether the stored data are complete and unchanged (interface.md section 5). What
//! must hold of them is called a promise.

use serde::Serialize;

use super::clock;
use crate::code::VerifyCode;
use crate::error::Result;
use crate::ledger::Ledger;
use crate::model::Instant;
use crate::store::{COVERAGE, JOURNAL_COVERAGE, JournalPosition, Store};
use crate::table::{
    Answer, CellKind, Columns, Page, RowVisitor, Table, agreeing, counted, grouped,
};

/// What `oneseat verify` answers: the findings, and what was verified.
#[derive(Debug, Clone, Serialize)]
pub struct Verify {
    schema: &'static str,
    /// `known_on` is always `None`, because everything that is stored is verified, whenever it became known.
    known_on: Option<Instant>,
    /// Does everything hold that must hold of the stored data?
    pub ok: bool,
    head: Option<String>,
    snapshots_checked: u64,
    findings: Vec<Finding>,
    /// Facts about the database that are worth knowing but no findings.
    notes: Vec<String>,
    coverage: Option<Vec<Protected>>,
    #[serde(skip)]
    journal: JournalPosition,
    /// Are the stored data undamaged, so that any finding can only be about a clock?
    #[serde(skip)]
    only_clocks: bool,
}

#[derive(Debug, Clone, Serialize)]
struct Finding {
    code: VerifyCode,
    message: String,
}

/// A column of the database, and what protects its values from being changed unnoticed.
#[derive(Debug, Clone, Serialize)]
struct Protected {
    table: &'static str,
    column: &'static str,
    protected_by: &'static str,
}

/// Answers the command `verify`. `head` is a hash that the journal should contain. If `coverage` is true, the
/// answer also states what protects each column. `now` is the time of this command's clock; a line of the
/// journal with a later time is a finding.
///
/// # Errors
/// If the database cannot be read.
pub fn verify(store: &Store, head: Option<&str>, coverage: bool, now: Instant) -> Result<Verify> {
    let verified = store.verify(head)?;
    let journal = JournalPosition { lines: verified.lines, head: verified.head.clone() };
    let mut notes = verified.notes;
    notes.extend(verified.written_since.and_then(written_since));
    notes.extend(clock::lines_behind(&verified.times));
    let findings = verified.broken.into_iter();
    let mut findings: Vec<Finding> =
        findings.map(|broken| Finding { code: broken.code, message: broken.message }).collect();
    if findings.is_empty() {
        // Where the stored data are damaged, a wrong count would only follow from the damage, so counts are
        // compared only in undamaged data.
        let (wrong, idle) = Ledger::open(store, None)?.wrong_counts()?;
        findings.extend(
            wrong.into_iter().map(|message| Finding { code: VerifyCode::StoredCount, message }),
        );
        notes.extend(idle_counts(idle));
    }
    let only_clocks = findings.is_empty();
    let ahead = clock::lines_ahead(&verified.times, now);
    findings.extend(ahead.map(|message| Finding { code: VerifyCode::Clock, message }));
    Ok(Verify {
        schema: "oneseat.verify/1",
        known_on: None,
        ok: findings.is_empty(),
        head: verified.head,
        snapshots_checked: verified.snapshots,
        findings,
        notes,
        coverage: coverage.then(protected),
        journal,
        only_clocks,
    })
}

/// The note that lines were added to the journal after the head that the user named, which does not protect
/// them. `None` if there are no such lines.
fn written_since(lines: i64) -> Option<String> {
    match lines {
        0 => None,
        1 => Some(
            "1 line of the journal was written after the head that --head names: `oneseat \
                   journal` shows it"
                .to_owned(),
        ),
        more => Some(format!(
            "{} lines of the journal were written after the head that --head names: `oneseat \
             journal` shows them",
            grouped(more as u64)
        )),
    }
}

/// The note that some stored counts can no longer be used by any answer; `None` if all can be used.
fn idle_counts(lines: usize) -> Option<String> {
    let end = "of instants or declarations that are no longer known: no answer uses them, and \
               `oneseat recount` removes them";
    match lines {
        0 => None,
        1 => Some(format!("stored_counts: 1 line holds counts {end}")),
        more => Some(format!("stored_counts: {more} lines hold counts {end}")),
    }
}

impl Verify {
    /// The number of lines of the journal and its newest hash at the time of the verification.
    pub fn journal(&self) -> JournalPosition {
        self.journal.clone()
    }
}

fn protected() -> Vec<Protected> {
    let tables = COVERAGE.iter().chain(std::iter::once(&JOURNAL_COVERAGE));
    let columns = tables.flat_map(|(table, columns, protected_by)| {
        columns.iter().map(|column| Protected { table, column, protected_by })
    });
    columns.collect()
}

impl Answer for Verify {
    const LIST: Option<&'static str> = None;
    const COLUMNS: Columns = &[
        ("schema", CellKind::Text),
        ("known_on", CellKind::Text),
        ("ok", CellKind::Truth),
        ("head", CellKind::Text),
        ("snapshots_checked", CellKind::Whole),
        ("findings", CellKind::List),
        ("notes", CellKind::List),
        ("coverage", CellKind::List),
    ];

    fn rows(&self, visitor: &mut impl RowVisitor) -> Result<()> {
        visitor.row(self)
    }

    fn page(&self) -> Page {
        let mut tables = Vec::new();
        if !self.findings.is_empty() {
            let mut table = Table::new(&["Code", "What does not hold"]);
            for finding in &self.findings {
                table.rows.push(vec![finding.code.name().into(), finding.message.as_str().into()]);
            }
            tables.push(table);
        }
        if let Some(coverage) = &self.coverage {
            let mut table = Table::new(&["Table", "Column", "Protected by"]);
            for it in coverage {
                table.rows.push(vec![it.table.into(), it.column.into(), it.protected_by.into()]);
            }
            tables.push(table);
        }
        let head = self.head.as_deref().unwrap_or("none");
        let mut lines = vec![format!("journal head  {head}")];
        lines.extend(self.notes.iter().map(|note| format!("note  {note}")));
        let closing = if self.only_clocks && !self.ok {
            "The data are as they were written. Set the clock right."
        } else if self.ok {
            "Write down the journal head: `oneseat verify --head HASH` later shows whether any line before it was changed."
        } else {
            "Go back to a backup (`oneseat restore FILE`), or import the files again into a new database."
        };
        Page {
            headline: match self.ok {
                true => format!(
                    "{} checked: everything holds",
                    counted(self.snapshots_checked, "snapshot")
                ),
                false => agreeing(
                    self.findings.len() as u64,
                    "promise",
                    ["does not hold", "do not hold"],
                ),
            },
            tables,
            closing: lines.into_iter().chain(std::iter::once(closing.to_owned())).collect(),
        }
    }
}
