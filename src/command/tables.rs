//! The command `oneseat tables`, which lists the public tables and their columns.

use clap::Args;

use super::global::Global;
use super::output::OutputArgs;
use super::spec::{About, Command, Database};
use super::values::{OneOf, one_of};
use super::world::World;
use crate::error::{Error, Result, quoted};
use crate::report::{self, PublicTable, TABLES};

/// List the tables that `query` can read, with a line about each column.
///
/// Example: oneseat tables accounts
#[derive(Args)]
pub struct TablesArgs {
    /// List only this table.
    #[arg(value_name = "TABLE", value_parser = tables())]
    table: Option<&'static PublicTable>,
    #[command(flatten)]
    output: OutputArgs,
}

/// Accepts the name of a public table as an argument.
pub fn tables() -> OneOf<&'static PublicTable> {
    let names = TABLES.iter().map(|table| table.name);
    one_of(names.clone(), move |name| {
        report::table_named(name).ok_or_else(|| {
            let known: Vec<&str> = names.clone().collect();
            Error::usage(format!(
                "there is no table {} (there are: {})",
                quoted(name),
                known.join(", ")
            ))
        })
    })
}

impl Command for TablesArgs {
    const ABOUT: About =
        About { name: "tables", group: "Ad hoc", database: Database::Uses, questions: &[] };

    fn run(&self, global: &Global, world: &mut World<'_>) -> Result<u8> {
        self.output.print(&report::tables(self.table), global, world)?;
        Ok(0)
    }
}
