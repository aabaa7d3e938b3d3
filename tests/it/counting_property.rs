//! The program against the naive implementation of counting.md, over random enterprises: the numbers of
//! `consumption` and the findings of `duplicates`, at every instant worth asking for. It must do the same on
//! every machine: the random numbers are seeded; `ONESEAT_CASES` and `ONESEAT_SEED` ask for more and for others.

#![allow(clippy::panic, clippy::print_stderr)]

use crate::common::Place;
use crate::naive::coverage::{Coverage, Seen};
use crate::naive::evidence::Finding;
use crate::naive::{self, Consumption};
use crate::random_enterprise::files::{files, instant, setting_commands};
use crate::random_enterprise::{Features, RandomEnterprise, random_enterprise, runner};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
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
    links: true,
};
/// The warnings that follow from counting.md alone.
const WARNINGS: [&str; 2] = ["server-snapshot-older", "unassigned-instance"];
/// The levels and codes of findings.
const CONFIDENCES: [&str; 3] = ["certain", "likely", "possible"];
pub const CODES: [&str; 12] = [
    "declared",
    "secondary-email",
    "linked-before",
    "visual-studio-email",
    "shared-address",
    "same-login",
    "plus-tag",
    "other-domain",
    "saml-username",
    "invited-by-email",
    "same-name",
    "near-email",
];
/// In so many cases, everything that can occur must do so in at least so many questions; in fewer cases it is only printed.
const COVERED: (u32, usize) = (1500, 20);

/// An instant, and the enterprise to which a question is restricted.
pub struct Question {
    pub at: i64,
    pub enterprise: Option<String>,
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
    for_random_enterprises(LEARNED, 150, |enterprise, coverage| {
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
            prop_assert_eq!(findings(&duplicates), expected.findings, "asked for {:?}", args);
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
    let cases = runner::cases(cases);
    let coverage = RefCell::new(Coverage::new());
    runner::for_random(&random_enterprise(features), cases, description, |enterprise| {
        check(enterprise, &mut coverage.borrow_mut())
    });
    let coverage = coverage.into_inner();
    eprintln!("{coverage}");
    let least = if cases < COVERED.0 { 0 } else { COVERED.1 };
    let rare = coverage.rarer_than(least, |needs| features.include(needs));
    assert!(rare.is_empty(), "these hardly occurred: {rare:#?}");
}

/// The files and commands of an enterprise, to be read by people.
pub fn description(enterprise: &RandomEnterprise) -> String {
    let files = files(enterprise).into_iter().map(|(name, bytes, args)| {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        format!("{name} {}\n{text}\n", args.join(" "))
    });
    let commands = setting_commands(enterprise).into_iter().map(|command| command.join(" ") + "\n");
    files.chain(commands).collect()
}

/// Every instant worth asking for, of all enterprises and of each by itself.
pub fn questions(enterprise: &RandomEnterprise) -> Vec<Question> {
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
pub fn import(place: &Place, enterprise: &RandomEnterprise) -> TestCaseResult {
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

/// The findings of an answer, each by its first Server account.
fn findings(answer: &Value) -> Vec<Finding> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let items = list(&answer["items"]);
    let mut findings: Vec<Finding> = items
        .iter()
        .map(|item| {
            let first = &item["server_accounts"][0];
            let evidence = list(&item["evidence"]).into_iter();
            let candidates = list(&item["candidates"]).into_iter();
            let name = |names: &[&'static str], value: &Value| {
                let known = names.iter().find(|name| *value == json!(name));
                known.copied().unwrap_or("a name that is not known")
            };
            Finding {
                confidence: name(&CONFIDENCES, &item["confidence"]),
                host: first["host"].as_str().unwrap_or("").to_owned(),
                id: first["id"].as_u64().or_else(|| first["id"].as_str()?.parse().ok()),
                evidence: evidence.map(|it| name(&CODES, &it["code"])).collect(),
                candidates: candidates.map(|it| lower(&it["login"])).collect(),
                candidates_total: item["candidates_total"].as_u64().unwrap_or(0) as usize,
                invitation: item["invitation"].as_str().map(|_| lower(&item["invitation"])),
            }
        })
        .collect();
    findings.sort();
    findings
}

fn lower(text: &Value) -> String {
    text.as_str().unwrap_or("").trim().to_lowercase()
}
