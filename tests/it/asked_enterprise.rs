//! An enterprise that no file or declaration ever named is a usage error with near names (interface.md section
//! 1). The test tries every command.

use serde_json::json;

use oneseat::command::{About, Database};

use crate::common::{Place, questions};

/// Commands that take an enterprise and are no plain questions.
const MORE: [&[&str]; 13] = [
    &["query", "SELECT 1"],
    &["query", "not even SQL"],
    &["questions", "add", "q", "SELECT 1"],
    &["questions", "run", "q"],
    &["snapshots", "void", "1", "--reason", "r"],
    &["snapshots", "restore", "1"],
    &["sources", "rename", "corp", "crop"],
    &["sources", "retire", "corp", "--from", "2026-01-01"],
    &["links", "add", "corp:ada", "h:1", "--reason", "r"],
    &["verify"],
    &["recount"],
    &["backup", "copy.db"],
    &["doctor"],
];

/// Every command line that takes an enterprise.
fn asking(file: &str) -> Vec<Vec<String>> {
    let day = "2026-09-01T00:00:00Z";
    let words = [("WHO", "ada"), ("FROM", day), ("TO", day), ("FILE", file)];
    let more = MORE.iter().map(|it| it.iter().map(|&word| word.to_owned()).collect());
    let mut all = questions(&words);
    all.retain(|command| about(&command[0]).database == Database::Asks);
    all.extend(more);
    all
}

fn about(name: &str) -> &'static About {
    let mut commands = oneseat::COMMANDS.iter().map(|command| &command.about);
    commands.find(|about| about.name == name).expect("a command of the list")
}

fn place() -> Place {
    let place = Place::new();
    let report = json!({"total_seats_consumed": 1, "total_seats_purchased": 100, "users": [
        {"github_com_login": "ada", "github_com_user": true, "license_type": "Enterprise",
            "enterprise_server_user_ids": []}]});
    let file = place.write("c.json", report.to_string().as_bytes()).display().to_string();
    place.json(&["import", &file, "--enterprise", "corp", "--taken-at", "2026-09-01"]);
    place
}

fn with(command: &[String], enterprise: &str) -> Vec<String> {
    [command, &["--enterprise".to_owned(), enterprise.to_owned()]].concat()
}

#[test]
fn an_unknown_enterprise_is_a_wrong_command_line_whatever_is_asked() {
    let place = place();
    let before = std::fs::read(place.path("oneseat.db")).expect("the database");
    let asking = asking(&place.path("c.json").display().to_string());
    for command in &asking {
        let ran = place.run(&with(command, "crop"));
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{command:?}: {}", ran.stderr);
        assert!(ran.stderr.contains("did you mean corp?"), "{command:?}: {}", ran.stderr);
    }
    assert_eq!(std::fs::read(place.path("oneseat.db")).expect("the database"), before);
    assert!(!place.path("copy.db").exists());
    for command in asking.iter().filter(|it| {
        !["rehearse", "questions", "links", "sources", "snapshots", "backup"]
            .contains(&it[0].as_str())
    }) {
        let ran = place.run(&with(command, "corp"));
        assert!(ran.code != 2 || command[1] == "not even SQL", "{command:?}: {}", ran.stderr);
    }
}

#[test]
fn a_name_is_asked_for_as_it_was_known() {
    let place = place();
    let on = ["--known-on", "2026-11-22T12:00:00Z"];
    let rename = ["sources", "rename", "corp", "octo"];
    let ran = place.run_with(&rename, b"", "2026-11-23T12:00:00Z");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    for command in [
        ["snapshots"].as_slice(),
        &["snapshots", "list"],
        &["consumption"],
        &["export", "accounts"],
    ] {
        for (name, known, code) in
            [("corp", true, 0), ("octo", true, 2), ("corp", false, 2), ("octo", false, 0)]
        {
            let known: &[&str] = if known { &on } else { &[] };
            let ran = place.run(&[command, &["--enterprise", name], known].concat());
            assert_eq!(ran.code, code, "{command:?} {name} {known:?}: {}", ran.stderr);
        }
    }
}

#[test]
fn every_command_that_asks_is_tried() {
    let asking = asking("c.json");
    let asks = oneseat::COMMANDS.iter().filter(|it| it.about.database == Database::Asks);
    let mut found = 0;
    // `restore` asks the database nothing.
    for name in asks.map(|it| it.about.name).filter(|name| *name != "restore") {
        assert!(asking.iter().any(|command| command[0] == name), "{name}");
        found += 1;
    }
    assert!(found >= 20, "{found}");
}
