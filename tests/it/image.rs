//! What the database stores to answer quickly. Whatever happens to it, the answers stay the same.

use std::path::Path;

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::common::Place;
use crate::verify::{ledger, verify};

const QUESTIONS: [&[&str]; 12] = [
    &["consumption", "--json"],
    &["consumption", "--as-of", "2026-03-02", "--json"],
    &["duplicates", "--json"],
    &["trend", "--json"],
    &["diff", "2026-03-01", "2026-03-05", "--json"],
    &["reconcile", "--json"],
    &["explain", "ann", "--json"],
    &["explain", "bob", "--json"],
    &["explain", "ANN@corp.example", "--json"],
    &["explain", "ghes1.corp.example:7", "--json"],
    &["seats", "--by", "organization", "--json"],
    &["query", "SELECT * FROM emails ORDER BY 1, 2, 3, 4, 5, 6, 7", "--json"],
];

fn answers(place: &Place) -> Vec<(i32, String)> {
    QUESTIONS
        .iter()
        .map(|words| {
            let ran = place.run(words);
            (ran.code, ran.stdout)
        })
        .collect()
}

fn change(file: &Path, sql: &str) {
    let connection = Connection::open(file).expect("a database");
    connection.execute_batch(sql).expect(sql);
    assert!(connection.total_changes() > 0, "{sql}");
}

/// Rewrites the form of the image, with a hash that fits.
fn reform(file: &Path, version: i64, bits: u32) {
    let connection = Connection::open(file).expect("a database");
    let (key, newest): (Vec<u8>, Vec<u8>) = connection
        .query_row("SELECT hash_key, newest FROM image_form", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .expect("a form");
    let mut hasher = blake3::Hasher::new();
    hasher.update(&version.to_le_bytes()).update(&bits.to_le_bytes());
    for bytes in [&key, &newest] {
        hasher.update(&(bytes.len() as u64).to_le_bytes()).update(bytes);
    }
    let hash = hasher.finalize().as_bytes().to_vec();
    let sql = "UPDATE image_form SET version = ?1, hash_bits = ?2, hash = ?3";
    assert_eq!(connection.execute(sql, (version, bits, hash)).expect("changed"), 1);
}

fn segments(file: &Path) -> i64 {
    let connection = Connection::open(file).expect("a database");
    connection.query_row("SELECT count(*) FROM image", [], |row| row.get(0)).expect("a number")
}

/// A way to damage a database.
type Harm = Box<dyn Fn(&Path)>;

#[test]
fn what_is_missing_or_of_another_form_is_made_anew() {
    let place = ledger();
    let sound = std::fs::read(place.path("oneseat.db")).expect("the database");
    let expected = answers(&place);
    let mut harms: Vec<Harm> = vec![
        Box::new(|file| change(file, "DELETE FROM image")),
        Box::new(|file| change(file, "DELETE FROM image_form")),
        Box::new(|file| change(file, "DELETE FROM image; DELETE FROM image_form")),
        Box::new(|file| reform(file, 2, 64)),
        Box::new(|file| reform(file, 0, 64)),
    ];
    for part in 1..=8 {
        for which in ["min", "max"] {
            harms.push(Box::new(move |file| {
                let of_part = format!("SELECT {which}(first) FROM image WHERE part = {part}");
                change(
                    file,
                    &format!("DELETE FROM image WHERE part = {part} AND first = ({of_part})"),
                );
            }));
        }
    }
    for (number, harm) in harms.iter().enumerate() {
        let place = Place::new();
        let file = place.write("oneseat.db", &sound);
        harm(&file);
        let (code, answer) = verify(&place, &[]);
        assert_eq!(code, 0, "{number}: {answer}");
        let told =
            answer["notes"][0].as_str().is_some_and(|it| it.contains("the image is missing"));
        assert!(told, "{number}: {answer}");
        // An import, too, continues from the rows.
        if number % 3 == 0 {
            let user = json!({"github_com_login": "zoe", "github_com_user": true});
            let report = json!({"total_seats_consumed": 1, "users": [user]}).to_string();
            let file = place.write("zoe.json", report.as_bytes()).display().to_string();
            let words = ["import", &file, "--enterprise", "other", "--taken-at", "2026-03-05"];
            assert_eq!(place.run(&words).code, 0, "{number}");
            let (code, answer) = verify(&place, &[]);
            assert!(code == 0 && !answer.to_string().contains("image"), "{number}: {answer}");
            continue;
        }
        assert!(answers(&place) == expected, "{number}");
        let (code, answer) = verify(&place, &[]);
        assert!(code == 0 && !answer.to_string().contains("image"), "{number}: {answer}");
    }
}

#[test]
fn what_is_damaged_is_told_once_and_never_believed() {
    let place = ledger();
    let sound = std::fs::read(place.path("oneseat.db")).expect("the database");
    let expected = answers(&place);
    for part in 1..=8 {
        for (what, sql) in [
            ("a byte", "data = CAST(data || x'00' AS BLOB)"),
            ("cut", "data = substr(data, 1, length(data) - 1)"),
            ("the hash", "hash = randomblob(32)"),
            ("nothing", "data = x''"),
        ] {
            let place = Place::new();
            let file = place.write("oneseat.db", &sound);
            change(&file, &format!("UPDATE image SET {sql} WHERE part = {part}"));
            let (code, answer) = verify(&place, &[]);
            assert_eq!(code, 1, "{part}: {what}: {answer}");
            assert_eq!(answer["findings"][0]["code"], "image", "{part}: {what}: {answer}");
            // A command that reads the damaged part reports and repairs it. Only an import into a source that
            // already has a snapshot needs the part that finds changes.
            let told = |stderr: &str| stderr.matches("rebuilt it from the rows").count();
            let mut times = 0;
            for (words, expected) in QUESTIONS.iter().zip(&expected) {
                let ran = place.run(words);
                times += told(&ran.stderr);
                assert!((ran.code, ran.stdout) == *expected, "{part}: {what}: {words:?}");
            }
            assert_eq!(times, usize::from(part != 2), "{part}: {what}");
            for day in ["2026-03-05", "2026-03-06"] {
                let user = json!({"github_com_login": "zoe", "github_com_user": true});
                let report = json!({"total_seats_consumed": 1, "users": [user]}).to_string();
                let file = place.write("zoe.json", report.as_bytes()).display().to_string();
                let words = ["import", &file, "--enterprise", "other", "--taken-at", day];
                let ran = place.run(&words);
                assert_eq!(ran.code, 0, "{part}: {what}: {}", ran.stderr);
                times += told(&ran.stderr);
            }
            assert_eq!(times, 1, "{part}: {what}");
            assert_eq!(verify(&place, &[]).0, 0, "{part}: {what}");
        }
    }
}

#[test]
fn that_of_another_database_is_not_taken() {
    let (place, other) = (ledger(), ledger());
    let expected = answers(&place);
    let other = other.path("oneseat.db").display().to_string();
    change(
        &place.path("oneseat.db"),
        &format!(
            "ATTACH '{other}' AS other; DELETE FROM main.image; DELETE FROM main.image_form;
             INSERT INTO main.image SELECT * FROM other.image;
             INSERT INTO main.image_form SELECT * FROM other.image_form"
        ),
    );
    assert!(answers(&place) == expected);
    assert_eq!(verify(&place, &[]).0, 0);
}

/// Rows that somebody changed by hand, and damaged parts of the image. The parts read so far belong to other
/// rows, so the program refuses this question, and answers the next one from the rows.
#[test]
fn that_of_other_rows_is_thrown_away() {
    let place = ledger();
    let file = place.path("oneseat.db");
    change(&file, "DELETE FROM addresses WHERE row_id = (SELECT max(row_id) FROM addresses)");
    change(&file, "UPDATE image SET hash = zeroblob(32) WHERE part > 1; DELETE FROM stored_counts");
    let question = ["duplicates", "--json"];
    let refused = place.run(&question);
    assert_eq!(refused.code, 4, "{}", refused.stderr);
    assert!(refused.stderr.contains("repeat the command"), "{}", refused.stderr);
    assert!(!refused.stderr.contains("rebuilt it from"), "{}", refused.stderr);
    assert_eq!(segments(&file), 0);
    let answered = place.run(&question);
    assert!(matches!(answered.code, 0 | 7), "{}: {}", answered.code, answered.stderr);
    assert!(segments(&file) > 0);
    assert_eq!(verify(&place, &[]).0, 1);
}

/// Hashes of eight bits nearly all clash, so the texts decide.
#[test]
fn hashes_that_clash_change_no_answer() {
    let place = ledger();
    let expected = answers(&place);
    let file = place.path("oneseat.db");
    reform(&file, 3, 8);
    change(&file, "DELETE FROM image");
    assert!(answers(&place) == expected);
    assert!(segments(&file) > 0);
    assert_eq!(verify(&place, &[]).0, 0);
    // Later imports have such hashes, too.
    let user = |of: u32, more: &str| {
        json!({"github_com_login": format!("u{of}"), "github_com_user": true,
            "github_com_name": format!("U {of}{more}"), "enterprise_server_user_ids": [],
            "github_com_verified_domain_emails": [format!("u{of}@corp.example")]})
    };
    let twin = Place::new();
    for (day, users) in [
        ("2026-04-01", (0..600).map(|of| user(of, "")).collect::<Vec<Value>>()),
        (
            "2026-04-03",
            (0..600).rev().map(|of| user(of, if of % 7 == 0 { " X" } else { "" })).collect(),
        ),
        (
            "2026-04-02",
            (100..700).map(|of| user(of, if of % 7 == 0 { " X" } else { "" })).collect(),
        ),
    ] {
        let report = json!({"total_seats_consumed": users.len(), "users": users}).to_string();
        let imported = [&place, &twin].map(|place| {
            let file = place.write("report.json", report.as_bytes()).display().to_string();
            let words = ["import", &file, "--enterprise", "many", "--taken-at", day, "--json"];
            let answer = place.json(&[&words[..], &["--accept-short", "asked"]].concat());
            answer["items"][0]["changes"].clone()
        });
        assert_eq!(imported[0], imported[1], "{day}");
    }
    assert_eq!(verify(&place, &[]).0, 0);
    for words in [
        &["consumption", "--enterprise", "many"][..],
        &["explain", "u7", "--enterprise", "many"],
        &["diff", "2026-04-01", "2026-04-03", "--enterprise", "many"],
        &["trend", "--enterprise", "many"],
    ] {
        let [clashing, sound] = [&place, &twin].map(|place| place.json(words));
        let told = |answer: &Value| {
            ["seats", "person", "counts", "points", "changes"].map(|key| answer[key].clone())
        };
        assert_eq!(told(&clashing), told(&sound), "{words:?}");
    }
}

#[test]
fn the_journal_names_no_person() {
    let place = ledger();
    let connection = Connection::open(place.path("oneseat.db")).expect("a database");
    let mut statement = connection.prepare("SELECT entry FROM journal").expect("a journal");
    let entries = statement.query_map([], |row| row.get::<_, String>(0)).expect("entries");
    for entry in entries.map(|entry| entry.expect("a text")) {
        let said: Value = serde_json::from_str(&entry).expect("JSON");
        // What was filled in is named by numbers alone, so there is nothing to commit to.
        let commits = (said["command"] != "fill").then_some(64);
        assert_eq!(said["commitment"].as_str().map(str::len), commits, "{entry}");
        for word in
            ["ann", "bob", "cho", "@", "asked", "a mistake", "because", "SELECT", ".json", ".csv"]
        {
            assert!(!entry.contains(word), "{word}: {entry}");
        }
    }
}

#[test]
fn a_first_import_leaves_a_log_for_those_that_follow() {
    let place = ledger();
    let connection = Connection::open(place.path("oneseat.db")).expect("a database");
    let mode: String =
        connection.query_row("PRAGMA journal_mode", [], |row| row.get(0)).expect("a mode");
    assert_eq!(mode, "wal");
    let pages: i64 =
        connection.query_row("PRAGMA page_size", [], |row| row.get(0)).expect("a size");
    assert_eq!(pages, 16_384);
    assert!(!place.path("oneseat.db-journal").exists());
}
