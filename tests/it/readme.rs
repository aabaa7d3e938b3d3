//! The README's session is true: every `$ oneseat …` in it is run and its output compared.

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
            match line.strip_prefix("$ oneseat ") {
                Some(command) => {
                    found.push(Shown { command: command.to_owned(), lines: Vec::new() });
                }
                None => found.last_mut().expect("a command first").lines.push(line.to_owned()),
            }
        }
    }
    found
}

#[test]
fn the_session_in_the_readme_is_true() {
    let place = Place::new();
    let demo = place.path("oneseat-demo");
    let ran = place.run(&["demo", &demo.display().to_string()]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let shown = shown();
    assert!(shown.len() >= 4, "the README shows a session");
    for Shown { command, lines } in shown {
        let command = command.replace("oneseat-demo", &demo.display().to_string());
        let ran = place.run(&command.split(' ').collect::<Vec<_>>());
        assert_eq!(ran.code, 0, "{command}: {}", ran.stderr);
        let printed: Vec<&str> = ran.stdout.lines().map(str::trim_end).collect();
        let wanted: Vec<&str> = lines.iter().map(String::as_str).collect();
        match wanted.split_last() {
            Some((&"…", start)) => assert_eq!(printed[..start.len()], *start, "{command}"),
            _ => assert_eq!(printed, wanted, "{command}"),
        }
    }
}
