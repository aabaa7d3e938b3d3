//! The worked cases of `fixtures/examples`, which are part of the counting rules, and the cases of
//! `fixtures/cases`: files as people really have them, with what the program reports about them.

use std::path::Path;

use oneseat::model::{DayMeans, Instant};
use serde_json::Value;

use crate::common::{Place, Ran, fixtures};

/// Cases that need something the program cannot do yet, with the reason.
const NOT_YET: &[(&str, &str)] = &[];

#[test]
fn every_worked_case_gives_its_expected_answer() {
    let cases = every_case_of("examples");
    assert_eq!(cases, 64, "all worked cases are there");
}

#[test]
fn what_people_have_on_disk_is_read_or_refused_as_it_should_be() {
    every_case_of("cases");
}

/// Runs every case in a folder of fixtures, and returns their number.
fn every_case_of(folder: &str) -> usize {
    let mut failures = Vec::new();
    let mut cases = 0;
    let mut folders: Vec<_> = std::fs::read_dir(fixtures().join(folder))
        .expect("the cases")
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
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    cases
}

/// Where a case's results differ from what it expects.
fn differences(folder: &Path) -> Vec<String> {
    let (place, mut wrong) = imported(folder);
    wrong.extend(unlike_expected(folder, &place));
    wrong
}

/// The content of the folder's `case.json`.
pub fn case(folder: &Path) -> Value {
    let case = std::fs::read_to_string(folder.join("case.json")).expect("case.json");
    serde_json::from_str(&case).expect("JSON")
}

/// A folder with a case's imports, and what went wrong. An import has `file` or `files`, its `args` (with the
/// path of the case in place of `FOLDER`), the `exit`
/// code, `before` (a command to run first), `modified` (the time of the file's last change), and `says` and
/// `never` (texts on standard error).
pub fn imported(folder: &Path) -> (Place, Vec<String>) {
    let place = Place::new();
    let mut wrong = Vec::new();
    let case = case(folder);
    for import in list(&case["imports"]) {
        if let Some(before) = import.get("before") {
            let before: Vec<&str> = list(before).iter().map(text).collect();
            let ran = place.run(&before);
            if ran.code != 0 {
                wrong.push(format!("{before:?} gives {}: {}", ran.code, ran.stderr));
            }
        }
        let mut arguments = vec!["import".to_owned()];
        let files =
            import.get("files").map_or(std::slice::from_ref(&import["file"]), |it| list(it));
        for name in files.iter().map(text) {
            let bytes = std::fs::read(folder.join(name)).expect("the case's file");
            let file = place.write(name, &bytes);
            if let Some(at) = import.get("modified") {
                let at = Instant::parse(text(at), DayMeans::Start).expect("a time").unix();
                let at = std::time::Duration::from_secs(at.try_into().expect("after 1970"));
                let file = std::fs::File::options().write(true).open(&file).expect("the file");
                file.set_modified(std::time::UNIX_EPOCH + at).expect("its own file");
            }
            arguments.push(file.display().to_string());
        }
        let options = import.get("args").map(list).unwrap_or_default();
        // The configuration of a case lies in its folder.
        let here = folder.display().to_string();
        arguments.extend(options.iter().map(|it| text(it).replace("FOLDER", &here)));
        let ran = place.run(&arguments);
        if i64::from(ran.code) != import["exit"].as_i64().unwrap_or(0) {
            wrong.push(format!("{arguments:?} gives {}: {}", ran.code, ran.stderr));
        }
        check_words(&format!("{arguments:?}"), import, &ran, &mut wrong);
    }
    (place, wrong)
}

/// The answers that differ from what the case expects. A command has the expected part of its `json`, or the
/// `rows` of a `query`, its `exit` code, and `says` and `never`.
pub fn unlike_expected(folder: &Path, place: &Place) -> Vec<String> {
    let mut wrong = Vec::new();
    for expected in list(&case(folder)["expect"]) {
        let mut command: Vec<&str> = list(&expected["command"]).iter().map(text).collect();
        let shown = format!("{command:?}");
        if expected.get("json").is_some() || expected.get("rows").is_some() {
            command.push("--json");
        }
        let ran = place.run(&command);
        let exit = expected["exit"].as_i64().unwrap_or(0);
        if i64::from(ran.code) != exit {
            wrong.push(format!("{shown} gives {}: {}", ran.code, ran.stderr));
            continue;
        }
        check_words(&shown, expected, &ran, &mut wrong);
        for part in ["json", "rows"] {
            let Some(wanted) = expected.get(part) else { continue };
            let named_nothing = wanted.as_object().is_some_and(serde_json::Map::is_empty);
            match serde_json::from_str::<Value>(&ran.stdout) {
                _ if named_nothing => {}
                Ok(answer) => compare(&shown, wanted, &answer, &mut wrong),
                Err(error) => wrong.push(format!("{shown} gives no JSON: {error}")),
            }
        }
    }
    wrong
}

/// Checks the texts that must, or must never, be in the output of a command.
fn check_words(at: &str, expected: &Value, ran: &Ran, wrong: &mut Vec<String>) {
    let printed = format!("{}\n{}", ran.stdout, ran.stderr);
    for (key, wanted) in [("says", true), ("never", false)] {
        let words = expected.get(key).map(list).unwrap_or_default();
        for word in words.iter().map(text).filter(|word| printed.contains(word) != wanted) {
            let what = if wanted { "does not say" } else { "says" };
            wrong.push(format!("{at} {what} {word:?}: {printed}"));
        }
    }
}

/// Compares the keys that are expected; other keys are ignored. A key that begins with a slash is a JSON
/// pointer. Lists are compared element by element, and must have the same length.
fn compare(at: &str, expected: &Value, found: &Value, wrong: &mut Vec<String>) {
    match (expected, found) {
        (Value::Object(members), _) => {
            for (key, member) in members {
                let part = if key.starts_with('/') { found.pointer(key) } else { found.get(key) };
                match part {
                    Some(found) => compare(&format!("{at}.{key}"), member, found, wrong),
                    None => wrong.push(format!("{at}.{key} is missing")),
                }
            }
        }
        (Value::Array(wanted), Value::Array(there)) if wanted.len() == there.len() => {
            for (number, (wanted, there)) in wanted.iter().zip(there).enumerate() {
                compare(&format!("{at}[{number}]"), wanted, there, wrong);
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
