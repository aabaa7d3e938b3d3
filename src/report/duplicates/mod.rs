//! `oneseat duplicates`: the people who would take two licenses, the evidence, and the fixes (interface.md
//! section 3, counting.md section 5). `teller` reads the names and addresses that are printed, `words` writes
//! the sentences, `since` and `progress` compare with other instants, and `lists` sorts the fixes by actor.

mod apart;
mod duplicate;
mod fate;
mod fixes;
mod lists;
mod paired;
mod progress;
mod sides;
mod since;
mod teller;
mod together;
mod words;

use serde::Serialize;

use super::absent;
use super::basis::{Billing, billing, billing_told, known_on_told};
use super::concerned::Concerned;
use super::consumption::warnings;
use crate::error::{Error, Result};
use crate::ledger::DuplicateCounts;
use crate::ledger::{AsOf, Asked, Enterprise, Ledger};
use crate::model::{Instant, compare_ids};
use crate::people::{Confidence, Evidence};
use crate::table::{Answer, Cell, Columns, Page, RowVisitor, Table, agreeing, grouped};
use crate::warning::Warning;
use paired::Paired;
use progress::FindingProgress;
use teller::FindingDetails;

pub(super) use duplicate::{Duplicate, Proof};
pub(super) use since::Mark;
pub(super) use together::{FindingSide, Findings, Together};

pub use lists::{FixList, ListScope as ListsAbout, Lists, is_list_name};

/// The answer of `oneseat duplicates`: the findings at an instant, with their summary.
#[derive(Debug, Clone, Serialize)]
pub struct Duplicates {
    schema: &'static str,
    as_of: Instant,
    known_on: Option<Instant>,
    /// Whether Cloud and every other known source have a snapshot in force. If not, an answer without findings
    /// does not mean that nobody takes two licenses.
    #[serde(skip)]
    sources_known: bool,
    #[serde(skip)]
    billing: Vec<Billing>,
    warnings: Vec<Warning>,
    summary: Summary,
    /// The progress since the instant of `--since`; `None` without this option.
    progress: Option<FindingProgress>,
    items: Vec<Duplicate>,
}

/// The number of findings by confidence, including those that are not shown.
#[derive(Debug, Clone, Copy, Default, Serialize)]
struct Summary {
    #[serde(flatten)]
    counts: DuplicateCounts,
    /// The number of certain and likely findings.
    licenses: u64,
}

/// A finding without its words.
pub(super) struct FindingOutline<'d> {
    pub confidence: &'static str,
    /// The codes of the evidence, the most certain first.
    pub codes: Vec<&'static str>,
    /// The actor of the first fix.
    pub actor: &'static str,
    /// The instance of the first fix; `None` for a fix on Cloud.
    pub host: Option<&'d str>,
    /// The accounts that the finding is about.
    pub about: &'d Concerned,
}

/// Evidence as it is printed, with names and addresses.
///
/// # Errors
/// If the database cannot be read.
pub(super) fn proofs(
    ledger: &Ledger<'_>,
    enterprise: &Enterprise<'_>,
    evidence: &[Evidence],
) -> Result<Vec<Proof>> {
    FindingDetails::new(ledger, enterprise).proofs(evidence)
}

/// Answers the command `duplicates`. `compared_with` is the earlier instant of `--since`, if there is one.
///
/// # Errors
/// [`crate::error::ErrorKind::Nothing`] if nothing is in force at the as-of instant;
/// [`crate::error::ErrorKind::Usage`] if `compared_with` is later than that instant; also if the database
/// cannot be read.
pub fn duplicates(
    ledger: &Ledger<'_>,
    asked: &Asked,
    compared_with: Option<Instant>,
) -> Result<Duplicates> {
    let at = ledger.asked(asked)?;
    if let Some(since) = compared_with.filter(|since| *since > at) {
        let asked = if let AsOf::At(_) = asked.as_of { "--as-of " } else { "" };
        return Err(Error::usage(format!("--since {since} is after {asked}{at}"))
            .hint("name an earlier instant with --since, or a later one with --as-of"));
    }
    let compared_with = compared_with.map(|since| ledger.instant_at(since)).transpose()?;
    let only = asked.enterprise.as_deref();
    let moment = ledger.moment(at, only)?;
    let mut paired: Vec<Paired> = Vec::new();
    for enterprise in &moment.enterprises {
        let findings = ledger.findings(at, enterprise)?;
        paired.extend(paired::paired(ledger, enterprise, &findings, |_| Ok(true))?);
    }
    let mut counts = DuplicateCounts::default();
    paired.iter().for_each(|(_, item)| counts.add(item.level));
    let marks: Vec<Mark> = paired.iter().map(|(mark, _)| mark.clone()).collect();
    for ((_, item), since) in paired.iter_mut().zip(since::since(ledger, at, only, &marks)?) {
        item.since = since;
    }
    let progress = match compared_with {
        Some(since) => Some(progress::progress(ledger, since, &moment, only, &mut paired)?),
        None => None,
    };
    let mut items: Vec<Duplicate> = paired.into_iter().map(|(_, item)| item).collect();
    items.sort_by(|a, b| {
        let place = |it: &'_ Duplicate| {
            let first = it.server_accounts.first().cloned().unwrap_or_default();
            (it.level, first.host, first.id.unwrap_or_default())
        };
        let ((level_a, host_a, id_a), (level_b, host_b, id_b)) = (place(a), place(b));
        (level_a, host_a).cmp(&(level_b, host_b)).then_with(|| compare_ids(&id_a, &id_b))
    });
    let summary = Summary { counts, licenses: counts.certain + counts.likely };
    let mut warnings = warnings(ledger, &moment)?;
    warnings.extend(absent::warnings(ledger, &moment)?);
    let has_cloud = moment.enterprises.iter().any(|it| it.cloud.is_some());
    Ok(Duplicates {
        schema: "oneseat.duplicates/1",
        sources_known: has_cloud && moment.missing.is_empty(),
        as_of: at,
        known_on: ledger.known_on,
        billing: billing(&moment),
        warnings,
        summary,
        progress,
        items,
    })
}

impl Duplicates {
    /// The findings in their order, without words.
    pub(super) fn outlines(&self) -> impl Iterator<Item = FindingOutline<'_>> {
        self.items.iter().map(|item| FindingOutline {
            confidence: item.confidence,
            codes: item.evidence.iter().map(|it| it.code.name()).collect(),
            actor: item.fix.actor,
            host: item.fixes.first().and_then(|fix| fix.host.as_deref()),
            about: &item.about,
        })
    }

    /// Drops the findings below this confidence from the items. The summary still counts them.
    #[must_use]
    pub fn at_least(mut self, level: Confidence) -> Duplicates {
        self.items.retain(|item| item.level <= level);
        self
    }

    /// Whether there is a finding of at least this confidence, shown or not.
    pub fn has(&self, level: Confidence) -> bool {
        let DuplicateCounts { certain, likely, possible } = self.summary.counts;
        let counts = [
            (Confidence::Certain, certain),
            (Confidence::Likely, likely),
            (Confidence::Possible, possible),
        ];
        counts.into_iter().any(|(its, count)| its <= level && count > 0)
    }
}

impl Answer for Duplicates {
    const LIST: Option<&'static str> = Some("items");
    const COLUMNS: Columns = Duplicate::COLUMNS;

    fn rows(&self, visitor: &mut impl RowVisitor) -> Result<()> {
        visitor.all(&self.items)
    }

    fn rests_on(&self) -> Vec<String> {
        known_on_told(self.known_on).into_iter().chain(billing_told(&self.billing)).collect()
    }

    fn page(&self) -> Page {
        let compared = self.progress.is_some();
        let mut columns = vec!["Sure", "Server account", "Same as", "Who", "Fix", "Since"];
        columns.extend(compared.then_some("Status"));
        let mut table = Table::new(&columns);
        for item in &self.items {
            let fixed = item.how.as_ref();
            let mut row: Vec<Cell> = vec![
                item.confidence.into(),
                item.accounts_shown().into(),
                item.same_as().into(),
                if fixed.is_some() { Cell::Absent } else { item.fix.actor.into() },
                fixed.cloned().unwrap_or_else(|| item.all_to_do()).into(),
                item.since.or(item.fixed_at).map(|at| at.to_string()).into(),
            ];
            row.extend(compared.then(|| Cell::from(item.status_shown())));
            table.rows.push(row);
        }
        let DuplicateCounts { certain, likely, possible } = self.summary.counts;
        let closing = match self.summary.licenses {
            0 if possible == 0 && !self.sources_known => {
                "Nobody is known to take two licenses: not every source has a file in force."
                    .to_owned()
            }
            0 if possible == 0 && !self.warnings.is_empty() => {
                "Nobody is known to take two licenses.".to_owned()
            }
            0 if possible == 0 => "Nobody takes two licenses.".to_owned(),
            0 => format!(
                "No duplicate is certain or likely; {} worth checking.",
                agreeing(possible, "possible one", ["is", "are"])
            ),
            count => {
                format!(
                    "{} too many: {} certain, {} likely. Besides, {} worth checking. \
                     `--into DIR` writes the fixes as lists to send; the next sync and the next \
                     import show which have worked. `--json` has the evidence for each.",
                    agreeing(count, "license", ["is", "are"]),
                    grouped(certain),
                    grouped(likely),
                    agreeing(possible, "possible one", ["is", "are"])
                )
            }
        };
        let mut closing = vec![closing];
        closing.splice(0..0, self.progress.iter().flat_map(FindingProgress::told));
        closing.extend(self.warnings.iter().map(|warning| format!("! {}", warning.message)));
        let tables = if self.items.is_empty() { Vec::new() } else { vec![table] };
        Page {
            headline: format!("People who would take two licenses, as of {}", self.as_of),
            tables,
            closing,
        }
    }
}
