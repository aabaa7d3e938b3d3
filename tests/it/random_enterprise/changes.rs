//! Differences between two files about the same accounts: other lists, logins and ids, or none. It must not
//! know about sources and time.

use super::accounts::{nobody, put_server_addresses};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Gives an account the lists of another, but nothing that would make it somebody else or another kind of row.
pub fn change_lists(account: &mut Value, other: &Value) {
    let changed: &[&str] = if account["emails"].is_array() {
        &["emails", "name"]
    } else if account["github_com_user"] == json!(true) {
        &[
            "github_com_name",
            "github_com_verified_domain_emails",
            "enterprise_server_user_ids",
            "enterprise_server_primary_emails",
        ]
    } else if account["enterprise_server_user_ids"] != json!([]) {
        &["enterprise_server_primary_emails"]
    } else {
        &[]
    };
    for column in changed {
        if let Some(list) = other.get(column) {
            account[*column] = list.clone();
        }
    }
}

/// The same accounts at another time: every second one has the lists of one of these others.
pub fn at_another_time(accounts: &Value, others: &Value) -> Value {
    let mut accounts = accounts.clone();
    let pairs =
        accounts.as_array_mut().into_iter().flatten().zip(others.as_array().into_iter().flatten());
    for (account, other) in pairs.step_by(2) {
        change_lists(account, other);
    }
    accounts
}

/// Renames two of three Cloud accounts with a NameID, and creates every second account of an instance again,
/// with logins and ids that nobody has.
pub fn rename(accounts: &mut Value, of_instance: bool) {
    let Some(accounts) = accounts.as_array_mut() else { return };
    let logins: BTreeSet<String> =
        accounts.iter().filter_map(|it| it["login"].as_str()).map(str::to_lowercase).collect();
    let renamed = ["lovelace_corp", "grace", "Al"];
    for (place, account) in accounts.iter_mut().enumerate() {
        let number = place;
        // The account keeps its addresses.
        if of_instance && place % 2 == 1 && account["id"].is_u64() {
            account["id"] = json!(20 + place);
        }
        let login = format!("{}{}", renamed[number % renamed.len()], number / renamed.len());
        let named = account["github_com_saml_name_id"].is_string() || number == 0;
        if account["github_com_user"] == json!(true)
            && place % 3 < 2
            && named
            && !logins.contains(&login.to_lowercase())
        {
            account["github_com_login"] = json!(login);
            if place % 4 != 3 {
                account["enterprise_server_user_ids"] = json!([]);
                account["enterprise_server_primary_emails"] = json!([]);
                // So that its earlier accounts no longer match it.
                account["github_com_verified_domain_emails"] = json!([]);
            }
        }
    }
    // A NameID of two accounts identifies nobody.
    if let ([first, second, ..], 0) = (accounts.as_mut_slice(), logins.len() % 3)
        && second["github_com_user"] == json!(true)
        && first["github_com_saml_name_id"].is_string()
    {
        second["github_com_saml_name_id"] = first["github_com_saml_name_id"].clone();
    }
}

/// The number of an account that no other account has.
const UNLISTED: u64 = 40;

/// An account of an instance that no address ties to anybody.
pub fn unlisted() -> Value {
    let emails = json!([{"email": "nobody.else@lone.example", "primary": true}]);
    json!({"id": UNLISTED, "login": "unlisted", "name": null, "suspended": false, "dormant": false, "emails": emails})
}

/// A Cloud account that lists it on this instance, or the same account under another login, with an empty list.
pub fn renamed(listed_on: Option<&str>) -> Value {
    let mut user = nobody();
    user["github_com_user"] = json!(true);
    user["github_com_saml_name_id"] = json!("CN=Renamed, OU=Eng");
    user["github_com_login"] = json!(if listed_on.is_some() { "before" } else { "afterwards" });
    if let Some(host) = listed_on {
        user["enterprise_server_user"] = json!(true);
        user["enterprise_server_user_ids"] = json!([format!("{host}:{UNLISTED}")]);
        put_server_addresses(&mut user, vec!["nobody.else@lone.example".to_owned()], 2);
    }
    user
}

/// Gives the rows of a report the primary addresses that their accounts have on an instance.
pub fn synced(users: &mut Value, host: &str, accounts: &Value) {
    for user in users.as_array_mut().into_iter().flatten() {
        let ids = user["enterprise_server_user_ids"].as_array().into_iter().flatten();
        let ids: Vec<String> = ids.filter_map(Value::as_str).map(str::to_owned).collect();
        let listed = accounts
            .as_array()
            .into_iter()
            .flatten()
            .filter(|account| ids.iter().any(|id| *id == format!("{host}:{}", account["id"])));
        let addresses: Vec<Value> = listed
            .map(|account| account["emails"][0].clone())
            .filter(|email| email["primary"] == json!(true))
            .map(|email| email["email"].clone())
            .collect();
        if !addresses.is_empty() {
            user["enterprise_server_primary_emails"] = json!(addresses);
        }
    }
}

/// The accounts of a file that have ids.
#[derive(Clone, Copy, Debug)]
pub enum Ids {
    All,
    Some,
    None,
}

/// Removes the ids of all accounts, or of every second one.
pub fn without_ids(accounts: &mut Value, ids: Ids) {
    let every = match ids {
        Ids::All => return,
        Ids::Some => 2,
        Ids::None => 1,
    };
    for account in accounts.as_array_mut().into_iter().flatten().step_by(every) {
        account["id"] = Value::Null;
    }
}
