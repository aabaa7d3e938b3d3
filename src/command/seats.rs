//! `oneseat seats`.

use clap::Args;
use rust_decimal::Decimal;

use super::list::{About, Command, Database};
use super::{AsOfArgs, Global, OutputArgs, World, start_of_span};
use crate::error::{Error, Result, quoted};
use crate::ledger::AsOf;
use crate::report::{self, By, Price, SeatsAsked, SplitBy};

/// The seats split by organization, role, kind, license type or cost center, and what they cost.
///
/// The lines add up to what `oneseat consumption` says, in seats and to the cent. Every seat stands
/// in one line: who is in several organizations takes one seat, under "(several organizations)";
/// who is in none, and who has no Cloud account, likewise. Members counts people in each of their
/// organizations. A cost center is that of the report where it has the column, else the active one
/// that the account is assigned to in the newest list of cost centers; where neither is known, seats
/// stand under "(not stated)". Where a price has fractions of a cent, each line is cut to the cent, and the
/// cents that are missing go to the lines that lost most.
///
/// Example: oneseat seats --by organization --price 21.00 --currency USD
#[derive(Args)]
pub struct SeatsArgs {
    /// By what: organization, role, kind, license-type or cost-center.
    #[arg(long, value_name = "WHAT", default_value = "organization", value_parser = split_by)]
    by: SplitBy,
    /// At the end of every day, week, month, quarter or year, up to the instant asked.
    #[arg(long, value_name = "PERIOD", value_parser = period)]
    period: Option<By>,
    /// Only periods from here on: RFC 3339, or a date, which is its first second; 7d, 2w or 3m (so long
    /// before the latest), or previous (the end of the round of files before the newest).
    #[arg(long, value_name = "T", value_parser = start_of_span, requires = "period")]
    from: Option<AsOf>,
    /// What one seat costs; with --period, for one such period.
    #[arg(long, value_name = "AMOUNT", value_parser = Price::parse)]
    price: Option<Decimal>,
    /// The currency of the price, in three letters.
    #[arg(long, value_name = "CODE", default_value = "USD", value_parser = currency)]
    currency: String,
    #[command(flatten)]
    as_of: AsOfArgs,
    #[command(flatten)]
    output: OutputArgs,
}

fn split_by(text: &str) -> Result<SplitBy> {
    SplitBy::ALL.into_iter().find(|by| by.name() == text).ok_or_else(|| {
        let names: Vec<&str> = SplitBy::ALL.iter().map(|by| by.name()).collect();
        Error::usage(format!("no such split: {} (there are: {})", quoted(text), names.join(", ")))
    })
}

fn period(text: &str) -> Result<By> {
    let mut periods = By::ALL.into_iter().filter(|by| *by != By::Snapshot);
    periods.find(|by| by.name() == text).ok_or_else(|| {
        Error::usage(format!(
            "no period: {} (there are: day, week, month, quarter, year)",
            quoted(text)
        ))
    })
}

fn currency(text: &str) -> Result<String> {
    let code = text.to_ascii_uppercase();
    if code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase()) {
        Ok(code)
    } else {
        Err(Error::usage(format!("no currency: {} (three letters, such as USD)", quoted(text))))
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
