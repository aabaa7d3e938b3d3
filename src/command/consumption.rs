//! The command `oneseat consumption`, which shows how many licenses are consumed.

use clap::Args;

use super::global::Global;
use super::output::OutputArgs;
use super::spec::{About, Command, Database};
use super::times::AsOfArgs;
use super::world::World;
use crate::error::Result;
use crate::report;

/// Show how many licenses are consumed, by which kinds of seat, and how old the data is.
///
/// Example: oneseat consumption --as-of 2026-06-30 --json
#[derive(Args)]
pub struct ConsumptionArgs {
    #[command(flatten)]
    as_of: AsOfArgs,
    #[command(flatten)]
    output: OutputArgs,
}

impl Command for ConsumptionArgs {
    const ABOUT: About = About {
        name: "consumption",
        group: "Ask",
        database: Database::Asks,
        questions: &["consumption"],
    };

    fn run(&self, global: &Global, world: &mut World<'_>) -> Result<u8> {
        let asked = global.asked(&self.as_of);
        let answer = global.ask(asked.known_on, |ledger| report::consumption(ledger, &asked))?;
        self.output.print(&answer, global, world)?;
        Ok(0)
    }
}
