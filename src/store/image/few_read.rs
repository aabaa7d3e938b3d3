//! Remembers the texts and hosts that were already read for a few states. The functions that read them are in
//! `few.rs`.

use std::cell::RefCell;
use std::sync::Arc;

use foldhash::{HashMap, HashSet};

use crate::error::Result;
use crate::model::KeyId;

/// The number of a source, and a point on its time line (an instant and an arrival number in one number).
type At = (i64, i64);

/// The names of hosts, sorted.
type Hosts = Arc<[Box<str>]>;

/// The texts and hosts that were already read for a few states, so that no row is read twice.
#[derive(Default)]
pub struct FewRead {
    /// The positions in the image of the states whose address keys were read.
    pub(super) states: RefCell<HashSet<usize>>,
    /// The texts of address keys that were read, by the number of the key.
    pub(super) keys: RefCell<HashMap<u32, Arc<str>>>,
    /// The identities of accounts that were read, by the number of the account.
    pub(super) accounts: RefCell<HashMap<u32, Arc<str>>>,
    /// For each address that was looked up, the address keys that differ from it by one slip of the pen.
    pub(super) slips: RefCell<HashMap<String, Arc<[KeyId]>>>,
    /// The hosts that the rows of a source list at a point of the source's time line, by source and point.
    pub(super) hosts: RefCell<HashMap<At, Hosts>>,
}

impl FewRead {
    /// The text of an address key; `None` if it was not read yet.
    pub fn key(&self, key: u32) -> Option<Arc<str>> {
        self.keys.borrow().get(&key).cloned()
    }

    /// The address keys that differ from an address by one slip; `None` if nobody searched for them yet.
    pub fn slips(&self, address: &str) -> Option<Arc<[KeyId]>> {
        self.slips.borrow().get(address).cloned()
    }

    /// Remembers the address keys that differ from an address by one slip.
    pub fn keep_slips(&self, address: &str, keys: &[KeyId]) {
        self.slips.borrow_mut().insert(address.to_owned(), keys.into());
    }

    /// The hosts that the rows of a source list at a point of its time line. The first call for a source and a
    /// point gets the hosts from `look`; later calls return the same.
    ///
    /// # Errors
    /// If `look` fails.
    pub fn hosts(
        &self,
        source: i64,
        place: i64,
        look: impl FnOnce() -> Result<Vec<Box<str>>>,
    ) -> Result<Hosts> {
        if let Some(known) = self.hosts.borrow().get(&(source, place)) {
            return Ok(Arc::clone(known));
        }
        let hosts: Hosts = look()?.into();
        self.hosts.borrow_mut().insert((source, place), Arc::clone(&hosts));
        Ok(hosts)
    }
}
