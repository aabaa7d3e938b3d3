//! What a fetch answers: one item for each snapshot, or for what there is none of; for people one
//! line for each place, which says what changed.

use std::time::Duration;

use serde::Serialize;

use super::super::{ImportItem, Imported, Status, Warning};
use super::place::FetchTarget;
use crate::error::{Error, printable};
use crate::table::{Answer, Page};

/// The answer.
#[derive(Debug, Serialize)]
pub struct Fetched {
    schema: &'static str,
    /// How many requests were made.
    requests: u64,
    /// How long was waited, for limits and after faults, in seconds.
    waited_seconds: u64,
    /// The items, in the order in which they were fetched.
    pub items: Vec<FetchedItem>,
}

/// What became of something that was to be fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Became {
    /// It is in the database.
    Stored,
    /// It was there already.
    Unchanged,
    /// It would be stored.
    DryRun,
    /// It came, and was refused: nothing of it was stored.
    Refused,
    /// It did not come.
    Failed,
    /// The token may not have it, and need not.
    NotPermitted,
    /// There is nothing of the kind.
    NothingThere,
    /// It was not asked for, for something before it failed at the same place.
    NotAsked,
}

/// Something that was to be fetched.
#[derive(Debug, Serialize)]
pub struct FetchedItem {
    /// Where from.
    pub place: PlaceName,
    /// What: `consumed-licenses`, `all-users`, …; `None`: the place as a whole.
    pub answer: Option<&'static str>,
    /// What became of it.
    pub status: Became,
    /// How many pages it has.
    pub pages: Option<u64>,
    /// How many of them had come before an interruption.
    pub resumed_pages: Option<u64>,
    /// How many requests it took.
    pub requests: Option<u64>,
    /// How many bytes it has, unpacked.
    pub bytes: Option<u64>,
    /// The file that it is kept in.
    pub saved: Option<String>,
    /// Its import, as `oneseat import` answers.
    pub import: Option<ImportItem>,
    /// What to know about it, beside what the import says.
    pub warnings: Vec<Warning>,
    /// Why it failed.
    pub error: Option<FetchError>,
}

/// An enterprise or an instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlaceName {
    kind: &'static str,
    name: String,
}

/// Why something did not come, and the way out.
#[derive(Debug, Serialize)]
pub struct FetchError {
    message: String,
    hint: Option<String>,
    /// The error itself, for standard error.
    #[serde(skip)]
    pub error: Error,
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

    /// Is it of this place?
    pub(super) fn is_of(&self, place: &FetchTarget) -> bool {
        self.place.kind == place.kind.name() && self.place.name == place.name
    }

    pub(super) fn failed(
        place: &FetchTarget,
        answer: Option<&'static str>,
        error: Error,
    ) -> FetchedItem {
        let mut message = error.message.clone();
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
        let message = format!("{}; the rest is fetched without it", error.message);
        item.warn("not-permitted", message);
        item
    }

    pub(super) fn nothing_there(place: &FetchTarget, answer: &'static str) -> FetchedItem {
        let mut item = FetchedItem::new(place, Some(answer), Became::NothingThere);
        item.warn("nothing-there", format!("no Server instance is connected to {}", place.name));
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

    fn warn(&mut self, code: &str, message: String) {
        self.warnings.push(Warning {
            code: code.to_owned(),
            message,
            place: None,
            names_somebody: false,
        });
    }

    /// What changed, in few words.
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

/// What an import changed.
fn changed(item: &ImportItem) -> String {
    let Some(changes) = &item.changes else {
        let rows = item.rows.unwrap_or(0);
        return if rows == 1 { "1 record".to_owned() } else { format!("{rows} records") };
    };
    let parts = [(changes.added, "new"), (changes.changed, "changed"), (changes.removed, "gone")];
    let parts = parts.iter().filter(|(count, _)| *count > 0);
    let parts: Vec<String> = parts.map(|(count, what)| format!("{count} {what}")).collect();
    let told = if parts.is_empty() { "nothing changed".to_owned() } else { parts.join(", ") };
    format!("{told} ({} accounts)", item.accounts.unwrap_or(0))
}

impl Fetched {
    pub(super) fn new(items: Vec<FetchedItem>, requests: u64, waited: Duration) -> Fetched {
        Fetched { schema: "oneseat.fetch/1", requests, waited_seconds: waited.as_secs(), items }
    }

    /// The exit code: the highest of all that failed or was refused.
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

    fn example() -> Fetched {
        let place = PlaceName { kind: "cloud", name: String::new() };
        let error = Error::remote("");
        let error = Some(FetchError { message: String::new(), hint: None, error });
        let import = Imported::example().items.pop();
        let item = FetchedItem { import, error, ..FetchedItem::of(place, None, Became::Stored) };
        Fetched::new(vec![item], 0, Duration::ZERO)
    }

    /// One line for each place.
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
