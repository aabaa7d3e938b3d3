//! An enterprise that is asked for and that nobody ever named is a wrong command line, with near names, whatever is
//! asked (interface.md section 1): every command is tried.

use serde_json::json;

use crate::common::Place;

/// Commands that take the name of an enterprise in, or ask no database at all.
const ELSEWHERE: [&str; 9] =
    ["import", "fetch", "config", "tables", "formats", "demo", "restore", "completions", "man"];

/// Every other one, with what it wants.
const ASKING: [&[&str]; 41] = [
    &["consumption"],
    &["duplicates"],
    &["explain", "ada"],
    &["trend"],
    &["diff", "2026-09-01", "2026-09-01"],
    &["diff", "2026-09-01", "2026-09-01", "--summary"],
    &["reconcile"],
    &["rehearse", "c.json"],
    &["check"],
    &["reclaim"],
    &["crosswalk"],
    &["crosswalk", "--bodies"],
    &["seats"],
    &["seats", "--period", "month"],
    &["query", "SELECT 1"],
    &["query", "SELECT count(*) FROM accounts"],
    &["query", "SELECT count(*) FROM seats"],
    &["query", "not even SQL"],
    &["export", "accounts"],
    &["export", "seats"],
    &["questions"],
    &["questions", "list"],
    &["questions", "add", "q", "SELECT 1"],
    &["questions", "run", "q"],
    &["snapshots"],
    &["snapshots", "list"],
    &["snapshots", "show", "1"],
    &["snapshots", "export", "1"],
    &["snapshots", "void", "1", "--reason", "r"],
    &["snapshots", "restore", "1"],
    &["sources"],
    &["sources", "list"],
    &["sources", "rename", "corp", "crop"],
    &["sources", "retire", "corp", "--from", "2026-01-01"],
    &["links"],
    &["links", "add", "corp:ada", "h:1", "--reason", "r"],
    &["journal"],
    &["verify"],
    &["recount"],
    &["backup", "copy.db"],
    &["doctor"],
];

fn place() -> Place {
    let place = Place::new();
    let report = json!({"total_seats_consumed": 1, "total_seats_purchased": 100, "users": [
        {"github_com_login": "ada", "github_com_user": true, "license_type": "Enterprise",
            "enterprise_server_user_ids": []}]});
    let file = place.write("c.json", report.to_string().as_bytes()).display().to_string();
    place.json(&["import", &file, "--enterprise", "corp", "--taken-at", "2026-09-01"]);
    place
}

#[test]
fn an_unknown_enterprise_is_a_wrong_command_line_whatever_is_asked() {
    let place = place();
    let before = std::fs::read(place.path("oneseat.db")).expect("the database");
    for command in ASKING {
        let ran = place.run(&[command, &["--enterprise", "crop"]].concat());
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{command:?}: {}", ran.stderr);
        assert!(ran.stderr.contains("did you mean corp?"), "{command:?}: {}", ran.stderr);
    }
    assert_eq!(std::fs::read(place.path("oneseat.db")).expect("the database"), before);
    assert!(!place.path("copy.db").exists());
    for command in ASKING.iter().filter(|it| {
        !["rehearse", "questions", "links", "sources", "snapshots", "backup"].contains(&it[0])
    }) {
        let ran = place.run(&[command, ["--enterprise", "corp"].as_slice()].concat());
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
fn every_command_is_tried() {
    let help = Place::new().run(&["--help"]).stdout;
    let commands = help.split("\nCommands:\n").nth(1).expect("a list of commands");
    let lines = commands.lines().take_while(|line| !line.is_empty());
    let names = lines.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let mut found = 0;
    for name in names.filter_map(|line| line.split_whitespace().next()) {
        let is_asked = ASKING.iter().any(|command| command[0] == name);
        assert!(is_asked != ELSEWHERE.contains(&name) || name == "help", "{name}");
        found += 1;
    }
    assert!(found >= 30, "{found}");
}
