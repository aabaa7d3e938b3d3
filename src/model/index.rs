//! Numbers with names: an index has the type of the list that it belongs to, so that a row is never taken for
//! an account. The lists that such an index opens are here too, and with them every cast between a number
//! and a position.
//!
//! An index is a `u32` in memory, because millions of them are kept. This file knows no domain value, and it
//! does no arithmetic on indices.

use std::marker::PhantomData;
use std::ops::{Deref, DerefMut, Index, IndexMut, Range};

/// The index of an entry in one certain list.
pub trait ListIndex: Copy {
    /// Stands for no entry where an `Option` would take twice the memory. No list is so long that it has this
    /// index.
    const NONE: Self;

    /// The index with this number.
    fn of_number(number: u32) -> Self;

    /// The number of this index.
    fn number(self) -> u32;

    /// The index of the entry at this position.
    fn at(position: usize) -> Self {
        Self::of_number(position as u32)
    }

    /// The position of the entry.
    fn position(self) -> usize {
        self.number() as usize
    }

    /// The indices of the first `count` entries, in order.
    fn below(count: usize) -> impl DoubleEndedIterator<Item = Self> + ExactSizeIterator + Clone {
        (0..count).map(Self::at)
    }
}

/// Declares types of indices, each with its documentation.
macro_rules! list_indices {
    ($($(#[$about:meta])* $name:ident;)*) => {$(
        $(#[$about])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u32);

        impl $crate::model::ListIndex for $name {
            const NONE: $name = $name(u32::MAX);

            #[inline]
            fn of_number(number: u32) -> $name {
                $name(number)
            }

            #[inline]
            fn number(self) -> u32 {
                self.0
            }
        }
    )*};
}

pub(crate) use list_indices;

list_indices! {
    /// A Cloud row: an index of [`Population::cloud`](super::Population::cloud).
    RowIx;
    /// An account that its instance states, or that Cloud has synced from it: an index of
    /// [`Population::server`](super::Population::server).
    ServerIx;
    /// An instance: an index of [`Population::instances`](super::Population::instances).
    InstanceIx;
    /// A host that Cloud rows list: an index of [`CloudPart::hosts`](super::CloudPart::hosts).
    HostIx;
    /// A stored state, by the number of its row.
    StateId;
    /// A state among those that were read together: an index of
    /// [`CloudPart::rows`](super::CloudPart::rows) or [`ServerPart::accounts`](super::ServerPart::accounts).
    StateIx;
    /// A Server account that takes part: an index of
    /// [`Matching::accounts`](crate::people::Matching::accounts).
    AccountIx;
    /// A group of Server accounts: an index of [`Matching::groups`](crate::people::Matching::groups).
    GroupIx;
    /// The number of the key of an address. Equal keys have equal numbers, and the numbers are consecutive,
    /// so that a list can hold a value for each key.
    KeyId;
}

/// A list whose entries have indices of one type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Indexed<I, T> {
    entries: Vec<T>,
    index: PhantomData<I>,
}

impl<I: ListIndex, T> Indexed<I, T> {
    /// An empty list.
    pub fn new() -> Indexed<I, T> {
        Indexed::default()
    }

    /// An empty list with room for this number of entries.
    pub fn with_capacity(count: usize) -> Indexed<I, T> {
        Vec::with_capacity(count).into()
    }

    /// Adds an entry at the end.
    pub fn push(&mut self, entry: T) -> I {
        self.entries.push(entry);
        I::at(self.entries.len() - 1)
    }

    /// The entry with this index, if there is one.
    pub fn get(&self, index: I) -> Option<&T> {
        self.entries.get(index.position())
    }

    /// The entry with this index, if there is one.
    pub fn get_mut(&mut self, index: I) -> Option<&mut T> {
        self.entries.get_mut(index.position())
    }

    /// The indices of all entries, in order.
    pub fn indices(
        &self,
    ) -> impl DoubleEndedIterator<Item = I> + ExactSizeIterator + Clone + use<I, T> {
        I::below(self.entries.len())
    }

    /// All entries, each with its index.
    pub fn enumerated(&self) -> impl ExactSizeIterator<Item = (I, &T)> + Clone {
        self.indices().zip(&self.entries)
    }
}

impl<I: ListIndex, T: Clone> Indexed<I, T> {
    /// The same value, this number of times.
    pub fn filled(value: T, count: usize) -> Indexed<I, T> {
        vec![value; count].into()
    }

    /// Adds copies of a value until the list has an entry with this index.
    pub fn reach(&mut self, index: I, value: T) {
        if index.position() >= self.entries.len() {
            self.entries.resize(index.position() + 1, value);
        }
    }
}

impl<I, T> Default for Indexed<I, T> {
    fn default() -> Indexed<I, T> {
        Vec::new().into()
    }
}

impl<I, T> From<Vec<T>> for Indexed<I, T> {
    fn from(entries: Vec<T>) -> Indexed<I, T> {
        Indexed { entries, index: PhantomData }
    }
}

impl<I, T> FromIterator<T> for Indexed<I, T> {
    fn from_iter<E: IntoIterator<Item = T>>(entries: E) -> Indexed<I, T> {
        entries.into_iter().collect::<Vec<T>>().into()
    }
}

impl<I, T> Extend<T> for Indexed<I, T> {
    fn extend<E: IntoIterator<Item = T>>(&mut self, entries: E) {
        self.entries.extend(entries);
    }
}

impl<I, T> Deref for Indexed<I, T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.entries
    }
}

impl<I, T> DerefMut for Indexed<I, T> {
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.entries
    }
}

impl<I: ListIndex, T> Index<I> for Indexed<I, T> {
    type Output = T;

    fn index(&self, index: I) -> &T {
        &self.entries[index.position()]
    }
}

impl<I: ListIndex, T> IndexMut<I> for Indexed<I, T> {
    fn index_mut(&mut self, index: I) -> &mut T {
        &mut self.entries[index.position()]
    }
}

impl<'l, I, T> IntoIterator for &'l Indexed<I, T> {
    type Item = &'l T;
    type IntoIter = std::slice::Iter<'l, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.iter()
    }
}

impl<I, T> IntoIterator for Indexed<I, T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}

/// Values arranged by what they belong to, without a list for each owner: the values of the first owner, then
/// those of the next one, and so on, in one piece of memory.
#[derive(Debug, Clone)]
pub struct Grouped<I, T> {
    values: Vec<T>,
    /// For each owner, the end of its values.
    ends: Vec<u32>,
    owner: PhantomData<I>,
}

impl<I: ListIndex, T> Grouped<I, T> {
    /// No values yet, with room for one value of each of this number of owners.
    pub fn with_capacity(owners: usize) -> Grouped<I, T> {
        Grouped::of_parts(Vec::with_capacity(owners), Vec::with_capacity(owners))
    }

    /// Values in the order of their owners, and for each owner the end of its values.
    pub fn of_parts(values: Vec<T>, ends: Vec<u32>) -> Grouped<I, T> {
        Grouped { values, ends, owner: PhantomData }
    }

    /// Adds a value of the owner that comes next.
    pub fn push(&mut self, value: T) {
        self.values.push(value);
    }

    /// Adds values of the owner that comes next.
    pub fn extend(&mut self, values: impl IntoIterator<Item = T>) {
        self.values.extend(values);
    }

    /// Ends the values of the owner that comes next.
    pub fn end(&mut self) {
        self.ends.push(self.values.len() as u32);
    }

    /// All values, in the order of their owners.
    pub fn all(&self) -> &[T] {
        &self.values
    }

    /// The range of an owner's values among all.
    pub fn range(&self, owner: I) -> Range<u32> {
        let start = owner.position().checked_sub(1).map_or(0, |before| self.ends[before]);
        start..self.ends[owner.position()]
    }

    /// The values of an owner.
    pub fn of(&self, owner: I) -> &[T] {
        part(&self.values, &self.range(owner))
    }

    /// Sorts the values of each owner.
    pub fn sort_each(&mut self)
    where
        T: Ord,
    {
        let mut start = 0;
        for end in &self.ends {
            self.values[positions(&(start..*end))].sort_unstable();
            start = *end;
        }
    }
}

impl<I, T> Default for Grouped<I, T> {
    fn default() -> Grouped<I, T> {
        Grouped { values: Vec::new(), ends: Vec::new(), owner: PhantomData }
    }
}

impl<I: ListIndex, T: Copy + Default> Grouped<I, T> {
    /// Arranges values that come with their owners, in any order. The values of an owner keep their order.
    pub fn arranged(owners: usize, pairs: impl Iterator<Item = (I, T)> + Clone) -> Grouped<I, T> {
        let mut ends = vec![0u32; owners + 1];
        let mut count = 0;
        for (owner, _) in pairs.clone() {
            ends[owner.position() + 1] += 1;
            count += 1;
        }
        for owner in 0..owners {
            ends[owner + 1] += ends[owner];
        }
        let mut values = vec![T::default(); count];
        // This moves the beginning of each owner to its end.
        for (owner, value) in pairs {
            let end = &mut ends[owner.position()];
            values[*end as usize] = value;
            *end += 1;
        }
        ends.truncate(owners);
        Grouped::of_parts(values, ends)
    }
}

/// The values in a range of a list.
pub fn part<'l, T>(values: &'l [T], range: &Range<u32>) -> &'l [T] {
    &values[positions(range)]
}

/// The positions in a range.
#[inline]
pub fn positions(range: &Range<u32>) -> Range<usize> {
    range.start as usize..range.end as usize
}

/// As many of the low bits of a hash as a position has.
#[inline]
pub fn low_bits(hash: u64) -> usize {
    hash as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_gives_out_the_index_under_which_it_keeps_an_entry() {
        let mut list: Indexed<RowIx, char> = Indexed::new();
        let (a, b) = (list.push('a'), list.push('b'));
        assert_eq!((list[a], list.get(b), list.get(RowIx::of_number(2))), ('a', Some(&'b'), None));
        assert_eq!(list.enumerated().collect::<Vec<_>>(), [(a, &'a'), (b, &'b')]);
        list.reach(RowIx::of_number(3), '-');
        list.reach(RowIx::of_number(1), '+');
        assert_eq!(list.into_iter().collect::<String>(), "ab--");
    }

    #[test]
    fn values_are_arranged_by_their_owners() {
        let pairs = [(2, 'x'), (0, 'b'), (2, 'a'), (0, 'c')];
        let pairs = pairs.into_iter().map(|(owner, value)| (GroupIx::of_number(owner), value));
        let mut arranged = Grouped::arranged(4, pairs);
        let of = |arranged: &Grouped<GroupIx, char>| {
            GroupIx::below(4)
                .map(|owner| arranged.of(owner).iter().collect())
                .collect::<Vec<String>>()
        };
        assert_eq!(of(&arranged), ["bc", "", "xa", ""]);
        arranged.sort_each();
        assert_eq!(of(&arranged), ["bc", "", "ax", ""]);
        let mut pushed: Grouped<GroupIx, char> = Grouped::with_capacity(2);
        pushed.push('d');
        pushed.end();
        pushed.end();
        let [first, second] = [0, 1].map(GroupIx::of_number);
        assert_eq!((pushed.of(first), pushed.range(second)), (&['d'][..], 1..1));
    }
}
