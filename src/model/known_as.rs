//! Which source a name means: an alias, and every earlier name of a renamed source, is that source,
//! until the name is given back (counting.md section 2, "Host names").

use std::collections::{BTreeSet, HashMap};

use super::Instant;

/// What was said of a name of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameSaid<'s> {
    /// It is the source's name now.
    Name(&'s str),
    /// The source is known by it, too.
    Alias(&'s str),
    /// It is given back: it no longer means the source.
    GivenBack(&'s str),
}

/// A source, and the name at its first import.
#[derive(Debug, Clone, Copy)]
pub struct FirstNamed<'s> {
    /// Its number.
    pub id: i64,
    /// Is it an instance? Names of instances and of enterprises have nothing to do with each other.
    pub is_instance: bool,
    /// The name.
    pub name: &'s str,
}

/// Names that mean a source of another name.
#[derive(Debug, Clone, Default)]
pub struct KnownAs {
    claims: Vec<Claim>,
}

/// That a name means a source, from an instant on.
#[derive(Debug, Clone)]
struct Claim {
    /// The source's number.
    id: i64,
    is_instance: bool,
    alias: String,
    /// The source's name now.
    name: String,
    /// `None`: always.
    from: Option<Instant>,
    /// From when on it was taken back. `None`: from its beginning.
    ended: Vec<Option<Instant>>,
}

impl Claim {
    fn holds(&self, at: Instant) -> bool {
        let begun = |from: Option<Instant>| from.is_none_or(|from| from <= at);
        begun(self.from) && !self.ended.iter().copied().any(begun)
    }
}

impl KnownAs {
    /// Takes all sources, and what was said of their names, oldest first: the number of the source,
    /// what, and from when on.
    pub fn new<'s>(
        sources: &[FirstNamed<'s>],
        said: &[(i64, NameSaid<'s>, Option<Instant>)],
    ) -> KnownAs {
        let mut known = KnownAs::default();
        for source in sources {
            let (mut name, mut claims) = (source.name, Vec::<Claim>::new());
            let claim = |alias: &str, from| Claim {
                id: source.id,
                is_instance: source.is_instance,
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
        // Of several that hold, the one that holds from latest counts.
        known.claims.sort_by_key(|claim| claim.from);
        known
    }

    /// The name of the source that a name means in a file or a report of this instant.
    pub fn canonical<'n>(&'n self, is_instance: bool, name: &'n str, at: Instant) -> &'n str {
        let mut name = name;
        // A name leads on to another; whoever goes round in a circle stops.
        for _ in 0..=self.claims.len() {
            let mut claims = self.claims.iter().rev();
            let meant = claims.find(|claim| {
                claim.is_instance == is_instance && claim.alias == name && claim.holds(at)
            });
            match meant {
                Some(claim) => name = &claim.name,
                None => return name,
            }
        }
        name
    }

    /// The other names of a source at an instant, in order.
    pub fn aliases_of(&self, is_instance: bool, name: &str, at: Instant) -> Vec<String> {
        let claims = self.claims.iter().filter(|claim| claim.is_instance == is_instance);
        let names: BTreeSet<&str> = claims.map(|claim| claim.alias.as_str()).collect();
        let names = names
            .into_iter()
            .filter(|alias| *alias != name && self.canonical(is_instance, alias, at) == name);
        names.map(str::to_owned).collect()
    }

    /// The numbers of the sources that a name means, or meant.
    pub fn claimants(&self, is_instance: bool, name: &str) -> Vec<i64> {
        let claims = self.claims.iter();
        let claims = claims.filter(|claim| claim.is_instance == is_instance && claim.alias == name);
        let claimants: BTreeSet<i64> = claims.map(|claim| claim.id).collect();
        claimants.into_iter().collect()
    }

    /// The other names that a source has at any time.
    pub fn ever_aliases_of(&self, is_instance: bool, name: &str) -> Vec<String> {
        let claims = self.claims.iter();
        let claims = claims.filter(|claim| claim.is_instance == is_instance && claim.name == name);
        claims.map(|claim| claim.alias.clone()).collect()
    }

    /// All other names of instances at an instant, each with the name that counts.
    pub fn hosts(&self, at: Instant) -> HashMap<String, String> {
        let hosts = self.claims.iter().filter(|claim| claim.is_instance);
        let meant = hosts.map(|claim| {
            let name = self.canonical(true, &claim.alias, at);
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
            FirstNamed { id: 1, is_instance: true, name: "a" },
            FirstNamed { id: 2, is_instance: true, name: "b" },
            FirstNamed { id: 3, is_instance: false, name: "a" },
        ];
        type Row<'s> = (&'s [(i64, NameSaid<'s>, Option<Instant>)], &'s str, i64, &'s str);
        let table: [Row<'_>; 12] = [
            (&[], "a", 5, "a"),
            (&[(2, Alias("a"), None)], "a", 0, "b"),
            (&[(2, Alias("a"), from(4))], "a", 3, "a"),
            (&[(2, Alias("a"), from(4))], "a", 4, "b"),
            (&[(2, Alias("a"), None), (2, GivenBack("a"), from(4))], "a", 3, "b"),
            (&[(2, Alias("a"), None), (2, GivenBack("a"), from(4))], "a", 4, "a"),
            // Taking back is never overruled by what it takes back.
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
            assert_eq!(known.canonical(true, name, at(day)), expected, "{said:?} {name} {day}");
            assert_eq!(known.canonical(false, name, at(day)), name, "no enterprise is meant");
        }
    }

    #[test]
    fn a_circle_ends() {
        let both = [
            FirstNamed { id: 1, is_instance: true, name: "a" },
            FirstNamed { id: 2, is_instance: true, name: "b" },
        ];
        let known = KnownAs::new(&both, &[(1, Alias("b"), None), (2, Alias("a"), None)]);
        assert!(["a", "b"].contains(&known.canonical(true, "a", at(1))));
    }
}
