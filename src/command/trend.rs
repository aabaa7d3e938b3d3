//! `oneseat trend`.

use clap::Args;

use super::{Global, KnownOnArgs, OutputArgs, World, point, start};
use crate::error::{Error, Result, quoted};
use crate::model::{Instant, parse_age};
use crate::report::{self, By, TrendAsked};

/// How consumption moved, with its peaks: at every snapshot, or by calendar period.
///
/// A peak is the highest value at the end of a round: the files of one morning are one statement, and
/// what lies between the first and the last of them is an artefact of their order. Between two
/// snapshots nobody knows, so a peak is "at least".
///
/// Example: oneseat trend --by month --from 2026-01-01 --to 2026-06-30
#[derive(Args)]
pub struct TrendArgs {
    /// Only from here on; a date is its first second.
    #[arg(long, value_name = "T", value_parser = start)]
    from: Option<Instant>,
    /// Only up to here; a date is its last second.
    #[arg(long, value_name = "T", value_parser = point)]
    to: Option<Instant>,
    /// What a point stands for: snapshot, day, week, month, quarter or year.
    #[arg(long, value_name = "PERIOD", default_value = "snapshot", value_parser = by)]
    by: By,
    /// How long a round is, such as 6h; 0: each instant is one.
    #[arg(long, value_name = "LENGTH", default_value = "6h", value_parser = round)]
    round: i64,
    #[command(flatten)]
    known_on: KnownOnArgs,
    #[command(flatten)]
    output: OutputArgs,
}

fn by(text: &str) -> Result<By> {
    By::ALL.into_iter().find(|by| by.name() == text).ok_or_else(|| {
        let names: Vec<&str> = By::ALL.iter().map(|by| by.name()).collect();
        Error::usage(format!("no period: {} (there are: {})", quoted(text), names.join(", ")))
    })
}

fn round(text: &str) -> Result<i64> {
    if text == "0" { Ok(0) } else { parse_age(text) }
}

impl TrendArgs {
    /// Answers.
    pub fn run(&self, global: &Global, world: &mut World<'_>) -> Result<u8> {
        let asked = TrendAsked {
            from: self.from,
            to: self.to,
            by: self.by,
            round: Some(self.round),
            known_on: self.known_on.known_on,
            enterprise: global.enterprise.clone(),
        };
        let answer = global.ask(asked.known_on, |ledger| report::trend(ledger, &asked))?;
        self.output.print(&answer, global, world)?;
        Ok(0)
    }
}
