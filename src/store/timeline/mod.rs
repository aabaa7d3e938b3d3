//! History by spans: puts one snapshot at its place on a source's time line so that the content of
//! every other snapshot stays what it was (architecture.md section 2).
//!
//! Between the neighbours before and after a place there is no other snapshot, so every state that
//! holds at one of them either holds at both, ends at the later one, or begins there. Hence four
//! moves suffice: a span that goes on is left alone or split, one that ends at the later neighbour
//! is cut short, one that begins there is begun earlier, and what is new begins a span. By
//! induction two neighbours that say the same of an account always share one span: spans never
//! have to be joined.

mod compared;

use foldhash::{HashMap, HashMapExt};
use rusqlite::{Connection, OptionalExtension, params};

use super::OPEN_END;
use super::content_hash::ContentSum;
use super::in_books::InBooks;
use super::place::{ARRIVALS, Digest, Place, text_hash};
use super::state_writer::{NewSpan, StateWriter};
use crate::error::{Error, Result};
use crate::model::Instant;

/// An account at the new place and at its neighbours; 0 is no state.
#[derive(Debug, Clone, Copy)]
struct Slot {
    account: u32,
    before: u32,
    after: u32,
    now: u32,
    /// The digest of `before`.
    digest: Option<[u8; 16]>,
}

/// A snapshot of the same source that counts; it may have come under another name of it.
#[derive(Debug, Clone, Copy)]
struct Neighbour {
    source_id: i64,
    place: Place,
    accounts: u64,
}

impl Neighbour {
    fn of(it: &InBooks) -> Neighbour {
        let InBooks { source_id, place, accounts, .. } = *it;
        Neighbour { source_id, place, accounts: accounts.unwrap_or(0) }
    }
}

/// For so many accounts at most there is made room at once.
const RESERVED: u64 = 2_000_000;

/// The place of a new snapshot on its source's time line.
pub struct Timeline<'t> {
    connection: &'t Connection,
    source_id: i64,
    place: Place,
    before: Option<Place>,
    after: Option<Place>,
    /// The nearest snapshots that are neither voided nor partial.
    neighbour_before: Option<Neighbour>,
    neighbour_after: Option<Neighbour>,
    slots: Vec<Slot>,
    by_identity: HashMap<[u8; 16], u32>,
    /// States from here on were made by this import.
    first_new: u32,
    /// Had the source any account before?
    has_accounts: bool,
    sum: ContentSum,
    accounts: u64,
}

impl<'t> Timeline<'t> {
    /// Finds the place and what holds on both sides of it. States from `first_new` on will be
    /// made by this import.
    pub fn open(
        connection: &'t Connection,
        (source_id, taken_at): (i64, Instant),
        (neighbour_before, neighbour_after): (Option<&InBooks>, Option<&InBooks>),
        first_new: u32,
    ) -> Result<Timeline<'t>> {
        let first = Place::first_of(taken_at);
        let newest: Option<i64> = connection.query_row(
            "SELECT max(place) FROM stored_snapshots WHERE source_id = ?1 AND place BETWEEN ?2 AND ?3",
            (source_id, first.0, first.0 + ARRIVALS - 1),
            |row| row.get(0),
        )?;
        let place = newest.map_or(first, |newest| Place(newest + 1));
        if place.0 >= first.0 + ARRIVALS {
            return Err(Error::input("too many snapshots of one source at one instant"));
        }
        let (before, after) = connection.query_row(
            "SELECT max(place) FILTER (WHERE place < ?2), min(place) FILTER (WHERE place > ?2) \
             FROM stored_snapshots WHERE source_id = ?1",
            (source_id, place.0),
            |row| Ok((row.get::<_, Option<i64>>(0)?, row.get::<_, Option<i64>>(1)?)),
        )?;
        let has_accounts: bool = connection.query_row(
            "SELECT EXISTS (SELECT 1 FROM stored_accounts WHERE source_id = ?1)",
            [source_id],
            |row| row.get(0),
        )?;
        let mut timeline = Timeline {
            connection,
            source_id,
            place,
            before: before.map(Place),
            after: after.map(Place),
            neighbour_before: neighbour_before.map(Neighbour::of),
            neighbour_after: neighbour_after.map(Neighbour::of),
            slots: Vec::new(),
            by_identity: HashMap::new(),
            first_new,
            has_accounts,
            sum: ContentSum::default(),
            accounts: 0,
        };
        if let Some(before) = timeline.before {
            timeline.load_before(before)?;
            timeline.sum = content_sum(connection, source_id, before)?;
        }
        if let Some(after) = timeline.after {
            timeline.load_after(after)?;
        }
        Ok(timeline)
    }

    fn load_before(&mut self, place: Place) -> Result<()> {
        let ours = |it: &Neighbour| it.source_id == self.source_id && it.place == place;
        let neighbour = self.neighbour_before.filter(ours);
        // As many as there were, and a few more: growing would take twice the memory. (A damaged
        // database may say any number.)
        let accounts = neighbour.map_or(0, |neighbour| neighbour.accounts.min(RESERVED) as usize);
        self.slots.reserve_exact(accounts + accounts / 32);
        self.by_identity.reserve(accounts);
        let mut statement = self.connection.prepare(CONTENT)?;
        let mut rows = statement.query((self.source_id, place.0))?;
        while let Some(row) = rows.next()? {
            let slot = Slot {
                account: number(row.get(1)?)?,
                before: number(row.get(2)?)?,
                after: 0,
                now: 0,
                digest: row.get(3)?,
            };
            let hash = text_hash(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?);
            self.by_identity.insert(hash, self.slots.len() as u32);
            self.slots.push(slot);
        }
        Ok(())
    }

    fn load_after(&mut self, place: Place) -> Result<()> {
        let mut statement = self.connection.prepare(CONTENT)?;
        let mut rows = statement.query((self.source_id, place.0))?;
        while let Some(row) = rows.next()? {
            let account = number(row.get(1)?)?;
            let hash = text_hash(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?);
            let next = self.slots.len() as u32;
            let slot = *self.by_identity.entry(hash).or_insert(next);
            if slot == next {
                self.slots.push(Slot { account, before: 0, after: 0, now: 0, digest: None });
            }
            self.slots[slot as usize].after = number(row.get(2)?)?;
        }
        Ok(())
    }

    /// The place of the new snapshot.
    pub fn place(&self) -> Place {
        self.place
    }

    /// The slot of an account; makes the account if it is new.
    pub(super) fn slot(
        &mut self,
        writer: &mut StateWriter,
        identity: &str,
        hash: [u8; 16],
    ) -> Result<usize> {
        if let Some(slot) = self.by_identity.get(&hash) {
            return Ok(*slot as usize);
        }
        let known = match self.has_accounts {
            true => stored_account(self.connection, self.source_id, identity)?,
            false => None,
        };
        let account = match known {
            Some(account) => number(account)?,
            None => writer.make_account(self.connection, self.source_id, identity)?,
        };
        let slot = self.slots.len();
        self.slots.push(Slot { account, before: 0, after: 0, now: 0, digest: None });
        self.by_identity.insert(hash, slot as u32);
        Ok(slot)
    }

    /// The number of a slot's account.
    pub fn account(&self, slot: usize) -> u32 {
        self.slots[slot].account
    }

    /// The state of the account in the new snapshot, if it has come already.
    pub fn now(&self, slot: usize) -> Option<i64> {
        let now = self.slots[slot].now;
        (now != 0).then_some(i64::from(now))
    }

    /// The digest of the state that the account has in the new snapshot.
    pub fn digest_now(&self, slot: usize, state: i64) -> Result<Option<Digest>> {
        let slot = &self.slots[slot];
        if slot.now == slot.before {
            return Ok(slot.digest.map(Digest));
        }
        state_digest(self.connection, state)
    }

    /// Does the state before or after say the same? Then it holds at the new place too.
    pub fn holds(&mut self, slot: usize, digest: Digest) -> Result<bool> {
        let Slot { before, after, digest: known, .. } = self.slots[slot];
        let same_before = before != 0 && known == Some(digest.0);
        let holding = if same_before {
            before
        } else if after != 0
            && after != before
            && state_digest(self.connection, i64::from(after))? == Some(digest)
        {
            after
        } else {
            return Ok(false);
        };
        self.slots[slot].now = holding;
        self.accounts += 1;
        Ok(true)
    }

    /// A new state. Whoever writes it writes its span (`new_span`), and adds its record to
    /// the [sum](Timeline::sum).
    pub fn begin_state(&mut self, slot: usize, state: u32) {
        self.slots[slot].now = state;
        self.accounts += 1;
    }

    /// The sum of the records of the new snapshot, to which those of its new states are added.
    pub fn sum(&mut self) -> &mut ContentSum {
        &mut self.sum
    }

    /// New states hold from the new place to the neighbour after it.
    pub(super) fn new_span(&self) -> NewSpan {
        let to = self.after.map_or(OPEN_END, Place::number);
        NewSpan { from: self.place.0, to, source: self.source_id }
    }

    /// Takes back the state that an account has in the new snapshot.
    pub fn retract(&mut self, slot: usize, state: i64) -> Result<()> {
        if self.slots[slot].now >= self.first_new {
            self.sum.remove(&record_hash_of(self.connection, state)?);
            for table in ["spans", "addresses", "listed", "stored_memberships", "records", "states"]
            {
                let sql = format!("DELETE FROM {table} WHERE state_id = ?1");
                self.connection.prepare_cached(&sql)?.execute([state])?;
            }
        }
        self.slots[slot].now = 0;
        self.accounts -= 1;
        Ok(())
    }

    /// How many accounts the new snapshot has so far.
    pub fn accounts(&self) -> u64 {
        self.accounts
    }

    /// Moves the ends of the spans of all accounts that are not what they were before; gives the
    /// content hash.
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
            self.connection.execute(
                "INSERT OR REPLACE INTO content_sums (source_id, place, sum) VALUES (?1, ?2, ?3)",
                params![self.source_id, self.place.0, self.sum.to_bytes()],
            )?;
        }
        Ok(self.sum.hash())
    }

    /// Ends the span of a state that holds before: it is cut short, or split where it goes on.
    fn end_span(&self, state: i64, goes_on: bool) -> Result<()> {
        if let (true, Some(after)) = (goes_on, self.after) {
            let end: i64 = self
                .connection
                .prepare_cached(
                    "SELECT to_place FROM spans \
                     WHERE state_id = ?1 AND from_place < ?2 AND to_place > ?2",
                )?
                .query_row((state, self.place.0), |row| row.get(0))?;
            self.cut_span(state)?;
            return self.insert_span(state, after.0, end);
        }
        self.cut_span(state)
    }

    fn cut_span(&self, state: i64) -> Result<()> {
        self.connection
            .prepare_cached(
                "UPDATE spans SET to_place = ?2 \
                 WHERE state_id = ?1 AND from_place < ?2 AND to_place > ?2",
            )?
            .execute((state, self.place.0))?;
        Ok(())
    }

    fn insert_span(&self, state: i64, from: i64, to: i64) -> Result<()> {
        self.connection.prepare_cached("INSERT INTO spans VALUES (?1, ?2, ?3, ?4)")?.execute((
            state,
            from,
            to,
            self.source_id,
        ))?;
        Ok(())
    }

    /// Begins the span of a state that held from the neighbour after on.
    fn begin_earlier(&self, state: i64) -> Result<()> {
        let Some(after) = self.after else { return Ok(()) };
        self.connection
            .prepare_cached(
                "UPDATE spans SET from_place = ?3 WHERE state_id = ?1 AND from_place = ?2",
            )?
            .execute((state, after.0, self.place.0))?;
        Ok(())
    }
}

/// Identity, account, state and digest of everything that holds at a place.
const CONTENT: &str = include_str!("../../../schema/queries/content_at.sql");

/// The multiset sum of the records that hold at a place: kept for the newest, else added up.
fn content_sum(connection: &Connection, source_id: i64, place: Place) -> Result<ContentSum> {
    let kept: Option<Vec<u8>> = connection
        .query_row(
            "SELECT sum FROM content_sums WHERE source_id = ?1 AND place = ?2",
            (source_id, place.0),
            |row| row.get(0),
        )
        .optional()?;
    if let Some(sum) = kept.as_deref().and_then(ContentSum::from_bytes) {
        return Ok(sum);
    }
    let mut sum = ContentSum::default();
    let mut statement =
        connection.prepare(include_str!("../../../schema/queries/record_hashes_at.sql"))?;
    let mut rows = statement.query((source_id, place.0))?;
    while let Some(row) = rows.next()? {
        sum.add(&row.get::<_, [u8; 32]>(0)?);
    }
    Ok(sum)
}

fn stored_account(connection: &Connection, source_id: i64, identity: &str) -> Result<Option<i64>> {
    let sql = "SELECT account_id FROM stored_accounts WHERE source_id = ?1 AND identity = ?2";
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement.query_row((source_id, identity), |row| row.get(0)).optional()?)
}

fn state_digest(connection: &Connection, state: i64) -> Result<Option<Digest>> {
    let sql = "SELECT digest FROM states WHERE state_id = ?1";
    let digest: Option<[u8; 16]> =
        connection.prepare_cached(sql)?.query_row([state], |row| row.get(0))?;
    Ok(digest.map(Digest))
}

fn record_hash_of(connection: &Connection, state: i64) -> Result<[u8; 32]> {
    let sql = "SELECT record_hash FROM records WHERE state_id = ?1";
    Ok(connection.prepare_cached(sql)?.query_row([state], |row| row.get(0))?)
}

/// Accounts and states are numbered from 1; four thousand million of them are enough.
pub(super) fn number(id: i64) -> Result<u32> {
    // Numbers that follow must have room as well.
    let number = u32::try_from(id).ok().filter(|number| *number <= u32::MAX / 2);
    number.ok_or_else(|| Error::database("the database is full: a number is too large"))
}
