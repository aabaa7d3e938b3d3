//! What the user has declared of sources, as of an instant: among the declarations that hold then,
//! the newest counts (counting.md section 8).

use std::collections::HashMap;

use crate::model::{BillingModel, FirstNamed, Instant, KnownAs};
use crate::store::{Declaration, Declared};

/// The declarations known, oldest first.
#[derive(Debug, Default)]
pub struct Declarations(Vec<Declaration>);

impl Declarations {
    /// Takes what the store knows.
    pub fn new(declarations: Vec<Declaration>) -> Declarations {
        Declarations(declarations)
    }

    /// The value that counts at an instant.
    fn value(&self, source_id: i64, what: Declared, at: Instant) -> Option<&str> {
        self.holding(source_id, what, at).last().map(|declaration| declaration.value.as_str())
    }

    fn holding(
        &self,
        source_id: i64,
        what: Declared,
        at: Instant,
    ) -> impl Iterator<Item = &Declaration> {
        self.0.iter().filter(move |it| {
            it.source_id == source_id
                && it.what == what
                && it.valid_from.is_none_or(|from| from <= at)
        })
    }

    /// The name of a source, whatever the instant.
    pub fn name(&self, source_id: i64) -> Option<&str> {
        let mut newest = self.0.iter().rev();
        let name = newest.find(|it| it.source_id == source_id && it.what == Declared::Name);
        name.map(|declaration| declaration.value.as_str())
    }

    /// Is the source retired at an instant? Taking a retirement back is never overruled by what it
    /// takes back.
    pub fn retired(&self, source_id: i64, at: Instant) -> bool {
        let holding = self.holding(source_id, Declared::Retired, at);
        holding.fold(false, |_, declaration| declaration.value == "true")
    }

    /// From when on a source is retired, if it is.
    pub fn retired_from(&self, source_id: i64) -> Option<Instant> {
        let mut newest = self.0.iter().rev();
        let last = newest.find(|it| it.source_id == source_id && it.what == Declared::Retired)?;
        last.valid_from.filter(|_| last.value == "true")
    }

    /// How an enterprise pays at an instant.
    pub fn billing_model(&self, source_id: i64, at: Instant) -> BillingModel {
        let declared = self.value(source_id, Declared::BillingModel, at);
        declared.and_then(BillingModel::from_name).unwrap_or_default()
    }

    /// The enterprise set for an instance.
    pub fn enterprise(&self, source_id: i64, at: Instant) -> Option<&str> {
        self.value(source_id, Declared::Enterprise, at)
    }

    /// What is said of the names of sources, with those that files first gave them.
    pub fn known_as(&self, sources: &[FirstNamed<'_>]) -> KnownAs {
        let said: Vec<_> = self.0.iter().filter_map(Declaration::of_name).collect();
        KnownAs::new(sources, &said)
    }

    /// The instants from which on a declaration holds: an answer may change there.
    pub fn instants(&self) -> impl Iterator<Item = Instant> {
        self.0.iter().filter_map(|declaration| declaration.valid_from)
    }
}

/// Other names of hosts, to the name that counts.
pub type Aliases = HashMap<String, String>;
