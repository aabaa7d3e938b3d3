//! The gallery of errors: each folder of `fixtures/errors` has a file that is refused, and the exact message.
//! `ONESEAT_BLESS=1` writes the present message; read the difference before you commit it.

use std::path::Path;

use serde_json::Value;

use crate::common::{Place, fixtures};

#[test]
fn every_refused_file_is_told_of_as_written_down() {
    let mut wrong = Vec::new();
    let entries = std::fs::read_dir(fixtures().join("errors")).expect("the gallery");
    let mut folders: Vec<_> = entries.map(|entry| entry.expect("a folder").path()).collect();
    folders.sort();
    for folder in &folders {
        let (code, told) = refused(folder);
        let expected = folder.join("told.txt");
        if std::env::var_os("ONESEAT_BLESS").is_some() {
            std::fs::write(&expected, &told).expect("writable");
        }
        if code != 3 {
            wrong.push(format!("{}: exit code {code}", folder.display()));
        }
        if std::fs::read_to_string(&expected).unwrap_or_default() != told {
            wrong.push(format!("{}: {told}", folder.display()));
        }
    }
    assert!(folders.len() > 100, "the gallery is there");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The exit code and standard error.
fn refused(folder: &Path) -> (i32, String) {
    let case = std::fs::read_to_string(folder.join("case.json")).expect("case.json");
    let case: Value = serde_json::from_str(&case).expect("JSON");
    let file = folder.join(case["file"].as_str().expect("a file"));
    let mut command = vec!["import".to_owned(), file.display().to_string()];
    command.extend(
        case["args"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|it| it.as_str().expect("a word").to_owned()),
    );
    let place = Place::new();
    let ran = place.run(&command);
    assert_eq!(place.run(&["consumption"]).code, 7, "{}: nothing is stored", folder.display());
    (ran.code, ran.stderr.replace(&format!("{}/", folder.display()), ""))
}
