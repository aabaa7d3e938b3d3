//! The interface of a command: its name, its heading in the help, its use of the database, and the function that
//! runs it.

use clap::{ArgMatches, Args};

use super::global::Global;
use super::world::World;
use crate::error::Result;

/// The use that a command makes of the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Database {
    /// The command does not use the database.
    No,
    /// The command uses the database, but `--enterprise` need not name an enterprise that the database knows.
    Uses,
    /// The command asks the database about all enterprises, or about the one of `--enterprise`, which the
    /// database must know.
    Asks,
}

/// The description of a command, without its options.
#[derive(Debug, Clone, Copy)]
pub struct About {
    /// The name of the command on the command line.
    pub name: &'static str,
    /// The heading under which the help lists the command.
    pub group: &'static str,
    /// The use that the command makes of the database.
    pub database: Database,
    /// Calls of the command that ask a question and write nothing, one of each kind, for the tests that run every
    /// command. Words in capitals stand for values that depend on the data: `WHO` is a person, `FROM` and `TO`
    /// are two instants, `FILE` is a report.
    pub questions: &'static [&'static str],
}

/// The last heading in the help's list of commands.
pub(super) const THE_PROGRAM: &str = "The program";

/// A command whose fields are its options.
pub(super) trait Command: Args {
    /// The description of the command.
    const ABOUT: About;

    /// Runs the command and returns its exit code.
    ///
    /// # Errors
    /// If the command cannot do its work.
    fn run(&self, global: &Global, world: &mut World<'_>) -> Result<u8>;

    /// Whether, with these options, `--enterprise` must name a known enterprise.
    fn asks_of_enterprise(&self) -> bool {
        Self::ABOUT.database == Database::Asks
    }

    /// Whether the command writes a line of the journal, or judges the existing lines by the clock.
    fn goes_by_the_clock(&self) -> bool {
        false
    }
}

/// A command in the list of all commands.
pub struct Spec {
    /// The description of the command.
    pub about: About,
    pub(super) augment: fn(clap::Command) -> clap::Command,
    pub(super) read: fn(&ArgMatches) -> std::result::Result<Box<dyn ParsedCommand>, clap::Error>,
}

impl Spec {
    pub(super) const fn of<C: Command + 'static>() -> Spec {
        Spec {
            about: C::ABOUT,
            augment: C::augment_args,
            read: |matches| Ok(Box::new(C::from_arg_matches(matches)?)),
        }
    }
}

/// A command whose options have been parsed, without the type of the command.
pub(super) trait ParsedCommand {
    /// The description of the command ([`Command::ABOUT`]).
    fn about(&self) -> About;
    /// Runs the command and returns its exit code ([`Command::run`]).
    fn run(&self, global: &Global, world: &mut World<'_>) -> Result<u8>;
    /// Whether `--enterprise` must name a known enterprise ([`Command::asks_of_enterprise`]).
    fn asks_of_enterprise(&self) -> bool;
    /// Whether the command compares the clock with the journal ([`Command::goes_by_the_clock`]).
    fn goes_by_the_clock(&self) -> bool;
}

impl<C: Command> ParsedCommand for C {
    fn about(&self) -> About {
        C::ABOUT
    }

    fn run(&self, global: &Global, world: &mut World<'_>) -> Result<u8> {
        Command::run(self, global, world)
    }

    fn asks_of_enterprise(&self) -> bool {
        Command::asks_of_enterprise(self)
    }

    fn goes_by_the_clock(&self) -> bool {
        Command::goes_by_the_clock(self)
    }
}
