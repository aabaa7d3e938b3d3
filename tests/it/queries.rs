//! `oneseat query` and the commands around it: the public tables agree with the answers, as of any instant,
//! with this program and without it. Also the limits of a statement, the message about a wrong one, and saved
//! questions.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};

use crate::common::{Place, Ran};

/// The demo, made once.
fn demo() -> &'static [u8] {
    static DEMO: OnceLock<Vec<u8>> = OnceLock::new();
    DEMO.get_or_init(|| {
        let place = Place::new();
        let folder = place.path("demo").display().to_string();
        let ran = place.run(&["demo", &folder, "--people", "60", "--days", "240", "--every", "30"]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        std::fs::read(place.path("demo/oneseat.db")).expect("the database")
    })
}

fn place() -> Place {
    let place = Place::new();
    place.write("oneseat.db", demo());
    place
}

fn rows(place: &Place, words: &[&str]) -> Vec<Value> {
    let answer = place.json(&[&["query"], words].concat());
    answer.as_array().expect("an array of rows").clone()
}

fn value(place: &Place, words: &[&str]) -> Value {
    let rows = rows(place, words);
    let row = rows.first().and_then(Value::as_object).expect("a row");
    row.values().next().expect("a value").clone()
}

fn refused(place: &Place, words: &[&str]) -> String {
    let Ran { code, stdout, stderr } = place.run(words);
    assert_eq!((code, stdout.as_str()), (2, ""), "{words:?}: {stderr}");
    stderr
}

#[test]
fn the_tables_agree_with_the_answers() {
    let place = place();
    let snapshots = place.json(&["snapshots"]);
    let instants: BTreeSet<&str> = snapshots["items"]
        .as_array()
        .expect("items")
        .iter()
        // Nothing is known yet when only a directory is.
        .filter(|it| it["source"]["kind"] != "directory")
        .filter_map(|it| it["taken_at"].as_str())
        .collect();
    let first = *instants.first().expect("an instant");
    let middle = *instants.iter().nth(instants.len() / 2).expect("an instant");
    for options in [vec![], vec!["--as-of", first], vec!["--as-of", middle]] {
        let ask = |words: &[&str]| place.json(&[words, options.as_slice()].concat());
        let number = |sql: &str| value(&place, &[&[sql], options.as_slice()].concat());
        let consumption = ask(&["consumption"]);
        assert_eq!(number("SELECT count(*) FROM seats"), consumption["consumed"]);
        for kind in ["cloud_only", "cloud_and_server", "server_only"] {
            let sql = format!("SELECT count(*) FROM seats WHERE kind = '{kind}'");
            assert_eq!(number(&sql), consumption["seats"][kind], "{kind}");
        }
        let cloud = "SELECT count(*) FROM accounts WHERE kind = 'cloud'";
        assert_eq!(number(cloud), consumption["accounts"]["cloud"]);
        let server = "SELECT count(*) FROM accounts WHERE kind = 'server' AND counted";
        let own = number(server).as_i64().expect("a number");
        assert!(own <= consumption["accounts"]["server"].as_i64().expect("a number"));
        let matched = "SELECT count(*) FROM seat_accounts WHERE rule = 'verified_email'";
        assert_eq!(number(matched), consumption["matched_by"]["verified_email"]);
        let duplicates = ask(&["duplicates"]);
        let found = duplicates["items"].as_array().expect("items").len();
        assert_eq!(number("SELECT count(*) FROM duplicates"), json!(found));
        assert_eq!(
            number("SELECT consumed FROM trend ORDER BY at DESC LIMIT 1"),
            consumption["consumed"]
        );
        assert_eq!(number("SELECT count(DISTINCT seat_id) = count(*) FROM seats"), json!(1));
        assert_eq!(
            number(
                "SELECT count(*) FROM seat_accounts LEFT JOIN seats USING (seat_id) WHERE seats.kind IS NULL"
            ),
            json!(0)
        );
        assert_eq!(
            number("SELECT count(*) FROM accounts WHERE NOT EXISTS (SELECT 1 FROM account_history AS h
                    WHERE h.source = accounts.source AND h.account = accounts.account AND h.valid_to IS NULL)"),
            json!(0),
            "what is in force holds"
        );
    }
    let in_force = place.json(&["query", "SELECT sum(in_force) AS n FROM snapshots"]);
    let sources = place.json(&["consumption"])["sources"].as_array().expect("sources").len();
    assert_eq!(in_force[0]["n"], json!(sources));
}

#[test]
fn history_passes_over_what_is_voided_and_what_was_not_known() {
    let place = place();
    let history = |options: &[&str]| {
        let sql =
            "SELECT account, min(valid_from) AS joined, count(*) AS states FROM account_history
                   WHERE source_kind = 'cloud' GROUP BY account ORDER BY account";
        rows(&place, &[&[sql], options].concat())
    };
    let first = value(
        &place,
        &["SELECT id FROM snapshots WHERE source_kind = 'cloud' ORDER BY taken_at LIMIT 1"],
    );
    let second = value(
        &place,
        &[
            "SELECT taken_at FROM snapshots WHERE source_kind = 'cloud' ORDER BY taken_at LIMIT 1 OFFSET 1",
        ],
    );
    let before = history(&[]);
    let ran = place.run(&["snapshots", "void", &first.to_string(), "--reason", "a mistake"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let after = history(&[]);
    assert!(
        after.iter().all(|row| row["joined"].as_str() >= second.as_str()),
        "nothing began before"
    );
    assert!(after.len() <= before.len());
    let reason = value(&place, &["SELECT void_reason FROM snapshots WHERE voided_at IS NOT NULL"]);
    assert_eq!(reason, json!("a mistake"));
    let known = ["--known-on", "2026-11-22T11:59:59Z"];
    assert_eq!(
        place.run(&[["query", "SELECT 1 FROM accounts"].as_slice(), &known].concat()).code,
        7
    );
    let ran = place.run(&["snapshots", "restore", &first.to_string()]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(history(&[]), before);
}

#[test]
fn the_documented_columns_are_those_that_are_there() {
    let place = place();
    let tables = place.json(&["tables"]);
    let items = tables["items"].as_array().expect("items");
    let names: BTreeSet<&str> = items.iter().filter_map(|item| item["table"].as_str()).collect();
    assert_eq!(names.len(), 20);
    for name in names {
        let of_table = items.iter().filter(|item| item["table"] == name);
        let documented: Vec<&str> = of_table.filter_map(|item| item["column"].as_str()).collect();
        let ran = place.run(&["export", name, "--format", "csv"]);
        assert_eq!(ran.code, 0, "{name}: {}", ran.stderr);
        assert_eq!(ran.stdout.lines().next(), Some(documented.join(",").as_str()), "{name}");
        let sql = format!("SELECT name, lower(type) AS type FROM pragma_table_info('{name}')");
        let types = rows(&place, &[sql.as_str()]);
        let types: Vec<&str> = types.iter().filter_map(|row| row["type"].as_str()).collect();
        let of_table = items.iter().filter(|item| item["table"] == name);
        let expected: Vec<&str> = of_table.filter_map(|item| item["type"].as_str()).collect();
        let short: Vec<&str> =
            expected.iter().map(|it| if *it == "integer" { "int" } else { it }).collect();
        assert!(types == expected || types == short, "{name}: {types:?}");
    }
}

#[test]
fn any_reader_of_sqlite_sees_the_views() {
    let place = place();
    let connection =
        Connection::open_with_flags(place.path("oneseat.db"), OpenFlags::SQLITE_OPEN_READ_ONLY)
            .expect("the database");
    for table in [
        "sources",
        "snapshots",
        "accounts",
        "account_history",
        "emails",
        "memberships",
        "fields",
        "journal",
    ] {
        let sql = format!("SELECT count(*) FROM {table}");
        let count: i64 = connection.query_row(&sql, [], |row| row.get(0)).expect("a view");
        assert!(count > 0, "{table}");
        assert_eq!(value(&place, &[&sql]), json!(count));
    }
}

#[test]
fn what_does_more_than_read_is_refused() {
    let place = place();
    let before = std::fs::read(place.path("oneseat.db")).expect("the database");
    let other = place.path("other.db").display().to_string();
    let attach = format!("ATTACH '{other}' AS other");
    let vacuum_into = format!("VACUUM INTO '{other}'");
    for (sql, told) in [
        ("DELETE FROM voidings", "DELETE is not allowed"),
        ("UPDATE stored_sources SET name = 'x'", "UPDATE is not allowed"),
        ("INSERT INTO hosts (host) VALUES ('x')", "INSERT is not allowed"),
        ("REPLACE INTO hosts (host) VALUES ('x')", "not allowed"),
        ("WITH x AS (SELECT 1) DELETE FROM hosts", "DELETE is not allowed"),
        ("DELETE FROM hosts RETURNING host", "DELETE is not allowed"),
        ("EXPLAIN DELETE FROM hosts", "DELETE is not allowed"),
        ("CREATE TABLE t (a)", "changing the schema is not allowed"),
        ("CREATE TEMP TABLE t (a)", "not allowed"),
        ("CREATE VIRTUAL TABLE t USING fts5(a)", "not allowed"),
        ("DROP TABLE hosts", "changing the schema is not allowed"),
        ("ALTER TABLE hosts RENAME TO x", "not allowed"),
        ("ANALYZE", "not allowed"),
        ("REINDEX", "not allowed"),
        (attach.as_str(), "ATTACH is not allowed"),
        ("DETACH main", "DETACH is not allowed"),
        ("VACUUM", "query"),
        (vacuum_into.as_str(), "query"),
        ("SELECT load_extension('x')", "load_extension"),
        ("SELECT writefile('x', 'y')", "writefile"),
        ("PRAGMA writable_schema = ON", "PRAGMA writable_schema is not allowed"),
        ("PRAGMA query_only = OFF", "PRAGMA query_only is not allowed"),
        ("PRAGMA journal_mode = DELETE", "PRAGMA journal_mode is not allowed"),
        ("BEGIN", "transactions are not allowed"),
        ("SAVEPOINT x", "transactions are not allowed"),
        ("SELECT 1; SELECT 2", "several statements"),
        ("SELECT 1; DELETE FROM hosts", "not allowed"),
        ("", "no statement"),
        ("/* nothing */", "no statement"),
    ] {
        let stderr = refused(&place, &["query", sql]);
        assert!(stderr.contains(told), "{sql}: {stderr}");
        let stderr = refused(&place, &["questions", "add", "q", sql]);
        assert!(!stderr.is_empty());
    }
    assert!(!place.path("other.db").exists());
    assert_eq!(std::fs::read(place.path("oneseat.db")).expect("the database"), before);
}

#[test]
fn what_reads_is_answered() {
    let place = place();
    for sql in [
        "SELECT 1;",
        "SELECT 1 ; -- and no more",
        "WITH a AS (SELECT 1) SELECT * FROM a",
        "VALUES (1), (2)",
        "EXPLAIN QUERY PLAN SELECT * FROM accounts",
        "SELECT name FROM pragma_table_info('accounts')",
        "SELECT value FROM json_each('[1,2]')",
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 5) SELECT sum(x) FROM n",
    ] {
        assert!(!rows(&place, &[sql]).is_empty(), "{sql}");
    }
    let ran = place.run_with(
        &["query", "--format", "csv"],
        b"SELECT 1 AS a, 'b' AS b",
        crate::common::NOW,
    );
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "a,b\r\n1,b\r\n"));
    let file = place.write("q.sql", b"SELECT\n  2 AS a").display().to_string();
    assert_eq!(rows(&place, &["-f", &file]), [json!({"a": 2})]);
    let ran = place.run(&[
        "query",
        "SELECT 1 AS a, 2 AS a, 1.5 AS r, NULL AS n, x'00ff' AS b, 9e999 AS i",
        "--json",
    ]);
    assert_eq!(
        ran.stdout,
        "[\n{\"a\":1,\"a_2\":2,\"r\":1.5,\"n\":null,\"b\":\"00ff\",\"i\":null}\n]\n"
    );
    let none = place.run(&["query", "SELECT 1 AS a WHERE 0", "--json"]);
    assert_eq!(none.stdout, "[]\n");
}

#[test]
fn parameters_are_values() {
    let place = place();
    let ask = |sql: &str, parameters: &[&str]| {
        let mut words = vec![sql];
        parameters.iter().for_each(|it| words.extend(["--param", it]));
        value(&place, &words)
    };
    assert_eq!(ask("SELECT :a || :b", &["a=1'; DROP TABLE x", "b=="]), json!("1'; DROP TABLE x="));
    assert_eq!(ask("SELECT typeof(:n)", &["n=7"]), json!("integer"));
    assert_eq!(ask("SELECT typeof($n)", &["n=007"]), json!("text"));
    let id = value(&place, &["SELECT id FROM accounts WHERE kind = 'server' AND counted LIMIT 1"]);
    let id = format!("id={}", id.as_str().expect("a text"));
    assert_ne!(ask("SELECT count(*) FROM accounts WHERE id = :id", &[&id]), json!(0));
    for (sql, parameters, told) in [
        ("SELECT :a", [].as_slice(), ":a has no value"),
        ("SELECT 1", &["--param", "b=1"], "no parameter :b"),
        ("SELECT ?1", &["--param", "1=1"], "a parameter needs a name"),
        ("SELECT :a", &["--param", "a"], "NAME=VALUE"),
    ] {
        let stderr = refused(&place, &[&["query", sql], parameters].concat());
        assert!(stderr.contains(told), "{stderr}");
    }
}

#[test]
fn a_wrong_statement_is_told_with_its_place_and_near_names() {
    let place = place();
    for (sql, told, hint) in [
        ("SELECT lgoin FROM accounts", "query:1:8: no such column: lgoin", "\"login\""),
        ("SELECT *\nFROM acounts", "query: no such table: acounts", "\"accounts\""),
        (
            "SELECT organisation FROM memberships",
            "no such column: organisation",
            "\"organization\"",
        ),
        ("SELEC 1", "query:1:1: near \"SELEC\": syntax error", "oneseat tables"),
        ("SELECT *\nFROM accounts\nWHERE (", "query:3:", "oneseat tables"),
        ("SELECT json('{')", "malformed JSON", "oneseat tables"),
    ] {
        let stderr = refused(&place, &["query", sql]);
        assert!(stderr.contains(told) && stderr.contains(hint), "{sql}: {stderr}");
    }
    let file = place.write("wrong.sql", b"SELECT 1\nFROM").display().to_string();
    assert!(refused(&place, &["query", "-f", &file]).contains("wrong.sql"));
    refused(&place, &["query", "-f", "no-such-file.sql"]);
    refused(&place, &["export", "acounts"]);
}

#[test]
fn what_runs_for_ever_is_stopped_and_leaves_no_file() {
    let place = place();
    let endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT";
    let silent = format!("{endless} count(*) FROM n");
    let stderr = refused(&place, &["query", &silent, "--timeout", "0.2"]);
    assert!(stderr.contains("stopped after 0.2 s") && stderr.contains("--timeout"), "{stderr}");
    let answer = place.path("answer.csv").display().to_string();
    let talking = format!("{endless} x FROM n");
    let words = ["query", &talking, "--timeout", "0.2s", "--format", "csv", "-o", &answer];
    assert!(refused(&place, &words).contains("stopped"));
    assert!(!place.path("answer.csv").exists());
    refused(&place, &["query", "SELECT 1", "--timeout", "soon"]);
}

#[test]
fn questions_are_saved_in_the_file() {
    let place = place();
    let sql = "SELECT count(*) AS n FROM accounts WHERE source_kind = :kind";
    assert_eq!(place.run(&["questions", "add", "how-many", sql]).code, 0);
    assert_eq!(place.run(&["questions", "add", "other", "SELECT 1"]).code, 0);
    assert_eq!(place.run(&["questions", "add", "other", "SELECT 2 AS two"]).code, 0);
    let ran =
        place.run(&["questions", "run", "how-many", "--param", "kind=cloud", "--format", "csv"]);
    assert!(ran.code == 0 && ran.stdout.starts_with("n\r\n"), "{}", ran.stderr);
    assert_eq!(place.run(&["questions", "run", "other", "--format", "csv"]).stdout, "two\r\n2\r\n");
    assert_eq!(place.run(&["questions", "remove", "other"]).code, 0);
    let items = place.json(&["questions"])["items"].clone();
    assert_eq!(
        items,
        json!([{"name": "how-many", "statement": sql, "saved_at": "2026-11-22T12:00:00Z"}])
    );
    assert_eq!(place.run(&["questions", "run", "other"]).code, 7);
    assert_eq!(place.run(&["questions", "remove", "other"]).code, 7);
    assert_eq!(place.run(&["verify"]).code, 0, "the journal names them");
}

#[test]
fn an_empty_ledger_has_empty_tables() {
    let place = Place::new();
    assert_eq!(place.run(&["query", "SELECT 1"]).code, 7, "there is no database");
    let file =
        place.write("info.json", br#"{"total_seats_consumed":0,"users":[]}"#).display().to_string();
    let ran = place.run(&[
        "import",
        &file,
        "--enterprise",
        "corp",
        "--taken-at",
        "2026-01-01",
        "--partial",
    ]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    for table in ["accounts", "account_history", "seats", "trend", "duplicates", "emails"] {
        let sql = format!("SELECT count(*) AS n FROM {table}");
        assert_eq!(value(&place, &[&sql]), json!(0), "{table}");
    }
}

#[test]
fn completions_and_manual_pages_know_every_command() {
    let place = Place::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ran = place.run(&["completions", shell]);
        assert!(ran.code == 0 && ran.stdout.contains("questions"), "{shell}");
    }
    let folder = place.path("man").display().to_string();
    assert_eq!(place.run(&["man", &folder]).code, 0);
    for page in ["oneseat.1", "oneseat-query.1", "oneseat-questions-add.1", "oneseat-seats.1"] {
        assert!(place.path("man").join(page).exists(), "{page}");
    }
    for command in ["query", "tables", "export", "questions", "seats", "completions", "man"] {
        let help = place.run(&[command, "--help"]).stdout;
        assert!(help.contains("Example: oneseat "), "{command}: {help}");
    }
}
