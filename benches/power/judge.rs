//! Judges a disk after the power went.
//!
//! What it is: the judge of every state. Each database is complete, either as before the command that was
//! running or as after it (`verify`, the answers to every question; for a migration every row too). Everything
//! that was answered before the power went is stored. What was there before still exists somewhere, if the
//! command keeps it. No other files are left. The command, repeated, ends well. May assume: states only, no
//! history. Must not: repair anything.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::{Mutex, PoisonError};

use serde_json::Value;

use crate::Result;
use crate::common;
use crate::disk::Disk;
use crate::scene::{Place, Scenario, command, copy_all};

/// The questions to each database.
const QUESTIONS: [&[&str]; 6] = [
    &["snapshots", "list"],
    &["consumption"],
    &["duplicates"],
    &["links"],
    &["sources"],
    &["journal"],
];

/// The files beside a database while it is written, or after `verify`.
const BESIDE: [&str; 5] = ["", "-wal", "-shm", "-journal", "-verified"];

/// The content of a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// No database, or, where that is allowed, one without a snapshot.
    Nothing,
    /// A complete database: its answers, and the hash of its rows if they count.
    Whole { answers: Vec<String>, rows: Option<[u8; 32]> },
    /// A fault.
    Broken(String),
}

/// The result for a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// As before the command, or with no command running.
    Before,
    After,
    /// Some places as before, others as after.
    Between,
}

/// Asks the database of a place in a folder.
pub fn see(program: &Path, folder: &Path, place: &Place) -> Result<Seen> {
    let file = folder.join(&place.path);
    let there = file.symlink_metadata().is_ok();
    if there && std::fs::metadata(&file)?.len() == 0 {
        return Ok(Seen::Broken("a file without a byte".to_owned()));
    }
    // Before the program opens it and migrates it to the newest schema.
    let rows = match place.rows && there {
        true => match rows(&file)? {
            Ok(rows) => Some(rows),
            Err(error) => return Ok(Seen::Broken(format!("its rows: {error}"))),
        },
        false => None,
    };
    let name = place.path.display().to_string();
    let mut answers = Vec::new();
    let none = |ran: &Output| ran.status.code() == Some(7) && (!there || !place.whole);
    let verified = command(program, folder, &["--db", &name, "verify"]).output()?;
    if none(&verified) {
        return Ok(Seen::Nothing);
    }
    if !verified.status.success() {
        return Ok(Seen::Broken(format!("verify: {}", told(&verified))));
    }
    for words in QUESTIONS {
        let words = [&["--db", &name], words, &["--json"]].concat();
        let ran = command(program, folder, &words).output()?;
        if none(&ran) {
            return Ok(Seen::Nothing);
        }
        if !ran.status.success() {
            return Ok(Seen::Broken(format!("{words:?}: {}", told(&ran))));
        }
        answers.push(String::from_utf8(ran.stdout)?);
    }
    if !place.whole && answers[0].contains("\"items\": []") {
        return Ok(Seen::Nothing);
    }
    Ok(Seen::Whole { answers, rows })
}

/// The end and the output of a process.
fn told(ran: &Output) -> String {
    let said = String::from_utf8_lossy(&ran.stderr);
    let out = String::from_utf8_lossy(&ran.stdout);
    let short: String = out.trim().chars().take(300).collect();
    format!("{} {} {short}", ran.status, said.trim())
}

/// The hash of everything in a database: the statements of its tables, and their rows.
fn rows(file: &Path) -> Result<std::result::Result<[u8; 32], String>> {
    let copy = tempfile::tempdir()?;
    for end in ["", "-wal", "-journal"] {
        let named = |file: &Path| PathBuf::from(format!("{}{end}", file.display()));
        let (from, to) = (named(file), named(&copy.path().join("copy.db")));
        if from.exists() {
            std::fs::copy(from, to)?;
        }
    }
    let rows = common::rows(&copy.path().join("copy.db"));
    let hash = |rows: Vec<String>| {
        let mut hasher = blake3::Hasher::new();
        for row in rows {
            hasher.update(row.as_bytes());
        }
        *hasher.finalize().as_bytes()
    };
    Ok(rows.map(hash).map_err(|error| error.to_string()))
}

/// Judges states. The same files are asked only once.
pub struct Judge<'j> {
    program: &'j Path,
    /// The folder in which states are made.
    folder: &'j Path,
    known: Mutex<HashMap<[u8; 32], Seen>>,
}

impl<'j> Judge<'j> {
    pub fn new(program: &'j Path, folder: &'j Path) -> Judge<'j> {
        Judge { program, folder, known: Mutex::default() }
    }

    /// The number of databases that were asked.
    pub fn asked(&self) -> usize {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Judges a disk whose power went after this many steps. An inner `Err` states the fault.
    pub fn judge(
        &self,
        scenario: &Scenario,
        disk: &Disk,
        at: usize,
        repeat: bool,
    ) -> Result<std::result::Result<State, String>> {
        let done = scenario.acts.iter().filter(|act| act.answered < at).count();
        let begun = scenario.acts.iter().filter(|act| act.steps.start < at).count();
        let (before, after) = (&scenario.seen[done], &scenario.seen[begun]);
        if let Some(stranger) = stranger(scenario, disk) {
            return Ok(Err(format!("{} is left", stranger.display())));
        }
        let mut seen = Vec::new();
        for place in &scenario.places {
            seen.push(self.see(disk, place)?);
        }
        for (index, now) in seen.iter().enumerate() {
            if *now != before[index] && *now != after[index] {
                let place = scenario.places[index].path.display();
                let wanted = match done == begun {
                    true => "not what was stored",
                    false => "neither as before nor as after",
                };
                return Ok(Err(format!("{place}: {wanted}: {}", short(now))));
            }
        }
        for (place, was) in scenario.places.iter().zip(before) {
            if after.contains(was) && !seen.contains(was) {
                let place = place.path.display();
                return Ok(Err(format!("what was at {place} is nowhere")));
            }
        }
        let state = match (seen == *before, seen == *after) {
            (true, _) => State::Before,
            (_, true) => State::After,
            _ => State::Between,
        };
        if repeat && begun > done {
            let act = &scenario.acts[done];
            if let Some(wrong) = self.repeat(scenario, disk, &act.words, state, after)? {
                return Ok(Err(format!("{state:?}, and {} repeated {wrong}", act.name)));
            }
        }
        Ok(Ok(state))
    }

    fn see(&self, disk: &Disk, place: &Place) -> Result<Seen> {
        let key = key(disk, place);
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(seen) = known().get(&key) {
            return Ok(seen.clone());
        }
        let folder = tempfile::tempdir_in(self.folder)?;
        disk.put(folder.path())?;
        let seen = see(self.program, folder.path(), place)?;
        known().insert(key, seen.clone());
        Ok(seen)
    }

    /// Runs the command once more, and returns its fault.
    fn repeat(
        &self,
        scenario: &Scenario,
        disk: &Disk,
        words: &[String],
        state: State,
        after: &[Seen],
    ) -> Result<Option<String>> {
        let folder = tempfile::tempdir_in(self.folder)?;
        disk.put(folder.path())?;
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let ran = command(self.program, folder.path(), &words).output()?;
        // A command that can be done only once reports that it is done, and a backup is not replaced without
        // `--force`.
        let done_before = state == State::After && matches!(ran.status.code(), Some(2 | 5 | 7));
        if !ran.status.success() && !done_before {
            return Ok(Some(format!("ends with {}", told(&ran))));
        }
        for (index, place) in scenario.places.iter().enumerate() {
            // A copy, because a question to one place may change another.
            let copy = tempfile::tempdir_in(self.folder)?;
            copy_all(folder.path(), copy.path())?;
            let now = see(self.program, copy.path(), place)?;
            let same = match (&now, &after[index]) {
                (Seen::Whole { answers, .. }, Seen::Whole { answers: wanted, .. }) => {
                    apart_from_chance(answers) == apart_from_chance(wanted)
                }
                (now, wanted) => now == wanted,
            };
            if !same {
                return Ok(Some(format!("leaves {}: {}", place.path.display(), short(&now))));
            }
        }
        Ok(None)
    }
}

fn short(seen: &Seen) -> String {
    format!("{seen:?}").chars().take(400).collect()
}

/// Identifies what a place's answers depend on.
fn key(disk: &Disk, place: &Place) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(place.path.as_os_str().as_encoded_bytes());
    for end in BESIDE {
        let path = PathBuf::from(format!("{}{end}", place.path.display()));
        let file = disk.file(&path);
        let (bytes, names) = file.unwrap_or((&[], 0));
        hasher.update(&(names as u64).to_le_bytes());
        hasher.update(&(bytes.len() as u64).to_le_bytes());
        // The index of a log is made anew, whatever is in it.
        if end != "-shm" {
            hasher.update(bytes);
        }
    }
    *hasher.finalize().as_bytes()
}

/// A file that should not exist. After a loss of power, a temporary one may be left.
fn stranger(scenario: &Scenario, disk: &Disk) -> Option<PathBuf> {
    let known = |path: &PathBuf| {
        let text = path.display().to_string();
        path.iter().any(|part| part.to_string_lossy().starts_with(".oneseat-"))
            || scenario.places.iter().any(|place| {
                let name = place.path.display().to_string();
                let rest = text.strip_prefix(&name);
                rest.is_some_and(|rest| BESIDE.contains(&rest))
            })
    };
    disk.files().into_iter().find(|path| !known(path))
}

/// Answers without what differs from run to run.
fn apart_from_chance(answers: &[String]) -> Vec<Value> {
    let asked = QUESTIONS.iter().zip(answers);
    // A command that was repeated may have one more line in the journal.
    let asked = asked.filter(|(words, _)| words[0] != "journal");
    asked.map(|(_, text)| common::apart_from_chance(text)).collect()
}
