//! Shared by the campaigns of stopped commands and of power loss: the imported files, old databases, and the
//! differences that two runs of one command may have.
//!
//! May assume: a program to ask. Must not: judge.

use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use rusqlite::Connection;
use serde_json::Value;

/// Any error of a program for developers, of which only the text matters.
pub type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Dumps of databases of old schemas.
const OLD_DATABASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/databases");

/// The words of a command line.
pub fn words(text: &str) -> Vec<String> {
    text.split(' ').map(str::to_owned).collect()
}

/// An error, unless the command succeeded.
pub fn expect_zero(words: &[String], ran: &Output) -> Result<()> {
    if ran.status.success() {
        return Ok(());
    }
    Err(format!("{words:?} ended with {}: {}", ran.status, String::from_utf8_lossy(&ran.stderr))
        .into())
}

/// The files of a demo, as words of `import`.
pub struct Files {
    /// The Cloud reports, day after day.
    pub cloud: Vec<Vec<String>>,
    /// The file of every instance on the first day.
    pub instances: Vec<Vec<String>>,
}

/// Makes the demo's files in a folder that does not exist yet, and returns some days of Cloud.
pub fn demo_files(program: &Path, folder: &Path, people: u32, days: usize) -> Result<Files> {
    let mut demo = Command::new(program);
    demo.arg("demo").arg(folder).args(["--files-only", "--days", "28", "--people"]);
    expect_zero(&words("demo"), &demo.arg(people.to_string()).output()?)?;
    let mut names: Vec<String> = std::fs::read_dir(folder)?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<Result<_>>()?;
    names.sort();
    let import = |name: &String| {
        let file = folder.join(name).display().to_string();
        // The time is stated, so that a replacing file can have the time of another day.
        let time = name.rsplit_once("-20").map(|(_, rest)| format!("20{}", &rest[..18]));
        let time = time.unwrap_or_default();
        let (date, hour) = time.split_at(10.min(time.len()));
        let source = match name.split_once("-all_users") {
            Some((host, _)) => format!("--host={host}"),
            None => "--enterprise=octo-corp".to_owned(),
        };
        let at = format!("--taken-at={date}{}", hour.replace('-', ":"));
        vec!["import".to_owned(), file, at, source]
    };
    let cloud = names.iter().filter(|it| it.starts_with("consumed_licenses"));
    let cloud: Vec<_> = cloud.take(days).map(import).collect();
    let instances = names.iter().filter(|it| it.contains("-all_users-2026-06-08"));
    let instances: Vec<_> = instances.map(import).collect();
    if cloud.len() < days || instances.is_empty() {
        return Err("the demo wrote other files".into());
    }
    Ok(Files { cloud, instances })
}

/// A Cloud login and a Server account that are not linked.
pub fn nobody_linked(program: &Path, database: &Path) -> Result<(String, String)> {
    let sql = "SELECT (SELECT min(login) FROM seats WHERE kind = 'cloud_only') AS login, \
               (SELECT min(source || ':' || id) FROM accounts WHERE source_kind = 'server' \
                AND source || ':' || id IN (SELECT substr(seat_id, 8) FROM seats \
                WHERE kind = 'server_only')) AS account";
    let mut command = Command::new(program);
    let ran = command.arg("--db").arg(database).args(["query", sql, "--json"]).output()?;
    expect_zero(&words("query"), &ran)?;
    let answer: Value = serde_json::from_slice(&ran.stdout)?;
    let text = |key: &str| answer[0][key].as_str().map(str::to_owned);
    match (text("login"), text("account")) {
        (Some(login), Some(account)) => Ok((login, account)),
        _ => Err(format!("nobody to link: {answer}").into()),
    }
}

/// The schemas that have a dump. A new dump adds its migration to the campaigns.
pub fn old_schemas() -> Result<Vec<i64>> {
    let mut schemas = Vec::new();
    for entry in std::fs::read_dir(OLD_DATABASES)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let schema = name.strip_prefix('v').and_then(|rest| rest.strip_suffix(".sql"));
        schemas.extend(schema.map(str::parse::<i64>).transpose()?);
    }
    schemas.sort_unstable();
    Ok(schemas)
}

/// Makes a database of an old schema as the program of that time made it: readable by its owner only, with a
/// log.
pub fn old_database(schema: i64, file: &PathBuf) -> Result<()> {
    let dump = Path::new(OLD_DATABASES).join(format!("v{schema}.sql"));
    std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?;
    let connection = Connection::open(file)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    Ok(connection.execute_batch(&std::fs::read_to_string(dump)?)?)
}

/// An answer without what differs from run to run: the import time, salted hashes, and the numbers of links
/// that are declared again.
pub fn apart_from_chance(text: &str) -> Value {
    let mut value = serde_json::from_str(text).unwrap_or_default();
    forget_chance(&mut value, false);
    if value["schema"] == "oneseat.links/1" {
        for link in value["items"].as_array_mut().into_iter().flatten() {
            link["id"] = Value::Null;
        }
    }
    value
}

fn forget_chance(value: &mut Value, at: bool) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let chance = ["imported_at", "content_hash", "head", "declared_at", "saved_at"];
                if chance.contains(&key.as_str()) || (at && key == "at") {
                    *value = Value::Null;
                }
                forget_chance(value, key == "voided");
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|value| forget_chance(value, at)),
        _ => {}
    }
}

/// Everything in a database, line by line: its version, the statements of its tables, and their rows.
pub fn rows(file: &Path) -> rusqlite::Result<Vec<String>> {
    let connection = Connection::open(file)?;
    let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let mut found = vec![version.to_string()];
    let sql = "SELECT name, sql FROM sqlite_schema WHERE type IN ('table', 'view') \
               AND sql IS NOT NULL ORDER BY name";
    let mut statement = connection.prepare(sql)?;
    let tables = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let tables: Vec<(String, String)> = tables.collect::<rusqlite::Result<_>>()?;
    for (name, sql) in tables {
        let is_table = sql.starts_with("CREATE TABLE");
        found.push(sql);
        if !is_table {
            continue;
        }
        let mut all = connection.prepare(&format!("SELECT * FROM \"{name}\""))?;
        let columns = all.column_count();
        let mut cells = all.query([])?;
        while let Some(row) = cells.next()? {
            let row: Vec<rusqlite::types::Value> =
                (0..columns).map(|it| row.get(it)).collect::<rusqlite::Result<_>>()?;
            found.push(format!("{name}: {row:?}"));
        }
    }
    Ok(found)
}
