//! Defines [`ImageColumns`], the columns of the states, accounts and address keys that make up an image.

use rusqlite::Connection;

use super::form::ImageForm;
use super::states::StateTable;
use super::sums::LocalColumns;
use super::text_column::TextColumn;
use super::texts::AccountColumns;
use crate::error::Result;

/// The columns of the states, accounts and address keys that make up an image.
#[derive(Debug, Clone, Default)]
pub(in crate::store) struct ImageColumns {
    pub states: StateTable,
    pub accounts: AccountColumns,
    /// The hashes of address keys, in the order of the numbers of the keys. The first key has the number 1.
    pub key_hashes: Vec<u32>,
    pub key_texts: TextColumn,
    /// The columns by which addresses with similar local parts are found.
    pub key_locals: LocalColumns,
}

impl ImageColumns {
    /// Sets the columns of all address keys. `hashes` and `texts` are the hashes and the texts of the keys, in
    /// the same order.
    pub(super) fn set_keys(&mut self, form: &ImageForm, hashes: Vec<u32>, texts: TextColumn) {
        self.key_locals = LocalColumns::of(form, &texts);
        (self.key_hashes, self.key_texts) = (hashes, texts);
    }

    /// Whether the columns hold all states in the database, and every account and key that these states name.
    pub(super) fn is_whole(&self, connection: &Connection) -> Result<bool> {
        if !is_of_all(connection, &self.states)? {
            return Ok(false);
        }
        Ok(self.accounts.have(&self.states.accounts)
            && self.states.greatest_key() as usize <= self.key_hashes.len())
    }
}

/// Whether the last state in `states` is the newest state in the database, so that none is missing.
pub(super) fn is_of_all(connection: &Connection, states: &StateTable) -> Result<bool> {
    let sql = "SELECT coalesce(max(state_id), 0) FROM states";
    let newest: i64 = connection.query_row(sql, [], |row| row.get(0))?;
    Ok(i64::from(states.numbers.last().unwrap_or_default()) == newest)
}
