//! `oneseat consumption`: the licenses consumed, the seats that consume them, and the age of the sources
//! (interface.md section 3).

mod page;

use serde::Serialize;

use crate::code::WarningCode;
use crate::error::Result;
use crate::ledger::{Asked, Enterprise, Ledger, Moment};
use crate::ledger::{Doubles, DuplicateCounts, Noticed, total};
use crate::model::{Instant, Source, SourceKind, Standing};
use crate::people::Count;
use crate::report::absent;
use crate::report::basis::Basis;
use crate::report::server_license;
use crate::store::SnapshotFacts;
use crate::table::{CellKind, Columns, counted};
use crate::warning::{Warning, WarningSubject};

/// What `oneseat consumption` answers: the licenses consumed, and what they consist of.
#[derive(Debug, Clone, Serialize)]
pub struct Consumption {
    schema: &'static str,
    /// The as-of instant: the seats are those of this instant.
    pub as_of: Instant,
    /// The known-on instant and the billing models that the answer is based on.
    #[serde(flatten)]
    pub basis: Basis,
    /// The number of licenses that are consumed once every instance is synced.
    pub consumed: u64,
    /// The number of licenses purchased, from the newest report or license that states it; `None` if unknown.
    pub purchased: Option<i64>,
    /// The number of licenses purchased minus the number of licenses consumed. It may be negative.
    pub available: Option<i64>,
    /// The totals that GitHub itself reports, in the newest Cloud report; `None` if no report states any.
    pub reported: Option<Reported>,
    /// The number of seats of each kind. The three numbers add up to the licenses consumed.
    pub seats: SeatKinds,
    server_only_never_synced: u64,
    /// The number of pending invitations; `None` if a report in force does not state which roles are pending.
    pending_invitations: Option<u64>,
    /// The number of seats with a Visual Studio subscription; `None` if a report in force does not state the
    /// types of its licenses.
    visual_studio: Option<u64>,
    matched_by: MatchedBy,
    accounts: AccountCounts,
    /// The number of people who would take two licenses, by confidence.
    pub duplicates: DuplicateCounts,
    /// The sources without a snapshot in force. Kinds of source whose snapshots never come into force are left
    /// out.
    pub sources_missing: Vec<Source>,
    sources: Vec<SourceState>,
    /// What the reader must know about the answer, such as fields that a file lacks.
    pub warnings: Vec<Warning>,
}

/// The licenses consumed and purchased as GitHub itself reports them, in the newest Cloud report that states
/// them.
#[derive(Debug, Clone, Serialize)]
pub struct Reported {
    /// The number of licenses consumed, as the report states it.
    pub consumed: Option<i64>,
    purchased: Option<i64>,
    snapshot: Option<i64>,
    taken_at: Instant,
    stale: bool,
}

impl Reported {
    const COLUMNS: Columns = &[
        ("consumed", CellKind::Whole),
        ("purchased", CellKind::Whole),
        ("snapshot", CellKind::Whole),
        ("taken_at", CellKind::Instant),
        ("stale", CellKind::Truth),
    ];
}

/// The number of seats of each kind: Cloud only, Cloud and Server, Server only.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct SeatKinds {
    /// The number of Cloud seats without a Server account.
    pub cloud_only: u64,
    /// The number of Cloud seats with at least one Server account.
    pub cloud_and_server: u64,
    /// The number of people on Server whose accounts match no Cloud account.
    pub server_only: u64,
}

impl SeatKinds {
    const COLUMNS: Columns = &[
        ("cloud_only", CellKind::Whole),
        ("cloud_and_server", CellKind::Whole),
        ("server_only", CellKind::Whole),
    ];
}

/// The number of Server accounts that each rule matched with a Cloud account.
#[derive(Debug, Clone, Copy, Default, Serialize)]
struct MatchedBy {
    manual: u64,
    saml_name_id: u64,
    verified_email: u64,
    reported: u64,
}

impl MatchedBy {
    const COLUMNS: Columns = &[
        ("manual", CellKind::Whole),
        ("saml_name_id", CellKind::Whole),
        ("verified_email", CellKind::Whole),
        ("reported", CellKind::Whole),
    ];
}

#[derive(Debug, Clone, Copy, Default, Serialize)]
struct AccountCounts {
    cloud: u64,
    server: u64,
    server_not_counted: u64,
}

impl AccountCounts {
    const COLUMNS: Columns = &[
        ("cloud", CellKind::Whole),
        ("server", CellKind::Whole),
        ("server_not_counted", CellKind::Whole),
    ];
}

#[derive(Debug, Clone, Serialize)]
struct SourceState {
    kind: SourceKind,
    name: String,
    snapshot: i64,
    taken_at: Instant,
    age_seconds: i64,
    complete: Option<bool>,
    last_synced: Option<Instant>,
}

/// Answers the command `consumption`: counts the licenses consumed at the as-of instant.
///
/// # Errors
/// [`crate::error::ErrorKind::Nothing`] if no snapshot is in force at the as-of instant; another error if the
/// database cannot be read.
pub fn consumption(ledger: &Ledger<'_>, asked: &Asked) -> Result<Consumption> {
    let at = ledger.asked(asked)?;
    let only = asked.enterprise.as_deref();
    let (moment, count, doubles) = ledger.counted_at(at, only)?;
    answer(ledger, &moment, &count, doubles)
}

/// The consumption at the instant `at`, as if GitHub had by then synced the files of `hosts` that are in force.
/// After the sync a Cloud report lists all accounts of these hosts, so all of them count as listed.
///
/// # Errors
/// If the database cannot be read.
pub(super) fn after_sync(
    ledger: &Ledger<'_>,
    at: Instant,
    only: Option<&str>,
    hosts: &[String],
) -> Result<Consumption> {
    let mut moment = ledger.moment(at, only)?;
    for enterprise in &mut moment.enterprises {
        for account in enterprise.matching.accounts.indices() {
            if hosts.iter().any(|host| host == enterprise.host_of(account)) {
                enterprise.matching.listed[account] = true;
            }
        }
    }
    let count = total(&moment.enterprises);
    answer(ledger, &moment, &count, Doubles::of(ledger, &moment)?)
}

fn answer(
    ledger: &Ledger<'_>,
    moment: &Moment<'_>,
    count: &Count,
    doubles: Doubles,
) -> Result<Consumption> {
    let consumed = count.consumed();
    let purchased = purchased(ledger, moment);
    let mut warnings = warnings_with(ledger, moment, &doubles.noticed);
    warnings.extend(absent::warnings(ledger, moment)?);
    // A count of 0 is certain only if every report has the field from which the count is made. Otherwise the
    // number is unknown.
    let reports = moment.enterprises.iter().filter_map(|enterprise| enterprise.cloud);
    let told = |number: u64, said| -> Result<Option<u64>> {
        if number > 0 {
            return Ok(Some(number));
        }
        for report in reports.clone() {
            if absent::lacks(ledger, report, said)? {
                return Ok(None);
            }
        }
        Ok(Some(number))
    };
    Ok(Consumption {
        schema: "oneseat.consumption/1",
        as_of: moment.at,
        basis: Basis::of(ledger, moment),
        consumed,
        purchased,
        available: purchased.map(|purchased| purchased - consumed as i64),
        reported: reported(ledger, moment),
        seats: SeatKinds {
            cloud_only: count.cloud_only,
            cloud_and_server: count.cloud_and_server,
            server_only: count.server_only,
        },
        server_only_never_synced: count.server_only_never_synced,
        pending_invitations: told(count.pending_invitations, absent::ROLES)?,
        visual_studio: told(count.visual_studio, absent::LICENSE_TYPE)?,
        matched_by: MatchedBy {
            manual: count.by_manual,
            saml_name_id: count.by_saml_name_id,
            verified_email: count.by_verified_email,
            reported: count.by_reported,
        },
        accounts: AccountCounts {
            cloud: count.cloud_accounts,
            server: count.server_accounts,
            server_not_counted: count.server_not_counted,
        },
        duplicates: doubles.duplicates,
        sources_missing: moment.missing.clone(),
        sources: sources(moment),
        warnings,
    })
}

/// The newest Cloud snapshot of an enterprise that is not later than `at` and for which `states` returns true.
/// Of several snapshots of one instant, one that is not partial is preferred. The order of import does not
/// matter.
pub(super) fn newest_statement<'l>(
    ledger: &'l Ledger<'_>,
    at: Instant,
    enterprise: &str,
    states: impl Fn(&SnapshotFacts) -> bool,
) -> Option<&'l SnapshotFacts> {
    let reports = ledger.taken_of(SourceKind::Cloud, enterprise, at);
    let newest = reports.iter().rfind(|snapshot| states(snapshot))?.taken_at;
    let of_then = reports.iter().rev().skip_while(|snapshot| snapshot.taken_at > newest);
    let of_then = of_then.take_while(|snapshot| snapshot.taken_at == newest);
    of_then
        .filter(|snapshot| states(snapshot))
        .max_by_key(|snapshot| (!snapshot.partial, snapshot.consumed, snapshot.purchased))
}

/// The number of licenses purchased by all enterprises together; `None` if the number of any enterprise is
/// unknown. If no enterprise is known, all instances together count as one enterprise.
pub(super) fn purchased(ledger: &Ledger<'_>, moment: &Moment<'_>) -> Option<i64> {
    let named = moment.enterprises.iter().any(|enterprise| enterprise.name.is_some());
    let asked = moment.enterprises.iter().filter(|it| it.name.is_some() || !named);
    let stated: Option<Vec<i64>> = asked.map(|it| purchased_by(ledger, moment, it)).collect();
    stated.filter(|stated| !stated.is_empty()).map(|stated| stated.iter().sum())
}

/// The number of licenses purchased by one enterprise, as its newest Cloud report states it. If no Cloud
/// report states the number, it comes from a Server license.
fn purchased_by(
    ledger: &Ledger<'_>,
    moment: &Moment<'_>,
    enterprise: &Enterprise<'_>,
) -> Option<i64> {
    let report = enterprise.name.as_ref().and_then(|name| {
        newest_statement(ledger, moment.at, name, |it| it.purchased.is_some())?.purchased
    });
    report.or_else(|| server_license::purchased(ledger, moment, enterprise))
}

/// The totals that GitHub reports, added up over the enterprises. Each enterprise counts with its newest Cloud
/// snapshot that states totals; `None` if an enterprise has no such snapshot.
pub(super) fn reported(ledger: &Ledger<'_>, moment: &Moment<'_>) -> Option<Reported> {
    let mut all: Option<Reported> = None;
    let names = moment.enterprises.iter().filter_map(|enterprise| enterprise.name.as_deref());
    for name in names {
        let newest = newest_statement(ledger, moment.at, name, |it| {
            it.consumed.is_some() || it.purchased.is_some()
        })?;
        let stale = moment.in_force.iter().all(|snapshot| snapshot.id != newest.id);
        all = Some(match all {
            None => Reported {
                consumed: newest.consumed,
                purchased: newest.purchased,
                snapshot: Some(newest.id),
                taken_at: newest.taken_at,
                stale,
            },
            Some(sum) => Reported {
                consumed: sum.consumed.zip(newest.consumed).map(|(a, b)| a + b),
                purchased: sum.purchased.zip(newest.purchased).map(|(a, b)| a + b),
                snapshot: None,
                taken_at: sum.taken_at.min(newest.taken_at),
                stale: sum.stale || stale,
            },
        });
    }
    all
}

fn sources(moment: &Moment<'_>) -> Vec<SourceState> {
    let ours = moment.in_force.iter().filter(|snapshot| moment.counts(&snapshot.source));
    ours.map(|snapshot| SourceState {
        kind: snapshot.source.kind,
        name: snapshot.source.name.clone(),
        snapshot: snapshot.id,
        taken_at: snapshot.taken_at,
        age_seconds: moment.at.unix() - snapshot.taken_at.unix(),
        complete: snapshot.complete,
        last_synced: moment.last_synced(&snapshot.source),
    })
    .collect()
}

/// The warnings about an answer that counts seats. `moment` must contain all accounts, because the warnings
/// state numbers of accounts.
///
/// # Errors
/// If the database cannot be read.
pub(super) fn warnings(ledger: &Ledger<'_>, moment: &Moment<'_>) -> Result<Vec<Warning>> {
    Ok(warnings_with(ledger, moment, &Noticed::of(ledger, moment)?))
}

fn warnings_with(ledger: &Ledger<'_>, moment: &Moment<'_>, noticed: &Noticed) -> Vec<Warning> {
    let mut warnings = Vec::new();
    for snapshot in moment.in_force.iter().filter(|snapshot| moment.counts(&snapshot.source)) {
        if let Some(reason) = &snapshot.accepted_short {
            warnings.push(Warning {
                code: WarningCode::AcceptedShort,
                message: format!(
                    "the snapshot of {} taken at {} is not complete and was accepted: {reason}",
                    snapshot.source, snapshot.taken_at
                ),
                about: Some(WarningSubject::Source(snapshot.source.clone())),
            });
        }
    }
    if noticed.server_snapshot_older {
        warnings.push(Warning {
            code: WarningCode::ServerSnapshotOlder,
            message: "some matches rest on the Cloud report alone, which is newer than the Server \
                      file and lists another address: import a newer Server file"
                .to_owned(),
            about: None,
        });
    }
    let ended = noticed.licenses_ended(moment.at);
    if ended > 0 {
        let (rows, say, they) = match ended {
            1 => ("1 row".to_owned(), "says", "it counts"),
            many => (format!("{many} rows"), "say", "they count"),
        };
        warnings.push(Warning {
            code: WarningCode::LicenseEnded,
            message: format!(
                "{rows} of the Cloud report {say} that the license has ended; {they} all the same, \
                 for the report lists who is charged"
            ),
            about: None,
        });
    }
    for (host, accounts) in &noticed.address_repeated {
        warnings.push(Warning {
            code: WarningCode::AddressRepeated,
            message: format!(
                "{} of {host} have the same primary address as another account of {host}: such an \
                 address proves nothing, and matches nobody",
                counted(*accounts, "account")
            ),
            about: Some(WarningSubject::instance(host)),
        });
    }
    let instances = moment.enterprises.iter().flat_map(|it| &it.population.instances);
    for instance in instances.filter(|it| it.never_synced && it.standing != Standing::Absent) {
        let host = &instance.host;
        warnings.push(Warning {
            code: WarningCode::NeverSynced,
            message: format!("{host} was never synced: GitHub does not count its accounts yet"),
            about: Some(WarningSubject::instance(host)),
        });
    }
    for host in &moment.unassigned {
        warnings.push(Warning {
            code: WarningCode::UnassignedInstance,
            message: format!(
                "it is not known which enterprise {host} belongs to, so {host} is \
                              counted by itself"
            ),
            about: Some(WarningSubject::instance(host)),
        });
    }
    let counted = |enterprise: &Enterprise<'_>| purchased_by(ledger, moment, enterprise);
    warnings.extend(server_license::disagreements(ledger, moment, counted));
    warnings
}
