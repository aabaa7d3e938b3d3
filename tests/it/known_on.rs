//! `--known-on`: an earlier answer is given again later, byte for byte, whatever has arrived since: late
//! snapshots, voids and restores, declarations, retirements, aliases.

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::random_history::files::instant;
use crate::random_history::ledger::{Ledger, Said};
use crate::random_history::{Afterwards, History, cases, for_random_histories};

const CASES: u32 = 60;
/// What may come after an answer. In this many histories it must do so this often, in fewer once.
const EVENTS: [&str; 7] =
    ["late snapshot", "replacement", "void", "restore", "set", "retire", "rename"];
const COVERED: (u32, u64) = (1000, 20);

/// Answers, and the time when they were given.
struct Given {
    at: i64,
    questions: Vec<Vec<String>>,
    answers: Vec<Said>,
}

#[test]
fn what_was_answered_is_answered_again() {
    let seen = RefCell::new(BTreeMap::<&str, u64>::new());
    for_random_histories(CASES, |history| {
        let mut ledger = Ledger::empty();
        let mut given: Vec<Given> = Vec::new();
        let mut newest = i64::MIN;
        let mut turn = history.seed;
        for snapshot in history.arrival(0) {
            ledger.import(snapshot)?;
            if snapshot.replaces.is_some() {
                note(&seen, "replacement", &given);
            } else if snapshot.taken_at < newest {
                note(&seen, "late snapshot", &given);
            }
            newest = newest.max(snapshot.taken_at);
            turn += 1;
            if turn.is_multiple_of(4) {
                given.push(Given::now(history, &ledger));
            }
        }
        given.push(Given::now(history, &ledger));
        for done in &history.afterwards {
            ledger.follow(done)?;
            note(&seen, name_of(done), &given);
            turn += 1;
            if turn.is_multiple_of(3) {
                given.push(Given::now(history, &ledger));
            }
        }
        given.iter().try_for_each(|given| given.again(&ledger))
    });
    let seen = seen.into_inner();
    eprintln!("{seen:#?}");
    let least = if cases(CASES) < COVERED.0 { 1 } else { COVERED.1 };
    for event in EVENTS {
        let times = seen.get(event).copied().unwrap_or_default();
        assert!(times >= least, "{event} came after answers {times} times");
    }
}

fn note(seen: &RefCell<BTreeMap<&'static str, u64>>, event: &'static str, given: &[Given]) {
    *seen.borrow_mut().entry(event).or_default() += given.len() as u64;
}

fn name_of(done: &Afterwards) -> &'static str {
    match done {
        Afterwards::Void(_) => "void",
        Afterwards::Restore(_) => "restore",
        Afterwards::Say(_, said) => {
            EVENTS.into_iter().find(|event| said[0] == *event).unwrap_or("something else")
        }
    }
}

impl Given {
    /// Asks without `--known-on`: everything up to the present is known.
    fn now(history: &History, ledger: &Ledger) -> Given {
        let instants = history.instants();
        let (first, last) = (instant(instants[0]), instant(instants[instants.len() - 1]));
        let middle = instant(instants[instants.len() / 2]);
        let questions: [&[&str]; 10] = [
            &["consumption"],
            &["consumption", "--as-of", &middle],
            &["consumption", "--enterprise", "corp"],
            &["duplicates"],
            &["duplicates", "--as-of", &last],
            &["trend"],
            &["trend", "--by", "month"],
            &["diff", &first, &last],
            &["snapshots", "list"],
            &["sources", "list"],
        ];
        let questions = questions.map(|words| words.iter().map(|it| (*it).to_owned()).collect());
        let mut given =
            Given { at: ledger.now(), questions: questions.into(), answers: Vec::new() };
        given.answers = given.questions.iter().map(|words| ask(ledger, words)).collect();
        given
    }

    /// Asks again for what was known then.
    fn again(&self, ledger: &Ledger) -> Result<(), String> {
        let then = instant(self.at);
        for (question, before) in self.questions.iter().zip(&self.answers) {
            let mut words = question.clone();
            words.extend(["--known-on".to_owned(), then.clone()]);
            let (code, answer) = ask(ledger, &words);
            // The only difference is that the answer states it.
            let said = format!("\"known_on\": \"{then}\"");
            let now = (code, answer.replacen(&said, "\"known_on\": null", 1));
            if now != *before {
                let (question, now, before) = (words.join(" "), now.1, &before.1);
                return Err(format!("oneseat {question} says\n{now}\nit was\n{before}"));
            }
        }
        Ok(())
    }
}

fn ask(ledger: &Ledger, words: &[String]) -> Said {
    ledger.ask_raw(&words.iter().map(String::as_str).collect::<Vec<_>>())
}
