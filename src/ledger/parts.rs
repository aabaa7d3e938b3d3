//! Provides the accounts of an instant: whole snapshots from the store or, for a sweep over many instants, only
//! the accounts whose counting may have changed.

use std::sync::Arc;

use super::Ledger;
use crate::error::Result;
use crate::model::{CloudPart, ServerPart};
use crate::store::SnapshotFacts;

/// A source of the accounts of snapshots: all accounts, or only some.
pub(crate) trait PartSource {
    /// All hosts that the rows of a Cloud snapshot list, even if only some rows are provided.
    ///
    /// # Errors
    /// If the database cannot be read.
    fn hosts(&self, cloud: &SnapshotFacts) -> Result<Vec<Box<str>>>;

    /// The rows of a Cloud snapshot, or only some of them, ordered by identity. The result always has the hosts
    /// that all rows list.
    ///
    /// # Errors
    /// If the database cannot be read.
    fn cloud(&self, cloud: &SnapshotFacts) -> Result<Arc<CloudPart>>;

    /// The accounts of a Server snapshot, or only some of them, ordered by id.
    ///
    /// # Errors
    /// If the database cannot be read.
    fn server(&self, server: &SnapshotFacts) -> Result<Arc<ServerPart>>;
}

/// A source of accounts that provides all accounts of every snapshot.
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
