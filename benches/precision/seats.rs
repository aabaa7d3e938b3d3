//! The accounts by which an answer and the truth name a seat.
//!
//! May assume: the shapes of directory.md sections 3 and 4, and the demo's `truth.ndjson`.

use serde_json::Value;

/// An account on Cloud (enterprise and login, or the address of an invitation) or on Server (host and id), in
/// lower case.
pub type Account = (String, String);

fn account(source: &Value, name: &Value) -> Option<Account> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.to_lowercase()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    Some((text(source)?, text(name)?))
}

/// The accounts of a seat in the truth.
pub fn of_truth(seat: &Value) -> Vec<Account> {
    let servers = seat["server_accounts"].as_array().into_iter().flatten();
    let servers = servers.filter_map(|it| account(&it["host"], &it["id"]));
    account(&seat["enterprise"], &seat["cloud_login"]).into_iter().chain(servers).collect()
}

/// The accounts of an item of `leavers`.
pub fn of_leavers(item: &Value) -> impl Iterator<Item = Account> + '_ {
    item["accounts"].as_array().into_iter().flatten().filter_map(|it| match it["kind"].as_str() {
        Some("server") => account(&it["source"], &it["id"]),
        _ => account(&it["source"], &it["login"]),
    })
}

/// The account by which an item of `across` names a seat.
pub fn of_across(seat: &Value) -> Option<Account> {
    account(&seat["host"], &seat["id"]).or_else(|| account(&seat["enterprise"], &seat["login"]))
}

/// A part of a whole, as the tables print it.
pub fn share(part: u64, whole: u64) -> String {
    if whole == 0 { "–".to_owned() } else { format!("{:.3}", part as f64 / whole as f64) }
}
