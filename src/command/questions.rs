//! The command `oneseat questions`, which saves SQL statements under a name in the database, and runs them.

use clap::{Args, Subcommand};

use super::global::Global;
use super::output::OutputArgs;
use super::query::AskingArgs;
use super::spec::{About, Command, Database};
use super::world::World;
use crate::error::{Error, Result, quoted};
use crate::model::Instant;
use crate::report;
use crate::store::{Statement, Store};

/// Save SQL statements under a name in the database, and run them.
///
/// Example: oneseat questions add idle "SELECT source, login FROM accounts WHERE dormant" && oneseat questions run idle
#[derive(Args)]
pub struct QuestionsArgs {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Subcommand)]
enum Action {
    /// List every saved question.
    ///
    /// Example: oneseat questions list
    List {
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Save a statement under a name; it replaces an earlier statement with that name.
    ///
    /// Example: oneseat questions add idle "SELECT source, login FROM accounts WHERE dormant"
    Add {
        /// The name of the question.
        name: String,
        /// The SQL statement.
        #[arg(value_name = "SQL")]
        sql: String,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Remove a saved question.
    ///
    /// Example: oneseat questions remove idle
    Remove {
        /// The name of the question.
        name: String,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Run the statement of a saved question.
    ///
    /// Example: oneseat questions run idle --as-of 2026-03-31 --format xlsx -o idle.xlsx
    Run {
        /// The name of the question.
        name: String,
        #[command(flatten)]
        asking: AskingArgs,
    },
}

impl Command for QuestionsArgs {
    const ABOUT: About = About {
        name: "questions",
        group: "Ad hoc",
        database: Database::Asks,
        questions: &["questions", "questions list"],
    };

    fn run(&self, global: &Global, world: &mut World<'_>) -> Result<u8> {
        let (output, store) = match &self.action {
            None => (&self.output, Store::open(&global.database()?)?),
            Some(Action::List { output }) => (output, Store::open(&global.database()?)?),
            Some(Action::Add { name, sql, output }) => (output, add(name, sql, global, world.now)?),
            Some(Action::Remove { name, output }) => {
                saved(name, global)?;
                (output, save(name, None, global, world.now)?)
            }
            Some(Action::Run { name, asking }) => {
                let sql = saved(name, global)?;
                return asking.ask(name, sql, global, world);
            }
        };
        output.print(&report::questions(&store)?, global, world)?;
        Ok(0)
    }

    fn goes_by_the_clock(&self) -> bool {
        self.writes()
    }
}

impl QuestionsArgs {
    /// Whether the command writes into the database, rather than listing or running saved questions.
    pub(super) fn writes(&self) -> bool {
        matches!(self.action, Some(Action::Add { .. } | Action::Remove { .. }))
    }
}

/// The SQL statement that is saved as the question `name`.
fn saved(name: &str, global: &Global) -> Result<String> {
    let questions = Store::open(&global.database()?)?.saved_questions()?;
    let names: Vec<&str> = questions.iter().map(|question| question.name.as_str()).collect();
    let known = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    questions.iter().find(|question| question.name == name).map_or_else(
        || {
            Err(Error::nothing(format!("there is no saved question {}", quoted(name)))
                .hint(format!("saved questions: {known}")))
        },
        |question| Ok(question.statement.clone()),
    )
}

/// Saves an SQL statement as a question, after checking that it can be run.
fn add(name: &str, sql: &str, global: &Global, now: Instant) -> Result<Store> {
    if name.trim().is_empty() {
        return Err(Error::usage("a question needs a name"));
    }
    let statement = Statement { sql: sql.to_owned(), parameters: Vec::new(), time: None };
    report::check_statement(&global.database()?, &statement, name)?;
    save(name, Some(sql), global, now)
}

/// Saves the SQL statement of a question; without a statement, removes the question. Returns the open database,
/// so that the answer can be read from it.
fn save(name: &str, sql: Option<&str>, global: &Global, now: Instant) -> Result<Store> {
    let mut store = Store::open(&global.database()?)?;
    let import = store.begin(now)?;
    import.save_question(name, sql)?;
    import.commit()?;
    Ok(store)
}
