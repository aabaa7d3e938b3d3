//! Describes a row of a table in one place: the columns in their order, the type of each column, and how the
//! row's line of the journal states each column. The code that inserts a row, reads it, writes its line of the
//! journal and verifies it follows from the description. A new column takes one line in the description, and a
//! migration.
//!
//! A row is read by the names of its columns. The names are looked up once for each statement.
//! [`column_places`] does the same for rows that are too many to become structs. This file knows no table: each
//! table is described beside the code that writes it. This file must not become a general builder of queries.

use std::marker::PhantomData;

use rusqlite::types::{FromSql, ToSql};
use rusqlite::{Connection, Params, Row, Statement};
use serde::Serialize;
use serde_json::{Value, json};

use super::sql::hex;
use crate::error::Result;
use crate::model::Instant;

/// A row of a table, without the number that identifies it.
pub(super) trait StoredRow: Sized {
    /// The name of the table that contains such rows.
    const TABLE: &'static str;

    /// The columns of the table, in their order. The first column is the number that identifies the row.
    const COLUMNS: &'static [&'static str];

    /// Reads all columns of the row except the number that identifies it.
    fn read(cells: &mut RowCells<'_, '_>) -> rusqlite::Result<Self>;

    /// The values of all columns except the number that identifies the row.
    fn values(&self) -> Vec<&dyn ToSql>;

    /// The key and the value with which the row's line of the journal states each column.
    fn journaled(&self) -> Vec<(&'static str, Journaled)>;

    /// Inserts the row and returns its number. If `number` is `None`, the row gets the next free number.
    ///
    /// # Errors
    /// If the database cannot be written.
    fn insert(&self, connection: &Connection, number: Option<i64>) -> Result<i64> {
        put("INSERT", self, connection, number)?;
        Ok(connection.last_insert_rowid())
    }

    /// Inserts the row. Replaces any existing row with the same number or the same unique values.
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

/// How the journal line of a row states one column: with its value or only with a hash of it.
pub(super) enum Journaled {
    /// The line of the journal contains the value of the column.
    Said(Value),
    /// The line of the journal contains only a commitment (salted hash) to the value of the column.
    Committed(Value),
}

/// The line of the journal contains the value as it is.
pub(super) fn said(value: &impl Serialize) -> Journaled {
    Journaled::Said(json!(value))
}

/// The line of the journal contains the bytes in hexadecimal digits.
pub(super) fn hex_digits(bytes: &[u8]) -> Journaled {
    Journaled::Said(json!(hex(bytes)))
}

/// The line of the journal contains the instant as text; the column holds it in seconds. A number that is not a
/// valid instant stays a number.
pub(super) fn instant(seconds: &(impl Into<Option<i64>> + Copy)) -> Journaled {
    let stated = |seconds| Instant::from_unix(seconds).map_or(json!(seconds), |it| json!(it));
    Journaled::Said(json!((*seconds).into().map(stated)))
}

/// The line of the journal contains only a commitment to the value, because the value may have to be deleted
/// with the data of a person.
pub(super) fn committed(value: &impl Serialize) -> Journaled {
    Journaled::Committed(json!(value))
}

/// The positions of the columns of a described row within the result of a statement.
pub(super) struct RowColumns<T> {
    places: Vec<usize>,
    row: PhantomData<T>,
}

impl<T: StoredRow> RowColumns<T> {
    /// Finds the positions of the row's columns by their names.
    ///
    /// # Errors
    /// If the statement does not select all of them.
    pub(super) fn of(statement: &Statement<'_>) -> Result<RowColumns<T>> {
        let places = T::COLUMNS.iter().map(|column| statement.column_index(column));
        Ok(RowColumns { places: places.collect::<rusqlite::Result<_>>()?, row: PhantomData })
    }

    /// Reads the next row of a statement's result, with the number that identifies it.
    ///
    /// # Errors
    /// If a value is not of the column's type.
    pub(super) fn read(&self, row: &Row<'_>) -> Result<(i64, T)> {
        let mut cells = RowCells { row, places: self.places.iter() };
        Ok((cells.next()?, T::read(&mut cells)?))
    }
}

/// The cells of a row, in the order in which the columns are described.
pub(super) struct RowCells<'r, 's> {
    row: &'r Row<'s>,
    places: std::slice::Iter<'r, usize>,
}

impl RowCells<'_, '_> {
    /// Reads the next cell of the row.
    ///
    /// # Errors
    /// If the cell does not have the requested type.
    pub(super) fn next<T: FromSql>(&mut self) -> rusqlite::Result<T> {
        self.row.get(self.places.next().copied().unwrap_or(usize::MAX))
    }
}

/// The rows of a table, with the numbers that identify them. `rest` is the SQL text that follows the name of
/// the table, for example a WHERE clause.
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

/// Describes a table: the name of the struct for its rows, the table, the column of the number that identifies
/// a row, and all other columns in their order. After `=>` stands how the row's line of the journal states the
/// column. After `as` stands the column's key in that line, if the key is not the name of the column. The line
/// does not state a column without `=>`. `tests/it/verify.rs` fails if a column is missing from a description,
/// or if a column can be changed without a finding of `verify`.
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

/// Names the columns that a statement selects, for rows that have no struct of their own. The positions of the
/// columns are looked up once for each statement.
macro_rules! column_places {
    ($(#[$about:meta])* $name:ident { $($column:ident),* $(,)? }) => {
        $(#[$about])*
        struct $name {
            $($column: usize,)*
        }

        impl $name {
            /// Finds the positions of the columns by their names.
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
