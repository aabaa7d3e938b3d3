//! `oneseat duplicates`: the people who would take two licenses, the evidence, and the fixes (interface.md
//! section 3, counting.md section 5). `teller` reads the names and addresses that are printed, `words` writes
//! the sentences, `since` and `progress` compare with other instants, and `lists` sorts the fixes by actor.

mod apart;
mod fate;
mod fixes;
mod lists;
mod progress;
mod since;
mod teller;
mod together;
mod words;

use serde::Serialize;

use super::absent;
use super::basis::{Billing, billing, billing_told, known_on_told};
use super::consumption::warnings;
use crate::code::EvidenceCode;
use crate::error::{Error, Result};
use crate::ledger::DuplicateCounts;
use crate::ledger::{AsOf, Asked, Enterprise, Ledger};
use crate::model::{Instant, compare_ids};
use crate::people::{Confidence, Evidence, Finding};
use crate::table::{Answer, Cell, Page, Table, counted, grouped};
use crate::warning::Warning;
use progress::FindingProgress;
use teller::{CloudSide, FindingDetails, ServerSide};
use words::{Fix, FullFix};

pub(super) use since::Mark;
pub(super) use together::{FindingSide, Findings, Together};

pub use lists::{FixList, ListScope as ListsAbout, Lists, is_list_name};

/// The answer of `duplicates`: the findings at an instant, with their summary.
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
    /// Present with `--since`.
    progress: Option<FindingProgress>,
    items: Vec<Duplicate>,
}

/// A finding with the mark by which it is recognized at another instant.
type Paired = (Mark, Duplicate);

/// The number of findings by confidence, including those that are not shown.
#[derive(Debug, Clone, Copy, Default, Serialize)]
struct Summary {
    #[serde(flatten)]
    counts: DuplicateCounts,
    /// The number of certain and likely findings.
    licenses: u64,
}

/// One person who would take two licenses.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Duplicate {
    confidence: &'static str,
    #[serde(skip)]
    level: Confidence,
    server_accounts: Vec<ServerSide>,
    cloud_account: Option<CloudSide>,
    other_server_accounts: Vec<ServerSide>,
    invitation: Option<String>,
    candidates: Vec<CloudSide>,
    candidates_total: u64,
    evidence: Vec<Proof>,
    pub(super) nearest_miss: String,
    pub(super) fix: Fix,
    pub(super) fixes: Vec<FullFix>,
    since: Option<Instant>,
    /// `new`, `open`, `back` or `fixed`; present with `--since`.
    status: Option<&'static str>,
    /// The instant of the first snapshot without the finding.
    fixed_at: Option<Instant>,
    /// What ended the finding, in words.
    how: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Proof {
    code: EvidenceCode,
    detail: String,
}

impl Proof {
    pub(super) fn told(&self) -> String {
        format!("{}: {}", self.code, self.detail)
    }
}

/// The findings of an enterprise whose marks are wanted, as they are printed. `since` is not yet filled in.
///
/// # Errors
/// If the database cannot be read.
fn paired(
    ledger: &Ledger<'_>,
    enterprise: &Enterprise<'_>,
    findings: &[Finding],
    is_wanted: impl Fn(&Mark) -> Result<bool>,
) -> Result<Vec<Paired>> {
    let teller = FindingDetails::new(ledger, enterprise);
    let steps = fixes::fixes(enterprise, findings, &|key| teller.address(key));
    let mut told = Vec::new();
    for (finding, steps) in findings.iter().zip(steps) {
        let mark = Mark::of(enterprise, finding);
        if is_wanted(&mark)? {
            told.push((mark, teller.item(finding, &steps)?));
        }
    }
    Ok(told)
}

/// The evidence as it is printed.
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

/// Answers `duplicates`, compared with an earlier instant if there is one.
///
/// # Errors
/// [`crate::error::ErrorKind::Nothing`] if nothing is in force at the instant;
/// [`crate::error::ErrorKind::Usage`] if `compared_with` is later than it; if the database cannot be read.
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
        paired.extend(self::paired(ledger, enterprise, &findings, |_| Ok(true))?);
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
    /// Drops the findings below this confidence. The summary still counts them.
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

    fn example() -> Duplicates {
        Duplicates {
            schema: "oneseat.duplicates/1",
            sources_known: true,
            as_of: Instant::default(),
            known_on: None,
            billing: Vec::new(),
            warnings: Vec::new(),
            summary: Summary::default(),
            progress: Some(FindingProgress::default()),
            items: vec![Duplicate::example()],
        }
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
            let invited = item.invitation.iter().map(|address| format!("invitation to {address}"));
            let servers = item.server_accounts.iter().map(ServerSide::shown);
            let servers: Vec<String> = match item.server_accounts.len() {
                0 => invited.collect(),
                _ => servers.collect(),
            };
            let fixed = item.how.as_ref();
            let mut row: Vec<Cell> = vec![
                item.confidence.into(),
                servers.join("\n").into(),
                item.same_as().into(),
                if fixed.is_some() { Cell::Absent } else { item.fix.actor.into() },
                fixed.cloned().unwrap_or_else(|| item.all_to_do()).into(),
                item.since.or(item.fixed_at).map(|at| at.to_string()).into(),
            ];
            row.extend(compared.then(|| Cell::from(item.status)));
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
                are(possible, "possible one")
            ),
            count => {
                let people = match count {
                    1 => "1 person takes".to_owned(),
                    many => format!("{} people take", grouped(many)),
                };
                format!(
                    "{people} two licenses: {} certain, {} likely. Besides, {} worth checking. \
                     `--into DIR` writes the fixes as lists to send; the next sync and the next \
                     import show which have worked. `--json` has the evidence for each.",
                    grouped(certain),
                    grouped(likely),
                    are(possible, "possible one")
                )
            }
        };
        let mut closing = vec![closing];
        if let Some(progress) = &self.progress {
            closing.insert(
                0,
                format!(
                    "Since {}: {} new, {} still open, {} back, {} fixed; {} freed.",
                    progress.since,
                    grouped(progress.new),
                    grouped(progress.open),
                    grouped(progress.back),
                    grouped(progress.fixed),
                    counted(progress.licenses_freed, "license")
                ),
            );
        }
        closing.extend(self.warnings.iter().map(|warning| format!("! {}", warning.message)));
        let tables = if self.items.is_empty() { Vec::new() } else { vec![table] };
        Page {
            headline: format!("People who would take two licenses, as of {}", self.as_of),
            tables,
            closing,
        }
    }
}

fn are(number: u64, noun: &str) -> String {
    format!("{} {}", counted(number, noun), if number == 1 { "is" } else { "are" })
}

impl Duplicate {
    /// A finding with every nullable object present.
    pub(super) fn example() -> Duplicate {
        Duplicate {
            confidence: Confidence::Certain.name(),
            level: Confidence::Certain,
            server_accounts: Vec::new(),
            cloud_account: Some(CloudSide::default()),
            other_server_accounts: Vec::new(),
            invitation: None,
            candidates: Vec::new(),
            candidates_total: 0,
            evidence: Vec::new(),
            nearest_miss: String::new(),
            fix: Fix::default(),
            fixes: Vec::new(),
            since: Some(Instant::default()),
            status: None,
            fixed_at: Some(Instant::default()),
            how: None,
        }
    }

    /// The first fixes, one on a line, for the table.
    fn all_to_do(&self) -> String {
        const SHOWN: usize = 3;
        let mut told: Vec<String> =
            self.fixes.iter().take(SHOWN).map(|fix| fix.action.clone()).collect();
        if told.is_empty() {
            told.push(self.fix.action.clone());
        }
        if let more @ 1.. = self.fixes.len().saturating_sub(SHOWN) {
            told.push(format!("and {more} more accounts: `--json` names all"));
        }
        told.join(";\n")
    }

    /// The confidence and the accounts, for a sentence.
    pub(super) fn told(&self) -> String {
        let servers: Vec<String> = self.server_accounts.iter().map(ServerSide::shown).collect();
        let one = match (&self.invitation, servers.as_slice()) {
            (Some(address), []) => format!("the invitation to {address}"),
            (_, servers) => servers.join(" and "),
        };
        format!("{}: {one} and {}", self.confidence, self.same_as())
    }

    pub(super) fn is_same(&self, other: &Duplicate) -> bool {
        self.server_accounts == other.server_accounts && self.invitation == other.invitation
    }

    /// What the finding costs, in a sentence.
    pub(super) fn closing(&self) -> String {
        let sure = match self.level {
            Confidence::Certain => "Two licenses are taken where one would do",
            Confidence::Likely => "Two licenses are taken, likely by one person",
            Confidence::Possible => "Two licenses are taken, possibly by one person",
        };
        format!("{sure} ({}).", self.told())
    }

    /// The accounts of the other seat, for the table.
    fn same_as(&self) -> String {
        let names: Vec<String> = match self.candidates.len() {
            0 => self.other_server_accounts.iter().map(ServerSide::shown).collect(),
            _ => self.candidates.iter().map(CloudSide::shown).collect(),
        };
        let more = self.candidates_total.saturating_sub(self.candidates.len() as u64);
        let names = names.join(" or ");
        if more == 0 { names } else { format!("{names} or {} others", grouped(more)) }
    }
}
