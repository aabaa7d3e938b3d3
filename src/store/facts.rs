//! Facts about the file for a bug report: sizes and numbers, never a name or an address. They are read without
//! migrating the database.

use std::path::Path;

use super::migrations;
use super::{Store, migrate, schema, sound};
use crate::error::{Error, Result};

/// The version of SQLite that is compiled in.
pub fn sqlite_version() -> &'static str {
    rusqlite::version()
}

/// The newest schema that this program knows.
pub const SCHEMA: i64 = migrations::VERSION;

/// What SQLite reports about the file.
#[derive(Debug, Clone, Default)]
pub struct DatabaseFacts {
    /// The version of the schema.
    pub schema: i64,
    /// The size of a page, in bytes.
    pub page_size: u64,
    /// The number of pages.
    pub pages: u64,
    /// The number of unused pages.
    pub free_pages: u64,
    /// SQLite's journal mode, such as `wal`.
    pub journal_mode: String,
    /// `ok`, or the first finding of SQLite's quick check.
    pub quick_check: String,
}

/// The numbers of rows of each kind.
#[derive(Debug, Clone, Default)]
pub struct RowNumbers {
    /// Snapshots, voided ones included.
    pub snapshots: u64,
    /// Snapshots that are voided now.
    pub voided: u64,
    /// Accounts that were in any snapshot.
    pub accounts: u64,
    /// States, each different one counted once.
    pub states: u64,
    /// Spans in which the states held.
    pub spans: u64,
    /// Different addresses.
    pub addresses: u64,
    /// Lines of the journal.
    pub journal_lines: u64,
    /// Kinds of source, each with the number of its sources.
    pub sources: Vec<(String, u64)>,
}

impl Store {
    /// Opens the database without migrating it. Nothing can be written.
    ///
    /// # Errors
    /// [`crate::error::ErrorKind::Database`] if the file is not ours, is newer than this program or is damaged.
    /// [`crate::error::ErrorKind::Nothing`] if it is empty.
    pub fn open_as_it_is(path: &Path) -> Result<Store> {
        // Not on a read-only connection, which would leave SQLite's files behind when it closes last.
        let (store, found) = Store::recognize(path)?;
        store.connection.pragma_update(None, "query_only", true)?;
        match found {
            migrate::FileIdentity::Ours(_) => Ok(store),
            migrate::FileIdentity::Empty => Err(Error::nothing("the database is empty")),
        }
    }

    /// What SQLite reports about the file.
    ///
    /// # Errors
    /// If it cannot be read.
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

    /// SQLite's quick check. If the file has other tables, only ours are checked: the check would evaluate
    /// expressions in the others.
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

    /// The numbers of rows of each kind; `None` for a database with an older schema.
    ///
    /// # Errors
    /// If it cannot be read.
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
        numbers.accounts = image.counts.accounts as u64;
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
