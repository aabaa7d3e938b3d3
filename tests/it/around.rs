//! `explain` looks only at a person and at the people who decide about that person; `duplicates` looks at
//! everybody. Over random enterprises, both must report the same about one person.

#![allow(clippy::panic, clippy::print_stderr)]

use std::cell::RefCell;

use proptest::prelude::*;
use serde_json::Value;

use crate::common::Place;
use crate::counting_property::{description, import};
use crate::random_enterprise::files::instant;
use crate::random_enterprise::{Features, random_enterprise, runner};

const CASES: u32 = 150;
/// The levels of confidence, the surest first.
const LEVELS: [&str; 3] = ["certain", "likely", "possible"];

/// The people that `explain` reports, or none if nobody has that name.
fn people(place: &Place, who: &str, at: &str) -> Vec<Value> {
    let ran = place.run(&["explain", who, "--as-of", at, "--json"]);
    match ran.code {
        0 => {
            let answer: Value = serde_json::from_str(&ran.stdout).expect("JSON");
            answer["people"].as_array().expect("people").clone()
        }
        1 => Vec::new(),
        code => panic!("explain {who}: exit code {code}: {}", ran.stderr),
    }
}

/// The name of an account on the command line: `HOST:ID`, or its login if it has no id.
fn name(account: &Value) -> Option<String> {
    let text = |key: &str| account[key].as_str().map(str::to_owned);
    match text("id") {
        Some(id) => Some(format!("{}:{id}", text("host")?)),
        None => text("login"),
    }
}

/// The source of an account (`explain` and `duplicates` have different keys for it), and what identifies it
/// there.
fn identity(source: &str, account: &Value) -> [Value; 2] {
    let told = if account["id"].is_null() { "login" } else { "id" };
    [account[source].clone(), account[told].clone()]
}

fn names(place: &Place, sql: &str) -> Vec<String> {
    let ran = place.run(&["query", sql, "--format", "csv"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    ran.stdout.lines().skip(1).map(|line| line.trim_matches('"').to_owned()).collect()
}

#[test]
fn explain_and_duplicates_say_the_same_of_everybody() {
    let told = RefCell::new((0u32, 0u32));
    let (drawn, cases) = (random_enterprise(Features::all()), runner::cases(CASES));
    runner::for_random(&drawn, cases, description, |enterprise| {
        let place = Place::new();
        import(&place, enterprise)?;
        for at in enterprise.instants().into_iter().map(instant) {
            let ran = place.run(&["duplicates", "--as-of", &at, "--json"]);
            if ran.code != 0 {
                continue;
            }
            let duplicates: Value = serde_json::from_str(&ran.stdout).expect("JSON");
            let items = duplicates["items"].as_array().expect("items");
            for item in items {
                let Some(who) = item["server_accounts"].get(0).and_then(name) else { continue };
                let people = people(&place, &who, &at);
                // Two accounts that share an address report each other: the accounts are the finding's.
                let own = item["server_accounts"].get(0).map(|it| identity("host", it));
                let is_own = |it: &Value| {
                    it["accounts"]
                        .as_array()
                        .into_iter()
                        .flatten()
                        .any(|it| Some(identity("source", it)) == own)
                };
                // A person may be part of several findings; the surest comes first, and is `duplicate`.
                let tells = |it: &Value| {
                    it["duplicates"].as_array().is_some_and(|told| told.contains(item))
                };
                let mut explained = people.iter().filter(|it| tells(it) && is_own(it));
                let Some(person) = explained.next() else {
                    return Err(TestCaseError::fail(format!(
                        "{who} at {at}: {item:#} is not told in {people:#?}"
                    )));
                };
                for proof in item["evidence"].as_array().into_iter().flatten() {
                    let near = person["near_misses"].as_array().expect("near misses");
                    prop_assert!(
                        near.contains(proof),
                        "{} at {}: {} in {:#?}",
                        who,
                        at,
                        proof,
                        near
                    );
                }
                let told_of = person["duplicates"].as_array().expect("duplicates");
                let sure = |it: &Value| LEVELS.iter().position(|level| it["confidence"] == *level);
                prop_assert_eq!(&person["duplicate"], &told_of[0], "{} at {}", who, at);
                prop_assert!(told_of.iter().all(|it| sure(&told_of[0]) <= sure(it)), "{}", who);
                told.borrow_mut().0 += 1;
            }
            let called = names(&place, "SELECT DISTINCT login FROM accounts WHERE login <> ''");
            for who in called.iter().filter(|who| !who.starts_with('-')) {
                for person in people(&place, who, &at) {
                    let double = &person["duplicate"];
                    prop_assert!(
                        double.is_null() || items.contains(double),
                        "{} at {}: {:#} is not among {:#?}",
                        who,
                        at,
                        double,
                        items
                    );
                    told.borrow_mut().1 += 1;
                }
            }
        }
        Ok(())
    });
    let (found, called) = *told.borrow();
    assert!(cases < CASES || (found > 100 && called > 1000), "{found} findings, {called} people");
}
