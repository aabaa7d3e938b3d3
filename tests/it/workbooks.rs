//! Workbooks, read by another library than the one that wrote them: the same values as the JSON, numbers as
//! numbers, instants as dates, amounts with their cents, and no text that is a formula.

use calamine::{Data, DataType, Reader, Xlsx, open_workbook_from_rs};
use serde_json::{Value, json};

use crate::common::Place;

const TROUBLE: [&str; 8] = [
    "=HYPERLINK(\"https://evil.example\",\"here\")",
    "+1",
    "@SUM(A1)",
    "00042",
    "Zoë Ünlü",
    "2026-06-30",
    "two\nlines",
    "a_x0041_b \u{1b}[31m",
];

fn place() -> Place {
    let place = Place::new();
    let users = TROUBLE.iter().enumerate().map(|(at, name)| {
        json!({"github_com_login": format!("user-{at}"), "github_com_name": name, "github_com_user": true,
               "license_type": "Enterprise", "github_com_member_roles": ["web:Member"]})
    });
    let report = json!({"total_seats_consumed": TROUBLE.len(), "total_seats_purchased": 9_007_199_254_740_993i64,
                        "users": users.collect::<Value>()});
    let file = place.write("report.json", report.to_string().as_bytes()).display().to_string();
    let ran =
        place.run(&["import", &file, "--enterprise", "corp", "--taken-at", "2026-03-02T08:00:00Z"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    place
}

/// The sheets of an answer: names and rows.
fn sheets(place: &Place, words: &[&str]) -> Vec<(String, Vec<Vec<Data>>)> {
    let file = place.path("answer.xlsx");
    let name = file.display().to_string();
    let ran = place.run(&[words, &["--format", "xlsx", "-o", &name]].concat());
    assert_eq!(ran.code, 0, "{words:?}: {}", ran.stderr);
    let bytes = std::fs::read(&file).expect("a workbook");
    let again = place.run(&[words, &["--format", "xlsx", "-o", &name]].concat());
    assert_eq!(again.code, 0);
    assert!(std::fs::read(&file).expect("a workbook") == bytes, "the same bytes twice");
    let mut workbook: Xlsx<_> =
        open_workbook_from_rs(std::io::Cursor::new(bytes)).expect("a workbook");
    for name in workbook.sheet_names() {
        let formulas = workbook.worksheet_formula(&name).expect("a sheet");
        assert!(formulas.used_cells().all(|(_, _, formula)| formula.is_empty()), "no formula");
    }
    let sheets = workbook.worksheets().into_iter();
    sheets.map(|(name, range)| (name, range.rows().map(<[Data]>::to_vec).collect())).collect()
}

#[test]
fn every_answer_is_a_workbook_with_the_values_of_its_json() {
    let place = place();
    for (words, list) in [
        (["consumption"].as_slice(), None),
        (&["trend"], Some("points")),
        (&["duplicates"], Some("items")),
        (&["snapshots"], Some("items")),
        (&["sources"], Some("items")),
        (&["diff", "2026-03-02", "2026-03-02"], Some("items")),
        (&["seats", "--price", "21"], Some("lines")),
        (&["tables"], Some("items")),
    ] {
        let answer = place.json(words);
        let elements = match list {
            Some(list) => answer[list].as_array().expect("a list").clone(),
            None => vec![answer.clone()],
        };
        let sheets = sheets(&place, words);
        let (_, rows) = &sheets[0];
        assert_eq!(rows.len(), 1 + elements.len(), "{words:?}");
        for (row, element) in rows[1..].iter().zip(&elements) {
            for (header, data) in rows[0].iter().zip(row) {
                let header = header.get_string().expect("a name");
                let value = header.split('.').fold(element.clone(), |it, key| it[key].clone());
                check(&value, data, header);
            }
        }
        if list.is_some() {
            assert_eq!(sheets[1].0, "about", "{words:?}");
        }
    }
}

fn check(value: &Value, data: &Data, place: &str) {
    match value {
        Value::Null => assert_eq!(data, &Data::Empty, "{place}"),
        Value::Bool(truth) => assert_eq!(data, &Data::Bool(*truth), "{place}"),
        Value::Number(number) if number.as_i64().is_some_and(|it| it.abs() <= 1 << 53) => {
            assert_eq!(data.get_float(), number.as_f64(), "{place}");
        }
        Value::Number(number) => {
            assert_eq!(data.get_string(), Some(number.to_string().as_str()), "{place}")
        }
        Value::String(text) if place == "amount" => {
            assert_eq!(data.get_float(), text.parse().ok(), "{place}");
        }
        Value::String(text) if text.len() == 20 && text.ends_with('Z') => {
            let date = data.get_datetime().unwrap_or_else(|| panic!("{place} is a date: {data:?}"));
            let (year, month, day, hour, minute, second, _) = date.to_ymd_hms_milli();
            let shown = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z");
            assert_eq!(shown, *text, "{place}");
        }
        Value::String(text) if text.is_empty() => {}
        Value::String(text) => assert_eq!(data.get_string(), Some(text.as_str()), "{place}"),
        Value::Array(_) | Value::Object(_) => {}
    }
}

#[test]
fn names_stay_texts_in_workbook_and_csv() {
    let place = place();
    let sql = "SELECT name, taken_at, date(taken_at) AS day, counted, 1.5 AS rate FROM accounts ORDER BY login";
    let sheets = sheets(&place, &["query", sql]);
    let (_, rows) = &sheets[0];
    for (row, name) in rows[1..].iter().zip(TROUBLE) {
        assert_eq!(row[0].get_string(), Some(name), "no name is a formula, a number or a date");
        assert!(row[1].is_datetime() && row[2].is_datetime(), "{row:?}");
        assert_eq!((row[3].get_float(), row[4].get_float()), (Some(1.0), Some(1.5)));
    }
    let csv = place.run(&["query", sql, "--format", "csv"]).stdout;
    assert!(
        csv.contains("'=HYPERLINK") && csv.contains("'+1") && csv.contains("\r\n00042,"),
        "{csv}"
    );
    let ran = place.run(&["query", sql, "--format", "csv", "--decimal-comma", "--bom"]);
    assert!(ran.stdout.starts_with("\u{feff}name;taken_at;day;counted;rate\r\n"), "{}", ran.stdout);
    assert!(ran.stdout.contains(";1;1,5\r\n"), "{}", ran.stdout);
    let ran = place.run(&["seats", "--price", "21", "--format", "csv", "--decimal-comma"]);
    assert!(ran.stdout.contains(";168,00;USD;;\r\n"), "{}", ran.stdout);
}

#[test]
fn what_fits_into_no_workbook_is_told() {
    let place = place();
    let file = place.path("answer.xlsx").display().to_string();
    for (sql, code) in [
        (
            "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 1048576) SELECT x FROM n",
            2,
        ),
        ("SELECT printf('%040000d', 1)", 5),
    ] {
        let ran = place.run(&["query", sql, "--format", "xlsx", "-o", &file]);
        assert_eq!(ran.code, code, "{}", ran.stderr);
        assert!(ran.stderr.contains("--format csv"), "{}", ran.stderr);
        assert!(!place.path("answer.xlsx").exists());
    }
}
