//! The house itself: options, the folder for the work, the program under test.
//!
//! What it is: the shared base of all modules. May assume: no other run uses the same folder. Must not:
//! measure.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

use crate::data::DayFiles;
use crate::measure::{self, Run};
use crate::options::Options;
use crate::program::{Program, Stored};
use crate::{Result, floor};

/// The name of this checkout's program in the tables.
pub const OURS: &str = "oneseat";

/// The name of an older program beside it.
pub const BEFORE: &str = "oneseat before";

pub struct House {
    pub options: Options,
    pub folder: PathBuf,
    /// Deleted with the house.
    _temporary: Option<TempDir>,
    pub ours: Program,
    pub before: Option<Program>,
}

impl House {
    pub fn open(options: Options) -> Result<House> {
        let limit = Duration::from_secs(options.limit);
        let program = |by, file: &Path| {
            if !file.is_file() {
                return Err(format!("{}: there is no such program", file.display()));
            }
            Ok(Program { by, file: file.to_owned(), limit })
        };
        let built = Path::new(env!("CARGO_BIN_EXE_oneseat"));
        let ours = program(OURS, options.binary.as_deref().unwrap_or(built))?;
        let before = options.before.as_deref().map(|file| program(BEFORE, file)).transpose()?;
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
        Ok(House { options, folder, _temporary: temporary, ours, before })
    }

    /// The program of this checkout, with a database.
    pub fn ours(&self, database: &Path) -> Stored<'_> {
        Stored { program: &self.ours, database: database.to_owned() }
    }

    /// This checkout's program with a database, and the older program, if there is one, with its own beside it.
    pub fn stored(&self, database: &Path) -> Vec<Stored<'_>> {
        let before = self
            .before
            .iter()
            .map(|program| Stored { program, database: database.with_extension("before.db") });
        std::iter::once(self.ours(database)).chain(before).collect()
    }

    /// The total time after which a job is not run again.
    pub fn budget(&self) -> Duration {
        Duration::from_secs(self.options.budget)
    }

    /// The floor on the files of a day: parse and hash only, or with the rows inserted.
    pub fn floor(&self, files: &DayFiles, insert: bool) -> Result<Run> {
        self.floor_of(files.files.iter().map(|file| file.path.as_path()), insert)
    }

    /// The floor on any files.
    pub fn floor_of<'f>(&self, files: impl Iterator<Item = &'f Path>, insert: bool) -> Result<Run> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(floor::NAME);
        let database = self.folder.join("floor.db");
        if insert {
            remove_database(&database)?;
            command.arg("--insert").arg(&database);
        }
        command.args(files);
        let ran = measure::run(&mut command);
        remove_database(&database)?;
        ran
    }
}

/// The size of a database, with the part that is only in its log.
pub fn size(database: &Path) -> u64 {
    let parts = [database.to_owned(), beside(database, "-wal")];
    parts.iter().filter_map(|part| part.metadata().ok()).map(|it| it.len()).sum()
}

/// Removes a database and the files beside it, if they exist.
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
