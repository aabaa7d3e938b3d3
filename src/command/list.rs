//! The list of all commands.
//!
//! A new command is a file of this folder with a type that implements `Command`, and a line of [`COMMANDS`]. The
//! help, the dispatch, the completions and the tests that try every command use this list.

use clap::ArgMatches;

use super::spec::{ParsedCommand, Spec, THE_PROGRAM};
use crate::error::{Error, Result};

/// The headings of the groups in which the help lists the commands, in this order.
pub(super) const GROUPS: [&str; 7] =
    ["Take in", "Ask", "Money", "Ad hoc", "Hand on", "The books", THE_PROGRAM];

/// Every command, in the order in which the help lists them.
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
    Spec::of::<super::leavers::LeaversArgs>(),
    Spec::of::<super::crosswalk::CrosswalkArgs>(),
    Spec::of::<super::across::AcrossArgs>(),
    Spec::of::<super::seats::SeatsArgs>(),
    Spec::of::<super::query::QueryArgs>(),
    Spec::of::<super::tables::TablesArgs>(),
    Spec::of::<super::export::ExportArgs>(),
    Spec::of::<super::questions::QuestionsArgs>(),
    Spec::of::<super::check::CheckArgs>(),
    Spec::of::<super::page::PageArgs>(),
    Spec::of::<super::privacy::PrivacyArgs>(),
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

/// The command that the user typed, with its options.
///
/// # Errors
/// If the options of the command cannot be parsed.
pub(super) fn chosen(
    matches: &ArgMatches,
) -> std::result::Result<Result<Box<dyn ParsedCommand>>, clap::Error> {
    let chosen = matches.subcommand().and_then(|(name, options)| {
        Some((COMMANDS.iter().find(|it| it.about.name == name)?, options))
    });
    match chosen {
        Some((command, options)) => (command.read)(options).map(Ok),
        // clap accepts only commands in the list, so this cannot happen.
        None => Ok(Err(Error::bug(
            "the command line accepted a command that is not in the list of commands",
        ))),
    }
}
