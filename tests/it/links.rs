//! Declared links (counting.md section 8): evidence, matches and their opposites, their start, what was known
//! when, and which of them decide anything.

use serde_json::{Value, json};

use crate::common::Place;

const HEADER: &str = "created_at,id,login,email,role,suspended?,last_logged_ip,repos,ssh_keys,org_memberships,dormant?,\
                      last_active,raw_login,2fa_enabled?";

/// Cloud has `ada-l` and `bob`. ghes1 has 5 (with nothing in common with ada-l) and 6 (bob's namesake, with his
/// address). ghes2 has 7.
fn ledger() -> Place {
    let place = Place::new();
    let cloud = json!({"total_seats_consumed": 2, "total_seats_purchased": 5, "users": [
        {"github_com_login": "ada-l", "github_com_user": true, "github_com_saml_name_id": "ada@corp.example"},
        {"github_com_login": "bob", "github_com_user": true, "github_com_saml_name_id": "bob@corp.example"},
    ]});
    let users = |rows: &[&str]| {
        let row = |row: &&str| format!(",{row},user,false,,,,,false,,,\n");
        format!("{HEADER}\n{}", rows.iter().map(row).collect::<String>())
    };
    let files = [
        ("cloud.json", cloud.to_string(), ["--enterprise", "corp"]),
        (
            "1.csv",
            users(&["5,countess,x1@else.example", "6,bob,bob@corp.example"]),
            ["--host", "ghes1.example"],
        ),
        ("2.csv", users(&["7,engine,x2@else.example"]), ["--host", "ghes2.example"]),
    ];
    for (name, text, source) in files {
        let file = place.write(name, text.as_bytes()).display().to_string();
        place.json(&["import", &file, source[0], source[1], "--taken-at", "2026-03-02"]);
    }
    place
}

fn link(place: &Place, words: &[&str]) -> Value {
    let reason = ["--reason", "asked"];
    place.json(&[&["links"], words, &reason].concat())
}

/// The consumed seats, those by rule 0, and the codes of each finding's evidence.
fn state(place: &Place, more: &[&str]) -> (Value, Value, Vec<String>) {
    let consumption = place.json(&[&["consumption"], more].concat());
    let duplicates = place.json(&[&["duplicates"], more].concat());
    let items = duplicates["items"].as_array().expect("items");
    let codes = items.iter().map(|item| {
        let codes = item["evidence"].as_array().expect("evidence").iter();
        let codes: Vec<&str> = codes.filter_map(|it| it["code"].as_str()).collect();
        format!("{} {}", item["confidence"].as_str().expect("a level"), codes.join(" "))
    });
    (consumption["consumed"].clone(), consumption["matched_by"]["manual"].clone(), codes.collect())
}

fn standing(answer: &Value) -> Vec<&str> {
    let items = answer["items"].as_array().expect("items");
    items.iter().filter_map(|item| item["standing"].as_str()).collect()
}

#[test]
fn a_link_is_evidence_until_github_sees_it_too() {
    let place = ledger();
    assert_eq!(state(&place, &[]), (json!(4), json!(0), vec![]));
    let answer = link(&place, &["add", "countess", "ada@corp.example"]);
    assert_eq!(
        answer["items"][0]["a"],
        json!({"kind": "cloud", "source": "corp", "login": "ada-l", "id": null})
    );
    assert_eq!(answer["items"][0]["b"]["id"], json!("5"));
    assert_eq!(standing(&answer), ["evidence"]);
    assert_eq!(state(&place, &[]), (json!(4), json!(0), vec!["certain declared".to_owned()]));
    let answer = link(&place, &["add", "countess", "ada-l", "--matched-by-github"]);
    assert_eq!(standing(&answer), ["decides"]);
    assert_eq!(state(&place, &[]), (json!(3), json!(1), vec![]));
    // A removal takes nothing back from what was known.
    let answer = link(&place, &["remove", "ada-l", "ghes1.example:5"]);
    assert_eq!(answer["items"], json!([]));
    assert_eq!(state(&place, &[]), (json!(4), json!(0), vec![]));
}

#[test]
fn two_server_accounts_of_one_person_are_a_license_too_many() {
    let place = ledger();
    assert_eq!(standing(&link(&place, &["add", "ghes1.example:5", "engine"])), ["evidence"]);
    assert_eq!(state(&place, &[]), (json!(4), json!(0), vec!["certain declared".to_owned()]));
    // One of the two is merged now, so the other one is a duplicate of that Cloud account.
    link(&place, &["add", "ghes1.example:5", "ada-l", "--matched-by-github"]);
    assert_eq!(state(&place, &[]), (json!(3), json!(1), vec!["certain declared".to_owned()]));
    let item = place.json(&["duplicates"])["items"][0].clone();
    assert_eq!(item["cloud_account"]["login"], json!("ada-l"));
    assert_eq!(item["server_accounts"][0]["id"], json!("7"));
}

#[test]
fn a_denied_pair_is_no_evidence_and_may_be_no_match() {
    let place = ledger();
    // bob is matched by his address, whatever a link states about evidence.
    assert_eq!(standing(&link(&place, &["deny", "ghes1.example:6", "corp:bob"])), ["contradicted"]);
    assert_eq!(state(&place, &[]).0, json!(4));
    let answer = link(&place, &["deny", "ghes1.example:6", "corp:bob", "--not-matched-by-github"]);
    assert_eq!(standing(&answer), ["decides"]);
    // Two people now, and the same name is no evidence.
    assert_eq!(state(&place, &[]), (json!(5), json!(0), vec![]));
    link(&place, &["remove", "ghes1.example:6", "corp:bob"]);
    assert_eq!(state(&place, &[]).0, json!(4));
}

#[test]
fn a_link_holds_from_when_it_says_and_is_known_from_when_it_was_declared() {
    let place = ledger();
    let from = ["add", "countess", "ada-l", "--matched-by-github", "--from", "2026-03-05"];
    link(&place, &from);
    assert_eq!(state(&place, &["--as-of", "2026-03-04"]).0, json!(4));
    assert_eq!(state(&place, &["--as-of", "2026-03-05"]).0, json!(3));
    let (trend, at) = (place.json(&["trend", "--by", "day", "--to", "2026-03-06"]), "consumed");
    let points = trend["points"].as_array().expect("points").iter();
    assert_eq!(
        // No point is later than the day of the newest snapshot.
        points.map(|it| it[at].clone()).collect::<Vec<_>>(),
        [4].map(Value::from)
    );
    let ran = place.run(&["consumption", "--as-of", "2026-03-05", "--known-on", "2026-11-21"]);
    assert_eq!(ran.code, 7, "nothing was imported by then");
}

#[test]
fn pairs_that_no_link_can_be_about_are_refused_with_a_way_out() {
    let place = ledger();
    for (words, code, told) in [
        (["add", "ada-l", "bob@corp.example", "--reason=x", ""], 0, ""),
        (["add", "ada-l", "corp:bob", "--reason=x", ""], 2, "a link cannot connect"),
        (
            ["add", "countess", "engine", "--reason=x", "--matched-by-github"],
            2,
            "a link cannot connect",
        ),
        (["add", "countes", "ada-l", "--reason=x", ""], 7, "countess"),
        (["remove", "countess", "ada-l", "--reason=x", ""], 7, "no link"),
        (["deny", "countess", "ada-l", "--reason", ""], 2, "reason"),
    ] {
        let words = words.iter().filter(|word| !word.is_empty());
        let words: Vec<&str> = std::iter::once("links").chain(words.copied()).collect();
        let ran = place.run(&words);
        assert_eq!(ran.code, code, "{words:?}: {}{}", ran.stdout, ran.stderr);
        assert!(ran.stderr.contains(told), "{words:?}: {}", ran.stderr);
    }
}

#[test]
fn an_invitation_may_be_declared_to_be_for_a_server_account() {
    let place = ledger();
    let cloud = json!({"users": [
        {"github_com_login": "ada-l", "github_com_user": true, "github_com_saml_name_id": "ada@corp.example"},
        {"github_com_login": "new@corp.example"},
    ]});
    let file = place.write("later.json", cloud.to_string().as_bytes()).display().to_string();
    place.json(&["import", &file, "--enterprise", "corp", "--taken-at", "2026-03-03"]);
    link(&place, &["add", "countess", "corp:new@corp.example"]);
    let item = place.json(&["duplicates"])["items"][0].clone();
    assert_eq!(item["evidence"][0]["code"], json!("declared"));
    assert_eq!(item["invitation"], json!("new@corp.example"));
    assert_eq!(item["cloud_account"], Value::Null);
}

#[test]
fn a_denied_pair_is_no_evidence_through_a_third_account_either() {
    let place = ledger();
    link(&place, &["add", "countess", "engine"]);
    link(&place, &["add", "engine", "ada-l", "--matched-by-github"]);
    assert_eq!(state(&place, &[]).2, ["certain declared"]);
    link(&place, &["deny", "countess", "ada-l"]);
    assert_eq!(state(&place, &[]).2, Vec::<String>::new());
}

#[test]
fn a_declared_account_is_counted_once_among_more_candidates_than_are_named() {
    let place = Place::new();
    let user = |login: &str| {
        json!({"github_com_login": login, "github_com_user": true,
        "github_com_verified_domain_emails": ["all@corp.example"]})
    };
    let users: Vec<Value> = ["a", "b", "c", "d", "e", "f", "g"].map(user).to_vec();
    let export = json!({"instance": {"server_id": "1", "host_name": "ghes1.example", "version": "3.17.2"},
        "users": [{"user_id": 5, "login": "x", "suspended": false, "emails": [
            {"email": "x@else.example", "primary": true}, {"email": "all@corp.example", "primary": false}]}]});
    for (name, text, source) in [
        ("cloud.json", json!({"users": users}).to_string(), ["--enterprise", "corp"]),
        ("server.json", export.to_string(), ["--host", "ghes1.example"]),
    ] {
        let file = place.write(name, text.as_bytes()).display().to_string();
        place.json(&["import", &file, source[0], source[1], "--taken-at", "2026-03-02"]);
    }
    let total = |place: &Place| place.json(&["duplicates"])["items"][0]["candidates_total"].clone();
    assert_eq!(total(&place), json!(7));
    link(&place, &["add", "ghes1.example:5", "corp:g"]);
    assert_eq!(total(&place), json!(7));
    link(&place, &["deny", "ghes1.example:5", "corp:g"]);
    assert_eq!(total(&place), json!(6));
}
