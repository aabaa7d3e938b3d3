//! The command `oneseat reconcile`, which explains why GitHub's number and the computed one differ.

use clap::Args;

use super::global::Global;
use super::output::OutputArgs;
use super::spec::{About, Command, Database};
use super::times::AsOfArgs;
use super::world::World;
use crate::error::Result;
use crate::report;

/// Show why GitHub's number and the computed one differ: one signed line for each cause, with its people.
///
/// Example: oneseat reconcile --as-of 2026-06-30
#[derive(Args)]
pub struct ReconcileArgs {
    #[command(flatten)]
    as_of: AsOfArgs,
    #[command(flatten)]
    output: OutputArgs,
}

impl Command for ReconcileArgs {
    const ABOUT: About = About {
        name: "reconcile",
        group: "Ask",
        database: Database::Asks,
        questions: &["reconcile"],
    };

    fn run(&self, global: &Global, world: &mut World<'_>) -> Result<u8> {
        let asked = global.asked(&self.as_of);
        let answer = global.ask(asked.known_on, |ledger| report::reconcile(ledger, &asked))?;
        self.output.print(&answer, global, world)?;
        Ok(0)
    }
}
