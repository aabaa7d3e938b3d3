//! `oneseat page`: the answers of one instant together, and the people behind them (page.md). The numbers are those
//! of the commands: each part is the answer of a command at the instant of the page.

mod asked;
mod doubles;
mod freshness;
mod people;

use serde::Serialize;

use super::books::{SourceInForce, sources_in_force};
use super::check::{Check, check};
use super::consumption::{Consumption, consumption};
use super::diff::{DiffAsked, DiffSummary, diff};
use super::duplicates::{Duplicates, duplicates};
use super::period::{By, period_of};
use super::reclaim::{Reclaim, reclaim};
use super::seats::{Seats, SeatsAsked, SplitBy, seats};
use super::trend::{Trend, TrendAsked, trend};
use crate::error::Result;
use crate::ledger::{AsOf, Asked, Ledger};
use crate::model::Instant;
use crate::table::{Answer, CellKind, Columns, Page, PeopleList, RowVisitor, Table, grouped};
pub use asked::{PageAsked, PeopleShown};
use doubles::DoublesSplit;
use freshness::Freshness;

/// The length of a day, in seconds.
const DAY: i64 = 86_400;

/// The number of days before the instant of the page that the movements cover.
const MOVEMENTS: i64 = 90;

/// The number of days without activity after which a seat counts as idle.
const IDLE: i64 = 90;

/// The most people that a page embeds without being asked for all of them.
const MOST_PEOPLE: u64 = 100_000;

/// The most findings that a page lists as rows.
pub(super) const MOST_FINDINGS: u64 = 1_000;

/// The answers that a page shows.
#[derive(Debug, Clone, Serialize)]
pub struct PageAnswer {
    schema: &'static str,
    /// The instant that the page is about.
    pub as_of: Instant,
    known_on: Option<Instant>,
    /// The newest hash of the journal.
    head: Option<String>,
    consumption: Consumption,
    trend: Trend,
    duplicates: Duplicates,
    doubles: DoublesSplit,
    seats: Seats,
    check: Check,
    movements: DiffSummary,
    reclaim: Reclaim,
    sources: Vec<SourceInForce>,
    freshness: Freshness,
    /// The position under a contract; `None`, since no contract can be recorded yet.
    position: Option<()>,
    people: PeopleCount,
    left_out: Vec<LeftOut>,
    /// The people that the page embeds.
    #[serde(skip)]
    pub list: PeopleList,
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
    let list = people::list(ledger, at, only, shown, &duplicates, &reclaim)?;
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
    let left_out = [
        of("people", total.saturating_sub(embedded), "export seats"),
        of("findings", found - listed, "duplicates"),
        of("idle", idle, "reclaim"),
    ];
    Ok(PageAnswer {
        schema: "oneseat.page/1",
        as_of: at,
        known_on: ledger.known_on,
        head: ledger.store.head(ledger.known)?,
        doubles: DoublesSplit::of(&duplicates),
        sources: sources_in_force(ledger, at)?,
        freshness: Freshness::of(ledger, at, &page.bounds),
        consumption,
        trend,
        duplicates,
        seats,
        check,
        movements,
        reclaim,
        position: None,
        people: PeopleCount { embedded, total },
        left_out: left_out.into_iter().flatten().collect(),
        list,
    })
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

impl Answer for PageAnswer {
    const LIST: Option<&'static str> = None;
    const COLUMNS: Columns = &[
        ("schema", CellKind::Text),
        ("as_of", CellKind::Instant),
        ("known_on", CellKind::Instant),
        ("head", CellKind::Text),
        ("consumption", CellKind::List),
        ("people", CellKind::Object(PeopleCount::COLUMNS)),
        ("left_out", CellKind::List),
    ];

    fn rows(&self, visitor: &mut impl RowVisitor) -> Result<()> {
        visitor.row(self)
    }

    fn rests_on(&self) -> Vec<String> {
        self.consumption.rests_on()
    }

    fn page(&self) -> Page {
        let mut table = Table::new(&["Page", ""]);
        let people = format!("{} of {}", grouped(self.people.embedded), grouped(self.people.total));
        table.rows.push(vec!["Consumed".into(), self.consumption.consumed.into()]);
        table.rows.push(vec!["Purchased".into(), self.consumption.purchased.into()]);
        table.rows.push(vec!["People".into(), people.into()]);
        let closing = "`oneseat page` writes all of this as one file to look at.".to_owned();
        Page {
            headline: format!("The page as of {}", self.as_of),
            tables: vec![table],
            closing: vec![closing],
        }
    }
}
