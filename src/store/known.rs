//! Reading what other snapshots know: the facts that stand beside accounts, and the ids of accounts
//! of which a file gives the login only.

use std::collections::{BTreeMap, HashMap};

use super::write::damaged;
use super::{SnapshotFacts, Store};
use crate::email;
use crate::error::Result;
use crate::model::Account;

impl Store {
    /// What a snapshot says beside its accounts.
    ///
    /// # Errors
    /// If the database cannot be read, or holds what it should not.
    pub fn facts(&self, snapshot: i64) -> Result<serde_json::Value> {
        let sql = "SELECT facts FROM snapshots WHERE snapshot_id = ?1";
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
