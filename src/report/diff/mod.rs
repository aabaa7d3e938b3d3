//! `oneseat diff`: the seats that joined, left, were matched, were unmatched or changed between two instants
//! (counting.md section 6).

mod bridge;
mod firsts;
mod movements;
mod organization;
mod placed;

use std::collections::{BTreeMap, HashSet};

use serde::Serialize;

use self::bridge::{BridgeSpan, Of};
use self::firsts::Firsts;
pub(super) use self::movements::Movements;
use self::placed::Placed;
use super::absent;
use super::basis::Basis;
use super::seat::{SeatDetails, SeatHolder};
use crate::error::{Error, Result};
use crate::ledger::check_span;
use crate::ledger::moments_near;
use crate::ledger::total;
use crate::ledger::{AsOf, Ledger, Moment};
use crate::model::{Instant, StateId};
use crate::people::{self, Movement, MovementSide, SameBy, Seat};
use crate::table::{Answer, Cell, CellKind, Columns, Page, RowVisitor, Table, counted, grouped};

/// What `oneseat diff` answers: the seats that moved between two instants, and the bridge from the first total
/// to the second.
#[derive(Debug, Clone, Serialize)]
pub struct Diff {
    schema: &'static str,
    from: End,
    to: End,
    #[serde(flatten)]
    pub(super) basis: Basis,
    pub(super) movements: Movements,
    bridge: Vec<BridgeSpan>,
    pub(super) items: Vec<MovedSeat>,
}

#[derive(Debug, Clone, Copy, Serialize)]
struct End {
    at: Instant,
    consumed: u64,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct MovedSeat {
    movement: &'static str,
    kind: &'static str,
    login: Option<String>,
    host: Option<String>,
    id: Option<String>,
    name: Option<String>,
    email: Option<String>,
    detail: String,
}

impl MovedSeat {
    pub(super) const COLUMNS: Columns = &[
        ("movement", CellKind::Text),
        ("kind", CellKind::Text),
        ("login", CellKind::Text),
        ("host", CellKind::Text),
        ("id", CellKind::Text),
        ("name", CellKind::Text),
        ("email", CellKind::Text),
        ("detail", CellKind::Text),
    ];
}

/// The seats that moved between two instants, and the lines of the bridge in which they are counted, each seat
/// once.
#[derive(Default)]
struct BridgeMoves {
    seats: Vec<(Movement, SeatHolder)>,
    bridge: BTreeMap<Of, Movements>,
}

impl BridgeMoves {
    fn add(&mut self, movement: Movement, seat: &Placed<'_>, teller: &SeatDetails, detail: String) {
        let told = teller.told().because(detail);
        let of = Of::new(seat, &told, teller);
        self.bridge.entry(of).or_default().add(movement);
        self.seats.push((movement, told));
    }
}

/// What the user asks `oneseat diff`: the two instants, and whose seats to compare.
#[derive(Debug, Clone)]
pub struct DiffAsked {
    /// The instant at which the comparison begins.
    pub from: Instant,
    /// The instant at which the comparison ends.
    pub to: Instant,
    /// The enterprise that the question is about; `None`: all of them.
    pub enterprise: Option<String>,
    /// If set, only Cloud seats with a membership in this organization are compared.
    pub organization: Option<String>,
}

/// Answers the command `diff`: compares the seats at two instants.
///
/// # Errors
/// [`crate::error::ErrorKind::Nothing`] if no snapshot is in force at one of the instants; another error if
/// the database cannot be read.
pub fn diff(ledger: &Ledger<'_>, asked: &DiffAsked) -> Result<Diff> {
    let only = asked.enterprise.as_deref();
    check_span(asked.from, asked.to)?;
    let point = |at| ledger.point(AsOf::At(at), only);
    let (from, to) = (point(asked.from)?, point(asked.to)?);
    let organization = asked.organization.as_deref();
    let near = match organization {
        // `moments_near` reads only the people who changed. The total of an organization needs all of its
        // members, so everybody is read if the user named an organization.
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
    let mut basis = Basis::of(ledger, &opening);
    basis.take_in(&closing);
    let before = seats(ledger, &opening, organization)?;
    let after = seats(ledger, &closing, organization)?;
    if let Some(organization) = organization
        && before.is_empty()
        && after.is_empty()
    {
        organization::check(ledger, organization)?;
    }
    let names =
        |seats: &[Placed<'_>]| -> Vec<Seat> { seats.iter().map(|it| it.name.clone()).collect() };
    let moved = people::movements(&names(&before), &names(&after), |side, seat| match side {
        MovementSide::Opening => before[seat].called(ledger),
        MovementSide::Closing => after[seat].called(ledger),
    })?;

    let mut found = BridgeMoves::default();
    let firsts = Firsts::between(ledger, from, to);
    for (movement, index) in moved.gone {
        let seat = &before[index];
        found.add(movement, seat, &seat.teller(ledger)?, gone_detail(movement, organization));
    }
    for (movement, index) in moved.new {
        let seat = &after[index];
        let first = firsts.of(seat).filter(|_| movement == Movement::Joined);
        let detail = first.unwrap_or_else(|| new_detail(movement, organization));
        found.add(movement, seat, &seat.teller(ledger)?, detail);
    }
    for pair in moved.pairs {
        let (from, to) = (&before[pair.opening], &after[pair.closing]);
        let same_states = from.states() == to.states() && from.keys() == to.keys();
        if same_states && from.kind() == to.kind() && pair.by == SameBy::Identity {
            continue;
        }
        let now = to.teller(ledger)?;
        let difference = from.teller(ledger)?.difference(&now);
        if let Some(detail) = changed_detail(from, to, pair.by, difference) {
            found.add(Movement::Changed, to, &now, detail);
        }
    }
    let BridgeMoves { seats: mut found, bridge } = found;
    found.sort_by(|(a, seat), (b, other)| a.cmp(b).then_with(|| seat.compare(other)));

    let consumed = match organization {
        Some(_) => [before.len() as u64, after.len() as u64],
        None => consumed,
    };
    let mut movements = Movements::default();
    found.iter().for_each(|(movement, _)| movements.add(*movement));
    Ok(Diff {
        schema: "oneseat.diff/1",
        from: End { at: asked.from, consumed: consumed[0] },
        to: End { at: asked.to, consumed: consumed[1] },
        basis,
        movements,
        bridge: bridge.into_iter().map(|(of, movements)| of.with(movements)).collect(),
        items: found.into_iter().map(|(movement, told)| item(movement, told)).collect(),
    })
}

fn item(movement: Movement, told: SeatHolder) -> MovedSeat {
    let SeatHolder { kind, login, host, id, name, email, detail } = told;
    MovedSeat { movement: movement.name(), kind, login, host, id, name, email, detail }
}

fn gone_detail(movement: Movement, organization: Option<&str>) -> String {
    match (movement, organization) {
        (_, Some(organization)) => format!("is no longer in {organization}"),
        (Movement::Matched, _) => "its accounts are part of another seat now".to_owned(),
        _ => "takes no license any more".to_owned(),
    }
}

/// The table of the seats that moved, for people.
pub(super) fn items_table(items: &[MovedSeat]) -> Table {
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
            "its accounts were part of another seat; they take a seat of their own now".to_owned()
        }
        _ => "takes a license now".to_owned(),
    }
}

/// The detail of a seat that changed: its differences in words. If the seat has another login or another id
/// than before, the detail names the old and the new one.
fn changed_detail(
    from: &Placed<'_>,
    to: &Placed<'_>,
    by: SameBy,
    difference: Option<String>,
) -> Option<String> {
    let another = match by {
        SameBy::Identity => return difference,
        SameBy::NameId => {
            let (before, after) = (from.identity(), to.identity());
            // If both Cloud rows have a login, the list of differences has named both logins already.
            let told = difference.as_deref().is_some_and(|it| it.starts_with("login "));
            (!told).then(|| format!("login {before} → {after}"))
        }
        SameBy::MadeAgain(before, after) => {
            let (before, after) = (&from.name.accounts[before], &to.name.accounts[after]);
            let host = &after.host;
            Some(format!("id {} → {} on {host}", before.member, after.member))
        }
    };
    let told: Vec<String> = another.into_iter().chain(difference).collect();
    Some(told.join("; "))
}

/// The seats at a moment; if an organization is named, only the seats of its members.
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
                "the organizations are not stated: the snapshot of {} taken at {} has no field {}",
                cloud.source,
                cloud.taken_at,
                absent::ORGANIZATIONS.join(" or ")
            ))
            .hint(
                "compare with a time at which the report has this field, or leave out \
                   --organization",
            ));
        }
        let members: Option<HashSet<StateId>> = match (organization, enterprise.cloud) {
            (None, _) => None,
            (Some(organization), Some(cloud)) => Some(ledger.store.members(cloud, organization)?),
            (Some(_), None) => Some(HashSet::new()),
        };
        for seat in people::seats(&enterprise.population, &enterprise.matching) {
            let state = seat.row.map(|row| enterprise.population.cloud[row].state);
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
    const COLUMNS: Columns = MovedSeat::COLUMNS;

    fn rows(&self, visitor: &mut impl RowVisitor) -> Result<()> {
        visitor.all(&self.items)
    }

    fn rests_on(&self) -> Vec<String> {
        self.basis.told()
    }

    fn page(&self) -> Page {
        let items = items_table(&self.items);
        self.page_with(Some(items).filter(|table| !table.rows.is_empty()))
    }
}

impl Diff {
    /// Removes the list of the seats that moved, so that only the bridge is left.
    pub fn summary(self) -> DiffSummary {
        DiffSummary(Diff { items: Vec::new(), ..self })
    }

    fn page_with(&self, table: Option<Table>) -> Page {
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

        let tables = std::iter::once(story).chain(table).collect();
        let moved = joined + left + matched + unmatched;
        Page {
            headline: format!("From {} to {}", self.from.at, self.to.at),
            tables,
            closing: vec![format!(
                "{} moved, {} stayed and changed.",
                counted(moved, "seat"),
                grouped(changed)
            )],
        }
    }
}

/// What `oneseat diff --summary` answers: the bridge alone, because the list of seats may be long.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub struct DiffSummary(Diff);

impl Answer for DiffSummary {
    const LIST: Option<&'static str> = Some("bridge");
    const COLUMNS: Columns = BridgeSpan::COLUMNS;

    fn rows(&self, visitor: &mut impl RowVisitor) -> Result<()> {
        visitor.all(&self.0.bridge)
    }

    fn rests_on(&self) -> Vec<String> {
        self.0.basis.told()
    }

    fn page(&self) -> Page {
        let columns =
            ["Source", "Organization", "Joined", "Left", "Matched", "Unmatched", "Changed"];
        let mut table = Table::new(&columns);
        for BridgeSpan { source, organization, movements } in &self.0.bridge {
            let Movements { joined, left, matched, unmatched, changed } = *movements;
            let mut row = vec![source.as_str().into(), organization.clone().into()];
            row.extend([joined, left, matched, unmatched, changed].map(Cell::from));
            table.rows.push(row);
        }
        self.0.page_with(Some(table).filter(|table| !table.rows.is_empty()))
    }
}
