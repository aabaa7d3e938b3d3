//! Remembers crowds. A crowd is a set of accounts that are related to too many other accounts for a search.
//!
//! The relation is symmetric, so all accounts that a search finds from one account of a crowd belong to the same
//! crowd. Without this memory, twenty findings about one crowd would cause twenty searches, each up to its limit.

use std::cell::RefCell;
use std::rc::Rc;

use foldhash::{HashMap, HashSet};

use crate::model::{Instant, StateId};

/// The states of the accounts in a crowd.
pub(super) type Crowd = Rc<HashSet<StateId>>;

/// An instant, and the enterprise of the question; `None` means all enterprises.
type Scene = (Instant, Option<String>);

/// The crowds found so far, by instant and enterprise.
#[derive(Default)]
pub(crate) struct Crowds(RefCell<HashMap<Scene, Crowd>>);

impl Crowds {
    /// The states that are known to be in a crowd at an instant.
    pub(super) fn at(&self, at: Instant, only: Option<&str>) -> Crowd {
        self.0.borrow().get(&(at, only.map(str::to_owned))).cloned().unwrap_or_default()
    }

    /// Remembers that these states belong to a crowd.
    pub(super) fn add(&self, at: Instant, only: Option<&str>, states: &HashSet<StateId>) {
        let mut crowds = self.0.borrow_mut();
        let crowd = crowds.entry((at, only.map(str::to_owned))).or_default();
        Rc::make_mut(crowd).extend(states);
    }
}
