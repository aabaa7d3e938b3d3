//! The commands that people act on: `check`, `reclaim` and `crosswalk`.

use serde_json::{Value, json};

use crate::common::Place;

const HEADER: &str = "created_at,id,login,email,role,suspended?,last_logged_ip,repos,ssh_keys,org_memberships,dormant?,\
                      last_active,raw_login,2fa_enabled?";

/// The day of the files.
const DAY: &str = "2026-03-02T12:00:00Z";

/// A Cloud enterprise with two accounts, an invitation and subscribers, and an instance with four accounts.
fn ledger() -> Place {
    let place = Place::new();
    let cloud = json!({"total_seats_consumed": 5, "total_seats_purchased": 6, "users": [
        {"github_com_login": "ada-l", "github_com_name": "Ada Lovelace", "github_com_user": true,
         "github_com_saml_name_id": "ada@corp.example", "github_com_verified_domain_emails": [],
         "enterprise_server_user_ids": [], "enterprise_server_primary_emails": []},
        {"github_com_login": "bob", "github_com_user": true, "github_com_saml_name_id": "bob@corp.example",
         "visual_studio_subscription_email": "bob@vs.example", "license_type": "Visual Studio subscription"},
        {"github_com_login": "new@corp.example"},
        {"github_com_login": "", "visual_studio_subscription_user": true,
         "visual_studio_subscription_email": "ada@vs.example"},
        {"github_com_login": "", "visual_studio_subscription_user": true,
         "visual_studio_subscription_email": "admin@vs.example"},
    ]});
    let rows = [
        ",5,idle,idle@else.example,user,false,10.0.0.1,1,1,1,true,2025-01-01 08:00:00 UTC,,",
        ",6,never,never@else.example,user,false,,0,0,0,true,never,,",
        ",7,busy,busy@else.example,user,false,10.0.0.1,1,1,1,false,2026-03-01 08:00:00 UTC,,",
        ",8,gone,gone@else.example,user,true,10.0.0.1,1,1,1,true,2020-01-01 08:00:00 UTC,,",
        ",9,bob,bob@corp.example,user,false,,0,0,0,true,,,",
    ];
    let server = format!("{HEADER}\n{}\n", rows.join("\n"));
    for (name, text, source) in [
        ("cloud.json", cloud.to_string(), ["--enterprise", "corp"]),
        ("1.csv", server, ["--host", "ghes1.example"]),
    ] {
        let file = place.write(name, text.as_bytes()).display().to_string();
        import(&place, &[&file, source[0], source[1]]);
    }
    place
}

/// Imports with the clock on the day of the files: `check` would report a clock that is behind the import.
fn import(place: &Place, words: &[&str]) {
    let words = [&["import", "--taken-at", "2026-03-02"], words].concat();
    let ran = place.run_with(&words, b"", DAY);
    assert_eq!(ran.code, 0, "{words:?}: {}", ran.stderr);
}

fn codes(answer: &Value) -> Vec<&str> {
    let findings = answer["findings"].as_array().expect("findings");
    findings.iter().filter_map(|it| it["code"].as_str()).collect()
}

fn check(place: &Place, words: &[&str]) -> (i32, Value) {
    // The clock is on the day of the files, because `check` judges ages by the clock.
    let ran = place.run_with(&[&["check", "--json"], words].concat(), b"", DAY);
    (ran.code, serde_json::from_str(&ran.stdout).unwrap_or_default())
}

#[test]
fn a_check_finds_what_is_asked_for_and_nothing_else() {
    let place = ledger();
    let (code, answer) = check(&place, &[]);
    assert_eq!((code, &answer["ok"], codes(&answer)), (0, &json!(true), vec![]));
    let bounds = ["--min-available", "1", "--max-use", "99.5%", "--max-duplicates", "possible=0"];
    let (code, answer) = check(&place, &bounds);
    // ada-l, bob, the invitation and three people on Server only take all six licenses.
    assert_eq!((code, codes(&answer)), (1, vec!["few-available", "few-available"]));
    let (code, answer) = check(&place, &["--as-of", "2026-03-20"]);
    assert_eq!((code, codes(&answer)), (1, vec!["stale-source", "stale-source"]));
    assert_eq!(answer["findings"][0]["source"], json!({"kind": "cloud", "name": "corp"}));
    assert_eq!(check(&place, &["--as-of", "2026-03-20", "--max-age", "3w"]).0, 0);
    for wrong in [["--max-use", "x%"], ["--max-age", "8"], ["--max-duplicates", "sure=1"]] {
        assert_eq!(place.run(&[&["check"], &wrong[..]].concat()).code, 2, "{wrong:?}");
    }
}

#[test]
fn a_check_tells_of_syncs_that_went_wrong_and_of_too_few_licenses() {
    let place = ledger();
    let status = json!({"server_instances": [
        {"server_id": "1", "hostname": "ghes1.example", "last_sync":
            {"date": "2026-03-01T00:00:00Z", "status": "failure", "error": "no route"}}]});
    let file = place.write("sync.json", status.to_string().as_bytes()).display().to_string();
    import(&place, &[&file, "--enterprise", "corp"]);
    let (code, answer) = check(&place, &[]);
    assert_eq!((code, codes(&answer)), (1, vec!["sync-failed"]));
    assert_eq!(answer["findings"][0]["severity"], json!("error"));
    assert!(answer["findings"][0]["message"].as_str().expect("it").contains("no route"));
    let more = format!("{HEADER}\n,1,x,x@else.example,user,false,,,,,false,,,\n");
    let file = place.write("2.csv", more.as_bytes()).display().to_string();
    import(&place, &[&file, "--host", "ghes2.example"]);
    assert_eq!(codes(&check(&place, &[]).1), ["sync-failed", "over-purchased"]);
}

#[test]
fn seats_that_could_be_freed_are_those_that_nobody_uses() {
    let place = ledger();
    let answer = place.json(&["reclaim"]);
    let items = answer["items"].as_array().expect("items");
    let told: Vec<(&str, &str)> = items
        .iter()
        .map(|it| (it["reason"].as_str().expect("it"), it["login"].as_str().expect("it")))
        .collect();
    assert_eq!(
        told,
        [
            ("dormant", "idle"),
            ("never-signed-in", "never"),
            ("pending-invitation", "new@corp.example"),
            ("server-only", "busy"),
        ]
    );
    assert_eq!(items[0]["last_active"], json!("2025-01-01T08:00:00Z"));
    assert_eq!(items[2]["since"], json!("2026-03-02T00:00:00Z"));
    assert_eq!(items[2]["fix"]["actor"], json!("owner"));
    let patient = place.json(&["reclaim", "--idle", "100w"]);
    assert_eq!(patient["summary"]["dormant"], json!(0));
}

#[test]
fn subscribers_without_an_account_are_proposed_one() {
    let place = ledger();
    let answer = place.json(&["crosswalk"]);
    let summary = json!({"subscribers": 3, "matched": 1, "proposed": 1, "unmatched": 1,
        "unassigned": 0, "without_github": 0, "ended": 0, "without_id": 1});
    assert_eq!(answer["summary"], summary);
    assert_eq!(answer["items"][0]["account"]["login"], json!("ada-l"));
    assert_eq!(answer["items"][0]["confidence"], json!("likely"));
    assert_eq!(answer["items"][1]["account"], json!(null));
    let ran = place.run(&["crosswalk", "--bodies"]);
    // Only a list of subscriptions has the ids that a request needs.
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""));
    assert!(ran.stderr.contains("1 proposed subscription has no id"), "{}", ran.stderr);
}
