//! The command `oneseat query`, which runs one SQL statement that only reads.

use std::io::Read;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::global::Global;
use super::output::OutputArgs;
use super::spec::{About, Command, Database};
use super::times::AsOfArgs;
use super::world::World;
use crate::error::{Error, Result, quoted};
use crate::report;
use crate::store::Statement;

/// Run one SQL statement that only reads, over the tables that `oneseat tables` lists.
///
/// Example: oneseat query "SELECT organization, count(DISTINCT account) AS people FROM memberships GROUP BY organization"
///
/// Example: oneseat query "SELECT * FROM emails WHERE key LIKE :domain" --param domain=%@corp.example --as-of 2026-06-30
#[derive(Args)]
pub struct QueryArgs {
    /// The statement; without one, or with `-`, oneseat reads the statement from standard input.
    #[arg(value_name = "SQL", conflicts_with = "file")]
    sql: Option<String>,
    /// Read the statement from this file.
    #[arg(short, long, value_name = "FILE")]
    file: Option<PathBuf>,
    #[command(flatten)]
    asking: AskingArgs,
}

/// The options of a command that runs a SQL statement.
#[derive(Args)]
pub struct AskingArgs {
    /// Set the value of a parameter, which the statement names :NAME.
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = parameter)]
    parameters: Vec<(String, String)>,
    /// Stop the statement after this time: a number of seconds, or 90s, 5m, 1h; 0 sets no limit.
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = time)]
    timeout: Duration,
    #[command(flatten)]
    as_of: AsOfArgs,
    #[command(flatten)]
    output: OutputArgs,
}

fn parameter(text: &str) -> Result<(String, String)> {
    let (name, value) = text.split_once('=').ok_or_else(|| {
        Error::usage(format!("invalid parameter: {} (expected NAME=VALUE)", quoted(text)))
    })?;
    let bare = name.trim_start_matches([':', '@', '$']);
    Ok((bare.to_owned(), value.to_owned()))
}

fn time(text: &str) -> Result<Duration> {
    let (digits, seconds) = match text.char_indices().last() {
        Some((at, 's')) => (&text[..at], 1.0),
        Some((at, 'm')) => (&text[..at], 60.0),
        Some((at, 'h')) => (&text[..at], 3600.0),
        _ => (text, 1.0),
    };
    let number = digits.parse::<f64>().ok();
    let time = number.and_then(|number| Duration::try_from_secs_f64(number * seconds).ok());
    time.ok_or_else(|| Error::usage(format!("invalid time: {} (examples: 90s, 5m)", quoted(text))))
}

impl Command for QueryArgs {
    const ABOUT: About = About {
        name: "query",
        group: "Ad hoc",
        database: Database::Asks,
        questions: &["query \"SELECT * FROM accounts\"", "query \"SELECT count(*) FROM seats\""],
    };

    fn run(&self, global: &Global, world: &mut World<'_>) -> Result<u8> {
        let (place, sql) = self.statement(world)?;
        self.asking.ask(&place, sql, global, world)
    }
}

impl QueryArgs {
    /// The SQL statement, and what errors call it: the path of its file, or `query`.
    fn statement(&self, world: &mut World<'_>) -> Result<(String, String)> {
        if let Some(file) = &self.file {
            let name = file.display().to_string();
            let read = std::fs::read_to_string(file)
                .map_err(|error| Error::usage(format!("{name}: cannot be read")).caused_by(error));
            return Ok((name, read?));
        }
        match self.sql.as_deref() {
            Some(sql) if sql != "-" => Ok(("query".to_owned(), sql.to_owned())),
            _ => {
                let mut sql = String::new();
                let read = (world.stdin)().read_to_string(&mut sql);
                read.map_err(|error| {
                    Error::usage("no statement can be read from standard input").caused_by(error)
                })?;
                Ok(("query".to_owned(), sql))
            }
        }
    }
}

impl AskingArgs {
    /// Runs an SQL statement and prints its rows. Errors call the statement `place`.
    pub fn ask(
        &self,
        place: &str,
        sql: String,
        global: &Global,
        world: &mut World<'_>,
    ) -> Result<u8> {
        let time = Some(self.timeout).filter(|time| !time.is_zero());
        let statement = Statement { sql, parameters: self.parameters.clone(), time };
        let (database, asked) = (global.database()?, global.asked(&self.as_of));
        global.warn_of_whole_tables(&statement, place, world)?;
        self.output.print_rows(global, world, &mut |rows| {
            report::query(&database, &statement, &asked, place, rows)
        })?;
        Ok(0)
    }
}
