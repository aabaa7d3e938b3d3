//! Derives an account from a record of a Server account. The record is a row of the site-admin report, a user
//! object of the export, or an account as Cloud knows it. All of them are read tolerantly (formats.md sections 3
//! to 5, counting.md section 2).

use std::borrow::Cow;

use super::account::{Account, Address, AddressKind, Roles, RowKind};
use super::account::{add_identity_of_login, identity};
use super::{Record, Value, first_escaped};
use crate::email;

/// The fields that may contain the display name of a Server account.
pub(super) const NAME_FIELDS: &[&str] = &["name", "profile_name", "profileName"];

/// The fields that may contain an account's id in the files of its instance.
pub(super) const IDS: [&str; 3] = ["id", "user_id", "remote_user_id"];

/// The field with an account's id in Cloud's answers about an instance. The field `id` of these answers is
/// Cloud's own id of the account, and means nothing on the instance.
pub(super) const ID_AS_SYNCED: [&str; 1] = ["remoteUserId"];

/// The keys in a JSON object for an address that mark it as the primary address.
pub const PRIMARY_FLAGS: [&str; 3] = ["primary", "is_primary", "isPrimary"];

/// Appends the identity of an account whose id is in one of the fields `ids`.
pub(super) fn add_identity(record: &Record<'_>, ids: &[&str], out: &mut String) {
    match first_id(record, ids) {
        Some(id) => {
            out.push_str(identity::ID);
            out.push_str(plain_number(id));
        }
        None => add_identity_of_login(out, login(record)),
    }
}

fn login<'r>(record: &'r Record<'_>) -> &'r str {
    let login = first_text(record, &["login"]).unwrap_or_default().trim();
    if email::nothing_named(login).is_some() { "" } else { login }
}

/// The Server account that a record describes. Its id is in one of the fields `ids`.
pub(super) fn account<'r>(record: &'r Record<'_>, ids: &[&str]) -> Account<'r> {
    let login = login(record);
    let addresses = addresses(record);
    let mut identity = String::new();
    add_identity(record, ids, &mut identity);
    Account {
        identity: Some(identity),
        row: RowKind::Server,
        login: Cow::Borrowed(login),
        name: first_name(record).map(Cow::Borrowed),
        suspended: suspended(record),
        roles: Roles::None,
        visual_studio: false,
        addresses,
        listed: Vec::new(),
        memberships: Vec::new(),
    }
}

/// An id without leading zeros, if it consists of digits. So `007` and `7` are one id.
fn plain_number(id: &str) -> &str {
    if id.bytes().all(|byte| byte.is_ascii_digit()) {
        let significant = id.trim_start_matches('0');
        if significant.is_empty() { "0" } else { significant }
    } else {
        id
    }
}

/// Does the record name its account, by an id in one of the fields `ids` or by a login?
pub(super) fn names_an_account(record: &Record<'_>, ids: &[&str]) -> bool {
    let login = first_text(record, &["login"]);
    first_id(record, ids).is_some() || login.is_some_and(|it| email::nothing_named(it).is_none())
}

fn first_text<'r>(record: &'r Record<'_>, names: &[&str]) -> Option<&'r str> {
    names.iter().find_map(|name| record.get(name)?.text())
}

/// The text of the first of these fields that has one. A word of absence, such as `n/a`, is no text.
fn first_id<'r>(record: &'r Record<'_>, names: &[&str]) -> Option<&'r str> {
    let text = |name: &&str| record.get(name)?.text().map(str::trim);
    names.iter().filter_map(text).find(|it| email::word_of_absence(it).is_none())
}

fn first_name<'r>(record: &'r Record<'_>) -> Option<&'r str> {
    let text = |name: &&str| record.get(name)?.text();
    NAME_FIELDS.iter().filter_map(text).find(|it| email::nothing_named(it).is_none())
}

/// Is the account suspended? `None` if the record states neither yes nor no. Reads `suspended?` of the site-admin
/// report, `suspended` or `suspended_at` of the export, and `suspension_status` of `ghe-user-csv`.
fn suspended(record: &Record<'_>) -> Option<bool> {
    for name in ["suspended?", "suspended"] {
        if let Some(truth) = record.get(name).and_then(Value::truth) {
            return Some(truth);
        }
    }
    if let Some(status) = record.get("suspension_status") {
        let status = status.text().unwrap_or_default().trim().to_ascii_lowercase();
        return match status.as_str() {
            "suspended" | "true" => Some(true),
            "active" | "false" | "" => Some(false),
            _ => None,
        };
    }
    let at = record.get("suspended_at")?;
    let is_absent = at.text().is_some_and(|text| email::word_of_absence(text).is_some());
    (!is_absent).then(|| !at.is_empty() && at.truth() != Some(false))
}

/// One entry of a JSON list of addresses: the address, and whether the entry marks it as primary. The entry is a
/// text, or an object with the address and possibly a mark.
fn entry(value: &serde_json::Value) -> Option<(String, bool)> {
    if let Some(text) = value.as_str() {
        return Some((text.to_owned(), false));
    }
    if let Some(number) = value.as_number() {
        return Some((number.to_string(), false));
    }
    let flags = PRIMARY_FLAGS.iter();
    let flagged = flags.filter_map(|flag| value.get(*flag)).any(|flag| match flag {
        serde_json::Value::Bool(truth) => *truth,
        serde_json::Value::String(text) => text.trim().eq_ignore_ascii_case("true"),
        _ => false,
    });
    Some((value.get("email")?.as_str()?.to_owned(), flagged))
}

/// The entries of a JSON list of addresses in the form of most exports: each entry is an object that has only
/// the address and possibly a mark of the primary one. An entry is returned as the address and whether it is
/// primary. `None` if the list has another form.
pub fn plain_entries(list: &str) -> Option<Vec<(&str, bool)>> {
    let mut entries = Vec::new();
    let mut rest = list.strip_prefix('[')?;
    loop {
        let text = rest.strip_prefix("{\"email\":\"")?;
        let (address, behind) = text.split_at_checked(first_escaped(text.as_bytes(), 0)?)?;
        let behind = behind.strip_prefix('"')?;
        let primary = behind.strip_prefix(",\"primary\":true");
        entries.push((address, primary.is_some()));
        let other = || behind.strip_prefix(",\"primary\":false");
        rest = primary.or_else(other).unwrap_or(behind).strip_prefix('}')?;
        match rest.strip_prefix(',') {
            Some(next) => rest = next,
            None => return (rest == "]").then_some(entries),
        }
    }
}

/// The addresses of a Server account, the primary one marked. The `email` cell of the site-admin report is the
/// primary address and is never split. An export marks one address of `emails` as primary, or names it in a
/// field of its own. If nothing marks the primary address, it is unknown.
fn addresses<'r>(record: &'r Record<'_>) -> Vec<Address<'r>> {
    let text = |name: &&str| record.get(name)?.text();
    let named = ["primary_email", "email"].iter().filter_map(text);
    let mut named =
        named.filter(|it| email::word_of_absence(it).is_none()).map(Cow::Borrowed).next();
    let mut others: Vec<Cow<'r, str>> = Vec::new();
    match record.get("emails") {
        Some(Value::List(items)) => {
            others.extend(items.iter().map(|item| Cow::Borrowed(item.as_ref())));
        }
        Some(Value::Json(text)) => {
            let mut add = |address: Cow<'r, str>, primary| {
                if primary && named.is_none() {
                    named = Some(address);
                } else {
                    others.push(address);
                }
            };
            if let Some(entries) = plain_entries(text) {
                entries.into_iter().for_each(|(text, primary)| add(Cow::Borrowed(text), primary));
            } else {
                let entries: Vec<serde_json::Value> =
                    serde_json::from_str(text).unwrap_or_default();
                let entries = entries.iter().filter_map(entry);
                entries.for_each(|(text, primary)| add(Cow::Owned(text), primary));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_entries_are_those_that_a_parser_finds() {
        for (list, plain) in [
            (r#"[{"email":"a@x.example"}]"#, true),
            (r#"[{"email":"a@x.example","primary":true},{"email":"b","primary":false}]"#, true),
            (r#"[{"email":"","primary":true},{"email":"ü"}]"#, true),
            (r#"[{"email":"a","primary":"true"}]"#, false),
            (r#"[{"email":"a","primary":trueish}]"#, false),
            (r#"[{"email":"a\"b","primary":true}]"#, false),
            (r#"[{"email":"a","isPrimary":true}]"#, false),
            (r#"[{"email":"a"}, {"email":"b"}]"#, false),
            (r#"[{"email":"a"},"b"]"#, false),
            (r#"[{"email":"a"}],"#, false),
            (r#"[{"email":null}]"#, false),
            ("[]", false),
        ] {
            let found = plain_entries(list);
            assert_eq!(found.is_some(), plain, "{list}");
            let Some(found) = found else { continue };
            let parsed: Vec<serde_json::Value> = serde_json::from_str(list).expect("JSON");
            let parsed: Vec<(String, bool)> = parsed.iter().filter_map(entry).collect();
            assert!(
                found
                    .iter()
                    .map(|it| (it.0, it.1))
                    .eq(parsed.iter().map(|it| (it.0.as_str(), it.1)))
            );
        }
    }
}
