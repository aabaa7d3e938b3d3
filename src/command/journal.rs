//! The command `oneseat journal`, which lists the commands that wrote into the database.

use clap::Args;

use super::global::Global;
use super::output::OutputArgs;
use super::spec::{About, Command, Database};
use super::times::{point, start};
use super::world::World;
use crate::error::Result;
use crate::model::Instant;
use crate::report;
use crate::store::Store;

/// List the commands that wrote into the database, and when: one line each, chained by hash to the previous line.
///
/// Example: oneseat journal --from 2026-01-01 --format csv -o journal.csv
#[derive(Args)]
pub struct JournalArgs {
    /// List only lines from this instant on; a date means its first second.
    #[arg(long, value_name = "T", value_parser = start)]
    from: Option<Instant>,
    /// List only lines up to this instant; a date means its last second.
    #[arg(long, value_name = "T", value_parser = point)]
    to: Option<Instant>,
    #[command(flatten)]
    output: OutputArgs,
}

impl Command for JournalArgs {
    const ABOUT: About = About {
        name: "journal",
        group: "The books",
        database: Database::Asks,
        questions: &["journal"],
    };

    fn run(&self, global: &Global, world: &mut World<'_>) -> Result<u8> {
        let store = Store::open(&global.database()?)?;
        let answer = report::journal(&store, self.from, self.to)?;
        self.output.print(&answer, global, world)?;
        Ok(0)
    }
}
