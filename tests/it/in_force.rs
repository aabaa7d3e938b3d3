//! What is in force and known at an instant: `latest` with the facts that stand beside accounts, instants that
//! need a search, an enterprise before its first report, missing sources, declarations by their day, expired
//! licenses.

use serde_json::{Value, json};

use crate::common::Place;

const HEADER: &str = "created_at,id,login,email,role,suspended?,last_logged_ip,repos,ssh_keys,org_memberships,dormant?,\
                      last_active,raw_login,2fa_enabled?";

fn cloud(logins: &[&str]) -> Value {
    let users = logins.iter().map(|login| {
        let roles = if login.starts_with("pen") { "Pending invitation" } else { "Member" };
        json!({"github_com_login": login, "github_com_user": true, "license_type": "Enterprise",
               "github_com_enterprise_roles": [roles], "github_com_verified_domain_emails": [],
               "github_com_saml_name_id": null, "enterprise_server_user_ids": [],
               "enterprise_server_primary_emails": []})
    });
    let users: Vec<Value> = users.collect();
    json!({"total_seats_consumed": users.len(), "total_seats_purchased": 10, "users": users})
}

fn server(rows: &[(u32, &str)]) -> String {
    let row = |(id, login): &(u32, &str)| {
        format!("2021-03-04T05:06:07Z,{id},{login},{login}@plant.example,user,false,,,,,false,,,\n")
    };
    format!("{HEADER}\n{}", rows.iter().map(row).collect::<String>())
}

fn import(place: &Place, text: &str, option: &str, name: &str, at: &str) {
    let file = place.write("file", text.as_bytes()).display().to_string();
    place.json(&["import", &file, option, name, "--taken-at", at]);
}

fn import_cloud(place: &Place, name: &str, logins: &[&str], at: &str) {
    import(place, &cloud(logins).to_string(), "--enterprise", name, at);
}

fn sync_status(instances: &Value) -> String {
    json!({"server_instances": instances}).to_string()
}

fn code(place: &Place, words: &[&str]) -> i32 {
    place.run(words).code
}

fn missing(place: &Place, more: &[&str]) -> Vec<String> {
    let answer = place.json(&[&["consumption"], more].concat());
    let sources = answer["sources_missing"].as_array().expect("sources").iter();
    sources
        .map(|it| format!("{} {}", it["kind"].as_str().unwrap(), it["name"].as_str().unwrap()))
        .collect()
}

/// Facts at any second after the accounts change `check` and `consumption` at the latest instant in the same
/// way as they do tomorrow.
#[test]
fn facts_after_the_accounts_count_at_once() {
    let failed = sync_status(&json!([{"hostname": "ghes1.example", "server_id": "a",
        "last_sync": {"date": "2026-03-01T03:00:00Z", "status": "failure", "error": "x"}}]));
    let went_well = failed.replace("failure", "success").replace("\"x\"", "\"\"");
    let license = json!({"seats": 7, "seats_used": 1, "seats_available": 6, "kind": "standard",
        "days_until_expiration": 300, "expire_at": "2027-03-02T00:00:00-00:00"});
    let license = license.to_string();
    let facts: [(&str, &str, &str, &str); 3] = [
        ("sync-status", &failed, "--enterprise", "corp"),
        ("sync-status", &went_well, "--enterprise", "corp"),
        ("server-license", &license, "--host", "ghes1.example"),
    ];
    for (kind, text, option, name) in facts {
        for seconds in [1, 7, 59] {
            let place = Place::new();
            import(
                &place,
                &server(&[(7, "al")]),
                "--host",
                "ghes1.example",
                "2026-03-02T08:00:00Z",
            );
            import_cloud(&place, "corp", &["ann"], "2026-03-02T08:00:00Z");
            let at = format!("2026-03-02T08:00:{seconds:02}Z");
            import(&place, text, option, name, &at);
            let latest = place.json(&["consumption"]);
            assert_eq!(latest["as_of"], json!(at), "{kind}");
            let mut now = latest.clone();
            let mut tomorrow = place.json(&["consumption", "--as-of", "2026-03-03"]);
            for answer in [&mut now, &mut tomorrow] {
                answer["as_of"] = Value::Null;
                for source in answer["sources"].as_array_mut().expect("sources") {
                    source["age_seconds"] = Value::Null;
                }
            }
            assert_eq!(now, tomorrow, "{kind} {seconds} seconds later");
            let findings = |as_of: &str| {
                let ran = place.run(&["check", "--json", "--as-of", as_of]);
                let answer: Value = serde_json::from_str(&ran.stdout).expect("JSON");
                (ran.code, answer["findings"].clone())
            };
            assert_eq!(
                findings("latest"),
                findings("2026-03-03"),
                "{kind} {seconds} seconds later"
            );
        }
    }
}

#[test]
fn a_partial_or_voided_fact_is_not_latest() {
    let place = Place::new();
    import_cloud(&place, "corp", &["ann"], "2026-03-02T08:00:00Z");
    import(&place, &sync_status(&json!([])), "--enterprise", "corp", "2026-03-02T09:00:00Z");
    assert_eq!(place.json(&["consumption"])["as_of"], json!("2026-03-02T09:00:00Z"));
    place.json(&["snapshots", "void", "2", "--reason", "a mistake"]);
    assert_eq!(place.json(&["consumption"])["as_of"], json!("2026-03-02T08:00:00Z"));
}

/// Two rounds of two files each. The accounts of the second are of 9 March.
fn two_rounds() -> Place {
    let place = Place::new();
    import_cloud(&place, "corp", &["ann"], "2026-02-02T08:00:00Z");
    import_cloud(&place, "corp", &["ann", "bob"], "2026-03-02T08:00:00Z");
    import(&place, &server(&[(7, "al")]), "--host", "ghes1.example", "2026-03-02T10:00:00Z");
    import_cloud(&place, "corp", &["ann", "bob", "cyd"], "2026-03-09T08:00:00Z");
    import(&place, &server(&[(7, "al")]), "--host", "ghes1.example", "2026-03-09T13:59:59Z");
    place
}

#[test]
fn points_in_time_that_are_to_be_found() {
    let place = two_rounds();
    for (asked, expected) in [
        ("latest", "2026-03-09T13:59:59Z"),
        ("0d", "2026-03-09T13:59:59Z"),
        ("7d", "2026-03-02T13:59:59Z"),
        ("2w", "2026-02-23T13:59:59Z"),
        ("1m", "2026-02-09T13:59:59Z"),
        ("previous", "2026-03-02T10:00:00Z"),
    ] {
        assert_eq!(
            place.json(&["consumption", "--as-of", asked])["as_of"],
            json!(expected),
            "{asked}"
        );
        for command in ["duplicates", "reclaim", "crosswalk"] {
            assert_eq!(
                place.json(&[command, "--as-of", asked])["as_of"],
                json!(expected),
                "{command} {asked}"
            );
        }
        let diff = place.json(&["diff", asked, "latest"]);
        assert_eq!(diff["from"]["at"], json!(expected), "{asked}");
        let trend = place.json(&["trend", "--by", "day", "--to", asked]);
        let last = trend["points"].as_array().expect("points").last().expect("a point").clone();
        assert_eq!(last["at"].as_str().unwrap()[..10], expected[..10], "{asked}");
    }
    for asked in ["3m", "90d", "99999w"] {
        assert_eq!(code(&place, &["consumption", "--as-of", asked]), 7, "{asked}");
        assert_eq!(code(&place, &["trend", "--from", asked]), 7, "{asked}");
        assert_eq!(code(&place, &["duplicates", "--since", asked]), 7, "{asked}");
    }
    for asked in ["7h", "-7d", "7", "yesterday", "Previous"] {
        assert_eq!(code(&place, &["consumption", &format!("--as-of={asked}")]), 2, "{asked}");
    }
    assert_eq!(code(&place, &["consumption", "--known-on", "7d"]), 2);
}

#[test]
fn previous_is_of_the_enterprise_and_knows_declarations() {
    let place = two_rounds();
    import_cloud(&place, "labs", &["eve"], "2026-03-05T08:00:00Z");
    place.json(&["sources", "set", "ghes1.example", "--enterprise", "corp"]);
    let previous = |more: &[&str]| {
        let words = [&["consumption", "--as-of", "previous"], more].concat();
        place.json(&words)["as_of"].as_str().unwrap().to_owned()
    };
    assert_eq!(previous(&[]), "2026-03-05T08:00:00Z");
    assert_eq!(previous(&["--enterprise", "corp"]), "2026-03-02T10:00:00Z");
    assert_eq!(code(&place, &["consumption", "--as-of", "previous", "--enterprise", "labs"]), 7);
    place.json(&["sources", "set", "corp", "--billing-model", "metered", "--from", "2026-03-04"]);
    assert_eq!(previous(&["--enterprise", "corp"]), "2026-03-04T00:00:00Z");
    // Within a round, it is no round of its own.
    place.json(&[
        "sources",
        "set",
        "corp",
        "--billing-model",
        "emu",
        "--from",
        "2026-03-09T09:00:00Z",
    ]);
    assert_eq!(previous(&["--enterprise", "corp"]), "2026-03-04T00:00:00Z");
}

#[test]
fn before_an_enterprise_was_first_known_nothing_is() {
    let place = Place::new();
    import_cloud(&place, "corp", &["ann"], "2026-03-02T08:00:00Z");
    import_cloud(&place, "labs", &["eve"], "2026-03-09T08:00:00Z");
    for command in
        ["consumption", "duplicates", "reclaim", "crosswalk", "seats", "reconcile", "check"]
    {
        let words = [command, "--enterprise", "labs", "--as-of"];
        assert_eq!(code(&place, &[&words[..], &["2026-03-05"]].concat()), 7, "{command}");
        assert_ne!(code(&place, &[&words[..], &["2026-03-10"]].concat()), 7, "{command}");
        let ran = place.run(&[command, "--enterprise", "crop"]);
        assert_eq!(ran.code, 2, "{command}");
        assert!(ran.stderr.contains("did you mean corp?"), "{}", ran.stderr);
    }
    assert_eq!(code(&place, &["diff", "2026-03-05", "2026-03-10", "--enterprise", "labs"]), 7);
    assert_eq!(code(&place, &["trend", "--enterprise", "labs", "--to", "2026-03-05"]), 7);
    assert_eq!(
        code(
            &place,
            &["query", "SELECT 1 FROM seats", "--enterprise", "labs", "--as-of", "2026-03-05"]
        ),
        7
    );
    for (command, more) in [
        ("trend", &["--from", "2026-03-09", "--to", "2026-03-02"][..]),
        ("diff", &["2026-03-09", "2026-03-02"]),
        ("diff", &["latest", "previous"]),
        ("seats", &["--period", "month", "--from", "2026-04-01"]),
    ] {
        assert_eq!(code(&place, &[&[command], more].concat()), 2, "{command} {more:?}");
    }
    let trend = place.json(&["trend", "--enterprise", "labs"]);
    assert_eq!(trend["points"].as_array().map(Vec::len), Some(1));
    let seats = place.json(&["seats", "--period", "day", "--enterprise", "labs"]);
    assert_eq!(seats["totals"].as_array().map(Vec::len), Some(1));
    // Known by a declaration, and by no snapshot of it or of its instances.
    import(&place, &server(&[(7, "al")]), "--host", "ghes1.example", "2026-03-16T08:00:00Z");
    place.json(&[
        "sources",
        "set",
        "ghes1.example",
        "--enterprise",
        "plant",
        "--accept-new",
        "bought",
    ]);
    assert_eq!(code(&place, &["consumption", "--enterprise", "plant", "--as-of", "2026-03-10"]), 7);
    let answer = place.json(&["consumption", "--enterprise", "plant"]);
    assert_eq!((&answer["consumed"], &answer["purchased"]), (&json!(1), &Value::Null));
    assert_eq!(place.json(&["consumption"])["purchased"], Value::Null, "plant states nothing");
}

#[test]
fn sources_are_missing_where_something_names_them() {
    let place = Place::new();
    let mut report = cloud(&["ann"]);
    report["users"][0]["enterprise_server_user_ids"] =
        json!(["5:ghes8.example", "6:GHES9.example:443"]);
    import(&place, &report.to_string(), "--enterprise", "corp", "2026-03-02T08:00:00Z");
    assert_eq!(missing(&place, &[]), ["server ghes8.example", "server ghes9.example"]);
    assert_eq!(
        missing(&place, &["--enterprise", "corp"]),
        ["server ghes8.example", "server ghes9.example"]
    );
    // A file of the host itself.
    import(&place, &server(&[(5, "al")]), "--host", "ghes8.example", "2026-03-02T09:00:00Z");
    assert_eq!(missing(&place, &[]), ["server ghes9.example"]);
    // After the void, the row still names it. A host that nothing names was a mistake, and is gone.
    import(&place, &server(&[(1, "ka")]), "--host", "ghse8.example", "2026-03-02T09:00:00Z");
    place.json(&["snapshots", "void", "3", "--reason", "a slip"]);
    assert_eq!(missing(&place, &[]), ["server ghes9.example"]);
    place.json(&["snapshots", "void", "2", "--reason", "a slip"]);
    assert_eq!(missing(&place, &[]), ["server ghes8.example", "server ghes9.example"]);
    // The alias of a known instance is no instance of its own, and a retired one is not missing.
    import(&place, &server(&[(5, "al")]), "--host", "ghes1.example", "2026-03-02T10:00:00Z");
    place.json(&["sources", "set", "ghes1.example", "--alias", "ghes9.example"]);
    assert_eq!(missing(&place, &[]), ["server ghes8.example"]);
    place.json(&["sources", "retire", "ghes8.example", "--from", "2026-03-01"]);
    assert_eq!(missing(&place, &[]), [""; 0]);
    // A sync status names one, as long as it is the newest.
    let status = sync_status(&json!([{"hostname": "ghes7.example", "last_sync": null}]));
    import(&place, &status, "--enterprise", "corp", "2026-03-02T10:00:01Z");
    assert_eq!(missing(&place, &[]), ["server ghes7.example"]);
    import(&place, &sync_status(&json!([])), "--enterprise", "corp", "2026-03-02T10:00:02Z");
    assert_eq!(missing(&place, &[]), [""; 0]);
    // A point of a trend states what `consumption` states.
    let point = place.json(&["trend"])["points"][0].clone();
    assert_eq!(point["sources_missing"].as_array().map(Vec::len), Some(1), "{point}");
}

#[test]
fn the_basis_stands_in_every_answer() {
    let place = two_rounds();
    place.json(&["sources", "set", "corp", "--billing-model", "metered", "--from", "2026-03-05"]);
    let commands: [&[&str]; 13] = [
        &["consumption"],
        &["duplicates"],
        &["explain", "ann"],
        &["trend"],
        &["diff", "previous", "latest"],
        &["reconcile"],
        &["check"],
        &["reclaim"],
        &["crosswalk"],
        &["seats"],
        &["snapshots"],
        &["sources"],
        &["links"],
    ];
    let answer = |words: &[&str]| -> Value {
        serde_json::from_str(&place.run(&[words, &["--json"]].concat()).stdout).expect("JSON")
    };
    for command in commands {
        assert_eq!(answer(command)["known_on"], Value::Null, "{command:?}");
        assert!(answer(command).get("known_on").is_some(), "{command:?}");
        let known = answer(&[command, &["--known-on", "2026-12-31"]].concat());
        assert_eq!(known["known_on"], json!("2026-12-31T23:59:59Z"), "{command:?}");
    }
    let metered = json!([{"enterprise": "corp", "model": "metered"}]);
    let both = json!([{"enterprise": "corp", "model": "volume"}, {"enterprise": "corp", "model": "metered"}]);
    for (command, expected) in [
        (&["consumption"][..], &metered),
        (&["seats"], &metered),
        (&["reconcile"], &metered),
        (&["diff", "2026-03-02", "latest"], &both),
        (&["trend"], &both),
        (&["consumption", "--enterprise", "corp"], &metered),
    ] {
        assert_eq!(answer(command)["billing_models"], *expected, "{command:?}");
    }
    for command in [&["duplicates"][..], &["seats"]] {
        assert_eq!(answer(command)["warnings"], json!([]), "{command:?}");
    }
}

#[test]
fn a_license_that_has_ended_counts_and_is_said() {
    let place = Place::new();
    let mut report = cloud(&["ann", "bob", "cyd"]);
    report["users"][0]["ghe_license_active"] = json!(false);
    report["users"][1]["ghe_license_end_date"] = json!("2026-03-05");
    report["users"][2]["ghe_license_active"] = json!(true);
    import(&place, &report.to_string(), "--enterprise", "corp", "2026-03-02T08:00:00Z");
    for (as_of, number) in [("latest", "1 row"), ("2026-03-05", "1 row"), ("2026-03-06", "2 rows")]
    {
        let answer = place.json(&["consumption", "--as-of", as_of]);
        assert_eq!(answer["consumed"], json!(3));
        assert_eq!(answer["warnings"][0]["code"], json!("license-ended"), "{as_of}");
        let message = answer["warnings"][0]["message"].as_str().unwrap();
        assert!(message.starts_with(number), "{as_of}: {message}");
        assert_eq!(place.json(&["duplicates", "--as-of", as_of])["warnings"], answer["warnings"]);
        let explained = place.run(&["explain", "bob", "--as-of", as_of]).stdout;
        assert_eq!(
            explained.contains("license has ended"),
            number == "2 rows",
            "{as_of}: {explained}"
        );
    }
}

#[test]
fn seat_ids_are_those_of_one_enterprise() {
    let place = Place::new();
    for (name, id) in [("corp", "7"), ("labs", "7")] {
        let mut report = cloud(&[""]);
        report["users"][0] = json!({"github_com_login": "", "github_com_user": false, "enterprise_server_user": true,
            "enterprise_server_user_ids": [id], "enterprise_server_primary_emails": [format!("a@{name}.example")]});
        import(&place, &report.to_string(), "--enterprise", name, "2026-03-02T08:00:00Z");
    }
    let rows = place.json(&["query", "SELECT seat_id FROM seats ORDER BY seat_id"]);
    assert_eq!(
        rows,
        json!([{"seat_id": "server:unknown@corp:7"}, {"seat_id": "server:unknown@labs:7"}])
    );
}

#[test]
fn a_command_says_what_becomes_of_the_day_of_a_declaration() {
    let place = two_rounds();
    let set = |words: &[&str]| {
        place.run(&[&["sources", "set", "corp", "--billing-model"], words].concat()).stderr
    };
    let said = set(&["metered", "--from", "2026-04-01"]);
    assert!(said.contains("the declaration takes effect on 2026-04-01T00:00:00Z"), "{said}");
    assert_eq!(place.json(&["consumption"])["billing_models"][0]["model"], json!("volume"));
    let said = set(&["emu"]);
    assert!(said.contains("from 2026-04-01T00:00:00Z on, the value metered counts"), "{said}");
    assert_eq!(place.json(&["consumption"])["billing_models"][0]["model"], json!("emu"));
    let said = set(&["metered", "--from", "2026-03-03"]);
    assert!(!said.contains("note"), "{said}");
    let words = [
        "links",
        "add",
        "ghes1.example:7",
        "corp:ann",
        "--reason",
        "asked",
        "--from",
        "2026-05-01",
    ];
    assert!(
        place.run(&words).stderr.contains("the declaration takes effect on 2026-05-01T00:00:00Z")
    );
}

#[test]
fn the_views_in_the_file_go_by_the_same_days() {
    let place = two_rounds();
    let model = || {
        place.json(&["query", "SELECT billing_model FROM sources WHERE kind = 'cloud'"])[0]["billing_model"].clone()
    };
    let retired = || {
        place.json(&["query", "SELECT retired FROM sources WHERE kind = 'server'"])[0]["retired"]
            .clone()
    };
    place.json(&["sources", "set", "corp", "--billing-model", "metered", "--from", "2026-03-05"]);
    place.json(&["sources", "set", "corp", "--billing-model", "emu", "--from", "2026-03-01"]);
    assert_eq!(model(), json!("metered"));
    assert_eq!(retired(), json!(0));
    place.json(&["sources", "retire", "ghes1.example", "--from", "2026-03-05"]);
    assert_eq!(retired(), json!(1));
}
