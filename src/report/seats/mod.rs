//! `oneseat seats`: the seats split into parts that add up to what is consumed, at an instant or by
//! calendar period, and what they cost.
//!
//! Every seat stands in exactly one part. A person in several organizations (or with several roles)
//! is one seat, and stands in the part of those in several; so does one in none, and a seat without
//! a Cloud account, which has neither: no organization is charged for what it shares. A seat of
//! which the file does not say it stands in a part of its own.

mod page;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

use serde::Serialize;

use super::By;
use super::basis::Basis;
use super::consumption::{Warning, warnings};
use super::money::{Money, Price};
use super::period::periods;
use super::seat_tables::{MANY, enterprise_roles, kind_of};
use super::trend::{is_unfinished, taken};
use crate::email;
use crate::error::Result;
use crate::ledger::check_span;
use crate::ledger::stored_record;
use crate::ledger::{Asked, Enterprise, Ledger, Moment};
use crate::model::{Instant, Record, SourceKind, Value, account_of, is_bare_role};
use crate::people::{self, SeatOf};

/// By what the seats are split.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SplitBy {
    /// The organizations that the Cloud account is in.
    Organization,
    /// The enterprise roles of the Cloud account.
    Role,
    /// Cloud only, Cloud and Server, Server only.
    Kind,
    /// The license type that the Cloud report gives.
    LicenseType,
    /// The cost center that the Cloud report gives, else that which the account is assigned to.
    CostCenter,
}

impl SplitBy {
    /// Every one.
    pub const ALL: [SplitBy; 5] = [
        SplitBy::Organization,
        SplitBy::Role,
        SplitBy::Kind,
        SplitBy::LicenseType,
        SplitBy::CostCenter,
    ];

    /// The name on the command line and in answers.
    pub fn name(self) -> &'static str {
        match self {
            SplitBy::Organization => "organization",
            SplitBy::Role => "role",
            SplitBy::Kind => "kind",
            SplitBy::LicenseType => "license-type",
            SplitBy::CostCenter => "cost-center",
        }
    }

    fn heading(self) -> &'static str {
        match self {
            SplitBy::Organization => "Organization",
            SplitBy::Role => "Role",
            SplitBy::Kind => "Kind",
            SplitBy::LicenseType => "License type",
            SplitBy::CostCenter => "Cost center",
        }
    }

    fn noun(self) -> &'static str {
        match self {
            SplitBy::Organization => "organization",
            SplitBy::Role => "role",
            SplitBy::Kind => "kind",
            SplitBy::LicenseType => "license type",
            SplitBy::CostCenter => "cost center",
        }
    }
}

/// What is asked.
#[derive(Debug, Clone)]
pub struct SeatsAsked {
    /// The instant; with a period, the last one.
    pub asked: Asked,
    /// By what.
    pub by: SplitBy,
    /// At the end of every calendar period; `None`: at the instant only.
    pub period: Option<By>,
    /// Only periods from here on.
    pub from: Option<Instant>,
    /// What a seat costs, at the instant or for each period.
    pub price: Option<Price>,
}

/// The answer.
#[derive(Debug, Clone, Serialize)]
pub struct Seats {
    schema: &'static str,
    #[serde(skip)]
    by: SplitBy,
    #[serde(rename = "by")]
    by_name: &'static str,
    period: Option<&'static str>,
    /// The instant asked for; with a period, the last one that is counted.
    as_of: Instant,
    #[serde(flatten)]
    basis: Basis,
    price: Option<String>,
    currency: Option<String>,
    /// The parts, by instant.
    lines: Vec<Line>,
    /// The control totals.
    totals: Vec<Total>,
    /// What to know about the last instant, as `consumption` says it.
    warnings: Vec<Warning>,
}

/// One part at one instant.
#[derive(Debug, Clone, Serialize)]
struct Line {
    at: Instant,
    part: String,
    group: &'static str,
    seats: u64,
    members: Option<u64>,
    amount: Option<Money>,
    /// Of the amount: a row of money says which it is.
    currency: Option<String>,
    /// Do the data end within the period, so that it may still move? `None` where no period is asked
    /// for.
    unfinished: Option<bool>,
    /// How many snapshots that can come into force were taken in the period: 0, and the line is
    /// carried from before. `None` where no period is asked for.
    snapshots: Option<u64>,
}

/// What the parts of an instant add up to.
#[derive(Debug, Clone, Serialize)]
struct Total {
    at: Instant,
    seats: u64,
    amount: Option<Money>,
    /// How many snapshots that can come into force were taken in the period; up to the instant, if
    /// none is asked for.
    #[serde(skip)]
    snapshots: u64,
    /// Do the data end within the period?
    #[serde(skip)]
    unfinished: bool,
}

/// Where a seat stands; in this order they are printed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    /// The only organization, role, …, as names are compared.
    Named(String),
    Several,
    None,
    /// Nothing says.
    NotStated,
    ServerOnly,
}

/// The names that a Cloud state's record gives; `None` where its file does not say.
type Names = Rc<Option<Vec<String>>>;

impl Part {
    fn group(&self) -> &'static str {
        match self {
            Part::Named(_) => "named",
            Part::Several => "several",
            Part::None => "none",
            Part::NotStated => "not_stated",
            Part::ServerOnly => "server_only",
        }
    }
}

/// Answers the question.
///
/// # Errors
/// [`crate::error::Kind::Nothing`] if nothing is in force then; if the database cannot be read.
pub fn seats(ledger: &Ledger<'_>, asked: &SeatsAsked) -> Result<Seats> {
    let last = ledger.asked(&asked.asked)?;
    if let Some(from) = asked.from {
        check_span(from, last)?;
    }
    let mut splitter = Splitter {
        by: asked.by,
        names: HashMap::new(),
        lists: HashSet::new(),
        with_center: HashSet::new(),
        logins: HashMap::new(),
    };
    let (mut lines, mut totals) = (Vec::new(), Vec::new());
    let currency = asked.price.as_ref().map(|price| price.currency.clone());
    let only = asked.asked.enterprise.as_deref();
    let mut basis = Basis { known_on: ledger.known_on, ..Basis::default() };
    let mut of_last = Vec::new();
    let taken = taken(ledger, only)?.into_iter().map(|it| it.taken_at);
    let taken: Vec<Instant> = taken.filter(|it| *it <= last).collect();
    for (at, start) in instants(ledger, asked, last)? {
        // The period that holds the instant asked is counted as of that instant.
        let moment = ledger.moment(at.min(last), only)?;
        basis.take_in(&moment);
        of_last = warnings(ledger, &moment)?;
        let parts = splitter.split(ledger, &moment)?;
        let parts: Vec<Line> = parts.into_iter().map(|line| Line { at, ..line }).collect();
        let counts: Vec<u64> = parts.iter().map(|line| line.seats).collect();
        let amounts = asked.price.as_ref().map(|price| price.of_parts(&counts));
        let seats = counts.iter().sum();
        let amount = asked.price.as_ref().map(|price| price.of(seats));
        let snapshots = taken.iter().filter(|it| (start..=at).contains(*it)).count() as u64;
        let data_end = taken.iter().max().copied().unwrap_or(last);
        // Where the data end: a later period is carried, and says so.
        let unfinished = asked.period.is_some_and(|by| is_unfinished(by, at, data_end));
        totals.push(Total { at, seats, amount, snapshots, unfinished });
        lines.extend(parts.into_iter().enumerate().map(|(index, line)| Line {
            amount: amounts.as_ref().and_then(|amounts| amounts.get(index).copied()),
            currency: currency.clone(),
            unfinished: asked.period.map(|_| unfinished),
            snapshots: asked.period.map(|_| snapshots),
            ..line
        }));
    }
    Ok(Seats {
        schema: "oneseat.seats/1",
        by: asked.by,
        by_name: asked.by.name(),
        period: asked.period.map(By::name),
        as_of: last,
        basis,
        price: asked.price.as_ref().map(|price| price.per_seat.to_string()),
        currency,
        lines,
        totals,
        warnings: of_last,
    })
}

/// The last second of each period asked for, with its first; else the one instant.
fn instants(
    ledger: &Ledger<'_>,
    asked: &SeatsAsked,
    last: Instant,
) -> Result<Vec<(Instant, Instant)>> {
    let Some(by) = asked.period else { return Ok(vec![(last, Instant::default())]) };
    let first = match &asked.asked.enterprise {
        Some(name) => ledger.first_instant_of(name)?,
        None => ledger.instants().first().copied(),
    };
    let first = first.unwrap_or(last);
    let from = asked.from.map_or(first, |from| from.max(first));
    Ok(periods(by, from, last)?.into_iter().map(|(start, end)| (end, start)).collect())
}

/// Splits the seats of one instant after another, and remembers what the records say.
struct Splitter {
    by: SplitBy,
    /// The names that a Cloud state's record gives.
    names: HashMap<i64, Names>,
    /// Each list of names once: a million people go by a few of them.
    lists: HashSet<Names>,
    /// The Cloud states whose record has a field for the cost center.
    with_center: HashSet<i64>,
    /// Of Cloud states the login as logins are compared; for cost centers only.
    logins: HashMap<i64, String>,
}

/// Where it stands which cost center a seat belongs to.
enum Centers {
    /// In the report.
    OfReport,
    /// In the cost centers themselves.
    Assigned {
        /// By login, the active ones that the account is assigned to.
        by_login: HashMap<String, Vec<String>>,
        /// Are all of them known?
        whole: bool,
    },
    /// Nowhere.
    NotStated,
}

/// The report's own field for it.
const COST_CENTER: &str = "github_com_cost_center";

impl Splitter {
    fn split(&mut self, ledger: &Ledger<'_>, moment: &Moment<'_>) -> Result<Vec<Line>> {
        let mut seats: BTreeMap<Part, u64> = BTreeMap::new();
        let mut members: BTreeMap<String, u64> = BTreeMap::new();
        // As names are compared, to the spelling that is first by bytes.
        let mut spelled: HashMap<String, String> = HashMap::new();
        for enterprise in &moment.enterprises {
            let all = people::seats(&enterprise.population, &enterprise.matching);
            self.read_names(ledger, enterprise, &all)?;
            let centers = self.centers(ledger, enterprise, &all, moment.at)?;
            for seat in &all {
                let names = match &centers {
                    Centers::OfReport => self.names_of(enterprise, seat),
                    Centers::Assigned { by_login, whole } => {
                        let names = self.assigned(by_login, enterprise, seat);
                        // Who has none is known only where all centers are.
                        Rc::new((*whole || !names.is_empty()).then_some(names))
                    }
                    Centers::NotStated => Names::default(),
                };
                for name in names.iter().flatten() {
                    let key = name.to_lowercase();
                    *members.entry(key.clone()).or_default() += 1;
                    let spelling = spelled.entry(key).or_insert_with(|| name.clone());
                    if name < spelling {
                        spelling.clone_from(name);
                    }
                }
                let part = match (seat.row, names.as_ref().as_deref()) {
                    (_, Some([only])) => Part::Named(only.to_lowercase()),
                    (None, _) => Part::ServerOnly,
                    (Some(_), None) => Part::NotStated,
                    (Some(_), Some([])) => Part::None,
                    (Some(_), Some(_)) => Part::Several,
                };
                *seats.entry(part).or_default() += 1;
            }
        }
        // An organization all of whose people are in others too has a line of its own all the same.
        for key in members.keys() {
            seats.entry(Part::Named(key.clone())).or_default();
        }
        let with_members = matches!(self.by, SplitBy::Organization | SplitBy::Role);
        let lines = seats.into_iter().map(|(part, seats)| Line {
            at: moment.at,
            group: part.group(),
            seats,
            members: match &part {
                Part::Named(key) if with_members => members.get(key).copied(),
                _ => None,
            },
            amount: None,
            currency: None,
            unfinished: None,
            snapshots: None,
            part: match part {
                Part::Named(key) => spelled.remove(&key).unwrap_or(key),
                Part::Several => format!("(several {}s)", self.by.noun()),
                Part::None if self.by == SplitBy::CostCenter => "(none)".to_owned(),
                Part::None => format!("(no {})", self.by.noun()),
                Part::NotStated => "(not stated)".to_owned(),
                Part::ServerOnly => "(Server only)".to_owned(),
            },
        });
        Ok(lines.collect())
    }

    /// Reads the names of seats that are not known from an earlier instant.
    fn read_names(
        &mut self,
        ledger: &Ledger<'_>,
        enterprise: &Enterprise<'_>,
        seats: &[SeatOf],
    ) -> Result<()> {
        if self.by == SplitBy::Kind {
            return Ok(());
        }
        let rows = seats.iter().filter_map(|seat| seat.row);
        let states = rows.map(|row| enterprise.population.cloud[row as usize].state);
        // In their order the records are read from one end of the file to the other.
        let mut new: Vec<i64> = states.filter(|it| !self.names.contains_key(it)).collect();
        new.sort_unstable();
        for some in new.chunks(MANY) {
            ledger.store.records_of(some, &mut |state, fields, content| {
                let record = stored_record(fields, content)?;
                if self.by == SplitBy::CostCenter {
                    let login = account_of(SourceKind::Cloud, &record).login;
                    self.logins.insert(state, email::login_key(&login));
                    self.with_center.extend(record.get(COST_CENTER).map(|_| state));
                }
                let names = Rc::new(names_in(self.by, &record));
                let known = self.lists.get(&names).cloned().unwrap_or(names);
                self.lists.insert(Rc::clone(&known));
                self.names.insert(state, known);
                Ok(())
            })?;
        }
        Ok(())
    }

    /// Where it stands which cost center each seat of an enterprise belongs to; for any other split
    /// the report says what it can.
    fn centers(
        &self,
        ledger: &Ledger<'_>,
        enterprise: &Enterprise<'_>,
        seats: &[SeatOf],
        at: Instant,
    ) -> Result<Centers> {
        let mut rows = seats.iter().filter_map(|seat| seat.row);
        let stated = rows
            .any(|row| self.with_center.contains(&enterprise.population.cloud[row as usize].state));
        if self.by != SplitBy::CostCenter || stated {
            return Ok(Centers::OfReport);
        }
        let name = enterprise.name.as_deref().unwrap_or_default();
        let Some(known) = ledger.cost_centers(name, at)? else { return Ok(Centers::NotStated) };
        let mut by_login: HashMap<String, Vec<String>> = HashMap::new();
        for center in known.centers.iter().filter(|center| center.is_active()) {
            for user in center.users() {
                by_login.entry(email::login_key(user)).or_default().push(center.name.clone());
            }
        }
        Ok(Centers::Assigned { by_login, whole: known.whole })
    }

    /// The cost centers that the Cloud account of a seat is assigned to.
    fn assigned(
        &self,
        by_login: &HashMap<String, Vec<String>>,
        enterprise: &Enterprise<'_>,
        seat: &SeatOf,
    ) -> Vec<String> {
        let state = seat.row.map(|row| enterprise.population.cloud[row as usize].state);
        let login = state.and_then(|state| self.logins.get(&state));
        distinct(login.and_then(|login| by_login.get(login)).cloned().unwrap_or_default())
    }

    /// The distinct names that a seat goes by; none for a seat without a Cloud account.
    fn names_of(&self, enterprise: &Enterprise<'_>, seat: &SeatOf) -> Names {
        if self.by == SplitBy::Kind {
            return Rc::new(Some(vec![kind_of(seat).to_owned()]));
        }
        let state = seat.row.map(|row| enterprise.population.cloud[row as usize].state);
        state.and_then(|state| self.names.get(&state)).cloned().unwrap_or_default()
    }
}

/// The distinct names that a Cloud record gives; letter case tells none apart. `None` where the
/// record does not have the field.
fn names_in(by: SplitBy, record: &Record<'_>) -> Option<Vec<String>> {
    let states = |fields: &[&str]| fields.iter().any(|field| record.states(field));
    let stated = match by {
        SplitBy::Kind => true,
        SplitBy::CostCenter => states(&[COST_CENTER]),
        SplitBy::Role => states(&["github_com_enterprise_roles", "github_com_enterprise_role"]),
        SplitBy::LicenseType => states(&["license_type"]),
        SplitBy::Organization => states(&["github_com_member_roles"]),
    };
    if !stated {
        return None;
    }
    Some(distinct(match by {
        SplitBy::Kind => Vec::new(),
        SplitBy::Role => enterprise_roles(record),
        SplitBy::LicenseType => {
            let text = record.get("license_type").and_then(Value::text);
            text.map(|text| text.trim().to_owned()).into_iter().collect()
        }
        SplitBy::CostCenter => {
            let text = record.get(COST_CENTER).and_then(Value::text);
            text.map(|text| text.trim().to_owned()).into_iter().collect()
        }
        SplitBy::Organization => {
            let account = account_of(SourceKind::Cloud, record);
            let roles = record.get("github_com_member_roles").map(Value::items);
            // Roles alone do not say in which organization.
            if account.memberships.is_empty()
                && roles.is_some_and(|roles| roles.iter().any(|role| is_bare_role(role)))
            {
                return None;
            }
            account.memberships.iter().map(|it| it.organization.to_string()).collect()
        }
    }))
}

/// Names without the empty ones, each once, in order.
fn distinct(mut names: Vec<String>) -> Vec<String> {
    names.retain(|name| !name.is_empty());
    names.sort_by_cached_key(|name| name.to_lowercase());
    names.dedup_by_key(|name| name.to_lowercase());
    names
}
