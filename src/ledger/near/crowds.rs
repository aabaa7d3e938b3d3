//! Accounts that are related to too many others to be searched for. They are remembered together.
//!
//! The relation is symmetric, so everybody who was found from one account of a crowd has the same crowd.
//! Without this memory, each of twenty findings in one long chain would be searched for up to the limit.

use std::cell::RefCell;
use std::rc::Rc;

use foldhash::{HashMap, HashSet};

use crate::model::{Instant, StateId};

/// The states of a crowd.
pub(super) type Crowd = Rc<HashSet<StateId>>;

/// An instant, and the enterprise of the question.
type Scene = (Instant, Option<String>);

/// The known crowds, by instant and enterprise.
#[derive(Default)]
pub(crate) struct Crowds(RefCell<HashMap<Scene, Crowd>>);

impl Crowds {
    /// The states that are known to be in a crowd at an instant.
    pub(super) fn at(&self, at: Instant, only: Option<&str>) -> Crowd {
        self.0.borrow().get(&(at, only.map(str::to_owned))).cloned().unwrap_or_default()
    }

    /// Remembers the states of a crowd.
    pub(super) fn add(&self, at: Instant, only: Option<&str>, states: &HashSet<StateId>) {
        let mut crowds = self.0.borrow_mut();
        let crowd = crowds.entry((at, only.map(str::to_owned))).or_default();
        Rc::make_mut(crowd).extend(states);
    }
}
