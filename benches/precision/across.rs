//! People in two enterprises compared with the truth: precision and recall by confidence.
//!
//! What it is: a pure function from the demo's `truth.ndjson` and the answer of `across --json` (directory.md
//! section 4) to counts, and the table that shows them. May assume: both are about the same instant. Must not: know
//! the rules of evidence; an item is right if all of its seats are one person's.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::{self, Display};

use serde_json::Value;

use super::score::LEVELS;
use super::seats::{self, Account};

/// The items of one level: right and wrong.
type Judged = [u64; 2];

/// All counts.
#[derive(Default, Debug)]
pub struct Across {
    /// The people with seats in both enterprises.
    pub planted: u64,
    /// Those of them whom an item is right about, by the best level.
    pub found: [u64; 3],
    /// The items by level.
    pub levels: [Judged; 3],
    /// The items by level and the codes of their evidence.
    pub codes: BTreeMap<(usize, String), Judged>,
    /// The people who were missed, by what they have in the first enterprise.
    pub missed: BTreeMap<String, u64>,
}

struct Both {
    is_one_person: bool,
    event: String,
    level: Option<usize>,
}

/// Compares the answer with the truth.
pub fn score(truth: &str, answer: &Value) -> serde_json::Result<Across> {
    let mut planted: Vec<Both> = Vec::new();
    let mut by_account: HashMap<Account, usize> = HashMap::new();
    for line in truth.lines() {
        let line: Value = serde_json::from_str(line)?;
        if line["truth"] != "both-enterprises" {
            continue;
        }
        for seat in line["seats"].as_array().into_iter().flatten() {
            for account in seats::of_truth(seat) {
                by_account.insert(account, planted.len());
            }
        }
        planted.push(Both {
            is_one_person: line["one_person"] == true,
            event: line["event"].as_str().unwrap_or_default().to_owned(),
            level: None,
        });
    }
    let mut score = Across::default();
    for item in answer["items"].as_array().into_iter().flatten() {
        let Some(level) = LEVELS.iter().position(|level| item["confidence"] == *level) else {
            continue;
        };
        let seats: Vec<&Value> = item["seats"].as_array().into_iter().flatten().collect();
        let about: BTreeSet<Option<usize>> =
            seats.iter().map(|seat| by_account.get(&seats::of_across(seat)?).copied()).collect();
        let of_one = about.first().copied().flatten().filter(|_| about.len() == 1);
        let right = of_one.filter(|&number| seats.len() > 1 && planted[number].is_one_person);
        let codes: BTreeSet<&str> = item["evidence"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|evidence| evidence["code"].as_str())
            .collect();
        let codes = codes.into_iter().collect::<Vec<_>>().join(" + ");
        let place = usize::from(right.is_none());
        score.levels[level][place] += 1;
        score.codes.entry((level, codes)).or_default()[place] += 1;
        if let Some(number) = right {
            let best = &mut planted[number].level;
            *best = Some(best.map_or(level, |best| best.min(level)));
        }
    }
    for it in planted.iter().filter(|it| it.is_one_person) {
        score.planted += 1;
        match it.level {
            Some(level) => score.found[level] += 1,
            None => *score.missed.entry(it.event.clone()).or_default() += 1,
        }
    }
    Ok(score)
}

impl Across {
    /// The floors that are not reached.
    pub fn failures(&self) -> Vec<String> {
        let [[_, certain], [_, likely], _] = self.levels;
        let all: u64 = self.levels.iter().take(2).flatten().sum();
        let mut failures = Vec::new();
        if certain > 0 {
            failures.push(format!("{certain} certain people in two enterprises are wrong"));
        }
        if (certain + likely) * 20 > all {
            failures.push(format!(
                "{} of {all} certain and likely people in two enterprises are wrong",
                certain + likely
            ));
        }
        failures
    }
}

impl Display for Across {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{} people have seats in both enterprises", self.planted)?;
        let mut so_far = 0;
        for ((name, found), [right, wrong]) in LEVELS.iter().zip(self.found).zip(self.levels) {
            so_far += found;
            writeln!(
                out,
                "{name:<10} {right:>7} right {wrong:>5} wrong; precision {}, recall so far {}",
                seats::share(right, right + wrong),
                seats::share(so_far, self.planted)
            )?;
        }
        for ((level, codes), [right, wrong]) in &self.codes {
            writeln!(out, "{right:>7} right {wrong:>5} wrong  {:<10} {codes}", LEVELS[*level])?;
        }
        for (event, count) in &self.missed {
            writeln!(out, "{count:>7}  not found: {event}")?;
        }
        Ok(())
    }
}
