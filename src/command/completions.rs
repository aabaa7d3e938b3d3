//! The command `oneseat completions`, which prints the completions for a shell.

use clap::Args;
use clap_complete::Shell;

use super::global::Global;
use super::spec::{About, Command, Database, THE_PROGRAM};
use super::world::World;
use crate::error::{Error, Result};

/// Print the completions for a shell, to save where the shell looks for them.
///
/// Example: oneseat completions bash > ~/.local/share/bash-completion/completions/oneseat
#[derive(Args)]
pub struct CompletionsArgs {
    /// Print the completions for this shell.
    #[arg(value_enum)]
    shell: Shell,
}

impl Command for CompletionsArgs {
    const ABOUT: About =
        About { name: "completions", group: THE_PROGRAM, database: Database::No, questions: &[] };

    fn run(&self, global: &Global, world: &mut World<'_>) -> Result<u8> {
        let mut text = Vec::new();
        clap_complete::generate(self.shell, &mut (global.command_line)(), "oneseat", &mut text);
        let written = world.out.write_all(&text).and_then(|()| world.out.flush());
        written
            .map_err(|error| Error::output("standard output cannot be written").caused_by(error))?;
        Ok(0)
    }
}
