//! Reads facts from the stored snapshots: the facts that files state beside their accounts, the ids of accounts
//! for which another file has only the login, and all fields that the stored records have.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};

use rusqlite::OptionalExtension;

use super::sql::damaged;
use super::{CompletenessFacts, Knowledge, Place, SnapshotFacts, Store};
use crate::email;
use crate::error::Result;
use crate::model::{Account, Instant};

/// A set of fields that records of a format had, with the instants at which the set was first and last seen.
#[derive(Debug, Clone)]
pub struct FieldTimes {
    /// The name of the file format in which the fields were seen.
    pub format: String,
    /// The names of the fields that records of the format had together.
    pub fields: Vec<String>,
    /// The instant of the first snapshot with exactly these fields.
    pub first: Instant,
    /// The instant of the last snapshot with exactly these fields.
    pub last: Instant,
}

/// The certificate of a snapshot: facts that its import found out about its instant and its completeness.
#[derive(Debug, Clone)]
pub struct Certificate {
    /// The code for the origin of the snapshot's instant, such as `content` or `file-name`.
    pub taken_at_from: String,
    /// The warnings of the import, as a JSON array.
    pub warnings: serde_json::Value,
    /// The facts that decide whether the snapshot is complete; `None` for a snapshot of an earlier version of
    /// this program, which did not store these facts.
    pub evidence: Option<CompletenessFacts>,
}

impl Store {
    /// The sets of fields that the stored records have, with the instants at which they were first and last seen.
    ///
    /// # Errors
    /// If the database cannot be read, or has an invalid value.
    pub fn fields_seen(&self) -> Result<Vec<FieldTimes>> {
        let image = self.image()?;
        let states = image.states();
        let mut places: BTreeMap<(u32, i64), (i64, i64)> = BTreeMap::new();
        image.times.all(states, |held| {
            let seen = (states.shapes.at(held.place), held.source);
            let over = places.entry(seen).or_insert((held.from, held.to));
            *over = (over.0.min(held.from), over.1.max(held.to));
        });
        let mut statement =
            self.connection.prepare("SELECT fields FROM shapes WHERE shape_id = ?1")?;
        let mut seen = Vec::new();
        for ((shape, source), (from, to)) in places {
            let fields: String = statement.query_row([shape], |row| row.get(0))?;
            let end = |side: &str| -> Result<Option<(i64, String)>> {
                let sql = format!(
                    "SELECT place, format FROM stored_snapshots WHERE source_id = ?1 \
                     AND place >= ?2 AND place < ?3 ORDER BY place {side} LIMIT 1"
                );
                let found = self
                    .connection
                    .prepare_cached(&sql)?
                    .query_row((source, from, to), |row| Ok((row.get(0)?, row.get(1)?)));
                Ok(found.optional()?)
            };
            let (Some((first, format)), Some((last, _))) = (end("ASC")?, end("DESC")?) else {
                continue;
            };
            let instant = |place| Place::from_number(place).instant();
            let (Some(first), Some(last)) = (instant(first), instant(last)) else { continue };
            let fields = serde_json::from_str(&fields).map_err(damaged)?;
            seen.push(FieldTimes { format, fields, first, last });
        }
        Ok(seen)
    }

    /// The facts that each snapshot's file states beside its accounts, such as the number of licenses, with the
    /// format of the file and the instant of the snapshot. Snapshots without such facts are left out.
    ///
    /// # Errors
    /// If the database cannot be read, or has an invalid value.
    pub fn facts_seen(&self) -> Result<Vec<(String, Instant, serde_json::Value)>> {
        let sql = "SELECT format, place, facts FROM stored_snapshots WHERE facts <> '{}'";
        let mut statement = self.connection.prepare(sql)?;
        let mut rows = statement.query([])?;
        let mut seen = Vec::new();
        while let Some(row) = rows.next()? {
            let Some(at) = Place::from_number(row.get(1)?).instant() else { continue };
            let facts = row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?;
            seen.push((row.get(0)?, at, serde_json::from_str(facts).map_err(damaged)?));
        }
        Ok(seen)
    }

    /// The certificate of each snapshot that was known, by the number of the snapshot.
    ///
    /// # Errors
    /// If the database cannot be read, or has an invalid value.
    pub fn certificates(&self, known: Knowledge) -> Result<HashMap<i64, Certificate>> {
        let mut statement =
            self.connection.prepare(include_str!("../../schema/queries/certificates.sql"))?;
        let mut rows = statement.query([known.snapshots])?;
        let mut certificates = HashMap::new();
        while let Some(row) = rows.next()? {
            let warnings: String = row.get("warnings")?;
            let evidence: Option<String> = row.get("evidence")?;
            let evidence = evidence.filter(|text| text != "null");
            let certificate = Certificate {
                taken_at_from: row.get("taken_at_from")?,
                warnings: serde_json::from_str(&warnings).map_err(damaged)?,
                evidence: evidence
                    .map(|text| serde_json::from_str(&text))
                    .transpose()
                    .map_err(damaged)?,
            };
            certificates.insert(row.get("snapshot_id")?, certificate);
        }
        Ok(certificates)
    }

    /// The facts that the file of a snapshot states beside its accounts, such as the number of licenses.
    ///
    /// # Errors
    /// If the database cannot be read, or has an invalid value.
    pub fn facts(&self, snapshot: i64) -> Result<serde_json::Value> {
        let sql = "SELECT facts FROM stored_snapshots WHERE snapshot_id = ?1";
        let facts: String =
            self.connection.prepare_cached(sql)?.query_row([snapshot], |row| row.get(0))?;
        serde_json::from_str(&facts).map_err(damaged)
    }

    /// Finds the ids of the accounts of a file that has only their logins (counting.md section 2, "Identity of a
    /// Server account"). The result maps the compared form of a login to the id. A login gets its id from the
    /// newest of the instance's other snapshots that has the login and is not later than the file, or else from
    /// the oldest later one. Of several snapshots of one instant, the last in `snapshots` counts. An id is not
    /// used if another account of the file states it or was already given it.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn ids_by_login(
        &self,
        file: &SnapshotFacts,
        snapshots: &[&SnapshotFacts],
    ) -> Result<HashMap<String, String>> {
        let nearest = self.nearest_ids(file.taken_at, snapshots)?;
        let image = self.image()?;
        let (states, accounts) = (image.states(), image.accounts(&self.connection)?);
        let texts = image.identities(&self.connection)?;
        let held = image.times.at(states, file.source_id, file.place.number());
        // The accounts are sorted in the order in which they first arrived.
        let mut own: Vec<u32> = held.iter().map(|it| states.accounts[it.place]).collect();
        own.sort_unstable();
        let places = own.into_iter().filter_map(|account| accounts.place_of(account));
        let identities: Vec<String> = places.map(|place| texts.get(place).to_owned()).collect();
        let stated = identities.iter().filter_map(|it| Account::id_of_identity(it));
        let mut taken: HashSet<&str> = stated.collect();
        let mut ids = HashMap::new();
        for login in identities.iter().filter_map(|it| Account::login_of_identity(it)) {
            if let Some(id) = nearest.get(login)
                && taken.insert(id)
            {
                ids.insert(login.to_owned(), id.clone());
            }
        }
        Ok(ids)
    }

    /// The id of each login in the snapshot nearest to the instant `at`. The nearest snapshot is the newest one
    /// with the login that is not later than the instant, or else the oldest later one.
    fn nearest_ids(
        &self,
        at: Instant,
        snapshots: &[&SnapshotFacts],
    ) -> Result<HashMap<String, String>> {
        let mut places: BTreeMap<i64, Vec<(i64, usize)>> = BTreeMap::new();
        for (rank, snapshot) in snapshots.iter().enumerate() {
            places.entry(snapshot.source_id).or_default().push((snapshot.place.number(), rank));
        }
        let image = self.image()?;
        let (states, identified) = (image.states(), image.identified(&self.connection)?);
        let mut nearest = HashMap::new();
        for (source, mut places) in places {
            places.sort_unstable();
            let later = places.partition_point(|(_, rank)| snapshots[*rank].taken_at <= at);
            let sql = "SELECT login FROM states WHERE state_id = ?1";
            let mut statement = self.connection.prepare_cached(sql)?;
            let mut spans = Vec::new();
            image.times.all(states, |held| {
                if held.source == source {
                    spans.push(held);
                }
            });
            for held in spans {
                let Some(id) = Account::id_of_identity(identified.of(held.place)) else {
                    continue;
                };
                let login: String =
                    statement.query_row([states.numbers.at(held.place)], |row| row.get(0))?;
                if login.is_empty() {
                    continue;
                }
                let (from, to) = (held.from, held.to);
                let within = |(place, _): &&(i64, usize)| (from..to).contains(place);
                // The points are sorted, so the points within the span of time are next to each other.
                let before = places[..later].partition_point(|(place, _)| *place < to);
                let before = places[..before].last().filter(within);
                let after = later.max(places.partition_point(|(place, _)| *place < from));
                let after = places.get(after).filter(within);
                let seconds = |rank: usize| snapshots[rank].taken_at.unix();
                let order = match (before, after) {
                    (Some((_, rank)), _) => (true, seconds(*rank), *rank),
                    (None, Some((_, rank))) => (false, -seconds(*rank), *rank),
                    (None, None) => continue,
                };
                let login = email::login_key(&login);
                let found = (order, id.to_owned());
                match nearest.entry(login) {
                    Entry::Vacant(entry) => {
                        entry.insert(found);
                    }
                    Entry::Occupied(mut entry) if found > *entry.get() => {
                        entry.insert(found);
                    }
                    Entry::Occupied(_) => {}
                }
            }
        }
        Ok(nearest.into_iter().map(|(login, (_, id))| (login, id)).collect())
    }
}
