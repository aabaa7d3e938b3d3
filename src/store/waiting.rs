//! Rows with a unique text that wait to be written in the order of their texts: the index of a
//! large table is then gone through from one end to the other, instead of being looked into
//! anywhere for every row.

use std::ops::Range;

use rusqlite::Connection;

use super::bulk;
use crate::error::Result;

/// So many rows wait at most, and so many bytes of their texts.
const ROWS: usize = 128 * 1024;
const BYTES: usize = 8 * 1024 * 1024;

/// Rows of a table that wait.
#[derive(Default)]
pub struct Waiting {
    texts: String,
    rows: Vec<Row>,
}

struct Row {
    /// The beginning of the text, by which most are told apart.
    beginning: u128,
    text: Range<usize>,
    number: u32,
    source: i64,
}

impl Waiting {
    /// Adds a row.
    pub fn push(&mut self, number: u32, source: i64, text: &str) {
        let from = self.texts.len();
        self.texts.push_str(text);
        let mut beginning = [0; 16];
        let length = text.len().min(beginning.len());
        beginning[..length].copy_from_slice(&text.as_bytes()[..length]);
        let beginning = u128::from_be_bytes(beginning);
        self.rows.push(Row { beginning, text: from..self.texts.len(), number, source });
    }

    /// Is it time to write them?
    pub fn is_full(&self) -> bool {
        self.rows.len() >= ROWS || self.texts.len() >= BYTES
    }

    /// Writes the rows as accounts of their sources.
    pub fn write_accounts(&mut self, connection: &Connection) -> Result<()> {
        let into = "INSERT INTO stored_accounts (account_id, source_id, identity)";
        self.write(|rows, texts| {
            bulk::insert_one_by_one(connection, into, 3, rows, |values, row| {
                values.add(row.number)?;
                values.add(row.source)?;
                values.add(&texts[row.text.clone()])
            })
        })
    }

    /// Writes the rows as keys of addresses.
    pub fn write_keys(&mut self, connection: &Connection) -> Result<()> {
        let into = "INSERT INTO keys (key_id, key)";
        self.write(|rows, texts| {
            bulk::insert_one_by_one(connection, into, 2, rows, |values, row| {
                values.add(row.number)?;
                values.add(&texts[row.text.clone()])
            })
        })
    }

    fn write(&mut self, insert: impl Fn(&[Row], &str) -> rusqlite::Result<()>) -> Result<()> {
        let texts = std::mem::take(&mut self.texts);
        let order = |row: &Row| (row.source, row.beginning);
        self.rows.sort_unstable_by(|a, b| {
            order(a).cmp(&order(b)).then_with(|| texts[a.text.clone()].cmp(&texts[b.text.clone()]))
        });
        insert(&self.rows, &texts)?;
        self.rows.clear();
        Ok(())
    }
}
