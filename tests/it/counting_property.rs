//! The program against the naive implementation of counting.md, over random enterprises: the numbers of
//! `consumption` and the findings of `duplicates`, at every instant worth asking for. The test must behave the
//! same on every machine, so the random numbers are seeded. `ONESEAT_CASES` and `ONESEAT_SEED` ask for more
//! cases and for others.

#![allow(clippy::panic, clippy::print_stderr)]

use crate::common::Place;
use crate::naive::coverage::{Coverage, Seen};
use crate::naive::evidence::Finding;
use crate::naive::{self, Consumption, Kind, movement};
use crate::random_enterprise::files::{files, instant, setting_commands};
use crate::random_enterprise::{
    Features, RandomEnterprise, directories, random_enterprise, runner,
};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use serde_json::{Map, Value, json};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// What the program supports so far.
const LEARNED: Features = Features {
    voided: true,
    billing_models: true,
    as_synced: true,
    sync_status: true,
    retirement: true,
    enterprises: true,
    links: true,
    repeated: true,
    absence: true,
    without_ids: true,
    other_names: true,
    later_settings: true,
    taken_back: true,
    named_enterprises: true,
    renames: true,
    license_end: true,
    directories: true,
};
/// The warnings that follow from counting.md alone.
const WARNINGS: [&str; 4] =
    ["address-repeated", "license-ended", "server-snapshot-older", "unassigned-instance"];
/// The levels and codes of findings.
const CONFIDENCES: [&str; 3] = ["certain", "likely", "possible"];
pub const CODES: [&str; 13] = [
    "declared",
    "secondary-email",
    "linked-before",
    "visual-studio-email",
    "same-directory-entry",
    "shared-address",
    "same-login",
    "plus-tag",
    "other-domain",
    "saml-username",
    "invited-by-email",
    "same-name",
    "near-email",
];
/// In this many cases, everything that can occur must occur in at least this many questions. In fewer cases,
/// the counts are only printed.
const COVERED: (u32, usize) = (1500, 20);

/// An instant, and the enterprise to which a question is restricted.
pub struct Question {
    pub at: i64,
    /// Whether the question asks for the latest instant.
    pub latest: bool,
    pub enterprise: Option<String>,
}

#[test]
fn the_generator_reaches_every_rule() {
    for_random_enterprises(Features::all(), COVERED.0, |enterprise, coverage| {
        for question in questions(enterprise) {
            expected(enterprise, &question, coverage);
        }
        for (from, to) in spans(enterprise) {
            moved(enterprise, from, to, coverage);
        }
        if let Some(at) = enterprise.instants().last() {
            seat_ids(enterprise, *at, coverage);
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
            answers_alike(&place, enterprise, &question, coverage)?;
        }
        seats_alike(&place, enterprise, coverage)?;
        moves_alike(&place, enterprise, coverage)
    });
}

/// Asks both one question.
fn answers_alike(
    place: &Place,
    enterprise: &RandomEnterprise,
    question: &Question,
    coverage: &mut Coverage,
) -> TestCaseResult {
    let at = instant(question.at);
    let mut args = Vec::new();
    if !question.latest {
        args.extend(["--as-of", &at]);
    }
    args.extend(question.enterprise.iter().flat_map(|name| ["--enterprise", name.as_str()]));
    let Some(expected) = expected(enterprise, question, coverage) else {
        for command in ["consumption", "duplicates"] {
            let ran = place.run(&[&[command], args.as_slice()].concat());
            prop_assert_eq!(ran.code, 7, "{} {:?}: {}", command, args, ran.stdout);
        }
        return Ok(());
    };
    let consumption = answer(place, &[&["consumption"], args.as_slice()].concat())?;
    let duplicates = answer(place, &[&["duplicates"], args.as_slice()].concat())?;
    prop_assert_eq!(&consumption["as_of"], &at, "asked for {:?}", args);
    prop_assert_eq!(comparable(&consumption, &expected), expected.json(), "asked for {:?}", args);
    prop_assert_eq!(findings(&duplicates), expected.findings, "asked for {:?}", args);
    Ok(())
}

fn answer(place: &Place, question: &[&str]) -> Result<Value, TestCaseError> {
    let ran = place.run(&[question, &["--json"]].concat());
    let failed = |why: String| TestCaseError::fail(format!("{question:?}: {why}"));
    if ran.code != 0 {
        return Err(failed(format!("exit {}: {}", ran.code, ran.stderr)));
    }
    serde_json::from_str(&ran.stdout).map_err(|error| failed(error.to_string()))
}

/// The seats at the newest instant, listed by both.
fn seats_alike(
    place: &Place,
    enterprise: &RandomEnterprise,
    coverage: &mut Coverage,
) -> TestCaseResult {
    let Some(at) = enterprise.instants().last().copied() else { return Ok(()) };
    let (mut expected, without) = seat_ids(enterprise, at, coverage);
    let question = ["query", "SELECT seat_id FROM seats", "--as-of", &instant(at)];
    let rows = answer(place, &question)?;
    let rows = rows.as_array().into_iter().flatten();
    let told: Vec<String> = rows.map(|row| lower(&row["seat_id"])).collect();
    prop_assert_eq!(told.len(), expected.len() + without, "{:?}", told);
    expected.retain(|id| !told.contains(id));
    prop_assert!(expected.is_empty(), "{:?} are none of {:?}", expected, told);
    let distinct: BTreeSet<&String> = told.iter().collect();
    prop_assert_eq!(distinct.len(), told.len(), "each its own: {:?}", told);
    Ok(())
}

/// The naive ids of the seats, the number of seats known by their content only, and a note of what occurred.
fn seat_ids(
    enterprise: &RandomEnterprise,
    at: i64,
    coverage: &mut Coverage,
) -> (Vec<String>, usize) {
    let seats = movement::seats(&enterprise.imported(), &enterprise.settings, at);
    let ids: Vec<String> = seats.iter().filter_map(movement::Seat::id).collect();
    let seen = Seen::default();
    for id in &ids {
        match id {
            id if id.starts_with("server:unknown@") && id.contains(":address:") => {
                seen.saw("seat id: no host known, by the address");
            }
            id if id.starts_with("server:unknown@") => seen.saw("seat id: no host known"),
            id if id.starts_with("server:") && id.contains(":login:") => {
                seen.saw("seat id: by the login");
            }
            _ => {}
        }
    }
    coverage.add(&seen);
    let without = seats.len() - ids.len();
    (ids, without)
}

/// The movements between two instants, listed by both.
fn moves_alike(
    place: &Place,
    enterprise: &RandomEnterprise,
    coverage: &mut Coverage,
) -> TestCaseResult {
    for (from, to) in spans(enterprise) {
        let mut expected = moved(enterprise, from, to, coverage);
        let diff = answer(place, &["diff", &instant(from), &instant(to)])?;
        let told = &diff["movements"];
        let again = expected.remove("changed").unwrap_or_default();
        for (movement, times) in expected {
            prop_assert_eq!(&told[movement], times, "{} {} to {}", movement, from, to);
        }
        let changed = told["changed"].as_i64().unwrap_or_default();
        prop_assert!(changed >= again, "{} of {} changed {} to {}", again, changed, from, to);
    }
    Ok(())
}

/// The pairs of instants whose movements are compared: the first and the last, and each of a few with the next.
fn spans(enterprise: &RandomEnterprise) -> Vec<(i64, i64)> {
    let mut instants = enterprise.instants();
    instants.retain(|at| {
        let all = enterprise.imported();
        naive::consumption(&all, &enterprise.settings, *at, None, &Seen::default()).is_some()
    });
    let ends = instants.first().zip(instants.last());
    let ends = ends.map(|(from, to)| (*from, *to)).into_iter();
    let next = instants.windows(2).take(3).map(|pair| (pair[0], pair[1]));
    let mut spans: Vec<(i64, i64)> = ends.chain(next).collect();
    spans.retain(|(from, to)| from < to);
    spans.sort_unstable();
    spans.dedup();
    spans
}

/// The naive movements, and a note of what occurred.
fn moved(
    enterprise: &RandomEnterprise,
    from: i64,
    to: i64,
    coverage: &mut Coverage,
) -> BTreeMap<&'static str, i64> {
    let seen = Seen::default();
    let seats = |at| movement::seats(&enterprise.imported(), &enterprise.settings, at);
    let moved = movement::movements_seen(&seats(from), &seats(to), &seen);
    coverage.add(&seen);
    moved
}

/// Runs the check over random enterprises, prints what occurred, and fails if something occurred too rarely.
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
    assert!(rare.is_empty(), "these are too rare: {rare:#?}");
}

/// The files and commands of an enterprise, for people to read.
pub fn description(enterprise: &RandomEnterprise) -> String {
    let files = files(enterprise).into_iter().zip(&enterprise.snapshots);
    let files = files.map(|((name, bytes, args), snapshot)| {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let voided = if snapshot.imported.voided { " (voided)" } else { "" };
        format!("{name} {}{voided}\n{text}\n", args.join(" "))
    });
    let commands = setting_commands(enterprise).into_iter().map(|command| command.join(" ") + "\n");
    files.chain(commands).collect()
}

/// Every instant worth asking for, for all enterprises and for each by itself. The latest is also asked for by
/// its name.
pub fn questions(enterprise: &RandomEnterprise) -> Vec<Question> {
    let latest = naive::latest(&enterprise.imported(), &Seen::default());
    let mut questions = Vec::new();
    for at in enterprise.instants() {
        let each = enterprise.enterprises().into_iter().map(Some);
        for enterprise in std::iter::once(None).chain(each) {
            questions.push(Question { at, latest: false, enterprise });
        }
        if Some(at) == latest {
            questions.push(Question { at, latest: true, enterprise: None });
        }
    }
    questions
}

/// The naive answer, and a note of what occurred in it.
fn expected(
    enterprise: &RandomEnterprise,
    question: &Question,
    coverage: &mut Coverage,
) -> Option<Consumption> {
    let seen = Seen::default();
    let restricted_to = question.enterprise.as_deref();
    let imported = enterprise.imported();
    if question.latest {
        naive::latest(&imported, &seen);
    }
    let settings = &enterprise.settings;
    let answer = naive::consumption(&imported, settings, question.at, restricted_to, &seen);
    coverage.add(&seen);
    answer
}

/// Writes and imports the files in their order, and runs the voids and declarations.
pub fn import(place: &Place, enterprise: &RandomEnterprise) -> TestCaseResult {
    for ((name, bytes, args), snapshot) in files(enterprise).into_iter().zip(&enterprise.snapshots)
    {
        let file = place.write(&name, &bytes).display().to_string();
        let mut command = vec!["import".to_owned(), file, "--json".to_owned()];
        command.extend(args);
        if let Kind::Directory { .. } = snapshot.imported.kind {
            let config = place.write("oneseat.toml", directories::configuration().as_bytes());
            command.extend(["--config".to_owned(), config.display().to_string()]);
        }
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

/// The part of the answer with the keys of the pattern.
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
                cloud_account: item["cloud_account"].get("login").map(lower),
            }
        })
        .collect();
    findings.sort();
    findings
}

fn lower(text: &Value) -> String {
    text.as_str().unwrap_or("").trim().to_lowercase()
}
