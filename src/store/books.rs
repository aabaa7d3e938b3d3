//! The books record which snapshots are voided and what the user declared about sources. No row of the books is
//! ever deleted: a later row overrides an earlier one (counting.md section 8).

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension};
use serde_json::json;

use super::journal::{self, BookRow};
use super::row::{self, Journaled, StoredRow as _, committed, instant, said, stored_row};
use super::source_row::SourceRow;
use super::{Import, Knowledge, Store};
use crate::error::{Error, ErrorKind, Result, quoted};
use crate::model::{
    Host, Instant, LONGEST_NAME, NameSaid, Source, SourceFamily, SourceKind, named_hosts,
};
use crate::table::grouped;

/// A declaration of the user about a source, such as a billing model or an alias.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declaration {
    /// The number of the source that the declaration is about.
    pub source_id: i64,
    /// The property that is declared, such as the billing model.
    pub what: Declared,
    /// The declared value of the property, such as `metered`.
    pub value: String,
    /// The instant from which the declaration is in effect; `None` if it is always in effect.
    pub valid_from: Option<Instant>,
}

/// The properties of a source that can be declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Declared {
    /// The name of the source.
    Name,
    /// The billing model of an enterprise: `volume`, `metered` or `emu`.
    BillingModel,
    /// The enterprise that an instance belongs to.
    Enterprise,
    /// Another host name of an instance.
    Alias,
    /// Whether the source is retired (taking no part any more): `true` or `false`.
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

/// The prefix that marks a declaration as ending an alias instead of adding one. No host name contains a space,
/// so no alias begins like this.
const GIVEN_BACK: &str = "not ";

impl Declaration {
    /// The declaration that a source has another name from `valid_from` on.
    pub fn alias(source_id: i64, name: &str, valid_from: Option<Instant>) -> Declaration {
        Declaration { source_id, what: Declared::Alias, value: name.to_owned(), valid_from }
    }

    /// The declaration that a name no longer stands for a source from `valid_from` on.
    pub fn given_back(source_id: i64, name: &str, valid_from: Option<Instant>) -> Declaration {
        let value = format!("{GIVEN_BACK}{name}");
        Declaration { source_id, what: Declared::Alias, value, valid_from }
    }

    /// The number of the source, what the declaration states about a name of the source, and the instant from which
    /// the declaration is in effect. `None` if the declaration is not about a name.
    pub fn of_name(&self) -> Option<(i64, NameSaid<'_>, Option<Instant>)> {
        let said = match (self.what, self.value.strip_prefix(GIVEN_BACK)) {
            (Declared::Name, _) => NameSaid::Name(&self.value),
            (Declared::Alias, Some(name)) => NameSaid::GivenBack(name),
            (Declared::Alias, None) => NameSaid::Alias(&self.value),
            _ => return None,
        };
        Some((self.source_id, said, self.valid_from))
    }
}

/// A row of the books that voids or restores a snapshot.
#[derive(Debug, Clone)]
pub struct Voiding {
    /// The number of the snapshot that is voided or restored.
    pub snapshot: i64,
    /// `true` if the row voids the snapshot, `false` if it restores the snapshot.
    pub voided: bool,
    /// The reason that the user gave; `None` if the user gave no reason.
    pub reason: Option<String>,
    /// The instant at which the user voided or restored the snapshot.
    pub declared_at: Instant,
}

stored_row! {
    /// A row of the table `voidings`, which voids or restores a snapshot.
    VoidingRow, "voidings", voiding_id {
        snapshot_id: i64 => said as "snapshot",
        voided: bool => command as "command",
        reason: Option<String> => committed,
        declared_at: i64 => instant as "at",
        salt: Option<Vec<u8>>,
    }
}

fn command(voided: &bool) -> Journaled {
    said(&if *voided { "void" } else { "restore" })
}

impl BookRow for VoidingRow {
    const KIND: &'static str = "voiding";
    const COMMANDS: &'static [&'static str] = &["void", "restore"];

    fn salt(&self) -> Option<&[u8]> {
        self.salt.as_deref()
    }
}

stored_row! {
    /// A row of the table `declarations`: what the user declared about a source.
    DeclarationRow, "declarations", declaration_id {
        source_id: i64 => said,
        what: String => said,
        value: String => said,
        valid_from: Option<i64> => instant,
        declared_at: i64 => instant as "at",
        reason: Option<String> => committed,
        salt: Option<Vec<u8>>,
    }
}

impl BookRow for DeclarationRow {
    const KIND: &'static str = "declaration";
    const COMMANDS: &'static [&'static str] = &["declare"];

    fn salt(&self) -> Option<&[u8]> {
        self.salt.as_deref()
    }
}

impl Import<'_> {
    /// Voids a snapshot if `voided` is true, and restores it otherwise. The content of the snapshot stays in the
    /// database in either case.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub fn void(&self, snapshot: i64, voided: bool, reason: Option<&str>) -> Result<()> {
        let row = VoidingRow {
            snapshot_id: snapshot,
            voided,
            reason: reason.map(str::to_owned),
            declared_at: self.now.unix(),
            salt: Some(journal::salt()?.to_vec()),
        };
        let id = row.insert(&self.transaction, None)?;
        journal::append(&self.transaction, &row.line(id))
    }

    /// Whether a snapshot is voided, so that it is never in force.
    ///
    /// # Errors
    /// [`crate::error::ErrorKind::Nothing`] if no snapshot has this number.
    pub fn is_voided(&self, snapshot: i64) -> Result<bool> {
        let sql = "SELECT snapshot_id IN (SELECT snapshot_id FROM voided_snapshots) \
                   FROM stored_snapshots WHERE snapshot_id = ?1";
        let voided = self.transaction.query_row(sql, [snapshot], |row| row.get(0)).optional()?;
        voided.ok_or_else(|| no_snapshot(snapshot))
    }

    /// The number of another snapshot of the same source and instant that is neither voided nor partial. `None` if
    /// there is no such snapshot, or if the snapshot `snapshot` itself is partial.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn rival(&self, snapshot: i64) -> Result<Option<i64>> {
        let sql = "SELECT kind, name, place / 65536 FROM stored_snapshots \
                   JOIN named_sources USING (source_id) WHERE snapshot_id = ?1 AND partial = 0";
        let found = self.transaction.query_row(sql, [snapshot], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, i64>(2)?))
        });
        let Some((kind, name, seconds)) = found.optional()? else { return Ok(None) };
        let kind = SourceKind::from_name(&kind).ok_or_else(super::sql::unknown_value)?;
        let at = Instant::from_unix(seconds).ok_or_else(super::sql::unknown_value)?;
        let source = self.meant(&Source { kind, name }, at)?;
        let there = self.in_books()?.into_iter().find(|there| {
            !there.partial && there.id != snapshot && there.source == source && there.taken_at == at
        });
        Ok(there.map(|there| there.id))
    }

    /// Stores a declaration about a source, such as its billing model.
    ///
    /// # Errors
    /// If the value is too long, or the database cannot be written.
    pub fn declare(&self, declaration: &Declaration) -> Result<()> {
        self.declare_for(declaration, None)
    }

    /// Declares a property of a source. `reason` is the user's reason for a declaration that looks like a
    /// mistake, such as a name that no source has.
    ///
    /// # Errors
    /// If the value is too long, or the database cannot be written.
    pub fn declare_for(&self, declaration: &Declaration, reason: Option<&str>) -> Result<()> {
        let Declaration { source_id, what, value, valid_from } = declaration;
        if value.len() > LONGEST_NAME {
            return Err(Error::usage(format!(
                "the name is too long: a name has at most {} bytes",
                grouped(LONGEST_NAME as u64)
            )));
        }
        let row = DeclarationRow {
            source_id: *source_id,
            what: what.name().to_owned(),
            value: value.clone(),
            valid_from: valid_from.map(Instant::unix),
            declared_at: self.now.unix(),
            reason: reason.map(str::to_owned),
            salt: Some(journal::salt()?.to_vec()),
        };
        let id = row.insert(&self.transaction, None)?;
        let mut line = row.line(id);
        if let Some(source) = self.first_said_of(*source_id, id)? {
            line["source"] = json!(source);
        }
        journal::append(&self.transaction, &line)
    }

    /// The numbers and kinds of the sources that have a name. An alias or an earlier name finds the source that
    /// it stands for.
    ///
    /// # Errors
    /// [`crate::error::ErrorKind::Nothing`] if no source has the name. The hint lists the known names.
    pub fn sources_named(&self, name: &str) -> Result<Vec<(i64, SourceKind)>> {
        let found = self.sources_called(name)?;
        let has_files = self.in_books()?.iter().any(|it| it.source.name == name);
        if has_files && !found.is_empty() {
            return Ok(found);
        }
        let known_as = self.known_as()?;
        for family in SourceFamily::ALL {
            let meant = known_as.canonical(family, name, Instant::LAST);
            if meant != name {
                return self.sources_called(meant);
            }
        }
        if !found.is_empty() {
            return Ok(found);
        }
        let sql = "SELECT DISTINCT name FROM named_sources ORDER BY kind, name";
        let mut statement = self.transaction.prepare(sql)?;
        let mut names = statement
            .query_map([], |row| row.get(0))?
            .collect::<rusqlite::Result<Vec<String>>>()?;
        for named in self.named_without_files()? {
            if !names.contains(&named.name) {
                names.push(named.name);
            }
        }
        let known = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        Err(Error::nothing(format!("there is no source {}", quoted(name)))
            .hint(format!("known sources: {known}")))
    }

    /// The numbers and kinds of the sources that have a name, for a declaration. A source of which no file was
    /// imported is created if Cloud rows or sync statuses name it as an instance, or if a declaration names it as
    /// an enterprise.
    ///
    /// # Errors
    /// The error of [`Import::sources_named`], if no file and no declaration names the source.
    pub fn sources_to_declare(&self, name: &str) -> Result<Vec<(i64, SourceKind)>> {
        let unknown = match self.sources_named(name) {
            Err(error) if error.kind == ErrorKind::Nothing => error,
            found => return found,
        };
        let host = Host::new(name);
        let host = host.as_ref().map_or(name, Host::as_str);
        if host != name
            && let Ok(found) = self.sources_named(host)
        {
            return Ok(found);
        }
        let is_meant = |source: &Source| match source.kind.is_instance() {
            true => source.name == host,
            false => source.name == name,
        };
        let Some(source) = self.named_without_files()?.into_iter().find(is_meant) else {
            return Err(unknown);
        };
        Ok(vec![(super::source_row::source_id(&self.transaction, &source)?, source.kind)])
    }

    /// The instances that Cloud rows or sync statuses name, and all enterprises. Some of these sources may have
    /// imported files of their own, too.
    fn named_without_files(&self) -> Result<Vec<Source>> {
        let sql = "SELECT facts FROM stored_snapshots JOIN stored_sources USING (source_id) \
                   WHERE kind = ?1";
        let mut statement = self.transaction.prepare(sql)?;
        let facts = statement
            .query_map([SourceKind::SyncStatus.name()], |row| row.get::<_, String>(0))?
            .collect::<rusqlite::Result<Vec<_>>>()?;
        let mut hosts: BTreeSet<String> = self.hosts_listed()?.into_iter().collect();
        for facts in facts {
            let facts = serde_json::from_str(&facts).map_err(super::sql::damaged)?;
            hosts.extend(named_hosts(&facts).iter().map(|host| host.as_str().to_owned()));
        }
        let instances = hosts.into_iter().map(|name| Source { kind: SourceKind::Server, name });
        let enterprises = self.enterprises()?.into_iter();
        let enterprises = enterprises.map(|name| Source { kind: SourceKind::Cloud, name });
        Ok(instances.chain(enterprises).collect())
    }

    /// The source that a declaration introduces; `None` if a snapshot or another declaration of the source is
    /// already stored. For a new source, the journal must also state its kind and its name.
    fn first_said_of(&self, source_id: i64, declaration: i64) -> Result<Option<Source>> {
        let rest = "WHERE source_id = ?1 \
                    AND NOT EXISTS (SELECT 1 FROM stored_snapshots WHERE source_id = ?1) \
                    AND NOT EXISTS (SELECT 1 FROM declarations \
                      WHERE source_id = ?1 AND declaration_id <> ?2)";
        let parameters = [source_id, declaration];
        let found = row::rows::<SourceRow>(&self.transaction, rest, parameters)?.pop();
        found.map(|(_, row)| row.source()).transpose()
    }

    fn sources_called(&self, name: &str) -> Result<Vec<(i64, SourceKind)>> {
        let sql =
            "SELECT source_id, kind FROM named_sources WHERE name = ?1 ORDER BY kind, source_id";
        let mut statement = self.transaction.prepare(sql)?;
        let mut rows = statement.query([name])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let kind = SourceKind::from_name(&row.get::<_, String>(1)?);
            found.push((row.get(0)?, kind.ok_or_else(super::sql::unknown_value)?));
        }
        Ok(found)
    }

    /// The present names of the enterprises that have files or that a declaration names, sorted.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn enterprises(&self) -> Result<Vec<String>> {
        let known_as = self.known_as()?;
        let sql = include_str!("../../schema/queries/enterprises.sql");
        let mut statement = self.transaction.prepare(sql)?;
        let names = statement
            .query_map([], |row| row.get(0))?
            .collect::<rusqlite::Result<Vec<String>>>()?;
        let meant = |name: &String| {
            known_as.canonical(SourceFamily::Enterprise, name, Instant::LAST).to_owned()
        };
        let mut names: Vec<String> = names.iter().map(meant).collect();
        names.sort();
        names.dedup();
        Ok(names)
    }
}

impl Store {
    /// Every declaration that was known, by the limits in `known`, oldest first.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn declarations(&self, known: Knowledge) -> Result<Vec<Declaration>> {
        declarations(&self.connection, known)
    }

    /// The sources about which a known declaration (by the limits in `known`) says something. Each source comes
    /// with its number and the first name under which it was stored. A source without files may be among them.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn declared_sources(&self, known: Knowledge) -> Result<Vec<(i64, Source)>> {
        let rest = "WHERE source_id IN \
                      (SELECT source_id FROM declarations WHERE declaration_id < ?1) \
                    ORDER BY source_id";
        let rows = row::rows::<SourceRow>(&self.connection, rest, [known.declarations])?;
        rows.into_iter().map(|(id, row)| Ok((id, row.source()?))).collect()
    }

    /// Every voiding and every restoration of a snapshot that was known, by the limits in `known`, oldest first.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn voidings(&self, known: Knowledge) -> Result<Vec<Voiding>> {
        let rest = "WHERE voiding_id < ?1 ORDER BY voiding_id";
        let rows = row::rows::<VoidingRow>(&self.connection, rest, [known.voidings])?;
        let voidings = rows.into_iter().map(|(_, row)| Voiding {
            snapshot: row.snapshot_id,
            voided: row.voided,
            reason: row.reason,
            declared_at: Instant::from_unix(row.declared_at).unwrap_or_default(),
        });
        Ok(voidings.collect())
    }

    /// The hash of the newest journal line that was known, by the limits in `known`, in hexadecimal digits;
    /// `None` if there is no such line.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn head(&self, known: Knowledge) -> Result<Option<String>> {
        Ok(journal::head(&self.connection, known)?.map(|hash| super::sql::hex(&hash)))
    }
}

pub(super) fn no_snapshot(snapshot: i64) -> Error {
    Error::nothing(format!("there is no snapshot #{snapshot}"))
        .hint("list the snapshots with `oneseat snapshots`")
}

pub(super) fn declarations(connection: &Connection, known: Knowledge) -> Result<Vec<Declaration>> {
    let rest = "WHERE declaration_id < ?1 ORDER BY declaration_id";
    let rows = row::rows::<DeclarationRow>(connection, rest, [known.declarations])?;
    let declarations = rows.into_iter().map(|(_, row)| {
        let what = Declared::ALL.into_iter().find(|what| what.name() == row.what);
        Ok(Declaration {
            source_id: row.source_id,
            what: what.ok_or_else(super::sql::unknown_value)?,
            value: row.value,
            valid_from: row.valid_from.and_then(Instant::from_unix),
        })
    });
    declarations.collect()
}
