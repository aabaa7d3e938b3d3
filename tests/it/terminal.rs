//! An 80-column terminal: every main answer fits it, nothing is cut, and no name, address or instant is broken.

use std::sync::OnceLock;

use unicode_width::UnicodeWidthStr;

use crate::common::Place;

/// The demo, made once.
fn demo() -> &'static [u8] {
    static DEMO: OnceLock<Vec<u8>> = OnceLock::new();
    DEMO.get_or_init(|| {
        let place = Place::new();
        let folder = place.path("demo").display().to_string();
        let ran = place.run(&["demo", &folder, "--people", "300", "--days", "400"]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        std::fs::read(place.path("demo/oneseat.db")).expect("the database")
    })
}

/// Every question except `explain`, which needs a name.
const QUESTIONS: [&[&str]; 28] = [
    &["consumption"],
    &["duplicates"],
    &["duplicates", "--since", "2026-01-01"],
    &["trend"],
    &["trend", "--by", "quarter"],
    &["diff", "2026-03-01", "2026-06-29"],
    &["diff", "2026-03-01", "2026-06-29", "--organization", "platform"],
    &["reconcile"],
    &["check", "--min-available", "900", "--max-duplicates", "likely=0"],
    &["reclaim"],
    &["crosswalk"],
    &["seats"],
    &["seats", "--by", "role", "--price", "21", "--currency", "USD", "--period", "month"],
    &["seats", "--by", "kind"],
    &["seats", "--by", "license-type"],
    &["query", "SELECT login, kind, email FROM seats"],
    &["query", "SELECT * FROM duplicates"],
    &["export", "accounts"],
    &["export", "snapshots"],
    &["tables"],
    &["questions"],
    &["snapshots"],
    &["snapshots", "show", "3"],
    &["sources"],
    &["links"],
    &["verify", "--coverage"],
    &["formats"],
    &["formats", "--seen"],
];

fn ready() -> Place {
    let place = Place::new();
    place.write("oneseat.db", demo());
    let sql = "SELECT organization, count(DISTINCT account) AS people FROM memberships\n\
               GROUP BY organization ORDER BY count(DISTINCT account) DESC, organization LIMIT 10";
    let doubles = place.json(&["duplicates"]);
    let account = &doubles["items"][0]["server_accounts"][0];
    let end = |name: &str| account[name].as_str().expect("a text").to_owned();
    let one = format!("{}:{}", end("host"), end("id"));
    let login = place.json(&["query", "SELECT login FROM accounts WHERE kind = 'cloud' LIMIT 1"]);
    let other = login[0]["login"].as_str().expect("a login");
    let reason = "told by the administrator of the instance, who has asked both of them in person";
    for words in [
        ["questions", "add", "by-organization", sql].as_slice(),
        &["links", "add", &one, other, "--reason", reason],
        &["snapshots", "void", "2", "--reason", reason],
    ] {
        let ran = place.run(words);
        assert_eq!(ran.code, 0, "{words:?}: {}", ran.stderr);
    }
    place
}

/// Compares an answer on a terminal with the same answer at unlimited width.
fn check(place: &Place, words: &[&str]) {
    const WIDTH: u16 = 80;
    let all = place.run(words).stdout;
    let shown = place.run_on_a_terminal(words, WIDTH);
    assert!(!shown.is_empty() || all.is_empty(), "{words:?}");
    for line in shown.lines() {
        assert!(line.width() <= WIDTH.into(), "{words:?}: {line}");
    }
    assert_eq!(shown.matches('…').count(), all.matches('…').count(), "{words:?}: {shown}");
    // Names, addresses, instants and numbers: everything except prose.
    let telling =
        |word: &&str| word.contains(['@', '.', '-', ':', '_']) || word.parse::<u64>().is_ok();
    for word in all.split_whitespace().filter(telling).filter(|word| word.width() <= 60) {
        assert!(shown.contains(word), "{words:?} does not show {word}: {shown}");
    }
}

#[test]
fn every_main_answer_fits() {
    let place = ready();
    for words in QUESTIONS {
        check(&place, words);
    }
}

#[test]
fn every_explanation_fits() {
    let place = ready();
    let doubles = place.json(&["duplicates"]);
    let items = doubles["items"].as_array().expect("items");
    assert!(items.len() >= 5, "{items:?}");
    for item in items {
        let account = &item["server_accounts"][0];
        let login = account["login"].as_str().or(item["cloud_account"]["login"].as_str());
        check(&place, &["explain", login.expect("a login")]);
    }
}

#[test]
fn rehearsing_fits() {
    let place = ready();
    let header = "created_at,id,login,email,role,suspended?,last_logged_ip,repos,ssh_keys,org_memberships,dormant?,last_active,raw_login,2fa_enabled?";
    let users: String = (0..40)
        .map(|at| {
            format!("\n2020-01-01 00:00:00 +0000,{at},a-rather-long-login-{at},a.rather.long.address.{at}@octo-corp.example,user,false,,0,0,0,false,,,false")
        })
        .collect();
    let file = place.write("users.csv", format!("{header}{users}\n").as_bytes());
    check(&place, &["rehearse", &file.display().to_string(), "--host", "ghes1.octo-corp.example"]);
}
