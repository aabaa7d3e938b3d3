//! The command `oneseat recount`, which computes the kept counts again.

use clap::Args;

use super::global::Global;
use super::output::OutputArgs;
use super::spec::{About, Command, Database};
use super::world::World;
use crate::error::Result;
use crate::report;

/// Compute the kept counts again, so that `consumption` and `trend` answer at once.
///
/// Counts that take long are kept automatically, until something is imported or declared that changes them.
/// This command fills in all instants of the history. `verify` counts again and compares with the kept counts.
///
/// Example: oneseat recount
#[derive(Args)]
pub struct RecountArgs {
    #[command(flatten)]
    output: OutputArgs,
}

impl Command for RecountArgs {
    const ABOUT: About =
        About { name: "recount", group: "The books", database: Database::Asks, questions: &[] };

    fn run(&self, global: &Global, world: &mut World<'_>) -> Result<u8> {
        let answer = global.ask(None, report::recount)?;
        self.output.print(&answer, global, world)?;
        Ok(0)
    }
}
