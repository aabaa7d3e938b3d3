//! Takes in the file of an employee directory (directory.md section 1): finds its name, stores its entries as
//! states, and keeps in plain text only what is known of people whom a file of GitHub names.

mod doubt;
mod entries;

use std::path::PathBuf;

use serde_json::json;

use super::answer::{ImportItem, Status};
use super::file_hash::sha256;
use super::known_names::KnownNames;
use super::origin::TakenAt;
use super::request::Request;
use super::snapshot;
use crate::code::{RefusalCode, WarningCode};
use crate::config::ConfiguredDirectory;
use crate::error::{Error, Result, quoted};
use crate::import::directory::{self, Beginning, DirectoryReader, ReadDirectory};
use crate::import::{self, Input};
use crate::model::{Source, SourceKind};
use crate::store::{Changes, CompletenessFacts, Import, InBooks, Store, Stored};
use entries::Entries;

/// The name of the only directory, if nobody names it.
const UNNAMED: &str = "directory";

/// The file of a directory, and what is known before it is read.
pub(super) struct DirectoryFile<'r> {
    request: &'r Request<'r>,
    files: &'r [PathBuf],
    taken_at: TakenAt,
    reader: &'static dyn DirectoryReader,
    /// The settings of the directory that the user names.
    settings: Option<&'r ConfiguredDirectory>,
}

impl<'r> DirectoryFile<'r> {
    /// The file, if it is one of a directory.
    ///
    /// # Errors
    /// If the user names a directory and the file is none; if the pages have several formats.
    pub(super) fn recognize(
        request: &'r Request<'r>,
        files: &'r [PathBuf],
        taken_at: TakenAt,
        inputs: &[Input],
    ) -> Result<Option<DirectoryFile<'r>>> {
        if request.reader.is_some() {
            return Ok(None);
        }
        let settings = request.directory.and_then(|name| settings_of(request, name));
        let mapping = settings.and_then(|settings| settings.mapping.as_ref());
        let mut found: Option<&'static dyn DirectoryReader> = None;
        for input in inputs {
            let reader = match request.directory_reader {
                Some(reader) => {
                    if reader.format() != directory::MAPPED.format() {
                        directory::refuse_other_lists(&Beginning::of(input), input.name())?;
                    }
                    Some(reader)
                }
                None => directory::recognize(input, mapping)?,
            };
            let Some(reader) = reader else {
                return match request.directory {
                    Some(name) => Err(no_directory(input, name)),
                    None => Ok(None),
                };
            };
            if let Some(first) = found.filter(|first| first.format() != reader.format()) {
                return Err(Error::input(format!(
                    "this is {}, the pages before it are {}",
                    reader.format(),
                    first.format()
                ))
                .at(input.name(), None)
                .hint("the pages of one list have one format"));
            }
            found = Some(reader);
        }
        Ok(found.map(|reader| DirectoryFile { request, files, taken_at, reader, settings }))
    }

    /// The name of the format.
    pub(super) fn format(&self) -> &'static str {
        self.reader.format()
    }

    /// Stores the snapshot, or finds that it is stored already.
    ///
    /// # Errors
    /// If the file is refused, or the database fails.
    pub(super) fn store(
        &self,
        store: &mut Store,
        inputs: &mut [Input],
        item: &mut ImportItem,
    ) -> Result<()> {
        let import = store.begin_import(self.request.now)?;
        let known = KnownNames::read(&import, false)?;
        for input in inputs.iter() {
            self.request.progress.begin(input.name(), input.size());
        }
        let mapping = self.settings.and_then(|settings| settings.mapping.as_ref());
        let read = directory::read(self.reader, inputs, mapping)?;
        self.request.progress.storing();
        item.sha256 = Some(sha256(inputs));
        item.rows = Some(read.facts.rows);
        item.accounts = Some(read.entries.len() as u64);
        for (code, message) in &read.facts.warnings {
            item.warn(*code, message.clone());
        }
        let named = Source { kind: SourceKind::Directory, name: self.name(&read, &known)? };
        let source = import.meant(&named, self.taken_at.instant)?;
        item.source = Some(source.clone());
        self.warn_of_new_name(&source, &known, item);
        let entries = Entries::of(&import, read.entries, self.keeps_all(&source))?;
        let books = import.in_books()?;
        if let Some(same) = self.same_bytes(&books, &source, item) {
            return self.fill(import, same, &entries, item);
        }
        let mut snapshot = import.snapshot(&named, self.taken_at.instant)?;
        entries.put(&import, &mut snapshot)?;
        let short =
            self.judge(&import, &snapshot, (&books, &source), (&entries, &read.facts), item)?;
        let left_out = json!({"columns_left_out": read.facts.left_out});
        let finished = snapshot.finish(&Stored {
            taken_at_from: self.taken_at.from,
            format: self.reader.format(),
            file: &item.file_names(self.files),
            sha256: item.sha256.as_deref().unwrap_or_default(),
            rows: read.facts.rows,
            consumed: None,
            purchased: None,
            evidence: &CompletenessFacts {
                distinct_rows: entries.all.len() as u64,
                total: read.facts.total.and_then(|total| i64::try_from(total).ok()),
                short: short.clone(),
                columns_left_out: Some(read.facts.left_out.iter().cloned().collect()),
                entries_in_plain_text: Some(entries.kept()),
                ..CompletenessFacts::default()
            },
            complete: item.complete,
            partial: self.request.partial,
            accepted_short: short.as_ref().and(self.request.accept_short),
            facts: &left_out,
            warnings: &item.warnings_json(),
        })?;
        item.changes = Some(finished.changes);
        if let Some(same) = finished.same {
            // The bytes differ and the content does not: only details may be new.
            drop(import);
            let import = store.begin_import(self.request.now)?;
            let books = import.in_books()?;
            return match books.iter().find(|it| it.id == same) {
                Some(same) => self.fill(import, same, &entries, item),
                None => Ok(()),
            };
        }
        let same_instant = books
            .iter()
            .find(|it| !it.partial && it.source == source && it.taken_at == self.taken_at.instant);
        if let (Some(known), false) = (same_instant, self.request.partial) {
            snapshot::replace((self.request, self.taken_at), &import, &source, known.id, item)?;
        }
        import.end_filling(finished.filling, finished.snapshot)?;
        item.status = if self.request.dry_run { Status::DryRun } else { Status::Stored };
        if !self.request.dry_run {
            item.snapshot = Some(finished.snapshot);
            import.commit()?;
        }
        Ok(())
    }

    /// The name of the directory: the one that the user gives, else the organization whose people the list
    /// has, else the only known name.
    fn name(&self, read: &ReadDirectory, known: &KnownNames) -> Result<String> {
        let given = self.request.directory.map(|name| name.trim().to_owned());
        let known = known.of(SourceKind::Directory);
        match (given.or_else(|| read.facts.organization.clone()), known) {
            (Some(name), _) if name.is_empty() => {
                Err(Error::usage("the name in --directory is empty"))
            }
            // A name that differs only in letter case is that of the same directory.
            (Some(name), known) => {
                let is_same = |it: &&String| it.to_lowercase() == name.to_lowercase();
                let same = known.iter().find(|it| **it == name).or(known.iter().find(is_same));
                Ok(same.cloned().unwrap_or(name))
            }
            (None, []) => Ok(UNNAMED.to_owned()),
            (None, [only]) => Ok(only.clone()),
            (None, several) => Err(Error::input("nothing says which directory the file is of")
                .hint(format!(
                    "name the directory with --directory; known: {}",
                    several.join(", ")
                ))),
        }
    }

    fn keeps_all(&self, source: &Source) -> bool {
        let settings = self.settings.or_else(|| settings_of(self.request, &source.name));
        settings.is_some_and(|settings| settings.keeps_all)
    }

    /// The stored snapshot of the same bytes, of the same instant or of one that was only guessed.
    fn same_bytes<'b>(
        &self,
        books: &'b [InBooks],
        source: &Source,
        item: &ImportItem,
    ) -> Option<&'b InBooks> {
        books.iter().rev().find(|it| {
            let same_time = it.taken_at == self.taken_at.instant;
            it.source == *source
                && Some(&it.sha256) == item.sha256.as_ref()
                && (self.taken_at.guessed() || same_time)
                && (!it.partial || self.request.partial)
        })
    }

    /// Adds what has become known in plain text to a snapshot that is stored already.
    fn fill(
        &self,
        import: Import<'_>,
        same: &InBooks,
        entries: &Entries,
        item: &mut ImportItem,
    ) -> Result<()> {
        let states = import.entry_states(same)?;
        let kept = entries.kept_states(&states);
        let filled = import.fill(same.id, &kept, |at, text| entries.write_details(at, text))?;
        item.snapshot = Some(same.id);
        item.taken_at = Some(same.taken_at);
        item.warnings.retain(|warning| warning.code != WarningCode::TimeGuessed);
        if let Some((_, from)) = import.taken_at(same.id)? {
            item.taken_at_from = super::origin::FROM.into_iter().find(|known| from == *known);
        }
        item.changes = Some(Changes { unchanged: entries.all.len() as u64, ..Changes::default() });
        item.status = match (filled, self.request.dry_run) {
            (0, _) => Status::Unchanged,
            (_, true) => Status::DryRun,
            (_, false) => Status::Stored,
        };
        item.is_fill = filled > 0;
        if item.status == Status::Stored {
            import.commit()?;
        }
        Ok(())
    }
}

/// The settings of a directory, regardless of letter case.
fn settings_of<'r>(request: &Request<'r>, name: &str) -> Option<&'r ConfiguredDirectory> {
    request.directories.iter().find(|it| it.name.to_lowercase() == name.to_lowercase())
}

/// The error about a file that no reader recognizes. If it is nearly the file of a directory, the error says what it
/// lacks. The names of the mapped directories are added for a table.
pub(super) fn hint_at_mapped(error: Error, request: &Request<'_>, inputs: &[Input]) -> Error {
    if request.reader.is_some() || inputs.iter().any(|it| import::recognize(it).is_ok()) {
        return error;
    }
    let error = inputs.iter().find_map(directory::nearly).unwrap_or(error);
    let is_table = inputs.iter().all(|input| Beginning::of(input).is_table());
    let mapped = request.directories.iter().filter(|it| it.mapping.is_some());
    let names: Vec<String> = mapped.map(|it| name_of(&it.name)).collect();
    if !is_table {
        return error;
    }
    match names.as_slice() {
        [] => error,
        [only] => error.hint(format!(
            "if it is the table of the directory that the configuration maps: --directory {only}"
        )),
        several => error.hint(format!(
            "if it is the table of a directory that the configuration maps: --directory NAME ({})",
            several.join(", ")
        )),
    }
}

/// The error for a file that is no directory although the user names one.
fn no_directory(input: &Input, name: &str) -> Error {
    let error = match import::recognize(input) {
        Ok(reader) => {
            return Error::input(format!("this is {}, not an employee directory", reader.format()))
                .at(input.name(), None)
                .hint("leave --directory out");
        }
        Err(error) => directory::nearly(input).unwrap_or(error),
    };
    // The hint helps only where the file may be a table of somebody else's.
    if !Beginning::of(input).is_table() || input.head().starts_with(b"#TYPE") {
        return error;
    }
    error.hint(format!(
        "a table of an HR system needs [directory.{name}] in the configuration, which names its columns"
    ))
}

/// The refusal of a file that seems to be of another directory or incomplete.
fn refused(message: String, code: RefusalCode, item: &ImportItem) -> Error {
    Error::input(message).code(code).at(&item.called, None)
}

/// A name in quotation marks where a shell needs them.
fn name_of(name: &str) -> String {
    if name.chars().all(|it| it.is_alphanumeric() || "-_.".contains(it)) {
        return name.to_owned();
    }
    quoted(name)
}
