//! Reads the list of subscribers that the Visual Studio portal exports as CSV (formats.md section 7). The
//! documentation names fifteen columns. Older exports and the template for adding subscribers have other
//! columns. So the reader finds columns by the letters of their names, and keeps all of them.

use serde_json::{Map, Value, json};

use super::facts::Noted;
use super::format_names::{VISUAL_STUDIO_COLUMNS, is_visual_studio_column};
use super::sheet::{Sheet, delimiter};
use super::{FileFacts, Input, Outline, Reader, Sink};
use crate::code::WarningCode;
use crate::email;
use crate::error::{Error, Result, quoted};
use crate::model::{DateOrder, SIGN_IN, SourceKind, expiry_of, letters_of};
use crate::table::agreeing;

/// The number of subscribers that an export may have at most. A longer list is refused.
const MOST_ROWS: usize = 500_000;

/// Reads the list of subscribers that the Visual Studio portal exports.
pub struct VisualStudioCsv;

impl Reader for VisualStudioCsv {
    fn format(&self) -> &'static str {
        "visual-studio-subscribers-csv"
    }

    fn about(&self) -> &'static str {
        "Visual Studio: the portal's list of subscribers"
    }

    fn recognised_by(&self) -> &'static str {
        "CSV with two of Subscription Level, Subscription Status, Usage Status, Subscription GUID, or \
         the first beside the sign-in address"
    }

    fn obtained_from(&self) -> &'static str {
        "the subscriptions administration portal, Export"
    }

    fn kind(&self) -> SourceKind {
        SourceKind::VisualStudio
    }

    fn recognizes(&self, outline: &Outline) -> bool {
        let telling =
            ["subscriptionlevel", "subscriptionstatus", "usagestatus", "subscriptionguid", "guid"];
        let names: Vec<String> = outline.header.iter().map(|cell| letters_of(cell)).collect();
        let has = |wanted: &str| names.iter().any(|name| name == wanted);
        let found = telling.into_iter().filter(|wanted| has(wanted)).count();
        found >= 2 || (has("subscriptionlevel") && SIGN_IN.into_iter().any(has))
    }

    fn knows(&self, field: &str) -> bool {
        is_visual_studio_column(field)
    }

    fn read(&self, input: &mut Input, sink: &mut dyn Sink) -> Result<FileFacts> {
        sink.source(SourceKind::VisualStudio, None)?;
        let (name, delimiter) = (input.name().to_owned(), delimiter(input.head()));
        let mut sheet = Sheet::open(input.reader(), delimiter, &name, str::to_owned)?;
        sheet = sheet.of_columns(|cell| VISUAL_STUDIO_COLUMNS.contains(&letters_of(cell).as_str()));
        let columns = sheet.header().to_vec();
        if !columns.iter().any(|column| is_sign_in(column)) {
            return Err(without_sign_in(&columns).at(&name, sheet.line()));
        }
        let (mut subscribers, mut noted) = (Vec::new(), Noted::default());
        sheet.each_row(|row, line| {
            let cells = columns.iter().zip(row);
            for (column, cell) in cells.clone().filter(|(column, _)| is_sign_in(column)) {
                if let Some(word) = email::word_of_absence(cell) {
                    noted.absent_word(column, word);
                }
            }
            let subscriber: Map<String, Value> =
                cells.map(|(column, cell)| (column.clone(), json!(cell))).collect();
            subscribers.push(Value::Object(subscriber));
            if subscribers.len() > MOST_ROWS {
                return Err(Error::input(format!("there are more than {MOST_ROWS} subscribers"))
                    .at(&name, Some(line))
                    .hint(
                        "this is not an export of the portal: check that this is the right file",
                    ));
            }
            Ok(())
        })?;
        let records = subscribers.len() as u64;
        let mut said = FileFacts { records, noted, ..FileFacts::default() };
        said.noted.headers_repeated(sheet.headers_repeated());
        said.notes = notes_on_expiry(&subscribers);
        said.notes.extend(sheet.note_on_end());
        said.facts.insert("subscribers".to_owned(), json!(subscribers));
        Ok(said)
    }
}

/// Whether a column holds the sign-in address of the subscribers.
fn is_sign_in(column: &str) -> bool {
    SIGN_IN.contains(&letters_of(column).as_str())
}

/// The error that a table has no column for the sign-in address. Nothing else identifies a subscriber.
fn without_sign_in(columns: &[String]) -> Error {
    let told = "no column holds the sign-in address of the subscribers";
    let known = columns
        .iter()
        .filter(|column| VISUAL_STUDIO_COLUMNS.contains(&letters_of(column).as_str()));
    // If fewer than two names of the first line are known, the line is data and no header, so it is not quoted.
    let told = match known.count() {
        0 | 1 => told.to_owned(),
        _ => {
            let columns: Vec<String> = columns.iter().map(|column| quoted(column)).collect();
            format!("{told}; there are: {}", columns.join(", "))
        }
    };
    Error::input(told).hint(
        "export the list from the portal again, with the column Email (or Sign-in Email Address)",
    )
}

/// The warnings that expiration dates are ambiguous or cannot be read. Such a date counts as not stated.
fn notes_on_expiry(subscribers: &[Value]) -> Vec<(WarningCode, String)> {
    let stated: Vec<String> = subscribers.iter().filter_map(expiry_of).collect();
    let order = DateOrder::of(stated.iter().cloned());
    let unread = stated.iter().filter(|text| order.end(text).is_none()).count();
    let told = match (unread, order) {
        (0, _) => return Vec::new(),
        (_, DateOrder::Unknown) => (
            WarningCode::DateAmbiguous,
            format!(
                "the column of the expiration date does not show which number is the month, so it \
                    is not stated when {}",
                agreeing(unread as u64, "subscription", ["expires", "expire"])
            ),
        ),
        _ => (
            WarningCode::DateUnknown,
            format!(
                "{} an expiration date that cannot be read: the date is not stated",
                agreeing(unread as u64, "subscription", ["has", "have"])
            ),
        ),
    };
    vec![told]
}
