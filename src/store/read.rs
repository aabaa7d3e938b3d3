//! Reading: what snapshots there are, and names and addresses for what is printed. The compact
//! records that counting needs are read by `parts`.

use std::collections::{HashMap, HashSet};

use rusqlite::Row;

use super::image::Id;
use super::place::Place;
use super::write::stored_record;
use super::{Knowledge, Store, damaged};
use crate::error::{Error, Result};
use crate::model::{Account, AddressKind, Instant, Member, RowKind, Source, SourceKind};

/// How many accounts one statement is asked about.
const MANY: usize = 4096;

/// A stored snapshot, without its accounts.
#[derive(Debug, Clone)]
pub struct SnapshotFacts {
    /// Its number.
    pub id: i64,
    /// Whose word it is.
    pub source: Source,
    /// The number of its source.
    pub source_id: i64,
    /// Its place on the source's time line.
    pub place: Place,
    /// When it was taken.
    pub taken_at: Instant,
    /// When it was imported.
    pub imported_at: Instant,
    /// The format that it was read as.
    pub format: String,
    /// The file's name.
    pub file: String,
    /// SHA-256 of the bytes as received.
    pub sha256: String,
    /// Records in the file.
    pub rows: u64,
    /// Distinct accounts; `None` where the kind holds none.
    pub accounts: Option<u64>,
    /// The totals that it states.
    pub consumed: Option<i64>,
    /// Likewise.
    pub purchased: Option<i64>,
    /// Is it complete? `None` if it states no total.
    pub complete: Option<bool>,
    /// Stored, but never in force.
    pub partial: bool,
    /// Why it was accepted although it is short.
    pub accepted_short: Option<String>,
    /// The content hash, in hexadecimal digits.
    pub content_hash: String,
}

/// A Cloud account into which a snapshot has merged a Server account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// Its identity then.
    pub identity: String,
    /// When the last such snapshot of a span was taken.
    pub seen: Instant,
}

/// What is printed of an account.
#[derive(Debug, Clone, Default)]
pub struct Printed {
    /// Its login as received.
    pub login: String,
    /// Its display name.
    pub name: Option<String>,
    /// Its addresses as received, in the order of their kinds and keys.
    pub addresses: Vec<(AddressKind, String)>,
}

impl Store {
    /// Everything from here on is read as it is now, whatever other processes write meanwhile.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn freeze(&self) -> Result<()> {
        if self.connection.is_autocommit() {
            self.connection.execute_batch("BEGIN")?;
        }
        Ok(())
    }

    /// All snapshots that are known, by source, then in order of their places. Sources
    /// have the names that they were first given.
    ///
    /// # Errors
    /// If the database cannot be read, or holds what it should not.
    pub fn snapshots(&self, known: Knowledge) -> Result<Vec<SnapshotFacts>> {
        let mut statement =
            self.connection.prepare(include_str!("../../schema/queries/snapshots.sql"))?;
        let mut rows = statement.query([known.snapshots])?;
        let mut snapshots = Vec::new();
        while let Some(row) = rows.next()? {
            snapshots.push(snapshot(row)?);
        }
        Ok(snapshots)
    }

    /// For each of these Server accounts (host and id) the Cloud accounts into which one of these
    /// Cloud snapshots, which are in order, has merged it.
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
            let cloud_rows = listing.into_iter().map(|place| place as usize);
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

    /// What the file said in a state: the fields and the values of the record.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn record_texts(&self, state: i64) -> Result<(String, String)> {
        stored_record(&self.connection, state)
    }

    /// Hands out what the file said about each account of a snapshot, as the fields and the values
    /// of the record, in order of their identities.
    ///
    /// # Errors
    /// If the database cannot be read; whatever `take` says.
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
        let states = places.iter().map(|place| i64::from(image.states().numbers.at(*place)));
        self.records(&states.collect::<Vec<i64>>(), &mut |_, fields, content| take(fields, content))
    }

    /// Hands out the records of a snapshot that have one of these fields; nothing is read where none
    /// ever had.
    ///
    /// # Errors
    /// If the database cannot be read; whatever `take` says.
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
        let states: Vec<i64> = held.iter().map(|it| i64::from(all.numbers.at(it.place))).collect();
        self.records(&states, &mut |_, fields, content| take(fields, content))
    }

    /// Hands out what the file said in each of these states: the state, the fields and the values
    /// of the record, by the numbers of the states. One statement for all of them: to ask for each
    /// by itself takes several times as long.
    ///
    /// # Errors
    /// If the database cannot be read; whatever `take` says.
    pub fn records_of(
        &self,
        states: &[i64],
        take: &mut dyn FnMut(i64, &str, &str) -> Result<()>,
    ) -> Result<()> {
        let mut sorted = states.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        self.records(&sorted, take)
    }

    /// The same in the order of the states.
    fn records(
        &self,
        states: &[i64],
        take: &mut dyn FnMut(i64, &str, &str) -> Result<()>,
    ) -> Result<()> {
        let mut statement =
            self.connection.prepare_cached(include_str!("../../schema/queries/records_of.sql"))?;
        for some in states.chunks(MANY) {
            let mut rows = statement.query([serde_json::json!(some).to_string()])?;
            while let Some(row) = rows.next()? {
                let fields = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
                let content = row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?;
                take(row.get(0)?, fields, content)?;
            }
        }
        Ok(())
    }

    /// The account of each of these states: its source, and its identity there.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn accounts_of(&self, states: &[i64], take: &mut dyn FnMut(i64, i64, &str)) -> Result<()> {
        let mut statement =
            self.connection.prepare_cached(include_str!("../../schema/queries/accounts_of.sql"))?;
        let mut rows = statement.query([serde_json::json!(states).to_string()])?;
        while let Some(row) = rows.next()? {
            let identity = row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?;
            take(row.get(0)?, row.get(1)?, identity);
        }
        Ok(())
    }

    /// The states of a snapshot with a membership in an organization, letter case apart.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn members(&self, snapshot: &SnapshotFacts, organization: &str) -> Result<HashSet<i64>> {
        let mut statement =
            self.connection.prepare(include_str!("../../schema/queries/members_at.sql"))?;
        let members = statement.query_map([organization], |row| row.get(0))?;
        let members: HashSet<i64> = members.collect::<rusqlite::Result<_>>()?;
        let image = self.image()?;
        let held = image.times.at(image.states(), snapshot.source_id, snapshot.place.number());
        let states = held.iter().map(|it| i64::from(image.states().numbers.at(it.place)));
        Ok(states.filter(|state| members.contains(state)).collect())
    }

    /// What is printed of a state.
    ///
    /// # Errors
    /// If the database cannot be read, or holds what it should not.
    pub fn printed(&self, kind: SourceKind, state: i64) -> Result<Printed> {
        let (fields, content) = stored_record(&self.connection, state)?;
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

    /// The text of a key.
    ///
    /// # Errors
    /// If there is no such key, or the database cannot be read.
    pub fn key_text(&self, key: u32) -> Result<String> {
        let image = self.image()?;
        if let Some(known) = image.few.key(key) {
            return Ok(known.to_string());
        }
        image.key_text(&self.connection, key)?.map(str::to_owned).ok_or_else(unknown_value)
    }
}

/// What identifies a Server account within its instance: its id, else its login.
pub(super) fn member(identity: &str) -> Member {
    match (Account::id_of_identity(identity), Account::login_of_identity(identity)) {
        (Some(id), _) => Member::new(id),
        (None, Some(login)) if !login.is_empty() => Member::Login(login.into()),
        _ => Member::Unnamed(identity.into()),
    }
}

fn snapshot(row: &Row<'_>) -> Result<SnapshotFacts> {
    let kind: String = row.get(1)?;
    let place = Place::from_number(row.get(4)?);
    let hash: Vec<u8> = row.get(16)?;
    Ok(SnapshotFacts {
        id: row.get(0)?,
        source: Source {
            kind: SourceKind::from_name(&kind).ok_or_else(unknown_value)?,
            name: row.get(2)?,
        },
        source_id: row.get(3)?,
        place,
        taken_at: place.instant().ok_or_else(unknown_value)?,
        imported_at: Instant::from_unix(row.get(5)?).ok_or_else(unknown_value)?,
        format: row.get(6)?,
        file: row.get(7)?,
        sha256: row.get(8)?,
        rows: row.get(9)?,
        accounts: row.get(10)?,
        consumed: row.get(11)?,
        purchased: row.get(12)?,
        complete: row.get(13)?,
        partial: row.get(14)?,
        accepted_short: row.get(15)?,
        content_hash: super::hex(&hash),
    })
}

/// A value that this program cannot have written.
pub(super) fn unknown_value() -> Error {
    Error::database("the database holds a value that this program does not know")
        .hint("it may have been changed by another program; `oneseat verify` says where")
}
