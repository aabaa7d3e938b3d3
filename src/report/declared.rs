//! What the user has declared of sources, as of an instant: among the declarations that hold then,
//! the newest counts (counting.md section 8).

use std::collections::HashMap;

use crate::model::{BillingModel, Instant};
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

    /// Is the source retired at an instant?
    pub fn retired(&self, source_id: i64, at: Instant) -> bool {
        self.value(source_id, Declared::Retired, at) == Some("true")
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

    /// Does a declaration say how an enterprise pays at an instant?
    pub fn declares_billing(&self, source_id: i64, at: Instant) -> bool {
        self.value(source_id, Declared::BillingModel, at).is_some()
    }

    /// The enterprise set for an instance.
    pub fn enterprise(&self, source_id: i64, at: Instant) -> Option<&str> {
        self.value(source_id, Declared::Enterprise, at)
    }

    /// Other host names of an instance, its former names among them, in order.
    pub fn aliases(&self, source_id: i64, at: Instant, first_name: &str) -> Vec<String> {
        let declared = self.holding(source_id, Declared::Alias, at).map(|it| it.value.clone());
        let mut aliases: Vec<String> = declared.collect();
        let now = self.name(source_id).unwrap_or(first_name);
        let names =
            self.0.iter().filter(|it| it.source_id == source_id && it.what == Declared::Name);
        let former = std::iter::once(first_name).chain(names.map(|it| it.value.as_str()));
        aliases.extend(former.filter(|name| *name != now).map(str::to_owned));
        aliases.sort();
        aliases.dedup();
        aliases
    }

    /// The instants from which on a declaration holds: an answer may change there.
    pub fn instants(&self) -> impl Iterator<Item = Instant> {
        self.0.iter().filter_map(|declaration| declaration.valid_from)
    }
}

/// Other names of hosts, to the name that counts.
pub type Aliases = HashMap<String, String>;
