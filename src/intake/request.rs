//! The request of a command that imports files.

use std::path::PathBuf;

use super::progress::Progress;
use crate::config::ConfiguredDirectory;
use crate::import::Reader;
use crate::import::directory::DirectoryReader;
use crate::model::Instant;

/// The command that imports the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asker {
    /// The command `import`.
    Import,
    /// The command `fetch`. The file is an answer of GitHub that was requested by the name of its source.
    Fetch,
    /// The command `rehearse`, which works on a copy of the database. A partial snapshot would be useless for a
    /// rehearsal.
    Rehearse,
}

/// The files of an import, and its options.
#[derive(Clone, Copy)]
pub struct Request<'r> {
    /// The files to import; `-` is standard input.
    pub files: &'r [PathBuf],
    /// Whether the files are the pages of one answer.
    pub pages: bool,
    /// The reader of the format that the user chose; `None` if the format is recognized by the file's content.
    pub reader: Option<&'static dyn Reader>,
    /// The enterprise to which the Cloud files belong, if the user names it.
    pub enterprise: Option<&'r str>,
    /// The instances to which the Server files belong: one host for all files, or one host for each file that
    /// needs one, in the same order.
    pub hosts: &'r [String],
    /// The instance to which the current file belongs.
    pub host: Option<&'r str>,
    /// The name of the employee directory to which the files belong.
    pub directory: Option<&'r str>,
    /// The reader of directories, if the user names one.
    pub directory_reader: Option<&'static dyn DirectoryReader>,
    /// The settings of the directories in the configuration.
    pub directories: &'r [ConfiguredDirectory],
    /// The instant at which the files were taken, if the user states it.
    pub taken_at: Option<Instant>,
    /// Whether everything is done except storing.
    pub dry_run: bool,
    /// The command that imports the files. Hints name only options that this command has.
    pub asker: Asker,
    /// Whether the snapshots are stored as partial, so that they are never in force.
    pub partial: bool,
    /// The reason for which a snapshot is stored in force although it is incomplete or much smaller than the
    /// one before it.
    pub accept_short: Option<&'r str>,
    /// The reason for which a file is stored as that of a new source, although it resembles another source's
    /// file.
    pub accept_new: Option<&'r str>,
    /// Whether a snapshot of the same source and instant is voided first.
    pub replace: bool,
    /// The numbers of the snapshots that the same command has already stored.
    pub stored: &'r [i64],
    /// Receives the progress of the import.
    pub progress: &'r dyn Progress,
    /// The current time.
    pub now: Instant,
}
