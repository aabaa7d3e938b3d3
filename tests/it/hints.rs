//! Hints name only options that exist: options of the command that prints the hint, or of the one that the hint
//! names.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Value, json};

use crate::common::{NOW, Place, TestMachine};
use crate::fetching::host::{Host, Reply};
use crate::fetching::machine;

/// Every option in a text: `--` and letters.
fn options(text: &str) -> BTreeSet<String> {
    let pieces = text.split("--").skip(1);
    let names = pieces.map(|piece| {
        piece.chars().take_while(|it| it.is_ascii_lowercase() || *it == '-').collect::<String>()
    });
    let names = names.map(|name| name.trim_end_matches('-').to_owned());
    names.filter(|name| name.len() > 1).collect()
}

/// The options of a command, from its help.
fn options_of(command: &[&str]) -> BTreeSet<String> {
    let ran = Place::new().run(&[command, &["--help"]].concat());
    assert_eq!(ran.code, 0, "{command:?}");
    let lines = ran.stdout.lines().map(str::trim_start);
    let lines = lines.filter(|line| line.starts_with('-'));
    lines.flat_map(options).collect()
}

/// The names of all commands and subcommands.
fn commands() -> Vec<Vec<String>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/help");
    let files = std::fs::read_dir(folder).expect("the helps");
    let helps =
        files.map(|it| std::fs::read_to_string(it.expect("a file").path()).expect("a help"));
    // A name may have a hyphen of its own, so it is read from the usage, not from the name of the file.
    let words = helps.map(|help| {
        let usage = help.lines().find_map(|line| line.strip_prefix("Usage: oneseat"));
        let words = usage.expect("a usage").split_whitespace();
        let own = words.take_while(|it| it.starts_with(|first: char| first.is_ascii_lowercase()));
        own.map(str::to_owned).collect()
    });
    words.collect()
}

#[test]
fn what_texts_say_of_a_command_is_there() {
    let known: BTreeMap<String, BTreeSet<String>> = commands()
        .iter()
        .map(|command| {
            let words: Vec<&str> = command.iter().map(String::as_str).collect();
            (command.join(" "), options_of(&words))
        })
        .collect();
    let all: BTreeSet<&String> = known.values().flatten().collect();
    assert!(known.len() > 40 && all.len() > 40, "{} {}", known.len(), all.len());
    let mut wrong = Vec::new();
    let mut seen = 0;
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            // Style sheets have names with two hyphens, too, and say nothing of options.
            if path.extension().is_none_or(|it| it == "css") {
                continue;
            }
            let text = std::fs::read_to_string(&path).expect("a source").replace("\\\n", " ");
            for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
                // Other programs have options of their own.
                if ["gh api", "ghe-", "--jq", "cargo "].iter().any(|other| line.contains(other)) {
                    continue;
                }
                for option in options(line) {
                    seen += 1;
                    if !all.contains(&option) {
                        wrong.push(format!("{}: no command has --{option}", path.display()));
                    }
                }
                // The text after a command's name, up to the end of the quotation, belongs to that command.
                for said in line.split("oneseat ").skip(1) {
                    let said = said.split(['`', '"', ';']).next().unwrap_or_default();
                    let words: Vec<&str> = said.split_whitespace().collect();
                    let longest = (1..=words.len().min(2)).rev().map(|n| words[..n].join(" "));
                    let Some(command) = longest.into_iter().find(|it| known.contains_key(it))
                    else {
                        continue;
                    };
                    for option in options(said) {
                        if !known[&command].contains(&option) {
                            wrong.push(format!("{}: {command} has no --{option}", path.display()));
                        }
                    }
                }
            }
        }
    }
    assert!(seen > 60, "{seen}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A report with this many people.
fn report(people: usize, consumed: usize) -> Value {
    let users: Vec<Value> = (0..people)
        .map(|person| {
            json!({"github_com_login": format!("u{person}"), "github_com_user": true,
                "license_type": "Enterprise", "enterprise_server_user_ids": []})
        })
        .collect();
    json!({"total_seats_consumed": consumed, "total_seats_purchased": 99, "users": users})
}

/// The hints in a command's standard error, line by line.
fn hints(stderr: &str) -> Vec<&str> {
    stderr.lines().filter_map(|line| line.trim_start().strip_prefix("hint:")).collect()
}

fn check(command: &[&str], stderr: &str) {
    let has = options_of(command);
    let told = hints(stderr);
    assert!(!told.is_empty(), "{command:?}: {stderr}");
    for hint in told {
        // Another command in a hint has its own options, which the test above checks.
        if hint.contains("oneseat ") || hint.contains('`') {
            continue;
        }
        for option in options(hint) {
            assert!(has.contains(&option), "{command:?} has no --{option}: {hint}");
        }
    }
}

fn fetch(place: &Place, machine: &TestMachine, body: Value, name: &str, now: &str) -> String {
    let host = Host::start(move |request, _| match request.is("/consumed-licenses") {
        true => Reply::json(&body),
        false => Reply::error(404, "Not Found"),
    });
    let words = ["fetch", "cloud", "--enterprise", name, "--api-url", &host.url];
    place.run_on(machine, &words, b"", now).stderr
}

#[test]
fn a_doubt_about_a_fetched_answer_names_what_fetch_takes() {
    let (place, machine) = (Place::new(), machine());
    let file = place.write("c.json", report(25, 25).to_string().as_bytes()).display().to_string();
    place.json(&["import", &file, "--enterprise", "corp", "--taken-at", "2026-09-01"]);
    let command = ["fetch", "cloud"];
    // Another enterprise's people, with other bytes and with the same.
    for body in [report(24, 24), report(25, 25)] {
        let stderr = fetch(&place, &machine, body, "labs", NOW);
        assert!(stderr.contains("accept_new = \"REASON\""), "{stderr}");
        assert!(
            !stderr.contains("--accept-new") && !stderr.contains("--enterprise corp"),
            "{stderr}"
        );
        check(&command, &stderr);
    }
    // A short answer, and another one of the same second.
    check(&command, &fetch(&place, &machine, report(60, 99), "corp", NOW));
    fetch(&place, &machine, report(26, 26), "corp", NOW);
    let stderr = fetch(&place, &machine, report(27, 27), "corp", NOW);
    assert!(!stderr.contains("--replace"), "{stderr}");
}

#[test]
fn a_doubt_about_a_file_names_what_the_command_takes() {
    let place = Place::new();
    let write = |name: &str, text: String| place.write(name, text.as_bytes()).display().to_string();
    let server = |ids: std::ops::Range<u32>, mark: &str| {
        let mut text = "created_at,id,login,email,role,suspended?\n".to_owned();
        for id in ids {
            let hour = if mark == "x" { 5 } else { 6 };
            text += &format!(
                "2021-03-04T0{hour}:06:07Z,{id},{mark}{id},{mark}{id}@x.example,user,false\n"
            );
        }
        text
    };
    let cloud = write("c.json", report(25, 25).to_string());
    place.json(&["import", &cloud, "--enterprise", "corp", "--taken-at", "2026-09-01"]);
    let one = write("one.csv", server(1..31, "x"));
    place.json(&["import", &one, "--host", "one.example", "--taken-at", "2026-09-01"]);
    let other = write("other.csv", server(1..31, "y"));
    let few = write("few.csv", server(1..5, "x"));
    let page = write("page.json", report(20, 99).to_string());
    let next = write("next.json", report(22, 99).to_string());
    let junk = write("junk.csv", "a,b\n1,2\n".to_owned());
    let at = ["--taken-at", "2026-09-08"];
    let runs: [(&str, Vec<&str>, &[&str]); 12] = [
        ("import", vec![&other, "--host", "one.example"], &at),
        ("import", vec![&one, "--host", "two.example"], &at),
        ("import", vec![&few, "--host", "one.example"], &at),
        ("import", vec![&cloud, "--enterprise", "labs"], &at),
        ("import", vec![&page, &next, "--enterprise", "corp"], &at),
        ("import", vec![&other, "--host", "one.example"], &["--taken-at", "2026-09-01"]),
        ("import", vec![&junk], &at),
        ("rehearse", vec![&other, "--host", "one.example"], &[]),
        ("rehearse", vec![&one, "--host", "two.example"], &[]),
        ("rehearse", vec![&few, "--host", "one.example"], &[]),
        ("rehearse", vec![&page, &next], &[]),
        ("rehearse", vec![&junk], &[]),
    ];
    for (command, words, more) in runs {
        let ran = place.run(&[&[command], words.as_slice(), more].concat());
        assert_eq!(ran.code, 3, "{command} {words:?}: {}", ran.stderr);
        check(&[command], &ran.stderr);
    }
}
