//! The command `oneseat export`, which writes all rows of one public table.

use clap::Args;

use super::global::Global;
use super::output::OutputArgs;
use super::spec::{About, Command, Database};
use super::tables::tables;
use super::times::AsOfArgs;
use super::world::World;
use crate::error::Result;
use crate::report::{self, PublicTable};
use crate::store::Statement;

/// Write all rows of one table, in a fixed order.
///
/// Example: oneseat export accounts --format csv -o accounts.csv
#[derive(Args)]
pub struct ExportArgs {
    /// The table; `oneseat tables` says what its columns mean.
    #[arg(value_name = "TABLE", value_parser = tables())]
    table: &'static PublicTable,
    #[command(flatten)]
    as_of: AsOfArgs,
    #[command(flatten)]
    output: OutputArgs,
}

impl Command for ExportArgs {
    const ABOUT: About = About {
        name: "export",
        group: "Ad hoc",
        database: Database::Asks,
        questions: &[
            "export accounts",
            "export emails",
            "export memberships",
            "export seats",
            "export duplicates",
            "export account_history",
        ],
    };

    fn run(&self, global: &Global, world: &mut World<'_>) -> Result<u8> {
        let PublicTable { name, order, .. } = self.table;
        let statement = Statement {
            sql: format!("SELECT * FROM {name} ORDER BY {order}"),
            parameters: Vec::new(),
            time: None,
        };
        let (database, asked) = (global.database()?, global.asked(&self.as_of));
        global.warn_of_whole_tables(&statement, "export", world)?;
        self.output.print_rows(global, world, &mut |rows| {
            report::query(&database, &statement, &asked, "export", rows)
        })?;
        Ok(0)
    }
}
