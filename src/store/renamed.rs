//! Reading what tells that a Cloud account goes on under another login: who has had a NameID, and
//! when.

use super::{Place, Store};
use crate::error::Result;

/// A span in which a Cloud account is there that has had a NameID at some time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameIdHolder {
    /// The number of its source.
    pub source_id: i64,
    /// Its identity there.
    pub identity: String,
    /// The first place of the span.
    pub from: Place,
    /// The first place after.
    pub to: Place,
    /// Does it have the NameID in this span?
    pub has_it: bool,
}

impl Store {
    /// The Cloud accounts that have ever had a NameID, by the number of its key.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn name_id_holders(&self, key: u32) -> Result<Vec<NameIdHolder>> {
        let sql = include_str!("../../schema/queries/name_id_holders.sql");
        let mut statement = self.connection.prepare_cached(sql)?;
        let holders = statement.query_map([key], |row| {
            Ok(NameIdHolder {
                source_id: row.get(0)?,
                identity: row.get(1)?,
                from: Place::from_number(row.get(2)?),
                to: Place::from_number(row.get(3)?),
                has_it: row.get(4)?,
            })
        })?;
        Ok(holders.collect::<rusqlite::Result<_>>()?)
    }

    /// The numbers of the NameIDs that a Cloud account has ever had.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn name_ids_of(&self, source_id: i64, identity: &str) -> Result<Vec<u32>> {
        let sql = "SELECT DISTINCT key_id FROM stored_accounts JOIN states USING (account_id) \
                   JOIN addresses USING (state_id) \
                   WHERE source_id = ?1 AND identity = ?2 AND row = 1 AND kind = 3";
        let mut statement = self.connection.prepare_cached(sql)?;
        let keys = statement.query_map((source_id, identity), |row| row.get(0))?;
        Ok(keys.collect::<rusqlite::Result<_>>()?)
    }
}
