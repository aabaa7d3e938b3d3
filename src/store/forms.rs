//! The forms of records: which fields they have. What a file does not have it does not say.

use super::read::SnapshotFacts;
use super::{Store, damaged};
use crate::error::Result;

impl Store {
    /// The fields of all forms of records that are stored, whatever their source.
    ///
    /// # Errors
    /// If the database cannot be read, or holds what it should not.
    pub fn forms(&self) -> Result<Vec<Vec<String>>> {
        let mut statement = self.connection.prepare_cached("SELECT fields FROM shapes")?;
        let forms = statement.query_map([], |row| row.get(0))?;
        fields(forms)
    }

    /// The fields of each form of record that a snapshot has.
    ///
    /// # Errors
    /// If the database cannot be read, or holds what it should not.
    pub fn forms_of(&self, snapshot: &SnapshotFacts) -> Result<Vec<Vec<String>>> {
        let mut statement =
            self.connection.prepare_cached(include_str!("../../schema/queries/forms_at.sql"))?;
        let at = (snapshot.source_id, snapshot.place.number());
        let forms = statement.query_map(at, |row| row.get(0))?;
        fields(forms)
    }
}

fn fields(forms: impl Iterator<Item = rusqlite::Result<String>>) -> Result<Vec<Vec<String>>> {
    let mut all = Vec::new();
    for form in forms {
        all.push(serde_json::from_str(&form?).map_err(damaged)?);
    }
    Ok(all)
}
