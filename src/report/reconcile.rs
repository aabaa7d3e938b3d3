//! `oneseat reconcile`: why the number of licenses that GitHub reports differs from the number that oneseat
//! counts, with one signed line for each cause (interface.md section 3, counting.md section 7).

use std::collections::HashMap;

use serde::Serialize;

use super::basis::Basis;
use super::consumption::newest_statement;
use crate::error::{Error, Result};
use crate::ledger::total;
use crate::ledger::{Asked, Enterprise, Ledger};
use crate::model::{Account, Instant, RowIx};
use crate::people::{self, Cause, Whom};
use crate::store::SnapshotFacts;
use crate::table::{Answer, Cell, CellKind, Columns, Page, RowVisitor, Table, agreeing, grouped};

/// What `oneseat reconcile` answers: the reported number, the computed number, and the lines that lead from one
/// to the other.
#[derive(Debug, Clone, Serialize)]
pub struct Reconcile {
    schema: &'static str,
    as_of: Instant,
    #[serde(flatten)]
    basis: Basis,
    reported: i64,
    computed: i64,
    lines: Vec<Line<'static>>,
    unexplained: i64,
    /// For each enterprise, the number that its report states, and the number that oneseat counts at the
    /// instant of that report.
    ends: Vec<Ends>,
    /// The number of licenses at the as-of instant. It may be later than the report, so the number may differ
    /// from the computed one.
    asked: Counted,
}

/// The number of licenses that GitHub reports for an enterprise, and the number that oneseat computes.
#[derive(Debug, Clone, Default, Serialize)]
struct Ends {
    enterprise: String,
    /// The instant at which the report was taken. The reported and the computed number are about this instant.
    at: Instant,
    snapshot: i64,
    reported: i64,
    computed: i64,
}

/// A number of licenses consumed at an instant.
#[derive(Debug, Clone, Default, Serialize)]
struct Counted {
    at: Instant,
    consumed: i64,
    /// The enterprise that the question is about; `None`: all of them.
    #[serde(skip)]
    only: Option<String>,
}

/// One cause for which the computed number differs from the reported one, with the number of licenses that it
/// explains.
#[derive(Debug, Clone, Serialize)]
struct Line<'t> {
    cause: &'static str,
    licenses: i64,
    people: Vec<String>,
    /// What the cause means, in a sentence.
    detail: &'t str,
}

impl Line<'_> {
    const COLUMNS: Columns = &[
        ("cause", CellKind::Text),
        ("licenses", CellKind::Whole),
        ("people", CellKind::List),
        ("detail", CellKind::Text),
    ];
}

/// The reported and computed numbers and the lines between them, added up over the enterprises.
#[derive(Default)]
struct Sum {
    reported: i64,
    computed: i64,
    lines: HashMap<Cause, (i64, Vec<String>)>,
    as_of: Option<Instant>,
    ends: Vec<Ends>,
}

/// Answers the command `reconcile`, for each enterprise at the instant of its newest report that states a
/// total.
///
/// # Errors
/// [`crate::error::ErrorKind::Nothing`] if no report states a total; another error if the database cannot be
/// read.
pub fn reconcile(ledger: &Ledger<'_>, asked: &Asked) -> Result<Reconcile> {
    let moment = ledger.ask(asked)?;
    let at = moment.at;
    let mut sum = Sum::default();
    for name in moment.enterprises.iter().filter_map(|enterprise| enterprise.name.as_deref()) {
        let newest = newest_statement(ledger, at, name, |it| it.consumed.is_some());
        let Some((newest, reported)) = newest.and_then(|it| Some((it, it.consumed?))) else {
            continue;
        };
        let then = ledger.moment(newest.taken_at, Some(name))?;
        // A partial report may state a total, but it never comes into force. If it is the only report, the
        // enterprise has no rows that could explain the total.
        for enterprise in then.enterprises.iter().filter(|it| it.cloud.is_some()) {
            sum.add(ledger, enterprise, reported)?;
            sum.ends.push(Ends {
                enterprise: name.to_owned(),
                at: newest.taken_at,
                snapshot: newest.id,
                reported,
                computed: enterprise.count().consumed() as i64,
            });
            sum.as_of = sum.as_of.max(Some(newest.taken_at));
        }
    }
    let Some(as_of) = sum.as_of else {
        return Err(Error::nothing(
            "no Cloud report up to the as-of instant states how many \
                                   licenses are consumed",
        )
        .hint(
            "import a complete JSON answer of consumed-licenses, which states the number; a CSV \
             does not",
        ));
    };
    let consumed = total(&moment.enterprises).consumed() as i64;
    Ok(sum.answer(
        as_of,
        Basis::of(ledger, &moment),
        Counted { at, consumed, only: asked.enterprise.clone() },
    ))
}

impl Sum {
    fn add(
        &mut self,
        ledger: &Ledger<'_>,
        enterprise: &Enterprise<'_>,
        reported: i64,
    ) -> Result<()> {
        let Enterprise { population, matching, cloud, .. } = enterprise;
        let repeated = cloud.map_or(0, |it| it.rows.saturating_sub(it.accounts.unwrap_or(it.rows)));
        for (cause, step) in people::bridge(population, matching, reported, repeated) {
            let line = self.lines.entry(cause).or_default();
            line.0 += step.licenses;
            if let (Cause::RowRepeated, 1.., Some(cloud)) = (cause, -step.licenses, cloud) {
                line.1.extend(repeated_people(ledger, enterprise, cloud)?);
            }
            for whom in step.whom {
                line.1.push(name(ledger, enterprise, whom)?);
            }
        }
        self.reported += reported;
        self.computed += enterprise.count().consumed() as i64;
        Ok(())
    }

    fn answer(mut self, as_of: Instant, basis: Basis, asked: Counted) -> Reconcile {
        let lines: Vec<Line<'static>> = Cause::ALL
            .into_iter()
            .map(|cause| {
                let (licenses, mut people) = self.lines.remove(&cause).unwrap_or_default();
                people.sort();
                Line { cause: cause.name(), licenses, people, detail: detail(cause) }
            })
            .collect();
        let explained: i64 = lines.iter().map(|line| line.licenses).sum();
        Reconcile {
            schema: "oneseat.reconcile/1",
            as_of,
            basis,
            reported: self.reported,
            computed: self.computed,
            unexplained: self.computed - self.reported - explained,
            lines,
            ends: self.ends,
            asked,
        }
    }
}

/// The people who have several rows in a Cloud report. The list is empty for a report that an old version of
/// the program imported, because that version did not store repeated rows.
fn repeated_people(
    ledger: &Ledger<'_>,
    enterprise: &Enterprise<'_>,
    cloud: &SnapshotFacts,
) -> Result<Vec<String>> {
    let identities = ledger.store.repeated_in(cloud.id)?;
    let population = &enterprise.population;
    let rows: HashMap<&str, RowIx> =
        population.cloud.enumerated().map(|(row, _)| (population.identity(row), row)).collect();
    let rows = identities.iter().filter_map(|identity| rows.get(identity.as_str()));
    rows.map(|row| name(ledger, enterprise, Whom::Row(*row))).collect()
}

/// The name of a person in the table: a Cloud login, `HOST:ID` for a Server account, or an address.
fn name(ledger: &Ledger<'_>, enterprise: &Enterprise<'_>, whom: Whom) -> Result<String> {
    let Enterprise { population, matching, .. } = enterprise;
    match whom {
        Whom::Row(row) => {
            let it = &population.cloud[row];
            if let Some(login) = Account::login_of_identity(population.identity(row)) {
                return Ok(login.to_owned());
            }
            if let Some(listed) = population.listed(it).next() {
                let host = listed
                    .instance
                    .map_or("unknown", |instance| &*population.instances[instance].host);
                return Ok(format!("{host}:{}", listed.member));
            }
            match population.addresses(&it.addresses).first() {
                Some(address) => ledger.store.key_text(address.key),
                None => Ok("a row without login, id or address".to_owned()),
            }
        }
        Whom::Group(group) => {
            let first = matching.groups[group].accounts[0];
            let account = &matching.accounts[first];
            let id = account.member.to_string();
            match (id.is_empty(), account.primary_keys().next()) {
                (true, Some(key)) => {
                    Ok(format!("{}:{}", enterprise.host_of(first), ledger.store.key_text(key)?))
                }
                _ => Ok(format!("{}:{id}", enterprise.host_of(first))),
            }
        }
    }
}

fn detail(cause: Cause) -> &'static str {
    match cause {
        Cause::MatchedSince => "Server-only people of the report who are part of another seat now",
        Cause::UnmatchedSince => {
            "Server accounts of the report that match no Cloud account any more"
        }
        Cause::NeverSynced => "Server-only people whom no report has listed yet",
        Cause::GoneOrSuspended => "Server-only people of the report who are gone or suspended",
        Cause::RetiredInstance => "Server-only people of the report on instances that are retired",
        Cause::InvitationNotCounted => "invitations that take no license under the billing model",
        Cause::RowWithoutLicense => "rows of the report that take no license",
        Cause::RowRepeated => "rows that the report repeats",
        Cause::RowMissing => "licenses for which the file has no row",
    }
}

impl Answer for Reconcile {
    const LIST: Option<&'static str> = Some("lines");
    const COLUMNS: Columns = Line::COLUMNS;

    fn rows(&self, visitor: &mut impl RowVisitor) -> Result<()> {
        let line = |cause, licenses, detail| Line { cause, licenses, people: Vec::new(), detail };
        let reported = format!("the number that GitHub reports, {}", self.report());
        visitor.row(&line("reported", self.reported, &reported))?;
        visitor.all(&self.lines)?;
        visitor.row(&line(
            "unexplained",
            self.unexplained,
            "the difference that no cause explains",
        ))?;
        let computed = format!("the number that oneseat counts {}", self.then());
        visitor.row(&line("computed", self.computed, &computed))
    }

    fn rests_on(&self) -> Vec<String> {
        self.basis.told()
    }

    fn page(&self) -> Page {
        let mut table = Table::new(&["", "Licenses", "Who"]);
        let mut line = |name: &str, licenses: i64, who: Cell| {
            table.rows.push(vec![name.into(), licenses.into(), who]);
        };
        line("GitHub says", self.reported, self.report().into());
        for it in self.lines.iter().filter(|it| it.licenses != 0 || !it.people.is_empty()) {
            let shown: Vec<&str> = it.people.iter().take(SHOWN).map(String::as_str).collect();
            let more = it.people.len().saturating_sub(SHOWN);
            let more = if more == 0 {
                String::new()
            } else {
                format!(" and {} more", grouped(more as u64))
            };
            line(it.detail, it.licenses, format!("{}{more}", shown.join(", ")).into());
        }
        if self.unexplained != 0 {
            line("unexplained", self.unexplained, Cell::Absent);
        }
        line("oneseat counts", self.computed, self.then().into());
        let closing = match self.unexplained {
            0 => "Every difference is explained. `--json` names everybody; `oneseat explain WHO` \
                  says why."
                .to_owned(),
            licenses => format!(
                "{} unexplained: the total that the report states does not agree with its rows.",
                agreeing(licenses.unsigned_abs(), "license", ["is", "are"])
            ),
        };
        let mut closing = vec![closing];
        let Counted { at, consumed, only } = &self.asked;
        let mut reports: Vec<Instant> = self.ends.iter().map(|ends| ends.at).collect();
        reports.dedup();
        let of = only.as_ref().map(|name| format!("--enterprise {name} ")).unwrap_or_default();
        let consumed = grouped(*consumed);
        match reports.as_slice() {
            [report] if report < at => closing.push(format!(
                "Both numbers are those of the report's instant. As of {at} oneseat counts \
                 {consumed}: `oneseat diff {of}{report} {at}` says what moved since."
            )),
            [_, _, ..] => closing.push(format!(
                "The numbers of each enterprise are those of its own report's instant. As of {at} \
                 oneseat counts {consumed}; ask with --enterprise to see what moved since one of \
                 these reports."
            )),
            _ => {}
        }
        Page {
            headline: format!(
                "From GitHub's report of {} to what oneseat counts {}",
                self.reports(),
                self.then()
            ),
            tables: vec![table],
            closing,
        }
    }
}

impl Reconcile {
    /// The instants at which the reports were taken, as text. If there are several reports, it is the span from
    /// the oldest to the newest.
    fn reports(&self) -> String {
        let first = self.ends.iter().map(|ends| ends.at).min().filter(|at| *at < self.as_of);
        match first {
            Some(first) => format!("{first} to {}", self.as_of),
            None => self.as_of.to_string(),
        }
    }

    /// What states the reported number, in words: one report, or the reports of a span.
    fn report(&self) -> String {
        match self.ends.as_slice() {
            [ends] => format!("report of {} (#{})", ends.at, ends.snapshot),
            _ => format!("reports of {}", self.reports()),
        }
    }

    /// The instant of the computed number, in words, or the span of instants if there are several reports.
    fn then(&self) -> String {
        match self.ends.as_slice() {
            [_] => format!("as of {}", self.as_of),
            _ => format!("as of each report, {}", self.reports()),
        }
    }
}

/// How many people one line of the table names at most.
const SHOWN: usize = 5;
