//! A file that is no sound database of this program: every command ends with exit code 4, names the file, and
//! states what to do.

use std::path::Path;

use rusqlite::Connection;

use crate::common::{Place, Ran, questions};

/// Commands that write, in addition to the questions. `FILE` is a report to read.
const WRITING: [&[&str]; 3] = [
    &["snapshots", "void", "1", "--reason", "no"],
    &["sources", "set", "corp", "--billing-model", "metered"],
    &["import", "FILE", "--enterprise", "corp"],
];

fn report(place: &Place, users: u32) -> String {
    let users: Vec<String> = (0..users)
        .map(|user| {
            format!(r#"{{"github_com_login":"user-{user}","github_com_user":true,"github_com_name":"Ann {user}","license_type":"Enterprise"}}"#)
        })
        .collect();
    let text =
        format!(r#"{{"total_seats_consumed":{},"users":[{}]}}"#, users.len(), users.join(","));
    place.write("report.json", text.as_bytes()).display().to_string()
}

/// The length of a page in bytes.
const PAGE: usize = 16_384;

/// A ledger whose database has several pages.
fn ledger() -> Place {
    let place = Place::new();
    let file = report(&place, 40);
    let ran = place.run(&["import", &file, "--enterprise", "corp", "--taken-at", "2026-03-01"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    place
}

fn run<S: AsRef<str>>(place: &Place, command: &[S]) -> Ran {
    let file = place.path("report.json").display().to_string();
    let words = command.iter().map(AsRef::as_ref);
    let command: Vec<&str> = words.map(|word| if word == "FILE" { &file } else { word }).collect();
    place.run(&command)
}

/// Every question and every command that writes. `FILE` is a report to read.
fn commands() -> Vec<Vec<String>> {
    let days = [("WHO", "user-1"), ("FROM", "2026-03-01T00:00:00Z"), ("TO", "2026-03-02")];
    let writing = WRITING.iter().map(|it| it.iter().map(|&word| word.to_owned()).collect());
    questions(&days).into_iter().chain(writing).collect()
}

/// Every command is refused with exit code 4, the name of the file, a hint, and these words.
fn refused_by_all(place: &Place, words: &str) {
    let name = place.path("oneseat.db").display().to_string();
    let backup = place.path("copy.db").display().to_string();
    for command in commands().into_iter().chain([vec!["backup".to_owned(), backup]]) {
        let ran = run(place, &command);
        assert_eq!(ran.code, 4, "{command:?}: {}{}", ran.stdout, ran.stderr);
        let told = ran.stderr.contains(&name) && ran.stderr.contains("\nhint: ");
        let told = told && ran.stderr.contains(words);
        assert!(command[0] == "doctor" || told, "{command:?}: {}", ran.stderr);
    }
    assert!(!place.path("copy.db").exists());
}

fn change(place: &Place, sql: &str) {
    let connection = Connection::open(place.path("oneseat.db")).expect("a database");
    connection.execute_batch(sql).expect("a change");
}

#[test]
fn a_database_of_another_program_is_refused() {
    let place = Place::new();
    report(&place, 3);
    change(&place, "CREATE TABLE notes (text); INSERT INTO notes VALUES ('keep me')");
    let before = std::fs::read(place.path("oneseat.db")).expect("a file");
    refused_by_all(&place, "this is a SQLite database, but not one of oneseat");
    assert_eq!(std::fs::read(place.path("oneseat.db")).expect("a file"), before);
}

#[test]
fn another_application_id_is_refused() {
    let place = ledger();
    change(&place, "PRAGMA application_id = 7");
    refused_by_all(&place, "not one of oneseat");
}

#[test]
fn a_newer_schema_is_refused_by_its_number() {
    let place = ledger();
    change(&place, "PRAGMA user_version = 900");
    refused_by_all(&place, "the database has schema 900; this program knows schemas up to ");
}

#[test]
fn a_text_and_a_folder_and_a_pipe_are_refused() {
    let place = Place::new();
    report(&place, 3);
    place.write("oneseat.db", &b"Dear diary, this is no database at all. ".repeat(100));
    refused_by_all(&place, "the file is not a SQLite database");
    std::fs::remove_file(place.path("oneseat.db")).expect("removed");
    std::fs::create_dir(place.path("oneseat.db")).expect("a folder");
    refused_by_all(&place, "this is not a regular file");
    std::fs::remove_dir(place.path("oneseat.db")).expect("removed");
    let pipe = std::process::Command::new("mkfifo").arg(place.path("oneseat.db")).status();
    assert!(pipe.expect("mkfifo").success());
    refused_by_all(&place, "this is not a regular file");
}

#[test]
fn an_empty_file_is_nothing_to_answer_from_and_an_import_fills_it() {
    let place = Place::new();
    report(&place, 3);
    place.write("oneseat.db", b"");
    let ran = run(&place, &["consumption"]);
    assert_eq!(ran.code, 7, "{}", ran.stderr);
    assert!(
        ran.stderr
            .contains("the database is empty\nhint: `oneseat import FILE…` fills the database")
    );
    assert_eq!(run(&place, &["import", "FILE", "--enterprise", "corp"]).code, 0);
    assert_eq!(run(&place, &["verify"]).code, 0);
}

fn answers(place: &Place) -> [String; 3] {
    let asked: [&[&str]; 3] =
        [&["consumption", "--json"], &["export", "accounts"], &["query", "SELECT * FROM seats"]];
    asked.map(|command| {
        let ran = run(place, command);
        assert_eq!(ran.code, 0, "{command:?}: {}", ran.stderr);
        ran.stdout
    })
}

#[test]
fn a_file_cut_short_is_found_and_crashes_nothing() {
    let place = ledger();
    let whole = std::fs::read(place.path("oneseat.db")).expect("the database");
    let sound = answers(&place);
    let pages = whole.len() / PAGE;
    assert!(pages > 10, "{pages} pages");
    let lengths = [1, 15, 16, 99, 100, 511, 512, 4096, PAGE - 1, PAGE, PAGE + 1, pages / 2 * PAGE];
    for length in lengths.into_iter().chain([whole.len() - PAGE, whole.len() - 1]) {
        for command in commands() {
            place.write("oneseat.db", &whole[..length]);
            let ran = run(&place, &command);
            let codes: &[i32] = match command[0].as_str() {
                _ if length < PAGE => &[4],
                "verify" => &[0, 1, 4],
                // A command does not miss what it does not read. The report is no Server file in any case.
                "rehearse" => &[3, 4],
                // There is no employee directory.
                "leavers" => &[4, 7],
                // Judged by the clock, a sound file is old.
                "check" => &[0, 1, 4],
                _ => &[0, 4],
            };
            if command == ["verify"] && ran.code == 0 {
                // The byte belonged to a public view, which the program makes anew when it opens the file.
                assert_eq!(length, whole.len() - 1);
                assert_eq!(answers(&place), sound, "a database that passes verify is right");
            }
            assert!(
                codes.contains(&ran.code),
                "{length}: {command:?}: {}: {}",
                ran.code,
                ran.stderr
            );
            if ran.code == 4 && command[0] != "doctor" {
                assert!(ran.stderr.contains("\nhint: "), "{length}: {command:?}: {}", ran.stderr);
            }
            for left in ["oneseat.db-wal", "oneseat.db-shm", "oneseat.db-verified"] {
                let _none = std::fs::remove_file(place.path(left));
            }
        }
    }
}

#[test]
fn a_schema_that_somebody_changed_is_found() {
    for (change_it, code, told) in [
        ("DROP INDEX voidings_by_snapshot", 1, "the index voidings_by_snapshot is missing"),
        (
            "CREATE TRIGGER evil AFTER INSERT ON journal BEGIN DELETE FROM journal; END",
            4,
            "the trigger \"evil\" on \"journal\" does not belong to this program",
        ),
        (
            "DROP VIEW voided_snapshots; CREATE VIEW voided_snapshots AS SELECT 0 AS snapshot_id",
            4,
            "the view \"voided_snapshots\" was changed",
        ),
    ] {
        let place = ledger();
        // SQLite lets anybody drop a view that other views depend on.
        change(&place, &format!("PRAGMA legacy_alter_table = on; {change_it}"));
        let ran = place.run(&["verify"]);
        assert_eq!(ran.code, code, "{change_it}: {}{}", ran.stdout, ran.stderr);
        let words = format!("{}{}", ran.stdout, ran.stderr);
        let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains(told), "{change_it}: {words}");
    }
    // An object that a user adds is not the program's.
    let place = ledger();
    change(&place, "CREATE TABLE my_notes (text); CREATE VIEW my_own AS SELECT 1 AS one");
    assert_eq!(place.run(&["verify"]).code, 0);
}

#[test]
fn a_trigger_in_the_file_does_not_run() {
    let place = ledger();
    change(&place, "CREATE TRIGGER evil AFTER INSERT ON voidings BEGIN DELETE FROM journal; END");
    let ran = place.run(&["snapshots", "void", "1", "--reason", "no"]);
    assert_eq!(ran.code, 4, "{}", ran.stderr);
    let lines = || {
        let connection = Connection::open(place.path("oneseat.db")).expect("a database");
        connection.query_row("SELECT count(*) FROM journal", [], |row| row.get::<_, i64>(0))
    };
    assert_eq!(lines(), Ok(1));
    // So is a trigger on a table that a user added.
    change(&place, "DROP TRIGGER evil; CREATE TABLE mine (a)");
    change(&place, "CREATE TRIGGER evil AFTER INSERT ON mine BEGIN DELETE FROM journal; END");
    let ran = place.run(&["snapshots", "void", "1", "--reason", "no"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(lines(), Ok(2));
}

#[test]
fn damaged_text_behind_a_view_is_no_wrong_statement() {
    let place = ledger();
    change(&place, "UPDATE states SET content = '[' WHERE state_id = 3");
    let asked = ["query", "SELECT * FROM account_history"];
    let ran = place.run(&asked);
    assert_eq!(ran.code, 4, "{}", ran.stderr);
    assert!(ran.stderr.contains("hint: `oneseat verify` lists the damage"), "{}", ran.stderr);
    let ran = place.run(&["query", "SELECT json_extract('[', '$')"]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
}

#[cfg(unix)]
#[test]
fn no_permission_is_told() {
    use std::os::unix::fs::PermissionsExt as _;
    use std::os::unix::process::CommandExt as _;
    let place = ledger();
    let set = |path: &Path, mode: u32| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("a mode");
    };
    set(&place.path("oneseat.db"), 0o000);
    // Root may read everything. Then another user asks, with a copy of the program that the user may run.
    let program = place.path("program");
    std::fs::copy(env!("CARGO_BIN_EXE_oneseat"), &program).expect("a copy");
    set(&program, 0o755);
    set(place.path("program").parent().expect("the place"), 0o755);
    let root = std::fs::read(place.path("oneseat.db")).is_ok();
    for command in ["consumption", "verify", "doctor"] {
        let mut asked = std::process::Command::new(&program);
        asked.arg("--db").arg(place.path("oneseat.db")).arg(command);
        if root {
            asked.uid(65534).gid(65534);
        }
        let ran = asked.output().expect("the program runs");
        let told = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert_eq!(ran.status.code(), Some(4), "{command}: {told}");
        assert!(
            told.contains("cannot be opened") && told.contains("permissions"),
            "{command}: {told}"
        );
    }
}
