//! Reads the shapes of records. A shape is the list of the fields that a record has. A record states nothing
//! about a field that it does not have.

use std::collections::BTreeSet;

use super::Store;
use super::snapshot_row::SnapshotFacts;
use super::sql::damaged;
use crate::error::Result;

impl Store {
    /// The names of the fields of every stored shape, whatever the source of the records.
    ///
    /// # Errors
    /// If the database cannot be read, or has an invalid value.
    pub fn forms(&self) -> Result<Vec<Vec<String>>> {
        let mut statement = self.connection.prepare_cached("SELECT fields FROM shapes")?;
        let forms = statement.query_map([], |row| row.get(0))?;
        fields(forms)
    }

    /// The names of the fields of each shape (set of fields) that the records of a snapshot have.
    ///
    /// # Errors
    /// If the database cannot be read, or has an invalid value.
    pub fn forms_of(&self, snapshot: &SnapshotFacts) -> Result<Vec<Vec<String>>> {
        let image = self.image()?;
        let (states, place) = (image.states(), snapshot.place.number());
        let held = image.times.at(states, snapshot.source_id, place);
        let shapes: BTreeSet<u32> = held.iter().map(|it| states.shapes.at(it.place)).collect();
        let mut statement =
            self.connection.prepare_cached("SELECT fields FROM shapes WHERE shape_id = ?1")?;
        let forms = shapes.iter().map(|shape| statement.query_row([shape], |row| row.get(0)));
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
