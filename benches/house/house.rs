//! The house itself: options, the place to work in, the program under test.
//!
//! What it is: what every room needs. May assume: nothing is shared with another run in the same
//! folder. Must not: measure.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

use crate::data::DayFiles;
use crate::measure::{self, Figure, Run};
use crate::options::Options;
use crate::{Result, floor};

pub struct House {
    pub options: Options,
    pub folder: PathBuf,
    /// Deleted with the house.
    _temporary: Option<TempDir>,
    oneseat: PathBuf,
}

impl House {
    pub fn open(options: Options) -> Result<House> {
        let (folder, temporary) = match &options.dir {
            Some(folder) => {
                std::fs::create_dir_all(folder)?;
                (folder.canonicalize()?, None)
            }
            None => {
                let temporary = tempfile::Builder::new().prefix("oneseat-house-").tempdir()?;
                (temporary.path().to_owned(), Some(temporary))
            }
        };
        let built = || PathBuf::from(env!("CARGO_BIN_EXE_oneseat"));
        let oneseat = options.binary.clone().unwrap_or_else(built);
        Ok(House { options, folder, _temporary: temporary, oneseat })
    }

    /// The program with a database and arguments.
    pub fn oneseat(&self, database: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.oneseat);
        command.arg("--quiet").arg("--db").arg(database).args(arguments);
        // Whatever the user has set is not what is measured.
        command.env_remove("ONESEAT_DB");
        command
    }

    /// Asks something, so often as asked for and as there is time for; once before that, so that
    /// the file is in memory.
    pub fn ask(&self, database: &Path, arguments: &[&str]) -> Result<Figure> {
        self.ask_within(self.budget(), database, arguments)
    }

    /// Asks what is kept once it was counted, counted anew each time.
    pub fn ask_anew(&self, database: &Path, arguments: &[&str]) -> Result<Figure> {
        self.ask_anew_within(self.budget(), database, arguments)
    }

    /// The same with another budget.
    pub fn ask_anew_within(
        &self,
        budget: Duration,
        database: &Path,
        arguments: &[&str],
    ) -> Result<Figure> {
        let limit = Some(Duration::from_secs(self.options.limit));
        Figure::within(budget, self.options.runs, Vec::new(), || {
            let stored = rusqlite::Connection::open(database)?;
            stored.execute("DELETE FROM stored_counts", [])?;
            drop(stored);
            measure::run_until(&mut self.oneseat(database, arguments), limit)
        })
    }

    /// Has everything counted and kept, as a scheduler would after an import.
    pub fn recount(&self, database: &Path) -> Result<()> {
        measure::run(&mut self.oneseat(database, &["recount"]))?;
        Ok(())
    }

    /// The same as [`House::ask`] with another budget. What takes a good part of it is not asked for nothing.
    pub fn ask_within(
        &self,
        budget: Duration,
        database: &Path,
        arguments: &[&str],
    ) -> Result<Figure> {
        let limit = Some(Duration::from_secs(self.options.limit));
        let ask = || measure::run_until(&mut self.oneseat(database, arguments), limit);
        let first = ask()?;
        if first.time > budget / 10 {
            return Figure::within(budget, self.options.runs, vec![first], ask);
        }
        Figure::within(budget, self.options.runs, Vec::new(), ask)
    }

    /// After how long a job is not begun again.
    pub fn budget(&self) -> Duration {
        Duration::from_secs(self.options.budget)
    }

    /// Asks something and hands back the answer.
    pub fn answer(&self, database: &Path, arguments: &[&str]) -> Result<String> {
        let ran = self.oneseat(database, arguments).output()?;
        if !ran.status.success() {
            return Err(String::from_utf8_lossy(&ran.stderr).into_owned().into());
        }
        Ok(String::from_utf8(ran.stdout)?)
    }

    /// Imports the files of a day, each by a process of its own, as a scheduler does.
    pub fn import(&self, database: &Path, files: &DayFiles) -> Result<Run> {
        let mut whole = Run::default();
        for file in &files.files {
            let mut command = self.oneseat(database, &["import"]);
            command.arg(&file.path);
            if let Some(host) = &file.host {
                command.args(["--host", host]);
            }
            whole = whole.then(measure::run(&mut command)?);
        }
        Ok(whole)
    }

    /// The floor on the files of a day: parse and hash only, or with the rows inserted.
    pub fn floor(&self, files: &DayFiles, insert: bool) -> Result<Run> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(floor::NAME);
        let database = self.folder.join("floor.db");
        if insert {
            remove_database(&database)?;
            command.arg("--insert").arg(&database);
        }
        command.args(files.files.iter().map(|file| &file.path));
        let ran = measure::run(&mut command);
        remove_database(&database)?;
        ran
    }
}

/// The size of a database, with what has not been moved into it yet.
pub fn size(database: &Path) -> u64 {
    let parts = [database.to_owned(), beside(database, "-wal")];
    parts.iter().filter_map(|part| part.metadata().ok()).map(|it| it.len()).sum()
}

/// Removes a database and what lies beside it, if there.
pub fn remove_database(database: &Path) -> Result<()> {
    for part in [database.to_owned(), beside(database, "-wal"), beside(database, "-shm")] {
        match std::fs::remove_file(part) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    Ok(())
}

fn beside(database: &Path, ending: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(ending);
    name.into()
}
