//! A oneseat under test: the one of this checkout, or an older one beside it.
//!
//! What it is: the way to run the program with a database. May assume: nothing about its version except that it
//! has the commands. Must not: decide how often.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use crate::Result;
use crate::data::DayFiles;
use crate::measure::{self, Figure, Run};
use crate::rounds::{Rounds, Turn};

pub struct Program {
    pub by: &'static str,
    pub file: PathBuf,
    /// The time after which a question is stopped.
    pub limit: Duration,
}

/// A program with its own database.
pub struct Stored<'a> {
    pub program: &'a Program,
    pub database: PathBuf,
}

/// A question.
#[derive(Clone)]
pub struct Asked {
    arguments: Vec<String>,
    /// The kept counts are deleted before each run.
    anew: bool,
    /// The expected exit code.
    code: i32,
}

impl Asked {
    pub fn of(arguments: &[&str]) -> Asked {
        let arguments = arguments.iter().map(|it| (*it).to_owned()).collect();
        Asked { arguments, anew: false, code: 0 }
    }

    pub fn anew(self) -> Asked {
        Asked { anew: true, ..self }
    }

    pub fn ends_with(self, code: i32) -> Asked {
        Asked { code, ..self }
    }
}

impl Program {
    /// The program with a database and arguments.
    pub fn command(&self, database: &Path, arguments: &[impl AsRef<str>]) -> Command {
        let mut command = Command::new(&self.file);
        command.arg("--quiet").arg("--db").arg(database);
        command.args(arguments.iter().map(AsRef::as_ref));
        // The user's own settings are not measured.
        command.env_remove("ONESEAT_DB");
        command
    }

    fn ask(&self, database: &Path, asked: &Asked) -> Result<Run> {
        if asked.anew {
            open(database)?.execute("DELETE FROM stored_counts", [])?;
        }
        let mut command = self.command(database, &asked.arguments);
        measure::run_until(&mut command, Some(self.limit), asked.code)
    }

    /// Imports the files of a day, each by a process of its own, as a scheduler does.
    pub fn import(&self, database: &Path, files: &DayFiles) -> Result<Run> {
        let mut whole = Run::default();
        for file in &files.files {
            let mut command = self.command(database, &["import"]);
            command.arg(&file.path);
            if let Some(host) = &file.host {
                command.args(["--host", host]);
            }
            whole = whole.then(measure::run(&mut command)?);
        }
        Ok(whole)
    }

    /// Imports the first files with one command, into no database. An older oneseat accepts several hosts in
    /// one command only if no file names its own, so it has a process for each file.
    pub fn first_import(&self, database: &Path, files: &DayFiles) -> Result<Run> {
        if self.by != crate::house::OURS {
            return self.import(database, files);
        }
        let mut command = self.command(database, &["import"]);
        for host in files.files.iter().filter_map(|file| file.host.as_ref()) {
            command.args(["--host", host]);
        }
        command.args(files.files.iter().map(|file| &file.path));
        Ok(Run::default().then(measure::run(&mut command)?))
    }

    /// Counts everything and keeps the counts, as a scheduler would after an import.
    pub fn recount(&self, database: &Path) -> Result<()> {
        measure::run(&mut self.command(database, &["recount"]))?;
        Ok(())
    }

    /// Asks a question and returns the answer.
    pub fn answer(&self, database: &Path, arguments: &[&str]) -> Result<String> {
        let ran = self.command(database, arguments).output()?;
        if !ran.status.success() {
            return Err(String::from_utf8_lossy(&ran.stderr).into_owned().into());
        }
        Ok(String::from_utf8(ran.stdout)?)
    }
}

impl Stored<'_> {
    pub fn import(&self, files: &DayFiles) -> Result<Run> {
        self.program.import(&self.database, files)
    }

    pub fn first_import(&self, files: &DayFiles) -> Result<Run> {
        self.program.first_import(&self.database, files)
    }

    pub fn recount(&self) -> Result<()> {
        self.program.recount(&self.database)
    }

    /// Its turn at a job of any kind. An older program may lack commands of the new one.
    pub fn takes<'t>(&'t self, job: &str, run: impl FnMut() -> Result<Run> + 't) -> Turn<'t> {
        let turn = Turn::new(job, self.program.by, run);
        if self.program.by == crate::house::OURS { turn } else { turn.guest() }
    }

    /// Its turn at a question.
    pub fn asks<'t>(&'t self, job: &str, asked: &'t Asked) -> Turn<'t> {
        self.takes(job, || self.program.ask(&self.database, asked))
    }

    /// The figure of a question that only this program is asked.
    pub fn ask(&self, rounds: Rounds, asked: &Asked) -> Result<Figure> {
        let mut turns = [self.asks("", asked)];
        rounds.hold(&mut turns)?;
        let [turn] = turns;
        Ok(turn.figure)
    }

    pub fn schema(&self) -> Result<i64> {
        schema(&self.database)
    }
}

pub fn schema(database: &Path) -> Result<i64> {
    Ok(open(database)?.query_row("PRAGMA user_version", [], |row| row.get(0))?)
}

/// Opens an existing database.
fn open(database: &Path) -> Result<Connection> {
    Ok(Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_WRITE)?)
}
