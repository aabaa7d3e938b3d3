//! Nothing lost when the power goes: the states that a disk may then hold are made from a record of what the
//! program does to it, and judged.
//!
//!     cargo bench --bench power -- --states 5000
//!
//! What it is: a table of contents. `record` (with `record.c`) writes down every write, sync and name. `scene`
//! has the commands that are recorded. `disk` makes the states that a disk may hold when the power goes,
//! `sample` chooses among them, and `judge` judges each. Every run also proves that it can fail: with ignored
//! syncs it must find wrong states. May assume: Linux, a C compiler, and ptrace. Must not: go on in silence; a
//! fault is reported with the way to see it again, and the exit code is 1. `benches/README.md` says more.

// A program for developers may print, and stop at a failure.
#![allow(clippy::print_stdout, clippy::print_stderr)]
#![allow(missing_docs)]

#[path = "../common/mod.rs"]
mod common;
mod disk;
mod judge;
mod record;
mod sample;
mod scene;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;

use disk::Ignored;
use judge::Judge;
use sample::{Limits, Outcome, run as run_sample};

pub use common::Result;

/// A folder in memory, if there is one, because states are made and deleted by the thousand.
const MEMORY: &str = "/dev/shm";

/// Lets the power go while commands run.
#[derive(Parser)]
pub struct Options {
    /// The number of different states to judge.
    #[arg(long, default_value_t = 5000)]
    states: usize,
    /// The maximum time for judging states after the recording, in seconds.
    #[arg(long)]
    seconds: Option<u64>,
    /// The number of states to judge for each kind of ignored sync.
    #[arg(long, default_value_t = 500)]
    sabotaged: usize,
    /// Ignore these syncs in the states themselves, and report the faults that follow.
    #[arg(long, value_enum, default_value_t, hide = true)]
    ignore_syncs: Ignored,
    /// The number of people in the enterprise.
    #[arg(long, default_value_t = 20)]
    people: u32,
    /// The seed for the choice of states.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The number of states judged at once.
    #[arg(long, default_value_t = 2)]
    workers: usize,
    /// One in this many commands that were broken off is repeated.
    #[arg(long, default_value_t = 10)]
    repeat: u64,
    /// Folder for the files, in a subfolder that is removed at the end.
    #[arg(long)]
    dir: Option<PathBuf>,
    /// Folder in which wrong states are kept.
    #[arg(long)]
    keep: Option<PathBuf>,
    /// Another oneseat to test.
    #[arg(long)]
    binary: Option<PathBuf>,
}

fn main() -> ExitCode {
    // `cargo bench` adds this argument.
    let arguments = std::env::args().filter(|it| it != "--bench");
    match run(&Options::parse_from(arguments)) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(wrong) => {
            eprintln!("power: {wrong} wrong");
            ExitCode::from(1)
        }
        Err(error) => {
            eprintln!("power: {error}");
            ExitCode::from(2)
        }
    }
}

fn run(options: &Options) -> Result<usize> {
    let begun = Instant::now();
    let usual = || match Path::new(MEMORY).is_dir() {
        true => PathBuf::from(MEMORY),
        false => std::env::temp_dir(),
    };
    let place = options.dir.clone().unwrap_or_else(usual);
    std::fs::create_dir_all(&place)?;
    let folder = tempfile::Builder::new().prefix("power-").tempdir_in(place)?;
    // The record has paths without links.
    let folder_path = folder.path().canonicalize()?;
    let program = options.binary.clone().unwrap_or(PathBuf::from(env!("CARGO_BIN_EXE_oneseat")));
    let program = program.canonicalize()?;
    let recorder = record::Recorder::build(&folder_path)?;
    let stage =
        scene::Stage { program: &program, folder: &folder_path, recorder: &recorder, options };
    let mut random = ChaCha8Rng::seed_from_u64(options.seed);
    let scenarios = stage.record(&mut random)?;
    let recorded = begun.elapsed();
    let states = folder_path.join("states");
    std::fs::create_dir(&states)?;
    let judge = Judge::new(&program, &states);
    // Two thirds of the time are for the states. The rest proves that they can fail.
    let left = options.seconds.map(Duration::from_secs);
    let limits = Limits { states: options.states, time: left.map(|left| left * 2 / 3) };
    println!("seed {}, recorded in {:.1} s", options.seed, recorded.as_secs_f64());
    let outcome = run_sample(&scenarios, &judge, options, options.ignore_syncs, &limits)?;
    sample::print(&scenarios, &outcome);
    let mut wrong = outcome.wrong;
    if options.ignore_syncs == Ignored::Nothing {
        println!();
        let limits = Limits { states: options.sabotaged, time: left.map(|left| left / 9) };
        for (ignored, named) in
            [(Ignored::Files, "files"), (Ignored::Folders, "folders"), (Ignored::All, "everything")]
        {
            let Outcome { wrong: found, states, .. } =
                run_sample(&scenarios, &judge, options, ignored, &limits)?;
            println!(
                "with syncs of {named} ignored {found} of {states} states are wrong, as must be"
            );
            if found == 0 {
                eprintln!("power: WRONG: with syncs of {named} ignored nothing is wrong");
                wrong += 1;
            }
        }
    }
    println!(
        "\n{} states, {} databases asked, {wrong} wrong, seed {}, {:.0} s",
        outcome.states,
        judge.asked(),
        options.seed,
        begun.elapsed().as_secs_f64()
    );
    Ok(wrong)
}
