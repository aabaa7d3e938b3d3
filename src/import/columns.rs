//! The columns of a table, sorted by name. They are sorted once for the whole table, and not for every row.

use std::borrow::Cow;

use crate::model::{Field, Record, Value};

/// The names of a table's columns in sorted order, each with the index of its cell in a row.
pub struct Header(Vec<(String, usize)>);

impl Header {
    /// Sorts the columns of a header. No name may occur twice in the header.
    pub fn of(header: &[String]) -> Header {
        let mut columns: Vec<_> = header.iter().cloned().zip(0..).collect();
        columns.sort_unstable();
        Header(columns)
    }

    /// The record with the cells of a row as its fields. The row must have a cell for each column.
    pub fn record<'r>(&'r self, row: &'r csv::StringRecord) -> Record<'r> {
        let field = |(name, place): &'r (String, usize)| Field {
            name: Cow::Borrowed(name.as_str()),
            value: Value::Text(Cow::Borrowed(row.get(*place).unwrap_or_default())),
        };
        Record::in_order(self.0.iter().map(field).collect())
    }
}
