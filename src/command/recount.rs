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
/// oneseat keeps counts that take long to compute, until an import or a declaration changes them. This command
/// computes the counts for all instants of the history. `oneseat verify` compares the kept counts with new ones.
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
