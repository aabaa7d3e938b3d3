//! Parquet, read back: typed columns with the values of the JSON. Only a build with Parquet has this test binary;
//! it is small, so that such a build compiles little twice.

// A test may panic.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]
#![allow(missing_docs)]

// The other test binary uses the rest.
#[allow(dead_code)]
#[path = "../it/common/mod.rs"]
mod common;

use oneseat::model::Instant;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::{Field, Row};
use serde_json::{Value, json};

use common::Place;

fn place() -> Place {
    let place = Place::new();
    let demo = place.path("demo").display().to_string();
    let words = ["demo", &demo, "--people", "60", "--days", "120", "--every", "30"];
    let ran = place.run(&words);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let database = std::fs::read(place.path("demo/oneseat.db")).expect("the database");
    place.write("oneseat.db", &database);
    place
}

fn object(row: &Row) -> Value {
    let columns = row.get_column_iter();
    columns.map(|(name, field)| (name.clone(), plain(field))).collect()
}

fn plain(field: &Field) -> Value {
    match field {
        Field::Null => Value::Null,
        Field::Bool(truth) => json!(truth),
        Field::Long(number) => json!(number),
        Field::Double(number) => json!(number),
        Field::Str(text) => json!(text),
        Field::Date(days) => json!({"days": days}),
        Field::TimestampMillis(milliseconds) => {
            let at = Instant::from_unix(milliseconds / 1000).expect("an instant");
            json!({"at": at.to_string()})
        }
        other => json!({"other": other.to_string()}),
    }
}

/// The rows of an answer as JSON, the types of its columns, and the number of row groups.
fn read(place: &Place, words: &[&str]) -> (Vec<Value>, String, usize) {
    let file = place.path("answer.parquet");
    let name = file.display().to_string();
    let ask = || {
        let ran = place.run(&[words, &["--format", "parquet", "-o", &name]].concat());
        assert_eq!(ran.code, 0, "{words:?}: {}", ran.stderr);
        std::fs::read(&file).expect("a file")
    };
    let bytes = ask();
    assert!(ask() == bytes, "{words:?}: the same bytes twice");
    let file = std::fs::File::open(&file).expect("a file");
    let reader = SerializedFileReader::new(file).expect("Parquet");
    let mut types = Vec::new();
    parquet::schema::printer::print_schema(&mut types, reader.metadata().file_metadata().schema());
    let rows = reader.get_row_iter(None).expect("rows");
    let rows = rows.map(|row| object(&row.expect("a row"))).collect();
    (rows, String::from_utf8(types).expect("text"), reader.metadata().num_row_groups())
}

#[test]
fn columns_have_types_and_values() {
    let place = place();
    let sql = "SELECT 1 AS n, 1.5 AS r, 2 AS a, NULL AS nil, 'Zoë =1+1' AS t, '007' AS zeros,
                      '2026-03-02T08:00:00Z' AS at, '2026-03-02' AS day, 1 AS mixed, 1 AS some
               UNION ALL SELECT 2, 2, NULL, NULL, '', '7', '2026-03-02T08:00:01Z', '1970-01-02', 'x', NULL";
    let (rows, types, groups) = read(&place, &["query", sql]);
    for line in [
        "OPTIONAL INT64 n;",
        "OPTIONAL DOUBLE r;",
        "OPTIONAL INT64 a;",
        "OPTIONAL BYTE_ARRAY t (STRING);",
        "OPTIONAL BYTE_ARRAY zeros (STRING);",
        "OPTIONAL INT64 at (TIMESTAMP(MILLIS,true));",
        "OPTIONAL INT32 day (DATE);",
        "OPTIONAL BYTE_ARRAY mixed (STRING);",
        "OPTIONAL INT64 some;",
    ] {
        assert!(types.contains(line), "{line} is not in {types}");
    }
    assert_eq!((groups, rows.len()), (1, 2));
    assert_eq!(rows[0]["t"], json!("Zoë =1+1"));
    assert_eq!((&rows[0]["zeros"], &rows[1]["zeros"]), (&json!("007"), &json!("7")));
    assert_eq!((&rows[1]["r"], &rows[1]["mixed"]), (&json!(2.0), &json!("x")));
    assert_eq!((&rows[0]["nil"], &rows[1]["a"]), (&Value::Null, &Value::Null));
    assert_eq!(rows[1]["day"], json!({"days": 1}));
    assert_eq!(rows[1]["at"], json!({"at": "2026-03-02T08:00:01Z"}));
}

#[test]
fn many_rows_are_in_groups_and_a_type_may_show_late() {
    let place = place();
    let sql = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 150000)
               SELECT x, iif(x = 149999, 'late', NULL) AS late, iif(x < 140000, x, x + 0.5) AS r FROM n";
    let (rows, types, groups) = read(&place, &["query", sql]);
    assert_eq!((groups, rows.len()), (3, 150_000));
    assert!(types.contains("BYTE_ARRAY late (STRING)") && types.contains("DOUBLE r;"), "{types}");
    for (at, row) in (1i64..).zip(&rows) {
        assert_eq!(row["x"], json!(at));
        assert_eq!(row["late"], if at == 149_999 { json!("late") } else { Value::Null });
    }
}

#[test]
fn every_answer_has_the_values_of_its_csv() {
    let place = place();
    for words in [
        ["consumption"].as_slice(),
        &["trend"],
        &["duplicates"],
        &["snapshots"],
        &["sources"],
        &["seats", "--price", "21"],
        &["tables"],
        &["export", "accounts"],
        &["export", "seats"],
        &["query", "SELECT 1 AS a WHERE 0"],
    ] {
        let (rows, types, _) = read(&place, words);
        let csv = place.run(&[words, &["--format", "csv", "--raw-cells"]].concat()).stdout;
        let mut sheet = csv::Reader::from_reader(csv.as_bytes());
        let header = sheet.headers().expect("a header").clone();
        let records: Vec<csv::StringRecord> =
            sheet.records().map(|it| it.expect("a row")).collect();
        assert_eq!(rows.len(), records.len(), "{words:?}");
        for (row, record) in rows.iter().zip(&records) {
            for (name, text) in header.iter().zip(record) {
                match &row[name] {
                    Value::Null => assert_eq!(text, "", "{words:?} {name}"),
                    Value::String(value) if types.contains(&format!("BYTE_ARRAY {name} ")) => {
                        assert_eq!(value, text, "{words:?} {name}");
                    }
                    Value::Number(value) => {
                        assert_eq!(value.to_string(), text, "{words:?} {name}")
                    }
                    Value::Object(typed) => {
                        if let Some(at) = typed.get("at") {
                            assert_eq!(at, text, "{words:?} {name}");
                        }
                    }
                    other => assert_eq!(other.to_string(), text, "{words:?} {name}"),
                }
            }
        }
        if words.contains(&"--price") {
            assert!(types.contains("amount (DECIMAL(18,2))"), "{types}");
        }
    }
}

#[test]
fn a_terminal_gets_none() {
    let place = Place::new();
    assert_eq!(place.run_on_a_terminal(&["tables", "--format", "parquet"], 80), "");
}
