//! Taking a file in: from its bytes to a stored snapshot, with everything that is checked on the
//! way (interface.md section 2). It brings the readers and the store together, which know nothing
//! of each other.
//!
//! `origin` decides whose word the file is and when it was taken, `completeness` whether it is
//! whole, and this file walks one snapshot through: read, check, store or refuse.

mod answer;
mod completeness;
mod origin;
mod sink;

use std::io::Read;
use std::path::{Path, PathBuf};

use crate::error::{Error, Kind, Result};
use crate::import::{self, FileFacts, Input, Reader};
use crate::model::{Instant, SourceKind};
use crate::store::{Changes, Store, Stored};

pub use answer::{Imported, Item, Reported, Status, Warning};
use completeness::Completeness;
use origin::TakenAt;
use sink::Intake;

/// What is asked of an import.
pub struct Request<'r> {
    /// The files; `-` is standard input.
    pub files: &'r [PathBuf],
    /// The files are the pages of one answer.
    pub pages: bool,
    /// The reader, where the user names it.
    pub reader: Option<&'static dyn Reader>,
    /// The enterprise that Cloud files are of.
    pub enterprise: Option<&'r str>,
    /// The instance that Server files are of.
    pub host: Option<&'r str>,
    /// When the files were taken.
    pub taken_at: Option<Instant>,
    /// Do everything but store.
    pub dry_run: bool,
    /// Store, but never in force.
    pub partial: bool,
    /// Store a short snapshot in force, for this reason.
    pub accept_short: Option<&'r str>,
    /// Void the snapshot of the same source and instant first.
    pub replace: bool,
    /// The present.
    pub now: Instant,
}

/// Imports files, each in a transaction of its own; a refused file does not stop the others.
///
/// # Errors
/// What stops everything: the database fails. A refused file is an item of the answer.
pub fn import(
    store: &mut Store,
    request: &Request<'_>,
    stdin: &mut dyn FnMut() -> Box<dyn Read>,
) -> Result<Imported> {
    let mut items = Vec::new();
    let groups: Vec<&[PathBuf]> =
        if request.pages { vec![request.files] } else { request.files.chunks(1).collect() };
    for files in groups {
        let mut item = Item::of(files);
        match take_in(store, request, files, stdin, &mut item) {
            Ok(()) => {}
            Err(error) if error.kind == Kind::Input => item.refuse(error, request),
            Err(error) => return Err(error),
        }
        items.push(item);
    }
    hint_at_pages(&mut items, request);
    Ok(Imported::new(items))
}

/// Files that state the same totals and are refused as incomplete are most likely pages.
fn hint_at_pages(items: &mut [Item], request: &Request<'_>) {
    let same = items
        .windows(2)
        .all(|pair| pair[0].reported.is_some() && pair[0].reported == pair[1].reported);
    if request.pages || items.len() < 2 || !same {
        return;
    }
    for item in items.iter_mut().filter(|item| item.complete == Some(false)) {
        item.hint("all files state the same totals: if they are pages of one answer, add --pages");
    }
}

/// One snapshot, from its file or its pages.
fn take_in(
    store: &mut Store,
    request: &Request<'_>,
    files: &[PathBuf],
    stdin: &mut dyn FnMut() -> Box<dyn Read>,
    item: &mut Item,
) -> Result<()> {
    let mut inputs = files.iter().map(|file| open(file, stdin)).collect::<Result<Vec<_>>>()?;
    let reader = reader_of(&inputs, request)?;
    item.format = Some(reader.format());
    let taken_at = TakenAt::find(request, files);
    item.taken_at = Some(taken_at.instant);
    item.taken_at_from = Some(taken_at.from);
    if taken_at.instant > request.now.plus_seconds(24 * 3600) {
        return Err(Error::input(format!(
            "the snapshot would be of {}, which is not yet",
            taken_at.instant
        ))
        .at(&item.file, None)
        .hint("say when it was taken with --taken-at, or set the clock right"));
    }
    if let Some(warning) = taken_at.warning() {
        item.warn("time-guessed", warning);
    }

    let kinds = Known::read(store)?;
    let import = store.begin(request.now)?;
    let mut intake = Intake::new(&import, request, files, taken_at.instant, &kinds, reader);
    let mut facts = FileFacts::default();
    for input in &mut inputs {
        let page = reader.read(input, &mut intake)?;
        facts.list_moved |= page.list_moved;
        facts.add_page(page.consumed, page.purchased);
        facts.facts.extend(page.facts);
        facts.notes.extend(page.notes);
    }
    item.sha256 = Some(sha256(&inputs));
    for (code, message) in &facts.notes {
        item.warn(code, message.clone());
    }
    let (snapshot, source, guessed, rows, unknown) = intake.into_parts()?;
    item.source = Some(source.clone());
    item.rows = Some(rows);
    item.reported = Reported::of(&facts);
    warn_of_fields(item, &unknown);
    for login in snapshot.repeated() {
        item.warn_at(
            "row-repeated",
            "a row came twice with other content; both were united",
            login,
        );
    }

    let holds_accounts = source.kind.holds_accounts();
    let neighbours = snapshot.neighbours();
    let accounts = neighbours.accounts();
    item.accounts = holds_accounts.then_some(accounts);
    if guessed {
        origin::check_guess(neighbours.shared()?, accounts, &source, reader.kind(), &item.file)?;
    }
    if facts.list_moved {
        item.warn(
            "list-moved",
            "the pages state different totals: the list changed meanwhile".into(),
        );
    }
    if holds_accounts && accounts == 0 {
        item.warn("empty", "the file has no accounts".into());
    }
    let completeness = Completeness::of(accounts, facts.consumed.filter(|_| holds_accounts));
    item.complete = completeness.complete();
    if let Some((code, message)) = completeness.warning() {
        item.warn(code, message);
    }
    if neighbours.accounts_after().is_some_and(|after| holds_accounts && after * 2 < accounts) {
        item.warn("neighbour-shrinks", "the next snapshot has less than half the accounts".into());
    }
    let short = completeness.refusal().or_else(|| {
        let before = neighbours.accounts_before().filter(|_| holds_accounts)?;
        completeness::shrinks(before, accounts)
    });
    if let (Some(short), false, None) = (&short, request.partial, request.accept_short) {
        return Err(Error::input(short.clone())
            .at(&item.file, None)
            .hint("get the whole answer: all pages, or the whole report")
            .hint("--partial stores it without ever counting it; --accept-short REASON counts it as it is"));
    }
    let same_instant = neighbours.same_instant()?;

    let finished = snapshot.finish(&Stored {
        taken_at_from: taken_at.from,
        format: reader.format(),
        file: &item.file_names(files),
        sha256: item.sha256.as_deref().unwrap_or_default(),
        rows,
        consumed: facts.consumed,
        purchased: facts.purchased,
        complete: item.complete,
        partial: request.partial,
        accepted_short: short.as_ref().and(request.accept_short),
        facts: &serde_json::Value::Object(facts.facts),
        warnings: &item.warnings_json(),
    })?;
    item.changes = holds_accounts.then_some(finished.changes);

    let known_bytes = match (&item.sha256, taken_at.guessed()) {
        (Some(sha256), true) => import.snapshot_with_bytes(&source, sha256, finished.snapshot)?,
        _ => None,
    };
    if let Some(known) = finished.same.or(known_bytes) {
        // The transaction is dropped: nothing of it is stored.
        item.status = Status::Unchanged;
        item.snapshot = Some(known);
        item.changes =
            holds_accounts.then_some(Changes { unchanged: accounts, ..Changes::default() });
        return Ok(());
    }
    if let (Some(known), false) = (same_instant, request.partial) {
        if !request.replace {
            return Err(Error::input(format!(
                "{source} has another snapshot of {} with other content: #{known}",
                taken_at.instant
            ))
            .at(&item.file, None)
            .hint("--replace voids that one and puts this in its place"));
        }
        import.void(known, true, Some("replaced by a later import"))?;
    }
    if request.dry_run {
        item.status = Status::DryRun;
        return Ok(());
    }
    import.commit()?;
    item.status = Status::Stored;
    item.snapshot = Some(finished.snapshot);
    Ok(())
}

/// The names of the sources that there are.
pub(crate) struct Known {
    cloud: Vec<String>,
    server: Vec<String>,
}

impl Known {
    fn read(store: &Store) -> Result<Known> {
        Ok(Known {
            cloud: store.source_names(SourceKind::Cloud)?,
            server: store.source_names(SourceKind::Server)?,
        })
    }

    fn of(&self, kind: SourceKind) -> &[String] {
        match kind {
            SourceKind::Cloud => &self.cloud,
            SourceKind::Server | SourceKind::ServerInfo => &self.server,
        }
    }
}

fn open(file: &Path, stdin: &mut dyn FnMut() -> Box<dyn Read>) -> Result<Input> {
    if file.as_os_str() == "-" {
        return Input::new("standard input".to_owned(), stdin());
    }
    Input::open(file)
}

/// The reader of all pages.
fn reader_of(inputs: &[Input], request: &Request<'_>) -> Result<&'static dyn Reader> {
    if let Some(reader) = request.reader {
        return Ok(reader);
    }
    let mut found: Option<&'static dyn Reader> = None;
    for input in inputs {
        let reader = import::recognise(input)?;
        match found {
            Some(first) if first.format() != reader.format() => {
                return Err(Error::input(format!(
                    "this is {}, the pages before it are {}",
                    reader.format(),
                    first.format()
                ))
                .at(input.name(), None)
                .hint("the pages of one answer have one format"));
            }
            _ => found = Some(reader),
        }
    }
    found.ok_or_else(|| Error::usage("no file was given"))
}

/// SHA-256 of the bytes; of several pages that of their sorted digests, one on a line, so that the
/// order of the pages does not matter.
fn sha256(inputs: &[Input]) -> String {
    let mut digests: Vec<String> = inputs.iter().map(Input::sha256).collect();
    if let [only] = digests.as_slice() {
        return only.clone();
    }
    digests.sort();
    import::sha256_of(&digests.join("\n"))
}

fn warn_of_fields(item: &mut Item, unknown: &[String]) {
    for field in unknown {
        item.warn_at("unknown-field", "a field that is not known yet; it is kept", field);
    }
}
