//! Finds the source that a name means. An alias, and every earlier name of a renamed source, means that source
//! until the name is given back (counting.md section 2, "Host names").

use std::collections::{BTreeSet, HashMap};

use super::{Instant, SourceFamily};

/// A declaration about a name of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameSaid<'s> {
    /// The source is renamed to this name.
    Name(&'s str),
    /// The source is also known by this name.
    Alias(&'s str),
    /// The name is given back, and no longer means the source.
    GivenBack(&'s str),
}

/// A source with the name that it had at its first import.
#[derive(Debug, Clone, Copy)]
pub struct FirstNamed<'s> {
    /// The number that identifies the source in the database.
    pub id: i64,
    /// The family of the source. Sources of different families may have the same name.
    pub family: SourceFamily,
    /// The name of the source at its first import.
    pub name: &'s str,
}

/// The aliases and the earlier names of all sources.
#[derive(Debug, Clone, Default)]
pub struct KnownAs {
    claims: Vec<Claim>,
}

/// A declaration that a name means a certain source, from an instant on.
#[derive(Debug, Clone)]
struct Claim {
    /// The number that identifies the source in the database.
    id: i64,
    family: SourceFamily,
    alias: String,
    /// The current name of the source.
    name: String,
    /// The instant from which the name means the source; `None` means from the beginning.
    from: Option<Instant>,
    /// The instants from which the name no longer means the source; `None` means from the beginning.
    ended: Vec<Option<Instant>>,
}

impl Claim {
    fn holds(&self, at: Instant) -> bool {
        let begun = |from: Option<Instant>| from.is_none_or(|from| from <= at);
        begun(self.from) && !self.ended.iter().copied().any(begun)
    }
}

impl KnownAs {
    /// Collects the names of all sources. Each declaration comes as the number of its source, the declaration
    /// itself, and the instant from which the declaration is in effect. The oldest declaration comes first.
    pub fn new<'s>(
        sources: &[FirstNamed<'s>],
        said: &[(i64, NameSaid<'s>, Option<Instant>)],
    ) -> KnownAs {
        let mut known = KnownAs::default();
        for source in sources {
            let (mut name, mut claims) = (source.name, Vec::<Claim>::new());
            let claim = |alias: &str, from| Claim {
                id: source.id,
                family: source.family,
                alias: alias.to_owned(),
                name: String::new(),
                from,
                ended: Vec::new(),
            };
            for (_, said, from) in said.iter().filter(|(id, ..)| *id == source.id) {
                match *said {
                    NameSaid::Name(new) => {
                        claims.push(claim(name, None));
                        name = new;
                    }
                    NameSaid::Alias(alias) => claims.push(claim(alias, *from)),
                    NameSaid::GivenBack(alias) => {
                        let claims = claims.iter_mut().filter(|claim| claim.alias == alias);
                        claims.for_each(|claim| claim.ended.push(*from));
                    }
                }
            }
            claims.retain(|claim| claim.alias != name);
            claims.iter_mut().for_each(|claim| name.clone_into(&mut claim.name));
            known.claims.extend(claims);
        }
        // If several declarations about a name are in effect at an instant, the one that took effect last
        // counts. Sorting puts it last.
        known.claims.sort_by_key(|claim| claim.from);
        known
    }

    /// The current name of the source that a name means, in a file or a report that was taken at the instant
    /// `at`.
    pub fn canonical<'n>(&'n self, family: SourceFamily, name: &'n str, at: Instant) -> &'n str {
        let mut name = name;
        // The current name may be an alias of another source. Declarations may form a circle, so the number of
        // steps is limited.
        for _ in 0..=self.claims.len() {
            let mut claims = self.claims.iter().rev();
            let meant = claims
                .find(|claim| claim.family == family && claim.alias == name && claim.holds(at));
            match meant {
                Some(claim) => name = &claim.name,
                None => return name,
            }
        }
        name
    }

    /// The aliases and earlier names of a source at an instant, sorted.
    pub fn aliases_of(&self, family: SourceFamily, name: &str, at: Instant) -> Vec<String> {
        let claims = self.claims.iter().filter(|claim| claim.family == family);
        let names: BTreeSet<&str> = claims.map(|claim| claim.alias.as_str()).collect();
        let names = names
            .into_iter()
            .filter(|alias| *alias != name && self.canonical(family, alias, at) == name);
        names.map(str::to_owned).collect()
    }

    /// The numbers of the sources that this name means at some time.
    pub fn claimants(&self, family: SourceFamily, name: &str) -> Vec<i64> {
        let claims = self.claims.iter();
        let claims = claims.filter(|claim| claim.family == family && claim.alias == name);
        let claimants: BTreeSet<i64> = claims.map(|claim| claim.id).collect();
        claimants.into_iter().collect()
    }

    /// All aliases and earlier names of a source, whatever the time.
    pub fn ever_aliases_of(&self, family: SourceFamily, name: &str) -> Vec<String> {
        let claims = self.claims.iter();
        let claims = claims.filter(|claim| claim.family == family && claim.name == name);
        claims.map(|claim| claim.alias.clone()).collect()
    }

    /// All aliases of instances at an instant, each with the current name of its instance.
    pub fn hosts(&self, at: Instant) -> HashMap<String, String> {
        let hosts = self.claims.iter().filter(|claim| claim.family == SourceFamily::Instance);
        let meant = hosts.map(|claim| {
            let name = self.canonical(SourceFamily::Instance, &claim.alias, at);
            (claim.alias.clone(), name.to_owned())
        });
        meant.filter(|(alias, name)| alias != name).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use NameSaid::{Alias, GivenBack, Name};

    fn at(day: i64) -> Instant {
        Instant::from_unix(day * 86_400).expect("a day")
    }

    #[test]
    fn what_a_name_means_on_a_day() {
        let from = |day| Some(at(day));
        let both = [
            FirstNamed { id: 1, family: SourceFamily::Instance, name: "a" },
            FirstNamed { id: 2, family: SourceFamily::Instance, name: "b" },
            FirstNamed { id: 3, family: SourceFamily::Enterprise, name: "a" },
        ];
        type Row<'s> = (&'s [(i64, NameSaid<'s>, Option<Instant>)], &'s str, i64, &'s str);
        let table: [Row<'_>; 12] = [
            (&[], "a", 5, "a"),
            (&[(2, Alias("a"), None)], "a", 0, "b"),
            (&[(2, Alias("a"), from(4))], "a", 3, "a"),
            (&[(2, Alias("a"), from(4))], "a", 4, "b"),
            (&[(2, Alias("a"), None), (2, GivenBack("a"), from(4))], "a", 3, "b"),
            (&[(2, Alias("a"), None), (2, GivenBack("a"), from(4))], "a", 4, "a"),
            // The name is given back from the beginning. That ends the alias, although the alias takes effect at a
            // later instant.
            (&[(2, Alias("a"), from(4)), (2, GivenBack("a"), None)], "a", 9, "a"),
            (
                &[(2, Alias("a"), None), (2, GivenBack("a"), None), (2, Alias("a"), None)],
                "a",
                9,
                "b",
            ),
            (&[(1, Name("c"), None)], "a", 0, "c"),
            (&[(1, Name("c"), None), (2, Alias("c"), None)], "a", 0, "b"),
            (&[(1, Name("c"), None), (1, Name("a"), None)], "c", 0, "a"),
            (&[(1, Name("c"), None), (1, GivenBack("a"), from(4))], "a", 5, "a"),
        ];
        for (said, name, day, expected) in table {
            let known = KnownAs::new(&both, said);
            assert_eq!(
                known.canonical(SourceFamily::Instance, name, at(day)),
                expected,
                "{said:?} {name} {day}"
            );
            assert_eq!(
                known.canonical(SourceFamily::Enterprise, name, at(day)),
                name,
                "no enterprise is meant"
            );
        }
    }

    #[test]
    fn a_circle_ends() {
        let both = [
            FirstNamed { id: 1, family: SourceFamily::Instance, name: "a" },
            FirstNamed { id: 2, family: SourceFamily::Instance, name: "b" },
        ];
        let known = KnownAs::new(&both, &[(1, Alias("b"), None), (2, Alias("a"), None)]);
        assert!(["a", "b"].contains(&known.canonical(SourceFamily::Instance, "a", at(1))));
    }
}
