//! Holds the local parts of some addresses side by side in memory, with their domains as indices. So a comparison
//! of these addresses reads one block of memory, and not scattered texts among millions of others.

use foldhash::{HashMap, HashMapExt};

use super::words::parts;
use crate::model::{Indexed, ListIndex, list_indices};

list_indices! {
    /// A domain: an index of [`Domains`].
    DomainIx;
}

/// The domains of addresses, numbered consecutively.
pub(super) struct Domains<'t> {
    indices: HashMap<&'t str, DomainIx>,
}

impl<'t> Domains<'t> {
    pub fn new() -> Domains<'t> {
        Domains { indices: HashMap::new() }
    }

    /// The index of a domain; `None` if no address has this domain.
    pub fn get(&self, domain: &str) -> Option<DomainIx> {
        self.indices.get(domain).copied()
    }

    fn add(&mut self, domain: &'t str) -> DomainIx {
        let next = DomainIx::at(self.indices.len());
        *self.indices.entry(domain).or_insert(next)
    }
}

/// The value that stands for the domain of a text that is not an address.
const NONE: DomainIx = DomainIx::NONE;

/// The local parts of addresses, side by side in one text, by the index of the address.
pub(super) struct Locals<I> {
    text: String,
    /// The end of each local part within `text`, and the domain of the address.
    ends: Indexed<I, (usize, DomainIx)>,
}

impl<I: ListIndex> Locals<I> {
    /// Splits addresses into local parts and domains, and adds the domains to `domains`.
    pub fn of<'t>(texts: impl Iterator<Item = &'t str>, domains: &mut Domains<'t>) -> Locals<I> {
        let mut locals =
            Locals { text: String::new(), ends: Indexed::with_capacity(texts.size_hint().0) };
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

    /// The indices of all addresses, in order.
    pub fn indices(&self) -> impl Iterator<Item = I> + use<I> {
        self.ends.indices()
    }

    /// The total length of all local parts, in bytes.
    pub fn text_len(&self) -> usize {
        self.text.len()
    }

    /// The local part and the domain of an address. For a text that is not an address, an empty text and `None`.
    pub fn get(&self, index: I) -> (&str, Option<DomainIx>) {
        let before = index.position().checked_sub(1);
        let start = before.map_or(0, |before| self.ends[I::at(before)].0);
        let (end, domain) = self.ends[index];
        (&self.text[start..end], Some(domain).filter(|it| *it != NONE))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::RowIx;

    #[test]
    fn addresses_are_told_by_their_places() {
        let texts = ["ada@a.example", "nobody", "åsa@b.example", "bo@a.example"];
        let mut domains = Domains::new();
        let locals: Locals<RowIx> = Locals::of(texts.into_iter(), &mut domains);
        let told: Vec<_> = locals.indices().map(|index| locals.get(index)).collect();
        let (a, b) = (Some(DomainIx::of_number(0)), Some(DomainIx::of_number(1)));
        assert_eq!(told, [("ada", a), ("", None), ("åsa", b), ("bo", a)]);
        assert_eq!(domains.get("b.example"), b);
        assert_eq!(domains.get("c.example"), None);
    }
}
