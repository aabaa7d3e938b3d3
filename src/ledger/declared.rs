//! The user's declarations about sources and about pairs of accounts, as of an instant. Among the declarations that
//! are valid at the instant, the declaration with the latest beginning counts; among equals, the declaration that
//! was made last. A revocation is never overruled by the declaration that it revokes (counting.md section 8).

use std::collections::{HashMap, HashSet};

use crate::model::{BillingModel, FirstNamed, Instant, KnownAs, LinkSays, NameSaid};
use crate::store::{Declaration, Declared, DeclaredLink, LinkedAccount};

/// All declarations about sources, oldest first.
#[derive(Debug, Default)]
pub struct Declarations(Vec<Declaration>);

/// The declaration that counts among several valid ones: the one valid from the latest instant and, among
/// equals, the one declared last. "Always" is the earliest beginning. `holding` must be in the order of
/// declaration.
pub(super) fn that_counts<T>(
    holding: impl Iterator<Item = T>,
    valid_from: impl Fn(&T) -> Option<Instant>,
) -> Option<T> {
    // Among equal beginnings, `max_by_key` returns the last declaration.
    holding.max_by_key(|line| valid_from(line))
}

impl Declarations {
    /// All declarations about sources. They must come oldest first, as the store returns them.
    pub fn new(declarations: Vec<Declaration>) -> Declarations {
        Declarations(declarations)
    }

    /// The declared value that counts for a source at an instant.
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

    /// The name that was declared last for a source. A declared name is valid at every instant.
    pub fn name(&self, source_id: i64) -> Option<&str> {
        let name = self.of(source_id, Declared::Name).next_back();
        name.map(|declaration| declaration.value.as_str())
    }

    /// The retirements of a source that have begun by an instant and have not been revoked by then.
    fn retirements(&self, source_id: i64, at: Instant) -> Vec<&Declaration> {
        let mut standing = Vec::new();
        for line in self.holding(source_id, Declared::Retired, at) {
            // The end of a retirement revokes all earlier retirements, whatever their beginnings.
            if line.value == "true" { standing.push(line) } else { standing.clear() }
        }
        standing
    }

    /// Is the source retired at an instant?
    pub fn retired(&self, source_id: i64, at: Instant) -> bool {
        !self.retirements(source_id, at).is_empty()
    }

    /// The instant from which a source is retired; `None` if all its retirements have been revoked or it has
    /// none.
    pub fn retired_from(&self, source_id: i64) -> Option<Instant> {
        let retirements = self.retirements(source_id, Instant::LAST).into_iter();
        retirements.map(|line| line.valid_from.unwrap_or_default()).min()
    }

    /// The numbers of the sources that are retired at one instant or more.
    pub fn ever_retired(&self) -> HashSet<i64> {
        let retirements =
            self.0.iter().filter(|it| it.what == Declared::Retired && it.value == "true");
        // A retirement that is valid at some instant is also valid at its own beginning. So checking the
        // beginning is enough.
        let standing =
            retirements.filter(|it| self.retired(it.source_id, it.valid_from.unwrap_or_default()));
        standing.map(|it| it.source_id).collect()
    }

    /// The billing model that is declared for an enterprise at an instant, or else the default model.
    pub fn billing_model(&self, source_id: i64, at: Instant) -> BillingModel {
        let declared = self.value(source_id, Declared::BillingModel, at);
        declared.and_then(BillingModel::from_name).unwrap_or_default()
    }

    /// Does a declaration state the billing model of an enterprise at an instant?
    pub fn declares_billing(&self, source_id: i64, at: Instant) -> bool {
        self.value(source_id, Declared::BillingModel, at).is_some()
    }

    /// The enterprise that the user has set for an instance, as of the instant `at`.
    pub fn enterprise(&self, source_id: i64, at: Instant) -> Option<&str> {
        self.value(source_id, Declared::Enterprise, at)
    }

    /// The enterprises that the user has set for any instance, for any time.
    pub fn enterprises_ever(&self) -> impl Iterator<Item = &str> {
        let set = self.0.iter().filter(|it| it.what == Declared::Enterprise);
        set.map(|declaration| declaration.value.as_str())
    }

    /// Has the user set, for this source, a billing model or an enterprise that is valid at an instant? Aliases
    /// are left out, because they can be given back: see [`Declarations::aliases_set`].
    pub fn is_set(&self, source_id: i64, at: Instant) -> bool {
        let settings = [Declared::BillingModel, Declared::Enterprise];
        settings.into_iter().any(|what| self.holding(source_id, what, at).next().is_some())
    }

    /// The aliases that the user has set for a source from an instant not after `at`, including aliases that were
    /// given back.
    pub fn aliases_set(&self, source_id: i64, at: Instant) -> impl Iterator<Item = &str> {
        self.holding(source_id, Declared::Alias, at).filter_map(|it| match it.of_name() {
            Some((_, NameSaid::Alias(alias), _)) => Some(alias),
            _ => None,
        })
    }

    /// All names by which these sources are known: their names at the first import, and their declared names.
    pub fn known_as(&self, sources: &[FirstNamed<'_>]) -> KnownAs {
        let said: Vec<_> = self.0.iter().filter_map(Declaration::of_name).collect();
        KnownAs::new(sources, &said)
    }

    /// The instants from which declarations are valid. An answer may change at each of them.
    pub fn instants(&self) -> impl Iterator<Item = Instant> {
        self.0.iter().filter_map(|declaration| declaration.valid_from)
    }

    /// The instants from which declarations are valid, each with the number of the source that the declaration is
    /// about.
    pub fn instants_of_sources(&self) -> impl Iterator<Item = (i64, Instant)> {
        self.0.iter().filter_map(|it| Some((it.source_id, it.valid_from?)))
    }

    /// A declaration that overrules `made` from a later instant on. It is about the same property of the same
    /// source, has a different value, and is valid from a later instant.
    pub fn overruling(&self, made: &Declaration) -> Option<&Declaration> {
        let mut later = self.of(made.source_id, made.what);
        later.find(|it| it.valid_from > made.valid_from && it.value != made.value)
    }
}

fn holds(declaration: &Declaration, at: Instant) -> bool {
    declaration.valid_from.is_none_or(|from| from <= at)
}

/// All declared links, oldest first.
#[derive(Debug, Default)]
pub struct KnownLinks(Vec<DeclaredLink>);

impl KnownLinks {
    /// All declared links. They must come oldest first, as the store returns them.
    pub fn new(links: Vec<DeclaredLink>) -> KnownLinks {
        KnownLinks(links)
    }

    /// All declared links and their revocations, oldest first.
    pub fn declared(&self) -> &[DeclaredLink] {
        &self.0
    }

    /// The links that are valid at an instant and not revoked by then, in the order of declaration. Several of
    /// them may be about one pair of accounts; [`Ledger::links_at`](super::Ledger::links_at) chooses one.
    pub(super) fn standing(&self, at: Instant) -> Vec<&DeclaredLink> {
        let mut of_pairs: HashMap<&[LinkedAccount; 2], Vec<&DeclaredLink>> = HashMap::new();
        for link in self.0.iter().filter(|it| it.valid_from.is_none_or(|from| from <= at)) {
            let of_pair = of_pairs.entry(&link.ends).or_default();
            match link.says {
                // `LinkSays::Nothing` revokes all earlier links of the pair, whatever their beginnings.
                LinkSays::Nothing => of_pair.clear(),
                _ => of_pair.push(link),
            }
        }
        let mut standing: Vec<&DeclaredLink> = of_pairs.into_values().flatten().collect();
        standing.sort_by_key(|link| link.id);
        standing
    }

    /// Is a link between these two accounts declared and not revoked?
    pub fn is_linked(&self, ends: &[LinkedAccount; 2]) -> bool {
        self.standing(Instant::LAST).iter().any(|link| link.ends == *ends)
    }

    /// The pairs of accounts of all links, including revoked links.
    pub fn all(&self) -> impl Iterator<Item = &[LinkedAccount; 2]> {
        self.0.iter().map(|link| &link.ends)
    }

    /// The Cloud accounts of all links, including revoked links, by the number of the source and by identity.
    pub fn cloud_identities(&self) -> impl Iterator<Item = (i64, &str)> {
        let ends = self.0.iter().flat_map(|link| &link.ends);
        ends.filter_map(|end| match end {
            LinkedAccount::Cloud { source_id, identity } => Some((*source_id, identity.as_str())),
            LinkedAccount::Server { .. } => None,
        })
    }

    /// The instants from which links are valid. An answer may change at each of them.
    pub fn instants(&self) -> impl Iterator<Item = Instant> {
        self.instants_of_pairs().map(|(_, at)| at)
    }

    /// The instants from which links are valid, each with the pair of accounts that the link is about.
    pub fn instants_of_pairs(&self) -> impl Iterator<Item = (&[LinkedAccount; 2], Instant)> {
        self.0.iter().filter_map(|link| Some((&link.ends, link.valid_from?)))
    }
}

/// The other host names of instances, each with the current host name of its instance.
pub type Aliases = HashMap<String, String>;

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: i64) -> Instant {
        Instant::from_unix(day * 86_400).unwrap_or_default()
    }

    /// Declarations about source 1. Each line states the setting, the value, and the day from which the value is
    /// valid.
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
