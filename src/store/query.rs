//! One statement of the user's, read-only by construction: the connection cannot write, an
//! authorizer lets nothing through but reading, and what runs too long is stopped.
//!
//! The public views are in the file. As of another instant they are made again as temporary views
//! over a temporary `_asked`, which SQLite looks at first; tables that only this program can fill
//! (seats, …) are temporary ones.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant as Moment};

use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::limits::Limit;
use rusqlite::types::{Null, ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, ErrorCode};

use super::{Knowledge, Store, guard, migrate};
use crate::error::Error;
use crate::model::Instant;
use crate::table::{Cell, RowSink};

/// How many steps SQLite's machine takes between two looks at the clock.
const STEPS: i32 = 10_000;

/// How long a value may be that a statement makes, in bytes: a view of somebody else's may make one of
/// a gigabyte.
const LONGEST: i32 = 64 * 1024 * 1024;

/// Pragmas that tell what tables and columns there are.
const HARMLESS_PRAGMAS: [&str; 3] = ["table_info", "table_xinfo", "table_list"];

/// Public names that are those of stored tables, with the views in the file that show what they
/// promise: whoever reads the file without this program asks those.
const HIDDEN: [(&str, &str); 2] = [("journal", "journal_lines"), ("links", "declared_links")];

/// What SQLite says of a text that should be JSON and is not.
const MALFORMED: &str = "malformed JSON";

fn speaks_of_json(statement: &Statement) -> bool {
    statement.sql.to_ascii_lowercase().contains("json") || statement.sql.contains("->")
}

/// What is asked.
#[derive(Debug, Clone)]
pub struct Statement {
    /// The statement.
    pub sql: String,
    /// Values of its parameters, by name without `:`, `@` or `$`.
    pub parameters: Vec<(String, String)>,
    /// How long it may take; `None`: as long as it wants.
    pub time: Option<Duration>,
}

/// Why there is no answer.
#[derive(Debug)]
pub enum QueryFailure {
    /// The statement is wrong, refused or stopped: SQLite's words, and the byte at which.
    Statement {
        /// What is wrong.
        message: String,
        /// Where.
        at: Option<usize>,
    },
    /// Something else.
    Other(Error),
}

impl From<Error> for QueryFailure {
    fn from(error: Error) -> QueryFailure {
        QueryFailure::Other(error)
    }
}

impl QueryFailure {
    fn statement(message: impl Into<String>) -> QueryFailure {
        QueryFailure::Statement { message: message.into(), at: None }
    }

    /// What SQLite says of this statement.
    fn of(error: rusqlite::Error, statement: &Statement, refused: &Refused) -> QueryFailure {
        if let Some(action) = refused.take() {
            return QueryFailure::statement(format!("{action}: a question only reads"));
        }
        match &error {
            rusqlite::Error::MultipleStatement => {
                QueryFailure::statement("these are several statements: one at a time")
            }
            rusqlite::Error::SqlInputError { msg, sql, offset, .. } => {
                // What was looked at may be the end of the statement only.
                let before = statement.sql.len().saturating_sub(sql.len());
                let at = usize::try_from(*offset).ok().map(|offset| before + offset);
                QueryFailure::Statement { message: msg.clone(), at }
            }
            rusqlite::Error::SqliteFailure(failure, message) => match failure.code {
                ErrorCode::OperationInterrupted => {
                    let seconds = statement.time.unwrap_or_default().as_secs_f64();
                    QueryFailure::statement(format!("stopped after {seconds} s"))
                }
                // A statement without JSON of its own meets it only in what is stored, through a
                // view: then it is not the statement that is wrong.
                ErrorCode::Unknown
                    if message.as_deref() == Some(MALFORMED) && !speaks_of_json(statement) =>
                {
                    let damaged = Error::database("the database is damaged").caused_by(error);
                    QueryFailure::Other(damaged.hint(
                        "`oneseat verify` says where; `oneseat restore FILE` goes back to a backup",
                    ))
                }
                ErrorCode::Unknown
                | ErrorCode::TooBig
                | ErrorCode::TypeMismatch
                | ErrorCode::OutOfMemory
                | ErrorCode::ReadOnly
                | ErrorCode::AuthorizationForStatementDenied => {
                    let message = message.clone().unwrap_or_else(|| failure.to_string());
                    // Where something is missing, SQLite names no place: it is the end.
                    let at = (message == "incomplete input").then_some(statement.sql.len());
                    QueryFailure::Statement { message, at }
                }
                _ => QueryFailure::Other(error.into()),
            },
            _ => QueryFailure::Other(error.into()),
        }
    }
}

/// What the authorizer refused last.
#[derive(Clone, Default)]
struct Refused(Arc<Mutex<Option<String>>>);

impl Refused {
    fn set(&self, action: String) {
        if let Ok(mut refused) = self.0.lock() {
            *refused = Some(action);
        }
    }

    fn take(&self) -> Option<String> {
        self.0.lock().ok()?.take()
    }
}

impl Store {
    /// Makes a table that this program fills, still empty, with these columns and their types.
    ///
    /// # Errors
    /// If there is no room for it.
    pub fn prepare_table(&self, table: &str, columns: &[(&str, &str)]) -> crate::error::Result<()> {
        let columns: Vec<String> =
            columns.iter().map(|(name, kind)| format!("\"{name}\" {kind}")).collect();
        let sql = format!("CREATE TEMP TABLE {table} ({})", columns.join(", "));
        Ok(self.connection.execute_batch(&sql)?)
    }

    /// Calls what hides behind the tables that it is stored in by its public name. While it is so,
    /// nothing of this program's own may be read.
    fn show_hidden(&self) -> crate::error::Result<()> {
        for (name, view) in HIDDEN {
            let sql = format!("CREATE TEMP VIEW {name} AS SELECT * FROM {view}");
            self.connection.execute_batch(&sql)?;
        }
        Ok(())
    }

    /// The names are those of the tables again.
    fn hide(&self) -> crate::error::Result<()> {
        for (name, _) in HIDDEN {
            self.connection.execute_batch(&format!("DROP VIEW temp.{name}"))?;
        }
        Ok(())
    }

    /// Makes the public views as of an instant, with what is known.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn prepare_views(&self, as_of: Instant, known: Knowledge) -> crate::error::Result<()> {
        self.connection.execute_batch(
            "CREATE TEMP TABLE _asked (as_of INTEGER, snapshots_before INTEGER, \
             voidings_before INTEGER, declarations_before INTEGER, links_before INTEGER, \
             lines_before INTEGER)",
        )?;
        let Knowledge { lines, snapshots, voidings, declarations, links } = known;
        self.connection.execute(
            "INSERT INTO temp._asked VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            (as_of.unix(), snapshots, voidings, declarations, links, lines),
        )?;
        for (name, statement) in migrate::views() {
            if name != "_asked" {
                let temporary = statement.replacen(migrate::CREATE_VIEW, "CREATE TEMP VIEW ", 1);
                // A temporary view may have the name of the table that is meant.
                let temporary = HIDDEN.iter().fold(temporary, |statement, (name, _)| {
                    statement.replace(&format!("FROM {name})"), &format!("FROM main.{name})"))
                });
                self.connection.execute_batch(&temporary)?;
            }
        }
        Ok(())
    }

    /// Fills one of these tables.
    ///
    /// # Errors
    /// If there is no room for it.
    pub fn fill_table(
        &self,
        table: &str,
        rows: impl IntoIterator<Item = Vec<Cell>>,
    ) -> crate::error::Result<()> {
        let mut rows = rows.into_iter().peekable();
        let Some(width) = rows.peek().map(Vec::len) else { return Ok(()) };
        let sql = format!("INSERT INTO temp.{table} VALUES ({})", vec!["?"; width].join(", "));
        let mut insert = self.connection.prepare_cached(&sql)?;
        for row in rows {
            insert.execute(rusqlite::params_from_iter(row.into_iter().map(to_sql)))?;
        }
        Ok(())
    }

    /// The tables that a statement names, directly or through a view.
    ///
    /// # Errors
    /// If the statement is wrong, or does more than read.
    pub fn tables_named(
        &mut self,
        statement: &Statement,
    ) -> Result<BTreeSet<String>, QueryFailure> {
        self.show_hidden()?;
        let named = self.read_by(statement);
        self.hide()?;
        named
    }

    fn read_by(&mut self, statement: &Statement) -> Result<BTreeSet<String>, QueryFailure> {
        let named = Arc::new(Mutex::new(BTreeSet::new()));
        let (refused, seen) = (Refused::default(), Arc::clone(&named));
        let denied = refused.clone();
        let authorizer = move |context: AuthContext<'_>| {
            if let (AuthAction::Read { table_name, .. }, Ok(mut seen)) =
                (&context.action, seen.lock())
            {
                seen.insert((*table_name).to_owned());
            }
            allowed(&context, &denied)
        };
        self.connection.authorizer(Some(authorizer)).map_err(Error::from)?;
        let prepared = prepare(&self.connection, statement, &refused).map(drop);
        guard::without_statistics(&mut self.connection).map_err(Error::from)?;
        prepared?;
        let mut named = named.lock().map(|named| named.clone()).unwrap_or_default();
        // Of a table of which nothing is read but the columns of a JOIN … USING, SQLite tells
        // nothing: every word of the statement may be a table, too.
        let words = statement.sql.split(|it: char| !(it.is_alphanumeric() || it == '_'));
        named.extend(words.map(str::to_lowercase));
        Ok(named)
    }

    /// Answers the statement, row by row.
    ///
    /// # Errors
    /// If the statement is wrong, does more than read, or takes too long; whatever `rows` says.
    pub fn answer(
        &mut self,
        statement: &Statement,
        rows: &mut dyn RowSink,
    ) -> Result<(), QueryFailure> {
        self.show_hidden()?;
        self.connection.pragma_update(None, "query_only", true).map_err(Error::from)?;
        let longest = self.connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, LONGEST);
        longest.map_err(Error::from)?;
        let refused = Refused::default();
        let denied = refused.clone();
        let authorizer = move |context: AuthContext<'_>| allowed(&context, &denied);
        self.connection.authorizer(Some(authorizer)).map_err(Error::from)?;
        let end = statement.time.and_then(|time| Moment::now().checked_add(time));
        let too_long = move || end.is_some_and(|end| Moment::now() > end);
        self.connection.progress_handler(STEPS, Some(too_long)).map_err(Error::from)?;

        let wrong = |error| QueryFailure::of(error, statement, &refused);
        let mut prepared = prepare(&self.connection, statement, &refused)?;
        bind(&mut prepared, statement)?;
        let names: Vec<String> = prepared.column_names().map(str::to_owned).collect();
        let width = names.len();
        let mut found = prepared.raw_query();
        // The first row is looked for before anything is printed: most of what goes wrong does then.
        let mut next = found.next().map_err(wrong)?;
        rows.columns(&names)?;
        while let Some(row) = next {
            let cells: rusqlite::Result<Vec<Cell>> =
                (0..width).map(|column| row.get_ref(column).map(cell)).collect();
            rows.row(cells.map_err(wrong)?)?;
            next = found.next().map_err(wrong)?;
        }
        Ok(())
    }
}

/// Do the views of this program name tables and columns that are there? If not, it is not the
/// user's statement that is wrong.
fn has_sound_views(connection: &Connection) -> bool {
    migrate::views().all(|(name, _)| connection.prepare(&format!("SELECT * FROM {name}")).is_ok())
}

fn damaged_schema() -> Error {
    Error::database("the database is damaged: its tables are not those of this program")
        .hint("`oneseat verify` says more; `oneseat restore FILE` goes back to a backup")
}

/// Prepares a statement that only reads.
fn prepare<'c>(
    connection: &'c Connection,
    statement: &Statement,
    refused: &Refused,
) -> Result<rusqlite::Statement<'c>, QueryFailure> {
    let prepared = connection.prepare(&statement.sql);
    let prepared = prepared.map_err(|error| match QueryFailure::of(error, statement, refused) {
        QueryFailure::Statement { .. } if !has_sound_views(connection) => {
            QueryFailure::Other(damaged_schema())
        }
        wrong => wrong,
    })?;
    if prepared.column_count() == 0 {
        return Err(QueryFailure::statement("there is no statement that gives rows"));
    }
    if !prepared.readonly() {
        return Err(QueryFailure::statement("this writes: a question only reads"));
    }
    Ok(prepared)
}

/// Gives every parameter its value. A value that is a whole number, digit for digit, is one to
/// SQLite too; a column of texts compares it as text all the same.
fn bind(prepared: &mut rusqlite::Statement<'_>, statement: &Statement) -> Result<(), QueryFailure> {
    let mut used = BTreeSet::new();
    for index in 1..=prepared.parameter_count() {
        let name = prepared.parameter_name(index).map(str::to_owned);
        let Some(name) = name.filter(|name| !name.starts_with('?')) else {
            return Err(QueryFailure::statement(
                "parameters have names here: :name, with --param name=value",
            ));
        };
        let bare = &name[1..];
        let value = statement.parameters.iter().rev().find(|(given, _)| given == bare);
        let Some((_, value)) = value else {
            return Err(QueryFailure::statement(format!(
                "{name} has no value: say --param {bare}=VALUE"
            )));
        };
        let number = value.parse::<i64>().ok().filter(|number| number.to_string() == *value);
        let bound = match number {
            Some(number) => prepared.raw_bind_parameter(index, number),
            None => prepared.raw_bind_parameter(index, value),
        };
        bound.map_err(Error::from)?;
        used.insert(bare.to_owned());
    }
    match statement.parameters.iter().find(|(name, _)| !used.contains(name)) {
        Some((name, _)) => {
            Err(QueryFailure::statement(format!("the statement has no parameter :{name}")))
        }
        None => Ok(()),
    }
}

/// May a statement of the user's do this?
fn allowed(context: &AuthContext<'_>, refused: &Refused) -> Authorization {
    let action = match context.action {
        AuthAction::Select | AuthAction::Read { .. } | AuthAction::Recursive => {
            return Authorization::Allow;
        }
        AuthAction::Function { function_name } if !loads(function_name) => {
            return Authorization::Allow;
        }
        AuthAction::Pragma { pragma_name, .. } if HARMLESS_PRAGMAS.contains(&pragma_name) => {
            return Authorization::Allow;
        }
        AuthAction::Function { function_name } => format!("{function_name} is not allowed"),
        AuthAction::Pragma { pragma_name, .. } => format!("PRAGMA {pragma_name} is not allowed"),
        // Creating and dropping begin with a row of the schema's own table.
        AuthAction::Insert { table_name } if !is_schema(table_name) => {
            "INSERT is not allowed".to_owned()
        }
        AuthAction::Update { table_name, .. } if !is_schema(table_name) => {
            "UPDATE is not allowed".to_owned()
        }
        AuthAction::Delete { table_name } if !is_schema(table_name) => {
            "DELETE is not allowed".to_owned()
        }
        AuthAction::Attach { .. } => "ATTACH is not allowed".to_owned(),
        AuthAction::Detach { .. } => "DETACH is not allowed".to_owned(),
        AuthAction::Transaction { .. } | AuthAction::Savepoint { .. } => {
            "transactions are not allowed".to_owned()
        }
        // Creating, dropping, altering, analysing, reindexing.
        _ => "changing the schema is not allowed".to_owned(),
    };
    refused.set(action);
    Authorization::Deny
}

/// Is a table one that SQLite keeps the schema in?
fn is_schema(table: &str) -> bool {
    matches!(table, "sqlite_master" | "sqlite_schema" | "sqlite_temp_master" | "sqlite_temp_schema")
}

/// Does a function bring other code or files in?
fn loads(function: &str) -> bool {
    matches!(
        function.to_ascii_lowercase().as_str(),
        "load_extension" | "readfile" | "writefile" | "edit" | "fts3_tokenizer"
    )
}

fn cell(value: ValueRef<'_>) -> Cell {
    match value {
        ValueRef::Null => Cell::Absent,
        ValueRef::Integer(number) => Cell::Integer(number),
        ValueRef::Real(number) => Cell::Real(number),
        ValueRef::Text(text) => Cell::Text(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(bytes) => Cell::Text(super::hex(bytes)),
    }
}

fn to_sql(cell: Cell) -> ToSqlOutput<'static> {
    match cell {
        Cell::Absent => ToSqlOutput::from(Null),
        Cell::Text(text) => ToSqlOutput::from(text),
        Cell::Integer(number) => ToSqlOutput::from(number),
        Cell::Real(number) => ToSqlOutput::from(number),
        Cell::Decimal(number) => ToSqlOutput::from(number.to_string()),
        Cell::Instant(at) => ToSqlOutput::from(at.to_string()),
        Cell::Truth(truth) => ToSqlOutput::Owned(Value::Integer(i64::from(truth))),
    }
}
