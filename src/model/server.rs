//! What a record of a Server instance's accounts means: the site-admin report's rows and the
//! export's user objects, read tolerantly (formats.md sections 4 and 5, counting.md section 2).

use std::borrow::Cow;

use serde::Deserialize;

use super::account::{Account, Address, AddressKind, Roles, RowKind, identity};
use super::{Record, Value};
use crate::email;

/// The fields that hold the display name.
pub(super) const NAME_FIELDS: &[&str] = &["name", "profile_name"];

/// The meaning of one Server account.
pub(super) fn account<'r>(record: &'r Record<'_>) -> Account<'r> {
    let login = first_text(record, &["login"]).unwrap_or_default().trim();
    let id = first_text(record, &["id", "user_id", "remote_user_id"]).map(str::trim);
    let addresses = addresses(record);
    let identity = match id {
        Some(id) => format!("{}{}", identity::ID, plain_number(id)),
        None => format!("{}{}", identity::LOGIN, email::login_key(login)),
    };
    Account {
        identity: Some(identity),
        row: RowKind::Server,
        login: Cow::Borrowed(login),
        name: first_text(record, NAME_FIELDS).map(Cow::Borrowed),
        suspended: suspended(record),
        roles: Roles::None,
        visual_studio: false,
        addresses,
        listed: Vec::new(),
        memberships: Vec::new(),
    }
}

/// An id that is all digits without leading zeros, so that `007` and `7` are one account.
fn plain_number(id: &str) -> &str {
    if id.bytes().all(|byte| byte.is_ascii_digit()) {
        let significant = id.trim_start_matches('0');
        if significant.is_empty() { "0" } else { significant }
    } else {
        id
    }
}

fn first_text<'r>(record: &'r Record<'_>, names: &[&str]) -> Option<&'r str> {
    names.iter().find_map(|name| record.get(name)?.text())
}

/// `suspended?` of the report, `suspended` or `suspended_at` of the export.
fn suspended(record: &Record<'_>) -> Option<bool> {
    for name in ["suspended?", "suspended"] {
        if let Some(truth) = record.get(name).and_then(Value::truth) {
            return Some(truth);
        }
    }
    record.get("suspended_at").map(|value| !value.is_empty() && value.truth() != Some(false))
}

/// One entry of an export's `emails`.
#[derive(Deserialize)]
struct Entry {
    email: Option<String>,
    #[serde(alias = "is_primary")]
    primary: Option<bool>,
}

/// The primary address and the others. The report's `email` cell is the primary address and is
/// never split; an export flags one of `emails`, or names it in a field of its own. Where nothing
/// says which is the primary one, none is known to be.
fn addresses<'r>(record: &'r Record<'_>) -> Vec<Address<'r>> {
    let mut named = first_text(record, &["primary_email", "email"]).map(Cow::Borrowed);
    let mut others: Vec<Cow<'r, str>> = Vec::new();
    match record.get("emails") {
        Some(Value::List(items)) => {
            others.extend(items.iter().map(|item| Cow::Borrowed(item.as_ref())));
        }
        Some(Value::Json(text)) => {
            let entries: Vec<Entry> = serde_json::from_str(text).unwrap_or_default();
            for entry in entries {
                let Some(address) = entry.email else { continue };
                if entry.primary == Some(true) && named.is_none() {
                    named = Some(Cow::Owned(address));
                } else {
                    others.push(Cow::Owned(address));
                }
            }
        }
        _ => {}
    }
    listed(named, others)
}

fn listed<'r>(primary: Option<Cow<'r, str>>, others: Vec<Cow<'r, str>>) -> Vec<Address<'r>> {
    let primary_key = primary.as_deref().and_then(email::key);
    let mut addresses: Vec<Address<'r>> = Vec::with_capacity(1 + others.len());
    if let (Some(text), Some(_)) = (primary, &primary_key) {
        addresses.push(Address { kind: AddressKind::Primary, text });
    }
    for text in others {
        let key = email::key(&text);
        if key.is_some() && key != primary_key {
            addresses.push(Address { kind: AddressKind::Secondary, text });
        }
    }
    addresses
}
