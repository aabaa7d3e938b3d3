//! The command `oneseat crosswalk`, which proposes accounts for Visual Studio subscribers.

use clap::Args;

use super::global::Global;
use super::output::OutputArgs;
use super::spec::{About, Command, Database};
use super::times::AsOfArgs;
use super::world::World;
use crate::error::{Error, Result};
use crate::render;
use crate::report;

/// List Visual Studio subscribers whose sign-in name matches no account, with the probable account of each.
///
/// The list holds only subscriptions that include a license: those that are assigned to somebody, are of a level
/// with GitHub Enterprise, and are neither expired nor disabled at the instant of --as-of.
///
/// Example: oneseat crosswalk --bodies -o assignments.ndjson
#[derive(Args)]
pub struct CrosswalkArgs {
    /// Print the requests that would make the proposed assignments, one on a line, as JSON with method, path
    /// and body. They are never sent.
    #[arg(long, conflicts_with_all = ["format", "json"])]
    bodies: bool,
    #[command(flatten)]
    as_of: AsOfArgs,
    #[command(flatten)]
    output: OutputArgs,
}

impl Command for CrosswalkArgs {
    const ABOUT: About = About {
        name: "crosswalk",
        group: "Ask",
        database: Database::Asks,
        questions: &["crosswalk", "crosswalk --bodies"],
    };

    fn run(&self, global: &Global, world: &mut World<'_>) -> Result<u8> {
        let asked = global.asked(&self.as_of);
        let answer = global.ask(asked.known_on, |ledger| report::crosswalk(ledger, &asked))?;
        if self.bodies {
            let bodies = answer.bodies()?;
            let terminal = self.output.is_on_terminal(world);
            let bodies = if terminal { render::json_for_terminal(&bodies) } else { bodies.into() };
            self.output.stream(world, &mut |out| {
                out.write_all(bodies.as_bytes())
                    .map_err(|error| Error::output("the output cannot be written").caused_by(error))
            })?;
            if let (Some(left_out), false) = (answer.left_out(), global.quiet) {
                // The answer has been printed. So the command succeeds even if this sentence cannot be written
                // to standard error.
                let _closed = writeln!(world.err, "oneseat: {left_out}");
            }
        } else {
            self.output.print(&answer, global, world)?;
        }
        Ok(0)
    }
}
