//! Nothing lost when the power goes: what a disk may hold then is made from a record of what the
//! program does to it, and judged.
//!
//!     cargo bench --bench power -- --states 5000
//!
//! What it is: a table of contents. `record` (with `record.c`) writes down every write, sync and
//! name; `scene` has the commands that are recorded; `disk` makes the states that a disk may hold
//! when the power goes; `sample` chooses among them; `judge` says whether one is as it must be.
//! Every run also proves that it can fail: with syncs taken for none it must find wrong states. May
//! assume: Linux, a C compiler, and ptrace. Must not: go on in silence; what is wrong is told with
//! the way to see it again, and the exit code is 1. `benches/README.md` says more.

// A program for developers: it prints, and stops where it must.
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

/// A folder in memory, if there is one: the states are made and thrown away by the thousand.
const MEMORY: &str = "/dev/shm";

/// Lets the power go while commands run.
#[derive(Parser)]
pub struct Options {
    /// How many different states are judged.
    #[arg(long, default_value_t = 5000)]
    states: usize,
    /// For how many seconds states are judged at most, when all is recorded.
    #[arg(long)]
    seconds: Option<u64>,
    /// How many states are judged for each kind of sync that is taken for none.
    #[arg(long, default_value_t = 500)]
    sabotaged: usize,
    /// Take these syncs for none in the states themselves: what is then found wrong is told.
    #[arg(long, value_enum, default_value_t, hide = true)]
    ignore_syncs: Ignored,
    /// How many people the enterprise has.
    #[arg(long, default_value_t = 20)]
    people: u32,
    /// Of the choice of states.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many states are judged at once.
    #[arg(long, default_value_t = 2)]
    workers: usize,
    /// One in so many commands that were broken off is repeated.
    #[arg(long, default_value_t = 10)]
    repeat: u64,
    /// Where files go, in a folder that is gone afterwards.
    #[arg(long)]
    dir: Option<PathBuf>,
    /// Where states that are wrong are kept.
    #[arg(long)]
    keep: Option<PathBuf>,
    /// Another oneseat.
    #[arg(long)]
    binary: Option<PathBuf>,
}

fn main() -> ExitCode {
    // `cargo bench` adds this one.
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
    // Of the time that there is, two thirds are for the states, the rest proves that they can fail.
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
