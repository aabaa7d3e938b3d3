//! `oneseat duplicates`.

use clap::Args;

use super::{AsOfArgs, Global, OutputArgs, World};
use crate::error::Result;
use crate::report;

/// The people who would take two licenses, why, and how to fix each.
///
/// Example: oneseat duplicates --format csv -o doubles.csv
#[derive(Args)]
pub struct DuplicatesArgs {
    #[command(flatten)]
    as_of: AsOfArgs,
    #[command(flatten)]
    output: OutputArgs,
}

impl DuplicatesArgs {
    /// Answers.
    pub fn run(&self, global: &Global, world: &mut World<'_>) -> Result<u8> {
        let asked = global.asked(&self.as_of);
        let answer = global.ask(asked.known_on, |ledger| report::duplicates(ledger, &asked))?;
        self.output.print(&answer, global, world)?;
        Ok(0)
    }
}
