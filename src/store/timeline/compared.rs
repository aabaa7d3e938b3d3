//! Compares a new snapshot with the snapshots before and after it that are neither voided nor partial. Also
//! finds a stored snapshot with the same content.

use foldhash::{HashMap, HashMapExt};
use rusqlite::params;

use super::{Neighbor, Place, Timeline};
use crate::error::Result;
use crate::model::{ListIndex, StateId};
use crate::store::place::ARRIVALS;
use crate::store::snapshot_row::Stored;

/// The differences between the accounts of the new snapshot and the accounts of the previous snapshot.
#[derive(Debug, Default)]
pub struct Compared {
    pub added: u64,
    pub removed: u64,
    pub unchanged: u64,
    /// For each account whose record differs, the numbers of its states (records) in the previous and in the new
    /// snapshot.
    pub differ: Vec<(i64, i64)>,
}

impl Timeline<'_> {
    /// Compares the accounts of the new snapshot with the accounts of the previous snapshot.
    pub fn compared(&self) -> Result<Compared> {
        let mut compared = Compared::default();
        let neighbor = match self.neighbor_before {
            Some(neighbor)
                if neighbor.source_id != self.source_id || Some(neighbor.place) != self.before =>
            {
                Some(self.states_at(&neighbor)?)
            }
            _ => None,
        };
        let mut common = 0;
        for slot in &self.slots {
            let before = match (&neighbor, self.neighbor_before) {
                (_, None) => 0,
                (None, Some(_)) => slot.before,
                (Some(states), Some(_)) => states.get(&slot.account).copied().unwrap_or(0),
            };
            common += u64::from(before != 0);
            match (before, slot.now) {
                (0, 0) => {}
                (0, _) => compared.added += 1,
                (_, 0) => compared.removed += 1,
                (before, now) if before == now => compared.unchanged += 1,
                (before, now) => compared.differ.push((i64::from(before), i64::from(now))),
            }
        }
        // Every account of the new snapshot has a slot. So an account of the neighboring snapshot without one is
        // missing in the new snapshot.
        if let Some(states) = neighbor {
            compared.removed += states.len() as u64 - common;
        }
        Ok(compared)
    }

    /// The number of each account's state in a neighboring snapshot, by the number of the account. If the
    /// neighboring snapshot is stored under another name of the source, its accounts have other numbers. Then
    /// each account gets the number of the account with the same identity in the new snapshot's source, or an
    /// unused number.
    fn states_at(&self, neighbor: &Neighbor) -> Result<HashMap<u32, u32>> {
        let (states, accounts) = (self.image.states(), self.image.accounts(self.connection)?);
        let (mut found, mut nobody) = (HashMap::new(), u32::MAX);
        let held = self.image.times.at(states, neighbor.source_id, neighbor.place.0);
        for held in held {
            let mut account = states.accounts[held.place];
            if neighbor.source_id != self.source_id {
                nobody -= 1;
                let same = match accounts.place_of(account) {
                    Some(place) => {
                        let identity = self.image.identity_at(self.connection, place)?;
                        self.account_of(accounts.hashes[place], identity)?
                    }
                    None => None,
                };
                account = same.unwrap_or(nobody);
            }
            found.insert(account, states.numbers.at(held.place));
        }
        Ok(found)
    }

    /// The number of the account in this source that has an identity. The account is found by the hash of the
    /// identity.
    fn account_of(&self, hash: u64, identity: &str) -> Result<Option<u32>> {
        let writer = self.writer.borrow();
        let is_it =
            |slot: &super::Slot| Ok(writer.identity(self.connection, slot.account)? == identity);
        Ok(self.find(hash, is_it)?.map(|slot| self.slots[slot].account))
    }

    /// The number of accounts that have the same state in the new snapshot and at another point of the source's
    /// time line.
    pub(in crate::store) fn same_states(&self, place: Place) -> Result<u64> {
        let present = self.slots.iter().filter(|slot| slot.now != 0);
        if Some(place) == self.before {
            return Ok(present.filter(|slot| slot.now == slot.before).count() as u64);
        }
        let states = self.states_at(&Neighbor { source_id: self.source_id, place, accounts: 0 })?;
        let same = present.filter(|slot| states.get(&slot.account) == Some(&slot.now));
        Ok(same.count() as u64)
    }

    /// The numbers of the states (records) that were read so far from the new file.
    pub(in crate::store) fn states_now(&self) -> impl Iterator<Item = i64> {
        self.slots.iter().filter(|slot| slot.now != 0).map(|slot| i64::from(slot.now))
    }

    /// The number of accounts in the previous snapshot, and how many of these accounts the new snapshot has too. If
    /// there is no previous snapshot, the next snapshot is compared.
    pub fn shared(&self) -> Result<Option<(u64, u64)>> {
        let Some(neighbor) = self.neighbor_before.or(self.neighbor_after) else {
            return Ok(None);
        };
        let states = self.states_at(&neighbor)?;
        let present = self.slots.iter().filter(|slot| slot.now != 0);
        let shared = present.filter(|slot| states.contains_key(&slot.account)).count();
        Ok(Some((states.len() as u64, shared as u64)))
    }

    /// The number of accounts in the previous snapshot; `None` if there is no previous snapshot.
    pub fn accounts_before(&self) -> Option<u64> {
        self.neighbor_before.map(|neighbor| neighbor.accounts)
    }

    /// The number of accounts in the next snapshot; `None` if there is no next snapshot.
    pub fn accounts_after(&self) -> Option<u64> {
        self.neighbor_after.map(|neighbor| neighbor.accounts)
    }

    /// The number of an existing snapshot with the same instant, accounts, totals and facts. Voided snapshots
    /// are ignored. A partial snapshot counts only if the new one is partial too.
    pub fn same_content(&self, stored: &Stored<'_>) -> Result<Option<i64>> {
        let mut statement =
            self.connection.prepare(include_str!("../../../schema/queries/same_content.sql"))?;
        let first = self.place.0 - self.place.0 % ARRIVALS;
        let mut rows = statement.query(params![
            self.source_id,
            first,
            self.place.0,
            stored.consumed,
            stored.purchased,
            stored.facts.to_string(),
            stored.partial,
        ])?;
        while let Some(row) = rows.next()? {
            if self.says_the_same(Place(row.get(1)?))? {
                return Ok(Some(row.get(0)?));
            }
        }
        Ok(None)
    }

    /// Does the snapshot at another point of the source's time line have the same accounts as the new one, each
    /// with the same content?
    fn says_the_same(&self, place: Place) -> Result<bool> {
        let neighbor = Neighbor { source_id: self.source_id, place, accounts: 0 };
        let there = self.states_at(&neighbor)?;
        if there.len() as u64 != self.accounts() {
            return Ok(false);
        }
        let (states, digests) = (self.image.states(), self.image.digests(self.connection)?);
        let mut present = self.slots.iter().filter(|slot| slot.now != 0);
        Ok(present.all(|slot| {
            there.get(&slot.account).is_some_and(|state| {
                let digest = states.place_of(StateId::of_number(*state)).map(|at| digests[at]);
                *state == slot.now || digest == Some(slot.digest_now)
            })
        }))
    }
}
