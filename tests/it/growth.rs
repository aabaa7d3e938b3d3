//! A row can list any number of values, and no answer takes time with the square of it: four times as many take
//! about four times as long. The bound is wide (the square would be sixteen times), so that a busy machine
//! breaks nothing.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::common::Place;

/// A number of values, and four times as many.
const SIZES: [usize; 2] = [6_000, 24_000];
const TRIES: usize = 3;
const ROUNDS: usize = 4;

/// A report of one row, with another person's row beside it.
fn one_row(ids: &[String], user: bool) -> Value {
    let row = json!({"github_com_login": if user { "ann" } else { "" }, "github_com_name": "Ann",
        "github_com_user": user, "license_type": "Enterprise", "enterprise_server_user": true,
        "enterprise_server_user_ids": ids});
    let other = json!({"github_com_login": "bob", "github_com_user": true, "license_type": "Enterprise",
        "enterprise_server_user": false, "enterprise_server_user_ids": []});
    json!({"total_seats_consumed": 2, "total_seats_purchased": 9, "users": [row, other]})
}

fn import(place: &Place, name: &str, content: &Value, options: &[&str]) {
    let file = place.write(name, content.to_string().as_bytes()).display().to_string();
    let ran = place.run(&[&["import", &file][..], options].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
}

/// The shortest time of a question.
fn time(place: &Place, words: &[&str]) -> Duration {
    let once = |_| {
        let begun = Instant::now();
        let ran = place.run(words);
        assert!([0, 1].contains(&ran.code), "{words:?}: {}", ran.stderr);
        begun.elapsed()
    };
    (0..TRIES).map(once).min().expect("a time")
}

fn grows_with_the_size(about: &str, questions: &[&[&str]], make: &dyn Fn(&Place, usize)) {
    let places = SIZES.map(|size| {
        let place = Place::new();
        make(&place, size);
        place
    });
    for question in questions {
        let mut took = [Duration::MAX; 2];
        // A busy machine only adds to a time. A question that takes too long is asked again, and the shortest
        // time counts.
        let is_quick = (0..ROUNDS).any(|_| {
            for (took, place) in took.iter_mut().zip(&places) {
                *took = time(place, question).min(*took);
            }
            took[1] < took[0] * 9 + Duration::from_millis(300)
        });
        assert!(
            is_quick,
            "{about}: {question:?} {:?}, of four times as many {:?}",
            took[0], took[1]
        );
    }
}

const QUESTIONS: &[&[&str]] = &[
    &["explain", "ann"],
    &["explain", "ann", "--json"],
    &["explain", "bob"],
    &["consumption"],
    &["duplicates", "--json"],
    &["diff", "2026-03-01", "2026-03-02", "--json"],
    &["check"],
    &["reconcile"],
    &["trend"],
    &["seats", "--by", "organization"],
    &["verify"],
];

/// The same row in two reports, with one more account in the second.
fn reports(place: &Place, ids: &dyn Fn(usize) -> String, size: usize, user: bool) {
    for (day, count) in [(1, size), (2, size + 1)] {
        let ids: Vec<String> = (0..count).map(ids).collect();
        let at = format!("2026-03-0{day}");
        let options = ["--enterprise", "corp", "--taken-at", &at];
        import(place, &format!("cloud-{day}.json"), &one_row(&ids, user), &options);
    }
}

#[test]
fn a_row_with_an_instance_for_each_account() {
    let ids = |it: usize| format!("h{it}.corp.example:{it}");
    grows_with_the_size("instances", QUESTIONS, &|place, size| reports(place, &ids, size, true));
}

#[test]
fn a_row_with_all_accounts_on_one_instance() {
    let ids = |it: usize| format!("ghes.corp.example:{it}");
    grows_with_the_size("accounts", QUESTIONS, &|place, size| reports(place, &ids, size, true));
}

#[test]
fn a_row_with_bare_ids() {
    let ids = |it: usize| it.to_string();
    grows_with_the_size("bare ids", QUESTIONS, &|place, size| reports(place, &ids, size, true));
}

#[test]
fn a_row_about_accounts_without_a_cloud_account() {
    const QUESTIONS: &[&[&str]] = &[
        &["explain", "h7.corp.example:7"],
        &["explain", "bob"],
        &["duplicates", "--json"],
        &["reconcile"],
    ];
    let ids = |it: usize| format!("h{it}.corp.example:{it}");
    grows_with_the_size("server only", QUESTIONS, &|place, size| reports(place, &ids, size, false));
}

#[test]
fn an_instance_whose_accounts_one_row_lists() {
    let ids = |it: usize| format!("ghes.corp.example:{it}");
    let questions: Vec<&[&str]> =
        QUESTIONS.iter().copied().chain([&["explain", "ghes.corp.example:7"][..]]).collect();
    grows_with_the_size("an instance", &questions, &|place, size| {
        reports(place, &ids, size, true);
        let user = |it: usize| {
            json!({"user_id": it, "login": format!("s{it}"), "suspended": false,
                "emails": [{"email": format!("s{it}@corp.example"), "primary": true}]})
        };
        let users: Vec<Value> = (0..size).map(user).collect();
        let export = json!({"instance": {"host_name": "ghes.corp.example"}, "users": users});
        import(place, "server.json", &export, &["--taken-at", "2026-03-01"]);
    });
}
