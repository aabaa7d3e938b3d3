//! A forger who may write the file and knows this program, and computes again what the program computes.

use std::collections::BTreeSet;

use rusqlite::{Connection, params};
use serde_json::Value;

use crate::common::Place;

/// The lanes of a content sum.
const LANES: usize = 1024;
/// The tables that hold part of a state, and the column that names it.
const OF_STATES: [(&str, &str); 5] = [
    ("spans", "state_id"),
    ("addresses", "row_id / 1048576"),
    ("stored_listed", "row_id / 1048576"),
    ("stored_memberships", "row_id / 1048576"),
    ("states", "state_id"),
];
/// Rows that nothing names any more are removed: the table, its key, and the table that names it.
const NAMED: [(&str, &str, &str); 2] =
    [("hosts", "host_id", "stored_listed"), ("shapes", "shape_id", "states")];

pub struct Forger {
    connection: Connection,
}

/// A snapshot after its records were changed.
pub struct Changed {
    pub snapshot: i64,
    pub content_hash: String,
    pub accounts: i64,
    /// The number of states that it brings, with the first and the last of them.
    pub states: Value,
}

impl Forger {
    pub fn at(place: &Place) -> Forger {
        let connection = Connection::open(place.path("oneseat.db")).expect("the database");
        connection.pragma_update(None, "foreign_keys", false).expect("no foreign keys");
        Forger { connection }
    }

    /// Runs a statement that must change this many rows.
    pub fn sql(&self, sql: &str, rows: usize) {
        assert_eq!(self.connection.execute(sql, []).expect(sql), rows, "{sql}");
    }

    pub fn number(&self, sql: &str) -> i64 {
        self.connection.query_row(sql, [], |row| row.get(0)).expect(sql)
    }

    pub fn entries(&self) -> Vec<Value> {
        let sql = "SELECT entry FROM journal ORDER BY line";
        let mut statement = self.connection.prepare(sql).expect("a journal");
        let entries = statement.query_map([], |row| row.get::<_, String>(0)).expect("entries");
        entries.map(|it| serde_json::from_str(&it.expect("a text")).expect("JSON")).collect()
    }

    /// The entry of the command about the object with this number.
    pub fn entry(&self, kind: &str, number: i64) -> Value {
        let is_it = |entry: &Value| {
            entry[kind] == number && (kind != "snapshot" || entry["command"] == "import")
        };
        self.entries().into_iter().find(is_it).expect("a line")
    }

    /// Writes the whole journal again, hash by hash.
    pub fn rewrite(&self, entries: &[Value]) {
        self.connection.execute("DELETE FROM journal", []).expect("no lines");
        entries.iter().for_each(|entry| self.append(entry));
    }

    /// Changes the entries of the journal in place, and computes every hash from there on again.
    pub fn change(&self, change: impl Fn(&mut Value)) {
        let mut entries = self.entries();
        entries.iter_mut().for_each(change);
        self.rewrite(&entries);
    }

    /// Appends a line as a command would.
    pub fn append(&self, entry: &Value) {
        self.append_text(&entry.to_string());
    }

    pub fn append_text(&self, entry: &str) {
        let sql =
            "SELECT coalesce((SELECT hash FROM journal ORDER BY line DESC LIMIT 1), zeroblob(32))";
        let previous: Vec<u8> =
            self.connection.query_row(sql, [], |row| row.get(0)).expect("a hash");
        let mut hasher = blake3::Hasher::new();
        hasher.update(&previous).update(entry.as_bytes());
        let hash = hasher.finalize().as_bytes().to_vec();
        self.connection
            .execute(
                "INSERT INTO journal (line, entry, previous, hash)
                 SELECT count(*) + 1, ?1, ?2, ?3 FROM journal",
                params![entry, previous, hash],
            )
            .expect("a line");
    }

    /// The commitment of a line to a row: to these columns in their order, with the salt beside them.
    pub fn commitment(&self, table: &str, number: (&str, i64), columns: &[&str]) -> Value {
        let (key, number) = number;
        let sql = format!("SELECT salt, {} FROM {table} WHERE {key} = ?1", columns.join(", "));
        let (salt, values) = self
            .connection
            .query_row(&sql, [number], |row| {
                let values = (1..=columns.len()).map(|at| row.get::<_, Option<String>>(at));
                Ok((row.get::<_, Vec<u8>>(0)?, values.collect::<rusqlite::Result<Vec<_>>>()?))
            })
            .expect("the row");
        let said: serde_json::Map<String, Value> = columns
            .iter()
            .zip(values)
            .map(|(column, value)| ((*column).to_owned(), value.into()))
            .collect();
        let mut hasher = blake3::Hasher::new();
        hasher.update(&salt).update(Value::Object(said).to_string().as_bytes());
        hasher.finalize().to_hex().as_str().into()
    }

    /// Removes an account from the whole history of a source, and computes the content hashes again.
    pub fn remove(&self, login: &str) -> Vec<Changed> {
        let (account, source): (i64, i64) = self
            .connection
            .query_row(
                "SELECT account_id, source_id FROM states
                 WHERE login = ?1 ORDER BY account_id LIMIT 1",
                [login],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .expect("the account");
        for (table, state) in OF_STATES {
            let sql = format!(
                "DELETE FROM {table} WHERE {state} IN (
                   SELECT state_id FROM states WHERE account_id = {account})"
            );
            self.connection.execute(&sql, []).expect("a table");
        }
        for (table, key, of) in NAMED {
            let sql = format!("DELETE FROM {table} WHERE {key} NOT IN (SELECT {key} FROM {of})");
            self.connection.execute(&sql, []).expect("a table");
        }
        // Accounts are numbered consecutively.
        let sql = "UPDATE states SET account_id = account_id - 1 WHERE account_id > ?1";
        self.connection.execute(sql, [account]).expect("the accounts");
        self.connection.execute("DELETE FROM stored_counts", []).expect("no counts");
        self.connection.execute("DELETE FROM image", []).expect("no image");
        self.hashes_anew(source)
    }

    fn hashes_anew(&self, source: i64) -> Vec<Changed> {
        let sql = "SELECT snapshot_id, place, content_hash FROM stored_snapshots
                   WHERE source_id = ?1 ORDER BY place";
        let mut snapshots = self.connection.prepare(sql).expect("snapshots");
        let snapshots = snapshots
            .query_map([source], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .expect("snapshots");
        let snapshots: Vec<(i64, i64, Vec<u8>)> =
            snapshots.collect::<rusqlite::Result<_>>().expect("snapshots");
        let sql = "SELECT record_hash, account_id
                   FROM states JOIN stored_snapshots USING (snapshot_id)
                     LEFT JOIN spans USING (state_id)
                   WHERE states.source_id = ?1 AND coalesce(from_place, place) <= ?2
                     AND coalesce(to_place, 9223372036854775807) > ?2";
        let mut records = self.connection.prepare(sql).expect("records");
        let (mut changed, mut sum) = (Vec::new(), [0u16; LANES]);
        for (snapshot, place, before) in snapshots {
            sum = [0; LANES];
            let mut accounts = BTreeSet::new();
            let mut rows = records.query((source, place)).expect("records");
            while let Some(row) = rows.next().expect("a record") {
                add(&mut sum, &row.get::<_, Vec<u8>>(0).expect("a hash"));
                accounts.insert(row.get::<_, i64>(1).expect("a number"));
            }
            let hash = *blake3::hash(&bytes(&sum)).as_bytes();
            if hash[..] != before {
                let accounts = accounts.len() as i64;
                let sql = "UPDATE stored_snapshots SET content_hash = ?2, accounts = ?3
                           WHERE snapshot_id = ?1";
                let set = self.connection.execute(sql, params![snapshot, hash.to_vec(), accounts]);
                assert_eq!(set.expect("a snapshot"), 1);
                let content_hash = hash.iter().map(|byte| format!("{byte:02x}")).collect();
                let sql = "SELECT count(*), min(state_id), max(state_id) FROM states
                           WHERE snapshot_id = ?1";
                let states = self.connection.query_row(sql, [snapshot], |row| {
                    let number = |at: usize| row.get::<_, Option<i64>>(at);
                    Ok(serde_json::json!([number(0)?, number(1)?, number(2)?]))
                });
                let states = states.expect("states");
                changed.push(Changed { snapshot, content_hash, accounts, states });
            }
        }
        let sql = "UPDATE content_sums SET sum = ?2 WHERE source_id = ?1";
        self.connection.execute(sql, params![source, bytes(&sum)]).expect("the sum");
        changed
    }

    /// Rewrites every stored count and the hash of its line.
    pub fn counts(&self, change: impl Fn(&mut Value)) {
        let sql = "SELECT count_id, at, enterprise, inputs, counts, doubles FROM stored_counts";
        let mut lines = self.connection.prepare(sql).expect("counts");
        let lines = lines.query_map([], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?))
        });
        type Line = (i64, i64, String, Vec<u8>, String, Option<String>);
        let lines: Vec<Line> =
            lines.expect("counts").collect::<rusqlite::Result<_>>().expect("counts");
        assert!(!lines.is_empty(), "there are counts");
        for (number, at, enterprise, inputs, counts, doubles) in lines {
            let mut counts: Value = serde_json::from_str(&counts).expect("JSON");
            change(&mut counts["count"]);
            let counts = counts.to_string();
            let mut hasher = blake3::Hasher::new();
            let mut add = |piece: &str| {
                hasher.update(&(piece.len() as u64).to_le_bytes());
                hasher.update(piece.as_bytes());
            };
            [number.to_string(), at.to_string(), enterprise].iter().for_each(|it| add(it));
            hasher.update(&inputs);
            for piece in [counts.clone(), format!("{doubles:?}")] {
                hasher.update(&(piece.len() as u64).to_le_bytes());
                hasher.update(piece.as_bytes());
            }
            let hash = hasher.finalize().as_bytes().to_vec();
            let sql = "UPDATE stored_counts SET counts = ?2, line_hash = ?3 WHERE count_id = ?1";
            let set = self.connection.execute(sql, params![number, counts, hash]);
            assert_eq!(set.expect("a count"), 1);
        }
    }
}

fn add(sum: &mut [u16; LANES], record_hash: &[u8]) {
    let mut drawn = [0; 2 * LANES];
    blake3::Hasher::new().update(record_hash).finalize_xof().fill(&mut drawn);
    for (lane, pair) in sum.iter_mut().zip(drawn.chunks_exact(2)) {
        *lane = lane.wrapping_add(u16::from_le_bytes([pair[0], pair[1]]));
    }
}

fn bytes(sum: &[u16; LANES]) -> Vec<u8> {
    sum.iter().flat_map(|lane| lane.to_le_bytes()).collect()
}
