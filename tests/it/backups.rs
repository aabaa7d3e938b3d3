//! `oneseat backup`, `oneseat doctor`, the modes of the files, and the time when `verify` last passed.

use std::os::unix::fs::PermissionsExt as _;

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::common::{NOW, Place, Ran, TestMachine};

fn import(place: &Place, day: u32) {
    let text = format!(
        r#"{{"total_seats_consumed":2,"users":[{{"github_com_user":true,"github_com_login":"octavia-{day}","github_com_name":"Octavia Fischer",
        "github_com_saml_name_id":"octavia@secret.example"}},{{"github_com_login":"bob","github_com_user":true}}]}}"#
    );
    let file = place.write("report.json", text.as_bytes()).display().to_string();
    let day = format!("2026-03-{day:02}");
    done(&place.run(&["import", &file, "--enterprise", "secret-corp", "--taken-at", &day]));
}

fn done(ran: &Ran) {
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
}

fn ledger() -> Place {
    let place = Place::new();
    import(&place, 1);
    place
}

fn backup(place: &Place, name: &str, more: &[&str]) -> Ran {
    let file = place.path(name).display().to_string();
    place.run(&[&["backup", file.as_str()], more].concat())
}

fn mode(place: &Place, name: &str) -> u32 {
    let metadata = std::fs::metadata(place.path(name)).expect("a file");
    metadata.permissions().mode() & 0o777
}

/// The names of the files in the folder, sorted.
fn names(place: &Place) -> Vec<String> {
    let entries = std::fs::read_dir(place.path("")).expect("the place");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn a_backup_answers_as_the_database_does_and_is_readable_by_its_owner_only() {
    let place = ledger();
    let before = names(&place);
    let ran = backup(&place, "copy.db", &["--json"]);
    done(&ran);
    let told: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let head = place.json(&["verify"])["head"].clone();
    let bytes = std::fs::metadata(place.path("copy.db")).expect("the copy").len();
    let file = place.path("copy.db").display().to_string();
    assert_eq!(
        told,
        json!({"schema": "oneseat.backup/1", "file": file, "bytes": bytes, "head": head, "snapshots_checked": 1,
               "rows_only": false, "left_behind": []})
    );
    assert_eq!(mode(&place, "copy.db"), 0o600);
    let mut after = names(&place);
    after.retain(|name| name != "oneseat.db-verified");
    assert_eq!(after, [vec!["copy.db".to_owned()], before].concat(), "nothing else is left");
    let answer = |database: &str| {
        let copy = place.path(database).display().to_string();
        place.run(&["--db", &copy, "consumption", "--json"]).stdout
    };
    assert_eq!(answer("copy.db"), answer("oneseat.db"));
}

#[test]
fn a_backup_is_taken_while_somebody_writes() {
    let place = ledger();
    let writer = Connection::open(place.path("oneseat.db")).expect("the database");
    writer
        .execute_batch("BEGIN IMMEDIATE; UPDATE stored_snapshots SET rows = 99")
        .expect("half a change");
    done(&backup(&place, "copy.db", &[]));
    writer.execute_batch("ROLLBACK").expect("no change");
    let copy = Connection::open(place.path("copy.db")).expect("the copy");
    let rows = copy.query_row("SELECT rows FROM stored_snapshots", [], |row| row.get::<_, i64>(0));
    assert_eq!(rows, Ok(2));
}

#[test]
fn a_backup_replaces_nothing_unasked() {
    let place = ledger();
    place.write("copy.db", b"precious");
    let ran = backup(&place, "copy.db", &[]);
    assert_eq!(ran.code, 5, "{}", ran.stderr);
    assert!(ran.stderr.contains("hint: name another file, or replace this one with --force"));
    assert_eq!(std::fs::read(place.path("copy.db")).expect("the file"), b"precious");
    done(&backup(&place, "copy.db", &["--force"]));
    assert_ne!(std::fs::read(place.path("copy.db")).expect("the file"), b"precious");

    // A symbolic link is replaced, never written through.
    place.write("elsewhere", b"precious");
    std::os::unix::fs::symlink(place.path("elsewhere"), place.path("link.db")).expect("a link");
    assert_eq!(backup(&place, "link.db", &[]).code, 5);
    done(&backup(&place, "link.db", &["--force"]));
    assert!(!place.path("link.db").is_symlink());
    assert_eq!(std::fs::read(place.path("elsewhere")).expect("the file"), b"precious");

    for (name, told) in [("oneseat.db", "this is the database itself"), ("", "not a file that can")]
    {
        let ran = backup(&place, name, &["--force"]);
        assert_eq!(ran.code, 5, "{name}: {}", ran.stderr);
        assert!(ran.stderr.contains(told), "{name}: {}", ran.stderr);
    }
    // SQLite would take the log of another database for the copy's own.
    place.write("old.db-wal", b"frames");
    let ran = backup(&place, "old.db", &[]);
    assert_eq!(ran.code, 5, "{}", ran.stderr);
    assert!(ran.stderr.contains("this is the log of another database"));
    let ran = backup(&place, "no/such/folder/copy.db", &[]);
    assert_eq!(ran.code, 5, "{}", ran.stderr);
}

#[test]
fn a_copy_that_does_not_verify_is_not_kept() {
    let place = ledger();
    let connection = Connection::open(place.path("oneseat.db")).expect("the database");
    connection.execute_batch("UPDATE stored_snapshots SET rows = 99").expect("a change");
    connection.close().expect("closed");
    let before = names(&place);
    let ran = backup(&place, "copy.db", &[]);
    assert_eq!(ran.code, 4, "{}", ran.stderr);
    assert!(ran.stderr.contains("1 promise does not hold\nhint: "), "{}", ran.stderr);
    assert_eq!(names(&place), before);
}

#[test]
fn doctor_tells_facts_and_nobody() {
    let place = ledger();
    done(&place.run(&["verify"]));
    import(&place, 2);
    let mut machine = TestMachine::default();
    for (name, value) in
        [("ONESEAT_TOKEN_SECRET_CORP", "t0p"), ("NO_PROXY", "x.secret.example"), ("LANG", "de")]
    {
        machine.variables.insert(name.to_owned(), value.to_owned());
    }
    let ran = place.run_on(&machine, &["doctor", "--json"], b"", NOW);
    done(&ran);
    let told: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(told["schema"], "oneseat.doctor/1");
    let database = &told["database"];
    assert_eq!((&database["exists"], &database["error"]), (&json!(true), &Value::Null));
    assert_eq!((&database["mode"], &database["quick_check"]), (&json!("0600"), &json!("ok")));
    assert_eq!(database["journal_mode"], "wal");
    assert_eq!(
        database["pages"].as_u64().expect("pages") * 16_384,
        database["bytes"].as_u64().expect("bytes")
    );
    let numbers = &told["numbers"];
    assert_eq!((&numbers["snapshots"], &numbers["accounts"]), (&json!(2), &json!(3)));
    assert_eq!(numbers["sources"], json!([{"kind": "cloud", "count": 1}]));
    assert_eq!(
        told["verified"],
        json!({"passed_at": NOW, "lines_since": 1, "same_history": true, "failed_at": null})
    );
    assert_eq!(told["surroundings"]["environment"], json!(["NO_PROXY", "ONESEAT_TOKEN… (1)"]));
    for format in ["table", "json", "csv", "markdown"] {
        let page = place.run_on(&machine, &["doctor", "--format", format], b"", NOW).stdout;
        let place = place.path("").display().to_string();
        for private in ["octavia", "Octavia", "secret", "SECRET", "t0p", "bob", place.as_str()] {
            assert!(!page.contains(private), "{format} tells {private}: {page}");
        }
    }
}

#[test]
fn doctor_looks_at_what_cannot_be_opened_and_changes_nothing() {
    let place = Place::new();
    done(&place.run(&["doctor"]));
    assert!(names(&place).is_empty(), "no database is made");
    place.write("oneseat.db", b"no database");
    let ran = place.run(&["doctor", "--json"]);
    assert_eq!(ran.code, 4, "{}", ran.stderr);
    let told: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let error = told["database"]["error"].as_str().expect("an error");
    assert!(error.contains("the file is not a SQLite database"), "{error}");
    assert!(!error.contains(&place.path("").display().to_string()), "{error}");
    assert_eq!(names(&place), ["oneseat.db"]);
}

#[test]
fn with_v_every_command_says_when_verify_last_passed() {
    let place = ledger();
    let told = |place: &Place| place.run(&["-v", "consumption"]).stderr;
    assert!(told(&place).contains("no `oneseat verify` is known to have passed\n"));
    assert_eq!(place.run(&["consumption"]).stderr, "");
    done(&place.run(&["verify"]));
    assert_eq!(mode(&place, "oneseat.db-verified"), 0o600);
    let passed = format!("`oneseat verify` last passed on {NOW}: ");
    assert!(told(&place).contains(&format!("{passed}nothing was written since\n")));
    let older = std::fs::read(place.path("oneseat.db")).expect("the database");
    import(&place, 2);
    assert!(told(&place).contains(&format!("{passed}one command has written since\n")));
    done(&place.run(&["verify"]));

    // The older file is put back: it is sound, but it is not the one that was verified.
    place.write("oneseat.db", &older);
    assert!(
        told(&place).contains(&format!(
            "{passed}but the journal no longer has the head that it had then\n"
        ))
    );
    let ran = place.run(&["-q", "verify"]);
    assert_eq!(ran.code, 0);
    assert!(ran.stderr.contains("replaced by an older one"), "{}", ran.stderr);

    let connection = Connection::open(place.path("oneseat.db")).expect("the database");
    connection.execute_batch("UPDATE stored_snapshots SET rows = 99").expect("a change");
    connection.close().expect("closed");
    assert_eq!(place.run(&["verify"]).code, 1);
    assert!(told(&place).contains(&format!("it failed on {NOW}\n")), "{}", told(&place));
    place.write("oneseat.db-verified", b"not ours");
    assert!(told(&place).contains("no `oneseat verify` is known"));
}

#[test]
fn wide_modes_are_warned_of() {
    let place = ledger();
    let set = |mode: u32| {
        let mode = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(place.path("oneseat.db"), mode).expect("a mode");
    };
    set(0o640);
    let ran = place.run(&["consumption"]);
    done(&ran);
    assert!(
        ran.stderr.contains("users other than its owner may use it (mode 0640)"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("\nhint: chmod 600 "), "{}", ran.stderr);
    assert_eq!(place.run(&["-q", "consumption"]).stderr, "");
    assert_eq!(place.json(&["doctor"])["warnings"][0]["code"], "wide-mode");
    set(0o600);
    assert_eq!(place.run(&["consumption"]).stderr, "");
}
