//! Random accounts: the rows of a Cloud report and the accounts of an instance, from tiny pools. It must not
//! know about sources and time.

use super::changes::change_lists;
use super::{HOSTS, OTHER_NAMES, Pools};
use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};
use std::collections::BTreeSet;

pub const ADDRESSES: [&str; 7] = [
    "ada@corp.example",
    "ada@old.example",
    "bob@corp.example",
    "bob@plant.example",
    "eve@plant.example",
    "kim@labs.example",
    "åsa@corp.example",
];
pub const SERVER_ADDRESSES: [&str; 2] = ["al@plant.example", "hidden@plant.example"];
/// Addresses that are like these, like each other, or like a name that stands for nobody.
pub const LIKENESSES: [&str; 28] = [
    "ada+ghes@corp.example",
    "ada+x@corp.example",
    "bob+ci@plant.example",
    "ada@sub.example",
    "ada@labs.example",
    "bob@labs.example",
    "kim@corp.example",
    "lovelace@corp.example",
    "lovelaec@corp.example",
    "love-lace@corp.example",
    "lovelac@corp.example",
    "love.lacy@corp.example",
    "lovelace@old.example",
    "hopper@plant.example",
    "hoppers@plant.example",
    "augusta@labs.example",
    "august@labs.example",
    "augsuta@labs.example",
    "a.u-gusta@labs.example",
    "augustb@labs.example",
    "admin@corp.example",
    "admin@plant.example",
    "build-2@corp.example",
    "admins@corp.example",
    "admin@corp.example",
    "ada@users.noreply.github.com",
    "7+ada@users.noreply.ghes1.corp.example",
    "monalisa",
];
/// Likenesses, and addresses to which people are invited.
pub const NEAR: [&str; 8] = [
    "lovelacy@corp.example",
    "august@labs.example",
    "lovelaec@corp.example",
    "ada@sub.example",
    "lovelace@sub.example",
    "kim@sub.example",
    "al@plant.example",
    "hidden@plant.example",
];
const NAME_IDS: [&str; 6] = ["CN=Ada, OU=Eng", "ada", "Lovelace", "admin", "monalisa", "kim"];
/// Words by which a file states that there is no address. Words that refuse a list are not among them.
const ABSENT: [&str; 12] = [
    "n/a",
    "NULL",
    "None",
    "nan",
    "-",
    "?",
    " undefined ",
    "Unknown",
    "#N/A",
    "(null)",
    "\\N",
    "--",
];
const NAMES: [&str; 18] = [
    "Ada Lovelace",
    "LOVELACE,  Ada",
    "Åsa Öberg",
    "asa oberg",
    "A\u{30a}sa  \u{d6}berg",
    "Grace Hopper",
    "Hopper, Grace",
    "José Ruiz",
    "JOSE RUIZ",
    "Kim Lee",
    "Lee,Kim",
    "Bob Ross",
    "Eve Stone",
    "STONE , EVE",
    "Zoe Zorn",
    " ",
    "n/a",
    "None",
];
const LOGINS: [&str; 13] = [
    "ada", "bob", "eve", "kim", "ada_corp", "zoe", "ann", "ben", "lovelace", "admin", "bob_corp",
    "ci-2", "none",
];
/// When a license ends: around the instants of the snapshots, long after them, or not stated.
const ENDS: [&str; 5] =
    ["2026-03-02", "2026-03-03T08:00:00Z", "2026-03-03", "2030-01-01T00:00:00Z", ""];
const LICENSE_TYPES: [&str; 4] =
    ["Enterprise", "Enterprise", "enterprise", "Visual Studio subscription"];
const IDS: [u64; 4] = [2, 3, 7, 10];

/// An address in some letter case, with white space around it, and hardly ever blank.
fn address(pools: Pools) -> impl Strategy<Value = String> + Clone {
    let writing = 0..if pools.absence { 27u8 } else { 24 };
    let drawn = (select(&ADDRESSES[..pools.addresses]), writing, select(&ABSENT[..]));
    drawn.prop_map(|(address, writing, absent)| match writing {
        0 => " ".to_owned(),
        24.. => absent.to_owned(),
        1..=3 => address.to_uppercase(),
        4 => format!(" {address} "),
        5 => format!("\u{a0}{}", address.replace("corp", "Corp")),
        _ => address.to_owned(),
    })
}

/// An address of a Server account, which may be one that no Cloud account has.
fn server_address(pools: Pools) -> impl Strategy<Value = String> + Clone {
    prop_oneof![1 => address(pools), 1 => select(&SERVER_ADDRESSES[..]).prop_map(str::to_owned)]
}

/// Mostly one of these addresses, or else one that is like another.
fn or_like<S: Strategy<Value = String> + Clone>(
    address: S,
) -> impl Strategy<Value = String> + Clone {
    prop_oneof![1 => address, 1 => select(&LIKENESSES[..]).prop_map(str::to_owned)]
}

fn name(pools: Pools) -> impl Strategy<Value = Option<&'static str>> {
    let absent = if pools.absence { 0 } else { 2 };
    weighted(0.85, select(&NAMES[..NAMES.len() - absent]))
}

/// At most this many addresses, and most often few.
fn up_to<S: Strategy<Value = String> + Clone>(
    most: usize,
    address: S,
) -> impl Strategy<Value = Vec<String>> {
    prop_oneof![2 => Just(Vec::new()), 3 => vec(address.clone(), 1..=1), 2 => vec(address, 1..=most)]
}

/// A Server id that names an instance, in one of its forms.
fn server_id(pools: Pools) -> impl Strategy<Value = String> {
    let writing = 0..if pools.other_names { 8u8 } else { 6 };
    let host = (0..pools.hosts.max(1), writing).prop_map(|(place, writing)| match writing {
        0 => HOSTS[place].to_uppercase(),
        1 => format!("{}.", HOSTS[place]),
        6.. => OTHER_NAMES[place].to_owned(),
        _ => HOSTS[place].to_owned(),
    });
    let port = select(&["443", "80"][..]);
    (host, port, select(&IDS[..]), 0..16u8).prop_map(|(host, port, id, form)| match form {
        0 => format!("{host}:{port}:{id}"),
        1 => format!("{id}:{host}:Member"),
        2 => format!("{id}:{host}:{port}:Owner"),
        3 => format!("{id}:{host}"),
        _ => format!("{host}:{id}"),
    })
}

/// A list of Server ids. Either all name an instance, or none does.
fn server_ids(pools: Pools) -> impl Strategy<Value = Vec<String>> {
    let bare = select(&IDS[..2]).prop_map(|id| id.to_string());
    let named = u32::from(pools.hosts > 0 && !pools.bare_ids);
    prop_oneof![
        1 => vec(bare, 1..=3),
        4 * named => vec(server_id(pools), 1..=1),
        3 * named => vec(server_id(pools), 2..=3),
    ]
}

/// An empty user object, without the columns that no rule reads.
pub fn nobody() -> Value {
    json!({
        "github_com_login": "",
        "github_com_name": null,
        "enterprise_server_user_ids": [],
        "github_com_user": false,
        "enterprise_server_user": false,
        "visual_studio_subscription_user": false,
        "license_type": "Enterprise",
        "github_com_enterprise_roles": [],
        "github_com_verified_domain_emails": [],
        "github_com_saml_name_id": null,
        "enterprise_server_primary_emails": [],
        "visual_studio_subscription_email": "",
    })
}

fn login() -> impl Strategy<Value = String> {
    (select(&LOGINS[..]), 0..6u8).prop_map(|(login, writing)| match writing {
        0 => login.to_uppercase(),
        _ => login.to_owned(),
    })
}

/// Enterprise roles, and the old singular column.
fn roles() -> impl Strategy<Value = (Vec<&'static str>, &'static str)> {
    prop_oneof![
        6 => Just((vec!["Member"], "")),
        1 => Just((vec![], "")),
        1 => Just((vec!["Pending invitation"], "")),
        1 => Just((vec!["PENDING outside collaborator invitation", "pending Invitation"], "")),
        1 => Just((vec!["Member", "Pending invitation"], "")),
        1 => Just((vec![], "pending invitation")),
        1 => Just((vec!["Pending invitation"], "Pending invitation")),
        1 => Just((vec!["Pending invitation"], "Owner")),
    ]
}

/// Writes the Server addresses into one of two columns, or both.
pub fn put_server_addresses(user: &mut Value, addresses: Vec<String>, column: u8) {
    match column {
        0 => user["enterprise_server_emails"] = json!(addresses),
        1 => {
            user["enterprise_server_emails"] =
                json!(addresses.first().into_iter().collect::<Vec<_>>());
            user["enterprise_server_primary_emails"] = json!(addresses);
        }
        _ => user["enterprise_server_primary_emails"] = json!(addresses),
    }
}

fn cloud_account(pools: Pools) -> impl Strategy<Value = Value> {
    let plain = select(&NAME_IDS[..]).prop_map(str::to_owned);
    let name_id = prop_oneof![2 => address(pools), 2 => or_like(address(pools)), 1 => plain];
    let identity =
        (login(), name(pools), weighted(0.5, name_id), up_to(3, or_like(address(pools))));
    let server = (weighted(0.65, server_ids(pools)), up_to(2, server_address(pools)), 0..8u8);
    let license = (roles(), select(&LICENSE_TYPES[..]), weighted(0.25, server_address(pools)));
    let ended = weighted(0.2, (prop::bool::weighted(0.7), select(&ENDS[..])));
    (identity, server, license, ended).prop_map(
        move |((login, name, name_id, verified), (ids, addresses, column), license, ended)| {
            let ((roles, singular), license_type, visual_studio) = license;
            let mut user = nobody();
            user["github_com_login"] = json!(login);
            user["github_com_name"] = json!(name);
            user["github_com_user"] = json!(true);
            user["github_com_saml_name_id"] = json!(name_id);
            user["github_com_verified_domain_emails"] = json!(verified);
            user["github_com_enterprise_roles"] = json!(roles);
            if !singular.is_empty() {
                user["github_com_enterprise_role"] = json!(singular);
            }
            user["license_type"] = json!(license_type);
            if let Some((active, end)) = ended.filter(|_| pools.license_end) {
                user["ghe_license_active"] = json!(active);
                user["ghe_license_end_date"] = json!(end);
            }
            user["visual_studio_subscription_user"] = json!(visual_studio.is_some());
            user["visual_studio_subscription_email"] = json!(visual_studio);
            if let Some(ids) = ids {
                user["enterprise_server_user"] = json!(true);
                user["enterprise_server_user_ids"] = json!(ids);
                put_server_addresses(&mut user, addresses, column);
            }
            user
        },
    )
}

/// A person whom GitHub could not match, with or without ids.
fn server_only(pools: Pools) -> impl Strategy<Value = Value> {
    let ids = prop_oneof![3 => server_ids(pools), 1 => Just(Vec::new())];
    let no_login = select(&["", "n/a"][..if pools.absence { 2 } else { 1 }]);
    let addresses = up_to(2, or_like(server_address(pools)));
    (ids, addresses, 0..8u8, no_login).prop_map(|(ids, addresses, column, no_login)| {
        let mut user = nobody();
        user["github_com_login"] = json!(no_login);
        let said = ids.is_empty() || column > 1;
        user["enterprise_server_user"] = if said { json!(true) } else { Value::Null };
        user["enterprise_server_user_ids"] = json!(ids);
        put_server_addresses(&mut user, addresses, column);
        user
    })
}

/// A subscriber without a Cloud account. Nobody else has the addresses.
fn visual_studio_only() -> impl Strategy<Value = Value> {
    select(&["", "new1@ms.example", "New2@ms.example"][..]).prop_map(|address| {
        let mut user = nobody();
        user["visual_studio_subscription_user"] = json!(true);
        user["visual_studio_subscription_email"] = json!(address);
        user
    })
}

fn invited_by_email(pools: Pools) -> impl Strategy<Value = Value> {
    let address = prop_oneof![
        4 => select(&ADDRESSES[..pools.addresses]),
        3 => select(&LIKENESSES[..]),
        3 => select(&["admin@corp.example", "ada@users.noreply.github.com"][..]),
        6 => select(&["ada@corp.example", "bob@corp.example"][..]),
        8 => select(&SERVER_ADDRESSES[..]),
        3 => Just(""),
    ];
    (address, any::<bool>()).prop_map(|(address, role)| {
        let mut user = nobody();
        user["github_com_login"] = json!(address);
        if role {
            user["github_com_enterprise_roles"] = json!(["Pending invitation"]);
        }
        user
    })
}

/// Five to seven Cloud accounts with similar addresses, more than a finding may name.
fn crowd() -> impl Strategy<Value = Vec<Value>> {
    let domains = ["a", "b", "c", "d", "e", "f", "g"];
    let size = prop_oneof![1 => Just(5usize), 3 => 6..=7usize];
    (size, select(&["ada", "bob", "ada", "bob", "lovelace"][..]), prop::bool::weighted(0.7))
        .prop_map(move |(size, local, same)| {
            let account = |domain: &&str| {
                let domain = if same { "corp" } else { domain };
                let address = format!("{local}@{domain}.example");
                let mut user = nobody();
                user["github_com_user"] = json!(true);
                user["github_com_verified_domain_emails"] = json!([address]);
                user
            };
            let mut crowd: Vec<Value> = domains[..size].iter().map(account).collect();
            for (user, domain) in crowd.iter_mut().zip(domains) {
                user["github_com_login"] = json!(format!("crowd-{domain}"));
            }
            crowd
        })
}

/// The rows of a Cloud report, some of them repeated: unchanged, or in other letter case and with other lists.
pub fn users(pools: Pools) -> impl Strategy<Value = Value> {
    let user = prop_oneof![
        7 => cloud_account(pools),
        4 => server_only(pools),
        1 => visual_studio_only(),
        3 => invited_by_email(pools),
    ]
    .boxed();
    let users = prop_oneof![1 => vec(user.clone(), 1..=3), 2 => vec(user, 4..=10)];
    let repeats = vec((any::<Index>(), any::<Index>(), any::<bool>()), 0..=2);
    (users, repeats, weighted(0.4, crowd())).prop_map(|(mut users, repeats, crowd)| {
        for (which, other, exact) in repeats {
            let mut repeated = which.get(&users).clone();
            if !exact {
                let login = repeated["github_com_login"].as_str().unwrap_or("").to_uppercase();
                repeated["github_com_login"] = json!(login);
                change_lists(&mut repeated, other.get(&users));
            }
            users.push(repeated);
        }
        users.extend(crowd.into_iter().flatten());
        json!(users)
    })
}

/// The accounts of an instance, each id and login once. Some of them take no license.
pub fn server_accounts(pools: Pools) -> impl Strategy<Value = Vec<Value>> {
    let logins = prop_oneof![
        8 => login(),
        1 => Just("ghost".to_owned()),
        1 => Just("scim-admin".to_owned()),
    ];
    let flags = (prop::bool::weighted(0.12), prop::bool::weighted(0.15));
    let account = (
        select(&IDS[..]),
        logins,
        flags,
        weighted(0.85, or_like(server_address(pools))),
        up_to(2, or_like(server_address(pools))),
        name(pools),
    );
    let account = account.prop_map(|(id, login, (suspended, dormant), primary, others, name)| {
        let email = |address: String, primary: bool| json!({"email": address, "primary": primary});
        let mut emails: Vec<Value> = primary.into_iter().map(|address| email(address, true)).collect();
        emails.extend(others.into_iter().map(|address| email(address, false)));
        json!({"id": id, "login": login, "name": name, "suspended": suspended, "dormant": dormant, "emails": emails})
    });
    let same = (
        any::<Index>(),
        any::<Index>(),
        weighted(0.75, select(&NEAR[..])),
        prop::bool::weighted(0.8),
    );
    let same = weighted(0.75, same);
    (vec(account, 0..=8), same).prop_map(move |(mut accounts, same)| {
        let (mut ids, mut logins) = (BTreeSet::new(), BTreeSet::new());
        accounts.retain(|account| {
            let login = account["login"].as_str().unwrap_or("").to_lowercase();
            ids.insert(account["id"].as_u64()) && logins.insert(login)
        });
        // An instance gives an address to one account only, but a file may list it twice.
        let same = same.filter(|_| pools.repeated && !accounts.is_empty());
        if let Some((one, other, address, suspended)) = same {
            let mut emails = one.get(&accounts)["emails"].clone();
            if let Some(address) = address {
                emails = json!([{"email": address, "primary": true}]);
            }
            let places = [one.index(accounts.len()), other.index(accounts.len())];
            for place in places {
                accounts[place]["emails"] = emails.clone();
            }
            accounts[places[0]]["suspended"] = json!(suspended);
        }
        if !pools.repeated {
            let mut primaries = BTreeSet::new();
            accounts.retain(|account| {
                let primary = account["emails"][0].clone();
                let key = primary["email"].as_str().unwrap_or("").trim().to_lowercase();
                primary["primary"] != json!(true) || key.is_empty() || primaries.insert(key)
            });
        }
        accounts
    })
}
