//! `oneseat diff`.

use clap::Args;

use super::list::{About, Command, Database};
use super::{Global, KnownOnArgs, OutputArgs, World, as_of};
use crate::error::{Error, Result};
use crate::ledger::{AsOf, Ledger};
use crate::model::Instant;
use crate::report::{self, DiffAsked};

/// Who joined, left, was matched or unmatched, and what changed, between two instants.
///
/// Somebody whose login is another one now but whose NameID is the same is one person who changed,
/// and so is a Server account that was made again under a new id with its login and address.
///
/// Example: oneseat diff 2026-03-01 2026-03-31
#[derive(Args)]
pub struct DiffArgs {
    /// The opening instant: RFC 3339, a date (its last second), or the number of a snapshot; 7d, 2w or
    /// 3m (so long before the latest), previous (the end of the round of files before the newest), or
    /// latest.
    #[arg(value_name = "FROM", value_parser = end)]
    from: End,
    /// The closing instant, likewise.
    #[arg(value_name = "TO", value_parser = end)]
    to: End,
    /// Only Cloud seats with a membership in this organization.
    #[arg(long, value_name = "ORG")]
    organization: Option<String>,
    /// Only how many moved, by source and organization.
    #[arg(long)]
    summary: bool,
    #[command(flatten)]
    known_on: KnownOnArgs,
    #[command(flatten)]
    output: OutputArgs,
}

/// One end of the span.
#[derive(Debug, Clone, Copy)]
enum End {
    At(AsOf),
    Snapshot(i64),
}

fn end(text: &str) -> Result<End> {
    // A shell takes what begins with # for a comment, so the bare number is one, too.
    let number = text.strip_prefix('#').unwrap_or(text);
    match number.parse() {
        Ok(id) if number.bytes().all(|byte| byte.is_ascii_digit()) => Ok(End::Snapshot(id)),
        _ if text.starts_with('#') => {
            Err(Error::usage("a snapshot is named by its number, with or without #"))
        }
        _ => as_of(text).map(End::At),
    }
}

impl End {
    fn instant(self, ledger: &Ledger<'_>, only: Option<&str>) -> Result<Instant> {
        match self {
            End::At(at) => ledger.end_of_span(at, only),
            End::Snapshot(id) => ledger.taken_at(id),
        }
    }
}

impl Command for DiffArgs {
    const ABOUT: About = About {
        name: "diff",
        group: "Ask",
        database: Database::Asks,
        questions: &["diff FROM TO", "diff FROM TO --summary"],
    };

    fn run(&self, global: &Global, world: &mut World<'_>) -> Result<u8> {
        let answer = global.ask(self.known_on.known_on, |ledger| {
            let asked = DiffAsked {
                from: self.from.instant(ledger, global.enterprise.as_deref())?,
                to: self.to.instant(ledger, global.enterprise.as_deref())?,
                enterprise: global.enterprise.clone(),
                organization: self.organization.clone(),
            };
            report::diff(ledger, &asked)
        })?;
        match self.summary {
            true => self.output.print(&answer.summary(), global, world)?,
            false => self.output.print(&answer, global, world)?,
        }
        Ok(0)
    }
}
