//! Finds the accounts that evidence below certain (counting.md section 5), such as a similar address, may name.
//! The result has every account that the evidence names, and some others. The evidence itself is judged later,
//! among the accounts that were found.

use foldhash::HashSet;

use super::search::{FEW_STATES, Search};
use super::slips;
use crate::email;
use crate::error::Result;
use crate::ledger::moment::Enterprise;
use crate::model::{Account, AccountIx, AddressKind, KeyId, RowIx};
use crate::name::NameHash;
use crate::people::{
    AccountOrigin, address_parts, alike_keys, compared, local_part, names_a_role, tells_a_person,
    without_shortcode, without_tag,
};

/// The texts that a search has already looked up, and the number of lookups (steps) that it may still make.
pub(crate) struct SearchBudget {
    steps: usize,
    logins: HashSet<String>,
    usernames: HashSet<String>,
    local_parts: HashSet<String>,
    addresses: HashSet<KeyId>,
    names: HashSet<(NameHash, SearchSide)>,
}

impl SearchBudget {
    /// The budget of a search among this many accounts, in steps. One step takes about as long as reading one
    /// account.
    pub fn among(accounts: u64) -> SearchBudget {
        SearchBudget {
            steps: usize::try_from(accounts / 2).unwrap_or(usize::MAX).clamp(5_000, 100_000),
            logins: HashSet::default(),
            usernames: HashSet::default(),
            local_parts: HashSet::default(),
            addresses: HashSet::default(),
            names: HashSet::default(),
        }
    }

    /// Takes one step of the budget. Returns `false`, and gives up the search, if the budget is used up.
    fn step(&mut self, search: &mut Search<'_, '_>) -> bool {
        self.steps = self.steps.saturating_sub(1);
        if self.steps == 0 {
            search.give_up();
        }
        self.steps > 0
    }
}

/// Whether the accounts of Cloud or those of instances are searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum SearchSide {
    Cloud,
    Server,
}

/// Finds the Cloud accounts that evidence about a Server account may name.
pub(crate) fn of_account(
    search: &mut Search<'_, '_>,
    asked: &mut SearchBudget,
    enterprise: &Enterprise<'_>,
    account: AccountIx,
) -> Result<()> {
    let Enterprise { population, matching, .. } = enterprise;
    let account = &matching.accounts[account];
    if let AccountOrigin::Own(index) = account.origin {
        let called = search.ledger.store.called(population.server[index].state)?;
        let login = email::login_key(&called.login);
        if !login.is_empty() && !names_a_role(&login) {
            rows_with_login(search, asked, &login)?;
            username(search, asked, &login)?;
        }
        named(search, asked, called.name, SearchSide::Cloud)?;
    }
    let keys: Vec<KeyId> = alike_keys(population, account).collect();
    for key in keys {
        if !asked.step(search) {
            break;
        }
        let text = search.ledger.store.key_text(key)?;
        if tells_a_person(&text) {
            username(search, asked, local_part(&text))?;
            address(search, asked, key, &text)?;
        }
    }
    Ok(())
}

/// Finds the Server accounts whose evidence may name a Cloud account.
pub(crate) fn of_row(
    search: &mut Search<'_, '_>,
    asked: &mut SearchBudget,
    enterprise: &Enterprise<'_>,
    row: RowIx,
) -> Result<()> {
    let population = &enterprise.population;
    let it = &population.cloud[row];
    let called = search.ledger.store.called(it.state)?;
    if let Some(login) = Account::login_of_identity(population.identity(row)) {
        for login in [Some(login), without_shortcode(login)].into_iter().flatten() {
            accounts_with_login(search, asked, login)?;
        }
    }
    named(search, asked, called.name, SearchSide::Server)?;
    let addresses: Vec<_> = compared(population, it).collect();
    for it in addresses {
        if !asked.step(search) {
            break;
        }
        let text = search.ledger.store.key_text(it.key)?;
        if it.kind == AddressKind::NameId {
            accounts_with_login(search, asked, local_part(&text))?;
            username(search, asked, local_part(&text))?;
        }
        if tells_a_person(&text) {
            address(search, asked, it.key, &text)?;
        }
    }
    Ok(())
}

/// Finds the Cloud rows with a login, and those of managed users whose login is this one followed by `_` and a
/// shortcode.
fn rows_with_login(
    search: &mut Search<'_, '_>,
    asked: &mut SearchBudget,
    login: &str,
) -> Result<()> {
    if !asked.logins.insert(format!("cloud {login}")) {
        return Ok(());
    }
    let store = search.ledger.store;
    for (source, _) in search.sources().into_iter().filter(|(_, is_instance)| !is_instance) {
        search.follow_known(source, &Account::identity_of_login(login))?;
        let managed = store.logins_beginning(source, &format!("{login}_"), FEW_STATES)?;
        if managed.len() == FEW_STATES {
            search.give_up();
        }
        for identity in managed {
            if !asked.step(search) {
                break;
            }
            search.follow_known(source, &identity)?;
        }
    }
    Ok(())
}

fn accounts_with_login(
    search: &mut Search<'_, '_>,
    asked: &mut SearchBudget,
    login: &str,
) -> Result<()> {
    if names_a_role(login) || !asked.logins.insert(format!("server {login}")) {
        return Ok(());
    }
    let holding = search.ledger.store.holding_login(login, FEW_STATES)?;
    search.take_of(holding, true);
    Ok(())
}

/// Finds the accounts that have an address with the local part `name`, or a NameID that is exactly `name`.
fn username(search: &mut Search<'_, '_>, asked: &mut SearchBudget, name: &str) -> Result<()> {
    if names_a_role(name) || !asked.usernames.insert(name.to_owned()) {
        return Ok(());
    }
    if let Some(key) = search.ledger.store.key_number(name)? {
        search.follow_key(key)?;
    }
    beginning(search, asked, &format!("{name}@"))
}

/// Finds the accounts with an address similar to `text`: equal without its `+tag`, with the same local part, or
/// one slip (such as one letter) away.
fn address(
    search: &mut Search<'_, '_>,
    asked: &mut SearchBudget,
    key: KeyId,
    text: &str,
) -> Result<()> {
    let Some((local, domain)) = address_parts(text).filter(|_| asked.addresses.insert(key)) else {
        return Ok(());
    };
    beginning(search, asked, &format!("{local}@"))?;
    let untagged = without_tag(local);
    if let Some(key) = search.ledger.store.key_number(&format!("{untagged}@{domain}"))? {
        search.follow_key(key)?;
    }
    beginning(search, asked, &format!("{untagged}+"))?;
    match slips::one_slip_away(search.ledger.store, local, domain, &mut asked.steps)? {
        Some(keys) => keys.into_iter().try_for_each(|key| search.follow_key(key)),
        None => {
            search.give_up();
            Ok(())
        }
    }
}

/// Finds the accounts with an address that begins with `start`.
fn beginning(search: &mut Search<'_, '_>, asked: &mut SearchBudget, start: &str) -> Result<()> {
    if !asked.local_parts.insert(start.to_owned()) {
        return Ok(());
    }
    let keys = search.ledger.store.keys_beginning(start, FEW_STATES)?;
    if keys.len() == FEW_STATES {
        search.give_up();
        return Ok(());
    }
    for key in keys {
        if !asked.step(search) {
            break;
        }
        search.follow_key(key)?;
    }
    Ok(())
}

/// Finds the accounts on Cloud, or those on instances, that have this display name.
fn named(
    search: &mut Search<'_, '_>,
    asked: &mut SearchBudget,
    name: Option<NameHash>,
    side: SearchSide,
) -> Result<()> {
    let Some(name) = name.filter(|name| asked.names.insert((*name, side))) else { return Ok(()) };
    let holding = search.ledger.store.holding_name(name, FEW_STATES)?;
    search.take_of(holding, side == SearchSide::Server);
    Ok(())
}
