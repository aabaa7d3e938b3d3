//! `oneseat restore`.

use std::path::PathBuf;

use clap::Args;

use super::list::{About, Command, Database};
use super::{Global, OutputArgs, World};
use crate::error::Result;
use crate::report::Restore;
use crate::store::{self, Checked};

/// Go back to a backup: put a checked copy of it in the place of the database.
///
/// Nothing else may have the database open meanwhile. The database that was there stays beside, with
/// its log, under a name that is told. Where a file was copied over a database by hand and its log
/// was left, naming the database itself puts that log aside.
///
/// Example: oneseat restore oneseat-2026-06-30.db
#[derive(Args)]
pub struct RestoreArgs {
    /// The backup; it stays as it is.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Check it in every way that `oneseat verify` checks, and not only quickly.
    #[arg(long)]
    verify: bool,
    /// Do not keep the database that was there.
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
