//! The command line: one file for each command, and the output of the answers.
//!
//! Only `main` and this folder know the clock, the environment and the terminal. The doc comments on arguments
//! are the help texts.

mod across;
mod backup;
mod check;
mod completions;
mod config_file;
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
mod global;
mod groups;
mod import;
mod journal;
mod leavers;
mod links;
mod list;
mod man;
mod output;
mod page;
mod privacy;
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
mod spec;
mod surroundings;
mod tables;
mod times;
mod trend;
mod values;
mod verify;
mod world;

use std::ffi::OsString;

use clap::{ArgMatches, CommandFactory, FromArgMatches, Parser};

use crate::error::{ErrorKind, Result, no_random_numbers};
use crate::model::Instant;
use crate::store::{met_damage, second_look};
use global::Global;
use spec::ParsedCommand;

pub use list::COMMANDS;
pub use spec::{About, Database, Spec};
pub use world::{Machine, ThisMachine, World};

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

/// The whole command line, as clap needs it: the global options and every command.
fn command_line() -> clap::Command {
    let commands = COMMANDS.iter().map(|it| (it.augment)(clap::Command::new(it.about.name)));
    Cli::command().subcommand_required(true).arg_required_else_help(true).subcommands(commands)
}

/// Runs the command that the arguments name, and returns the exit code of the program.
pub fn run(arguments: Vec<OsString>, world: &mut World<'_>) -> u8 {
    // If the system has no random numbers, the hash maps of the standard library panic. So this is checked
    // first.
    if let Err(error) = getrandom::fill(&mut [0; 16]) {
        let error = no_random_numbers(&error);
        let _closed = world.err.write_all(error.report(false).as_bytes());
        return error.kind.exit_code();
    }
    // Longer lines are hard to read, so the help is at most 100 columns wide.
    let width = world.width.unwrap_or(80).min(100);
    let command = groups::grouped(command_line(), width.into());
    let parsed = command.term_width(width.into()).try_get_matches_from(arguments);
    let read = |matches: ArgMatches| {
        let Cli { global } = Cli::from_arg_matches(&matches)?;
        let global = Global { command_line, ..global };
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
            // If standard error is closed, there is nowhere left to report an error.
            let _closed = world.err.write_all(error.report(verbose).as_bytes());
            error.kind.exit_code()
        }
    }
}

/// The value of the option `--known-on`, wherever it stands: at the command or at a subcommand.
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

/// The warning that the image (the stored columns that answers are computed from) was damaged. It is printed at
/// most once.
const DAMAGED_IMAGE: &str = "oneseat: warning: the image in the database was damaged, and oneseat \
     rebuilt it from the rows; run `oneseat verify` to check the rows\n";

/// Prints what clap has to say: help and version to standard output, an error about the command line to
/// standard error. Returns the exit code.
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
