//! Who has a key, a login, a name, an id, by going through the columns; who asks often is answered from
//! an order that is made then.

use std::cell::{Cell, OnceCell};

use rusqlite::Connection;

use super::states::Id;
use super::{Image, States, Texts};
use crate::error::Result;

/// So many questions of a kind are answered by going through everything.
const SCANS: usize = 8;

/// Orders that were made.
#[derive(Default)]
pub struct Finder {
    keys: Grouped,
    owners: Grouped,
    logins: Order,
    names: Order,
    accounts: Order,
    listed: Order,
    texts: OnceCell<ByBeginning>,
    numbered: Order,
}

/// Places by a number each.
#[derive(Default)]
struct Order {
    asked: Cell<usize>,
    sorted: OnceCell<Vec<(u64, u32)>>,
}

impl Order {
    /// The places with a number, in order; `of` gives the number of each of so many places.
    fn places(&self, wanted: u64, count: usize, of: impl Fn(usize) -> u64) -> Vec<u32> {
        if self.asked.get() < SCANS {
            self.asked.set(self.asked.get() + 1);
            return (0..count).filter(|at| of(*at) == wanted).map(|at| at as u32).collect();
        }
        let sorted = self.sorted.get_or_init(|| {
            let mut all: Vec<(u64, u32)> = (0..count).map(|at| (of(at), at as u32)).collect();
            all.sort_unstable();
            all
        });
        let from = sorted.partition_point(|(number, _)| *number < wanted);
        let own = sorted[from..].iter().take_while(|(number, _)| *number == wanted);
        own.map(|(_, place)| *place).collect()
    }
}

/// Groups that are made once it is asked often.
#[derive(Default)]
struct Grouped {
    asked: Cell<usize>,
    groups: OnceCell<Groups>,
}

impl Grouped {
    /// The groups, if it was asked often.
    fn if_often(&self, make: impl FnOnce() -> Groups) -> Option<&Groups> {
        self.asked.set(self.asked.get() + 1);
        (self.asked.get() > SCANS).then(|| self.groups.get_or_init(make))
    }
}

/// Places by numbers that follow each other: those of each number, one number after another.
struct Groups {
    ends: Vec<u32>,
    places: Vec<u32>,
}

impl Groups {
    /// Of so many numbers; `each` hands out every number with a place, the same each time.
    fn of(numbers: usize, each: impl Fn(&mut dyn FnMut(usize, u32))) -> Groups {
        let mut ends = vec![0u32; numbers + 1];
        each(&mut |number, _| {
            if let Some(count) = ends.get_mut(number + 1) {
                *count += 1;
            }
        });
        for number in 1..ends.len() {
            ends[number] += ends[number - 1];
        }
        let mut places = vec![0; ends[numbers] as usize];
        // Where each begins becomes where it ends.
        each(&mut |number, place| {
            if let Some(next) = ends.get_mut(number).filter(|_| number < numbers) {
                places[*next as usize] = place;
                *next += 1;
            }
        });
        Groups { ends, places }
    }

    fn get(&self, number: usize) -> &[u32] {
        let start = if number == 0 { 0 } else { self.ends[number - 1] };
        self.places.get(start as usize..self.ends[number] as usize).unwrap_or_default()
    }
}

impl Image {
    /// The states with a key.
    pub fn with_key(&self, key: u32) -> Vec<u32> {
        let (states, count) = (self.states(), self.counts.keys);
        let often = self.finder.keys.if_often(|| {
            Groups::of(count + 1, |take| {
                for place in 0..states.len() {
                    states.keys(place).for_each(|(key, _)| take(key as usize, place as u32));
                }
            })
        });
        match often {
            _ if key as usize > count => Vec::new(),
            Some(groups) => groups.get(key as usize).to_vec(),
            None => {
                let keys = (0u32..).zip(states.all_keys());
                let places: Vec<u32> =
                    keys.filter(|(_, own)| **own == key).map(|(at, _)| at).collect();
                owners(states, &places, States::owner_of_key)
            }
        }
    }

    /// The states that may have a login, by its hash.
    ///
    /// # Errors
    /// If the database cannot be read, or holds what it should not; likewise below.
    pub fn with_login(&self, connection: &Connection, hash: u64) -> Result<Vec<u32>> {
        let logins = &self.words(connection)?.logins;
        Ok(self.finder.logins.places(hash, logins.len(), |at| logins[at]))
    }

    /// The states with a display name.
    pub fn with_name(&self, connection: &Connection, name: i64) -> Result<Vec<u32>> {
        let (states, words) = (self.states(), self.words(connection)?);
        // Those without one have the number 0 there.
        let of = |at: usize| states.name(words, at).unwrap_or_default() as u64;
        let mut found = self.finder.names.places(name as u64, states.len(), of);
        found.retain(|place| states.name(words, *place as usize) == Some(name));
        Ok(found)
    }

    /// The states of an account, by its number.
    pub fn of_account(&self, connection: &Connection, account: u32) -> Result<Vec<u32>> {
        let (states, accounts) = (self.states(), self.accounts(connection)?);
        let often = self.finder.owners.if_often(|| {
            Groups::of(accounts.len(), |take| {
                for (place, account) in (0u32..).zip(&states.accounts) {
                    accounts.place_of(*account).into_iter().for_each(|own| take(own, place));
                }
            })
        });
        Ok(match often {
            Some(groups) => {
                accounts.place_of(account).map_or_else(Vec::new, |own| groups.get(own).to_vec())
            }
            None => {
                let all = (0u32..).zip(&states.accounts);
                all.filter(|(_, own)| **own == account).map(|(place, _)| place).collect()
            }
        })
    }

    /// The number of the account of a source with an identity.
    pub fn account(
        &self,
        connection: &Connection,
        source: i64,
        identity: &str,
    ) -> Result<Option<u32>> {
        let accounts = self.accounts(connection)?;
        let hash = self.form.hash_of(identity);
        let found = self.finder.accounts.places(hash, accounts.len(), |at| accounts.hashes[at]);
        for place in found.into_iter().map(|place| place as usize) {
            if i64::from(accounts.sources[place]) == source
                && self.identity_at(connection, place)? == identity
            {
                return Ok(Some(accounts.numbers[place]));
            }
        }
        Ok(None)
    }

    /// The states that list an id of a host.
    pub fn listing(&self, host: u32, id: Id<'_>) -> Vec<u32> {
        let states = self.states();
        let (hosts, ids) = states.all_listed();
        let number = match id {
            Id::Number(number) => number,
            Id::Text(_) => 0,
        };
        let places = self.finder.listed.places(number, ids.len(), |at| ids[at]);
        let is_it =
            |place: &u32| hosts[*place as usize] == host && states.id_at(*place as usize) == id;
        let places: Vec<u32> = places.into_iter().filter(is_it).collect();
        owners(states, &places, States::owner_of_listed)
    }

    /// The number of a key.
    pub fn key_number(&self, connection: &Connection, text: &str) -> Result<Option<u32>> {
        let hash = self.form.hash_of(text);
        let hashes = self.key_hashes(connection)?;
        let found = self.finder.numbered.places(hash, hashes.len(), |at| hashes[at]);
        for place in found {
            if self.key_text_at(connection, place as usize)? == text {
                return Ok(Some(place + 1));
            }
        }
        Ok(None)
    }

    /// The keys from a text on, in the order of bytes: the place of each.
    ///
    /// # Errors
    /// If the database cannot be read, or holds what it should not.
    pub fn keys_from<'i>(
        &'i self,
        connection: &Connection,
        text: &str,
    ) -> Result<impl Iterator<Item = u32> + use<'i>> {
        let texts = self.key_texts(connection)?;
        let all = self.finder.texts.get_or_init(|| ByBeginning::of(texts));
        let first = beginning(text);
        let own = all.bucket(texts, first);
        let from = own.partition_point(|place| texts.get(*place as usize) < text);
        let later = (first + 1..BEGINNINGS).flat_map(|it| all.bucket(texts, it));
        Ok(own[from..].iter().chain(later).copied())
    }
}

/// So many beginnings of two bytes are there.
const BEGINNINGS: usize = 1 << 16;

/// The first two bytes of a text, in their order; those that are not there are 0.
fn beginning(text: &str) -> usize {
    let byte = |at: usize| text.as_bytes().get(at).copied().map_or(0, usize::from);
    byte(0) << 8 | byte(1)
}

/// Places of texts by their beginnings; those of one beginning are put in order when they are asked for.
struct ByBeginning {
    groups: Groups,
    sorted: Vec<OnceCell<Box<[u32]>>>,
}

impl ByBeginning {
    fn of(texts: &Texts) -> ByBeginning {
        let groups = Groups::of(BEGINNINGS, |take| {
            (0..texts.len()).for_each(|place| take(beginning(texts.get(place)), place as u32));
        });
        ByBeginning { groups, sorted: (0..BEGINNINGS).map(|_| OnceCell::new()).collect() }
    }

    fn bucket(&self, texts: &Texts, beginning: usize) -> &[u32] {
        self.sorted[beginning].get_or_init(|| {
            let mut own: Box<[u32]> = self.groups.get(beginning).into();
            own.sort_unstable_by(|a, b| texts.get(*a as usize).cmp(texts.get(*b as usize)));
            own
        })
    }
}

/// The states that these belong to, each once.
fn owners(states: &States, places: &[u32], owner: fn(&States, usize) -> usize) -> Vec<u32> {
    let mut owners: Vec<u32> =
        places.iter().map(|place| owner(states, *place as usize) as u32).collect();
    owners.dedup();
    owners
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_found_by_their_numbers() {
        let numbers = [3usize, 0, 3, 9, 1, 3, 0];
        let each = |take: &mut dyn FnMut(usize, u32)| {
            (0u32..).zip(numbers).for_each(|(place, number)| take(number, place));
        };
        // One of them is too large, and none's.
        let groups = Groups::of(5, each);
        let found: Vec<&[u32]> = (0..5).map(|number| groups.get(number)).collect();
        assert_eq!(found, [&[1, 6][..], &[4], &[], &[0, 2, 5], &[]]);
        let order = Order::default();
        for _ in 0..2 * SCANS {
            assert_eq!(order.places(3, numbers.len(), |at| numbers[at] as u64), [0, 2, 5]);
            assert!(order.places(7, numbers.len(), |at| numbers[at] as u64).is_empty());
        }
    }
}
