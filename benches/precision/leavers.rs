//! Leavers compared with the truth: precision and recall, and the reasons for what was missed.
//!
//! What it is: a pure function from the demo's `truth.ndjson` and the answer of `leavers --json` (directory.md
//! section 3) to counts, and the table that shows them. May assume: both are about the same instant. Must not: know
//! how a leaver is found; an item is right if one of its accounts is in a seat of somebody who left.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::{self, Display};

use serde_json::Value;

use super::seats::{self, Account};

/// The default of `leavers --grace`, in days.
const GRACE: u64 = 7;

/// All counts.
#[derive(Default, Debug)]
pub struct Leavers {
    /// The seats of people who left.
    pub planted: u64,
    /// Those of them that the answer has as `left` or `gone`.
    pub found: u64,
    /// The items `left` and `gone`.
    pub items: u64,
    /// Those of them that are about nobody who left.
    pub wrong: u64,
    /// Those of the wrong ones that ask rather than claim: no time of leaving is known, because the entry was never
    /// seen active and may be a shared mailbox (directory.md section 3).
    pub asked: u64,
    /// The items by why.
    pub by_why: BTreeMap<String, u64>,
    /// The seats that were missed although a list has them, the account there is disabled, and the grace is over.
    pub missed: u64,
    /// All missed seats by the reason.
    pub reasons: BTreeMap<&'static str, u64>,
}

struct Left {
    days: u64,
    is_listed: bool,
    is_enabled: bool,
    /// Why the answer has an item about the seat.
    found: BTreeSet<String>,
}

/// Compares the answer with the truth.
pub fn score(truth: &str, answer: &Value) -> serde_json::Result<Leavers> {
    let mut planted: Vec<Left> = Vec::new();
    let mut by_account: HashMap<Account, usize> = HashMap::new();
    for line in truth.lines() {
        let line: Value = serde_json::from_str(line)?;
        if line["truth"] != "left" {
            continue;
        }
        for account in seats::of_truth(&line) {
            by_account.insert(account, planted.len());
        }
        planted.push(Left {
            days: line["days"].as_u64().unwrap_or_default(),
            is_listed: line["listed"] == true,
            is_enabled: line["enabled"] == true,
            found: BTreeSet::new(),
        });
    }
    let mut score = Leavers { planted: planted.len() as u64, ..Leavers::default() };
    for item in answer["items"].as_array().into_iter().flatten() {
        let why = item["why"].as_str().unwrap_or_default();
        *score.by_why.entry(why.to_owned()).or_default() += 1;
        let of_leaver = seats::of_leavers(item).find_map(|it| by_account.get(&it).copied());
        if let Some(number) = of_leaver {
            planted[number].found.insert(why.to_owned());
        }
        if ["left", "gone"].contains(&why) {
            score.items += 1;
            score.wrong += u64::from(of_leaver.is_none());
            score.asked += u64::from(of_leaver.is_none() && item["left_at"].is_null());
        }
    }
    for it in &planted {
        if it.found.contains("left") || it.found.contains("gone") {
            score.found += 1;
            continue;
        }
        let reason = if !it.is_listed {
            "in no list"
        } else if it.is_enabled {
            "a directory still has the account enabled"
        } else if it.days <= GRACE {
            "within the grace"
        } else if it.found.contains("ambiguous") {
            score.missed += 1;
            "ambiguous"
        } else {
            score.missed += 1;
            "listed, disabled, and not found"
        };
        *score.reasons.entry(reason).or_default() += 1;
    }
    Ok(score)
}

impl Leavers {
    /// The floors that are not reached.
    pub fn failures(&self) -> Vec<String> {
        let mut failures = Vec::new();
        if self.wrong > self.asked {
            failures.push(format!("{} leavers have not left", self.wrong - self.asked));
        }
        if self.missed > 0 {
            failures.push(format!("{} seats of listed leavers are not found", self.missed));
        }
        failures
    }
}

impl Display for Leavers {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            out,
            "{} seats of people who left: {} found; recall {}, precision {}",
            self.planted,
            self.found,
            seats::share(self.found, self.planted),
            seats::share(self.items - self.wrong, self.items)
        )?;
        if self.wrong > 0 {
            writeln!(
                out,
                "{} items are about nobody who left; {} of them ask whose a mailbox is",
                self.wrong, self.asked
            )?;
        }
        for (why, count) in &self.by_why {
            writeln!(out, "{count:>7}  items are {why}")?;
        }
        for (reason, count) in &self.reasons {
            writeln!(out, "{count:>7}  not found: {reason}")?;
        }
        Ok(())
    }
}
