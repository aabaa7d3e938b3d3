//! The local parts of some addresses side by side in memory, with their domains as numbers. Comparing
//! addresses in any order then does not jump among the texts of millions of others.

use foldhash::{HashMap, HashMapExt};

use super::words::parts;

/// Domains, numbered consecutively.
pub(super) struct Domains<'t> {
    numbers: HashMap<&'t str, u32>,
}

impl<'t> Domains<'t> {
    pub fn new() -> Domains<'t> {
        Domains { numbers: HashMap::new() }
    }

    /// The number of a domain, if it is known.
    pub fn get(&self, domain: &str) -> Option<u32> {
        self.numbers.get(domain).copied()
    }

    fn add(&mut self, domain: &'t str) -> u32 {
        let next = self.numbers.len() as u32;
        *self.numbers.entry(domain).or_insert(next)
    }
}

/// Stands for the domain of a text that is not an address.
const NONE: u32 = u32::MAX;

/// The local parts of addresses, by index.
pub(super) struct Locals {
    text: String,
    /// The end of each local part, and the number of its domain.
    ends: Vec<(usize, u32)>,
}

impl Locals {
    /// Splits addresses, and adds their domains to the known ones.
    pub fn of<'t>(texts: impl Iterator<Item = &'t str>, domains: &mut Domains<'t>) -> Locals {
        let mut locals =
            Locals { text: String::new(), ends: Vec::with_capacity(texts.size_hint().0) };
        for text in texts {
            let domain = match parts(text) {
                Some((local, domain)) => {
                    locals.text.push_str(local);
                    domains.add(domain)
                }
                None => NONE,
            };
            locals.ends.push((locals.text.len(), domain));
        }
        locals
    }

    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// The total length of all local parts, in bytes.
    pub fn text_len(&self) -> usize {
        self.text.len()
    }

    /// The local part and the number of the domain. An empty text and `None` if the text is not an address.
    pub fn get(&self, place: u32) -> (&str, Option<u32>) {
        let place = place as usize;
        let start = if place == 0 { 0 } else { self.ends[place - 1].0 };
        let (end, domain) = self.ends[place];
        (&self.text[start..end], Some(domain).filter(|it| *it != NONE))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_by_their_places() {
        let texts = ["ada@a.example", "nobody", "åsa@b.example", "bo@a.example"];
        let mut domains = Domains::new();
        let locals = Locals::of(texts.into_iter(), &mut domains);
        let told: Vec<_> = (0..locals.len() as u32).map(|place| locals.get(place)).collect();
        assert_eq!(told, [("ada", Some(0)), ("", None), ("åsa", Some(1)), ("bo", Some(0))]);
        assert_eq!(domains.get("b.example"), Some(1));
        assert_eq!(domains.get("c.example"), None);
    }
}
