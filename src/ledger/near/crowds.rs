//! Whoever has to do with too many to be looked for one by one: known once, for all of them.
//!
//! Who has to do with whom goes both ways, so that those who were found from one of a crowd have the
//! same crowd around them. Without that each of twenty findings in one long chain would be looked for
//! until there are too many.

use std::cell::RefCell;
use std::rc::Rc;

use foldhash::{HashMap, HashSet};

use crate::model::Instant;

/// The states of a crowd.
pub(super) type Crowd = Rc<HashSet<i64>>;

/// An instant, and the enterprise that is asked about.
type Scene = (Instant, Option<String>);

/// Those that are known, by the instant and the enterprise that was asked about.
#[derive(Default)]
pub(crate) struct Crowds(RefCell<HashMap<Scene, Crowd>>);

impl Crowds {
    /// The states at an instant that have to do with too many.
    pub(super) fn at(&self, at: Instant, only: Option<&str>) -> Crowd {
        self.0.borrow().get(&(at, only.map(str::to_owned))).cloned().unwrap_or_default()
    }

    /// Keeps states of one crowd.
    pub(super) fn add(&self, at: Instant, only: Option<&str>, states: &HashSet<i64>) {
        let mut crowds = self.0.borrow_mut();
        let crowd = crowds.entry((at, only.map(str::to_owned))).or_default();
        Rc::make_mut(crowd).extend(states);
    }
}
