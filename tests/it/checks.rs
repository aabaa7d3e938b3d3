//! `check`: the clock that it judges by, what it looked at, and what it cannot know.

use serde_json::{Value, json};

use crate::common::{NOW, Place, Ran};

const HEADER: &str = "created_at,id,login,email,role,suspended?,last_logged_ip,repos,ssh_keys,org_memberships,dormant?,\
                      last_active,raw_login,2fa_enabled?";

/// One Cloud account and one Server account, taken two days before the present of the tests.
fn ledger(purchased: Option<i64>) -> Place {
    let place = Place::new();
    let mut cloud = json!({"users": [
        {"github_com_login": "ada", "github_com_user": true, "github_com_saml_name_id": "ada@corp.example",
         "github_com_verified_domain_emails": [], "enterprise_server_user_ids": [],
         "enterprise_server_primary_emails": []},
    ]});
    if let Some(purchased) = purchased {
        cloud["total_seats_consumed"] = json!(1);
        cloud["total_seats_purchased"] = json!(purchased);
    }
    let server = format!("{HEADER}\n2020-01-01,7,bob,bob@corp.example,user,false,,,,,false,,,\n");
    import(&place, "cloud.json", &cloud.to_string(), &["--enterprise", "corp"]);
    import(&place, "ghes1.csv", &server, &["--host", "ghes1.corp.example"]);
    place
}

/// Adds a successful sync of the instance.
fn synced(place: Place) -> Place {
    let status = json!({"server_instances": [{"server_id": "a word", "hostname": "ghes1.corp.example",
        "last_sync": {"date": "2026-11-19T00:00:00Z", "status": "success", "error": ""}}]});
    import(&place, "synced.json", &status.to_string(), &["--enterprise", "corp"]);
    place
}

/// Adds a license of the instance that never expires.
fn licensed(place: Place) -> Place {
    let facts = json!({"seats": 10, "seats_used": 1, "perpetual": true});
    import(&place, "perpetual.json", &facts.to_string(), &["--host", "ghes1.corp.example"]);
    place
}

fn import(place: &Place, name: &str, text: &str, source: &[&str]) {
    let file = place.write(name, text.as_bytes()).display().to_string();
    place.json(&[&["import", &file, "--taken-at", "2026-11-20T12:00:00Z"], source].concat());
}

fn check_at(place: &Place, now: &str, words: &[&str]) -> (i32, Value) {
    let ran = place.run_with(&[&["check", "--json"], words].concat(), b"", now);
    (ran.code, serde_json::from_str(&ran.stdout).expect("JSON"))
}

fn check(place: &Place, words: &[&str]) -> (i32, Value) {
    check_at(place, NOW, words)
}

/// Code and severity of each finding.
fn findings(answer: &Value) -> Vec<(String, String)> {
    let findings = answer["findings"].as_array().expect("findings");
    let text = |it: &Value| it.as_str().expect("a text").to_owned();
    findings.iter().map(|it| (text(&it["code"]), text(&it["severity"]))).collect()
}

fn found(answer: &Value, code: &str, severity: &str) -> bool {
    findings(answer).contains(&(code.to_owned(), severity.to_owned()))
}

/// The first entry of this kind that `check` looked at.
fn looked<'v>(answer: &'v Value, what: &str) -> &'v Value {
    let looked = answer["looked_at"].as_array().expect("what was looked at");
    looked.iter().find(|it| it["what"] == what).unwrap_or_else(|| panic!("{what}: {answer:#}"))
}

#[test]
fn ages_are_judged_by_the_clock_unless_an_instant_is_asked_for() {
    let place = licensed(synced(ledger(Some(10))));
    let (code, answer) = check(&place, &[]);
    assert_eq!((code, &answer["ok"], findings(&answer)), (0, &json!(true), vec![]));
    assert_eq!(answer["judged_at"], json!(NOW));
    assert_eq!(answer["as_of"], json!("2026-11-20T12:00:00Z"));
    assert_eq!(
        looked(&answer, "age"),
        &json!({"what": "age", "source": {"kind": "cloud", "name": "corp"}, "value": 172_800, "bound": 691_200})
    );
    let (code, answer) = check_at(&place, "2026-11-28T12:00:01Z", &[]);
    assert_eq!((code, findings(&answer).len()), (1, 2));
    assert!(found(&answer, "stale-source", "warning"));
    for as_of in ["latest", "2026-11-20T12:00:00Z"] {
        let (code, answer) = check_at(&place, "2030-01-01T00:00:00Z", &["--as-of", as_of]);
        assert_eq!((code, &answer["judged_at"]), (0, &json!("2026-11-20T12:00:00Z")), "{as_of}");
    }
}

#[test]
fn what_cannot_be_judged_is_no_pass() {
    let place = ledger(None);
    let (code, answer) = check(&place, &[]);
    assert_eq!((code, &answer["ok"]), (0, &json!(true)));
    assert_eq!(findings(&answer), [("unknown".to_owned(), "notice".to_owned())]);
    assert_eq!(looked(&answer, "available")["value"], Value::Null);
    for bound in [["--min-available", "0"], ["--max-use", "100%"]] {
        let (code, answer) = check(&place, &bound);
        assert_eq!((code, &answer["ok"]), (1, &json!(false)), "{bound:?}");
        assert_eq!(findings(&answer), [("unknown".to_owned(), "error".to_owned())], "{bound:?}");
    }
    // A bound that can be judged is judged.
    let (code, answer) = check(&place, &["--max-duplicates", "certain=0"]);
    assert_eq!((code, &looked(&answer, "duplicates-certain")["bound"]), (0, &json!(0)));
}

#[test]
fn nothing_is_said_while_all_is_well_and_quiet_was_asked_for() {
    let place = ledger(Some(10));
    let quiet = |words: &[&str]| -> Ran { place.run(&[&["-q", "check"], words].concat()) };
    let ran = quiet(&[]);
    assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (0, "", ""));
    let ran = quiet(&["--min-available", "100"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stdout.contains("few-available"), "{}", ran.stdout);
    // A notice alone prints nothing, but an answer in a format that was asked for is printed.
    let place = ledger(None);
    assert_eq!(place.run(&["-q", "check"]).stdout, "");
    assert!(place.run(&["-q", "check", "--json"]).stdout.contains("unknown"));
    // With `-v`, the table lists what `check` looked at.
    let told = place.run(&["check"]).stdout;
    for word in ["Looked at", "age", "unknown", "duplicates-likely", "6 d left", "1 notice."] {
        assert!(told.contains(word), "{word}: {told}");
    }
    let place = ledger(Some(10));
    let told = place.run(&["check", "--format", "markdown"]).stdout;
    assert!(told.contains("No problem was found"), "{told}");
}

#[test]
fn licenses_of_instances_end_by_the_clock() {
    for (facts, expected) in [
        (json!({"seats": 5, "expire_at": "2026/11/21 12:41:52 -0600"}), Some("error")),
        (json!({"seats": 5, "expire_at": "2026-11-22T11:59:59Z"}), Some("error")),
        (json!({"seats": 5, "expireAt": "2026-11-22T03:59:59.000-08:00"}), Some("error")),
        (json!({"seats": 5, "expireAt": "2026-11-22T23:59:59-08:00"}), None),
        (json!({"seats": 5, "expire_at": "2026-11-22"}), None),
        (json!({"seats": 5, "expire_at": "2020-01-01", "perpetual": true}), None),
        (json!({"seats": 5, "seats_used": 1, "days_until_expiration": 1}), Some("error")),
        (json!({"seats": 5, "seats_used": 1, "days_until_expiration": 3}), None),
        (json!({"seats": 5, "expire_at": "when the contract ends"}), Some("notice")),
        (json!({"seats": 5, "seats_used": 1, "expire_at": "never"}), Some("notice")),
        (json!({"seats": 5, "seats_used": 1, "expire_at": null}), Some("notice")),
        (json!({"seats": 5, "seats_used": 1, "expire_at": ""}), Some("notice")),
        (json!({"seats": 5, "seats_used": 1}), Some("notice")),
    ] {
        let place = synced(ledger(Some(10)));
        import(&place, "license.json", &facts.to_string(), &["--host", "ghes1.corp.example"]);
        let (code, answer) = check(&place, &[]);
        assert_eq!(code, i32::from(expected == Some("error")), "{facts}: {answer:#}");
        assert_eq!(
            found(&answer, "license-expired", "error"),
            expected == Some("error"),
            "{facts}"
        );
        assert_eq!(found(&answer, "unknown", "notice"), expected == Some("notice"), "{facts}");
        // As of a day before, it had not ended.
        let (_, answer) = check(&place, &["--as-of", "2026-11-20T12:00:00Z"]);
        assert!(!found(&answer, "license-expired", "error"), "{facts}");
    }
}

#[test]
fn syncs_are_judged_as_far_as_they_are_told() {
    for (last_sync, expected) in [
        (json!({"date": "2026-11-19T00:00:00Z", "status": "success", "error": ""}), None),
        (json!({"date": 1_763_510_400, "status": "success"}), None),
        (
            json!({"date": "yesterday", "status": "success", "error": ""}),
            Some(("unknown", "notice")),
        ),
        (json!({"date": null, "status": "success"}), Some(("unknown", "notice"))),
        (
            json!({"date": "2026-11-19", "status": "failed", "error": "x"}),
            Some(("sync-failed", "error")),
        ),
        (json!({"date": "soon", "status": "failed", "error": "x"}), Some(("sync-failed", "error"))),
        (Value::Null, Some(("never-synced", "warning"))),
    ] {
        let place = licensed(ledger(Some(10)));
        let status = json!({"server_instances": [
            {"server_id": "a word", "hostname": "ghes1.corp.example", "last_sync": last_sync}]});
        import(&place, "sync.json", &status.to_string(), &["--enterprise", "corp"]);
        let (code, answer) = check(&place, &[]);
        let expected: Vec<(String, String)> =
            expected.iter().map(|(code, how)| ((*code).to_owned(), (*how).to_owned())).collect();
        assert_eq!(findings(&answer), expected, "{status}");
        let bad = expected.iter().any(|(_, how)| how != "notice");
        assert_eq!(code, i32::from(bad), "{status}");
        for finding in answer["findings"].as_array().expect("findings") {
            assert_eq!(finding["source"]["name"], "ghes1.corp.example", "{status}");
        }
    }
}

#[test]
fn bounds_may_stand_in_the_configuration() {
    let place = ledger(Some(10));
    let configured = |text: &str, words: &[&str]| {
        let file = place.write("config.toml", text.as_bytes()).display().to_string();
        let ran = place.run(&[&["check", "--json", "--config", &file], words].concat());
        let answer: Value = serde_json::from_str(&ran.stdout).unwrap_or_default();
        (ran.code, answer, ran.stderr)
    };
    for (text, words, code) in [
        ("[check]\nmin_available = 9\n", &[][..], 1),
        ("[check]\nmin_available = 8\n", &[], 0),
        ("[check]\nmin_available = 9\n", &["--min-available", "1"], 0),
        ("[check]\nmax_use = \"19.99%\"\n", &[], 1),
        ("[check]\nmax_use = \"20%\"\n", &[], 0),
        ("[check]\nmax_age = \"1d\"\n", &[], 1),
        ("[check]\nmax_age = \"1d\"\n", &["--max-age", "3d"], 0),
        ("[host.\"ghes1.corp.example\"]\nmax_age = \"1d\"\n", &[], 1),
        ("[check]\nmax_duplicates = \"possible=0\"\n", &[], 0),
        ("[check]\nmax_duplicates = [\"certain=0\", \"likely=5\"]\n", &[], 0),
    ] {
        let (found, answer, stderr) = configured(text, words);
        assert_eq!(found, code, "{text} {words:?}: {answer:#} {stderr}");
    }
    let (_, answer, _) =
        configured("[check]\nmax_duplicates = [\"certain=0\", \"likely=5\"]\n", &[]);
    assert_eq!(looked(&answer, "duplicates-likely")["bound"], json!(5));
    // Nothing is known about a host that has a maximum age in the configuration and no imported file.
    let (code, answer, _) = configured("[host.\"ghes9.corp.example\"]\nmax_age = \"1d\"\n", &[]);
    assert_eq!(code, 1);
    assert!(found(&answer, "unknown", "error"), "{answer:#}");
    for wrong in
        ["max_use = \"x\"", "max_duplicates = \"sure=1\"", "min_available = \"9\"", "max_ag = 1"]
    {
        let (code, _, stderr) = configured(&format!("[check]\n{wrong}\n"), &[]);
        assert_eq!(code, 2, "{wrong}");
        assert!(stderr.contains("`oneseat config check`"), "{wrong}: {stderr}");
    }
}

#[test]
fn a_finding_names_the_instance_that_its_warning_is_about() {
    let place = ledger(None);
    let rows = "2020-01-01,8,eve,shared@corp.example,user,false,,,,,false,,,\n\
                2020-01-01,9,fay,shared@corp.example,user,false,,,,,false,,,\n";
    let host = "ghes2.corp.example:8443";
    import(&place, "ghes2.csv", &format!("{HEADER}\n{rows}"), &["--host", host]);
    let (code, answer) = check(&place, &[]);
    assert_eq!(code, 1);
    let findings = answer["findings"].as_array().expect("findings");
    let repeated = findings.iter().find(|it| it["code"] == "address-repeated");
    let repeated = repeated.expect("an address of two accounts");
    assert_eq!(repeated["source"], json!({"kind": "server", "name": host}));
}
