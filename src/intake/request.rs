//! What a command asks the intake for: the files to import, and the options.

use std::path::PathBuf;

use super::progress::Progress;
use crate::config::ConfiguredDirectory;
use crate::import::Reader;
use crate::import::directory::DirectoryReader;
use crate::model::Instant;

/// Which command imports the files. Messages and hints depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asker {
    /// The command `import`.
    Import,
    /// The command `fetch`. Its files are answers of GitHub, and each was requested by the name of its source.
    Fetch,
    /// The command `rehearse`, which imports into a copy of the database. Snapshots that never come into force
    /// would be useless there.
    Rehearse,
}

/// The files of an import, and its options.
#[derive(Clone, Copy)]
pub struct Request<'r> {
    /// The files to import; `-` is standard input.
    pub files: &'r [PathBuf],
    /// Whether the files are pages of one answer, so that they make one snapshot.
    pub pages: bool,
    /// The reader for the format that the user named; `None` if the format is recognized by the content of each
    /// file.
    pub reader: Option<&'static dyn Reader>,
    /// The enterprise that the user names for Cloud files; `None` if the user names none.
    pub enterprise: Option<&'r str>,
    /// The instances that the user names for Server files: one host for all files, or one for each file that
    /// needs it, in the same order.
    pub hosts: &'r [String],
    /// The instance of the file that is being imported; `None` if the user named none.
    pub host: Option<&'r str>,
    /// The name of the employee directory that the files are; `None` if the user named none.
    pub directory: Option<&'r str>,
    /// The reader of directories that the user named; `None` if the format is recognized by the content.
    pub directory_reader: Option<&'static dyn DirectoryReader>,
    /// What the configuration says about employee directories.
    pub directories: &'r [ConfiguredDirectory],
    /// The instant at which the files were taken; `None` if the user did not state it.
    pub taken_at: Option<Instant>,
    /// Whether the import is only tried: everything is done except storing.
    pub dry_run: bool,
    /// The command that imports the files. A hint names only options that this command has.
    pub asker: Asker,
    /// Whether the snapshots are stored as partial, so that they are never in force.
    pub partial: bool,
    /// The user's reason for storing a snapshot in force that is incomplete or much smaller than the one before
    /// it; `None` if such a snapshot is refused.
    pub accept_short: Option<&'r str>,
    /// The user's reason for storing a file as that of a new source although it resembles the file of another
    /// one; `None` if such a file is refused.
    pub accept_new: Option<&'r str>,
    /// Whether a stored snapshot of the same source and instant is voided to make room for the new one.
    pub replace: bool,
    /// The numbers of the snapshots that this command has stored so far.
    pub stored: &'r [i64],
    /// Is told the progress of the import.
    pub progress: &'r dyn Progress,
    /// The present time, by the clock of the command.
    pub now: Instant,
}
