//! The activity of Server accounts, as the site-admin reports of their instances state it. A Cloud report states
//! no activity.

use std::collections::HashMap;

use crate::error::Result;
use crate::ledger::{Enterprise, Ledger, stored_record};
use crate::model::{DayMeans, Instant, Record, StateId};
use crate::people::SeatOf;

/// When a Server account was last active and whether it is dormant, as a site-admin report states it.
pub(super) struct Activity {
    /// Is the account dormant? `None` if the file does not state it.
    pub dormant: Option<bool>,
    /// Does the file state that the account has never signed in?
    pub never: bool,
    /// The time of the last activity, if the file states it.
    pub last_active: Option<Instant>,
    /// Does the file have a field that states whether the account is dormant, and does it have a field that
    /// states whether the account has ever signed in?
    pub states: (bool, bool),
}

/// The activity that the record of a Server account states, from the fields `dormant?` and `last_active` of the
/// site-admin reports (formats.md section 5). An empty `last_active` states no activity; the word `never` means
/// that the account has never signed in.
pub(super) fn activity(record: &Record<'_>) -> Activity {
    let text = |name: &str| {
        let value = record.get(name)?;
        Some(value.text().unwrap_or_default().trim().to_owned())
    };
    let last_active = text("last_active");
    let at = last_active.as_deref().and_then(|it| {
        Instant::parse_answer(it).or_else(|| Instant::parse(it, DayMeans::Start)).or_else(|| {
            // Some reports write a time like `2026-03-02 08:00:00 UTC`.
            let (day, rest) = it.split_once(' ')?;
            let time = rest.split(' ').next()?;
            Instant::parse(&format!("{day}T{time}Z"), DayMeans::Start)
        })
    });
    Activity {
        dormant: record.get("dormant?").and_then(|value| value.truth()),
        never: last_active.is_some_and(|it| it.eq_ignore_ascii_case("never")),
        last_active: at,
        states: (
            record.states("dormant?") || record.states("last_active"),
            record.states("last_active"),
        ),
    }
}

/// The time of the last activity of each Server account, by the account's stored state. An account whose file
/// states no activity is left out.
pub(super) struct LastActive(HashMap<StateId, Instant>);

impl LastActive {
    /// Reads the last activity of all accounts of `seats`.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(super) fn of(
        ledger: &Ledger<'_>,
        enterprise: &Enterprise<'_>,
        seats: &[SeatOf],
    ) -> Result<LastActive> {
        let accounts = seats.iter().flat_map(|seat| &seat.accounts);
        let own = accounts.filter(|account| enterprise.kind_of(**account).is_instance());
        let states: Vec<StateId> = own.map(|account| enterprise.state_of(*account)).collect();
        let mut known = HashMap::new();
        ledger.store.records_of(&states, &mut |state, fields, content| {
            let found = activity(&stored_record(fields, content)?).last_active;
            known.extend(found.map(|at| (state, at)));
            Ok(())
        })?;
        Ok(LastActive(known))
    }

    /// The latest activity of any account of a seat; `None` if no file states any.
    pub(super) fn of_seat(&self, enterprise: &Enterprise<'_>, seat: &SeatOf) -> Option<Instant> {
        let accounts = seat.accounts.iter();
        accounts.filter_map(|account| self.0.get(&enterprise.state_of(*account)).copied()).max()
    }
}
