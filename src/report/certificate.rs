//! Prints a snapshot for `oneseat snapshots`, with its certificate. The certificate states how complete the
//! snapshot is, and how that is known. It repeats what the import found out and judges nothing anew.

use serde::Serialize;
use serde_json::Value;

use crate::code::WarningCode;
use crate::model::{Instant, Source};
use crate::store;
use crate::table::{CellKind, Columns, SOURCE_COLUMNS, counted};
use crate::warning::{Warning, WarningSubject, with_subjects};

/// The width of a line of a printed certificate, in characters.
const WIDTH: usize = 80;

/// The column of a printed certificate at which the text begins, to the right of the label.
const INDENT: usize = 16;

/// One snapshot in the answer of `oneseat snapshots`.
#[derive(Debug, Clone, Serialize)]
pub(super) struct SnapshotItem {
    pub(super) id: i64,
    pub(super) source: Source,
    pub(super) taken_at: Instant,
    pub(super) imported_at: Instant,
    pub(super) format: String,
    pub(super) file: String,
    pub(super) sha256: String,
    pub(super) rows: u64,
    pub(super) accounts: Option<u64>,
    pub(super) reported: Option<Stated>,
    pub(super) complete: Option<bool>,
    pub(super) voided: Option<Voided>,
    pub(super) partial: bool,
    pub(super) accepted_short: Option<String>,
    pub(super) content_hash: String,
    pub(super) taken_at_from: String,
    pub(super) certificate: CertificateShown,
}

impl SnapshotItem {
    pub(super) const COLUMNS: Columns = &[
        ("id", CellKind::Whole),
        ("source", CellKind::Object(SOURCE_COLUMNS)),
        ("taken_at", CellKind::Instant),
        ("imported_at", CellKind::Instant),
        ("format", CellKind::Text),
        ("file", CellKind::Text),
        ("sha256", CellKind::Text),
        ("rows", CellKind::Whole),
        ("accounts", CellKind::Whole),
        ("reported", CellKind::Object(Stated::COLUMNS)),
        ("complete", CellKind::Truth),
        ("voided", CellKind::Object(Voided::COLUMNS)),
        ("partial", CellKind::Truth),
        ("accepted_short", CellKind::Text),
        ("content_hash", CellKind::Text),
        ("taken_at_from", CellKind::Text),
        ("certificate", CellKind::Object(CertificateShown::COLUMNS)),
    ];
}

/// The totals that the file of a snapshot states: licenses consumed and licenses purchased.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Stated {
    pub(super) consumed: Option<i64>,
    pub(super) purchased: Option<i64>,
}

impl Stated {
    pub(super) const COLUMNS: Columns =
        &[("consumed", CellKind::Whole), ("purchased", CellKind::Whole)];
}

/// When and why a snapshot was taken out of force.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Voided {
    pub(super) at: Instant,
    pub(super) reason: Option<String>,
}

impl Voided {
    pub(super) const COLUMNS: Columns = &[("at", CellKind::Instant), ("reason", CellKind::Text)];
}

/// What the import found out about the completeness of a snapshot, in the form in which it is printed.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct CertificateShown {
    /// The number of distinct records in the file.
    distinct_rows: Option<u64>,
    /// The total number of records that the file states; `None` if it states no total.
    stated_total: Option<i64>,
    /// The number of pages of the file; `None` if its format has no pages.
    pages: Option<u64>,
    pages_with_totals: Option<u64>,
    /// Do all pages that state totals state equal totals? `None` if no page states a total.
    totals_equal: Option<bool>,
    /// Is every record in the file only once? Pages that moved during a download may show a person twice.
    nobody_twice: Option<bool>,
    /// Why the import found the snapshot incomplete; `None` if it did not.
    short: Option<String>,
    /// The fields of the file that no format is known to have. Their values are kept and exported.
    unknown_fields: Vec<String>,
    /// The columns that the import of an employee directory did not store; `None` for other sources.
    columns_left_out: Option<Vec<String>>,
    /// The number of entries of an employee directory that the import kept in plain text. `None` for other
    /// sources.
    entries_in_plain_text: Option<u64>,
    #[serde(serialize_with = "with_subjects")]
    warnings: Vec<Warning<String>>,
}

impl CertificateShown {
    pub(super) const COLUMNS: Columns = &[
        ("distinct_rows", CellKind::Whole),
        ("stated_total", CellKind::Whole),
        ("pages", CellKind::Whole),
        ("pages_with_totals", CellKind::Whole),
        ("totals_equal", CellKind::Truth),
        ("nobody_twice", CellKind::Truth),
        ("short", CellKind::Text),
        ("unknown_fields", CellKind::List),
        ("columns_left_out", CellKind::List),
        ("entries_in_plain_text", CellKind::Whole),
        ("warnings", CellKind::List),
    ];
}

impl CertificateShown {
    /// Builds the printed certificate from the stored one. The numbers `rows`, `accounts` and `stated` come
    /// from the snapshot itself. If an old version imported it and stored no evidence, `accounts` and `stated`
    /// replace the evidence.
    pub(super) fn of(
        found: &store::Certificate,
        rows: u64,
        accounts: Option<u64>,
        stated: Option<i64>,
    ) -> CertificateShown {
        let warnings: Vec<Warning<String>> =
            found.warnings.as_array().into_iter().flatten().map(warning).collect();
        let evidence = found.evidence.clone();
        let kept = evidence.is_some();
        let evidence = evidence.unwrap_or_default();
        let distinct_rows = if kept { Some(evidence.distinct_rows) } else { accounts };
        let moved = warnings.iter().any(|warning| warning.code == WarningCode::ListMoved.name());
        let states_any = match evidence.pages_with_totals {
            Some(pages) => pages > 0,
            None => !kept && stated.is_some(),
        };
        let unknown = warnings.iter().filter(|warning| is_of_unknown_field(warning));
        CertificateShown {
            distinct_rows,
            stated_total: if kept { evidence.total } else { stated },
            pages: evidence.pages,
            pages_with_totals: evidence.pages_with_totals,
            totals_equal: states_any.then_some(!moved),
            nobody_twice: distinct_rows.map(|distinct| distinct == rows),
            short: evidence.short,
            unknown_fields: unknown
                .filter_map(|warning| warning.subject().map(str::to_owned))
                .collect(),
            columns_left_out: evidence.columns_left_out,
            entries_in_plain_text: evidence.entries_in_plain_text,
            warnings,
        }
    }
}

fn warning(stored: &Value) -> Warning<String> {
    let text = |key: &str| stored[key].as_str().map(str::to_owned);
    Warning {
        code: text("code").unwrap_or_default(),
        message: text("message").unwrap_or_default(),
        about: text("where").map(WarningSubject::Named),
    }
}

fn is_of_unknown_field(warning: &Warning<String>) -> bool {
    warning.code == WarningCode::UnknownField.name()
}

/// The lines of a snapshot's certificate, for an auditor.
pub(super) fn lines(item: &SnapshotItem, head: Option<&str>) -> Vec<String> {
    let found = &item.certificate;
    let mut lines = Vec::new();
    let mut say = |label: &str, text: String| lines.extend(wrapped(label, &text));
    say("standing", standing(item));
    if let Some(short) = &found.short {
        say("short because", short.clone());
    }
    say("rows", rows(item));
    say("pages", pages(item));
    say("totals", totals(item));
    say(
        "unknown fields",
        match found.unknown_fields.as_slice() {
            [] => "none".to_owned(),
            fields => format!("{}; kept and exported", fields.join(", ")),
        },
    );
    if let Some(columns) = &found.columns_left_out {
        let columns = if columns.is_empty() { "none".to_owned() } else { columns.join(", ") };
        say("not stored", columns);
    }
    if let Some(plain) = found.entries_in_plain_text {
        let others = found.distinct_rows.unwrap_or(item.rows).saturating_sub(plain);
        let told = format!(
            "{} in plain text, because an account names the person or the configuration keeps all; {others} \
             only as keyed digests",
            counted(plain, "entry")
        );
        say("entries", told);
    }
    let others = found.warnings.iter().filter(|warning| !is_of_unknown_field(warning));
    let others: Vec<&Warning<String>> = others.collect();
    say("warnings", if others.is_empty() { "none".to_owned() } else { others.len().to_string() });
    for warning in others {
        let place = warning.subject().map(|place| format!(": {place}")).unwrap_or_default();
        say("", format!("{}{place} [{}]", warning.message, warning.code));
    }
    say("taken at", format!("{}, {}", item.taken_at, told_by(&item.taken_at_from)));
    say("imported at", item.imported_at.to_string());
    say("format", item.format.clone());
    say("file", item.file.clone());
    say("SHA-256", item.sha256.clone());
    say("content hash", item.content_hash.clone());
    if let Some(voided) = &item.voided {
        let reason = voided.reason.as_deref().unwrap_or("no reason given");
        say("voided at", format!("{}: {reason}", voided.at));
    }
    say("journal head", head.unwrap_or("none").to_owned());
    lines.push(String::new());
    lines.push(
        "SHA-256 is that of the bytes as received (of several files: that of the sorted".into(),
    );
    lines.push("digests, one on a line). `oneseat verify` checks all hashes again.".into());
    lines
}

fn standing(item: &SnapshotItem) -> String {
    let standing = match (item.partial, &item.accepted_short, item.complete) {
        (true, ..) => "partial: stored, but never in force".to_owned(),
        (_, Some(reason), _) => format!("short, and accepted for this reason: {reason}"),
        (_, _, Some(false)) => "not complete".to_owned(),
        (_, _, Some(true)) => {
            let rows = item.certificate.distinct_rows.unwrap_or(item.rows);
            match item.certificate.stated_total {
                Some(total) => format!("complete: {rows} distinct rows, {total} stated"),
                None => "complete".to_owned(),
            }
        }
        (_, _, None) if item.accounts.is_none() => {
            "accepted; the file holds facts, and does not state how many".to_owned()
        }
        (_, _, None) => {
            "accepted; the file does not state how many rows there are, so nothing proves that it \
             is complete"
                .to_owned()
        }
    };
    if item.voided.is_some() { format!("voided; it was {standing}") } else { standing }
}

fn rows(item: &SnapshotItem) -> String {
    let rows = item.rows;
    match item.certificate.distinct_rows {
        None => rows.to_string(),
        Some(distinct) if distinct == rows => format!(
            "{rows}, all distinct: nobody is listed \
                                                       twice"
        ),
        Some(distinct) => format!(
            "{rows}, {distinct} of them distinct: {} repeated, on another page or on the same \
             page",
            rows.saturating_sub(distinct)
        ),
    }
}

fn pages(item: &SnapshotItem) -> String {
    let found = &item.certificate;
    match (found.pages, found.nobody_twice) {
        (None, _) => "not distinguished in this format".to_owned(),
        (Some(0 | 1), _) => "1".to_owned(),
        (Some(pages), Some(true)) => format!("{pages}, nobody on two of them"),
        (Some(pages), _) => pages.to_string(),
    }
}

fn totals(item: &SnapshotItem) -> String {
    let found = &item.certificate;
    let mut stated = Vec::new();
    if let Some(reported) = &item.reported {
        stated.extend(reported.consumed.map(|consumed| format!("{consumed} consumed")));
        stated.extend(reported.purchased.map(|purchased| format!("{purchased} purchased")));
    }
    if let (true, Some(total)) = (stated.is_empty(), found.stated_total) {
        stated.push(counted(total, "row"));
    }
    if stated.is_empty() {
        return "none stated".to_owned();
    }
    let stated = stated.join(", ");
    match (found.totals_equal, found.pages, found.pages_with_totals) {
        (Some(false), ..) => format!("{stated}: the largest totals stated; the pages differ"),
        (_, Some(pages @ 2..), Some(with)) if with == pages => {
            format!("{stated}; the same on all {pages} pages")
        }
        (_, Some(pages @ 2..), Some(with)) => {
            format!("{stated}; the same on the {with} of {pages} pages that state any")
        }
        _ => stated,
    }
}

fn told_by(from: &str) -> &str {
    match from {
        "option" => "from --taken-at",
        "content" => "from the file",
        "file-name" => "from the name of the file",
        "modified" => "guessed: when the file was last changed",
        "now" => "guessed: when it was imported",
        other => other,
    }
}

/// Wraps a label and its text into lines of at most `WIDTH` characters. A longer word is not broken.
fn wrapped(label: &str, text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = format!("{label:INDENT$}");
    let mut empty = true;
    for word in text.split(' ') {
        let length = line.chars().count() + usize::from(!empty) + word.chars().count();
        if !empty && length > WIDTH {
            lines.push(std::mem::replace(&mut line, " ".repeat(INDENT)));
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(word);
        empty = false;
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fit_where_words_do() {
        let text = "word ".repeat(40);
        let lines = wrapped("label", text.trim());
        assert!(lines.len() > 2 && lines.iter().all(|line| line.chars().count() <= WIDTH));
        assert!(lines[1].starts_with(&" ".repeat(INDENT)));
        let hash = "0".repeat(64);
        assert_eq!(wrapped("SHA-256", &hash)[0].len(), WIDTH);
    }
}
