//! The program against the naive implementation of counting.md, over random enterprises: the numbers of
//! `consumption` and the certain findings of `duplicates`, at every instant worth asking for. It must do the same on
//! every machine: the random numbers are seeded; `ONESEAT_CASES` and `ONESEAT_SEED` ask for more and for others.

#![allow(clippy::panic, clippy::print_stderr)]

use crate::common::Place;
use crate::naive::coverage::{Coverage, Seen};
use crate::naive::evidence::Finding;
use crate::naive::{self, Consumption};
use crate::random_enterprise::files::{files, instant, setting_commands};
use crate::random_enterprise::{Features, RandomEnterprise, random_enterprise};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseResult, TestError, TestRng, TestRunner};
use serde_json::{Map, Value, json};
use std::cell::RefCell;
use std::collections::BTreeSet;

/// What the program knows so far.
const LEARNED: Features = Features {
    voided: true,
    billing_models: true,
    as_synced: true,
    sync_status: true,
    retirement: true,
    enterprises: true,
};
/// The warnings that follow from counting.md alone.
const WARNINGS: [&str; 2] = ["server-snapshot-older", "unassigned-instance"];
/// The evidence that the naive implementation knows.
const CERTAIN: [&str; 4] =
    ["secondary-email", "linked-before", "visual-studio-email", "shared-address"];
/// In so many cases, everything that can occur must do so in at least so many questions; in fewer cases, in one.
const COVERED: (u32, usize) = (1500, 20);

/// An instant, and the enterprise to which a question is restricted.
struct Question {
    at: i64,
    enterprise: Option<String>,
}

#[test]
fn the_generator_reaches_every_rule() {
    for_random_enterprises(Features::all(), COVERED.0, |enterprise, coverage| {
        for question in questions(enterprise) {
            expected(enterprise, &question, coverage);
        }
        Ok(())
    });
}

#[test]
fn the_program_counts_as_the_rules_say() {
    for_random_enterprises(LEARNED, 300, |enterprise, coverage| {
        let place = Place::new();
        import(&place, enterprise)?;
        for question in questions(enterprise) {
            let at = instant(question.at);
            let mut args = vec!["--as-of", &at];
            args.extend(
                question.enterprise.iter().flat_map(|name| ["--enterprise", name.as_str()]),
            );
            let consumption = place.json(&[&["consumption"], args.as_slice()].concat());
            let duplicates = place.json(&[&["duplicates"], args.as_slice()].concat());
            let expected = expected(enterprise, &question, coverage);
            prop_assert_eq!(
                comparable(&consumption, &expected),
                expected.json(),
                "asked for {:?}",
                args
            );
            prop_assert_eq!(
                certain_findings(&duplicates),
                expected.certain,
                "asked for {:?}",
                args
            );
        }
        Ok(())
    });
}

/// Runs the check over random enterprises, prints what occurred, and fails if something hardly did.
fn for_random_enterprises(
    features: Features,
    cases: u32,
    check: impl Fn(&RandomEnterprise, &mut Coverage) -> TestCaseResult,
) {
    let number = |name| std::env::var(name).ok()?.parse::<u32>().ok();
    let cases = number("ONESEAT_CASES").unwrap_or(cases);
    let seed = number("ONESEAT_SEED").unwrap_or(1);
    let mut seed_bytes = [0; 32];
    seed_bytes[..4].copy_from_slice(&seed.to_le_bytes());
    let config =
        Config { cases, failure_persistence: None, max_shrink_iters: 20_000, ..Config::default() };
    let coverage = RefCell::new(Coverage::new());
    let mut runner =
        TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed_bytes));
    let outcome = runner.run(&random_enterprise(features), |enterprise| {
        check(&enterprise, &mut coverage.borrow_mut())
    });
    match outcome {
        Ok(()) => {}
        Err(TestError::Abort(reason)) => panic!("of {cases} cases with seed {seed}: {reason}"),
        Err(TestError::Fail(reason, smallest)) => {
            panic!("of {cases} cases with seed {seed}: {reason}\n{}", description(&smallest))
        }
    }
    let coverage = coverage.into_inner();
    eprintln!("{coverage}");
    let least = if cases < COVERED.0 { 1 } else { COVERED.1 };
    let rare = coverage.rarer_than(least, |needs| features.include(needs));
    assert!(rare.is_empty(), "these hardly occurred: {rare:#?}");
}

/// The files and commands of an enterprise, to be read by people.
fn description(enterprise: &RandomEnterprise) -> String {
    let files = files(enterprise).into_iter().map(|(name, bytes, args)| {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        format!("{name} {}\n{text}\n", args.join(" "))
    });
    let commands = setting_commands(enterprise).into_iter().map(|command| command.join(" ") + "\n");
    files.chain(commands).collect()
}

/// Every instant worth asking for, of all enterprises and of each by itself.
fn questions(enterprise: &RandomEnterprise) -> Vec<Question> {
    let instants = enterprise.instants().into_iter();
    instants
        .flat_map(|at| {
            let each = enterprise.enterprises_in_force(at).into_iter().map(Some);
            std::iter::once(None).chain(each).map(move |enterprise| Question { at, enterprise })
        })
        .collect()
}

/// The naive answer, and a note of what occurred in it.
fn expected(
    enterprise: &RandomEnterprise,
    question: &Question,
    coverage: &mut Coverage,
) -> Consumption {
    let seen = Seen::default();
    let restricted_to = question.enterprise.as_deref();
    let answer = naive::consumption(
        &enterprise.imported(),
        &enterprise.settings,
        question.at,
        restricted_to,
        &seen,
    );
    coverage.add(&seen);
    answer
}

/// Writes the files, imports them in their order, voids what is voided, and sets what is set.
fn import(place: &Place, enterprise: &RandomEnterprise) -> TestCaseResult {
    for ((name, bytes, args), snapshot) in files(enterprise).into_iter().zip(&enterprise.snapshots)
    {
        let file = place.write(&name, &bytes).display().to_string();
        let mut command = vec!["import".to_owned(), file, "--json".to_owned()];
        command.extend(args);
        let ran = place.run(&command);
        prop_assert_eq!(ran.code, 0, "{:?}: {}", command, ran.stderr);
        if snapshot.imported.voided {
            let answer: Value = serde_json::from_str(&ran.stdout)
                .map_err(|error| TestCaseError::fail(error.to_string()))?;
            let id = answer["items"][0]["snapshot"].to_string();
            let command = ["snapshots", "void", &id, "--reason", "a mistake"];
            let ran = place.run(&command);
            prop_assert_eq!(ran.code, 0, "{:?}: {}", command, ran.stderr);
        }
    }
    for command in setting_commands(enterprise) {
        let ran = place.run(&command);
        prop_assert_eq!(ran.code, 0, "{:?}: {}", command, ran.stderr);
    }
    Ok(())
}

/// The keys of an answer that the naive implementation knows.
fn comparable(answer: &Value, expected: &Consumption) -> Value {
    let mut answer = common_keys(answer, &expected.json());
    let codes = answer["warnings"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|warning| warning["code"].as_str());
    let codes: BTreeSet<&str> = codes.filter(|code| WARNINGS.contains(code)).collect();
    answer["warnings"] = json!(codes);
    answer
}

/// The part of the answer that has the keys of the pattern.
fn common_keys(answer: &Value, pattern: &Value) -> Value {
    let (Value::Object(answer), Value::Object(pattern)) = (answer, pattern) else {
        return answer.clone();
    };
    let known = answer
        .iter()
        .filter_map(|(key, value)| Some((key.clone(), common_keys(value, pattern.get(key)?))));
    Value::Object(known.collect::<Map<String, Value>>())
}

/// The certain findings of an answer, each by its first Server account, with the evidence that is certain.
fn certain_findings(answer: &Value) -> Vec<Finding> {
    let items = answer["items"].as_array().into_iter().flatten();
    let certain = items.filter(|item| item["confidence"] == json!("certain"));
    let mut findings: Vec<Finding> = certain
        .map(|item| {
            let first = &item["server_accounts"][0];
            let evidence = item["evidence"].as_array().into_iter().flatten();
            let known =
                |evidence: &Value| CERTAIN.into_iter().find(|code| evidence["code"] == json!(code));
            Finding {
                host: first["host"].as_str().unwrap_or("").to_owned(),
                id: first["id"].as_u64().or_else(|| first["id"].as_str()?.parse().ok()),
                evidence: evidence.filter_map(known).collect(),
                cloud_login: item["cloud_account"]["login"].as_str().map(str::to_owned),
            }
        })
        .collect();
    findings.sort();
    findings
}
