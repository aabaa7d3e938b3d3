//! No message without `-v` repeats anything from a file. The test plants two hundred values in a file of every
//! format, and imports the file unchanged, cut, mangled, without its header, wrapped, and read as every other
//! format. No message may contain any of the values.

use std::collections::BTreeSet;

use oneseat::import::READERS;
use serde_json::{Map, Value, json};

use crate::common::{Place, fixtures};

const PLANTED: usize = 200;

/// A value that occurs nowhere else.
fn planted(number: usize) -> String {
    format!("zqp{:03}x", number % PLANTED)
}

/// Plants values, and counts them.
#[derive(Default)]
struct Planter {
    next: usize,
    seen: BTreeSet<String>,
}

impl Planter {
    fn next(&mut self) -> String {
        self.next += 1;
        let value = planted(self.next);
        self.seen.insert(value.clone());
        value
    }

    /// A value in place of a text that may be personal. Host names are no data of a file, and texts that the
    /// format requires stay as they are.
    fn instead_of(&mut self, text: &str) -> String {
        let value = self.next();
        match text {
            _ if text.contains('@') => format!("{value}@{value}.example"),
            _ if text.contains(':') || text.is_empty() => text.to_owned(),
            _ if text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false") => {
                text.to_owned()
            }
            _ => value,
        }
    }

    fn in_json(&mut self, value: &mut Value, key: &str) {
        let is_host = ["host_name", "hostName", "hostname"].contains(&key);
        match value {
            Value::String(text) if !is_host => *text = self.instead_of(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.in_json(item, key)),
            Value::Object(members) => {
                members.iter_mut().for_each(|(key, member)| self.in_json(member, key));
            }
            _ => {}
        }
    }

    fn in_table(&mut self, text: &str) -> String {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
        let mut writer = csv::Writer::from_writer(Vec::new());
        for (line, row) in reader.records().enumerate() {
            let row = row.expect("a row");
            let cells = row.iter().map(|cell| match line {
                0 => cell.to_owned(),
                _ => self.instead_of(cell),
            });
            writer.write_record(cells).expect("a row");
        }
        String::from_utf8(writer.into_inner().expect("a table")).expect("UTF-8")
    }
}

/// A golden file of each format, in the order of the readers.
const GOLDEN: [&str; 11] = [
    "one-page.json",
    "28-columns-2025.csv",
    "bare.json",
    "nodes.json",
    "subscriptions.json",
    "two-centers.json",
    "listed.json",
    "all_users.csv",
    "with-header.csv",
    "settings-date-form-2.json",
    "portal.csv",
];

/// The first list of objects in a value.
fn rows(value: &mut Value) -> Option<&mut Vec<Value>> {
    match value {
        Value::Array(items) if items.first().is_some_and(Value::is_object) => value.as_array_mut(),
        Value::Object(members) => members.values_mut().find_map(rows),
        _ => None,
    }
}

/// The file, and damaged versions of it.
fn mangled_json(text: &str, planter: &mut Planter) -> Vec<(String, Vec<u8>)> {
    let mut whole: Value = serde_json::from_str(text).expect("JSON");
    planter.in_json(&mut whole, "");
    let mut all = vec![("as it is".to_owned(), whole.to_string().into_bytes())];
    let mut with =
        |what: &str, value: Value| all.push((what.to_owned(), value.to_string().into_bytes()));
    let instead: [(&str, Value); 5] = [
        ("a text for a row", json!(planter.next())),
        ("a number for a row", json!(17)),
        ("a list for a row", json!([planter.next()])),
        ("null for a row", Value::Null),
        ("objects where texts belong", json!({"login": {"a": planter.next()}})),
    ];
    for (what, value) in instead {
        let mut mangled = whole.clone();
        if let Some(first) = rows(&mut mangled).and_then(|rows| rows.first_mut()) {
            *first = value;
            with(what, mangled);
        }
    }
    let mut keyed = whole.clone();
    if let Some(listed) = rows(&mut keyed) {
        let members = listed.drain(..).map(|row| (planter.next(), row));
        let members: Map<String, Value> = members.collect();
        with("rows under keys of their own", Value::Object(members.clone()));
        with("the same in users", json!({"users": members, "total_seats_consumed": 1}));
    }
    let mut twice = whole.clone();
    if let Some(listed) = rows(&mut twice)
        && let Some(mut again) = listed.first().cloned()
    {
        planter.in_json(&mut again, "");
        for key in ["github_com_login", "login", "id", "user_id"] {
            if let Some(same) = listed[0].get(key) {
                again[key] = same.clone();
            }
        }
        listed.push(again);
        with("a row again with other content", twice);
    }
    let mut objects = whole.clone();
    for row in rows(&mut objects).into_iter().flatten() {
        for (_, member) in row.as_object_mut().into_iter().flatten() {
            if member.is_string() {
                *member = json!({ "value": planter.next() });
            }
        }
    }
    with("objects for texts", objects);
    let told = planter.next();
    with("an error page follows", json!([whole, {"message": told, "documentation_url": told}]));
    with(
        "totals in words",
        json!({"total_seats_consumed": told, "seats": told, "seats_used": told, "users": []}),
    );
    with("a list of texts", json!([told, told]));
    let text = whole.to_string();
    let twice = format!("{{\"{told}\":\"{told}\",\"{told}\":1,{}", &text[1..]);
    all.push(("a key twice".to_owned(), twice.into_bytes()));
    all.push(("a web page follows".to_owned(), format!("{text}<html>{told}").into_bytes()));
    all.push(("words follow".to_owned(), format!("{text} {told}").into_bytes()));
    all
}

fn mangled_table(text: &str, planter: &mut Planter) -> Vec<(String, Vec<u8>)> {
    let text = planter.in_table(text);
    let (header, body) = text.split_once('\n').expect("a header");
    let (header, told) = (header.trim_end(), planter.next());
    let columns = header.matches(',').count();
    let commas = ",".repeat(columns);
    let tables = [
        ("as it is", text.clone()),
        ("headless", body.to_owned()),
        ("one name alone", format!("{told},id\n{told},7\n")),
        ("a short row", format!("{text}{told}\n")),
        ("a long row", format!("{text}{told}{commas},{told}\n")),
        ("an empty login", format!("{text}{commas}{told}\n")),
        ("a column twice", format!("{told},{told},{header}\n")),
        ("a known column twice", format!("{header},{header}\n{told}{commas},{told}{commas}\n")),
        ("another header in the middle", format!("{text}login,{told}\n")),
        ("the header again", format!("{text}{header}\n{body}")),
        ("a quote that never ends", format!("{text}\"{told}\n")),
        ("a web page follows", format!("{text}<html>{told}\n")),
        (
            "lists of objects",
            format!("{header}\n{}\n", vec!["@{a=zqp007x}"; columns + 1].join(",")),
        ),
        (
            "lists of types",
            format!("{header}\n{}\n", vec!["System.Object[]"; columns + 1].join(",")),
        ),
        ("unknown columns", format!("{header},shoe size\n")),
    ];
    tables.map(|(what, text)| (what.to_owned(), text.into_bytes())).into()
}

/// Damage that any file can have.
fn damaged(text: &[u8]) -> Vec<(String, Vec<u8>)> {
    let with = |at: usize, bytes: &[u8]| [&text[..at], bytes, &text[at..]].concat();
    let half = text.len() / 2;
    let third = text.iter().rposition(|byte| *byte == b'z').unwrap_or(half);
    [
        ("half of it", text[..half].to_vec()),
        ("nearly all of it", text[..text.len() - 3].to_vec()),
        ("cut in a value", text[..(third + 3).min(text.len())].to_vec()),
        ("a NUL byte", with(half, b"\0")),
        ("no UTF-8", with(half, b"\xc3\xa9\xff")),
        ("headers before it", [b"HTTP/2 200\nlocation: zqp001x\n\n", text].concat()),
        ("colors", [b"\x1b[1mzqp002x\x1b[0m", text].concat()),
        ("words before it", [b"zqp003x zqp004x\n", text].concat()),
    ]
    .map(|(what, bytes)| (what.to_owned(), bytes))
    .into()
}

#[test]
fn nothing_of_a_file_is_told_below_v() {
    let mut planter = Planter::default();
    let (mut wrong, mut runs, mut refused) = (Vec::new(), 0, 0);
    for (turn, (reader, name)) in READERS.iter().zip(GOLDEN).enumerate() {
        let format = reader.format();
        let path = fixtures().join(format).join(name);
        let text = std::fs::read_to_string(&path).expect("a golden file");
        let is_json = text.trim_start().starts_with(['{', '[']);
        let mut all = match is_json {
            true => mangled_json(&text, &mut planter),
            false => mangled_table(&text, &mut planter),
        };
        let whole = all[0].1.clone();
        all.extend(damaged(&whole));
        let other = READERS[(turn + 1) % READERS.len()].format();
        for (number, (what, bytes)) in all.iter().enumerate() {
            // Each in a folder of its own, because the stored data decide what is compared.
            let place = Place::new();
            let file = place.write("report", bytes).display().to_string();
            let others: Vec<&str> = READERS.iter().map(|reader| reader.format()).collect();
            let forced = match number {
                0 | 1 => others,
                _ => vec![format, other],
            };
            let mut ways = vec![Vec::new()];
            ways.extend(forced.into_iter().map(|format| vec!["--input-format", format]));
            for way in ways {
                let source = ["--enterprise", "corp", "--host", "ghes.corp.example", "--json"];
                let ran = place.run(&[["import", &file].as_slice(), &source, &way].concat());
                runs += 1;
                refused += usize::from(ran.code == 3);
                // The random name of the folder may have these letters by chance.
                let told = format!("{}{}", ran.stdout, ran.stderr).replace(&file, "FILE");
                if let Some(at) = told.find("zqp") {
                    let from = told[..at].rfind('\n').unwrap_or(0);
                    let line = told[from..].lines().find(|line| !line.is_empty());
                    wrong.push(format!("{format}, {what}, {way:?}: {line:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {runs}:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(planter.seen.len(), PLANTED, "all of them are planted");
    assert!(refused > 300, "most are refused: {refused} of {runs}");
}

#[test]
fn whose_row_came_twice_is_told_with_v_only() {
    let row = |name: &str, login: &str| json!({"github_com_login": login, "github_com_user": true, "github_com_name": name});
    let users = json!({"users": [row("a", "ann"), row("b", "ann"), row("c", "bob"), row("d", "bob"), row("e", "cyd")]});
    for (options, told) in [([].as_slice(), false), (&["-v"], true)] {
        let place = Place::new();
        let file = place.write("users.json", users.to_string().as_bytes()).display().to_string();
        let import =
            ["import", &file, "--enterprise", "corp", "--taken-at", "2026-03-01", "--json"];
        let ran = place.run(&[options, &import].concat());
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        assert_eq!(ran.stderr.contains("ann"), told, "{}", ran.stderr);
        assert_eq!(
            ran.stderr.contains("(2 times; -v names them) [row-repeated]"),
            !told,
            "{}",
            ran.stderr
        );
        let answer: Value = serde_json::from_str(&ran.stdout).expect("JSON");
        let warnings = &answer["items"][0]["warnings"];
        assert_eq!(warnings.as_array().map(Vec::len), Some(1), "{warnings}");
        assert_eq!(warnings[0]["where"], Value::Null, "{warnings}");
    }
}
