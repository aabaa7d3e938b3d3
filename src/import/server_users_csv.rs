//! Server's site-admin report `all_users.csv` (formats.md section 5).

use std::borrow::Cow;

use super::sheet::{Sheet, delimiter};
use super::{FileFacts, Input, Outline, Reader, Sink};
use crate::error::{Error, Result};
use crate::model::{Field, Record, SourceKind, Value};

/// The report's columns, in GitHub's order.
const COLUMNS: [&str; 14] = [
    "created_at",
    "id",
    "login",
    "email",
    "role",
    "suspended?",
    "last_logged_ip",
    "repos",
    "ssh_keys",
    "org_memberships",
    "dormant?",
    "last_active",
    "raw_login",
    "2fa_enabled?",
];

/// The reader.
pub struct ServerUsersCsv;

impl Reader for ServerUsersCsv {
    fn format(&self) -> &'static str {
        "server-users-csv"
    }

    fn about(&self) -> &'static str {
        "Server: the site-admin report /stafftools/reports/all_users.csv"
    }

    fn kind(&self) -> SourceKind {
        SourceKind::Server
    }

    fn recognises(&self, outline: &Outline) -> bool {
        let has = |wanted: &str| outline.header.iter().any(|cell| column(cell) == wanted);
        ["id", "login", "email", "suspended?"].into_iter().all(has)
    }

    fn knows(&self, field: &str) -> bool {
        COLUMNS.contains(&field)
    }

    fn read(&self, input: &mut Input, sink: &mut dyn Sink) -> Result<FileFacts> {
        sink.source(SourceKind::Server, None)?;
        let (name, delimiter) = (input.name().to_owned(), delimiter(input.head()));
        let mut sheet = Sheet::open(input.reader(), delimiter, &name, column)?;
        let columns = sheet.header().to_vec();
        let place = |wanted: &str| columns.iter().position(|column| column == wanted);
        let (id, login) = (place("id"), place("login"));
        while let Some(row) = sheet.next_row()? {
            let cell = |place: Option<usize>| place.and_then(|place| row.get(place)).unwrap_or("");
            if cell(id).trim().is_empty() && cell(login).trim().is_empty() {
                return Err(Error::input("the row has neither id nor login")
                    .at(&name, sheet.line())
                    .hint("the file is damaged or half a download: get it again"));
            }
            let fields = columns.iter().zip(row).map(|(column, cell)| Field {
                name: Cow::Borrowed(column.as_str()),
                value: Value::Text(Cow::Borrowed(cell)),
            });
            // Columns of one name were refused with the header.
            if let Ok(record) = Record::new(fields.collect()) {
                sink.record(record)?;
            }
        }
        Ok(FileFacts::default())
    }
}

/// A known column by its name in lower case, any other as it is.
fn column(cell: &str) -> String {
    let name = cell.trim().to_lowercase();
    if COLUMNS.contains(&name.as_str()) { name } else { cell.trim().to_owned() }
}
