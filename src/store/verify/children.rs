//! Compares the rows that belong to a state (its addresses, listed Server accounts and memberships) with the
//! rows that follow from the state's record. `records` checks the record itself before.

use std::collections::BTreeSet;

use super::Verified;
use super::rows::{StateBatch, StateRow};
use crate::code::VerifyCode;
use crate::email;
use crate::model::{Account, AddressKind, Record, is_bare_role};
use crate::store::image::plain_key;
use crate::store::parts::bit;
use crate::store::state_writer::distinct;

/// Checks the rows that belong to a state, such as its addresses. Faults that show in the rows alone are added
/// to `of_rows`, and differences from the record to `verified`.
pub fn check(
    batch: &StateBatch,
    row: &StateRow,
    account: &Account<'_>,
    record: &Record<'_>,
    of_rows: &mut Verified,
    verified: &mut Verified,
) {
    // Nearly all states have exactly the rows that this program writes, and this comparison is fast.
    if are_as_written(batch, row, account) {
        return;
    }
    let (found, expected) = (StateChildren::of(batch, row, of_rows), derive(account));
    for (columns, found, expected) in [
        ("addresses (kinds, text, key)", &found.addresses, &expected.addresses),
        ("stored_listed (host_id, id; hosts.host)", &found.listed, &expected.listed),
        (
            "stored_memberships (organization, repository, role)",
            &found.memberships,
            &expected.memberships,
        ),
    ] {
        let mut more = found.difference(expected);
        if !found.is_superset(expected) || !more.all(|cells| says_nothing(cells, record)) {
            derived(columns, row.state, verified);
        }
    }
}

/// Checks the rows that belong to a state whose record cannot be read, so that they can be checked only by
/// themselves.
pub fn check_alone(batch: &StateBatch, row: &StateRow, of_rows: &mut Verified) {
    StateChildren::of(batch, row, of_rows);
}

/// Reports columns that do not follow from the record of their state.
pub fn derived(columns: &str, state: i64, verified: &mut Verified) {
    let message = format!("{columns}: the record of state {state} gives another value");
    verified.broken(VerifyCode::Derived, message);
}

/// The cells of a row that belongs to a state. `None` is a missing text, which is not the same as an empty
/// text.
type Cells = Vec<Option<String>>;

/// The rows that belong to a state (addresses, listed accounts, memberships), as sets that can be compared.
struct StateChildren {
    addresses: BTreeSet<Cells>,
    listed: BTreeSet<Cells>,
    memberships: BTreeSet<Cells>,
}

impl StateChildren {
    fn of(batch: &StateBatch, row: &StateRow, verified: &mut Verified) -> StateChildren {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let listed = batch.listed(row).map(|(_, cells)| cells.map(owned).to_vec()).collect();
        let memberships = batch.memberships(row).map(|cells| cells.map(owned).to_vec()).collect();
        StateChildren {
            addresses: of_texts(batch, row, verified),
            listed: each_once("stored_listed", row.state, listed, verified),
            memberships: each_once("stored_memberships", row.state, memberships, verified),
        }
    }
}

/// Are the rows that belong to a state exactly those that this program writes for its record, in the same
/// order?
fn are_as_written(batch: &StateBatch, row: &StateRow, account: &Account<'_>) -> bool {
    let listed = account
        .listed
        .iter()
        .map(|it| (it.host.as_ref().map_or("", |host| host.as_str()), it.id.as_str()));
    let listed = distinct(listed).into_iter().map(|(host, id)| [Some(host), Some(id)]);
    let memberships = account.memberships.iter().map(|it| {
        let repository = it.repository.as_deref().unwrap_or_default();
        [&*it.organization, repository, &*it.role]
    });
    let memberships = distinct(memberships).into_iter().map(|cells| cells.map(Some));
    batch.listed(row).map(|(_, cells)| cells).eq(listed)
        && batch.memberships(row).eq(memberships)
        && has_addresses(batch, row, account)
}

/// Are the addresses of a state stored exactly as this program writes them? Each text is stored once, and of
/// several texts with the same kind and key only the first. Returns false for a state with many addresses,
/// because comparing them in this way would be slow.
fn has_addresses(batch: &StateBatch, row: &StateRow, account: &Account<'_>) -> bool {
    const FEW: usize = 16;
    if account.addresses.len() > FEW {
        return false;
    }
    let mut expected: Vec<(u8, &str, String)> = Vec::with_capacity(account.addresses.len());
    for address in &account.addresses {
        let Some(key) = email::key(&address.text) else { continue };
        let mut same = expected.iter_mut().filter(|(_, _, own)| *own == key).collect::<Vec<_>>();
        if same.iter().any(|(kinds, ..)| kinds & bit(address.kind) != 0) {
            continue;
        }
        match same.iter_mut().find(|(_, text, _)| *text == address.text) {
            Some((kinds, ..)) => *kinds |= bit(address.kind),
            None => expected.push((bit(address.kind), &address.text, key)),
        }
    }
    let found = batch.addresses(row);
    found.len() == expected.len()
        && found.zip(&expected).all(|((kinds, text, told), (own_kinds, own, key))| {
            let is_told = plain_key(own) != *key;
            kinds == i64::from(*own_kinds)
                && text == Some(*own)
                && told == is_told.then_some(key.as_str())
        })
}

/// Does a row of an address or a membership contain a value that means nothing, such as `n/a`, and does the
/// record contain it too? Earlier versions stored words of absence, and roles without an organization, as
/// values.
fn says_nothing(row: &[Option<String>], record: &Record<'_>) -> bool {
    match row {
        [Some(kind), Some(key), text] if kind.bytes().all(|byte| byte.is_ascii_digit()) => {
            let said = text.as_ref().unwrap_or(key);
            email::word_of_absence(key).is_some()
                && email::login_key(said) == *key
                && record.says(said)
        }
        [Some(organization), Some(repository), Some(role)] => {
            let nothing = email::nothing_named(organization).is_some()
                || (role.is_empty() && is_bare_role(organization));
            let between = |sign: &str, text: &str| match text {
                "" => String::new(),
                text => format!("{sign}{text}"),
            };
            let (repository, role) = (between("/", repository), between(":", role));
            nothing && record.says(&format!("{organization}{repository}{role}"))
        }
        _ => false,
    }
}

fn derive(account: &Account<'_>) -> StateChildren {
    let mut found = StateChildren {
        addresses: BTreeSet::new(),
        listed: BTreeSet::new(),
        memberships: BTreeSet::new(),
    };
    let mut known = BTreeSet::new();
    for address in &account.addresses {
        let Some(key) = email::key(&address.text) else { continue };
        let kind = (address.kind as i64).to_string();
        // Of several addresses with the same kind and key, only the first is stored.
        if known.insert((kind.clone(), key.clone())) {
            let text = (address.text != key).then(|| address.text.to_string());
            found.addresses.insert(vec![Some(kind), Some(key), text]);
        }
    }
    for listed in &account.listed {
        let host = listed.host.as_ref().map_or("", |host| host.as_str());
        found.listed.insert(vec![Some(host.to_owned()), Some(listed.id.clone())]);
    }
    for it in &account.memberships {
        let repository = it.repository.as_deref().unwrap_or_default().to_owned();
        let (organization, role) = (it.organization.to_string(), it.role.to_string());
        found.memberships.insert(vec![Some(organization), Some(repository), Some(role)]);
    }
    found
}

/// The stored addresses of a state, by kind and key. The text is included only if it differs from the key.
fn of_texts(batch: &StateBatch, row: &StateRow, verified: &mut Verified) -> BTreeSet<Cells> {
    let mut found = BTreeSet::new();
    let mut as_written = true;
    for (kinds, text, key) in batch.addresses(row) {
        let Some(text) = text else {
            as_written = false;
            continue;
        };
        let plain = plain_key(text);
        as_written &= key.is_none_or(|key| *key != *plain);
        let key = key.map_or(plain, str::to_owned);
        let kinds = u8::try_from(kinds).unwrap_or_default();
        for kind in AddressKind::ALL.into_iter().filter(|kind| kinds & bit(*kind) != 0) {
            let kind = (kind as i64).to_string();
            let text = (*text != key).then(|| text.to_owned());
            as_written &= found.insert(vec![Some(kind), Some(key.clone()), text]);
        }
    }
    if !as_written {
        derived("addresses (kinds, text, key)", row.state, verified);
    }
    found
}

fn each_once(
    table: &str,
    state: i64,
    rows: Vec<Cells>,
    verified: &mut Verified,
) -> BTreeSet<Cells> {
    let count = rows.len();
    let found: BTreeSet<Cells> = rows.into_iter().collect();
    if found.len() != count {
        verified.broken(
            VerifyCode::Derived,
            format!("{table} has the same row of state {state} twice"),
        );
    }
    found
}
