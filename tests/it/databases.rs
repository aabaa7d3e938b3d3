//! Old databases: each dump in `fixtures/databases` is a file as an older program left it. It opens, is brought to the
//! newest schema, and answers as it answered then (the answers stand beside the dump).

use rusqlite::Connection;
use serde_json::Value;

use crate::common::{Place, fixtures};

fn old_database(name: &str) -> Place {
    let place = Place::new();
    let dump = std::fs::read_to_string(fixtures().join("databases").join(name)).expect("a dump");
    let connection = Connection::open(place.path("oneseat.db")).expect("a database");
    connection.execute_batch(&dump).expect("the dump");
    place
}

/// Does an answer say all that the old one said? Keys may have been added; what was unknown may be known now.
fn says(answer: &Value, old: &Value) -> bool {
    match (answer, old) {
        (_, Value::Null) => true,
        (Value::Object(answer), Value::Object(old)) => {
            old.iter().all(|(key, value)| answer.get(key).is_some_and(|it| says(it, value)))
        }
        (Value::Array(answer), Value::Array(old)) => {
            answer.len() == old.len() && answer.iter().zip(old).all(|(it, old)| says(it, old))
        }
        _ => answer == old,
    }
}

#[test]
fn an_old_database_answers_as_before() {
    let place = old_database("v1.sql");
    let expected = fixtures().join("databases/v1.expected.json");
    let expected = std::fs::read_to_string(expected).expect("the answers");
    let expected: Vec<Value> = serde_json::from_str(&expected).expect("JSON");
    assert!(expected.len() >= 10);
    // Twice: the first question migrates.
    for case in expected.iter().chain(&expected) {
        let asked: Vec<&str> =
            case["asked"].as_array().expect("words").iter().filter_map(Value::as_str).collect();
        let answer = place.json(&asked);
        assert!(says(&answer, &case["answer"]), "{asked:?}: {answer:#}\nwas {:#}", case["answer"]);
    }
    assert_eq!(place.run(&["verify"]).code, 0);
}

#[test]
fn views_are_made_anew_when_they_differ() {
    let place = old_database("v1.sql");
    let before = place.run(&["export", "accounts", "--format", "csv"]);
    assert_eq!(before.code, 0, "{}", before.stderr);
    let connection = Connection::open(place.path("oneseat.db")).expect("a database");
    connection
        .execute_batch(
            "DROP VIEW accounts; CREATE VIEW accounts AS SELECT 1 AS old; DROP VIEW emails;
             CREATE VIEW my_own AS SELECT count(*) AS accounts FROM accounts",
        )
        .expect("other views");
    drop(connection);
    assert_eq!(place.run(&["export", "accounts", "--format", "csv"]).stdout, before.stdout);
    let own = place.run(&["query", "SELECT accounts > 1 AS many FROM my_own", "--json"]);
    assert_eq!(own.stdout, "[\n{\"many\":1}\n]\n", "a view of the user's own stays");
}

#[test]
fn an_old_database_is_copied_before_it_is_changed() {
    let place = old_database("v1.sql");
    let before = std::fs::read(place.path("oneseat.db")).expect("the database");
    assert_eq!(place.run(&["sources"]).code, 0);
    assert_eq!(place.run(&["sources"]).code, 0);
    let copy = place.path("oneseat.db.schema-1");
    assert!(!place.path("oneseat.db.schema-1-1").exists(), "once");
    assert_ne!(std::fs::read(place.path("oneseat.db")).expect("the database"), before);
    let old = Connection::open(&copy).expect("the copy");
    let version: i64 =
        old.query_row("PRAGMA user_version", [], |row| row.get(0)).expect("a version");
    assert_eq!(version, 1);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&copy).expect("the copy").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
