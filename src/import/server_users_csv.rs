//! Reads Server's site-admin report `all_users.csv` (formats.md section 5).

use super::format_names::SERVER_USERS;
use super::server_values::{self, ListCoverage};
use super::sheet::{Sheet, delimiter};
use super::values::ValueCheck;
use super::{FileFacts, Input, Outline, Reader, Sink};
use crate::error::{Error, Result};
use crate::model::{SourceKind, names_an_account};

/// Reads the site-admin report `all_users.csv` of an instance.
pub struct ServerUsersCsv;

impl Reader for ServerUsersCsv {
    fn format(&self) -> &'static str {
        "server-users-csv"
    }

    fn about(&self) -> &'static str {
        "Server: the site-admin report /stafftools/reports/all_users.csv"
    }

    fn recognised_by(&self) -> &'static str {
        "CSV with id, login, email and suspended?"
    }

    fn obtained_from(&self) -> &'static str {
        "https://HOST/stafftools/reports/all_users.csv, as a site administrator (ask again after a 202)"
    }

    fn kind(&self) -> SourceKind {
        SourceKind::Server
    }

    fn recognizes(&self, outline: &Outline) -> bool {
        let has = |wanted: &str| outline.header.iter().any(|cell| column(cell) == wanted);
        ["id", "login", "email", "suspended?"].into_iter().all(has)
    }

    fn knows(&self, field: &str) -> bool {
        SERVER_USERS.contains(&field)
    }

    fn read(&self, input: &mut Input, sink: &mut dyn Sink) -> Result<FileFacts> {
        sink.source(SourceKind::Server, None)?;
        let (name, delimiter) = (input.name().to_owned(), delimiter(input.head()));
        let mut sheet =
            Sheet::open(input.reader(), delimiter, &name, column)?.of_columns(is_column);
        let columns = sheet.header().to_vec();
        let place = |wanted: &str| columns.iter().position(|column| column == wanted);
        let (suspended, dormant, role) = (place("suspended?"), place("dormant?"), place("role"));
        let mut population = ListCoverage::default();
        let mut values = ValueCheck::of(&name, server_values::rule);
        sheet.each_record(|row, mut next| {
            let cell = |place: Option<usize>| place.and_then(|place| row.get(place)).unwrap_or("");
            population.add(cell(suspended), cell(dormant), cell(role));
            values.look(&mut next)?;
            if !names_an_account(SourceKind::Server, &next.record) {
                return Err(Error::input("the row has neither id nor login")
                    .at(&name, Some(next.line))
                    .hint("an instance's report has both in every row, so this line is damaged or edited: download the file again"));
            }
            sink.record(next.record)
        })?;
        values.check_end(columns.last(), sheet.has_line_end())?;
        let mut noted = values.noted;
        noted.headers_repeated(sheet.headers_repeated());
        let not_whole = population.not_whole(&name, "only all_users.csv has all accounts");
        let notes = sheet.note_on_end().into_iter().collect();
        Ok(FileFacts { not_whole, noted, notes, ..FileFacts::default() })
    }
}

fn is_column(cell: &str) -> bool {
    SERVER_USERS.contains(&cell.trim().to_lowercase().as_str())
}

/// The name of a column. Known names are put into lower case, and unknown ones stay as the file writes them.
fn column(cell: &str) -> String {
    let name = cell.trim().to_lowercase();
    if SERVER_USERS.contains(&name.as_str()) { name } else { cell.trim().to_owned() }
}
