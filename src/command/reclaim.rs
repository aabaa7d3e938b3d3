//! The command `oneseat reclaim`, which lists seats that could be freed.

use clap::Args;

use super::global::Global;
use super::output::OutputArgs;
use super::spec::{About, Command, Database};
use super::times::AsOfArgs;
use super::world::World;
use crate::error::Result;
use crate::model::parse_long_age;
use crate::report;

/// List seats that could be freed: idle, never used, invited but not accepted, or Server-only.
///
/// Example: oneseat reclaim --idle 180d --format csv -o reclaim.csv
#[derive(Args)]
pub struct ReclaimArgs {
    /// Treat an account as idle if it was not active for this long: 90d, 12w.
    #[arg(long, value_name = "AGE", default_value = "90d", value_parser = parse_long_age)]
    idle: i64,
    #[command(flatten)]
    as_of: AsOfArgs,
    #[command(flatten)]
    output: OutputArgs,
}

impl Command for ReclaimArgs {
    const ABOUT: About =
        About { name: "reclaim", group: "Ask", database: Database::Asks, questions: &["reclaim"] };

    fn run(&self, global: &Global, world: &mut World<'_>) -> Result<u8> {
        let asked = global.asked(&self.as_of);
        let answer =
            global.ask(asked.known_on, |ledger| report::reclaim(ledger, &asked, self.idle))?;
        self.output.print(&answer, global, world)?;
        Ok(0)
    }
}
