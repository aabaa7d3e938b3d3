//! Who has a key, a login, a name, an id, by going through the columns; who asks often is answered from
//! an order that is made then.

use std::cell::{Cell, OnceCell, RefCell};

use rusqlite::Connection;

use super::states::Id;
use super::sums::local_hash;
use super::{Image, StateTable};
use crate::error::Result;

/// So many bits tell the bucket of an order at most: what is written to all of them at once stays near
/// at hand.
const BUCKETS: u32 = 13;

/// So many where thousands of questions follow, each of which goes through a bucket.
const FINE: u32 = 17;

/// Orders that were made.
#[derive(Default)]
pub struct Finder {
    keys: Order<BUCKETS>,
    owners: Order<BUCKETS>,
    logins: Order<BUCKETS>,
    names: Order<BUCKETS>,
    accounts: Order<BUCKETS>,
    /// The accounts that were found last, by their hash: the same is asked of one source after another.
    last_accounts: RefCell<Option<(u64, Vec<u32>)>>,
    listed: Order<BUCKETS>,
    numbered: Order<FINE>,
    locals: Order<BUCKETS>,
}

/// A number of a column.
trait Number: Copy + PartialEq {
    /// So many questions are answered by going through everything: to make an order takes about as long.
    const SCANS: usize;

    /// As wide as any.
    fn wide(self) -> u64;
}

impl Number for u32 {
    const SCANS: usize = 20;

    fn wide(self) -> u64 {
        u64::from(self)
    }
}

impl Number for u64 {
    const SCANS: usize = 10;

    fn wide(self) -> u64 {
        self
    }
}

impl Number for i64 {
    const SCANS: usize = 10;

    fn wide(self) -> u64 {
        self.cast_unsigned()
    }
}

/// The places of a column by their numbers, in buckets that so many bits tell.
#[derive(Default)]
struct Order<const BITS: u32> {
    asked: Cell<usize>,
    buckets: OnceCell<Buckets>,
}

impl<const BITS: u32> Order<BITS> {
    /// It will be asked so often, soon.
    fn prepare_for(&self, questions: usize) {
        self.asked.set(self.asked.get().saturating_add(questions));
    }

    /// The places of a column, always the same, where a number stands; in order.
    fn places<N: Number>(&self, wanted: N, column: &[N]) -> Vec<u32> {
        if self.asked.get() < N::SCANS {
            self.prepare_for(1);
            return scan(wanted, column);
        }
        let buckets = self.buckets.get_or_init(|| Buckets::of(column, BITS));
        let own = buckets.get(wanted).iter().copied();
        own.filter(|place| column[*place as usize] == wanted).collect()
    }
}

/// Goes through a column.
fn scan<N: Number>(wanted: N, column: &[N]) -> Vec<u32> {
    /// Whether it is in any of so many is found out for all of them at once.
    const AT_ONCE: usize = 64;
    let mut found = Vec::new();
    for (number, some) in column.chunks(AT_ONCE).enumerate() {
        if some.iter().fold(false, |is, it| is | (*it == wanted)) {
            let places = (number * AT_ONCE..).zip(some).filter(|(_, it)| **it == wanted);
            found.extend(places.map(|(place, _)| place as u32));
        }
    }
    found
}

/// Places by numbers of any size, arranged in two passes: those of several numbers are together.
struct Buckets {
    ends: Vec<u32>,
    places: Vec<u32>,
    bits: u32,
}

impl Buckets {
    /// Those of a column, in no more buckets than so many bits tell.
    fn of<N: Number>(column: &[N], most: u32) -> Buckets {
        let bits = (column.len() / 4).max(2).ilog2().min(most);
        let mut ends = vec![0u32; (1 << bits) + 1];
        for number in column {
            ends[bucket(*number, bits) + 1] += 1;
        }
        for at in 1..ends.len() {
            ends[at] += ends[at - 1];
        }
        let mut places = vec![0; column.len()];
        // Where each begins becomes where it ends.
        for (place, number) in (0u32..).zip(column) {
            let next = &mut ends[bucket(*number, bits)];
            places[*next as usize] = place;
            *next += 1;
        }
        Buckets { ends, places, bits }
    }

    /// The places with a number, and some others, in order.
    fn get<N: Number>(&self, number: N) -> &[u32] {
        let own = bucket(number, self.bits);
        let start = if own == 0 { 0 } else { self.ends[own - 1] };
        &self.places[start as usize..self.ends[own] as usize]
    }
}

/// Numbers may be of few bits, or follow each other.
fn bucket<N: Number>(number: N, bits: u32) -> usize {
    (number.wide().wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (u64::BITS - bits)) as usize
}

impl Image {
    /// The states with a key.
    pub fn with_key(&self, key: u32) -> Vec<u32> {
        let states = self.states();
        owners(states, &self.finder.keys.places(key, states.all_keys()), StateTable::owner_of_key)
    }

    /// The states that may have a login, by its hash.
    ///
    /// # Errors
    /// If the database cannot be read, or holds what it should not; likewise below.
    pub fn with_login(&self, connection: &Connection, hash: u32) -> Result<Vec<u32>> {
        Ok(self.finder.logins.places(hash, &self.words(connection)?.logins))
    }

    /// The states with a display name.
    pub fn with_name(&self, connection: &Connection, name: i64) -> Result<Vec<u32>> {
        let (states, words) = (self.states(), self.words(connection)?);
        let mut found = self.finder.names.places(name, words.names());
        // Those without one have a number there, too.
        found.retain(|place| states.name(words, *place as usize) == Some(name));
        Ok(found)
    }

    /// The states of an account, by its number.
    pub fn of_account(&self, account: u32) -> Vec<u32> {
        self.finder.owners.places(account, &self.states().accounts)
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
        let mut last = self.finder.last_accounts.borrow_mut();
        if last.as_ref().is_none_or(|(own, _)| *own != hash) {
            *last = Some((hash, self.finder.accounts.places(hash, &accounts.hashes)));
        }
        let found = last.as_ref().map_or(&[][..], |(_, found)| found);
        for place in found.iter().map(|place| *place as usize) {
            if i64::from(accounts.sources.at(place)) == source
                && &*self.identity_of_account(connection, place)? == identity
            {
                return Ok(Some(accounts.numbers.at(place)));
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
        let places = self.finder.listed.places(number, ids);
        let is_it =
            |place: &u32| hosts[*place as usize] == host && states.id_at(*place as usize) == id;
        let places: Vec<u32> = places.into_iter().filter(is_it).collect();
        owners(states, &places, StateTable::owner_of_listed)
    }

    /// The number of a key.
    pub fn key_number(&self, connection: &Connection, text: &str) -> Result<Option<u32>> {
        for key in self.may_be_keys(connection, std::iter::once(text))? {
            if &*self.key_text_of_few(connection, key)? == text {
                return Ok(Some(key));
            }
        }
        Ok(None)
    }

    /// The numbers of the keys that may have these texts, by their hashes: the texts are not compared.
    ///
    /// # Errors
    /// If the database cannot be read, or holds what it should not.
    pub fn may_be_keys<'t>(
        &self,
        connection: &Connection,
        texts: impl Iterator<Item = &'t str>,
    ) -> Result<Vec<u32>> {
        let hashes = self.key_hashes(connection)?;
        self.finder.numbered.prepare_for(texts.size_hint().0.saturating_sub(1));
        let mut found = Vec::new();
        for text in texts {
            let places = self.finder.numbered.places(self.form.hash_of(text) as u32, hashes);
            found.extend(places.into_iter().map(|place| place + 1));
        }
        Ok(found)
    }

    /// The numbers of the keys that may have the local part of an address, whatever their tags, dots and
    /// hyphens: by its hash (`local_hash`).
    ///
    /// # Errors
    /// If the database cannot be read, or holds what it should not.
    pub fn with_local(&self, connection: &Connection, address: &str) -> Result<Vec<u32>> {
        let hashes = &self.key_locals(connection)?.hashes;
        let hash = local_hash(&self.form, address, &mut String::new());
        let mut keys = self.finder.locals.places(hash, hashes);
        keys.iter_mut().for_each(|place| *place += 1);
        Ok(keys)
    }
}

/// The states that these belong to, each once.
fn owners(states: &StateTable, places: &[u32], owner: fn(&StateTable, usize) -> usize) -> Vec<u32> {
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
        let column = [3u32, 0, 3, 9, 1, 3, 0];
        let order = Order::<BUCKETS>::default();
        for _ in 0..2 * u32::SCANS {
            assert_eq!(order.places(3, &column), [0, 2, 5]);
            assert!(order.places(7, &column).is_empty());
        }
        let order = Order::<BUCKETS>::default();
        for _ in 0..2 * u32::SCANS {
            assert!(order.places(7u64, &[]).is_empty());
        }
    }

    #[test]
    fn every_place_of_a_column_is_found() {
        let column: Vec<i64> = (0..1000).map(|it| it * it % 37 - 9).collect();
        for length in [0, 1, 63, 64, 65, 128, 1000] {
            let (column, order) = (&column[..length], Order::<BUCKETS>::default());
            for wanted in -10..30 {
                let all = (0u32..).zip(column).filter(|(_, it)| **it == wanted);
                let all: Vec<u32> = all.map(|(place, _)| place).collect();
                assert_eq!(order.places(wanted, column), all, "{wanted} of {length}");
            }
        }
    }
}
