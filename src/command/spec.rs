//! What the program knows about a command: its name, its heading in the help, whether it uses the database, and
//! the function that runs it.

use clap::{ArgMatches, Args};

use super::global::Global;
use super::world::World;
use crate::error::Result;

/// Whether a command uses the database, and whether `--enterprise` must then be known there.
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

/// What a command is, apart from its options.
#[derive(Debug, Clone, Copy)]
pub struct About {
    /// The name of the command on the command line.
    pub name: &'static str,
    /// The heading under which the help lists the command.
    pub group: &'static str,
    /// Whether the command uses the database.
    pub database: Database,
    /// Calls of the command that ask a question and write nothing, one of each kind, for the tests that run every
    /// command. Words in capitals stand for values that depend on the data: `WHO` is a person, `FROM` and `TO`
    /// are two instants, `FILE` is a report.
    pub questions: &'static [&'static str],
}

/// The heading of the last group in the help's list of commands.
pub(super) const THE_PROGRAM: &str = "The program";

/// A command of the program. Its fields are its options.
pub(super) trait Command: Args {
    /// What the command is, apart from its options.
    const ABOUT: About;

    /// Runs the command and returns its exit code.
    ///
    /// # Errors
    /// If the command cannot do its work.
    fn run(&self, global: &Global, world: &mut World<'_>) -> Result<u8>;

    /// Whether `--enterprise` must name an enterprise that the database knows, with the options that the user
    /// set.
    fn asks_of_enterprise(&self) -> bool {
        Self::ABOUT.database == Database::Asks
    }

    /// Whether the command depends on the clock: it writes a line of the journal, or judges the lines by the
    /// present time.
    fn goes_by_the_clock(&self) -> bool {
        false
    }
}

/// A command as it stands in the list of all commands.
pub struct Spec {
    /// What the command is, apart from its options.
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

/// A command with its options, ready to run. Its type is hidden, so that one variable can have any command.
pub(super) trait ParsedCommand {
    /// What the command is ([`Command::ABOUT`]).
    fn about(&self) -> About;
    /// Runs the command and returns its exit code ([`Command::run`]).
    fn run(&self, global: &Global, world: &mut World<'_>) -> Result<u8>;
    /// Whether `--enterprise` must name an enterprise that the database knows
    /// ([`Command::asks_of_enterprise`]).
    fn asks_of_enterprise(&self) -> bool;
    /// Whether the command depends on the clock ([`Command::goes_by_the_clock`]).
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
