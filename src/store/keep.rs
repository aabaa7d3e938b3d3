//! The copy of a database with an older schema, made before the first change: `FILE.schema-N`, readable by its
//! owner only.
//!
//! May assume: the caller holds the write lock, so no other process writes. The copy gets its name only when it
//! is complete and on the disk. Until then it is in a temporary folder, which is removed after an interruption,
//! with any files that SQLite made in it.

use std::ffi::OsString;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use rusqlite::OpenFlags;

use super::guard;
use super::place_on_disk::absolute;
use super::place_on_disk::{cannot_make, folder_of};
use super::sql::PATIENCE;
use crate::error::{Error, Result};
use crate::private_file;
use crate::temporary;

const PURPOSE: &str = "schema";

/// How many bytes of two copies are compared at a time.
const PIECE: u64 = 64 * 1024;

/// Copies the database beside itself, unless an equal copy is there.
///
/// # Errors
/// [`crate::error::ErrorKind::Database`] if the copy cannot be made; then no part of it remains.
pub(super) fn old_schema(path: &Path, version: i64) -> Result<()> {
    // SQLite gives some names a special meaning, but never an absolute path.
    let path = &absolute(path);
    let old_part = beside(path, &format!(".schema-{version}.part"));
    // No copy is made under that name any more, so a file that cannot be removed does no harm.
    let _stays = remove(&old_part);
    let made = temporary::folder(folder_of(path), PURPOSE);
    let made = made.map_err(|error| cannot_make(path, error))?;
    copy(path, &made.copy())?;
    give_name(path, version, &made.copy()).map_err(|error| cannot_make(path, error))
}

/// Removes what is left of a migration that was killed at its end, or whose folder was moved meanwhile: there
/// may be no later migration to remove it.
pub(super) fn sweep(path: &Path) {
    temporary::sweep(folder_of(&absolute(path)), PURPOSE);
}

/// Removes the partial copy that an older program left when it was stopped, with SQLite's journal of it.
fn remove(part: &Path) -> std::io::Result<()> {
    for file in [part.to_owned(), beside(part, "-journal")] {
        match std::fs::remove_file(file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name: OsString = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// Writes the copy, and waits until it is on the disk.
fn copy(path: &Path, part: &Path) -> Result<()> {
    private_file::create(part).map_err(|error| cannot_make(part, error))?;
    let Some(name) = part.to_str() else {
        return Err(Error::database("the file name is not valid UTF-8").of_file(part));
    };
    // SQLite copies nothing on the connection that holds the lock, because it is in a transaction.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let reading = guard::open(path, flags)?;
    reading.busy_timeout(PATIENCE)?;
    let copied = reading.execute("VACUUM INTO ?1", [name]);
    copied.map_err(|error| Error::from(error).at(&part.display().to_string(), None))?;
    // SQLite does not wait for the disk here.
    File::open(part).and_then(|file| file.sync_all()).map_err(|error| cannot_make(part, error))
}

/// Names the copy. A copy that is already there may have other content. It stays, and the new one gets a
/// number.
fn give_name(path: &Path, version: i64, part: &Path) -> std::io::Result<()> {
    let mut number = 0;
    loop {
        let name = match number {
            0 => beside(path, &format!(".schema-{version}")),
            _ => beside(path, &format!(".schema-{version}-{number}")),
        };
        if std::fs::symlink_metadata(&name).is_err() {
            return private_file::put_in_place(part, &name);
        }
        if are_the_same(part, &name) {
            return Ok(());
        }
        number += 1;
    }
}

/// Are two files equal, byte by byte? A file that cannot be read equals nothing.
fn are_the_same(one: &Path, other: &Path) -> bool {
    let open = |path| File::open(path).map(BufReader::new);
    let (Ok(mut one), Ok(mut other)) = (open(one), open(other)) else { return false };
    loop {
        let (mut here, mut there) = (Vec::new(), Vec::new());
        let read = one.by_ref().take(PIECE).read_to_end(&mut here);
        let also = other.by_ref().take(PIECE).read_to_end(&mut there);
        if read.is_err() || also.is_err() || here != there {
            return false;
        }
        if here.is_empty() {
            return true;
        }
    }
}
