//! `oneseat page`: the answers of one instant together, and the people behind them (page.md). The numbers are those
//! of the commands: each part is the answer of a command at the instant of the page.

mod asked;
mod doubles;
mod freshness;
mod people;
mod pseudonyms;
mod without_seat;

use serde::Serialize;
use serde_json::{Map, Value, to_value};

use super::books::sources_in_force;
use super::check::check;
use super::consumption::consumption;
use super::diff::{DiffAsked, diff};
use super::duplicates::duplicates;
use super::period::{By, period_of};
use super::reclaim::reclaim;
use super::seats::{SeatsAsked, SplitBy, seats};
use super::trend::{TrendAsked, trend};
use crate::error::Result;
use crate::ledger::{AsOf, Asked, Ledger};
use crate::model::Instant;
use crate::table::{Answer, CellKind, Columns, Page, PeopleList, RowVisitor, Table, not_json};
pub use asked::{PageAsked, PeopleShown};
use doubles::DoublesSplit;
use freshness::Freshness;
use pseudonyms::Pseudonyms;

/// The length of a day, in seconds.
const DAY: i64 = 86_400;

/// The number of days before the instant of the page that the movements cover.
const MOVEMENTS: i64 = 90;

/// The number of days without activity after which a seat counts as idle.
const IDLE: i64 = 90;

/// The most people that a page embeds without being asked for all of them.
const MOST_PEOPLE: u64 = 100_000;

/// The most findings that a page lists as rows.
const MOST_FINDINGS: u64 = 1_000;

/// The answers that a page shows, as one JSON object: each part is the answer of a command.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub struct PageAnswer {
    /// The JSON of the page.
    pub json: Value,
    /// The instant that the page is about.
    #[serde(skip)]
    pub as_of: Instant,
    /// The people that the page embeds.
    #[serde(skip)]
    pub list: PeopleList,
    #[serde(skip)]
    count: PeopleCount,
    #[serde(skip)]
    rests_on: Vec<String>,
}

/// The number of people on a page.
#[derive(Debug, Clone, Copy, Serialize)]
struct PeopleCount {
    embedded: u64,
    total: u64,
}

impl PeopleCount {
    const COLUMNS: Columns = &[("embedded", CellKind::Whole), ("total", CellKind::Whole)];
}

/// Something that the page leaves out.
#[derive(Debug, Clone, Serialize)]
struct LeftOut {
    what: &'static str,
    count: u64,
    /// The command that lists it.
    command: String,
}

/// Answers the command `page`.
///
/// # Errors
/// [`crate::error::ErrorKind::Nothing`] if nothing is in force at the instant;
/// [`crate::error::ErrorKind::Usage`] if the trend would begin after it; also if the database cannot be read.
pub fn page(ledger: &Ledger<'_>, page: &PageAsked) -> Result<PageAnswer> {
    let at = ledger.asked(&page.asked)?;
    // All parts are about the same instant, also where the user asked for `latest`.
    let asked = Asked { as_of: AsOf::At(at), ..page.asked.clone() };
    let only = asked.enterprise.as_deref();
    let first = match only {
        Some(name) => ledger.first_instant_of(name)?,
        None => ledger.instants().first().copied(),
    };
    let first = first.filter(|first| *first <= at).unwrap_or(at);
    let consumption = consumption(ledger, &asked)?;
    let trend = trend(ledger, &trend_asked(ledger, page, first, at)?)?;
    let duplicates = duplicates(ledger, &asked, None)?;
    let split = SeatsAsked {
        asked: asked.clone(),
        by: SplitBy::Organization,
        period: None,
        from: None,
        price: None,
    };
    let seats = seats(ledger, &split)?;
    let check = check(ledger, &asked, &page.bounds, None)?;
    let from = at.plus_seconds(-MOVEMENTS * DAY).max(first);
    let span = DiffAsked { from, to: at, enterprise: asked.enterprise.clone(), organization: None };
    let movements = diff(ledger, &span)?.summary();
    let reclaim = reclaim(ledger, &asked, IDLE * DAY)?;
    let total = consumption.consumed;
    let shown = match page.people {
        PeopleShown::Auto if total <= MOST_PEOPLE => PeopleShown::All,
        PeopleShown::Auto => PeopleShown::Findings,
        asked => asked,
    };
    let moment = ledger.moment(at, only)?;
    let names = match &page.pseudonyms {
        Some(key) => Some(Pseudonyms::of(ledger, &moment, key)?),
        None => None,
    };
    let mut list = people::list(ledger, &moment, shown, names.as_ref(), &duplicates, &reclaim)?;
    let embedded = list.people.len() as u64;
    let found = duplicates.outlines().count() as u64;
    let idle = reclaim.reasons().filter(|(reason, _)| people::IDLE.contains(reason)).count();
    let listed = if shown == PeopleShown::None { 0 } else { found.min(MOST_FINDINGS) };
    let idle = if shown == PeopleShown::None { idle as u64 } else { 0 };
    let of = |what, count, command: &str| {
        let enterprise = only.map(|name| format!(" --enterprise {name}")).unwrap_or_default();
        let command = format!("oneseat {command} --as-of {at}{enterprise}");
        (count > 0).then_some(LeftOut { what, count, command })
    };
    let left_out: Vec<LeftOut> = [
        of("people", total.saturating_sub(embedded), "export seats"),
        of("findings", found - listed, "duplicates"),
        of("idle", idle, "reclaim"),
    ]
    .into_iter()
    .flatten()
    .collect();
    let rests_on = consumption.rests_on();
    let mut json = Map::new();
    let mut put = |key: &str, value: serde_json::Result<Value>| -> Result<()> {
        json.insert(key.to_owned(), value.map_err(not_json)?);
        Ok(())
    };
    put("schema", to_value("oneseat.page/1"))?;
    put("as_of", to_value(at))?;
    put("known_on", to_value(ledger.known_on))?;
    put("head", to_value(ledger.store.head(ledger.known)?))?;
    put("consumption", to_value(&consumption))?;
    put("trend", to_value(&trend))?;
    put("duplicates", to_value(&duplicates))?;
    put("doubles", to_value(DoublesSplit::of(&duplicates)))?;
    put("seats", to_value(&seats))?;
    put("check", to_value(&check))?;
    put("movements", to_value(&movements))?;
    put("reclaim", to_value(&reclaim))?;
    put("sources", to_value(sources_in_force(ledger, at)?))?;
    put("freshness", to_value(Freshness::of(ledger, at, &page.bounds)))?;
    // No contract can be recorded, so no position is known.
    put("position", Ok(Value::Null))?;
    let count = PeopleCount { embedded, total };
    put("people", to_value(count))?;
    put("without_seat", to_value(without_seat::list(ledger, &moment, shown, names.is_some())?))?;
    put("left_out", to_value(left_out))?;
    if let Some(names) = &names {
        let places = pseudonyms::hide(&mut json, names, &duplicates, &reclaim);
        for finding in list.people.iter_mut().flat_map(|it| &mut it.findings) {
            *finding = places.get(*finding as usize).copied().unwrap_or(*finding);
        }
        list.organizations = pseudonyms::organizations_shown(list.organizations, &json);
    }
    Ok(PageAnswer { json: Value::Object(json), as_of: at, list, count, rests_on })
}

/// The question to `trend`: by day for a short span, by month for a long one, else by week.
fn trend_asked(
    ledger: &Ledger<'_>,
    page: &PageAsked,
    first: Instant,
    at: Instant,
) -> Result<TrendAsked> {
    if let Some(from) = page.from {
        crate::ledger::check_span(from, at)?;
    }
    let from = page.from.unwrap_or(first).max(first);
    let by = match (at.unix() - from.unix()) / DAY {
        ..90 => By::Day,
        90..=1_826 => By::Week,
        _ => By::Month,
    };
    // The value of a period is that of its last second. Where something changes between the instant of the page and
    // the end of its period, the trend ends with the period before, for the page knows nothing later.
    let mut to = at;
    if let Some((start, end)) = period_of(by, at) {
        let changes = ledger.change_instants();
        let is_later = changes.iter().any(|it| (at.plus_seconds(1)..=end).contains(it));
        if is_later && start > from {
            to = start.plus_seconds(-1);
        }
    }
    Ok(TrendAsked {
        from: page.from.map(|_| from),
        to: Some(to),
        by,
        round: None,
        known_on: page.asked.known_on,
        enterprise: page.asked.enterprise.clone(),
    })
}

/// The figures of a page in one row, for the formats that have rows.
#[derive(Serialize)]
struct PageRow {
    as_of: Instant,
    head: Option<String>,
    consumed: Option<i64>,
    purchased: Option<i64>,
    available: Option<i64>,
    certain: Option<i64>,
    likely: Option<i64>,
    possible: Option<i64>,
    people: PeopleCount,
}

impl PageAnswer {
    /// The whole number at a path in the JSON.
    fn number(&self, path: [&str; 2]) -> Option<i64> {
        self.json.get(path[0])?.get(path[1])?.as_i64()
    }

    fn in_one_row(&self) -> PageRow {
        let duplicates =
            |level| self.json.get("duplicates")?.get("summary")?.get(level).and_then(Value::as_i64);
        let head = self.json.get("head").and_then(Value::as_str);
        PageRow {
            as_of: self.as_of,
            head: head.map(str::to_owned),
            consumed: self.number(["consumption", "consumed"]),
            purchased: self.number(["consumption", "purchased"]),
            available: self.number(["consumption", "available"]),
            certain: duplicates("certain"),
            likely: duplicates("likely"),
            possible: duplicates("possible"),
            people: self.count,
        }
    }
}

impl Answer for PageAnswer {
    const LIST: Option<&'static str> = None;
    const COLUMNS: Columns = &[
        ("as_of", CellKind::Instant),
        ("head", CellKind::Text),
        ("consumed", CellKind::Whole),
        ("purchased", CellKind::Whole),
        ("available", CellKind::Whole),
        ("certain", CellKind::Whole),
        ("likely", CellKind::Whole),
        ("possible", CellKind::Whole),
        ("people", CellKind::Object(PeopleCount::COLUMNS)),
    ];

    fn rows(&self, visitor: &mut impl RowVisitor) -> Result<()> {
        visitor.row(&self.in_one_row())
    }

    fn rests_on(&self) -> Vec<String> {
        self.rests_on.clone()
    }

    fn page(&self) -> Page {
        let row = self.in_one_row();
        let mut table = Table::new(&["Page", ""]);
        table.rows.push(vec!["Consumed".into(), row.consumed.into()]);
        table.rows.push(vec!["Purchased".into(), row.purchased.into()]);
        table.rows.push(vec!["People embedded".into(), row.people.embedded.into()]);
        let closing = "`oneseat page` writes all of this as one file to look at.".to_owned();
        Page {
            headline: format!("The page as of {}", self.as_of),
            tables: vec![table],
            closing: vec![closing],
        }
    }
}
