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
        let mut sheet = Sheet::open(input.reader(), delimiter, &name, column)?;
        let columns = sheet.header().to_vec();
        let place = |wanted: &str| columns.iter().position(|column| column == wanted);
        let (id, login) = (place("id"), place("login"));
        let (suspended, dormant) = (place("suspended?"), place("dormant?"));
        let mut population = Population::default();
        while let Some(row) = sheet.next_row()? {
            let cell = |place: Option<usize>| place.and_then(|place| row.get(place)).unwrap_or("");
            if cell(id).trim().is_empty() && cell(login).trim().is_empty() {
                return Err(Error::input("the row has neither id nor login")
                    .at(&name, sheet.line())
                    .hint("look at that line: it is no account, or the file was cut there"));
            }
            population.add(cell(suspended), cell(dormant));
            let fields = columns.iter().zip(row).map(|(column, cell)| Field {
                name: Cow::Borrowed(column.as_str()),
                value: Value::Text(Cow::Borrowed(cell)),
            });
            // Columns of one name were refused with the header.
            if let Ok(record) = Record::new(fields.collect()) {
                sink.record(record)?;
            }
        }
        Ok(FileFacts { not_whole: population.not_whole(&name), ..FileFacts::default() })
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
        let named_active = name.rsplit(['/', '\\']).next().unwrap_or(name).contains("active");
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

/// A known column by its name in lower case, any other as it is.
fn column(cell: &str) -> String {
    let name = cell.trim().to_lowercase();
    if COLUMNS.contains(&name.as_str()) { name } else { cell.trim().to_owned() }
}
