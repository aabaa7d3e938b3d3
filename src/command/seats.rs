//! The command `oneseat seats`, which splits the seats and their cost.

use clap::Args;
use rust_decimal::Decimal;

use super::global::Global;
use super::output::OutputArgs;
use super::spec::{About, Command, Database};
use super::times::{AsOfArgs, start_of_span};
use super::values::{OneOf, one_named};
use super::world::World;
use crate::error::{Error, Result, quoted};
use crate::ledger::AsOf;
use crate::report::{self, By, Price, SeatsAsked, SplitBy};

/// Split the seats by organization, role, kind, license type, cost center, manager or unit, with their cost.
///
/// The lines add up to the total of `oneseat consumption`, in seats and to the cent. Every seat is in one line.
/// The seat of a person in several organizations is under "(several organizations)", that of a person in none
/// under "(no organization)", and that of a person without a Cloud account under "(Server only)". The column
/// Members counts a person in each of their organizations.
///
/// The cost center is that of the report if it has the column, else the active one to which the newest list of
/// cost centers assigns the account. If neither is known, the seat is under "(not stated)".
///
/// The manager and the unit are those of the person's entry in the employee directories in force, also without a
/// Cloud account. A seat in no directory is under "(no entry)", one whose entries differ under "(several)", and
/// one whose entry states none, or whose entry is stored as a digest alone, under "(not stated)".
///
/// If a price has fractions of a cent, each line is cut to the cent, and the missing cents go to the lines that
/// lost the most.
///
/// Example: oneseat seats --by organization --price 21.00 --currency USD
#[derive(Args)]
pub struct SeatsArgs {
    /// Split the seats by this.
    #[arg(long, value_name = "WHAT", default_value = "organization", value_parser = splits())]
    by: SplitBy,
    /// Split the seats at the end of every such period, up to the instant of --as-of.
    #[arg(long, value_name = "PERIOD", value_parser = periods())]
    period: Option<By>,
    /// List only periods from this instant on: RFC 3339, a date (its first second), 7d, 2w or 3m (that long
    /// before latest), or previous (the end of the round before the newest one).
    #[arg(long, value_name = "T", value_parser = start_of_span, requires = "period")]
    from: Option<AsOf>,
    /// Compute the cost with this price of one seat; with --period, with its price for one such period.
    #[arg(long, value_name = "AMOUNT", value_parser = Price::parse)]
    price: Option<Decimal>,
    /// State the cost in this currency, a code of three letters.
    #[arg(long, value_name = "CODE", default_value = "USD", value_parser = currency)]
    currency: String,
    #[command(flatten)]
    as_of: AsOfArgs,
    #[command(flatten)]
    output: OutputArgs,
}

fn splits() -> OneOf<SplitBy> {
    one_named(&SplitBy::ALL, SplitBy::name, "split")
}

fn periods() -> OneOf<By> {
    one_named(&By::PERIODS, By::name, "period")
}

fn currency(text: &str) -> Result<String> {
    let code = text.to_ascii_uppercase();
    if code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase()) {
        Ok(code)
    } else {
        Err(Error::usage(format!(
            "invalid currency: {} (expected three letters, such as USD)",
            quoted(text)
        )))
    }
}

impl Command for SeatsArgs {
    const ABOUT: About = About {
        name: "seats",
        group: "Money",
        database: Database::Asks,
        questions: &["seats", "seats --by organization", "seats --period month"],
    };

    fn run(&self, global: &Global, world: &mut World<'_>) -> Result<u8> {
        let currency = &self.currency;
        let price = self.price.map(|per_seat| Price { per_seat, currency: currency.clone() });
        let asked = global.asked(&self.as_of);
        let answer = global.ask(asked.known_on, |ledger| {
            let from = self.from.map(|it| ledger.end_of_span(it, asked.enterprise.as_deref()));
            let (from, asked) = (from.transpose()?, asked.clone());
            let asked = SeatsAsked { asked, by: self.by, period: self.period, from, price };
            report::seats(ledger, &asked)
        })?;
        self.output.print(&answer, global, world)?;
        Ok(0)
    }
}
