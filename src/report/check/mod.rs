//! `oneseat check`: reports what is wrong, so that somebody can act on it (interface.md section 3). The
//! command is made for schedulers: the codes of findings are stable, and the program ends with exit code 1 if
//! there is an error or a warning. A value that cannot be judged is a finding; it never passes.

mod finding;
mod judge;
mod looked;

use serde::Serialize;

use super::consumption;
use crate::code::CheckSubject;
use crate::error::Result;
use crate::ledger::{Asked, Ledger};
use crate::model::Instant;
use crate::table::{Answer, Columns, Page, RowVisitor, Table, agreeing, counted, grouped};
use finding::{CheckFinding, Severity};
use judge::Judge;
use looked::{LookedAt, Measure};

pub use finding::Bounds;

/// What `oneseat check` answers: the findings, and the values that were looked at.
#[derive(Debug, Clone, Serialize)]
pub struct Check {
    schema: &'static str,
    as_of: Instant,
    known_on: Option<Instant>,
    /// The instant by which ages and expiries are judged: the time of the clock, or the as-of instant.
    judged_at: Instant,
    ok: bool,
    findings: Vec<CheckFinding>,
    looked_at: Vec<LookedAt>,
}

/// Answers the command `check`. The counts are those of the as-of instant. Ages and expiries are judged by
/// `now`, or by the as-of instant if `now` is `None`.
///
/// # Errors
/// [`crate::error::ErrorKind::Nothing`] if no snapshot is in force at the as-of instant; another error if the
/// database cannot be read.
pub fn check(
    ledger: &Ledger<'_>,
    asked: &Asked,
    bounds: &Bounds,
    now: Option<Instant>,
) -> Result<Check> {
    let consumption = consumption::consumption(ledger, asked)?;
    let moment = ledger.moment(consumption.as_of, asked.enterprise.as_deref())?;
    let judged_at = now.unwrap_or(consumption.as_of);
    let mut judge = Judge {
        ledger,
        moment: &moment,
        consumption: &consumption,
        bounds,
        judged_at,
        only: asked.enterprise.as_deref(),
        findings: Vec::new(),
        looked_at: Vec::new(),
    };
    judge.ages();
    judge.syncs()?;
    judge.licenses();
    judge.expiries()?;
    judge.duplicates();
    judge.sources();
    judge.warnings();
    if let Some(clock) = now {
        judge.clock(clock)?;
    }
    let Judge { findings, looked_at, .. } = judge;
    Ok(Check {
        schema: "oneseat.check/1",
        as_of: consumption.as_of,
        known_on: ledger.known_on,
        judged_at,
        ok: findings.iter().all(|it| it.severity == Severity::Notice),
        findings,
        looked_at,
    })
}

impl Check {
    /// Has the answer no finding that is an error or a warning?
    pub fn is_ok(&self) -> bool {
        self.ok
    }
}

impl Check {
    /// The closing sentence of the answer: how many errors, warnings and notices there are, or that no problem
    /// is known.
    fn verdict(&self) -> String {
        let count = |severity| self.findings.iter().filter(|it| it.severity == severity).count();
        let told = |number: usize, word: &str| match number {
            0 => None,
            1 => Some(format!("1 {word}")),
            many => Some(format!("{} {word}s", grouped(many as u64))),
        };
        let severities = [Severity::Error, Severity::Warning, Severity::Notice];
        let told: Vec<String> =
            severities.iter().filter_map(|it| told(count(*it), it.name())).collect();
        let unknown = self.looked_at.iter().filter(|it| it.value.is_none()).count();
        let told = told.join(", ");
        let well = match self.unbounded() {
            0 => "No problem was found in the values that were checked".to_owned(),
            many => format!(
                "No bound is exceeded, but duplicates take {} too many, and no bound is set for them \
                 (--max-duplicates)",
                counted(many, "license")
            ),
        };
        match (self.ok, told.is_empty(), unknown) {
            (false, ..) => format!("{told}."),
            (true, true, 0) => format!("{well}."),
            (true, true, _) => format!("{well}; {} unknown.", of_it(unknown)),
            (true, false, 0) => format!("{well}; {told}."),
            (true, false, _) => format!("{well}; {} unknown: {told}.", of_it(unknown)),
        }
    }

    /// The number of certain and likely duplicates that no bound judges; 0 if the user set a bound for
    /// duplicates.
    fn unbounded(&self) -> u64 {
        let is_bounded = |it: &LookedAt| {
            let subjects = [
                CheckSubject::DuplicatesCertain,
                CheckSubject::DuplicatesLikely,
                CheckSubject::DuplicatesPossible,
            ];
            subjects.contains(&it.what) && it.bound.is_some()
        };
        let likely = self.looked_at.iter().find(|it| it.what == CheckSubject::DuplicatesLikely);
        match likely.and_then(|it| it.value) {
            Some(Measure::AtMost(number)) if !self.looked_at.iter().any(is_bounded) => {
                u64::try_from(number).unwrap_or_default()
            }
            _ => 0,
        }
    }
}

/// The beginning of a sentence about some values: "1 value is", "2 values are".
fn of_it(number: usize) -> String {
    agreeing(number as u64, "value", ["is", "are"])
}

impl Answer for Check {
    const LIST: Option<&'static str> = Some("findings");
    const COLUMNS: Columns = CheckFinding::COLUMNS;

    fn rows(&self, visitor: &mut impl RowVisitor) -> Result<()> {
        visitor.all(&self.findings)
    }

    fn said_below(&self) -> Option<String> {
        // Without an error or a warning the list of findings is empty or has notices only. The sentence says
        // that this means that nothing is wrong.
        self.ok.then(|| {
            format!("{} As of {}, judged at {}.", self.verdict(), self.as_of, self.judged_at)
        })
    }

    fn page(&self) -> Page {
        let mut wrong = Table::new(&["Severity", "Code", "What is wrong"]);
        for it in &self.findings {
            let message = it.message.as_str().into();
            wrong.rows.push(vec![it.severity.name().into(), it.code.name().into(), message]);
        }
        let mut looked = Table::new(&["Looked at", "Source", "Found", "Bound", "Distance"]);
        looked.rows.extend(self.looked_at.iter().map(LookedAt::cells));
        let known_on = self.known_on.map(|at| format!(", known on {at}")).unwrap_or_default();
        Page {
            headline: format!("Check as of {}{known_on}, judged at {}", self.as_of, self.judged_at),
            tables: [wrong, looked].into_iter().filter(|table| !table.rows.is_empty()).collect(),
            closing: vec![self.verdict()],
        }
    }
}
