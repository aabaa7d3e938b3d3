//! How often each rule, tie, kind of row, form of id and evidence code occurred. The list of names is fixed, so
//! a name that never occurs shows as 0. Noting another name is a mistake in the tests, and fails them.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;

/// The features that a random enterprise needs for something to occur at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    Nothing,
    Voided,
    BillingModels,
    AsSynced,
    SyncStatus,
    Retirement,
    Enterprises,
    Links,
    Repeated,
    Absence,
    WithoutIds,
    OtherNames,
    LaterSettings,
    TakenBack,
    NamedEnterprises,
    Renames,
    LicenseEnd,
    Directories,
}

const NAMES: &[(Needs, &[&str])] = &[
    (
        Needs::Nothing,
        &[
            "snapshot: after the instant",
            "snapshot: partial",
            "snapshot: superseded by a newer one",
            "source: enterprise without a snapshot in force",
            "reported: by a partial snapshot",
            "reported: no enterprise",
            "reported: not by the snapshot in force",
            "reported: not stated",
            "instance belongs to: no enterprise at all",
            "instance belongs to: the only enterprise",
            "instance: Cloud rows about it add no accounts",
            "instance: a snapshot without accounts",
            "instance: accounts from Cloud rows",
            "instance: accounts from its own snapshot",
            "row: Cloud account",
            "row: Server-only",
            "row: Visual Studio only",
            "row: invited by e-mail",
            "row: Server-only with several ids",
            "row: pending, singular role",
            "row: repeated, equal",
            "row: repeated, lists united",
            "row identity: address",
            "row identity: content",
            "row identity: equal invitations without address",
            "row identity: host and id",
            "row identity: invitation without address",
            "row identity: login",
            "id: D",
            "id: D:HOST",
            "id: D:HOST:PORT:Role",
            "id: D:HOST:Role",
            "id: HOST:D",
            "id: HOST:PORT:D",
            "id: host in capitals",
            "bare id: no instance known",
            "bare id: several instances known",
            "bare id: the only instance known",
            "Server-only row without ids and addresses",
            "Server-only row without ids: none or several instances known",
            "Server-only row without ids: the only instance known",
            "unknown host: an address is already there, row adds none",
            "unknown host: row adds its accounts",
            "account: ghost",
            "account: scim-admin",
            "account: suspended",
            "account: without e",
            "candidates: a likely one beside a possible one",
            "missing: a source without a snapshot in force",
            "missing: a host of which no file was ever imported",
            "latest: facts newer than the newest accounts",
            "seat id: no host known",
            "seat id: no host known, by the address",
            "movement: joined",
            "movement: left",
            "movement: matched",
            "movement: unmatched",
            "movement: an instance comes into an enterprise or out of it",
            "rule: saml_name_id",
            "rule: saml_name_id before verified_email",
            "rule: verified_email",
            "rule: an address before reported",
            "rule: reported",
            "not reported: known only through Cloud rows, and the list lacks its address",
            "reported: our file is as old as the last sync",
            "reported: our file is older than the last sync",
            "reported: the row's list contains e",
            "reported: the row's list is empty",
            "not reported: no e, and the row's list is not empty",
            "not reported: the address has changed since the last sync",
            "last sync: by the Cloud snapshot",
            "tie: several candidates whose rows list it, first by login",
            "tie: several candidates, first by login",
            "tie: several candidates, the one whose row lists it",
            "tie: best-matched members attached to different seats",
            "group: an account and a Cloud row's accounts, same e",
            "group: attached to several seats",
            "group: carries a member that matches no rule",
            "group: joined through a third account",
            "group: one Cloud row, one instance",
            "group: one Cloud row, several instances",
            "group: same e on one instance",
            "group: same e on several instances",
            "seat: cloud_and_server",
            "seat: cloud_only",
            "seat: invited by e-mail under volume",
            "seat: pending roles under volume",
            "seat: server_only, listed by a Cloud row",
            "seat: server_only, never synced",
            "seat: Visual Studio license",
            "evidence: linked-before",
            "evidence: linked-before by an earlier snapshot",
            "evidence: linked-before by the snapshot in force",
            "evidence: secondary-email",
            "evidence: shared-address",
            "evidence: visual-studio-email",
            "evidence: same-login",
            "evidence: plus-tag",
            "evidence: other-domain",
            "evidence: saml-username",
            "evidence: invited-by-email",
            "evidence: same-name",
            "evidence: near-email",
            "role or noreply: a login",
            "role or noreply: an address",
            "role or noreply: an invitation",
            "invitation: to a Cloud account",
            "invitation: to an address of several Cloud accounts",
            "too many: candidates by likely evidence",
            "too many: Cloud accounts of an invitation",
            "lowered: a matched account on the same host",
            "tie: likely evidence for several candidates",
            "tie: a candidate that several groups name",
            "possible evidence: alone",
            "possible evidence: beside likely evidence for the same",
            "possible evidence: beside likely evidence for another",
            "no finding: possible evidence that is not one to one",
            "tie: certain evidence for several Cloud accounts",
            "cluster: all but the first group",
            "cluster: with evidence for a Cloud account",
        ],
    ),
    (
        Needs::Voided,
        &["snapshot: voided", "missing: a named host's source, all of which is voided"],
    ),
    (
        Needs::BillingModels,
        &[
            "no seat: invited by e-mail under metered or emu",
            "no seat: pending roles under metered or emu",
        ],
    ),
    (
        Needs::AsSynced,
        &[
            "instance: accounts from its as-synced snapshot",
            "reported: an as-synced file is not newer",
            "evidence: an address known only from the as-synced snapshot",
        ],
    ),
    (
        Needs::SyncStatus,
        &[
            "last sync: a status without success passed over",
            "last sync: by a sync status",
            "named host: by a sync status",
        ],
    ),
    (Needs::Retirement, &["instance: retired"]),
    (
        Needs::Enterprises,
        &[
            "instance belongs to: no enterprise, stands alone",
            "instance belongs to: the enterprise set for it",
            "instance belongs to: the enterprise that lists it",
            "instance belongs to: the newest of the listing enterprises",
            "nothing known: before an enterprise's first snapshot",
        ],
    ),
    (
        Needs::Links,
        &[
            "link: one person",
            "link: matched by GitHub",
            "link: two people",
            "link: not matched by GitHub",
            "link: removed",
            "link: not valid yet",
            "link: removed from a day before it is valid",
            "link: the one valid from latest, not the last declared",
            "link: superseded by a later one",
            "rule: manual",
            "rule: manual before saml_name_id",
            "rule: manual before verified_email",
            "rule: manual, listed by a Cloud row",
            "rule: matches although denied as evidence",
            "tie: several rows linked as matched",
            "not matched: declared so, against saml_name_id",
            "not matched: declared so, against verified_email",
            "not matched: declared so, against reported",
            "evidence: declared",
            "evidence: declared for a Cloud account",
            "evidence: declared for an invitation",
            "evidence: declared between Server groups",
            "evidence: declared between Server groups that share an address",
            "evidence: declared through a matched account",
            "denied: certain evidence",
            "denied: likely evidence",
            "denied: possible evidence",
            "denied: a shared address",
            "denied: an invitation to a Cloud account",
            "denied: an invitation to a Server account",
        ],
    ),
    (
        Needs::Repeated,
        &[
            "address repeated: no e",
            "address repeated: by accounts that take no part",
            "address repeated: no cluster",
            "address repeated: plus-tag",
            "address repeated: other-domain",
            "address repeated: saml-username",
            "address repeated: near-email",
            "address repeated: invited-by-email",
            "lowered: by a repeated address alone",
            "reported: our file is older, a repeated address",
            "reported: the row's list contains the repeated address",
        ],
    ),
    (
        Needs::Absence,
        &[
            "word of absence: a NameID",
            "word of absence: a Visual Studio address",
            "word of absence: a verified address",
            "word of absence: a Server address of a Cloud row",
            "word of absence: a name of nobody",
            "word of absence: but a login or name",
            "word of absence: but a Server login",
            "word of absence: an address of a Server account",
        ],
    ),
    (
        Needs::WithoutIds,
        &[
            "without id: as an earlier file states it",
            "without id: as a later file states it",
            "without id: several accounts had the login",
            "without id: the id is another account's",
            "without id: host and login",
            "seat id: by the login",
        ],
    ),
    (
        Needs::OtherNames,
        &[
            "other name: an alias",
            "other name: an earlier name",
            "other name: given back",
            "other name: of a file",
            "other name: in a Cloud row",
        ],
    ),
    (
        Needs::LaterSettings,
        &[
            "other name: before it was an alias",
            "setting: not valid yet",
            "setting: among equals the last declared",
            "setting: a later one valid from later",
            "setting: the one valid from latest, not the last declared",
            "enterprise: retired",
        ],
    ),
    (Needs::TakenBack, &["retirement: taken back", "retirement: taken back before it began"]),
    (
        Needs::NamedEnterprises,
        &["enterprise: only named by a setting", "missing: an enterprise that a setting names"],
    ),
    (
        Needs::Renames,
        &[
            "follow: a renamed login, the same NameID",
            "follow: a login that is there again",
            "evidence: linked-before under another login",
            "link: follows a renamed login",
            "movement: a renamed login",
            "movement: a NameID on several accounts",
            "movement: an account made again",
        ],
    ),
    (
        Needs::LicenseEnd,
        &[
            "license ended: not active",
            "license ended: its end is before the instant",
            "license: its end is still to come",
        ],
    ),
    (
        Needs::Directories,
        &[
            "evidence: same-directory-entry",
            "directory: an active entry",
            "directory: an inactive entry",
            "directory: an entry that does not say",
            "directory: an address or login of two entries",
            "directory: a role word",
            "directory: by a login on Cloud alone",
            "directory: by a login on an instance alone",
            "directory: a Server group and a Cloud account",
            "directory: a Server group and an invitation",
            "directory: two Server groups",
            "directory: two Cloud accounts",
            "directory: a Cloud account and an invitation",
            "directory: an invitation that is likely evidence too",
            "denied: Cloud seats in one entry",
            "denied: Server groups in one entry",
            "denied: a Server group and a Cloud seat in one entry",
        ],
    ),
];

/// What occurred while one question was answered.
#[derive(Default)]
pub struct Seen(RefCell<BTreeSet<&'static str>>);

impl Seen {
    /// Notes that this occurred.
    pub fn saw(&self, name: &'static str) {
        self.0.borrow_mut().insert(name);
    }
}

/// The number of questions in which each name occurred, in the order of the list.
pub struct Coverage {
    questions: usize,
    counts: Vec<(Needs, &'static str, usize)>,
}

impl Coverage {
    pub fn new() -> Coverage {
        let of_group = |(needs, names): &(Needs, &'static [&'static str])| {
            let needs = *needs;
            names.iter().map(move |name| (needs, *name, 0)).collect::<Vec<_>>()
        };
        Coverage { questions: 0, counts: NAMES.iter().flat_map(of_group).collect() }
    }

    /// Adds what occurred in one more question.
    pub fn add(&mut self, seen: &Seen) {
        self.questions += 1;
        let seen = seen.0.borrow();
        let mut listed = 0;
        for (_, name, count) in &mut self.counts {
            if seen.contains(name) {
                *count += 1;
                listed += 1;
            }
        }
        assert_eq!(listed, seen.len(), "a name that is not in the list: {seen:?}");
    }

    /// The names that could occur, but occurred in fewer questions than this.
    pub fn rarer_than(&self, least: usize, possible: impl Fn(Needs) -> bool) -> Vec<&'static str> {
        let rare = self.counts.iter();
        let rare = rare.filter(|(needs, _, count)| possible(*needs) && *count < least);
        rare.map(|(_, name, _)| *name).collect()
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        writeln!(out, "of {} questions:", self.questions)?;
        for (_, name, count) in &self.counts {
            writeln!(out, "{count:7}  {name}")?;
        }
        Ok(())
    }
}
