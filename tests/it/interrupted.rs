//! An interrupted program leaves no temporary file. The next run sweeps what a kill leaves, and `doctor`
//! reports it. Real processes, real signals.

use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::common::{Place, Ran};

/// A statement that runs as long as a statement may.
const LONG: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) \
                    SELECT count(*) FROM n a, n b";

fn done(ran: &Ran) {
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
}

fn ledger(people: u32) -> Place {
    let place = Place::new();
    let users: Vec<String> = (0..people)
        .map(|user| format!(r#"{{"github_com_user":true,"github_com_login":"user-{user}","github_com_member_roles":["corp:Member"]}}"#))
        .collect();
    let text = format!(r#"{{"total_seats_consumed":{people},"users":[{}]}}"#, users.join(","));
    let file = place.write("report.json", text.as_bytes()).display().to_string();
    done(&place.run(&["import", &file, "--enterprise", "corp", "--taken-at", "2026-03-01"]));
    place
}

/// Files whose names begin as those of temporary files do.
fn temporary(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let names = entries.map(|it| it.expect("an entry").file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = names.filter(|name| name.starts_with('.')).collect();
    names.sort();
    names
}

fn start(place: &Place, words: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_oneseat"));
    command.arg("--db").arg(place.path("oneseat.db")).args(words).current_dir(place.path(""));
    command.env("TMPDIR", place.path(""));
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program runs")
}

/// Waits until a temporary file exists; `false` if the process ended before.
fn has_begun(place: &Place, child: &mut Child) -> bool {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(60) {
        if !temporary(&place.path("")).is_empty() {
            return true;
        }
        if child.try_wait().expect("a process").is_some() {
            return false;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    panic!("nothing temporary is made");
}

fn send(signal: &str, child: &Child) {
    let sent = Command::new("kill").args(["-s", signal, &child.id().to_string()]).status();
    assert!(sent.expect("kill").success());
}

/// Runs a command, sends it a signal while it has a temporary file, and returns how it ended.
fn interrupt(place: &Place, words: &[&str], signal: &str) -> std::process::ExitStatus {
    for _ in 0..20 {
        let mut child = start(place, words);
        if has_begun(place, &mut child) {
            send(signal, &child);
            let ended = child.wait().expect("it ends");
            if ended.signal().is_some() {
                return ended;
            }
        }
        child.wait().expect("it ends");
        assert_eq!(temporary(&place.path("")), Vec::<String>::new());
    }
    panic!("{words:?} always ends before it is interrupted");
}

#[test]
fn an_interrupted_command_leaves_nothing_temporary() {
    let place = ledger(3000);
    let commands: [&[&str]; 6] = [
        &["query", LONG, "-o", "o.csv"],
        &["query", LONG, "-o", "o.xlsx"],
        &["query", LONG, "-o", "o.json"],
        &["backup", "b.db", "--force"],
        &["restore", "c.db", "--verify"],
        &["export", "memberships", "-o", "o.tsv"],
    ];
    done(&place.run(&["backup", &place.path("c.db").display().to_string()]));
    for words in commands {
        for (signal, number) in [("INT", 2), ("TERM", 15), ("HUP", 1)] {
            let ended = interrupt(&place, words, signal);
            // A shell reports 128 plus the number.
            assert_eq!(ended.signal(), Some(number), "{words:?}");
            assert_eq!(temporary(&place.path("")), Vec::<String>::new(), "{words:?}: {signal}");
        }
    }
    done(&place.run(&["verify"]));
}

#[test]
fn a_hangup_that_is_ignored_stays_ignored() {
    let place = ledger(10);
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' HUP; exec \"$@\"", "sh", env!("CARGO_BIN_EXE_oneseat"), "--db"]);
    command.arg(place.path("oneseat.db")).args(["query", LONG, "-o", "o.csv"]);
    let child = command.current_dir(place.path("")).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = child.spawn().expect("a shell");
    assert!(has_begun(&place, &mut child));
    send("HUP", &child);
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(child.try_wait().expect("a process"), None, "it runs on");
    send("TERM", &child);
    assert_eq!(child.wait().expect("it ends").signal(), Some(15));
    assert_eq!(temporary(&place.path("")), Vec::<String>::new());
}

/// SQLite leaves an unfinished rollback journal if it is killed while it switches a file to one. It has no header
/// yet, so it is never applied.
#[test]
fn an_unfinished_rollback_journal_goes_with_the_next_import() {
    let place = ledger(10);
    let consumption = place.json(&["consumption"]);
    let journal = place.path("oneseat.db-journal");
    std::fs::write(&journal, [0; 16_904]).expect("a journal");
    assert_eq!(place.json(&["consumption"]), consumption);
    assert!(journal.exists(), "a question removes nothing");
    let report = std::fs::read(place.path("report.json")).expect("the report");
    let file = place.write("next.json", &report).display().to_string();
    let import = ["import", &file, "--enterprise", "corp", "--taken-at", "2026-03-08"];
    let reader = rusqlite::Connection::open(place.path("oneseat.db")).expect("the database");
    let sql = "SELECT count(*) FROM snapshots";
    let count = |reader: &rusqlite::Connection| -> i64 {
        reader.query_row(sql, [], |row| row.get(0)).expect("a number")
    };
    let before = count(&reader);
    done(&place.run(&import));
    assert!(journal.exists(), "another process has the file open");
    assert!(count(&reader) > before, "and it reads on");
    drop(reader);
    let import = ["import", &file, "--enterprise", "corp", "--taken-at", "2026-03-15"];
    done(&place.run(&import));
    assert!(!journal.exists());
    done(&place.run(&["verify"]));
}

#[test]
fn what_a_kill_leaves_is_told_and_swept_by_the_next() {
    let place = ledger(3000);
    for (words, next) in [
        (&["query", LONG, "-o", "o.csv"][..], &["consumption", "-o", "next.json"][..]),
        (&["backup", "b.db", "--force"], &["backup", "next.db"]),
    ] {
        interrupt(&place, words, "KILL");
        let left = temporary(&place.path(""));
        assert!(left.len() == 1 && left[0].starts_with(".oneseat-"), "{words:?}: {left:?}");
        let doctor = place.json(&["doctor"]);
        assert_eq!(doctor["database"]["leftovers"], serde_json::json!(left), "{words:?}");
        assert_eq!(doctor["warnings"][0]["code"], "leftovers", "{words:?}");
        // A live process keeps its file, and the next one sweeps the rest.
        let mut living = start(&place, &["query", LONG, "-o", "living.csv"]);
        while !temporary(&place.path(""))
            .iter()
            .any(|name| name.starts_with(".oneseat-output-") && !left.contains(name))
        {
            assert!(living.try_wait().expect("a process").is_none());
            std::thread::sleep(Duration::from_millis(1));
        }
        let file = place.path(next[next.len() - 1]).display().to_string();
        done(&place.run(&[&next[..next.len() - 1], &[file.as_str()]].concat()));
        let held = temporary(&place.path(""));
        assert!(held.len() == 1 && !left.contains(&held[0]), "{words:?}: {held:?} {left:?}");
        assert_eq!(place.json(&["doctor"])["database"]["leftovers"], serde_json::json!([]));
        send("TERM", &living);
        living.wait().expect("it ends");
        assert_eq!(temporary(&place.path("")), Vec::<String>::new());
    }
}

/// The import writes in place. The next command takes back what a kill leaves.
#[test]
fn a_first_import_that_is_killed_leaves_nothing_of_it() {
    // The processes have the machine's clock, and the next command has a later one.
    const LATER: &str = "2100-01-01T00:00:00Z";
    let sound = ledger(3000);
    let expected = sound.json(&["consumption"])["seats"].clone();
    let report = std::fs::read(sound.path("report.json")).expect("the report");
    let mut killed = 0;
    for waited in (0..20).map(|step| Duration::from_millis(step * step)) {
        let place = Place::new();
        let file = place.write("report.json", &report).display().to_string();
        let import = ["import", &file, "--enterprise", "corp", "--taken-at", "2026-03-01"];
        let mut child = start(&place, &import);
        std::thread::sleep(waited);
        send("KILL", &child);
        killed += u32::from(child.wait().expect("it ends").signal().is_some());
        if place.path("oneseat.db").exists() {
            let ran = place.run_with(&["snapshots", "--json"], b"", LATER);
            assert!([0, 7].contains(&ran.code), "{waited:?}: {}{}", ran.stdout, ran.stderr);
        }
        done(&place.run_with(&import, b"", LATER));
        let ran = place.run_with(&["consumption", "--json"], b"", LATER);
        let told: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
        assert_eq!(told["seats"], expected, "{waited:?}");
        done(&place.run_with(&["verify"], b"", LATER));
        assert!(!place.path("oneseat.db-journal").exists(), "{waited:?}");
    }
    assert!(killed > 0, "each of them ended before it was killed");
}
