//! The answer of `oneseat fetch`. It has one item for each snapshot, and one for each of GitHub's answers that
//! led to no snapshot. The page for people has one line for each target (enterprise or instance).

use std::time::Duration;

use serde::Serialize;

use super::super::{ImportItem, Status};
use super::place::FetchTarget;
use crate::code::WarningCode;
use crate::error::{Error, Result, printable};
use crate::model::SourceKind;
use crate::table::{Answer, CellKind, Columns, Page, RowVisitor, counted};
use crate::warning::{Warning, with_subjects};

/// What `oneseat fetch` answers: what became of each of GitHub's answers.
#[derive(Debug, Serialize)]
pub struct Fetched {
    schema: &'static str,
    /// The number of HTTP requests that were made.
    requests: u64,
    /// The number of seconds spent waiting, because of GitHub's limits or after faults.
    waited_seconds: u64,
    /// One item for each fetched answer, sorted by target and by the order in which a target's answers are
    /// fetched.
    pub items: Vec<FetchedItem>,
}

/// What became of one of GitHub's answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Became {
    /// The answer was stored as a snapshot by this run.
    Stored,
    /// The same snapshot had been stored earlier, so nothing was stored.
    Unchanged,
    /// The fetch was tried with `--dry-run`: without it, the answer would be stored.
    DryRun,
    /// The answer arrived and was refused. Nothing of it was stored.
    Refused,
    /// The answer did not arrive.
    Failed,
    /// The token has no right to the answer, but the answer is optional, so this is no failure.
    NotPermitted,
    /// The answer was not requested: it would be empty, because no instance is connected to the enterprise.
    NothingThere,
    /// The answer was not requested, because another answer of the same target had failed.
    NotAsked,
}

/// What became of one of GitHub's answers or, if nothing could be fetched, of a whole target.
#[derive(Debug, Serialize)]
pub struct FetchedItem {
    /// The enterprise or the instance from which the answer was requested.
    pub place: PlaceName,
    /// The name of the answer, such as `consumed-licenses` or `all-users`; `None` if the item is about the
    /// whole target.
    pub answer: Option<&'static str>,
    /// What became of the answer: stored, refused, failed and so on.
    pub status: Became,
    /// The number of pages of the answer; `None` if it did not arrive.
    pub pages: Option<u64>,
    /// The number of pages that came from an earlier fetch that was interrupted.
    pub resumed_pages: Option<u64>,
    /// The number of HTTP requests that the answer took.
    pub requests: Option<u64>,
    /// The size of the unpacked answer, in bytes.
    pub bytes: Option<u64>,
    /// The path of the file that `--save` wrote; `None` without `--save`.
    pub saved: Option<String>,
    /// What became of the import of the answer, as `oneseat import` reports it.
    pub import: Option<ImportItem>,
    /// The warnings about the fetch itself. Those about the import are in `import`.
    #[serde(serialize_with = "with_subjects")]
    pub warnings: Vec<Warning>,
    /// The error for which the answer did not arrive; `None` if it arrived.
    pub error: Option<FetchError>,
}

impl FetchedItem {
    /// The columns of a fetched answer when answers are written as a table.
    const COLUMNS: Columns = &[
        ("place", CellKind::Object(PlaceName::COLUMNS)),
        ("answer", CellKind::Text),
        ("status", CellKind::Text),
        ("pages", CellKind::Whole),
        ("resumed_pages", CellKind::Whole),
        ("requests", CellKind::Whole),
        ("bytes", CellKind::Whole),
        ("saved", CellKind::Text),
        ("import", CellKind::Object(ImportItem::COLUMNS)),
        ("warnings", CellKind::List),
        ("error", CellKind::Object(FetchError::COLUMNS)),
    ];
}

/// The kind and name of a target: an enterprise or an instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlaceName {
    kind: &'static str,
    name: String,
}

impl PlaceName {
    /// The columns of a target's name when answers are written as a table.
    const COLUMNS: Columns = &[("kind", CellKind::Text), ("name", CellKind::Text)];
}

/// The error for which an answer did not arrive, with its hints.
#[derive(Debug, Serialize)]
pub struct FetchError {
    message: String,
    hint: Option<String>,
    /// The error itself, as it is printed to standard error.
    #[serde(skip)]
    pub error: Error,
}

impl FetchError {
    /// The columns of an error when answers are written as a table.
    const COLUMNS: Columns = &[("message", CellKind::Text), ("hint", CellKind::Text)];
}

impl FetchedItem {
    fn new(place: &FetchTarget, answer: Option<&'static str>, status: Became) -> FetchedItem {
        let place = PlaceName { kind: place.kind.name(), name: place.name.clone() };
        FetchedItem::of(place, answer, status)
    }

    fn of(place: PlaceName, answer: Option<&'static str>, status: Became) -> FetchedItem {
        FetchedItem {
            place,
            answer,
            status,
            pages: None,
            resumed_pages: None,
            requests: None,
            bytes: None,
            saved: None,
            import: None,
            warnings: Vec::new(),
            error: None,
        }
    }

    /// Whether the item is about the enterprise or instance `place`.
    pub(super) fn is_of(&self, place: &FetchTarget) -> bool {
        self.place.kind == place.kind.name() && self.place.name == place.name
    }

    pub(super) fn failed(
        place: &FetchTarget,
        answer: Option<&'static str>,
        error: Error,
    ) -> FetchedItem {
        let mut message = error.to_string();
        for cause in error.causes() {
            message.push_str(": ");
            message.push_str(&cause);
        }
        let hint = (!error.hints.is_empty()).then(|| error.hints.join("; "));
        let error = Some(FetchError { message: printable(&message), hint, error });
        FetchedItem { error, ..FetchedItem::new(place, answer, Became::Failed) }
    }

    pub(super) fn not_asked(place: &FetchTarget, answer: &'static str) -> FetchedItem {
        FetchedItem::new(place, Some(answer), Became::NotAsked)
    }

    pub(super) fn not_permitted(
        place: &FetchTarget,
        answer: &'static str,
        error: &Error,
    ) -> FetchedItem {
        let mut item = FetchedItem::new(place, Some(answer), Became::NotPermitted);
        let message = format!("{error}; the other answers are fetched without it");
        item.warn(WarningCode::NotPermitted, message);
        item
    }

    pub(super) fn nothing_there(place: &FetchTarget, answer: &'static str) -> FetchedItem {
        let mut item = FetchedItem::new(place, Some(answer), Became::NothingThere);
        item.warn(
            WarningCode::NothingThere,
            format!("no Server instance is connected to {}", place.name),
        );
        item
    }

    pub(super) fn imported(
        place: &FetchTarget,
        answer: &'static str,
        import: ImportItem,
    ) -> FetchedItem {
        let status = match import.status {
            Status::Stored => Became::Stored,
            Status::Unchanged => Became::Unchanged,
            Status::DryRun => Became::DryRun,
            Status::Refused => Became::Refused,
        };
        FetchedItem { import: Some(import), ..FetchedItem::new(place, Some(answer), status) }
    }

    fn warn(&mut self, code: WarningCode, message: String) {
        self.warnings.push(Warning { code, message, about: None });
    }

    /// What became of the answer, in a few words for the line of its target.
    fn told(&self) -> String {
        let answer = self.answer.unwrap_or("everything");
        let told = match self.status {
            Became::Failed => "failed".to_owned(),
            Became::Refused => "refused".to_owned(),
            Became::NotPermitted => "not permitted".to_owned(),
            Became::NothingThere => "nothing there".to_owned(),
            Became::NotAsked => "not asked for".to_owned(),
            Became::Stored | Became::Unchanged | Became::DryRun => {
                let would = if self.status == Became::DryRun { "would be stored, " } else { "" };
                let changed = self.import.as_ref().map(changed).unwrap_or_default();
                format!("{would}{changed}")
            }
        };
        let host = self.import.as_ref().and_then(|import| import.source.as_ref());
        match host.filter(|source| source.name != self.place.name) {
            Some(source) => format!("{answer} of {}: {told}", source.name),
            None => format!("{answer}: {told}"),
        }
    }
}

/// What an import changed, in a few words.
fn changed(item: &ImportItem) -> String {
    let Some(changes) = &item.changes else {
        return counted(item.rows.unwrap_or(0), "record");
    };
    let parts = [(changes.added, "new"), (changes.changed, "changed"), (changes.removed, "gone")];
    let parts = parts.iter().filter(|(count, _)| *count > 0);
    let parts: Vec<String> = parts.map(|(count, what)| format!("{count} {what}")).collect();
    let told = if parts.is_empty() { "nothing changed".to_owned() } else { parts.join(", ") };
    let is_directory =
        item.source.as_ref().is_some_and(|source| source.kind == SourceKind::Directory);
    let one = if is_directory { "entry" } else { "account" };
    format!("{told} ({})", counted(item.accounts.unwrap_or(0), one))
}

impl Fetched {
    pub(super) fn new(items: Vec<FetchedItem>, requests: u64, waited: Duration) -> Fetched {
        Fetched { schema: "oneseat.fetch/1", requests, waited_seconds: waited.as_secs(), items }
    }

    /// The highest exit code that any failed or refused answer calls for; 0 if all answers are good.
    pub fn exit_code(&self) -> u8 {
        let failed = self.items.iter().filter_map(|item| item.error.as_ref());
        let failed = failed.map(|it| it.error.kind.exit_code());
        let refused = self.items.iter().filter(|item| item.status == Became::Refused);
        let refused = refused.map(|_| crate::error::ErrorKind::Input.exit_code());
        failed.chain(refused).max().unwrap_or(0)
    }
}

impl Answer for Fetched {
    const LIST: Option<&'static str> = Some("items");
    const COLUMNS: Columns = FetchedItem::COLUMNS;

    fn rows(&self, visitor: &mut impl RowVisitor) -> Result<()> {
        visitor.all(&self.items)
    }

    /// The page for people, with one line for each target (enterprise or instance).
    fn page(&self) -> Page {
        let mut lines: Vec<(&PlaceName, Vec<String>)> = Vec::new();
        for item in &self.items {
            match lines.last_mut() {
                Some((place, told)) if *place == &item.place => told.push(item.told()),
                _ => lines.push((&item.place, vec![item.told()])),
            }
        }
        let closing =
            lines.iter().map(|(place, told)| format!("{}: {}", place.name, told.join("; ")));
        Page { headline: String::new(), tables: Vec::new(), closing: closing.collect() }
    }
}
