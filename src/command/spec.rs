//! What a command is: its name, its heading in the help, what it does with the database, and how it is run.

use clap::{ArgMatches, Args};

use super::global::Global;
use super::world::World;
use crate::error::Result;

/// What a command does with the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Database {
    /// It does not use `--db`.
    No,
    /// It uses the database, but `--enterprise` need not name a known enterprise.
    Uses,
    /// It asks the database about all enterprises, or about the one of `--enterprise`, which must be known.
    Asks,
}

/// The description of a command, without its options.
#[derive(Debug, Clone, Copy)]
pub struct About {
    /// The name on the command line.
    pub name: &'static str,
    /// The heading under which help lists it.
    pub group: &'static str,
    /// What the command does with the database.
    pub database: Database,
    /// Example questions that write nothing, one of each kind. Words in capitals stand for values that depend
    /// on the data: `WHO` is a person, `FROM` and `TO` are two instants, `FILE` is a report.
    pub questions: &'static [&'static str],
}

/// The last heading.
pub(super) const THE_PROGRAM: &str = "The program";

/// A command with its options.
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

/// A command in the list.
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

/// A command whose options have been parsed.
pub(super) trait ParsedCommand {
    /// As [`Command::ABOUT`].
    fn about(&self) -> About;
    /// As [`Command::run`].
    fn run(&self, global: &Global, world: &mut World<'_>) -> Result<u8>;
    /// As [`Command::asks_of_enterprise`].
    fn asks_of_enterprise(&self) -> bool;
    /// As [`Command::goes_by_the_clock`].
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
