//! Nothing lost: every command that writes is stopped, starved and cut off, and each time the database must
//! hold either all old answers or all new ones.
//!
//!     cargo bench --bench durability -- --kills 500
//!
//! What it is: a table of contents. `jobs` lists the writing commands, each with the database before it.
//! `scene` sets up a folder for each, `check` judges the folder afterwards, and `shim` stops the program at a
//! counted write from outside. The campaigns: `kills` and `signals` (random moments), `links` (a database with
//! several names), `steps` (every counted write: killed, torn, failing, the folder moved away), `full` (a small
//! tmpfs), `limits` (file sizes, a read-only disk). May assume: Linux, a C compiler, and for `full` and
//! `readonly` the right to mount. Must not: go on in silence; a fault is reported with the way to see it again,
//! and the exit code is 1. `benches/README.md` says more.

// A program for developers may print, and stop at a failure.
#![allow(clippy::print_stdout, clippy::print_stderr)]
#![allow(missing_docs)]

mod check;
#[path = "../common/mod.rs"]
mod common;
mod full;
mod jobs;
mod kills;
mod limits;
mod links;
mod scene;
mod shim;
mod signals;
mod steps;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;

use scene::Scene;

pub use common::Result;

/// The campaigns, by their names for `--only`.
const CAMPAIGNS: [&str; 14] = [
    "kills", "signals", "links", "killed", "torn", "full", "quota", "eio", "dead", "erofs",
    "moved", "disk", "filesize", "readonly",
];

/// Stops, starves and cuts off every command that writes.
#[derive(Parser)]
pub struct Options {
    /// Only these campaigns.
    #[arg(long, value_delimiter = ',', value_parser = CAMPAIGNS)]
    only: Vec<String>,
    /// Only these jobs, by the beginnings of their names. A beginning without a job is an error that lists all
    /// jobs.
    #[arg(long, value_delimiter = ',')]
    jobs: Vec<String>,
    /// The number of random moments at which each job is killed. A round that ended before does not count.
    #[arg(long, default_value_t = 500)]
    kills: u32,
    /// The number of random moments at which each of the three signals interrupts each job.
    #[arg(long, default_value_t = 50)]
    signals: u32,
    /// At most this many steps of each job, evenly spread; 0 for every one.
    #[arg(long, default_value_t = 0)]
    steps: usize,
    /// The number of people in the enterprise.
    #[arg(long, default_value_t = 60)]
    people: u32,
    /// The number of people in the enterprise where the disk is full.
    #[arg(long, default_value_t = 2000)]
    disk_people: u32,
    /// The first free space on the small disk, and the step to the next, in KiB.
    #[arg(long, default_value_t = 64)]
    disk_step: u64,
    /// The seed of the random moments.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Folder for the files, in a subfolder that is removed at the end.
    #[arg(long)]
    dir: Option<PathBuf>,
    /// Another oneseat to test.
    #[arg(long)]
    binary: Option<PathBuf>,
    /// A program with an old schema, which asks the databases that stayed at that schema.
    #[arg(long, value_name = "SCHEMA=PROGRAM", value_parser = old_program)]
    old: Vec<(i64, PathBuf)>,
}

fn old_program(text: &str) -> std::result::Result<(i64, PathBuf), String> {
    let (schema, program) = text.split_once('=').ok_or("say SCHEMA=PROGRAM")?;
    let schema = schema.parse().map_err(|_| format!("no schema: {schema}"))?;
    Ok((schema, PathBuf::from(program)))
}

impl Options {
    /// Whether a campaign is asked for.
    fn wants(&self, campaign: &str) -> bool {
        debug_assert!(CAMPAIGNS.contains(&campaign));
        self.only.is_empty() || self.only.iter().any(|it| it == campaign)
    }
}

/// The result of a campaign: its table, and its faults.
#[derive(Default)]
pub struct Report {
    wrong: Vec<String>,
}

impl Report {
    pub fn title(&self, title: &str, columns: &[&str]) {
        println!("\n### {title}\n\n| {} |", columns.join(" | "));
        println!("|{}", " --- |".repeat(columns.len()));
    }

    pub fn line(&self, cells: &[String]) {
        println!("| {} |", cells.join(" | "));
    }

    /// Notes a fault.
    pub fn wrong(&mut self, what: String) {
        eprintln!("durability: WRONG: {what}");
        self.wrong.push(what);
    }
}

fn main() -> ExitCode {
    // `cargo bench` adds this argument.
    let arguments = std::env::args().filter(|it| it != "--bench");
    match run(&Options::parse_from(arguments)) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(wrong) => {
            eprintln!("durability: {wrong} wrong");
            ExitCode::from(1)
        }
        Err(error) => {
            eprintln!("durability: {error}");
            ExitCode::from(2)
        }
    }
}

fn run(options: &Options) -> Result<usize> {
    let begun = Instant::now();
    let mut report = Report::default();
    let scene = Scene::set(options, options.people)?;
    if options.wants("kills") {
        kills::run(&scene, options, &mut report)?;
    }
    if options.wants("signals") {
        signals::run(&scene, options, &mut report)?;
    }
    if options.wants("links") {
        links::run(&scene, &mut report)?;
    }
    for way in shim::WAYS {
        if options.wants(way.name) {
            steps::run(&scene, options, &way, &mut report)?;
        }
    }
    if options.wants("filesize") {
        limits::file_size(&scene, options, &mut report)?;
    }
    let may_mount = full::may_mount(&scene)?;
    if let Err(refused) = &may_mount {
        let asked = options.only.iter().any(|it| it == "disk" || it == "readonly");
        if asked {
            return Err(refused.clone().into());
        }
        // Reported, not skipped in silence: if a machine forbids it, the other campaigns are still worth
        // running.
        println!("\nNOT RUN: disk, readonly: {refused}");
    }
    if options.wants("readonly") && may_mount.is_ok() {
        limits::read_only(&scene, options, &mut report)?;
    }
    if options.wants("disk") && may_mount.is_ok() {
        full::run(&Scene::set(options, options.disk_people)?, options, &mut report)?;
    }
    println!("\n{} wrong, {:.0} s", report.wrong.len(), begun.elapsed().as_secs_f64());
    Ok(report.wrong.len())
}
