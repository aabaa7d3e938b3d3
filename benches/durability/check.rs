//! Judges a folder after a command was stopped.
//!
//! What it is: the one judge of all campaigns. The folder has only files that it may have. The file opens, and
//! `verify` is ok. All answers are those from before the command, or all are those from after. What the command
//! must not change, or puts aside, is there row by row. The command, repeated, gives the answers from after.
//! May assume: the disk works again. Must not: repair anything.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;
use std::process::Output;

use rusqlite::Connection;

use crate::Result;
use crate::common;
use crate::scene::{DATABASE, Job, Keeps, Scene, copy_files};

/// The answers that the database gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Old,
    New,
    /// Some of several transactions are stored.
    Between,
}

/// The files that may be left in the folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// Anything that a kill or a failed disk leaves. The next run removes it.
    Anything,
    /// Temporary files, because one could not be removed.
    Temporary,
    /// Nothing temporary: the command ended by itself, or was interrupted.
    Nothing,
}

/// Judges a folder. An inner `Err` states the fault.
pub fn judge(
    scene: &Scene,
    job: &Job,
    folder: &Path,
    left: Left,
) -> Result<std::result::Result<State, String>> {
    if let Some(wrong) = strangers(job, folder, left, 1)? {
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
    if let Some(wrong) = lost(job, folder, state, left)? {
        return Ok(Err(format!("{state:?}, and {wrong}")));
    }
    let again = job.command(scene, folder).output()?;
    let said = String::from_utf8_lossy(&again.stderr);
    // A command that can be done only once reports that it is done.
    let done_before = match again.status.code() {
        Some(2) => said.contains("already") || said.contains("is not voided"),
        Some(5) => job.keeps == Keeps::Database && said.contains("already"),
        Some(7) => job.name == "rename",
        _ => false,
    };
    let ended_well = again.status.success() || state == State::New && done_before;
    if !ended_well {
        return Ok(Err(format!("{state:?}, but repeated it ends with {}: {said}", again.status)));
    }
    // A command that reports this creates nothing and sweeps nothing.
    let left = if again.status.success() { Left::Nothing } else { Left::Anything };
    if let Some(wrong) = strangers(job, folder, left, 2)? {
        return Ok(Err(format!("after it is repeated: {wrong}")));
    }
    Ok(match holds(scene, job, folder)? {
        // One more line of the same kind is no other answer.
        Ok(State::New) => Ok(state),
        Ok(other) => Err(format!("{state:?}, and after it is repeated {other:?}")),
        Err(wrong) => Err(format!("{state:?}, and after it is repeated: {wrong}")),
    })
}

/// Opens and verifies the database, and compares the answers.
fn holds(scene: &Scene, job: &Job, folder: &Path) -> Result<std::result::Result<State, String>> {
    let verified = scene.command(&folder.join(job.asked_of)).arg("verify").output()?;
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

/// The files beside a database. The last one is what `verify` notes about its own runs.
const BESIDE: [&str; 5] = ["", "-wal", "-shm", "-journal", "-verified"];

/// The suffix after a database's name that begins the name of the database put aside.
const ASIDE: &str = ".before-restore";

/// A file that should not exist, that others may read, or that is not what it should be.
fn strangers(job: &Job, folder: &Path, left: Left, runs: usize) -> Result<Option<String>> {
    let mut aside = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_temporary = name.starts_with(".oneseat-");
        if left == Left::Nothing && is_temporary {
            return Ok(Some(format!("{name} is left")));
        }
        // A temporary file that a kill leaves, of the file being made or of the note of `verify`.
        if job.several || name.starts_with(".oneseat-") {
            continue;
        }
        let path = entry.path();
        if entry.file_type()?.is_symlink() {
            match job.leads_to {
                Some(file) if name == DATABASE && std::fs::read_link(&path)? == Path::new(file) => {
                    continue;
                }
                _ => return Ok(Some(format!("{name} is a link that was not there"))),
            }
        }
        let Some(kind) = kind(job, &name) else { return Ok(Some(format!("{name} is left"))) };
        let mode = entry.metadata()?.permissions().mode() & 0o777;
        if mode != 0o600 {
            return Ok(Some(format!("{name} has the mode {mode:o}")));
        }
        match kind {
            Kind::Known | Kind::Log => {}
            Kind::Copy if rows(&path)? == rows_before(job)? => {}
            // A second name of the database itself, whose log lies beside the first name.
            Kind::Aside if is_one_file(&path, &job.file(folder))? => aside += 1,
            Kind::Aside => {
                aside += 1;
                let rows = rows(&path)?;
                // A second run puts aside what the first one put in place.
                let is_second = runs > 1 && rows == self::rows(&job.file(folder))?;
                if rows != rows_before(job)? && !is_second {
                    return Ok(Some(format!("{name} is not the database as it was")));
                }
            }
            Kind::Copy => return Ok(Some(format!("{name} is not the database as it was"))),
        }
    }
    Ok((aside > runs).then(|| format!("{aside} databases are put aside by {runs} runs")))
}

fn is_one_file(one: &Path, other: &Path) -> Result<bool> {
    let number = |it: std::fs::Metadata| (it.dev(), it.ino());
    Ok(std::fs::metadata(one).map(number)? == std::fs::metadata(other).map(number)?)
}

/// The kinds of files in the folder.
enum Kind {
    Known,
    /// The copy of a database with an old schema.
    Copy,
    /// A database that was put aside.
    Aside,
    /// The log of a database that was put aside.
    Log,
}

fn kind(job: &Job, name: &str) -> Option<Kind> {
    let databases = [Some(DATABASE), job.leads_to, Some(job.asked_of)];
    let mut rests = databases.into_iter().flatten().filter_map(|it| name.strip_prefix(it));
    if rests.any(|rest| BESIDE.contains(&rest)) {
        return Some(Kind::Known);
    }
    let file = job.leads_to.unwrap_or(DATABASE);
    if let Some(rest) = name.strip_prefix(file).and_then(|rest| rest.strip_prefix(ASIDE)) {
        return match (job.keeps, rest) {
            (Keeps::Aside, "" | "-1") => Some(Kind::Aside),
            (Keeps::Aside, "-wal" | "-1-wal") => Some(Kind::Log),
            _ => None,
        };
    }
    let copy = format!("{DATABASE}.schema-{}", job.schema?);
    (name == copy).then_some(Kind::Copy)
}

/// What is missing but should still exist, or exists but should not.
fn lost(job: &Job, folder: &Path, state: State, left: Left) -> Result<Option<String>> {
    let aside = format!("{}{ASIDE}", job.leads_to.unwrap_or(DATABASE));
    Ok(match job.keeps {
        Keeps::Changes => None,
        Keeps::Database => (rows(&job.file(folder))? != rows_before(job)?)
            .then(|| "the database is not as it was".to_owned()),
        Keeps::Aside => match (state, folder.join(aside).exists()) {
            (State::New, false) => Some("what was there before is nowhere".to_owned()),
            (State::Old, true) if left != Left::Anything => {
                Some("the database has a second name, so that it cannot be written".to_owned())
            }
            _ => None,
        },
    })
}

fn rows_before(job: &Job) -> Result<Vec<String>> {
    let folder = tempfile::tempdir()?;
    job.fill(folder.path())?;
    Ok(common::rows(&folder.path().join(DATABASE))?)
}

/// The rows of a database, read from a copy, because a reader changes its files.
pub fn rows(file: &Path) -> Result<Vec<String>> {
    let folder = tempfile::tempdir()?;
    let copy = folder.path().join("copy.db");
    for end in ["", "-wal", "-journal"] {
        let named = |file: &Path| format!("{}{end}", file.display());
        if Path::new(&named(file)).exists() {
            std::fs::copy(named(file), named(&copy))?;
        }
    }
    Ok(common::rows(&copy)?)
}

/// Whether the schema stayed the same. Then every row must be the same, and a program of that schema must
/// answer as before.
fn unmigrated(
    scene: &Scene,
    job: &Job,
    folder: &Path,
    schema: i64,
) -> Result<std::result::Result<bool, String>> {
    // A copy, because a reader changes the files of a database.
    let copy = tempfile::tempdir()?;
    copy_files(folder, copy.path())?;
    let file = copy.path().join(DATABASE);
    let connection = Connection::open(&file)?;
    let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    drop(connection);
    if version != schema {
        return Ok(Ok(false));
    }
    if common::rows(&file)? != rows_before(job)? {
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

/// The end and the output of a process.
pub fn told(ran: &Output) -> String {
    let said = String::from_utf8_lossy(&ran.stderr);
    let out = String::from_utf8_lossy(&ran.stdout);
    format!("{} {} {}", ran.status, said.trim(), out.trim())
}
