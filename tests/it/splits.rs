//! `oneseat seats`: the lines add up to what `consumption` states, in seats and to the cent, on random
//! enterprises and in worked cases.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};

use crate::common::Place;
use crate::counting_property::import;
use crate::random_enterprise::files::instant;
use crate::random_enterprise::{Features, random_enterprise};

/// An amount in cents.
fn cents(amount: &Value) -> i64 {
    let text = amount.as_str().expect("an amount");
    let (whole, cents) = text.split_once('.').expect("cents");
    assert_eq!(cents.len(), 2, "{text}");
    format!("{whole}{cents}").parse().expect("digits")
}

#[test]
fn splits_add_up_on_random_enterprises() {
    let number = |name| std::env::var(name).ok()?.parse::<u32>().ok();
    let cases = number("ONESEAT_CASES").unwrap_or(60);
    let mut seed = [0; 32];
    seed[..4].copy_from_slice(&number("ONESEAT_SEED").unwrap_or(1).to_le_bytes());
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let mut runner =
        TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
    let prices = prop::sample::select(vec!["21.00", "20.8333", "0.335", "0"]);
    let outcome =
        runner.run(&(random_enterprise(Features::all()), prices), |(enterprise, price)| {
            let place = Place::new();
            import(&place, &enterprise)?;
            for at in enterprise.instants() {
                let at = instant(at);
                let consumed = place.json(&["consumption", "--as-of", &at])["consumed"].clone();
                for by in ["organization", "role", "kind", "license-type"] {
                    let answer =
                        place.json(&["seats", "--by", by, "--as-of", &at, "--price", price]);
                    let lines = answer["lines"].as_array().expect("lines");
                    let total = &answer["totals"][0];
                    let seats: u64 = lines.iter().filter_map(|line| line["seats"].as_u64()).sum();
                    prop_assert_eq!(json!(seats), consumed.clone(), "by {} at {}", by, at);
                    prop_assert_eq!(&total["seats"], &consumed);
                    let sum: i64 = lines.iter().map(|line| cents(&line["amount"])).sum();
                    prop_assert_eq!(sum, cents(&total["amount"]), "{}", answer);
                }
            }
            Ok(())
        });
    if let Err(error) = outcome {
        panic!("of {cases} cases: {error}");
    }
}

fn place() -> Place {
    let place = Place::new();
    let user = |login: &str, roles: Value, license: &str, enterprise_roles: Value| {
        json!({"github_com_login": login, "github_com_user": true, "github_com_member_roles": roles,
               "license_type": license, "github_com_enterprise_roles": enterprise_roles})
    };
    let users = json!([
        user("ann", json!(["web:Member", "web/site:Admin"]), "Enterprise", json!(["Member"])),
        user("bob", json!(["Web:Owner"]), "Enterprise", json!(["Owner", "Member"])),
        user("cat", json!(["web:Member", "ops:Member"]), "Visual Studio subscription", json!([])),
        user("dan", json!([]), "Enterprise", json!(["Member"])),
    ]);
    let report = json!({"total_seats_consumed": 4, "users": users}).to_string();
    let file = place.write("report.json", report.as_bytes()).display().to_string();
    let export = json!({"instance": {"host_name": "ghes.corp.example"}, "users": [
        {"user_id": 1, "login": "eve", "emails": [{"email": "eve@corp.example", "primary": true}]}]});
    let export = place.write("export.json", export.to_string().as_bytes()).display().to_string();
    for words in [
        ["import", &file, "--enterprise", "corp", "--taken-at", "2026-01-15"],
        ["import", &export, "--host", "ghes.corp.example", "--taken-at", "2026-02-15"],
    ] {
        let ran = place.run(&words);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
    }
    place
}

#[test]
fn who_shares_stands_apart() {
    let place = place();
    let lines = |words: &[&str]| {
        let answer = place.json(&[&["seats"], words].concat());
        let lines = answer["lines"].as_array().expect("lines").iter();
        let lines = lines.map(|it| json!([it["part"], it["group"], it["seats"], it["members"]]));
        lines.collect::<Value>()
    };
    assert_eq!(
        lines(&[]),
        json!([
            ["ops", "named", 0, 1],
            ["Web", "named", 2, 3],
            ["(several organizations)", "several", 1, null],
            ["(no organization)", "none", 1, null],
            ["(Server only)", "server_only", 1, null]
        ])
    );
    assert_eq!(
        lines(&["--by", "role"]),
        json!([
            ["Member", "named", 2, 3],
            ["Owner", "named", 0, 1],
            ["(several roles)", "several", 1, null],
            ["(no role)", "none", 1, null],
            ["(Server only)", "server_only", 1, null]
        ])
    );
    assert_eq!(
        lines(&["--by", "kind"]),
        json!([["cloud_only", "named", 4, null], ["server_only", "named", 1, null]])
    );
    assert_eq!(
        lines(&["--by", "license-type", "--as-of", "2026-01-31"]),
        json!([["Enterprise", "named", 3, null], ["Visual Studio subscription", "named", 1, null]])
    );
}

#[test]
fn periods_have_a_control_total_each() {
    let place = place();
    let answer = place.json(&["seats", "--period", "month", "--price", "21"]);
    assert_eq!(
        answer["totals"],
        json!([{"at": "2026-01-31T23:59:59Z", "seats": 4, "amount": "84.00"},
               {"at": "2026-02-28T23:59:59Z", "seats": 5, "amount": "105.00"}])
    );
    let answer = place.json(&["seats", "--period", "month", "--from", "2026-02-01"]);
    assert_eq!(answer["totals"][0]["at"], "2026-02-28T23:59:59Z");
    assert_eq!((&answer["price"], &answer["totals"][0]["amount"]), (&Value::Null, &Value::Null));
    let table = place.run(&["seats", "--price", "1000.5", "--currency", "eur"]).stdout;
    assert!(table.contains("Amount (EUR)") && table.contains("5,002.50"), "{table}");
    for words in [
        ["--price", "-1"],
        ["--price", "1,5"],
        ["--currency", "dollars"],
        ["--by", "team"],
        ["--period", "snapshot"],
        ["--from", "2026-01-01"],
    ] {
        assert_eq!(place.run(&[&["seats"], words.as_slice()].concat()).code, 2, "{words:?}");
    }
}
