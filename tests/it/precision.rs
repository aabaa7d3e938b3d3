//! Findings measured against the planted truth of the demo, on a small scale. The campaign is
//! `benches/precision`.

use crate::common::Place;

#[path = "../../benches/precision/across.rs"]
mod across;
#[path = "../../benches/precision/leavers.rs"]
mod leavers;
#[path = "../../benches/precision/score.rs"]
mod score;
#[path = "../../benches/precision/seats.rs"]
mod seats;

/// A demo with several dates, where every planted event is open on the last day.
fn demo(more: &[&str]) -> Place {
    let place = Place::new();
    let folder = place.path("demo").display().to_string();
    let size = ["--people", "3000", "--days", "90", "--every", "30"];
    let ran = place.run(&[&["demo", folder.as_str()], &size[..], more].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    std::fs::copy(place.path("demo/oneseat.db"), place.path("oneseat.db")).expect("the database");
    place
}

/// What the demo's duplicates are worth.
fn score(place: &Place) -> score::Score {
    let truth = std::fs::read_to_string(place.path("demo/truth.ndjson")).expect("the truth");
    score::score(&truth, &place.json(&["duplicates"])).expect("JSON in the truth")
}

#[test]
fn findings_are_as_sure_as_they_say_and_the_truth_is_never_imported() {
    let place = demo(&["--no-directory"]);
    let score = score(&place);
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

    let with = self::score(&demo(&[]));
    assert_eq!(with.failures_beside(&score), Vec::<String>::new(), "{with}");
    assert!(with.in_one_entry[0] >= 100, "{with}");
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

#[test]
fn leavers_are_judged_by_their_accounts() {
    let truth = concat!(
        r#"{"schema":"oneseat.demo-truth/1","people":3,"namesakes":0}"#,
        "\n",
        r#"{"truth":"left","days":30,"listed":true,"enabled":false,"enterprise":"corp","cloud_login":"ada","#,
        r#""server_accounts":[]}"#,
        "\n",
        r#"{"truth":"left","days":30,"listed":true,"enabled":false,"enterprise":"corp","cloud_login":null,"#,
        r#""server_accounts":[{"host":"a","id":"7"}]}"#,
        "\n",
        r#"{"truth":"left","days":3,"listed":true,"enabled":false,"enterprise":"corp","cloud_login":"max","#,
        r#""server_accounts":[]}"#,
        "\n",
        r#"{"truth":"left","days":90,"listed":false,"enabled":false,"enterprise":"corp","cloud_login":"eve","#,
        r#""server_accounts":[]}"#,
    );
    let cloud = |why: &str, login: &str| {
        let account =
            serde_json::json!({"kind": "cloud", "source": "corp", "login": login, "id": null});
        serde_json::json!({"why": why, "left_at": "2026-01-01T00:00:00Z", "accounts": [account]})
    };
    let server = serde_json::json!({
        "why": "gone",
        "accounts": [{"kind": "server", "source": "a", "login": "x", "id": "7"}],
    });
    let of = |items: &[serde_json::Value]| {
        let answer = serde_json::json!({ "items": items });
        let score = leavers::score(truth, &answer).expect("JSON in the truth");
        (score.found, score.wrong, score.missed, score.failures().len())
    };
    assert_eq!(of(&[]), (0, 0, 2, 1), "nobody can find a short absence or an unlisted leaver");
    assert_eq!(of(&[cloud("left", "Ada"), server.clone()]), (2, 0, 0, 0));
    assert_eq!(
        of(&[cloud("unknown", "ada"), server.clone()]),
        (1, 0, 1, 1),
        "unknown is not found"
    );
    assert_eq!(of(&[cloud("left", "ada"), server.clone(), cloud("left", "bob")]), (2, 1, 0, 1));
    let mut question = cloud("left", "ci");
    question["left_at"] = serde_json::Value::Null;
    assert_eq!(of(&[cloud("left", "ada"), server, question]), (2, 1, 0, 0), "a question");
}

#[test]
fn people_in_two_enterprises_are_judged_by_all_their_seats() {
    let seat = |enterprise: &str, login: &str| serde_json::json!({"enterprise": enterprise, "cloud_login": login, "server_accounts": []});
    let line = |one_person: bool, login: &str| {
        serde_json::json!({
            "truth": "both-enterprises",
            "event": if one_person { "account-kept" } else { "strangers-managed-login" },
            "one_person": one_person,
            "seats": [seat("corp", login), seat("emu", &format!("{login}_emu"))],
        })
    };
    let truth = format!("{}\n{}\n{}", line(true, "ada"), line(true, "max"), line(false, "eve"));
    let item = |confidence: &str, one: &str, other: &str| {
        let seat = |enterprise: &str, login: &str| serde_json::json!({"enterprise": enterprise, "login": login, "id": null, "host": null});
        serde_json::json!({
            "confidence": confidence,
            "seats": [seat("corp", one), seat("emu", other)],
            "evidence": [{"code": "same-login", "detail": ""}],
        })
    };
    let of = |items: &[serde_json::Value]| {
        let answer = serde_json::json!({ "items": items });
        let score = across::score(&truth, &answer).expect("JSON in the truth");
        (score.found, score.planted, score.failures().len())
    };
    assert_eq!(of(&[]), ([0, 0, 0], 2, 0));
    assert_eq!(of(&[item("certain", "Ada", "ada_emu")]), ([1, 0, 0], 2, 0));
    assert_eq!(of(&[item("certain", "ada", "max_emu")]), ([0, 0, 0], 2, 2), "two people");
    assert_eq!(of(&[item("likely", "eve", "eve_emu")]), ([0, 0, 0], 2, 1), "a stranger");
    assert_eq!(of(&[item("possible", "eve", "eve_emu")]), ([0, 0, 0], 2, 0));
}

#[test]
fn the_demo_has_two_directories_whose_lists_the_import_takes() {
    let place = Place::new();
    let folder = place.path("demo").display().to_string();
    let words = ["demo", &folder, "--people", "60", "--days", "64", "--every", "7"];
    let ran = place.run(&words);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    std::fs::copy(place.path("demo/oneseat.db"), place.path("oneseat.db")).expect("the database");
    let snapshots = place.json(&["snapshots"]);
    let snapshots = snapshots["items"].as_array().expect("a list");
    let times = |format: &str| -> Vec<&str> {
        let own = snapshots.iter().filter(|it| it["format"] == format);
        own.filter_map(|it| it["taken_at"].as_str()).collect()
    };
    let mut entra = times("entra-users-csv");
    entra.sort_unstable();
    assert_eq!(entra, ["2026-05-04T04:00:00Z", "2026-06-01T04:00:00Z", "2026-06-29T04:00:00Z"]);
    assert_eq!(times("mapped-csv").len(), 3);

    // The configuration in the folder is all that a user needs to import a list of the HR system.
    let other = Place::new();
    let config = place.path("demo/config.toml").display().to_string();
    let hr = place.path("demo/hr-employees-2026-06-29T04-10-00Z.csv").display().to_string();
    let words = ["import", hr.as_str(), "--directory", "hr", "--config", config.as_str()];
    let ran = other.run(&words);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let unmapped = other.run(&["import", hr.as_str(), "--directory", "hr"]);
    assert_eq!(unmapped.code, 3, "{}", unmapped.stderr);
}

#[test]
fn a_demo_without_directories_has_none_and_the_same_accounts() {
    let place = Place::new();
    let (with, without) = (place.path("with"), place.path("without"));
    for (folder, more) in [(&with, &[][..]), (&without, &["--no-directory"][..])] {
        let named = folder.display().to_string();
        let words = ["demo", &named, "--people", "60", "--days", "1", "--files-only"];
        let ran = place.run(&[&words[..], more].concat());
        assert_eq!(ran.code, 0, "{}", ran.stderr);
    }
    let mut names: Vec<String> = std::fs::read_dir(&without)
        .expect("the folder")
        .map(|entry| entry.expect("a file").file_name().into_string().expect("a name"))
        .collect();
    names.sort();
    assert_eq!(names.len(), 5, "{names:?}");
    for name in names.iter().filter(|name| *name != "truth.ndjson") {
        let read = |folder: &std::path::Path| std::fs::read(folder.join(name)).expect("a file");
        assert!(read(&with) == read(&without), "{name}");
    }
}

#[test]
fn a_second_enterprise_is_imported_beside_the_first() {
    let place = Place::new();
    let folder = place.path("demo").display().to_string();
    let words = ["demo", &folder, "--people", "200", "--days", "400", "--every", "40"];
    let ran = place.run(&[&words[..], &["--enterprises", "2"]].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    std::fs::copy(place.path("demo/oneseat.db"), place.path("oneseat.db")).expect("the database");
    let consumed = |more: &[&str]| {
        let answer = place.json(&[&["consumption"], more].concat());
        answer["consumed"].as_u64().or_else(|| answer["summary"]["consumed"].as_u64())
    };
    let [first, second] = ["octo-corp", "octo-corp-emu"].map(|it| consumed(&["--enterprise", it]));
    assert!(first.is_some_and(|it| it > 150), "{first:?}");
    assert!(second.is_some_and(|it| it > 50), "{second:?}");
    let three = place.run(&["demo", &folder, "--enterprises", "3"]);
    assert_eq!(three.code, 2, "{}", three.stderr);
}
