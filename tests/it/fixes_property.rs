//! A fix works. The test applies the fixes of `duplicates` to the newest files of Server and Cloud and imports
//! them an hour later, with a sync status in between. Consumed is then lower by exactly the license of that
//! finding than where the same files are imported unchanged. All fixes of accounts that share addresses
//! together free all of their licenses. The random enterprises have several instances, accounts that share
//! addresses, accounts without one, placeholders, invitations, subscribers, and instances that only Cloud
//! knows. `ONESEAT_CASES` and `ONESEAT_SEED` ask for more cases and for others.

#![allow(clippy::print_stderr)]

use std::collections::{BTreeMap, BTreeSet};

use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use crate::common::Place;
use crate::random_history::cases;

const CASES: u32 = 40;
/// In this many cases, everything must have occurred this often. In fewer cases, the counts are only printed.
const COVERED: (u32, u64) = (1000, 20);
const OLD: &str = "2026-03-02T08:00:00Z";
const NOW: &str = "2026-03-09T08:00:00Z";
const SYNC: &str = "2026-03-09T08:30:00Z";
const LATER: &str = "2026-03-09T09:00:00Z";
const HOSTS: [&str; 3] = ["ghes2.corp.example", "ghes1.corp.example", "ghes10.corp.example"];
/// A host of which no file was ever imported.
const LISTED_HOST: &str = "ghes3.corp.example";
const PEOPLE: [&str; 6] = ["lovelace", "hopper", "babbage", "turing", "noether", "knuth"];
const DOMAINS: [&str; 3] = ["corp.example", "plant.example", "old.example"];
const OCCURRENCES: [&str; 13] = [
    "certain",
    "likely",
    "possible",
    "several accounts",
    "primary",
    "verify",
    "verify on one of several",
    "suspend",
    "cancel",
    "between servers",
    "cluster of several findings",
    "known through Cloud only",
    "left a repeated address alone",
];

type Seen = BTreeMap<&'static str, u64>;

/// An account of an instance.
#[derive(Debug, Clone)]
struct Account {
    id: u64,
    login: String,
    primary: Option<String>,
    others: Vec<String>,
    suspended: bool,
}

/// An enterprise, as its newest files describe it.
#[derive(Debug, Clone)]
struct Files {
    rows: Vec<Value>,
    servers: BTreeMap<&'static str, Vec<Account>>,
}

#[test]
fn every_fix_frees_the_license_of_its_finding() {
    let mut seen = Seen::new();
    let first = std::env::var("ONESEAT_SEED").ok().and_then(|it| it.parse().ok()).unwrap_or(1u64);
    let cases = u64::from(cases(CASES));
    for seed in first..first + cases {
        try_fixes(seed, &mut seen);
    }
    eprintln!("{seen:#?}");
    let least = if cases < u64::from(COVERED.0) { 0 } else { COVERED.1 };
    for what in OCCURRENCES {
        let times = seen.get(what).copied().unwrap_or_default();
        assert!(times >= least, "{what} occurred {times} times");
    }
}

fn try_fixes(seed: u64, seen: &mut Seen) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let (files, before) = random(&mut rng);
    let place = Place::new();
    import(
        &place,
        "cloud.json",
        &json!({"users": before}),
        &["--enterprise", "corp", "--taken-at", OLD],
    );
    import_all(&place, &files, NOW);
    if rng.random_bool(0.1) {
        place.json(&["sources", "set", "corp", "--billing-model", "emu"]);
    }
    let items = place.json(&["duplicates"])["items"].clone();
    let items: Vec<&Value> = items.as_array().expect("items").iter().collect();
    agrees_with_explain(seed, &place, &items);
    let unchanged = consumed_after(&place, &files);
    for item in &items {
        note(item, seen);
        let (fixed, alone) = applied(&files, &[item]);
        *seen.entry("left a repeated address alone").or_default() += u64::from(alone);
        let freed = unchanged - consumed_after(&place, &fixed);
        let expected = if alone { 1..=2 } else { 1..=1 };
        assert!(expected.contains(&freed), "seed {seed}: {freed} freed by {item:#}\n{files:#?}");
    }
    for cluster in clusters(&items) {
        *seen.entry("cluster of several findings").or_default() += 1;
        let (fixed, alone) = applied(&files, &cluster);
        let freed = unchanged - consumed_after(&place, &fixed);
        let least = cluster.len() as i64;
        assert!(
            freed == least || (alone && freed > least),
            "seed {seed}: {freed} freed by all of {cluster:#?}\n{files:#?}"
        );
    }
}

/// For every account of a finding, `explain` reports a finding of at least the same confidence, and reports it
/// as `duplicates` does.
fn agrees_with_explain(seed: u64, place: &Place, items: &[&Value]) {
    let levels = ["certain", "likely", "possible"];
    let level = |item: &Value| levels.iter().position(|it| item["confidence"] == *it);
    for item in items {
        let servers = item["server_accounts"].as_array().into_iter().flatten();
        let named = |it: &Value| {
            format!(
                "{}:{}",
                it["host"].as_str().expect("a host"),
                it["id"].as_str().expect("an id")
            )
        };
        let mut asked: Vec<String> = servers.map(named).collect();
        let cloud = [&item["cloud_account"]["login"], &item["invitation"]];
        asked.extend(cloud.into_iter().filter_map(|it| Some(format!("corp:{}", it.as_str()?))));
        for who in asked {
            let answer = place.json(&["explain", &who]);
            let people = answer["people"].as_array().expect("people");
            let told = people.iter().map(|person| &person["duplicate"]);
            let fits = |told: &Value| items.contains(&told) && level(told) <= level(item);
            assert!(told.clone().any(fits), "seed {seed}: {who} of {item:#} is not in {answer:#}");
        }
    }
}

/// Counts what occurs in a finding.
fn note(item: &Value, seen: &mut Seen) {
    let mut note = |what: &'static str| *seen.entry(what).or_default() += 1;
    let level = ["certain", "likely", "possible"].into_iter().find(|it| item["confidence"] == *it);
    note(level.expect("a confidence"));
    let fixes = item["fixes"].as_array().expect("fixes");
    assert!(!fixes.is_empty(), "{item:#}");
    assert_eq!(item["fix"]["action"], fixes[0]["action"], "the first");
    let accounts = item["server_accounts"].as_array().expect("accounts");
    if accounts.len() > 1 {
        note("several accounts");
    }
    if accounts.iter().any(|it| it["host"] == LISTED_HOST) {
        note("known through Cloud only");
    }
    if item["candidates"] == json!([])
        && !item["other_server_accounts"].as_array().expect("a list").is_empty()
    {
        note("between servers");
    }
    for fix in fixes {
        note(match (fix["host"].is_null(), fix["login"].is_null(), fix["address"].is_null()) {
            (false, _, true) => "suspend",
            (false, _, false) => "primary",
            (true, true, _) if fix["address"] == item["invitation"] => "cancel",
            (true, true, _) => "verify on one of several",
            (true, false, _) => "verify",
        });
    }
}

/// Findings that share addresses: the Server accounts of one are among the others of another.
fn clusters<'i>(items: &[&'i Value]) -> Vec<Vec<&'i Value>> {
    let names = |item: &Value, keys: &[&str]| -> BTreeSet<String> {
        let lists = keys.iter().flat_map(|key| item[*key].as_array().into_iter().flatten());
        lists.map(|it| format!("{}:{}", it["host"], it["id"])).collect()
    };
    let mut clusters: Vec<(BTreeSet<String>, Vec<&Value>)> = Vec::new();
    for item in items {
        let mut all = names(item, &["server_accounts", "other_server_accounts"]);
        let mut members = vec![*item];
        while let Some(place) = clusters.iter().position(|(its, _)| !its.is_disjoint(&all)) {
            let (its, others) = clusters.swap_remove(place);
            all.extend(its);
            members.extend(others);
        }
        clusters.push((all, members));
    }
    clusters.into_iter().map(|(_, members)| members).filter(|it| it.len() > 1).collect()
}

/// The licenses consumed after an import of these files, an hour after the newest ones and half an hour after a
/// sync.
fn consumed_after(place: &Place, files: &Files) -> i64 {
    let copy = Place::new();
    std::fs::copy(place.path("oneseat.db"), copy.path("oneseat.db")).expect("a copy");
    let instance = |host: &&str| json!({"server_id": "1", "hostname": host, "last_sync": {"date": SYNC, "status": "success", "error": ""}});
    let status: Vec<Value> = files.servers.keys().map(instance).collect();
    import(
        &copy,
        "sync.json",
        &json!({"server_instances": status}),
        &["--enterprise", "corp", "--taken-at", SYNC],
    );
    import_all(&copy, files, LATER);
    copy.json(&["consumption"])["consumed"].as_i64().expect("a number")
}

fn import(place: &Place, name: &str, content: &Value, options: &[&str]) {
    let file = place.write(name, content.to_string().as_bytes()).display().to_string();
    place.json(&[&["import", &file], options].concat());
}

fn import_all(place: &Place, files: &Files, at: &str) {
    for (host, accounts) in &files.servers {
        let users: Vec<Value> = accounts.iter().map(user_of_export).collect();
        let export = json!({"instance": {"server_id": "1", "host_name": host, "version": "3.17.2"}, "users": users});
        import(place, "server.json", &export, &["--taken-at", at]);
    }
    import(
        place,
        "cloud.json",
        &json!({"users": files.rows}),
        &["--enterprise", "corp", "--taken-at", at],
    );
}

fn user_of_export(account: &Account) -> Value {
    let email = |address: &String, primary: bool| json!({"email": address, "primary": primary});
    let mut emails: Vec<Value> = account.primary.iter().map(|it| email(it, true)).collect();
    emails.extend(account.others.iter().map(|it| email(it, false)));
    json!({"user_id": account.id, "login": account.login, "suspended": account.suspended, "emails": emails})
}

/// The files with the fixes of these findings applied, and whether an address that two accounts of an instance
/// had is left to one of them alone.
fn applied(files: &Files, items: &[&Value]) -> (Files, bool) {
    let mut fixed = files.clone();
    for item in items {
        for fix in item["fixes"].as_array().expect("fixes") {
            apply(&mut fixed, item, fix);
        }
    }
    let alone = files.servers.iter().any(|(host, accounts)| {
        let having = |accounts: &[Account], address: &str| {
            let same = accounts.iter().filter(|it| it.primary.as_deref() == Some(address));
            same.count()
        };
        let addresses = accounts.iter().filter_map(|it| it.primary.as_deref());
        let mut addresses = addresses.filter(|address| having(accounts, address) > 1);
        addresses.any(|address| having(&fixed.servers[host], address) == 1)
    });
    (fixed, alone)
}

fn apply(files: &mut Files, item: &Value, fix: &Value) {
    let address = fix["address"].as_str();
    let Some(host) = fix["host"].as_str() else {
        let address = address.expect("an address").to_owned();
        if fix["login"].is_null() && fix["address"] == item["invitation"] {
            files.rows.retain(|row| row["github_com_login"] != *address);
            return;
        }
        // If there are several candidates, any of them; if there is none, any Cloud account.
        let candidate =
            item["candidates"].as_array().expect("a list").iter().map(|it| &it["login"]);
        let mut candidates = candidate.filter(|it| !it.as_str().is_some_and(|it| it.contains('@')));
        let login = if fix["login"].is_null() { candidates.next() } else { Some(&fix["login"]) };
        let is_meant = |row: &&mut Value| match login {
            Some(login) => row["github_com_login"] == *login,
            None => row["github_com_user"] == true,
        };
        if let Some(row) = files.rows.iter_mut().find(is_meant) {
            row["github_com_verified_domain_emails"]
                .as_array_mut()
                .expect("a list")
                .push(json!(address));
        }
        return;
    };
    let id: u64 = fix["id"].as_str().expect("an id").parse().expect("a number");
    let listed = json!(format!("{host}:{id}"));
    if host == LISTED_HOST {
        let is_meant = |row: &&mut Value| {
            row["enterprise_server_user_ids"].as_array().expect("a list").contains(&listed)
        };
        let row = files.rows.iter_mut().find(is_meant).expect("the row");
        match address {
            Some(address) => row["enterprise_server_primary_emails"] = json!([address]),
            None => row["enterprise_server_user_ids"]
                .as_array_mut()
                .expect("a list")
                .retain(|it| *it != listed),
        }
        let is_empty = |row: &Value| {
            row["github_com_user"] == false
                && row["enterprise_server_user"] == true
                && row["enterprise_server_user_ids"] == json!([])
        };
        files.rows.retain(|row| !is_empty(row));
        return;
    }
    let accounts = files.servers.iter_mut().find(|it| *it.0 == host).expect("the instance").1;
    let others: Vec<Option<String>> =
        accounts.iter().filter(|it| it.id != id).map(|it| it.primary.clone()).collect();
    let account = accounts.iter_mut().find(|it| it.id == id).expect("the account");
    assert!(!account.suspended, "{fix}");
    let Some(address) = address else {
        account.suspended = true;
        return;
    };
    assert!(!others.contains(&Some(address.to_owned())), "{address} is another's there: {item:#}");
    account.others.retain(|it| it != address);
    if let Some(old) = account.primary.replace(address.to_owned())
        && old != address
    {
        account.others.push(old);
    }
}

/// The newest files of a random enterprise, and the rows of the previous report.
fn random(rng: &mut ChaCha8Rng) -> (Files, Vec<Value>) {
    let people = rng.random_range(2..=PEOPLE.len());
    let mut servers = BTreeMap::new();
    for host in HOSTS.iter().take(rng.random_range(1..=HOSTS.len())) {
        let accounts = (1..=rng.random_range(1..=5u64)).map(|id| {
            let others = rng.random_range(0..=2u32) * u32::from(rng.random_bool(0.5));
            let primary = rng.random_bool(0.85).then(|| address(rng, people));
            let others: BTreeSet<String> = (0..others).map(|_| address(rng, people)).collect();
            let name = person(rng, people);
            Account {
                id,
                login: ["q", &name, &format!("{name}-x")].choose(rng).expect("a login").to_string(),
                others: others.into_iter().filter(|it| primary.as_ref() != Some(it)).collect(),
                primary,
                suspended: rng.random_bool(0.1),
            }
        });
        servers.insert(*host, accounts.collect::<Vec<Account>>());
    }
    let mut rows = Vec::new();
    for number in 0..rng.random_range(1..=4) {
        let login = if rng.random_bool(0.4) { person(rng, people) } else { format!("u{number}") };
        if rows.iter().any(|row: &Value| row["github_com_login"] == login.as_str()) {
            continue;
        }
        let verified: BTreeSet<String> =
            (0..rng.random_range(0..=2)).map(|_| address(rng, people)).collect();
        let mut row = row(&login, &verified.into_iter().collect::<Vec<_>>());
        if rng.random_bool(0.3) {
            row["github_com_saml_name_id"] = match rng.random_bool(0.5) {
                true => json!(address(rng, people)),
                false => json!(person(rng, people)),
            };
        }
        if rng.random_bool(0.2) {
            row["visual_studio_subscription_email"] = json!(address(rng, people));
        }
        rows.push(row);
    }
    // What the previous report had merged.
    let mut before = rows.clone();
    for row in &mut before {
        if rng.random_bool(0.3)
            && let Some(host) = HOSTS.choose(rng)
        {
            row["enterprise_server_user"] = json!(true);
            row["enterprise_server_user_ids"] =
                json!([format!("{host}:{}", rng.random_range(1..=5u64))]);
        }
    }
    for number in 0..rng.random_range(0..=2u64) {
        let ids: Vec<String> = (0..rng.random_range(1..=2u64))
            .map(|it| format!("{LISTED_HOST}:{}", 10 * number + it))
            .collect();
        let mut row = row("", &[]);
        row["github_com_user"] = json!(false);
        row["enterprise_server_user"] = json!(true);
        row["enterprise_server_user_ids"] = json!(ids);
        row["enterprise_server_primary_emails"] = json!([address(rng, people)]);
        rows.push(row);
    }
    for _ in 0..rng.random_range(0..=1u32) {
        let mut row = row(&address(rng, people), &[]);
        row["github_com_user"] = json!(false);
        row["github_com_orgs_with_pending_invites"] = json!(["acme"]);
        rows.push(row);
    }
    (Files { rows, servers }, before)
}

fn row(login: &str, verified: &[String]) -> Value {
    json!({
        "github_com_login": login,
        "github_com_user": true,
        "github_com_saml_name_id": null,
        "github_com_verified_domain_emails": verified,
        "github_com_enterprise_roles": ["Member"],
        "enterprise_server_user": false,
        "enterprise_server_user_ids": [],
        "enterprise_server_primary_emails": [],
        "visual_studio_subscription_email": "",
        "license_type": "Enterprise",
    })
}

fn person(rng: &mut ChaCha8Rng, people: usize) -> String {
    PEOPLE[..people].choose(rng).expect("somebody").to_string()
}

fn address(rng: &mut ChaCha8Rng, people: usize) -> String {
    let (person, domain) = (person(rng, people), DOMAINS.choose(rng).expect("a domain"));
    let tag = if rng.random_bool(0.1) { "+ghes" } else { "" };
    format!("{person}{tag}@{domain}")
}
