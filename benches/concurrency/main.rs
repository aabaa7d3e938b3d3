//! Many at once: eight processes that write and eight that ask, on one database.
//!
//!     cargo bench --bench concurrency -- --seconds 60
//!
//! What it is: a table of contents. `enterprise` makes files with a known number of licenses. `writers` import,
//! void, restore, replace, link and save. `readers` ask. `judge` compares every answer with what was stored
//! when it was asked: all parts of an answer must belong to one moment between its beginning and its end. In
//! `races`, many processes make or migrate one database at the same time. May assume: nothing about how many
//! run at once. Must not: go on in silence; a fault is reported, and the exit code is 1. `benches/README.md`
//! says more.

// A program for developers may print, and stop at a failure.
#![allow(clippy::print_stdout, clippy::print_stderr)]
#![allow(missing_docs)]

mod enterprise;
mod judge;
mod races;
mod readers;
mod writers;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use clap::Parser;
use tempfile::TempDir;

/// Any error of a program for developers, of which only the text matters.
pub type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Writers and readers on one database.
#[derive(Parser)]
struct Options {
    /// How long they run.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// The number of races to make a database, and to migrate one.
    #[arg(long, default_value_t = 50)]
    races: u32,
    /// Folder for the files, in a subfolder that is removed at the end.
    #[arg(long)]
    dir: Option<PathBuf>,
    /// Another oneseat to test.
    #[arg(long)]
    binary: Option<PathBuf>,
}

/// The folder, the program and the clock of a run.
pub struct House {
    program: PathBuf,
    folder: TempDir,
    begun: Instant,
    wrong: Mutex<Vec<String>>,
}

impl House {
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Time since the beginning.
    pub fn now(&self) -> Duration {
        self.begun.elapsed()
    }

    pub fn command(&self, database: &Path, words: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("--db").arg(database).args(words).stdin(Stdio::null());
        command
    }

    /// Runs the program on the database.
    pub fn run(&self, words: &[&str]) -> Result<Output> {
        Ok(self.command(&self.path("oneseat.db"), words).output()?)
    }

    /// Notes a fault.
    pub fn wrong(&self, what: String) {
        eprintln!("concurrency: WRONG: {what}");
        if let Ok(mut wrong) = self.wrong.lock() {
            wrong.push(what);
        }
    }
}

fn main() -> ExitCode {
    // `cargo bench` adds this argument.
    let arguments = std::env::args().filter(|it| it != "--bench");
    match run(&Options::parse_from(arguments)) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(wrong) => {
            eprintln!("concurrency: {wrong} wrong");
            ExitCode::from(1)
        }
        Err(error) => {
            eprintln!("concurrency: {error}");
            ExitCode::from(2)
        }
    }
}

fn run(options: &Options) -> Result<usize> {
    let place = options.dir.clone().unwrap_or_else(std::env::temp_dir);
    std::fs::create_dir_all(&place)?;
    let built = || PathBuf::from(env!("CARGO_BIN_EXE_oneseat"));
    let house = House {
        program: options.binary.clone().unwrap_or_else(built),
        folder: tempfile::Builder::new().prefix("concurrency-").tempdir_in(place)?,
        begun: Instant::now(),
        wrong: Mutex::default(),
    };
    races::run(&house, options.races)?;
    together(&house, Duration::from_secs(options.seconds))?;
    let wrong = house.wrong.lock().map_or(1, |wrong| wrong.len());
    println!("\n{wrong} wrong");
    Ok(wrong)
}

/// All writers and all readers, until the time is up.
fn together(house: &House, time: Duration) -> Result<()> {
    let base = enterprise::begin(house)?;
    let until = house.now() + time;
    let (written, read) = std::thread::scope(|scope| {
        let writers: Vec<_> = writers::all()
            .into_iter()
            .map(|writer| scope.spawn(move || writer.go_on(house, until)))
            .collect();
        let base = &base;
        let readers: Vec<_> = readers::ALL
            .into_iter()
            .map(|reader| scope.spawn(move || reader.go_on(house, base, until)))
            .collect();
        let lost = || -> Box<dyn std::error::Error + Send + Sync> { "a thread is lost".into() };
        let written = writers.into_iter().map(|it| it.join().map_err(|_| lost())?);
        let written = written.collect::<Result<Vec<_>>>();
        let read = readers.into_iter().map(|it| it.join().map_err(|_| lost())?);
        (written, read.collect::<Result<Vec<_>>>())
    });
    judge::judge(house, &base, &written?, &read?)
}
