//! What a file said beside accounts, given back by `oneseat snapshots export`: of kinds that hold no
//! accounts it is all that there is.

use serde_json::{Map, Value};

use crate::error::Result;
use crate::store::{Knowledge, SnapshotFacts, Store};

/// What a file said beside accounts.
pub struct FileStatements {
    /// Its records, where the kind holds no accounts: subscriptions, cost centers, instances; a file
    /// that is one record is that.
    pub records: Vec<Value>,
    /// Everything else.
    pub beside: Value,
}

/// What the file of a snapshot said beside its accounts.
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

/// Is the file one object without a list of records, as the license of an instance is?
fn is_one_record(facts: &Map<String, Value>) -> bool {
    !facts.values().any(Value::is_array)
}
