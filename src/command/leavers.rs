//! The command `oneseat leavers`, which lists the seats of people who have left.

use clap::Args;

use super::global::Global;
use super::output::OutputArgs;
use super::spec::{About, Command, Database};
use super::times::AsOfArgs;
use super::world::World;
use crate::error::{Result, printable};
use crate::model::parse_long_age;
use crate::report;

/// List the seats of people who have left, by the employee directories in force, and who acts.
///
/// Example: oneseat leavers --grace 14d --format csv -o leavers.csv
#[derive(Args)]
pub struct LeaversArgs {
    /// List a person only after having left for longer than this: 7d, 2w.
    #[arg(long, value_name = "AGE", default_value = "7d", value_parser = parse_long_age)]
    grace: i64,
    /// Exit with 1 if at least this many licenses are taken by people who have left or are gone.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    fail_on: Option<u64>,
    #[command(flatten)]
    as_of: AsOfArgs,
    #[command(flatten)]
    output: OutputArgs,
}

impl Command for LeaversArgs {
    const ABOUT: About =
        About { name: "leavers", group: "Ask", database: Database::Asks, questions: &["leavers"] };

    fn run(&self, global: &Global, world: &mut World<'_>) -> Result<u8> {
        let asked = global.asked(&self.as_of);
        let answer =
            global.ask(asked.known_on, |ledger| report::leavers(ledger, &asked, self.grace))?;
        self.output.print(&answer, global, world)?;
        if !global.quiet && !["table", "json"].contains(&self.output.format_name()) {
            for doubt in answer.doubts() {
                let _closed = writeln!(world.err, "oneseat: warning: {}", printable(doubt));
            }
        }
        Ok(u8::from(self.fail_on.is_some_and(|licenses| answer.licenses() >= licenses)))
    }
}
