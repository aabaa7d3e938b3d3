//! History is exact, whatever the order of arrival. Over random histories, every snapshot gives back what its
//! file stated, and every answer is the same, byte for byte but for the numbers of snapshots. `ONESEAT_CASES`
//! and `ONESEAT_SEED` ask for more histories and for others.

use std::cell::RefCell;

use crate::random_history::ledger::{Ledger, Said};
use crate::random_history::{ARRIVALS, History, cases, files, for_random_histories};
use crate::spans::{Moves, Spans, broken_rules};

const CASES: u32 = 120;
/// In this many histories, every change to spans must have occurred this often. In fewer histories, once.
const COVERED: (u32, usize) = (1000, 20);
const PERIODS: [&str; 6] = ["snapshot", "day", "week", "month", "quarter", "year"];

#[test]
fn the_order_of_arrival_shows_nowhere() {
    let moves = RefCell::new(Moves::default());
    for_random_histories(CASES, |history| {
        let mut first: Option<Vec<Said>> = None;
        let questions = questions(history);
        // Two orders of arrival for each history, and a third one for every fourth.
        let orders = if history.seed.is_multiple_of(4) { ARRIVALS } else { 2 };
        for arrival in 0..orders {
            let ledger = watched(history, arrival, &mut moves.borrow_mut())?;
            every_snapshot_says_what_its_file_said(history, &ledger)?;
            let answers: Vec<Said> = questions
                .iter()
                .map(|words| ledger.ask(&words.iter().map(String::as_str).collect::<Vec<_>>()))
                .collect();
            let first = first.get_or_insert_with(|| answers.clone());
            for (question, (one, other)) in questions.iter().zip(first.iter().zip(&answers)) {
                if one != other {
                    return Err(differing(&question.join(" "), arrival, one, other));
                }
            }
        }
        Ok(())
    });
    let moves = moves.into_inner();
    eprintln!("{moves:?}");
    let least = if cases(CASES) < COVERED.0 { 1 } else { COVERED.1 };
    assert!(moves.rarest() >= least, "a change of spans is too rare: {moves:?}");
}

/// Imports a history, and looks at the spans before and after each import.
fn watched(history: &History, arrival: usize, moves: &mut Moves) -> Result<Ledger, String> {
    let mut ledger = Ledger::empty();
    for snapshot in history.arrival(arrival) {
        let before = Spans::all(&ledger.database());
        ledger.import(snapshot)?;
        let (after, place) = Spans::around(&ledger.database(), ledger.number(snapshot.key));
        moves.note(&before, &after, place);
        let broken = broken_rules(&ledger.database());
        if !broken.is_empty() {
            return Err(format!("after snapshot {}: {}", snapshot.key, broken.join("\n")));
        }
    }
    for done in &history.afterwards {
        ledger.follow(done)?;
    }
    let (code, said) = ledger.ask_raw(&["verify"]);
    if code != 0 {
        return Err(format!("verify gives {code}: {said}"));
    }
    Ok(ledger)
}

fn every_snapshot_says_what_its_file_said(
    history: &History,
    ledger: &Ledger,
) -> Result<(), String> {
    for snapshot in &history.snapshots {
        let number = ledger.number(snapshot.key).to_string();
        let answer = ledger.json(&["snapshots", "export", &number])?.ok_or("no export")?;
        let items = answer["items"].as_array().cloned().unwrap_or_default();
        let mut records: Vec<String> = items.into_iter().map(files::sorted).collect();
        records.sort();
        let expected = snapshot.records();
        if records != expected {
            let only = |these: &[String], those: &[String]| {
                let only = these.iter().filter(|it| !those.contains(it)).cloned();
                only.collect::<Vec<_>>().join("\n")
            };
            return Err(format!(
                "the export of snapshot {} ({} records, expected {}) has\n{}\ninstead of\n{}",
                snapshot.key,
                records.len(),
                expected.len(),
                only(&records, &expected),
                only(&expected, &records),
            ));
        }
    }
    Ok(())
}

/// The questions: at some instants, at and between those of the snapshots, and about the time between them.
fn questions(history: &History) -> Vec<Vec<String>> {
    let mut instants = history.instants();
    let between: Vec<i64> = instants.windows(2).map(|pair| (pair[0] + pair[1]) / 2).collect();
    instants.extend(between);
    instants.sort_unstable();
    let last = instants.len() - 1;
    let chosen: Vec<String> = (0..4)
        .map(|turn| instants[(history.seed as usize * 7 + turn * 3) % instants.len()])
        .chain([instants[last] + 1])
        .map(files::instant)
        .collect();
    let mut questions = Vec::new();
    let mut ask = |words: &[&str]| {
        questions.push(words.iter().map(|word| (*word).to_owned()).collect::<Vec<String>>());
    };
    for at in &chosen {
        ask(&["consumption", "--as-of", at]);
        ask(&["duplicates", "--as-of", at]);
    }
    ask(&["consumption", "--enterprise", "corp"]);
    for period in PERIODS {
        ask(&["trend", "--by", period]);
    }
    for pair in chosen.windows(2) {
        let (from, to) = (pair.iter().min().expect("two"), pair.iter().max().expect("two"));
        ask(&["trend", "--from", from, "--to", to]);
        ask(&["diff", from, to]);
    }
    ask(&["diff", &files::instant(instants[0]), &chosen[4]]);
    ask(&["diff", &chosen[0], &chosen[4], "--organization", "alpha"]);
    questions
}

/// The first line in which two answers differ.
fn differing(question: &str, arrival: usize, one: &Said, other: &Said) -> String {
    let ended = |lines: &str| lines.lines().map(str::to_owned).chain([String::new()]).collect();
    let (these, those): (Vec<String>, Vec<String>) = (ended(&one.1), ended(&other.1));
    let line = these.iter().zip(&those).position(|(one, other)| one != other).unwrap_or(0);
    format!(
        "oneseat {question}: exit codes {} and {}; order {arrival} differs from the first in line {}:\n{}\n{}",
        one.0,
        other.0,
        line + 1,
        these[line],
        those[line]
    )
}
