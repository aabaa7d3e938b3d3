//! `oneseat duplicates`: the people who would take two licenses, why, and how to fix each
//! (interface.md section 3, counting.md section 5). `teller` fetches the names and addresses of
//! what is printed, `words` makes the sentences, `since` and `progress` compare with other instants,
//! `lists` sorts by who must act.

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
use super::consumption::{Warning, warnings};
use crate::error::{Error, Result};
use crate::ledger::DuplicateCounts;
use crate::ledger::{AsOf, Asked, Enterprise, Ledger};
use crate::model::{Instant, compare_ids};
use crate::people::{Confidence, Evidence, Finding};
use crate::table::{Answer, Cell, Page, Table, counted, grouped};
use progress::FindingProgress;
use teller::{CloudSide, FindingDetails, ServerSide};
use words::{Fix, FullFix};

pub(super) use since::Mark;
pub(super) use together::{FindingSide, Findings, Together};

pub use lists::{FixList, ListScope as ListsAbout, Lists, is_list_name};

/// The answer.
#[derive(Debug, Clone, Serialize)]
pub struct Duplicates {
    schema: &'static str,
    as_of: Instant,
    known_on: Option<Instant>,
    /// Has every source a file in force, and is Cloud among them? Else nobody found is not nobody.
    #[serde(skip)]
    sources_known: bool,
    /// How each enterprise pays.
    #[serde(skip)]
    billing: Vec<Billing>,
    /// What to know about it.
    warnings: Vec<Warning>,
    summary: Summary,
    /// What became of findings since an instant, if that is asked.
    progress: Option<FindingProgress>,
    items: Vec<Duplicate>,
}

/// A finding, and what makes it the same at another instant.
type Paired = (Mark, Duplicate);

/// Findings by confidence, whichever of them are shown.
#[derive(Debug, Clone, Copy, Default, Serialize)]
struct Summary {
    #[serde(flatten)]
    counts: DuplicateCounts,
    /// Those that are certain or likely.
    licenses: u64,
}

/// One person who would take a license too many.
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
    /// `new`, `open`, `back` or `fixed`, where findings are compared with an earlier instant.
    status: Option<&'static str>,
    /// The first snapshot that shows that it is fixed.
    fixed_at: Option<Instant>,
    /// How it was fixed.
    how: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Proof {
    code: &'static str,
    detail: String,
}

impl Proof {
    /// The code and the sentence.
    pub(super) fn told(&self) -> String {
        format!("{}: {}", self.code, self.detail)
    }
}

/// The findings of an enterprise as they are printed, each with what makes it the same at another
/// instant, as far as they are wanted; since when they are so is not told yet.
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

/// Evidence as it is printed.
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

/// Answers the question.
///
/// # Errors
/// [`crate::error::Kind::Nothing`] if nothing is in force then; [`crate::error::Kind::Usage`] if it is
/// compared with a later instant than the one named; if the database cannot be read.
pub fn duplicates(
    ledger: &Ledger<'_>,
    asked: &Asked,
    compared_with: Option<Instant>,
) -> Result<Duplicates> {
    let at = ledger.asked(asked)?;
    if let Some(since) = compared_with.filter(|since| *since > at) {
        let asked = if let AsOf::At(_) = asked.as_of { "--as-of " } else { "" };
        return Err(Error::usage(format!("--since {since} is after {asked}{at}"))
            .hint("the earlier one is --since; what is asked about is --as-of, else the latest"));
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
    /// Only the findings at this level or surer; the summary stays what it is.
    #[must_use]
    pub fn at_least(mut self, level: Confidence) -> Duplicates {
        self.items.retain(|item| item.level <= level);
        self
    }

    /// Is there a finding at this level or surer?
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
                "Nobody takes two licenses for sure; {} worth a look.",
                are(possible, "possible one")
            ),
            count => format!(
                "{} too many, {} certain and {} likely; {} worth a look besides. Hand out the \
                 fixes; the next sync and the next import show which have worked. `--json` has the \
                 evidence for each.",
                counted(count, "license"),
                grouped(certain),
                grouped(likely),
                are(possible, "possible one")
            ),
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

/// So many are.
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

    /// Everything that must be done, for a table: of many things the first ones.
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

    /// How sure it is, and who it is.
    pub(super) fn told(&self) -> String {
        let servers: Vec<String> = self.server_accounts.iter().map(ServerSide::shown).collect();
        let one = match (&self.invitation, servers.as_slice()) {
            (Some(address), []) => format!("the invitation to {address}"),
            (_, servers) => servers.join(" and "),
        };
        format!("{}: {one} and {}", self.confidence, self.same_as())
    }

    /// Is it the same finding?
    pub(super) fn is_same(&self, other: &Duplicate) -> bool {
        self.server_accounts == other.server_accounts && self.invitation == other.invitation
    }

    /// What it means for licenses, in a sentence.
    pub(super) fn closing(&self) -> String {
        let sure = match self.level {
            Confidence::Certain => "Two licenses are taken where one would do",
            Confidence::Likely => "Two licenses are taken, likely by one person",
            Confidence::Possible => "Two licenses are taken, possibly by one person",
        };
        format!("{sure} ({}).", self.told())
    }

    /// Who it is the same person as, for the table.
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
