//! The long help of every command, compared with `fixtures/help`. Newcomers read it, so every change is
//! reviewed. `ONESEAT_BLESS=1` writes the present help; read the difference before you commit it.

use std::collections::BTreeSet;

use unicode_width::UnicodeWidthStr;

use crate::common::{Place, fixtures};

/// The subcommands that a help text lists.
fn listed(help: &str) -> Vec<String> {
    let section = help.split("\nCommands:\n").nth(1).unwrap_or_default();
    let lines = section.lines().take_while(|line| !line.is_empty());
    let names = lines.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let names = names.filter_map(|line| line.split_whitespace().next());
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}

/// Every command with its long help, the program itself first.
fn helps() -> Vec<(Vec<String>, String)> {
    let place = Place::new();
    let mut found: Vec<(Vec<String>, String)> = Vec::new();
    let mut left: Vec<Vec<String>> = vec![Vec::new()];
    while let Some(command) = left.pop() {
        let ran = place.run(&[command.as_slice(), &["--help".to_owned()]].concat());
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{command:?}");
        for name in listed(&ran.stdout) {
            left.push([command.as_slice(), &[name]].concat());
        }
        found.push((command, ran.stdout));
    }
    assert!(found.len() > 35, "the commands are found: {}", found.len());
    found
}

#[test]
fn every_long_help_is_as_it_was() {
    let folder = fixtures().join("help");
    let bless = std::env::var_os("ONESEAT_BLESS").is_some();
    let mut wrong = Vec::new();
    let mut names = BTreeSet::new();
    for (command, help) in helps() {
        let name = [&["oneseat".to_owned()], command.as_slice()].concat().join("-") + ".txt";
        if bless {
            std::fs::create_dir_all(&folder).expect("a folder");
            std::fs::write(folder.join(&name), &help).expect("writable");
        }
        if std::fs::read_to_string(folder.join(&name)).unwrap_or_default() != help {
            wrong.push(format!("{name} is now:\n{help}"));
        }
        names.insert(name);
    }
    let kept = std::fs::read_dir(&folder).expect("fixtures/help");
    let kept: BTreeSet<String> = kept
        .map(|entry| entry.expect("a file").file_name().to_string_lossy().into_owned())
        .collect();
    wrong.extend(kept.difference(&names).map(|name| format!("{name} is of no command")));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_help_has_an_example_and_fits_a_terminal() {
    let mut wrong = Vec::new();
    for (command, help) in helps() {
        let name = command.join(" ");
        let words: Vec<&str> = help.split_whitespace().collect();
        let example = format!("Example: oneseat {name}");
        // The example of a group may be one of its commands'.
        if !words.join(" ").contains(example.trim_end()) {
            wrong.push(format!("oneseat {name}: no example"));
        }
        let wide = help.lines().filter(|line| line.width() > 80);
        wrong.extend(wide.map(|line| format!("oneseat {name}: {line}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The error has no hint where an option is parsed, so the list stands in the message.
#[test]
fn a_value_that_is_in_no_list_is_refused_with_the_list() {
    let place = Place::new();
    for (words, known) in [
        (&["consumption", "--format", "JSON"][..], "table, json, ndjson"),
        (&["import", "--input-format", "nope", "x.json"], "cloud-consumed-licenses-json, "),
        (&["rehearse", "--input-format", "nope", "x.json"], "cloud-consumed-licenses-json, "),
        (&["trend", "--by", "hour"], "snapshot, day, week"),
        (&["seats", "--by", "team"], "organization, role, kind"),
        (&["seats", "--period", "snapshot"], "are: day, week, month"),
        (&["export", "nope"], "sources, snapshots, accounts"),
        (&["tables", "nope"], "sources, snapshots, accounts"),
    ] {
        let ran = place.run(words);
        assert_eq!(ran.code, 2, "{words:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(known), "{words:?}: {}", ran.stderr);
    }
}
