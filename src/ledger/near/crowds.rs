//! Remembers crowds. A crowd is a set of accounts that are related to so many other accounts that searching is
//! slower than reading everybody.
//!
//! Being related is mutual, so all accounts that a search finds from one account of a crowd belong to that
//! crowd. If crowds were not remembered, twenty findings about one crowd would cause twenty long searches.

use std::cell::RefCell;
use std::rc::Rc;

use foldhash::{HashMap, HashSet};

use crate::model::{Instant, StateId};

/// The states (records) of the accounts in a crowd, which is a set of accounts too large for a search.
pub(super) type Crowd = Rc<HashSet<StateId>>;

/// The instant and the enterprise of a question; `None` means all enterprises.
type Scene = (Instant, Option<String>);

/// The crowds (sets of accounts too large for a search) that were found so far, by instant and enterprise.
#[derive(Default)]
pub(crate) struct Crowds(RefCell<HashMap<Scene, Crowd>>);

impl Crowds {
    /// The states (records) that are known to belong to a crowd at an instant.
    pub(super) fn at(&self, at: Instant, only: Option<&str>) -> Crowd {
        self.0.borrow().get(&(at, only.map(str::to_owned))).cloned().unwrap_or_default()
    }

    /// Remembers that the accounts with these states (records) are a crowd, for which a search is useless.
    pub(super) fn add(&self, at: Instant, only: Option<&str>, states: &HashSet<StateId>) {
        let mut crowds = self.0.borrow_mut();
        let crowd = crowds.entry((at, only.map(str::to_owned))).or_default();
        Rc::make_mut(crowd).extend(states);
    }
}
