//! Is a folder as it must be after a command was stopped?
//!
//! What it is: the one judge of all campaigns. The folder has nothing else in it than it may; the
//! file opens; `verify` is ok; it answers as before or as after the command, whole; the command
//! repeated gives the answers after. May assume: the disk works again. Must not: mend anything.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Output;

use rusqlite::{Connection, OpenFlags, types::Value as Cell};

use crate::Result;
use crate::scene::{DATABASE, Job, Scene};

/// Which answers the database gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Old,
    New,
    /// Some of several transactions.
    Between,
}

/// Judges a folder; `Err` inside says what is wrong.
pub fn judge(
    scene: &Scene,
    job: &Job,
    folder: &Path,
) -> Result<std::result::Result<State, String>> {
    if let Some(wrong) = strangers(job, folder, true)? {
        return Ok(Err(wrong));
    }
    let stayed_old = match job.schema {
        Some(schema) => match unmigrated(scene, job, folder, schema)? {
            Ok(stayed) => stayed,
            Err(wrong) => return Ok(Err(wrong)),
        },
        None => false,
    };
    let state = match holds(scene, job, folder)? {
        Ok(_) if stayed_old => State::Old,
        Ok(state) => state,
        Err(wrong) => return Ok(Err(wrong)),
    };
    let again = job.command(scene, folder).output()?;
    let said = String::from_utf8_lossy(&again.stderr);
    // What can be done once only says that it is done.
    let done_before = match again.status.code() {
        Some(2) => said.contains("already"),
        Some(7) => job.name == "rename",
        _ => false,
    };
    let ended_well = again.status.success() || state == State::New && done_before;
    if !ended_well {
        return Ok(Err(format!("{state:?}, but repeated it ends with {}: {said}", again.status)));
    }
    if let Some(wrong) = strangers(job, folder, false)? {
        return Ok(Err(format!("after it is repeated: {wrong}")));
    }
    Ok(match holds(scene, job, folder)? {
        // A line more of the same is no other answer.
        Ok(State::New) => Ok(state),
        Ok(other) => Err(format!("{state:?}, and after it is repeated {other:?}")),
        Err(wrong) => Err(format!("{state:?}, and after it is repeated: {wrong}")),
    })
}

/// Opens, verifies, and compares the answers.
fn holds(scene: &Scene, job: &Job, folder: &Path) -> Result<std::result::Result<State, String>> {
    let verified = scene.command(&folder.join(DATABASE)).arg("verify").output()?;
    match verified.status.code() {
        Some(0) => {}
        Some(7) if job.old.is_none() => return Ok(Ok(State::Old)),
        _ => return Ok(Err(format!("verify: {}", told(&verified)))),
    }
    let answers = match job.ask(scene, folder, &scene.program)? {
        Ok(answers) => answers,
        Err(ran) if ran.status.code() == Some(7) && job.old.is_none() => return Ok(Ok(State::Old)),
        Err(ran) => return Ok(Err(format!("a question: {}", told(&ran)))),
    };
    let new = job.new.as_ref().map(|new| new.apart_from_chance());
    if job.schema.is_none() && job.old.as_ref() == Some(&answers) {
        return Ok(Ok(State::Old));
    }
    if new.as_ref() == Some(&answers.apart_from_chance()) {
        return Ok(Ok(State::New));
    }
    if job.several {
        return Ok(Ok(State::Between));
    }
    let first = format!("{answers:?}").chars().take(300).collect::<String>();
    Ok(Err(format!("neither the old nor the new answers: {first}…")))
}

/// Files that nobody made on purpose, or that others may read. Where the command was stopped, a part of
/// a copy may lie there.
fn strangers(job: &Job, folder: &Path, stopped: bool) -> Result<Option<String>> {
    if job.several {
        return Ok(None);
    }
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let rest = name.strip_prefix(DATABASE);
        // What a kill leaves where the file was being made, or `verify` noted its run.
        if stopped && name.starts_with(".oneseat-") {
            continue;
        }
        let known = match rest {
            // The last is what `verify` notes of its own runs.
            Some("" | "-wal" | "-shm" | "-journal" | "-verified") => true,
            Some(rest) => job.schema.is_some_and(|schema| {
                let copy = format!(".schema-{schema}");
                let part = rest.strip_prefix(&copy);
                part == Some("") || stopped && matches!(part, Some(".part" | ".part-journal"))
            }),
            None => false,
        };
        if !known {
            return Ok(Some(format!("{name} is left")));
        }
        let mode = entry.metadata()?.permissions().mode() & 0o777;
        if mode != 0o600 {
            return Ok(Some(format!("{name} has the mode {mode:o}")));
        }
        let copy = rest.is_some_and(|rest| rest.starts_with(".schema") && !rest.contains(".part"));
        if copy && rows(&entry.path())? != rows_before(job)? {
            return Ok(Some(format!("{name} is not the database as it was")));
        }
    }
    Ok(None)
}

fn rows_before(job: &Job) -> Result<Vec<String>> {
    let folder = tempfile::tempdir()?;
    job.fill(folder.path())?;
    rows(&folder.path().join(DATABASE))
}

/// Did the schema stay as it was? Then every row did, and a program of that schema answers as before.
fn unmigrated(
    scene: &Scene,
    job: &Job,
    folder: &Path,
    schema: i64,
) -> Result<std::result::Result<bool, String>> {
    // A copy, for looking at a database changes its files.
    let copy = tempfile::tempdir()?;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        std::fs::copy(entry.path(), copy.path().join(entry.file_name()))?;
    }
    let file = copy.path().join(DATABASE);
    let connection = Connection::open(&file)?;
    let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    drop(connection);
    if version != schema {
        return Ok(Ok(false));
    }
    if rows(&file)? != rows_before(job)? {
        return Ok(Err(format!("schema {schema}, but other rows")));
    }
    if let Some(program) = &job.old_program {
        let before = tempfile::tempdir()?;
        job.fill(before.path())?;
        let (now, then) =
            (job.ask(scene, copy.path(), program)?, job.ask(scene, before.path(), program)?);
        match (now, then) {
            (Ok(now), Ok(then)) if now == then => {}
            other => return Ok(Err(format!("the old program answers {other:?}"))),
        }
    }
    Ok(Ok(true))
}

/// Everything in a database: what makes its tables, and their rows.
fn rows(file: &Path) -> Result<Vec<String>> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    let sql = "SELECT name, sql FROM sqlite_schema WHERE type IN ('table', 'view') ORDER BY name";
    let mut statement = connection.prepare(sql)?;
    let tables = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let tables: Vec<(String, String)> = tables.collect::<rusqlite::Result<_>>()?;
    let mut found = Vec::new();
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
            let row: Vec<Cell> =
                (0..columns).map(|it| row.get(it)).collect::<rusqlite::Result<_>>()?;
            found.push(format!("{name}: {row:?}"));
        }
    }
    Ok(found)
}

/// How a process ended and what it said.
pub fn told(ran: &Output) -> String {
    let said = String::from_utf8_lossy(&ran.stderr);
    let out = String::from_utf8_lossy(&ran.stdout);
    format!("{} {} {}", ran.status, said.trim(), out.trim())
}
