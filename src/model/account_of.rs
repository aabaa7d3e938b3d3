//! Derives the account that a record describes, depending on the kind of the record's source. The modules
//! `cloud` and `server` interpret the records of these kinds of source.

use std::borrow::Cow;

use super::account::{Account, AddressKind, Roles, RowKind, identity};
use super::record::{Value, say_the_same};
use super::{Record, SourceKind, cloud, server};
use crate::email;

/// The account that a record from a source of this kind describes.
pub fn account_of<'r>(kind: SourceKind, record: &'r Record<'_>) -> Account<'r> {
    match kind {
        SourceKind::ServerAsSynced => server::account(record, &server::ID_AS_SYNCED),
        SourceKind::Directory => entry_account(record),
        kind if kind.is_instance() => server::account(record, &server::IDS),
        _ => cloud::account(record),
    }
}

/// The account that stands for an entry of an employee directory. It has an identity, but no login and no
/// address, so no search for accounts finds it.
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

/// Appends the identity of a directory entry to `out`: the digest of the entry's id, which is equal in all
/// snapshots of the directory.
fn add_entry_identity(record: &Record<'_>, out: &mut String) {
    out.push_str(identity::ENTRY);
    out.push_str(record.get("id").and_then(Value::text).unwrap_or_default());
}

/// Appends to `out` the identity that [`account_of`] gives to a record, and derives the other values of the
/// account only if the identity depends on them. Returns `false` if the record has no identity.
pub fn add_identity(kind: SourceKind, record: &Record<'_>, out: &mut String) -> bool {
    match kind {
        SourceKind::ServerAsSynced => server::add_identity(record, &server::ID_AS_SYNCED, out),
        SourceKind::Directory => add_entry_identity(record, out),
        kind if kind.is_instance() => server::add_identity(record, &server::IDS, out),
        _ => return cloud::add_identity(record, out),
    }
    true
}

/// Does the record of a Server account state an id or a login?
pub fn names_an_account(kind: SourceKind, record: &Record<'_>) -> bool {
    match kind {
        SourceKind::ServerAsSynced => server::names_an_account(record, &server::ID_AS_SYNCED),
        _ => server::names_an_account(record, &server::IDS),
    }
}

/// The fields of a record that may contain the display name, for this kind of source. The first field that has a
/// text counts.
pub fn name_fields(kind: SourceKind) -> &'static [&'static str] {
    match kind {
        SourceKind::Cloud => &["github_com_name"],
        _ => server::NAME_FIELDS,
    }
}

/// Do two records of one account agree in everything that both of them state? Formats have different names for
/// one field, so the accounts that the records describe are compared as well as the fields (architecture.md
/// section 2).
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
