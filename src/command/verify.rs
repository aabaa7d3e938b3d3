//! `oneseat verify`.

use clap::Args;

use super::{Global, OutputArgs, World};
use crate::error::Result;
use crate::report;
use crate::store::Store;

/// Check every promise about the stored data again; exit code 1 if one does not hold.
///
/// Example: oneseat verify --head "$(cat head-of-last-audit.txt)"
#[derive(Args)]
pub struct VerifyArgs {
    /// A head that was written down earlier: it must still be in the journal.
    #[arg(long, value_name = "HASH")]
    head: Option<String>,
    /// Say for every table and column what protects it.
    #[arg(long)]
    coverage: bool,
    #[command(flatten)]
    output: OutputArgs,
}

impl VerifyArgs {
    /// Answers.
    pub fn run(&self, global: &Global, world: &mut World<'_>) -> Result<u8> {
        let store = Store::open(&global.database()?)?;
        let answer = report::verify(&store, self.head.as_deref(), self.coverage)?;
        self.output.print(&answer, global, world)?;
        Ok(u8::from(!answer.ok))
    }
}
