//! The copy of a database of an older schema, made before the first change: `FILE.schema-N`, readable
//! by its owner only.
//!
//! May assume: whoever calls holds the write lock, so nobody else is at it. The copy has its name
//! only when it is whole and on the disk; until then it lies in a temporary folder, which an
//! interruption takes away even while SQLite makes files in it.

use std::ffi::OsString;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use rusqlite::OpenFlags;

use super::place_on_disk::absolute;
use super::{PATIENCE, cannot_make, create_private, folder_of, guard};
use crate::error::{Error, Result};
use crate::temporary;

/// What the temporary folder is for.
const PURPOSE: &str = "schema";

/// How much of two copies is compared at a time.
const PIECE: u64 = 64 * 1024;

/// Copies the database beside itself, unless the same copy is there already.
///
/// # Errors
/// [`crate::error::Kind::Database`] if the copy cannot be made; then nothing of it is left.
pub(super) fn old_schema(path: &Path, version: i64) -> Result<()> {
    // SQLite takes some names for something else than a file.
    let path = &absolute(path);
    let old_part = beside(path, &format!(".schema-{version}.part"));
    // Nothing is made under that name any more, so what cannot be removed is in nobody's way.
    let _stays = remove(&old_part);
    let made = temporary::folder(folder_of(path), PURPOSE);
    let made = made.map_err(|error| cannot_make(path, error))?;
    copy(path, &made.copy())?;
    give_name(path, version, &made.copy()).map_err(|error| cannot_make(path, error))
}

/// Takes away what a migration left that was killed at its end, or whose folder was moved away
/// meanwhile: no other one may come that would.
pub(super) fn sweep(path: &Path) {
    temporary::sweep(folder_of(&absolute(path)), PURPOSE);
}

/// Removes the part of a copy that an older program left when it was stopped, and SQLite's journal of
/// it.
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
    create_private(part).map_err(|error| cannot_make(part, error))?;
    let Some(name) = part.to_str() else {
        return Err(Error::database(format!("{}: the name is no text", part.display())));
    };
    // The connection that holds the lock is in a transaction, from which SQLite copies nothing.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let reading = guard::open(path, flags)?;
    reading.busy_timeout(PATIENCE)?;
    let copied = reading.execute("VACUUM INTO ?1", [name]);
    copied.map_err(|error| Error::from(error).at(&part.display().to_string(), None))?;
    // SQLite does not wait for the disk here.
    File::open(part).and_then(|file| file.sync_all()).map_err(|error| cannot_make(part, error))
}

/// A copy that is there already may be of another state: it stays, and this one has another number.
fn give_name(path: &Path, version: i64, part: &Path) -> std::io::Result<()> {
    let mut number = 0;
    loop {
        let name = match number {
            0 => beside(path, &format!(".schema-{version}")),
            _ => beside(path, &format!(".schema-{version}-{number}")),
        };
        if std::fs::symlink_metadata(&name).is_err() {
            std::fs::rename(part, &name)?;
            return temporary::sync_folder_of(&name);
        }
        if are_the_same(part, &name) {
            return Ok(());
        }
        number += 1;
    }
}

/// Are these files equal, byte by byte? One that cannot be read is not.
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
