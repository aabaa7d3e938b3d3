//! The command `oneseat across`, which lists people with seats in several enterprises.

use clap::Args;

use super::global::Global;
use super::output::OutputArgs;
use super::spec::{About, Command, Database};
use super::times::{AsOfArgs, start_of_span};
use super::values::{OneOf, one_named};
use super::world::World;
use crate::error::Result;
use crate::ledger::AsOf;
use crate::report::{self, AcrossAsked, By};

/// List people with seats in two or more enterprises, and the seats that this takes.
///
/// Each enterprise is counted by itself, so these people take a license in each. No documentation says that
/// enterprises share licenses, and the answer assumes that they do not.
///
/// Certain are people with a declared link, an entry of an employee directory, a NameID, a verified address or a
/// Visual Studio address in common. Likely are people with the same login, apart from the suffix of managed
/// users; possible are people with the same display name, if nobody else has it.
///
/// Example: oneseat across --by month --from 2026-01-01
#[derive(Args)]
pub struct AcrossArgs {
    /// Count these people at the end of every such period too, up to the instant of --as-of.
    #[arg(long, value_name = "PERIOD", value_parser = periods())]
    by: Option<By>,
    /// Count only in periods from this instant on: RFC 3339, a date (its first second), 7d, 2w or 3m (that
    /// long before latest), or previous (the end of the round before the newest one).
    #[arg(long, value_name = "T", value_parser = start_of_span, requires = "by")]
    from: Option<AsOf>,
    #[command(flatten)]
    as_of: AsOfArgs,
    #[command(flatten)]
    output: OutputArgs,
}

fn periods() -> OneOf<By> {
    one_named(&By::PERIODS, By::name, "period")
}

impl Command for AcrossArgs {
    const ABOUT: About = About {
        name: "across",
        group: "Ask",
        database: Database::Asks,
        questions: &["across", "across --by month"],
    };

    fn run(&self, global: &Global, world: &mut World<'_>) -> Result<u8> {
        let asked = global.asked(&self.as_of);
        let answer = global.ask(asked.known_on, |ledger| {
            let from = self.from.map(|it| ledger.end_of_span(it, asked.enterprise.as_deref()));
            let (from, asked) = (from.transpose()?, asked.clone());
            report::across(ledger, &AcrossAsked { asked, by: self.by, from })
        })?;
        self.output.print(&answer, global, world)?;
        Ok(0)
    }
}
