//! Copies a database with an older schema before a migration changes it. The copy is named `FILE.schema-N`, and
//! only its owner can read it.
//!
//! This code may assume that the caller holds the write lock, so that no other process writes. The copy gets its
//! name only when it is complete and on the disk. Until then it is in a temporary folder. After an interruption,
//! that folder is removed with all files that SQLite made in it.

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

/// The number of bytes that are compared at a time when two copies are compared.
const PIECE: u64 = 64 * 1024;

/// Copies the database to a file beside it, unless an equal copy is already there.
///
/// # Errors
/// [`crate::error::ErrorKind::Database`] if the copy cannot be made. In that case no part of the copy remains.
pub(super) fn old_schema(path: &Path, version: i64) -> Result<()> {
    // SQLite gives some file names a special meaning, but never an absolute path.
    let path = &absolute(path);
    let old_part = beside(path, &format!(".schema-{version}.part"));
    // A partial copy under this name was left by an older program. If it cannot be removed, it does no harm.
    let _stays = remove(&old_part);
    let made = temporary::folder(folder_of(path), PURPOSE);
    let made = made.map_err(|error| cannot_make(path, error))?;
    copy(path, &made.copy())?;
    give_name(path, version, &made.copy()).map_err(|error| cannot_make(path, error))
}

/// Removes the temporary folder of an earlier migration, which remains if that migration was killed or the
/// folder was moved. Without another migration, nothing else would remove it.
pub(super) fn sweep(path: &Path) {
    temporary::sweep(folder_of(&absolute(path)), PURPOSE);
}

/// Removes the partial copy that an older program left when it was interrupted, with SQLite's rollback journal of
/// that copy.
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

/// Writes the copy of the database to `part`, and waits until the copy is on the disk.
fn copy(path: &Path, part: &Path) -> Result<()> {
    private_file::create(part).map_err(|error| cannot_make(part, error))?;
    let Some(name) = part.to_str() else {
        return Err(Error::database("the file name is not valid UTF-8").of_file(part));
    };
    // The connection that holds the write lock is in a transaction, and SQLite makes no copy within a
    // transaction. So a second connection makes the copy.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let reading = guard::open(path, flags)?;
    reading.busy_timeout(PATIENCE)?;
    let copied = reading.execute("VACUUM INTO ?1", [name]);
    copied.map_err(|error| Error::from(error).at(&part.display().to_string(), None))?;
    // SQLite's `VACUUM INTO` does not wait until the copy is on the disk.
    File::open(part).and_then(|file| file.sync_all()).map_err(|error| cannot_make(part, error))
}

/// Gives the copy its name. If another file has that name already, that file stays. If the other file is equal to
/// the copy, the copy is not kept. If the other file differs, the copy gets a number at the end of its name.
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

/// Whether two files are equal, byte by byte. A file that cannot be read equals no file.
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
