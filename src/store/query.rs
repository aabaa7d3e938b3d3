//! Runs one SQL statement of the user. The statement can only read: the connection cannot write, and an
//! authorizer allows nothing but reading. A statement that runs too long is stopped.
//!
//! The database file contains the public views. For a question about another instant, the views are created
//! again as temporary views. They are based on a temporary table `_asked`, which SQLite finds before the view
//! `_asked` in the file. Tables that only this program can compute, such as `seats`, are temporary tables.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant as Moment};

use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::limits::Limit;
use rusqlite::types::{Null, ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, ErrorCode};

use super::migrations;
use super::{Knowledge, Store, guard};
use crate::error::Error;
use crate::model::Instant;
use crate::table::{Cell, RowSink};

/// The number of steps that SQLite's virtual machine runs before this program reads the clock again.
const STEPS: i32 = 10_000;

/// The longest value that a statement may produce, in bytes. Without this limit, a view that somebody else
/// added could produce a value of a gigabyte.
const LONGEST: i32 = 64 * 1024 * 1024;

/// The PRAGMA statements that are allowed, because they only list tables and columns.
const HARMLESS_PRAGMAS: [&str; 3] = ["table_info", "table_xinfo", "table_list"];

/// Names of public views that stored tables have already taken. Each comes with the name under which the file has
/// that view, for people who read the file without this program.
const HIDDEN: [(&str, &str); 2] = [("journal", "journal_lines"), ("links", "declared_links")];

/// SQLite's message for a text that is not valid JSON.
const MALFORMED: &str = "malformed JSON";

fn speaks_of_json(statement: &Statement) -> bool {
    statement.sql.to_ascii_lowercase().contains("json") || statement.sql.contains("->")
}

/// An SQL statement of the user.
#[derive(Debug, Clone)]
pub struct Statement {
    /// The SQL text of the statement.
    pub sql: String,
    /// The values of the statement's parameters, by name without the leading `:`, `@` or `$`.
    pub parameters: Vec<(String, String)>,
    /// How long the statement may run; `None` if there is no limit.
    pub time: Option<Duration>,
}

/// The reason why a statement has no answer.
#[derive(Debug)]
pub enum QueryFailure {
    /// The statement is wrong, was refused, or was stopped.
    Statement {
        /// The message for the user, written by SQLite or by this program.
        message: String,
        /// The position of the error in the statement, in bytes; `None` if it is not known.
        at: Option<usize>,
    },
    /// An error for which the statement is not to blame, such as a damaged database.
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

    /// The failure for an error that SQLite reported when it prepared or ran this statement.
    fn of(error: rusqlite::Error, statement: &Statement, refused: &Refused) -> QueryFailure {
        if let Some(action) = refused.take() {
            return QueryFailure::statement(format!("{action}: a question only reads"));
        }
        match &error {
            rusqlite::Error::MultipleStatement => {
                QueryFailure::statement("there are several statements: run one at a time")
            }
            rusqlite::Error::SqlInputError { msg, sql, offset, .. } => {
                // SQLite's error may contain only the last part of the statement, so the position is adjusted.
                let before = statement.sql.len().saturating_sub(sql.len());
                let at = usize::try_from(*offset).ok().map(|offset| before + offset);
                QueryFailure::Statement { message: msg.clone(), at }
            }
            rusqlite::Error::SqliteFailure(failure, message) => match failure.code {
                ErrorCode::OperationInterrupted => {
                    let seconds = statement.time.unwrap_or_default().as_secs_f64();
                    QueryFailure::statement(format!("the statement was stopped after {seconds} s"))
                }
                // A statement without JSON functions finds malformed JSON only in a stored value, through a
                // view. Then the database is damaged, and the statement is not wrong.
                ErrorCode::Unknown
                    if message.as_deref() == Some(MALFORMED) && !speaks_of_json(statement) =>
                {
                    let damaged = Error::database("the database is damaged").caused_by(error);
                    QueryFailure::Other(damaged.hint(
                        "`oneseat verify` lists the damage; `oneseat restore FILE` goes back to a \
                         backup",
                    ))
                }
                ErrorCode::Unknown
                | ErrorCode::TooBig
                | ErrorCode::TypeMismatch
                | ErrorCode::OutOfMemory
                | ErrorCode::ReadOnly
                | ErrorCode::AuthorizationForStatementDenied => {
                    let message = message.clone().unwrap_or_else(|| failure.to_string());
                    // For an incomplete statement SQLite gives no position. The error is at the end of the
                    // statement.
                    let at = (message == "incomplete input").then_some(statement.sql.len());
                    QueryFailure::Statement { message, at }
                }
                _ => QueryFailure::Other(error.into()),
            },
            _ => QueryFailure::Other(error.into()),
        }
    }
}

/// The last action that the authorizer refused to the statement, as text for the user.
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
    /// Creates an empty temporary table with these columns and types. [`Store::fill_table`] fills it.
    ///
    /// # Errors
    /// If there is not enough memory or disk space for the temporary table.
    pub fn prepare_table(&self, table: &str, columns: &[(&str, &str)]) -> crate::error::Result<()> {
        let columns: Vec<String> =
            columns.iter().map(|(name, kind)| format!("\"{name}\" {kind}")).collect();
        let sql = format!("CREATE TEMP TABLE {table} ({})", columns.join(", "));
        Ok(self.connection.execute_batch(&sql)?)
    }

    /// Gives the views in `HIDDEN` their public names. Until `hide` is called, this program must not read the
    /// stored tables that have the same names.
    fn show_hidden(&self) -> crate::error::Result<()> {
        for (name, view) in HIDDEN {
            let sql = format!("CREATE TEMP VIEW {name} AS SELECT * FROM {view}");
            self.connection.execute_batch(&sql)?;
        }
        Ok(())
    }

    /// Drops the views that `show_hidden` created, so that their names stand for the stored tables again.
    fn hide(&self) -> crate::error::Result<()> {
        for (name, _) in HIDDEN {
            self.connection.execute_batch(&format!("DROP VIEW temp.{name}"))?;
        }
        Ok(())
    }

    /// Creates the public views for an instant, over the data that were known, by the limits in `known`.
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
        for (name, statement) in migrations::views() {
            if name != "_asked" {
                let temporary = statement.replacen(migrations::CREATE_VIEW, "CREATE TEMP VIEW ", 1);
                // The view reads a stored table that a temporary view may hide by having the same name. So the
                // statement names the table in `main`.
                let temporary = HIDDEN.iter().fold(temporary, |statement, (name, _)| {
                    statement.replace(&format!("FROM {name})"), &format!("FROM main.{name})"))
                });
                self.connection.execute_batch(&temporary)?;
            }
        }
        Ok(())
    }

    /// Inserts rows into a temporary table that [`Store::prepare_table`] created.
    ///
    /// # Errors
    /// If there is not enough memory or disk space for the temporary table.
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

    /// The names of the tables that a statement reads, directly or through a view.
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
        // If a statement reads only the columns of a `JOIN … USING` from a table, SQLite does not report the
        // table. So every word of the statement counts as a possible table.
        let words = statement.sql.split(|it: char| !(it.is_alphanumeric() || it == '_'));
        named.extend(words.map(str::to_lowercase));
        Ok(named)
    }

    /// Runs the statement and passes each row to `rows`.
    ///
    /// # Errors
    /// If the statement is wrong, does more than read or takes too long, or if `rows` fails.
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
        // The first row is fetched before anything is printed, because most errors occur when it is fetched.
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

/// Can SQLite read the public views? If not, the database is damaged, and the user's statement is not wrong.
fn has_sound_views(connection: &Connection) -> bool {
    migrations::views()
        .all(|(name, _)| connection.prepare(&format!("SELECT * FROM {name}")).is_ok())
}

fn damaged_schema() -> Error {
    Error::database("the database is damaged: its tables differ from those of this program")
        .hint("`oneseat verify` lists the damage; `oneseat restore FILE` goes back to a backup")
}

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
        return Err(QueryFailure::statement("there is no statement that returns rows"));
    }
    if !prepared.readonly() {
        return Err(QueryFailure::statement("the statement writes: a question only reads"));
    }
    Ok(prepared)
}

/// Binds a value to every parameter of the statement. A value that consists of a whole number only is bound as
/// a number. SQLite still compares such a number as text with a column of texts.
fn bind(prepared: &mut rusqlite::Statement<'_>, statement: &Statement) -> Result<(), QueryFailure> {
    let mut used = BTreeSet::new();
    for index in 1..=prepared.parameter_count() {
        let name = prepared.parameter_name(index).map(str::to_owned);
        let Some(name) = name.filter(|name| !name.starts_with('?')) else {
            return Err(QueryFailure::statement(
                "a parameter needs a name: write :name, and set it with --param name=value",
            ));
        };
        let bare = &name[1..];
        let value = statement.parameters.iter().rev().find(|(given, _)| given == bare);
        let Some((_, value)) = value else {
            return Err(QueryFailure::statement(format!(
                "the parameter {name} has no value: set it with --param {bare}=VALUE"
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

/// Decides whether a statement of the user may perform an action.
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
        // SQLite begins to create or drop an object by changing its schema table. Such a change gets the
        // message about the schema below, and not the message about INSERT, UPDATE or DELETE.
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
        // The remaining actions create, drop, alter, analyze or reindex something.
        _ => "changing the schema is not allowed".to_owned(),
    };
    refused.set(action);
    Authorization::Deny
}

/// Is this the name of one of SQLite's schema tables?
fn is_schema(table: &str) -> bool {
    matches!(table, "sqlite_master" | "sqlite_schema" | "sqlite_temp_master" | "sqlite_temp_schema")
}

/// Can this SQL function load code, or read or write files?
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
        ValueRef::Blob(bytes) => Cell::Text(super::sql::hex(bytes)),
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
