//! Files of other programs, and names that SQLite reads as something else: hard links, `:memory:`, `file:…`.

use std::process::{Command, Output};

use serde_json::Value;

use crate::common::{Place, Ran};

fn words(place: &Place, day: u32) -> Vec<String> {
    let text = format!(
        r#"{{"total_seats_consumed":1,"users":[{{"github_com_user":true,"github_com_login":"user-{day}"}}]}}"#
    );
    let file = place.write("report.json", text.as_bytes()).display().to_string();
    let day = format!("2026-03-{day:02}");
    ["import", &file, "--enterprise", "corp", "--taken-at", &day].map(str::to_owned).to_vec()
}

fn done(ran: &Ran) {
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn a_database_with_several_names_is_asked_and_not_written() {
    let place = Place::new();
    done(&place.run(&words(&place, 1)));
    let before = std::fs::read(place.path("oneseat.db")).expect("the database");
    std::fs::hard_link(place.path("oneseat.db"), place.path("other.db")).expect("a link");
    for name in ["oneseat.db", "other.db"] {
        let file = place.path(name).display().to_string();
        let import = words(&place, 2);
        let import: Vec<&str> = import.iter().map(String::as_str).collect();
        for asked in [
            &import[..],
            &["snapshots", "void", "1", "--reason", "wrong"],
            &["sources", "set", "corp", "--billing-model", "metered"],
            &["questions", "add", "one", "SELECT 1"],
            &["recount"],
        ] {
            let ran = place.run(&[&["--db", file.as_str()], asked].concat());
            assert_eq!(ran.code, 4, "{asked:?}: {}{}", ran.stdout, ran.stderr);
            assert!(ran.stderr.contains("several names (hard links)"), "{asked:?}: {}", ran.stderr);
            assert!(
                ran.stderr.contains("`oneseat backup NEW` and use it with --db NEW"),
                "{}",
                ran.stderr
            );
        }
        for asked in [&["consumption"][..], &["verify"], &["query", "SELECT 1"], &["snapshots"]] {
            let ran = place.run(&[&["--db", file.as_str()], asked].concat());
            done(&ran);
            assert!(ran.stderr.contains("warning: "), "{asked:?}: {}", ran.stderr);
            assert!(ran.stderr.contains("several names (hard links)"), "{asked:?}: {}", ran.stderr);
        }
        let doctor = place.json(&["--db", &file, "doctor"]);
        assert_eq!(doctor["database"]["names"], 2);
        assert_eq!(doctor["warnings"][0]["code"], "several-names");
    }
    assert!(std::fs::read(place.path("oneseat.db")).expect("the database") == before);
    // Both hints work.
    let copy = place.path("copy.db").display().to_string();
    done(&place.run(&["backup", &copy]));
    let import = words(&place, 2);
    let import: Vec<&str> = import.iter().map(String::as_str).collect();
    done(&place.run(&[&["--db", copy.as_str()], import.as_slice()].concat()));
    std::fs::remove_file(place.path("other.db")).expect("removed");
    done(&place.run(&import));
    assert_eq!(place.json(&["doctor"])["warnings"], serde_json::json!([]));
}

#[test]
fn a_database_of_an_old_schema_with_several_names_is_answered_as_it_is() {
    let place = Place::new();
    done(&place.run(&words(&place, 1)));
    std::fs::hard_link(place.path("oneseat.db"), place.path("other.db")).expect("a link");
    // A view with another text stands for an older program's.
    let connection = rusqlite::Connection::open(place.path("oneseat.db")).expect("the database");
    connection
        .execute_batch("DROP VIEW emails; CREATE VIEW emails AS SELECT 1 AS old")
        .expect("another view");
    drop(connection);
    let before = std::fs::read(place.path("oneseat.db")).expect("the database");
    done(&place.run(&["consumption"]));
    done(&place.run(&["query", "SELECT address FROM emails"]));
    assert!(std::fs::read(place.path("oneseat.db")).expect("the database") == before);
}

#[test]
fn names_that_are_none_to_sqlite_are_files_like_others() {
    let place = Place::new();
    let run = |name: &str, words: &[&str]| -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_oneseat"));
        command.arg("--db").arg(name).args(words).current_dir(place.path(""));
        command.output().expect("the program runs")
    };
    for name in [":memory:", "file:b.db?mode=memory", "file:c.db", "file::memory:", "?x=y#z"] {
        let import = words(&place, 1);
        let import: Vec<&str> = import.iter().map(String::as_str).collect();
        for (asked, wanted) in [
            (&import[..], 0),
            (&["snapshots", "--json"], 0),
            (&["verify"], 0),
            (&["query", "SELECT * FROM accounts"], 0),
            (&["backup", &format!("{name}.copy")], 0),
            (&["restore", &format!("{name}.copy")], 0),
        ] {
            let ran = run(name, asked);
            let told = String::from_utf8_lossy(&ran.stderr);
            assert_eq!(ran.status.code(), Some(wanted), "{name}: {asked:?}: {told}");
            if asked[0] == "snapshots" {
                let told: Value = serde_json::from_slice(&ran.stdout).expect("JSON");
                assert_eq!(told["items"].as_array().map(Vec::len), Some(1), "{name}");
            }
        }
        assert!(std::fs::metadata(place.path(name)).expect("a file").len() > 4096, "{name}");
    }
}

#[test]
fn a_spool_that_is_a_link_or_holds_what_is_not_ours_loses_nothing() {
    let cases = ["root is a link", "a folder is a link", "other files", "deeper", "links to files"];
    for case in cases {
        let place = Place::new();
        let at = |name: &str| place.path(name);
        for folder in ["precious/photos/2019", "precious/letters"] {
            std::fs::create_dir_all(at(folder)).expect("a folder");
        }
        for file in ["photos/2019/a.jpg", "letters/lock", "letters/b.txt", "letters/pages"] {
            std::fs::write(at("precious").join(file), b"x").expect("a file");
        }
        let spool = at("oneseat.db-spool");
        let link = |from: &str, to: &str| {
            std::os::unix::fs::symlink(at(from), at(to)).expect("a link");
        };
        if case != "root is a link" {
            std::fs::create_dir(&spool).expect("a folder");
        }
        match case {
            "root is a link" => link("precious", "oneseat.db-spool"),
            "a folder is a link" => link("precious/letters", "oneseat.db-spool/cloud-corp"),
            "other files" => {
                std::fs::rename(at("precious/letters"), spool.join("letters")).expect("moved");
            }
            "deeper" => std::fs::rename(at("precious"), spool.join("precious")).expect("moved"),
            _ => {
                std::fs::create_dir(spool.join("mine")).expect("a folder");
                link("precious/letters/lock", "oneseat.db-spool/mine/lock");
                link("precious/letters/pages", "oneseat.db-spool/mine/pages");
            }
        }
        // The program's own old spool beside it is removed.
        let old = spool.join("cloud-gone-consumed-licenses");
        if case != "root is a link" {
            std::fs::create_dir(&old).expect("a folder");
            for file in ["lock", "pages", "journal", "consumed-2026-03-01T00-00-00Z.json"] {
                std::fs::write(old.join(file), b"").expect("a file");
            }
        }
        let before = tree(&at(""), &old);
        let ran = Command::new(env!("CARGO_BIN_EXE_oneseat"))
            .arg("--db")
            .arg(at("oneseat.db"))
            .args(["fetch", "cloud", "--enterprise", "corp", "--max-wait", "0s"])
            .args(["--api-url", "http://127.0.0.1:9"])
            .env("GH_TOKEN", "ghp_0123456789abcdefghij0123456789abcdef")
            .output()
            .expect("the program runs");
        assert_eq!(ran.status.code(), Some(6), "{}", String::from_utf8_lossy(&ran.stderr));
        assert_eq!(tree(&at(""), &old), before, "{case}");
        assert!(!old.exists(), "{case}: our spool is swept");
    }
}

/// Everything below a folder, except what is below another.
fn tree(folder: &std::path::Path, apart_from: &std::path::Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path == apart_from {
            continue;
        }
        if path.is_dir() && !path.is_symlink() {
            found.extend(tree(&path, apart_from));
        }
        found.push(path.display().to_string());
    }
    found.sort();
    found
}
