//! For each evidence code, a person who takes two licenses, on three dates: the duplicate appears, is fixed,
//! and the next Cloud report confirms the fix. `fixtures/scenarios/CODE` has the files and, in `case.json`, the
//! answer of every command. The test also checks that the commands of every scenario agree with each other.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::common::{Place, fixtures};
use crate::counting_property::CODES;
use crate::examples::{case, imported, list, text, unlike_expected};

/// Every scenario, by its evidence code.
fn folders() -> BTreeMap<String, PathBuf> {
    let folders = std::fs::read_dir(fixtures().join("scenarios")).expect("the scenarios");
    let folders = folders.map(|entry| entry.expect("a folder").path());
    folders
        .map(|path| {
            let name = path.file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
            (name, path)
        })
        .collect()
}

/// Imports a scenario and runs its declarations.
fn told(folder: &Path) -> Place {
    let (place, wrong) = imported(folder);
    assert_eq!(wrong, Vec::<String>::new(), "{}", folder.display());
    for command in list(&case(folder)["commands"]) {
        let words: Vec<&str> = list(command).iter().map(text).collect();
        place.json(&words);
    }
    place
}

#[test]
fn every_evidence_code_has_a_scenario() {
    let there: BTreeSet<String> = folders().into_keys().collect();
    assert_eq!(there, CODES.map(str::to_owned).into());
}

#[test]
fn every_scenario_gives_its_expected_answers() {
    let mut wrong = Vec::new();
    for (code, folder) in folders() {
        let unlike = unlike_expected(&folder, &told(&folder));
        wrong.extend(unlike.into_iter().map(|it| format!("{code}: {it}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn all_commands_tell_the_same_story() {
    for (code, folder) in folders() {
        Story::of(&code, &folder).check();
    }
}

/// A scenario and its instants.
struct Story {
    code: String,
    place: Place,
    who: String,
    before: String,
    appears: String,
    fixed: String,
    confirmed: String,
}

impl Story {
    fn of(code: &str, folder: &Path) -> Story {
        let story = case(folder)["story"].clone();
        let said = |key: &str| text(&story[key]).to_owned();
        Story {
            code: code.to_owned(),
            place: told(folder),
            who: said("who"),
            before: said("before"),
            appears: said("appears"),
            fixed: said("fixed"),
            confirmed: said("confirmed"),
        }
    }

    fn check(&self) {
        let Story { code, before, appears, fixed, confirmed, .. } = self;
        for (at, doubles, over) in
            [(before, 0, 0), (appears, 1, 1), (fixed, 0, 0), (confirmed, 0, 0)]
        {
            assert_eq!(self.doubles(at), doubles, "{code}: doubles at {at}");
            let consumed = self.consumed(at);
            assert_eq!(consumed, self.consumed(confirmed) + over, "{code}: consumed at {at}");
            assert_eq!(self.in_trend(at, "consumed"), consumed, "{code}: the trend at {at}");
        }
        for (from, to, licenses) in
            [(before, appears, 1), (appears, fixed, -1), (fixed, confirmed, 0)]
        {
            self.check_diff(from, to, licenses);
        }
        // GitHub sees the fix at its next sync, and then reports as many as the program computes.
        assert_eq!(self.in_trend(fixed, "reported"), self.consumed(fixed) + 1, "{code}");
        assert_eq!(self.in_trend(confirmed, "reported"), self.consumed(confirmed), "{code}");
        self.check_explained();
    }

    fn doubles(&self, at: &str) -> usize {
        let answer = self.place.json(&["duplicates", "--as-of", at]);
        let items = list(&answer["items"]);
        for item in items {
            let codes: Vec<&str> =
                list(&item["evidence"]).iter().map(|it| text(&it["code"])).collect();
            assert_eq!(codes, [self.code.as_str()], "at {at}");
            assert_eq!(text(&item["since"]), self.appears, "{}", self.code);
        }
        items.len()
    }

    fn consumed(&self, at: &str) -> i64 {
        number(&self.place.json(&["consumption", "--as-of", at])["consumed"])
    }

    fn in_trend(&self, at: &str, what: &str) -> i64 {
        let trend = self.place.json(&["trend"]);
        let point = list(&trend["points"]).iter().find(|point| text(&point["at"]) == at);
        number(&point.expect("a point at each snapshot")[what])
    }

    fn check_diff(&self, from: &str, to: &str, licenses: i64) {
        let diff = self.place.json(&["diff", from, to]);
        let of = |movement: &str| number(&diff["movements"][movement]);
        let gained = of("joined") + of("unmatched") - of("left") - of("matched");
        assert_eq!(gained, licenses, "{}: {diff:#}", self.code);
        let (opening, closing) =
            (number(&diff["from"]["consumed"]), number(&diff["to"]["consumed"]));
        assert_eq!((opening, closing), (self.consumed(from), self.consumed(to)), "{}", self.code);
    }

    /// First the person's two licenses and the fix, then the one license and its reason. The history has a line
    /// for each date.
    fn check_explained(&self) {
        let Story { code, who, appears, fixed, confirmed, .. } = self;
        let person = |at: &str| {
            let answer = self.place.json(&["explain", who, "--as-of", at]);
            assert_eq!(list(&answer["people"]).len(), 1, "{code}: {answer:#}");
            answer["people"][0].clone()
        };
        let double = person(appears);
        let found = self.place.json(&["duplicates", "--as-of", appears])["items"][0].clone();
        for key in ["confidence", "evidence", "nearest_miss", "fix", "since"] {
            assert_eq!(double["duplicate"][key], found[key], "{code}: {key}");
        }
        assert_eq!(double["takes_license"], json!(true), "{code}");
        for at in [fixed, confirmed] {
            let person = person(at);
            assert_eq!(person["duplicate"], Value::Null, "{code}: at {at}");
            assert_eq!(person["takes_license"], json!(true), "{code}: at {at}");
            assert!(list(&person["accounts"]).len() >= 2, "{code}: one license for both accounts");
            let history = list(&person["history"]);
            let dated = |at: &str| history.iter().any(|line| text(&line["from"]) == at);
            assert!(dated(fixed), "{code}: {history:#?}");
        }
    }
}

fn number(value: &Value) -> i64 {
    value.as_i64().expect("a number")
}
