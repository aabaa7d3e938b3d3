//! The command `oneseat diff`, which lists the movements between two instants.

use clap::Args;

use super::global::Global;
use super::output::OutputArgs;
use super::spec::{About, Command, Database};
use super::times::{KnownOnArgs, as_of};
use super::world::World;
use crate::error::{Error, Result};
use crate::ledger::{AsOf, Ledger};
use crate::model::Instant;
use crate::report::{self, DiffAsked};

/// List who joined, left, was matched or unmatched, and what changed, between two instants.
///
/// A person with a new login and the same NameID is one person who changed. So is a Server account that was created
/// again under a new id, with the same login and address.
///
/// Example: oneseat diff 2026-03-01 2026-03-31
#[derive(Args)]
pub struct DiffArgs {
    /// The opening instant: a time in RFC 3339, a date (meaning its last second), the number of a snapshot, 7d, 2w
    /// or 3m (that long before the newest snapshot), previous (the end of the round before the newest one), or
    /// latest (the newest snapshot).
    #[arg(value_name = "FROM", value_parser = end)]
    from: End,
    /// The closing instant, written like FROM.
    #[arg(value_name = "TO", value_parser = end)]
    to: End,
    /// Compare only Cloud seats with a membership in this organization.
    #[arg(long, value_name = "ORG")]
    organization: Option<String>,
    /// Print only the number of movements, by source and organization.
    #[arg(long)]
    summary: bool,
    #[command(flatten)]
    known_on: KnownOnArgs,
    #[command(flatten)]
    output: OutputArgs,
}

/// One of the two instants that `oneseat diff` compares: a time, or the number of a snapshot whose time is
/// meant.
#[derive(Debug, Clone, Copy)]
enum End {
    At(AsOf),
    Snapshot(i64),
}

fn end(text: &str) -> Result<End> {
    // A shell takes a word that begins with `#` for a comment, so the number of a snapshot is accepted without
    // it too.
    let number = text.strip_prefix('#').unwrap_or(text);
    match number.parse() {
        Ok(id) if number.bytes().all(|byte| byte.is_ascii_digit()) => Ok(End::Snapshot(id)),
        _ if text.starts_with('#') => {
            Err(Error::usage("invalid snapshot: name it by its number, such as #12"))
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
