//! What has come of an answer, on disk until it is whole: pages one after another in one file, and
//! a journal of where each ends and where the next one is. A fetch that was interrupted goes on
//! from there; a fetch that is done leaves nothing.
//!
//! It has personal data in it, so its folders have the mode 0700 and its files 0600; the token is
//! never in it. One process at a time uses the spool of an answer: the lock is the operating
//! system's, so that nothing is left locked by a process that was killed.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::address::path_part;
use crate::error::{Error, Result};
use crate::model::Instant;
use crate::temporary;

/// How old what was interrupted may be, in seconds.
const FRESH: i64 = 600;

const LOCK: &str = "lock";
const PAGES: &str = "pages";
const JOURNAL: &str = "journal";
/// How the name of a whole answer ends.
const ANSWERS: [&str; 2] = [".json", ".csv"];

/// The place of all spools of a database.
pub struct Spools {
    root: PathBuf,
}

impl Spools {
    /// The spools beside a database.
    pub fn beside(database: &Path) -> Spools {
        let mut name = database.as_os_str().to_owned();
        name.push("-spool");
        Spools { root: PathBuf::from(name) }
    }

    /// Removes what was interrupted too long ago to go on with, unless another process is at it.
    /// Nothing else is touched: not what a link leads to, and no folder that is not ours or has
    /// anything in it that no spool has.
    pub fn sweep(&self, now: Instant) {
        if !is_own_folder(&self.root) {
            return;
        }
        let entries = std::fs::read_dir(&self.root).into_iter().flatten();
        for folder in entries.filter_map(|entry| entry.ok().map(|entry| entry.path())) {
            // What cannot be looked at or removed stays: it stops no fetch.
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

    /// Opens the spool of an answer.
    ///
    /// # Errors
    /// [`crate::error::Kind::Remote`] if another process is at it; [`crate::error::Kind::Output`]
    /// if it cannot be written.
    pub fn open(&self, name: &str, address: &str, now: Instant) -> Result<Spool> {
        let folder = self.root.join(path_part(name));
        let cannot = |error| cannot_write(&folder, error);
        temporary::private_folder(&folder).map_err(cannot)?;
        if spooled(&folder).is_none() {
            return Err(Error::output("there is a folder here that is none of a fetch")
                .at(&folder.display().to_string(), None)
                .hint("move it elsewhere: what is fetched is kept here until it is whole"));
        }
        let lock = match Lock::soon(&folder) {
            Ok(lock) => lock,
            Err(TryLockError::WouldBlock) => {
                return Err(Error::remote(format!("another process is fetching {name}"))
                    .hint("let it end, then ask again"));
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

/// The first line of a journal.
#[derive(Serialize, Deserialize)]
struct Head {
    address: String,
    begun: i64,
}

/// A page in the journal.
#[derive(Serialize, Deserialize, Clone)]
struct Line {
    /// Where it begins and ends in the file of pages.
    from: u64,
    to: u64,
    hash: String,
    /// Where the next page is.
    next: Option<String>,
    /// When it came.
    at: i64,
}

struct SpoolJournal {
    head: Head,
    lines: Vec<Line>,
}

impl SpoolJournal {
    /// What a journal says, as far as it was written whole.
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

/// What has come of one answer.
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
    /// When what is in it was begun: that is when the snapshot was taken.
    pub fn begun(&self) -> Instant {
        self.begun
    }

    /// How many pages are in it.
    pub fn count(&self) -> usize {
        self.lines.len()
    }

    /// Where the page after the last one is.
    pub fn next(&self) -> Option<String> {
        self.lines.last()?.next.clone()
    }

    /// A page.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn page(&mut self, number: usize) -> Result<Vec<u8>> {
        let Some(line) = self.lines.get(number) else { return Ok(Vec::new()) };
        let (from, length) = (line.from, line.to - line.from);
        let mut page = Vec::new();
        let read = self.pages.seek(SeekFrom::Start(from));
        let read = read.and_then(|_| (&self.pages).take(length).read_to_end(&mut page));
        read.map_err(|error| cannot_write(&self.folder, error))?;
        Ok(page)
    }

    /// Puts a page to those that have come.
    ///
    /// # Errors
    /// [`crate::error::Kind::Output`] if it cannot be written.
    pub fn add(&mut self, page: &[u8], next: Option<&str>, now: Instant) -> Result<()> {
        let from = self.lines.last().map_or(0, |line| line.to + 1);
        let to = from + page.len() as u64;
        let hash = blake3::hash(page).to_hex().to_string();
        let line = Line { from, to, hash, next: next.map(str::to_owned), at: now.unix() };
        let mut text = serde_json::to_vec(&line).unwrap_or_default();
        text.push(b'\n');
        // The page first: what the journal names is there.
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

    /// Begins again with nothing.
    ///
    /// # Errors
    /// [`crate::error::Kind::Output`] if it cannot be written.
    pub fn begin(&mut self, now: Instant) -> Result<()> {
        self.keep(now, Vec::new())
    }

    /// Takes over what came before the interruption, as far as it is whole.
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

    /// Writes the journal anew with these pages, and cuts off what comes after them.
    fn keep(&mut self, begun: Instant, lines: Vec<Line>) -> Result<()> {
        let head = Head { address: self.address.clone(), begun: begun.unix() };
        let mut text = serde_json::to_string(&head).unwrap_or_default();
        for line in &lines {
            text.push('\n');
            text.push_str(&serde_json::to_string(line).unwrap_or_default());
        }
        text.push('\n');
        // The line break after the last page is written again: it has no hash, and may be lost.
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

    /// The whole answer as a file of this name.
    ///
    /// # Errors
    /// [`crate::error::Kind::Output`] if it cannot be written.
    pub fn finish(self, name: &str) -> Result<SpooledAnswer> {
        let path = self.folder.join(path_part(name));
        // A second name, so that a fetch that is interrupted now still finds its pages.
        let linked = std::fs::remove_file(&path).or(Ok(()));
        let linked = linked.and_then(|()| std::fs::hard_link(self.folder.join(PAGES), &path));
        let linked = linked.or_else(|_| std::fs::copy(self.folder.join(PAGES), &path).map(drop));
        linked.map_err(|error| cannot_write(&self.folder, error))?;
        Ok(SpooledAnswer { path, spool: self })
    }

    /// Removes all of it.
    pub fn remove(self) {
        remove(&self.folder);
    }
}

/// A whole answer, which is on disk as long as this is not removed.
pub struct SpooledAnswer {
    /// The file.
    pub path: PathBuf,
    spool: Spool,
}

impl SpooledAnswer {
    /// When it was taken.
    pub fn taken_at(&self) -> Instant {
        self.spool.begun
    }

    /// How many bytes it has.
    pub fn bytes(&self) -> u64 {
        self.spool.lines.last().map_or(0, |line| line.to + 1)
    }

    /// Removes the spool: the answer is done with.
    pub fn remove(self) {
        self.spool.remove();
    }
}

/// Is this a folder itself, and no link to one, of the user whom the process runs for?
fn is_own_folder(folder: &Path) -> bool {
    let there = std::fs::symlink_metadata(folder).ok().filter(std::fs::Metadata::is_dir);
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        // Of whom a new file would be.
        let own = || tempfile::tempfile().and_then(|file| file.metadata()).ok();
        there.is_some_and(|there| own().is_some_and(|own| own.uid() == there.uid()))
    }
    #[cfg(not(unix))]
    {
        there.is_some()
    }
}

/// The files of an own folder in which nothing is but what a spool has, those with fixed names last.
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

/// Removes a spool. A file of a whole answer never stands there without the others: where it does,
/// it is somebody else's.
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

/// What cannot be removed now is swept by a later fetch.
fn remove(folder: &Path) {
    remove_spool(folder);
    if let Some(root) = folder.parent() {
        let _others_are_in_it = std::fs::remove_dir(root);
    }
}

/// The lock of a folder, held until it is dropped.
struct Lock(File);

impl Lock {
    fn of(folder: &Path) -> std::result::Result<Lock, TryLockError> {
        let file = open(&folder.join(LOCK)).map_err(TryLockError::Error)?;
        file.try_lock()?;
        Ok(Lock(file))
    }

    /// As [`Lock::of`], with patience for one who only sweeps, which takes a moment.
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
    /// Closing is not enough: a token command that another thread is just starting holds a copy
    /// of the open file until it runs, and with it the lock.
    fn drop(&mut self) {
        let _closed_at_the_latest = self.0.unlock();
    }
}

/// Opens a file for reading and writing, for its owner only.
fn open(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn cannot_write(folder: &Path, error: std::io::Error) -> Error {
    Error::output("what is fetched cannot be kept")
        .at(&folder.display().to_string(), None)
        .caused_by(error)
        .hint("look at the folder's rights and at the room on the disk")
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
        let mut file = OpenOptions::new().append(true).open(&journal).expect("the journal");
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
