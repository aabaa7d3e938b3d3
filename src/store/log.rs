//! Checks whether the write-ahead log (`-wal`) beside a database belongs to the database. SQLite does not check
//! this. If a backup replaces a database whose log was left behind, SQLite copies the pages of that log into
//! the backup.
//!
//! Page 1 of a database holds a change counter. Every process that writes increments the counter at least once
//! (`changes_page_one`). A new database, and every copy that this program makes, starts with a random counter
//! (`stamp`). The log holds page 1 as each transaction left it. When the log received the first of these pages, the
//! counter in the file equaled the counter in that page, or was one less. An interrupted checkpoint may have copied
//! any later page 1 from the log into the file. If the file has any other counter, the log belongs to another file
//! or to another state of this file.
//!
//! This code may assume that no connection of this process has the file open, because closing a file releases all
//! locks that the process holds on it. It must not write. It must not reject a database that a killed process or a
//! power loss left behind: like SQLite, it ignores transactions that were not committed.

use std::fs::File;
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::Connection;

use super::place_on_disk::beside;
use crate::error::{Error, Result};

/// The page size of a new database, in bytes.
pub(super) const PAGE: u16 = 16_384;

/// The length of the header at the start of a database file, in bytes.
const HEADER: usize = 100;
/// Offsets in page 1, in bytes: the offset of the change counter, and the offset of the counter value for which
/// the stored page count is valid.
const COUNTER: usize = 24;
const VALID_FOR: usize = 92;
/// The length of the log's header, and the length of the header of each page in the log, in bytes.
const LOG_HEADER: usize = 32;
const FRAME_HEADER: usize = 24;
/// The magic number at the start of a log. Its last bit states the byte order of the checksums.
const MAGIC: u32 = 0x377f_0682;
/// The greatest number of times that the log is examined if other processes write meanwhile.
const LOOKS: u32 = 20;
const A_MOMENT: Duration = Duration::from_millis(10);
/// The number of examinations that must find that the log belongs to another file, before the database is refused.
const SURE: u32 = 3;

/// Whether a write-ahead log belongs to the database file beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Log {
    /// There is no log, or the log holds no committed transaction.
    Empty,
    /// The log belongs to the file, or nothing shows that it does not.
    Follows,
    /// The log belongs to another file, or to another state of this file.
    OfAnother,
}

/// The path of a database's log. SQLite puts the log beside the database file itself, not beside a symbolic
/// link to it.
pub(super) fn of(database: &Path) -> PathBuf {
    let file = std::fs::canonicalize(database).unwrap_or_else(|_| database.to_owned());
    beside(&file, "-wal")
}

/// Finds out whether the log beside a database belongs to the database. If a file cannot be read, the answer is
/// [`Log::Follows`], and the code that opens the database reports the error.
pub fn look(database: &Path) -> Log {
    let log = of(database);
    let least = (LOG_HEADER + FRAME_HEADER) as u64;
    if std::fs::metadata(&log).map_or(true, |metadata| metadata.len() <= least) {
        return Log::Empty;
    }
    let mut of_another = 0;
    for _ in 0..LOOKS {
        match look_once(database, &log) {
            Ok(Some(Log::OfAnother)) => of_another += 1,
            Ok(Some(found)) => return found,
            Ok(None) => {}
            Err(_cannot_be_read) => return Log::Follows,
        }
        if of_another == SURE {
            return Log::OfAnother;
        }
        std::thread::sleep(A_MOMENT);
    }
    Log::Follows
}

/// Checks that the log beside a database belongs to the database.
///
/// # Errors
/// [`crate::error::ErrorKind::Database`] if the log belongs to another file.
pub(super) fn check(database: &Path) -> Result<()> {
    if look(database) != Log::OfAnother {
        return Ok(());
    }
    let name = database.display();
    if !database.exists() {
        return Err(Error::database(format!(
            "the database is missing, but its log exists and holds the newest data: {}",
            of(database).display()
        ))
        .of_file(database)
        .hint("if the database was moved: move it back, or move the log beside it")
        .hint("to go back to a backup: `oneseat restore FILE`")
        .hint("if the database was removed on purpose: remove the log as well"));
    }
    Err(Error::database(
        "the log beside the database does not belong to it: another file, or an older one, \
         replaced the database, and the log of the replaced file was left",
    )
    .of_file(database)
    .hint(format!(
        "to go back to a backup: `oneseat restore FILE`; if this file is the backup: `oneseat \
         restore {name}`. Both commands keep the log under another name, so that nothing is lost"
    ))
    .hint("otherwise put back the database that the log belongs to: the log holds its newest data"))
}

/// Examines the write-ahead log once. Returns `None` if another process wrote to the database meanwhile, so that
/// the result would mean nothing.
fn look_once(database: &Path, log: &Path) -> std::io::Result<Option<Log>> {
    let counter = counter_of(database)?;
    let mut log = File::open(log)?;
    let Some(header) = LogHeader::read(&mut log)? else { return Ok(Some(Log::Empty)) };
    let found = header.compare(&mut log, counter)?;
    let unchanged = LogHeader::read(&mut log)?.as_ref() == Some(&header);
    Ok((unchanged && counter_of(database)? == counter).then_some(found))
}

/// The change counter in the header of a database; `None` if the file is missing or shorter than a header.
fn counter_of(database: &Path) -> std::io::Result<Option<u32>> {
    let mut header = [0; HEADER];
    let read = File::open(database).and_then(|mut file| file.read_exact(&mut header));
    match read {
        Ok(()) => Ok(Some(number(&header, COUNTER))),
        Err(error) => match error.kind() {
            ErrorKind::NotFound | ErrorKind::UnexpectedEof => Ok(None),
            _ => Err(error),
        },
    }
}

fn number(bytes: &[u8], at: usize) -> u32 {
    let four = bytes.get(at..at + 4).and_then(|four| four.try_into().ok());
    u32::from_be_bytes(four.unwrap_or_default())
}

/// The checksum of a log. SQLite continues it from each page of the log to the next.
type Sum = (u32, u32);

/// The header of a write-ahead log, with the fields that the checks need.
#[derive(PartialEq, Eq)]
struct LogHeader {
    page_size: usize,
    salts: [u8; 8],
    sum: Sum,
    big_endian: bool,
}

impl LogHeader {
    /// Reads the header of a write-ahead log; `None` if SQLite would treat the log as empty.
    fn read(log: &mut File) -> std::io::Result<Option<LogHeader>> {
        let mut bytes = [0; LOG_HEADER];
        log.rewind()?;
        if !whole(log, &mut bytes)? {
            return Ok(None);
        }
        let big_endian = number(&bytes, 0) & 1 == 1;
        let page_size = number(&bytes, 8) as usize;
        let sum = sum((0, 0), &bytes[..24], big_endian);
        let ours = number(&bytes, 0) & !1 == MAGIC
            && page_size.is_power_of_two()
            && (512..=65_536).contains(&page_size)
            && sum == (number(&bytes, 24), number(&bytes, 28));
        let mut salts = [0; 8];
        salts.copy_from_slice(&bytes[16..24]);
        Ok(ours.then_some(LogHeader { page_size, salts, sum, big_endian }))
    }

    /// Reads the pages of the log until they show whether the log belongs to a database with this change
    /// counter.
    fn compare(&self, log: &mut File, counter: Option<u32>) -> std::io::Result<Log> {
        let mut found = Log::Empty;
        // `base` is the change counter before the first transaction. `waiting` holds the counters of a
        // transaction that may be incomplete.
        let mut base = None;
        let mut waiting = Vec::new();
        let mut before = self.sum;
        let mut page = vec![0; self.page_size];
        let mut header = [0; FRAME_HEADER];
        let mut at = LOG_HEADER as u64;
        loop {
            log.seek(SeekFrom::Start(at))?;
            if !whole(log, &mut header)? || header[8..16] != self.salts {
                return Ok(found);
            }
            if number(&header, 0) == 1 {
                if !whole(log, &mut page)? || !self.is_whole(&header, &page, before) {
                    return Ok(found);
                }
                waiting.push(number(&page, COUNTER));
            }
            // Only the last page of a transaction states how many pages the database has. So this page completes
            // a transaction.
            if number(&header, 4) != 0 {
                for written in waiting.drain(..) {
                    let Some(counter) = counter else { return Ok(Log::OfAnother) };
                    let base = *base.get_or_insert(written.wrapping_sub(1));
                    let ahead = counter.wrapping_sub(base);
                    if ahead <= 1 || ahead <= written.wrapping_sub(base) {
                        return Ok(Log::Follows);
                    }
                }
                // If the log does not contain page 1, nothing shows which file the log belongs to.
                found = if base.is_some() { Log::OfAnother } else { Log::Follows };
            }
            before = (number(&header, 16), number(&header, 20));
            at += (FRAME_HEADER + self.page_size) as u64;
        }
    }

    /// Is a page of the log exactly as SQLite wrote it? Its checksum must continue the checksum `before` of the
    /// previous page.
    fn is_whole(&self, header: &[u8], page: &[u8], before: Sum) -> bool {
        let sum = sum(sum(before, &header[..8], self.big_endian), page, self.big_endian);
        sum == (number(header, 16), number(header, 20))
    }
}

/// The checksum of a log, as SQLite's file format defines it.
fn sum(mut sum: Sum, bytes: &[u8], big_endian: bool) -> Sum {
    for pair in bytes.chunks_exact(8) {
        let word = |at: usize| match big_endian {
            true => number(pair, at),
            false => number(pair, at).swap_bytes(),
        };
        sum.0 = sum.0.wrapping_add(word(0)).wrapping_add(sum.1);
        sum.1 = sum.1.wrapping_add(word(4)).wrapping_add(sum.0);
    }
    sum
}

/// Fills `bytes` from the file. Returns `false` if the file ends too early.
fn whole(file: &mut File, bytes: &mut [u8]) -> std::io::Result<bool> {
    match file.read_exact(bytes) {
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(false),
        read => read.map(|()| true),
    }
}

/// Makes a transaction change page 1, by writing the schema version without changing its value. Then the log
/// contains page 1, which shows the file that the log belongs to.
pub(super) fn changes_page_one(connection: &Connection) -> rusqlite::Result<()> {
    let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    connection.pragma_update(None, "user_version", version)
}

/// Gives a copy of a database a random change counter, so that the log of another file never seems to belong to
/// the copy. No process may have the copy open. The copy is synced to the disk.
pub(super) fn stamp(copy: &Path) -> std::io::Result<()> {
    let mut file = File::options().write(true).open(copy)?;
    let counter = random()?;
    for at in [COUNTER, VALID_FOR] {
        file.seek(SeekFrom::Start(at as u64))?;
        file.write_all(&counter)?;
    }
    file.sync_all()
}

fn random() -> std::io::Result<[u8; 4]> {
    let mut random = [0; 4];
    getrandom::fill(&mut random).map_err(|error| std::io::Error::other(error.to_string()))?;
    Ok(random)
}

/// An empty database in WAL mode. It is as SQLite creates it, except for the random change counter.
pub(super) fn empty_database() -> std::io::Result<Vec<u8>> {
    let mut page = vec![0; usize::from(PAGE)];
    let mut put = |at: usize, bytes: &[u8]| page[at..at + bytes.len()].copy_from_slice(bytes);
    let counter = random()?;
    put(0, b"SQLite format 3\0");
    put(16, &PAGE.to_be_bytes());
    // The bytes from offset 18 on are WAL mode for writing and for reading, no reserved space, and the payload
    // fractions.
    put(18, &[2, 2, 0, 64, 32, 32]);
    put(COUNTER, &counter);
    put(28, &1_u32.to_be_bytes());
    put(VALID_FOR, &counter);
    put(96, &rusqlite::version_number().to_be_bytes());
    put(HEADER, &[13]);
    put(HEADER + 5, &PAGE.to_be_bytes());
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A database with these change counters and its complete write-ahead log, as a killed process leaves both
    /// files.
    fn killed(folder: &Path, counter: u32, texts: &[&str]) -> PathBuf {
        let database = folder.join("a.db");
        let mut page = empty_database().expect("a page");
        page[COUNTER..COUNTER + 4].copy_from_slice(&counter.to_be_bytes());
        page[VALID_FOR..VALID_FOR + 4].copy_from_slice(&counter.to_be_bytes());
        std::fs::write(&database, page).expect("a file");
        let live = folder.join("live.db");
        std::fs::copy(&database, &live).expect("a copy");
        let connections: Vec<Connection> = texts
            .iter()
            .map(|text| {
                let connection = Connection::open(&live).expect("a database");
                connection.execute_batch("BEGIN IMMEDIATE").expect("a transaction");
                changes_page_one(&connection).expect("page 1");
                connection.execute_batch(text).expect("a change");
                connection.execute_batch("COMMIT").expect("stored");
                connection
            })
            .collect();
        std::fs::copy(beside(&live, "-wal"), beside(&database, "-wal")).expect("the log");
        drop(connections);
        database
    }

    const TEXTS: [&str; 3] = [
        "CREATE TABLE a (b)",
        "INSERT INTO a VALUES (1)",
        "INSERT INTO a VALUES (zeroblob(99999))",
    ];

    fn set_counter(database: &Path, counter: u32) {
        let mut file = File::options().write(true).open(database).expect("the file");
        file.seek(SeekFrom::Start(COUNTER as u64)).expect("a place");
        file.write_all(&counter.to_be_bytes()).expect("written");
    }

    #[test]
    fn a_log_follows_on_its_own_file_and_on_none_else() {
        let folder = tempfile::tempdir().expect("a folder");
        for counter in [7, u32::MAX - 1] {
            let database = killed(folder.path(), counter, &TEXTS);
            // `ahead` is 0 for the file before a checkpoint, and 1 to 3 after an interrupted checkpoint.
            for ahead in 0..=3 {
                set_counter(&database, counter.wrapping_add(ahead));
                assert_eq!(look(&database), Log::Follows, "{counter} + {ahead}");
            }
            for other in [counter.wrapping_sub(1), counter.wrapping_add(4), 123_456] {
                set_counter(&database, other);
                assert_eq!(look(&database), Log::OfAnother, "{counter}: {other}");
            }
            std::fs::write(&database, b"").expect("an empty file");
            assert_eq!(look(&database), Log::OfAnother);
        }
    }

    #[test]
    fn a_log_that_was_cut_or_torn_anywhere_is_found_no_fault_with() {
        let folder = tempfile::tempdir().expect("a folder");
        let database = killed(folder.path(), 7, &TEXTS);
        let log = beside(&database, "-wal");
        let bytes = std::fs::read(&log).expect("the log");
        for end in (0..bytes.len()).step_by(509) {
            std::fs::write(&log, &bytes[..end]).expect("a part");
            assert_ne!(look(&database), Log::OfAnother, "{end}");
            let mut torn = bytes.clone();
            torn[end..].fill(0x5a);
            std::fs::write(&log, &torn).expect("a torn one");
            assert_ne!(look(&database), Log::OfAnother, "{end}");
        }
    }

    #[test]
    fn a_new_database_is_one_to_sqlite_and_no_two_have_one_counter() {
        let folder = tempfile::tempdir().expect("a folder");
        let made = |name: &str| {
            let file = folder.path().join(name);
            std::fs::write(&file, empty_database().expect("a page")).expect("a file");
            let connection = Connection::open(&file).expect("a database");
            let mode: String =
                connection.query_row("PRAGMA journal_mode", [], |row| row.get(0)).expect("a mode");
            let whole: String = connection
                .query_row("PRAGMA integrity_check", [], |row| row.get(0))
                .expect("a check");
            assert_eq!((mode.as_str(), whole.as_str()), ("wal", "ok"));
            drop(connection);
            counter_of(&file).expect("a file").expect("a counter")
        };
        assert_ne!(made("a.db"), made("b.db"));
    }
}
