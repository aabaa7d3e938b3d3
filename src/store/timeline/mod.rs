//! Stores history as spans of time: inserts a snapshot into the time line of a source, without changing the content
//! of any other snapshot (architecture.md section 2).
//!
//! No other snapshot lies between the new snapshot and its two neighbors, the previous and the next snapshot. So
//! there are three kinds of stored states: states in force at both neighbors, states that end at the next
//! snapshot, and states that begin at the next snapshot. Four operations are enough. A span that contains both
//! neighbors is left as it is, or is split. A span that ends at the next snapshot is shortened. A span that
//! begins at the next snapshot is made to begin earlier. A new state gets a new span. It follows by induction
//! that an account with the same content in two neighbors always has one span there, so spans never have to be
//! joined.

mod compared;

use std::cell::RefCell;
use std::rc::Rc;

use rusqlite::{Connection, OptionalExtension};

use super::booked::InBooks;
use super::bulk;
use super::content_hash::ContentSum;
use super::image::{Image, PositionTable};
use super::place::{ARRIVALS, Place};
use super::row::{StoredRow as _, stored_row};
use super::sql::OPEN_END;
use super::state_writer::{NewSpan, SPANS, StateWriter};
use crate::error::{Error, Result};
use crate::model::{Instant, ListIndex, StateId};

stored_row! {
    /// The sum of the record hashes of the newest snapshot on the time line of a source.
    SumRow, "content_sums", source_id {
        place: i64,
        sum: Vec<u8>,
    }
}

/// The numbers of an account's states in the new snapshot, in the previous snapshot and in the next one. 0 means
/// that the account has no state in that snapshot.
#[derive(Debug, Clone, Copy)]
struct Slot {
    account: u32,
    before: u32,
    after: u32,
    now: u32,
    /// The digest of the account's state in the previous snapshot.
    digest: u64,
    /// The digest of the account's state in the new snapshot.
    digest_now: u64,
}

impl Slot {
    fn of(account: u32) -> Slot {
        Slot { account, before: 0, after: 0, now: 0, digest: 0, digest_now: 0 }
    }
}

/// The previous or the next snapshot of the same source that is neither voided nor partial. It may be stored under
/// another name of the source.
#[derive(Debug, Clone, Copy)]
struct Neighbor {
    source_id: i64,
    place: Place,
    accounts: u64,
}

impl Neighbor {
    fn of(it: &InBooks) -> Neighbor {
        let InBooks { source_id, place, accounts, .. } = *it;
        Neighbor { source_id, place, accounts: accounts.unwrap_or(0) }
    }
}

/// The point of a new snapshot on the time line of its source, with the states (records) of all accounts just
/// before and just after that point.
pub struct Timeline<'t> {
    connection: &'t Connection,
    source_id: i64,
    place: Place,
    before: Option<Place>,
    after: Option<Place>,
    /// The nearest snapshots before and after the new one that are neither voided nor partial.
    neighbor_before: Option<Neighbor>,
    neighbor_after: Option<Neighbor>,
    writer: &'t RefCell<StateWriter>,
    /// The image (the columns derived from all rows) as it was when the transaction began.
    image: Rc<Image>,
    /// One slot for each account that the source has ever had or that is new, with its states before, in and
    /// after the new snapshot.
    slots: Vec<Slot>,
    /// The hash of each account's identity, in the order of the slots, and an index of the slots by these
    /// hashes.
    hashes: Vec<u64>,
    by_identity: PositionTable,
    /// The number of the first state that the new snapshot adds.
    first_new: u32,
    /// The number that identifies the new snapshot in the database.
    snapshot: u32,
    sum: ContentSum,
    accounts: u64,
}

impl<'t> Timeline<'t> {
    /// Finds the point of a new snapshot on the time line, and the states (records) of all accounts just before
    /// and just after it. The states that `writer` numbers from now on belong to the new snapshot.
    pub(super) fn open(
        connection: &'t Connection,
        (source_id, taken_at): (i64, Instant),
        (neighbor_before, neighbor_after): (Option<&InBooks>, Option<&InBooks>),
        writer: &'t RefCell<StateWriter>,
    ) -> Result<Timeline<'t>> {
        let first = Place::first_of(taken_at);
        let newest: Option<i64> = connection.query_row(
            "SELECT max(place) FROM stored_snapshots WHERE source_id = ?1 AND place BETWEEN ?2 AND ?3",
            (source_id, first.0, first.0 + ARRIVALS - 1),
            |row| row.get(0),
        )?;
        let place = newest.map_or(first, |newest| Place(newest + 1));
        if place.0 >= first.0 + ARRIVALS {
            return Err(Error::input(
                "the source has too many snapshots taken at the same instant",
            ));
        }
        let (before, after) = connection.query_row(
            "SELECT max(place) FILTER (WHERE place < ?2), min(place) FILTER (WHERE place > ?2) \
             FROM stored_snapshots WHERE source_id = ?1",
            (source_id, place.0),
            |row| Ok((row.get::<_, Option<i64>>(0)?, row.get::<_, Option<i64>>(1)?)),
        )?;
        let snapshot = writer.borrow_mut().number_snapshot();
        let mut timeline = Timeline {
            connection,
            source_id,
            place,
            before: before.map(Place),
            after: after.map(Place),
            neighbor_before: neighbor_before.map(Neighbor::of),
            neighbor_after: neighbor_after.map(Neighbor::of),
            writer,
            image: Rc::clone(writer.borrow().image()),
            slots: Vec::new(),
            hashes: Vec::new(),
            by_identity: PositionTable::default(),
            first_new: writer.borrow().next_state(),
            snapshot,
            sum: ContentSum::default(),
            accounts: 0,
        };
        timeline.load()?;
        if let Some(before) = timeline.before {
            timeline.sum = timeline.content_sum(before)?;
        }
        Ok(timeline)
    }

    /// Makes a slot for each account that the source has ever had, with the account's states just before and
    /// just after the new snapshot.
    fn load(&mut self) -> Result<()> {
        if self.before.is_none() && self.after.is_none() {
            // A source without other snapshots has no accounts yet.
            return Ok(());
        }
        let image = Rc::clone(&self.image);
        let (accounts, states) = (image.accounts(self.connection)?, image.states());
        let own: Vec<usize> = (0..accounts.len())
            .filter(|place| i64::from(accounts.sources.at(*place)) == self.source_id)
            .collect();
        let room = own.len() + own.len() / 32;
        self.slots.reserve_exact(room);
        self.hashes.reserve_exact(room);
        self.by_identity = PositionTable::with_room(room);
        let mut slots: Vec<u32> = vec![0; accounts.len()];
        for place in own {
            slots[place] = self.slots.len() as u32 + 1;
            self.add_slot(Slot::of(accounts.numbers.at(place)), accounts.hashes[place]);
        }
        for (at, is_before) in [(self.before, true), (self.after, false)] {
            let Some(at) = at else { continue };
            let digests = image.digests(self.connection)?;
            for held in image.times.at(states, self.source_id, at.0) {
                let account = accounts.place_of(states.accounts[held.place]);
                let slot = account.and_then(|place| (slots[place] as usize).checked_sub(1));
                let Some(slot) = slot.and_then(|slot| self.slots.get_mut(slot)) else { continue };
                let state = states.numbers.at(held.place);
                match is_before {
                    true => (slot.before, slot.digest) = (state, digests[held.place]),
                    false => slot.after = state,
                }
            }
        }
        Ok(())
    }

    fn add_slot(&mut self, slot: Slot, hash: u64) -> usize {
        let added = self.slots.len();
        self.slots.push(slot);
        self.hashes.push(hash);
        self.by_identity.add(hash, added as u32, |at| self.hashes[at]);
        added
    }

    /// The slot (position in `slots`) of the account whose identity has this hash, and for which `is_it` returns
    /// true.
    fn find(&self, hash: u64, is_it: impl Fn(&Slot) -> Result<bool>) -> Result<Option<usize>> {
        let is_it = |at: usize| Ok(self.hashes[at] == hash && is_it(&self.slots[at])?);
        self.by_identity.try_find(hash, is_it)
    }

    /// The point of the new snapshot on the source's time line.
    pub fn place(&self) -> Place {
        self.place
    }

    /// The slot (position in `slots`) of an account, which is created if the account is new. An account is
    /// recognized by the hash of its identity together with the digest of its state in the previous snapshot. If
    /// the digests differ, the identities themselves are compared.
    pub(super) fn slot(
        &mut self,
        writer: &mut StateWriter,
        (identity, hash): (&str, u64),
        digest: Option<u64>,
    ) -> Result<usize> {
        let is_it = |slot: &Slot| {
            Ok((slot.before != 0 && Some(slot.digest) == digest)
                || writer.identity(self.connection, slot.account)? == identity)
        };
        if let Some(slot) = self.find(hash, is_it)? {
            return Ok(slot);
        }
        let account = writer.make_account(self.source_id, hash, identity)?;
        Ok(self.add_slot(Slot::of(account), hash))
    }

    /// The number of the account that has this slot (position in `slots`).
    pub fn account(&self, slot: usize) -> u32 {
        self.slots[slot].account
    }

    /// The number of the state (record) that an account has in the new snapshot; `None` if no row of the account
    /// was read yet.
    pub fn now(&self, slot: usize) -> Option<i64> {
        let now = self.slots[slot].now;
        (now != 0).then_some(i64::from(now))
    }

    /// The digest of the record that an account has in the new snapshot.
    pub fn digest_now(&self, slot: usize) -> u64 {
        self.slots[slot].digest_now
    }

    /// Does the account's state just before or just after the new snapshot have the same content? If so, that state
    /// also becomes the account's state in the new snapshot.
    ///
    /// # Errors
    /// If the database cannot be read, or has an invalid value.
    pub fn holds(&mut self, slot: usize, digest: u64) -> Result<bool> {
        let Slot { before, after, digest: known, .. } = self.slots[slot];
        let says = |state: u32| -> Result<bool> {
            let place = self.image.states().place_of(StateId::of_number(state));
            let digests = self.image.digests(self.connection)?;
            Ok(place.is_some_and(|at| digests[at] == digest))
        };
        let holding = if before != 0 && known == digest {
            before
        } else if after != 0 && after != before && says(after)? {
            after
        } else {
            return Ok(false);
        };
        (self.slots[slot].now, self.slots[slot].digest_now) = (holding, digest);
        self.accounts += 1;
        Ok(true)
    }

    /// Gives an account a new state in the new snapshot. The code that writes the state also writes its span
    /// (`new_span`), and adds its record hash to the [sum](Timeline::sum).
    pub fn begin_state(&mut self, slot: usize, state: u32, digest: u64) {
        (self.slots[slot].now, self.slots[slot].digest_now) = (state, digest);
        self.accounts += 1;
    }

    /// The sum of the record hashes of the new snapshot. The caller adds the hashes of new states.
    pub fn sum(&mut self) -> &mut ContentSum {
        &mut self.sum
    }

    /// The span of time of new states: from the new snapshot to the next snapshot, or without an end if there is no
    /// next snapshot.
    pub(super) fn new_span(&self) -> NewSpan {
        let to = self.after.map_or(OPEN_END, Place::number);
        NewSpan { from: self.place.0, to, source: self.source_id, snapshot: self.snapshot }
    }

    /// The number of states that the new snapshot adds, and the numbers of the first and the last of these
    /// states.
    pub fn new_states(&self) -> (usize, Option<u32>, Option<u32>) {
        let new = || self.slots.iter().map(|slot| slot.now).filter(|now| *now >= self.first_new);
        (new().count(), new().min(), new().max())
    }

    /// The number that identifies the new snapshot in the database.
    pub fn snapshot(&self) -> u32 {
        self.snapshot
    }

    /// Removes the state that an account has in the new snapshot.
    pub(super) fn retract(
        &mut self,
        writer: &mut StateWriter,
        slot: usize,
        state: i64,
    ) -> Result<()> {
        if self.slots[slot].now >= self.first_new {
            self.sum.remove(&record_hash_of(self.connection, state)?);
            writer.take_back(self.connection, state)?;
        }
        self.slots[slot].now = 0;
        self.accounts -= 1;
        Ok(())
    }

    /// The number of accounts in the new snapshot that were read so far.
    pub fn accounts(&self) -> u64 {
        self.accounts
    }

    /// Adjusts the spans of all accounts whose state in the new snapshot differs from that in the previous one.
    /// Returns the content hash of the new snapshot.
    pub fn close(&mut self) -> Result<[u8; 32]> {
        for index in 0..self.slots.len() {
            let Slot { before, after, now, .. } = self.slots[index];
            if now == before {
                continue;
            }
            if before != 0 {
                self.sum.remove(&record_hash_of(self.connection, i64::from(before))?);
                self.end_span(i64::from(before), before == after)?;
            }
            if now != 0 && now < self.first_new {
                self.sum.add(&record_hash_of(self.connection, i64::from(now))?);
                self.begin_earlier(i64::from(now))?;
            }
        }
        if self.after.is_none() {
            let row = SumRow { place: self.place.0, sum: self.sum.to_bytes() };
            row.replace(self.connection, self.source_id)?;
        }
        Ok(self.sum.hash())
    }

    /// Ends the span of a state that is in force just before the new snapshot. If the state is also in force just
    /// after the new snapshot (`goes_on`), its span is split. Otherwise the span is shortened.
    fn end_span(&self, state: i64, goes_on: bool) -> Result<()> {
        let sql = "SELECT to_place FROM spans \
                   WHERE state_id = ?1 AND from_place < ?2 AND to_place > ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let end: Option<i64> =
            statement.query_row((state, self.place.0), |row| row.get(0)).optional()?;
        match end {
            Some(_) => {
                let sql = "UPDATE spans SET to_place = ?2 \
                           WHERE state_id = ?1 AND from_place < ?2 AND to_place > ?2";
                self.connection.prepare_cached(sql)?.execute((state, self.place.0))?;
            }
            // Without a row in `spans`, the state has been in force since its first snapshot.
            None => self.insert_span(state, self.begun(state)?, self.place.0)?,
        }
        match (goes_on, self.after) {
            (true, Some(after)) => self.insert_span(state, after.0, end.unwrap_or(OPEN_END)),
            _ => Ok(()),
        }
    }

    /// The point on the time line of the snapshot with which a state (a record) began.
    fn begun(&self, state: i64) -> Result<i64> {
        let sql = "SELECT place FROM states JOIN stored_snapshots USING (snapshot_id) \
                   WHERE state_id = ?1";
        Ok(self.connection.prepare_cached(sql)?.query_row([state], |row| row.get(0))?)
    }

    fn insert_span(&self, state: i64, from: i64, to: i64) -> Result<()> {
        bulk::insert(self.connection, &SPANS, &[[state, from, to]], |values, row| {
            row.iter().try_for_each(|value| values.add(value))
        })?;
        Ok(())
    }

    /// Makes a span begin at the new snapshot. Until now, the span began at the next snapshot.
    fn begin_earlier(&self, state: i64) -> Result<()> {
        let Some(after) = self.after else { return Ok(()) };
        let sql = "UPDATE spans SET from_place = ?3 WHERE state_id = ?1 AND from_place = ?2";
        let mut update = self.connection.prepare_cached(sql)?;
        if update.execute((state, after.0, self.place.0))? == 0 {
            self.insert_span(state, self.place.0, OPEN_END)?;
        }
        Ok(())
    }

    /// The sum of the hashes of the records in force at a point of the time line. For the newest point the sum is
    /// stored, and for any other point the hashes are added up.
    fn content_sum(&self, place: Place) -> Result<ContentSum> {
        let kept: Option<Vec<u8>> = self
            .connection
            .query_row(
                "SELECT sum FROM content_sums WHERE source_id = ?1 AND place = ?2",
                (self.source_id, place.0),
                |row| row.get(0),
            )
            .optional()?;
        if let Some(sum) = kept.as_deref().and_then(ContentSum::from_bytes) {
            return Ok(sum);
        }
        let mut sum = ContentSum::default();
        let states = self.image.states();
        for held in self.image.times.at(states, self.source_id, place.0) {
            let state = i64::from(states.numbers.at(held.place));
            sum.add(&record_hash_of(self.connection, state)?);
        }
        Ok(sum)
    }
}

fn record_hash_of(connection: &Connection, state: i64) -> Result<[u8; 32]> {
    let sql = "SELECT record_hash FROM states WHERE state_id = ?1";
    Ok(connection.prepare_cached(sql)?.query_row([state], |row| row.get(0))?)
}
