//! The command `oneseat rehearse`, which shows what will be consumed once GitHub has synced some Server files.

use std::path::PathBuf;

use clap::Args;

use super::global::Global;
use super::import::tell;
use super::output::OutputArgs;
use super::spec::{About, Command, Database};
use super::values::input_formats;
use super::world::World;
use crate::error::{Error, Result};
use crate::import::Reader;
use crate::intake::{self, Asker, Request, Silent};
use crate::ledger::{AsOf, Ledger};
use crate::report;
use crate::store::Store;

/// Show what will be consumed once GitHub has synced these Server files, and store nothing.
///
/// Example: oneseat rehearse ghes1.csv --host ghes1.corp.example
#[derive(Args)]
pub struct RehearseArgs {
    /// The Server files; `-` is standard input.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Name the instance of the files.
    #[arg(long, value_name = "HOST")]
    host: Option<String>,
    /// Read the files as this format.
    #[arg(long, value_name = "NAME", value_parser = input_formats())]
    input_format: Option<&'static dyn Reader>,
    /// Accept a file that is incomplete or has less than half the accounts of the previous snapshot; the value is
    /// the reason.
    #[arg(long, value_name = "REASON")]
    accept_short: Option<String>,
    /// Accept a file with the same bytes as a file of another instance; the value is the reason.
    #[arg(long, value_name = "REASON")]
    accept_new: Option<String>,
    #[command(flatten)]
    output: OutputArgs,
}

impl Command for RehearseArgs {
    const ABOUT: About = About {
        name: "rehearse",
        group: "Ask",
        database: Database::Asks,
        questions: &["rehearse FILE"],
    };

    fn run(&self, global: &Global, world: &mut World<'_>) -> Result<u8> {
        let reader = self.input_format;
        let store = Store::open(&global.database()?)?;
        let mut copy = store.passing_copy()?;
        let now = Ledger::open(&store, None)?;
        if let Some(name) = &global.enterprise {
            now.check_enterprise(name)?;
        }
        let latest = now.instant(AsOf::Latest)?;
        let at = latest.plus_seconds(1);
        let request = Request {
            files: &self.files,
            pages: false,
            reader,
            enterprise: None,
            hosts: self.host.as_slice(),
            host: None,
            directory: None,
            directory_reader: None,
            directories: &[],
            taken_at: Some(at),
            dry_run: false,
            stored: &[],
            asker: Asker::Rehearse,
            partial: false,
            accept_short: self.accept_short.as_deref(),
            accept_new: self.accept_new.as_deref(),
            replace: false,
            progress: &Silent,
            now: world.now.max(at),
        };
        let imported = intake::import(&mut copy, &request, world.stdin)?;
        let mut hosts = Vec::new();
        for mut item in imported.items {
            if let Some(refusal) = item.error.take() {
                return Err(refusal.error);
            }
            tell(&item, global, world);
            match item.source {
                Some(source) if source.kind.is_instance() && source.kind.holds_accounts() => {
                    hosts.push(source.name);
                }
                _ => {
                    return Err(Error::input("this is not a file of Server accounts")
                        .at(&item.file, None)
                        .hint("rehearse a Server file; use `oneseat import` for a Cloud report"));
                }
            }
        }
        let copy = Ledger::open(&copy, None)?;
        let answer = report::rehearse(&now, &copy, at, &hosts, global.enterprise.as_deref())?;
        self.output.print(&answer, global, world)?;
        Ok(0)
    }
}
