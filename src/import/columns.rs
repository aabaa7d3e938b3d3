//! The columns of a table in the order of their names, so that no row has to be put in order.

use std::borrow::Cow;

use crate::model::{Field, Record, Value};

/// Names of columns in their order, each with its place in a row.
pub struct Header(Vec<(String, usize)>);

impl Header {
    /// The columns of a header in which no name stands twice.
    pub fn of(header: &[String]) -> Header {
        let mut columns: Vec<_> = header.iter().cloned().zip(0..).collect();
        columns.sort_unstable();
        Header(columns)
    }

    /// The record of a row that has a cell for each of them.
    pub fn record<'r>(&'r self, row: &'r csv::StringRecord) -> Record<'r> {
        let field = |(name, place): &'r (String, usize)| Field {
            name: Cow::Borrowed(name.as_str()),
            value: Value::Text(Cow::Borrowed(row.get(*place).unwrap_or_default())),
        };
        Record::in_order(self.0.iter().map(field).collect())
    }
}
