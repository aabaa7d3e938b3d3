//! The command `oneseat explain`, which shows why a person takes one license, two or none.

use clap::Args;

use super::global::Global;
use super::output::OutputArgs;
use super::spec::{About, Command, Database};
use super::times::AsOfArgs;
use super::world::World;
use crate::error::Result;
use crate::report;

/// Show why a person takes one license, two or none, with every account, the rule that matched it and its history.
///
/// Example: oneseat explain ada@corp.example --as-of 2026-06-30
#[derive(Args)]
pub struct ExplainArgs {
    /// A login, an address, a display name, HOST:ID or ENTERPRISE:LOGIN; if several people have the name, all
    /// of them are shown.
    #[arg(value_name = "WHO")]
    who: String,
    #[command(flatten)]
    as_of: AsOfArgs,
    #[command(flatten)]
    output: OutputArgs,
}

impl Command for ExplainArgs {
    const ABOUT: About = About {
        name: "explain",
        group: "Ask",
        database: Database::Asks,
        questions: &["explain WHO"],
    };

    fn run(&self, global: &Global, world: &mut World<'_>) -> Result<u8> {
        let asked = global.asked(&self.as_of);
        let answer =
            global.ask(asked.known_on, |ledger| report::explain(ledger, &asked, &self.who))?;
        self.output.print(&answer, global, world)?;
        Ok(0)
    }
}
