//! The command `oneseat restore`, which replaces the database by a backup.

use std::path::PathBuf;

use clap::Args;

use super::global::Global;
use super::output::OutputArgs;
use super::spec::{About, Command, Database};
use super::world::World;
use crate::error::Result;
use crate::report::Restore;
use crate::store::{self, Checked};

/// Go back to a backup: replace the database by a checked copy of the backup.
///
/// No other program may have the database open meanwhile. The command keeps the replaced database and its log
/// beside the new database, under a name that it prints. If a file was copied over the database by hand and the old
/// log is still there, name the database itself as FILE: the command then moves the log aside.
///
/// Example: oneseat restore oneseat-2026-06-30.db
#[derive(Args)]
pub struct RestoreArgs {
    /// The backup, which stays as it is.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Run all checks of `oneseat verify` on the backup, not only the quick ones.
    #[arg(long)]
    verify: bool,
    /// Do not keep the replaced database.
    #[arg(long)]
    no_keep: bool,
    #[command(flatten)]
    output: OutputArgs,
}

impl Command for RestoreArgs {
    const ABOUT: About =
        About { name: "restore", group: "The books", database: Database::Asks, questions: &[] };

    fn run(&self, global: &Global, world: &mut World<'_>) -> Result<u8> {
        let database = global.database()?;
        let checked = if self.verify { Checked::Whole } else { Checked::Quickly };
        let restored = store::restore(&database, &self.file, checked, !self.no_keep)?;
        let (file, database) = (self.file.display().to_string(), database.display().to_string());
        self.output.print(&Restore::of(file, database, restored), global, world)?;
        Ok(0)
    }
}
