//! The command `oneseat formats`, which lists the formats that can be read.

use clap::Args;

use super::global::Global;
use super::output::OutputArgs;
use super::spec::{About, Command, Database, THE_PROGRAM};
use super::world::World;
use crate::error::Result;
use crate::report;
use crate::store::Store;

/// List the formats that can be read, how each is recognized, and where to get it.
///
/// Example: oneseat formats --seen
#[derive(Args)]
pub struct FormatsArgs {
    /// List the fields in imported files that belong to no known format, with the times at which each field was
    /// first and last seen.
    #[arg(long)]
    seen: bool,
    #[command(flatten)]
    output: OutputArgs,
}

impl Command for FormatsArgs {
    const ABOUT: About = About {
        name: "formats",
        group: THE_PROGRAM,
        database: Database::Uses,
        questions: &["formats --seen"],
    };

    fn run(&self, global: &Global, world: &mut World<'_>) -> Result<u8> {
        if self.seen {
            let store = Store::open(&global.database()?)?;
            self.output.print(&report::fields_seen(&store)?, global, world)?;
        } else {
            self.output.print(&report::formats(), global, world)?;
        }
        Ok(0)
    }
}
