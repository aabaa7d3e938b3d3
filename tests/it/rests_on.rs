//! What an answer rests on, and what it cannot know. Every answer states it in every format, and unknown is
//! never taken for nothing.

use serde_json::{Value, json};

use crate::common::Place;

const AT: &str = "2026-09-01T00:00:00Z";
const HEADER: &str = "created_at,id,login,email,role,suspended?,last_logged_ip,repos,ssh_keys,org_memberships,dormant?,\
                      last_active,raw_login,2fa_enabled?";

/// A Cloud row with every field that people are matched by.
fn row(login: &str) -> Value {
    json!({"github_com_login": login, "github_com_user": true, "license_type": "Enterprise",
        "github_com_enterprise_roles": ["Member"], "github_com_member_roles": ["o:Member"],
        "enterprise_server_user_ids": [], "enterprise_server_primary_emails": [],
        "github_com_saml_name_id": null, "github_com_verified_domain_emails": []})
}

fn report(rows: &[Value]) -> String {
    json!({"total_seats_consumed": rows.len(), "total_seats_purchased": 100, "users": rows})
        .to_string()
}

fn import(place: &Place, name: &str, text: &str, words: &[&str]) {
    let file = place.write(name, text.as_bytes()).display().to_string();
    place.json(&[&["import", &file], words].concat());
}

/// A complete ledger: one enterprise and one instance, on two days.
fn ledger() -> Place {
    let place = Place::new();
    let server =
        format!("{HEADER}\n2020-01-01,7,bob,bob@corp.example,user,false,,,,,false,2026-08-30,,\n");
    for (name, at) in [("a", AT), ("b", "2026-09-02T00:00:00Z")] {
        let words = ["--enterprise", "corp", "--taken-at", at];
        import(&place, &format!("{name}.json"), &report(&[row("ada")]), &words);
        let words = ["--host", "ghes1.corp.example", "--taken-at", at];
        import(&place, &format!("{name}.csv"), &server, &words);
    }
    place.write("new.csv", server.as_bytes());
    place
}

/// The same people in a report with no field but the login.
fn bare_ledger() -> Place {
    let place = Place::new();
    let rows = json!([{"github_com_login": "ada", "github_com_user": true}]).to_string();
    import(&place, "bare.json", &rows, &["--enterprise", "corp", "--taken-at", AT]);
    let server = format!("{HEADER}\n2020-01-01,7,bob,bob@corp.example,user,false,,,,,false,,,\n");
    import(&place, "s.csv", &server, &["--host", "ghes1.corp.example", "--taken-at", AT]);
    place
}

/// Every question, and whether it accepts `--known-on`.
fn questions(place: &Place) -> Vec<(Vec<String>, bool)> {
    let rehearsed = place.path("new.csv").display().to_string();
    let asked: [(&[&str], bool); 18] = [
        (&["consumption"], true),
        (&["duplicates"], true),
        (&["explain", "ada"], true),
        (&["trend"], true),
        (&["diff", "2026-09-01", "2026-09-02"], true),
        (&["diff", "2026-09-01", "2026-09-02", "--summary"], true),
        (&["reconcile"], true),
        (&["check", "--as-of", "latest"], true),
        (&["reclaim"], true),
        (&["crosswalk"], true),
        (&["across"], true),
        (&["seats"], true),
        (&["snapshots"], true),
        (&["sources"], true),
        (&["links"], true),
        (&["rehearse", &rehearsed, "--host", "ghes1.corp.example"], false),
        (&["journal"], false),
        (&["questions"], false),
    ];
    let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    asked.iter().map(|(words, dated)| (owned(words), *dated)).collect()
}

#[test]
fn every_answer_carries_what_was_known_and_its_instant() {
    let place = ledger();
    let of_spans = ["trend", "diff", "snapshots", "sources", "journal", "questions"];
    for (words, dated) in questions(&place) {
        let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
        let answer = place.json(&words);
        assert_eq!(answer.get("known_on"), Some(&Value::Null), "{words:?}: {answer:#}");
        if !of_spans.contains(&words[0]) {
            assert_eq!(answer["as_of"], "2026-09-02T00:00:00Z", "{words:?}: {answer:#}");
        }
        if dated {
            words.extend(["--known-on", "2027-01-01"]);
            assert_eq!(place.json(&words)["known_on"], "2027-01-01T23:59:59Z", "{words:?}");
        }
    }
    let told = place.run(&["seats", "--format", "csv", "--stamped"]).stdout;
    assert!(told.contains(",2026-09-02T00:00:00Z,,volume\r\n"), "{told}");
}

#[test]
fn tables_say_what_is_not_the_usual() {
    let place = ledger();
    let not_billed =
        ["check", "crosswalk", "snapshots", "sources", "links", "journal", "questions"];
    for model in ["volume", "metered", "emu"] {
        assert_eq!(place.run(&["sources", "set", "corp", "--billing-model", model]).code, 0);
        for (words, dated) in questions(&place) {
            let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
            let told = place.run(&words).stdout;
            let says_model = told.contains(&format!("Billing model: {model}"));
            let expected = model != "volume" && !not_billed.contains(&words[0]);
            assert_eq!(says_model, expected, "{words:?}: {told}");
            assert!(!told.to_lowercase().contains("known on 2"), "{words:?}: {told}");
            if dated {
                words.extend(["--known-on", "2027-01-01"]);
                let told = place.run(&words).stdout.to_lowercase();
                assert!(told.contains("known on 2027-01-01t23:59:59z"), "{words:?}: {told}");
            }
        }
    }
}

#[test]
fn every_row_of_money_names_its_currency() {
    let place = ledger();
    for by in ["organization", "role", "kind", "license-type", "cost-center"] {
        for period in [&[][..], &["--period", "day"]] {
            let asked = ["seats", "--by", by, "--price", "21", "--currency", "EUR"];
            let ask = |format: &str| {
                let words = [&asked[..], period, &["--format", format]].concat();
                place.run(&words).stdout
            };
            for line in ask("csv").lines().skip(1).chain(ask("tsv").lines().skip(1)) {
                let ends: &[&str] =
                    if period.is_empty() { &["EUR"] } else { &["EURfalse2", "EURtrue2"] };
                let line = line.replace([',', '\t'], "");
                assert!(ends.iter().any(|it| line.ends_with(it)), "{by}: {line}");
            }
            let header = ask("csv");
            assert!(
                header
                    .lines()
                    .next()
                    .is_some_and(|it| it.ends_with("amount,currency,unfinished,snapshots"))
            );
            for line in ask("ndjson").lines() {
                let line: Value = serde_json::from_str(line).expect("JSON");
                assert_eq!(line["currency"], "EUR", "{by}: {line}");
            }
            for line in ask("markdown").lines().skip(2) {
                assert!(line.contains("| EUR |"), "{by}: {line}");
            }
        }
    }
    // Without a price there is no money, but the columns stay.
    let told = place.run(&["seats", "--format", "csv"]).stdout;
    assert!(told.lines().skip(1).all(|line| line.ends_with(",,")), "{told}");
}

#[test]
fn a_field_that_is_absent_is_nowhere_none_or_nobody() {
    let place = bare_ledger();
    let answer = place.json(&["consumption"]);
    assert_eq!(
        (&answer["pending_invitations"], &answer["visual_studio"]),
        (&Value::Null, &Value::Null)
    );
    for words in [
        &["consumption"][..],
        &["duplicates"],
        &["duplicates", "--since", "2026-09-01T00:00:00Z"],
        &["explain", "ada"],
        &["explain", "bob"],
    ] {
        let answer = place.json(words);
        let warned = answer["warnings"].as_array().expect("warnings");
        assert!(warned.iter().any(|it| it["code"] == "field-absent"), "{words:?}: {answer:#}");
        let told = place.run(words).stdout;
        assert!(told.contains("not stated") || told.contains("are not known"), "{words:?}: {told}");
        for none in ["Nobody takes", "no Server account merged", "no report has listed"] {
            assert!(!told.contains(none), "{words:?} says {none}: {told}");
        }
    }
    let reason = &place.json(&["explain", "bob"])["people"][0]["reason"];
    assert!(reason.as_str().is_some_and(|it| it.contains("as far as")), "{reason}");
    // Duplicates cannot be judged: a bound fails, and without one there is a notice.
    let check = |words: &[&str]| {
        let ran = place.run(&[&["check", "--as-of", "latest", "--json"], words].concat());
        let answer: Value = serde_json::from_str(&ran.stdout).expect("JSON");
        let findings = answer["findings"].as_array().expect("findings").clone();
        let of_doubles = |it: &&Value| it["message"].to_string().contains("two licenses");
        let found = findings.iter().find(of_doubles).cloned().unwrap_or_default();
        let looked = answer["looked_at"].as_array().expect("what was looked at").clone();
        let value = looked.into_iter().find(|it| it["what"] == "duplicates-certain");
        (ran.code, found["severity"].clone(), value.unwrap_or_default()["value"].clone())
    };
    assert_eq!(check(&[]), (0, json!("notice"), Value::Null));
    for level in ["certain=0", "likely=3", "possible=9"] {
        assert_eq!(
            check(&["--max-duplicates", level]),
            (1, json!("error"), Value::Null),
            "{level}"
        );
    }
    // Where everything is stated, none means none.
    let place = ledger();
    let answer = place.json(&["consumption"]);
    assert_eq!((&answer["pending_invitations"], &answer["visual_studio"]), (&json!(0), &json!(0)));
    assert_eq!(answer["warnings"], json!([]));
    assert!(place.run(&["consumption"]).stdout.contains("Nobody takes two licenses."));
    assert!(place.run(&["explain", "ada"]).stdout.ends_with("One license is taken.\n"));
    assert_eq!(place.run(&["check", "--as-of", "latest", "--max-duplicates", "certain=0"]).code, 0);
}

#[test]
fn each_field_that_is_absent_leaves_open_what_it_would_tell() {
    for (field, key) in
        [("license_type", "visual_studio"), ("github_com_enterprise_roles", "pending_invitations")]
    {
        let place = Place::new();
        let mut rows = [row("ada"), row("eve")];
        for row in &mut rows {
            row.as_object_mut().expect("a row").remove(field);
        }
        import(&place, "c.json", &report(&rows), &["--enterprise", "corp", "--taken-at", AT]);
        let other = ["visual_studio", "pending_invitations"].into_iter().find(|it| *it != key);
        let answer = place.json(&["consumption"]);
        assert_eq!(
            (&answer[key], &answer[other.expect("two")]),
            (&Value::Null, &json!(0)),
            "{field}"
        );
        // One report states it and another one does not, so the sum is not known.
        let words = ["--enterprise", "other", "--taken-at", AT];
        import(&place, "d.json", &report(&[row("zoe")]), &words);
        assert_eq!(place.json(&["consumption"])[key], Value::Null, "{field}");
        assert_eq!(place.json(&["consumption", "--enterprise", "other"])[key], 0, "{field}");
    }
}

#[test]
fn what_nobody_imported_is_looked_at_and_no_alarm() {
    let place = ledger();
    let ran = place.run(&["check", "--as-of", "latest", "--json"]);
    let answer: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let unknown = answer["looked_at"].as_array().expect("what was looked at").iter();
    let unknown = unknown.filter(|it| it["value"].is_null()).count();
    assert_eq!((ran.code, &answer["ok"], unknown), (0, &json!(true), 2));
    assert_eq!(answer["findings"], json!([]), "{answer:#}");
    assert_eq!(place.run(&["-q", "check", "--as-of", "latest"]).stdout, "");
    for format in ["table", "markdown"] {
        let told = place.run(&["check", "--as-of", "latest", "--format", format]).stdout;
        assert!(
            told.contains(
                "No problem was found in the values that were checked; 2 values are unknown"
            ),
            "{told}"
        );
    }
}

#[test]
fn reclaim_says_only_what_files_state() {
    let place = Place::new();
    let words = ["--enterprise", "corp", "--taken-at", AT];
    import(&place, "c.json", &report(&[row("ada")]), &words);
    let export = json!({"instance": {"server_id": "x", "host_name": "a.example", "version": "3.17.2"},
        "users": [{"user_id": 1, "login": "q", "name": null, "suspended": false,
            "emails": [{"email": "w@x.example", "primary": true}]}]});
    import(&place, "a.json", &export.to_string(), &["--taken-at", AT]);
    let answer = place.json(&["reclaim"]);
    assert_eq!(answer["summary"]["dormant"], Value::Null, "{answer:#}");
    assert_eq!(answer["summary"]["never_signed_in"], Value::Null, "{answer:#}");
    assert_eq!(answer["activity_not_stated"], json!(["a.example"]));
    let told = place.run(&["reclaim"]).stdout;
    assert!(told.contains("who is dormant is not stated"), "{told}");
    // Another instance states it. The answer lists its accounts, and names the instance about which nothing is
    // known.
    let lines = [
        "2020-01-01,1,e,e@x.example,user,false,,,,,true,,,",
        "2020-01-01,2,f,f@x.example,user,false,,,,,true,2026-01-01T00:00:00Z,,",
        "2020-01-01,3,g,g@x.example,user,false,,,,,false,never,,",
    ];
    let sheet = format!("{HEADER}\n{}\n", lines.join("\n"));
    import(&place, "b.csv", &sheet, &["--host", "b.example", "--taken-at", AT]);
    let answer = place.json(&["reclaim"]);
    let summary = &answer["summary"];
    assert_eq!((&summary["dormant"], &summary["never_signed_in"]), (&json!(2), &json!(1)));
    assert_eq!(answer["activity_not_stated"], json!(["a.example"]));
    let told = place.run(&["reclaim"]).stdout;
    for said in
        ["1 dormant for 90 days, 1 reported as dormant", "files of a.example state no activity"]
    {
        assert!(told.contains(said), "{told}");
    }
    // Without anybody on Server only, nobody is idle there.
    let place = Place::new();
    import(&place, "c.json", &report(&[row("ada")]), &words);
    assert_eq!(place.json(&["reclaim"])["summary"]["dormant"], 0);
}

#[test]
fn reconcile_names_both_ends() {
    let place = Place::new();
    let words = ["--enterprise", "corp", "--taken-at", AT];
    import(&place, "c.json", &report(&[row("ada")]), &words);
    let told = place.run(&["reconcile"]).stdout;
    assert!(
        told.contains(&format!("From GitHub's report of {AT} to what oneseat counts as of {AT}"))
    );
    assert!(!told.contains("moved since"), "{told}");
    let sheet = format!("{HEADER}\n2020-01-01,1,e,e@x.example,user,false,,,,,,,,\n");
    let later = "2026-09-08T00:00:00Z";
    import(&place, "s.csv", &sheet, &["--host", "h.example", "--taken-at", later]);
    let answer = place.json(&["reconcile"]);
    let ends =
        json!([{"enterprise": "corp", "at": AT, "snapshot": 1, "reported": 1, "computed": 1}]);
    assert_eq!((&answer["ends"], &answer["asked"]), (&ends, &json!({"at": later, "consumed": 2})));
    let told = place.run(&["reconcile"]).stdout;
    for said in [format!("report of {AT} (#1)"), format!("As of {later} oneseat counts 2")] {
        assert!(told.contains(&said), "{said}: {told}");
    }
    let rows = place.run(&["reconcile", "--format", "csv"]).stdout;
    for said in [format!("report of {AT} (#1)"), format!("counts as of {AT}")] {
        assert!(rows.contains(&said), "{said}: {rows}");
    }
    // Each enterprise has its own first and last report.
    let words = ["--enterprise", "other", "--taken-at", later];
    import(&place, "d.json", &report(&[row("zoe"), row("eve")]), &words);
    let answer = place.json(&["reconcile"]);
    assert_eq!(answer["ends"].as_array().map(Vec::len), Some(2), "{answer:#}");
    let told = place.run(&["reconcile"]).stdout;
    assert!(told.contains(&format!("reports of {AT} to {later}")), "{told}");
}

#[test]
fn a_comparison_that_begins_after_what_is_asked_is_a_wrong_command_line() {
    let place = ledger();
    for words in [
        &["--since", "2026-12-01"][..],
        &["--since", "2026-09-02T00:00:01Z"],
        &["--since", "2026-09-02T00:00:00Z", "--as-of", "2026-09-01"],
        &["--since", "latest", "--as-of", "previous"],
    ] {
        let ran = place.run(&[&["duplicates"], words].concat());
        assert_eq!(ran.code, 2, "{words:?}: {}", ran.stdout);
    }
    for words in
        [["--since", "2026-09-02T00:00:00Z"], ["--since", "previous"], ["--since", "latest"]]
    {
        assert_eq!(place.run(&[&["duplicates"], &words[..]].concat()).code, 0, "{words:?}");
    }
}

#[test]
fn sources_show_what_holds_at_the_latest_instant() {
    let place = ledger();
    let billing = || {
        let answer = place.json(&["sources"]);
        let items = answer["items"].as_array().expect("items").clone();
        let corp = items.into_iter().find(|it| it["name"] == "corp").expect("the enterprise");
        let counted = place.json(&["consumption"])["billing_models"][0]["model"].clone();
        assert_eq!(corp["billing_model"], counted, "{corp}");
        (corp["billing_model"].clone(), corp["billing_model_declared"].clone())
    };
    let set = |words: &[&str]| {
        let ran = place.run(&[&["sources", "set", "corp", "--billing-model"], words].concat());
        assert_eq!(ran.code, 0, "{}", ran.stderr);
    };
    set(&["metered", "--from", "2026-10-01"]);
    assert_eq!(billing(), (json!("volume"), json!(false)));
    set(&["emu"]);
    assert_eq!(billing(), (json!("emu"), json!(true)));
    set(&["metered", "--from", "2026-09-02"]);
    assert_eq!(billing(), (json!("metered"), json!(true)));
}

#[test]
fn sentences_write_numbers_as_tables_do() {
    let place = Place::new();
    let rows: Vec<Value> = (1..=1200).map(|number| row(&format!("u{number}"))).collect();
    let import = |name: &str, rows: &[Value], at: &str| {
        let words = ["--enterprise", "corp", "--accept-short", "x", "--taken-at", at];
        self::import(&place, name, &report(rows), &words);
    };
    import("c.json", &rows, AT);
    import("d.json", &rows[..1], "2026-09-02T00:00:00Z");
    for (words, said) in [
        (&["diff", "1", "2", "--summary"][..], "1,199 seats moved"),
        (&["diff", "1", "2"], "1,199 seats moved"),
        (&["trend"], "at least 1,200 on"),
        (&["trend"], "1 to 1,200"),
        (&["consumption", "--as-of", AT], "1,100 more licenses are consumed than were purchased"),
        (&["check", "--as-of", AT], "1,200 licenses are consumed, 100 are purchased"),
    ] {
        let told = place.run(words).stdout;
        assert!(told.contains(said), "{words:?}: {told}");
    }
}

#[test]
fn only_the_period_in_which_the_data_end_is_unfinished() {
    let place = Place::new();
    let words = ["--enterprise", "corp", "--taken-at", "2026-06-10"];
    import(&place, "c.json", &report(&[row("ada")]), &words);
    for (as_of, marks) in [
        ("2026-06-20", vec!["2026-06-30T23:59:59Z (unfinished)"]),
        (
            "2026-07-15",
            vec![
                "2026-06-30T23:59:59Z (unfinished)",
                "2026-07-31T23:59:59Z (carried: no file in this period)",
            ],
        ),
    ] {
        let told = place.run(&["seats", "--period", "month", "--as-of", as_of]).stdout;
        let marked: Vec<&str> = told.lines().filter_map(|it| it.strip_prefix("until ")).collect();
        assert_eq!(marked, marks, "{told}");
    }
}
