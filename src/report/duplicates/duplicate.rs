//! A duplicate as `duplicates` and `explain` print it: the accounts, the evidence and the fixes of one person.

use serde::Serialize;

use super::sides::{CloudSide, ServerSide};
use super::words::{Fix, FullFix};
use crate::code::EvidenceCode;
use crate::model::Instant;
use crate::people::Confidence;
use crate::report::concerned::Concerned;
use crate::table::{CellKind, Columns, counted};

/// One finding of `duplicates`: a person who takes, or would take, two licenses.
#[derive(Debug, Clone, Serialize)]
pub(in crate::report) struct Duplicate {
    pub(super) confidence: &'static str,
    #[serde(skip)]
    pub(super) level: Confidence,
    pub(super) server_accounts: Vec<ServerSide>,
    pub(super) cloud_account: Option<CloudSide>,
    pub(super) other_server_accounts: Vec<ServerSide>,
    pub(super) invitation: Option<String>,
    pub(super) candidates: Vec<CloudSide>,
    pub(super) candidates_total: u64,
    pub(super) evidence: Vec<Proof>,
    pub(in crate::report) nearest_miss: String,
    pub(in crate::report) fix: Fix,
    pub(in crate::report) fixes: Vec<FullFix>,
    pub(super) since: Option<Instant>,
    /// How the finding compares with the instant of `--since`: `new`, `open`, `back` or `fixed`; `None` if the
    /// user gave no `--since`.
    pub(super) status: Option<&'static str>,
    /// Was the finding only likely or possible at the instant of `--since`, and is it certain at the as-of
    /// instant?
    #[serde(skip)]
    pub(super) became_certain: bool,
    /// The instant of the first snapshot without the finding; `None` unless the finding was fixed.
    pub(super) fixed_at: Option<Instant>,
    /// What ended the finding, in words; `None` unless the finding was fixed.
    pub(super) how: Option<String>,
    /// The accounts whose seats the finding is about.
    #[serde(skip)]
    pub(in crate::report) about: Concerned,
}

impl Duplicate {
    pub(in crate::report) const COLUMNS: Columns = &[
        ("confidence", CellKind::Text),
        ("server_accounts", CellKind::List),
        ("cloud_account", CellKind::Object(CloudSide::COLUMNS)),
        ("other_server_accounts", CellKind::List),
        ("invitation", CellKind::Text),
        ("candidates", CellKind::List),
        ("candidates_total", CellKind::Whole),
        ("evidence", CellKind::List),
        ("nearest_miss", CellKind::Text),
        ("fix", CellKind::Object(Fix::COLUMNS)),
        ("fixes", CellKind::List),
        ("since", CellKind::Instant),
        ("status", CellKind::Text),
        ("fixed_at", CellKind::Instant),
        ("how", CellKind::Text),
    ];
}

#[derive(Debug, Clone, Serialize)]
pub(in crate::report) struct Proof {
    pub(super) code: EvidenceCode,
    pub(super) detail: String,
}

impl Proof {
    pub(in crate::report) fn told(&self) -> String {
        format!("{}: {}", self.code, self.detail)
    }
}

impl Duplicate {
    /// Does the finding's certainty rest on an entry of an employee directory alone?
    pub(super) fn rests_on_directory(&self) -> bool {
        let is_other = |it: &Proof| {
            matches!(
                it.code,
                EvidenceCode::Declared
                    | EvidenceCode::SecondaryEmail
                    | EvidenceCode::LinkedBefore
                    | EvidenceCode::VisualStudioEmail
                    | EvidenceCode::SharedAddress
            )
        };
        let is_directory = |it: &Proof| it.code == EvidenceCode::SameDirectoryEntry;
        self.evidence.iter().any(is_directory) && !self.evidence.iter().any(is_other)
    }

    /// The status of the finding as the table shows it. It also says whether the finding has become certain.
    pub(super) fn status_shown(&self) -> Option<&'static str> {
        match self.became_certain {
            true => Some("open, certain now"),
            false => self.status,
        }
    }

    /// What to do about the finding, for the table: the actions of its first fixes, one per line.
    pub(super) fn all_to_do(&self) -> String {
        const SHOWN: usize = 3;
        let mut told: Vec<String> =
            self.fixes.iter().take(SHOWN).map(|fix| fix.action.clone()).collect();
        if told.is_empty() {
            told.push(self.fix.action.clone());
        }
        if let more @ 1.. = self.fixes.len().saturating_sub(SHOWN) {
            told.push(format!(
                "and {}: `--json` names all of them",
                counted(more as u64, "more account")
            ));
        }
        told.join(";\n")
    }

    /// The finding in a sentence, with its confidence and its accounts.
    pub(in crate::report) fn told(&self) -> String {
        let servers: Vec<String> = self.server_accounts.iter().map(ServerSide::shown).collect();
        let one = match (&self.invitation, servers.as_slice()) {
            (Some(address), []) => format!("the invitation to {address}"),
            (None, []) => self.cloud_account.as_ref().map_or_else(String::new, CloudSide::shown),
            (_, servers) => servers.join(" and "),
        };
        format!("{}: {one} and {}", self.confidence, self.same_as())
    }

    pub(in crate::report) fn is_same(&self, other: &Duplicate) -> bool {
        // Only a finding about two Cloud accounts has neither a Server account nor an invitation. Its only
        // candidate is the second account.
        let second = |it: &Duplicate| match (&it.invitation, it.server_accounts.as_slice()) {
            (None, []) => it.candidates.first().map(|second| second.login.clone()),
            _ => None,
        };
        self.server_accounts == other.server_accounts
            && self.invitation == other.invitation
            && second(self) == second(other)
    }

    /// The accounts that the finding is about, as the table shows them.
    pub(super) fn accounts_shown(&self) -> String {
        let shown: Vec<String> = match (self.server_accounts.as_slice(), &self.invitation) {
            ([], Some(address)) => vec![format!("invitation to {address}")],
            ([], None) => {
                let account = self.cloud_account.iter();
                account.map(|it| format!("{} on Cloud", it.shown())).collect()
            }
            (servers, _) => servers.iter().map(ServerSide::shown).collect(),
        };
        shown.join("\n")
    }

    /// The sentence that two licenses are taken where one would do, as certainly as the finding is known.
    pub(in crate::report) fn closing(&self) -> String {
        let sure = match self.level {
            Confidence::Certain => "Two licenses are taken where one would do",
            Confidence::Likely => "Two licenses are taken, likely by one person",
            Confidence::Possible => "Two licenses are taken, possibly by one person",
        };
        format!("{sure} ({}).", self.told())
    }

    /// The accounts of the finding's other seat, as the table shows them. If it is not known which seat that
    /// is, its candidates.
    pub(super) fn same_as(&self) -> String {
        let names: Vec<String> = match self.candidates.len() {
            0 => self.other_server_accounts.iter().map(ServerSide::shown).collect(),
            _ => self.candidates.iter().map(CloudSide::shown).collect(),
        };
        let more = self.candidates_total.saturating_sub(self.candidates.len() as u64);
        let names = names.join(" or ");
        if more == 0 { names } else { format!("{names} or {}", counted(more, "other")) }
    }
}
