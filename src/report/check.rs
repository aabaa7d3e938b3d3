//! `oneseat check`: is anything wrong that somebody should act on (interface.md section 3)? For
//! schedulers: the finding's code is stable, and the program ends with 1 if there is one.

use serde::Serialize;

use super::consumption::{self, Consumption};
use super::moment::{Asked, Ledger, Moment};
use crate::error::Result;
use crate::model::{Host, Instant, Source, SourceKind, Standing, failed_syncs};
use crate::people::Confidence;
use crate::table::{Answer, Page, Table};

/// The answer.
#[derive(Debug, Clone, Serialize)]
pub struct Check {
    schema: &'static str,
    as_of: Instant,
    known_on: Option<Instant>,
    ok: bool,
    findings: Vec<Finding>,
}

/// What is wrong.
#[derive(Debug, Clone, Serialize)]
struct Finding {
    code: &'static str,
    severity: &'static str,
    message: String,
    source: Option<Source>,
}

/// The bounds that are asked for; what is not asked for is not checked.
#[derive(Debug, Clone)]
pub struct Bounds {
    /// How old a source's snapshot may be at the instant, in seconds.
    pub max_age: i64,
    /// Likewise for single sources, by name: enterprises and instances.
    pub max_ages: Vec<(String, i64)>,
    /// How many licenses must be available.
    pub min_available: Option<i64>,
    /// How many of the licenses bought may be used, in hundredths of a percent.
    pub max_use: Option<i64>,
    /// How many findings there may be at a level or surer.
    pub max_duplicates: Vec<(Confidence, u64)>,
}

const ERROR: &str = "error";
const WARNING: &str = "warning";

/// Answers the question.
///
/// # Errors
/// [`crate::error::Kind::Nothing`] if nothing is in force then; if the database cannot be read.
pub fn check(ledger: &Ledger<'_>, asked: &Asked, bounds: &Bounds) -> Result<Check> {
    let consumption = consumption::consumption(ledger, asked)?;
    let moment = ledger.moment(consumption.as_of, asked.enterprise.as_deref())?;
    let mut findings = Vec::new();
    findings.extend(stale(&moment, bounds));
    findings.extend(syncs(ledger, &moment)?);
    findings.extend(licenses(&consumption, bounds));
    findings.extend(duplicates(&consumption, bounds));
    findings.extend(incomplete(&moment, &consumption));
    for warning in &consumption.warnings {
        if ["unassigned-instance", "server-snapshot-older"].contains(&warning.code) {
            let of_instance = moment.unassigned.iter().find(|host| {
                warning.code == "unassigned-instance" && warning.message.contains(host.as_str())
            });
            findings.push(Finding {
                code: warning.code,
                severity: WARNING,
                message: warning.message.clone(),
                source: of_instance.map(|host| instance(host)),
            });
        }
    }
    Ok(Check {
        schema: "oneseat.check/1",
        as_of: consumption.as_of,
        known_on: ledger.known_on,
        ok: findings.is_empty(),
        findings,
    })
}

impl Check {
    /// Is nothing wrong?
    pub fn is_ok(&self) -> bool {
        self.ok
    }
}

fn instance(host: &str) -> Source {
    Source { kind: SourceKind::Server, name: host.to_owned() }
}

fn stale(moment: &Moment<'_>, bounds: &Bounds) -> Vec<Finding> {
    let ours = moment.in_force.iter().filter(|snapshot| moment.counts(&snapshot.source));
    let most = |source: &Source| {
        let own = bounds.max_ages.iter().find(|(name, _)| name.eq_ignore_ascii_case(&source.name));
        own.map_or(bounds.max_age, |(_, most)| *most)
    };
    let stale = ours.filter(|it| moment.at.unix() - it.taken_at.unix() > most(&it.source));
    let finding = |it: &&crate::store::SnapshotFacts| Finding {
        code: "stale-source",
        severity: WARNING,
        message: format!("the newest snapshot of {} is of {}", it.source, it.taken_at),
        source: Some(it.source.clone()),
    };
    stale.map(finding).collect()
}

/// Instances that were never synced, and whose last sync went wrong, as the newest `sync-status` of
/// each enterprise says.
fn syncs(ledger: &Ledger<'_>, moment: &Moment<'_>) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for enterprise in &moment.enterprises {
        let instances = enterprise.population.instances.iter();
        for it in instances.filter(|it| it.never_synced && it.standing != Standing::Absent) {
            findings.push(Finding {
                code: "never-synced",
                severity: WARNING,
                message: format!("{} was never synced: GitHub does not count it yet", it.host),
                source: Some(instance(&it.host)),
            });
        }
        let Some(name) = &enterprise.name else { continue };
        let Some(facts) = ledger.newest_sync_status(name, moment.at)? else { continue };
        for (host, error) in failed_syncs(&facts) {
            let error = if error.is_empty() { String::new() } else { format!(": {error}") };
            findings.push(Finding {
                code: "sync-failed",
                severity: ERROR,
                message: format!("the last sync of {} went wrong{error}", Host::as_str(&host)),
                source: Some(instance(host.as_str())),
            });
        }
    }
    Ok(findings)
}

fn licenses(consumption: &Consumption, bounds: &Bounds) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut finding = |code, severity, message| {
        findings.push(Finding { code, severity, message, source: None });
    };
    let Consumption { consumed, purchased, available, .. } = consumption;
    let (Some(purchased), Some(available)) = (*purchased, *available) else { return findings };
    if available < 0 {
        let message = format!("{consumed} licenses are consumed, {purchased} are bought");
        finding("over-purchased", ERROR, message);
    }
    if let Some(least) = bounds.min_available.filter(|least| available < *least) {
        let message = format!("{available} licenses are available, fewer than {least}");
        finding("few-available", WARNING, message);
    }
    let used = i128::from(*consumed) * 10_000;
    if let Some(most) = bounds.max_use.filter(|it| used > i128::from(*it) * i128::from(purchased)) {
        let most = format!("{}.{:02}", most / 100, most % 100);
        let most = most.trim_end_matches('0').trim_end_matches('.');
        let message = format!("{consumed} of {purchased} licenses are used, more than {most} %");
        finding("few-available", WARNING, message);
    }
    findings
}

fn duplicates(consumption: &Consumption, bounds: &Bounds) -> Vec<Finding> {
    let found = |level: Confidence| {
        let counts = &consumption.duplicates;
        match level {
            Confidence::Certain => counts.certain,
            Confidence::Likely => counts.certain + counts.likely,
            Confidence::Possible => counts.certain + counts.likely + counts.possible,
        }
    };
    let over = bounds.max_duplicates.iter().filter(|(level, most)| found(*level) > *most);
    let finding = |(level, most): &(Confidence, u64)| Finding {
        code: "duplicates",
        severity: WARNING,
        message: format!(
            "{} people take two licenses (at least {}), more than {most}",
            found(*level),
            level.name()
        ),
        source: None,
    };
    over.map(finding).collect()
}

/// Sources in force that are not whole, and sources of which nothing is in force.
fn incomplete(moment: &Moment<'_>, consumption: &Consumption) -> Vec<Finding> {
    let ours = moment.in_force.iter().filter(|snapshot| moment.counts(&snapshot.source));
    let short = ours.filter(|it| it.complete == Some(false)).map(|it| {
        let why = it.accepted_short.as_deref().unwrap_or("no reason is known");
        let message = format!("{} of {} is not complete: {why}", it.source, it.taken_at);
        (message, &it.source)
    });
    let missing = consumption.sources_missing.iter();
    let missing = missing.map(|source| (format!("no snapshot of {source} is in force"), source));
    let finding = |(message, source): (String, &Source)| Finding {
        code: "incomplete",
        severity: WARNING,
        message,
        source: Some(source.clone()),
    };
    short.chain(missing).map(finding).collect()
}

impl Answer for Check {
    const LIST: Option<&'static str> = Some("findings");

    fn example() -> Check {
        let source = Some(instance(""));
        let finding =
            Finding { code: "stale-source", severity: WARNING, message: String::new(), source };
        Check {
            schema: "oneseat.check/1",
            as_of: Instant::default(),
            known_on: None,
            ok: true,
            findings: vec![finding],
        }
    }

    fn page(&self) -> Page {
        let mut table = Table::new(&["Severity", "Code", "What is wrong"]);
        for it in &self.findings {
            table.rows.push(vec![it.severity.into(), it.code.into(), it.message.as_str().into()]);
        }
        let closing = match self.findings.len() {
            0 => "Nothing is wrong.".to_owned(),
            1 => "1 finding.".to_owned(),
            many => format!("{many} findings."),
        };
        let tables = if self.ok { Vec::new() } else { vec![table] };
        Page { headline: format!("Check as of {}", self.as_of), tables, closing: vec![closing] }
    }
}
