//! `oneseat trend`.

use clap::Args;

use super::list::{About, Command, Database};
use super::{Global, KnownOnArgs, OutputArgs, World, as_of, start_of_span};
use crate::error::{Error, Result, quoted};
use crate::ledger::AsOf;
use crate::model::parse_age;
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
    /// Only from here on: RFC 3339, or a date, which is its first second; 7d, 2w or 3m (so long before
    /// the latest), or previous (the end of the round of files before the newest).
    #[arg(long, value_name = "T", value_parser = start_of_span)]
    from: Option<AsOf>,
    /// Only up to here: likewise, but a date is its last second.
    #[arg(long, value_name = "T", value_parser = as_of)]
    to: Option<AsOf>,
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
