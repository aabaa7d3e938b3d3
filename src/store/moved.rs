//! Checks whether the path still leads to the database file that is being written. SQLite goes on writing to an
//! open file even if its folder is removed or another file takes its name, but it creates the log beside the
//! name.
//!
//! This code assumes nothing about the files. On a system without file numbers, it does not notice that a file was
//! moved.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::Connection;

use super::log;
use crate::code::RefusalCode;
use crate::error::Error;

/// How long a checkpoint waits for processes that read the database.
const A_WHILE: Duration = Duration::from_secs(2);

/// The number by which the operating system identifies a file; `None` if the system has no such numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FileId(Option<(u64, u64)>);

/// What is known about the present path of an open file.
enum Now {
    /// The file has this path.
    At(PathBuf),
    /// The file was removed, and has no name any more.
    Gone,
    /// The operating system does not say where the file is.
    Unknown,
}

impl FileId {
    /// The identity of the file that the path leads to now.
    pub fn of(path: &Path) -> FileId {
        FileId(std::fs::metadata(path).ok().as_ref().and_then(number))
    }

    /// Does the path still lead to the file with this identity?
    pub fn holds(self, path: &Path) -> bool {
        self.0.is_none() || self == FileId::of(path)
    }

    /// The error for a path that now leads to another file than the opened database. `stored` is true if this
    /// program has stored something. Then the content of the log is first copied into the opened file, because
    /// the log stays behind under the old name.
    pub fn told(self, path: &Path, connection: &Connection, stored: bool) -> Error {
        let log = log::of(path);
        let kept = !stored || is_brought_home(connection);
        let error = match self.now() {
            Now::At(now) => {
                let now = now.display();
                let error = Error::database(format!(
                    "the file was moved to {now} while it was written"
                ));
                match (stored, kept) {
                    (false, _) => error.hint(format!(
                        "nothing was stored: repeat the command with --db {now}, or move the file \
                         back first"
                    )),
                    (true, true) => error.hint(format!(
                        "the data stored before the move is in the moved file: use --db {now}"
                    )),
                    (true, false) => error.hint(format!(
                        "the data stored before the move is in the log, {}: move the file back beside the \
                         log",
                        log.display()
                    )),
                }
            }
            Now::Gone => Error::database(
                "the file was removed, or replaced by another file, while it was written",
            )
            .hint(match stored {
                true => "the data stored before is lost with the file: repeat the command",
                false => "nothing was stored: repeat the command",
            }),
            Now::Unknown => Error::database("the file was removed or moved while it was written")
            .hint(match (stored, kept) {
                (false, _) => "nothing was stored: repeat the command".to_owned(),
                (true, true) => "if the file was moved, it contains the data stored before; \
                                 otherwise repeat the command"
                    .to_owned(),
                (true, false) => format!(
                    "if the file was moved, move it back: the data stored before is in the log, \
                     {}; otherwise repeat the command",
                    log.display()
                ),
            }),
        };
        error.of_file(path).code(RefusalCode::DatabaseMoved)
    }

    /// Finds the present path of the file, among the files that this process has open.
    #[cfg(target_os = "linux")]
    fn now(self) -> Now {
        use std::os::unix::fs::MetadataExt as _;
        let open = std::fs::read_dir("/proc/self/fd").into_iter().flatten().filter_map(|entry| {
            let link = entry.ok()?.path();
            // The file is examined through its link and not opened, because closing it would release SQLite's
            // locks.
            let metadata = std::fs::metadata(&link).ok()?;
            (number(&metadata) == self.0).then_some((link, metadata.nlink()))
        });
        let mut found = Now::Unknown;
        for (link, names) in open {
            if names == 0 {
                return Now::Gone;
            }
            if let Ok(name) = std::fs::read_link(link)
                && self == FileId::of(&name)
            {
                found = Now::At(name);
            }
        }
        found
    }

    #[cfg(not(target_os = "linux"))]
    fn now(self) -> Now {
        Now::Unknown
    }
}

/// Copies everything from the log into the open database file, and empties the log. Returns whether that
/// succeeded.
fn is_brought_home(connection: &Connection) -> bool {
    let waits = connection.busy_timeout(A_WHILE);
    let done = waits.and_then(|()| {
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0))
    });
    done == Ok(0)
}

/// The number of names (hard links) of a file; `None` if there is no file, or the operating system does not
/// state the number.
pub fn names(path: &Path) -> Option<u64> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        std::fs::metadata(path).ok().map(|metadata| metadata.nlink())
    }
    #[cfg(not(unix))]
    {
        let _not_told = path;
        None
    }
}

#[cfg(unix)]
fn number(metadata: &std::fs::Metadata) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    Some((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn number(_metadata: &std::fs::Metadata) -> Option<(u64, u64)> {
    None
}
