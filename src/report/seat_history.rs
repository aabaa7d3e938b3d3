//! Fills the SQL table `seat_history`: each seat, with the spans of time in which nothing about it changed. The
//! seats are computed at every instant at which an answer may change, and equal rows of consecutive instants
//! become one span (interface.md section 4).

use std::collections::HashMap;

use super::seat_tables::{MANY, SeatRows, seat_row};
use crate::error::Result;
use crate::ledger::{Enterprise, Ledger};
use crate::model::{AccountIx, Instant, SourceKind, StateId};
use crate::people::{self, SeatOf};
use crate::table::Cell;

/// Everything from which a seat's row in `seat_history` is made. As long as it stays equal, the row stays equal
/// too and need not be made again.
#[derive(PartialEq, Eq, Hash)]
struct Look {
    enterprise: Option<String>,
    row: Option<StateId>,
    /// For each Server account of the seat: its stored state, its host, its id on that host, and the kind of
    /// source that states it.
    accounts: Vec<(StateId, String, String, SourceKind)>,
}

impl Look {
    fn of(enterprise: &Enterprise<'_>, seat: &SeatOf) -> Look {
        let account = |&number: &AccountIx| {
            let member = enterprise.matching.accounts[number].member.to_string();
            let host = enterprise.host_of(number).to_owned();
            (enterprise.state_of(number), host, member, enterprise.kind_of(number))
        };
        Look {
            enterprise: enterprise.name.clone(),
            row: seat.row.map(|row| enterprise.population.cloud[row].state),
            accounts: seat.accounts.iter().map(account).collect(),
        }
    }
}

/// A seat at the instant reached so far. Its span in `seat_history` has not ended yet.
struct Holding {
    row: Vec<Cell>,
    from: Instant,
    /// The latest of the instants counted so far at which the seat exists.
    seen: Instant,
}

impl Holding {
    fn told(self, to: Option<Instant>) -> Vec<Cell> {
        let mut row = self.row;
        row.push(Cell::Instant(self.from));
        row.push(to.map_or(Cell::Absent, Cell::Instant));
        row
    }
}

/// Fills the SQL table `seat_history` with all spans that begin not later than the instant `to`.
///
/// # Errors
/// If the database cannot be read.
pub(super) fn fill_seat_history(
    ledger: &Ledger<'_>,
    to: Instant,
    only: Option<&str>,
) -> Result<()> {
    let fill = |rows: Vec<Vec<Cell>>| ledger.store.fill_table("seat_history", rows);
    let mut holding: HashMap<String, Holding> = HashMap::new();
    let mut looks: HashMap<Look, String> = HashMap::new();
    for at in ledger.change_instants().into_iter().filter(|at| *at <= to) {
        let moment = ledger.moment(at, only)?;
        let (mut over, mut looks_now) = (Vec::new(), HashMap::new());
        for enterprise in &moment.enterprises {
            let mut changed = Vec::new();
            for seat in people::seats(&enterprise.population, &enterprise.matching) {
                let look = Look::of(enterprise, &seat);
                match looks.remove(&look) {
                    Some(id) => {
                        if let Some(it) = holding.get_mut(&id) {
                            it.seen = at;
                        }
                        looks_now.insert(look, id);
                    }
                    None => changed.push((look, seat)),
                }
            }
            let (new_looks, seats): (Vec<Look>, Vec<SeatOf>) = changed.into_iter().unzip();
            let mut new_looks = new_looks.into_iter();
            for seats in seats.chunks(MANY) {
                let told = SeatRows::of(ledger, enterprise, seats)?;
                for (seat, look) in seats.iter().zip(new_looks.by_ref()) {
                    let row = seat_row(&told, seat);
                    let Some(Cell::Text(id)) = row.first().cloned() else { continue };
                    match holding.get_mut(&id) {
                        Some(it) if it.row == row => it.seen = at,
                        _ => {
                            let now = Holding { row, from: at, seen: at };
                            let before = holding.insert(id.clone(), now);
                            over.extend(before.map(|it| it.told(Some(at))));
                        }
                    }
                    looks_now.insert(look, id);
                }
            }
        }
        looks = looks_now;
        let gone = holding.extract_if(|_, it| it.seen != at);
        over.extend(gone.map(|(_, it)| it.told(Some(at))));
        fill(over)?;
    }
    fill(holding.into_values().map(|it| it.told(None)).collect())
}
