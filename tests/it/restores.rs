//! `oneseat restore`, and the log beside a database. A log that does not belong to the file is refused,
//! wherever the file came from. A file that was moved away or swapped during a write is reported correctly.

use std::io::Read;
use std::path::Path;

/// Later than the clock of any process in these tests.
const LATER: &str = "2126-01-01T00:00:00Z";

use oneseat::model::{DayMeans, Instant};
use oneseat::{World, run};
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::common::{NOW, Place, Ran, TestMachine};

fn report(day: u32) -> String {
    let users: Vec<String> = (0..40 + day)
        .map(|user| {
            format!(
                r#"{{"github_com_user":true,"github_com_login":"user-{user}","github_com_name":"User {day} {user}",
                "github_com_member_roles":["corp:Member"],"license_type":"Enterprise"}}"#
            )
        })
        .collect();
    format!(
        r#"{{"total_seats_consumed":{},"total_seats_purchased":99,"users":[{}]}}"#,
        users.len(),
        users.join(",")
    )
}

fn words(place: &Place, day: u32) -> Vec<String> {
    let file = place.write(&format!("report-{day}.json"), report(day).as_bytes());
    let file = file.display().to_string();
    let day = format!("2026-03-{day:02}");
    ["import", &file, "--enterprise", "corp", "--taken-at", &day].map(str::to_owned).to_vec()
}

fn import(place: &Place, day: u32) -> Ran {
    place.run(&words(place, day))
}

fn done(ran: &Ran) {
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
}

fn ledger(days: u32) -> Place {
    let place = Place::new();
    (1..=days).for_each(|day| done(&import(&place, day)));
    place
}

fn bytes(place: &Place, name: &str) -> Vec<u8> {
    std::fs::read(place.path(name)).unwrap_or_default()
}

fn names(place: &Place) -> Vec<String> {
    let entries = std::fs::read_dir(place.path("")).expect("the place");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .filter(|name| !name.starts_with("report-") && !name.ends_with("-verified"))
        .collect();
    names.sort();
    names
}

fn days(place: &Place) -> usize {
    place.json(&["snapshots"])["items"].as_array().expect("items").len()
}

fn restore(place: &Place, name: &str, more: &[&str]) -> Ran {
    let file = place.path(name).display().to_string();
    place.run(&[&["restore", file.as_str()], more].concat())
}

/// Imports these days, and leaves them in the log, as a kill does.
fn killed_after(place: &Place, days: &[u32]) {
    let reader = Connection::open(place.path("oneseat.db")).expect("the database");
    let read = |reader: &Connection| {
        reader.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0))
    };
    read(&reader).expect("a number");
    days.iter().for_each(|day| done(&import(place, *day)));
    let log = bytes(place, "oneseat.db-wal");
    let file = bytes(place, "oneseat.db");
    assert!(log.len() > 4096, "the log has what was stored");
    drop(reader);
    for end in ["-wal", "-shm"] {
        let _not_there = std::fs::remove_file(place.path(&format!("oneseat.db{end}")));
    }
    std::fs::write(place.path("oneseat.db"), file).expect("the earlier file");
    std::fs::write(place.path("oneseat.db-wal"), log).expect("the log");
}

/// Another database, to put in the place of this one, by name.
fn stranger(name: &str) -> Vec<u8> {
    let other = match name {
        "another database" => ledger(3),
        "an empty one" => {
            let place = Place::new();
            assert_eq!(place.run(&["import", "/dev/null"]).code, 3);
            place
        }
        _ => Place::new(),
    };
    bytes(&other, "oneseat.db")
}

#[test]
fn what_is_put_beside_the_log_of_another_is_refused_and_restored_from() {
    let cases =
        ["a backup", "an older copy", "another database", "an empty one", "nothing in it", "cut"];
    for name in cases {
        let place = ledger(3);
        let older = bytes(&place, "oneseat.db");
        done(&place.run(&["backup", &place.path("backup.db").display().to_string()]));
        done(&import(&place, 4));
        killed_after(&place, &[5, 6]);
        assert_eq!(days(&place), 6, "its own log is played");
        killed_after(&place, &[7]);
        let put = match name {
            "a backup" => bytes(&place, "backup.db"),
            "an older copy" => older,
            "nothing in it" => Vec::new(),
            "cut" => older[..60].to_vec(),
            _ => stranger(name),
        };
        std::fs::write(place.path("oneseat.db"), &put).expect("the file");
        let log = bytes(&place, "oneseat.db-wal");
        let day = words(&place, 8);
        let day: Vec<&str> = day.iter().map(String::as_str).collect();
        for asked in [
            &["consumption"][..],
            &["verify"],
            &["query", "SELECT * FROM accounts"],
            &["snapshots", "void", "1", "--reason", "wrong"],
            &["recount"],
            &["backup", "never.db"],
            &day,
        ] {
            let ran = place.run(asked);
            assert_eq!(ran.code, 4, "{name}: {asked:?}: {}{}", ran.stdout, ran.stderr);
            if name != "cut" {
                assert!(ran.stderr.contains("does not belong to it"), "{}", ran.stderr);
                assert!(ran.stderr.contains("`oneseat restore FILE`"), "{}", ran.stderr);
            }
        }
        let looked = place.run(&["doctor", "--json"]);
        assert_eq!(looked.code, 4);
        let looked: Value = serde_json::from_str(&looked.stdout).expect("JSON");
        assert_eq!(looked["database"]["wal_follows"], false, "{name}");
        assert!(bytes(&place, "oneseat.db") == put, "{name}: not destroyed");
        assert!(bytes(&place, "oneseat.db-wal") == log, "{name}: not lost");

        done(&restore(&place, "backup.db", &[]));
        assert_eq!(days(&place), 3, "{name}");
        done(&place.run(&["verify"]));
        done(&import(&place, 9));
        assert!(bytes(&place, "oneseat.db.before-restore") == put, "{name}");
        assert!(bytes(&place, "oneseat.db.before-restore-wal") == log, "{name}");
    }
}

#[test]
fn a_log_with_every_page_is_not_played_into_a_backup_either() {
    // Killed after its first day: the file is as it was created, and everything is in the log.
    let place = Place::new();
    assert_eq!(place.run(&["import", "/dev/null"]).code, 3);
    killed_after(&place, &[1, 2]);
    assert_eq!(days(&place), 2);
    let other = ledger(1);
    done(&other.run(&["backup", &place.path("backup.db").display().to_string()]));
    let place_of = |name: &str| place.path(name).display().to_string();
    let whole = Place::new();
    assert_eq!(whole.run(&["import", "/dev/null"]).code, 3);
    killed_after(&whole, &[1, 2]);
    std::fs::copy(place_of("backup.db"), whole.path("oneseat.db")).expect("put in its place");
    assert_eq!(whole.run(&["consumption"]).code, 4);
}

#[test]
fn the_file_itself_is_restored_where_a_log_was_left_beside_it() {
    let place = ledger(2);
    let older = bytes(&place, "oneseat.db");
    killed_after(&place, &[3]);
    let ran = restore(&place, "oneseat.db", &[]);
    assert_eq!(ran.code, 4, "{}", ran.stderr);
    assert!(ran.stderr.contains("this is the database itself"), "{}", ran.stderr);
    done(&import(&place, 4));
    killed_after(&place, &[5]);
    std::fs::write(place.path("oneseat.db"), &older).expect("an older one");
    assert_eq!(place.run(&["consumption"]).code, 4);
    done(&restore(&place, "oneseat.db", &[]));
    assert_eq!(days(&place), 2);
    done(&place.run(&["verify"]));
}

#[test]
fn a_restore_tells_what_it_did_and_keeps_what_was_there() {
    let place = ledger(2);
    done(&place.run(&["backup", &place.path("backup.db").display().to_string()]));
    let head = place.json(&["verify"])["head"].clone();
    let backup = bytes(&place, "backup.db");
    done(&import(&place, 3));
    let ran = restore(&place, "backup.db", &["--json"]);
    done(&ran);
    let told: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let path = |name: &str| place.path(name).display().to_string();
    assert_eq!(
        told,
        json!({"schema": "oneseat.restore/1", "file": path("backup.db"), "database": path("oneseat.db"),
            "bytes": bytes(&place, "oneseat.db").len(), "head": head, "snapshots_checked": null,
            "kept": path("oneseat.db.before-restore")})
    );
    assert!(bytes(&place, "backup.db") == backup, "the backup stays");
    assert_eq!(names(&place), ["backup.db", "oneseat.db", "oneseat.db.before-restore"]);
    assert_eq!(days(&place), 2);
    let kept = path("oneseat.db.before-restore");
    assert_eq!(
        place.json(&["--db", &kept, "snapshots"])["items"].as_array().map(Vec::len),
        Some(3)
    );
    done(&place.run(&["--db", &kept, "verify"]));
    // Again with a full check, then without keeping the old file.
    let ran = restore(&place, "backup.db", &["--verify", "--json"]);
    done(&ran);
    let told: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!((&told["snapshots_checked"], &told["head"]), (&json!(2), &head));
    assert_eq!(told["kept"], path("oneseat.db.before-restore-1"));
    let before = names(&place);
    let ran = restore(&place, "backup.db", &["--no-keep", "--json"]);
    done(&ran);
    assert_eq!(serde_json::from_str::<Value>(&ran.stdout).expect("JSON")["kept"], Value::Null);
    assert_eq!(names(&place), before);
    // Without a database, and with a link to it.
    let fresh = Place::new();
    std::fs::write(fresh.path("backup.db"), &backup).expect("a copy");
    done(&restore(&fresh, "backup.db", &[]));
    assert_eq!((days(&fresh), names(&fresh)), (2, vec!["backup.db".into(), "oneseat.db".into()]));
    std::fs::rename(fresh.path("oneseat.db"), fresh.path("real.db")).expect("moved");
    std::os::unix::fs::symlink("real.db", fresh.path("oneseat.db")).expect("a link");
    done(&restore(&fresh, "backup.db", &[]));
    assert!(fresh.path("oneseat.db").is_symlink() && fresh.path("real.db.before-restore").exists());
}

#[test]
fn what_is_in_the_log_of_the_database_and_of_the_backup_is_kept_and_restored() {
    let place = ledger(1);
    let backup = ledger(2);
    killed_after(&backup, &[3]);
    killed_after(&place, &[4]);
    let file = backup.path("oneseat.db").display().to_string();
    done(&place.run(&["restore", &file]));
    assert_eq!(days(&place), 3);
    let kept = place.path("oneseat.db.before-restore").display().to_string();
    assert_eq!(
        place.json(&["--db", &kept, "snapshots"])["items"].as_array().map(Vec::len),
        Some(2)
    );
}

#[test]
fn a_restore_that_cannot_be_changes_nothing() {
    let place = ledger(2);
    done(&place.run(&["backup", &place.path("backup.db").display().to_string()]));
    let backup = bytes(&place, "backup.db");
    let mut damaged = backup.clone();
    damaged[4096..40_960].fill(0x5a);
    let other = Place::new();
    let stranger = Connection::open(other.path("other.db")).expect("a database");
    stranger.execute_batch("CREATE TABLE a (b)").expect("a table");
    drop(stranger);
    for (name, bytes) in [
        ("damaged.db", damaged),
        ("cut.db", backup[..9000].to_vec()),
        ("text.db", vec![b'x'; 9000]),
        ("short.db", b"x".to_vec()),
        ("empty.db", Vec::new()),
        ("other.db", bytes(&other, "other.db")),
    ] {
        std::fs::write(place.path(name), bytes).expect("a file");
    }
    let newer = Connection::open(place.path("newer.db")).expect("a file");
    newer
        .execute_batch(
            "PRAGMA application_id = 0x6f6e6553; PRAGMA user_version = 999; CREATE TABLE a (b)",
        )
        .expect("a newer one");
    drop(newer);
    std::fs::create_dir(place.path("folder")).expect("a folder");
    let before = (names(&place), bytes(&place, "oneseat.db"));
    for name in [
        "damaged.db",
        "cut.db",
        "text.db",
        "short.db",
        "empty.db",
        "other.db",
        "newer.db",
        "folder",
        "nowhere.db",
        "oneseat.db",
    ] {
        let ran = restore(&place, name, &[]);
        assert_eq!(ran.code, 4, "{name}: {}{}", ran.stdout, ran.stderr);
        assert!(ran.stderr.contains(name), "{name}: {}", ran.stderr);
        let after = (names(&place), bytes(&place, "oneseat.db"));
        assert!(after == before, "{name}: {:?}: {}", after.0, ran.stderr);
    }
    // Sound for SQLite, but not for `verify`.
    let changed = Connection::open(place.path("backup.db")).expect("the backup");
    changed.execute_batch("UPDATE stored_snapshots SET rows = 99").expect("a change");
    drop(changed);
    let ran = restore(&place, "backup.db", &["--verify"]);
    assert_eq!(ran.code, 4, "{}", ran.stderr);
    assert!(ran.stderr.contains("finds the backup damaged"), "{}", ran.stderr);
    assert!((names(&place), bytes(&place, "oneseat.db")) == before);
}

#[test]
fn nothing_is_restored_beside_one_who_has_the_database_open() {
    let place = ledger(2);
    done(&place.run(&["backup", &place.path("backup.db").display().to_string()]));
    let other = Connection::open(place.path("oneseat.db")).expect("the database");
    other.execute_batch("BEGIN IMMEDIATE").expect("somebody writes");
    let ran = restore(&place, "backup.db", &[]);
    assert_eq!(ran.code, 4, "{}", ran.stderr);
    assert!(ran.stderr.contains("another process has the database open"), "{}", ran.stderr);
    other.execute_batch("ROLLBACK").expect("nothing written");
    drop(other);
    assert!(!place.path("oneseat.db.before-restore").exists());
    done(&restore(&place, "backup.db", &[]));
}

#[test]
fn a_log_whose_file_is_gone_is_not_lost_to_a_new_database() {
    let place = ledger(1);
    killed_after(&place, &[2]);
    std::fs::rename(place.path("oneseat.db"), place.path("moved.db")).expect("moved");
    let log = bytes(&place, "oneseat.db-wal");
    for ran in [import(&place, 3), place.run(&["consumption"])] {
        assert_eq!(ran.code, 4, "{}{}", ran.stdout, ran.stderr);
        assert!(
            ran.stderr.contains("the database is missing, but its log exists"),
            "{}",
            ran.stderr
        );
    }
    assert!(!place.path("oneseat.db").exists());
    assert!(bytes(&place, "oneseat.db-wal") == log);
    std::fs::rename(place.path("moved.db"), place.path("oneseat.db")).expect("put back");
    assert_eq!(days(&place), 2);
}

/// Gives its bytes, and runs a function before the first of them.
struct Before<F: FnMut()>(F, std::io::Cursor<Vec<u8>>);

impl<F: FnMut()> Read for Before<F> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        if self.1.position() == 0 {
            (self.0)();
        }
        self.1.read(into)
    }
}

/// Imports these files and then a third day from standard input. The function runs during the import.
fn import_while(place: &Place, files: &[&str], happens: impl Fn() + Send + Clone + 'static) -> Ran {
    let mut all = vec!["oneseat".into(), "--db".into(), place.path("oneseat.db").into_os_string()];
    all.push("import".into());
    all.extend(files.iter().map(|file| place.path(file).into_os_string()));
    for word in ["-", "--enterprise", "corp", "--taken-at", "2026-03-09"] {
        if files.is_empty() || word != "--taken-at" && word != "2026-03-09" {
            all.push(word.into());
        }
    }
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let code = run(
        all,
        &mut World {
            stdin: &mut || {
                Box::new(Before(happens.clone(), std::io::Cursor::new(report(9).into_bytes())))
            },
            out: &mut out,
            err: &mut err,
            width: None,
            err_is_terminal: false,
            now: Instant::parse(NOW, DayMeans::End).expect("a time"),
            machine: &TestMachine::default(),
        },
    );
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    Ran { code: code.into(), stdout: text(out), stderr: text(err) }
}

#[test]
fn a_file_swapped_in_during_an_import_is_not_destroyed() {
    let place = ledger(2);
    done(&place.run(&["backup", &place.path("backup.db").display().to_string()]));
    done(&import(&place, 3));
    let backup = bytes(&place, "backup.db");
    let (from, to) = (place.path("backup.db"), place.path("oneseat.db"));
    let swap = move || std::fs::rename(&from, &to).unwrap_or_default();
    let ran = import_while(&place, &[], swap);
    assert_eq!(ran.code, 4, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stderr.contains("removed, or replaced by another file"), "{}", ran.stderr);
    assert!(ran.stderr.contains("nothing was stored"), "{}", ran.stderr);
    assert!(bytes(&place, "oneseat.db") == backup);
    assert_eq!(days(&place), 2);
    done(&place.run(&["verify"]));
}

#[test]
fn an_import_whose_file_was_moved_away_tells_where_what_was_stored_is() {
    let place = ledger(2);
    let (from, to) = (place.path("oneseat.db"), place.path("moved.db"));
    let away = move || std::fs::rename(&from, &to).unwrap_or_default();
    let ran = import_while(&place, &[], away);
    assert_eq!(ran.code, 4, "{}{}", ran.stdout, ran.stderr);
    let moved = place.path("moved.db").display().to_string();
    assert!(ran.stderr.contains(&format!("the file was moved to {moved}")), "{}", ran.stderr);
    assert!(ran.stderr.contains("nothing was stored"), "{}", ran.stderr);
    let items = place.json(&["--db", &moved, "snapshots"])["items"].clone();
    assert_eq!(items.as_array().map(Vec::len), Some(2));
    done(&place.run(&["--db", &moved, "verify"]));
}

#[test]
fn a_read_only_database_with_a_log_is_answered_from_both() {
    use std::os::unix::fs::PermissionsExt as _;
    use std::os::unix::process::CommandExt as _;
    let set = |path: &Path, mode: u32| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("a mode");
    };
    for (name, logged, follows) in
        [("whole", false, true), ("with its log", true, true), ("with another's", true, false)]
    {
        let place = ledger(2);
        let older = bytes(&place, "oneseat.db");
        if logged {
            done(&import(&place, 3));
            killed_after(&place, &[4]);
        }
        if !follows {
            std::fs::write(place.path("oneseat.db"), &older).expect("an older one");
        }
        let program = place.path("program");
        std::fs::copy(env!("CARGO_BIN_EXE_oneseat"), &program).expect("a copy");
        set(&program, 0o755);
        let before = (names(&place), bytes(&place, "oneseat.db"), bytes(&place, "oneseat.db-wal"));
        for file in ["oneseat.db", "oneseat.db-wal"] {
            if place.path(file).exists() {
                set(&place.path(file), 0o444);
            }
        }
        set(&place.path(""), 0o555);
        let root = std::fs::OpenOptions::new().append(true).open(place.path("oneseat.db")).is_ok();
        let asked = |words: &[&str]| {
            let mut asked = std::process::Command::new(&program);
            asked.arg("-q").arg("--db").arg(place.path("oneseat.db")).args(words);
            if root {
                asked.uid(65534).gid(65534);
            }
            asked.output().expect("the program runs")
        };
        for words in [
            &["snapshots", "--json"][..],
            &["query", "SELECT count(*) AS n FROM snapshots", "--json"],
            &["consumption", "--json"],
            &["verify", "--json"],
        ] {
            let answer = asked(words);
            let told = String::from_utf8_lossy(&answer.stderr).into_owned();
            let wanted = if follows { 0 } else { 4 };
            assert_eq!(answer.status.code(), Some(wanted), "{name}: {words:?}: {told}");
            if follows && words[0] == "snapshots" {
                let answer: Value = serde_json::from_slice(&answer.stdout).expect("JSON");
                let days = answer["items"].as_array().map(Vec::len);
                assert_eq!(days, Some(if logged { 4 } else { 2 }), "{name}");
            }
        }
        let answer = asked(&["snapshots", "void", "1", "--reason", "wrong"]);
        assert_eq!(answer.status.code(), Some(4), "{name}");
        set(&place.path(""), 0o755);
        let after = (names(&place), bytes(&place, "oneseat.db"), bytes(&place, "oneseat.db-wal"));
        assert!(after == before, "{name}: {:?}", after.0);
    }
}

/// An import that is killed at any moment leaves a database that opens and is complete.
#[test]
fn what_a_kill_leaves_is_never_refused() {
    let place = ledger(2);
    let words = words(&place, 3);
    for kill in 0..20 {
        let mut import = std::process::Command::new(env!("CARGO_BIN_EXE_oneseat"))
            .arg("--db")
            .arg(place.path("oneseat.db"))
            .args(&words)
            .args(["--taken-at", &format!("2026-04-{:02}", kill + 1)])
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .expect("the program runs");
        std::thread::sleep(std::time::Duration::from_millis(3 * kill));
        let _ended = import.kill();
        import.wait().expect("it ends");
        done(&place.run(&["snapshots"]));
    }
    done(&place.run_with(&["verify"], b"", LATER));
}
