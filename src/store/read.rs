//! Reads records, and the names and addresses that are printed. `snapshot_row` reads the snapshots, and `parts`
//! reads the compact records that counting needs.

use std::collections::{HashMap, HashSet};

use super::Store;
use super::image::Id;
use super::snapshot_row::SnapshotFacts;
use super::sql::{damaged, stored_record, unknown_value};
use crate::error::Result;
use crate::model::{
    Account, AddressKind, Instant, KeyId, ListIndex, Member, RowKind, SourceKind, StateId,
};

/// The greatest number of states that one SQL statement reads.
const MANY: usize = 4096;

/// A Cloud account whose row in a snapshot lists a certain Server account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// The identity that the Cloud account has in the snapshot.
    pub identity: String,
    /// The time of the last snapshot that lists the Server account, within one span of time of the Cloud
    /// account's record.
    pub seen: Instant,
}

/// The login, display name and addresses of an account, as they are printed.
#[derive(Debug, Clone, Default)]
pub struct Printed {
    /// The login, as the file states it.
    pub login: String,
    /// The display name; `None` if the record of the account has none.
    pub name: Option<String>,
    /// The addresses, as the file states them, sorted by kind and key.
    pub addresses: Vec<(AddressKind, String)>,
}

impl Store {
    /// Begins a read transaction. From then on, all reads see the database as it is now, whatever other processes
    /// write.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn freeze(&self) -> Result<()> {
        if self.connection.is_autocommit() {
            self.connection.execute_batch("BEGIN")?;
        }
        Ok(())
    }

    /// For each of these Server accounts (host and id), the Cloud accounts whose rows list it in one of these
    /// Cloud snapshots. The snapshots must be sorted by time.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn merged_into(
        &self,
        cloud: &[&SnapshotFacts],
        accounts: &[(&str, &str)],
    ) -> Result<Vec<Vec<Merged>>> {
        let image = self.image()?;
        let states = image.states();
        let (mut merged, mut hosts) = (Vec::with_capacity(accounts.len()), HashMap::new());
        for (host, id) in accounts {
            let number = match hosts.get(host) {
                Some(number) => *number,
                None => {
                    let number = self.host_number(host)?;
                    hosts.insert(*host, number);
                    number
                }
            };
            let mut found: Vec<Merged> = Vec::new();
            let listing = number.map_or_else(Vec::new, |host| image.listing(host, Id::of(id)));
            let cloud_rows = listing.into_iter().map(ListIndex::position);
            for place in cloud_rows.filter(|place| states.row(*place) == Some(RowKind::Cloud)) {
                for span in image.times.of(states, place) {
                    let held = cloud.iter().rfind(|snapshot| {
                        snapshot.source_id == span.source
                            && (span.from..span.to).contains(&snapshot.place.number())
                    });
                    if let Some(held) = held {
                        let identity = image.identity(&self.connection, place)?.to_owned();
                        found.push(Merged { identity, seen: held.taken_at });
                    }
                }
            }
            found.sort_by(|a, b| a.identity.cmp(&b.identity));
            found.dedup();
            merged.push(found);
        }
        Ok(merged)
    }

    /// The stored record of a state, as two JSON texts: the names of its fields, and their values.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn record_texts(&self, state: StateId) -> Result<(String, String)> {
        stored_record(&self.connection, i64::from(state.number()))
    }

    /// Passes each record of a snapshot to `take`, as two JSON texts: the names of its fields, and their values.
    /// The records are sorted by the identities of their accounts.
    ///
    /// # Errors
    /// If the database cannot be read, or `take` fails.
    pub fn each_record(
        &self,
        snapshot: &SnapshotFacts,
        take: &mut dyn FnMut(&str, &str) -> Result<()>,
    ) -> Result<()> {
        let image = self.image()?;
        let held = image.times.at(image.states(), snapshot.source_id, snapshot.place.number());
        let mut places: Vec<usize> = held.iter().map(|it| it.place).collect();
        let identified = image.identified(&self.connection)?;
        places.sort_by(|a, b| identified.of(*a).cmp(identified.of(*b)));
        let states = places.iter().map(|place| image.states().state_at(*place));
        self.records(&states.collect::<Vec<_>>(), &mut |_, fields, content| take(fields, content))
    }

    /// Passes those records of a snapshot to `take` that have at least one of these fields. Reads no record if
    /// no record in the database has such a field.
    ///
    /// # Errors
    /// If the database cannot be read, or `take` fails.
    pub fn each_record_stating(
        &self,
        snapshot: &SnapshotFacts,
        fields: &[&str],
        take: &mut dyn FnMut(&str, &str) -> Result<()>,
    ) -> Result<()> {
        let sql = "SELECT DISTINCT shape_id FROM shapes, json_each(shapes.fields) \
                   WHERE json_each.value IN (SELECT value FROM json_each(?1))";
        let mut statement = self.connection.prepare_cached(sql)?;
        let shapes = statement.query_map([serde_json::json!(fields).to_string()], |row| row.get(0));
        let shapes: Vec<i64> = shapes?.collect::<rusqlite::Result<_>>()?;
        if shapes.is_empty() {
            return Ok(());
        }
        let image = self.image()?;
        let all = image.states();
        let mut held = image.times.at(all, snapshot.source_id, snapshot.place.number());
        held.retain(|it| shapes.contains(&i64::from(all.shapes.at(it.place))));
        let states: Vec<StateId> = held.iter().map(|it| all.state_at(it.place)).collect();
        self.records(&states, &mut |_, fields, content| take(fields, content))
    }

    /// Passes the records of these states to `take`, sorted by the number of the state. Each SQL statement
    /// reads many states, which is several times as fast as reading them one at a time.
    ///
    /// # Errors
    /// If the database cannot be read, or `take` fails.
    pub fn records_of(
        &self,
        states: &[StateId],
        take: &mut dyn FnMut(StateId, &str, &str) -> Result<()>,
    ) -> Result<()> {
        let mut sorted = states.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        self.records(&sorted, take)
    }

    /// Passes the records of these states to `take`, which gets the state and two JSON texts: field names and
    /// values. The states must be sorted by number.
    fn records(
        &self,
        states: &[StateId],
        take: &mut dyn FnMut(StateId, &str, &str) -> Result<()>,
    ) -> Result<()> {
        let mut statement =
            self.connection.prepare_cached(include_str!("../../schema/queries/records_of.sql"))?;
        for some in states.chunks(MANY) {
            let mut rows = statement.query([as_json(some)])?;
            while let Some(row) = rows.next()? {
                let fields = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
                let content = row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?;
                take(StateId::of_number(row.get(0)?), fields, content)?;
            }
        }
        Ok(())
    }

    /// Passes the account of each of these states to `take`: the state, the number of its source, and the
    /// identity of the account in that source.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn accounts_of(
        &self,
        states: &[StateId],
        take: &mut dyn FnMut(StateId, i64, &str),
    ) -> Result<()> {
        let mut statement =
            self.connection.prepare_cached(include_str!("../../schema/queries/accounts_of.sql"))?;
        let mut rows = statement.query([as_json(states)])?;
        while let Some(row) = rows.next()? {
            let identity = row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?;
            take(StateId::of_number(row.get(0)?), row.get(1)?, identity);
        }
        Ok(())
    }

    /// The states (records) of a snapshot that have a membership in an organization. The organization's name is
    /// compared without regard to letter case.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn members(
        &self,
        snapshot: &SnapshotFacts,
        organization: &str,
    ) -> Result<HashSet<StateId>> {
        let mut statement =
            self.connection.prepare(include_str!("../../schema/queries/members_at.sql"))?;
        let members = statement.query_map([organization], |row| row.get(0))?;
        let members: HashSet<i64> = members.collect::<rusqlite::Result<_>>()?;
        let image = self.image()?;
        let held = image.times.at(image.states(), snapshot.source_id, snapshot.place.number());
        let states = held.iter().map(|it| image.states().state_at(it.place));
        Ok(states.filter(|state| members.contains(&i64::from(state.number()))).collect())
    }

    /// The login, display name and addresses that a state (an account's record) has, for printing.
    ///
    /// # Errors
    /// If the database cannot be read, or has an invalid value.
    pub fn printed(&self, kind: SourceKind, state: StateId) -> Result<Printed> {
        let (fields, content) = stored_record(&self.connection, i64::from(state.number()))?;
        let record = crate::model::Record::from_stored(&fields, &content).map_err(damaged)?;
        let account = crate::model::account_of(kind, &record);
        Ok(Printed {
            login: account.login.into_owned(),
            name: account.name.map(std::borrow::Cow::into_owned),
            addresses: account
                .addresses
                .into_iter()
                .map(|address| (address.kind, address.text.trim().to_owned()))
                .collect(),
        })
    }

    /// The text of the address key with this number.
    ///
    /// # Errors
    /// If there is no such key, or the database cannot be read.
    pub fn key_text(&self, key: KeyId) -> Result<String> {
        let image = self.image()?;
        let key = key.number();
        if let Some(known) = image.few.key(key) {
            return Ok(known.to_string());
        }
        image.key_text(&self.connection, key)?.map(str::to_owned).ok_or_else(unknown_value)
    }
}

/// The numbers of states as a JSON array, which an SQL statement takes as one parameter.
fn as_json(states: &[StateId]) -> String {
    serde_json::json!(states.iter().map(|state| state.number()).collect::<Vec<u32>>()).to_string()
}

/// The identity of a Server account within its instance: its id, or else its login.
pub(super) fn member(identity: &str) -> Member {
    match (Account::id_of_identity(identity), Account::login_of_identity(identity)) {
        (Some(id), _) => Member::new(id),
        (None, Some(login)) if !login.is_empty() => Member::Login(login.into()),
        _ => Member::Unnamed(identity.into()),
    }
}
