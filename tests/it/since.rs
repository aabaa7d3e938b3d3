//! `since` of a finding is the first snapshot of the unbroken run that has it. The test compares it with a
//! question at every instant, over random enterprises.

#![allow(clippy::panic, clippy::print_stderr)]

use std::cell::RefCell;
use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};

use crate::common::Place;
use crate::counting_property::import;
use crate::naive::Kind;
use crate::random_enterprise::files::instant;
use crate::random_enterprise::{Features, random_enterprise};

const CASES: u32 = 300;

/// The subject of a finding: its Server accounts, and the candidates that it ties them to.
struct About {
    accounts: BTreeSet<String>,
    others: BTreeSet<String>,
    since: Value,
}

fn about(item: &Value) -> About {
    let names = |key: &str, of: &dyn Fn(&Value) -> String| -> BTreeSet<String> {
        item[key].as_array().into_iter().flatten().map(of).collect()
    };
    // Without an id, the login identifies an account. If no file of its instance states the login, the address
    // does.
    let place = |it: &Value| match (&it["id"], &it["login"]) {
        (Value::Null, Value::Null) => {
            format!("{} {}", it["host"], it["primary_email"].to_string().to_lowercase())
        }
        (Value::Null, login) => {
            format!("{} login {}", it["host"], login.to_string().to_lowercase())
        }
        (id, _) => format!("{} {id}", it["host"]),
    };
    let mut accounts = names("server_accounts", &place);
    let on_cloud = |it: &Value| format!("cloud {}", it["login"].to_string().to_lowercase());
    let mut others = names("other_server_accounts", &place);
    others.extend(names("candidates", &on_cloud));
    match (accounts.is_empty(), &item["invitation"]) {
        // A finding about two Cloud accounts: the candidate is the second one. Where several entries of
        // directories have it, each may have another first account, and its evidence alone names that.
        (true, Value::Null) => {
            accounts = std::mem::take(&mut others);
            others = named_on_cloud(item).difference(&accounts).cloned().collect();
        }
        (true, invitation) => {
            accounts.insert(format!("invitation {}", invitation.to_string().to_lowercase()));
        }
        (false, _) => {}
    }
    About { accounts, others, since: item["since"].clone() }
}

/// The Cloud accounts that the evidence of a finding names.
fn named_on_cloud(item: &Value) -> BTreeSet<String> {
    let details = item["evidence"].as_array().into_iter().flatten();
    let details = details.map(|it| it["detail"].as_str().expect("a detail"));
    let named = details.flat_map(|detail| {
        let before: Vec<&str> = detail.split(" on Cloud").collect();
        let logins = before[..before.len() - 1].iter().filter_map(|it| it.split(' ').next_back());
        logins.map(|login| format!("cloud {}", json!(login.to_lowercase()))).collect::<Vec<_>>()
    });
    named.collect()
}

fn findings(place: &Place, at: &str) -> Vec<About> {
    let answer = place.json(&["duplicates", "--as-of", at]);
    answer["items"].as_array().expect("items").iter().map(about).collect()
}

#[test]
fn since_is_the_beginning_of_the_unbroken_run() {
    let cases = std::env::var("ONESEAT_CASES").ok().and_then(|it| it.parse().ok()).unwrap_or(CASES);
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let mut runner =
        TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]));
    // Without links and retirements, an answer changes only at the instant of a snapshot. All accounts here
    // have the names of their own file: `moves`, `other_names` and `histories` test renames, other names of
    // instances and files without ids.
    let features = Features {
        links: false,
        retirement: false,
        renames: false,
        other_names: false,
        without_ids: false,
        later_settings: false,
        taken_back: false,
        ..Features::all()
    };
    let seen = RefCell::new((0u32, 0u32, 0u32));
    let outcome = runner.run(&random_enterprise(features), |enterprise| {
        let place = Place::new();
        import(&place, &enterprise)?;
        if enterprise.instants().is_empty() {
            return Ok(());
        }
        let trend = place.json(&["trend"]);
        let points = trend["points"].as_array().expect("points").iter();
        let mut instants: Vec<String> =
            points.map(|it| it["at"].as_str().expect("an instant").to_owned()).collect();
        // A directory changes no count, so the trend has no point for it.
        let directories = enterprise.snapshots.iter().map(|it| &it.imported);
        let directories = directories
            .filter(|it| matches!(it.kind, Kind::Directory { .. }) && !it.voided)
            .map(|it| instant(it.taken_at))
            .filter(|at| *at > instants[0]);
        instants.extend(directories.collect::<Vec<String>>());
        instants.sort();
        instants.dedup();
        let runs: Vec<Vec<About>> = instants.iter().map(|at| findings(&place, at)).collect();
        for (now, found) in runs.iter().enumerate() {
            for finding in found {
                let meet =
                    |one: &BTreeSet<String>, other: &BTreeSet<String>| !one.is_disjoint(other);
                let there = |earlier: &Vec<About>| {
                    earlier.iter().any(|it| {
                        meet(&it.accounts, &finding.accounts) && meet(&it.others, &finding.others)
                    })
                };
                let run = runs[..=now].iter().rev().take_while(|it| there(it)).count();
                let begun = &instants[now + 1 - run];
                prop_assert_eq!(&finding.since, &json!(begun), "of {:?}", finding.accounts);
                let mut seen = seen.borrow_mut();
                seen.0 += 1;
                seen.1 += u32::from(run > 1);
                seen.2 += u32::from(run > 1 && run < now + 1);
            }
        }
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
    let (findings, longer, later) = seen.into_inner();
    eprintln!(
        "{findings} findings, {longer} there before, {later} of these begun after the first snapshot"
    );
    assert!(findings > 100 && longer > 20 && later > 2, "{findings} {longer} {later}");
}

/// Accounts that share an address. The finding lists all of them, and `since` is the earliest beginning among
/// those of its pairs that still exist.
#[test]
fn whoever_else_comes_to_share_an_address_changes_no_beginning() {
    let days = ["2026-03-02T08:00:00Z", "2026-03-09T08:00:00Z", "2026-03-16T08:00:00Z"];
    let account = |id: u64| {
        json!({"user_id": id, "login": format!("a{id}"), "suspended": false, "emails": [
            {"email": format!("own{id}@corp.example"), "primary": true},
            {"email": "shared@corp.example", "primary": false}]})
    };
    // The accounts on each day. For the last account, the day of `since` and the other accounts listed.
    type Ids = &'static [u64];
    let cases: [(&str, [Ids; 3], usize, Ids); 6] = [
        ("always the same two", [&[3, 5], &[3, 5], &[3, 5]], 0, &[3]),
        ("a third comes, before them in the order", [&[3, 5], &[1, 3, 5], &[1, 3, 5]], 0, &[1, 3]),
        ("the third goes again", [&[3, 5], &[1, 3, 5], &[3, 5]], 0, &[3]),
        (
            "one takes the place of the other, with a day in common",
            [&[3, 5], &[1, 3, 5], &[1, 5]],
            1,
            &[1],
        ),
        ("another one, with no day in common", [&[3, 5], &[1, 5], &[1, 5]], 1, &[1]),
        ("alone in between", [&[3, 5], &[5], &[3, 5]], 2, &[3]),
    ];
    for (about, there, since, others) in cases {
        let place = Place::new();
        for (day, ids) in days.iter().zip(there) {
            let users: Vec<Value> = ids.iter().map(|id| account(*id)).collect();
            let instance =
                json!({"server_id": "1", "host_name": "ghes1.corp.example", "version": "3.17.2"});
            let export = json!({"instance": instance, "users": users}).to_string();
            let file = place.write("server.json", export.as_bytes()).display().to_string();
            place.json(&["import", &file, "--taken-at", day]);
        }
        let items = place.json(&["duplicates"])["items"].clone();
        let last = items.as_array().and_then(|it| it.last()).expect("a finding").clone();
        assert_eq!(last["server_accounts"][0]["id"], "5", "{about}");
        assert_eq!(last["since"], days[since], "{about}");
        let told = last["other_server_accounts"].as_array().expect("a list").iter();
        let told: Vec<String> =
            told.map(|it| it["id"].as_str().expect("an id").to_owned()).collect();
        assert_eq!(told, others.iter().map(u64::to_string).collect::<Vec<_>>(), "{about}");
        let asked = place.json(&["explain", "ghes1.corp.example:5"]);
        assert_eq!(asked["people"][0]["duplicate"], last, "{about}");
    }
}
