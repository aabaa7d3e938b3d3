//! The command `oneseat trend`, which shows how consumption changed over time.

use clap::Args;

use super::global::Global;
use super::output::OutputArgs;
use super::spec::{About, Command, Database};
use super::times::{KnownOnArgs, as_of, start_of_span};
use super::values::{OneOf, one_named};
use super::world::World;
use crate::error::Result;
use crate::ledger::AsOf;
use crate::model::parse_age;
use crate::report::{self, By, TrendAsked};

/// Show how consumption changed over time, with its peaks: at every snapshot, or by calendar period.
///
/// A peak is the highest value at the end of a round. The files of one morning are one round, because the
/// values between the first and the last of them depend only on their order. Consumption between two snapshots
/// is not known, so a peak is a lower bound.
///
/// Example: oneseat trend --by month --from 2026-01-01 --to 2026-06-30
#[derive(Args)]
pub struct TrendArgs {
    /// Begin at this instant: a time in RFC 3339, a date (meaning its first second), 7d, 2w or 3m (that long before
    /// the newest snapshot), or previous (the end of the round before the newest one).
    #[arg(long, value_name = "T", value_parser = start_of_span)]
    from: Option<AsOf>,
    /// End at this instant, written like --from; a date means its last second.
    #[arg(long, value_name = "T", value_parser = as_of)]
    to: Option<AsOf>,
    /// Make one point for each period of this length, or for each snapshot.
    #[arg(long, value_name = "PERIOD", default_value = "snapshot", value_parser = periods())]
    by: By,
    /// Treat snapshots within this length of time as one round, such as 6h; with 0, each instant is a round.
    #[arg(long, value_name = "LENGTH", default_value = "6h", value_parser = round)]
    round: i64,
    #[command(flatten)]
    known_on: KnownOnArgs,
    #[command(flatten)]
    output: OutputArgs,
}

fn periods() -> OneOf<By> {
    one_named(&By::ALL, By::name, "period")
}

fn round(text: &str) -> Result<i64> {
    if text == "0" { Ok(0) } else { parse_age(text) }
}

impl Command for TrendArgs {
    const ABOUT: About = About {
        name: "trend",
        group: "Ask",
        database: Database::Asks,
        questions: &["trend", "trend --by month"],
    };

    fn run(&self, global: &Global, world: &mut World<'_>) -> Result<u8> {
        let known_on = self.known_on.known_on;
        let answer = global.ask(known_on, |ledger| {
            let enterprise = global.enterprise.clone();
            let end = |at| ledger.end_of_span(at, enterprise.as_deref());
            let (from, to) = (self.from.map(end).transpose()?, self.to.map(end).transpose()?);
            let round = Some(self.round);
            let asked = TrendAsked { from, to, by: self.by, round, known_on, enterprise };
            report::trend(ledger, &asked)
        })?;
        self.output.print(&answer, global, world)?;
        Ok(0)
    }
}
