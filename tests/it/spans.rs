//! The spans of a database, read without the program: what an import does to existing spans, and what must
//! always hold for them.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::{Connection, OpenFlags};

/// The beginning of a span: its state and its first place.
type Beginning = (i64, i64);

/// The spans of a source, each with its end.
pub struct Spans(BTreeMap<Beginning, i64>);

/// Every span in which a state held. A state without a span holds from its snapshot on.
const HELD: &str = "SELECT state_id, states.source_id, account_id, shape_id, content,
  coalesce(from_place, place) AS from_place, coalesce(to_place, 9223372036854775807) AS to_place
FROM states JOIN stored_snapshots USING (snapshot_id) LEFT JOIN spans USING (state_id)";

/// The number of times that imports changed spans, by kind of change.
#[derive(Debug, Default)]
pub struct Moves {
    pub begun: usize,
    pub split: usize,
    pub cut_short: usize,
    pub begun_earlier: usize,
    pub left_alone: usize,
}

impl Spans {
    /// The spans of a snapshot's source, and the snapshot's place.
    pub fn around(database: &Path, snapshot: i64) -> (Spans, i64) {
        let connection = open(database);
        let (source, place): (i64, i64) = connection
            .query_row(
                "SELECT source_id, place FROM stored_snapshots WHERE snapshot_id = ?1",
                [snapshot],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .expect("the snapshot's place");
        (Spans::of_source(&connection, source), place)
    }

    /// The spans of every source.
    pub fn all(database: &Path) -> Vec<Spans> {
        if !database.exists() {
            return Vec::new();
        }
        let connection = open(database);
        let mut statement =
            connection.prepare("SELECT source_id FROM stored_sources").expect("sources");
        let sources = statement.query_map([], |row| row.get(0)).expect("sources");
        sources.map(|id| Spans::of_source(&connection, id.expect("a number"))).collect()
    }

    fn of_source(connection: &Connection, source: i64) -> Spans {
        let sql =
            format!("SELECT state_id, from_place, to_place FROM ({HELD}) WHERE source_id = ?1");
        let mut statement = connection.prepare(&sql).expect("spans");
        let spans = statement
            .query_map([source], |row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?)))
            .expect("spans");
        Spans(spans.collect::<rusqlite::Result<_>>().expect("spans"))
    }
}

impl Moves {
    /// Notes what has become of the existing spans after a snapshot came to its place.
    pub fn note(&mut self, before: &[Spans], after: &Spans, place: i64) {
        let old: BTreeMap<Beginning, i64> =
            before.iter().flat_map(|spans| spans.0.iter().map(|(from, to)| (*from, *to))).collect();
        for (&(state, from), &to) in &after.0 {
            match old.get(&(state, from)) {
                Some(end) if *end == to => {
                    self.left_alone += usize::from(from < place && place < to)
                }
                Some(_) => {
                    let goes_on = after.0.range((state, place)..=(state, i64::MAX)).next();
                    let was_there =
                        goes_on.is_some_and(|(beginning, _)| old.contains_key(beginning));
                    if goes_on.is_some() && !was_there {
                        self.split += 1;
                    } else {
                        self.cut_short += 1;
                    }
                }
                None if from == place => {
                    let earlier = old.range((state, place)..=(state, i64::MAX)).next();
                    let gone = earlier.filter(|(beginning, _)| !after.0.contains_key(beginning));
                    match gone {
                        Some((_, end)) if *end == to => self.begun_earlier += 1,
                        _ => self.begun += 1,
                    }
                }
                // The second half of a span that was split.
                None => {}
            }
        }
    }

    /// The count of the rarest change.
    pub fn rarest(&self) -> usize {
        let all = [self.begun, self.split, self.cut_short, self.begun_earlier, self.left_alone];
        all.into_iter().min().unwrap_or_default()
    }
}

/// The rules that spans break. An account is in one state at a place. An account with the same record in two
/// consecutive snapshots is in one state and one span in both, so spans never have to be joined.
pub fn broken_rules(database: &Path) -> Vec<String> {
    let connection = open(database);
    let texts = |sql: &str| -> Vec<String> {
        let mut statement = connection.prepare(sql).expect("a question");
        let texts = statement.query_map([], |row| row.get(0)).expect("texts");
        texts.collect::<rusqlite::Result<_>>().expect("texts")
    };
    let mut broken = texts(&format!(
        "WITH held AS MATERIALIZED ({HELD})
         SELECT 'account ' || later.account_id || ' is in two states at place ' || later.from_place
         FROM held AS earlier JOIN held AS later USING (account_id)
         WHERE (earlier.state_id, earlier.from_place) <> (later.state_id, later.from_place)
           AND earlier.from_place <= later.from_place AND later.from_place < earlier.to_place"
    ));
    broken.extend(texts(&format!(
        "WITH held AS MATERIALIZED ({HELD}), rows AS (
           SELECT source_id, place, lead(place) OVER (PARTITION BY source_id ORDER BY place) AS next
           FROM stored_snapshots)
         SELECT 'account ' || before.account_id || ' is the same at ' || place || ' and ' || next
           || ' in two spans'
         FROM rows
           JOIN held AS before ON before.source_id = rows.source_id
             AND before.from_place <= place AND place < before.to_place
           JOIN held AS after ON after.source_id = rows.source_id
             AND after.from_place <= next AND next < after.to_place
             AND after.account_id = before.account_id AND after.shape_id = before.shape_id
             AND after.content = before.content
         WHERE (before.state_id, before.from_place) <> (after.state_id, after.from_place)"
    )));
    broken
}

fn open(database: &Path) -> Connection {
    Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY).expect("the database")
}
