//! `oneseat duplicates`: the people who would take two licenses, why, and how to fix each
//! (interface.md section 3, counting.md section 5). `teller` fetches the names and addresses of
//! what is printed, `words` makes the sentences.

mod teller;
mod words;

use serde::Serialize;

use super::consumption::DuplicateCounts;
use super::moment::{Asked, Ledger};
use crate::error::Result;
use crate::model::{Instant, compare_ids};
use crate::people::Confidence;
use crate::table::{Answer, Page, Table};
use teller::{CloudSide, ServerSide, Teller};
use words::Fix;

/// The answer.
#[derive(Debug, Clone, Serialize)]
pub struct Duplicates {
    schema: &'static str,
    as_of: Instant,
    summary: Summary,
    items: Vec<Item>,
}

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
struct Item {
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
    nearest_miss: String,
    fix: Fix,
    since: Option<Instant>,
}

#[derive(Debug, Clone, Serialize)]
struct Proof {
    code: &'static str,
    detail: String,
}

/// Answers the question.
///
/// # Errors
/// [`crate::error::Kind::Nothing`] if nothing is in force then; if the database cannot be read.
pub fn duplicates(ledger: &Ledger<'_>, asked: &Asked) -> Result<Duplicates> {
    if let Some(name) = &asked.enterprise {
        ledger.check_enterprise(name)?;
    }
    let at = ledger.instant(asked.as_of)?;
    let moment = ledger.moment(at, asked.enterprise.as_deref())?;
    let mut items = Vec::new();
    for enterprise in &moment.enterprises {
        let teller = Teller::new(ledger, enterprise);
        for finding in ledger.findings(at, enterprise)? {
            items.push(teller.item(&finding)?);
        }
    }
    items.sort_by(|a, b| {
        let place = |it: &'_ Item| {
            let first = it.server_accounts.first().cloned().unwrap_or_default();
            (it.level, first.host, first.id.unwrap_or_default())
        };
        let ((level_a, host_a, id_a), (level_b, host_b, id_b)) = (place(a), place(b));
        (level_a, host_a).cmp(&(level_b, host_b)).then_with(|| compare_ids(&id_a, &id_b))
    });
    let mut counts = DuplicateCounts::default();
    items.iter().for_each(|item| counts.add(item.level));
    let summary = Summary { counts, licenses: counts.certain + counts.likely };
    Ok(Duplicates { schema: "oneseat.duplicates/1", as_of: at, summary, items })
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
        let item = Item {
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
            since: Some(Instant::default()),
        };
        Duplicates {
            schema: "oneseat.duplicates/1",
            as_of: Instant::default(),
            summary: Summary::default(),
            items: vec![item],
        }
    }

    fn page(&self) -> Page {
        let mut table = Table::new(&["Sure", "Server account", "Same as", "Who", "Fix"]);
        for item in &self.items {
            let invited = item.invitation.iter().map(|address| format!("invitation to {address}"));
            let servers = item.server_accounts.iter().map(ServerSide::shown);
            let servers: Vec<String> = match item.server_accounts.len() {
                0 => invited.collect(),
                _ => servers.collect(),
            };
            table.rows.push(vec![
                item.confidence.into(),
                servers.join("\n").into(),
                item.same_as().into(),
                item.fix.actor.into(),
                item.fix.action.as_str().into(),
            ]);
        }
        let DuplicateCounts { likely, possible, .. } = self.summary.counts;
        let closing = match self.summary.licenses {
            0 if possible == 0 => "Nobody takes two licenses.".to_owned(),
            0 => format!("Nobody takes two licenses for sure; {possible} are worth a look."),
            count => format!(
                "{count} licenses too many, {likely} of them likely and the rest certain; \
                 {possible} more are worth a look. Hand out the fixes; the next sync and the next \
                 import show which have worked. `--json` has the evidence for each."
            ),
        };
        let tables = if self.items.is_empty() { Vec::new() } else { vec![table] };
        Page {
            headline: format!("People who would take two licenses, as of {}", self.as_of),
            tables,
            closing: vec![closing],
        }
    }
}

impl Item {
    /// Who it is the same person as, for the table.
    fn same_as(&self) -> String {
        let names: Vec<String> = match self.candidates.len() {
            0 => self.other_server_accounts.iter().map(ServerSide::shown).collect(),
            _ => self.candidates.iter().map(CloudSide::shown).collect(),
        };
        let more = self.candidates_total.saturating_sub(self.candidates.len() as u64);
        let names = names.join(" or ");
        if more == 0 { names } else { format!("{names} or {more} others") }
    }
}
