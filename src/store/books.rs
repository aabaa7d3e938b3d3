//! The books: which snapshots are voided, what the user has declared of sources. Nothing is ever
//! taken back; a later line counts instead (counting.md section 8, last sentence).

use rusqlite::{OptionalExtension, params};
use serde_json::json;

use super::{Import, Store, journal};
use crate::error::{Error, Result, quoted};
use crate::model::{Instant, SourceKind};

/// A declaration about a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declaration {
    /// The source.
    pub source_id: i64,
    /// What is declared.
    pub what: Declared,
    /// The value.
    pub value: String,
    /// From when on it holds; `None`: always.
    pub valid_from: Option<Instant>,
}

/// What can be declared of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Declared {
    /// Its name.
    Name,
    /// How an enterprise pays: `volume`, `metered` or `emu`.
    BillingModel,
    /// The enterprise that an instance belongs to.
    Enterprise,
    /// Another host name of an instance.
    Alias,
    /// `true`: it is retired; `false`: it is not.
    Retired,
}

impl Declared {
    const ALL: [Declared; 5] = [
        Declared::Name,
        Declared::BillingModel,
        Declared::Enterprise,
        Declared::Alias,
        Declared::Retired,
    ];

    fn name(self) -> &'static str {
        match self {
            Declared::Name => "name",
            Declared::BillingModel => "billing-model",
            Declared::Enterprise => "enterprise",
            Declared::Alias => "alias",
            Declared::Retired => "retired",
        }
    }
}

/// A line about a voided snapshot.
#[derive(Debug, Clone)]
pub struct Voiding {
    /// The snapshot.
    pub snapshot: i64,
    /// Voided, or restored.
    pub voided: bool,
    /// Why.
    pub reason: Option<String>,
    /// When that was said.
    pub declared_at: Instant,
}

impl Import<'_> {
    /// Takes a snapshot out of force, or puts it back; it keeps its content either way.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub fn void(&self, snapshot: i64, voided: bool, reason: Option<&str>) -> Result<()> {
        let id: i64 = self.transaction.query_row(
            "INSERT INTO voidings (snapshot_id, voided, reason, declared_at) \
             VALUES (?1, ?2, ?3, ?4) RETURNING voiding_id",
            params![snapshot, voided, reason, self.now.unix()],
            |row| row.get(0),
        )?;
        let entry = json!({
            "command": if voided { "void" } else { "restore" }, "at": self.now,
            "voiding": id, "snapshot": snapshot, "reason": reason,
        });
        journal::append(&self.transaction, &entry)
    }

    /// The number of a snapshot that is asked for, and whether it is voided.
    ///
    /// # Errors
    /// [`crate::error::Kind::Nothing`] if there is none.
    pub fn is_voided(&self, snapshot: i64) -> Result<bool> {
        let sql = "SELECT snapshot_id IN (SELECT snapshot_id FROM voided_snapshots) \
                   FROM stored_snapshots WHERE snapshot_id = ?1";
        let voided = self.transaction.query_row(sql, [snapshot], |row| row.get(0)).optional()?;
        voided.ok_or_else(|| no_snapshot(snapshot))
    }

    /// The snapshot that counts at the same source and instant as this one, if there is another.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn rival(&self, snapshot: i64) -> Result<Option<i64>> {
        let sql = "SELECT there.snapshot_id FROM stored_snapshots AS it JOIN valid_snapshots AS there \
                   ON there.source_id = it.source_id AND there.place / 65536 = it.place / 65536 \
                   WHERE it.snapshot_id = ?1 AND it.partial = 0 AND there.snapshot_id <> ?1";
        Ok(self.transaction.query_row(sql, [snapshot], |row| row.get(0)).optional()?)
    }

    /// Declares something of a source.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub fn declare(&self, declaration: &Declaration) -> Result<()> {
        let Declaration { source_id, what, value, valid_from } = declaration;
        let id: i64 = self.transaction.query_row(
            "INSERT INTO declarations (source_id, what, value, valid_from, declared_at) \
             VALUES (?1, ?2, ?3, ?4, ?5) RETURNING declaration_id",
            params![source_id, what.name(), value, valid_from.map(Instant::unix), self.now.unix()],
            |row| row.get(0),
        )?;
        let entry = json!({
            "command": "declare", "at": self.now, "declaration": id, "source_id": source_id,
            "what": what.name(), "value": value, "valid_from": valid_from,
        });
        journal::append(&self.transaction, &entry)
    }

    /// The sources of this name, with their kinds.
    ///
    /// # Errors
    /// [`crate::error::Kind::Nothing`] with the names that there are, if there is none.
    pub fn sources_named(&self, name: &str) -> Result<Vec<(i64, SourceKind)>> {
        let sql = "SELECT source_id, kind, name FROM named_sources ORDER BY kind, name";
        let mut statement = self.transaction.prepare(sql)?;
        let mut rows = statement.query([])?;
        let (mut found, mut names) = (Vec::new(), Vec::new());
        while let Some(row) = rows.next()? {
            let (kind, known): (String, String) = (row.get(1)?, row.get(2)?);
            if let (true, Some(kind)) = (known == name, SourceKind::from_name(&kind)) {
                found.push((row.get(0)?, kind));
            }
            names.push(known);
        }
        names.dedup();
        if found.is_empty() {
            let known = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
            return Err(Error::nothing(format!("there is no source {}", quoted(name)))
                .hint(format!("known sources: {known}")));
        }
        Ok(found)
    }
}

impl Store {
    /// Everything declared by an instant, oldest first.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn declarations(&self, known_on: Option<Instant>) -> Result<Vec<Declaration>> {
        let sql = "SELECT source_id, what, value, valid_from FROM declarations \
                   WHERE declared_at <= ?1 ORDER BY declaration_id";
        let mut statement = self.connection.prepare(sql)?;
        let mut rows = statement.query([known_on.map_or(i64::MAX, Instant::unix)])?;
        let mut declarations = Vec::new();
        while let Some(row) = rows.next()? {
            let name: String = row.get(1)?;
            let what = Declared::ALL.into_iter().find(|what| what.name() == name);
            declarations.push(Declaration {
                source_id: row.get(0)?,
                what: what.ok_or_else(super::read::unknown_value)?,
                value: row.get(2)?,
                valid_from: row.get::<_, Option<i64>>(3)?.and_then(Instant::from_unix),
            });
        }
        Ok(declarations)
    }

    /// Every line about voided snapshots declared by an instant, oldest first.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn voidings(&self, known_on: Option<Instant>) -> Result<Vec<Voiding>> {
        let sql = "SELECT snapshot_id, voided, reason, declared_at FROM voidings \
                   WHERE declared_at <= ?1 ORDER BY voiding_id";
        let mut statement = self.connection.prepare(sql)?;
        let rows = statement.query_map([known_on.map_or(i64::MAX, Instant::unix)], |row| {
            Ok(Voiding {
                snapshot: row.get(0)?,
                voided: row.get(1)?,
                reason: row.get(2)?,
                declared_at: Instant::from_unix(row.get(3)?).unwrap_or_default(),
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The hash of the journal's newest line written by an instant, in hexadecimal digits.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn head(&self, known_on: Option<Instant>) -> Result<Option<String>> {
        let head = match known_on {
            Some(known_on) => journal::head_on(&self.connection, known_on)?,
            None => journal::head(&self.connection)?,
        };
        Ok(head.map(|hash| super::hex(&hash)))
    }
}

/// Nobody has imported such a snapshot.
pub(super) fn no_snapshot(snapshot: i64) -> Error {
    Error::nothing(format!("there is no snapshot #{snapshot}"))
        .hint("`oneseat snapshots` lists them")
}
