//! Precision and recall of `oneseat duplicates` against the planted truth of a demo enterprise:
//!
//!     cargo bench --bench precision -- --people 100000
//!
//! What it is: a run of the program as a user runs it (`demo`, then `duplicates --json`). Its answer is
//! compared with `truth.ndjson`, and the tables are printed. It takes the options of `demo`, with one day of
//! 100,000 people by default. The exit code is 1 if a floor is not reached: certain precision 1, likely
//! precision 0.95, no decoy at certain. Must not: measure anything but findings; the printed times are for
//! orientation.

// A program for developers may print, and stop at a failure.
#![allow(clippy::print_stdout, clippy::print_stderr)]
#![allow(missing_docs)]

mod score;

use std::error::Error;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Instant;

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
    let place = tempfile::tempdir()?;
    let folder = place.path().join("demo");
    let mut demo: Vec<String> = vec!["demo".to_owned(), folder.display().to_string()];
    for (option, default) in [("--people", "100000"), ("--days", "1")] {
        if !options.iter().any(|it| it.split('=').next() == Some(option)) {
            demo.extend([option.to_owned(), default.to_owned()]);
        }
    }
    demo.extend_from_slice(options);
    println!("oneseat demo {}", demo[2..].join(" "));
    let started = Instant::now();
    oneseat(&folder, &demo)?;
    let imported = started.elapsed();
    let answer = oneseat(&folder, &["duplicates".to_owned(), "--json".to_owned()])?;
    let answered = started.elapsed() - imported;
    let truth = std::fs::read_to_string(folder.join("truth.ndjson"))?;
    let score = score::score(&truth, &serde_json::from_slice(&answer)?)?;
    println!(
        "made and imported in {:.1} s, duplicates in {:.1} s\n\n{score}",
        imported.as_secs_f64(),
        answered.as_secs_f64()
    );
    let failures = score.failures();
    for failure in &failures {
        println!("FLOOR NOT REACHED: {failure}");
    }
    Ok(failures.is_empty())
}

/// Runs the program on the demo's database, and returns its standard output.
fn oneseat(folder: &Path, arguments: &[String]) -> Result<Vec<u8>, Box<dyn Error>> {
    let ran = Command::new(env!("CARGO_BIN_EXE_oneseat"))
        .arg("--db")
        .arg(folder.join("oneseat.db"))
        .args(arguments)
        .output()?;
    if !ran.status.success() {
        return Err(String::from_utf8_lossy(&ran.stderr).into_owned().into());
    }
    Ok(ran.stdout)
}
