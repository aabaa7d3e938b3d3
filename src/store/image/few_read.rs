//! What was read so far of a few states, row by row. `few` reads it.

use std::cell::RefCell;
use std::sync::Arc;

use foldhash::{HashMap, HashSet};

use crate::error::Result;
use crate::model::KeyId;

/// The number of a source, and a place on its time line.
type At = (i64, i64);

/// The names of hosts, sorted.
type Hosts = Arc<[Box<str>]>;

/// What was read so far.
#[derive(Default)]
pub struct FewRead {
    /// The positions of the states whose keys were read.
    pub(super) states: RefCell<HashSet<usize>>,
    /// The texts of keys, by number.
    pub(super) keys: RefCell<HashMap<u32, Arc<str>>>,
    /// The identities of accounts, by number.
    pub(super) accounts: RefCell<HashMap<u32, Arc<str>>>,
    /// The keys that differ from an address by one slip.
    pub(super) slips: RefCell<HashMap<String, Arc<[KeyId]>>>,
    /// The hosts that the rows of a source list at a place.
    pub(super) hosts: RefCell<HashMap<At, Hosts>>,
}

impl FewRead {
    /// The text of a key, if it was read.
    pub fn key(&self, key: u32) -> Option<Arc<str>> {
        self.keys.borrow().get(&key).cloned()
    }

    /// The keys that differ from an address by one slip, if they were searched for.
    pub fn slips(&self, address: &str) -> Option<Arc<[KeyId]>> {
        self.slips.borrow().get(address).cloned()
    }

    /// Keeps the keys that differ from an address by one slip.
    pub fn keep_slips(&self, address: &str, keys: &[KeyId]) {
        self.slips.borrow_mut().insert(address.to_owned(), keys.into());
    }

    /// The hosts that the rows of a source list at a place. `look` finds them at the first call.
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
