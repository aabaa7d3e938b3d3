//! The command `oneseat backup`, which copies the database into a new file and verifies the copy.

use std::path::{Path, PathBuf};

use clap::Args;

use super::global::Global;
use super::output::OutputArgs;
use super::spec::{About, Command, Database};
use super::world::World;
use crate::error::{Error, Result};
use crate::private_file;
use crate::report::Backup;
use crate::store::{self, Store};
use crate::temporary;

/// Copy the database into a new file, and verify the copy; other commands may use the database meanwhile.
///
/// The copy shows the database at one moment, and only you can read it. The command checks the copy in every way
/// that `oneseat verify` checks, and gives it its name only when it is complete and on disk. `oneseat restore
/// FILE` goes back to the copy.
///
/// If another program has created objects such as triggers in the database, oneseat refuses to read it. Then
/// `--rows-only` copies the rows of oneseat's own tables into a new database and leaves the rest behind.
///
/// Example: oneseat backup "oneseat-$(date +%F).db"
#[derive(Args)]
pub struct BackupArgs {
    /// Write the copy to this file.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Replace the file if it exists; a symbolic link is replaced, not followed.
    #[arg(long)]
    force: bool,
    /// Copy only the rows of oneseat's own tables, without running anything that is stored in the database, and
    /// list what was left behind.
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
        // If the database has an older schema, opening it migrates it to the newest one. That must be done
        // before the copy is made.
        let store = if self.rows_only { None } else { Some(Store::open(&database)?) };
        self.may_be_put_there(&database)?;
        let cannot = |error| cannot_write(&self.file, error);
        let folder = self.file.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        // The copy is made in a temporary folder that only the owner can read. So the files that SQLite creates
        // beside the copy disappear with the folder.
        let beside = temporary::folder(folder, "backup").map_err(cannot)?;
        let copy = beside.copy();
        let left = match store {
            Some(store) => store.copy_into(&copy).map(|()| None)?,
            None => Some(store::rows_only(&database, &copy)?),
        };
        let verified = store::verified_copy(&copy)?;
        let bytes = std::fs::metadata(&copy).map_err(cannot)?.len();
        let answer = Backup::of(self.file.display().to_string(), bytes, verified, left)?;
        // The target is checked a second time, because it may have changed while the copy was made.
        self.may_be_put_there(&database)?;
        private_file::put_in_place(&copy, &self.file).map_err(cannot)?;
        self.output.print(&answer, global, world)?;
        Ok(0)
    }
}

impl BackupArgs {
    /// Refuses a target for the copy that is the database itself, no file, or an existing file without
    /// `--force`. Also refuses a name beside which the log of another database lies.
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
            return Err(Error::output(format!("{name}: this is not a file that can be replaced"))
                .hint("name another file"));
        }
        if !self.force {
            return Err(Error::output(format!("{name}: this file exists already"))
                .hint("name another file, or replace this one with --force"));
        }
        self.nothing_beside()
    }

    /// Refuses a target beside which the log of another database lies. SQLite would take that log for the log
    /// of the copy.
    fn nothing_beside(&self) -> Result<()> {
        for end in ["-wal", "-journal"] {
            let mut beside = self.file.as_os_str().to_owned();
            beside.push(end);
            let beside = PathBuf::from(beside);
            if beside.symlink_metadata().is_ok() {
                return Err(Error::output(format!(
                    "{}: this is the log of another database, and SQLite would apply it to the copy",
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
        .hint("check the permissions of the folder, or name another file")
}
