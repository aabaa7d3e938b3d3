//! The accounts that take no seat: who they are, and why. They are no people of the page, for a person is a seat.

use serde::Serialize;

use super::asked::PeopleShown;
use crate::error::Result;
use crate::ledger::{Ledger, Moment};
use crate::model::{RowKind, SourceKind, StateId, account_of};

/// The most accounts that are listed.
const MOST: usize = 1_000;

/// The accounts that take no seat.
#[derive(Debug, Clone, Serialize)]
pub(super) struct WithoutSeat {
    total: u64,
    /// The first of them.
    items: Vec<SeatlessAccount>,
}

/// An account that takes no seat.
#[derive(Debug, Clone, Serialize)]
struct SeatlessAccount {
    /// `cloud` or `server`.
    kind: &'static str,
    /// The enterprise or the instance.
    source: String,
    login: Option<String>,
    id: Option<String>,
    why: &'static str,
}

/// Lists the accounts that take no seat. Nobody is listed on a page without people, or under pseudonyms, for who has
/// no seat has no pseudonym.
///
/// # Errors
/// If the database cannot be read.
pub(super) fn list(
    ledger: &Ledger<'_>,
    moment: &Moment<'_>,
    shown: PeopleShown,
    is_pseudonymous: bool,
) -> Result<WithoutSeat> {
    let is_listed = shown != PeopleShown::None && !is_pseudonymous;
    let mut found = WithoutSeat { total: 0, items: Vec::new() };
    let mut take = |state: StateId,
                    kind: SourceKind,
                    source: &str,
                    id: Option<String>,
                    why: &'static str|
     -> Result<()> {
        found.total += 1;
        if !is_listed || found.items.len() >= MOST {
            return Ok(());
        }
        let stored = ledger.record(state)?;
        let record = stored.read()?;
        let account = account_of(kind, &record);
        found.items.push(SeatlessAccount {
            kind: if kind == SourceKind::Cloud { "cloud" } else { "server" },
            source: source.to_owned(),
            login: Some(account.login.to_string()).filter(|it| !it.is_empty()),
            id,
            why,
        });
        Ok(())
    };
    for enterprise in &moment.enterprises {
        let population = &enterprise.population;
        let name = enterprise.name.as_deref().unwrap_or_default();
        let rows = population.cloud.into_iter().filter(|row| !population.takes_seat(row));
        for row in rows {
            let why = match row.row {
                RowKind::VisualStudioOnly => "a Visual Studio subscriber without an account",
                RowKind::Cloud | RowKind::Invited => "an invitation that takes no license",
                // The Server accounts of such a row are listed by themselves.
                _ => continue,
            };
            take(row.state, SourceKind::Cloud, name, None, why)?;
        }
        let accounts = population.server.enumerated().filter(|(_, it)| !it.takes_part);
        for (index, account) in accounts {
            let host = &population.instances[account.instance].host;
            let id = Some(account.member.to_string()).filter(|id| !id.is_empty());
            let kind = enterprise.kind_of_own(index);
            take(account.state, kind, host, id, "suspended, or no person's account")?;
        }
    }
    Ok(found)
}
