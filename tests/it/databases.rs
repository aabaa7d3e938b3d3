//! Old databases. Each dump in `fixtures/databases` is a file as an older program left it. The program opens
//! it, migrates it to the newest schema, and answers as the old one did. The answers are beside the dump.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::Connection;
use rusqlite::types::Value as Cell;
use serde_json::Value;

use crate::common::{Place, fixtures};

/// A time after all of them were made: a journal line with a time after the clock is a finding of `verify`.
const LATER: &str = "2027-01-01T00:00:00Z";

fn old_database(name: &str) -> Place {
    let place = Place::new();
    let dump = std::fs::read_to_string(fixtures().join("databases").join(name)).expect("a dump");
    // The mode that the program gives it: for its owner only.
    let file = place.write("oneseat.db", b"");
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600))
        .expect("a mode");
    let connection = Connection::open(file).expect("a database");
    connection.execute_batch(&dump).expect("the dump");
    place
}

/// Whether an answer has everything that the old one had. Keys may have been added, and what was unknown may be
/// known now.
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

/// Every old database: its name without the extension, and its schema version.
fn all() -> Vec<(String, i64)> {
    let entries = std::fs::read_dir(fixtures().join("databases")).expect("the databases");
    let names =
        entries.map(|entry| entry.expect("a file").file_name().into_string().expect("text"));
    let mut all: Vec<(String, i64)> = names
        .filter_map(|name| {
            let stem = name.strip_suffix(".sql")?;
            Some((stem.to_owned(), stem.strip_prefix('v')?.parse().expect("vN.sql")))
        })
        .collect();
    all.sort_by_key(|(_, version)| *version);
    all
}

fn version(database: &Path) -> i64 {
    let connection = Connection::open(database).expect("a database");
    connection.query_row("PRAGMA user_version", [], |row| row.get(0)).expect("a version")
}

/// The schema version that this program writes.
fn newest() -> i64 {
    let place = Place::new();
    assert_eq!(place.run(&["import", "/dev/null"]).code, 3);
    version(&place.path("oneseat.db"))
}

#[test]
fn every_schema_is_kept_with_rows_in_every_table() {
    let kept: Vec<i64> = all().iter().map(|(_, version)| *version).collect();
    // The newest schema may still change until the next migration lands.
    let wanted: Vec<i64> = (1..newest()).collect();
    assert!(kept.starts_with(&wanted), "{kept:?}: fixtures/databases/make.py makes one");
    for (name, number) in all() {
        let place = old_database(&format!("{name}.sql"));
        let connection = Connection::open(place.path("oneseat.db")).expect("a database");
        assert_eq!(version(&place.path("oneseat.db")), number, "{name}");
        let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name";
        let mut tables = connection.prepare(sql).expect("tables");
        let tables = tables.query_map([], |row| row.get(0)).expect("tables");
        for table in tables.map(|table: rusqlite::Result<String>| table.expect("a name")) {
            let sql = format!("SELECT count(*) FROM {table}");
            let rows: i64 = connection.query_row(&sql, [], |row| row.get(0)).expect("rows");
            assert!(rows > 0, "{name}: {table} is empty");
        }
    }
}

#[test]
fn an_old_database_answers_as_before() {
    for (name, _) in all() {
        let place = old_database(&format!("{name}.sql"));
        let expected = fixtures().join("databases").join(format!("{name}.expected.json"));
        let expected = std::fs::read_to_string(expected).expect("the answers");
        let expected: Vec<Value> = serde_json::from_str(&expected).expect("JSON");
        assert!(expected.len() >= 10, "{name}");
        // Twice, because the first question migrates.
        for case in expected.iter().chain(&expected) {
            let asked: Vec<&str> =
                case["asked"].as_array().expect("words").iter().filter_map(Value::as_str).collect();
            let ran = place.run_with(&[&asked[..], &["--json"]].concat(), b"", LATER);
            assert_eq!(ran.code, 0, "{name}: {asked:?}: {}", ran.stderr);
            let answer: Value = serde_json::from_str(&ran.stdout).expect("JSON");
            let old = &case["answer"];
            assert!(says(&answer, old), "{name}: {asked:?}: {answer:#}\nwas {old:#}");
        }
        assert_eq!(place.run_with(&["verify"], b"", LATER).code, 0, "{name}");
    }
}

/// The cells of every row of every table of a database, as texts, by the table's original name.
fn rows(database: &Path) -> BTreeMap<String, Vec<Vec<String>>> {
    let connection = Connection::open(database).expect("a database");
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name";
    let mut tables = connection.prepare(sql).expect("tables");
    let tables = tables.query_map([], |row| row.get(0)).expect("tables");
    tables
        .map(|table| {
            let table: String = table.expect("a name");
            let mut all = connection.prepare(&format!("SELECT * FROM {table}")).expect("rows");
            let columns: Vec<String> = all.column_names().map(str::to_owned).collect();
            let all = all.query_map([], |row| {
                let cells = columns.iter().map(|it| {
                    let cell: Cell = row.get(it.as_str())?;
                    Ok(format!("{it}: {cell:?}"))
                });
                cells.collect()
            });
            let mut all: Vec<Vec<String>> =
                all.expect("rows").collect::<rusqlite::Result<_>>().expect("rows");
            all.sort();
            (table.trim_start_matches("stored_").to_owned(), all)
        })
        .collect()
}

/// The tables whose content migration 6 moved into others, by their original names.
const MOVED: [&str; 8] =
    ["accounts", "states", "records", "spans", "keys", "addresses", "listed", "memberships"];

/// Tables that are computed again from the others, or that list closed words to which a migration adds.
const KEPT: [&str; 3] = ["image", "image_form", "source_kinds"];

/// The content of these tables, in the layout before schema 6 or in the one since.
fn moved(database: &Path, version: i64) -> Vec<Vec<String>> {
    let accounts = if version < 3 { "accounts" } else { "stored_accounts" };
    let memberships = if version < 3 { "memberships" } else { "stored_memberships" };
    let questions = match version {
        ..=5 => [
            format!(
                "SELECT state_id, source_id, account_id, identity, row, roles, visual_studio, suspended,
                   login, shape_id, content, hex(salt), hex(record_hash)
                 FROM states JOIN {accounts} USING (account_id) JOIN records USING (state_id)"
            ),
            "SELECT state_id, source_id, from_place, to_place FROM spans".to_owned(),
            "SELECT state_id, kind, key, coalesce(text, key) FROM addresses JOIN keys USING (key_id)"
                .to_owned(),
            "SELECT state_id, host_id, id FROM listed".to_owned(),
            format!("SELECT state_id, organization, repository, role FROM {memberships}"),
        ],
        _ => [
            "SELECT state_id, source_id, account_id, coalesce(account, 'login:' || lower(login)), row,
               roles, visual_studio, suspended, login, shape_id, content, hex(salt), hex(record_hash)
             FROM states"
                .to_owned(),
            "SELECT state_id, states.source_id, coalesce(from_place, place),
               coalesce(to_place, 9223372036854775807)
             FROM states JOIN stored_snapshots USING (snapshot_id) LEFT JOIN spans USING (state_id)"
                .to_owned(),
            "WITH kinds (kind) AS (VALUES (1), (2), (3), (4), (5), (6), (7))
             SELECT row_id / 1048576, kind, coalesce(key, lower(trim(text))), text
             FROM addresses JOIN kinds ON addresses.kinds & (1 << (kind - 1))"
                .to_owned(),
            "SELECT row_id / 1048576, host_id, id FROM stored_listed".to_owned(),
            "SELECT row_id / 1048576, organization, repository, role FROM stored_memberships".to_owned(),
        ],
    };
    let connection = Connection::open(database).expect("a database");
    let rows = |sql: &String| {
        let mut statement = connection.prepare(sql).expect("a question");
        let width = statement.column_count();
        let rows = statement.query_map([], |row| {
            let cells = (0..width).map(|at| Ok(format!("{:?}", row.get::<_, Cell>(at)?)));
            Ok(cells.collect::<rusqlite::Result<Vec<_>>>()?.join(", "))
        });
        let mut rows: Vec<String> =
            rows.expect("rows").collect::<rusqlite::Result<_>>().expect("rows");
        rows.sort();
        rows
    };
    questions.iter().map(rows).collect()
}

#[test]
fn a_migration_keeps_every_row() {
    for (name, number) in all() {
        let place = old_database(&format!("{name}.sql"));
        let file = place.path("oneseat.db");
        let before = (rows(&file), moved(&file, number));
        assert!(before.1.iter().all(|rows| !rows.is_empty()), "{name}");
        assert_eq!(place.run(&["sources"]).code, 0, "{name}");
        let after = rows(&file);
        assert_eq!(moved(&file, newest()), before.1, "{name}");
        for (table, rows) in before.0 {
            if (number < 6 && MOVED.contains(&table.as_str())) || KEPT.contains(&table.as_str()) {
                continue;
            }
            let after = &after[&table];
            assert_eq!(after.len(), rows.len(), "{name}: {table}");
            for (after, before) in after.iter().zip(&rows) {
                // Columns may have been added.
                assert!(after.starts_with(before), "{name}: {table}: {after:?} was {before:?}");
            }
        }
    }
}

#[test]
fn a_newer_schema_is_refused_by_name_and_left_alone() {
    let newer = newest() + 1;
    let place = old_database("v1.sql");
    assert_eq!(place.run(&["sources"]).code, 0);
    let file = place.path("oneseat.db");
    let connection = Connection::open(&file).expect("a database");
    connection.pragma_update(None, "user_version", newer).expect("a newer schema");
    drop(connection);
    let before = std::fs::read(&file).expect("the database");
    let input = place.write("users.csv", b"");
    let input = input.to_str().expect("text");
    for command in [
        &["consumption"][..],
        &["verify"],
        &["query", "SELECT 1"],
        &["import", input],
        &["snapshots", "void", "1", "--reason", "a mistake"],
        &["sources", "rename", "a", "b"],
        &["links", "add", "a", "b", "--reason", "asked"],
        &["questions", "add", "one", "SELECT 1"],
    ] {
        let ran = place.run(command);
        assert_eq!(ran.code, 4, "{command:?}: {}", ran.stderr);
        let told = format!(
            "oneseat: error: {}: the database has schema {newer}; this program knows schemas up to {}\n\
             hint: use the newer version of oneseat that wrote the database\n",
            file.display(),
            newer - 1
        );
        assert_eq!(ran.stderr, told, "{command:?}");
    }
    assert_eq!(std::fs::read(&file).expect("the database"), before);
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
    assert_eq!(version(&copy), 1);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&copy).expect("the copy").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

/// A user who may only read an old database is answered from a temporary copy. Nothing changes, and a command
/// that would write names the file that it cannot write.
#[cfg(unix)]
#[test]
fn an_old_database_that_cannot_be_written_is_asked_in_a_passing_copy() {
    use std::os::unix::fs::PermissionsExt as _;
    use std::os::unix::process::CommandExt as _;
    let set = |path: &Path, mode: u32| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("a mode");
    };
    for (name, number) in all() {
        let place = old_database(&format!("{name}.sql"));
        let file = place.path("oneseat.db");
        let before = std::fs::read(&file).expect("the database");
        let (changed, program) = (old_database(&format!("{name}.sql")), place.path("program"));
        std::fs::copy(env!("CARGO_BIN_EXE_oneseat"), &program).expect("a copy");
        let folder = file.parent().expect("a folder");
        for (path, mode) in [(&*file, 0o444), (&*program, 0o755), (folder, 0o555)] {
            set(path, mode);
        }
        // Root may write everything. Then another user asks.
        let root = std::fs::OpenOptions::new().append(true).open(&file).is_ok();
        let asked = |words: &[&str]| {
            let mut asked = std::process::Command::new(&program);
            asked.arg("-q").arg("--db").arg(&file).args(words);
            if root {
                asked.uid(65534).gid(65534);
            }
            asked.output().expect("the program runs")
        };
        for words in [
            &["consumption", "--json"][..],
            &["duplicates", "--json"],
            &["snapshots", "--json"],
            &["verify", "--json"],
            &["query", "SELECT * FROM seats", "--json"],
            &["query", "SELECT * FROM account_history", "--json"],
        ] {
            let answer = asked(words);
            let told = String::from_utf8_lossy(&answer.stderr);
            assert_eq!(answer.status.code(), Some(0), "{name}: {words:?}: {told}");
            let answer = String::from_utf8_lossy(&answer.stdout);
            let same = changed.run_with(words, b"", LATER).stdout;
            assert_eq!(answer, same, "{name}: {words:?}");
        }
        for words in [
            &["sources", "rename", "ghes.corp.example", "git.corp.example"][..],
            &["snapshots", "void", "1", "--reason", "a mistake"],
            &["questions", "add", "one", "SELECT 1"],
            &["recount"],
        ] {
            let answer = asked(words);
            let told = String::from_utf8_lossy(&answer.stderr);
            assert_eq!(answer.status.code(), Some(4), "{name}: {words:?}: {told}");
            let named = format!("{}: the database cannot be written", file.display());
            assert!(told.contains(&named), "{name}: {words:?}: {told}");
        }
        set(folder, 0o755);
        assert_eq!(std::fs::read(&file).expect("the database"), before, "{name}");
        assert_eq!(version(&file), number, "{name}");
    }
}

#[test]
fn a_copy_that_was_broken_off_is_made_anew_and_the_same_one_is_not_kept_twice() {
    let place = old_database("v1.sql");
    place.write("oneseat.db.schema-1.part", b"half a copy");
    place.write("oneseat.db.schema-1.part-journal", b"of the half");
    let old = std::fs::read(place.path("oneseat.db")).expect("the database");
    assert_eq!(place.run(&["sources"]).code, 0);
    assert!(!place.path("oneseat.db.schema-1.part").exists());
    assert!(!place.path("oneseat.db.schema-1.part-journal").exists());
    assert_eq!(version(&place.path("oneseat.db.schema-1")), 1);
    // The state that a program leaves when it is killed after the copy and before the change.
    place.write("oneseat.db", &old);
    for gone in ["oneseat.db-wal", "oneseat.db-shm"] {
        let _not_there = std::fs::remove_file(place.path(gone));
    }
    assert_eq!(place.run(&["sources"]).code, 0);
    assert!(!place.path("oneseat.db.schema-1-1").exists(), "the same state is kept once");
    // A copy of another state is kept beside it.
    place.write("oneseat.db", &old);
    let connection = Connection::open(place.path("oneseat.db")).expect("a database");
    connection.execute_batch("CREATE TABLE my_own (one)").expect("a table of the user's own");
    drop(connection);
    assert_eq!(place.run(&["sources"]).code, 0);
    assert_eq!(version(&place.path("oneseat.db.schema-1-1")), 1);
}
