//! Runs SQLite's own checks of the pages of a database. If the disk fails to return a page, SQLite lists that page
//! among its findings, as if the file were damaged. The data may be sound in that case, so no message may advise
//! the user to restore a backup.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use rusqlite::{Connection, ErrorCode};

use super::Store;
use super::place_on_disk::beside;
use crate::error::{Error, ErrorKind, Result};

/// The message for an error that a failing disk causes, and not damage in the database.
pub(super) const UNREADABLE: &str = "the database cannot be read or written: the disk fails or is full, or a limit on the size of \
     files is reached";

/// The hint for an error that a failing disk causes.
pub(super) const TRY_AGAIN: &str =
    "look at the disk, its quota and `ulimit -f`, then repeat the command";

/// The findings of one of SQLite's checks, in SQLite's words; empty if nothing is wrong.
///
/// # Errors
/// [`ErrorKind::Database`] if the disk fails to return a page.
pub(super) fn findings(connection: &Connection, check: &str) -> Result<Vec<String>> {
    twice(|| {
        let mut statement = connection.prepare(&format!("PRAGMA {check}"))?;
        let told = statement.query_map([], |row| row.get::<_, String>(0))?;
        Ok(told.collect::<rusqlite::Result<_>>()?)
    })
}

/// Runs a check, and repeats it if it has findings, because the disk may have caused them. Findings count only
/// if both runs have some and none of these is about a page that the disk did not return.
fn twice(look: impl Fn() -> Result<Vec<String>>) -> Result<Vec<String>> {
    let well = |told: &[String]| told.iter().all(|line| line == "ok");
    let first = look()?;
    if well(&first) {
        return Ok(Vec::new());
    }
    if !first.iter().any(|line| is_of_the_disk(line)) {
        let again = look()?;
        if !well(&again) && !again.iter().any(|line| is_of_the_disk(line)) {
            return Ok(again);
        }
    }
    let cause = first.into_iter().find(|line| line != "ok").unwrap_or_default();
    Err(Error::new(ErrorKind::Database, UNREADABLE).caused_by(cause).hint(TRY_AGAIN))
}

/// Does a line of SQLite's findings report a page that the disk did not return? Such a line is like `unable to
/// get the page. error code=266`. The last eight bits of the code are the kind of the error.
fn is_of_the_disk(line: &str) -> bool {
    const IO_ERROR: u32 = 10;
    let code = line.split_once("error code=").map(|(_, code)| code);
    let code = code.and_then(|code| code.split(|it: char| !it.is_ascii_digit()).next());
    code.and_then(|code| code.parse::<u32>().ok()).is_some_and(|code| code & 0xff == IO_ERROR)
}

/// Examines a database again after SQLite reported that it is damaged. SQLite reports the same if the disk
/// fails to return a page (EIO). If the file still cannot be read, or if it can be read now and is sound, the
/// returned error is about the disk. Otherwise the error is returned as it was.
#[must_use]
pub fn second_look(database: &Path, error: Error) -> Error {
    let of_sqlite = error.source.as_ref().and_then(|it| it.downcast_ref::<rusqlite::Error>());
    let code = of_sqlite.and_then(rusqlite::Error::sqlite_error_code);
    if code != Some(ErrorCode::DatabaseCorrupt) {
        return error;
    }
    let cause = match can_be_read(database).and_then(|()| can_be_read(&beside(database, "-wal"))) {
        Err(cause) => cause.to_string(),
        Ok(()) if is_sound(database) => "a page that could not be read can be read now".to_owned(),
        Ok(()) => return error,
    };
    let told =
        Error::new(ErrorKind::Database, UNREADABLE).at(&database.display().to_string(), None);
    told.caused_by(cause).hint(TRY_AGAIN)
}

fn can_be_read(file: &Path) -> std::io::Result<()> {
    let Ok(mut file) = File::open(file) else { return Ok(()) };
    let mut piece = vec![0; 1024 * 1024];
    while file.read(&mut piece)? > 0 {}
    Ok(())
}

fn is_sound(database: &Path) -> bool {
    let facts = Store::open_as_it_is(database).and_then(|store| store.file_facts());
    facts.is_ok_and(|facts| facts.quick_check == "ok")
}

/// Did a failing disk cause this error? The database may then be sound.
pub(super) fn is_unreadable(error: &Error) -> bool {
    let of_sqlite = error.source.as_ref().and_then(|it| it.downcast_ref::<rusqlite::Error>());
    let code = of_sqlite.and_then(rusqlite::Error::sqlite_error_code);
    code == Some(ErrorCode::SystemIoFailure) || error.message.ends_with(UNREADABLE)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// The result of `twice` for a check whose runs return these lines, one list for each run.
    fn told(looks: &[&[&str]]) -> std::result::Result<Vec<String>, String> {
        let number = Cell::new(0);
        let look = || {
            let told = looks[number.replace(number.get() + 1)];
            Ok(told.iter().map(|it| (*it).to_owned()).collect())
        };
        twice(look).map_err(|error| error.report(false))
    }

    #[test]
    fn a_page_that_the_disk_did_not_give_is_no_damage() {
        const LOST: &str = "Tree 5 page 7: unable to get the page. error code=266";
        const ALSO: &str = "Page 9: failed to get page 9";
        const WRONG: &str = "Tree 5 page 7 cell 3: 2nd reference to page 9";
        assert_eq!(told(&[&["ok"]]), Ok(Vec::new()));
        assert_eq!(told(&[&[WRONG], &[WRONG]]), Ok(vec![WRONG.to_owned()]));
        for looks in [
            [[LOST].as_slice(), &["ok"]],
            [&[WRONG, LOST], &[WRONG]],
            [&[ALSO], &["ok"]],
            [&[ALSO], &[LOST]],
            [&["Tree 1 page 2: unable to get the page. error code=10"], &["ok"]],
        ] {
            let told = told(&looks).expect_err("the disk failed");
            assert!(told.contains("the disk fails") && !told.contains("backup"), "{told}");
        }
        let corrupt = "Tree 1 page 2: unable to get the page. error code=11";
        assert_eq!(told(&[&[corrupt], &[corrupt]]), Ok(vec![corrupt.to_owned()]));
    }

    #[test]
    fn damage_that_is_not_there_the_second_time_was_the_disk() {
        let place = tempfile::tempdir().expect("a folder");
        let file = place.path().join("a.db");
        drop(Store::open_or_create(&file).expect("a database"));
        let damaged = || {
            let failure = rusqlite::ffi::Error::new(11);
            Error::from(rusqlite::Error::SqliteFailure(failure, None))
        };
        let told = second_look(&file, damaged()).report(false);
        assert!(told.contains("the disk fails") && !told.contains("backup"), "{told}");
        let other = second_look(&file, Error::nothing("nobody")).report(false);
        assert!(other.contains("nobody"), "{other}");
        let mut bytes = std::fs::read(&file).expect("the file");
        let from = bytes.len() / 2;
        bytes[from..].fill(0x5a);
        std::fs::write(&file, bytes).expect("damaged");
        let told = second_look(&file, damaged()).report(false);
        assert!(told.contains("is damaged") && told.contains("backup"), "{told}");
    }

    #[test]
    fn an_error_of_the_disk_is_told_from_damage() {
        let of = |code: i32| {
            let failure = rusqlite::ffi::Error::new(code);
            Error::from(rusqlite::Error::SqliteFailure(failure, None))
        };
        for code in [10, 266, 522, 4874] {
            let error = of(code).at("a.db", None);
            assert!(is_unreadable(&error), "{code}");
            assert!(!error.report(true).contains("restore"), "{}", error.report(true));
        }
        assert!(!is_unreadable(&of(11)) && of(11).report(true).contains("restore"));
    }
}
