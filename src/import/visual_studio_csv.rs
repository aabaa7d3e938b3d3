//! The Visual Studio portal's export of subscribers as CSV (formats.md section 7): its header is
//! not published, so columns are found by tolerant names and kept as they are.

use serde_json::{Map, Value, json};

use super::sheet::{Sheet, delimiter};
use super::{FileFacts, Input, Outline, Reader, Sink};
use crate::error::{Error, Result};
use crate::model::SourceKind;

/// What the columns are called once everything but letters is taken out.
const COLUMNS: [&str; 29] = [
    "agreement",
    "agreementnumber",
    "assigned",
    "assignedby",
    "assigneddate",
    "assignmentdate",
    "country",
    "downloads",
    "email",
    "emailaddress",
    "expirationdate",
    "expires",
    "firstname",
    "guid",
    "language",
    "lastname",
    "level",
    "name",
    "notes",
    "notificationemail",
    "reference",
    "signinemail",
    "signinemailaddress",
    "subscriptionguid",
    "subscriptionid",
    "subscriptionlevel",
    "subscriptionstatus",
    "upn",
    "usagestatus",
];

/// More subscribers than one export has.
const MOST_ROWS: usize = 500_000;

/// The reader.
pub struct VisualStudioCsv;

impl Reader for VisualStudioCsv {
    fn format(&self) -> &'static str {
        "visual-studio-subscribers-csv"
    }

    fn about(&self) -> &'static str {
        "Visual Studio: the portal's list of subscribers"
    }

    fn recognised_by(&self) -> &'static str {
        "CSV with two of Subscription Level, Subscription Status, Usage Status, Subscription GUID"
    }

    fn obtained_from(&self) -> &'static str {
        "the subscriptions administration portal, Export"
    }

    fn kind(&self) -> SourceKind {
        SourceKind::VisualStudio
    }

    fn recognises(&self, outline: &Outline) -> bool {
        let telling =
            ["subscriptionlevel", "subscriptionstatus", "usagestatus", "subscriptionguid", "guid"];
        let names: Vec<String> = outline.header.iter().map(|cell| letters(cell)).collect();
        telling.into_iter().filter(|wanted| names.iter().any(|name| name == wanted)).count() >= 2
    }

    fn knows(&self, field: &str) -> bool {
        field == "subscribers" || COLUMNS.contains(&letters(field).as_str())
    }

    fn read(&self, input: &mut Input, sink: &mut dyn Sink) -> Result<FileFacts> {
        sink.source(SourceKind::VisualStudio, None)?;
        let (name, delimiter) = (input.name().to_owned(), delimiter(input.head()));
        let mut sheet = Sheet::open(input.reader(), delimiter, &name, str::to_owned)?;
        sheet = sheet.of_columns(|cell| COLUMNS.contains(&letters(cell).as_str()));
        let columns = sheet.header().to_vec();
        let mut subscribers = Vec::new();
        while let Some(row) = sheet.next_row()? {
            let cells = columns.iter().zip(row);
            let subscriber: Map<String, Value> =
                cells.map(|(column, cell)| (column.clone(), json!(cell))).collect();
            subscribers.push(Value::Object(subscriber));
            if subscribers.len() > MOST_ROWS {
                return Err(Error::input(format!("there are more than {MOST_ROWS} subscribers"))
                    .at(&name, sheet.line())
                    .hint("this is no export of the portal; look at the file"));
            }
        }
        let mut said = FileFacts { records: subscribers.len() as u64, ..FileFacts::default() };
        said.noted.headers_repeated(sheet.headers_repeated());
        said.facts.insert("subscribers".to_owned(), json!(subscribers));
        Ok(said)
    }
}

/// The letters of a header cell in lower case.
fn letters(cell: &str) -> String {
    cell.chars().filter(char::is_ascii_alphabetic).map(|it| it.to_ascii_lowercase()).collect()
}
