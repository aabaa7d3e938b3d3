//! Findings compared with the truth: precision and recall by confidence, by event and by decoy.
//!
//! What it is: a pure function from the demo's `truth.ndjson` and the answer of `duplicates --json` to counts,
//! and the tables that show them. May assume: both are about the same instant. Must not: know the rules of
//! evidence; a finding is true if it names the accounts of one person.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::{self, Display, Write as _};

use serde_json::Value;

pub const LEVELS: [&str; 3] = ["certain", "likely", "possible"];

/// A Server account: host and id.
type Place = (String, String);

/// The number of planted cases, those found at each level, and those missed.
#[derive(Default, Debug, Clone)]
pub struct Found {
    pub planted: u64,
    pub visible: u64,
    /// By level, as in [`LEVELS`].
    pub at: [u64; 3],
    /// The reasons for the missed ones, in the words of the truth.
    pub missed: BTreeMap<String, u64>,
}

impl Found {
    pub fn found(&self) -> u64 {
        self.at.iter().sum()
    }

    fn recall(&self) -> String {
        share(self.found(), self.planted)
    }
}

/// The findings of one level.
#[derive(Default, Debug, Clone)]
pub struct Level {
    pub right: u64,
    pub wrong: u64,
    /// With several candidates, one of which is the person.
    pub among_several: u64,
}

impl Level {
    pub fn findings(&self) -> u64 {
        self.right + self.wrong
    }

    pub fn precision(&self) -> f64 {
        if self.findings() == 0 { 1.0 } else { self.right as f64 / self.findings() as f64 }
    }
}

/// All counts.
#[derive(Default, Debug)]
pub struct Score {
    pub people: u64,
    pub namesakes: u64,
    pub levels: [Level; 3],
    pub doubles: Found,
    /// The duplicates whose two licenses one entry of a directory names, and those of them that are certain.
    pub in_one_entry: [u64; 2],
    /// Duplicates by the event that planted them.
    pub events: BTreeMap<String, Found>,
    /// Decoys by kind; `at` has the level at which they are reported as somebody's duplicate.
    pub decoys: BTreeMap<String, Found>,
    /// True findings by the codes of their evidence, at each level.
    pub codes: BTreeMap<String, [u64; 3]>,
    /// Wrong findings by level, codes, and what the truth states about the accounts.
    pub wrong: BTreeMap<(usize, String, String), u64>,
}

/// A planted duplicate or decoy.
struct Planted {
    is_double: bool,
    event: String,
    servers: BTreeSet<Place>,
    others: BTreeSet<Place>,
    cloud: Option<String>,
    invitation: Option<String>,
    is_visible: bool,
    /// The last Cloud report still has the accounts in one row.
    is_still_merged: bool,
    /// One entry of a directory names both licenses.
    is_in_one_entry: bool,
    alike: String,
    /// The best level of a finding that is right about it; for a decoy, of any finding.
    level: Option<usize>,
}

impl Planted {
    fn read(line: &Value) -> Planted {
        let text = |key: &str| line[key].as_str().map(str::to_owned);
        let alike: Vec<&str> =
            line["alike"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        Planted {
            is_double: line["one_person"] == true,
            event: text("event").unwrap_or_default(),
            servers: places(&line["server_accounts"]),
            others: places(&line["other_server_accounts"]),
            cloud: text("cloud_login"),
            invitation: text("invitation"),
            is_visible: line["visible"] == true,
            is_still_merged: line["still_merged"] == true,
            is_in_one_entry: alike.contains(&"directory-entry"),
            alike: alike.join(", "),
            level: None,
        }
    }

    /// Whether a finding with one of its Server accounts names the same person elsewhere.
    fn is_met_by(&self, item: &Value) -> bool {
        let logins = item["candidates"].as_array().into_iter().flatten();
        let logins = logins.chain([&item["cloud_account"]]).filter_map(|it| it["login"].as_str());
        let cloud = self
            .cloud
            .as_deref()
            .is_some_and(|own| logins.into_iter().any(|login| login.eq_ignore_ascii_case(own)));
        let invitation = self.invitation.as_deref();
        let invited = invitation.is_some_and(|own| item["invitation"].as_str() == Some(own));
        let (ours, theirs) =
            (places(&item["server_accounts"]), places(&item["other_server_accounts"]));
        let all: BTreeSet<&Place> = self.servers.union(&self.others).collect();
        let server = !theirs.is_empty() && ours.iter().chain(&theirs).all(|it| all.contains(it));
        cloud || invited || server
    }

    fn reason(&self) -> String {
        if self.is_still_merged {
            return "the newest Cloud report still has it merged: changed since the last sync"
                .to_owned();
        }
        let side = match (&self.cloud, &self.invitation) {
            (Some(_), _) => "",
            (None, Some(_)) => " (with an invitation)",
            (None, None) => " (both on Server)",
        };
        match self.alike.as_str() {
            "" => format!("nothing is alike{side}"),
            alike => format!("alike: {alike}{side}"),
        }
    }
}

fn places(list: &Value) -> BTreeSet<Place> {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let accounts = list.as_array().into_iter().flatten();
    accounts.map(|account| (text(&account["host"]), text(&account["id"]))).collect()
}

/// Compares the answer with the truth.
pub fn score(truth: &str, answer: &Value) -> serde_json::Result<Score> {
    let mut lines = truth.lines();
    let first: Value = serde_json::from_str(lines.next().unwrap_or_default())?;
    let mut planted = Vec::new();
    for line in lines {
        let line: Value = serde_json::from_str(line)?;
        // The other lines are about leavers and about people in two enterprises.
        if !["left", "both-enterprises"].contains(&line["truth"].as_str().unwrap_or_default()) {
            planted.push(Planted::read(&line));
        }
    }
    let mut by_place: HashMap<Place, Vec<usize>> = HashMap::new();
    for (number, it) in planted.iter().enumerate() {
        // A duplicate of two Server accounts may be reported from either of them.
        let others = it.others.iter().filter(|_| it.is_double);
        for place in it.servers.iter().chain(others) {
            by_place.entry(place.clone()).or_default().push(number);
        }
    }
    let mut score = Score {
        people: first["people"].as_u64().unwrap_or_default(),
        namesakes: first["namesakes"].as_u64().unwrap_or_default(),
        ..Score::default()
    };
    for item in answer["items"].as_array().into_iter().flatten() {
        let Some(level) = LEVELS.iter().position(|level| item["confidence"] == *level) else {
            continue;
        };
        let mut about: Vec<usize> = places(&item["server_accounts"])
            .iter()
            .flat_map(|place| by_place.get(place).into_iter().flatten().copied())
            .collect();
        about.dedup();
        let codes: BTreeSet<&str> = item["evidence"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|evidence| evidence["code"].as_str())
            .collect();
        let codes = codes.into_iter().collect::<Vec<_>>().join(" + ");
        let right: Vec<usize> = about
            .iter()
            .copied()
            .filter(|&number| planted[number].is_double && planted[number].is_met_by(item))
            .collect();
        for &number in if right.is_empty() { &about } else { &right } {
            let it = &mut planted[number];
            if it.is_double != right.is_empty() {
                it.level = Some(it.level.map_or(level, |best| best.min(level)));
            }
        }
        if right.is_empty() {
            score.levels[level].wrong += 1;
            let about = about.first().map_or("nobody's double", |&number| &planted[number].event);
            *score.wrong.entry((level, codes, about.to_owned())).or_default() += 1;
        } else {
            score.levels[level].right += 1;
            let is_several = item["candidates_total"].as_u64().is_some_and(|count| count > 1);
            score.levels[level].among_several += u64::from(is_several);
            score.codes.entry(codes).or_default()[level] += 1;
        }
    }
    for it in planted.iter().filter(|it| it.is_double && it.is_in_one_entry) {
        score.in_one_entry[0] += 1;
        score.in_one_entry[1] += u64::from(it.level == Some(0));
    }
    for it in &planted {
        let kinds = if it.is_double { &mut score.events } else { &mut score.decoys };
        let total = it.is_double.then_some(&mut score.doubles);
        for found in [Some(kinds.entry(it.event.clone()).or_default()), total].into_iter().flatten()
        {
            found.planted += 1;
            found.visible += u64::from(it.is_visible);
            match it.level {
                Some(level) => found.at[level] += 1,
                None => *found.missed.entry(it.reason()).or_default() += 1,
            }
        }
    }
    Ok(score)
}

fn share(part: u64, whole: u64) -> String {
    if whole == 0 { "–".to_owned() } else { format!("{:.3}", part as f64 / whole as f64) }
}

impl Score {
    /// The share of the duplicates that are found and certain.
    pub fn certain_recall(&self) -> f64 {
        let [certain, ..] = &self.levels;
        certain.right as f64 / self.doubles.planted.max(1) as f64
    }

    /// The floors that findings with the directories do not reach, beside the findings of the same enterprise
    /// without them. The directories make most of the likely findings certain, so the share of those that stay
    /// likely says little: none may be lost and none may become wrong.
    pub fn failures_beside(&self, without: &Score) -> Vec<String> {
        let [certain, likely, _] = &self.levels;
        let mut failures = Vec::new();
        if certain.wrong > 0 {
            failures.push(format!("{} certain findings are wrong", certain.wrong));
        }
        if self.decoys_at(0) > 0 {
            failures.push(format!("{} decoys are certain", self.decoys_at(0)));
        }
        let before = without.levels[1].wrong;
        if likely.wrong > before {
            failures.push(format!("{} likely findings are wrong, {before} without", likely.wrong));
        }
        let (found, before) = (self.doubles.found(), without.doubles.found());
        if found < before {
            failures.push(format!("{found} duplicates are found, {before} without"));
        }
        if self.in_one_entry[0] > 0 && self.certain_recall() <= without.certain_recall() {
            failures.push("the directories make no duplicate certain".to_owned());
        }
        failures
    }

    /// Decoys of all kinds at one level.
    pub fn decoys_at(&self, level: usize) -> u64 {
        self.decoys.values().map(|found| found.at[level]).sum()
    }

    /// The floors that are not reached.
    pub fn failures(&self) -> Vec<String> {
        let [certain, likely, _] = &self.levels;
        let mut failures = Vec::new();
        if certain.wrong > 0 {
            failures.push(format!("{} certain findings are wrong", certain.wrong));
        }
        if likely.precision() < 0.95 {
            failures.push(format!("likely precision is {:.3}, under 0.95", likely.precision()));
        }
        if self.decoys_at(0) > 0 {
            failures.push(format!("{} decoys are certain", self.decoys_at(0)));
        }
        if let Some(found) = self.events.get("none") {
            failures.push(format!("{} doubles that no event planted", found.planted));
        }
        failures
    }
}

impl Display for Score {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            out,
            "{:<15} {:>8} {:>8} {:>8} {:>10} {:>8} {:>14}",
            "Findings", "all", "right", "wrong", "precision", "recall", "recall so far"
        )?;
        let mut so_far = 0;
        for (level, name) in self.levels.iter().zip(LEVELS) {
            so_far += level.right;
            let several = match level.among_several {
                0 => String::new(),
                count => format!("   ({count} right among several candidates)"),
            };
            let (recall, all) =
                (share(level.right, self.doubles.planted), share(so_far, self.doubles.planted));
            writeln!(
                out,
                "{name:<15} {:>8} {:>8} {:>8} {:>10.3} {recall:>8} {all:>14}{several}",
                level.findings(),
                level.right,
                level.wrong,
                level.precision()
            )?;
        }
        let Found { planted, visible, .. } = self.doubles;
        writeln!(
            out,
            "\n{planted} doubles planted and open on the last day; {visible} can be seen in the data at \
             all; {} found.\n",
            self.doubles.found()
        )?;
        let [in_one_entry, certain] = self.in_one_entry;
        if in_one_entry > 0 {
            writeln!(
                out,
                "One entry of a directory names both licenses of {in_one_entry}; {certain} of them are \
                 certain.\n"
            )?;
        }
        found_table(out, "Planted double", &self.events)?;
        let decoys: u64 = self.decoys.values().map(|found| found.planted).sum();
        writeln!(
            out,
            "\n{} people with a license; {} Cloud accounts share their name with another; {decoys} \
             decoys.\n",
            self.people, self.namesakes
        )?;
        writeln!(
            out,
            "{:<24} {:>8} {:>13} {:>8} {:>8} {:>9}",
            "Decoy", "planted", "per 1,000", "certain", "likely", "possible"
        )?;
        for (kind, found) in &self.decoys {
            let [certain, likely, possible] = found.at;
            let rate = found.planted as f64 * 1_000.0 / self.people.max(1) as f64;
            writeln!(
                out,
                "{kind:<24} {:>8} {rate:>13.2} {certain:>8} {likely:>8} {possible:>9}",
                found.planted
            )?;
        }
        writeln!(
            out,
            "\nNot found, and why: nothing is alike, or only what no rule compares or what points to \
             several people"
        )?;
        for (event, found) in &self.events {
            for (reason, count) in &found.missed {
                writeln!(out, "{count:>7}  {event:<24} {reason}")?;
            }
        }
        writeln!(out, "\nWrong, with the evidence, and what the accounts are in truth")?;
        for ((level, codes, about), count) in &self.wrong {
            writeln!(out, "{count:>7}  {:<10} {codes:<42} {about}", LEVELS[*level])?;
        }
        writeln!(out, "\nRight, by evidence{:>29} {:>8} {:>9}", "certain", "likely", "possible")?;
        for (codes, [certain, likely, possible]) in &self.codes {
            writeln!(out, "{codes:<38} {certain:>8} {likely:>8} {possible:>9}")?;
        }
        Ok(())
    }
}

fn found_table(
    out: &mut fmt::Formatter<'_>,
    title: &str,
    rows: &BTreeMap<String, Found>,
) -> fmt::Result {
    let mut head = String::new();
    for name in ["planted", "visible", "certain", "likely", "possible", "missed", "recall"] {
        write!(head, " {name:>8}")?;
    }
    writeln!(out, "{title:<24}{head}")?;
    for (name, found) in rows {
        let [certain, likely, possible] = found.at;
        writeln!(
            out,
            "{name:<24} {:>8} {:>8} {certain:>8} {likely:>8} {possible:>8} {:>8} {:>8}",
            found.planted,
            found.visible,
            found.planted - found.found(),
            found.recall()
        )?;
    }
    Ok(())
}
