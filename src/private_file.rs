//! Files and folders that only their owner can use, and names that survive a loss of power.
//!
//! This is the only file that sets or reads permissions and that renames. What a file contains is not its
//! concern. `temporary` makes the files that get their name when they are complete.

use std::fs::{DirBuilder, File, Metadata, OpenOptions};
use std::io::{ErrorKind, Result};
use std::path::Path;
#[cfg(test)]
use std::path::PathBuf;
#[cfg(test)]
use std::sync::{Mutex, PoisonError};

/// The options with which a file is opened for reading and writing, and made for its owner only (0600).
pub fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Creates a file that only its owner can read.
///
/// # Errors
/// Also if there is a file of that name.
pub fn create(path: &Path) -> Result<()> {
    options().create_new(true).open(path).map(drop)
}

/// Gives the owner, and nobody else, the right to read and write a file.
///
/// # Errors
/// If the rights cannot be changed.
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

/// Makes a folder and its missing ancestors, accessible to their owner only, and syncs their names to the
/// disk. A folder that exists stays as it is.
///
/// # Errors
/// If the folder cannot be made.
pub fn private_folder(folder: &Path) -> Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    make(builder, folder)
}

/// Like [`private_folder`], but with the usual permissions of folders.
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

/// Renames a file and replaces any file of the new name. The name is not synced to the disk.
///
/// # Errors
/// If the file cannot be renamed.
pub fn rename(from: &Path, to: &Path) -> Result<()> {
    std::fs::rename(from, to)
}

/// Renames a file, replaces any file of the new name, and syncs the name to the disk.
///
/// # Errors
/// If the file cannot be renamed, or the disk fails.
pub fn put_in_place(from: &Path, to: &Path) -> Result<()> {
    rename(from, to)?;
    sync_folder_of(to)
}

#[cfg(unix)]
fn sync(folder: &Path) -> Result<()> {
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    match synced {
        // The folder is writable but not readable, or the file system cannot sync folders.
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

/// The folders that were synced. Tests have no other way to see it.
#[cfg(test)]
static SYNCED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// How often a folder was synced.
#[cfg(test)]
pub(crate) fn times_synced(folder: &Path) -> usize {
    let synced = SYNCED.lock().unwrap_or_else(PoisonError::into_inner);
    synced.iter().filter(|it| *it == folder).count()
}
