//! The accounts of a source: a few states for each, and a walk through them in time. The addresses come from
//! one small list, so that accounts match and cease to match. It must not know formats.

use rand::Rng;
use rand::seq::{IndexedRandom, SliceRandom};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use super::Origin;

const ADDRESSES: [&str; 8] = [
    "ann@corp.example",
    "Bob@corp.example",
    "cho@corp.example",
    "dee@corp.example",
    "dee@sub.corp.example",
    "eve@else.example",
    "fay@else.example",
    "ann+x@corp.example",
];
const ORGANIZATIONS: [&str; 3] = ["alpha", "beta", "gamma"];
/// The number of Server accounts on an instance.
const SERVER_ACCOUNTS: usize = 5;

/// The possible states of each account of a source.
pub fn pool(rng: &mut ChaCha8Rng, origin: Origin, hosts: &[&'static str]) -> Vec<Vec<Value>> {
    let mut pool = Vec::new();
    let mut add = |rng: &mut ChaCha8Rng, state: &dyn Fn(&mut ChaCha8Rng) -> Value| {
        let states = rng.random_range(2..=3);
        pool.push((0..states).map(|_| state(rng)).collect());
    };
    match origin {
        Origin::Instance(host) => {
            for number in 1..=rng.random_range(3..=SERVER_ACCOUNTS) {
                add(rng, &|rng| server_account(rng, host, number));
            }
        }
        Origin::Enterprise(_) => {
            for number in 0..rng.random_range(2..=5) {
                add(rng, &|rng| cloud_account(rng, number, hosts));
            }
            for number in 0..rng.random_range(0..=2) {
                add(rng, &|rng| server_only(rng, number, hosts));
            }
            for number in 0..rng.random_range(0..=2) {
                add(rng, &|rng| server_only_without_id(rng, number));
            }
            if rng.random_bool(0.4) {
                add(rng, &|rng| invitation(rng, "guest@else.example"));
            }
            for _ in 0..[0, 0, 1, 2][rng.random_range(0..4)] {
                add(rng, &|rng| invitation(rng, ""));
            }
            if rng.random_bool(0.3) {
                add(rng, &visual_studio_subscriber);
            }
        }
    }
    pool
}

/// Whether a login identifies the row.
pub fn is_cloud_account(account: &Value) -> bool {
    account["github_com_user"] == json!(true)
}

/// Accounts that change, go and come back from one snapshot to the next.
pub struct Walk {
    pool: Vec<Vec<Value>>,
    states: Vec<Vec<Option<usize>>>,
}

impl Walk {
    pub fn new(pool: Vec<Vec<Value>>) -> Walk {
        Walk { pool, states: Vec::new() }
    }

    /// The accounts of the next snapshot: mostly nearly the same, now and then exactly the same, those of an
    /// older snapshot, or hardly any.
    pub fn next(&mut self, rng: &mut ChaCha8Rng) -> Vec<Value> {
        let states = self.step(rng);
        self.states.push(states.clone());
        self.accounts(rng, &states)
    }

    /// The accounts of another snapshot of the same instant.
    pub fn other(&self, rng: &mut ChaCha8Rng) -> Vec<Value> {
        let states = self.step(rng);
        self.accounts(rng, &states)
    }

    fn step(&self, rng: &mut ChaCha8Rng) -> Vec<Option<usize>> {
        let begin = || self.pool.iter().map(|_| Some(0)).collect();
        let mut now = self.states.last().cloned().unwrap_or_else(begin);
        match rng.random_range(0..20) {
            0..=2 => return now,
            3..=5 => return self.states.choose(rng).cloned().unwrap_or(now),
            6 => {
                let kept = rng.random_range(0..now.len());
                let kept = rng.random_bool(0.5).then_some(kept);
                for (index, state) in now.iter_mut().enumerate() {
                    *state = state.filter(|_| kept == Some(index));
                }
                return now;
            }
            _ => {}
        }
        for (state, states) in now.iter_mut().zip(&self.pool) {
            if rng.random_bool(0.35) {
                let next = rng.random_range(0..=states.len());
                *state = (next < states.len()).then_some(next);
            }
        }
        now
    }

    fn accounts(&self, rng: &mut ChaCha8Rng, states: &[Option<usize>]) -> Vec<Value> {
        let present = self.pool.iter().zip(states);
        let mut accounts: Vec<Value> =
            present.filter_map(|(pool, state)| Some(pool[(*state)?].clone())).collect();
        accounts.shuffle(rng);
        accounts
    }
}

fn some_of<'a>(rng: &mut ChaCha8Rng, from: &[&'a str], most: usize) -> Vec<&'a str> {
    let mut chosen = from.to_vec();
    chosen.shuffle(rng);
    chosen.truncate(rng.random_range(0..=most));
    chosen
}

fn one_of(rng: &mut ChaCha8Rng, from: &[&'static str]) -> &'static str {
    from.choose(rng).copied().unwrap_or_default()
}

/// The id of a Server account as Cloud rows list it.
fn listed(rng: &mut ChaCha8Rng, hosts: &[&str], id: usize) -> String {
    match (hosts.choose(rng), rng.random_range(0..6)) {
        (None, _) | (_, 0) => id.to_string(),
        (_, 1) => format!("elsewhere.example:{id}"),
        (Some(host), 2) => format!("{id}:{host}:Owner"),
        (Some(host), _) => format!("{host}:{id}"),
    }
}

fn row(login: &str, cloud: bool, server: bool) -> Value {
    json!({
        "github_com_login": login,
        "github_com_name": null,
        "github_com_user": cloud,
        "enterprise_server_user": server,
        "visual_studio_subscription_user": false,
        "license_type": "Enterprise",
        "github_com_profile": null,
        "github_com_member_roles": [],
        "github_com_enterprise_roles": [],
        "github_com_verified_domain_emails": [],
        "github_com_saml_name_id": null,
        "enterprise_server_user_ids": [],
        "enterprise_server_primary_emails": [],
        "visual_studio_subscription_email": null,
        "total_user_accounts": u8::from(cloud) + u8::from(server),
    })
}

fn cloud_account(rng: &mut ChaCha8Rng, number: usize, hosts: &[&str]) -> Value {
    let login = format!("user-{number}");
    let login = if rng.random_bool(0.15) { login.to_uppercase() } else { login };
    let mut it = row(&login, true, false);
    it["github_com_name"] =
        json!(*[None, Some("Ann"), Some("Ann \"X\", jr")].choose(rng).unwrap_or(&None));
    it["github_com_verified_domain_emails"] = json!(some_of(rng, &ADDRESSES, 2));
    if rng.random_bool(0.4) {
        it["github_com_saml_name_id"] = json!(one_of(rng, &ADDRESSES));
    }
    let roles = some_of(rng, &ORGANIZATIONS, 3);
    it["github_com_member_roles"] =
        roles.iter().map(|organization| format!("{organization}:Member")).collect();
    let role = one_of(rng, &["Member", "Owner", "Pending invitation", "Member"]);
    it["github_com_enterprise_roles"] = json!([role]);
    if rng.random_bool(0.4) {
        let id = rng.random_range(1..=SERVER_ACCOUNTS);
        it["enterprise_server_user_ids"] = json!([listed(rng, hosts, id)]);
        it["enterprise_server_primary_emails"] = json!(some_of(rng, &ADDRESSES, 1));
        it["enterprise_server_user"] = json!(true);
    }
    if rng.random_bool(0.1) {
        it["license_type"] = json!("Visual Studio subscription");
        it["visual_studio_subscription_email"] = json!(one_of(rng, &ADDRESSES));
    }
    if rng.random_bool(0.1) {
        it["shoe_size"] = json!(number + 40);
    }
    it
}

/// A Server-only row. The smallest of its ids is always the same, so that it stays one row.
fn server_only(rng: &mut ChaCha8Rng, number: usize, hosts: &[&str]) -> Value {
    let mut it = row("", false, true);
    let id = |number: usize| match hosts.first() {
        Some(host) => format!("{host}:{number}"),
        None => format!("elsewhere.example:{number}"),
    };
    let mut ids = vec![id(number + 1)];
    if rng.random_bool(0.4) {
        ids.push(id(number + 100));
    }
    it["enterprise_server_user_ids"] = json!(ids);
    it["enterprise_server_primary_emails"] = json!(some_of(rng, &ADDRESSES, 2));
    it
}

/// A Server-only row known by addresses alone, which no other row has.
fn server_only_without_id(rng: &mut ChaCha8Rng, number: usize) -> Value {
    let mut it = row("", false, true);
    let own = [["zoe@corp.example", "alf@corp.example"], ["yan@corp.example", "Uma@corp.example"]];
    let mut addresses = some_of(rng, &own[number], 2);
    if addresses.is_empty() {
        addresses.extend(own[number]);
    }
    it["enterprise_server_primary_emails"] = json!(addresses);
    it
}

fn invitation(rng: &mut ChaCha8Rng, address: &str) -> Value {
    let mut it = row(address, false, false);
    it["github_com_enterprise_roles"] =
        json!([one_of(rng, &["Pending invitation", "pending Invitation"])]);
    it
}

fn visual_studio_subscriber(rng: &mut ChaCha8Rng) -> Value {
    let mut it = row("", false, false);
    it["visual_studio_subscription_user"] = json!(true);
    it["visual_studio_subscription_email"] = json!("vic@corp.example");
    it["license_type"] = json!(one_of(rng, &["Visual Studio subscription", "Enterprise"]));
    it
}

/// A Server account: one id, whatever its login and addresses.
fn server_account(rng: &mut ChaCha8Rng, host: &str, number: usize) -> Value {
    let short = host.split('.').next().unwrap_or_default();
    let login = match rng.random_range(0..20) {
        0 => "ghost".to_owned(),
        1..=5 => format!("renamed-{number}-{short}"),
        _ => format!("login-{number}"),
    };
    let mut emails: Vec<Value> = Vec::new();
    if rng.random_bool(0.9) {
        emails.push(json!({"email": one_of(rng, &ADDRESSES), "primary": true}));
    }
    for address in some_of(rng, &ADDRESSES, 1) {
        if emails.iter().all(|known| known["email"] != json!(address)) {
            emails.push(json!({"email": address, "primary": false}));
        }
    }
    json!({
        "user_id": number,
        "login": login,
        "name": *[None, Some("Ann"), Some("Bob")].choose(rng).unwrap_or(&None),
        "suspended": rng.random_bool(0.15),
        "emails": emails,
    })
}
