//! What a file states besides accounts, for `oneseat snapshots export`. Some kinds of file, such as the license
//! of an instance, have no accounts at all.

use serde_json::{Map, Value};

use crate::error::Result;
use crate::store::{Knowledge, SnapshotFacts, Store};

/// What a file states besides accounts: its lists of other records, and its single facts.
pub struct FileStatements {
    /// The records of a file without accounts, such as subscriptions, cost centers or instances. A file without
    /// a list is one record.
    pub records: Vec<Value>,
    /// The facts of the file that are neither accounts nor in `records`, such as its totals.
    pub beside: Value,
}

/// Reads what the file of a snapshot states besides accounts.
///
/// # Errors
/// If the database cannot be read.
pub fn said_beside(store: &Store, snapshot: &SnapshotFacts) -> Result<FileStatements> {
    let Value::Object(facts) = store.facts(snapshot.id)? else {
        return Ok(FileStatements { records: Vec::new(), beside: Value::Object(Map::new()) });
    };
    if snapshot.source.kind.holds_accounts() {
        return Ok(FileStatements { records: Vec::new(), beside: Value::Object(facts) });
    }
    if snapshot.source.kind.is_instance() || is_one_record(&facts) {
        let records = if facts.is_empty() { Vec::new() } else { vec![Value::Object(facts)] };
        return Ok(FileStatements { records, beside: Value::Object(Map::new()) });
    }
    let (mut records, mut beside) = (Vec::new(), Map::new());
    for (key, value) in facts {
        match value {
            Value::Array(list) => records.extend(list),
            value => {
                beside.insert(key, value);
            }
        }
    }
    let total =
        store.certificates(Knowledge::ALL)?.remove(&snapshot.id).and_then(|it| it.evidence?.total);
    if let Some(total) = total {
        beside.insert("total_count".to_owned(), total.into());
    }
    Ok(FileStatements { records, beside: Value::Object(beside) })
}

/// Is the file one object without any list, like the license of an instance?
fn is_one_record(facts: &Map<String, Value>) -> bool {
    !facts.values().any(Value::is_array)
}
