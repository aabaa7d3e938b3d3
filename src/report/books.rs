//! `oneseat snapshots` and `oneseat sources`: the stored snapshots and the known sources (interface.md
//! section 5).

use std::collections::{HashMap, HashSet};

use serde::Serialize;

use super::basis::known_on_told;
use super::certificate::{self, CertificateShown, SnapshotItem, Stated, Voided};
use crate::error::{Error, Result};
use crate::ledger::Declarations;
use crate::ledger::{KnownSource, Ledger};
use crate::model::{Instant, SourceKind};
use crate::store::{self, Knowledge, SnapshotFacts, Store, Voiding};
use crate::table::{Answer, CellKind, Columns, Page, RowVisitor, Table};

/// What `oneseat snapshots` answers: the stored snapshots, each with its certificate of completeness.
#[derive(Debug, Clone, Serialize)]
pub struct Snapshots {
    schema: &'static str,
    known_on: Option<Instant>,
    items: Vec<SnapshotItem>,
    /// The newest hash of the journal.
    head: Option<String>,
    /// Did the user ask for exactly one snapshot? If so, the page shows its certificate and not a table of
    /// snapshots.
    #[serde(skip)]
    shown: bool,
}

/// The snapshots that had been imported by the known-on instant. If `only` is set, only the snapshots with
/// these numbers.
///
/// # Errors
/// [`crate::error::ErrorKind::Nothing`] if no snapshot has one of the numbers; another error if the database
/// cannot be read.
pub fn snapshots(
    store: &Store,
    known_on: Option<Instant>,
    only: Option<&[i64]>,
) -> Result<Snapshots> {
    let ledger = Ledger::open(store, known_on)?;
    let mut voided: HashMap<i64, Voiding> = HashMap::new();
    for voiding in store.voidings(ledger.known)? {
        voided.insert(voiding.snapshot, voiding);
    }
    let mut all = store.snapshots(ledger.known)?;
    for SnapshotFacts { source, source_id, taken_at, .. } in &mut all {
        let name = ledger.declarations.name(*source_id).unwrap_or(&source.name);
        let name = ledger.known_as.canonical(source.kind.family(), name, *taken_at);
        source.name = name.to_owned();
    }
    if let Some(only) = only {
        for id in only {
            if all.iter().all(|snapshot| snapshot.id != *id) {
                return Err(Error::nothing(format!("there is no snapshot #{id}"))
                    .hint("`oneseat snapshots` lists the snapshots"));
            }
        }
        all.retain(|snapshot| only.contains(&snapshot.id));
    }
    all.sort_by_key(|snapshot| (snapshot.taken_at, snapshot.id));
    let mut certificates = store.certificates(ledger.known)?;
    let items = all.into_iter().map(|snapshot| {
        let line = voided.remove(&snapshot.id).filter(|voiding| voiding.voided);
        let found = certificates.remove(&snapshot.id);
        let found = found.ok_or_else(|| {
            Error::database(format!(
                "the database is damaged: snapshot {} has no certificate",
                snapshot.id
            ))
            .hint(
                "`oneseat verify` lists the damage; `oneseat restore FILE` goes back to a \
                   backup",
            )
        })?;
        Ok(item(snapshot, line, found))
    });
    Ok(Snapshots {
        schema: "oneseat.snapshots/1",
        known_on,
        items: items.collect::<Result<_>>()?,
        head: store.head(ledger.known)?,
        shown: only.is_some_and(|only| only.len() == 1),
    })
}

fn item(
    snapshot: SnapshotFacts,
    voided: Option<Voiding>,
    found: store::Certificate,
) -> SnapshotItem {
    let consumed = snapshot.consumed.filter(|_| snapshot.accounts.is_some());
    let certificate = CertificateShown::of(&found, snapshot.rows, snapshot.accounts, consumed);
    let stated = snapshot.consumed.is_some() || snapshot.purchased.is_some();
    SnapshotItem {
        reported: stated
            .then_some(Stated { consumed: snapshot.consumed, purchased: snapshot.purchased }),
        voided: voided.map(|voiding| Voided { at: voiding.declared_at, reason: voiding.reason }),
        id: snapshot.id,
        source: snapshot.source,
        taken_at: snapshot.taken_at,
        imported_at: snapshot.imported_at,
        format: snapshot.format,
        file: snapshot.file,
        sha256: snapshot.sha256,
        rows: snapshot.rows,
        accounts: snapshot.accounts,
        complete: snapshot.complete,
        partial: snapshot.partial,
        accepted_short: snapshot.accepted_short,
        content_hash: snapshot.content_hash,
        taken_at_from: found.taken_at_from,
        certificate,
    }
}

impl Answer for Snapshots {
    const LIST: Option<&'static str> = Some("items");
    const COLUMNS: Columns = SnapshotItem::COLUMNS;

    fn rows(&self, visitor: &mut impl RowVisitor) -> Result<()> {
        visitor.all(&self.items)
    }

    fn rests_on(&self) -> Vec<String> {
        known_on_told(self.known_on).into_iter().collect()
    }

    fn page(&self) -> Page {
        if let (true, [item]) = (self.shown, self.items.as_slice()) {
            let headline = format!(
                "Snapshot #{} of {} ({})",
                item.id,
                item.source.name,
                item.source.kind.name()
            );
            let closing = certificate::lines(item, self.head.as_deref());
            return Page { headline, tables: Vec::new(), closing };
        }
        let is_directory = |item: &SnapshotItem| item.source.kind == SourceKind::Directory;
        // A directory has entries, which are no accounts, so the heading of the column names both.
        let accounts = match self.items.iter().any(is_directory) {
            true => "Accounts, entries",
            false => "Accounts",
        };
        let mut table =
            Table::new(&["#", "Source", "Kind", "Taken at", accounts, "Consumed", "Standing"]);
        for item in &self.items {
            let standing = match (&item.voided, item.partial, item.complete) {
                (Some(_), _, _) => "voided",
                (None, true, _) => "partial, never in force",
                (None, false, Some(false)) => "accepted although short",
                (None, false, Some(true)) => "complete",
                (None, false, None) => "",
            };
            table.rows.push(vec![
                item.id.into(),
                item.source.name.as_str().into(),
                item.source.kind.name().into(),
                item.taken_at.to_string().into(),
                item.accounts.into(),
                item.reported.as_ref().and_then(|stated| stated.consumed).into(),
                standing.into(),
            ]);
        }
        let closing = vec![format!("journal head  {}", self.head.as_deref().unwrap_or("none"))];
        Page { headline: "Snapshots".to_owned(), tables: vec![table], closing }
    }
}

/// What `oneseat sources` answers: the known enterprises, instances and directories, with their settings.
#[derive(Debug, Clone, Serialize)]
pub struct Sources {
    schema: &'static str,
    known_on: Option<Instant>,
    items: Vec<SourceItem>,
}

#[derive(Debug, Clone, Serialize)]
struct SourceItem {
    kind: SourceKind,
    name: String,
    snapshots: u64,
    first: Option<Instant>,
    last: Option<Instant>,
    billing_model: Option<&'static str>,
    /// Did the user declare the billing model? If not, the default applies. `None` for a source that is not an
    /// enterprise.
    billing_model_declared: Option<bool>,
    enterprise: Option<String>,
    aliases: Vec<String>,
    retired_from: Option<Instant>,
}

impl SourceItem {
    const COLUMNS: Columns = &[
        ("kind", CellKind::Text),
        ("name", CellKind::Text),
        ("snapshots", CellKind::Whole),
        ("first", CellKind::Instant),
        ("last", CellKind::Instant),
        ("billing_model", CellKind::Text),
        ("billing_model_declared", CellKind::Truth),
        ("enterprise", CellKind::Text),
        ("aliases", CellKind::List),
        ("retired_from", CellKind::Instant),
    ];
}

/// Every source that was known by the known-on instant, with its settings at the latest instant.
///
/// # Errors
/// If the database cannot be read.
pub fn sources(store: &Store, known_on: Option<Instant>) -> Result<Sources> {
    let ledger = Ledger::open(store, known_on)?;
    // The settings shown are those that apply at the latest instant. A database without snapshots has no latest
    // instant, so the last instant at which a declaration takes effect is used.
    let latest = ledger.snapshots.iter().filter(|it| !it.partial).map(|it| it.taken_at).max();
    let at = latest.or_else(|| ledger.change_instants().last().copied()).unwrap_or_default();
    let items = known_sources(&ledger, at, Instant::LAST).collect();
    Ok(Sources { schema: "oneseat.sources/1", known_on, items })
}

/// The sources, with the declarations that hold at the instant `at`, and with their snapshots that were taken by the
/// instant `until`.
fn known_sources(
    ledger: &Ledger<'_>,
    at: Instant,
    until: Instant,
) -> impl Iterator<Item = SourceItem> {
    let declared = &ledger.declarations;
    let mut sources: Vec<&KnownSource> = ledger.sources.iter().collect();
    sources.retain(|known| !ledger.is_another_name(known, at));
    sources.dedup_by_key(|known| &known.source);
    sources.into_iter().map(move |known| {
        let of_source = || {
            let own = ledger.snapshots.iter().filter(|it| it.source == known.source);
            own.filter(|it| it.taken_at <= until)
        };
        let last = of_source().map(|snapshot| snapshot.taken_at).max();
        let cloud = known.source.kind == SourceKind::Cloud;
        let aliases =
            ledger.known_as.aliases_of(known.source.kind.family(), &known.source.name, at);
        SourceItem {
            kind: known.source.kind,
            name: known.source.name.clone(),
            snapshots: of_source().count() as u64,
            first: of_source().map(|snapshot| snapshot.taken_at).min(),
            last,
            billing_model: cloud.then(|| declared.billing_model(known.id, at).name()),
            billing_model_declared: cloud.then(|| declared.declares_billing(known.id, at)),
            enterprise: declared.enterprise(known.id, at).map(str::to_owned),
            aliases: if cloud { Vec::new() } else { aliases },
            retired_from: declared.retired_from(known.id),
        }
    })
}

/// A source as a page shows it: as `oneseat sources` prints it, with its newest snapshot and the certificate of that
/// snapshot.
#[derive(Debug, Clone, Serialize)]
pub(super) struct SourceInForce {
    #[serde(flatten)]
    item: SourceItem,
    /// The newest snapshot that is not partial; `None` if there is none.
    in_force: Option<SnapshotInForce>,
}

/// The newest snapshot of a source.
#[derive(Debug, Clone, Serialize)]
struct SnapshotInForce {
    snapshot: i64,
    taken_at: Instant,
    age_seconds: i64,
    format: String,
    sha256: String,
    rows: u64,
    accounts: Option<u64>,
    complete: Option<bool>,
    accepted_short: Option<String>,
    certificate: CertificateShown,
}

/// The sources of which a snapshot was taken by an instant, or that the user declared, as they were known then.
///
/// # Errors
/// If the database cannot be read.
pub(super) fn sources_in_force(ledger: &Ledger<'_>, at: Instant) -> Result<Vec<SourceInForce>> {
    let mut certificates = ledger.store.certificates(ledger.known)?;
    let mut shown = Vec::new();
    for item in known_sources(ledger, at, at) {
        let taken = ledger.taken_of(item.kind, &item.name, at);
        let newest = taken.iter().rev().find(|snapshot| !snapshot.partial);
        let in_force = newest.and_then(|snapshot| {
            let found = certificates.remove(&snapshot.id)?;
            let consumed = snapshot.consumed.filter(|_| snapshot.accounts.is_some());
            Some(SnapshotInForce {
                snapshot: snapshot.id,
                taken_at: snapshot.taken_at,
                age_seconds: at.unix() - snapshot.taken_at.unix(),
                format: snapshot.format.clone(),
                sha256: snapshot.sha256.clone(),
                rows: snapshot.rows,
                accounts: snapshot.accounts,
                complete: snapshot.complete,
                accepted_short: snapshot.accepted_short.clone(),
                certificate: CertificateShown::of(
                    &found,
                    snapshot.rows,
                    snapshot.accounts,
                    consumed,
                ),
            })
        });
        shown.push(SourceInForce { item, in_force });
    }
    Ok(shown)
}

/// The ids of the sources that a declaration retires from some instant on, in the past or in the future.
///
/// # Errors
/// If the database cannot be read.
pub fn sources_retired(store: &Store) -> Result<HashSet<i64>> {
    Ok(Declarations::new(store.declarations(Knowledge::ALL)?).ever_retired())
}

impl Answer for Sources {
    const LIST: Option<&'static str> = Some("items");
    const COLUMNS: Columns = SourceItem::COLUMNS;

    fn rows(&self, visitor: &mut impl RowVisitor) -> Result<()> {
        visitor.all(&self.items)
    }

    fn rests_on(&self) -> Vec<String> {
        known_on_told(self.known_on).into_iter().collect()
    }

    fn page(&self) -> Page {
        let day = |at: Instant| at.to_string().split('T').next().map(str::to_owned);
        let mut table = Table::new(&["Source", "Kind", "Snapshots", "First", "Last", "Declared"]);
        for item in &self.items {
            let mut declared = Vec::new();
            declared.extend(item.billing_model.map(|model| {
                let declared = item.billing_model_declared == Some(true);
                if declared { format!("{model} billing") } else { format!("{model} (default)") }
            }));
            declared.extend(item.enterprise.as_ref().map(|name| format!("of {name}")));
            declared.extend(item.aliases.iter().map(|alias| format!("also {alias}")));
            declared.extend(item.retired_from.map(|from| format!("retired from {from}")));
            table.rows.push(vec![
                item.name.as_str().into(),
                item.kind.name().into(),
                item.snapshots.into(),
                item.first.and_then(day).into(),
                item.last.and_then(day).into(),
                declared.join(", ").into(),
            ]);
        }
        Page {
            headline: "Sources".to_owned(),
            tables: vec![table],
            closing: vec![
                "`oneseat sources set NAME …` declares facts about a source; `oneseat sources set \
                 --help` lists them."
                    .to_owned(),
            ],
        }
    }
}
