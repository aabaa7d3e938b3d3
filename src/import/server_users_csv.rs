//! Server's site-admin report `all_users.csv` (formats.md section 5).

use std::borrow::Cow;

use super::sheet::{Sheet, delimiter};
use super::values::Values;
use super::{FileFacts, Input, Outline, Reader, Sink, server_values};
use crate::error::{Error, Result};
use crate::model::{Field, Record, SourceKind, Value, names_an_account};

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

    fn recognised_by(&self) -> &'static str {
        "CSV with id, login, email and suspended?"
    }

    fn obtained_from(&self) -> &'static str {
        "https://HOST/stafftools/reports/all_users.csv, as a site administrator (ask again after a 202)"
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
        let mut sheet =
            Sheet::open(input.reader(), delimiter, &name, column)?.of_columns(is_column);
        let columns = sheet.header().to_vec();
        let place = |wanted: &str| columns.iter().position(|column| column == wanted);
        let (suspended, dormant) = (place("suspended?"), place("dormant?"));
        let mut population = Population::default();
        let mut values = Values::of(&name, server_values::rule);
        while let Some(row) = sheet.next_row()? {
            let cell = |place: Option<usize>| place.and_then(|place| row.get(place)).unwrap_or("");
            let line = row.position().map_or(0, csv::Position::line);
            population.add(cell(suspended), cell(dormant));
            let fields = columns.iter().zip(row).map(|(column, cell)| Field {
                name: Cow::Borrowed(column.as_str()),
                value: Value::Text(Cow::Borrowed(cell)),
            });
            // Columns of one name were refused with the header.
            let Ok(mut record) = Record::new(fields.collect()) else { continue };
            values.look(&mut record, line)?;
            if !names_an_account(SourceKind::Server, &record) {
                return Err(Error::input("the row has neither id nor login")
                    .at(&name, Some(line))
                    .hint("look at the line; the instance's report has both"));
            }
            sink.record(record)?;
        }
        values.check_end(columns.last(), sheet.has_line_end())?;
        let mut noted = values.noted;
        noted.headers_repeated(sheet.headers_repeated());
        Ok(FileFacts { not_whole: population.not_whole(&name), noted, ..FileFacts::default() })
    }
}

/// What tells the report on all users from those on active, dormant and suspended ones, which have
/// the same header.
#[derive(Default)]
struct Population {
    rows: u64,
    suspended: u64,
    dormant: u64,
}

impl Population {
    fn add(&mut self, suspended: &str, dormant: &str) {
        let truth = |cell: &str| u64::from(cell.trim().eq_ignore_ascii_case("true"));
        self.rows += 1;
        self.suspended += truth(suspended);
        self.dormant += truth(dormant);
    }

    fn not_whole(&self, name: &str) -> Option<String> {
        let name = name.rsplit(['/', '\\']).next().unwrap_or(name).to_lowercase();
        let mut words = name.split(|it: char| !it.is_alphanumeric());
        let named_active = words.any(|word| matches!(word, "active" | "activeusers"));
        let what = match self {
            Population { rows: 0, .. } => return None,
            Population { rows, dormant, .. } if rows == dormant => "every account is dormant",
            Population { rows, suspended, .. } if rows == suspended => "every account is suspended",
            Population { dormant: 0, .. } if named_active => {
                "no account is dormant, and the name says that these are the active ones"
            }
            _ => return None,
        };
        Some(format!("{what}; only all_users.csv has all accounts"))
    }
}

fn is_column(cell: &str) -> bool {
    COLUMNS.contains(&cell.trim().to_lowercase().as_str())
}

/// A known column by its name in lower case, any other as it is.
fn column(cell: &str) -> String {
    let name = cell.trim().to_lowercase();
    if COLUMNS.contains(&name.as_str()) { name } else { cell.trim().to_owned() }
}
