//! The command line: one file per command, and the output of the answers.
//!
//! Only this folder knows the clock, the environment and the terminal. Doc comments on arguments are help
//! texts.

mod backup;
mod check;
mod completions;
mod configuration;
mod consumption;
mod crosswalk;
mod demo;
mod diff;
mod doctor;
mod duplicates;
mod explain;
mod export;
mod fetch;
mod formats;
mod groups;
mod import;
mod journal;
mod links;
mod list;
mod man;
mod output;
mod progress;
mod query;
mod questions;
mod reclaim;
mod reconcile;
mod recount;
mod rehearse;
mod restore;
mod seats;
mod snapshots;
mod sources;
mod surroundings;
mod tables;
mod trend;
mod values;
mod verify;

use std::ffi::OsString;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgMatches, Args, CommandFactory, FromArgMatches, Parser, ValueEnum};

use crate::error::{Error, ErrorKind, Result, no_random_numbers, quoted};
use crate::ledger::{AsOf, Asked, Ledger};
use crate::model::{Ago, DayMeans, Instant};
use crate::store::{Store, met_damage, second_look};
use list::ParsedCommand;
use output::OutputArgs;

pub use list::{About, COMMANDS, Database, Spec};

/// Everything outside the program that a command uses. The caller of [`run`] hands it in.
pub struct World<'w> {
    /// Opens standard input.
    pub stdin: &'w mut dyn FnMut() -> Box<dyn Read + Send>,
    /// Standard output, for results.
    pub out: &'w mut dyn Write,
    /// Standard error, for progress, warnings and errors.
    pub err: &'w mut dyn Write,
    /// The width of the terminal in columns; `None` if standard output is not a terminal.
    pub width: Option<u16>,
    /// Whether standard error is a terminal. Progress bars appear only there.
    pub err_is_terminal: bool,
    /// The present instant.
    pub now: Instant,
    /// The environment variables and the sleeping.
    pub machine: &'w dyn Machine,
}

/// The parts of the machine that a fetch needs. A test hands in its own, which waits an hour in no time and has
/// no variables but those of the test.
pub trait Machine {
    /// The value of an environment variable, if it is text.
    fn variable(&self, name: &str) -> Option<String>;

    /// The names of all environment variables, as far as they are text.
    fn variable_names(&self) -> Vec<String>;

    /// Sleeps for this long.
    fn sleep(&self, how_long: Duration);
}

/// The machine that the program runs on.
pub struct ThisMachine;

impl Machine for ThisMachine {
    fn variable(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    fn variable_names(&self) -> Vec<String> {
        let names = std::env::vars_os().map(|(name, _)| name.into_string());
        names.filter_map(Result::ok).collect()
    }

    fn sleep(&self, how_long: Duration) {
        std::thread::sleep(how_long);
    }
}

/// The ledger of GitHub Enterprise licenses: who takes a seat, who takes two, and why.
///
/// Example: oneseat demo
///
/// Example: oneseat import cloud.json ghes1.csv && oneseat consumption
#[derive(Parser)]
#[command(name = "oneseat", version, propagate_version = true, args_override_self = true)]
struct Cli {
    #[command(flatten)]
    global: Global,
}

/// The command line: the global options and every command.
fn command_line() -> clap::Command {
    let commands = COMMANDS.iter().map(|it| (it.augment)(clap::Command::new(it.about.name)));
    Cli::command().subcommand_required(true).arg_required_else_help(true).subcommands(commands)
}

/// Options that every command takes.
#[derive(Args)]
struct Global {
    /// Use this database [default: oneseat.db in your data directory].
    #[arg(
        long,
        global = true,
        env = "ONESEAT_DB",
        hide_env_values = true,
        value_name = "FILE",
        help_heading = "Global options"
    )]
    db: Option<PathBuf>,
    /// Answer for this enterprise only; for `import`, name the enterprise of a Cloud report; for `fetch`, the
    /// one to fetch from.
    #[arg(long, global = true, value_name = "NAME", help_heading = "Global options")]
    enterprise: Option<String>,
    /// Print nothing but errors on standard error.
    #[arg(short, long, global = true, help_heading = "Global options")]
    quiet: bool,
    /// Print more on standard error.
    #[arg(short, long, global = true, action = clap::ArgAction::Count, help_heading = "Global options")]
    verbose: u8,
    /// Choose when to use colors.
    #[arg(
        long,
        global = true,
        value_enum,
        default_value = "auto",
        help_heading = "Global options"
    )]
    color: Color,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Color {
    Auto,
    Always,
    Never,
}

/// The instant that a question is about.
#[derive(Args)]
struct AsOfArgs {
    /// Answer as of this instant: RFC 3339, a date (its last second), 7d, 2w or 3m (that long before
    /// latest), or previous (the end of the round before the newest one).
    #[arg(long, value_name = "T", default_value = "latest", value_parser = as_of)]
    as_of: AsOf,
    #[command(flatten)]
    known_on: KnownOnArgs,
}

/// The option that limits what an answer may know.
#[derive(Args, Default)]
struct KnownOnArgs {
    /// Use only what had been imported or declared by this instant.
    #[arg(long, value_name = "T", value_parser = point)]
    known_on: Option<Instant>,
}

/// Runs the program and returns its exit code.
pub fn run(arguments: Vec<OsString>, world: &mut World<'_>) -> u8 {
    // The hash maps of the standard library panic if there are no random numbers.
    if let Err(error) = getrandom::fill(&mut [0; 16]) {
        let error = no_random_numbers(&error);
        let _closed = world.err.write_all(error.report(false).as_bytes());
        return error.kind.exit_code();
    }
    // Lines of more than 100 columns are hard to read.
    let width = world.width.unwrap_or(80).min(100);
    let command = groups::grouped(command_line(), width.into());
    let parsed = command.term_width(width.into()).try_get_matches_from(arguments);
    let read = |matches: ArgMatches| {
        let Cli { global } = Cli::from_arg_matches(&matches)?;
        Ok((global, list::chosen(&matches)?, known_on(&matches)))
    };
    let (global, command, known_on) = match parsed.and_then(read) {
        Ok(read) => read,
        Err(error) => return told_by_clap(&error, world),
    };
    let verbose = global.verbose > 0;
    let done = command.and_then(|command| dispatch(&global, &*command, known_on, world));
    let result = done.map_err(|error| match global.database() {
        Ok(database) => second_look(&database, error),
        Err(_) => error,
    });
    if met_damage() {
        let _closed = world.err.write_all(DAMAGED_IMAGE.as_bytes());
    }
    match result {
        Ok(code) => code,
        Err(error) if error.is_closed_pipe() => 0,
        Err(error) => {
            // If even standard error is closed, nothing more can be reported.
            let _closed = world.err.write_all(error.report(verbose).as_bytes());
            error.kind.exit_code()
        }
    }
}

/// The `--known-on` of whichever command has the option.
fn known_on(matches: &ArgMatches) -> Option<Instant> {
    let below = matches.subcommand().and_then(|(_, below)| known_on(below));
    below.or_else(|| matches.try_get_one("known_on").ok().flatten().copied())
}

fn dispatch(
    global: &Global,
    command: &dyn ParsedCommand,
    known_on: Option<Instant>,
    world: &mut World<'_>,
) -> Result<u8> {
    surroundings::tell(global, command, world);
    if command.asks_of_enterprise() {
        global.check_enterprise(known_on)?;
    }
    command.run(global, world)
}

/// The warning about a damaged image, printed once.
const DAMAGED_IMAGE: &str = "oneseat: warning: the image in the database was damaged, and was made \
     anew from the rows: `oneseat verify` checks them\n";

/// Prints what clap has to print: help and version on standard output, a wrong command line on standard error.
fn told_by_clap(error: &clap::Error, world: &mut World<'_>) -> u8 {
    let text = error.render();
    let styled = world.width.is_some();
    let text = if styled { text.ansi().to_string() } else { text.to_string() };
    if error.use_stderr() {
        let text = text.replacen("error: ", "oneseat: error: ", usize::from(!styled));
        let _closed = world.err.write_all(text.as_bytes());
        ErrorKind::Usage.exit_code()
    } else {
        let _closed = world.out.write_all(text.as_bytes());
        0
    }
}

impl Global {
    /// Refuses an unknown enterprise, whatever the question. The answer must never be about all of them, or
    /// about none.
    fn check_enterprise(&self, known_on: Option<Instant>) -> Result<()> {
        let Some(name) = &self.enterprise else { return Ok(()) };
        match Store::open(&self.database()?) {
            Ok(store) => Ledger::open(&store, known_on)?.check_enterprise(name),
            // The command itself reports what is wrong with the file.
            Err(_) => Ok(()),
        }
    }

    /// The path of the database: the option, its variable, else a file in the user's data directory.
    fn database(&self) -> Result<PathBuf> {
        if let Some(path) = &self.db {
            return Ok(path.clone());
        }
        let from = |name: &str| std::env::var_os(name).map(PathBuf::from);
        // The XDG rules say to ignore a path that is not absolute.
        let data = from("XDG_DATA_HOME").filter(|path| path.is_absolute());
        let data = data.or_else(|| Some(from("HOME")?.join(".local/share")));
        let data = data.or_else(|| from("LOCALAPPDATA"));
        match data {
            Some(data) => Ok(data.join("oneseat").join("oneseat.db")),
            None => Err(Error::usage("there is no home directory to keep the database in")
                .hint("name the database with --db FILE or ONESEAT_DB")),
        }
    }

    /// Asks a question of the database.
    fn ask<T>(
        &self,
        known_on: Option<Instant>,
        question: impl FnOnce(&Ledger<'_>) -> Result<T>,
    ) -> Result<T> {
        let store = Store::open(&self.database()?)?;
        let ledger = Ledger::open(&store, known_on)?;
        let answer = question(&ledger);
        // The process ends soon, so freeing a million records would only cost time.
        std::mem::forget(ledger);
        answer
    }

    fn asked(&self, as_of: &AsOfArgs) -> Asked {
        let known_on = as_of.known_on.known_on;
        Asked { as_of: as_of.as_of, known_on, enterprise: self.enterprise.clone() }
    }
}

/// Parses a point in time: a date is its last second.
fn as_of(text: &str) -> Result<AsOf> {
    found(text).map_or_else(|| point(text).map(AsOf::At), Ok)
}

/// Parses a point in time at which a span starts: a date is its first second.
fn start_of_span(text: &str) -> Result<AsOf> {
    found(text).map_or_else(|| start(text).map(AsOf::At), Ok)
}

/// An instant relative to the data: `latest`, `previous`, or a length of time before the latest.
fn found(text: &str) -> Option<AsOf> {
    match text {
        "latest" => Some(AsOf::Latest),
        "previous" => Some(AsOf::Previous),
        _ => Ago::parse(text).map(AsOf::Ago),
    }
}

/// Parses an absolute point in time: a date is its last second.
fn point(text: &str) -> Result<Instant> {
    Instant::parse(text, DayMeans::End).ok_or_else(|| no_time(text))
}

/// Parses an absolute start of a span: a date is its first second.
fn start(text: &str) -> Result<Instant> {
    Instant::parse(text, DayMeans::Start).ok_or_else(|| no_time(text))
}

fn no_time(text: &str) -> Error {
    Error::usage(format!(
        "invalid time: {} (for instance 2026-03-02, 2026-03-02T08:00:00Z; 7d and previous where a \
         point in time is asked for)",
        quoted(text)
    ))
}
