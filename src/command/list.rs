//! The list of commands: what each is called, where help lists it, and what it asks of the database.
//!
//! A command is a file of this folder with a [`Command`] in it, and a line of [`COMMANDS`]. Help, the
//! dispatch, the completions and the tests that try every command go through this list.

use clap::{ArgMatches, Args};

use super::{Global, World};
use crate::error::{Error, Result};

/// What a command does with the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Database {
    /// It does not look for one.
    No,
    /// It reads or writes one, and `--enterprise` means something else than whom it asks of.
    Uses,
    /// It asks one, of all enterprises or of the one that `--enterprise` names, which must be known.
    Asks,
}

/// What is known of a command besides its options.
#[derive(Debug, Clone, Copy)]
pub struct About {
    /// Its name.
    pub name: &'static str,
    /// The heading under which help lists it.
    pub group: &'static str,
    /// What it does with the database.
    pub database: Database,
    /// Questions that it answers and that write nothing, one of each kind. Words in capitals stand for what
    /// depends on the data: `WHO` a person, `FROM` and `TO` two instants, `FILE` a report.
    pub questions: &'static [&'static str],
}

/// The headings of help, in order.
pub(super) const GROUPS: [&str; 7] =
    ["Take in", "Ask", "Money", "Ad hoc", "Hand on", "The books", THE_PROGRAM];

/// The last of them.
pub(super) const THE_PROGRAM: &str = "The program";

/// A command with its options.
pub(super) trait Command: Args {
    /// What is known of it besides them.
    const ABOUT: About;

    /// Does what is asked; gives the exit code.
    ///
    /// # Errors
    /// Whatever keeps it from being done.
    fn run(&self, global: &Global, world: &mut World<'_>) -> Result<u8>;

    /// Does it, with these options, ask of the enterprise that `--enterprise` names?
    fn asks_of_enterprise(&self) -> bool {
        Self::ABOUT.database == Database::Asks
    }

    /// Does it write a line of the journal, or judge by the clock those that are there?
    fn goes_by_the_clock(&self) -> bool {
        false
    }
}

/// A command of the list.
pub struct Spec {
    /// What is known of it.
    pub about: About,
    pub(super) augment: fn(clap::Command) -> clap::Command,
    pub(super) read: fn(&ArgMatches) -> std::result::Result<Box<dyn Ready>, clap::Error>,
}

impl Spec {
    const fn of<C: Command + 'static>() -> Spec {
        Spec {
            about: C::ABOUT,
            augment: C::augment_args,
            read: |matches| Ok(Box::new(C::from_arg_matches(matches)?)),
        }
    }
}

/// A command whose options were read.
pub(super) trait Ready {
    /// What is known of it.
    fn about(&self) -> About;
    /// As [`Command::run`].
    fn run(&self, global: &Global, world: &mut World<'_>) -> Result<u8>;
    /// As [`Command::asks_of_enterprise`].
    fn asks_of_enterprise(&self) -> bool;
    /// As [`Command::goes_by_the_clock`].
    fn goes_by_the_clock(&self) -> bool;
}

impl<C: Command> Ready for C {
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

/// Every command, in the order of help.
pub const COMMANDS: &[Spec] = &[
    Spec::of::<super::import::ImportArgs>(),
    Spec::of::<super::fetch::FetchArgs>(),
    Spec::of::<super::configuration::ConfigurationArgs>(),
    Spec::of::<super::consumption::ConsumptionArgs>(),
    Spec::of::<super::duplicates::DuplicatesArgs>(),
    Spec::of::<super::explain::ExplainArgs>(),
    Spec::of::<super::trend::TrendArgs>(),
    Spec::of::<super::diff::DiffArgs>(),
    Spec::of::<super::reconcile::ReconcileArgs>(),
    Spec::of::<super::rehearse::RehearseArgs>(),
    Spec::of::<super::reclaim::ReclaimArgs>(),
    Spec::of::<super::crosswalk::CrosswalkArgs>(),
    Spec::of::<super::seats::SeatsArgs>(),
    Spec::of::<super::query::QueryArgs>(),
    Spec::of::<super::tables::TablesArgs>(),
    Spec::of::<super::export::ExportArgs>(),
    Spec::of::<super::questions::QuestionsArgs>(),
    Spec::of::<super::check::CheckArgs>(),
    Spec::of::<super::snapshots::SnapshotsArgs>(),
    Spec::of::<super::sources::SourcesArgs>(),
    Spec::of::<super::links::LinksArgs>(),
    Spec::of::<super::journal::JournalArgs>(),
    Spec::of::<super::verify::VerifyArgs>(),
    Spec::of::<super::backup::BackupArgs>(),
    Spec::of::<super::restore::RestoreArgs>(),
    Spec::of::<super::recount::RecountArgs>(),
    Spec::of::<super::demo::DemoArgs>(),
    Spec::of::<super::formats::FormatsArgs>(),
    Spec::of::<super::doctor::DoctorArgs>(),
    Spec::of::<super::completions::CompletionsArgs>(),
    Spec::of::<super::man::ManArgs>(),
];

/// The command that was chosen, with its options.
///
/// # Errors
/// If its options cannot be read.
pub(super) fn chosen(
    matches: &ArgMatches,
) -> std::result::Result<Result<Box<dyn Ready>>, clap::Error> {
    let chosen = matches.subcommand().and_then(|(name, options)| {
        Some((COMMANDS.iter().find(|it| it.about.name == name)?, options))
    });
    match chosen {
        Some((command, options)) => (command.read)(options).map(Ok),
        // clap has taken a command that it was given.
        None => Ok(Err(Error::bug("a command that nobody knows"))),
    }
}
