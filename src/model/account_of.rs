//! The account that a record means, by the kind of its source. `cloud` and `server` know their own records.

use std::borrow::Cow;

use super::account::{Account, AddressKind, Roles, RowKind, identity};
use super::record::{Value, say_the_same};
use super::{Record, SourceKind, cloud, server};
use crate::email;

/// The meaning of a record from a source of this kind.
pub fn account_of<'r>(kind: SourceKind, record: &'r Record<'_>) -> Account<'r> {
    match kind {
        SourceKind::ServerAsSynced => server::account(record, &server::ID_AS_SYNCED),
        SourceKind::Directory => entry_account(record),
        kind if kind.is_instance() => server::account(record, &server::IDS),
        _ => cloud::account(record),
    }
}

/// The account that stands for an entry of a directory: it has an identity, and no login or address that a
/// search could find.
fn entry_account<'r>(record: &'r Record<'_>) -> Account<'r> {
    let mut identity = String::new();
    add_entry_identity(record, &mut identity);
    let active = record.get("active").and_then(Value::truth);
    Account {
        identity: Some(identity),
        row: RowKind::DirectoryEntry,
        login: Cow::Borrowed(""),
        name: None,
        suspended: active.map(|active| !active),
        roles: Roles::None,
        visual_studio: false,
        addresses: Vec::new(),
        listed: Vec::new(),
        memberships: Vec::new(),
    }
}

/// The digest of the id identifies an entry in two snapshots of its directory.
fn add_entry_identity(record: &Record<'_>, out: &mut String) {
    out.push_str(identity::ENTRY);
    out.push_str(record.get("id").and_then(Value::text).unwrap_or_default());
}

/// Appends the identity that [`account_of`] gives to a record, and derives the rest of the account only if
/// it must. Returns `false` if the record has no identity.
pub fn add_identity(kind: SourceKind, record: &Record<'_>, out: &mut String) -> bool {
    match kind {
        SourceKind::ServerAsSynced => server::add_identity(record, &server::ID_AS_SYNCED, out),
        SourceKind::Directory => add_entry_identity(record, out),
        kind if kind.is_instance() => server::add_identity(record, &server::IDS, out),
        _ => return cloud::add_identity(record, out),
    }
    true
}

/// Does a record of an instance name its account, by an id or by a login?
pub fn names_an_account(kind: SourceKind, record: &Record<'_>) -> bool {
    match kind {
        SourceKind::ServerAsSynced => server::names_an_account(record, &server::ID_AS_SYNCED),
        _ => server::names_an_account(record, &server::IDS),
    }
}

/// The fields that hold the display name in records from a source of this kind. The first one with a text
/// counts.
pub fn name_fields(kind: SourceKind) -> &'static [&'static str] {
    match kind {
        SourceKind::Cloud => &["github_com_name"],
        _ => server::NAME_FIELDS,
    }
}

/// Do two records agree about an account wherever both make a statement? Formats name fields differently,
/// so the meanings are compared as well as the fields (architecture.md section 2).
pub fn say_the_same_account(kind: SourceKind, a: &Record<'_>, b: &Record<'_>) -> bool {
    fn agree<T: PartialEq>(a: Option<T>, b: Option<T>) -> bool {
        a.is_none() || b.is_none() || a == b
    }
    let primary = |account: &Account<'_>| {
        let mut of_kind = account.addresses.iter().filter(|it| it.kind == AddressKind::Primary);
        of_kind.next().and_then(|address| email::key(&address.text))
    };
    let (one, other) = (account_of(kind, a), account_of(kind, b));
    say_the_same(a, b)
        && one.login == other.login
        && agree(one.suspended, other.suspended)
        && agree(one.name.as_ref(), other.name.as_ref())
        && primary(&one) == primary(&other)
}
