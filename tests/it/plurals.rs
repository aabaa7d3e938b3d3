//! "1 license is", "2 licenses are": a number and its words agree (`counted` and `agreeing` in `src/table`).

use std::path::{Path, PathBuf};

use regex_lite::Regex;

/// The nouns that stand after numbers, and verbs after "more".
const PLURALS: &str = "accounts|addresses|bytes|cells|characters|columns|commands|cost centers|days|duplicates|\
    elements|enterprises|fields|files|findings|groups|hosts|instances|instants|invitations|licenses|lines|links|\
    lists|members|minutes|objects|others|pages|people|points|promises|questions|records|requests|resources|rows|\
    seats|seconds|snapshots|sources|steps|subscriptions|tables|things|times|values|warnings|more (?:are|have|were)";

fn files(folder: &Path, endings: &[&str], found: &mut Vec<(PathBuf, String)>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files(&path, endings, found);
        } else if path.extension().is_some_and(|it| endings.iter().any(|ending| it == *ending)) {
            let bytes = std::fs::read(&path).expect("readable");
            found.push((path, String::from_utf8_lossy(&bytes).into_owned()));
        }
    }
}

/// What the program prints for the refused files, the golden files and the worked cases, and in the sessions of
/// the documents. What an old program stored stays as it is, so old databases are left out.
#[test]
fn nothing_that_is_printed_has_one_of_many() {
    let plural = format!(r"(?:^|[^0-9.,:#/-])1 (?:[a-z]+ )?(?:{PLURALS})\b");
    let plural = Regex::new(&plural).expect("a pattern");
    assert!(plural.is_match("1 more rows") && !plural.is_match("21 rows, 1 row"));
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut printed, mut wrong) = (Vec::new(), Vec::new());
    for (folder, endings) in [("docs", &["md"][..]), ("fixtures", &["txt", "json"])] {
        files(&root.join(folder), endings, &mut printed);
    }
    assert!(printed.len() > 300, "what is printed is found: {}", printed.len());
    for (path, text) in printed {
        if path.starts_with(root.join("fixtures/databases")) {
            continue;
        }
        let found = plural.find_iter(&text);
        wrong.extend(found.map(|found| format!("{}: {}", path.display(), found.as_str())));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
