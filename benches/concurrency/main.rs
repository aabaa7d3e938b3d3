//! Many at once: eight processes that write and eight that ask, on one database.
//!
//!     cargo bench --bench concurrency -- --seconds 60
//!
//! What it is: a table of contents. `enterprise` makes files of which it is known how many licenses
//! they mean, `writers` import, void, restore, replace, link and save, `readers` ask, `judge` holds
//! every answer against what had been stored when it was asked: each must be that of some moment
//! between its beginning and its end, in all parts at once. `races`: many processes make, or migrate,
//! one database at the same time. May assume: nothing of how many run at once. Must not: go on in
//! silence; what is wrong is told, and the exit code is 1. `benches/README.md` says more.

// A program for developers: it prints, and stops where it must.
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

/// What goes wrong in a program for developers: a text is enough.
pub type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Writers and readers on one database.
#[derive(Parser)]
struct Options {
    /// How long they go on.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// How often processes race to make, and to migrate, a database.
    #[arg(long, default_value_t = 50)]
    races: u32,
    /// Where files go, in a folder that is gone afterwards.
    #[arg(long)]
    dir: Option<PathBuf>,
    /// Another oneseat.
    #[arg(long)]
    binary: Option<PathBuf>,
}

/// Where everything lies.
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

    /// Runs it on the one database.
    pub fn run(&self, words: &[&str]) -> Result<Output> {
        Ok(self.command(&self.path("oneseat.db"), words).output()?)
    }

    /// Notes what must not be.
    pub fn wrong(&self, what: String) {
        eprintln!("concurrency: WRONG: {what}");
        if let Ok(mut wrong) = self.wrong.lock() {
            wrong.push(what);
        }
    }
}

fn main() -> ExitCode {
    // `cargo bench` adds this one.
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
