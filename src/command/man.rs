//! The command `oneseat man`, which writes the manual pages.

use std::path::PathBuf;

use clap::Args;

use super::global::Global;
use super::spec::{About, Command, Database, THE_PROGRAM};
use super::world::World;
use crate::error::{Error, Result};
use crate::private_file;

/// Write the manual pages, one for each command, into a folder.
///
/// Example: oneseat man ~/.local/share/man/man1 && man oneseat-query
#[derive(Args)]
pub struct ManArgs {
    /// Write the pages into this folder; oneseat creates the folder if it does not exist.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

impl Command for ManArgs {
    const ABOUT: About =
        About { name: "man", group: THE_PROGRAM, database: Database::No, questions: &[] };

    fn run(&self, global: &Global, _: &mut World<'_>) -> Result<u8> {
        let written = private_file::usual_folder(&self.folder)
            .and_then(|()| clap_mangen::generate_to((global.command_line)(), &self.folder));
        written.map_err(|error| {
            Error::output(format!("{}: cannot be written", self.folder.display()))
                .caused_by(error)
                .hint("name another folder: oneseat man DIR")
        })?;
        Ok(0)
    }
}
