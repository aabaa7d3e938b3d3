//! Reading what other snapshots know: the facts that stand beside accounts, the ids of accounts of
//! which a file gives the login only, and which fields have ever been seen.

use std::collections::{BTreeMap, HashMap};

use rusqlite::OptionalExtension;

use super::write::damaged;
use super::{Evidence, Place, SnapshotFacts, Store};
use crate::email;
use crate::error::Result;
use crate::model::{Account, Instant};

/// Names of fields in snapshots of a format, and when they were first and last seen.
#[derive(Debug, Clone)]
pub struct FieldsSeen {
    /// The format's name.
    pub format: String,
    /// The names of the fields.
    pub fields: Vec<String>,
    /// When the first snapshot with them was taken.
    pub first: Instant,
    /// When the last one was.
    pub last: Instant,
}

/// What was found when a snapshot was imported.
#[derive(Debug, Clone)]
pub struct Certificate {
    /// How its time was found.
    pub taken_at_from: String,
    /// The warnings that were given: a JSON array.
    pub warnings: serde_json::Value,
    /// What tells whether it is complete; `None` if it was imported before that was kept.
    pub evidence: Option<Evidence>,
}

impl Store {
    /// The fields of all records that are stored.
    ///
    /// # Errors
    /// If the database cannot be read, or holds what it should not.
    pub fn fields_seen(&self) -> Result<Vec<FieldsSeen>> {
        let mut statement =
            self.connection.prepare(include_str!("../../schema/queries/shapes_seen.sql"))?;
        let mut rows = statement.query([])?;
        let mut seen = Vec::new();
        while let Some(row) = rows.next()? {
            let fields: String = row.get(0)?;
            let (source, from, to): (i64, i64, i64) = (row.get(1)?, row.get(2)?, row.get(3)?);
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
            seen.push(FieldsSeen { format, fields, first, last });
        }
        Ok(seen)
    }

    /// The facts of all snapshots: format, time, and what stands beside the accounts.
    ///
    /// # Errors
    /// If the database cannot be read, or holds what it should not.
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

    /// What was found at the imports of all snapshots that were known by an instant, by number.
    ///
    /// # Errors
    /// If the database cannot be read, or holds what it should not.
    pub fn certificates(&self, known_on: Option<Instant>) -> Result<HashMap<i64, Certificate>> {
        let mut statement =
            self.connection.prepare(include_str!("../../schema/queries/certificates.sql"))?;
        let mut rows = statement.query([known_on.map_or(i64::MAX, Instant::unix)])?;
        let mut certificates = HashMap::new();
        while let Some(row) = rows.next()? {
            let warnings: String = row.get(2)?;
            let evidence: Option<String> = row.get(3)?;
            let evidence = evidence.filter(|text| text != "null");
            let certificate = Certificate {
                taken_at_from: row.get(1)?,
                warnings: serde_json::from_str(&warnings).map_err(damaged)?,
                evidence: evidence
                    .map(|text| serde_json::from_str(&text))
                    .transpose()
                    .map_err(damaged)?,
            };
            certificates.insert(row.get(0)?, certificate);
        }
        Ok(certificates)
    }

    /// What a snapshot says beside its accounts.
    ///
    /// # Errors
    /// If the database cannot be read, or holds what it should not.
    pub fn facts(&self, snapshot: i64) -> Result<serde_json::Value> {
        let sql = "SELECT facts FROM stored_snapshots WHERE snapshot_id = ?1";
        let facts: String =
            self.connection.prepare_cached(sql)?.query_row([snapshot], |row| row.get(0))?;
        serde_json::from_str(&facts).map_err(damaged)
    }

    /// The ids of an instance's accounts by login, as logins are compared: for each login the one
    /// that the newest of these snapshots has (counting.md section 2, "Identity of a Server
    /// account"). Of equally new ones the later in the list counts.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn ids_by_login(&self, snapshots: &[&SnapshotFacts]) -> Result<HashMap<String, String>> {
        let mut places: BTreeMap<i64, Vec<(i64, usize)>> = BTreeMap::new();
        for (rank, snapshot) in snapshots.iter().enumerate() {
            places.entry(snapshot.source_id).or_default().push((snapshot.place.number(), rank));
        }
        // Ordered by time, then by rank in the list.
        let time = |rank: usize| (snapshots[rank].taken_at, rank);
        let mut newest = HashMap::new();
        for (source, mut places) in places {
            places.sort_unstable();
            let mut statement = self
                .connection
                .prepare_cached(include_str!("../../schema/queries/logins_with_id.sql"))?;
            let mut rows = statement.query([source])?;
            while let Some(row) = rows.next()? {
                let (from, to): (i64, i64) = (row.get(2)?, row.get(3)?);
                let before_end = places.partition_point(|(place, _)| *place < to);
                let held = places[..before_end].last().filter(|(place, _)| *place >= from);
                let Some((_, rank)) = held else { continue };
                let login =
                    email::login_key(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?);
                let identity: String = row.get(1)?;
                let id = Account::id_of_identity(&identity).unwrap_or_default().to_owned();
                let found = (time(*rank), id);
                newest
                    .entry(login)
                    .and_modify(|known| {
                        if found > *known {
                            *known = found.clone();
                        }
                    })
                    .or_insert(found);
            }
        }
        Ok(newest.into_iter().map(|(login, (_, id))| (login, id)).collect())
    }
}
