//! Faults that newcomers to the program found: answers that contradicted each other with two names of a source
//! or with several enterprises, and sentences that claimed more than is known.

use serde_json::{Value, json};

use crate::common::{Place, Ran};

const HEADER: &str = "created_at,id,login,email,role,suspended?,dormant?,last_active\n";

/// A row of a Cloud report: login, NameID, Server ids and their addresses.
fn row(login: &str, name_id: &str, ids: &[&str], addresses: &[&str]) -> Value {
    json!({
        "github_com_login": login, "github_com_user": true, "github_com_saml_name_id": name_id,
        "enterprise_server_user": !ids.is_empty(), "enterprise_server_user_ids": ids,
        "enterprise_server_primary_emails": addresses, "github_com_member_roles": ["eng:Member"],
        "github_com_verified_domain_emails": [], "license_type": "Enterprise",
    })
}

fn cloud(place: &Place, enterprise: &str, at: &str, rows: &[Value]) -> Ran {
    let report =
        json!({"total_seats_consumed": rows.len(), "total_seats_purchased": 9, "users": rows});
    let file = place.write("report.json", report.to_string().as_bytes()).display().to_string();
    done(place, &["import", &file, "--enterprise", enterprise, "--taken-at", at])
}

/// Imports accounts of an instance: id, login, address, last activity.
fn server(place: &Place, host: &str, at: &str, accounts: &[[&str; 4]]) -> Ran {
    let rows = accounts.iter().map(|[id, login, address, active]| {
        format!("2021-03-04T05:06:07Z,{id},{login},{address},admin,false,false,{active}\n")
    });
    let text = format!("{HEADER}{}", rows.collect::<String>());
    let file = place.write("users.csv", text.as_bytes()).display().to_string();
    done(place, &["import", &file, "--host", host, "--taken-at", at])
}

fn done(place: &Place, words: &[&str]) -> Ran {
    let ran = place.run(words);
    assert_eq!(ran.code, 0, "{words:?}: {}{}", ran.stdout, ran.stderr);
    ran
}

fn closing(place: &Place, words: &[&str]) -> String {
    done(place, words).stdout.lines().last().unwrap_or_default().to_owned()
}

#[test]
fn a_renamed_enterprise_is_one_whichever_name_its_reports_come_under() {
    let place = Place::new();
    cloud(&place, "corp", "2026-10-01", &[row("ada", "", &["g1.x:1"], &["ada@old.x"])]);
    done(&place, &["sources", "rename", "corp", "mega"]);
    cloud(&place, "corp", "2026-10-10", &[row("ada", "", &[], &[])]);
    server(&place, "g1.x", "2026-10-11", &[["1", "al", "ada@new.x", ""]]);
    let found = place.json(&["duplicates"]);
    assert_eq!(found["summary"]["licenses"], json!(1), "{found:#}");
    for who in ["ada", "al", "mega:ada", "corp:ada", "g1.x:1"] {
        let told = closing(&place, &["explain", who]);
        assert!(
            told.contains("Two licenses are taken") || told.starts_with("g1.x"),
            "{who}: {told}"
        );
        let people = place.json(&["explain", who]);
        assert_eq!(people["people"].as_array().map(Vec::len), Some(1), "{who}: {people:#}");
        let item = &people["people"][0]["duplicate"];
        assert_eq!(item["evidence"], found["items"][0]["evidence"], "{who}");
    }
    done(&place, &["links", "deny", "mega:ada", "g1.x:1", "--reason", "two people"]);
    assert_eq!(place.json(&["duplicates"])["items"], json!([]));
    done(&place, &["links", "remove", "corp:ada", "g1.x:1"]);
    let old = place.run(&["consumption", "--enterprise", "corp"]);
    assert_eq!(old.code, 2, "{}", old.stdout);
    assert!(old.stderr.contains("--enterprise mega"), "{}", old.stderr);
}

#[test]
fn a_login_that_changed_under_another_name_of_the_enterprise_is_followed() {
    let place = Place::new();
    cloud(&place, "corp", "2026-10-01", &[row("ada", "ada@c.x", &[], &[])]);
    done(&place, &["sources", "rename", "corp", "mega"]);
    cloud(&place, "corp", "2026-10-10", &[row("adanew", "ada@c.x", &[], &[])]);
    for who in ["mega:ada", "ada", "adanew"] {
        assert_eq!(closing(&place, &["explain", who]), "One license is taken.", "{who}");
    }
}

#[test]
fn a_login_that_changed_under_another_name_of_the_instance_is_followed() {
    let place = Place::new();
    server(&place, "g1.x", "2026-10-01", &[["1", "al", "al@x.x", ""]]);
    done(&place, &["sources", "set", "g1.x", "--alias", "g2.x"]);
    server(&place, "g2.x", "2026-10-10", &[["1", "ada", "ada@y.x", ""]]);
    for who in ["al", "ada", "g1.x:1", "g2.x:1", "al@x.x", "ada@y.x"] {
        assert_eq!(closing(&place, &["explain", who]), "One license is taken.", "{who}");
    }
}

/// Two enterprises with one person each. An instance of each knows the person under another address.
fn two_enterprises() -> Place {
    let place = Place::new();
    for (enterprise, login, host) in [("corp", "ada", "g1.x"), ("labs", "zed", "g2.x")] {
        let name_id = format!("{login}@{enterprise}.x");
        cloud(&place, enterprise, "2026-10-01", &[row(login, &name_id, &[], &[])]);
        let home = format!("{login}@home.x");
        server(&place, host, "2026-10-02", &[["1", login, &home, ""]]);
    }
    for (host, enterprise) in [("g1.x", "corp"), ("g2.x", "labs")] {
        done(&place, &["sources", "set", host, "--enterprise", enterprise]);
    }
    place
}

#[test]
fn whoever_is_of_another_enterprise_is_not_said_to_take_no_license() {
    let place = two_enterprises();
    for who in ["ada", "corp:ada", "ada@corp.x", "g1.x:1"] {
        let ran = place.run(&["explain", who, "--enterprise", "labs"]);
        assert_eq!(ran.code, 7, "{who}: {}", ran.stdout);
        assert!(ran.stderr.contains("nobody in labs is called"), "{who}: {}", ran.stderr);
        done(&place, &["explain", who, "--enterprise", "corp"]);
    }
}

#[test]
fn a_folder_of_lists_answers_one_question() {
    let place = two_enterprises();
    let folder = place.path("lists").display().to_string();
    let asked = |more: &[&str]| place.run(&[&["duplicates", "--into", &folder][..], more].concat());
    assert_eq!(asked(&["--enterprise", "corp"]).code, 0);
    let list = std::fs::read_to_string(place.path("lists/server-admin-g1.x.csv")).expect("a list");
    for others in [
        &["--enterprise", "labs"][..],
        &[],
        &["--enterprise", "corp", "--min-confidence", "certain"],
    ] {
        let ran = asked(others);
        assert_eq!(ran.code, 2, "{others:?}: {}", ran.stdout);
        assert!(ran.stderr.contains("another folder"), "{others:?}: {}", ran.stderr);
    }
    let still = std::fs::read_to_string(place.path("lists/server-admin-g1.x.csv")).expect("a list");
    assert_eq!(still, list);
    assert_eq!(asked(&["--enterprise", "corp"]).code, 0, "the same question again");
}

#[test]
fn the_table_of_findings_has_each_value_under_its_name() {
    let place = two_enterprises();
    let rows = place
        .json(&["query", "SELECT confidence, fix_action, since FROM duplicates ORDER BY since"]);
    let rows = rows.as_array().expect("rows");
    assert_eq!(rows.len(), 2, "{rows:?}");
    for row in rows {
        assert_eq!(row["since"], "2026-10-02T00:00:00Z");
        assert!(row["fix_action"].as_str().is_some_and(|it| it.contains("make ")), "{row}");
    }
    let steps = place.json(&["query", "SELECT at, snapshots FROM trend ORDER BY at"]);
    assert_eq!(steps[0], json!({"at": "2026-10-01T00:00:00Z", "snapshots": 2}));
}

#[test]
fn what_a_whole_table_holds_is_warned_of_where_one_enterprise_is_asked_for() {
    let place = two_enterprises();
    for words in [&["export", "accounts"][..], &["query", "SELECT login FROM accounts"]] {
        let ran = done(&place, &[words, &["--enterprise", "labs"]].concat());
        assert!(
            ran.stderr.contains("the rows of every enterprise are in accounts"),
            "{words:?}: {}",
            ran.stderr
        );
        assert_eq!(done(&place, words).stderr, "", "{words:?}");
    }
    let ran = done(&place, &["query", "SELECT login FROM seats", "--enterprise", "labs"]);
    assert_eq!(ran.stderr, "");
}

#[test]
fn nobody_is_idle_after_the_day_of_the_file() {
    let place = Place::new();
    cloud(&place, "corp", "2026-10-01", &[row("bob", "", &[], &[])]);
    let gi = ["1", "gi", "gi@x.x", "2026-09-30T00:00:00Z"];
    server(&place, "g1.x", "2026-10-01", &[gi]);
    cloud(&place, "corp", "2026-11-20", &[row("bob", "", &[], &[])]);
    let reason =
        |place: &Place| place.json(&["reclaim", "--idle", "30d"])["items"][0]["reason"].clone();
    assert_eq!(reason(&place), "server-only");
    server(&place, "g1.x", "2026-11-20", &[gi]);
    assert_eq!(reason(&place), "dormant");
    let ran = place.run(&["reclaim", "--idle", "3m"]);
    assert_eq!(ran.code, 2, "{}", ran.stdout);
    assert!(ran.stderr.contains("months or minutes"), "{}", ran.stderr);
}

#[test]
fn nobody_found_is_not_nobody_where_a_source_is_missing() {
    for (ids, addresses, known) in [(&["g1.x:2"][..], &["b@o.x"][..], false), (&[], &[], true)] {
        let place = Place::new();
        cloud(&place, "corp", "2026-10-01", &[row("bob", "", ids, addresses)]);
        for words in [["consumption"], ["duplicates"]] {
            let told = done(&place, &words).stdout;
            assert_eq!(told.contains("Nobody takes two licenses"), known, "{words:?}: {told}");
            assert_eq!(told.contains("Nobody is known to take"), !known, "{words:?}: {told}");
        }
    }
    let place = Place::new();
    server(&place, "g1.x", "2026-10-01", &[["1", "al", "al@x.x", ""]]);
    for words in [["consumption"], ["duplicates"]] {
        let told = done(&place, &words).stdout;
        assert!(told.contains("Nobody is known to take"), "{words:?}: {told}");
    }
}

#[test]
fn a_check_that_no_bound_limits_does_not_say_that_nothing_is_wrong() {
    let place = two_enterprises();
    let free = done(&place, &["check", "--as-of", "latest"]).stdout;
    assert!(!free.contains("Nothing is wrong"), "{free}");
    assert!(free.contains("duplicates take 2 licenses too many, and no bound is set"), "{free}");
    let bound =
        done(&place, &["check", "--as-of", "latest", "--max-duplicates", "likely=2"]).stdout;
    assert!(bound.contains("No problem was found"), "{bound}");
}

#[test]
fn facts_under_another_name_are_of_the_instance() {
    let place = Place::new();
    cloud(&place, "corp", "2026-10-01", &[row("a", "", &[], &[])]);
    server(&place, "g1.x", "2026-10-02", &[["1", "a", "a@x", ""]]);
    done(&place, &["sources", "set", "g1.x", "--alias", "old.x"]);
    let license = r#"{"seats":10,"seats_used":1,"seats_available":9,"kind":"standard","expire_at":"2027-02-28T23:59:59Z"}"#;
    let file = place.write("license.json", license.as_bytes()).display().to_string();
    done(&place, &["import", &file, "--host", "old.x", "--taken-at", "2026-10-03"]);
    let status = r#"{"server_instances":[{"server_id":"s","hostname":"old.x","last_sync":{"date":"2026-10-02T00:00:00Z","status":"success","error":""}}]}"#;
    let file = place.write("sync.json", status.as_bytes()).display().to_string();
    done(&place, &["import", &file, "--enterprise", "corp", "--taken-at", "2026-10-03"]);
    let looked = place.json(&["check", "--as-of", "latest"])["looked_at"].clone();
    let looked = looked.as_array().expect("a list");
    for what in ["sync", "license-expiry"] {
        let of = |it: &&Value| it["what"] == what;
        let found: Vec<(&Value, bool)> = looked
            .iter()
            .filter(of)
            .map(|it| (&it["source"]["name"], it["value"].is_null()))
            .collect();
        assert_eq!(found, [(&json!("g1.x"), false)], "{what}");
    }
}

#[test]
fn a_step_of_several_is_not_said_to_be_of_one() {
    let place = Place::new();
    cloud(&place, "corp", "2026-09-30", &[row("a1", "", &[], &[])]);
    server(&place, "g1.x", "2026-10-15", &[["1", "s1", "s1@x.x", ""]]);
    let three: Vec<Value> = ["a1", "a2", "a3"].map(|it| row(it, "", &[], &[])).to_vec();
    cloud(&place, "corp", "2026-10-20", &three);
    let by = |by: &str| done(&place, &["trend", "--by", by]).stdout;
    assert!(by("snapshot").contains(
        "The step from 1 to 2 on 2026-10-15T00:00:00Z comes with the first file of g1.x."
    ));
    assert!(by("month").contains(
        "comes with the first file of g1.x, and with whatever else moved in that period"
    ));
    cloud(&place, "corp", "2026-10-15", &three);
    let both = by("snapshot");
    assert!(both.contains("the first file of g1.x, and with whatever else moved"), "{both}");
}

#[test]
fn columns_without_names_are_no_column_and_what_stands_there_is_refused() {
    let text = |header: &str, row: &str| {
        format!("id,login,email,suspended?{header}\n1,al,al@x.x,false{row}\n")
    };
    for (header, row, code) in
        [(",,", ",,", 0), (",", ",", 0), (",,", ",x,", 3), (",,", ",", 3), ("", ",", 3)]
    {
        let place = Place::new();
        let file = place.write("users.csv", text(header, row).as_bytes()).display().to_string();
        let ran = place.run(&["import", &file, "--host", "g1.x", "--taken-at", "2026-10-01"]);
        assert_eq!(ran.code, code, "{header:?} {row:?}: {}", ran.stderr);
    }
    let place = Place::new();
    let footer = format!("{}2 rows selected,,,\n", text("", ""));
    let file = place.write("users.csv", footer.as_bytes()).display().to_string();
    let ran = place.run(&["import", &file, "--host", "g1.x", "--taken-at", "2026-10-01"]);
    assert_eq!(ran.code, 3, "{}", ran.stdout);
    assert!(ran.stderr.contains("users.csv:3"), "{}", ran.stderr);
}

#[test]
fn what_was_tried_only_is_not_said_to_be_imported() {
    let place = Place::new();
    let text = format!("{HEADER}2021-03-04T05:06:07Z,1,al,al@x.x,admin,false,false,\n");
    let file = place.write("users.csv", text.as_bytes()).display().to_string();
    let words = ["import", &file, "--host", "g1.x", "--taken-at", "2026-10-01", "--dry-run"];
    let told = done(&place, &words).stdout;
    assert!(told.contains("nothing stored") && !told.contains("Imported"), "{told}");
    let early = place.run(&["consumption", "--known-on", "2020-01-01"]);
    assert_eq!(early.code, 7, "{}", early.stdout);
    let ran = place.run(&["demo", &place.path("d").display().to_string(), "--people", "3"]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
}

#[test]
fn what_is_taken_back_leaves_no_fright() {
    let place = two_enterprises();
    done(&place, &["sources", "retire", "g1.x", "--from", "2026-11-01"]);
    let told = done(&place, &["sources", "restore", "g1.x"]);
    assert!(!format!("{}{}", told.stdout, told.stderr).contains("true"), "{}", told.stderr);
}
