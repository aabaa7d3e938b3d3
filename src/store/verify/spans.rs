//! Checks the spans of states against the content hashes of the snapshots, in one pass along the time line of
//! each source.

use std::collections::{HashMap, HashSet};

use rusqlite::Connection;
use serde_json::{Value, json};

use super::Verified;
use super::journal::JournalLines;
use crate::code::VerifyCode;
use crate::error::Result;
use crate::store::content_hash::ContentSum;
use crate::store::row::rows;
use crate::store::sql::OPEN_END;
use crate::store::timeline::SumRow;

/// A span of time of a state, with the record hash that the state adds to the content hash of each snapshot in the
/// span.
struct ContentSpan {
    state: i64,
    account: i64,
    from: i64,
    to: i64,
    hash: [u8; 32],
}

/// Checks the spans, the snapshots' content hashes and numbers of accounts, and the stored sums.
pub fn check(connection: &Connection, lines: &JournalLines, verified: &mut Verified) -> Result<()> {
    let mut sources =
        connection.prepare("SELECT source_id FROM stored_sources ORDER BY source_id")?;
    let sources: Vec<i64> =
        sources.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    let mut all = spans(connection)?;
    for source in &sources {
        let spans = all.remove(source).unwrap_or_default();
        check_source(connection, *source, spans, verified)?;
    }
    let stray = "SELECT state_id FROM states JOIN stored_snapshots USING (snapshot_id) \
                 WHERE stored_snapshots.source_id <> states.source_id";
    let mut statement = connection.prepare(stray)?;
    for state in statement.query_map([], |row| row.get::<_, i64>(0))? {
        let message =
            format!("states.snapshot_id of state {} is a snapshot of another source", state?);
        verified.broken(VerifyCode::Spans, message);
    }
    brought(connection, lines, verified)?;
    needless(connection, verified)
}

/// Checks that each snapshot brought the states that its line of the journal names. A line that an earlier
/// version wrote names no states.
fn brought(connection: &Connection, lines: &JournalLines, verified: &mut Verified) -> Result<()> {
    let sql = "SELECT snapshot_id, count(*), min(state_id), max(state_id) FROM states \
               GROUP BY snapshot_id";
    let mut statement = connection.prepare(sql)?;
    let found = statement.query_map([], |row| {
        Ok((
            row.get(0)?,
            json!((row.get::<_, i64>(1)?, row.get::<_, i64>(2)?, row.get::<_, i64>(3)?)),
        ))
    })?;
    let found: HashMap<i64, Value> = found.collect::<rusqlite::Result<_>>()?;
    let none = json!((0, Value::Null, Value::Null));
    for (snapshot, entry) in lines.of("snapshot") {
        let Some(told) = entry.get("states") else { continue };
        if found.get(&snapshot).unwrap_or(&none) != told {
            let message = format!(
                "states.snapshot_id: snapshot {snapshot} did not bring the states that the journal names"
            );
            verified.broken(VerifyCode::Spans, message);
        }
    }
    Ok(())
}

/// Checks that the table `spans` has no rows for a state that is in force from its first snapshot on without an
/// end. Also checks that every other state is in force in its first snapshot.
fn needless(connection: &Connection, verified: &mut Verified) -> Result<()> {
    let sql = "SELECT state_id, min(from_place) = place AND max(to_place) = ?1 AND count(*) = 1, \
                 max(from_place <= place AND to_place > place) \
               FROM spans JOIN states USING (state_id) JOIN stored_snapshots USING (snapshot_id) \
               GROUP BY state_id";
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([OPEN_END])?;
    while let Some(row) = rows.next()? {
        let (state, is_needless, holds): (i64, bool, bool) =
            (row.get(0)?, row.get(1)?, row.get(2)?);
        if is_needless {
            let message = format!(
                "spans has rows of state {state}, which needs none: the state has no end after states.snapshot_id"
            );
            verified.broken(VerifyCode::Spans, message);
        }
        if !holds {
            let message = format!(
                "spans of state {state}: the state does not hold in the snapshot that brought it \
                 (states.snapshot_id)"
            );
            verified.broken(VerifyCode::Spans, message);
        }
    }
    Ok(())
}

fn check_source(
    connection: &Connection,
    source: i64,
    mut spans: Vec<ContentSpan>,
    verified: &mut Verified,
) -> Result<()> {
    let snapshots = snapshots(connection, source)?;
    let places: HashSet<i64> = snapshots.iter().map(|snapshot| snapshot.1).collect();
    for span in &spans {
        for (column, place) in [("from_place", span.from), ("to_place", span.to)] {
            let open = column == "to_place" && place == OPEN_END;
            if !places.contains(&place) && !open {
                let message = format!(
                    "spans.{column} of state {} is not the place of any snapshot",
                    span.state
                );
                verified.broken(VerifyCode::Spans, message);
            }
        }
    }
    spans.sort_by_key(|span| span.from);
    let mut ends: Vec<usize> = (0..spans.len()).collect();
    ends.sort_by_key(|index| spans[*index].to);
    let (mut begun, mut ended) = (0, 0);
    let mut sum = ContentSum::default();
    let mut live: HashMap<i64, u32> = HashMap::new();
    for (id, place, hash, accounts) in &snapshots {
        while let Some(span) = spans.get(begun).filter(|span| span.from <= *place) {
            sum.add(&span.hash);
            *live.entry(span.account).or_default() += 1;
            begun += 1;
        }
        while let Some(span) = ends.get(ended).map(|it| &spans[*it]).filter(|it| it.to <= *place) {
            sum.remove(&span.hash);
            if let Some(count) = live.get_mut(&span.account) {
                *count = count.saturating_sub(1);
                if *count == 0 {
                    live.remove(&span.account);
                }
            }
            ended += 1;
        }
        verified.snapshots += 1;
        if sum.hash()[..] != hash[..] {
            let message = format!(
                "stored_snapshots.content_hash of snapshot {id} is not the hash of the states \
                 (spans, states.record_hash) that hold in the snapshot"
            );
            verified.broken(VerifyCode::Content, message);
        }
        if accounts.is_some_and(|accounts| accounts != live.len() as i64) {
            let message = format!(
                "stored_snapshots.accounts of snapshot {id} is not the number of accounts that \
                 spans give: {}",
                live.len()
            );
            verified.broken(VerifyCode::Content, message);
        }
        if live.values().any(|count| *count > 1) {
            let message = format!("spans give one account two states in snapshot {id}");
            verified.broken(VerifyCode::Spans, message);
        }
    }
    check_sum(connection, source, snapshots.last().map(|snapshot| snapshot.1), &sum, verified)
}

/// A snapshot: its number, its point on the time line, its content hash, and its number of accounts.
type Snapshot = (i64, i64, Vec<u8>, Option<i64>);

fn snapshots(connection: &Connection, source: i64) -> Result<Vec<Snapshot>> {
    let mut statement = connection.prepare(
        "SELECT snapshot_id, place, content_hash, accounts FROM stored_snapshots \
         WHERE source_id = ?1 ORDER BY place",
    )?;
    let rows = statement
        .query_map([source], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The spans of time of all states, by source, read in one pass over the states.
fn spans(connection: &Connection) -> Result<HashMap<i64, Vec<ContentSpan>>> {
    let mut statement = connection.prepare(
        "SELECT state_id, account_id, coalesce(from_place, place), coalesce(to_place, ?1), \
           record_hash, states.source_id \
         FROM states LEFT JOIN stored_snapshots USING (snapshot_id) LEFT JOIN spans USING (state_id)",
    )?;
    let mut rows = statement.query([OPEN_END])?;
    let mut spans: HashMap<i64, Vec<ContentSpan>> = HashMap::new();
    while let Some(row) = rows.next()? {
        // A record hash of the wrong length counts as zeros. It is reported with its record, and the content
        // hash differs too.
        let hash = row.get_ref(4)?.as_blob().map_err(rusqlite::Error::from)?;
        let span = ContentSpan {
            state: row.get(0)?,
            account: row.get(1)?,
            from: row.get::<_, Option<i64>>(2)?.unwrap_or(OPEN_END),
            to: row.get(3)?,
            hash: hash.try_into().unwrap_or_default(),
        };
        spans.entry(row.get(5)?).or_default().push(span);
    }
    Ok(spans)
}

/// Checks that the stored sum of a source is the sum of the record hashes at the newest point of the source's time
/// line.
fn check_sum(
    connection: &Connection,
    source: i64,
    newest: Option<i64>,
    sum: &ContentSum,
    verified: &mut Verified,
) -> Result<()> {
    let kept = rows::<SumRow>(connection, "WHERE source_id = ?1", [source])?.pop();
    let (place, bytes) = kept.map(|(_, row)| (row.place, row.sum)).unzip();
    if place != newest {
        let message = format!(
            "content_sums.place of source {source} is not the place of the source's newest snapshot"
        );
        verified.broken(VerifyCode::Content, message);
    }
    if bytes.is_some_and(|bytes| bytes != sum.to_bytes()) {
        let message =
            format!("content_sums.sum of source {source} is not the sum of the source's records");
        verified.broken(VerifyCode::Content, message);
    }
    Ok(())
}
