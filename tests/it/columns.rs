//! The declared columns of every answer, held against the JSON of its rows: each key is a column, each column is a
//! key, and a number or a truth is declared as one. So a field that is added cannot be forgotten.

use calamine::{Data, Reader, Xlsx, open_workbook_from_rs};
use serde_json::{Value, json};

use crate::common::{Place, fixtures, questions};

/// The demo, and beside it what makes hardly any object of a row absent: a Server account with a declared link, a
/// subscriber without an account, a saved question and a voided snapshot.
fn place() -> Place {
    let place = Place::new();
    let ok = |words: &[&str]| {
        let ran = place.run(words);
        assert_eq!(ran.code, 0, "{words:?}: {}", ran.stderr);
    };
    let demo = place.path("demo").display().to_string();
    ok(&["demo", &demo, "--people", "60", "--days", "120", "--every", "30"]);
    let database = std::fs::read(place.path("demo/oneseat.db")).expect("the database");
    place.write("oneseat.db", &database);
    let write = |name: &str, text: &str| place.write(name, text.as_bytes()).display().to_string();
    let user = |id: u32, login: &str| json!({"user_id": id, "login": login, "emails": []});
    let export = |users: Value| {
        json!({"instance": {"host_name": "ghes.corp.example"}, "users": users}).to_string()
    };
    let first = write("first.json", &export(json!([user(5, "ada")])));
    write("server.json", &export(json!([user(5, "ada"), user(6, "bob")])));
    write("refused.json", "{}");
    write("config.toml", "[host.\"ghes.corp.example\"]\nurl = \"http://127.0.0.1:1\"\n");
    ok(&["import", &first, "--taken-at", "2026-06-28"]);
    let portal = fixtures().join("visual-studio-subscribers-csv/portal.csv").display().to_string();
    ok(&["import", &portal, "--enterprise", "octo-corp", "--taken-at", "2026-06-28"]);
    let sql = "SELECT login FROM accounts WHERE source_kind = 'cloud' AND login IS NOT NULL";
    let accounts = place.json(&["query", sql]);
    let login = accounts[0]["login"].as_str().expect("a Cloud account");
    ok(&["links", "add", "ghes.corp.example:5", login, "--reason", "a test"]);
    ok(&["questions", "add", "one", "SELECT 1 AS one"]);
    let sql = "SELECT address FROM emails WHERE kind = 'saml_name_id' OR kind = 'verified'";
    let addresses = place.json(&["query", sql]);
    let entry =
        json!({"id": "1", "userPrincipalName": addresses[0]["address"], "accountEnabled": false});
    let directory = write("directory.json", &json!({"value": [entry]}).to_string());
    ok(&["import", &directory, "--directory", "second", "--taken-at", "2026-06-28"]);
    ok(&["snapshots", "void", "2", "--reason", "a test"]);
    place
}

/// Every question whose answer has declared columns, and the commands that write and print such an answer.
fn all(place: &Place) -> Vec<Vec<String>> {
    let path = |name: &str| place.path(name).display().to_string();
    let file = path("server.json");
    let words = [("WHO", "ada"), ("FROM", "2026-05-15"), ("TO", "2026-06-28"), ("FILE", &file)];
    let mut all = questions(&words);
    // These print the columns of a statement or of a table, the file of a snapshot, and requests.
    let without = |it: &Vec<String>| {
        matches!(it[0].as_str(), "query" | "export")
            || it[..] == ["snapshots", "export", "1"]
            || it[..] == ["crosswalk", "--bodies"]
    };
    all.retain(|question| !without(question));
    let (refused, config) = (path("refused.json"), path("config.toml"));
    let backup = path("backup.db");
    for words in [
        &["formats"][..],
        &["import", &file, &refused, "--dry-run", "--taken-at", "2026-06-29"],
        &["fetch", "--config", &config],
        &["config", "check", "--config", &config],
        &["recount"],
        &["backup", &backup, "--force"],
        &["restore", &backup, "--no-keep"],
    ] {
        all.push(words.iter().map(|word| (*word).to_owned()).collect());
    }
    all
}

/// The bytes of an answer in a format.
fn answer(place: &Place, words: &[String], format: &str) -> Vec<u8> {
    let file = place.path("answer");
    let mut all = words.to_vec();
    all.extend(["--format", format, "-o", &file.display().to_string()].map(str::to_owned));
    let ran = place.run(&all);
    std::fs::read(&file).unwrap_or_else(|error| panic!("{words:?}: {error}: {}", ran.stderr))
}

/// The dotted paths of everything in a row that is no object.
fn paths(value: &Value, path: &str, found: &mut Vec<String>) {
    let Value::Object(members) = value else { return found.push(path.to_owned()) };
    for (key, value) in members {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        paths(value, &path, found);
    }
}

/// The value at a dotted path: `None` if there is no such key, null below an absent object.
fn at<'r>(row: &'r Value, path: &str) -> Option<&'r Value> {
    path.split('.').try_fold(row, |value, key| match value {
        Value::Null => Some(value),
        value => value.get(key),
    })
}

/// The cells of the first sheet below its header.
fn sheet(workbook: Vec<u8>) -> Vec<Vec<Data>> {
    let mut workbook: Xlsx<_> =
        open_workbook_from_rs(std::io::Cursor::new(workbook)).expect("a workbook");
    let (_, range) = workbook.worksheets().swap_remove(0);
    range.rows().skip(1).map(<[Data]>::to_vec).collect()
}

#[test]
fn the_declared_columns_are_the_keys_of_the_rows() {
    let place = place();
    let (mut rows_seen, mut answers) = (0, 0);
    for words in all(&place) {
        let csv = answer(&place, &words, "csv");
        let mut csv = csv::ReaderBuilder::new().from_reader(csv.as_slice());
        let columns: Vec<String> =
            csv.headers().expect("a header").iter().map(str::to_owned).collect();
        let lines = String::from_utf8(answer(&place, &words, "ndjson")).expect("UTF-8");
        let rows: Vec<Value> =
            lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        assert_eq!(csv.records().count(), rows.len(), "{words:?}");
        for row in &rows {
            let mut found = Vec::new();
            paths(row, "", &mut found);
            for path in found {
                // An absent object stands for all of its columns.
                let absent = || {
                    let below = format!("{path}.");
                    at(row, &path) == Some(&Value::Null)
                        && columns.iter().any(|column| column.starts_with(&below))
                };
                assert!(columns.contains(&path) || absent(), "{words:?}: {path} is no column");
            }
            for column in &columns {
                assert!(at(row, column).is_some(), "{words:?}: the column {column} is no key");
            }
        }
        let sheet = sheet(answer(&place, &words, "xlsx"));
        for (row, cells) in rows.iter().zip(sheet) {
            for (column, cell) in columns.iter().zip(cells) {
                let wrong = match at(row, column) {
                    Some(Value::Number(number)) => {
                        !matches!(cell, Data::Float(it) if Some(it) == number.as_f64())
                    }
                    Some(Value::Bool(truth)) => cell != Data::Bool(*truth),
                    _ => false,
                };
                assert!(!wrong, "{words:?}: {column} is declared as another kind: {cell:?}");
            }
        }
        rows_seen += rows.len();
        answers += usize::from(!rows.is_empty());
    }
    assert!(rows_seen > 100 && answers > 30, "{rows_seen} rows of {answers} answers");
}
