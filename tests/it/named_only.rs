//! Sources that no file was imported from and that other files name. They can be declared about like any other
//! source (counting.md section 1). Taking back what nobody declared is a usage error.

use serde_json::{Value, json};

use crate::common::Place;

const ALONE: &str = "zz.example";

/// Imports a report that lists an account of an instance without a file.
fn listed(place: &Place) {
    let users = json!([
        {"github_com_login": "ada", "github_com_user": true, "license_type": "Enterprise",
            "enterprise_server_user_ids": []},
        {"github_com_login": "", "github_com_user": false, "enterprise_server_user": true,
            "enterprise_server_user_ids": [format!("{ALONE}:9")],
            "enterprise_server_primary_emails": ["r@x.example"]},
    ]);
    let report = json!({"total_seats_consumed": 2, "total_seats_purchased": 100, "users": users})
        .to_string();
    let file = place.write("c.json", report.as_bytes()).display().to_string();
    place.json(&["import", &file, "--enterprise", "corp", "--taken-at", "2026-09-01"]);
}

/// Imports a sync status that names it.
fn synced(place: &Place) {
    let users = json!([{"github_com_login": "ada", "github_com_user": true,
        "license_type": "Enterprise", "enterprise_server_user_ids": []}]);
    let report = json!({"total_seats_consumed": 1, "total_seats_purchased": 100, "users": users})
        .to_string();
    let status = json!({"server_instances": [{"server_id": "1", "hostname": ALONE,
        "last_sync": {"date": "2026-08-31T00:00:00Z", "status": "success", "error": ""}}]});
    for (name, text) in [("c.json", report), ("s.json", status.to_string())] {
        let file = place.write(name, text.as_bytes()).display().to_string();
        place.json(&["import", &file, "--enterprise", "corp", "--taken-at", "2026-09-01"]);
    }
}

fn place(named: fn(&Place)) -> Place {
    let place = Place::new();
    named(&place);
    place
}

fn missing(place: &Place) -> Vec<String> {
    let answer = place.json(&["consumption"]);
    let missing = answer["sources_missing"].as_array().expect("sources").iter();
    missing.map(|it| it["name"].as_str().expect("a name").to_owned()).collect()
}

fn source(place: &Place, name: &str) -> Value {
    let sources = place.json(&["sources"]);
    let items = sources["items"].as_array().expect("items");
    items.iter().find(|it| it["name"] == name).cloned().unwrap_or_default()
}

#[test]
fn what_only_others_name_can_be_retired_assigned_renamed_and_given_an_alias() {
    for named in [listed, synced] {
        for name in [ALONE, "ZZ.Example", "zz.example:443"] {
            let place = place(named);
            assert_eq!(missing(&place), [ALONE]);
            let ran = place.run(&["sources", "retire", name, "--from", "2026-01-01"]);
            assert_eq!(ran.code, 0, "{name}: {}", ran.stderr);
            assert_eq!(missing(&place), [""; 0], "{name}");
            let consumed = place.json(&["consumption"])["consumed"].clone();
            assert_eq!(consumed, json!(1), "a retired instance has no accounts");
            let retired = source(&place, ALONE);
            assert_eq!(retired["retired_from"], json!("2026-01-01T00:00:00Z"));
            assert_eq!((&retired["snapshots"], &retired["last"]), (&json!(0), &Value::Null));
            let check = place.run(&["check", "--json"]);
            assert!(!check.stdout.contains("instance-without-file"), "{}", check.stdout);
            assert_eq!(place.run(&["verify"]).code, 0, "the journal names the source");
            // Before it was known, nothing changes.
            let known = ["consumption", "--known-on", "2026-11-22T11:59:59Z"];
            assert_eq!(place.run(&known).code, 7);
            let ran = place.run(&["sources", "restore", ALONE]);
            assert_eq!(ran.code, 0, "{}", ran.stderr);
            assert_eq!(missing(&place), [ALONE], "restored");
        }
        let place = place(named);
        assert_eq!(place.run(&["sources", "set", ALONE, "--enterprise", "corp"]).code, 0);
        assert_eq!(source(&place, ALONE)["enterprise"], json!("corp"));
        assert_eq!(missing(&place), [ALONE], "it exists now, without a file");
        let ran = place.run(&["sources", "set", ALONE, "--alias", "old.example"]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        assert_eq!(source(&place, ALONE)["aliases"], json!(["old.example"]));
        assert_eq!(place.run(&["sources", "rename", ALONE, "new.example"]).code, 0);
        assert_eq!(missing(&place), ["new.example"], "rows and statuses mean the new name");
        assert_eq!(place.run(&["verify"]).code, 0);
        // A later file under the old name belongs to that source.
        let text = "created_at,id,login,email,role,suspended?\n2021-03-04T05:06:07Z,9,r,r@x.example,user,false\n";
        let file = place.write("u.csv", text.as_bytes()).display().to_string();
        let ran = place.run(&["import", &file, "--host", ALONE, "--taken-at", "2026-09-02"]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        assert_eq!(missing(&place), [""; 0]);
        assert_eq!(source(&place, "new.example")["snapshots"], json!(1));
        assert_eq!(place.run(&["verify"]).code, 0);
    }
}

#[test]
fn a_retirement_before_any_file_holds_for_every_kind_of_file() {
    let place = place(listed);
    assert_eq!(place.run(&["sources", "retire", ALONE, "--from", "2026-01-01"]).code, 0);
    let text = "created_at,id,login,email,role,suspended?\n2021-03-04T05:06:07Z,9,r,r@x.example,user,false\n";
    let file = place.write("u.csv", text.as_bytes()).display().to_string();
    let ran = place.run(&["import", &file, "--host", ALONE, "--taken-at", "2026-09-02"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    // The accounts that Cloud has synced from it belong to it under that name, too.
    let synced = json!({"data": {"enterprise": {"ownerInfo": {"enterpriseServerInstallations": {
        "pageInfo": {"hasNextPage": false, "endCursor": null}, "nodes": [{"hostName": ALONE,
            "userAccounts": {"pageInfo": {"hasNextPage": false, "endCursor": null}, "nodes": [
                {"login": "r", "remoteUserId": 9, "remoteCreatedAt": "2021-03-04T05:06:07Z",
                    "profileName": null, "isSiteAdmin": false,
                    "emails": {"pageInfo": {"hasNextPage": false, "endCursor": null},
                        "nodes": [{"email": "r@x.example", "isPrimary": true}]}}]}}]}}}}});
    let file = place.write("g.json", synced.to_string().as_bytes()).display().to_string();
    let ran = place.run(&["import", &file, "--taken-at", "2026-09-03"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(place.json(&["consumption"])["consumed"], json!(1));
    let kinds = "SELECT kind, retired FROM sources WHERE kind LIKE 'server%' ORDER BY kind";
    let retired = |kind: &str| json!({"kind": kind, "retired": 1});
    let expected = json!([retired("server"), retired("server-as-synced")]);
    assert_eq!(place.json(&["query", kinds]), expected, "tables agree with answers");
    let rows = "SELECT * FROM accounts WHERE source_kind LIKE 'server%'";
    assert_eq!(place.json(&["query", rows]), json!([]));
}

#[test]
fn an_enterprise_that_only_a_setting_names_has_a_billing_model() {
    let place = place(listed);
    let set = ["sources", "set", ALONE, "--enterprise", "labs", "--accept-new", "split off"];
    assert_eq!(place.run(&set).code, 0);
    let ran = place.run(&["sources", "set", "labs", "--billing-model", "metered"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(source(&place, "labs")["billing_model"], json!("metered"));
    assert_eq!(place.run(&["verify"]).code, 0);
}

#[test]
fn what_nobody_names_is_no_source_and_nothing_is_written() {
    let place = place(listed);
    let lines = place.json(&["journal"])["items"].clone();
    for words in [
        ["retire", "yy.example", "--from", "2026-01-01"].as_slice(),
        &["set", "yy.example", "--enterprise", "corp"],
        &["rename", "yy.example", "xx.example"],
        &["restore", "yy.example"],
    ] {
        let ran = place.run(&[&["sources"], words].concat());
        assert_eq!(ran.code, 7, "{words:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(ALONE), "the hint names it: {}", ran.stderr);
    }
    // What is not retired has no retirement that could end.
    for words in [["restore", "corp"].as_slice(), &["restore", ALONE, "--from", "2026-02-01"]] {
        let ran = place.run(&[&["sources"], words].concat());
        assert_eq!(ran.code, 2, "{words:?}: {}", ran.stderr);
        assert!(ran.stderr.contains("is not retired"), "{}", ran.stderr);
    }
    // Only an enterprise has a billing model.
    let ran = place.run(&["sources", "set", ALONE, "--billing-model", "metered"]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert_eq!(place.json(&["journal"])["items"], lines, "nothing was written");
    let stored = place.json(&["query", "SELECT count(*) AS n FROM stored_sources"]);
    assert_eq!(stored, json!([{"n": 1}]), "no source was made");
}

#[test]
fn a_retirement_that_was_ended_has_none_to_end() {
    let place = place(listed);
    assert_eq!(place.run(&["sources", "retire", "corp", "--from", "2026-01-01"]).code, 0);
    let ended = ["sources", "restore", "corp", "--from", "2026-02-01"];
    assert_eq!(place.run(&ended).code, 0);
    // January is still without it.
    assert_eq!(place.run(&["sources", "restore", "corp"]).code, 0);
    let lines = place.json(&["journal"])["items"].clone();
    assert_eq!(place.run(&["sources", "restore", "corp"]).code, 2);
    assert_eq!(place.json(&["journal"])["items"], lines);
}
