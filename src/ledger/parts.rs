//! Provides the accounts of an instant: whole snapshots from the store or, for a sweep over many instants, only
//! the accounts whose counting may have changed.

use std::sync::Arc;

use super::Ledger;
use crate::error::Result;
use crate::model::{CloudPart, ServerPart};
use crate::store::SnapshotFacts;

/// Provides the accounts of snapshots.
pub(crate) trait PartSource {
    /// All hosts that the rows of a Cloud snapshot list, even if only some rows are provided.
    ///
    /// # Errors
    /// If the database cannot be read.
    fn hosts(&self, cloud: &SnapshotFacts) -> Result<Vec<Box<str>>>;

    /// Rows of a Cloud snapshot, ordered by identity. The hosts of all rows are included, even if only some rows
    /// are provided.
    ///
    /// # Errors
    /// If the database cannot be read.
    fn cloud(&self, cloud: &SnapshotFacts) -> Result<Arc<CloudPart>>;

    /// Accounts of a Server snapshot, ordered by id.
    ///
    /// # Errors
    /// If the database cannot be read.
    fn server(&self, server: &SnapshotFacts) -> Result<Arc<ServerPart>>;
}

/// Provides all accounts of every snapshot.
pub(crate) struct WholeLedger<'l>(pub &'l Ledger<'l>);

impl PartSource for WholeLedger<'_> {
    fn hosts(&self, cloud: &SnapshotFacts) -> Result<Vec<Box<str>>> {
        Ok(self.0.cloud_part(cloud)?.hosts.to_vec())
    }

    fn cloud(&self, cloud: &SnapshotFacts) -> Result<Arc<CloudPart>> {
        self.0.cloud_part(cloud)
    }

    fn server(&self, server: &SnapshotFacts) -> Result<Arc<ServerPart>> {
        self.0.server_part(server)
    }
}
