//! A terminal obeys nothing in the data, in any format. In pipes and files the bytes stay as they are. No
//! spreadsheet, in any locale, finds a formula.

use serde_json::{Value, json};

use crate::common::Place;

/// Everything that a terminal obeys: C0, DEL, C1, marks of direction, line separators.
fn obeyed() -> Vec<char> {
    let codes = (0x00..=0x1f).chain(0x7f..=0x9f).chain([0x61c, 0x200e, 0x200f]);
    let codes = codes.chain(0x2028..=0x202e).chain(0x2066..=0x2069);
    codes.map(|it| char::from_u32(it).expect("a character")).collect()
}

/// A ledger with all of it in display names, organizations and other fields.
fn ledger(text: &str) -> Place {
    let place = Place::new();
    let user = |login: &str| {
        json!({"github_com_login": login, "github_com_name": text, "github_com_user": true,
            "license_type": "Enterprise", "github_com_saml_name_id": format!("{login}{text}"),
            "github_com_member_roles": [format!("org{text}:Member")], format!("field{text}"): text})
    };
    let answer = json!({"total_seats_consumed": 2, "total_seats_purchased": 9, "users": [user("ann"), user("bob")]});
    let file = place.write("cloud.json", answer.to_string().as_bytes()).display().to_string();
    let ran = place.run(&["import", &file, "--enterprise", "corp", "--taken-at", "2026-03-01"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    place
}

const QUESTIONS: [&[&str]; 8] = [
    &["query", "SELECT name, name AS \"n\u{9b}1m\u{202e}\" FROM accounts"],
    &["export", "accounts"],
    &["export", "memberships"],
    &["export", "emails"],
    &["explain", "ann"],
    &["seats", "--by", "organization"],
    &["duplicates"],
    &["snapshots"],
];

#[test]
fn no_format_lets_a_terminal_obey() {
    let obeyed = obeyed();
    let text: String = obeyed.iter().map(|it| format!("<{it}>")).collect();
    let place = ledger(&text);
    for question in QUESTIONS {
        for format in ["table", "json", "ndjson", "csv", "tsv", "markdown"] {
            let words = [question, &["--format", format]].concat();
            let shown = place.run_on_a_terminal(&words, 120);
            assert!(!shown.is_empty() || question[0] == "duplicates", "{words:?}");
            // The program itself writes the line breaks and the separators between cells.
            let own = |it: &char| match format {
                "tsv" => matches!(it, '\n' | '\r' | '\t'),
                "csv" => matches!(it, '\n' | '\r'),
                _ => *it == '\n',
            };
            let raw: Vec<char> =
                obeyed.iter().copied().filter(|it| !own(it) && shown.contains(*it)).collect();
            assert_eq!(raw, Vec::<char>::new(), "{words:?}: {shown:?}");
            let sheet = matches!(format, "csv" | "tsv");
            assert!(!sheet || !shown.contains("<\n") && !shown.contains("<\r"), "{words:?}");
        }
    }
    for format in ["json", "ndjson"] {
        let words = ["snapshots", "export", "1", "--format", format];
        let shown = place.run_on_a_terminal(&words, 120);
        assert!(obeyed.iter().all(|it| *it == '\n' || !shown.contains(*it)), "{shown:?}");
        assert!(shown.contains("\\u202e") && shown.contains("\\u009b"), "{shown}");
    }
}

#[test]
fn the_json_of_a_terminal_says_the_same() {
    let text: String = obeyed().iter().map(|it| format!("<{it}>\"\\u0041\\")).collect();
    let place = ledger(&text);
    for question in QUESTIONS {
        let words = [question, &["--json"]].concat();
        let (piped, shown) = (place.run(&words).stdout, place.run_on_a_terminal(&words, 120));
        let read = |json: &str| serde_json::from_str::<Value>(json).expect("JSON");
        assert_eq!(read(&piped), read(&shown), "{words:?}");
        let words = [question, &["--format", "ndjson"]].concat();
        let (piped, shown) = (place.run(&words).stdout, place.run_on_a_terminal(&words, 120));
        let lines =
            |text: &str| text.split('\n').filter(|it| !it.is_empty()).map(read).collect::<Vec<_>>();
        assert_eq!(lines(&piped), lines(&shown), "{words:?}");
    }
}

#[test]
fn into_pipes_and_files_the_bytes_stay() {
    let text: String =
        obeyed().iter().filter(|it| !"\t\r\n".contains(**it)).map(|it| format!("<{it}>")).collect();
    let place = ledger(&text);
    let statement = "SELECT name FROM accounts WHERE login = 'ann'";
    let json = place.json(&["query", statement]);
    assert_eq!(json[0]["name"], text.as_str());
    for (format, raw) in [("csv", true), ("tsv", true), ("json", false), ("ndjson", false)] {
        let words = ["query", statement, "--format", format];
        let piped = place.run(&words).stdout;
        let file = place.path(&format!("out.{format}"));
        let name = file.display().to_string();
        let shown = place.run_on_a_terminal(&[&words[..], &["-o", &name]].concat(), 80);
        assert_eq!(shown, "", "it went into the file");
        assert_eq!(std::fs::read_to_string(&file).expect("a file"), piped, "{format}");
        assert!(piped.contains('\u{202e}') && piped.contains('\u{9b}'), "{format}");
        assert!(!raw || piped.contains(&text), "{format}: {piped:?}");
    }
}

#[test]
fn no_spreadsheet_of_another_country_finds_a_formula() {
    for (name, safe) in [
        ("=1+1", "'=1+1"),
        ("\u{ff1d}1+1", "'\u{ff1d}1+1"),
        ("\u{ff0b}1", "'\u{ff0b}1"),
        ("\u{ff0d}1", "'\u{ff0d}1"),
        ("\u{ff20}SUM(A1)", "'\u{ff20}SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("\n=1", "'\n=1"),
        ("x;=1+1", "x;'=1+1"),
        ("x;+1;-2;@3;y", "x;'+1;'-2;'@3;y"),
        ("x;\u{ff1d}1", "x;'\u{ff1d}1"),
        ("a; b; c-d", "a; b; c-d"),
        ("a,=1", "a,=1"),
        ("a-b=c+d@e", "a-b=c+d@e"),
    ] {
        let place = ledger("plain");
        let row = |format: &[&str]| {
            let words = ["query", "SELECT :x AS x", "--param", &format!("x={name}")];
            place.run(&[&words[..], format].concat()).stdout
        };
        let cell = |text: &str, delimiter: u8| {
            let mut rows =
                csv::ReaderBuilder::new().delimiter(delimiter).from_reader(text.as_bytes());
            let row = rows.records().next().expect("a row").expect("a row");
            row[0].to_owned()
        };
        assert_eq!(cell(&row(&["--format", "csv"]), b','), safe, "{name:?}");
        assert_eq!(cell(&row(&["--format", "csv", "--raw-cells"]), b','), name, "{name:?}");
        for (format, delimiter) in [("--delimiter=;", b';'), ("--delimiter=\\t", b'\t')] {
            let text = row(&["--format", "csv", format]);
            // Split at either separator, as a spreadsheet in some locale does, no cell is run as a formula.
            let splits = [';', ','].map(|it| Some(it).filter(|it| *it != char::from(delimiter)));
            for part in text.split(|it| splits.contains(&Some(it))).skip(1) {
                assert!(!part.starts_with(['=', '+', '-', '@', '\u{ff1d}']), "{name:?}: {text:?}");
            }
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_device_that_is_no_terminal_gets_the_bytes() {
    let place = ledger("\u{202e}x");
    let words = ["query", "SELECT name FROM accounts", "--format", "csv", "-o", "/dev/null"];
    assert_eq!(place.run(&words).code, 0);
}
