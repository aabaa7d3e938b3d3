//! Files that were made to do harm. The program never calls what the schema of a file calls, and every command
//! ends soon and needs little memory. An owner who only added objects of their own is not locked out.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::types::Value as Cell;
use serde_json::Value;
use wait4::Wait4 as _;

use crate::common::{Place, fixtures};
use crate::verify::ledger;

/// A call that does not end within a test.
const ENDLESS: &str =
    "(WITH RECURSIVE r (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM r) SELECT count(*) FROM r)";
/// A gigabyte.
const LARGE: &str = "length(hex(zeroblob(300000000)))";
/// A call that takes a minute and more.
const SLOW: &str = "instr(hex(zeroblob(30000000)), hex(zeroblob(10000000)) || '1')";

const ASKED: [&[&str]; 7] = [
    &["consumption"],
    &["verify"],
    &["doctor"],
    &["query", "SELECT * FROM accounts"],
    &["snapshots"],
    &["sources", "set", "corp", "--billing-model", "metered"],
    &["recount"],
];

fn change(file: &Path, sql: &str) {
    let connection = Connection::open(file).expect("a database");
    connection.execute_batch(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// Changes the text of an object behind SQLite's back.
fn rewrite(file: &Path, name: &str, from: &str, to: &str) {
    let connection = Connection::open(file).expect("a database");
    let set = rusqlite::config::DbConfig::SQLITE_DBCONFIG_DEFENSIVE;
    connection.set_db_config(set, false).expect("open to changes");
    connection.execute_batch("PRAGMA writable_schema = on").expect("open to changes");
    let sql =
        "UPDATE sqlite_schema SET sql = replace(sql, ?2, ?3) WHERE name = ?1 AND instr(sql, ?2)";
    let changed = connection.execute(sql, (name, from, to)).expect("changed");
    assert_eq!(changed, 1, "{name}: {from}");
}

fn columns(file: &Path, table: &str) -> Vec<String> {
    let connection = Connection::open(file).expect("a database");
    let mut names = connection.prepare(&format!("PRAGMA table_info({table})")).expect("columns");
    let names = names.query_map([], |row| row.get(1)).expect("columns");
    names.collect::<rusqlite::Result<_>>().expect("names")
}

/// A view in place of a table, whose rows are in `hidden`.
fn view(file: &Path, table: &str, begin: &str, from: &str) {
    let columns = columns(file, table).join(", ");
    change(
        file,
        &format!(
            "PRAGMA legacy_alter_table = on; ALTER TABLE {table} RENAME TO hidden;
             CREATE VIEW {table} AS {begin} SELECT {columns} FROM hidden{from}"
        ),
    );
}

/// Makes one of the program's tables anew with another statement, with its rows.
fn remake(file: &Path, table: &str, statement: &str) {
    let columns = columns(file, table).join(", ");
    change(
        file,
        &format!(
            "PRAGMA foreign_keys = off; PRAGMA legacy_alter_table = on;
             ALTER TABLE {table} RENAME TO hidden; {statement};
             INSERT INTO {table} ({columns}) SELECT {columns} FROM hidden; DROP TABLE hidden"
        ),
    );
}

struct Harm {
    name: &'static str,
    make: fn(&Path),
    /// The message, and the statement in it that removes the harm.
    told: &'static str,
    drop: Option<&'static str>,
}

fn harms() -> Vec<Harm> {
    let harm = |name, make, told, drop| Harm { name, make, told, drop };
    vec![
        harm(
            "a slow index",
            |file| {
                change(file, "CREATE INDEX evil ON states (login) WHERE login IS NULL");
                rewrite(file, "evil", "(login) WHERE login IS NULL", &format!("({SLOW})"));
            },
            "the index \"evil\" on \"states\"",
            Some("DROP INDEX \"evil\";"),
        ),
        harm(
            "a large index of part of the rows",
            |file| {
                change(file, "CREATE INDEX \"e\"\"v il\" ON journal (line) WHERE line IS NULL");
                rewrite(file, "e\"v il", "line IS NULL", &format!("{LARGE} > line"));
            },
            "the index \"e\"v il\" on \"journal\"",
            Some("DROP INDEX \"e\"\"v il\";"),
        ),
        harm(
            "a harmless index",
            |file| change(file, "CREATE UNIQUE INDEX mine ON hosts (host)"),
            "the index \"mine\" on \"hosts\"",
            Some("DROP INDEX \"mine\";"),
        ),
        harm(
            "a trigger",
            |file| {
                change(
                    file,
                    "CREATE TRIGGER evil AFTER INSERT ON journal BEGIN DELETE FROM journal; END",
                );
            },
            "the trigger \"evil\" on \"journal\"",
            Some("DROP TRIGGER \"evil\";"),
        ),
        harm(
            "a trigger on a view",
            |file| {
                change(
                    file,
                    "CREATE TRIGGER evil INSTEAD OF INSERT ON accounts BEGIN SELECT 1; END",
                );
            },
            "the trigger \"evil\" on \"accounts\"",
            Some("DROP TRIGGER \"evil\";"),
        ),
        harm(
            "a trigger on another column",
            |file| {
                change(
                    file,
                    "CREATE TRIGGER Evil BEFORE UPDATE OF to_place ON spans BEGIN SELECT RAISE(ABORT, 'no'); END",
                );
            },
            "the trigger \"Evil\" on \"spans\"",
            Some("DROP TRIGGER \"Evil\";"),
        ),
        harm(
            "a slow CHECK",
            |file| {
                rewrite(
                    file,
                    "states",
                    "login TEXT NOT NULL,",
                    &format!("login TEXT NOT NULL CHECK ({SLOW} = 0),"),
                );
            },
            "the table \"states\" was changed",
            None,
        ),
        harm(
            "a large CHECK of the table",
            |file| {
                rewrite(
                    file,
                    "shapes",
                    "fields TEXT NOT NULL UNIQUE",
                    &format!("fields TEXT NOT NULL UNIQUE, CHECK ({LARGE} > 0)"),
                );
            },
            "the table \"shapes\" was changed",
            None,
        ),
        harm(
            "a CHECK that is gone",
            |file| {
                rewrite(file, "states", "CHECK (row BETWEEN 0 AND 5)", "");
            },
            "the table \"states\" was changed",
            None,
        ),
        harm(
            "a generated column",
            |file| {
                // `ALTER TABLE` would compute it.
                let added = format!(
                    "evil TEXT GENERATED ALWAYS AS ({LARGE}) VIRTUAL, login TEXT NOT NULL,"
                );
                rewrite(file, "states", "login TEXT NOT NULL,", &added);
            },
            "the table \"states\" was changed",
            None,
        ),
        harm(
            "a generated column in the place of one",
            |file| {
                rewrite(
                    file,
                    "states",
                    "content TEXT NOT NULL",
                    &format!("content TEXT NOT NULL AS (CAST({SLOW} AS TEXT))"),
                );
            },
            "the table \"states\" was changed",
            None,
        ),
        harm(
            "a column of the owner's",
            |file| change(file, "ALTER TABLE hosts ADD COLUMN note TEXT DEFAULT 'x'"),
            "the table \"hosts\" was changed",
            None,
        ),
        harm(
            "a table json_each",
            |file| change(file, "CREATE TABLE json_each (value)"),
            "the table \"json_each\" hides the function",
            Some("DROP TABLE \"json_each\";"),
        ),
        harm(
            "a view Json_Tree",
            |file| change(file, &format!("CREATE VIEW Json_Tree AS SELECT {ENDLESS} AS value")),
            "the view \"Json_Tree\" hides the function",
            Some("DROP VIEW \"Json_Tree\";"),
        ),
        harm(
            "views of pragmas",
            |file| {
                change(
                    file,
                    &format!(
                        "CREATE VIEW pragma_user_version AS SELECT {ENDLESS} AS user_version;
                 CREATE VIEW pragma_application_id AS SELECT {ENDLESS} AS application_id;
                 CREATE TABLE pragma_table_info (a)"
                    ),
                )
            },
            "the view \"pragma_application_id\" hides the function",
            Some("DROP TABLE \"pragma_table_info\";"),
        ),
        harm(
            "a virtual table",
            |file| change(file, "CREATE VIRTUAL TABLE json_tree USING fts5 (value)"),
            "the table \"json_tree\" hides the function",
            Some("DROP TABLE \"json_tree\";"),
        ),
        harm(
            "an endless journal",
            |file| {
                view(
                    file,
                    "journal",
                    "WITH RECURSIVE r (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM r)",
                    ", r",
                )
            },
            "the view \"journal\" stands in the place of the table",
            Some("DROP VIEW \"journal\";"),
        ),
        harm(
            "endless states",
            |file| {
                view(
                    file,
                    "states",
                    "WITH RECURSIVE r (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM r)",
                    ", r",
                )
            },
            "the view \"states\" stands in the place of the table",
            Some("DROP VIEW \"states\";"),
        ),
        harm(
            "snapshots that take a while",
            |file| view(file, "stored_snapshots", "", &format!(" WHERE {ENDLESS} > 0")),
            "the view \"stored_snapshots\" stands in the place of the table",
            Some("DROP VIEW \"stored_snapshots\";"),
        ),
        harm(
            "an internal view",
            |file| {
                change(
                    file,
                    &format!(
                        "PRAGMA legacy_alter_table = on; DROP VIEW voided_snapshots;
                 CREATE VIEW voided_snapshots AS SELECT {ENDLESS} AS snapshot_id"
                    ),
                )
            },
            "the view \"voided_snapshots\" was changed",
            None,
        ),
        harm(
            "a table in the place of a view",
            |file| {
                change(
                    file,
                    "PRAGMA legacy_alter_table = on; DROP VIEW emails; CREATE TABLE emails (a)",
                )
            },
            "the table \"emails\" stands in the place of the view",
            Some("DROP TABLE \"emails\";"),
        ),
        harm(
            "another order of columns",
            |file| {
                remake(file, "voidings",
                "CREATE TABLE voidings (voiding_id INTEGER PRIMARY KEY, reason TEXT,
                 snapshot_id INTEGER NOT NULL, voided INTEGER NOT NULL, declared_at INTEGER NOT NULL,
                 salt BLOB) STRICT")
            },
            "the table \"voidings\" was changed",
            None,
        ),
        harm(
            "rows under numbers",
            |file| {
                remake(
                    file,
                    "spans",
                    "CREATE TABLE spans (state_id INTEGER NOT NULL, from_place INTEGER NOT NULL,
                 to_place INTEGER NOT NULL, PRIMARY KEY (state_id, from_place))",
                )
            },
            "the table \"spans\" was changed",
            None,
        ),
        harm(
            "rows without numbers",
            |file| {
                remake(
                    file,
                    "hosts",
                    "CREATE TABLE hosts (host_id INTEGER PRIMARY KEY, host TEXT NOT NULL UNIQUE) WITHOUT ROWID",
                )
            },
            "the table \"hosts\" was changed",
            None,
        ),
        harm(
            "statistics that take long",
            |file| {
                change(file, "ANALYZE");
                rewrite(file, "sqlite_stat1", "stat)", &format!("stat AS ({SLOW}))"));
            },
            "the table \"sqlite_stat1\" was changed",
            None,
        ),
        harm(
            "statistics that take much",
            |file| {
                change(file, "ANALYZE");
                rewrite(file, "sqlite_stat4", "sample)", &format!("sample AS ({LARGE}))"));
            },
            "the table \"sqlite_stat4\" was changed",
            None,
        ),
        harm(
            "statistics of a view",
            |file| {
                change(
                    file,
                    &format!("CREATE VIEW evil AS SELECT {ENDLESS} AS tbl, 1 AS idx, 1 AS stat"),
                );
                rewrite(file, "evil", "VIEW evil", "VIEW sqlite_stat1");
                let connection = Connection::open(file).expect("a database");
                connection.execute_batch("PRAGMA writable_schema = on;
                UPDATE sqlite_schema SET name = 'sqlite_stat1', tbl_name = 'sqlite_stat1' WHERE name = 'evil'").expect("changed");
            },
            "the view \"sqlite_stat1\" was changed",
            None,
        ),
    ]
}

#[test]
fn a_schema_that_could_do_harm_is_refused_before_it_is_evaluated() {
    let sound = std::fs::read(ledger().path("oneseat.db")).expect("the database");
    for harm in harms() {
        let place = Place::new();
        let file = place.write("oneseat.db", &sound);
        (harm.make)(&file);
        let before = std::fs::read(&file).expect("the database");
        let name = harm.name;
        let (copy, good) = (place.path("copy.db").display().to_string(), place.path("good.db"));
        std::fs::write(&good, &sound).expect("a sound one");
        let (file_name, good) = (file.display().to_string(), good.display().to_string());
        let asked = ASKED.iter().map(|words| words.to_vec());
        let others = [vec!["backup", &copy], vec!["--db", &good, "restore", &file_name]];
        for words in asked.chain(others) {
            let ran = place.run(&words);
            assert_eq!(ran.code, 4, "{name}: {words:?}: {}{}", ran.stdout, ran.stderr);
            assert!(ran.stderr.contains(harm.told), "{name}: {words:?}: {}", ran.stderr);
            if let Some(drop) = harm.drop {
                assert!(ran.stderr.contains(drop), "{name}: {words:?}: {}", ran.stderr);
            }
            let way_out = ran.stderr.contains("`oneseat backup --rows-only NEW`");
            assert!(way_out || words.contains(&"restore"), "{name}: {words:?}: {}", ran.stderr);
        }
        assert!(std::fs::read(&file).expect("the database") == before, "{name}");
        assert!(std::fs::read(&good).expect("the sound one") == sound, "{name}");
        assert!(!Path::new(&copy).exists(), "{name}");
    }
}

/// The rows of each of the program's tables, as texts.
fn rows(file: &Path) -> BTreeMap<String, Vec<String>> {
    let connection = Connection::open(file).expect("a database");
    let tables = [
        "journal",
        "stored_sources",
        "declarations",
        "links",
        "stored_snapshots",
        "voidings",
        "saved_questions",
        "content_sums",
        "shapes",
        "states",
        "spans",
        "addresses",
        "hosts",
        "image",
        "image_form",
        "source_kinds",
        "stored_listed",
        "stored_memberships",
        "stored_counts",
    ];
    let all = tables.map(|table| {
        let names = columns(file, table);
        let names: Vec<String> = names.into_iter().filter(|it| it != "note").collect();
        let sql = format!("SELECT {} FROM {table} NOT INDEXED", names.join(", "));
        let mut found = connection.prepare(&sql).expect("rows");
        let found = found.query_map([], |row| {
            let cells = names
                .iter()
                .map(|name| Ok(format!("{name}: {:?}", row.get::<_, Cell>(name.as_str())?)));
            Ok(cells.collect::<rusqlite::Result<Vec<_>>>()?.join(", "))
        });
        let mut found: Vec<String> =
            found.expect("rows").collect::<rusqlite::Result<_>>().expect("rows");
        assert!(!found.is_empty(), "{table}");
        found.sort();
        (table.to_owned(), found)
    });
    all.into_iter().collect()
}

#[test]
fn an_owner_who_added_something_gets_out() {
    let place = ledger();
    let file = place.path("oneseat.db");
    let sound = std::fs::read(&file).expect("the database");
    let (head, before) = (place.json(&["verify"])["head"].clone(), rows(&file));
    let asked = place.json(&["consumption"]);
    for (what, drops, left) in [
        ("CREATE INDEX \"my \"\"own\"\"\" ON states (login)", 1, Some(("index", "my \"own\""))),
        (
            "CREATE TRIGGER mine AFTER DELETE ON spans BEGIN SELECT 1; END",
            1,
            Some(("trigger", "mine")),
        ),
        (
            "CREATE TABLE json_each (value); INSERT INTO json_each VALUES (1)",
            1,
            Some(("table", "json_each")),
        ),
        (
            "CREATE INDEX one ON states (shape_id); CREATE INDEX two ON states (salt)",
            2,
            Some(("index", "one")),
        ),
        ("ALTER TABLE hosts ADD COLUMN note TEXT", 0, Some(("column", "hosts.note"))),
    ] {
        place.write("oneseat.db", &sound);
        change(&file, what);
        let refused = place.run(&["consumption"]);
        assert_eq!(refused.code, 4, "{what}: {}", refused.stderr);
        // Repaired by copying the rows.
        let new = place.path("new.db");
        let words = ["backup", "--rows-only", new.to_str().expect("text")];
        let told = place.json(&words);
        assert_eq!((&told["rows_only"], &told["head"]), (&Value::Bool(true), &head), "{told:#}");
        if let Some((kind, name)) = left {
            let found = &told["left_behind"][0];
            assert_eq!(
                (&found["type"], &found["name"]),
                (&Value::from(kind), &Value::from(name)),
                "{told:#}"
            );
        }
        assert_eq!(rows(&new), before, "{what}");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(&new).expect("the copy").permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{what}");
        }
        let db = new.to_str().expect("text");
        assert_eq!(place.json(&["--db", db, "consumption"]), asked, "{what}");
        assert_eq!(
            place.json(&["--db", db, "verify"])["notes"],
            Value::Array(Vec::new()),
            "{what}"
        );
        assert_eq!(place.run(&words).code, 5, "{what}: nothing is written over");
        std::fs::remove_file(&new).expect("removed");
        // Repaired by the statements in the message.
        let statements = refused.stderr.lines().filter_map(|line| {
            line.split_once("another SQLite program: ").map(|(_, statement)| statement)
        });
        let statements: Vec<&str> = statements.collect();
        assert_eq!(statements.len(), drops, "{what}: {}", refused.stderr);
        if drops > 0 {
            change(&file, &statements.join("\n"));
            assert_eq!(place.json(&["consumption"]), asked, "{what}");
            assert_eq!(place.json(&["verify"])["head"], head, "{what}");
        }
    }
}

#[test]
fn rows_are_copied_out_of_a_file_that_was_made_to_do_harm_without_evaluating_it() {
    let place = ledger();
    let sound = std::fs::read(place.path("oneseat.db")).expect("the database");
    let before = rows(&place.path("oneseat.db"));
    let mut copied = 0;
    for harm in harms() {
        let place = Place::new();
        let file = place.write("oneseat.db", &sound);
        (harm.make)(&file);
        let new = place.path("new.db");
        let ran = place.run(&["backup", "--rows-only", new.to_str().expect("text")]);
        // Where a view replaces a table, or a column is not stored, there are no rows.
        let lost =
            harm.told.contains("place of the table") || harm.name.contains("in the place of one");
        assert_eq!(ran.code, if lost { 4 } else { 0 }, "{}: {}", harm.name, ran.stderr);
        assert_eq!(new.exists(), !lost, "{}", harm.name);
        if !lost {
            assert!(rows(&new) == before, "{}", harm.name);
            copied += 1;
        } else {
            assert!(ran.stderr.contains("cannot be copied"), "{}: {}", harm.name, ran.stderr);
        }
    }
    assert!(copied > 15, "{copied}");
}

fn old_database(version: i64) -> Place {
    let place = Place::new();
    let dump = fixtures().join("databases").join(format!("v{version}.sql"));
    let dump = std::fs::read_to_string(dump).expect("a dump");
    let file = place.write("oneseat.db", b"");
    change(&file, &dump);
    place
}

#[test]
fn the_schema_of_every_version_is_ours_and_what_was_added_to_it_is_told() {
    for version in 1..=4 {
        let later =
            |place: &Place, words: &[&str]| place.run_with(words, b"", "2027-01-01T00:00:00Z");
        let place = old_database(version);
        let ran = later(&place, &["doctor"]);
        assert_eq!(ran.code, 0, "{version}: {}", ran.stderr);
        let new = place.path("new.db").display().to_string();
        let ran = later(&place, &["backup", "--rows-only", &new]);
        assert_eq!(ran.code, 0, "{version}: {}", ran.stderr);
        let ran = later(&place, &["verify"]);
        assert_eq!(ran.code, 0, "{version}: {}", ran.stderr);
        let answer = later(&place, &["consumption", "--json"]).stdout;
        assert_eq!(
            later(&place, &["--db", &new, "consumption", "--json"]).stdout,
            answer,
            "{version}"
        );

        for (what, told) in [
            ("CREATE INDEX evil ON journal (hash)", "DROP INDEX \"evil\";"),
            ("CREATE TABLE json_each (a)", "DROP TABLE \"json_each\";"),
            (
                "CREATE TRIGGER evil AFTER INSERT ON keys BEGIN SELECT 1; END",
                "DROP TRIGGER \"evil\";",
            ),
            ("ALTER TABLE hosts ADD COLUMN a TEXT", "the table \"hosts\" was changed"),
        ] {
            let place = old_database(version);
            change(&place.path("oneseat.db"), what);
            let before = std::fs::read(place.path("oneseat.db")).expect("the database");
            for words in [&["consumption"][..], &["doctor"], &["verify"]] {
                let ran = later(&place, words);
                assert_eq!(ran.code, 4, "{version}: {what}: {}", ran.stderr);
                assert!(ran.stderr.contains(told), "{version}: {what}: {}", ran.stderr);
            }
            assert!(std::fs::read(place.path("oneseat.db")).expect("the database") == before);
        }
    }
    // A name that a later schema uses, and schema versions that never existed.
    let place = old_database(1);
    change(&place.path("oneseat.db"), "CREATE TABLE stored_counts (a)");
    let ran = place.run(&["sources"]);
    assert_eq!(ran.code, 4, "{}", ran.stderr);
    assert!(ran.stderr.contains("DROP TABLE \"stored_counts\";"), "{}", ran.stderr);
    for version in [0, -1, -7] {
        let place = old_database(2);
        change(&place.path("oneseat.db"), &format!("PRAGMA user_version = {version}"));
        for words in [&["sources"][..], &["verify"], &["backup", "--rows-only", "x.db"]] {
            let ran = place.run(words);
            assert_eq!(ran.code, 4, "{version}: {}", ran.stderr);
            assert!(ran.stderr.contains("no version of this program"), "{version}: {}", ran.stderr);
        }
    }
}

/// Objects that a user may have beside the program's, which call anything.
fn beside() -> String {
    format!(
        "CREATE TABLE notes (text TEXT); INSERT INTO notes VALUES ('one');
         CREATE TABLE mine (account_id INTEGER REFERENCES stored_accounts, state_id REFERENCES states, text);
         CREATE INDEX mine_by_text ON mine (text);
         CREATE TRIGGER of_mine AFTER INSERT ON mine BEGIN SELECT {ENDLESS}; END;
         CREATE VIEW heavy AS SELECT {LARGE} AS large, {ENDLESS} AS endless;
         CREATE TABLE numbered (id INTEGER PRIMARY KEY AUTOINCREMENT, text);
         CREATE VIRTUAL TABLE found USING fts5 (text)"
    )
}

#[test]
fn tables_of_the_owner_beside_ours_stay_and_are_never_evaluated() {
    let add = |file: &Path, accounts: &str| {
        change(file, &beside().replace("stored_accounts", accounts));
        change(
            file,
            "INSERT INTO numbered (text) VALUES ('one'); INSERT INTO found VALUES ('one')",
        );
        // An insert into the table would compute it.
        let more = format!("text TEXT, more TEXT AS ({SLOW}) VIRTUAL, CHECK ({LARGE} > 0))");
        rewrite(file, "notes", "text TEXT)", &more);
    };
    let place = ledger();
    let head = place.json(&["verify"])["head"].clone();
    add(&place.path("oneseat.db"), "stored_accounts");
    let answer = place.json(&["verify"]);
    assert_eq!((&answer["ok"], &answer["head"]), (&Value::Bool(true), &head), "{answer:#}");
    let notes = answer["notes"].to_string();
    for name in ["notes", "mine", "mine_by_text", "of_mine", "heavy", "numbered", "found"] {
        assert!(notes.contains(&format!("{name} does not belong to this program")), "{notes}");
    }
    assert_eq!(place.json(&["doctor"])["database"]["quick_check"], "ok");
    let ran = place.run(&["query", "SELECT large FROM heavy"]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    let ran = place.run(&["query", "SELECT endless FROM heavy", "--timeout", "0.2"]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    let copy = place.path("copy.db").display().to_string();
    for words in [
        &["consumption"][..],
        &["query", "SELECT count(*) FROM accounts"],
        &["query", "SELECT text FROM numbered"],
        &["sources", "set", "corp", "--billing-model", "metered"],
        &["snapshots", "void", "1", "--reason", "a mistake"],
        &["backup", &copy],
        &["--db", &copy, "verify"],
        &["restore", &copy],
        &["backup", "--force", "--rows-only", &copy],
    ] {
        let ran = place.run(words);
        assert_eq!(ran.code, 0, "{words:?}: {}", ran.stderr);
    }
    let notes = place.json(&["--db", &copy, "verify"])["notes"].to_string();
    assert!(!notes.contains("does not belong to this program"), "{notes}");
    // The same while the file is migrated to the newest schema.
    for version in 1..=4 {
        let place = old_database(version);
        add(&place.path("oneseat.db"), if version < 3 { "accounts" } else { "stored_accounts" });
        let ran = place.run(&["sources"]);
        assert_eq!(ran.code, 0, "{version}: {}", ran.stderr);
        let ran = place.run_with(&["verify"], b"", "2027-01-01T00:00:00Z");
        assert_eq!(ran.code, 0, "{version}: {}", ran.stderr);
    }
}

#[test]
fn statistics_are_ours_and_change_no_answer() {
    let place = ledger();
    let asked =
        [&["consumption", "--json"][..], &["duplicates", "--json"], &["export", "account_history"]];
    let answers = |place: &Place| asked.map(|words| place.run(words).stdout);
    let before = answers(&place);
    change(&place.path("oneseat.db"), "ANALYZE");
    assert_eq!(answers(&place), before);
    let answer = place.json(&["verify"]);
    assert_eq!(
        (&answer["ok"], &answer["notes"]),
        (&Value::Bool(true), &Value::Array(Vec::new())),
        "{answer:#}"
    );
    // The program makes no plan from the statistics in the file.
    change(&place.path("oneseat.db"), "UPDATE sqlite_stat1 SET stat = '1 1 1 1'");
    assert_eq!(answers(&place), before);
    let new = place.path("new.db").display().to_string();
    assert_eq!(
        place.json(&["backup", "--rows-only", &new])["left_behind"],
        Value::Array(Vec::new())
    );
}

/// The end of a run.
struct Ended {
    code: Option<i32>,
    cpu: Duration,
    told: String,
}

/// Runs the program with at most 256 MB of memory, and stops a run that does not end.
fn run(place: &Place, words: &[&str]) -> Ended {
    let script = "ulimit -d 262144; exec timeout -s KILL 60 \"$@\"";
    let mut command = Command::new("sh");
    command.args(["-c", script, "sh", env!("CARGO_BIN_EXE_oneseat"), "--db"]);
    let told = std::fs::File::create(place.path("told")).expect("a file");
    command.arg(place.path("oneseat.db")).args(words);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(told);
    let mut child = command.spawn().expect("the program runs");
    let used = child.wait4().expect("the program ends");
    let told = std::fs::read(place.path("told")).expect("what was told");
    Ended {
        code: used.status.code(),
        cpu: used.rusage.utime + used.rusage.stime,
        told: String::from_utf8_lossy(&told).into_owned(),
    }
}

/// Checks that every command ends soon, with little memory, and without a crash.
fn ends(what: &str, place: &Place) -> BTreeMap<Option<i32>, u32> {
    let copy = place.path("copy.db").display().to_string();
    let mut codes = BTreeMap::new();
    for words in [
        &["verify"][..],
        &["doctor"],
        &["backup", "--force", &copy],
        &["backup", "--force", "--rows-only", &copy],
        &["consumption"],
        &["duplicates"],
        &["trend"],
        &["query", "SELECT * FROM account_history"],
    ] {
        let ended = run(place, words);
        let known = matches!(ended.code, Some(0 | 1 | 4 | 7));
        assert!(known, "{what}: {words:?}: {:?}: {}", ended.code, ended.told);
        assert!(!ended.told.contains("out of memory"), "{what}: {words:?}: {}", ended.told);
        assert!(ended.cpu < Duration::from_secs(10), "{what}: {words:?}: {:?}", ended.cpu);
        *codes.entry(ended.code).or_default() += 1;
    }
    codes
}

/// A database of about a megabyte.
fn megabyte() -> Vec<u8> {
    let place = Place::new();
    let users = (0..1000).map(|user| {
        format!(
            r#"{{"github_com_login":"user-{user}","github_com_user":true,"github_com_name":"Ann {user}","license_type":"Enterprise","github_com_verified_domain_emails":["user-{user}@corp.example"]}}"#
        )
    });
    let users: Vec<String> = users.collect();
    let text = format!(r#"{{"total_seats_consumed":1000,"users":[{}]}}"#, users.join(","));
    let report = place.write("report.json", text.as_bytes()).display().to_string();
    place.json(&["import", &report, "--enterprise", "corp", "--taken-at", "2026-03-01"]);
    let bytes = std::fs::read(place.path("oneseat.db")).expect("the database");
    assert!((500_000..2_000_000).contains(&bytes.len()), "{}", bytes.len());
    bytes
}

const PAGE: usize = 16_384;

fn put(bytes: &mut [u8], at: usize, number: u32) {
    bytes[at..at + 4].copy_from_slice(&number.to_be_bytes());
}

/// Appends levels of pages over the tree of a table, where each page names the one before this many times.
fn tower(bytes: &[u8], root: u32, levels: u32, times: u16) -> (Vec<u8>, u32) {
    let mut bytes = bytes.to_vec();
    let mut below = root;
    for level in 0..levels {
        let mut page = vec![0u8; PAGE];
        page[0] = 5;
        page[3..5].copy_from_slice(&times.to_be_bytes());
        for cell in 0..usize::from(times) {
            let at = PAGE - 5 * (cell + 1);
            put(&mut page, at, below);
            page[at + 4] = 1;
            page[12 + 2 * cell..14 + 2 * cell].copy_from_slice(&(at as u16).to_be_bytes());
            page[5..7].copy_from_slice(&(at as u16).to_be_bytes());
        }
        put(&mut page, 8, below);
        bytes.extend(page);
        below = (bytes.len() / PAGE) as u32;
        let _ = level;
    }
    put(&mut bytes, 28, below);
    // The number of pages is valid for this state of the file.
    let counter: [u8; 4] = bytes[24..28].try_into().expect("a counter");
    bytes[92..96].copy_from_slice(&counter);
    (bytes, below)
}

fn root_of(file: &Path, name: &str) -> u32 {
    let connection = Connection::open(file).expect("a database");
    let sql = "SELECT rootpage FROM sqlite_schema WHERE name = ?1";
    connection.query_row(sql, [name], |row| row.get(0)).expect("a root")
}

#[test]
fn pages_that_name_each_other_again_and_again_are_not_read_again_and_again() {
    let sound = megabyte();
    for (table, levels, times) in [
        ("states", 4, 400),
        ("addresses", 3, 100),
        ("sqlite_autoindex_shapes_1", 1, 1),
        ("journal", 12, 8),
    ] {
        let place = Place::new();
        let file = place.write("oneseat.db", &sound);
        let (bytes, root) = tower(&sound, root_of(&file, table), levels, times);
        place.write("oneseat.db", &bytes);
        let connection = Connection::open(&file).expect("a database");
        connection.execute_batch("PRAGMA writable_schema = on").expect("open to changes");
        let sql = "UPDATE sqlite_schema SET rootpage = ?2 WHERE name = ?1";
        connection.execute(sql, (table, root)).expect("another root");
        drop(connection);
        let codes = ends(table, &place);
        assert!(codes.contains_key(&Some(4)), "{table}: {codes:?}");
    }
}

/// Pseudorandom numbers, the same each time.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % end
    }
}

/// Damages a file in one of many ways.
fn mutate(bytes: &mut [u8], random: &mut Random) {
    let pages = bytes.len() / PAGE;
    for _ in 0..1 + random.below(12) {
        // The first page is seldom damaged: otherwise nothing else would be read.
        let page = if random.below(20) == 0 { 0 } else { 1 + random.below(pages - 1) };
        let begin = page * PAGE;
        match random.below(6) {
            0 => bytes[begin + random.below(PAGE)] = random.below(256) as u8,
            1 => {
                // A length that claims too much.
                let at = begin + random.below(PAGE - 9);
                bytes[at..at + 9].fill(0xff);
            }
            2 => {
                // One page in place of another.
                let from = random.below(pages) * PAGE;
                bytes.copy_within(from..from + PAGE, begin);
            }
            3 => {
                // The first cells all become the same cell.
                let cell: [u8; 2] = bytes[begin + 8..begin + 10].try_into().expect("two bytes");
                for at in (begin + 8..begin + 8 + 2 * random.below(100)).step_by(2) {
                    bytes[at..at + 2].copy_from_slice(&cell);
                }
            }
            4 => put(bytes, begin + random.below(PAGE - 4), 1 + random.below(pages) as u32),
            _ => {
                let count = (random.below(2000) as u16).to_be_bytes();
                bytes[begin + 3..begin + 5].copy_from_slice(&count);
            }
        }
    }
}

#[test]
fn every_command_ends_soon_on_a_file_that_was_damaged_anyhow() {
    let sound = megabyte();
    let mut codes: BTreeMap<Option<i32>, u32> = BTreeMap::new();
    for seed in 0..12 {
        let mut random = Random(seed * 7919 + 1);
        let mut bytes = sound.clone();
        mutate(&mut bytes, &mut random);
        let place = Place::new();
        place.write("oneseat.db", &bytes);
        for (code, times) in ends(&format!("seed {seed}"), &place) {
            *codes.entry(code).or_default() += times;
        }
    }
    // Some of the damage is found.
    assert!(codes.get(&Some(4)).is_some_and(|times| *times > 10), "{codes:?}");
}

#[test]
fn numbers_that_claim_much_take_no_room() {
    let place = ledger();
    let asked = place.json(&["consumption"]);
    let sound = std::fs::read(place.path("oneseat.db")).expect("the database");
    for number in [u32::MAX, 4_000_000_000, 2_147_483_647, 90_000_000] {
        for part in 1..=7 {
            let place = Place::new();
            let file = place.write("oneseat.db", &sound);
            claim(&file, part, number);
            let ran = place.run(&["verify"]);
            assert_eq!(ran.code, 1, "{number}: {part}: {}{}", ran.stdout, ran.stderr);
            assert!(ran.stdout.contains(&format!("image.data of part {part}")), "{}", ran.stdout);
            // The claim does not fit the data, so the image is made anew.
            assert_eq!(place.json(&["consumption"]), asked, "{number}: {part}");
        }
    }
}

/// Makes the first column of a part of the image begin with a number, under a valid hash.
fn claim(file: &Path, part: i64, number: u32) {
    let connection = Connection::open(file).expect("a database");
    let sql = "SELECT first, count, data FROM image WHERE part = ?1 ORDER BY first LIMIT 1";
    let (first, count, mut data): (i64, i64, Vec<u8>) = connection
        .query_row(sql, [part], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .expect("a segment");
    // Hashes may be any number. There, the count in the table makes the claim.
    let count = if part == 2 || part == 3 || part == 6 { i64::from(number) } else { count };
    if data.len() > 4 && count != i64::from(number) {
        data[..4].copy_from_slice(&number.to_le_bytes());
    }
    let mut hasher = blake3::Hasher::new();
    for number in [part, first, count] {
        hasher.update(&number.to_le_bytes());
    }
    let hash = hasher.update(&data).finalize().as_bytes().to_vec();
    let sql = "UPDATE image SET count = ?3, data = ?4, hash = ?5 WHERE part = ?1 AND first = ?2";
    assert_eq!(connection.execute(sql, (part, first, count, data, hash)).expect("changed"), 1);
}
