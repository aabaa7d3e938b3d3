//! Checks that reading a database file does not take far more than the size of the file. The pages of a
//! database refer to each other. In a malicious file, a tree of a thousand pages can refer to each page a
//! thousand times, so that reading all rows would never end. So the trees of a small file are walked once,
//! without reading a row, and the amount to be read must match the size of the file. The names of sources must
//! also be short, because many answers repeat them beside each account.
//!
//! The promise for malicious files (an end within seconds, and bounded memory) is made for files of about a
//! megabyte. The trees of a file larger than `LARGEST` are not walked. Reading it may take as long as reading
//! any file of its size, but nothing in it is evaluated. Its pages are checked when they are read, and by
//! `oneseat verify`.
//!
//! This code assumes nothing about the bytes of the file. It must not reject a file that is only damaged: SQLite
//! and `oneseat verify` report damage better, and the undamaged rest of the file can still be read.

use rusqlite::{Connection, MAIN_DB};

use super::schema::SchemaObject;
use crate::error::{Error, Result};

/// The size of a file, in bytes, above which its trees are not walked. For a larger file, the walk would take
/// longer than most questions.
const LARGEST: u64 = 8 * 1024 * 1024;

/// The greatest length of a stored name, in bytes. The names that this program stores have at most a thousand
/// bytes.
const LONGEST_NAME: i64 = 10_000;

/// The walk through a file may read at most this many times the size of the file.
const TIMES: usize = 4;

/// In page 1: the offset of the byte that states how many bytes each page reserves, and the length of the
/// header before the tree of the page.
const RESERVED: usize = 20;
const HEADER: usize = 100;

/// Checks that reading every row of a small file reads about as many bytes as the file has.
///
/// # Errors
/// [`crate::error::ErrorKind::Database`] if reading every row would read far more.
pub(super) fn check(connection: &mut Connection, objects: &[SchemaObject]) -> Result<()> {
    let number = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
    let (pages, page_size) = (number("PRAGMA page_count")?, number("PRAGMA page_size")?);
    let size = u64::try_from(pages.saturating_mul(page_size)).unwrap_or(u64::MAX);
    if size == 0 || size > LARGEST {
        return Ok(());
    }
    let mut roots: Vec<u32> = vec![1];
    let begun = objects.iter().filter_map(|it| u32::try_from(it.root).ok());
    roots.extend(begun.filter(|root| *root > 0));
    // An error is ignored here, because the statement that needs the unreadable data reports it.
    let Ok(bytes) = connection.serialize(MAIN_DB) else { return Ok(()) };
    let mut walk = Walk::of(&bytes, page_size as usize);
    if roots.into_iter().all(|root| walk.tree(root)) {
        return check_names(connection, objects);
    }
    Err(Error::database("the database is damaged: its pages refer to each other over and over")
        .hint("go back to a backup: `oneseat restore FILE`"))
}

/// Checks that the names of sources and hosts are not unusually long.
fn check_names(connection: &Connection, objects: &[SchemaObject]) -> Result<()> {
    for (table, column) in [("stored_sources", "name"), ("hosts", "host")] {
        if !objects.iter().any(|it| it.kind == "table" && it.is_called(table)) {
            continue;
        }
        let sql = format!("SELECT max(octet_length({column})) FROM main.{table}");
        let longest = connection.query_row(&sql, [], |row| row.get::<_, Option<i64>>(0));
        // An error is ignored here, because the statement that needs the unreadable data reports it.
        if longest.is_ok_and(|longest| longest > Some(LONGEST_NAME)) {
            return Err(Error::database(format!(
                "the database is damaged: a name in the table {table} is too long"
            ))
            .hint("go back to a backup: `oneseat restore FILE`"));
        }
    }
    Ok(())
}

/// A walk through the trees of a file, with the pages and the bytes that it may still read.
struct Walk<'b> {
    bytes: &'b [u8],
    page_size: usize,
    usable: usize,
    pages: usize,
    bytes_left: usize,
}

impl<'b> Walk<'b> {
    fn of(bytes: &'b [u8], page_size: usize) -> Walk<'b> {
        let reserved = bytes.get(RESERVED).copied().map_or(0, usize::from);
        Walk {
            bytes,
            page_size,
            usable: page_size.saturating_sub(reserved).max(HEADER),
            pages: (bytes.len() / page_size.max(1)) * TIMES,
            bytes_left: bytes.len() * TIMES,
        }
    }

    fn page(&self, number: u32) -> Option<&'b [u8]> {
        let begin = (number as usize).checked_sub(1)?.checked_mul(self.page_size)?;
        self.bytes.get(begin..begin.checked_add(self.page_size)?)
    }

    /// Counts pages as read. Returns `false` if the walk has read too many pages for the size of the file.
    fn takes_pages(&mut self, pages: usize) -> bool {
        self.pages = self.pages.saturating_sub(pages);
        self.pages > 0
    }

    /// Walks through a tree of pages. Returns `false` as soon as the walk has read too much for the size of the
    /// file.
    fn tree(&mut self, root: u32) -> bool {
        let mut waiting = vec![root];
        while let Some(number) = waiting.pop() {
            let Some(page) = self.page(number) else { continue };
            if !self.takes_pages(1) {
                return false;
            }
            let header = if number == 1 { HEADER } else { 0 };
            let Some(kind) = page.get(header).copied().and_then(PageKind::of) else { continue };
            let cells = usize::from(word(page, header + 3));
            let first = header + if kind.has_children { 12 } else { 8 };
            for cell in 0..cells {
                let at = first + 2 * cell;
                if at + 2 > page.len() {
                    break;
                }
                let at = usize::from(word(page, at));
                if kind.has_children {
                    waiting.push(long(page, at));
                }
                if !self.cell(page, kind, at) {
                    return false;
                }
            }
            if kind.has_children {
                waiting.push(long(page, header + 8));
            }
            if waiting.len() > self.pages {
                return false;
            }
        }
        true
    }

    /// Counts the bytes of a cell (a stored row), on its page and on its overflow pages. Returns `false` if the
    /// walk has read too much for the size of the file.
    fn cell(&mut self, page: &[u8], kind: PageKind, at: usize) -> bool {
        let mut at = if kind.has_children { at + 4 } else { at };
        if kind.is_table && kind.has_children {
            return true;
        }
        let Some((payload, length)) = varint(page, at) else { return true };
        at += length;
        if kind.is_table {
            let Some((_rowid, length)) = varint(page, at) else { return true };
            at += length;
        }
        // A row that is longer than the file is not counted, because SQLite rejects it.
        let Ok(payload) = usize::try_from(payload) else { return true };
        if payload > self.bytes.len() {
            return true;
        }
        self.bytes_left = self.bytes_left.saturating_sub(payload);
        if self.bytes_left == 0 {
            return false;
        }
        let local = kind.local(payload, self.usable);
        if local == payload {
            return true;
        }
        let mut next = long(page, at + local);
        let more = (payload - local).div_ceil(self.usable - 4);
        for _ in 0..more {
            let Some(page) = self.page(next) else { return true };
            if !self.takes_pages(1) {
                return false;
            }
            next = long(page, 0);
        }
        true
    }
}

/// What a page in a tree of the database is: of a table or an index, with child pages or without.
#[derive(Clone, Copy)]
struct PageKind {
    is_table: bool,
    has_children: bool,
}

impl PageKind {
    fn of(byte: u8) -> Option<PageKind> {
        let (is_table, has_children) = match byte {
            2 => (false, true),
            5 => (true, true),
            10 => (false, false),
            13 => (true, false),
            _ => return None,
        };
        Some(PageKind { is_table, has_children })
    }

    /// The number of bytes of a row that stand on the page itself, and not on overflow pages (SQLite's file
    /// format, section 1.6).
    fn local(self, payload: usize, usable: usize) -> usize {
        let most = match self.is_table {
            true => usable - 35,
            false => (usable - 12) * 64 / 255 - 23,
        };
        if payload <= most {
            return payload;
        }
        let least = (usable - 12) * 32 / 255 - 23;
        let local = least + (payload - least) % (usable - 4);
        if local <= most { local } else { least }
    }
}

fn word(page: &[u8], at: usize) -> u16 {
    let two = page.get(at..at + 2).and_then(|two| two.try_into().ok());
    u16::from_be_bytes(two.unwrap_or_default())
}

fn long(page: &[u8], at: usize) -> u32 {
    let four = page.get(at..at + 4).and_then(|four| four.try_into().ok());
    u32::from_be_bytes(four.unwrap_or_default())
}

/// A number that SQLite stores in one to nine bytes, and the number of these bytes.
fn varint(page: &[u8], at: usize) -> Option<(u64, usize)> {
    let mut number = 0u64;
    for length in 0..9 {
        let byte = *page.get(at + length)?;
        if length == 8 {
            return Some(((number << 8) | u64::from(byte), 9));
        }
        number = (number << 7) | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((number, length + 1));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled() -> Connection {
        let connection = Connection::open_in_memory().expect("a database");
        let sql = "CREATE TABLE a (b, c UNIQUE); CREATE TABLE d (e PRIMARY KEY) WITHOUT ROWID;
                   WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 900)
                   INSERT INTO a SELECT zeroblob(i * 7), i FROM n;
                   INSERT INTO d SELECT c || zeroblob(c * 3) FROM a;
                   CREATE INDEX f ON a (b)";
        connection.execute_batch(sql).expect("rows");
        connection
    }

    #[test]
    fn what_is_whole_is_read_once() {
        let mut connection = filled();
        let roots = crate::store::schema::objects(&connection).expect("objects");
        let bytes = connection.serialize(MAIN_DB).expect("bytes").to_vec();
        let mut walk = Walk::of(&bytes, 4096);
        let before = (walk.pages, walk.bytes_left);
        assert!(walk.tree(1));
        assert!(roots.iter().filter(|it| it.root > 0).all(|it| walk.tree(it.root as u32)));
        let walked = (before.0 - walk.pages, before.1 - walk.bytes_left);
        assert_eq!(walked.0, bytes.len() / 4096, "every page once");
        assert!(walked.1 > bytes.len() / 2 && walked.1 <= bytes.len(), "{walked:?}");
    }
}
