//! Three campaigns against the program: bytes flipped in a database, input made to do harm, and hosts whose
//! answers do harm.
//!
//!     cargo bench --bench safety -- flips --flips 20000
//!     cargo bench --bench safety -- attacks --size 1000000
//!     cargo bench --bench safety -- servers
//!
//! What it is: a table of contents. `flips` asks the library in worker processes, so that a hang or an abort is
//! counted and does not stop the campaign. `attacks` and `servers` run the program as whole processes. All
//! print Markdown with their figures, and the exit code is 1 if a promise did not hold. May assume: a Unix
//! system. Must not: read or write outside its temporary folder.

// A program for developers may print, and stop at a failure.
#![allow(clippy::print_stdout, clippy::print_stderr)]
#![allow(missing_docs)]

mod attacks;
mod flips;
mod harm;
mod pages;
mod servers;
mod subject;
mod wire;
mod worker;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Any error of a program for developers, of which only the text matters.
pub type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

#[derive(Parser)]
#[command(name = "safety", bin_name = "cargo bench --bench safety --")]
struct Options {
    #[command(subcommand)]
    campaign: Campaign,
}

#[derive(Subcommand)]
enum Campaign {
    /// Flip bytes of a small database and of its write-ahead log, one at a time.
    Flips(flips::Options),
    /// Give the program input made to take its time, its memory or its terminal.
    Attacks(attacks::Options),
    /// Fetch from a host whose answers are made to do harm.
    Servers(servers::Options),
    /// One process of `flips`.
    #[command(hide = true)]
    Worker(worker::Options),
}

fn main() -> ExitCode {
    // `cargo bench` adds this argument.
    let arguments = std::env::args().filter(|it| it != "--bench");
    let done = match Options::parse_from(arguments).campaign {
        Campaign::Flips(options) => flips::run(&options),
        Campaign::Attacks(options) => attacks::run(&options),
        Campaign::Servers(options) => servers::run(&options),
        Campaign::Worker(options) => worker::run(&options),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("safety: {error}");
            ExitCode::from(2)
        }
    }
}
