//! `oneseat query`: runs a user's SQL statement over the public tables (interface.md section 4). Most of
//! these tables are views in the database. The tables of seats, duplicates and the trend have no view, so the
//! program fills them, but only if the statement names them.

use std::path::Path;

use super::seat_history::fill_seat_history;
use super::seat_tables::fill_seats;
use super::tables::{PublicTable, TABLES};
use super::{By, TrendAsked, duplicates, trend};
use crate::error::{Error, Result, quoted};
use crate::ledger::{AsOf, Asked, Ledger};
use crate::model::Instant;
use crate::store::{QueryFailure, Statement, Store};
use crate::table::{Answer, Cell, RowSink, send_rows};

/// How similar a name must be to a name that does not exist to be suggested in its place: a Jaro-Winkler
/// similarity between 0 and 1.
const NEAR: f64 = 0.7;

/// Runs an SQL statement of the user and sends the resulting rows to `rows`, one by one. `place` is what error
/// messages call the statement: the name of its file, or `query`.
///
/// # Errors
/// [`crate::error::ErrorKind::Usage`] if the statement is invalid, is refused, or runs longer than its time
/// limit; [`crate::error::ErrorKind::Nothing`] if no snapshot is in force at the as-of instant; any error
/// that `rows` returns.
pub fn query(
    database: &Path,
    statement: &Statement,
    asked: &Asked,
    place: &str,
    rows: &mut dyn RowSink,
) -> Result<()> {
    let mut store = ready(database, statement, asked, place)?;
    store.answer(statement, rows).map_err(|wrong| told(wrong, statement, place))
}

/// The tables named in a statement whose rows are about all enterprises, although the user asked for one. They
/// are views in the database, and a view cannot tell which enterprise an instance belongs to.
///
/// # Errors
/// The errors of [`check_statement`].
pub fn not_narrowed(
    database: &Path,
    statement: &Statement,
    place: &str,
) -> Result<Vec<&'static str>> {
    let mut store = Store::open_to_read(database)?;
    prepare_filled(&store)?;
    let named = store.tables_named(statement).map_err(|wrong| told(wrong, statement, place))?;
    let whole = TABLES.iter().filter(|table| !table.filled && named.contains(table.name));
    Ok(whole.map(|table| table.name).collect())
}

/// Checks an SQL statement without running it.
///
/// # Errors
/// [`crate::error::ErrorKind::Usage`] if the statement is invalid, or does more than read.
pub fn check_statement(database: &Path, statement: &Statement, place: &str) -> Result<()> {
    let mut store = Store::open_to_read(database)?;
    prepare_filled(&store)?;
    store.tables_named(statement).map_err(|wrong| told(wrong, statement, place))?;
    Ok(())
}

/// Opens the database to read, and fills the tables that the statement names and that are not stored, such as
/// `seats`.
fn ready(database: &Path, statement: &Statement, asked: &Asked, place: &str) -> Result<Store> {
    let mut store = Store::open_to_read(database)?;
    prepare_filled(&store)?;
    let named = store.tables_named(statement).map_err(|wrong| told(wrong, statement, place))?;
    let wanted = |table: &PublicTable| table.filled && named.contains(table.name);
    let another_time = asked.as_of != AsOf::Latest || asked.known_on.is_some();
    if !another_time && !TABLES.iter().any(wanted) {
        return Ok(store);
    }
    let ledger = Ledger::open(&store, asked.known_on)?;
    if let Some(name) = &asked.enterprise {
        ledger.check_enterprise(name)?;
    }
    // A database without snapshots has no seats, so the tables stay empty and the query finds no rows.
    if another_time || !ledger.instants().is_empty() {
        let at = ledger.asked(asked)?;
        for table in TABLES.iter().filter(|table| wanted(table)) {
            fill(&store, &ledger, table, at, asked)?;
        }
        if another_time {
            store.prepare_views(at, ledger.known)?;
        }
    }
    drop(ledger);
    Ok(store)
}

/// Creates the tables that are filled only when a statement names them, still without rows. SQLite needs a
/// table to compile a statement that names it.
fn prepare_filled(store: &Store) -> Result<()> {
    for table in TABLES.iter().filter(|table| table.filled) {
        let columns: Vec<(&str, &str)> =
            table.columns.iter().map(|(name, kind, _)| (*name, *kind)).collect();
        store.prepare_table(table.name, &columns)?;
    }
    Ok(())
}

fn fill(
    store: &Store,
    ledger: &Ledger<'_>,
    table: &PublicTable,
    at: Instant,
    asked: &Asked,
) -> Result<()> {
    let rows = match table.name {
        "duplicates" => {
            let asked = Asked { as_of: AsOf::At(at), ..asked.clone() };
            columns_of(table, &duplicates(ledger, &asked, None)?)?
        }
        "trend" => {
            let asked = TrendAsked {
                to: Some(at),
                by: By::Snapshot,
                round: None,
                known_on: asked.known_on,
                enterprise: asked.enterprise.clone(),
                from: None,
            };
            columns_of(table, &trend(ledger, &asked)?)?
        }
        "seat_history" => return fill_seat_history(ledger, at, asked.enterprise.as_deref()),
        name => return fill_seats(ledger, name, at, asked.enterprise.as_deref()),
    };
    store.fill_table(table.name, rows)
}

/// The rows of an answer with those cells only that are columns of `table`. The answer may have more columns
/// than the table.
fn columns_of<A: Answer>(table: &PublicTable, answer: &A) -> Result<Vec<Vec<Cell>>> {
    let mut reduced = Reduced { table, places: Vec::new(), rows: Vec::new() };
    send_rows(answer, &[], &mut reduced)?;
    Ok(reduced.rows)
}

/// Receives the rows of an answer and keeps the cells that belong to columns of a public table. The columns are
/// found by name.
struct Reduced<'t> {
    table: &'t PublicTable,
    /// For each column of the table, the index of its cell in a row of the answer.
    places: Vec<usize>,
    rows: Vec<Vec<Cell>>,
}

impl RowSink for Reduced<'_> {
    fn columns(&mut self, names: &[String]) -> Result<()> {
        let places = self.table.columns.iter().map(|(name, ..)| {
            let mut columns = names.iter();
            columns.position(|column| column.replace('.', "_") == *name).ok_or_else(|| {
                Error::database(format!(
                    "the answer has no column {name} for the table {}",
                    self.table.name
                ))
                .hint("report this: it is a bug in oneseat")
            })
        });
        self.places = places.collect::<Result<_>>()?;
        Ok(())
    }

    fn row(&mut self, cells: Vec<Cell>) -> Result<()> {
        self.rows.push(self.places.iter().map(|place| cells[*place].clone()).collect());
        Ok(())
    }
}

/// The error that an SQL statement is invalid, with the line of the mistake and a hint.
fn told(wrong: QueryFailure, statement: &Statement, place: &str) -> Error {
    let (message, at) = match wrong {
        QueryFailure::Other(error) => return error,
        QueryFailure::Statement { message, at } => (message, at),
    };
    let place = match at.and_then(|at| statement.sql.get(..at)) {
        Some(before) => {
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
            format!("{place}:{line}:{column}")
        }
        None => place.to_owned(),
    };
    let error = Error::usage(format!("{place}: {message}"));
    if message.starts_with("the statement was stopped") {
        return error.hint("--timeout 10m allows more time; --timeout 0 sets no limit");
    }
    match message.split_once("no such ") {
        Some((_, missing)) => error.hint(near_names(missing)),
        None => error.hint("`oneseat tables` lists the tables and columns"),
    }
}

/// The hint about a table or column that does not exist. If other tables have a column of this name, it names
/// those tables. Otherwise it suggests similar names.
fn near_names(missing: &str) -> String {
    let (what, name) = missing.split_once(": ").unwrap_or(("", missing));
    let name = name.rsplit('.').next().unwrap_or(name).to_lowercase();
    let tables = TABLES.iter().map(|table| table.name);
    let columns = TABLES.iter().flat_map(|table| table.columns.iter().map(|column| column.0));
    let has_it = |table: &&PublicTable| table.columns.iter().any(|column| column.0 == name);
    let elsewhere: Vec<&str> = TABLES.iter().filter(has_it).map(|table| table.name).collect();
    if what == "column" && !elsewhere.is_empty() {
        return format!(
            "tables that have a column {name}: {}; `oneseat tables` lists all tables and columns",
            elsewhere.join(", ")
        );
    }
    let names: Vec<&str> = if what == "table" { tables.collect() } else { columns.collect() };
    let mut near: Vec<(f64, &str)> = names
        .into_iter()
        .map(|known| (strsim::jaro_winkler(&name, known), known))
        .filter(|(likeness, known)| *likeness >= NEAR && *known != name)
        .collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    near.dedup_by_key(|(_, known)| *known);
    near.truncate(3);
    if near.is_empty() {
        return "`oneseat tables` lists tables and columns".to_owned();
    }
    let near: Vec<String> = near.into_iter().map(|(_, known)| quoted(known)).collect();
    format!("did you mean {}? `oneseat tables` lists tables and columns", near.join(" or "))
}
