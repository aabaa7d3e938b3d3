//! Stores the fetched pages of an answer on disk until the answer is complete (a spool). One file has the
//! pages. A journal beside it states where each page ends, and the URL or the cursor of the next page. So an
//! interrupted fetch can be resumed behind its last page. A completed fetch leaves no files.
//!
//! A spool holds personal data, so its folders have the mode 0700 and its files the mode 0600. The token is
//! never in it. Only one process at a time uses the spool of an answer. The spool is locked by a lock of the
//! operating system, which ends with the process, even if the process is killed.

use std::fs::{File, TryLockError};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::address::path_part;
use crate::error::{Error, Result};
use crate::model::Instant;
use crate::private_file;

/// How old the last page of an interrupted fetch may be for the fetch to be resumed, in seconds.
const FRESH: i64 = 600;

const LOCK: &str = "lock";
const PAGES: &str = "pages";
const JOURNAL: &str = "journal";
/// The possible file extensions of a complete answer.
const ANSWERS: [&str; 2] = [".json", ".csv"];

/// The folder with the spools of a database. A spool stores the fetched pages of one answer.
pub struct Spools {
    root: PathBuf,
}

impl Spools {
    /// The spools of a database. Their folder lies beside the database.
    pub fn beside(database: &Path) -> Spools {
        let mut name = database.as_os_str().to_owned();
        name.push("-spool");
        Spools { root: PathBuf::from(name) }
    }

    /// Removes spools that are too old to be resumed and that no process uses. Symbolic links are not followed.
    /// A folder stays if it belongs to another user, or if it contains anything that a spool never has.
    pub fn sweep(&self, now: Instant) {
        if !is_own_folder(&self.root) {
            return;
        }
        let entries = std::fs::read_dir(&self.root).into_iter().flatten();
        for folder in entries.filter_map(|entry| entry.ok().map(|entry| entry.path())) {
            // A folder that cannot be read or removed stays, because it does no harm to a fetch.
            let Some(files) = spooled(&folder) else { continue };
            if !files.iter().any(|file| file.ends_with(LOCK)) {
                continue;
            }
            let Ok(lock) = Lock::of(&folder) else { continue };
            let kept = SpoolJournal::read(&folder).is_some_and(|journal| journal.is_fresh(now));
            if !kept {
                remove_spool(&folder);
            }
            drop(lock);
        }
        let _others_are_in_it = std::fs::remove_dir(&self.root);
    }

    /// Opens the spool of the answer `name`: the pages that an earlier fetch stored, or an empty one.
    ///
    /// # Errors
    /// [`crate::error::ErrorKind::Remote`] if another process uses the spool;
    /// [`crate::error::ErrorKind::Output`] if the spool cannot be written.
    pub fn open(&self, name: &str, address: &str, now: Instant) -> Result<Spool> {
        let folder = self.root.join(path_part(name));
        let cannot = |error| cannot_write(&folder, error);
        private_file::private_folder(&folder).map_err(cannot)?;
        if spooled(&folder).is_none() {
            return Err(Error::output("this folder does not belong to a fetch")
                .at(&folder.display().to_string(), None)
                .hint(
                    "move this folder elsewhere: a fetch keeps its pages here until the answer is complete",
                ));
        }
        let lock = match Lock::soon(&folder) {
            Ok(lock) => lock,
            Err(TryLockError::WouldBlock) => {
                return Err(Error::remote(format!("another process is fetching {name}"))
                    .hint("wait until that process has ended, then try again"));
            }
            Err(TryLockError::Error(error)) => return Err(cannot(error)),
        };
        let mut spool = Spool {
            pages: open(&folder.join(PAGES)).map_err(cannot)?,
            journal: open(&folder.join(JOURNAL)).map_err(cannot)?,
            folder: folder.clone(),
            lines: Vec::new(),
            begun: now,
            address: address.to_owned(),
            _lock: lock,
        };
        let earlier = SpoolJournal::read(&folder);
        match earlier.filter(|it| it.head.address == address && it.is_fresh(now)) {
            Some(journal) => spool.go_on(journal)?,
            None => spool.begin(now)?,
        }
        Ok(spool)
    }
}

/// The first line of a spool's journal: what is fetched, and since when.
#[derive(Serialize, Deserialize)]
struct Head {
    address: String,
    begun: i64,
}

/// A line of a spool's journal, which describes one page.
#[derive(Serialize, Deserialize, Clone)]
struct Line {
    /// The offset at which the page begins in the file with all pages; `to` is the offset at which it ends.
    from: u64,
    to: u64,
    hash: String,
    /// The URL or the cursor of the next page; `None` for the last page.
    next: Option<String>,
    /// The time when the page was fetched, in Unix seconds.
    at: i64,
}

struct SpoolJournal {
    head: Head,
    lines: Vec<Line>,
}

impl SpoolJournal {
    /// Reads the journal of a spool up to the first line that was not written to its end.
    fn read(folder: &Path) -> Option<SpoolJournal> {
        let file = File::open(folder.join(JOURNAL)).ok()?;
        let mut lines = BufReader::new(file).lines();
        let head = serde_json::from_str(&lines.next()?.ok()?).ok()?;
        let pages = lines.map_while(|line| serde_json::from_str(&line.ok()?).ok());
        Some(SpoolJournal { head, lines: pages.collect() })
    }

    fn is_fresh(&self, now: Instant) -> bool {
        self.lines.last().is_some_and(|it| (0..=FRESH).contains(&(now.unix() - it.at)))
    }
}

/// The pages of one answer that were fetched so far, stored on disk.
pub struct Spool {
    folder: PathBuf,
    pages: File,
    journal: File,
    lines: Vec<Line>,
    begun: Instant,
    address: String,
    _lock: Lock,
}

impl Spool {
    /// The time at which the fetch of the answer began. It becomes the time of the snapshot.
    pub fn begun(&self) -> Instant {
        self.begun
    }

    /// The number of pages that are stored.
    pub fn count(&self) -> usize {
        self.lines.len()
    }

    /// The URL or the cursor of the page behind the last stored one; `None` if there is none.
    pub fn next(&self) -> Option<String> {
        self.lines.last()?.next.clone()
    }

    /// Reads a stored page. The first page has the number 0.
    ///
    /// # Errors
    /// If the page cannot be read.
    pub fn page(&mut self, number: usize) -> Result<Vec<u8>> {
        let Some(line) = self.lines.get(number) else { return Ok(Vec::new()) };
        let (from, length) = (line.from, line.to - line.from);
        let mut page = Vec::new();
        let read = self.pages.seek(SeekFrom::Start(from));
        let read = read.and_then(|_| (&self.pages).take(length).read_to_end(&mut page));
        read.map_err(|error| cannot_write(&self.folder, error))?;
        Ok(page)
    }

    /// Stores a further page. `next` is the URL or the cursor of the page behind it.
    ///
    /// # Errors
    /// [`crate::error::ErrorKind::Output`] if the page cannot be written.
    pub fn add(&mut self, page: &[u8], next: Option<&str>, now: Instant) -> Result<()> {
        let from = self.lines.last().map_or(0, |line| line.to + 1);
        let to = from + page.len() as u64;
        let hash = blake3::hash(page).to_hex().to_string();
        let line = Line { from, to, hash, next: next.map(str::to_owned), at: now.unix() };
        let mut text = serde_json::to_vec(&line).unwrap_or_default();
        text.push(b'\n');
        // The page is written before its line in the journal, so that the journal never has a page that is not
        // there.
        let written = self
            .pages
            .seek(SeekFrom::Start(from))
            .and_then(|_| self.pages.write_all(page))
            .and_then(|()| self.pages.write_all(b"\n"))
            .and_then(|()| self.journal.write_all(&text));
        written.map_err(|error| cannot_write(&self.folder, error))?;
        self.lines.push(line);
        Ok(())
    }

    /// Removes all stored pages, and begins the answer again.
    ///
    /// # Errors
    /// [`crate::error::ErrorKind::Output`] if the spool cannot be written.
    pub fn begin(&mut self, now: Instant) -> Result<()> {
        self.keep(now, Vec::new())
    }

    /// Resumes an interrupted fetch: takes over its stored pages up to the first damaged one.
    fn go_on(&mut self, journal: SpoolJournal) -> Result<()> {
        self.lines = journal.lines;
        let mut whole = 0;
        while whole < self.lines.len()
            && blake3::hash(&self.page(whole)?).to_hex().as_str() == self.lines[whole].hash
        {
            whole += 1;
        }
        let lines = self.lines[..whole].to_vec();
        self.keep(Instant::from_unix(journal.head.begun).unwrap_or_default(), lines)
    }

    /// Rewrites the journal so that it has only the pages `lines`, and cuts off the rest of the file with the
    /// pages.
    fn keep(&mut self, begun: Instant, lines: Vec<Line>) -> Result<()> {
        let head = Head { address: self.address.clone(), begun: begun.unix() };
        let mut text = serde_json::to_string(&head).unwrap_or_default();
        for line in &lines {
            text.push('\n');
            text.push_str(&serde_json::to_string(line).unwrap_or_default());
        }
        text.push('\n');
        // The line break behind the last page is written again. The hash of a page does not cover it, so it may
        // be missing.
        let end = lines.last().map_or(0, |line| line.to);
        let line_break: &[u8] = if lines.is_empty() { b"" } else { b"\n" };
        let written = self
            .pages
            .set_len(end)
            .and_then(|()| self.pages.seek(SeekFrom::Start(end)))
            .and_then(|_| self.pages.write_all(line_break))
            .and_then(|()| self.journal.set_len(0))
            .and_then(|()| self.journal.rewind())
            .and_then(|()| self.journal.write_all(text.as_bytes()));
        written.map_err(|error| cannot_write(&self.folder, error))?;
        (self.begun, self.lines) = (begun, lines);
        Ok(())
    }

    /// Makes a file called `name` of the stored pages of a complete answer.
    ///
    /// # Errors
    /// [`crate::error::ErrorKind::Output`] if the file cannot be written.
    pub fn finish(self, name: &str) -> Result<SpooledAnswer> {
        let path = self.folder.join(path_part(name));
        // The file with the pages gets a second name (a hard link) and keeps its first one. So a fetch that is
        // interrupted now can still be resumed.
        let linked = std::fs::remove_file(&path).or(Ok(()));
        let linked = linked.and_then(|()| std::fs::hard_link(self.folder.join(PAGES), &path));
        let linked = linked.or_else(|_| std::fs::copy(self.folder.join(PAGES), &path).map(drop));
        linked.map_err(|error| cannot_write(&self.folder, error))?;
        Ok(SpooledAnswer { path, spool: self })
    }

    /// Removes the stored pages from the disk.
    pub fn remove(self) {
        remove(&self.folder);
    }
}

/// A complete answer as a file on disk. The file stays until `remove` is called.
pub struct SpooledAnswer {
    /// The path of the file that holds the answer.
    pub path: PathBuf,
    spool: Spool,
}

impl SpooledAnswer {
    /// The time at which the fetch of the answer began. It becomes the time of the snapshot.
    pub fn taken_at(&self) -> Instant {
        self.spool.begun
    }

    /// The length of the answer in bytes.
    pub fn bytes(&self) -> u64 {
        self.spool.lines.last().map_or(0, |line| line.to + 1)
    }

    /// Removes the file with the answer, which is no longer needed.
    pub fn remove(self) {
        self.spool.remove();
    }
}

/// Does the path name a folder (not a symbolic link) that belongs to the user of this process?
fn is_own_folder(folder: &Path) -> bool {
    let there = std::fs::symlink_metadata(folder).ok().filter(std::fs::Metadata::is_dir);
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        // A new file belongs to the user of this process. So its owner shows who this user is.
        let own = || tempfile::tempfile().and_then(|file| file.metadata()).ok();
        there.is_some_and(|there| own().is_some_and(|own| own.uid() == there.uid()))
    }
    #[cfg(not(unix))]
    {
        there.is_some()
    }
}

/// The files in the folder of a spool. The files that every spool has (pages, journal and lock) come last, the
/// lock at the very end. `None` if the folder belongs to another user, or contains anything that a spool never
/// has.
fn spooled(folder: &Path) -> Option<Vec<PathBuf>> {
    if !is_own_folder(folder) {
        return None;
    }
    let (mut fixed, mut answers) = (Vec::new(), Vec::new());
    for entry in std::fs::read_dir(folder).ok()? {
        let entry = entry.ok()?;
        let name = entry.file_name().into_string().ok()?;
        if !entry.file_type().is_ok_and(|kind| kind.is_file()) {
            return None;
        } else if [LOCK, PAGES, JOURNAL].contains(&name.as_str()) {
            fixed.push(entry.path());
        } else if answers.is_empty() && ANSWERS.iter().any(|end| name.ends_with(end)) {
            answers.push(entry.path());
        } else {
            return None;
        }
    }
    fixed.sort_by_key(|file: &PathBuf| file.ends_with(LOCK));
    Some([answers, fixed].concat())
}

/// Removes the folder of a spool. If the folder has nothing but a file that looks like an answer, it is no
/// spool and stays.
fn remove_spool(folder: &Path) {
    let files = spooled(folder).unwrap_or_default();
    if files.is_empty() || files.len() > 3 || files.iter().all(|file| has_fixed_name(file)) {
        for file in files {
            let _swept_later = std::fs::remove_file(file);
        }
        let _others_are_in_it = std::fs::remove_dir(folder);
    }
}

fn has_fixed_name(file: &Path) -> bool {
    [LOCK, PAGES, JOURNAL].iter().any(|name| file.ends_with(name))
}

/// Removes the folder of a spool and, if it was the last one, the folder of all spools. What cannot be removed
/// now is removed by a later fetch.
fn remove(folder: &Path) {
    remove_spool(folder);
    if let Some(root) = folder.parent() {
        let _others_are_in_it = std::fs::remove_dir(root);
    }
}

/// The lock on the folder of a spool. It lasts until this value is dropped.
struct Lock(File);

impl Lock {
    fn of(folder: &Path) -> std::result::Result<Lock, TryLockError> {
        let file = open(&folder.join(LOCK)).map_err(TryLockError::Error)?;
        file.try_lock()?;
        Ok(Lock(file))
    }

    /// Locks a folder as [`Lock::of`] does, but tries for a short time if another process has the lock: a
    /// process that removes old spools has it only briefly.
    fn soon(folder: &Path) -> std::result::Result<Lock, TryLockError> {
        for _ in 0..10 {
            match Lock::of(folder) {
                Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(20)),
                settled => return settled,
            }
        }
        Lock::of(folder)
    }
}

impl Drop for Lock {
    /// Releases the lock explicitly, because closing the file is not enough. While another thread starts a
    /// token command, the new process has a copy of the open file, and with it the lock, until the command
    /// runs.
    fn drop(&mut self) {
        let _closed_at_the_latest = self.0.unlock();
    }
}

/// Opens a file to read and write. A new file gets permissions for its owner only.
fn open(path: &Path) -> std::io::Result<File> {
    private_file::options().create(true).truncate(false).open(path)
}

fn cannot_write(folder: &Path, error: std::io::Error) -> Error {
    Error::output("the fetched pages cannot be kept")
        .at(&folder.display().to_string(), None)
        .caused_by(error)
        .hint("check the permissions of the folder and the free space on the disk")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Instant {
        Instant::from_unix(seconds).expect("an instant")
    }

    fn interrupted(root: &Path) -> Spools {
        let spools = Spools::beside(&root.join("x.db"));
        let mut spool = spools.open("corp", "https://a/1", at(1000)).expect("a spool");
        spool.add(b"{\"page\":1}", Some("https://a/2"), at(1001)).expect("written");
        spool.add(b"{\"page\":2}", Some("https://a/3"), at(1002)).expect("written");
        spools
    }

    #[test]
    fn what_was_interrupted_goes_on_while_it_is_fresh() {
        let root = tempfile::tempdir().expect("a folder");
        let spools = interrupted(root.path());
        let journal = root.path().join("x.db-spool/corp/journal");
        let mut file = File::options().append(true).open(&journal).expect("the journal");
        file.write_all(b"{\"from\":22,\"to\":").expect("a torn line");
        let mut spool = spools.open("corp", "https://a/1", at(1602)).expect("a spool");
        assert_eq!((spool.count(), spool.begun()), (2, at(1000)));
        assert_eq!(spool.next().as_deref(), Some("https://a/3"));
        assert_eq!(spool.page(1).expect("a page"), b"{\"page\":2}");
        spool.add(b"{}", None, at(1603)).expect("written");
        let whole = spool.finish("all.json").expect("whole");
        let text = std::fs::read_to_string(&whole.path).expect("the file");
        assert_eq!(text, "{\"page\":1}\n{\"page\":2}\n{}\n");
        assert_eq!(whole.bytes(), text.len() as u64);
        whole.remove();
        assert!(!root.path().join("x.db-spool").exists());
    }

    #[test]
    fn what_is_old_or_of_another_address_or_damaged_does_not() {
        for (address, now) in [("https://a/1", 1603), ("https://b/1", 1002), ("https://a/1", 900)] {
            let root = tempfile::tempdir().expect("a folder");
            let spools = interrupted(root.path());
            let spool = spools.open("corp", address, at(now)).expect("a spool");
            assert_eq!((spool.count(), spool.begun()), (0, at(now)));
        }
        let root = tempfile::tempdir().expect("a folder");
        let spools = interrupted(root.path());
        let pages = root.path().join("x.db-spool/corp/pages");
        std::fs::write(&pages, b"{\"page\":1}\n{\"page\":9}\n").expect("damaged");
        assert_eq!(spools.open("corp", "https://a/1", at(1002)).expect("a spool").count(), 1);
    }

    #[test]
    fn one_at_a_time_and_the_old_is_swept() {
        let root = tempfile::tempdir().expect("a folder");
        let spools = interrupted(root.path());
        let held = spools.open("corp", "https://a/1", at(1002)).expect("a spool");
        assert!(spools.open("corp", "https://a/1", at(1002)).is_err());
        spools.sweep(at(9000));
        assert!(root.path().join("x.db-spool/corp").exists(), "another process is at it");
        drop(held);
        spools.sweep(at(1002));
        assert!(root.path().join("x.db-spool/corp").exists(), "it can go on");
        spools.sweep(at(9000));
        assert!(!root.path().join("x.db-spool").exists());
    }
}
