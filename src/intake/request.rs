//! What a command asks for when it takes files in.

use std::path::PathBuf;

use super::progress::Progress;
use crate::import::Reader;
use crate::model::Instant;

/// A command that takes files in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asker {
    /// `import`.
    Import,
    /// `fetch`: the file is an answer that was requested by the name of its source.
    Fetch,
    /// `rehearse`, on a copy, where a snapshot that is never in force would be useless.
    Rehearse,
}

/// The files of an import, and its options.
#[derive(Clone, Copy)]
pub struct Request<'r> {
    /// The files; `-` is standard input.
    pub files: &'r [PathBuf],
    /// Whether the files are the pages of one answer.
    pub pages: bool,
    /// The reader, if the user names one.
    pub reader: Option<&'static dyn Reader>,
    /// The enterprise of Cloud files.
    pub enterprise: Option<&'r str>,
    /// The instances of Server files: one for all, or one for each file that needs one, in the same order.
    pub hosts: &'r [String],
    /// The instance of the current file.
    pub host: Option<&'r str>,
    /// The instant at which the files were taken, if the user states it.
    pub taken_at: Option<Instant>,
    /// Do everything except store.
    pub dry_run: bool,
    /// The command, so that hints name options that it has.
    pub asker: Asker,
    /// Store, but never in force.
    pub partial: bool,
    /// Store a short snapshot in force, for this reason.
    pub accept_short: Option<&'r str>,
    /// Store a file that resembles another source's as that of a new source, for this reason.
    pub accept_new: Option<&'r str>,
    /// Void the snapshot of the same source and instant first.
    pub replace: bool,
    /// The snapshots that the same command has already stored.
    pub stored: &'r [i64],
    /// Receives the progress of the import.
    pub progress: &'r dyn Progress,
    /// The current time.
    pub now: Instant,
}
