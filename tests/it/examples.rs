//! The worked cases of `fixtures/examples`, which are part of the counting rules.

use std::path::Path;

use serde_json::Value;

use crate::common::{Place, fixtures};

/// Cases that need something that the program does not do yet, and what.
const NOT_YET: [(&str, &str); 0] = [];

#[test]
fn every_worked_case_gives_its_expected_answer() {
    let mut failures = Vec::new();
    let mut cases = 0;
    let mut folders: Vec<_> = std::fs::read_dir(fixtures().join("examples"))
        .expect("the worked cases")
        .map(|entry| entry.expect("a folder").path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    for folder in folders {
        let name = folder.file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
        let wrong = differences(&folder);
        match NOT_YET.iter().find(|(case, _)| name == *case) {
            Some((_, why)) if wrong.is_empty() => {
                failures.push(format!("{name} passes although it should need {why}"));
            }
            Some(_) => {}
            None => failures.extend(wrong.into_iter().map(|it| format!("{name}: {it}"))),
        }
        cases += 1;
    }
    assert_eq!(cases, 40, "all worked cases are there");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// What a case expects and does not get.
fn differences(folder: &Path) -> Vec<String> {
    let (place, mut wrong) = imported(folder);
    wrong.extend(unlike_expected(folder, &place));
    wrong
}

/// What the folder's `case.json` says.
pub fn case(folder: &Path) -> Value {
    let case = std::fs::read_to_string(folder.join("case.json")).expect("case.json");
    serde_json::from_str(&case).expect("JSON")
}

/// A place with what a case imports, and what went wrong.
pub fn imported(folder: &Path) -> (Place, Vec<String>) {
    let place = Place::new();
    let mut wrong = Vec::new();
    let case = case(folder);
    for import in list(&case["imports"]) {
        let file = folder.join(text(&import["file"]));
        let mut arguments = vec!["import".to_owned(), file.display().to_string()];
        arguments.extend(list(&import["args"]).iter().map(|it| text(it).to_owned()));
        let ran = place.run(&arguments);
        if i64::from(ran.code) != import["exit"].as_i64().unwrap_or(0) {
            wrong.push(format!("{arguments:?} gives {}: {}", ran.code, ran.stderr));
        }
    }
    (place, wrong)
}

/// The answers that are not as the case expects them.
pub fn unlike_expected(folder: &Path, place: &Place) -> Vec<String> {
    let mut wrong = Vec::new();
    for expected in list(&case(folder)["expect"]) {
        let mut command: Vec<&str> = list(&expected["command"]).iter().map(text).collect();
        command.push("--json");
        let ran = place.run(&command);
        match serde_json::from_str::<Value>(&ran.stdout) {
            Ok(answer) if ran.code == 0 => {
                compare(&format!("{command:?}"), &expected["json"], &answer, &mut wrong);
            }
            _ => wrong.push(format!("{command:?} gives {}: {}", ran.code, ran.stderr)),
        }
    }
    wrong
}

/// The part of an answer that is named must be equal; keys that are not named are not looked at. A key that begins
/// with a slash is a JSON pointer.
fn compare(at: &str, expected: &Value, found: &Value, wrong: &mut Vec<String>) {
    match expected {
        Value::Object(members) => {
            for (key, member) in members {
                let part = if key.starts_with('/') { found.pointer(key) } else { found.get(key) };
                match part {
                    Some(found) => compare(&format!("{at}.{key}"), member, found, wrong),
                    None => wrong.push(format!("{at}.{key} is missing")),
                }
            }
        }
        _ if expected == found => {}
        _ => wrong.push(format!("{at} is {found}, expected {expected}")),
    }
}

pub fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

pub fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}
