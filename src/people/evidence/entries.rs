//! Defines the facts about employee directories that evidence needs (directory.md section 2): the entry of each
//! directory that an address, a Cloud account or a Server account belongs to. The entries are plain numbers. The
//! caller has looked them up, and this file must not judge them.

use foldhash::HashMap;

use crate::model::{AccountIx, Indexed, KeyId, ListIndex, RowIx, list_indices};

list_indices! {
    /// An entry of an employee directory, by its position among the entries of the directory's snapshot.
    DirectoryEntryIx;
}

/// The only entry of a directory that has an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddressHolder {
    /// The entry that has the address.
    pub entry: DirectoryEntryIx,
    /// Does the directory call the address the primary address of the entry?
    pub is_primary: bool,
}

/// For each address key, the only entry of a directory that has the address. An address that no entry or several
/// entries have is left out.
#[derive(Debug, Clone)]
pub enum HoldersOfKeys {
    /// A value for each key, if the population has a large part of all keys of the database.
    Dense(Indexed<KeyId, Option<AddressHolder>>),
    /// Only the keys with an entry, if the population has few of all keys of the database.
    Sparse(HashMap<KeyId, AddressHolder>),
}

impl HoldersOfKeys {
    /// The only entry that has the address with this key.
    pub fn get(&self, key: KeyId) -> Option<AddressHolder> {
        match self {
            HoldersOfKeys::Dense(holders) => holders.get(key).copied().flatten(),
            HoldersOfKeys::Sparse(holders) => holders.get(&key).copied(),
        }
    }
}

/// An employee directory in force, with the entries that belong to accounts of one enterprise.
#[derive(Debug, Clone)]
pub struct EntriesInForce {
    /// The number of the directory's snapshot, by which the caller finds the snapshot again.
    pub snapshot: i64,
    /// The number of entries in the directory's snapshot.
    pub count: usize,
    /// The entries of the directory, by the keys of their addresses.
    pub of_keys: HoldersOfKeys,
    /// The entry that the login of each Cloud account belongs to; [`DirectoryEntryIx::NONE`] if no entry or
    /// several entries have the login. Rows beyond the end of the list have no entry.
    pub of_rows: Indexed<RowIx, DirectoryEntryIx>,
    /// The entries that the logins of unmatched Server accounts belong to. A login that several entries have is
    /// left out.
    pub of_accounts: HashMap<AccountIx, DirectoryEntryIx>,
}

impl EntriesInForce {
    /// The entry that the login of a Cloud account belongs to.
    pub fn of_row(&self, row: RowIx) -> Option<DirectoryEntryIx> {
        self.of_rows.get(row).copied().filter(|entry| *entry != DirectoryEntryIx::NONE)
    }
}
