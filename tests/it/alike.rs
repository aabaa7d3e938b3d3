//! The quick way of reading records against the strict one. Whatever the bytes are, both give the same records
//! in the same order, the same notes, and the same refusal. The test reads random files of each format, written
//! as people have them and then mangled, every golden file, and files larger than the buffer. The random
//! numbers are seeded; `ONESEAT_ALIKE` asks for more files.

use std::io::{self, Cursor, Read};

use oneseat::error::Result;
use oneseat::import::{FileFacts, Input, READERS, Reader, Sink};
use oneseat::model::{Host, Record, SourceKind};
use proptest::prelude::RngExt;
use proptest::test_runner::{RngAlgorithm, TestRng};
use serde_json::{Map, Value, json};

use crate::golden::golden_files;

/// Writes down everything that a reader reports.
#[derive(Default)]
struct Written {
    said: Vec<String>,
    needs_no_host: bool,
}

impl Sink for Written {
    fn source(&mut self, kind: SourceKind, host: Option<Host>) -> Result<()> {
        self.said.push(format!("{kind:?} {host:?}"));
        Ok(())
    }

    fn needs_no_host(&self) -> bool {
        self.needs_no_host
    }

    fn record(&mut self, record: Record<'_>) -> Result<()> {
        self.said.push(format!("{record:?}"));
        Ok(())
    }

    fn facts(&mut self, facts: FileFacts) {
        self.said.push(format!("{facts:?}"));
    }
}

/// Gives a few bytes at a time, so that records are cut anywhere.
struct Pieces(Cursor<Vec<u8>>, usize);

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = buffer.len().min(self.1);
        self.0.read(&mut buffer[..length])
    }
}

/// Everything that a reader reports about the bytes.
fn said(reader: &dyn Reader, bytes: &[u8], piece: usize, strictly: bool) -> Vec<String> {
    let mut written =
        Written { needs_no_host: bytes.len().is_multiple_of(2), ..Written::default() };
    let stream = Box::new(Pieces(Cursor::new(bytes.to_vec()), piece));
    let read = Input::new("export-corp-1767225600.csv".to_owned(), stream).and_then(|input| {
        let mut input = if strictly { input.strictly() } else { input };
        let facts = reader.read(&mut input, &mut written)?;
        Ok(format!("{facts:?} {:?} {}", input.note(), input.sha256()))
    });
    written
        .said
        .push(read.unwrap_or_else(|error| format!("{:?} {}", error.kind, error.report(true))));
    written.said
}

/// Checks that both ways report the same. Returns whether the bytes were read, and the number of records.
fn check(reader: &dyn Reader, bytes: &[u8], piece: usize) -> (bool, usize) {
    let quick = said(reader, bytes, piece, false);
    let strict = said(reader, bytes, piece, true);
    if quick != strict {
        let differ = quick.iter().zip(&strict).find(|(one, other)| one != other);
        panic!("{}: {differ:#?}\nof {}", reader.format(), String::from_utf8_lossy(bytes));
    }
    let is_read = strict.last().is_some_and(|it| it.starts_with("FileFacts"));
    (is_read, strict.iter().filter(|it| it.starts_with("Record")).count())
}

fn random(seed: u8) -> TestRng {
    TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32])
}

fn times(usual: usize) -> usize {
    let asked = std::env::var("ONESEAT_ALIKE").ok().and_then(|text| text.parse().ok());
    asked.unwrap_or(usual)
}

fn one_of<'a, T: ?Sized>(random: &mut TestRng, all: &[&'a T]) -> &'a T {
    all[random.random_range(0..all.len())]
}

/// A text for a field, mostly a plain one.
fn text(random: &mut TestRng) -> String {
    const ODD: [&str; 22] = [
        "",
        " ",
        "n/a",
        "NULL",
        "-",
        "Zoë Öberg",
        "名前",
        "a\"b",
        "back\\slash",
        "tab\there",
        "line\nbreak",
        "\u{1}",
        "\u{7f}",
        "\u{2028}",
        "[]",
        "[\"a@x.example\",\"b@x.example\"]",
        "a@x.example;b@x.example",
        "System.Object[]",
        "a@x.example b@x.example",
        "@{email=a@x.example}",
        "true",
        "1.20E+05",
    ];
    match random.random_range(0..12) {
        0 => one_of(random, &ODD).to_owned(),
        1 => format!(
            "ghes{}.corp.example:{}",
            random.random_range(1..4),
            random.random_range(0..3000)
        ),
        2 => format!("org-{}:Member", random.random_range(0..9)),
        3 | 4 => format!("Somebody.{}@x.example", random.random_range(0..999)),
        _ => format!("somebody-{}", random.random_range(0..999)),
    }
}

fn list(random: &mut TestRng, item: impl Fn(&mut TestRng) -> Value) -> Value {
    let length = [0, 0, 1, 1, 2, 5][random.random_range(0..6)];
    (0..length).map(|_| item(random)).collect()
}

/// Any value, mostly one that fits no field.
fn odd(random: &mut TestRng) -> Value {
    match random.random_range(0..10) {
        0 => Value::Null,
        1 => json!(random.random_range(0..2) == 0),
        2 => json!(random.random_range(-5..2_000_000_000_i64)),
        3 => json!(f64::from(random.random_range(-50..50)) / 4.0),
        4 => json!(u64::MAX),
        5 => json!(text(random)),
        6 => list(random, |random| json!(text(random))),
        7 => json!({"email": text(random), "n": 1, "a": null}),
        8 => json!([text(random), 17, null, true]),
        _ => json!([[text(random)], {"b": {"a": 1}}]),
    }
}

fn cloud_row(random: &mut TestRng) -> Value {
    let user = random.random_range(0..9) > 0;
    let truth = |random: &mut TestRng| json!(random.random_range(0..2) == 0);
    let address =
        |random: &mut TestRng| json!(format!("x{}@x.example", random.random_range(0..99)));
    json!({
        "github_com_login": if user { format!("somebody-{}", random.random_range(0..500)) } else { text(random) },
        "github_com_name": if random.random_range(0..5) == 0 { json!(text(random)) } else { json!("Ada Lovelace") },
        "enterprise_server_user_ids":
            list(random, |random| json!(format!("ghes1.corp.example:{}", random.random_range(0..99)))),
        "github_com_user": user,
        "enterprise_server_user": truth(random),
        "visual_studio_subscription_user": truth(random),
        "license_type": one_of(random, &["Enterprise", "Visual Studio subscription", ""]),
        "github_com_profile": "https://github.com/somebody",
        "github_com_member_roles": list(random, |random| json!(format!("o{}:Owner", random.random_range(0..9)))),
        "github_com_enterprise_roles": ["Member"],
        "github_com_verified_domain_emails": list(random, address),
        "github_com_saml_name_id": if random.random_range(0..4) == 0 { Value::Null } else { address(random) },
        "github_com_two_factor_auth": truth(random),
        "ghe_license_end_date": one_of(random, &["2028-09-30", "9/30/2028", "", "n/a"]),
        "total_user_accounts": random.random_range(0..3),
    })
}

fn server_user(random: &mut TestRng) -> Value {
    let emails = list(random, |random| match random.random_range(0..8) {
        0 => json!({"primary": true, "email": text(random)}),
        1 => json!(text(random)),
        _ => {
            json!({"email": format!("x{}@x.example", random.random_range(0..99)), "primary": true})
        }
    });
    json!({
        "id": random.random_range(0..9000), "login": format!("somebody-{}", random.random_range(0..500)),
        "name": text(random), "emails": emails, "suspended": random.random_range(0..2) == 0,
        "site_admin": false, "created_at": "2024-10-12T15:36:30Z",
    })
}

/// Records, a few of them unusual.
fn rows(random: &mut TestRng, row: fn(&mut TestRng) -> Value, odds: u32) -> Vec<Value> {
    let length = random.random_range(0..12);
    let mut rows: Vec<Value> = (0..length).map(|_| row(random)).collect();
    for it in &mut rows {
        let Value::Object(fields) = it else { continue };
        if random.random_range(0..100) >= odds {
            continue;
        }
        let names: Vec<String> = fields.keys().cloned().collect();
        let name = &names[random.random_range(0..names.len())];
        match random.random_range(0..6) {
            0 => drop(fields.remove(name)),
            1 => drop(fields.insert(text(random), odd(random))),
            2 => {
                // Moves the field to the end.
                let value = fields.shift_remove(name).unwrap_or_default();
                fields.insert(name.clone(), value);
            }
            3 => *it = odd(random),
            _ => drop(fields.insert(name.clone(), odd(random))),
        }
    }
    rows
}

/// A file of the Cloud answer, in one of the arrangements that people have.
fn cloud_file(random: &mut TestRng, odds: u32) -> String {
    let page = |random: &mut TestRng| {
        let mut page = Map::new();
        page.insert("total_seats_consumed".to_owned(), json!(random.random_range(0..20)));
        page.insert("total_seats_purchased".to_owned(), json!(30));
        if random.random_range(0..100) < odds {
            page.insert(text(random), odd(random));
        }
        page.insert("users".to_owned(), rows(random, cloud_row, odds).into());
        Value::Object(page)
    };
    let spaced = random.random_range(0..4);
    let pages: Vec<Value> = (0..random.random_range(1..4)).map(|_| page(random)).collect();
    match random.random_range(0..5) {
        0 => written(&Value::Array(pages), spaced),
        1 => written(&Value::Array(rows(random, cloud_row, odds)), spaced),
        2 => {
            let rows = rows(random, cloud_row, odds);
            rows.iter().map(|row| format!("{row}\n")).collect()
        }
        _ => pages.iter().map(|page| written(page, spaced)).collect::<Vec<_>>().join("\n"),
    }
}

fn server_file(random: &mut TestRng, odds: u32) -> String {
    let users = rows(random, server_user, odds);
    let spaced = random.random_range(0..4);
    let instance = json!({"host_name": "ghes1.corp.example", "version": "3.15.4"});
    let file = match random.random_range(0..4) {
        0 => json!({"users": users, "instance": instance}),
        1 => json!({"host_name": "ghes1.corp.example", "server_id": "5f", "users": users}),
        _ => json!({"instance": instance, "users": users}),
    };
    written(&file, spaced)
}

/// JSON as programs write it: on one line, with one record per line, with spaces, or over many lines.
fn written(value: &Value, spaced: usize) -> String {
    match spaced {
        0 => value.to_string(),
        1 => value.to_string().replace("},{\"", "},\n{\""),
        2 => value.to_string().replace("\":", "\": ").replace(",\"", ", \""),
        _ => serde_json::to_string_pretty(value).expect("JSON"),
    }
}

/// A few changes to the bytes. Most of them leave the file nearly intact.
fn mangle(bytes: &mut Vec<u8>, random: &mut TestRng) {
    for _ in 0..random.random_range(1..4) {
        let at = random.random_range(0..=bytes.len());
        let to = (at + random.random_range(0..60)).min(bytes.len());
        match random.random_range(0..11) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..to)),
            2 if at < bytes.len() => bytes[at] ^= 1 << random.random_range(0..8),
            3 => {
                let again = bytes[at..to].to_vec();
                drop(bytes.splice(at..at, again));
            }
            4 => {
                let signs = b"\0\"',;:{}[]\n\r\t \\\xff\xef-+.019eEntf\x0c\x7f";
                bytes.insert(at, signs[random.random_range(0..signs.len())]);
            }
            5 => {
                let pieces: [&[u8]; 14] = [
                    b"\xef\xbb\xbf",
                    b"\\u00fc",
                    b"\\\"",
                    b"\\ud800",
                    b"\xc3\xa4",
                    b"\xc3",
                    b"null",
                    b" \n",
                    b"01",
                    b"1.5",
                    b"-1",
                    b"{\"a\":1,\"a\":2}",
                    b",\"id\":1",
                    b"[1]",
                ];
                drop(bytes.splice(at..at, one_of(random, &pieces).iter().copied()));
            }
            // Repeats a key or another one: the text after a comma is inserted once more.
            6 | 7 => {
                let Some(comma) = bytes[at..].iter().position(|it| *it == b',') else { continue };
                let from = at + comma;
                let Some(next) = bytes[from + 1..].iter().position(|it| *it == b',') else {
                    continue;
                };
                let member = bytes[from..from + 1 + next].to_vec();
                drop(bytes.splice(from..from, member));
            }
            // Writes a letter as an escape.
            8 => {
                let Some(found) = bytes[at..].iter().position(u8::is_ascii_lowercase) else {
                    continue;
                };
                let letter = format!("\\u{:04x}", bytes[at + found]);
                drop(bytes.splice(at + found..=at + found, letter.into_bytes()));
            }
            // Replaces a word or a number with another value.
            9 => {
                let Some(colon) = bytes[at..].iter().position(|it| *it == b':') else { continue };
                let from = at + colon + 1;
                let length =
                    bytes[from..].iter().position(|it| matches!(it, b',' | b'}')).unwrap_or(0);
                let value = odd(random).to_string();
                drop(bytes.splice(from..from + length, value.into_bytes()));
            }
            _ => {
                let blanks = ["  ", "\n", "\r\n", "\t"];
                let Some(sign) = bytes[at..].iter().position(|it| b",:[]{}".contains(it)) else {
                    continue;
                };
                drop(bytes.splice(at + sign..at + sign, one_of(random, &blanks).bytes()));
            }
        }
    }
}

fn reader(format: &str) -> &'static dyn Reader {
    READERS.into_iter().find(|reader| reader.format() == format).expect("a format")
}

/// Both ways read random files of a format alike, intact and mangled.
fn check_form(format: &str, file: fn(&mut TestRng, u32) -> String, seed: u8) {
    let (mut random, reader) = (random(seed), reader(format));
    let (mut files, mut refused, mut records) = (0, 0, 0);
    for turn in 0..times(1500) {
        let odds = [0, 5, 30][turn % 3];
        let mut bytes = file(&mut random, odds).into_bytes();
        if turn % 2 == 1 {
            mangle(&mut bytes, &mut random);
        }
        let piece = if turn.is_multiple_of(5) { random.random_range(1..700) } else { usize::MAX };
        let (is_read, count) = check(reader, &bytes, piece);
        files += usize::from(is_read);
        refused += usize::from(!is_read);
        records += count;
    }
    eprintln!("{format}: {files} files read, {refused} refused, {records} records");
    assert!(files > times(1500) / 4 && refused > times(1500) / 8 && records > times(1500));
}

#[test]
fn pages_of_cloud_are_read_alike() {
    check_form("cloud-consumed-licenses-json", cloud_file, 1);
}

#[test]
fn exports_of_an_instance_are_read_alike() {
    check_form("server-license-usage-json", server_file, 2);
}

/// Every reader reads the golden files of its kind alike both ways, intact and mangled.
#[test]
fn golden_files_are_read_alike() {
    let mut random = random(3);
    for (reader, path) in golden_files() {
        let bytes = std::fs::read(&path).expect("readable");
        check(reader, &bytes, usize::MAX);
        for _ in 0..times(1500) / 75 {
            let mut bytes = bytes.clone();
            mangle(&mut bytes, &mut random);
            check(reader, &bytes, usize::MAX);
        }
    }
}

/// The end of the buffer may cut a record anywhere.
#[test]
fn files_larger_than_the_buffer_are_read_alike() {
    let mut random = random(4);
    for spaced in 0..4 {
        let mut rows: Vec<Value> = (0..1500).map(|_| cloud_row(&mut random)).collect();
        for row in &mut rows {
            (row["github_com_login"], row["github_com_user"]) = (json!("somebody"), json!(true));
            row["github_com_name"] =
                json!(one_of(&mut random, &["Ada", "Zoë Öberg", "a\"b", "名前"]));
        }
        let page =
            json!({"total_seats_consumed": 1500, "total_seats_purchased": 1600, "users": rows});
        let file = written(&page, spaced);
        for piece in [usize::MAX, 4096, 1000 + spaced * 37] {
            let (is_read, records) =
                check(reader("cloud-consumed-licenses-json"), file.as_bytes(), piece);
            assert!(is_read && records == 1500, "{records} of {spaced}");
        }
        let mut users: Vec<Value> = (0..4000).map(|_| server_user(&mut random)).collect();
        for user in &mut users {
            user["emails"] = json!([{"email": "ada@x.example", "primary": true}]);
            user["name"] = json!(one_of(&mut random, &["Ada", "Zoë Öberg", "a\\b"]));
        }
        let export = json!({"instance": {"host_name": "ghes1.corp.example"}, "users": users});
        let file = written(&export, spaced);
        let (is_read, records) =
            check(reader("server-license-usage-json"), file.as_bytes(), 1000 + spaced);
        assert!(is_read && records == 4000, "{records}");
    }
}
