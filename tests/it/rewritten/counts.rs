//! Kept counts that were forged, each with a valid hash. For an earlier knowledge, they never answer what
//! `verify` would not count again.

use serde_json::{Value, json};

use super::forger::Forger;
use crate::common::Place;
use crate::verify::verify;

const EARLY: &str = "2026-11-01T08:00:00Z";
const LATER: &str = "2026-11-10T08:00:00Z";

fn done(place: &Place, words: &[&str], now: &str) {
    let ran = place.run_with(words, b"", now);
    assert_eq!(ran.code, 0, "{words:?}: {}", ran.stderr);
}

/// One enterprise with three people, whose counts are kept.
fn kept() -> Place {
    let place = Place::new();
    let users = |logins: &[&str]| {
        let users =
            logins.iter().map(|it| json!({"github_com_login": it, "github_com_user": true}));
        json!({"users": users.collect::<Vec<_>>()}).to_string()
    };
    for (name, logins, day) in [
        ("1.json", &["ann", "bob", "cho"][..], "2026-03-02"),
        ("2.json", &["ann", "bob", "cho", "dan"], "2026-03-09"),
    ] {
        let file = place.write(name, users(logins).as_bytes()).display().to_string();
        done(&place, &["import", &file, "--enterprise", "corp", "--taken-at", day], EARLY);
    }
    done(&place, &["recount"], EARLY);
    place
}

#[test]
fn a_forged_count_never_answers_for_what_was_known_earlier() {
    let server = "created_at,id,login,email,role,suspended?,last_logged_ip,repos,ssh_keys,org_memberships,dormant?,\
                  last_active,raw_login,2fa_enabled?\n,7,eve,eve@corp.example,user,false,,,,,false,,,\n";
    let late = ["import", "late.csv", "--host", "ghes.corp.example", "--taken-at", "2026-03-01"];
    let void = ["snapshots", "void", "1", "--reason", "a mistake"];
    let declare = ["sources", "set", "corp", "--billing-model", "metered"];
    let asked: [&[&str]; 4] = [
        &["consumption"],
        &["consumption", "--as-of", "2026-03-05"],
        &["consumption", "--enterprise", "corp"],
        &["trend"],
    ];
    for later in [&late[..], &void, &declare] {
        let place = kept();
        let path = place.write("late.csv", server.as_bytes()).display().to_string();
        let later: Vec<&str> =
            later.iter().map(|it| if *it == "late.csv" { path.as_str() } else { it }).collect();
        let known = |words: &[&str]| place.json(&[words, &["--known-on", EARLY]].concat());
        let before: Vec<Value> = asked.iter().map(|words| known(words)).collect();
        done(&place, &later, LATER);
        Forger::at(&place).counts(|count| count["cloud_only"] = json!(1));
        for (words, before) in asked.iter().zip(&before) {
            assert_eq!(&known(words), before, "{later:?}: {words:?}");
        }
        // A count that no longer holds is no damage. One that still holds was forged, and is found.
        let (code, answer) = verify(&place, &[]);
        let notes = answer["notes"].to_string();
        assert!(notes.contains("are no longer known"), "{later:?}: {answer}");
        assert!(
            code == 0 || answer["findings"][0]["code"] == "stored-count",
            "{later:?}: {answer}"
        );
        done(&place, &["recount"], LATER);
        let (code, answer) = verify(&place, &[]);
        assert_eq!((code, &answer["notes"]), (0, &json!([])), "{later:?}: {answer}");
    }
}

#[test]
fn what_is_kept_answers_for_an_earlier_knowledge_where_it_holds_for_all_that_is_known() {
    let place = kept();
    // A saved question changes no count.
    done(&place, &["questions", "add", "one", "SELECT 1"], LATER);
    Forger::at(&place).counts(|count| count["cloud_only"] = json!(4711));
    let known = place.json(&["consumption", "--known-on", EARLY]);
    assert_eq!(known["seats"]["cloud_only"], 4711, "the kept counts answer");
    assert_eq!(verify(&place, &[]).0, 1, "and verify counts it again");
}
