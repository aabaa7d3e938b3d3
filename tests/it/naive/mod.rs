//! A second, naive implementation of counting.md, sections 1 to 6 with the declarations of section 8, and of the
//! evidence of employee directories (directory.md section 2). It is
//! obvious, slow and literal, and written from the rules alone, so that the real one can be compared with it.
//! Each function names the rule that it follows. It may assume well-formed imports, and at most one snapshot of
//! a source at an instant that is neither voided nor partial. It must not use the crate that it checks.

pub mod certain;
pub mod cloud;
pub mod count;
pub mod coverage;
pub mod directory;
pub mod evidence;
pub mod follow;
pub mod force;
pub mod likeness;
pub mod links;
pub mod matching;
pub mod missing;
pub mod movement;
pub mod server;
pub mod settings;
pub mod words;

use coverage::Seen;
use evidence::Finding;
use missing::Missing;
use serde_json::{Value, json};
pub use settings::{Setting, Settings};
use std::collections::BTreeSet;

/// A source, by its kind and name (counting.md section 1, "Kinds of source").
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// An enterprise. Content: an array of the report's user objects.
    Cloud { enterprise: String },
    /// An instance, from its own files. Content: an array of `{id, login, name, suspended, emails: [{email,
    /// primary}]}`.
    Server { host: String },
    /// An instance, as Cloud knows it. Content: as for `Server`, without `suspended`.
    ServerAsSynced { host: String },
    /// An export with encrypted users. No content.
    ServerInfo { host: String },
    /// The last syncs of instances. Content: an array of `{hostname, date, status, error}`, with the date in
    /// seconds.
    SyncStatus { enterprise: String },
    /// An employee directory. Content: an array of `{id, emails, logins, server_logins: {HOST: LOGIN}, active}`.
    Directory { name: String },
}

impl Kind {
    /// Section 1, "Kinds of source": the other kinds never come into force.
    pub fn holds_accounts(&self) -> bool {
        matches!(self, Kind::Cloud { .. } | Kind::Server { .. } | Kind::ServerAsSynced { .. })
    }

    /// The host of the instance, for the kinds that have one.
    pub fn host(&self) -> Option<&String> {
        match self {
            Kind::Server { host } | Kind::ServerAsSynced { host } | Kind::ServerInfo { host } => {
                Some(host)
            }
            Kind::Cloud { .. } | Kind::SyncStatus { .. } | Kind::Directory { .. } => None,
        }
    }

    /// The same kind of source of another instance.
    pub fn of(&self, host: String) -> Kind {
        match self {
            Kind::Server { .. } => Kind::Server { host },
            Kind::ServerAsSynced { .. } => Kind::ServerAsSynced { host },
            Kind::ServerInfo { .. } => Kind::ServerInfo { host },
            Kind::Cloud { .. } | Kind::SyncStatus { .. } | Kind::Directory { .. } => self.clone(),
        }
    }
}

/// One snapshot as it was imported, under the name that the import used.
#[derive(Clone, Debug)]
pub struct Imported {
    pub kind: Kind,
    pub taken_at: i64,
    pub partial: bool,
    pub voided: bool,
    pub content: Value,
    /// `total_seats_consumed` and `total_seats_purchased`, if the file states them.
    pub totals: Option<(i64, i64)>,
}

/// The billing model, which decides whether a pending invitation takes a license (counting.md section 3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BillingModel {
    #[default]
    Volume,
    Metered,
    Emu,
}

/// The numbers that add up over enterprises, with the names of `oneseat consumption --json`.
#[derive(Clone, Debug, Default)]
pub struct Consumption {
    pub cloud_only: usize,
    pub cloud_and_server: usize,
    pub server_only: usize,
    pub server_only_never_synced: usize,
    pub pending_invitations: usize,
    pub visual_studio: usize,
    pub by_manual: usize,
    pub by_saml_name_id: usize,
    pub by_verified_email: usize,
    pub by_reported: usize,
    pub cloud_accounts: usize,
    pub server_accounts: usize,
    pub server_not_counted: usize,
    /// `total_seats_consumed` and `total_seats_purchased` as stated, if every enterprise states them.
    pub reported: Option<(i64, i64)>,
    pub warnings: BTreeSet<&'static str>,
    /// The sources without a snapshot in force.
    pub sources_missing: BTreeSet<Missing>,
    /// The rows in force that state that their license has ended.
    pub licenses_ended: usize,
    /// The findings, from certain to possible, each level in the order of host and id.
    pub findings: Vec<Finding>,
}

impl Consumption {
    /// Cloud seats + unmatched Server groups (section 4); each seat is of exactly one kind.
    pub fn consumed(&self) -> usize {
        self.cloud_only + self.cloud_and_server + self.server_only
    }

    /// The keys of `oneseat consumption` that this implementation knows.
    pub fn json(&self) -> Value {
        json!({
            "consumed": self.consumed(),
            "purchased": self.reported.map(|(_, purchased)| purchased),
            "reported": self.reported.map(|(consumed, purchased)| json!({"consumed": consumed, "purchased": purchased})),
            "seats": {
                "cloud_only": self.cloud_only,
                "cloud_and_server": self.cloud_and_server,
                "server_only": self.server_only,
            },
            "server_only_never_synced": self.server_only_never_synced,
            "pending_invitations": self.pending_invitations,
            "visual_studio": self.visual_studio,
            "matched_by": {
                "manual": self.by_manual,
                "saml_name_id": self.by_saml_name_id,
                "verified_email": self.by_verified_email,
                "reported": self.by_reported,
            },
            "accounts": {
                "cloud": self.cloud_accounts,
                "server": self.server_accounts,
                "server_not_counted": self.server_not_counted,
            },
            "duplicates": {
                "certain": self.found("certain"),
                "likely": self.found("likely"),
                "possible": self.found("possible"),
            },
            "sources_missing": self.sources_missing.iter().map(Missing::json).collect::<Value>(),
            "warnings": self.warnings,
        })
    }

    /// Section 1: without `--enterprise` the answer is the sum.
    fn add(&mut self, other: Consumption) {
        self.cloud_only += other.cloud_only;
        self.cloud_and_server += other.cloud_and_server;
        self.server_only += other.server_only;
        self.server_only_never_synced += other.server_only_never_synced;
        self.pending_invitations += other.pending_invitations;
        self.visual_studio += other.visual_studio;
        self.by_manual += other.by_manual;
        self.by_saml_name_id += other.by_saml_name_id;
        self.by_verified_email += other.by_verified_email;
        self.by_reported += other.by_reported;
        self.cloud_accounts += other.cloud_accounts;
        self.server_accounts += other.server_accounts;
        self.server_not_counted += other.server_not_counted;
        self.warnings.extend(other.warnings);
        self.sources_missing.extend(other.sources_missing);
        self.licenses_ended += other.licenses_ended;
        self.findings.extend(other.findings);
        self.findings.sort();
    }

    /// The number of findings at a level.
    fn found(&self, confidence: &str) -> usize {
        self.findings.iter().filter(|finding| finding.confidence == confidence).count()
    }
}

/// The answer at the instant `at`, for one enterprise or for all; `None` if nothing is known. `seen` notes the
/// rules that took part in it.
pub fn consumption(
    imported: &[Imported],
    settings: &Settings,
    at: i64,
    enterprise: Option<&str>,
    seen: &Seen,
) -> Option<Consumption> {
    let question = force::Question::new(imported, settings, at, seen);
    if !question.is_known(enterprise) {
        return None;
    }
    let mut sum = Consumption::default();
    for party in question.parties() {
        if enterprise.is_none() || party.enterprise.as_deref() == enterprise {
            sum.add(count::count(&question, &party));
        }
    }
    sum.sources_missing = question.missing(enterprise);
    sum.reported = question.reported(enterprise);
    Some(sum)
}

/// interface.md section 1, `latest`: the greatest `taken_at` among snapshots that are neither voided nor
/// partial, including facts.
pub fn latest(imported: &[Imported], seen: &Seen) -> Option<i64> {
    let whole = imported.iter().filter(|it| !it.voided && !it.partial);
    let newest = whole.max_by_key(|it| it.taken_at)?;
    let of_accounts = |it: &&Imported| !it.voided && !it.partial && it.kind.holds_accounts();
    let accounts = imported.iter().filter(of_accounts).map(|it| it.taken_at).max();
    if accounts.is_some_and(|accounts| accounts < newest.taken_at) {
        seen.saw("latest: facts newer than the newest accounts");
    }
    Some(newest.taken_at)
}
