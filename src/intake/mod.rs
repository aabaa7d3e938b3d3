//! Turns a file into stored snapshots, with every check that an import makes (interface.md section 2). This
//! stage connects the readers and the store, which do not know each other.
//!
//! `origin` finds the source and the time of a file. `ahead` reads the file on a thread of its own. `sink`
//! collects the records of each source. `snapshot` checks one snapshot with `completeness` and `doubt`. `hosts`
//! pairs files with instances, and `known_names` reads the names of the known sources. This file runs these
//! steps for a file, and stores either all snapshots of the file or none. `fetch` does the same with answers
//! that it gets from GitHub.

mod ahead;
mod answer;
mod completeness;
mod directory;
mod doubt;
mod fetch;
mod file_hash;
mod hosts;
mod incoming_file;
mod known_names;
mod origin;
mod progress;
mod request;
mod sink;
mod snapshot;

use std::io::Read;
use std::path::{Path, PathBuf};

use crate::code::{RefusalCode, WarningCode};
use crate::error::{Error, ErrorKind, Result};
use crate::import::{self, FileFacts, Input, Reader};
use crate::model::Source;
use crate::store::Store;

pub use answer::{ImportItem, Imported, StatedTotals, Status, nameless};
use directory::DirectoryFile;
pub use doubt::near_names;
pub use fetch::{Choice, FetchTarget, Fetched, FetchedItem, Order, Where, fetch, places};
use file_hash::sha256;
use incoming_file::IncomingFile;
use known_names::KnownNames;
use origin::TakenAt;
pub use progress::{Progress, Silent};
pub use request::{Asker, Request};
use sink::Intake;

/// Imports files, each in a transaction of its own. A refused file does not stop the others.
///
/// # Errors
/// If the database fails, which stops the whole import. A refused file becomes an item of the answer instead.
pub fn import(
    store: &mut Store,
    request: &Request<'_>,
    stdin: &mut dyn FnMut() -> Box<dyn Read + Send>,
) -> Result<Imported> {
    let mut items = Vec::new();
    let groups: Vec<&[PathBuf]> =
        if request.pages { vec![request.files] } else { request.files.chunks(1).collect() };
    for (files, host) in groups.into_iter().zip(hosts::pair(request)?) {
        let stored: Vec<i64> = items.iter().filter_map(|it: &ImportItem| it.snapshot).collect();
        let request = &Request { host: host.or(request.host), stored: &stored, ..*request };
        let mut item = ImportItem::of(files);
        let taken_in = take_in(store, request, files, stdin, &mut item);
        request.progress.end();
        match taken_in {
            Ok(taken_in) => items.extend(taken_in),
            Err(error) if error.kind == ErrorKind::Input => {
                item.refuse(error);
                items.push(item);
            }
            Err(error) => return Err(stored_before(&items, store.named(error))),
        }
    }
    hint_at_pages(&mut items, request);
    hint_at_pages_of_directories(&mut items, request);
    Ok(Imported::new(items))
}

/// The files of a request, each with its host; empty if the request has fewer than two hosts.
///
/// # Errors
/// [`ErrorKind::Usage`] if the number of hosts differs from the number of files that need a host.
pub fn pairs<'r>(request: &Request<'r>) -> Result<Vec<(&'r Path, &'r str)>> {
    if request.hosts.len() < 2 {
        return Ok(Vec::new());
    }
    let files = request.files.iter().map(PathBuf::as_path);
    let pairs = files.zip(hosts::pair(request)?);
    Ok(pairs.filter_map(|(file, host)| Some((file, host?))).collect())
}

/// Adds a hint to the error that stopped a command: the snapshots that the command had stored before stay in
/// the database.
fn stored_before(items: &[ImportItem], error: Error) -> Error {
    let stored = of_status(items, Status::Stored).count();
    match stored {
        0 => error,
        _ => error.hint(format!(
            "snapshots that this command stored before the error: {stored}; they stay in the \
                database, and the command can be repeated"
        )),
    }
}

/// Adds a hint to incomplete files if all files of the command state the same totals. They are then probably
/// pages of one answer.
fn hint_at_pages(items: &mut [ImportItem], request: &Request<'_>) {
    let same = items
        .windows(2)
        .all(|pair| pair[0].reported.is_some() && pair[0].reported == pair[1].reported);
    if request.pages || items.len() < 2 || !same {
        return;
    }
    let way = match request.asker {
        Asker::Import => "add --pages",
        // The commands `fetch` and `rehearse` have no option `--pages`.
        Asker::Fetch | Asker::Rehearse => "make one file of them first",
    };
    for item in items.iter_mut().filter(|item| item.complete == Some(false)) {
        item.hint(&format!(
            "all files state the same totals: if they are pages of one answer, {way}"
        ));
    }
}

/// Adds a hint to refused files of employee directories, if another file of the command has the same format: the
/// files may be pages of one list. A refusal by line stands with all pages, too.
fn hint_at_pages_of_directories(items: &mut [ImportItem], request: &Request<'_>) {
    if request.pages || request.asker != Asker::Import {
        return;
    }
    for at in 0..items.len() {
        let item = &items[at];
        let is_sibling = |(other, it): (usize, &ImportItem)| {
            other != at && it.is_directory && it.format.is_some() && it.format == item.format
        };
        let is_part = item.error.as_ref().is_some_and(|refusal| match refusal.code {
            RefusalCode::Incomplete | RefusalCode::LooksLike => true,
            RefusalCode::Refused => {
                let has_line = refusal.error.place.as_ref().is_some_and(|it| it.line.is_some());
                item.rows.is_none() && !has_line
            }
            _ => false,
        });
        if item.is_directory && is_part && items.iter().enumerate().any(is_sibling) {
            items[at].hint(snapshot::PAGES_TOGETHER);
        }
    }
}

/// Stores the snapshots of one file, or of several files with the pages of one answer: all of them or none.
fn take_in(
    store: &mut Store,
    request: &Request<'_>,
    files: &[PathBuf],
    stdin: &mut dyn FnMut() -> Box<dyn Read + Send>,
    item: &mut ImportItem,
) -> Result<Vec<ImportItem>> {
    let mut inputs = files.iter().map(|file| open(file, stdin)).collect::<Result<Vec<_>>>()?;
    let taken_at = TakenAt::find(request, files);
    item.is_directory = request.directory.is_some() || request.directory_reader.is_some();
    let directory = DirectoryFile::recognize(request, files, taken_at, &inputs)?;
    let reader = match &directory {
        Some(_) => None,
        None => Some(
            reader_of(&inputs, request)
                .map_err(|error| directory::hint_at_mapped(error, request, &inputs))?,
        ),
    };
    item.is_directory |= directory.is_some();
    item.format = directory.as_ref().map(DirectoryFile::format);
    item.format = item.format.or(reader.map(Reader::format));
    item.taken_at = Some(taken_at.instant);
    item.taken_at_from = Some(taken_at.from);
    if taken_at.instant > request.now.plus_seconds(24 * 3600) {
        return Err(Error::input(format!(
            "the snapshot would be taken at {}, which is in the future",
            taken_at.instant
        ))
        .at(&item.called, None)
        .hint(match request.asker {
            Asker::Import => "state the time with --taken-at, or set the clock right",
            Asker::Fetch | Asker::Rehearse => "set the clock right",
        }));
    }
    if let Some(warning) = taken_at.warning() {
        item.warn(WarningCode::TimeGuessed, warning);
    }
    let reader = match (directory, reader) {
        (Some(directory), _) => {
            directory.store(store, &mut inputs, item)?;
            return Ok(vec![std::mem::replace(item, ImportItem::of(files))]);
        }
        (None, Some(reader)) => reader,
        (None, None) => return Err(Error::bug("a file has no reader")),
    };
    let arrival = IncomingFile { request, files, taken_at, reader };
    let mut items = arrival.store(store, &mut inputs, item, &[])?;
    let unchanged: Vec<Source> = of_status(&items, Status::Unchanged).collect();
    if unchanged.is_empty() || unchanged.len() == items.len() {
        return Ok(items);
    }
    // Some snapshots of the file are stored already and others are not. So the file is read a second time, and
    // only the others are written.
    let mut inputs = again(&inputs)?;
    let written = arrival.store(store, &mut inputs, item, &unchanged)?;
    for (item, written) in items.iter_mut().zip(written) {
        if item.status != Status::Unchanged {
            *item = written;
        }
    }
    Ok(items)
}

fn of_status(items: &[ImportItem], status: Status) -> impl Iterator<Item = Source> {
    let of_status = items.iter().filter(move |item| item.status == status);
    of_status.filter_map(|item| item.source.clone())
}

fn again(inputs: &[Input]) -> Result<Vec<Input>> {
    let again = |input: &Input| {
        input.again().unwrap_or_else(|| {
            Err(Error::input("some of the instances in this stream are stored already")
                .at(input.name(), None)
                .hint("import the answer from a file, which can be read twice"))
        })
    };
    inputs.iter().map(again).collect()
}

impl IncomingFile<'_> {
    /// Reads the whole file and checks each snapshot in it. If none is refused or stored already, all are
    /// stored. Returns an item for each snapshot.
    fn store(
        &self,
        store: &mut Store,
        inputs: &mut [Input],
        begun_item: &ImportItem,
        skipped: &[Source],
    ) -> Result<Vec<ImportItem>> {
        let import = store.begin_import(self.request.now)?;
        // The names are read within the transaction, so that no other process can add a name in between.
        let known = KnownNames::read(&import, self.request.host.is_some())?;
        let (request, files, reader) = (self.request, self.files, self.reader);
        if let Some(own) = request.host {
            known.check_names(files, own, request.hosts)?;
        }
        let instant = self.taken_at.instant;
        let mut intake = Intake::new(&import, request, files, instant, (&known, reader), skipped);
        let mut of_file = FileFacts::default();
        for input in inputs.iter_mut() {
            intake.begin_file(input);
            of_file.merge(ahead::read(reader, input, request.host.is_some(), &mut intake)?);
            of_file.notes.extend(input.note());
        }
        request.progress.storing();
        let mut items = Vec::new();
        let all = intake.into_begun()?;
        let several = all.len() > 1;
        for mut begun in all {
            let source = begun.source.clone();
            let mut item = begun_item.of_same_file();
            item.sha256 = Some(sha256(inputs));
            begun.facts.merge(of_file.clone());
            item.given_back.clone_from(&begun.given_back);
            match snapshot::take_in(self, &import, begun, &mut item) {
                Ok(()) => {}
                Err(error) if error.kind == ErrorKind::Input && several => {
                    item.refuse(error.hint(format!("the refused snapshot is that of {source}")));
                }
                Err(error) if error.kind == ErrorKind::Input => item.refuse(error),
                Err(error) => return Err(error),
            }
            items.push(item);
        }
        let refused = items.iter().any(|item| item.status == Status::Refused);
        let unchanged = of_status(&items, Status::Unchanged).any(|it| !skipped.contains(&it));
        if refused {
            // The transaction ends without a commit, so nothing of the file is stored, not even its good
            // snapshots.
            for item in items.iter_mut().filter(|item| item.status != Status::Refused) {
                let source = item.source.as_ref().map(ToString::to_string).unwrap_or_default();
                let error = Error::input(format!(
                    "{source} is not stored: another snapshot of the same file is refused"
                ));
                item.refuse(error);
            }
        } else if !unchanged && !request.dry_run {
            import.commit()?;
        }
        Ok(items)
    }
}

fn open(file: &Path, stdin: &mut dyn FnMut() -> Box<dyn Read + Send>) -> Result<Input> {
    if file.as_os_str() == "-" {
        return Input::new("standard input".to_owned(), stdin());
    }
    Input::open(file)
}

/// The reader for a file or for the pages of one answer. All pages must have the same format.
fn reader_of(inputs: &[Input], request: &Request<'_>) -> Result<&'static dyn Reader> {
    if let Some(reader) = request.reader {
        inputs.iter().try_for_each(|input| import::check_report(input, reader))?;
        return Ok(reader);
    }
    let mut found: Option<&'static dyn Reader> = None;
    for input in inputs {
        let reader = import::recognize(input)?;
        match found {
            Some(first) if first.format() != reader.format() => {
                return Err(Error::input(format!(
                    "this page has the format {}, but the pages before it have the format {}",
                    reader.format(),
                    first.format()
                ))
                .at(input.name(), None)
                .hint("import only pages of one answer together: they have the same format"));
            }
            _ => found = Some(reader),
        }
    }
    found.ok_or_else(|| Error::usage("no file was given"))
}
