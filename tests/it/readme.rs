//! The README's session is true: every `$ oneseat …` in it is run and what an 80-column terminal shows compared.

use crate::common::Place;

/// A command and what the README shows of its output.
struct Shown {
    command: String,
    lines: Vec<String>,
}

fn shown() -> Vec<Shown> {
    let readme = include_str!("../../README.md");
    let mut found: Vec<Shown> = Vec::new();
    for block in readme.split("```console\n").skip(1) {
        let block = block.split("\n```").next().unwrap_or_default();
        for line in block.lines() {
            match (line.strip_prefix("$ oneseat "), found.last_mut()) {
                (Some(command), _) => {
                    found.push(Shown { command: command.to_owned(), lines: Vec::new() });
                }
                // A quote that is open goes on, as in a shell.
                (None, Some(last)) if last.lines.is_empty() && words(&last.command).is_none() => {
                    last.command.push('\n');
                    last.command.push_str(line);
                }
                (None, last) => last.expect("a command first").lines.push(line.to_owned()),
            }
        }
    }
    found
}

fn words(command: &str) -> Option<Vec<String>> {
    shlex::split(command)
}

/// The demo as the README makes it; where a command names no database, it is the demo's.
fn demo() -> (Place, String) {
    let place = Place::new();
    let demo = place.path("oneseat-demo");
    let folder = demo.display().to_string();
    let ran = place.run(&["demo", &folder]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let database = std::fs::read(demo.join("oneseat.db")).expect("the demo's database");
    place.write("oneseat.db", &database);
    (place, folder)
}

#[test]
fn the_session_in_the_readme_is_true() {
    let (place, demo) = demo();
    let shown = shown();
    assert!(shown.len() >= 16, "the README shows a session and a cookbook");
    assert!(shown.iter().filter(|it| it.command.starts_with("query ")).count() >= 11);
    let mut wrong = Vec::new();
    for Shown { command, lines } in shown {
        let words = words(&command.replace("oneseat-demo", &demo)).expect("closed quotes");
        let ran = place.run(&words);
        assert_eq!(ran.code, 0, "{command}: {}", ran.stderr);
        let terminal = place.run_on_a_terminal(&words, 80);
        let printed: Vec<&str> = terminal.trim_end().lines().map(str::trim_end).collect();
        let wanted: Vec<&str> = lines.iter().map(String::as_str).collect();
        let same = match wanted.split_last() {
            Some((&"…", start)) => printed.starts_with(start),
            _ => printed == wanted,
        };
        if !same {
            wrong.push(format!("$ oneseat {command}\n{terminal}"));
        }
    }
    assert!(wrong.is_empty(), "the README shows something else:\n{}", wrong.join("\n"));
}
