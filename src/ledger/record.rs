//! What a file said of an account, as it is stored, and of which kind the file was: the one answer
//! for all questions.

use super::Ledger;
use super::moment::Enterprise;
use crate::error::{Error, Result};
use crate::model::{Record, SourceKind, Standing};
use crate::people::Origin;

/// A record as it is stored: its fields, and its values.
pub(crate) struct StoredRecord {
    fields: String,
    content: String,
}

impl StoredRecord {
    /// Reads it.
    ///
    /// # Errors
    /// If it is damaged.
    pub fn read(&self) -> Result<Record<'_>> {
        stored_record(&self.fields, &self.content)
    }
}

impl Ledger<'_> {
    /// What the file said in a state.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn record(&self, state: i64) -> Result<StoredRecord> {
        let (fields, content) = self.store.record_texts(state)?;
        Ok(StoredRecord { fields, content })
    }
}

impl Enterprise<'_> {
    /// Whose word a Server account is, an index of the accounts that take part: that of a Cloud row,
    /// of the instance, or of Cloud about the instance.
    pub(crate) fn kind_of(&self, account: u32) -> SourceKind {
        match self.matching.accounts[account as usize].origin {
            Origin::Cloud(_) => SourceKind::Cloud,
            Origin::Own(index) => self.kind_of_own(index),
        }
    }

    /// Whose word an account of an instance is, an index of the population's, whether it takes part
    /// or not.
    pub(crate) fn kind_of_own(&self, index: u32) -> SourceKind {
        let instance = self.population.server[index as usize].instance;
        match self.population.instances[instance as usize].standing {
            Standing::AsSynced(_) => SourceKind::ServerAsSynced,
            _ => SourceKind::Server,
        }
    }
}

/// Reads a stored record.
///
/// # Errors
/// If it is damaged.
pub(crate) fn stored_record<'t>(fields: &'t str, content: &'t str) -> Result<Record<'t>> {
    Record::from_stored(fields, content).map_err(|error| {
        Error::database("a stored record is damaged")
            .caused_by(error)
            .hint("`oneseat verify` says which; `oneseat restore FILE` goes back to a backup")
    })
}
