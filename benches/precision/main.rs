//! Precision and recall of `oneseat duplicates`, `leavers` and `across` against the planted truth of a demo
//! enterprise:
//!
//!     cargo bench --bench precision -- --people 100000
//!
//! What it is: two runs of the program as a user runs it (`demo`, then the questions with `--json`), one without the
//! employee directories and one with them. The answers are compared with `truth.ndjson`, and the tables are printed.
//! It takes the options of `demo`, with one day of 100,000 people and two enterprises by default. The exit code is 1
//! if a floor is not reached. Floors of duplicates: certain precision 1, no decoy at certain; without directories a
//! likely precision of 0.95; with them no wrong finding more and no duplicate less than without, and more of them
//! certain. Floors of leavers: nobody who has not left, but for entries that were never seen active, which are
//! questions; every listed leaver found. Must not: measure
//! anything but findings; the printed times are for orientation.

// A program for developers may print, and stop at a failure.
#![allow(clippy::print_stdout, clippy::print_stderr)]
#![allow(missing_docs)]

mod across;
mod leavers;
mod score;
mod seats;

use std::error::Error;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Instant;

use serde_json::Value;

fn main() -> ExitCode {
    // `cargo bench` adds this argument.
    let options: Vec<String> = std::env::args().skip(1).filter(|it| it != "--bench").collect();
    match run(&options) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("precision: {error}");
            ExitCode::from(2)
        }
    }
}

fn run(options: &[String]) -> Result<bool, Box<dyn Error>> {
    let mut demo = Vec::new();
    for (option, default) in [("--people", "100000"), ("--days", "1"), ("--enterprises", "2")] {
        if !options.iter().any(|it| it.split('=').next() == Some(option)) {
            demo.extend([option.to_owned(), default.to_owned()]);
        }
    }
    demo.extend_from_slice(options);
    let mut failures = Vec::new();
    let without = Asked::of(&demo, false)?;
    println!("Without the directories\n\n{}", without.duplicates);
    failures.extend(without.duplicates.failures());
    failures.extend(without.report_across()?);
    drop(without.place);
    let without = without.duplicates;
    let with = Asked::of(&demo, true)?;
    println!("With the directories\n\n{}", with.duplicates);
    failures.extend(with.duplicates.failures_beside(&without));
    failures.extend(with.report_across()?);
    let answer = oneseat(&with.folder(), &["leavers", "--json"])?;
    let leavers = leavers::score(&with.truth, &answer)?;
    println!("Leavers\n\n{leavers}");
    failures.extend(leavers.failures());
    let (before, after) = (without.certain_recall(), with.duplicates.certain_recall());
    println!("Recall at certain: {before:.3} without the directories, {after:.3} with them");
    for failure in &failures {
        println!("FLOOR NOT REACHED: {failure}");
    }
    Ok(failures.is_empty())
}

/// A demo, and what was asked about it.
struct Asked {
    place: tempfile::TempDir,
    truth: String,
    duplicates: score::Score,
}

impl Asked {
    fn of(options: &[String], with_directories: bool) -> Result<Asked, Box<dyn Error>> {
        let place = tempfile::tempdir()?;
        let folder = place.path().join("demo");
        let named = folder.display().to_string();
        let mut words: Vec<&str> = vec!["demo", &named];
        words.extend(options.iter().map(String::as_str));
        if !with_directories {
            words.push("--no-directory");
        }
        println!("oneseat demo {}", words[2..].join(" "));
        let started = Instant::now();
        run_program(&folder, &words)?;
        let imported = started.elapsed();
        let answer = oneseat(&folder, &["duplicates", "--json"])?;
        let answered = started.elapsed() - imported;
        let truth = std::fs::read_to_string(folder.join("truth.ndjson"))?;
        println!(
            "made and imported in {:.1} s, duplicates in {:.1} s\n",
            imported.as_secs_f64(),
            answered.as_secs_f64()
        );
        let duplicates = score::score(&truth, &answer)?;
        Ok(Asked { place, truth, duplicates })
    }

    fn folder(&self) -> std::path::PathBuf {
        self.place.path().join("demo")
    }

    /// Prints the table of people in two enterprises. Returns the floors that are not reached.
    fn report_across(&self) -> Result<Vec<String>, Box<dyn Error>> {
        let answer = oneseat(&self.folder(), &["across", "--json"])?;
        let across = across::score(&self.truth, &answer)?;
        println!("Across enterprises\n\n{across}");
        Ok(across.failures())
    }
}

/// Asks the demo's database, and returns the answer.
fn oneseat(folder: &Path, question: &[&str]) -> Result<Value, Box<dyn Error>> {
    Ok(serde_json::from_slice(&run_program(folder, question)?)?)
}

/// Runs the program on the demo's database, and returns its standard output.
fn run_program(folder: &Path, words: &[&str]) -> Result<Vec<u8>, Box<dyn Error>> {
    let ran = Command::new(env!("CARGO_BIN_EXE_oneseat"))
        .arg("--db")
        .arg(folder.join("oneseat.db"))
        .args(words)
        .output()?;
    if !ran.status.success() {
        let said = String::from_utf8_lossy(&ran.stderr);
        return Err(format!("oneseat {}: {said}", words.join(" ")).into());
    }
    Ok(ran.stdout)
}
