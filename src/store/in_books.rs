//! Reads the books for a writing command: the snapshots that are not voided, each with its source. A snapshot
//! that was stored under an alias or an earlier name belongs to the source that this name stands for.

use super::booked::InBooks;
use super::books::Declaration;
use super::new_snapshot::NewSnapshot;
use super::place::Place;
use super::row::{column_places, rows};
use super::source_row::SourceRow;
use super::sql::unknown_value;
use super::{Import, Knowledge, alike, books};
use crate::error::{Error, Result};
use crate::model::{FirstNamed, Instant, KnownAs, Source, SourceFamily, SourceKind};

column_places! {
    /// The positions of the columns that the query `in_books.sql` returns.
    BookPlaces { snapshot_id, source_id, kind, name, place, accounts, sha256, partial }
}

impl Import<'_> {
    /// Every snapshot that is not voided, ordered by its instant and its number.
    ///
    /// # Errors
    /// If the database cannot be read, or has an invalid value.
    pub fn in_books(&self) -> Result<Vec<InBooks>> {
        let known_as = self.known_as()?;
        let sql = include_str!("../../schema/queries/in_books.sql");
        let mut statement = self.transaction.prepare_cached(sql)?;
        let at = BookPlaces::of(&statement)?;
        let mut rows = statement.query([])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let (kind, name): (String, String) = (row.get(at.kind)?, row.get(at.name)?);
            let kind = SourceKind::from_name(&kind).ok_or_else(unknown_value)?;
            let place = Place::from_number(row.get(at.place)?);
            let taken_at = place.instant().ok_or_else(unknown_value)?;
            let name = known_as.canonical(kind.family(), &name, taken_at).to_owned();
            found.push(InBooks {
                id: row.get(at.snapshot_id)?,
                source_id: row.get(at.source_id)?,
                source: Source { kind, name },
                taken_at,
                accounts: row.get(at.accounts)?,
                sha256: row.get(at.sha256)?,
                partial: row.get(at.partial)?,
                place,
            });
        }
        found.sort_by_key(|it| (it.taken_at, it.id));
        Ok(found)
    }

    /// The names, earlier names and aliases of all sources. They determine which source a name stands for at an
    /// instant.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn known_as(&self) -> Result<KnownAs> {
        let sources = rows::<SourceRow>(&self.transaction, "ORDER BY source_id", [])?;
        let first = sources.iter().filter_map(|(id, SourceRow { kind, name })| {
            let family = SourceKind::from_name(kind)?.family();
            Some(FirstNamed { id: *id, family, name })
        });
        let declarations = books::declarations(&self.transaction, Knowledge::ALL)?;
        let said: Vec<_> = declarations.iter().filter_map(Declaration::of_name).collect();
        Ok(KnownAs::new(&first.collect::<Vec<_>>(), &said))
    }

    /// The source that a name stands for in a file whose snapshot was taken at the instant `at`.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn meant(&self, named: &Source, at: Instant) -> Result<Source> {
        let known_as = self.known_as()?;
        let name = known_as.canonical(named.kind.family(), &named.name, at).to_owned();
        Ok(Source { kind: named.kind, name })
    }

    /// Begins a snapshot of a source at an instant, and creates the source if it is new. If the name of the
    /// source is an alias, the snapshot is compared with the snapshots of the source that the alias stands for.
    ///
    /// # Errors
    /// If the database cannot be read or written.
    pub fn snapshot(&self, named: &Source, taken_at: Instant) -> Result<NewSnapshot<'_>> {
        let meant = self.meant(named, taken_at)?;
        let mut of_source = self.in_books()?;
        of_source.retain(|it| it.source == meant && !it.partial);
        let before = of_source.iter().rfind(|it| it.taken_at < taken_at);
        let after = of_source.iter().find(|it| it.taken_at > taken_at);
        self.begin_snapshot(named, taken_at, (before, after))
    }

    /// Gives a name back to the source that is stored under it: from the instant `from` on, the name is not an
    /// alias of any other source.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub fn give_back(&self, named: &Source, from: Option<Instant>) -> Result<()> {
        let claimants = self.known_as()?.claimants(named.kind.family(), &named.name);
        for source_id in claimants {
            self.declare(&Declaration::given_back(source_id, &named.name, from))?;
        }
        Ok(())
    }

    /// The names of all hosts that Cloud rows have ever listed.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn hosts_listed(&self) -> Result<Vec<String>> {
        let mut statement =
            self.transaction.prepare_cached("SELECT host FROM hosts WHERE host <> ''")?;
        let hosts = statement.query_map([], |row| row.get(0))?;
        Ok(hosts.collect::<rusqlite::Result<_>>()?)
    }

    /// The names of the instances that the rows of a Cloud snapshot list. An alias is replaced by the name that
    /// it stood for when the snapshot was taken.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn hosts_of(&self, cloud: &InBooks) -> Result<Vec<String>> {
        let known_as = self.known_as()?;
        let writer = self.writer()?.borrow();
        let hosts =
            alike::hosts_at(&self.transaction, writer.image(), cloud.source_id, cloud.place)?;
        let meant = |host: &str| {
            known_as.canonical(SourceFamily::Instance, host, cloud.taken_at).to_owned()
        };
        Ok(hosts.iter().map(|host| meant(host)).collect())
    }

    /// Checks that no source has two snapshots that were taken at the same instant and are neither voided nor
    /// partial.
    ///
    /// # Errors
    /// [`crate::error::ErrorKind::Input`] if a source has two such snapshots. The error names both snapshots and
    /// the commands that void them.
    pub fn check_instants(&self, why: &str) -> Result<()> {
        let mut counting = self.in_books()?;
        counting.retain(|it| !it.partial);
        counting.sort_by(|a, b| (&a.source, a.place).cmp(&(&b.source, b.place)));
        let twins = counting
            .windows(2)
            .find(|pair| pair[0].source == pair[1].source && pair[0].taken_at == pair[1].taken_at);
        let Some([one, other]) = twins else { return Ok(()) };
        let (source, at, one, other) =
            (&one.source, one.taken_at, one.id.min(other.id), one.id.max(other.id));
        Err(Error::input(format!(
            "{why} would give {source} two snapshots taken at {at}: #{one} and #{other}"
        ))
        .hint("void the snapshot that is wrong, then repeat the command:")
        .hint(format!("oneseat snapshots void {one} --reason …"))
        .hint(format!("oneseat snapshots void {other} --reason …")))
    }
}
