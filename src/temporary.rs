//! Temporary files and folders. The name of each states its purpose (`.oneseat-backup-…`). The process that
//! makes a temporary file locks the file, and removes it before the process ends.
//!
//! If the program is interrupted (Ctrl-C, a scheduler, a closed terminal), [`interrupted`] removes all its
//! temporary files, above all copies of the data. A killed process leaves its temporary files behind. The next
//! process that makes a temporary file for the same purpose in the same folder removes them. Only the operating
//! system's lock shows whether a temporary file is still needed, not its age and not its name. Any other file
//! in the folder may belong to the user, and must never be removed.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{ErrorKind, Result, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tempfile::{Builder, NamedTempFile, TempDir};

use crate::private_file::{options, sync_folder_of};

/// The beginning of the names of all temporary files and folders.
const OURS: &str = ".oneseat-";

/// The name of the file in a temporary folder that the process locks.
const LOCK: &str = "lock";

/// The name of the database copy in a temporary folder. The names of SQLite's files beside the copy begin with
/// it.
pub const COPY: &str = "copy.db";

/// The maximum number of attempts to remove a file or a folder while another thread still writes into it.
const TRIES: u32 = 1000;

/// The paths of the temporary files and folders that this process has made and must still remove or rename.
static HELD: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

fn held() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    HELD.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes every temporary file and folder of this process, then calls `end`. No other thread can make a
/// temporary file until `end` returns. In an interrupted program, `end` ends the process and never returns.
pub fn interrupted(end: impl FnOnce()) {
    let held = held();
    for path in held.iter() {
        for _ in 0..TRIES {
            let removed = match path.is_dir() && !path.is_symlink() {
                true => std::fs::remove_dir_all(path),
                false => std::fs::remove_file(path),
            };
            match removed {
                // Another thread may have put a file into the folder in the meantime, so the folder is removed
                // again.
                Err(error) if error.kind() != ErrorKind::NotFound => std::thread::yield_now(),
                _ => break,
            }
        }
    }
    end();
}

/// Runs work that an interruption must not split. If the program is interrupted during the work, the program
/// ends after the work is done. The work must be short, and must make no temporary files.
pub fn uninterrupted<T>(work: impl FnOnce() -> T) -> T {
    let held = held();
    let done = work();
    drop(held);
    done
}

/// A temporary file that only its owner can read. It is removed when this value is dropped.
pub struct TemporaryFile(Option<NamedTempFile>);

/// Makes a temporary file in a folder, and removes abandoned temporary files of the same purpose. `what` is the
/// purpose.
///
/// # Errors
/// If no file can be made in the folder.
pub fn file(folder: &Path, what: &str) -> Result<TemporaryFile> {
    sweep(folder, what);
    loop {
        let mut held = held();
        let file = Builder::new().prefix(&prefix(what)).tempfile_in(folder)?;
        // On a file system without locks, no process removes abandoned files, so a file without a lock is safe.
        let _unlocked = file.as_file().lock();
        // Another process may have removed the file before it was locked. Then the loop makes a new one.
        if is_the_same(file.as_file(), file.path()) {
            held.insert(file.path().to_owned());
            return Ok(TemporaryFile(Some(file)));
        }
    }
}

impl TemporaryFile {
    /// Syncs the file to the disk and renames it to its final name. A file that already has this name is
    /// replaced.
    ///
    /// # Errors
    /// If the file cannot be synced or renamed. The temporary file is then removed.
    pub fn put_in_place(self, name: &Path) -> Result<()> {
        self.named(name, |file| file.persist(name).map(drop).map_err(|error| error.error))
    }

    /// Gives the file its final name like [`TemporaryFile::put_in_place`], but never replaces a file.
    ///
    /// # Errors
    /// The same as for [`TemporaryFile::put_in_place`], and also if a file already has this name.
    pub fn put_in_free_place(self, name: &Path) -> Result<()> {
        self.named(name, |file| file.persist_noclobber(name).map(drop).map_err(|error| error.error))
    }

    fn named(mut self, name: &Path, give: impl FnOnce(NamedTempFile) -> Result<()>) -> Result<()> {
        let Some(file) = self.0.take() else { return Ok(()) };
        let synced = file.as_file().sync_all();
        // An interruption waits for the renaming. So the file is either removed as a temporary file, or it has
        // its final name.
        let mut held = held();
        held.remove(file.path());
        let given = synced.and_then(|()| give(file));
        drop(held);
        given.and_then(|()| sync_folder_of(name))
    }
}

impl Write for TemporaryFile {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        self.0.as_mut().map_or(Ok(0), |file| file.write(bytes))
    }

    fn flush(&mut self) -> Result<()> {
        self.0.as_mut().map_or(Ok(()), Write::flush)
    }
}

impl Drop for TemporaryFile {
    fn drop(&mut self) {
        let Some(file) = self.0.take() else { return };
        let mut held = held();
        held.remove(file.path());
        drop(file);
    }
}

/// A temporary folder for a copy of a database. Only its owner can use the folder. The folder and its contents
/// are removed when this value is dropped.
pub struct TemporaryFolder {
    folder: Option<TempDir>,
    /// The open lock file, which stays locked until the folder is removed.
    _lock: File,
}

/// Makes a temporary folder in the folder `within`, and removes abandoned temporary files of the same purpose.
/// `what` is the purpose.
///
/// # Errors
/// If no folder can be made in the folder `within`.
pub fn folder(within: &Path, what: &str) -> Result<TemporaryFolder> {
    sweep(within, what);
    loop {
        let mut held = held();
        let folder = Builder::new().prefix(&prefix(what)).tempdir_in(within)?;
        let path = folder.path().join(LOCK);
        let lock = match options().create_new(true).open(&path) {
            // Another process may have removed the new folder, because it was still empty. The loop then makes a
            // new one.
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            made => made?,
        };
        let _unlocked = lock.lock();
        if is_the_same(&lock, &path) {
            held.insert(folder.path().to_owned());
            return Ok(TemporaryFolder { folder: Some(folder), _lock: lock });
        }
    }
}

impl TemporaryFolder {
    /// The path of the database copy in the folder.
    pub fn copy(&self) -> PathBuf {
        self.folder.as_ref().map_or_else(PathBuf::new, |folder| folder.path().join(COPY))
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        let Some(folder) = self.folder.take() else { return };
        let mut held = held();
        held.remove(folder.path());
        drop(folder);
    }
}

/// The names of the temporary files and folders within a folder that no running process has locked.
pub fn leftovers(folder: &Path) -> Vec<String> {
    let unheld = entries(folder, OURS).into_iter().filter(|path| match claim(path) {
        Some(_lock) => true,
        // A folder without a lock file may also be left over. Older versions made no lock files, and a process
        // may be killed before it makes one.
        None => {
            path.is_dir()
                && !path.join(LOCK).exists()
                && (path.join(COPY).is_file() || is_empty(path))
        }
    });
    let names = unheld.filter_map(|path| Some(path.file_name()?.to_str()?.to_owned()));
    names.collect()
}

/// Removes the abandoned temporary files and folders of one purpose. Those that cannot be removed stay.
pub fn sweep(folder: &Path, what: &str) {
    for path in entries(folder, &prefix(what)) {
        // An empty temporary folder has no lock file yet. A process that has just made the folder notices that
        // it was removed, and makes another one.
        if path.is_dir() && is_empty(&path) {
            let _stays = std::fs::remove_dir(&path);
            continue;
        }
        let Some(lock) = claim(&path) else { continue };
        let _stays = match path.is_dir() {
            true => remove_folder(&path),
            false => std::fs::remove_file(&path),
        };
        drop(lock);
    }
}

fn prefix(what: &str) -> String {
    format!("{OURS}{what}-")
}

/// The files and folders whose names begin with a prefix, within a folder. Symbolic links are left out.
fn entries(folder: &Path, prefix: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let mut named: Vec<PathBuf> = entries
        .filter(|entry| entry.file_name().to_str().is_some_and(|name| name.starts_with(prefix)))
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file() || kind.is_dir()))
        .map(|entry| entry.path())
        .collect();
    named.sort();
    named
}

/// Locks an abandoned temporary file or folder. `None` if a running process holds its lock, or if the folder
/// contains files that no temporary folder has.
fn claim(path: &Path) -> Option<File> {
    let locked = match path.is_dir() {
        true if holds_only_ours(path) => path.join(LOCK),
        true => return None,
        false => path.to_owned(),
    };
    let file = File::open(&locked).ok()?;
    file.try_lock().ok()?;
    is_the_same(&file, &locked).then_some(file)
}

/// Does a folder contain nothing but the files of a temporary folder?
fn holds_only_ours(folder: &Path) -> bool {
    let Ok(entries) = std::fs::read_dir(folder) else { return false };
    entries.into_iter().all(|entry| {
        entry.is_ok_and(|entry| {
            let name = entry.file_name();
            let ours = name.to_str().is_some_and(|it| it == LOCK || it.starts_with(COPY));
            ours && entry.file_type().is_ok_and(|kind| kind.is_file())
        })
    })
}

fn is_empty(folder: &Path) -> bool {
    std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none())
}

fn remove_folder(folder: &Path) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        std::fs::remove_file(entry?.path())?;
    }
    std::fs::remove_dir(folder)
}

/// Does the path still lead to this open file, or was the file replaced or removed?
#[cfg(unix)]
fn is_the_same(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let number = |it: std::fs::Metadata| (it.dev(), it.ino());
    let there = std::fs::symlink_metadata(path).map(number).ok();
    there.is_some() && there == file.metadata().map(number).ok()
}

#[cfg(not(unix))]
fn is_the_same(_file: &File, path: &Path) -> bool {
    path.exists()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::private_file::{private_folder, times_synced, usual_folder};

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).expect("a folder");
        let mut names: Vec<String> = entries
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn what_a_kill_left_is_swept_and_nothing_else() {
        let place = tempfile::tempdir().expect("a folder");
        let at = |name: &str| place.path().join(name);
        let made = file(place.path(), "output").expect("a file");
        let folder_made = folder(place.path(), "output").expect("a folder");
        std::fs::write(folder_made.copy(), b"data").expect("a copy");
        assert_eq!(leftovers(place.path()), Vec::<String>::new(), "both are held");
        // A killed process leaves its files behind, without locks.
        std::fs::write(at(".oneseat-output-abc"), b"half").expect("a file");
        std::fs::create_dir(at(".oneseat-output-def")).expect("a folder");
        for name in ["lock", "copy.db", "copy.db-wal"] {
            std::fs::write(at(".oneseat-output-def").join(name), b"").expect("a file");
        }
        // This folder stands for the folder of a process that was killed before it made the lock file.
        std::fs::create_dir(at(".oneseat-output-new")).expect("a folder");
        // These folders only look like temporary folders, and must not be removed.
        std::fs::create_dir(at(".oneseat-output-mine")).expect("a folder");
        std::fs::write(at(".oneseat-output-mine").join("lock"), b"").expect("a file");
        std::fs::write(at(".oneseat-output-mine").join("photo.jpg"), b"").expect("a file");
        std::fs::create_dir(at("precious")).expect("a folder");
        std::fs::write(at("precious").join("lock"), b"").expect("a file");
        #[cfg(unix)]
        std::os::unix::fs::symlink(at("precious"), at(".oneseat-output-link")).expect("a link");
        let left = [".oneseat-output-abc", ".oneseat-output-def", ".oneseat-output-new"];
        assert_eq!(leftovers(place.path()), left);
        drop(file(place.path(), "output").expect("a file"));
        assert_eq!(leftovers(place.path()), Vec::<String>::new());
        assert!(at(".oneseat-output-mine").join("photo.jpg").exists());
        assert!(at("precious").join("lock").exists());
        assert!(folder_made.copy().exists(), "a living process holds it");
        made.put_in_place(&at("answer.csv")).expect("a name");
        drop(folder_made);
        let left = [".oneseat-output-link", ".oneseat-output-mine", "answer.csv", "precious"];
        assert_eq!(names(place.path()), left);
    }

    #[test]
    fn a_new_name_and_a_new_folder_are_seen_to_the_disk() {
        let place = tempfile::tempdir().expect("a folder");
        let at = |name: &str| place.path().join(name);
        private_folder(&at("a/b/c")).expect("folders");
        assert_eq!(["a", "a/b", "a/b/c"].map(|it| times_synced(&at(it))), [1, 1, 0]);
        assert_eq!(times_synced(place.path()), 1, "the folder that `a` stands in");
        private_folder(&at("a/b/c")).expect("they are there");
        usual_folder(&at("a/b/d")).expect("a folder");
        assert_eq!([times_synced(place.path()), times_synced(&at("a/b"))], [1, 2]);
        let mut made = file(&at("a/b/c"), "new").expect("a file");
        made.write_all(b"data").expect("written");
        made.put_in_place(&at("a/b/c/file")).expect("a name");
        assert_eq!(times_synced(&at("a/b/c")), 1);
        let made = file(&at("a/b/c"), "new").expect("a file");
        made.put_in_free_place(&at("a/b/c/other")).expect("a name");
        assert_eq!(times_synced(&at("a/b/c")), 2);
        let made = file(&at("a/b/c"), "new").expect("a file");
        assert!(made.put_in_free_place(&at("a/b/c/other")).is_err());
        assert_eq!(times_synced(&at("a/b/c")), 2, "nothing was named");
    }

    #[test]
    fn a_file_takes_no_name_that_is_taken_where_it_must_not() {
        let place = tempfile::tempdir().expect("a folder");
        std::fs::write(place.path().join("there"), b"precious").expect("a file");
        let made = file(place.path(), "new").expect("a file");
        let refused = made.put_in_free_place(&place.path().join("there"));
        assert_eq!(refused.map_err(|error| error.kind()), Err(ErrorKind::AlreadyExists));
        assert_eq!(names(place.path()), ["there"]);
        let made = file(place.path(), "new").expect("a file");
        made.put_in_free_place(&place.path().join("free")).expect("a name");
        assert_eq!(names(place.path()), ["free", "there"]);
    }
}
