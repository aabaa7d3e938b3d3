//! Several processes at one database, and failures during a command: writers wait for their turn, but not
//! forever; readers never wait; a file that is gone, or may not grow, is reported. The long campaigns with
//! whole processes are `benches/concurrency` and `benches/durability`.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant as Moment};

use oneseat::World;
use oneseat::model::{DayMeans, Instant};
use rusqlite::Connection;
use serde_json::json;

use crate::common::{NOW, Place, Ran, TestMachine};

const HEADER: &str = "created_at,id,login,email,role,suspended?,last_logged_ip,repos,ssh_keys,\
                      org_memberships,dormant?,last_active,raw_login,2fa_enabled?\n";

/// A file of an instance with this many accounts.
fn users(place: &Place, name: &str, accounts: u32) -> String {
    let rows = (1..=accounts)
        .map(|id| format!(",{id},{name}{id},{name}{id}@corp.example,user,false,,,,,false,,,\n"));
    let text = format!("{HEADER}{}", rows.collect::<String>());
    place.write(&format!("{name}.csv"), text.as_bytes()).display().to_string()
}

/// A database with a Cloud account and a Server account.
fn ledger() -> Place {
    let place = Place::new();
    let ann = json!({
        "github_com_login": "ann", "github_com_user": true, "license_type": "Enterprise",
        "github_com_verified_domain_emails": [], "github_com_member_roles": ["a:Member"],
        "github_com_enterprise_roles": ["Member"], "enterprise_server_user_ids": [],
        "enterprise_server_primary_emails": [],
    });
    let cloud = json!({"total_seats_consumed": 1, "total_seats_purchased": 9, "users": [ann]});
    let cloud = place.write("cloud.json", cloud.to_string().as_bytes()).display().to_string();
    let server = users(&place, "bob", 1);
    let host = "--host=ghes.corp.example";
    done(&place.run(&["import", &cloud, "--enterprise=corp", "--taken-at=2026-03-01"]));
    done(&place.run(&["import", &server, host, "--taken-at=2026-03-01"]));
    place
}

fn done(ran: &Ran) {
    assert_eq!(ran.code, 0, "{}", ran.stderr);
}

fn open(place: &Place) -> Connection {
    Connection::open(place.path("oneseat.db")).expect("the database")
}

#[test]
fn a_writer_waits_half_a_minute_and_a_reader_not_at_all() {
    let place = ledger();
    let file = users(&place, "cho", 1);
    let writing: [&[&str]; 5] = [
        &["import", &file, "--host=ghes2.corp.example", "--taken-at=2026-03-02"],
        &["snapshots", "void", "2", "--reason", "a mistake"],
        &["sources", "rename", "ghes.corp.example", "git.corp.example"],
        &["links", "add", "ann", "ghes.corp.example:1", "--reason", "asked"],
        &["questions", "add", "who", "SELECT login FROM accounts"],
    ];
    let asking: [&[&str]; 6] = [
        &["consumption"],
        &["trend"],
        &["verify"],
        &["query", "SELECT count(*) FROM seats"],
        &["snapshots"],
        &["consumption", "--known-on", NOW],
    ];
    let before: Vec<String> = asking.iter().map(|words| place.run(words).stdout).collect();
    let holder = open(&place);
    holder.execute_batch("BEGIN IMMEDIATE; UPDATE states SET content = 'half'").expect("the lock");
    let begun = Moment::now();
    std::thread::scope(|scope| {
        let refused = writing.map(|words| {
            let place = &place;
            scope.spawn(move || (words, place.run(words), begun.elapsed()))
        });
        for (words, before) in asking.iter().zip(&before) {
            let ran = place.run(words);
            done(&ran);
            assert_eq!(ran.stdout, *before, "{words:?}");
        }
        assert!(begun.elapsed() < Duration::from_secs(25), "readers do not wait");
        for writer in refused {
            let (words, ran, waited) = writer.join().expect("a writer");
            let told = format!(
                "oneseat: error: {}: the database is locked by another process that is writing\n",
                place.path("oneseat.db").display()
            );
            assert_eq!(ran.code, 4, "{words:?}: {}", ran.stderr);
            assert!(ran.stderr.starts_with(&told), "{}", ran.stderr);
            let way_out = "hint: wait for the other process to end, then repeat the command\n";
            assert!(ran.stderr.ends_with(way_out), "{}", ran.stderr);
            let seconds = waited.as_secs();
            assert!((29..90).contains(&seconds), "{words:?} waited {seconds} s");
        }
    });
    holder.execute_batch("ROLLBACK").expect("no lock");
    for words in writing {
        done(&place.run(words));
    }
    done(&place.run(&["verify"]));
}

/// While a new file is written in place, nobody can read it.
#[test]
fn a_question_waits_five_seconds_for_a_first_import() {
    let place = ledger();
    let writing = open(&place);
    writing.pragma_update(None, "journal_mode", "delete").expect("no log");
    writing.execute_batch("BEGIN EXCLUSIVE").expect("it is written");
    for words in [&["consumption"][..], &["explain", "ann"]] {
        let begun = Moment::now();
        let ran = place.run(words);
        let waited = begun.elapsed();
        assert_eq!((ran.code, ran.stdout.as_str()), (4, ""), "{}", ran.stderr);
        assert!(ran.stderr.contains("the database is locked by another process"), "{}", ran.stderr);
        assert!((Duration::from_secs(4)..Duration::from_secs(20)).contains(&waited), "{waited:?}");
    }
    writing.execute_batch("COMMIT").expect("it is written");
    drop(writing);
    done(&place.run(&["explain", "ann"]));
}

#[test]
fn a_writer_goes_on_when_its_turn_comes() {
    let place = ledger();
    let holder = open(&place);
    holder.execute_batch("BEGIN IMMEDIATE").expect("the lock");
    let void = ["snapshots", "void", "2", "--reason", "a mistake"];
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| place.run(&void));
        std::thread::sleep(Duration::from_millis(300));
        assert!(!writer.is_finished(), "it waits");
        holder.execute_batch("COMMIT").expect("no lock");
        done(&writer.join().expect("a writer"));
    });
    assert_eq!(place.json(&["consumption"])["sources"].as_array().map(Vec::len), Some(1));
}

#[test]
fn many_first_imports_at_once_are_all_stored() {
    for _ in 0..5 {
        let place = Place::new();
        let files: Vec<String> = (0..8).map(|it| users(&place, &format!("u{it}x"), 3)).collect();
        std::thread::scope(|scope| {
            let import = |number: usize, file: &str| {
                let host = format!("--host=ghes{number}.corp.example");
                place.run(&["import", file, &host, "--taken-at=2026-03-01"])
            };
            let running: Vec<_> = files
                .iter()
                .enumerate()
                .map(|(number, file)| scope.spawn(move || import(number, file)))
                .collect();
            running.into_iter().for_each(|it| done(&it.join().expect("an import")));
        });
        assert_eq!(place.json(&["consumption"])["consumed"], 24);
        done(&place.run(&["verify"]));
    }
}

#[test]
fn who_waited_is_not_known_before_who_was_first() {
    let place = ledger();
    let void = |action: &str, now: &str| {
        done(&place.run_with(&["snapshots", action, "2", "--reason", "a mistake"], b"", now));
        let sql = "SELECT json_extract(entry, '$.at') FROM journal ORDER BY line DESC LIMIT 1";
        open(&place).query_row(sql, [], |row| row.get::<_, String>(0)).expect("a line")
    };
    assert_eq!(void("void", "2026-11-22T12:00:09Z"), "2026-11-22T12:00:09Z");
    assert_eq!(void("restore", "2026-11-22T12:00:01Z"), "2026-11-22T12:00:09Z");
    // A clock that was wrong by more than an hour does not keep later times wrong.
    assert_eq!(void("void", "2026-11-22T10:00:00Z"), "2026-11-22T10:00:00Z");
    done(&place.run_with(&["verify"], b"", "2026-11-22T12:00:09Z"));
}

/// Standard input that runs a function when it is read.
struct Meanwhile<F: FnMut()> {
    text: std::io::Cursor<Vec<u8>>,
    act: Option<F>,
}

impl<F: FnMut()> Read for Meanwhile<F> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if let Some(mut act) = self.act.take() {
            act();
        }
        self.text.read(buffer)
    }
}

/// Imports standard input into a database. The function runs during the import.
fn import_while(database: &Path, text: &[u8], act: fn(PathBuf)) -> (u8, String) {
    let words = ["oneseat", "--db"].map(Into::into).into_iter();
    let words = words.chain([database.into()]).chain(
        ["import", "-", "--host=ghes2.corp.example", "--taken-at=2026-03-02"].map(Into::into),
    );
    let mut err = Vec::new();
    let folder = database.parent().expect("a folder").to_owned();
    let code = oneseat::run(
        words.collect(),
        &mut World {
            stdin: &mut || {
                let folder = folder.clone();
                let act = Some(move || act(folder.clone()));
                Box::new(Meanwhile { text: std::io::Cursor::new(text.to_vec()), act })
            },
            out: &mut std::io::sink(),
            err: &mut err,
            width: None,
            err_is_terminal: false,
            now: Instant::parse(NOW, DayMeans::End).expect("a time"),
            machine: &TestMachine::default(),
        },
    );
    (code, String::from_utf8(err).expect("UTF-8"))
}

#[cfg(unix)]
#[test]
fn a_folder_that_vanishes_under_an_import_is_told_of() {
    let removed = |folder: PathBuf| std::fs::remove_dir_all(folder).expect("removed");
    let moved = |folder: PathBuf| {
        std::fs::rename(&folder, folder.with_extension("moved")).expect("moved");
    };
    for (act, is_moved) in [(removed as fn(PathBuf), false), (moved as fn(PathBuf), true)] {
        let place = ledger();
        let file = users(&place, "cho", 3);
        let text = std::fs::read(file).expect("the file");
        // A folder of its own within the test's folder, which stays.
        std::fs::create_dir(place.path("books")).expect("a folder");
        let database = place.path("books/oneseat.db");
        std::fs::copy(place.path("oneseat.db"), &database).expect("a copy");
        let (code, told) = import_while(&database, &text, act);
        assert_eq!(code, 4, "{told}");
        let name = database.display();
        assert!(told.contains(&format!("{name}: ")), "{told}");
        assert!(told.contains("hint: "), "{told}");
        assert!(!database.exists());
        if is_moved {
            let place = place.path("books.moved/oneseat.db").display().to_string();
            let ran = Place::new().run(&["--db", &place, "verify"]);
            done(&ran);
        }
    }
}

#[cfg(unix)]
#[test]
fn a_limit_on_the_size_of_files_is_an_error_and_no_signal() {
    let place = ledger();
    let before = place.run(&["consumption"]).stdout;
    let file = users(&place, "cho", 2000);
    let script = "ulimit -f 64; exec \"$0\" \"$@\"";
    let ran = std::process::Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_oneseat"), "--db"])
        .arg(place.path("oneseat.db"))
        .args(["import", &file, "--host=ghes2.corp.example", "--taken-at=2026-03-02"])
        .output()
        .expect("sh");
    let told = String::from_utf8_lossy(&ran.stderr);
    assert_eq!(ran.status.code(), Some(4), "{:?} {told}", ran.status);
    let name = place.path("oneseat.db").display().to_string();
    assert!(told.starts_with(&format!("oneseat: error: {name}: the database cannot be")), "{told}");
    assert!(told.contains("a limit on the size of files is reached"), "{told}");
    assert!(told.contains("`ulimit -f`"), "{told}");
    assert_eq!(place.run(&["consumption"]).stdout, before);
    done(&place.run(&["verify"]));
    done(&place.run(&["import", &file, "--host=ghes2.corp.example", "--taken-at=2026-03-02"]));
}
