//! Finds the states with a key, a login, a display name or an id. The first lookups scan the columns.
//! After several lookups in one column, an index is built for it.

use std::cell::{Cell, OnceCell, RefCell};
use std::marker::PhantomData;

use rusqlite::Connection;

use super::states::Id;
use super::sums::local_hash;
use super::{Image, StateTable};
use crate::error::Result;
use crate::model::{Grouped, ListIndex, list_indices};

list_indices! {
    /// A state, by its position in the image.
    ImageStateIx;
    /// A position in a column that is not about states.
    ColumnIx;
    /// A bucket of [`Buckets`].
    NumberBucketIx;
}

/// How many bits select a bucket at most. With so few buckets, the cells that are being filled stay in
/// the processor's cache.
const BUCKETS: u32 = 13;

/// The same for a column with thousands of lookups, each of which scans one bucket.
const FINE: u32 = 17;

/// The indexes of the columns, each built when it pays.
#[derive(Default)]
pub struct Finder {
    keys: Order<ColumnIx, BUCKETS>,
    owners: Order<ImageStateIx, BUCKETS>,
    logins: Order<ImageStateIx, BUCKETS>,
    names: Order<ImageStateIx, BUCKETS>,
    accounts: Order<ColumnIx, BUCKETS>,
    /// The result of the last lookup by hash: callers ask for one identity in several sources in turn.
    last_accounts: RefCell<Option<(u64, Vec<ColumnIx>)>>,
    listed: Order<ColumnIx, BUCKETS>,
    numbered: Order<ColumnIx, FINE>,
    locals: Order<ColumnIx, BUCKETS>,
}

/// A number that can be looked up in a column.
trait Number: Copy + PartialEq {
    /// How many lookups are scans before an index is built: so many scans take as long as building it.
    const SCANS: usize;

    /// The number, widened to 64 bits.
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

/// An index of one column: its positions, in buckets that `BITS` bits of the number select.
#[derive(Default)]
struct Order<I, const BITS: u32> {
    asked: Cell<usize>,
    buckets: OnceCell<Buckets>,
    index: PhantomData<I>,
}

impl<I: ListIndex, const BITS: u32> Order<I, BITS> {
    /// Announces this many lookups.
    fn prepare_for(&self, questions: usize) {
        self.asked.set(self.asked.get().saturating_add(questions));
    }

    /// The positions in ascending order where a number stands. Every call must pass the same column.
    fn places<N: Number>(&self, wanted: N, column: &[N]) -> Vec<I> {
        if self.asked.get() < N::SCANS {
            self.prepare_for(1);
            return scan(wanted, column);
        }
        let buckets = self.buckets.get_or_init(|| Buckets::of(column, BITS));
        let own = buckets.get(wanted).iter().map(|place| I::of_number(*place));
        own.filter(|place| column[place.position()] == wanted).collect()
    }
}

fn scan<I: ListIndex, N: Number>(wanted: N, column: &[N]) -> Vec<I> {
    /// So many numbers are tested together, without a branch for each.
    const AT_ONCE: usize = 64;
    let mut found = Vec::new();
    for (number, some) in column.chunks(AT_ONCE).enumerate() {
        if some.iter().fold(false, |is, it| is | (*it == wanted)) {
            let places = (number * AT_ONCE..).zip(some).filter(|(_, it)| **it == wanted);
            found.extend(places.map(|(place, _)| I::at(place)));
        }
    }
    found
}

/// The positions of a column, grouped by bucket. A bucket holds the positions of several numbers.
struct Buckets {
    places: Grouped<NumberBucketIx, u32>,
    bits: u32,
}

impl Buckets {
    /// The buckets of a column, selected by at most `most` bits.
    fn of<N: Number>(column: &[N], most: u32) -> Buckets {
        let bits = (column.len() / 4).max(2).ilog2().min(most);
        let placed = (0u32..).zip(column).map(|(place, number)| (bucket(*number, bits), place));
        Buckets { places: Grouped::arranged(1 << bits, placed), bits }
    }

    /// The positions in the bucket of a number, in order. Some of them hold other numbers.
    fn get<N: Number>(&self, number: N) -> &[u32] {
        self.places.of(bucket(number, self.bits))
    }
}

/// The multiplication spreads numbers that are consecutive or have few bits.
fn bucket<N: Number>(number: N, bits: u32) -> NumberBucketIx {
    let spread = number.wide().wrapping_mul(0x9e37_79b9_7f4a_7c15);
    NumberBucketIx::of_number((spread >> (u64::BITS - bits)) as u32)
}

impl Image {
    /// The states with this key.
    pub fn with_key(&self, key: u32) -> Vec<ImageStateIx> {
        let states = self.states();
        owners(states, &self.finder.keys.places(key, states.all_keys()), StateTable::owner_of_key)
    }

    /// The states whose login has this hash. The logins themselves are not compared.
    ///
    /// # Errors
    /// If the database cannot be read or holds invalid data. The functions below fail likewise.
    pub fn with_login(&self, connection: &Connection, hash: u32) -> Result<Vec<ImageStateIx>> {
        Ok(self.finder.logins.places(hash, &self.words(connection)?.logins))
    }

    /// The states with the hash of a display name.
    pub fn with_name(&self, connection: &Connection, name: i64) -> Result<Vec<ImageStateIx>> {
        let (states, words) = (self.states(), self.words(connection)?);
        let mut found = self.finder.names.places(name, words.names());
        // The column also holds a number for states without a display name.
        found.retain(|state| states.name(words, state.position()) == Some(name));
        Ok(found)
    }

    /// The states of an account.
    pub fn of_account(&self, account: u32) -> Vec<ImageStateIx> {
        self.finder.owners.places(account, &self.states().accounts)
    }

    /// The number of the account with this identity in a source.
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
        for place in found.iter().map(|place| place.position()) {
            if i64::from(accounts.sources.at(place)) == source
                && &*self.identity_of_account(connection, place)? == identity
            {
                return Ok(Some(accounts.numbers.at(place)));
            }
        }
        Ok(None)
    }

    /// The states that list this id on this host.
    pub fn listing(&self, host: u32, id: Id<'_>) -> Vec<ImageStateIx> {
        let states = self.states();
        let (hosts, ids) = states.all_listed();
        let number = match id {
            Id::Number(number) => number,
            Id::Text(_) => 0,
        };
        let places = self.finder.listed.places(number, ids);
        let is_it =
            |it: &ColumnIx| hosts[it.position()] == host && states.id_at(it.position()) == id;
        let places: Vec<ColumnIx> = places.into_iter().filter(is_it).collect();
        owners(states, &places, StateTable::owner_of_listed)
    }

    /// The number of a key, by its text.
    pub fn key_number(&self, connection: &Connection, text: &str) -> Result<Option<u32>> {
        for key in self.may_be_keys(connection, std::iter::once(text))? {
            if &*self.key_text_of_few(connection, key)? == text {
                return Ok(Some(key));
            }
        }
        Ok(None)
    }

    /// The numbers of the keys that have the hash of one of these texts. The texts are not compared.
    ///
    /// # Errors
    /// If the database cannot be read or holds invalid data.
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
            found.extend(places.into_iter().map(key_at));
        }
        Ok(found)
    }

    /// The numbers of the keys whose local part has the same `local_hash` as that of the address: tags,
    /// dots and hyphens do not count.
    ///
    /// # Errors
    /// If the database cannot be read or holds invalid data.
    pub fn with_local(&self, connection: &Connection, address: &str) -> Result<Vec<u32>> {
        let hashes = &self.key_locals(connection)?.hashes;
        let hash = local_hash(&self.form, address, &mut String::new());
        let places = self.finder.locals.places(hash, hashes);
        Ok(places.into_iter().map(key_at).collect())
    }
}

/// The number of the key at a position of the columns of keys.
fn key_at(place: ColumnIx) -> u32 {
    place.number() + 1
}

/// The states that own these positions, each once.
fn owners(
    states: &StateTable,
    places: &[ColumnIx],
    owner: fn(&StateTable, usize) -> usize,
) -> Vec<ImageStateIx> {
    let mut owners: Vec<ImageStateIx> =
        places.iter().map(|it| ImageStateIx::at(owner(states, it.position()))).collect();
    owners.dedup();
    owners
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_found_by_their_numbers() {
        let column = [3u32, 0, 3, 9, 1, 3, 0];
        let order = Order::<ColumnIx, BUCKETS>::default();
        for _ in 0..2 * u32::SCANS {
            assert_eq!(order.places(3, &column), [0, 2, 5].map(ColumnIx::of_number));
            assert!(order.places(7, &column).is_empty());
        }
        let order = Order::<ColumnIx, BUCKETS>::default();
        for _ in 0..2 * u32::SCANS {
            assert!(order.places(7u64, &[]).is_empty());
        }
    }

    #[test]
    fn every_place_of_a_column_is_found() {
        let column: Vec<i64> = (0..1000).map(|it| it * it % 37 - 9).collect();
        for length in [0, 1, 63, 64, 65, 128, 1000] {
            let (column, order) = (&column[..length], Order::<ColumnIx, BUCKETS>::default());
            for wanted in -10..30 {
                let all = ColumnIx::below(length).zip(column).filter(|(_, it)| **it == wanted);
                let all: Vec<ColumnIx> = all.map(|(place, _)| place).collect();
                assert_eq!(order.places(wanted, column), all, "{wanted} of {length}");
            }
        }
    }
}
