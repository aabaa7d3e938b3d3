//! Random employee directories, as tables that a configuration maps. Their people have addresses and logins from
//! the pools of the accounts. It must not know who is in one entry.

use super::accounts::{ADDRESSES, LIKENESSES, NEAR, SERVER_ADDRESSES};
use super::{DAY, FIRST_INSTANT, HOSTS, OTHER_NAMES, Snapshot};
use crate::naive::{Imported, Kind};
use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

/// The directories.
pub const NAMES: [&str; 2] = ["hr", "entra"];
/// The columns of the table for logins on instances, each with the host that the configuration names.
pub const HOST_COLUMNS: [(&str, &str); 3] =
    [(HOSTS[0], "Login 2"), (HOSTS[1], "Login 1"), (OTHER_NAMES[0], "Old login 2")];
const LOGINS: [&str; 12] = [
    "ada", "bob", "eve", "kim", "ada_corp", "zoe", "ann", "ben", "lovelace", "admin", "bob_corp",
    "ci-2",
];

fn address() -> impl Strategy<Value = String> {
    let address = prop_oneof![
        6 => select(&ADDRESSES[..]),
        1 => select(&LIKENESSES[..]),
        1 => select(&NEAR[..]),
        3 => select(&SERVER_ADDRESSES[..]),
    ];
    (address, 0..8u8).prop_map(|(address, writing)| match writing {
        0 => address.to_uppercase(),
        1 => address.replace("corp", "Corp"),
        _ => address.to_owned(),
    })
}

fn login() -> impl Strategy<Value = String> {
    (select(&LOGINS[..]), 0..6u8).prop_map(|(login, writing)| match writing {
        0 => login.to_uppercase(),
        _ => login.to_owned(),
    })
}

/// A person, with the active word as the file states it.
fn person() -> impl Strategy<Value = Value> {
    let logins = (weighted(0.35, login()), weighted(0.35, (0..HOST_COLUMNS.len(), login())));
    let active = weighted(0.8, prop::bool::weighted(0.6));
    (vec(address(), 0..=4), logins, active).prop_map(|(mut emails, (login, on_host), active)| {
        emails.dedup_by_key(|it| it.to_lowercase());
        let mut server_logins = json!({});
        if let Some((place, login)) = on_host {
            server_logins[HOST_COLUMNS[place].0] = json!(login);
        }
        json!({"emails": emails, "logins": login, "server_logins": server_logins, "active": active})
    })
}

/// A snapshot of a directory. One active person whom no file of GitHub names makes it acceptable.
fn snapshot() -> impl Strategy<Value = Snapshot> {
    let people = vec(person(), 1..=6);
    let drawn = (select(&NAMES[..]), people, 0..3i64, prop::bool::weighted(0.1));
    drawn.prop_map(|(name, mut people, day, voided)| {
        for (place, person) in people.iter_mut().enumerate() {
            person["id"] = json!(format!("{name}-{place}"));
            person["logins"] = json!(person["logins"].as_str().into_iter().collect::<Vec<_>>());
        }
        let keeper = format!("keeper{day}@{name}.example");
        people.push(json!({"id": "keeper", "emails": [keeper], "logins": [], "server_logins": {}, "active": true}));
        let imported = Imported {
            kind: Kind::Directory { name: name.to_owned() },
            taken_at: FIRST_INSTANT + day * DAY,
            partial: false,
            voided,
            content: json!(people),
            totals: None,
        };
        Snapshot { imported, csv: true }
    })
}

/// Snapshots of directories, each with the place in the order of import.
pub type Drawn = Vec<(Snapshot, Index)>;

/// A few snapshots of directories, or none.
pub fn drawn(directories: bool) -> impl Strategy<Value = Drawn> {
    let most = if directories { 3 } else { 0 };
    let snapshot = (snapshot(), any::<Index>()).boxed();
    prop_oneof![1 => Just(Vec::new()), 3 => vec(snapshot, most.min(1)..=most)]
}

/// Puts the snapshots of directories among the others.
pub fn put_among(snapshots: &mut Vec<Snapshot>, drawn: Drawn) {
    for (snapshot, place) in drawn {
        let place = place.index(snapshots.len() + 1);
        snapshots.insert(place, snapshot);
    }
}

/// The table of a directory.
pub fn table(people: &Value) -> Vec<u8> {
    let mut table = "Employee ID,Work Email,Alias,GitHub,Status".to_owned();
    for (_, column) in HOST_COLUMNS {
        table += &format!(",{column}");
    }
    table.push('\n');
    for person in people.as_array().into_iter().flatten() {
        let text = |value: &Value| value.as_str().unwrap_or("").to_owned();
        let emails: Vec<String> =
            person["emails"].as_array().into_iter().flatten().map(text).collect();
        let work = emails.first().cloned().unwrap_or_default();
        let alias = emails.get(1..).unwrap_or_default().join(";");
        let status = match person["active"].as_bool() {
            Some(true) => "Active",
            Some(false) => "Left",
            None => "",
        };
        let (id, login) = (text(&person["id"]), text(&person["logins"][0]));
        table += &format!("{id},{work},{alias},{login},{status}");
        for (host, _) in HOST_COLUMNS {
            table += &format!(",{}", text(&person["server_logins"][host]));
        }
        table.push('\n');
    }
    table.into_bytes()
}

/// The configuration that maps the tables.
pub fn configuration() -> String {
    let columns = HOST_COLUMNS.map(|(host, column)| format!("\"{host}\" = \"{column}\""));
    let directory = |name: &str| {
        format!(
            "[directory.{name}]\nid = \"Employee ID\"\nemails = [\"Work Email\", \"Alias\"]\n\
             logins = [\"GitHub\"]\n\
             active = {{ column = \"Status\", is = [\"Active\"], not = [\"Left\"] }}\n\
             server_logins = {{ {} }}\n",
            columns.join(", ")
        )
    };
    NAMES.map(directory).concat()
}
