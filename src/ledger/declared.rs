//! What the user has declared of sources and of pairs of accounts, as of an instant: among the lines
//! that hold then, the one that holds from latest counts, among equals the one declared last; and
//! taking back is never overruled by what it takes back (counting.md section 8).

use std::collections::{HashMap, HashSet};

use crate::model::{BillingModel, FirstNamed, Instant, KnownAs, LinkSays, NameSaid};
use crate::store::{Declaration, Declared, DeclaredLink, LinkedAccount};

/// The declarations known, oldest first.
#[derive(Debug, Default)]
pub struct Declarations(Vec<Declaration>);

/// The last word on something: of lines that hold, in the order in which they were said, the one
/// that holds from latest; among equals the one said last. "Always" is the earliest.
fn that_counts<T>(
    holding: impl Iterator<Item = T>,
    valid_from: impl Fn(&T) -> Option<Instant>,
) -> Option<T> {
    // Of equal ones the last is taken.
    holding.max_by_key(|line| valid_from(line))
}

impl Declarations {
    /// Takes what the store knows.
    pub fn new(declarations: Vec<Declaration>) -> Declarations {
        Declarations(declarations)
    }

    /// The value that counts at an instant.
    fn value(&self, source_id: i64, what: Declared, at: Instant) -> Option<&str> {
        let counts = that_counts(self.holding(source_id, what, at), |it| it.valid_from);
        counts.map(|declaration| declaration.value.as_str())
    }

    fn of(&self, source_id: i64, what: Declared) -> impl DoubleEndedIterator<Item = &Declaration> {
        self.0.iter().filter(move |it| it.source_id == source_id && it.what == what)
    }

    fn holding(
        &self,
        source_id: i64,
        what: Declared,
        at: Instant,
    ) -> impl Iterator<Item = &Declaration> {
        self.of(source_id, what).filter(move |it| holds(it, at))
    }

    /// The name of a source, whatever the instant.
    pub fn name(&self, source_id: i64) -> Option<&str> {
        let name = self.of(source_id, Declared::Name).next_back();
        name.map(|declaration| declaration.value.as_str())
    }

    /// The retirements of a source that hold at an instant and are not ended by then.
    fn retirements(&self, source_id: i64, at: Instant) -> Vec<&Declaration> {
        let mut standing = Vec::new();
        for line in self.holding(source_id, Declared::Retired, at) {
            // The end of a retirement takes back what was said before it, from whatever day on.
            if line.value == "true" { standing.push(line) } else { standing.clear() }
        }
        standing
    }

    /// Is the source retired at an instant? Taking a retirement back is never overruled by what it
    /// takes back.
    pub fn retired(&self, source_id: i64, at: Instant) -> bool {
        !self.retirements(source_id, at).is_empty()
    }

    /// From when on a source is retired, if it is.
    pub fn retired_from(&self, source_id: i64) -> Option<Instant> {
        let retirements = self.retirements(source_id, Instant::LAST).into_iter();
        retirements.map(|line| line.valid_from.unwrap_or_default()).min()
    }

    /// The sources that are retired at any instant.
    pub fn ever_retired(&self) -> HashSet<i64> {
        let retirements =
            self.0.iter().filter(|it| it.what == Declared::Retired && it.value == "true");
        // One that stands does so from its beginning.
        let standing =
            retirements.filter(|it| self.retired(it.source_id, it.valid_from.unwrap_or_default()));
        standing.map(|it| it.source_id).collect()
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

    /// The enterprises that anything was ever set to belong to.
    pub fn enterprises_ever(&self) -> impl Iterator<Item = &str> {
        let set = self.0.iter().filter(|it| it.what == Declared::Enterprise);
        set.map(|declaration| declaration.value.as_str())
    }

    /// Does a setting of the source count at an instant? The other names that were set for it are
    /// asked of [`Declarations::aliases_set`], for a name can be given back.
    pub fn is_set(&self, source_id: i64, at: Instant) -> bool {
        let settings = [Declared::BillingModel, Declared::Enterprise];
        settings.into_iter().any(|what| self.holding(source_id, what, at).next().is_some())
    }

    /// The other names that were set for a source by an instant, given back or not.
    pub fn aliases_set(&self, source_id: i64, at: Instant) -> impl Iterator<Item = &str> {
        self.holding(source_id, Declared::Alias, at).filter_map(|it| match it.of_name() {
            Some((_, NameSaid::Alias(alias), _)) => Some(alias),
            _ => None,
        })
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

    /// The same, each with the source that it is about.
    pub fn instants_of_sources(&self) -> impl Iterator<Item = (i64, Instant)> {
        self.0.iter().filter_map(|it| Some((it.source_id, it.valid_from?)))
    }

    /// A declaration that goes on to count from a later day on than this one, which was just made.
    pub fn overruling(&self, made: &Declaration) -> Option<&Declaration> {
        let mut later = self.of(made.source_id, made.what);
        later.find(|it| it.valid_from > made.valid_from && it.value != made.value)
    }
}

fn holds(declaration: &Declaration, at: Instant) -> bool {
    declaration.valid_from.is_none_or(|from| from <= at)
}

/// The links known, oldest first.
#[derive(Debug, Default)]
pub struct KnownLinks(Vec<DeclaredLink>);

impl KnownLinks {
    /// Takes what the store knows.
    pub fn new(links: Vec<DeclaredLink>) -> KnownLinks {
        KnownLinks(links)
    }

    /// The links that count at an instant, each pair once, by number.
    pub fn at(&self, at: Instant) -> Vec<&DeclaredLink> {
        let mut of_pairs: HashMap<&[LinkedAccount; 2], Vec<&DeclaredLink>> = HashMap::new();
        for link in self.0.iter().filter(|it| it.valid_from.is_none_or(|from| from <= at)) {
            let of_pair = of_pairs.entry(&link.ends).or_default();
            match link.says {
                // From whatever day on it was said, it is taken back.
                LinkSays::Nothing => of_pair.clear(),
                _ => of_pair.push(link),
            }
        }
        let of_pairs = of_pairs.into_values();
        let counting = of_pairs.filter_map(|it| that_counts(it.into_iter(), |it| it.valid_from));
        let mut counting: Vec<&DeclaredLink> = counting.collect();
        counting.sort_by_key(|link| link.id);
        counting
    }

    /// The links that hold at any time, each pair once.
    pub fn ever(&self) -> Vec<&DeclaredLink> {
        self.at(Instant::LAST)
    }

    /// The pairs that anything was ever said of.
    pub fn all(&self) -> impl Iterator<Item = &[LinkedAccount; 2]> {
        self.0.iter().map(|link| &link.ends)
    }

    /// The Cloud accounts that anything was ever said of: source and identity.
    pub fn cloud_identities(&self) -> impl Iterator<Item = (i64, &str)> {
        let ends = self.0.iter().flat_map(|link| &link.ends);
        ends.filter_map(|end| match end {
            LinkedAccount::Cloud { source_id, identity } => Some((*source_id, identity.as_str())),
            LinkedAccount::Server { .. } => None,
        })
    }

    /// The instants from which on a link holds: an answer may change there.
    pub fn instants(&self) -> impl Iterator<Item = Instant> {
        self.instants_of_pairs().map(|(_, at)| at)
    }

    /// The same, each with the pair that it is about.
    pub fn instants_of_pairs(&self) -> impl Iterator<Item = (&[LinkedAccount; 2], Instant)> {
        self.0.iter().filter_map(|link| Some((&link.ends, link.valid_from?)))
    }
}

/// Other names of hosts, to the name that counts.
pub type Aliases = HashMap<String, String>;

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: i64) -> Instant {
        Instant::from_unix(day * 86_400).unwrap_or_default()
    }

    /// Lines about source 1: what, the value, and the day from which it holds.
    fn declared(lines: &[(Declared, &str, Option<i64>)]) -> Declarations {
        let lines = lines.iter().map(|(what, value, from)| Declaration {
            source_id: 1,
            what: *what,
            value: (*value).to_owned(),
            valid_from: from.map(at),
        });
        Declarations::new(lines.collect())
    }

    #[test]
    fn the_one_valid_from_latest_counts_and_among_equals_the_last() {
        let model = Declared::BillingModel;
        for (lines, day, expected) in [
            (&[(model, "metered", Some(4)), (model, "volume", Some(3))][..], 5, "metered"),
            (&[(model, "metered", Some(4)), (model, "volume", Some(3))], 3, "volume"),
            (&[(model, "metered", Some(4)), (model, "emu", None)], 5, "metered"),
            (&[(model, "metered", Some(4)), (model, "emu", None)], 3, "emu"),
            (&[(model, "metered", Some(4)), (model, "emu", Some(4))], 4, "emu"),
            (&[(model, "metered", None), (model, "emu", None)], 4, "emu"),
            (&[(model, "metered", Some(6))], 5, "volume"),
        ] {
            let counts = declared(lines).billing_model(1, at(day));
            assert_eq!(counts.name(), expected, "{lines:?} on day {day}");
        }
    }

    #[test]
    fn the_end_of_a_retirement_is_never_overruled_by_it() {
        let it = Declared::Retired;
        for (lines, day, expected) in [
            (&[(it, "true", Some(4)), (it, "false", None)][..], 5, false),
            (&[(it, "true", Some(4)), (it, "false", Some(2))], 5, false),
            (&[(it, "true", Some(4)), (it, "false", Some(6))], 5, true),
            (&[(it, "true", Some(4)), (it, "false", Some(6))], 6, false),
            (&[(it, "true", Some(4)), (it, "false", None), (it, "true", Some(2))], 3, true),
            (&[(it, "false", None), (it, "true", Some(4))], 5, true),
            (&[(it, "false", Some(9)), (it, "true", Some(4))], 9, true),
        ] {
            assert_eq!(declared(lines).retired(1, at(day)), expected, "{lines:?} on day {day}");
        }
    }
}
