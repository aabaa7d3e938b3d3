//! The benchmark house: what oneseat costs in time, CPU and memory, beside a floor and its peers.
//!
//!     cargo bench --bench house              # tiny, in seconds
//!     cargo bench --bench house -- --full    # at the size of the goals
//!
//! What it is: a table of contents. `oneseat demo --files-only` makes the data. The days after the first are
//! derived from it, used and deleted. Every figure is for whole processes, and is the median of rounds in which
//! everything that is compared takes its turn. `benches/README.md` explains each figure and the origin of its
//! goal. May assume: a Unix system, and a disk with room for the files (up to 12 GB for a million people). Must
//! not: assert anything; a goal that is missed is printed as missed, and the exit code stays 0.

// A program for developers may print, and stop at a failure.
#![allow(clippy::print_stdout, clippy::print_stderr)]
#![allow(missing_docs)]

mod data;
mod derive;
mod directories;
mod floor;
mod growth;
mod history;
mod house;
mod machine;
mod measure;
mod older;
mod one_day;
mod options;
mod peers;
mod program;
mod questions;
mod report;
mod rounds;

use std::process::ExitCode;

use clap::Parser as _;

use house::House;
use options::Options;
use report::Report;

/// Any error of a program for developers, of which only the text matters.
pub type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    // `cargo bench` adds this argument.
    let arguments: Vec<String> = std::env::args().filter(|it| it != "--bench").collect();
    // The house runs itself as the floor, so that the floor is a process of its own, too.
    let done = match arguments.get(1).map(String::as_str) {
        Some(floor::NAME) => floor::main(&arguments[2..]),
        _ => run(Options::parse_from(&arguments)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("house: {error}");
            ExitCode::from(2)
        }
    }
}

fn run(options: Options) -> Result<()> {
    let house = House::open(options)?;
    let mut report = Report::new(&house);
    let measured = measure(&house, &mut report);
    let text = report.markdown();
    // Figures measured before an error are printed, but they are no result.
    println!("{text}");
    measured?;
    if house.options.write {
        report::write(&house, &text)?;
    }
    Ok(())
}

fn measure(house: &House, report: &mut Report) -> Result<()> {
    if house.options.growth {
        growth::run(house, report)
    } else {
        one_day::run(house, report)?;
        history::run(house, report)
    }
}
