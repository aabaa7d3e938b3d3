//! Findings measured against the planted truth of the demo, on a small scale. The campaign is
//! `benches/precision`.

use crate::common::Place;

#[path = "../../benches/precision/score.rs"]
mod score;

/// A demo with several dates, where every planted event is open on the last day.
fn demo() -> Place {
    let place = Place::new();
    let folder = place.path("demo").display().to_string();
    let size = ["--people", "3000", "--days", "90", "--every", "30"];
    let ran = place.run(&[&["demo", folder.as_str()], &size[..]].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    std::fs::copy(place.path("demo/oneseat.db"), place.path("oneseat.db")).expect("the database");
    place
}

#[test]
fn findings_are_as_sure_as_they_say_and_the_truth_is_never_imported() {
    let place = demo();
    let truth = std::fs::read_to_string(place.path("demo/truth.ndjson")).expect("the truth");
    let score = score::score(&truth, &place.json(&["duplicates"])).expect("JSON in the truth");
    assert_eq!(score.failures(), Vec::<String>::new(), "{score}");
    let planted: Vec<&str> = score.events.keys().map(String::as_str).collect();
    assert_eq!(
        planted,
        [
            "acquired-domain",
            "contractor-hired",
            "invitation-unanswered",
            "managed-user-migration",
            "marriage",
            "plus-tag",
            "second-instance-late",
            "typo-at-sign-up",
            "unverified-address",
            "visual-studio-sign-in",
        ],
        "{score}"
    );
    let decoys: Vec<&str> = score.decoys.keys().map(String::as_str).collect();
    for kind in ["father-and-son", "namesake", "service-account", "shared-mailbox"] {
        assert!(decoys.contains(&kind), "{score}");
    }
    assert!(decoys.iter().any(|kind| kind.starts_with("strangers-")), "{score}");
    assert!(score.doubles.planted >= 100, "{score}");
    // Visible duplicates are found. Invisible ones are planted all the same.
    let recall = score.doubles.found() as f64 / score.doubles.planted as f64;
    assert!((0.85..1.0).contains(&recall), "{score}");
    assert!(score.levels.iter().all(|level| level.right > 0), "{score}");

    let ran = place.run(&["import", &place.path("demo/truth.ndjson").display().to_string()]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert!(ran.stderr.contains("an answer of oneseat itself, not a report"), "{}", ran.stderr);
    let snapshots = place.json(&["snapshots"]).to_string();
    assert!(!snapshots.contains("truth"), "{snapshots}");
}

#[test]
fn a_wrong_answer_falls_short_of_the_floors() {
    let truth = concat!(
        r#"{"schema":"oneseat.demo-truth/1","people":3,"namesakes":0}"#,
        "\n",
        r#"{"event":"marriage","one_person":true,"server_accounts":[{"host":"a","id":"1"}],"#,
        r#""cloud_login":"ada","other_server_accounts":[],"visible":true,"alike":["login"]}"#,
        "\n",
        r#"{"event":"father-and-son","one_person":false,"server_accounts":[{"host":"a","id":"2"}],"#,
        r#""cloud_login":"ada","other_server_accounts":[],"visible":true,"alike":["name"]}"#,
    );
    let finding = |confidence: &str, id: &str, login: &str| {
        serde_json::json!({
            "confidence": confidence,
            "server_accounts": [{"host": "a", "id": id}],
            "cloud_account": {"login": login},
            "evidence": [{"code": "same-login"}],
        })
    };
    let of = |items: &[serde_json::Value]| {
        let answer = serde_json::json!({ "items": items });
        let score = score::score(truth, &answer).expect("JSON in the truth");
        (score.doubles.found(), score.decoys_at(0), score.failures().len())
    };
    assert_eq!(of(&[]), (0, 0, 0));
    assert_eq!(of(&[finding("certain", "1", "Ada")]), (1, 0, 0), "logins in any case");
    assert_eq!(of(&[finding("certain", "1", "bob")]), (0, 0, 1), "the wrong person");
    assert_eq!(of(&[finding("certain", "2", "ada")]), (0, 1, 2), "a decoy");
    assert_eq!(of(&[finding("likely", "3", "ada")]), (0, 0, 1), "somebody the truth leaves out");
    assert_eq!(of(&[finding("possible", "2", "ada")]), (0, 0, 0));
}
