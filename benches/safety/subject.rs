//! The database that is damaged, and the questions to it.
//!
//! What it is: a small ledger with every table filled, its write-ahead log emptied (or not, for the campaign on
//! the log), and the questions whose answers are compared. May assume: the library runs in this process. Must
//! not: know what is flipped.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use oneseat::model::Instant;
use oneseat::{ThisMachine, World};

use crate::Result;

/// The present time of every run.
const NOW: i64 = 1_795_348_800;

/// The questions beside `verify`.
const QUESTIONS: [&[&str]; 6] = [
    &["consumption", "--json"],
    &["duplicates", "--json"],
    &["snapshots", "--json"],
    &["links", "--json"],
    &["trend", "--json"],
    &["query", "SELECT * FROM account_history", "--format", "csv"],
];

/// Exit code and standard output of one run.
pub type Answer = (u8, Vec<u8>);

/// The answers of a database: `verify`, then each question.
#[derive(PartialEq, Eq, Clone)]
pub struct Answers {
    pub verify: Answer,
    pub others: Vec<Answer>,
}

/// Runs the program within this process.
pub fn oneseat(database: &Path, arguments: &[&str]) -> Answer {
    let mut all: Vec<OsString> = vec!["oneseat".into(), "--db".into(), database.into()];
    all.extend(arguments.iter().map(OsString::from));
    let mut out = Vec::new();
    let code = oneseat::run(
        all,
        &mut World {
            stdin: &mut || Box::new(std::io::empty()),
            out: &mut out,
            err: &mut std::io::sink(),
            width: None,
            err_is_terminal: false,
            now: Instant::from_unix(NOW).unwrap_or_default(),
            machine: &ThisMachine,
        },
    );
    (code, out)
}

pub fn ask(database: &Path, head: Option<&str>) -> Answers {
    let mut verify = vec!["verify", "--json"];
    verify.extend(head.iter().flat_map(|head| ["--head", head]));
    Answers {
        verify: oneseat(database, &verify),
        others: QUESTIONS.iter().map(|it| oneseat(database, it)).collect(),
    }
}

/// Runs a command that must succeed.
fn must(database: &Path, arguments: &[&str]) -> Result<Vec<u8>> {
    match oneseat(database, arguments) {
        (0, out) => Ok(out),
        (code, _) => Err(format!("oneseat {} ended with {code}", arguments.join(" ")).into()),
    }
}

/// Makes the database in a folder: four sources over some weeks, with voids, restores, declarations and links.
/// Returns its path.
pub fn make(folder: &Path) -> Result<PathBuf> {
    let demo = folder.join("demo");
    let named = demo.display().to_string();
    let database = demo.join("oneseat.db");
    must(
        &database,
        &["demo", &named, "--people", "40", "--days", "21", "--every", "7", "--end", "2026-06-29"],
    )?;
    must(&database, &["snapshots", "void", "1", "--reason", "a trial"])?;
    must(&database, &["snapshots", "restore", "1"])?;
    must(&database, &["snapshots", "void", "2", "--reason", "another trial"])?;
    must(&database, &["sources", "set", "octo-corp", "--billing-model", "metered"])?;
    must(&database, &["questions", "add", "people", "SELECT count(*) FROM seats"])?;
    let pair = must(
        &database,
        &[
            "query",
            "SELECT login FROM accounts WHERE kind = 'cloud' ORDER BY login LIMIT 1",
            "--format",
            "csv",
        ],
    )?;
    let pair = String::from_utf8(pair)?;
    let cloud = pair.lines().nth(1).ok_or("nobody in Cloud")?.to_owned();
    let server = must(
        &database,
        &[
            "query",
            "SELECT source || ':' || id FROM accounts WHERE kind = 'server' AND counted ORDER BY 1 LIMIT 1",
            "--format",
            "csv",
        ],
    )?;
    let server = String::from_utf8(server)?;
    let server = server.lines().nth(1).ok_or("nobody on Server")?.to_owned();
    must(&database, &["links", "add", &cloud, &server, "--reason", "told so"])?;
    Ok(database)
}

pub fn head(database: &Path) -> Result<String> {
    let answer: serde_json::Value =
        serde_json::from_slice(&must(database, &["verify", "--json"])?)?;
    Ok(answer["head"].as_str().ok_or("no head")?.to_owned())
}

/// Writes to a database so that the last transactions are in its write-ahead log, and copies both files as a
/// crash would leave them.
pub fn with_log(database: &Path, into: &Path) -> Result<PathBuf> {
    let holding = rusqlite::Connection::open(database)?;
    holding.execute_batch("PRAGMA wal_autocheckpoint = 0; BEGIN")?;
    let _lines: i64 = holding.query_row("SELECT count(*) FROM journal", [], |row| row.get(0))?;
    must(database, &["snapshots", "void", "3", "--reason", "one more trial"])?;
    must(database, &["sources", "set", "octo-corp", "--billing-model", "volume"])?;
    must(database, &["snapshots", "restore", "2"])?;
    std::fs::create_dir_all(into)?;
    let copy = into.join("oneseat.db");
    let log = |database: &Path| database.with_file_name("oneseat.db-wal");
    std::fs::copy(database, &copy)?;
    std::fs::copy(log(database), log(&copy))?;
    Ok(copy)
}
