//! `oneseat backup`.

use std::path::{Path, PathBuf};

use clap::Args;

use super::list::{About, Command, Database};
use super::{Global, OutputArgs, World};
use crate::error::{Error, Result};
use crate::report::Backup;
use crate::store::{self, Store};
use crate::temporary;

/// Copy the database into a new file while others may read and write it, and verify the copy.
///
/// The copy is of one moment, readable by you alone, checked in every way that `oneseat verify`
/// checks, and put in its place only when it is whole and on disk. `oneseat restore FILE` goes back
/// to it.
///
/// Where another program has put something into the database, so that it is refused, `--rows-only`
/// copies the rows of the tables of oneseat into a new database and leaves the rest behind.
///
/// Example: oneseat backup "oneseat-$(date +%F).db"
#[derive(Args)]
pub struct BackupArgs {
    /// The new file.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Replace the file if it is there; a symbolic link is replaced, not followed.
    #[arg(long)]
    force: bool,
    /// Copy the rows of the tables of oneseat alone, without evaluating anything that is in the file,
    /// and say what was left behind.
    #[arg(long)]
    rows_only: bool,
    #[command(flatten)]
    output: OutputArgs,
}

impl Command for BackupArgs {
    const ABOUT: About =
        About { name: "backup", group: "The books", database: Database::Asks, questions: &[] };

    fn run(&self, global: &Global, world: &mut World<'_>) -> Result<u8> {
        let database = global.database()?;
        // An older database is brought to the newest schema first.
        let store = if self.rows_only { None } else { Some(Store::open(&database)?) };
        self.may_be_put_there(&database)?;
        let cannot = |error| cannot_write(&self.file, error);
        let folder = self.file.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        // A folder of its own (0700), so that what SQLite puts beside the copy goes with it.
        let beside = temporary::folder(folder, "backup").map_err(cannot)?;
        let copy = beside.copy();
        let left = match store {
            Some(store) => store.copy_into(&copy).map(|()| None)?,
            None => Some(store::rows_only(&database, &copy)?),
        };
        let verified = Store::open(&copy)?.verify(None)?;
        let bytes = std::fs::metadata(&copy).map_err(cannot)?.len();
        let answer = Backup::of(self.file.display().to_string(), bytes, verified, left)?;
        // Once more: it has taken a while.
        self.may_be_put_there(&database)?;
        std::fs::rename(&copy, &self.file).map_err(cannot)?;
        temporary::sync_folder_of(&self.file).map_err(cannot)?;
        self.output.print(&answer, global, world)?;
        Ok(0)
    }
}

impl BackupArgs {
    /// Refuses a place where something else would be lost or the copy be spoilt.
    fn may_be_put_there(&self, database: &Path) -> Result<()> {
        let file = &self.file;
        let name = file.display();
        let Ok(there) = std::fs::symlink_metadata(file) else { return self.nothing_beside() };
        let same = |path: &Path| std::fs::canonicalize(path).ok();
        if same(file).is_some() && same(file) == same(database) {
            return Err(Error::output(format!("{name}: this is the database itself"))
                .hint("name another file"));
        }
        if !there.is_file() && !there.is_symlink() {
            return Err(Error::output(format!("{name}: this is no file that could be replaced"))
                .hint("name another file"));
        }
        if !self.force {
            return Err(Error::output(format!("{name}: there is a file of this name already"))
                .hint("name another one, or replace it with --force"));
        }
        self.nothing_beside()
    }

    /// SQLite would take what another database has left under this name for the copy's own.
    fn nothing_beside(&self) -> Result<()> {
        for end in ["-wal", "-journal"] {
            let mut beside = self.file.as_os_str().to_owned();
            beside.push(end);
            let beside = PathBuf::from(beside);
            if beside.symlink_metadata().is_ok() {
                return Err(Error::output(format!(
                    "{}: another database is, or was, open under this name",
                    beside.display()
                ))
                .hint("name another file"));
            }
        }
        Ok(())
    }
}

fn cannot_write(file: &Path, error: std::io::Error) -> Error {
    Error::output(format!("{}: cannot be written", file.display()))
        .caused_by(error)
        .hint("look at the folder and its rights, or name another file")
}
