//! `oneseat doctor`: one page of facts for a bug report. It prints numbers, versions, kinds of source, and
//! names of environment variables, but no address, login, host, enterprise or path, so that it can be made
//! public.

use std::path::Path;

use serde::Serialize;

use crate::code::WarningCode;
use crate::error::{Error, Result};
use crate::model::Instant;
use crate::store::{self, DatabaseFacts, LastVerified, Log, RowNumbers, Since, Store, second_look};
use crate::table::{Answer, Cell, CellKind, Columns, Page, RowVisitor, Table};
use crate::temporary;
use crate::warning::Warning;

/// What `oneseat doctor` prints about the process and its terminal. Only the command-line layer can find it
/// out.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Surroundings {
    /// The operating system and the processor, as Rust names them.
    pub system: String,
    /// The names of the environment variables that influence the program and are set. Their values are not
    /// printed.
    pub environment: Vec<String>,
    /// Is there a configuration file?
    pub configuration: bool,
    /// The width of the terminal on standard output; `None` if standard output is no terminal.
    pub width: Option<u16>,
    /// Is standard error a terminal?
    pub standard_error_is_terminal: bool,
}

impl Surroundings {
    const COLUMNS: Columns = &[
        ("system", CellKind::Text),
        ("environment", CellKind::List),
        ("configuration", CellKind::Truth),
        ("width", CellKind::Whole),
        ("standard_error_is_terminal", CellKind::Truth),
    ];
}

/// What `oneseat doctor` answers: facts about the program, its surroundings and its database.
#[derive(Debug, Clone, Serialize)]
pub struct Doctor {
    schema: &'static str,
    program: Program,
    database: Database,
    numbers: Option<Counted>,
    verified: LastTimes,
    surroundings: Surroundings,
    warnings: Vec<Warning>,
}

#[derive(Debug, Clone, Serialize)]
struct Program {
    version: &'static str,
    schema: i64,
    sqlite: &'static str,
    parquet: bool,
    optimized: bool,
}

impl Program {
    const COLUMNS: Columns = &[
        ("version", CellKind::Text),
        ("schema", CellKind::Whole),
        ("sqlite", CellKind::Text),
        ("parquet", CellKind::Truth),
        ("optimized", CellKind::Truth),
    ];
}

#[derive(Debug, Clone, Default, Serialize)]
struct Database {
    exists: bool,
    error: Option<String>,
    symbolic_link: bool,
    names: Option<u64>,
    bytes: Option<u64>,
    wal_bytes: Option<u64>,
    wal_follows: Option<bool>,
    leftovers: Vec<String>,
    mode: Option<String>,
    file_system: Option<String>,
    schema: Option<i64>,
    page_size: Option<u64>,
    pages: Option<u64>,
    free_pages: Option<u64>,
    journal_mode: Option<String>,
    quick_check: Option<String>,
}

impl Database {
    const COLUMNS: Columns = &[
        ("exists", CellKind::Truth),
        ("error", CellKind::Text),
        ("symbolic_link", CellKind::Truth),
        ("names", CellKind::Whole),
        ("bytes", CellKind::Whole),
        ("wal_bytes", CellKind::Whole),
        ("wal_follows", CellKind::Truth),
        ("leftovers", CellKind::List),
        ("mode", CellKind::Text),
        ("file_system", CellKind::Text),
        ("schema", CellKind::Whole),
        ("page_size", CellKind::Whole),
        ("pages", CellKind::Whole),
        ("free_pages", CellKind::Whole),
        ("journal_mode", CellKind::Text),
        ("quick_check", CellKind::Text),
    ];
}

#[derive(Debug, Clone, Serialize)]
struct Counted {
    snapshots: u64,
    voided: u64,
    accounts: u64,
    entries: u64,
    states: u64,
    spans: u64,
    addresses: u64,
    journal_lines: u64,
    sources: Vec<KindCount>,
}

impl Counted {
    const COLUMNS: Columns = &[
        ("snapshots", CellKind::Whole),
        ("voided", CellKind::Whole),
        ("accounts", CellKind::Whole),
        ("entries", CellKind::Whole),
        ("states", CellKind::Whole),
        ("spans", CellKind::Whole),
        ("addresses", CellKind::Whole),
        ("journal_lines", CellKind::Whole),
        ("sources", CellKind::List),
    ];
}

#[derive(Debug, Clone, Serialize)]
struct KindCount {
    kind: String,
    count: u64,
}

#[derive(Debug, Clone, Default, Serialize)]
struct LastTimes {
    passed_at: Option<Instant>,
    lines_since: Option<i64>,
    same_history: Option<bool>,
    failed_at: Option<Instant>,
}

impl LastTimes {
    const COLUMNS: Columns = &[
        ("passed_at", CellKind::Text),
        ("lines_since", CellKind::Whole),
        ("same_history", CellKind::Truth),
        ("failed_at", CellKind::Text),
    ];
}

/// Answers the command `doctor`. If the database cannot be opened or read, the answer has the text of that
/// error.
/// the error.
///
/// # Errors
/// The error is returned beside the answer if the database cannot be opened or read.
pub fn doctor(path: &Path, surroundings: Surroundings) -> (Doctor, Result<()>) {
    let mut doctor = Doctor::blank(surroundings);
    doctor.look_at_the_file(path);
    let looked = if doctor.database.exists { doctor.look_inside(path) } else { Ok(()) };
    let looked = looked.map_err(|error| second_look(path, error));
    if let Err(error) = &looked {
        doctor.database.error = Some(without_path(error, path));
    }
    (doctor, looked)
}

/// The text of an error without the path of the database, since a path may contain the name of a person.
fn without_path(error: &Error, path: &Path) -> String {
    let told = std::iter::once(error.to_string()).chain(error.causes());
    let told = told.collect::<Vec<_>>().join(": ");
    told.replace(&path.display().to_string(), "the database")
}

impl Doctor {
    fn blank(surroundings: Surroundings) -> Doctor {
        Doctor {
            schema: "oneseat.doctor/1",
            program: Program {
                version: env!("CARGO_PKG_VERSION"),
                schema: store::SCHEMA,
                sqlite: store::sqlite_version(),
                parquet: cfg!(feature = "parquet"),
                optimized: !cfg!(debug_assertions),
            },
            database: Database::default(),
            numbers: None,
            verified: LastTimes::default(),
            surroundings,
            warnings: Vec::new(),
        }
    }

    /// Fills in the facts that the file system knows about the database, such as its size.
    fn look_at_the_file(&mut self, path: &Path) {
        let size = |path: &Path| std::fs::metadata(path).ok().map(|metadata| metadata.len());
        let mut wal = path.as_os_str().to_owned();
        wal.push("-wal");
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        self.database = Database {
            exists: path.exists(),
            symbolic_link: path.is_symlink(),
            names: store::names_of(path),
            bytes: size(path),
            wal_bytes: size(Path::new(&wal)),
            wal_follows: match store::look_at_the_log(path) {
                Log::Empty => None,
                found => Some(found == Log::Follows),
            },
            leftovers: temporary::leftovers(folder.unwrap_or(Path::new("."))),
            mode: store::mode(path).map(|mode| format!("{mode:04o}")),
            file_system: store::file_system(path),
            ..Database::default()
        };
        let last = LastVerified::of(path);
        self.verified.passed_at = last.passed.map(|(at, _)| at);
        self.verified.failed_at = last.failed;
        for (_, mode) in store::wide_files(path) {
            let message = format!(
                "users other than its owner have access to a file of the database (mode {mode:04o})"
            );
            self.warn(WarningCode::WideMode, message);
        }
        if self.database.names.is_some_and(|names| names > 1) {
            let message = "the database has several names (hard links): oneseat does not write to \
                           it, because each name has a log of its own, and the log of one name may \
                           lack changes that are in another log";
            self.warn(WarningCode::SeveralNames, message);
        }
        if self.database.wal_follows == Some(false) {
            let message = "the log (-wal) beside the database belongs to another file, or to another \
                           state of the database";
            self.warn(WarningCode::LogOfAnotherFile, message);
        }
        if !self.database.leftovers.is_empty() {
            let message = format!(
                "temporary files of a command that was killed lie beside the database, with data \
                 in them: {}; run the same command again, which removes them, or remove them \
                 yourself",
                self.database.leftovers.join(", ")
            );
            self.warn(WarningCode::Leftovers, message);
        }
        if self.database.file_system.as_deref().is_some_and(store::is_far_away) {
            let message = "the database lies on a network file system, where SQLite's locks fail";
            self.warn(WarningCode::NetworkFileSystem, message);
        }
    }

    fn warn(&mut self, code: WarningCode, message: impl Into<String>) {
        self.warnings.push(Warning { code, message: message.into(), about: None });
    }

    /// Fills in the facts that are stored in the database itself, such as its number of snapshots.
    fn look_inside(&mut self, path: &Path) -> Result<()> {
        let store = Store::open_as_it_is(path)?;
        let facts: DatabaseFacts = store.file_facts()?;
        let database = &mut self.database;
        database.schema = Some(facts.schema);
        database.page_size = Some(facts.page_size);
        database.pages = Some(facts.pages);
        database.free_pages = Some(facts.free_pages);
        database.journal_mode = Some(facts.journal_mode);
        let whole = facts.quick_check == "ok";
        database.quick_check = Some(facts.quick_check);
        if !whole {
            return Err(Error::database("SQLite's quick check finds the database damaged").hint(
                "`oneseat restore FILE` goes back to a backup; or import the files again into a \
                 new database with --db",
            ));
        }
        self.numbers = store.numbers()?.map(counted);
        if let Some((_, journal)) = LastVerified::of(path).passed {
            let since = store.journal_since(&journal)?;
            self.verified.same_history = Some(since != Since::Another);
            if let Since::Lines(lines) = since {
                self.verified.lines_since = Some(lines);
            }
        }
        Ok(())
    }
}

fn counted(numbers: RowNumbers) -> Counted {
    let sources = numbers.sources.into_iter().map(|(kind, count)| KindCount { kind, count });
    Counted {
        snapshots: numbers.snapshots,
        voided: numbers.voided,
        accounts: numbers.accounts,
        entries: numbers.entries,
        states: numbers.states,
        spans: numbers.spans,
        addresses: numbers.addresses,
        journal_lines: numbers.journal_lines,
        sources: sources.collect(),
    }
}

fn table(title: &str, rows: Vec<(&str, Cell)>) -> Table {
    let mut table = Table::new(&[title, ""]);
    table.rows = rows.into_iter().map(|(name, value)| vec![name.into(), value]).collect();
    table
}

impl Answer for Doctor {
    const LIST: Option<&'static str> = None;
    const COLUMNS: Columns = &[
        ("schema", CellKind::Text),
        ("program", CellKind::Object(Program::COLUMNS)),
        ("database", CellKind::Object(Database::COLUMNS)),
        ("numbers", CellKind::Object(Counted::COLUMNS)),
        ("verified", CellKind::Object(LastTimes::COLUMNS)),
        ("surroundings", CellKind::Object(Surroundings::COLUMNS)),
        ("warnings", CellKind::List),
    ];

    fn rows(&self, visitor: &mut impl RowVisitor) -> Result<()> {
        visitor.row(self)
    }

    fn page(&self) -> Page {
        let (program, database, verified) = (&self.program, &self.database, &self.verified);
        let mut tables = vec![
            table(
                "Program",
                vec![
                    ("Version", program.version.into()),
                    ("Newest schema", program.schema.into()),
                    ("SQLite", program.sqlite.into()),
                    ("Parquet", Cell::Truth(program.parquet)),
                    ("Optimized", Cell::Truth(program.optimized)),
                ],
            ),
            table(
                "Database",
                vec![
                    ("There", Cell::Truth(database.exists)),
                    ("Error", database.error.clone().into()),
                    ("Symbolic link", Cell::Truth(database.symbolic_link)),
                    ("Names (hard links)", database.names.into()),
                    ("Bytes", database.bytes.into()),
                    ("Bytes in -wal", database.wal_bytes.into()),
                    ("-wal follows", database.wal_follows.map_or(Cell::Absent, Cell::Truth)),
                    ("Leftovers", database.leftovers.join(", ").into()),
                    ("Mode", database.mode.clone().into()),
                    ("File system", database.file_system.clone().into()),
                    ("Schema", database.schema.into()),
                    ("Page size", database.page_size.into()),
                    ("Pages", database.pages.into()),
                    ("Free pages", database.free_pages.into()),
                    ("Journal mode", database.journal_mode.clone().into()),
                    ("Quick check", database.quick_check.clone().into()),
                ],
            ),
            table(
                "Verified",
                vec![
                    ("Last passed", verified.passed_at.map_or(Cell::Absent, Cell::Instant)),
                    ("Journal lines since", verified.lines_since.into()),
                    ("Same history", verified.same_history.map_or(Cell::Absent, Cell::Truth)),
                    ("Failed since", verified.failed_at.map_or(Cell::Absent, Cell::Instant)),
                ],
            ),
        ];
        if let Some(numbers) = &self.numbers {
            let mut rows = vec![
                ("Snapshots", numbers.snapshots.into()),
                ("Voided", numbers.voided.into()),
                ("Accounts", numbers.accounts.into()),
                ("Directory entries", numbers.entries.into()),
                ("States", numbers.states.into()),
                ("Spans", numbers.spans.into()),
                ("Addresses", numbers.addresses.into()),
                ("Journal lines", numbers.journal_lines.into()),
            ];
            let sources = numbers.sources.iter();
            let sources: Vec<(String, u64)> =
                sources.map(|it| (format!("Sources, {}", it.kind), it.count)).collect();
            rows.extend(sources.iter().map(|(name, count)| (name.as_str(), (*count).into())));
            tables.insert(2, table("Numbers", rows));
        }
        let around = &self.surroundings;
        tables.push(table(
            "Surroundings",
            vec![
                ("System", around.system.as_str().into()),
                ("Environment", around.environment.join(", ").into()),
                ("Configuration file", Cell::Truth(around.configuration)),
                ("Terminal's width", around.width.map(i64::from).into()),
                (
                    "Standard error",
                    if around.standard_error_is_terminal { "a terminal" } else { "no terminal" }
                        .into(),
                ),
            ],
        ));
        let mut closing: Vec<String> =
            self.warnings.iter().map(|it| format!("{} [{}]", it.message, it.code)).collect();
        closing.push(
            "This page contains no name, address or path: it may go into a bug report.".into(),
        );
        Page { headline: "Facts for a bug report".to_owned(), tables, closing }
    }
}
