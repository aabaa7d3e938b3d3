//! The accounts that an element of an answer is about, in the terms of a moment. A page uses them to lead from the
//! element to the people. They hold for moments of the same instant and the same ledger.

use crate::ledger::Enterprise;
use crate::model::{AccountIx, RowIx};

/// The accounts that an element of an answer is about.
#[derive(Debug, Clone, Default)]
pub(super) struct Concerned {
    /// The enterprise, as [`Concerned::key_of`] names it.
    pub enterprise: String,
    /// The Cloud rows.
    pub rows: Vec<RowIx>,
    /// The Server accounts.
    pub accounts: Vec<AccountIx>,
}

impl Concerned {
    /// A text that tells the enterprises of a moment apart: the name, or the first host of instances that belong to
    /// no enterprise.
    pub fn key_of(enterprise: &Enterprise<'_>) -> String {
        let mut hosts = enterprise.population.instances.iter().map(|it| it.host.as_ref());
        match &enterprise.name {
            Some(name) => name.clone(),
            None => format!("instance {}", hosts.next().unwrap_or_default()),
        }
    }
}
