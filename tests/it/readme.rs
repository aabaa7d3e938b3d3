//! The commands in README and the pages of docs/ are true: every `$ oneseat …` in them is run, and its output
//! on an 80-column terminal is compared. `ONESEAT_BLESS=1` writes the present output into the pages whose commands
//! ask the demo; read the difference before you commit it.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::common::Place;

/// A command, and the output that a page shows.
struct Shown {
    command: String,
    lines: Vec<String>,
}

/// The pages whose commands ask the demo, each independently.
const PAGES: [&str; 5] = [
    "README.md",
    "docs/administrator.md",
    "docs/auditor.md",
    "docs/controller.md",
    "docs/cookbook.md",
];

fn page(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The page whose commands build on each other.
const SESSION: &str = include_str!("../../docs/mistakes.md");

/// The commands in the blocks of a page that begin with this fence.
fn shown(page: &str, fence: &str) -> Vec<Shown> {
    let mut found: Vec<Shown> = Vec::new();
    for block in page.split(&format!("```{fence}\n")).skip(1) {
        let block = block.split("\n```").next().unwrap_or_default();
        for line in block.lines() {
            match (line.strip_prefix("$ oneseat "), found.last_mut()) {
                (Some(command), _) => {
                    found.push(Shown { command: command.to_owned(), lines: Vec::new() });
                }
                // An open quotation continues on the next line, as in a shell.
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

/// The demo, made as README makes it. Commands that name no database use the demo's.
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
fn what_the_pages_show_is_true() {
    let (place, demo) = demo();
    let pages = PAGES.map(|name| std::fs::read_to_string(page(name)).expect("a page"));
    let shown: Vec<(usize, Shown)> = (0..)
        .zip(&pages)
        .flat_map(|(number, page)| shown(page, "console").into_iter().map(move |it| (number, it)))
        .collect();
    assert!(shown.len() >= 25, "the pages show {} commands", shown.len());
    let queries = shown.iter().filter(|(_, it)| it.command.starts_with("query "));
    assert!(queries.count() >= 11);
    let mut now = pages.clone();
    let mut wrong = Vec::new();
    for (number, Shown { command, lines }) in shown {
        let words = words(&command.replace("oneseat-demo", &demo)).expect("closed quotes");
        let ran = place.run(&words);
        assert_eq!(ran.code, 0, "{command}: {}", ran.stderr);
        let terminal = place.run_on_a_terminal(&words, 80);
        let printed: Vec<&str> = terminal.trim_end().lines().map(str::trim_end).collect();
        let wanted: Vec<&str> = lines.iter().map(String::as_str).collect();
        let (start, rest) = match wanted.split_last() {
            Some((&"…", start)) => (start, &["…"][..]),
            _ => (&wanted[..], &[][..]),
        };
        let is_same = if rest.is_empty() { printed == start } else { printed.starts_with(start) };
        if !is_same {
            let shown =
                if rest.is_empty() { printed.len() } else { start.len().min(printed.len()) };
            let block = |lines: &[&str]| format!("$ oneseat {command}\n{}\n", lines.join("\n"));
            let present = block(&[&printed[..shown], rest].concat());
            now[number] = now[number].replace(&block(&wanted), &present);
            wrong.push(format!("$ oneseat {command}\n{terminal}"));
        }
    }
    if std::env::var_os("ONESEAT_BLESS").is_some() {
        for (name, (now, was)) in PAGES.iter().zip(now.iter().zip(&pages)) {
            if now != was {
                std::fs::write(page(name), now).expect("a page");
            }
        }
        return;
    }
    assert!(wrong.is_empty(), "the pages show something else:\n{}", wrong.join("\n"));
}

/// Whether the output has these lines, where `…` stands for any number of lines.
fn has(printed: &[&str], wanted: &[&str]) -> bool {
    let mut rest = printed;
    for (number, part) in wanted.split(|line| *line == "…").enumerate() {
        let places = if number == 0 { 0..=0 } else { 0..=rest.len() };
        let found = places.into_iter().find(|at| rest[*at..].starts_with(part));
        let Some(at) = found else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.is_empty() || wanted.last() == Some(&"…")
}

#[test]
fn lines_that_are_left_out_are_marked() {
    let printed = ["a", "b", "c", "d"];
    for wanted in
        [&["a", "b", "c", "d"][..], &["a", "…"], &["…", "c", "…"], &["a", "…", "d"], &["…"]]
    {
        assert!(has(&printed, wanted), "{wanted:?}");
    }
    for wanted in [&["a", "b", "c"][..], &["b", "…"], &["…", "d", "c", "…"], &["a", "…", "c"]]
    {
        assert!(!has(&printed, wanted), "{wanted:?}");
    }
}

/// Runs the program in a folder, as a reader who follows a page would. Returns its exit code and its output,
/// messages first.
fn follow(folder: &Path, words: &[String]) -> (Option<i32>, String) {
    let mut program = Command::new(env!("CARGO_BIN_EXE_oneseat"));
    program.args(words).current_dir(folder).env_clear();
    program.env("HOME", folder).env("COLUMNS", "80").env("ONESEAT_DB", "oneseat-demo/oneseat.db");
    let output = program.output().expect("the program");
    let said = [output.stderr, output.stdout].concat();
    (output.status.code(), String::from_utf8_lossy(&said).into_owned())
}

#[test]
fn the_worked_mistake_goes_as_its_page_says() {
    let place = Place::new();
    let folder = place.path(".");
    assert_eq!(follow(&folder, &["demo".to_owned()]).0, Some(0), "the demo");
    let commands = shown(SESSION, "console session");
    assert!(commands.len() >= 13, "the page shows {} commands", commands.len());
    let mut wrong = Vec::new();
    for Shown { command, mut lines } in commands {
        let exit_code = |line: &String| {
            line.strip_prefix("[exit code ")?.strip_suffix("]")?.parse::<i32>().ok()
        };
        let code = lines.last().and_then(exit_code);
        lines.truncate(lines.len() - usize::from(code.is_some()));
        let (ended, said) = follow(&folder, &words(&command).expect("closed quotes"));
        let printed: Vec<&str> = said.trim_end().lines().map(str::trim_end).collect();
        let wanted: Vec<&str> = lines.iter().map(String::as_str).collect();
        if ended != Some(code.unwrap_or(0)) || !has(&printed, &wanted) {
            wrong.push(format!("$ oneseat {command}\n{said}[exit code {ended:?}]"));
        }
    }
    assert!(wrong.is_empty(), "the page shows something else:\n{}", wrong.join("\n"));
}
