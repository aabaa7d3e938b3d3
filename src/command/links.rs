//! The command `oneseat links`, which lists and declares links between accounts (counting.md section 8).

use clap::{Args, Subcommand};

use super::global::Global;
use super::output::OutputArgs;
use super::sources::tell;
use super::spec::{About, Command, Database};
use super::times::{AsOfArgs, KnownOnArgs, start};
use super::world::World;
use crate::error::Result;
use crate::ledger::{AsOf, Ledger};
use crate::model::{Instant, LinkSays};
use crate::report;
use crate::store::Store;

/// Declare that two accounts belong to one person, or to two people, where GitHub does not know it.
///
/// Name an account by its login, an address, HOST:ID or ENTERPRISE:LOGIN.
///
/// Example: oneseat links add ghes1.corp.example:5 ada-l --reason "asked her"
#[derive(Args)]
pub struct LinksArgs {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    as_of: AsOfArgs,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Subcommand)]
enum Action {
    /// List the valid links, and whether each of them has an effect.
    ///
    /// Example: oneseat links list
    List {
        #[command(flatten)]
        as_of: AsOfArgs,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Declare that two accounts belong to one person; until GitHub matches them, this is evidence of a duplicate.
    ///
    /// Example: oneseat links add ghes1.corp.example:5 ada-l --reason "asked her"
    Add {
        #[command(flatten)]
        pair: Pair,
        /// Record this reason for the declaration.
        #[arg(long, value_name = "TEXT", required = true)]
        reason: String,
        /// Count the accounts as one person, because GitHub has matched them although no imported file shows it.
        #[arg(long)]
        matched_by_github: bool,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Take back what was declared about two accounts.
    ///
    /// Example: oneseat links remove ghes1.corp.example:5 ada-l --reason "she meant another account"
    Remove {
        #[command(flatten)]
        pair: Pair,
        /// Record this reason for the declaration.
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Declare that two accounts belong to two people, so that similar logins or addresses are no evidence.
    ///
    /// Example: oneseat links deny ghes1.corp.example:7 j-smith --reason "father and son"
    Deny {
        #[command(flatten)]
        pair: Pair,
        /// Record this reason for the declaration.
        #[arg(long, value_name = "TEXT", required = true)]
        reason: String,
        /// Count the accounts as two people even if a rule matches them, because GitHub does not match them.
        #[arg(long)]
        not_matched_by_github: bool,
        #[command(flatten)]
        output: OutputArgs,
    },
}

#[derive(Args)]
struct Pair {
    /// The first account of the pair.
    #[arg(value_name = "A")]
    one: String,
    /// The second account of the pair.
    #[arg(value_name = "B")]
    other: String,
    /// Make the declaration valid from this instant on: a time in RFC 3339, or a date, which means its first second
    /// [default: always].
    #[arg(long, value_name = "T", value_parser = start)]
    from: Option<Instant>,
}

impl Command for LinksArgs {
    const ABOUT: About = About {
        name: "links",
        group: "The books",
        database: Database::Asks,
        questions: &["links", "links list"],
    };

    fn run(&self, global: &Global, world: &mut World<'_>) -> Result<u8> {
        let newest = AsOfArgs { as_of: AsOf::Latest, known_on: KnownOnArgs::default() };
        let (as_of, output, store) = match &self.action {
            None => (&self.as_of, &self.output, Store::open(&global.database()?)?),
            Some(Action::List { as_of, output }) => {
                (as_of, output, Store::open(&global.database()?)?)
            }
            Some(Action::Add { pair, reason, matched_by_github, output }) => {
                let says = match matched_by_github {
                    true => LinkSays::Matched,
                    false => LinkSays::OnePerson,
                };
                (&newest, output, pair.declare(says, Some(reason), global, world.now)?)
            }
            Some(Action::Remove { pair, reason, output }) => {
                let says = LinkSays::Nothing;
                (&newest, output, pair.declare(says, reason.as_deref(), global, world.now)?)
            }
            Some(Action::Deny { pair, reason, not_matched_by_github, output }) => {
                let says = match not_matched_by_github {
                    true => LinkSays::NotMatched,
                    false => LinkSays::Apart,
                };
                (&newest, output, pair.declare(says, Some(reason), global, world.now)?)
            }
        };
        let asked = global.asked(as_of);
        if let Some(
            Action::Add { pair, .. } | Action::Remove { pair, .. } | Action::Deny { pair, .. },
        ) = &self.action
        {
            let said = report::said_of_day(&store, pair.from)?;
            tell(said.as_slice(), global, world);
        }
        let answer = report::links(&Ledger::open(&store, asked.known_on)?, &asked)?;
        output.print(&answer, global, world)?;
        Ok(0)
    }

    fn goes_by_the_clock(&self) -> bool {
        self.writes()
    }
}

impl LinksArgs {
    /// Whether the command writes into the database, rather than only listing links.
    pub(super) fn writes(&self) -> bool {
        matches!(
            self.action,
            Some(Action::Add { .. } | Action::Remove { .. } | Action::Deny { .. })
        )
    }
}

impl Pair {
    /// Stores a declaration about two accounts. Returns the open database, so that the answer can be read from
    /// it.
    fn declare(
        &self,
        says: LinkSays,
        reason: Option<&str>,
        global: &Global,
        now: Instant,
    ) -> Result<Store> {
        let ends = global.ask(None, |ledger| report::pair(ledger, &self.one, &self.other, says))?;
        let mut store = Store::open(&global.database()?)?;
        let import = store.begin(now)?;
        import.link(says, &ends, reason, self.from)?;
        import.commit()?;
        Ok(store)
    }
}
