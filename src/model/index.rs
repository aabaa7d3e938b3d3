//! Typed indices: each type of index belongs to one list, so that the index of a row can never be used as the
//! index of an account. This file also has the lists that are accessed by such indices, and every cast between
//! a number and a position.
//!
//! An index is a `u32` in memory, because the program keeps millions of indices. This file does not depend on
//! the domain values, and it does no arithmetic on indices.

use std::marker::PhantomData;
use std::ops::{Deref, DerefMut, Index, IndexMut, Range};

/// The index of an entry in a list. Each list has its own type of index, so that two lists cannot be confused.
pub trait ListIndex: Copy {
    /// The index that means "no entry". An `Option` would take twice the memory. No list is so long that it has
    /// an entry with this index.
    const NONE: Self;

    /// The index with this number.
    fn of_number(number: u32) -> Self;

    /// The index as a number.
    fn number(self) -> u32;

    /// The index of the entry at this position of the list.
    fn at(position: usize) -> Self {
        Self::of_number(position as u32)
    }

    /// The position in the list of the entry with this index.
    fn position(self) -> usize {
        self.number() as usize
    }

    /// The indices of the first `count` entries of a list, in order.
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
    /// The index of a Cloud row in [`Population::cloud`](super::Population::cloud).
    RowIx;
    /// The index, in [`Population::server`](super::Population::server), of a Server account that a snapshot of
    /// its instance, or Cloud's copy of it, contains.
    ServerIx;
    /// The index of an instance in [`Population::instances`](super::Population::instances).
    InstanceIx;
    /// The index of a host that Cloud rows list, in [`CloudPart::hosts`](super::CloudPart::hosts).
    HostIx;
    /// A stored state (an account's record over a span of time), by the number of its row in the database.
    StateId;
    /// The index of a state (an account's record) among the states that were read together, in
    /// [`CloudPart::rows`](super::CloudPart::rows) or in [`ServerPart::accounts`](super::ServerPart::accounts).
    StateIx;
    /// The index of a Server account that takes part in counting, in
    /// [`Matching::accounts`](crate::people::Matching::accounts).
    AccountIx;
    /// The index of a group of Server accounts in [`Matching::groups`](crate::people::Matching::groups).
    GroupIx;
    /// The number of an address key. Equal keys have equal numbers, and the numbers are consecutive, so that a
    /// list can have a value for each key.
    KeyId;
}

/// A list whose entries are accessed by one type of index instead of plain positions.
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

    /// Adds an entry at the end of the list, and returns its index.
    pub fn push(&mut self, entry: T) -> I {
        self.entries.push(entry);
        I::at(self.entries.len() - 1)
    }

    /// The entry with this index; `None` if the list is shorter.
    pub fn get(&self, index: I) -> Option<&T> {
        self.entries.get(index.position())
    }

    /// The entry with this index, for changes; `None` if the list is shorter.
    pub fn get_mut(&mut self, index: I) -> Option<&mut T> {
        self.entries.get_mut(index.position())
    }

    /// The indices of all entries of the list, in order.
    pub fn indices(
        &self,
    ) -> impl DoubleEndedIterator<Item = I> + ExactSizeIterator + Clone + use<I, T> {
        I::below(self.entries.len())
    }

    /// All entries of the list, each with its index.
    pub fn enumerated(&self) -> impl ExactSizeIterator<Item = (I, &T)> + Clone {
        self.indices().zip(&self.entries)
    }
}

impl<I: ListIndex, T: Clone> Indexed<I, T> {
    /// A list that consists of the same value `count` times.
    pub fn filled(value: T, count: usize) -> Indexed<I, T> {
        vec![value; count].into()
    }

    /// Adds copies of `value` at the end until the list has an entry with this index.
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

/// Values grouped by their owners (such as addresses by accounts). All values are in one list: first those of
/// the first owner, then those of the second, and so on. That takes less memory than a list for each owner.
#[derive(Debug, Clone)]
pub struct Grouped<I, T> {
    values: Vec<T>,
    /// For each owner, the position after its last value.
    ends: Vec<u32>,
    owner: PhantomData<I>,
}

impl<I: ListIndex, T> Grouped<I, T> {
    /// A collection without values, with room for one value for each of `owners` owners.
    pub fn with_capacity(owners: usize) -> Grouped<I, T> {
        Grouped::of_parts(Vec::with_capacity(owners), Vec::with_capacity(owners))
    }

    /// Makes the groups from `values`, in the order of their owners, and from `ends`, the position after the
    /// last value of each owner.
    pub fn of_parts(values: Vec<T>, ends: Vec<u32>) -> Grouped<I, T> {
        Grouped { values, ends, owner: PhantomData }
    }

    /// Adds a value for the current owner: the first owner at the beginning, and the next one after each
    /// [`Grouped::end`].
    pub fn push(&mut self, value: T) {
        self.values.push(value);
    }

    /// Adds several values for the current owner.
    pub fn extend(&mut self, values: impl IntoIterator<Item = T>) {
        self.values.extend(values);
    }

    /// Ends the values of the current owner. Values that are added later belong to the next owner.
    pub fn end(&mut self) {
        self.ends.push(self.values.len() as u32);
    }

    /// The values of all owners, in the order of the owners.
    pub fn all(&self) -> &[T] {
        &self.values
    }

    /// The range of an owner's values within the list of the values of all owners.
    pub fn range(&self, owner: I) -> Range<u32> {
        let start = owner.position().checked_sub(1).map_or(0, |before| self.ends[before]);
        start..self.ends[owner.position()]
    }

    /// The values that belong to an owner.
    pub fn of(&self, owner: I) -> &[T] {
        part(&self.values, &self.range(owner))
    }

    /// Sorts the values of each owner among themselves.
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
    /// Groups values that come in any order, each with its owner. The values of one owner keep their order.
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
        // At first, `ends` holds the position of each owner's first value. Each value that is stored moves the
        // position of its owner on by one. After the last value, `ends` holds the position after each owner's
        // last value.
        for (owner, value) in pairs {
            let end = &mut ends[owner.position()];
            values[*end as usize] = value;
            *end += 1;
        }
        ends.truncate(owners);
        Grouped::of_parts(values, ends)
    }
}

/// The values of a list at a range of positions, which is stated as numbers of 32 bits.
pub fn part<'l, T>(values: &'l [T], range: &Range<u32>) -> &'l [T] {
    &values[positions(range)]
}

/// A range of 32-bit numbers as a range of positions in a list.
#[inline]
pub fn positions(range: &Range<u32>) -> Range<usize> {
    range.start as usize..range.end as usize
}

/// The low bits of a hash, as many as a position (`usize`) has, to select a place in a hash table.
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
