//! Clocks that are wrong (counting.md section 8). What was known follows the order of the journal, so a slow
//! clock changes nothing that was known earlier. Commands, `verify` and `check` report the clock.

use serde_json::{Value, json};

use crate::common::Place;

const FIRST: &str = "2026-06-05T08:00:00Z";
const SECOND: &str = "2026-06-25T08:00:00Z";
/// Twenty days slow.
const SLOW: &str = "2026-06-05T09:00:00Z";
const RIGHT: &str = "2026-07-01T08:00:00Z";

const BEHIND: &str = "oneseat: warning: the clock is behind the journal by 19 d: what is written now counts as known \
                      from 2026-06-25T08:00:00Z on, the newest time in the journal\n";

fn users(logins: &[&str]) -> String {
    let users = logins.iter().map(|it| json!({"github_com_login": it, "github_com_user": true}));
    json!({"users": users.collect::<Vec<_>>()}).to_string()
}

/// Two reports, imported twenty days apart.
fn two() -> Place {
    let place = Place::new();
    for (name, logins, day, now) in [
        ("1.json", &["ann", "bob"][..], "2026-06-05", FIRST),
        ("2.json", &["ann", "bob", "cho"], "2026-06-25", SECOND),
    ] {
        let file = place.write(name, users(logins).as_bytes()).display().to_string();
        done(&place, &["import", &file, "--enterprise", "corp", "--taken-at", day], now);
    }
    place
}

fn done(place: &Place, words: &[&str], now: &str) -> String {
    let ran = place.run_with(words, b"", now);
    assert_eq!(ran.code, 0, "{words:?}: {}", ran.stderr);
    ran.stderr
}

fn answer(place: &Place, words: &[&str], now: &str) -> (i32, Value) {
    let ran = place.run_with(&[words, &["--json"]].concat(), b"", now);
    (ran.code, serde_json::from_str(&ran.stdout).unwrap_or_default())
}

/// The answers to every question about what was known on a day.
fn known(place: &Place, on: &str) -> Vec<String> {
    let asked: [&[&str]; 9] = [
        &["consumption", "--json"],
        &["trend", "--json"],
        &["duplicates", "--json"],
        &["snapshots", "list", "--json"],
        &["sources", "list", "--json"],
        &["links", "list", "--json"],
        &["query", "SELECT * FROM accounts ORDER BY account", "--json"],
        &["query", "SELECT id, voided_at, in_force FROM snapshots", "--json"],
        &["query", "SELECT line, at, command FROM journal", "--json"],
    ];
    let asked = asked.map(|words| {
        let ran = place.run_with(&[words, &["--known-on", on]].concat(), b"", RIGHT);
        assert!([0, 7].contains(&ran.code), "{words:?}: {}", ran.stderr);
        format!("{words:?}: {} {}", ran.code, ran.stdout)
    });
    asked.to_vec()
}

#[test]
fn a_slow_clock_changes_nothing_that_was_known_and_is_told() {
    let late = users(&["ann", "bob", "cho", "dan"]);
    let ways: [&[&str]; 6] = [
        &["snapshots", "void", "1", "--reason", "x"],
        &["import", "late.json", "--enterprise", "corp", "--taken-at", "2026-06-04"],
        &["sources", "set", "corp", "--billing-model", "metered"],
        &["sources", "rename", "corp", "other"],
        &["links", "deny", "ann", "corp:bob", "--reason", "two"],
        &["questions", "add", "one", "SELECT 1"],
    ];
    for way in ways {
        let place = two();
        let path = place.write("late.json", late.as_bytes()).display().to_string();
        let way: Vec<&str> =
            way.iter().map(|it| if *it == "late.json" { path.as_str() } else { it }).collect();
        let (_, verified) = answer(&place, &["verify"], RIGHT);
        let noted = verified["head"].as_str().expect("a head");
        let days = ["2026-06-04", "2026-06-10", "2026-06-25T07:59:59Z"];
        let before = days.map(|on| known(&place, on));
        let ran = place.run_with(&way, b"", SLOW);
        if way[0] == "links" {
            // Two rows of one enterprise are no pair. The warning about the clock comes first.
            assert!(ran.stderr.contains("warning: the clock is behind"), "{}", ran.stderr);
            continue;
        }
        assert_eq!(ran.code, 0, "{way:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(BEHIND), "{way:?}: {}", ran.stderr);
        for (on, before) in days.iter().zip(&before) {
            assert_eq!(&known(&place, on), before, "{way:?}: known on {on}");
        }
        // It is known from the previous line of the journal on.
        let lines = |on: &str| {
            let asked = ["query", "SELECT line FROM journal", "--json", "--known-on", on];
            let ran = place.run_with(&asked, b"", RIGHT);
            let rows: Value = serde_json::from_str(&ran.stdout).expect("JSON");
            rows.as_array().expect("rows").len()
        };
        assert_eq!((lines("2026-06-25T07:59:59Z"), lines(SECOND)), (1, 3), "{way:?}");
        let (code, verified) = answer(&place, &["verify", "--head", noted], RIGHT);
        assert_eq!(code, 0, "{verified}");
        let told = "the clock that wrote line 3 of the journal was behind by 19 d: the line counts as known from \
                    2026-06-25T08:00:00Z on";
        assert!(verified["notes"].as_array().expect("notes").contains(&json!(told)), "{verified}");
        // The finding stays until a command writes with a right clock.
        let check = ["check", "--max-age", "900d", "--enterprise"];
        let name = if way[1] == "rename" { "other" } else { "corp" };
        let (code, checked) = answer(&place, &[&check[..], &[name]].concat(), RIGHT);
        let found = finding(&checked);
        assert_eq!((code, found["severity"].as_str()), (1, Some("warning")), "{checked}");
        assert!(
            found["message"].as_str().is_some_and(|it| it.contains("behind the journal by 19 d"))
        );
        done(&place, &["questions", "add", "two", "SELECT 2"], RIGHT);
        let (code, checked) = answer(&place, &[&check[..], &[name]].concat(), RIGHT);
        assert_eq!((code, finding(&checked)), (0, Value::Null), "{checked}");
    }
}

/// The finding about the clock, if there is one.
fn finding(checked: &Value) -> Value {
    let findings = checked["findings"].as_array().expect("findings");
    findings.iter().find(|it| it["code"] == "clock").cloned().unwrap_or_default()
}

#[test]
fn a_clock_that_is_behind_is_told_by_who_writes_verifies_and_checks_and_by_nobody_else() {
    let place = two();
    let file = place.path("2.json").display().to_string();
    let told: [&[&str]; 5] = [
        &["verify"],
        &["check"],
        &["check", "--as-of", "latest"],
        &["import", &file, "--enterprise", "corp", "--taken-at", "2026-06-25"],
        &["questions", "add", "one", "SELECT 1"],
    ];
    for words in told {
        let ran = place.run_with(words, b"", SLOW);
        assert!(
            ran.stderr.contains("the clock is behind the journal by 19 d"),
            "{words:?}: {}",
            ran.stderr
        );
        assert!(
            !place
                .run_with(&[&["-q"], words].concat(), b"", SLOW)
                .stderr
                .contains("the clock is behind")
        );
    }
    let silent: [&[&str]; 5] =
        [&["consumption"], &["snapshots", "list"], &["sources"], &["questions"], &["journal"]];
    for words in silent {
        assert_eq!(place.run_with(words, b"", SLOW).stderr, "", "{words:?}");
    }
    // A command waits at most an hour for another one.
    for (now, is_told) in [("2026-06-25T07:00:00Z", false), ("2026-06-25T06:59:59Z", true)] {
        let ran = place.run_with(&["questions", "add", "one", "SELECT 1"], b"", now);
        assert_eq!(ran.stderr.contains("clock"), is_told, "{now}: {}", ran.stderr);
    }
}

#[test]
fn a_line_after_the_clock_is_a_finding_and_days_that_have_passed_are_none() {
    let place = two();
    assert_eq!(answer(&place, &["verify"], "2031-01-01T00:00:00Z").0, 0);
    let (code, verified) = answer(&place, &["verify"], "2026-06-25T07:59:59Z");
    assert_eq!((code, &verified["ok"]), (1, &json!(false)));
    let told = "journal: line 2 is dated 2026-06-25T08:00:00Z, but the clock is at 2026-06-25T07:59:59Z: this clock \
                is wrong, or the clock that wrote the line was";
    assert_eq!(verified["findings"], json!([{"code": "clock", "message": told}]));
    let page = place.run_with(&["verify"], b"", SLOW).stdout;
    assert!(page.contains("The data are as they were written."), "{page}");
    assert!(!page.contains("backup"), "{page}");
    assert_eq!(answer(&place, &["verify"], SECOND).0, 0);
    // A wrong clock does not prevent a backup.
    let copy = place.path("copy.db").display().to_string();
    done(&place, &["backup", &copy], SLOW);
}

#[test]
fn an_import_with_a_clock_far_ahead_is_told_until_it_is_voided_and_after() {
    let place = two();
    let late = place.write("late.json", users(&["ann"]).as_bytes()).display().to_string();
    let far = "2099-01-01T00:00:00Z";
    done(&place, &["import", &late, "--enterprise", "corp", "--taken-at", "2026-06-26"], far);
    let before = known(&place, "2026-06-30");
    let warned = done(&place, &["snapshots", "void", "3", "--reason", "x"], RIGHT);
    assert!(warned.contains("the clock is behind the journal by 26481 d"), "{warned}");
    assert!(warned.contains("counts as known from 2099-01-01T00:00:00Z on"), "{warned}");
    assert_eq!(known(&place, "2026-06-30"), before, "what comes later is known no earlier");
    let (code, verified) = answer(&place, &["verify"], RIGHT);
    assert_eq!((code, verified["findings"][0]["code"].as_str()), (1, Some("clock")), "{verified}");
    let (code, checked) = answer(&place, &["check", "--max-age", "900d"], RIGHT);
    assert_eq!((code, finding(&checked)["severity"].as_str()), (1, Some("warning")), "{checked}");
    let (_, checked) = answer(&place, &["check", "--as-of", "latest"], RIGHT);
    assert_eq!(finding(&checked), Value::Null, "judged at that instant, not by the clock");
}

/// A command that waited for its turn is not known before the command that went first, whatever the clocks did
/// before.
#[test]
fn a_command_is_never_earlier_than_the_greatest_time_within_the_hour() {
    let place = two();
    done(&place, &["questions", "add", "one", "SELECT 1"], SLOW);
    done(&place, &["questions", "add", "two", "SELECT 2"], "2026-06-25T07:30:00Z");
    let (_, journal) = answer(&place, &["journal"], RIGHT);
    let times: Vec<&str> = journal["items"]
        .as_array()
        .expect("lines")
        .iter()
        .filter_map(|line| line["at"].as_str())
        .collect();
    assert_eq!(times, [FIRST, SECOND, SLOW, SECOND]);
}
