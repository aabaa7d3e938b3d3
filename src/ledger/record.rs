//! Reads the stored record of an account, and finds the kind of the source that states the account. All questions
//! read records through this file.

use super::Ledger;
use super::moment::Enterprise;
use crate::error::{Error, Result};
use crate::model::{AccountIx, Record, ServerIx, SourceKind, Standing, StateId};
use crate::people::AccountOrigin;

/// A stored record: one text with the names of its fields, and one with its values.
pub(crate) struct StoredRecord {
    fields: String,
    content: String,
}

impl StoredRecord {
    /// Reads the record from its stored texts: the names of its fields, and their values.
    ///
    /// # Errors
    /// If the record is damaged.
    pub fn read(&self) -> Result<Record<'_>> {
        stored_record(&self.fields, &self.content)
    }
}

impl Ledger<'_> {
    /// The stored record of an account (a state), as text.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn record(&self, state: StateId) -> Result<StoredRecord> {
        let (fields, content) = self.store.record_texts(state)?;
        Ok(StoredRecord { fields, content })
    }
}

impl Enterprise<'_> {
    /// The kind of the source from which a Server account is known: `cloud`, `server` or `server-as-synced`.
    pub(crate) fn kind_of(&self, account: AccountIx) -> SourceKind {
        match self.matching.accounts[account].origin {
            AccountOrigin::Cloud(_) => SourceKind::Cloud,
            AccountOrigin::Own(index) => self.kind_of_own(index),
        }
    }

    /// The kind of the source from which an account of an instance is known: `server` or `server-as-synced`.
    /// Suspended accounts are included.
    pub(crate) fn kind_of_own(&self, index: ServerIx) -> SourceKind {
        let instance = self.population.server[index].instance;
        match self.population.instances[instance].standing {
            Standing::AsSynced(_) => SourceKind::ServerAsSynced,
            _ => SourceKind::Server,
        }
    }
}

/// Reads a stored record from its two texts: the names of its fields, and their values.
///
/// # Errors
/// If the record is damaged.
pub(crate) fn stored_record<'t>(fields: &'t str, content: &'t str) -> Result<Record<'t>> {
    Record::from_stored(fields, content).map_err(|error| {
        Error::database("a stored record is damaged")
            .caused_by(error)
            .hint("`oneseat verify` names the record; `oneseat restore FILE` goes back to a backup")
    })
}
