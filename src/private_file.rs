//! Files and folders that only their owner can use, and file names that survive a loss of power.
//!
//! No other file of the program sets or reads permissions, or renames files. This file never looks at the
//! content of files. The module `temporary` makes files that get their final name when they are complete.

use std::fs::{DirBuilder, File, Metadata, OpenOptions};
use std::io::{ErrorKind, Result};
use std::path::Path;
#[cfg(test)]
use std::path::PathBuf;
#[cfg(test)]
use std::sync::{Mutex, PoisonError};

/// The options that open a file for reading and writing. If they create the file, only its owner can use it
/// (mode 0600).
pub fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Creates an empty file that only its owner can read and write.
///
/// # Errors
/// If the file cannot be created, or if it already exists.
pub fn create(path: &Path) -> Result<()> {
    options().create_new(true).open(path).map(drop)
}

/// Gives the right to read and write a file to its owner, and to nobody else.
///
/// # Errors
/// If the permissions cannot be changed.
pub fn own(file: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600))
    }
    #[cfg(not(unix))]
    {
        let mut rights = std::fs::metadata(file)?.permissions();
        rights.set_readonly(false);
        std::fs::set_permissions(file, rights)
    }
}

/// The permission bits in a file's metadata; `None` if the system has none.
pub fn mode(metadata: &Metadata) -> Option<u32> {
    #[cfg(unix)]
    {
        Some(std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o7777)
    }
    #[cfg(not(unix))]
    {
        let _no_modes = metadata;
        None
    }
}

/// Do these permission bits give rights to anybody but the owner?
pub fn is_open_to_others(mode: u32) -> bool {
    mode & 0o077 != 0
}

/// Makes a folder and its missing ancestors for their owner only, and syncs their names to the disk. An
/// existing folder stays as it is.
///
/// # Errors
/// If the folder cannot be made.
pub fn private_folder(folder: &Path) -> Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    make(builder, folder)
}

/// Makes a folder and its missing ancestors like [`private_folder`], but with the usual permissions of folders.
///
/// # Errors
/// If the folder cannot be made.
pub fn usual_folder(folder: &Path) -> Result<()> {
    make(DirBuilder::new(), folder)
}

fn make(mut builder: DirBuilder, folder: &Path) -> Result<()> {
    let above = folder.ancestors().filter(|it| !it.as_os_str().is_empty());
    let new: Vec<&Path> = above.take_while(|it| !it.exists()).collect();
    builder.recursive(true).create(folder)?;
    new.into_iter().rev().try_for_each(sync_folder_of)
}

/// Renames a file. A file that already has the new name is replaced. The new name is not synced to the disk.
///
/// # Errors
/// If the file cannot be renamed.
pub fn rename(from: &Path, to: &Path) -> Result<()> {
    std::fs::rename(from, to)
}

/// Renames a file, and syncs the new name to the disk. A file that already has the new name is replaced.
///
/// # Errors
/// If the file cannot be renamed, or if the disk fails.
pub fn put_in_place(from: &Path, to: &Path) -> Result<()> {
    rename(from, to)?;
    sync_folder_of(to)
}

#[cfg(unix)]
fn sync(folder: &Path) -> Result<()> {
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    match synced {
        // The folder is writable but not readable, or its file system cannot sync folders. Both errors are
        // ignored.
        Err(error)
            if matches!(
                error.kind(),
                ErrorKind::PermissionDenied | ErrorKind::InvalidInput | ErrorKind::Unsupported
            ) =>
        {
            Ok(())
        }
        synced => synced,
    }
}

#[cfg(not(unix))]
fn sync(_folder: &Path) -> Result<()> {
    Ok(())
}

/// Syncs the name of a file or a folder to the disk, by syncing the folder that contains it.
///
/// # Errors
/// If the disk fails.
pub fn sync_folder_of(name: &Path) -> Result<()> {
    let folder = name.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    #[cfg(test)]
    SYNCED.lock().unwrap_or_else(PoisonError::into_inner).push(folder.to_owned());
    sync(folder)
}

/// The folders that were synced. Only tests read this list, because they cannot observe a sync in any other way.
#[cfg(test)]
static SYNCED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// The number of times that a folder was synced.
#[cfg(test)]
pub(crate) fn times_synced(folder: &Path) -> usize {
    let synced = SYNCED.lock().unwrap_or_else(PoisonError::into_inner);
    synced.iter().filter(|it| *it == folder).count()
}
