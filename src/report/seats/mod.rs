//! `oneseat seats`: the seats split into parts that add up to the licenses consumed, at an instant or by
//! calendar period, and what they cost.
//!
//! Every seat is in exactly one part. A person in several organizations takes one seat. This seat is in a
//! part of its own, `(several organizations)`, because no organization is charged for a seat that it shares.
//! There is one further part each for the seats in no organization, the seats without a Cloud account, and
//! the seats whose file does not state organizations. A split by roles, license types or cost centers has the
//! same parts. A split by what employee directories state (`entries`) has a part for the seats without an entry
//! in place of that for the seats without a Cloud account.

mod entries;
mod page;
mod split_by;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

use serde::Serialize;

use super::By;
use super::basis::Basis;
use super::consumption::warnings;
use super::money::{Money, Price};
use super::period::periods;
use super::seat_tables::{MANY, enterprise_roles, kind_of};
use super::trend::{is_unfinished, taken};
use crate::code::WarningCode;
use crate::email;
use crate::error::Result;
use crate::ledger::check_span;
use crate::ledger::stored_record;
use crate::ledger::{Asked, Enterprise, Ledger, Moment};
use crate::model::{Instant, Record, SourceKind, StateId, Value, account_of, is_bare_role};
use crate::people::{self, SeatOf};
use crate::table::{CellKind, Columns};
use crate::warning::Warning;
use entries::{EntryNames, EntryOfSeat};
use split_by::PartNames;

pub use split_by::SplitBy;

/// The question that `seats` answers.
#[derive(Debug, Clone)]
pub struct SeatsAsked {
    /// The as-of instant and the enterprise. With a period, the instant lies in the last period.
    pub asked: Asked,
    /// The property by which the seats are split.
    pub by: SplitBy,
    /// Split the seats at the end of every such calendar period; `None`: at the as-of instant only.
    pub period: Option<By>,
    /// Only periods from this instant on; `None`: from the first snapshot on.
    pub from: Option<Instant>,
    /// The price of a seat, at the instant or for each period.
    pub price: Option<Price>,
}

/// The answer of `oneseat seats`.
#[derive(Debug, Clone, Serialize)]
pub struct Seats {
    schema: &'static str,
    #[serde(skip)]
    by: SplitBy,
    #[serde(rename = "by")]
    by_name: &'static str,
    period: Option<&'static str>,
    /// The as-of instant; with a period, the last instant that is counted.
    as_of: Instant,
    #[serde(flatten)]
    basis: Basis,
    price: Option<String>,
    currency: Option<String>,
    /// The parts at each instant, in order of time.
    lines: Vec<Line>,
    /// The totals at each instant, against which the lines can be checked.
    totals: Vec<Total>,
    /// The warnings about the last instant, as `consumption` states them.
    warnings: Vec<Warning>,
    /// The employee directories in force at the last instant, each with the instant of its snapshot and the
    /// number of its entries; empty unless the seats are split by what directories state.
    #[serde(skip)]
    directories: Vec<(String, Instant, usize)>,
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
    /// The currency of the amount, so that every row with money names it.
    currency: Option<String>,
    /// Do the data end within the period, so that the value of the line may still change? `None` without a
    /// period.
    unfinished: Option<bool>,
    /// The number of snapshots of the period that can come into force. If it is 0, the value is carried from
    /// before the period. `None` without a period.
    snapshots: Option<u64>,
}

impl Line {
    const COLUMNS: Columns = &[
        ("at", CellKind::Instant),
        ("part", CellKind::Text),
        ("group", CellKind::Text),
        ("seats", CellKind::Whole),
        ("members", CellKind::Whole),
        ("amount", CellKind::Money),
        ("currency", CellKind::Text),
        ("unfinished", CellKind::Truth),
        ("snapshots", CellKind::Whole),
    ];
}

/// The sum of all parts at an instant.
#[derive(Debug, Clone, Serialize)]
struct Total {
    at: Instant,
    seats: u64,
    amount: Option<Money>,
    /// The number of snapshots of the period that can come into force; without a period, of all such snapshots
    /// up to the instant.
    #[serde(skip)]
    snapshots: u64,
    /// Do the data end within the period of this total?
    #[serde(skip)]
    unfinished: bool,
}

/// The part to which a seat belongs. Parts are printed in the order of these variants.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    /// The only organization of the seat, or its only role, license type or cost center, in lower case.
    Named(String),
    Several,
    None,
    /// For a seat whose file does not state the property by which the seats are split.
    NotStated,
    ServerOnly,
}

impl Part {
    /// The part of a seat by its entries, unless they state one name.
    fn of_entry(stated: &EntryOfSeat) -> Option<Part> {
        match stated {
            EntryOfSeat::NoEntry => Some(Part::None),
            EntryOfSeat::NotStated => Some(Part::NotStated),
            EntryOfSeat::Several => Some(Part::Several),
            EntryOfSeat::Named(_) => None,
        }
    }

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

/// Answers the command `seats`.
///
/// # Errors
/// [`crate::error::ErrorKind::Nothing`] if nothing is in force at the as-of instant; also if the database
/// cannot be read.
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
        directories: Vec::new(),
        without_directory: None,
    };
    let (mut lines, mut totals) = (Vec::new(), Vec::new());
    let currency = asked.price.as_ref().map(|price| price.currency.clone());
    let only = asked.asked.enterprise.as_deref();
    let mut basis = Basis { known_on: ledger.known_on, ..Basis::default() };
    let mut of_last = Vec::new();
    let taken = taken(ledger, only)?.into_iter().map(|it| it.taken_at);
    let taken: Vec<Instant> = taken.filter(|it| *it <= last).collect();
    for (at, start) in instants(ledger, asked, last)? {
        // The period that contains the as-of instant is counted at that instant, not at its end.
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
        // Only the period in which the data end is unfinished. A later period is carried from before, and its
        // lines say so.
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
    let without_directory = splitter.without_directory.map(|at| {
        let message =
            format!("no employee directory was in force at {at}: nobody has an entry there");
        Warning { code: WarningCode::NoDirectory, message, about: None }
    });
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
        warnings: of_last.into_iter().chain(without_directory).collect(),
        directories: splitter.directories,
    })
}

/// The instants to count: the last second of each period, paired with its first second. Without a period,
/// only the as-of instant.
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

/// Splits the seats at one instant after another, and remembers the names in the records that it has read.
struct Splitter {
    by: SplitBy,
    /// The names in the record of each Cloud state.
    names: HashMap<StateId, PartNames>,
    /// Each distinct list of names, stored once, because a million people share a few lists.
    lists: HashSet<PartNames>,
    /// The Cloud states whose record has a field for the cost center.
    with_center: HashSet<StateId>,
    /// The login of each Cloud state, in the form in which logins are compared. Logins are read for cost
    /// centers only.
    logins: HashMap<StateId, String>,
    /// The employee directories in force at the instant that was split last.
    directories: Vec<(String, Instant, usize)>,
    /// The last instant at which seats were to be split by entries, and no directory was in force.
    without_directory: Option<Instant>,
}

/// The only name that the entries of a seat state.
fn named(stated: Option<&EntryOfSeat>) -> PartNames {
    match stated {
        Some(EntryOfSeat::Named(names)) => Rc::clone(names),
        _ => PartNames::default(),
    }
}

/// Where the cost centers of an enterprise's seats are stated.
enum Centers {
    /// The Cloud report states the cost centers.
    OfReport,
    /// The imported list of cost centers states them.
    Assigned {
        /// For each login, the active cost centers that the account is assigned to.
        by_login: HashMap<String, Vec<String>>,
        /// Does the imported list hold all cost centers of the enterprise?
        whole: bool,
    },
    /// No file states the cost centers.
    NotStated,
}

/// The field of a Cloud report that states the cost center.
const COST_CENTER: &str = "github_com_cost_center";

impl Splitter {
    fn split(&mut self, ledger: &Ledger<'_>, moment: &Moment<'_>) -> Result<Vec<Line>> {
        let mut seats: BTreeMap<Part, u64> = BTreeMap::new();
        let mut members: BTreeMap<String, u64> = BTreeMap::new();
        // Maps each name in lower case to that of its spellings which comes first by bytes.
        let mut spelled: HashMap<String, String> = HashMap::new();
        let entries = self.by.detail().map(|name| EntryNames::read(ledger, name, moment.at));
        let entries = entries.transpose()?;
        self.directories = entries.as_ref().map(EntryNames::told).unwrap_or_default();
        if self.by.detail().is_some() && self.directories.is_empty() {
            self.without_directory = Some(moment.at);
        }
        for enterprise in &moment.enterprises {
            let all = people::seats(&enterprise.population, &enterprise.matching);
            self.read_names(ledger, enterprise, &all)?;
            let centers = self.centers(ledger, enterprise, &all, moment.at)?;
            let stated = match &entries {
                Some(entries) => entries.of_seats(enterprise, &all)?,
                None => Vec::new(),
            };
            for (place, seat) in all.iter().enumerate() {
                if let Some(part) = stated.get(place).and_then(Part::of_entry) {
                    *seats.entry(part).or_default() += 1;
                    continue;
                }
                let names = match &centers {
                    _ if entries.is_some() => named(stated.get(place)),
                    Centers::OfReport => self.names_of(enterprise, seat),
                    Centers::Assigned { by_login, whole } => {
                        let names = self.assigned(by_login, enterprise, seat);
                        // A seat is known to have no cost center only if all cost centers are known.
                        Rc::new((*whole || !names.is_empty()).then_some(names))
                    }
                    Centers::NotStated => PartNames::default(),
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
        // An organization whose members are all in other organizations too still has a line of its own.
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
                Part::Several if self.by.detail().is_some() => "(several)".to_owned(),
                Part::Several => format!("(several {}s)", self.by.noun()),
                Part::None if self.by == SplitBy::CostCenter => "(none)".to_owned(),
                Part::None if self.by.detail().is_some() => "(no entry)".to_owned(),
                Part::None => format!("(no {})", self.by.noun()),
                Part::NotStated => "(not stated)".to_owned(),
                Part::ServerOnly => "(Server only)".to_owned(),
            },
        });
        Ok(lines.collect())
    }

    /// Reads the names of the seats that were not seen at an earlier instant.
    fn read_names(
        &mut self,
        ledger: &Ledger<'_>,
        enterprise: &Enterprise<'_>,
        seats: &[SeatOf],
    ) -> Result<()> {
        if self.by == SplitBy::Kind || self.by.detail().is_some() {
            return Ok(());
        }
        let rows = seats.iter().filter_map(|seat| seat.row);
        let states = rows.map(|row| enterprise.population.cloud[row].state);
        // With sorted ids, the records are read from one end of the database to the other.
        let mut new: Vec<StateId> = states.filter(|it| !self.names.contains_key(it)).collect();
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

    /// Finds out where the cost centers of an enterprise's seats are stated. For any other split the result
    /// is the Cloud report.
    fn centers(
        &self,
        ledger: &Ledger<'_>,
        enterprise: &Enterprise<'_>,
        seats: &[SeatOf],
        at: Instant,
    ) -> Result<Centers> {
        let mut rows = seats.iter().filter_map(|seat| seat.row);
        let stated =
            rows.any(|row| self.with_center.contains(&enterprise.population.cloud[row].state));
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
        let state = seat.row.map(|row| enterprise.population.cloud[row].state);
        let login = state.and_then(|state| self.logins.get(&state));
        distinct(login.and_then(|login| by_login.get(login)).cloned().unwrap_or_default())
    }

    /// The distinct names of a seat; `None` for a seat without a Cloud account.
    fn names_of(&self, enterprise: &Enterprise<'_>, seat: &SeatOf) -> PartNames {
        if self.by == SplitBy::Kind {
            return Rc::new(Some(vec![kind_of(seat).to_owned()]));
        }
        let state = seat.row.map(|row| enterprise.population.cloud[row].state);
        state.and_then(|state| self.names.get(&state)).cloned().unwrap_or_default()
    }
}

/// The organizations that a Cloud record states, each once; `None` if it states none.
pub(super) fn organizations_in(record: &Record<'_>) -> Option<Vec<String>> {
    names_in(SplitBy::Organization, record)
}

/// The distinct names in a Cloud record, ignoring letter case; `None` if the record does not have the field.
fn names_in(by: SplitBy, record: &Record<'_>) -> Option<Vec<String>> {
    let states = |fields: &[&str]| fields.iter().any(|field| record.states(field));
    let stated = match by {
        SplitBy::Kind | SplitBy::Manager | SplitBy::Unit => true,
        SplitBy::CostCenter => states(&[COST_CENTER]),
        SplitBy::Role => states(&["github_com_enterprise_roles", "github_com_enterprise_role"]),
        SplitBy::LicenseType => states(&["license_type"]),
        SplitBy::Organization => states(&["github_com_member_roles"]),
    };
    if !stated {
        return None;
    }
    Some(distinct(match by {
        SplitBy::Kind | SplitBy::Manager | SplitBy::Unit => Vec::new(),
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
            // Roles that name no organization do not state which organizations the account is in.
            if account.memberships.is_empty()
                && roles.is_some_and(|roles| roles.iter().any(|role| is_bare_role(role)))
            {
                return None;
            }
            account.memberships.iter().map(|it| it.organization.to_string()).collect()
        }
    }))
}

/// The distinct names in alphabetical order, ignoring letter case. Empty names are left out.
fn distinct(mut names: Vec<String>) -> Vec<String> {
    names.retain(|name| !name.is_empty());
    names.sort_by_cached_key(|name| name.to_lowercase());
    names.dedup_by_key(|name| name.to_lowercase());
    names
}
