//! docs/ and the program agree in both directions: cited sections, commands, forms of answers, exit codes.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use regex_lite::Regex;

use crate::common::Place;

const INTERFACE: &str = include_str!("../../docs/interface.md");
const README: &str = include_str!("../../README.md");

/// The texts of the repository: sources, tests, benches, schema, the pages in fixtures, documents.
fn texts() -> Vec<(PathBuf, String)> {
    fn walk(path: &Path, found: &mut Vec<(PathBuf, String)>) {
        // What npm has installed for the tests in a browser is not ours.
        if path.ends_with("node_modules") {
            return;
        }
        if path.is_dir() {
            let entries = std::fs::read_dir(path).expect("a folder");
            entries.for_each(|entry| walk(&entry.expect("an entry").path(), found));
        } else if path.extension().is_some_and(|it| ["rs", "sql", "md"].iter().any(|of| it == *of))
        {
            found.push((path.to_owned(), std::fs::read_to_string(path).expect("a text")));
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for name in
        ["src", "tests", "benches", "schema", "docs", "fuzz/fuzz_targets", "fixtures/examples"]
    {
        walk(&root.join(name), &mut found);
    }
    for name in ["README.md", "CONTRIBUTING.md"] {
        walk(&root.join(name), &mut found);
    }
    assert!(found.len() > 300, "the texts are found: {}", found.len());
    found
}

/// The numbers of the sections of a page.
fn sections(page: &str) -> BTreeSet<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(page);
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    let headings = text.lines().filter_map(|line| line.strip_prefix("## "));
    let numbers = headings.filter_map(|heading| heading.split_once(". "));
    numbers.map(|(number, _)| number.to_owned()).collect()
}

#[test]
fn every_section_that_is_cited_is_there() {
    let citation = Regex::new(r"\b([a-z-]+\.md),?\s+sections? ((?:\d+[a-c]?(?:, | and | to )?)+)")
        .expect("a pattern");
    let number = Regex::new(r"\d+").expect("a pattern");
    let (mut cited, mut wrong) = (0, Vec::new());
    for (path, text) in texts() {
        // A citation may continue on the next line of a comment.
        let comments = Regex::new(r"\n\s*(?://[/!]?|--)? ?").expect("a pattern");
        let text = comments.replace_all(&text, " ");
        for found in citation.captures_iter(&text) {
            let there = sections(&found[1]);
            for number in number.find_iter(&found[2]) {
                cited += 1;
                if !there.contains(number.as_str()) {
                    wrong.push(format!("{}: {}", path.display(), &found[0]));
                }
            }
        }
    }
    assert!(cited > 200, "the citations are found: {cited}");
    assert!(wrong.is_empty(), "no page of docs/ has:\n{}", wrong.join("\n"));
}

#[test]
fn every_form_of_an_answer_is_in_the_interface_and_the_reverse() {
    let form = Regex::new(r"oneseat\.[a-z-]+/\d+").expect("a pattern");
    let forms = |text: &str| -> BTreeSet<String> {
        form.find_iter(text).map(|found| found.as_str().to_owned()).collect()
    };
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let there = texts()
        .iter()
        .filter(|(path, _)| path.starts_with(&source))
        .flat_map(|(_, it)| forms(it))
        .collect();
    let told = forms(INTERFACE);
    assert!(told.len() > 25, "the forms are found: {}", told.len());
    assert_eq!(told, there);
}

#[test]
fn every_command_is_in_the_interface_and_the_reverse() {
    let help = Place::new().run(&["--help"]).stdout;
    let commands: BTreeSet<&str> = help
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect();
    assert!(commands.len() > 25, "the commands are found: {commands:?}");
    let named = Regex::new(r"`oneseat ([a-z]+)[^`]*`").expect("a pattern");
    let told: BTreeSet<&str> = named
        .captures_iter(INTERFACE)
        .filter_map(|found| found.get(1))
        .map(|name| name.as_str())
        .collect();
    assert_eq!(told.difference(&commands).collect::<Vec<_>>(), Vec::<&&str>::new(), "no command");
    assert_eq!(commands.difference(&told).collect::<Vec<_>>(), Vec::<&&str>::new(), "not listed");
}

#[test]
fn every_exit_code_is_told_in_both_tables() {
    use oneseat::error::ErrorKind;
    let kinds = [
        ErrorKind::Usage,
        ErrorKind::Input,
        ErrorKind::Database,
        ErrorKind::Output,
        ErrorKind::Remote,
        ErrorKind::Nothing,
        ErrorKind::Bug,
    ];
    // Neither is an error: success, and success with findings.
    let codes = [0, 1].into_iter().chain(kinds.map(ErrorKind::exit_code)).collect::<BTreeSet<u8>>();
    for (name, page) in [("README.md", README), ("docs/interface.md", INTERFACE)] {
        let rows = page.lines().filter_map(|line| line.strip_prefix("| ")?.split_once(" | "));
        let told: BTreeSet<u8> = rows.filter_map(|(code, _)| code.parse().ok()).collect();
        assert_eq!(told, codes, "{name}");
    }
}
