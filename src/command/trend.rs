//! `oneseat trend`.

use clap::Args;

use super::{Global, OutputArgs, World, point, start};
use crate::error::Result;
use crate::model::Instant;
use crate::report::{self, TrendAsked};

/// How consumption moved: one point at every snapshot.
///
/// Example: oneseat trend --from 2026-01-01 --to 2026-03-31 --format csv
#[derive(Args)]
pub struct TrendArgs {
    /// Only from here on; a date is its first second.
    #[arg(long, value_name = "T", value_parser = start)]
    from: Option<Instant>,
    /// Only up to here; a date is its last second.
    #[arg(long, value_name = "T", value_parser = point)]
    to: Option<Instant>,
    /// What a point stands for.
    #[arg(long, value_name = "PERIOD", default_value = "snapshot", value_parser = ["snapshot"])]
    by: String,
    #[command(flatten)]
    output: OutputArgs,
}

impl TrendArgs {
    /// Answers.
    pub fn run(&self, global: &Global, world: &mut World<'_>) -> Result<u8> {
        let asked =
            TrendAsked { from: self.from, to: self.to, enterprise: global.enterprise.clone() };
        let answer = global.ask(|ledger| report::trend(ledger, &asked))?;
        self.output.print(&answer, global, world)?;
        Ok(0)
    }
}
