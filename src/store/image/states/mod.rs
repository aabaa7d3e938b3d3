//! Holds the states of an image as columns. The code that writes these columns into segments (stored pieces) is
//! in `segments.rs`.

mod segments;

use foldhash::HashMap;

use super::counts::range;
use super::entries::EntryColumns;
use super::sparse::{Ascending, Runs};
use crate::model::{EntryRecord, ListIndex, Member, Roles, RowKind, StateId};

/// The bits of a state's flags. The lowest three bits are the kind of the state's record, and the next two bits,
/// from bit 3 on, are its enterprise roles. The three highest bits are booleans.
const ROLES: u8 = 3;
const VISUAL_STUDIO: u8 = 1 << 5;
const TAKES_PART: u8 = 1 << 6;
const HAS_NAME: u8 = 1 << 7;

/// The states of an image as columns, in the order of the states' numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StateTable {
    /// The number of each state.
    pub numbers: Ascending,
    /// The number of the snapshot with which each state (record of an account) began.
    pub snapshots: Runs,
    /// The number of the account whose record each state is.
    pub accounts: Vec<u32>,
    /// The number of the shape (list of fields) of each state's record.
    pub shapes: Runs,
    flags: Vec<u8>,
    key_ends: Vec<u32>,
    keys: Vec<u32>,
    kinds: Vec<u8>,
    listed_ends: Vec<u32>,
    hosts: Vec<u32>,
    ids: Vec<u64>,
    /// The listed Server ids that are not plain numbers, by their positions in `ids`.
    odd_ids: HashMap<u32, Box<str>>,
    /// The digest of each state's record, by which a changed record is found. Empty if only the columns for
    /// counting were read.
    pub digests: Vec<u64>,
    /// The hashes of the states' logins and display names. Empty if only the columns for counting were read.
    pub words: WordColumns,
    /// The columns of the employee-directory entries. Empty if this part of the image was not read.
    pub entries: EntryColumns,
}

/// The hashes of the logins and display names of states.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WordColumns {
    /// The hash of each state's login, regardless of letter case; 0 for a state without a login.
    pub logins: Vec<u32>,
    /// The hash of each state's display name; 0 for a state without one.
    names: Vec<i64>,
}

impl WordColumns {
    /// Reserves memory for `count` states.
    pub fn reserve(&mut self, count: usize) {
        self.logins.reserve_exact(count);
        self.names.reserve_exact(count);
    }

    /// The hash of each state's display name; 0 for a state without one.
    pub fn names(&self) -> &[i64] {
        &self.names
    }
}

/// The values of one state, to be added to an image.
#[derive(Debug, Clone, Copy, Default)]
pub struct State<'s> {
    pub number: u32,
    pub snapshot: u32,
    pub account: u32,
    pub shape: u32,
    pub row: u8,
    pub roles: u8,
    pub visual_studio: bool,
    pub takes_part: bool,
    /// The numbers of the state's address keys, each with bits for the kinds of address.
    pub keys: &'s [(u32, u8)],
    pub digest: u64,
    pub login: u32,
    pub name: Option<i64>,
    /// The data of an employee-directory entry, which has no address keys; `None` for an account.
    pub entry: Option<&'s EntryRecord>,
}

/// A Server account that a Cloud row lists: the number of its host, and its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ListedId<'s> {
    pub host: u32,
    pub id: Id<'s>,
}

/// The id of a Server account on its host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Id<'s> {
    /// An id that is a plain number, without a sign and without leading zeros, so that it can be stored as a
    /// number.
    Number(u64),
    /// An id that is not a plain number, such as `007`, as the file has it.
    Text(&'s str),
}

impl<'s> Id<'s> {
    /// Reads the id of a Server account from its text.
    pub fn of(text: &'s str) -> Id<'s> {
        let is_plain = match text.as_bytes() {
            [b'0'] => true,
            [b'1'..=b'9', rest @ ..] => rest.iter().all(u8::is_ascii_digit),
            _ => false,
        };
        match text.parse() {
            Ok(number) if is_plain => Id::Number(number),
            _ => Id::Text(text),
        }
    }

    /// The id as the [`Member`] value by which counting compares accounts.
    pub fn member(self) -> Member {
        match self {
            Id::Number(number) => Member::Number(number),
            Id::Text(text) => Member::new(text),
        }
    }

    /// The text of the id, as the file has it.
    pub fn text(self) -> String {
        match self {
            Id::Number(number) => number.to_string(),
            Id::Text(text) => text.to_owned(),
        }
    }
}

impl StateTable {
    pub fn len(&self) -> usize {
        self.numbers.len()
    }

    /// Adds a state to the table. `listed` are the Server accounts that the state of a Cloud row lists, each
    /// with the number of its host and its id.
    pub fn add<'l>(&mut self, state: &State<'_>, listed: impl Iterator<Item = (u32, &'l str)>) {
        self.numbers.push(state.number);
        self.snapshots.push(state.snapshot, 1);
        self.accounts.push(state.account);
        self.shapes.push(state.shape, 1);
        let flag = |is: bool, flag: u8| if is { flag } else { 0 };
        self.flags.push(
            state.row
                | state.roles << ROLES
                | flag(state.visual_studio, VISUAL_STUDIO)
                | flag(state.takes_part, TAKES_PART)
                | flag(state.name.is_some(), HAS_NAME),
        );
        self.keys.extend(state.keys.iter().map(|(key, _)| *key));
        self.kinds.extend(state.keys.iter().map(|(_, kinds)| *kinds));
        self.key_ends.push(self.keys.len() as u32);
        for (host, id) in listed {
            self.hosts.push(host);
            match Id::of(id) {
                Id::Number(number) => self.ids.push(number),
                Id::Text(text) => {
                    self.odd_ids.insert(self.ids.len() as u32, text.into());
                    self.ids.push(0);
                }
            }
        }
        self.listed_ends.push(self.ids.len() as u32);
        self.digests.push(state.digest);
        self.words.logins.push(state.login);
        self.words.names.push(state.name.unwrap_or_default());
        self.entries.push(state.entry);
    }

    /// Copies the state at the position `place` of another table to the end of this table. `key` returns the new
    /// number for the number of each address key.
    pub fn copy(&mut self, other: &StateTable, place: usize, key: impl Fn(u32) -> u32) {
        self.numbers.push(other.numbers.at(place));
        self.snapshots.push(other.snapshots.at(place), 1);
        self.accounts.push(other.accounts[place]);
        self.shapes.push(other.shapes.at(place), 1);
        self.flags.push(other.flags[place]);
        let keys = range(&other.key_ends, place);
        self.keys.extend(other.keys[keys.clone()].iter().map(|own| key(*own)));
        self.kinds.extend_from_slice(&other.kinds[keys]);
        self.key_ends.push(self.keys.len() as u32);
        for at in range(&other.listed_ends, place) {
            if let Some(text) = other.odd_ids.get(&(at as u32)) {
                self.odd_ids.insert(self.ids.len() as u32, text.clone());
            }
            self.hosts.push(other.hosts[at]);
            self.ids.push(other.ids[at]);
        }
        self.listed_ends.push(self.ids.len() as u32);
        self.digests.push(other.digests[place]);
        self.words.logins.push(other.words.logins[place]);
        self.words.names.push(other.words.names[place]);
        self.entries.copy(&other.entries, place);
    }

    /// Replaces the number `n` of each address key of each state by `numbers[n]`.
    pub fn renumber_keys(&mut self, numbers: &[u32]) {
        self.keys.iter_mut().for_each(|key| *key = numbers[*key as usize]);
    }

    /// Reserves memory for `count` states in the columns that counting needs.
    pub fn reserve(&mut self, count: usize) {
        let columns = [&mut self.key_ends, &mut self.listed_ends, &mut self.accounts];
        columns.into_iter().for_each(|column| column.reserve_exact(count));
        self.flags.reserve_exact(count);
        self.keys.reserve(count);
        self.kinds.reserve(count);
    }

    /// The position of a state in the columns; `None` if the columns lack the state.
    pub fn place_of(&self, state: StateId) -> Option<usize> {
        self.numbers.place_of(state.number())
    }

    /// The number of the state at a position in the columns.
    pub fn state_at(&self, place: usize) -> StateId {
        StateId::of_number(self.numbers.at(place))
    }

    /// The kind of the record of the state at a position in the columns, for example a Server account.
    pub fn row(&self, place: usize) -> Option<RowKind> {
        RowKind::from_number(i64::from(self.flags[place] & 7))
    }

    /// The enterprise roles of the Cloud account whose state is at a position in the columns.
    pub fn roles(&self, place: usize) -> Option<Roles> {
        Roles::from_number(i64::from(self.flags[place] >> ROLES & 3))
    }

    /// Whether the state at a position in the columns has a Visual Studio subscription.
    pub fn visual_studio(&self, place: usize) -> bool {
        self.flags[place] & VISUAL_STUDIO != 0
    }

    /// Whether the Server account whose state is at a position in the columns takes part in counting
    /// (counting.md section 3).
    pub fn takes_part(&self, place: usize) -> bool {
        self.flags[place] & TAKES_PART != 0
    }

    /// The hash of the display name of the state at a position in the columns; `None` if the state has no
    /// display name.
    pub fn name(&self, words: &WordColumns, place: usize) -> Option<i64> {
        (self.flags[place] & HAS_NAME != 0).then(|| words.names[place])
    }

    /// The address keys of all states, one after another, as numbers.
    pub fn all_keys(&self) -> &[u32] {
        &self.keys
    }

    /// The position of the state that has the address key at the position `at` of `all_keys`.
    pub fn owner_of_key(&self, at: usize) -> usize {
        self.key_ends.partition_point(|end| *end as usize <= at)
    }

    /// Whether this table of states equals another in all columns that counting needs. Digests and the hashes of
    /// names are not compared.
    pub fn count_alike(&self, other: &StateTable) -> bool {
        self.numbers == other.numbers
            && self.snapshots == other.snapshots
            && self.accounts == other.accounts
            && self.shapes == other.shapes
            && self.flags == other.flags
            && self.key_ends == other.key_ends
            && self.keys == other.keys
            && self.kinds == other.kinds
            && self.listed_ends == other.listed_ends
            && self.hosts == other.hosts
            && self.ids == other.ids
            && self.odd_ids == other.odd_ids
    }

    /// The numbers of the address keys of the state at a position in the columns, each with bits for its kinds.
    pub fn keys(&self, place: usize) -> impl Iterator<Item = (u32, u8)> {
        let own = range(&self.key_ends, place);
        self.keys[own.clone()].iter().copied().zip(self.kinds[own].iter().copied())
    }

    /// The Server accounts that the Cloud row whose state is at a position in the columns lists.
    pub fn listed(&self, place: usize) -> impl Iterator<Item = ListedId<'_>> {
        range(&self.listed_ends, place)
            .map(|at| ListedId { host: self.hosts[at], id: self.id_at(at) })
    }

    /// The numbers of the hosts of the Server accounts that the Cloud row at a position in the columns lists.
    pub fn listed_hosts(&self, place: usize) -> &[u32] {
        &self.hosts[range(&self.listed_ends, place)]
    }

    /// The greatest number of any address key of the states; 0 if no state has an address.
    pub fn greatest_key(&self) -> u32 {
        self.keys.iter().copied().max().unwrap_or_default()
    }

    /// The hosts and the ids of all Server accounts that the states list, as two columns. 0 stands for an id that
    /// is not a plain number.
    pub fn all_listed(&self) -> (&[u32], &[u64]) {
        (&self.hosts, &self.ids)
    }

    /// The id of the Server account at the position `at` of `all_listed`.
    pub fn id_at(&self, at: usize) -> Id<'_> {
        match self.odd_ids.get(&(at as u32)) {
            Some(text) => Id::Text(text),
            None => Id::Number(self.ids[at]),
        }
    }

    /// The position of the state that lists the Server account at the position `at` of `all_listed`.
    pub fn owner_of_listed(&self, at: usize) -> usize {
        self.listed_ends.partition_point(|end| *end as usize <= at)
    }

    /// The listed Server ids that are not plain numbers, such as `007`.
    pub fn odd_ids(&self) -> impl Iterator<Item = &str> {
        self.odd_ids.values().map(|id| &**id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_numbers_only_where_they_are_written_so() {
        assert_eq!(Id::of("7"), Id::Number(7));
        for odd in ["", "007", "+7", "x", "18446744073709551616", "7 "] {
            assert_eq!(Id::of(odd), Id::Text(odd));
            assert_eq!(Id::of(odd).member(), Member::new(odd));
        }
    }
}
