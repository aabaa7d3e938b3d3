//! Cloud rows: keys, Server ids, the four kinds of row, identities and repeats (counting.md sections 2 and 3,
//! formats.md section 1). It may assume user objects in the form of the Cloud report. It must not look at time,
//! settings or other sources.

use super::coverage::Seen;
pub use super::words::key;
use super::words::{login, names_nobody, says_nothing};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// One of the four kinds of Cloud row (formats.md section 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowKind {
    CloudAccount,
    ServerOnly,
    VisualStudioOnly,
    InvitedByEmail,
}

/// The identity of a Cloud row within its source, in the order of section 2.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Identity {
    Login(String),
    ServerId(Option<String>, u64),
    Address(String),
    Content(String),
    /// An invitation without any address: its content, and its ordinal among equal rows.
    Invitation(String, usize),
}

/// A Cloud row with its repeats collapsed into it. Its addresses are keys.
#[derive(Clone, Debug)]
pub struct Row {
    pub identity: Identity,
    pub kind: RowKind,
    pub login: String,
    pub name: String,
    /// The host (`None` for a bare id) and the id.
    pub server_ids: BTreeSet<(Option<String>, u64)>,
    pub server_addresses: BTreeSet<String>,
    pub name_id: Option<String>,
    pub verified: BTreeSet<String>,
    pub visual_studio_address: Option<String>,
    pub visual_studio_license: bool,
    /// The row has at least one enterprise role, and all of them begin with "pending".
    pub pending: bool,
    /// What the row states about its license: whether it is active, and when it ends.
    pub license_active: bool,
    pub license_end: Option<String>,
}

/// Section 2, "Server ids in Cloud rows": `D:HOST[:PORT][:Role]`, else `HOST[:PORT]:D`, else bare `D`.
pub fn server_id(text: &str) -> Option<(Option<String>, u64)> {
    let parts: Vec<&str> = text.trim().split(':').collect();
    match parts.as_slice() {
        [id] => Some((None, digits(id)?)),
        [id, host, rest @ ..] if digits(id).is_some() => {
            let port = rest.first().filter(|part| digits(part).is_some());
            Some((Some(host_name(host, port.copied())), digits(id)?))
        }
        [host, id] => Some((Some(host_name(host, None)), digits(id)?)),
        [host, port, id] => Some((Some(host_name(host, Some(port))), digits(id)?)),
        _ => None,
    }
}

fn digits(text: &str) -> Option<u64> {
    let all = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if all { text.parse().ok() } else { None }
}

/// Section 2: the host in lower case, without port 443 or 80 and without a final dot.
pub fn host_name(host: &str, port: Option<&str>) -> String {
    let host = host.trim().to_lowercase();
    let host = host.strip_suffix('.').unwrap_or(&host);
    match port {
        None | Some("443" | "80") => host.to_owned(),
        Some(port) => format!("{host}:{port}"),
    }
}

/// The rows of a Cloud snapshot, each identity once (section 2, "Rows with the same identity in one file").
pub fn rows(users: &Value, seen: &Seen) -> Vec<Row> {
    rows_naming(users, seen, &str::to_owned)
}

/// The rows of a Cloud snapshot. `instance` returns the instance that a name stands for.
pub fn rows_naming(users: &Value, seen: &Seen, instance: &dyn Fn(&str) -> String) -> Vec<Row> {
    let mut distinct: Vec<(Identity, Map<String, Value>)> = Vec::new();
    for user in objects(users) {
        let identity = identity(user, &distinct, instance);
        match distinct.iter_mut().find(|(known, _)| *known == identity) {
            None => distinct.push((identity, user.clone())),
            Some((_, earlier)) if earlier == user => seen.saw("row: repeated, equal"),
            Some((_, earlier)) => {
                seen.saw("row: repeated, lists united");
                unite(earlier, user);
            }
        }
    }
    distinct.into_iter().map(|(identity, user)| row(identity, &user, seen, instance)).collect()
}

/// Section 2, "Identity of a Cloud row within its source".
fn identity(
    user: &Map<String, Value>,
    earlier: &[(Identity, Map<String, Value>)],
    instance: &dyn Fn(&str) -> String,
) -> Identity {
    if let Some(login) = login(text(user, "github_com_login")) {
        return Identity::Login(login);
    }
    if let Some((host, id)) = server_ids(user, instance).first() {
        return Identity::ServerId(host.clone(), *id);
    }
    if let Some(address) = server_addresses(user).first() {
        return Identity::Address(address.clone());
    }
    if let Some(address) = key(text(user, "visual_studio_subscription_email")) {
        return Identity::Address(address);
    }
    // An empty value is no content.
    let mut content = user.clone();
    content.retain(|_, value| ![json!(null), json!(""), json!([])].contains(value));
    let content = Value::Object(content).to_string();
    if row_kind(user) != RowKind::InvitedByEmail {
        return Identity::Content(content);
    }
    let ordinal = earlier
        .iter()
        .filter(
            |(identity, _)| matches!(identity, Identity::Invitation(other, _) if *other == content),
        )
        .count();
    Identity::Invitation(content, ordinal)
}

/// Section 2: lists are united, and the later row's scalars count unless they are empty.
fn unite(earlier: &mut Map<String, Value>, later: &Map<String, Value>) {
    for (column, value) in later {
        match (earlier.get_mut(column), value) {
            (Some(Value::Array(list)), Value::Array(more)) => {
                list.extend(more.iter().cloned());
            }
            (_, Value::Null) => {}
            (_, Value::String(text)) if is_absent(column, text) => {}
            _ => {
                earlier.insert(column.clone(), value.clone());
            }
        }
    }
}

/// Section 2: an empty text or a word of absence is no value.
fn is_absent(column: &str, text: &str) -> bool {
    match column {
        "github_com_saml_name_id" | "visual_studio_subscription_email" => says_nothing(text),
        "github_com_login" | "github_com_name" => names_nobody(text),
        _ => text.is_empty(),
    }
}

fn row(
    identity: Identity,
    user: &Map<String, Value>,
    seen: &Seen,
    instance: &dyn Fn(&str) -> String,
) -> Row {
    let roles = enterprise_roles(user);
    let named = |column: &str| {
        let text = text(user, column);
        if names_nobody(text) { String::new() } else { text.to_owned() }
    };
    let end = text(user, "ghe_license_end_date");
    let row = Row {
        kind: row_kind(user),
        login: named("github_com_login"),
        name: named("github_com_name"),
        server_ids: server_ids(user, instance),
        server_addresses: server_addresses(user),
        name_id: key(text(user, "github_com_saml_name_id")),
        verified: keys(user, "github_com_verified_domain_emails"),
        visual_studio_address: key(text(user, "visual_studio_subscription_email")),
        visual_studio_license: text(user, "license_type")
            .eq_ignore_ascii_case("Visual Studio subscription"),
        pending: !roles.is_empty() && roles.iter().all(|role| role.starts_with("pending")),
        license_active: user.get("ghe_license_active") != Some(&Value::Bool(false)),
        license_end: (!end.is_empty()).then(|| end.to_owned()),
        identity,
    };
    note(&row, user, seen);
    row
}

/// formats.md section 1, "A row is one of four things".
fn row_kind(user: &Map<String, Value>) -> RowKind {
    if truth(user, "github_com_user") {
        RowKind::CloudAccount
    } else if truth(user, "enterprise_server_user") || !server_ids(user, &str::to_owned).is_empty()
    {
        RowKind::ServerOnly
    } else if truth(user, "visual_studio_subscription_user") {
        RowKind::VisualStudioOnly
    } else {
        RowKind::InvitedByEmail
    }
}

/// Section 3: singular and plural columns together, letter case ignored.
fn enterprise_roles(user: &Map<String, Value>) -> BTreeSet<String> {
    let mut roles = texts(user, "github_com_enterprise_roles");
    roles.extend(texts(user, "github_com_enterprise_role"));
    roles.into_iter().filter_map(login).collect()
}

fn server_ids(
    user: &Map<String, Value>,
    instance: &dyn Fn(&str) -> String,
) -> BTreeSet<(Option<String>, u64)> {
    let ids = texts(user, "enterprise_server_user_ids").into_iter().filter_map(server_id);
    ids.map(|(host, id)| (host.map(|host| instance(&host)), id)).collect()
}

/// formats.md section 1: the field has two names; both are read and united.
fn server_addresses(user: &Map<String, Value>) -> BTreeSet<String> {
    let mut addresses = keys(user, "enterprise_server_primary_emails");
    addresses.extend(keys(user, "enterprise_server_emails"));
    addresses
}

fn keys(user: &Map<String, Value>, column: &str) -> BTreeSet<String> {
    texts(user, column).into_iter().filter_map(key).collect()
}

/// The texts of a list. A single text is a list of one.
fn texts<'a>(user: &'a Map<String, Value>, column: &str) -> Vec<&'a str> {
    match user.get(column) {
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(text)) => vec![text],
        _ => Vec::new(),
    }
}

fn text<'a>(user: &'a Map<String, Value>, column: &str) -> &'a str {
    user.get(column).and_then(Value::as_str).unwrap_or("")
}

fn truth(user: &Map<String, Value>, column: &str) -> bool {
    user.get(column).and_then(Value::as_bool).unwrap_or(false)
}

/// The objects of an array.
pub fn objects(list: &Value) -> impl Iterator<Item = &Map<String, Value>> {
    list.as_array().into_iter().flatten().filter_map(Value::as_object)
}

/// Notes the words of absence.
fn note_absence(user: &Map<String, Value>, seen: &Seen) {
    let is_word = |text: &&str| !text.trim().is_empty() && says_nothing(text);
    if is_word(&text(user, "github_com_saml_name_id")) {
        seen.saw("word of absence: a NameID");
    }
    if is_word(&text(user, "visual_studio_subscription_email")) {
        seen.saw("word of absence: a Visual Studio address");
    }
    if texts(user, "github_com_verified_domain_emails").iter().any(&is_word) {
        seen.saw("word of absence: a verified address");
    }
    if texts(user, "enterprise_server_primary_emails").iter().any(&is_word) {
        seen.saw("word of absence: a Server address of a Cloud row");
    }
    for column in ["github_com_login", "github_com_name"] {
        let text = text(user, column);
        if is_word(&text) {
            seen.saw(match names_nobody(text) {
                true => "word of absence: a name of nobody",
                false => "word of absence: but a login or name",
            });
        }
    }
}

fn note(row: &Row, user: &Map<String, Value>, seen: &Seen) {
    note_absence(user, seen);
    seen.saw(match row.kind {
        RowKind::CloudAccount => "row: Cloud account",
        RowKind::ServerOnly => "row: Server-only",
        RowKind::VisualStudioOnly => "row: Visual Studio only",
        RowKind::InvitedByEmail => "row: invited by e-mail",
    });
    seen.saw(match row.identity {
        Identity::Login(_) => "row identity: login",
        Identity::ServerId(..) => "row identity: host and id",
        Identity::Address(_) => "row identity: address",
        Identity::Content(_) => "row identity: content",
        Identity::Invitation(_, 0) => "row identity: invitation without address",
        Identity::Invitation(..) => "row identity: equal invitations without address",
    });
    if row.kind == RowKind::ServerOnly && row.server_ids.len() > 1 {
        seen.saw("row: Server-only with several ids");
    }
    if row.pending && !text(user, "github_com_enterprise_role").is_empty() {
        seen.saw("row: pending, singular role");
    }
    for id in texts(user, "enterprise_server_user_ids") {
        let parts: Vec<&str> = id.split(':').collect();
        seen.saw(match parts.as_slice() {
            [_] => "id: D",
            [first, _] if digits(first).is_some() => "id: D:HOST",
            [first, _, _] if digits(first).is_some() => "id: D:HOST:Role",
            [first, ..] if digits(first).is_some() => "id: D:HOST:PORT:Role",
            [_, _] => "id: HOST:D",
            _ => "id: HOST:PORT:D",
        });
        if parts.iter().any(|part| part.starts_with("GHES")) {
            seen.saw("id: host in capitals");
        }
    }
}
