//! Reads the output of `ghe-user-csv -o` on an instance, with a header (option `-d`) or without one (formats.md
//! section 5). The output lists logins but no ids.

use super::format_names::GHE_USERS;
use super::server_values::{self, ListCoverage};
use super::sheet::{Sheet, delimiter, header_cells};
use super::values::ValueCheck;
use super::{FileFacts, Input, Outline, Reader, Sink};
use crate::error::{Error, Result};
use crate::model::{SourceKind, names_an_account};

/// Reads the output of the command `ghe-user-csv` of an instance.
pub struct GheUserCsv;

impl Reader for GheUserCsv {
    fn format(&self) -> &'static str {
        "server-ghe-user-csv"
    }

    fn about(&self) -> &'static str {
        "Server: the list that ghe-user-csv writes on the instance"
    }

    fn recognised_by(&self) -> &'static str {
        "CSV with login, email and suspension_status, or nine such cells without a header"
    }

    fn obtained_from(&self) -> &'static str {
        "ghe-user-csv -o -d on the instance (all users; -d writes the header)"
    }

    fn kind(&self) -> SourceKind {
        SourceKind::Server
    }

    fn recognizes(&self, outline: &Outline) -> bool {
        has_header(&outline.header) || is_row(&outline.header)
    }

    fn knows(&self, field: &str) -> bool {
        GHE_USERS.contains(&field)
    }

    fn read(&self, input: &mut Input, sink: &mut dyn Sink) -> Result<FileFacts> {
        sink.source(SourceKind::Server, None)?;
        let (name, delimiter) = (input.name().to_owned(), delimiter(input.head()));
        let headed = has_header(&header_cells(input.head()));
        let sheet = if headed {
            Sheet::open(input.reader(), delimiter, &name, column)?
        } else {
            Sheet::without_header(input.reader(), delimiter, &name, &GHE_USERS)
        };
        let mut sheet = sheet.of_columns(is_column);
        let columns = sheet.header().to_vec();
        let place = |wanted: &str| columns.iter().position(|column| column == wanted);
        let (suspended, role) = (place("suspension_status"), place("role"));
        let dormant =
            columns.iter().position(|it| it.to_lowercase().trim_end_matches('?') == "dormant");
        let mut population = ListCoverage::default();
        let mut values = ValueCheck::of(&name, server_values::rule);
        sheet.each_record(|row, mut next| {
            let cell = |place: Option<usize>| place.and_then(|place| row.get(place)).unwrap_or("");
            population.add(cell(suspended), cell(dormant), cell(role));
            values.look(&mut next)?;
            if !names_an_account(SourceKind::Server, &next.record) {
                return Err(Error::input("the row has no login")
                    .at(&name, Some(next.line))
                    .hint("ghe-user-csv writes a login for everybody, so this line is damaged or edited: export the file again"));
            }
            sink.record(next.record)
        })?;
        values.check_end(columns.last(), sheet.has_line_end())?;
        let mut noted = values.noted;
        noted.headers_repeated(sheet.headers_repeated());
        let not_whole =
            population.not_whole(&name, "ghe-user-csv -o -d without -s lists all accounts");
        let notes = population.note().into_iter().chain(sheet.note_on_end()).collect();
        Ok(FileFacts { not_whole, noted, notes, ..FileFacts::default() })
    }
}

fn is_column(cell: &str) -> bool {
    GHE_USERS.contains(&cell.trim().to_lowercase().as_str())
}

/// The name of a column. Known names are put into lower case, and unknown ones stay as the file writes them.
fn column(cell: &str) -> String {
    let name = cell.trim().to_lowercase();
    if GHE_USERS.contains(&name.as_str()) { name } else { cell.trim().to_owned() }
}

fn has_header(cells: &[String]) -> bool {
    let has = |wanted: &str| cells.iter().any(|cell| column(cell) == wanted);
    ["login", "email", "suspension_status"].into_iter().all(has)
}

/// Whether the first line is an account and no header, which the output lacks without the option `-d`.
fn is_row(cells: &[String]) -> bool {
    let [login, email, role, keys, organizations, repositories, status, _, created] = cells else {
        return false;
    };
    let number = |cell: &String| !cell.is_empty() && cell.bytes().all(|it| it.is_ascii_digit());
    !login.is_empty()
        && (email.is_empty() || email.contains('@'))
        && matches!(role.to_ascii_lowercase().as_str(), "user" | "admin")
        && [keys, organizations, repositories].into_iter().all(number)
        && matches!(status.to_ascii_lowercase().as_str(), "active" | "suspended" | "true" | "false")
        && created.bytes().filter(u8::is_ascii_digit).count() >= 4
}
