//! The answer of `oneseat import` (interface.md section 2).

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::json;

use super::origin::file_name;
use crate::code::{RefusalCode, WarningCode};
use crate::error::{Error, Result, printable};
use crate::import::FileFacts;
use crate::model::{Instant, Source};
use crate::store::Changes;
use crate::table::{
    Answer, Cell, CellKind, Columns, Page, RowVisitor, SOURCE_COLUMNS, Table, counted, grouped,
};
use crate::warning::{Warning, WarningSubject, with_subjects};

/// What `oneseat import` answers, with one item for each snapshot.
#[derive(Debug, Serialize)]
pub struct Imported {
    schema: &'static str,
    /// One item for each snapshot, in the order of the files.
    pub items: Vec<ImportItem>,
}

impl Imported {
    pub(super) fn new(items: Vec<ImportItem>) -> Imported {
        Imported { schema: "oneseat.import/1", items }
    }
}

/// What became of one snapshot of an imported file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// The snapshot was stored by this import.
    Stored,
    /// An equal snapshot was stored earlier, so nothing was stored.
    Unchanged,
    /// The import was tried with `--dry-run`: without it, the snapshot would be stored.
    DryRun,
    /// The file was refused, and nothing of it was stored.
    Refused,
}

impl Status {
    fn name(self) -> &'static str {
        match self {
            Status::Stored => "stored",
            Status::Unchanged => "unchanged",
            Status::DryRun => "dry-run",
            Status::Refused => "refused",
        }
    }
}

/// What became of one snapshot of an imported file, and what is known about the snapshot.
#[derive(Debug, Serialize)]
pub struct ImportItem {
    /// The file as the user named it. If several files are the pages of one answer, their names are joined by
    /// `; `.
    pub file: String,
    /// What messages call the file. If several files are the pages of one answer, it is the first file's name
    /// and the number of the other files.
    #[serde(skip)]
    pub called: String,
    /// What became of the snapshot: stored, unchanged, tried or refused.
    pub status: Status,
    /// The number of the stored snapshot, even if an earlier import stored it; `None` if none is stored.
    pub snapshot: Option<i64>,
    /// The source of the snapshot.
    pub source: Option<Source>,
    /// The name of the file's format.
    pub format: Option<&'static str>,
    /// The instant at which the snapshot was taken.
    pub taken_at: Option<Instant>,
    /// How `taken_at` is known: `option`, `content`, `file-name`, `modified` or `now`.
    pub taken_at_from: Option<&'static str>,
    /// The SHA-256 of the file's bytes as received.
    pub sha256: Option<String>,
    /// The number of records in the file; `None` if the file could not be read.
    pub rows: Option<u64>,
    /// The number of distinct accounts in the snapshot, or of the entries in an employee directory; `None` if
    /// the kind of source has neither.
    pub accounts: Option<u64>,
    /// The totals that the file states.
    pub reported: Option<StatedTotals>,
    /// Whether the snapshot is complete; `None` if nothing in the file shows it.
    pub complete: Option<bool>,
    /// What changed since the preceding snapshot of the same source.
    pub changes: Option<Changes>,
    /// The warnings about the file. In JSON, a warning about a person does not name the person.
    #[serde(serialize_with = "without_names")]
    pub warnings: Vec<Warning>,
    /// The error for which the file was refused; `None` if the file was accepted.
    pub error: Option<Refusal>,
    /// The number of the snapshot that `--replace` took out of force to put this one in its place.
    #[serde(skip)]
    pub replaced: Option<i64>,
    /// A name that was an alias of another source until this import gave it to a new source, and the name of
    /// that other source.
    #[serde(skip)]
    pub given_back: Option<(String, String)>,
    /// Whether the file is an employee directory, or the user says that it is one. It has entries and no accounts.
    #[serde(skip)]
    pub is_directory: bool,
    /// Whether the file equals a stored snapshot of a directory, so that no snapshot was stored, but details
    /// that the stored entries lacked were added.
    #[serde(skip)]
    pub is_fill: bool,
}

impl ImportItem {
    /// The columns of an imported snapshot when answers are written as a table.
    pub(super) const COLUMNS: Columns = &[
        ("file", CellKind::Text),
        ("status", CellKind::Text),
        ("snapshot", CellKind::Whole),
        ("source", CellKind::Object(SOURCE_COLUMNS)),
        ("format", CellKind::Text),
        ("taken_at", CellKind::Text),
        ("taken_at_from", CellKind::Text),
        ("sha256", CellKind::Text),
        ("rows", CellKind::Whole),
        ("accounts", CellKind::Whole),
        ("reported", CellKind::Object(StatedTotals::COLUMNS)),
        ("complete", CellKind::Truth),
        ("changes", CellKind::Object(Changes::COLUMNS)),
        ("warnings", CellKind::List),
        ("error", CellKind::Object(Refusal::COLUMNS)),
    ];
}

/// The totals that a file states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct StatedTotals {
    consumed: Option<i64>,
    purchased: Option<i64>,
}

impl StatedTotals {
    /// The columns of the stated totals when answers are written as a table.
    const COLUMNS: Columns = &[("consumed", CellKind::Whole), ("purchased", CellKind::Whole)];
}

impl StatedTotals {
    pub(super) fn of(facts: &FileFacts) -> Option<StatedTotals> {
        let FileFacts { consumed, purchased, .. } = *facts;
        (consumed.is_some() || purchased.is_some()).then_some(StatedTotals { consumed, purchased })
    }
}

/// The warnings as they are printed without `-v`. Warnings of one code that name persons become one warning
/// with their number.
pub fn nameless(warnings: &[Warning]) -> Vec<Warning> {
    let mut told: Vec<Warning> = Vec::new();
    let mut merged: HashSet<WarningCode> = HashSet::new();
    for warning in warnings {
        if !warning.names_somebody() {
            told.push(warning.clone());
        } else if merged.insert(warning.code) {
            let same = warnings.iter().filter(|it| it.names_somebody() && it.code == warning.code);
            let often = match same.count() {
                1 => "once".to_owned(),
                many => format!("{many} times"),
            };
            let message = format!("{} ({often}; -v names them)", warning.message);
            told.push(Warning { code: warning.code, message, about: None });
        }
    }
    told
}

fn without_names<S: serde::Serializer>(
    warnings: &[Warning],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    with_subjects(&nameless(warnings), serializer)
}

/// The error for which a file was refused, with its hints.
#[derive(Debug, Serialize)]
pub struct Refusal {
    /// The stable code of the error; `refused` if the error has no code of its own.
    pub code: RefusalCode,
    /// The message of the error, followed by the messages of its causes.
    pub message: String,
    /// All hints of the error, joined into one text.
    pub hint: Option<String>,
    /// The error itself, as it is printed to standard error.
    #[serde(skip)]
    pub error: Error,
}

impl Refusal {
    /// The columns of a refusal when answers are written as a table.
    const COLUMNS: Columns =
        &[("code", CellKind::Text), ("message", CellKind::Text), ("hint", CellKind::Text)];
}

impl ImportItem {
    pub(super) fn of(files: &[PathBuf]) -> ImportItem {
        let names: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
        let called = match names.as_slice() {
            [first, others @ ..] if !others.is_empty() => {
                format!("{first} and {}", counted(others.len() as u64, "more page"))
            }
            names => names.concat(),
        };
        ImportItem {
            file: names.join("; "),
            called,
            status: Status::Refused,
            snapshot: None,
            source: None,
            format: None,
            taken_at: None,
            taken_at_from: None,
            sha256: None,
            rows: None,
            accounts: None,
            reported: None,
            complete: None,
            changes: None,
            warnings: Vec::new(),
            error: None,
            replaced: None,
            given_back: None,
            is_directory: false,
            is_fill: false,
        }
    }

    /// An item for another snapshot in the same file. It has what is known before the file is read.
    pub(super) fn of_same_file(&self) -> ImportItem {
        ImportItem {
            file: self.file.clone(),
            called: self.called.clone(),
            format: self.format,
            taken_at: self.taken_at,
            taken_at_from: self.taken_at_from,
            warnings: self.warnings.clone(),
            ..ImportItem::of(&[])
        }
    }

    /// The names of the files as the database stores them: without their folders, and `-` for standard input.
    pub(super) fn file_names(&self, files: &[PathBuf]) -> String {
        let names: Vec<String> = files
            .iter()
            .map(|file| file_name(file))
            .map(|name| if name.is_empty() { "-".to_owned() } else { name })
            .collect();
        names.join("; ")
    }

    pub(super) fn warn(&mut self, code: WarningCode, message: String) {
        self.warnings.push(Warning { code, message, about: None });
    }

    pub(super) fn warn_of(&mut self, code: WarningCode, message: String, about: WarningSubject) {
        self.warnings.push(Warning { code, message, about: Some(about) });
    }

    pub(super) fn warnings_json(&self) -> serde_json::Value {
        self.warnings
            .iter()
            .map(|it| json!({"code": it.code, "message": it.message, "where": it.subject()}))
            .collect()
    }

    pub(super) fn refuse(&mut self, error: Error) {
        // An error that occurred while a file was read names the file already. Others get the name here.
        let error = if error.place.is_none() { error.at(&self.called, None) } else { error };
        self.status = Status::Refused;
        self.snapshot = None;
        self.changes = None;
        self.error = Some(Refusal::new(error));
    }

    /// Leaves out the folder of a temporary file in the item and in its error. The user does not know that
    /// folder.
    pub(super) fn name_alone(&mut self, file: &Path) {
        self.file = file_name(file);
        self.called.clone_from(&self.file);
        let Some(folder) = file.parent() else { return };
        let folder = format!("{}/", folder.display());
        if let Some(refusal) = &mut self.error {
            refusal.message = refusal.message.replace(&folder, "");
            refusal.error.message = refusal.error.message.replace(&folder, "");
            if let Some(place) = &mut refusal.error.place {
                place.file = place.file.replace(&folder, "");
            }
        }
    }

    /// Refuses the item with an error that names the item's file already.
    pub(super) fn refuse_as_it_is(&mut self, error: Error) {
        self.error = Some(Refusal::new(error));
    }

    pub(super) fn hint(&mut self, hint: &str) {
        if let Some(refusal) = self.error.take() {
            self.error = Some(Refusal::new(refusal.error.hint(hint)));
        }
    }
}

impl Refusal {
    fn new(error: Error) -> Refusal {
        let mut message = error.to_string();
        for cause in error.causes() {
            message.push_str(": ");
            message.push_str(&cause);
        }
        let hint = (!error.hints.is_empty()).then(|| error.hints.join("; "));
        let code = error.code.unwrap_or(RefusalCode::Refused);
        Refusal { code, message: printable(&message), hint, error }
    }
}

impl Imported {
    fn has(&self, is_it: impl Fn(&ImportItem) -> bool) -> bool {
        self.items.iter().any(is_it)
    }

    /// The commands to try next, by what the imported files contain.
    fn next(&self) -> &'static str {
        match (self.has(|it| it.is_directory), self.has(|it| !it.is_directory)) {
            (true, false) => {
                "`oneseat leavers` shows who has left and still takes a license, and `oneseat duplicates` \
                 who takes two."
            }
            (true, true) => {
                "`oneseat consumption` shows what is consumed, `oneseat leavers` who has left, and \
                 `oneseat duplicates` who takes two licenses."
            }
            _ => "`oneseat consumption` shows what is consumed.",
        }
    }
}

impl Answer for Imported {
    const LIST: Option<&'static str> = Some("items");
    const COLUMNS: Columns = ImportItem::COLUMNS;

    fn rows(&self, visitor: &mut impl RowVisitor) -> Result<()> {
        visitor.all(&self.items)
    }

    fn page(&self) -> Page {
        let accounts = match (self.has(|it| it.is_directory), self.has(|it| !it.is_directory)) {
            (true, false) => "Entries",
            (true, true) => "Accounts, entries",
            _ => "Accounts",
        };
        let mut table = Table::new(&[
            "File", "Status", "Source", "Taken at", accounts, "New", "Changed", "Gone",
        ]);
        for item in &self.items {
            let change = |of: fn(&Changes) -> u64| Cell::from(item.changes.as_ref().map(of));
            table.rows.push(vec![
                item.file.replace("; ", "\n").into(),
                item.status.name().into(),
                item.source.as_ref().map(|source| source.name.clone()).into(),
                item.taken_at.map(|at| at.to_string()).into(),
                item.accounts.into(),
                change(|changes| changes.added),
                change(|changes| changes.changed),
                change(|changes| changes.removed),
            ]);
        }
        let refused = self.items.iter().filter(|item| item.status == Status::Refused).count();
        let all_tried = self.items.iter().all(|item| item.status == Status::DryRun);
        let headline = match self.items.iter().any(|item| item.status == Status::DryRun) {
            true => "Tried, and nothing stored",
            false if !self.items.is_empty() && refused == self.items.len() => "Nothing imported",
            false => "Imported",
        };
        let closing = match refused {
            0 if all_tried => "Run the command without --dry-run to store the files.".to_owned(),
            0 => self.next().to_owned(),
            1 => "1 file was refused; nothing of it was stored.".to_owned(),
            many => {
                format!("{} files were refused; nothing of them was stored.", grouped(many as u64))
            }
        };
        Page { headline: headline.to_owned(), tables: vec![table], closing: vec![closing] }
    }
}
