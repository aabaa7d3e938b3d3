//! `oneseat crosswalk`.

use clap::Args;

use super::{AsOfArgs, Global, OutputArgs, World};
use crate::error::{Error, Result};
use crate::report;

/// Visual Studio subscribers whose sign-in name matches no account, and who each probably is.
///
/// Example: oneseat crosswalk --bodies -o assignments.ndjson
#[derive(Args)]
pub struct CrosswalkArgs {
    /// Print the JSON bodies of the requests that would assign what is proposed, one on a line.
    /// They are never sent.
    #[arg(long, conflicts_with_all = ["format", "json"])]
    bodies: bool,
    #[command(flatten)]
    as_of: AsOfArgs,
    #[command(flatten)]
    output: OutputArgs,
}

impl CrosswalkArgs {
    /// Answers.
    pub fn run(&self, global: &Global, world: &mut World<'_>) -> Result<u8> {
        let asked = global.asked(&self.as_of);
        let answer = global.ask(asked.known_on, |ledger| report::crosswalk(ledger, &asked))?;
        if self.bodies {
            let bodies = answer.bodies()?;
            self.output.stream(world, &mut |out| {
                out.write_all(bodies.as_bytes())
                    .map_err(|error| Error::output("the output cannot be written").caused_by(error))
            })?;
        } else {
            self.output.print(&answer, global, world)?;
        }
        Ok(0)
    }
}
