//! The SQL tables `seats` and `seat_accounts`: every seat at an instant, and the accounts of each seat, each
//! with the rule that matched it (interface.md section 4).

use std::collections::HashMap;

use serde::Serialize;

use crate::error::{Error, Result};
use crate::ledger::{Enterprise, Ledger};
use crate::ledger::{UNKNOWN_HOST, stored_record};
use crate::model::{
    AccountIx, Instant, Member, Record, RowIx, SourceKind, StateId, Value, account_of,
};
use crate::people::{self, SeatOf};
use crate::table::Cell;

/// How many seats are read and written at a time, so that the records of a million seats are never in memory
/// together.
pub(super) const MANY: usize = 4096;

/// Fills the table `seats` or `seat_accounts`.
///
/// # Errors
/// If the database cannot be read.
pub(super) fn fill_seats(
    ledger: &Ledger<'_>,
    table: &str,
    at: Instant,
    only: Option<&str>,
) -> Result<()> {
    let moment = ledger.moment(at, only)?;
    for enterprise in &moment.enterprises {
        for seats in people::seats(&enterprise.population, &enterprise.matching).chunks(MANY) {
            let told = SeatRows::of(ledger, enterprise, seats)?;
            let rows = seats.iter().flat_map(|seat| match table {
                "seats" => vec![seat_row(&told, seat)],
                _ => account_rows(&told, seat),
            });
            ledger.store.fill_table(table, rows)?;
        }
    }
    Ok(())
}

/// What the record of an account states, for the tables `seats` and `seat_accounts`.
#[derive(Default, Clone)]
struct Facts {
    /// The account as the column `account` of the SQL table `accounts` writes it.
    account: String,
    /// The source as the column `source` of the SQL table `accounts` writes it.
    source: String,
    login: Option<String>,
    name: Option<String>,
    email: Option<String>,
    license_type: Option<String>,
    roles: Vec<String>,
    organizations: Option<usize>,
}

/// The enterprise roles of a Cloud row, from the columns `github_com_enterprise_roles` and
/// `github_com_enterprise_role` together.
pub(super) fn enterprise_roles(record: &Record<'_>) -> Vec<String> {
    let fields = ["github_com_enterprise_roles", "github_com_enterprise_role"];
    let values = fields.iter().filter_map(|field| record.get(field));
    let mut roles: Vec<String> = Vec::new();
    for role in values.flat_map(Value::items) {
        if !roles.iter().any(|known| known == role) {
            roles.push(role.to_owned());
        }
    }
    roles
}

fn facts(kind: SourceKind, record: &Record<'_>) -> Facts {
    let account = account_of(kind, record);
    let mut shown: Vec<_> = account.addresses.iter().collect();
    shown.sort_by_key(|address| address.kind);
    let mut organizations: Vec<String> =
        account.memberships.iter().map(|it| it.organization.to_lowercase()).collect();
    organizations.sort_unstable();
    organizations.dedup();
    Facts {
        account: String::new(),
        source: String::new(),
        login: Some(account.login.to_string()).filter(|login| !login.is_empty()),
        name: account.name.as_ref().map(|name| name.trim().to_owned()),
        email: shown.first().map(|address| address.text.trim().to_owned()),
        license_type: record.get("license_type").and_then(Value::text).map(str::to_owned),
        roles: enterprise_roles(record),
        organizations: record.states("github_com_member_roles").then_some(organizations.len()),
    }
}

/// What identifies a Server account on its instance, as text: its id. If it has none, `login:LOGIN` or
/// `address:KEY`.
fn member_text(member: &Member) -> String {
    match member {
        Member::Number(_) | Member::Text(_) => member.to_string(),
        Member::Login(login) => format!("login:{login}"),
        Member::Unnamed(identity) => identity.to_string(),
    }
}

/// The id of a seat: `cloud:ENTERPRISE:LOGIN` if it has a Cloud account, else `server:HOST:ID` with its first
/// Server account. If the host is unknown, the id names the enterprise: `server:unknown@ENTERPRISE:ID`.
pub(super) fn seat_id(enterprise: &Enterprise<'_>, seat: &SeatOf, login: Option<&str>) -> String {
    let name = enterprise.name.as_deref().unwrap_or_default();
    match (seat.row, seat.accounts.first()) {
        (Some(row), _) => {
            let identity = enterprise.population.identity(row);
            format!("cloud:{name}:{}", login.unwrap_or(identity))
        }
        (None, Some(first)) => {
            let account = &enterprise.matching.accounts[*first];
            let member = member_text(&account.member);
            match (account.instance, &enterprise.name) {
                (None, Some(name)) => format!("server:{UNKNOWN_HOST}@{name}:{member}"),
                _ => format!("server:{}:{member}", enterprise.host_of(*first)),
            }
        }
        (None, None) => String::new(),
    }
}

/// Makes the rows of the tables `seats` and `seat_accounts` for some of the seats of an enterprise, whose
/// records it has read.
pub(super) struct SeatRows<'m> {
    enterprise: &'m Enterprise<'m>,
    by_state: HashMap<StateId, Facts>,
}

impl<'m> SeatRows<'m> {
    /// Reads the records of all accounts of `seats`.
    pub(super) fn of(
        ledger: &Ledger<'_>,
        enterprise: &'m Enterprise<'m>,
        seats: &[SeatOf],
    ) -> Result<Self> {
        let mut kinds: HashMap<StateId, SourceKind> = HashMap::new();
        for seat in seats {
            let row = seat.row.map(|row| enterprise.population.cloud[row].state);
            kinds.extend(row.map(|state| (state, SourceKind::Cloud)));
            for &account in &seat.accounts {
                // An account that only a Cloud row lists has no record but that of the row.
                let kind = enterprise.kind_of(account);
                kinds.insert(enterprise.state_of(account), kind);
            }
        }
        let states: Vec<StateId> = kinds.keys().copied().collect();
        let mut by_state = HashMap::with_capacity(states.len());
        ledger.store.records_of(&states, &mut |state, fields, content| {
            if let Some(kind) = kinds.get(&state) {
                by_state.insert(state, facts(*kind, &stored_record(fields, content)?));
            }
            Ok(())
        })?;
        ledger.store.accounts_of(&states, &mut |state, source, account| {
            if let Some(facts) = by_state.get_mut(&state) {
                let named = ledger.sources.iter().find(|known| known.id == source);
                facts.source = named.map(|known| known.source.name.clone()).unwrap_or_default();
                facts.account = account.to_owned();
            }
        })?;
        if by_state.len() < states.len() {
            return Err(Error::database("a stored record is missing").hint(
                "`oneseat verify` says which record; `oneseat restore FILE` goes back to a backup",
            ));
        }
        Ok(SeatRows { enterprise, by_state })
    }

    fn cloud(&self, row: RowIx) -> Facts {
        let state = self.enterprise.population.cloud[row].state;
        self.by_state.get(&state).cloned().unwrap_or_default()
    }

    /// What the instance's own file states about a Server account. No such file has an account that only a
    /// Cloud row lists, so nothing is known about it.
    fn server(&self, account: AccountIx) -> Facts {
        match self.enterprise.kind_of(account) {
            SourceKind::Cloud => Facts::default(),
            _ => {
                let state = self.enterprise.state_of(account);
                self.by_state.get(&state).cloned().unwrap_or_default()
            }
        }
    }
}

/// A seat as a row of the SQL table `seats`.
pub(super) fn seat_row(known: &SeatRows<'_>, seat: &SeatOf) -> Vec<Cell> {
    let enterprise = known.enterprise;
    let first = seat.accounts.first().copied();
    let told = match (seat.row, first) {
        (Some(row), _) => known.cloud(row),
        (None, Some(first)) => known.server(first),
        (None, None) => Facts::default(),
    };
    let first = first.filter(|_| seat.row.is_none());
    let id = first.map(|first| enterprise.matching.accounts[first].member.to_string());
    let roles = Some(told.roles.join("; ")).filter(|roles| !roles.is_empty());
    let organizations = seat.row.and(told.organizations).map(|it| it as u64);
    vec![
        seat_id(enterprise, seat, told.login.as_deref()).into(),
        kind_of(seat).into(),
        told.login.into(),
        told.name.into(),
        enterprise.name.clone().into(),
        first.map(|first| enterprise.host_of(first).to_owned()).into(),
        id.filter(|id| !id.is_empty()).into(),
        told.email.into(),
        told.license_type.into(),
        roles.into(),
        organizations.into(),
        (seat.accounts.len() as u64).into(),
    ]
}

/// The kind of a seat: `cloud_only`, `cloud_and_server` or `server_only`.
pub(super) fn kind_of(seat: &SeatOf) -> &'static str {
    match (seat.row, seat.accounts.is_empty()) {
        (Some(_), true) => "cloud_only",
        (Some(_), false) => "cloud_and_server",
        (None, _) => "server_only",
    }
}

/// A seat as `oneseat` lists it: how it is identified, who has it, and its accounts.
pub(super) struct SeatShown {
    /// The id of the seat, as the SQL table `seats` writes it, such as `cloud:acme:octocat`.
    pub id: String,
    /// The kind of the seat: `cloud_only`, `cloud_and_server` or `server_only`.
    pub kind: &'static str,
    /// The login of the Cloud account, or of the first Server account; `None` if no file states it.
    pub login: Option<String>,
    /// The display name of the person; `None` if no file states it.
    pub name: Option<String>,
    /// The address of the person that is printed; `None` if no file states any.
    pub email: Option<String>,
    /// All accounts of the seat: the Cloud account, then the Server accounts.
    pub accounts: Vec<SeatAccount>,
}

/// One account of a seat in a list of seats.
#[derive(Debug, Clone, Serialize)]
pub(super) struct SeatAccount {
    /// `cloud` or `server`.
    pub kind: &'static str,
    /// The enterprise of a Cloud account, or the host of a Server account.
    pub source: String,
    /// The login of the account; `None` if no file states it.
    pub login: Option<String>,
    /// The id of a Server account on its instance; `None` for a Cloud account, or if no file states it.
    pub id: Option<String>,
}

/// A seat in the form in which it is listed, with all of its accounts.
pub(super) fn seat_shown(known: &SeatRows<'_>, seat: &SeatOf) -> SeatShown {
    let enterprise = known.enterprise;
    let told = match (seat.row, seat.accounts.first()) {
        (Some(row), _) => known.cloud(row),
        (None, Some(first)) => known.server(*first),
        (None, None) => Facts::default(),
    };
    let cloud = seat.row.map(|_| SeatAccount {
        kind: "cloud",
        source: told.source.clone(),
        login: told.login.clone(),
        id: None,
    });
    let server = seat.accounts.iter().map(|account| {
        let id = enterprise.matching.accounts[*account].member.to_string();
        SeatAccount {
            kind: "server",
            source: enterprise.host_of(*account).to_owned(),
            login: known.server(*account).login,
            id: Some(id).filter(|id| !id.is_empty()),
        }
    });
    SeatShown {
        id: seat_id(enterprise, seat, told.login.as_deref()),
        kind: kind_of(seat),
        accounts: cloud.into_iter().chain(server).collect(),
        login: told.login,
        name: told.name.filter(|name| !name.is_empty()),
        email: told.email,
    }
}

fn account_rows(known: &SeatRows<'_>, seat: &SeatOf) -> Vec<Vec<Cell>> {
    let enterprise = known.enterprise;
    let own = seat.row.map(|row| known.cloud(row));
    let first = match (&own, seat.accounts.first()) {
        (None, Some(first)) => known.server(*first).login,
        _ => None,
    };
    let login = own.as_ref().and_then(|own| own.login.clone()).or(first);
    let seat_id = seat_id(enterprise, seat, login.as_deref());
    let mut rows = Vec::new();
    if let Some(own) = own {
        rows.push(vec![
            seat_id.as_str().into(),
            SourceKind::Cloud.name().into(),
            own.source.into(),
            own.account.into(),
            own.login.into(),
            Cell::Absent,
            Cell::Absent,
            Cell::Absent,
        ]);
    }
    for &number in &seat.accounts {
        let account = &enterprise.matching.accounts[number];
        let host = enterprise.host_of(number).to_owned();
        let kind = enterprise.kind_of(number);
        let stated = known.by_state.get(&enterprise.state_of(number));
        rows.push(vec![
            seat_id.as_str().into(),
            kind.name().into(),
            stated.map(|it| it.source.clone()).into(),
            stated.map(|it| it.account.clone()).into(),
            known.server(number).login.into(),
            host.into(),
            Some(account.member.to_string()).filter(|id| !id.is_empty()).into(),
            enterprise.matching.rule[number].map(people::MatchRule::name).into(),
        ]);
    }
    rows
}
