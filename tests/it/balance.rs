//! `diff` balances between any two instants of random histories: opening + joined + unmatched - left - matched
//! = closing. Both ends are what `consumption` states, and the same holds for each organization.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_json::Value;

use crate::naive::movement;
use crate::random_history::files::instant;
use crate::random_history::ledger::Ledger;
use crate::random_history::{History, cases, for_random_histories};

const CASES: u32 = 60;
const MOVEMENTS: [&str; 5] = ["joined", "left", "matched", "unmatched", "changed"];
/// In this many histories, every movement must occur this often. In fewer histories, once.
const COVERED: (u32, u64) = (1000, 20);

/// The number of times that each movement occurred, over all seats and within an organization.
type Seen = BTreeMap<String, u64>;

#[test]
fn every_diff_balances() {
    let seen = RefCell::new(Seen::new());
    for_random_histories(CASES, |history| {
        let ledger = Ledger::told(history, 1)?;
        for (from, to) in pairs(history) {
            balances(&ledger, from, to, &mut seen.borrow_mut())?;
        }
        Ok(())
    });
    let seen = seen.into_inner();
    eprintln!("{seen:#?}");
    let least = if cases(CASES) < COVERED.0 { 1 } else { COVERED.1 };
    let organizations = ["in an organization: joined", "in an organization: left"];
    for movement in MOVEMENTS.iter().chain(&organizations) {
        let times = seen.get(*movement).copied().unwrap_or_default();
        assert!(times >= least, "{movement} occurred {times} times");
    }
}

#[test]
fn seats_are_paired_as_the_rules_say() {
    let seen = RefCell::new(Seen::new());
    for_random_histories(CASES, |history| {
        if history.renames() {
            return Ok(());
        }
        let ledger = Ledger::told(history, 0)?;
        let imported = history.imported();
        let seats = |at: i64| movement::seats(&imported, &history.settings(at), at);
        for (from, to) in pairs(history) {
            let (opening, closing) = (seats(from), seats(to));
            let question = ["diff", &instant(from), &instant(to)];
            let Some(diff) = ledger.json(&question)? else { continue };
            let told = Movements::of(&diff);
            let (before, after) = (opening.len() as i64, closing.len() as i64);
            if (told.opening, told.closing) != (before, after) {
                let (question, opening, closing) = (question.join(" "), told.opening, told.closing);
                return Err(format!("{question}: {opening} to {closing}, not {before} to {after}"));
            }
            for (movement, times) in movement::movements(&opening, &closing) {
                if told.times[movement] != times {
                    let question = question.join(" ");
                    return Err(format!("{question}: {times} have {movement} in truth\n{diff:#}"));
                }
                *seen.borrow_mut().entry(movement.to_owned()).or_default() += times as u64;
            }
        }
        Ok(())
    });
    let seen = seen.into_inner();
    eprintln!("{seen:#?}");
    let least = if cases(CASES) < COVERED.0 { 1 } else { COVERED.1 };
    assert!(seen.values().all(|times| *times >= least), "a movement is too rare: {seen:?}");
}

/// When everything is counted, `diff` looks up only the accounts whose records changed, and those related to
/// them. It must give the same difference as a comparison of everybody.
#[test]
fn what_is_looked_up_is_what_everybody_gives() {
    let compared = RefCell::new(0u32);
    for_random_histories(CASES, |history| {
        let ledger = Ledger::told(history, 0)?;
        let ask = || {
            let pairs = pairs(history).into_iter();
            let answers =
                pairs.map(|(from, to)| ledger.json(&["diff", &instant(from), &instant(to)]));
            answers.collect::<Result<Vec<_>, String>>()
        };
        let everybody = ask()?;
        ledger.ask_raw(&["recount"]);
        for (whole, found) in everybody.iter().zip(ask()?) {
            if *whole != found {
                return Err(format!("everybody gives {whole:?}, but looked up is {found:?}"));
            }
            *compared.borrow_mut() += 1;
        }
        Ok(())
    });
    assert!(compared.into_inner() > 5 * cases(CASES), "there are differences to compare");
}

/// Every second pair of instants, the earlier one first.
fn pairs(history: &History) -> Vec<(i64, i64)> {
    let instants = history.instants();
    let mut pairs = Vec::new();
    for (one, from) in instants.iter().enumerate() {
        for (other, to) in instants.iter().enumerate() {
            if one <= other && (one + 2 * other + history.seed as usize).is_multiple_of(2) {
                pairs.push((*from, *to));
            }
        }
    }
    pairs
}

fn balances(ledger: &Ledger, from: i64, to: i64, seen: &mut Seen) -> Result<(), String> {
    let (from, to) = (instant(from), instant(to));
    for enterprise in [None, Some("corp")] {
        let only: Vec<&str> = enterprise.iter().flat_map(|name| ["--enterprise", name]).collect();
        let question = [&["diff", from.as_str(), to.as_str()], only.as_slice()].concat();
        // Nobody has that name any more if the enterprise was renamed.
        if enterprise.is_some() && ledger.ask_raw(&question).0 == 2 {
            continue;
        }
        let consumed = |at: &str| -> Result<Option<i64>, String> {
            let words = [&["consumption", "--as-of", at], only.as_slice()].concat();
            Ok(ledger.json(&words)?.and_then(|answer| answer["consumed"].as_i64()))
        };
        let sides = (consumed(&from)?, consumed(&to)?);
        let (Some(diff), (Some(opening), Some(closing))) = (ledger.json(&question)?, sides) else {
            continue;
        };
        let counted = Movements::of(&diff);
        if (counted.opening, counted.closing) != (opening, closing) {
            return Err(format!(
                "{} goes from {} to {}, consumption from {opening} to {closing}",
                question.join(" "),
                counted.opening,
                counted.closing
            ));
        }
        counted.check(&question)?;
        if enterprise.is_none() {
            for (movement, times) in &counted.times {
                *seen.entry((*movement).to_owned()).or_default() += *times as u64;
            }
        }
    }
    for organization in ["alpha", "beta", "omega"] {
        let question = ["diff", from.as_str(), &to, "--organization", organization];
        // An organization that no report of the history names is a usage error.
        if ledger.ask_raw(&question).0 == 2 {
            continue;
        }
        let Some(diff) = ledger.json(&question)? else { continue };
        let counted = Movements::of(&diff);
        counted.check(&question)?;
        if counted.times["matched"] + counted.times["unmatched"] != 0 {
            return Err(format!("{} has Server seats: {diff}", question.join(" ")));
        }
        for (movement, times) in &counted.times {
            *seen.entry(format!("in an organization: {movement}")).or_default() += *times as u64;
        }
    }
    Ok(())
}

/// The numbers of a diff.
struct Movements {
    opening: i64,
    closing: i64,
    times: BTreeMap<&'static str, i64>,
    /// By counting the items of the list.
    listed: BTreeMap<&'static str, i64>,
}

impl Movements {
    fn of(diff: &Value) -> Movements {
        let number = |value: &Value| value.as_i64().expect("a number");
        let items = diff["items"].as_array().expect("items");
        let listed = |movement: &str| items.iter().filter(|it| it["movement"] == movement).count();
        Movements {
            opening: number(&diff["from"]["consumed"]),
            closing: number(&diff["to"]["consumed"]),
            times: MOVEMENTS.map(|it| (it, number(&diff["movements"][it]))).into(),
            listed: MOVEMENTS.map(|it| (it, listed(it) as i64)).into(),
        }
    }

    fn check(&self, question: &[&str]) -> Result<(), String> {
        let times = &self.times;
        let gained = times["joined"] + times["unmatched"];
        let lost = times["left"] + times["matched"];
        let (opening, closing) = (self.opening, self.closing);
        if opening + gained - lost != closing {
            let question = question.join(" ");
            return Err(format!("{question}: {opening} + {gained} - {lost} is not {closing}"));
        }
        if self.times != self.listed {
            let (told, listed) = (&self.times, &self.listed);
            return Err(format!("{}: {told:?}, but items {listed:?}", question.join(" ")));
        }
        Ok(())
    }
}
