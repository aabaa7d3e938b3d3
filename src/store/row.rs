//! A row of a table, described once: its columns in their order, the type of each, and how the row's line of
//! the journal states it. Inserting, reading, the journal's line and `verify` follow from the description. A new
//! column is one line of it, beside the migration.
//!
//! A row is read by the names of its columns, which are looked up once for each statement ([`column_places`] does
//! the same for rows that are too many to become structs). This file knows no table: each is described beside
//! the code that writes it. It must not become a builder of queries.

use std::marker::PhantomData;

use rusqlite::types::{FromSql, ToSql};
use rusqlite::{Connection, Params, Row, Statement};
use serde::Serialize;
use serde_json::{Value, json};

use super::sql::hex;
use crate::error::Result;
use crate::model::Instant;

/// A row of a table, without its number.
pub(super) trait StoredRow: Sized {
    /// The name of the table.
    const TABLE: &'static str;

    /// The columns of the table, in their order. The first one is the number of the row.
    const COLUMNS: &'static [&'static str];

    /// Reads the columns after the number.
    fn read(cells: &mut RowCells<'_, '_>) -> rusqlite::Result<Self>;

    /// The values of the columns after the number.
    fn values(&self) -> Vec<&dyn ToSql>;

    /// How the row's line of the journal states its columns: the key of each, and its value.
    fn journaled(&self) -> Vec<(&'static str, Journaled)>;

    /// Inserts the row and returns its number. Without a number, the row gets the next one.
    ///
    /// # Errors
    /// If the database cannot be written.
    fn insert(&self, connection: &Connection, number: Option<i64>) -> Result<i64> {
        put("INSERT", self, connection, number)?;
        Ok(connection.last_insert_rowid())
    }

    /// Inserts the row in place of those that cannot be there beside it.
    ///
    /// # Errors
    /// If the database cannot be written.
    fn replace(&self, connection: &Connection, number: i64) -> Result<()> {
        put("INSERT OR REPLACE", self, connection, Some(number))
    }
}

fn put<T: StoredRow>(
    verb: &str,
    row: &T,
    connection: &Connection,
    number: Option<i64>,
) -> Result<()> {
    let (columns, marks) = (T::COLUMNS.join(", "), vec!["?"; T::COLUMNS.len()].join(", "));
    let sql = format!("{verb} INTO {} ({columns}) VALUES ({marks})", T::TABLE);
    let mut values: Vec<&dyn ToSql> = vec![&number];
    values.extend(row.values());
    connection.prepare_cached(&sql)?.execute(&values[..])?;
    Ok(())
}

/// How the journal's line states a column.
pub(super) enum Journaled {
    /// The line contains the value.
    Said(Value),
    /// The line contains a commitment to the value.
    Committed(Value),
}

/// The line contains the value as it is.
pub(super) fn said(value: &impl Serialize) -> Journaled {
    Journaled::Said(json!(value))
}

/// The line contains the bytes in hexadecimal digits.
pub(super) fn hex_digits(bytes: &[u8]) -> Journaled {
    Journaled::Said(json!(hex(bytes)))
}

/// The line contains the instant, which the column holds in seconds. A number that is no instant stays a number.
pub(super) fn instant(seconds: &(impl Into<Option<i64>> + Copy)) -> Journaled {
    let stated = |seconds| Instant::from_unix(seconds).map_or(json!(seconds), |it| json!(it));
    Journaled::Said(json!((*seconds).into().map(stated)))
}

/// The line contains only a commitment, because the value may have to be forgotten with a person.
pub(super) fn committed(value: &impl Serialize) -> Journaled {
    Journaled::Committed(json!(value))
}

/// The positions of a row's columns in what a statement selects.
pub(super) struct RowColumns<T> {
    places: Vec<usize>,
    row: PhantomData<T>,
}

impl<T: StoredRow> RowColumns<T> {
    /// Finds the columns by their names.
    ///
    /// # Errors
    /// If the statement does not select all of them.
    pub(super) fn of(statement: &Statement<'_>) -> Result<RowColumns<T>> {
        let places = T::COLUMNS.iter().map(|column| statement.column_index(column));
        Ok(RowColumns { places: places.collect::<rusqlite::Result<_>>()?, row: PhantomData })
    }

    /// Reads a row of the statement, with its number.
    ///
    /// # Errors
    /// If a value is not of the column's type.
    pub(super) fn read(&self, row: &Row<'_>) -> Result<(i64, T)> {
        let mut cells = RowCells { row, places: self.places.iter() };
        Ok((cells.next()?, T::read(&mut cells)?))
    }
}

/// The cells of a row, in the order of the described columns.
pub(super) struct RowCells<'r, 's> {
    row: &'r Row<'s>,
    places: std::slice::Iter<'r, usize>,
}

impl RowCells<'_, '_> {
    /// Reads the next column.
    ///
    /// # Errors
    /// If the value is not of this type.
    pub(super) fn next<T: FromSql>(&mut self) -> rusqlite::Result<T> {
        self.row.get(self.places.next().copied().unwrap_or(usize::MAX))
    }
}

/// The rows of a table with their numbers. `rest` follows the name of the table in the statement.
///
/// # Errors
/// If the database cannot be read.
pub(super) fn rows<T: StoredRow>(
    connection: &Connection,
    rest: &str,
    parameters: impl Params,
) -> Result<Vec<(i64, T)>> {
    let mut statement = connection.prepare(&format!("SELECT * FROM {} {rest}", T::TABLE))?;
    let columns = RowColumns::of(&statement)?;
    let mut rows = statement.query(parameters)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(columns.read(row)?);
    }
    Ok(found)
}

/// Describes a table: the name of the struct for its rows, the table, the column of the row's number, and all
/// other columns in their order. Beside a column stands how the journal's line states it, with the key in the
/// line if that is not the column's name. Without this, the line does not state the column. `tests/it/verify.rs`
/// fails for a column that is missing here, and for one that can be changed without a finding.
macro_rules! stored_row {
    (@key $column:ident) => {
        stringify!($column)
    };
    (@key $column:ident $key:literal) => {
        $key
    };
    (
        $(#[$about:meta])*
        $name:ident, $table:literal, $number:ident {
            $($column:ident: $type:ty $(=> $how:ident $(as $key:literal)?)?,)*
        }
    ) => {
        $(#[$about])*
        #[derive(Debug, Clone)]
        pub(in crate::store) struct $name {
            $(pub(in crate::store) $column: $type,)*
        }

        impl $crate::store::row::StoredRow for $name {
            const TABLE: &'static str = $table;
            const COLUMNS: &'static [&'static str] =
                &[stringify!($number), $(stringify!($column)),*];

            fn read(cells: &mut $crate::store::row::RowCells<'_, '_>) -> rusqlite::Result<Self> {
                Ok($name { $($column: cells.next()?),* })
            }

            fn values(&self) -> Vec<&dyn rusqlite::types::ToSql> {
                vec![$(&self.$column as &dyn rusqlite::types::ToSql),*]
            }

            fn journaled(&self) -> Vec<(&'static str, $crate::store::row::Journaled)> {
                vec![$($((
                    $crate::store::row::stored_row!(@key $column $($key)?),
                    $how(&self.$column),
                ),)?)*]
            }
        }
    };
}

pub(in crate::store) use stored_row;

/// Names the columns that a statement selects, for a row of which no struct of its own is made: the positions
/// are looked up once for each statement.
macro_rules! column_places {
    ($(#[$about:meta])* $name:ident { $($column:ident),* $(,)? }) => {
        $(#[$about])*
        struct $name {
            $($column: usize,)*
        }

        impl $name {
            /// Finds the columns by their names.
            ///
            /// # Errors
            /// If the statement does not select all of them.
            fn of(statement: &rusqlite::Statement<'_>) -> rusqlite::Result<$name> {
                Ok($name { $($column: statement.column_index(stringify!($column))?),* })
            }
        }
    };
}

pub(in crate::store) use column_places;
