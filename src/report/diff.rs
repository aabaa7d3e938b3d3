//! `oneseat diff`: who joined, left, was matched or unmatched, and what changed, between two
//! instants (counting.md section 6).

use std::collections::HashSet;

use serde::Serialize;

use super::absent;
use super::consumption::total;
use super::moment::{Enterprise, Ledger, Moment};
use super::near::moments_near;
use super::seat::{Told, teller};
use crate::error::{Error, Result};
use crate::model::Instant;
use crate::people::{self, Movement, Seat, SeatOf};
use crate::table::{Answer, Page, Table};

/// The answer.
#[derive(Debug, Clone, Serialize)]
pub struct Diff {
    schema: &'static str,
    from: Side,
    to: Side,
    pub(super) movements: Movements,
    pub(super) items: Vec<Item>,
}

#[derive(Debug, Clone, Copy, Serialize)]
struct Side {
    at: Instant,
    consumed: u64,
}

/// How many seats moved in each way.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub(super) struct Movements {
    joined: u64,
    left: u64,
    matched: u64,
    unmatched: u64,
    changed: u64,
}

/// One seat that moved.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Item {
    movement: &'static str,
    kind: &'static str,
    login: Option<String>,
    host: Option<String>,
    id: Option<String>,
    name: Option<String>,
    email: Option<String>,
    detail: String,
}

/// What is asked.
#[derive(Debug, Clone)]
pub struct DiffAsked {
    /// The opening instant.
    pub from: Instant,
    /// The closing instant.
    pub to: Instant,
    /// One enterprise; `None`: all of them.
    pub enterprise: Option<String>,
    /// Only Cloud seats with a membership in this organization.
    pub organization: Option<String>,
}

/// Answers the question.
///
/// # Errors
/// [`crate::error::Kind::Nothing`] if nothing is in force at one of the instants; if the database
/// cannot be read.
pub fn diff(ledger: &Ledger<'_>, asked: &DiffAsked) -> Result<Diff> {
    let only = asked.enterprise.as_deref();
    if let Some(name) = only {
        ledger.check_enterprise(name)?;
    }
    let (from, to) = (ledger.instant_at(asked.from)?, ledger.instant_at(asked.to)?);
    let organization = asked.organization.as_deref();
    let near = match organization {
        // Who is a member is not known of people who are not looked at.
        Some(_) => None,
        None => moments_near(ledger, from, to, only)?,
    };
    let (opening, closing, consumed) = match near {
        Some(near) => near,
        None => {
            let moment = |at| -> Result<Moment<'_>> {
                let moment = ledger.moment(at, only)?;
                ledger.keep_moment(&moment, only)?;
                Ok(moment)
            };
            let (opening, closing) = (moment(from)?, moment(to)?);
            let consumed = [&opening, &closing].map(|it| total(&it.enterprises).consumed());
            (opening, closing, consumed)
        }
    };
    let before = seats(ledger, &opening, organization)?;
    let after = seats(ledger, &closing, organization)?;
    let names =
        |seats: &[Placed<'_>]| -> Vec<Seat> { seats.iter().map(|it| it.name.clone()).collect() };
    let moved = people::movements(&names(&before), &names(&after));

    let mut found: Vec<(Movement, Told)> = Vec::new();
    for (movement, index) in moved.gone {
        let told = before[index].told(ledger)?;
        found.push((movement, told.because(gone_detail(movement, organization))));
    }
    for (movement, index) in moved.new {
        let told = after[index].told(ledger)?;
        found.push((movement, told.because(new_detail(movement, organization))));
    }
    for (from, to) in moved.pairs {
        let (from, to) = (&before[from], &after[to]);
        let same_states = from.states() == to.states() && from.keys() == to.keys();
        if same_states && from.kind() == to.kind() {
            continue;
        }
        if let Some(detail) = teller(ledger, from.enterprise, &from.seat)?.difference(&teller(
            ledger,
            to.enterprise,
            &to.seat,
        )?) {
            found.push((Movement::Changed, to.told(ledger)?.because(detail)));
        }
    }
    found.sort_by(|(a, seat), (b, other)| a.cmp(b).then_with(|| seat.compare(other)));

    let consumed = match organization {
        Some(_) => [before.len() as u64, after.len() as u64],
        None => consumed,
    };
    let count =
        |wanted: Movement| found.iter().filter(|(movement, _)| *movement == wanted).count() as u64;
    Ok(Diff {
        schema: "oneseat.diff/1",
        from: Side { at: asked.from, consumed: consumed[0] },
        to: Side { at: asked.to, consumed: consumed[1] },
        movements: Movements {
            joined: count(Movement::Joined),
            left: count(Movement::Left),
            matched: count(Movement::Matched),
            unmatched: count(Movement::Unmatched),
            changed: count(Movement::Changed),
        },
        items: found.into_iter().map(|(movement, told)| item(movement, told)).collect(),
    })
}

fn item(movement: Movement, told: Told) -> Item {
    let Told { kind, login, host, id, name, email, detail } = told;
    Item { movement: movement.name(), kind, login, host, id, name, email, detail }
}

fn gone_detail(movement: Movement, organization: Option<&str>) -> String {
    match (movement, organization) {
        (_, Some(organization)) => format!("is no longer in {organization}"),
        (Movement::Matched, _) => "its accounts are part of another seat now".to_owned(),
        _ => "takes no license any more".to_owned(),
    }
}

/// The items of a difference, for people.
pub(super) fn items_table(items: &[Item]) -> Table {
    let mut table = Table::new(&["What", "Who", "Where", "Address", "Detail"]);
    for item in items {
        let who = item.login.clone().or_else(|| item.id.clone()).or_else(|| item.email.clone());
        table.rows.push(vec![
            item.movement.into(),
            who.into(),
            item.host.clone().unwrap_or_else(|| "Cloud".to_owned()).into(),
            item.email.clone().into(),
            item.detail.clone().into(),
        ]);
    }
    table
}

fn new_detail(movement: Movement, organization: Option<&str>) -> String {
    match (movement, organization) {
        (_, Some(organization)) => format!("is in {organization} now"),
        (Movement::Unmatched, _) => {
            "its accounts were part of another seat; they take one of their own now".to_owned()
        }
        _ => "takes a license now".to_owned(),
    }
}

/// A seat with the enterprise that it is of.
struct Placed<'m> {
    enterprise: &'m Enterprise<'m>,
    seat: SeatOf,
    name: Seat,
}

impl Placed<'_> {
    /// The stored states that the seat consists of.
    fn states(&self) -> Vec<i64> {
        let mut states: Vec<i64> =
            self.seat.accounts.iter().map(|account| self.enterprise.state_of(*account)).collect();
        states
            .extend(self.seat.row.map(|row| self.enterprise.population.cloud[row as usize].state));
        states.sort_unstable();
        states
    }

    /// The numbers of its accounts' keys: those of an account that only Cloud knows come from every
    /// row that lists it, of other seats too.
    fn keys(&self) -> Vec<u32> {
        let accounts = self.seat.accounts.iter();
        let accounts = accounts.map(|it| &self.enterprise.matching.accounts[*it as usize]);
        let mut keys: Vec<u32> = accounts.flat_map(|account| account.keys.clone()).collect();
        keys.sort_unstable();
        keys
    }

    fn kind(&self) -> (bool, bool) {
        (self.seat.row.is_some(), self.seat.accounts.is_empty())
    }

    fn told(&self, ledger: &Ledger<'_>) -> Result<Told> {
        Ok(teller(ledger, self.enterprise, &self.seat)?.told())
    }
}

/// The seats of a moment; those of an organization's members, if one is asked for.
fn seats<'m>(
    ledger: &Ledger<'_>,
    moment: &'m Moment<'_>,
    organization: Option<&str>,
) -> Result<Vec<Placed<'m>>> {
    let mut placed = Vec::new();
    for enterprise in &moment.enterprises {
        if let (Some(_), Some(cloud)) = (organization, enterprise.cloud)
            && !absent::states(ledger, cloud, absent::ORGANIZATIONS)?
        {
            return Err(Error::nothing(format!(
                "the organizations are not stated: {} of {} has no field {}",
                cloud.source,
                cloud.taken_at,
                absent::ORGANIZATIONS.join(" or ")
            ))
            .hint("compare with a time at which the report has it, or leave --organization out"));
        }
        let members: Option<HashSet<i64>> = match (organization, enterprise.cloud) {
            (None, _) => None,
            (Some(organization), Some(cloud)) => Some(ledger.store.members(cloud, organization)?),
            (Some(_), None) => Some(HashSet::new()),
        };
        for seat in people::seats(&enterprise.population, &enterprise.matching) {
            let state = seat.row.map(|row| enterprise.population.cloud[row as usize].state);
            let wanted = match (&members, state) {
                (None, _) => true,
                (Some(members), Some(state)) => members.contains(&state),
                (Some(_), None) => false,
            };
            if wanted {
                let name = enterprise.name_of(&seat);
                placed.push(Placed { enterprise, seat, name });
            }
        }
    }
    Ok(placed)
}

impl Answer for Diff {
    const LIST: Option<&'static str> = Some("items");

    fn example() -> Diff {
        let side = Side { at: Instant::default(), consumed: 0 };
        let item = Item {
            movement: "",
            kind: "",
            login: None,
            host: None,
            id: None,
            name: None,
            email: None,
            detail: String::new(),
        };
        Diff {
            schema: "oneseat.diff/1",
            from: side,
            to: side,
            movements: Movements::default(),
            items: vec![item],
        }
    }

    fn page(&self) -> Page {
        let Movements { joined, left, matched, unmatched, changed } = self.movements;
        let mut story = Table::new(&["Licenses", ""]);
        let mut line = |text: String, number: i64| {
            story.rows.push(vec![text.into(), number.into()]);
        };
        line(format!("on {}", self.from.at), self.from.consumed as i64);
        line("joined".into(), joined as i64);
        line("no longer matched, so with a seat of their own".into(), unmatched as i64);
        line("left".into(), -(left as i64));
        line("matched, so without a seat of their own".into(), -(matched as i64));
        line(format!("on {}", self.to.at), self.to.consumed as i64);

        let table = items_table(&self.items);
        let tables = if self.items.is_empty() { vec![story] } else { vec![story, table] };
        let moved = joined + left + matched + unmatched;
        Page {
            headline: format!("From {} to {}", self.from.at, self.to.at),
            tables,
            closing: vec![format!("{moved} seats moved, {changed} stayed and changed.")],
        }
    }
}
