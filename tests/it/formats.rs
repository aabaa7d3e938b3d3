//! One corpus through every output format: names that spreadsheets, browsers, terminals and Markdown would
//! interpret, absent values, negative and large numbers. Also files instead of standard output, and the exit
//! codes of output that cannot be written.

use std::io::{Error, ErrorKind, Write};

use oneseat::World;
use oneseat::model::{DayMeans, Instant};
use serde_json::{Value, json};

use crate::common::{NOW, Place, TestMachine};

/// Names that cause trouble in some format.
const NAMES: [&str; 17] = [
    "<script>alert(1)</script>",
    "=1+1",
    "+49 30",
    "-1",
    "@SUM(A1)",
    "\tcell",
    "\rcell",
    "\u{1b}[31mred\u{1b}[0m \u{7}",
    "\u{202e}drawkcab\u{200f}",
    "名前 ｗｉｄｅ 👩‍👩‍👧",
    "a|b \\| `c` *d* _e_ [f](g) ~h~ #i",
    "say \"yes\", or 'no'; or not",
    "two\nlines\r\nor three",
    "&lt;b&gt; & <b>",
    "Zoë\u{301}",
    "'quoted",
    "\u{9b}31m\u{85}\u{0}",
];
const FORMATS: [&str; 6] = ["table", "json", "ndjson", "csv", "tsv", "markdown"];
const FORMULAS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];
/// More than a spreadsheet or JavaScript can represent exactly.
const PURCHASED: i64 = 9_007_199_254_740_993;

/// A question, and the key of its answer's list.
type Question = (&'static [&'static str], Option<&'static str>);

const QUESTIONS: [Question; 10] = [
    (&["diff", "2026-03-01", "2026-03-02"], Some("items")),
    (&["diff", "2026-03-02", "2026-03-02"], Some("items")),
    (&["duplicates"], Some("items")),
    (&["consumption"], None),
    (&["consumption", "--as-of", "2026-03-01"], None),
    (&["trend"], Some("points")),
    (&["snapshots"], Some("items")),
    (&["sources"], Some("items")),
    (&["seats", "--price", "21"], Some("lines")),
    (&["questions"], Some("items")),
];

/// A user of each name, who joins on the second day, and unusual Server accounts.
fn corpus() -> Place {
    let place = Place::new();
    let user = |login: &str, name: Value, address: &str| {
        json!({
            "github_com_login": login, "github_com_name": name, "github_com_user": true,
            "github_com_verified_domain_emails": [address],
        })
    };
    let first = json!({"users": [user("first", Value::Null, "first@corp.example")]});
    let names = NAMES.iter().enumerate();
    let mut users: Vec<Value> = names
        .map(|(at, name)| {
            user(&format!("user-{at:02}"), json!(name), &format!("{at}@corp.example"))
        })
        .collect();
    users.push(user("empty", json!(""), "=empty@corp.example"));
    users.push(user("absent", Value::Null, "@absent"));
    let second = json!({
        "total_seats_consumed": 3, "total_seats_purchased": PURCHASED, "users": users,
    });
    let third = json!({
        "total_seats_consumed": 1, "total_seats_purchased": 0,
        "users": [user("first", Value::Null, "first@corp.example")],
    });
    let emails = |at: usize| {
        json!([{"email": "+x@corp.example", "primary": true},
               {"email": format!("{at}@corp.example"), "primary": false}])
    };
    let accounts = NAMES.iter().enumerate().map(
        |(at, name)| json!({"user_id": at + 1, "login": name, "name": name, "emails": emails(at)}),
    );
    let export = json!({"instance": {"host_name": "ghes.corp.example"}, "users": accounts.collect::<Value>()});
    let cloud = "--enterprise==cmd|'<b>\u{1b}[1m";
    for (name, content, day, option) in [
        ("=first.json", first, "2026-03-01", cloud),
        ("@second <i>.json", second, "2026-03-02", cloud),
        ("export.json", export, "2026-03-02", "--host=ghes.corp.example"),
        ("third.json", third, "2026-03-03", "--enterprise=over"),
    ] {
        let file = place.write(name, content.to_string().as_bytes()).display().to_string();
        let ran =
            place.run(&["import", &file, "--taken-at", day, option, "--accept-short==because"]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
    }
    let ran = place.run(&["snapshots", "void", "4", "--reason", "=1+1|<b>\u{1b}[1m\nnext"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    place
}

fn output(place: &Place, question: &[&str], options: &[&str]) -> String {
    let words = [question, options].concat();
    let ran = place.run(&words);
    assert_eq!(ran.code, 0, "{words:?}: {}", ran.stderr);
    ran.stdout
}

/// The elements that are one line each in CSV and similar formats.
fn elements(place: &Place, (question, list): Question) -> Vec<Value> {
    let answer: Value = serde_json::from_str(&output(place, question, &["--json"])).expect("JSON");
    match list {
        Some(key) => answer[key].as_array().expect("a list").clone(),
        None => vec![answer],
    }
}

/// A table read back: the header, and the rows.
fn sheet(text: &str, delimiter: u8) -> (Vec<String>, Vec<Vec<String>>) {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    let rows = reader.records().map(|row| row.expect("a row").iter().map(str::to_owned).collect());
    let mut rows: Vec<Vec<String>> = rows.collect();
    (rows.remove(0), rows)
}

/// The expected cell: the value at a dotted path, before formulas are escaped.
fn cell(element: &Value, column: &str) -> Value {
    column.split('.').fold(element.clone(), |value, key| value[key].clone())
}

#[test]
fn one_json_object_on_each_line() {
    let place = corpus();
    for question in QUESTIONS {
        let lines = output(&place, question.0, &["--format", "ndjson"]);
        let lines: Vec<Value> =
            lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        assert_eq!(lines, elements(&place, question), "{question:?}");
    }
}

#[test]
fn sheets_read_back_as_they_were() {
    let place = corpus();
    for (format, option, delimiter) in
        [("csv", ",", b','), ("csv", ";", b';'), ("csv", "\\t", b'\t'), ("tsv", ",", b'\t')]
    {
        for question in QUESTIONS {
            let elements = elements(&place, question);
            let options = ["--format", format, "--delimiter", option];
            let text = output(&place, question.0, &options);
            let raw = output(&place, question.0, &[options.as_slice(), &["--raw-cells"]].concat());
            let (header, rows) = sheet(&text, delimiter);
            let (raw_header, raw_rows) = sheet(&raw, delimiter);
            assert_eq!(header, raw_header);
            assert_eq!(rows.len(), elements.len(), "{question:?}");
            for ((element, row), raw_row) in elements.iter().zip(&rows).zip(&raw_rows) {
                for ((column, shown), raw) in header.iter().zip(row).zip(raw_row) {
                    check_cell(
                        &cell(element, column),
                        shown,
                        raw,
                        &format!("{question:?} {column}"),
                    );
                }
            }
            assert_eq!(text, written(&header, &rows, delimiter), "RFC 4180 with \\r\\n");
            let marked = output(&place, question.0, &[options.as_slice(), &["--bom"]].concat());
            assert_eq!(marked, format!("\u{feff}{text}"));
        }
    }
}

fn check_cell(value: &Value, shown: &str, raw: &str, place: &str) {
    let is_text = match value {
        Value::Null => return assert_eq!((shown, raw), ("", ""), "{place}: unknown is empty"),
        Value::String(text) => {
            assert_eq!(raw, text, "{place}");
            true
        }
        Value::Number(_) | Value::Bool(_) => {
            assert_eq!(raw, value.to_string(), "{place}");
            false
        }
        _ => true,
    };
    if is_text && raw.starts_with(FORMULAS) {
        assert_eq!(shown, format!("'{raw}"), "{place}: a formula is protected");
    } else {
        assert_eq!(shown, raw, "{place}");
    }
}

fn written(header: &[String], rows: &[Vec<String>], delimiter: u8) -> String {
    let mut writer = csv::WriterBuilder::new()
        .delimiter(delimiter)
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    writer.write_record(header).expect("a header");
    rows.iter().for_each(|row| writer.write_record(row).expect("a row"));
    String::from_utf8(writer.into_inner().expect("a table")).expect("UTF-8")
}

#[test]
fn a_statement_gets_the_corpus_through_every_format() {
    let place = corpus();
    let sql = "SELECT name, length(name) AS n, NULL AS none FROM accounts ORDER BY source, account";
    let rows: Value =
        serde_json::from_str(&output(&place, &["query", sql], &["--json"])).expect("JSON");
    let rows = rows.as_array().expect("rows").clone();
    let lines = output(&place, &["query", sql], &["--format", "ndjson"]);
    let lines: Vec<Value> =
        lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines, rows);
    let trimmed = |name: &str| rows.iter().any(|row| row["name"] == name.trim_matches(' '));
    assert!(NAMES.iter().filter(|name| !name.contains('\0')).all(|name| trimmed(name)), "{rows:?}");
    for (format, delimiter) in [("csv", b','), ("tsv", b'\t')] {
        let text = output(&place, &["query", sql], &["--format", format]);
        let (header, cells) = sheet(&text, delimiter);
        assert_eq!(header, ["name", "n", "none"]);
        assert_eq!(text, written(&header, &cells, delimiter));
        for (row, cells) in rows.iter().zip(&cells) {
            let raw = row["name"].as_str().unwrap_or_default();
            let protected = raw.starts_with(FORMULAS);
            assert_eq!(cells[0], if protected { format!("'{raw}") } else { raw.to_owned() });
        }
    }
    let question: Question = (&["query", "SELECT name FROM accounts"], None);
    no_control_characters(&output(&place, question.0, &[]), question);
    no_control_characters(&output(&place, question.0, &["--format", "markdown"]), question);
}

#[test]
fn a_row_too_wide_for_the_terminal_becomes_a_block_of_lines() {
    let place = corpus();
    let shown = |sql: &str| {
        let mut shown = Vec::new();
        assert_eq!(run(&place, &["query", sql], &mut shown, Some(80)), 0);
        String::from_utf8(shown).expect("UTF-8")
    };
    let wide = shown("SELECT * FROM snapshots ORDER BY id LIMIT 2");
    assert!(
        wide.starts_with("─── 1 ───\n id                   1\n source_kind          cloud\n"),
        "{wide}"
    );
    assert!(wide.contains("─── 2 ───\n"), "{wide}");
    let narrow = shown("SELECT id, format FROM snapshots ORDER BY id LIMIT 2");
    assert!(narrow.starts_with(" id   format\n──── "), "{narrow}");
}

#[test]
fn the_corpus_gets_through_as_text() {
    let place = corpus();
    let (header, rows) =
        sheet(&output(&place, QUESTIONS[0].0, &["--format", "csv", "--raw-cells"]), b',');
    let name = header.iter().position(|column| column == "name").expect("names");
    let names: Vec<&String> = rows.iter().map(|row| &row[name]).collect();
    for expected in NAMES {
        assert!(names.iter().any(|name| *name == expected), "{expected:?} is not in {names:?}");
    }
    let consumption = output(&place, QUESTIONS[3].0, &["--format", "csv"]);
    assert!(consumption.contains(&PURCHASED.to_string()), "{consumption}");
    // Nothing is known of an enterprise whose only report is voided.
    assert_eq!(place.run(&["consumption", "--enterprise", "over"]).code, 7);
    let file = place.path("third.json").display().to_string();
    let import = ["import", &file, "--taken-at", "2026-03-02", "--enterprise=over"];
    assert_eq!(place.run(&[&import[..], &["--accept-short==because"]].concat()).code, 0);
    let over = output(&place, &["consumption", "--enterprise", "over"], &["--format", "csv"]);
    assert!(!over.contains("'-"), "a negative number is no formula: {over}");
}

#[test]
fn headers_do_not_depend_on_the_data() {
    let place = corpus();
    let header = |question: &[&str]| sheet(&output(&place, question, &["--format", "csv"]), b',').0;
    assert_eq!(header(QUESTIONS[0].0), header(QUESTIONS[1].0), "with items and without");
    assert_eq!(header(QUESTIONS[3].0), header(QUESTIONS[4].0), "with totals and without");
    assert_eq!(header(&["duplicates"]), header(&["duplicates", "--as-of", "2026-03-01"]));
    assert_eq!(header(&["snapshots"]), header(&["snapshots", "show", "4"]));
}

#[test]
fn markdown_has_a_line_for_each_row_and_nothing_but_text() {
    let place = corpus();
    for question in QUESTIONS {
        let text = output(&place, question.0, &["--format", "markdown"]);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 2 + elements(&place, question).len(), "{text}");
        let bars = |line: &str| line.replace("\\\\", "").replace("\\|", "").matches('|').count();
        for line in &lines {
            assert!(line.starts_with('|') && line.ends_with('|'), "{line}");
            assert_eq!(bars(line), bars(lines[0]), "{line}");
            let plain = line.replace("<br>", "");
            assert!(!plain.contains(['<', '>']), "{line}");
        }
        no_control_characters(&text, question);
    }
}

#[test]
fn tables_obey_no_name() {
    let place = corpus();
    for question in QUESTIONS {
        no_control_characters(&output(&place, question.0, &[]), question);
        for width in [20, 80] {
            let mut shown = Vec::new();
            assert_eq!(run(&place, question.0, &mut shown, Some(width)), 0);
            let shown = String::from_utf8(shown).expect("UTF-8");
            no_control_characters(
                &shown.replace("\u{1b}[1m", "").replace("\u{1b}[0m", ""),
                question,
            );
        }
    }
}

fn no_control_characters(text: &str, question: Question) {
    let obeyed = |it: char| {
        let turns = matches!(it, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        it != '\n' && (it.is_control() || turns)
    };
    let found = text.lines().find(|line| line.contains(obeyed));
    assert_eq!(found.map(str::escape_debug).map(|it| it.to_string()), None, "{question:?}");
}

#[test]
fn a_file_gets_the_bytes_of_standard_output() {
    let place = corpus();
    let file = place.path("answer").display().to_string();
    for question in QUESTIONS {
        for format in FORMATS {
            let printed = output(&place, question.0, &["--format", format]);
            let whole = printed.is_empty() || printed.ends_with('\n');
            assert!(whole, "{format} of {question:?} ends its last line");
            let nothing = output(&place, question.0, &["--format", format, "-o", &file]);
            assert_eq!(nothing, "", "{format} of {question:?}");
            assert_eq!(std::fs::read_to_string(&file).expect("the answer"), printed);
        }
    }
    let left = std::fs::read_dir(place.path(".")).expect("the folder").count();
    let expected = ["oneseat.db", "answer"].len() + 4;
    assert_eq!(left, expected, "nothing but the answer stands beside the database and the files");
}

/// Runs the program with any output.
fn run(place: &Place, words: &[&str], out: &mut dyn Write, width: Option<u16>) -> u8 {
    let database = place.path("oneseat.db");
    let mut all = vec!["oneseat".into(), "--db".into(), database.into_os_string()];
    all.extend(words.iter().map(std::ffi::OsString::from));
    let now = Instant::parse(NOW, DayMeans::End).expect("a time");
    let stdin = &mut || -> Box<dyn std::io::Read + Send> { Box::new(std::io::empty()) };
    oneseat::run(
        all,
        &mut World {
            stdin,
            out,
            err: &mut std::io::sink(),
            width,
            err_is_terminal: false,
            now,
            machine: &TestMachine::default(),
        },
    )
}

/// An output that accepts some bytes and then fails.
struct Failing(ErrorKind, usize);

impl Write for Failing {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let taken = bytes.len().min(self.1);
        self.1 -= taken;
        if taken == 0 && !bytes.is_empty() { Err(Error::from(self.0)) } else { Ok(taken) }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        if self.1 == 0 { Err(Error::from(self.0)) } else { Ok(()) }
    }
}

#[test]
fn output_that_cannot_be_written() {
    let place = corpus();
    let exports: [&[&str]; 5] = [
        &["snapshots", "export", "2"],
        &["snapshots", "export", "2", "--format=ndjson"],
        &["export", "accounts"],
        &["export", "accounts", "--format=csv"],
        &["query", "SELECT * FROM seats", "--json"],
    ];
    for question in QUESTIONS.iter().map(|question| question.0).chain(exports) {
        for room in [0, 7] {
            let closed = run(&place, question, &mut Failing(ErrorKind::BrokenPipe, room), None);
            assert_eq!(closed, 0, "{question:?} into a closed pipe");
            let full = run(&place, question, &mut Failing(ErrorKind::StorageFull, room), None);
            assert_eq!(full, 5, "{question:?} onto a full disk");
        }
        let nowhere = place.path("no/such/folder/answer").display().to_string();
        let words = [question, &["-o", nowhere.as_str()]].concat();
        assert_eq!(place.run(&words).code, 5, "{words:?}");
    }
}

#[test]
fn formats_that_are_none() {
    let place = corpus();
    for options in [
        ["--format", "yaml"].as_slice(),
        &["--format", "csv", "--json"],
        &["--format", "csv", "--delimiter", "ab"],
        &["--format", "csv", "--delimiter", "é"],
        &["--format", "csv", "--delimiter", "\""],
    ] {
        for question in QUESTIONS {
            let words = [question.0, options].concat();
            let ran = place.run(&words);
            assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{words:?}");
        }
    }
}
