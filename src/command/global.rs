//! The options that every command has, and what follows from them: the path of the database, and the enterprise
//! that the user asks about.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::times::AsOfArgs;
use crate::error::{Error, Result};
use crate::ledger::{Asked, Ledger};
use crate::model::Instant;
use crate::store::Store;

/// The options that every command takes.
#[derive(Args)]
pub(super) struct Global {
    /// Use this database [default: oneseat.db in your data directory].
    #[arg(
        long,
        global = true,
        env = "ONESEAT_DB",
        hide_env_values = true,
        value_name = "FILE",
        help_heading = "Global options"
    )]
    pub(super) db: Option<PathBuf>,
    /// Answer for this enterprise only; for `import`, name the enterprise of a Cloud report; for `fetch`, name the
    /// enterprise to fetch from.
    #[arg(long, global = true, value_name = "NAME", help_heading = "Global options")]
    pub(super) enterprise: Option<String>,
    /// Print nothing but errors on standard error.
    #[arg(short, long, global = true, help_heading = "Global options")]
    pub(super) quiet: bool,
    /// Print more on standard error.
    #[arg(short, long, global = true, action = clap::ArgAction::Count, help_heading = "Global options")]
    pub(super) verbose: u8,
    /// Choose when to use colors.
    #[arg(
        long,
        global = true,
        value_enum,
        default_value = "auto",
        help_heading = "Global options"
    )]
    pub(super) color: Color,
    /// Builds clap's description of the whole command line, for the commands that write completions and manual
    /// pages.
    #[arg(skip = clap::Command::default as fn() -> clap::Command)]
    pub(super) command_line: fn() -> clap::Command,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    Auto,
    Always,
    Never,
}

impl Global {
    /// Refuses an `--enterprise` that the database does not know. Otherwise an answer could silently be about
    /// all enterprises, or about none.
    pub(super) fn check_enterprise(&self, known_on: Option<Instant>) -> Result<()> {
        let Some(name) = &self.enterprise else { return Ok(()) };
        match Store::open(&self.database()?) {
            Ok(store) => Ledger::open(&store, known_on)?.check_enterprise(name),
            // If the database cannot be opened, the command itself reports that later.
            Err(_) => Ok(()),
        }
    }

    /// The path of the database: the value of `--db`, else of `ONESEAT_DB`, else a file in the user's data
    /// directory.
    pub(super) fn database(&self) -> Result<PathBuf> {
        if let Some(path) = &self.db {
            return Ok(path.clone());
        }
        let from = |name: &str| std::env::var_os(name).map(PathBuf::from);
        // The XDG rules say that a path which is not absolute must be ignored.
        let data = from("XDG_DATA_HOME").filter(|path| path.is_absolute());
        let data = data.or_else(|| Some(from("HOME")?.join(".local/share")));
        let data = data.or_else(|| from("LOCALAPPDATA"));
        match data {
            Some(data) => Ok(data.join("oneseat").join("oneseat.db")),
            None => Err(Error::usage("there is no home directory to keep the database in")
                .hint("name the database with --db FILE or ONESEAT_DB")),
        }
    }

    /// Opens the database, and calls the function that answers a question, with the ledger as known at
    /// `known_on`.
    pub(super) fn ask<T>(
        &self,
        known_on: Option<Instant>,
        question: impl FnOnce(&Ledger<'_>) -> Result<T>,
    ) -> Result<T> {
        let store = Store::open(&self.database()?)?;
        let ledger = Ledger::open(&store, known_on)?;
        let answer = question(&ledger);
        // The ledger is never freed. The process ends soon, and freeing a million records would take time.
        std::mem::forget(ledger);
        answer
    }

    pub(super) fn asked(&self, as_of: &AsOfArgs) -> Asked {
        let known_on = as_of.known_on.known_on;
        Asked { as_of: as_of.as_of, known_on, enterprise: self.enterprise.clone() }
    }
}
