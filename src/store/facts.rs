//! Collects facts about the database file for a bug report: sizes and numbers, but no names and no addresses.
//! Collecting them does not migrate the database.

use std::collections::HashSet;
use std::path::Path;

use super::migrations;
use super::{Store, migrate, schema, sound};
use crate::error::{Error, Result};
use crate::model::RowKind;

/// The version of SQLite that is compiled into this program.
pub fn sqlite_version() -> &'static str {
    rusqlite::version()
}

/// The number of the newest schema that this program knows.
pub const SCHEMA: i64 = migrations::VERSION;

/// Facts that SQLite reports about the database file.
#[derive(Debug, Clone, Default)]
pub struct DatabaseFacts {
    /// The number of the schema that the database has; older databases have smaller numbers.
    pub schema: i64,
    /// The size of a page, in bytes.
    pub page_size: u64,
    /// The number of pages in the file.
    pub pages: u64,
    /// The number of pages in the file that are unused.
    pub free_pages: u64,
    /// SQLite's journal mode, such as `wal`.
    pub journal_mode: String,
    /// The result of SQLite's quick check: `ok`, or the first problem that the check found.
    pub quick_check: String,
}

/// The numbers of the snapshots, accounts, states and other rows in the database.
#[derive(Debug, Clone, Default)]
pub struct RowNumbers {
    /// The number of snapshots, voided ones included.
    pub snapshots: u64,
    /// The number of snapshots that are voided.
    pub voided: u64,
    /// The number of different accounts in all snapshots.
    pub accounts: u64,
    /// The number of different entries in all snapshots of employee directories.
    pub entries: u64,
    /// The number of states. A state with several spans of time is counted once.
    pub states: u64,
    /// The number of spans of time, over all states.
    pub spans: u64,
    /// The number of different addresses.
    pub addresses: u64,
    /// The number of lines of the journal.
    pub journal_lines: u64,
    /// The kinds of source, each with the number of its sources.
    pub sources: Vec<(String, u64)>,
}

impl Store {
    /// Opens the database without migrating it. Nothing can be written through the opened database.
    ///
    /// # Errors
    /// [`crate::error::ErrorKind::Database`] if the file is not a database of this program, has a newer schema
    /// than this program knows, or is damaged. [`crate::error::ErrorKind::Nothing`] if the database is empty.
    pub fn open_as_it_is(path: &Path) -> Result<Store> {
        // The connection is not opened as read-only: a read-only connection that is the last one to be closed
        // leaves SQLite's log beside the database.
        let (store, found) = Store::recognize(path)?;
        store.connection.pragma_update(None, "query_only", true)?;
        match found {
            migrate::FileIdentity::Ours(_) => Ok(store),
            migrate::FileIdentity::Empty => Err(Error::nothing("the database is empty")),
        }
    }

    /// Reads the facts that SQLite reports about the database file.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn file_facts(&self) -> Result<DatabaseFacts> {
        let number = |name: &str| -> Result<i64> {
            let sql = format!("PRAGMA {name}");
            Ok(self.connection.query_row(&sql, [], |row| row.get(0))?)
        };
        let text = |name: &str| -> Result<String> {
            let sql = format!("PRAGMA {name}");
            Ok(self.connection.query_row(&sql, [], |row| row.get(0))?)
        };
        let size = |name: &str| Ok::<_, Error>(u64::try_from(number(name)?).unwrap_or_default());
        Ok(DatabaseFacts {
            schema: number("user_version")?,
            page_size: size("page_size")?,
            pages: size("page_count")?,
            free_pages: size("freelist_count")?,
            journal_mode: text("journal_mode")?,
            quick_check: self.quick_check()?,
        })
    }

    /// The result of SQLite's quick check. The check evaluates expressions that the schema of a table defines. So
    /// if the file contains objects that this program did not make, only the tables of this program are checked.
    fn quick_check(&self) -> Result<String> {
        let (_, version) = migrate::marks(&self.connection)?;
        let objects = schema::objects(&self.connection)?;
        let checks = match schema::others(&objects, version)?.is_empty() {
            true => vec!["quick_check(1)".to_owned()],
            false => {
                let model = schema::model(version)?;
                let tables = model.iter().filter(|it| it.kind == "table");
                tables.map(|it| format!("quick_check({})", it.name)).collect()
            }
        };
        for check in checks {
            if let Some(told) = sound::findings(&self.connection, &check)?.into_iter().next() {
                return Ok(told);
            }
        }
        Ok("ok".to_owned())
    }

    /// The numbers of the snapshots, accounts, states and other rows; `None` for a database with an older schema.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn numbers(&self) -> Result<Option<RowNumbers>> {
        if self.connection.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0))?
            < SCHEMA
        {
            return Ok(None);
        }
        let sql = include_str!("../../schema/queries/numbers.sql");
        let mut numbers = self.connection.query_row(sql, [], |row| {
            Ok(RowNumbers {
                snapshots: row.get(0)?,
                voided: row.get(1)?,
                journal_lines: row.get(2)?,
                ..RowNumbers::default()
            })
        })?;
        let image = self.image()?;
        let states = image.states();
        let rows = (0..states.len()).filter(|at| states.row(*at) == Some(RowKind::DirectoryEntry));
        let entries: HashSet<u32> = rows.map(|at| states.accounts[at]).collect();
        numbers.entries = entries.len() as u64;
        numbers.accounts = (image.counts.accounts as u64).saturating_sub(numbers.entries);
        numbers.states = image.states().len() as u64;
        numbers.spans = image.times.count(image.states()) as u64;
        numbers.addresses = image.counts.keys as u64;
        let sql = "SELECT kind, count(*) FROM stored_sources GROUP BY kind ORDER BY kind";
        let mut statement = self.connection.prepare(sql)?;
        let sources = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        numbers.sources = sources.collect::<rusqlite::Result<_>>()?;
        Ok(Some(numbers))
    }
}
