//! Runs a random history: it imports every file in one order of arrival, then runs the commands that follow. In
//! the answers, keys stand for the numbers of snapshots, which depend on the order.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;

use super::files::instant;
use super::{Afterwards, History, Snapshot};
use crate::common::Place;

/// The arrival of the first file, after all instants of all histories.
const FIRST_ARRIVAL: i64 = 1_893_456_000;

/// A database with a history.
pub struct Ledger {
    place: Place,
    /// The number of each snapshot, by its key.
    numbers: BTreeMap<usize, i64>,
    now: i64,
}

/// The exit code and standard output of a command.
pub type Said = (i32, String);

impl Ledger {
    /// An empty database.
    pub fn empty() -> Ledger {
        Ledger { place: Place::new(), numbers: BTreeMap::new(), now: FIRST_ARRIVAL }
    }

    /// Imports a history in one of its orders of arrival.
    pub fn told(history: &History, arrival: usize) -> Result<Ledger, String> {
        let mut ledger = Ledger::empty();
        for snapshot in history.arrival(arrival) {
            ledger.import(snapshot)?;
        }
        for done in &history.afterwards {
            ledger.follow(done)?;
        }
        Ok(ledger)
    }

    /// Imports a snapshot, which must be stored.
    pub fn import(&mut self, snapshot: &Snapshot) -> Result<(), String> {
        let (name, bytes) = snapshot.file();
        let file = self.place.write(&name, &bytes).display().to_string();
        let mut arguments = vec!["import".to_owned(), file, "--json".to_owned()];
        arguments.extend(snapshot.arguments());
        let answer = self.do_now(&arguments)?;
        let answer: Value = serde_json::from_str(&answer).expect("JSON");
        let item = &answer["items"][0];
        match item["snapshot"].as_i64() {
            Some(number) if item["status"] == "stored" => self.numbers.insert(snapshot.key, number),
            _ => return Err(format!("snapshot {} is {}", snapshot.key, item["status"])),
        };
        Ok(())
    }

    /// Runs a command that follows the imports.
    pub fn follow(&mut self, done: &Afterwards) -> Result<(), String> {
        let number = |key: &usize| self.numbers[key].to_string();
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let arguments: Vec<String> = match done {
            Afterwards::Void(key) => {
                words(&["snapshots", "void", &number(key), "--reason", "a mistake"])
            }
            Afterwards::Restore(key) => words(&["snapshots", "restore", &number(key)]),
            Afterwards::Say(_, said) => {
                std::iter::once("sources".to_owned()).chain(said.iter().cloned()).collect()
            }
        };
        self.do_now(&arguments).map(drop)
    }

    /// Runs a writing command, a minute after the last one.
    pub fn do_now(&mut self, arguments: &[String]) -> Result<String, String> {
        self.now += 60;
        let ran = self.place.run_with(arguments, b"", &instant(self.now));
        match ran.code {
            0 => Ok(ran.stdout),
            code => Err(format!("{} gives {code}: {}", arguments.join(" "), ran.stderr)),
        }
    }

    /// The instant of the last writing command.
    pub fn now(&self) -> i64 {
        self.now
    }

    pub fn database(&self) -> PathBuf {
        self.place.path("oneseat.db")
    }

    pub fn number(&self, key: usize) -> i64 {
        self.numbers[&key]
    }

    /// Asks a question. In the answer, keys stand for the numbers of snapshots.
    pub fn ask(&self, arguments: &[&str]) -> Said {
        let (code, said) = self.ask_raw(arguments);
        let mut parts = said.split("\"snapshot\": ");
        let mut told = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let digits = part.bytes().take_while(u8::is_ascii_digit).count();
            let known = self.numbers.iter().find(|(_, it)| it.to_string() == part[..digits]);
            told += "\"snapshot\": ";
            match known {
                Some((key, _)) => told += &format!("the one of key {key}{}", &part[digits..]),
                None => told += part,
            }
        }
        (code, told)
    }

    /// Asks a question with the clock of the last writing command, and returns the unchanged answer.
    pub fn ask_raw(&self, arguments: &[&str]) -> Said {
        let words = [arguments, &["--json"]].concat();
        let ran = self.place.run_with(&words, b"", &instant(self.now));
        (ran.code, ran.stdout)
    }

    /// Asks a question. `None` if there is no answer.
    pub fn json(&self, arguments: &[&str]) -> Result<Option<Value>, String> {
        match self.ask_raw(arguments) {
            (0, said) => Ok(Some(serde_json::from_str(&said).expect("JSON"))),
            (7, _) => Ok(None),
            (code, _) => Err(format!("{} gives {code}", arguments.join(" "))),
        }
    }
}
