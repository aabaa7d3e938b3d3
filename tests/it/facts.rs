//! The facts beside accounts: Visual Studio subscriptions, cost centers, sync status, and what instances report
//! about themselves. They are imported in every form that people have, and printed again. And the journal.

use serde_json::{Value, json};

use crate::common::{Place, Ran};

/// An enterprise of three people. Ada has a subscription that GitHub has matched.
fn shc() -> Place {
    let user = |login: &str, name: &str, address: &str| {
        json!({"github_com_login": login, "github_com_name": name, "github_com_user": true,
            "license_type": "Enterprise", "github_com_enterprise_roles": ["Member"],
            "github_com_verified_domain_emails": [address], "github_com_saml_name_id": address})
    };
    let mut ada = user("ada_shc", "Ada Lovelace", "ada@shc.example");
    ada["visual_studio_subscription_email"] = json!("ada@shc.example");
    let report = json!({"total_seats_consumed": 3, "total_seats_purchased": 10, "users": [
        user("sofia_shc", "Kovalevskaya, Sofía", "skovalevskaya@shc.example"),
        user("gauss_shc", "Carl Friedrich Gauss", "cfg@shc.example"), ada]});
    let place = Place::new();
    let ran = import(&place, "cloud.json", &report.to_string());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    place
}

fn import(place: &Place, name: &str, content: &str) -> Ran {
    let file = place.write(name, content.as_bytes()).display().to_string();
    place.run(&["import", &file, "--enterprise", "shc", "--taken-at", "2026-10-01", "--json"])
}

fn imported(place: &Place, name: &str, content: &str) -> Value {
    let ran = import(place, name, content);
    assert_eq!(ran.code, 0, "{content}: {}", ran.stderr);
    let answer: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    answer["items"][0].clone()
}

fn codes(item: &Value) -> Vec<&str> {
    let warnings = item["warnings"].as_array().expect("warnings");
    warnings.iter().filter_map(|it| it["code"].as_str()).collect()
}

fn rows(place: &Place, sql: &str) -> Value {
    place.json(&["query", sql])
}

#[test]
fn subscriptions_of_the_api_are_read_in_every_form_and_are_no_report() {
    let one = r#"{"visual_studio_subscription_email":"sofia@x.example","subscription_id":"s-1","username":null,"manual_match":false}"#;
    let two = r#"{"visual_studio_subscription_email":"ada@shc.example","subscription_id":"s-2","username":"ada_shc","manual_match":true}"#;
    let published = r#"{"email":"sofia@x.example","subscriptionId":"s-1","username":"","manual_match":"false"}"#;
    for (content, number) in [
        (format!("{one}\n{two}\n"), 2),
        (format!("[{one},{two}]"), 2),
        (format!("[\n {one},\n null,\n {two}\n]"), 2),
        (one.to_owned(), 1),
        (published.to_owned(), 1),
        (format!("{published}\n{two}"), 2),
        (format!(r#"{{"total_count":2,"visual_studio_subscriptions":[{one},null,{two}]}}"#), 2),
        (
            format!(
                r#"[{{"visual_studio_subscriptions":[{one}]}},{{"visual_studio_subscriptions":[{two}]}}]"#
            ),
            2,
        ),
        (
            format!(
                r#"{{"total_count":"1","visual_studio_subscription_assignments":[{published}]}}"#
            ),
            1,
        ),
        (r#"{"visual_studio_subscription_email":"sofia@x.example","username":null}"#.to_owned(), 1),
        (
            r#"{"visual_studio_subscription_email":"sofia@x.example","subscription_id":7}"#
                .to_owned(),
            1,
        ),
    ] {
        let place = shc();
        let item = imported(&place, "list.json", &content);
        assert_eq!(item["source"]["kind"], json!("visual-studio"), "{content}");
        assert_eq!((&item["rows"], codes(&item)), (&json!(number), vec![]), "{content}");
        assert_eq!(place.json(&["consumption"])["consumed"], json!(3), "{content}");
        let summary = place.json(&["crosswalk"])["summary"].clone();
        assert_eq!(
            (&summary["proposed"], &summary["matched"]),
            (&json!(1), &json!(1)),
            "{content}"
        );
        let table =
            rows(&place, "SELECT count(*) AS n FROM visual_studio_subscriptions WHERE counted");
        assert_eq!(table, json!([{"n": number}]), "{content}");
        let exported = place.json(&["snapshots", "export", "2"]);
        assert_eq!(exported["items"].as_array().map(Vec::len), Some(number), "{content}");
    }
}

#[test]
fn subscriptions_of_another_type_are_refused_with_field_and_row() {
    for (content, told) in [
        (
            r#"{"visual_studio_subscriptions":[{"email":{"a":"planted"},"subscriptionId":"1"}]}"#,
            "email of element 1 of visual_studio_subscriptions is an object, not a text",
        ),
        (
            r#"{"visual_studio_subscriptions":[{"email":"a@b"},"planted"]}"#,
            "element 2 of visual_studio_subscriptions is a text",
        ),
        (
            r#"{"subscription_id":["planted"],"username":"a","manual_match":true}"#,
            "subscription_id of element 1 of visual_studio_subscriptions is a list",
        ),
        (
            r#"{"costCenters":[{"id":"1","name":["planted"]}]}"#,
            "name of element 1 of costCenters is a list",
        ),
        (
            r#"{"costCenters":[{"id":"1","name":"A","resources":{"planted":1}}]}"#,
            "resources of cost center 1 is an object, not a list",
        ),
        (
            r#"{"memberships":[{"cost_center":{"id":"1","name":"planted"}}]}"#,
            "the answer about one resource (memberships)",
        ),
    ] {
        let ran = import(&shc(), "list.json", content);
        assert_eq!(ran.code, 3, "{content}: {}", ran.stderr);
        assert!(ran.stderr.contains(told) && !ran.stderr.contains("planted"), "{}", ran.stderr);
    }
}

/// A list of the portal with these columns after level and id, and these rows.
fn portal(columns: &str, rows: &[&str]) -> String {
    let mut text = format!("Subscriber Name,{columns},Subscription Level,Subscription GUID\n");
    for (number, row) in rows.iter().enumerate() {
        let level = "Visual Studio Enterprise with GitHub Enterprise";
        text.push_str(&format!("Sofia Kovalevskaya,{row},{level},g-{number}\n"));
    }
    text
}

#[test]
fn the_sign_in_address_is_found_under_all_its_names_and_under_no_other() {
    for column in [
        "Email",
        "Sign-in Email",
        "Sign-in Email Address",
        "Sign-in email address",
        "Assigned to Email Address",
        "Notification Email Address,Email",
    ] {
        let place = shc();
        let row = if column.contains(',') {
            "other@x.example,sofia.k@x.example"
        } else {
            "sofia.k@x.example"
        };
        imported(&place, "list.csv", &portal(column, &[row]));
        let answer = place.json(&["crosswalk"]);
        assert_eq!(answer["items"][0]["email"], json!("sofia.k@x.example"), "{column}");
        assert_eq!(
            rows(&place, "SELECT key FROM visual_studio_subscriptions"),
            json!([{"key": "sofia.k@x.example"}])
        );
    }
    for column in ["Notification Email Address", "Mail", "Contact"] {
        let ran = import(&shc(), "list.csv", &portal(column, &["planted@x.example"]));
        assert_eq!(ran.code, 3, "{column}");
        let told = format!("there are: \"Subscriber Name\", \"{column}\", \"Subscription Level\"");
        assert!(ran.stderr.contains(&told) && !ran.stderr.contains("planted"), "{}", ran.stderr);
    }
}

#[test]
fn what_has_ended_brings_no_license_and_days_are_read_by_their_column() {
    for (days, expected, ended, code) in [
        (&["9/30/2026", "1/2/2026"][..], "2026-09-30T23:59:59Z", 2, None),
        (&["30/9/2026", "2/11/2026"], "2026-09-30T23:59:59Z", 1, None),
        (&["2026-09-30", "2026-11-02"], "2026-09-30T23:59:59Z", 1, None),
        (&["2026-09-30T10:00:00Z", "2026-10-01"], "2026-09-30T10:00:00Z", 1, None),
        (&["30.09.2026", "01.10.2026"], "2026-09-30T23:59:59Z", 1, None),
        (&["9/30/26", "10/1/26"], "2026-09-30T23:59:59Z", 1, None),
        (&["9/30/2026 12:00:00 AM", ""], "2026-09-30T23:59:59Z", 1, None),
        (&["5/6/2026", "7/8/2026"], "", 0, Some("date-ambiguous")),
        (&["30/9/2026", "9/30/2026"], "", 0, Some("date-ambiguous")),
        (&["2/31/2026", "12/31/2026"], "", 0, Some("date-unknown")),
        (&["next year", ""], "", 0, Some("date-unknown")),
    ] {
        let place = shc();
        let lines: Vec<String> = days
            .iter()
            .enumerate()
            .map(|(number, day)| format!("s{number}@x.example,{day}"))
            .collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let item = imported(&place, "list.csv", &portal("Email,Expiration Date (UTC)", &lines));
        assert_eq!(codes(&item), Vec::from_iter(code), "{days:?}");
        let summary = place.json(&["crosswalk"])["summary"].clone();
        assert_eq!(summary["ended"], json!(ended), "{days:?}");
        let sql = "SELECT coalesce(min(iif(subscription_id = 'g-0', expires, NULL)), '') AS expires, \
                   sum(counted) AS counted FROM visual_studio_subscriptions";
        assert_eq!(
            rows(&place, sql),
            json!([{"expires": expected, "counted": 2 - ended}]),
            "{days:?}"
        );
    }
    for (status, ended) in
        [("Expired", 1), ("disabled", 1), ("Assigned", 0), ("Active", 0), ("", 0)]
    {
        let place = shc();
        let list = portal("Email,Subscription Status", &[&format!("s@x.example,{status}")]);
        imported(&place, "list.csv", &list.replace(',', ";"));
        assert_eq!(place.json(&["crosswalk"])["summary"]["ended"], json!(ended), "{status}");
    }
}

#[test]
fn two_subscriptions_of_one_person_are_two() {
    let place = shc();
    let list = portal("Email", &["sofia.kovalevskaya@x.example", "Sofia.Kovalevskaya@x.example"]);
    imported(&place, "list.csv", &list);
    let ran = place.run(&["crosswalk", "--bodies"]);
    let line = |id: &str| {
        format!(
            "{{\"method\":\"PUT\",\"path\":\"/enterprises/shc/visual-studio-subscriptions/{id}\",\"body\":{{\"user_identifier\":\"sofia_shc\"}}}}\n"
        )
    };
    assert_eq!((ran.stdout, ran.stderr), (line("g-0") + &line("g-1"), String::new()));
}

#[test]
fn a_local_part_is_compared_with_display_names() {
    for (address, login) in [
        ("sofia.kovalevskaya", Some("sofia_shc")),
        ("Kovalevskaya_Sofia", Some("sofia_shc")),
        ("sofía-kovalevskaya", Some("sofia_shc")),
        ("sofiakovalevskaya+vs", Some("sofia_shc")),
        ("kovalevskayasofia", Some("sofia_shc")),
        ("carl.friedrich.gauss", Some("gauss_shc")),
        ("carl.gauss", None),
        ("s.kovalevskaya", None),
        ("sofia.kovalevskaya.2", None),
        // Ada already has her subscription.
        ("ada.lovelace", None),
    ] {
        let place = shc();
        let list = json!({"visual_studio_subscriptions": [
            {"visual_studio_subscription_email": format!("{address}@x.example"), "username": null}]});
        imported(&place, "list.json", &list.to_string());
        let answer = place.json(&["crosswalk"]);
        let found = answer["items"][0]["account"]["login"].as_str();
        assert_eq!(found, login, "{address}");
        let sure = login.map(|_| "possible");
        assert_eq!(answer["items"][0]["confidence"].as_str(), sure, "{address}");
    }
}

#[test]
fn a_subscription_without_an_id_gives_no_request_and_that_is_said() {
    let place = shc();
    let list = json!([
        {"email": "sofia@x.example", "subscriptionId": "a/b c?ü"},
        {"email": "gauss@x.example", "username": null, "manual_match": false},
    ]);
    imported(&place, "list.json", &list.to_string());
    let ran = place.run(&["crosswalk", "--bodies"]);
    assert!(
        ran.stdout.contains("/visual-studio-subscriptions/a%2Fb%20c%3F%C3%BC\""),
        "{}",
        ran.stdout
    );
    assert_eq!(ran.stdout.lines().count(), 1, "{}", ran.stdout);
    assert!(ran.stderr.contains("1 proposed subscription has no id"), "{}", ran.stderr);
    assert_eq!(place.run(&["crosswalk", "--bodies", "-q"]).stderr, "");
    assert_eq!(place.json(&["crosswalk"])["summary"]["without_id"], json!(1));
    assert!(place.run(&["crosswalk"]).stdout.contains("has no id"));
}

#[test]
fn without_a_list_of_subscriptions_that_is_said() {
    let answer = shc().json(&["crosswalk"]);
    assert_eq!(answer["warnings"][0]["code"], json!("no-subscriptions"));
    assert_eq!(answer["summary"]["matched"], json!(1), "the report names one");
}

#[test]
fn seats_by_cost_center_follow_the_report_or_the_active_centers() {
    let centers = |list: Value| json!({"costCenters": list}).to_string();
    let user = |login: &str| json!([{"type": "User", "name": login}]);
    for (content, expected) in [
        (None, json!([["(not stated)", 3]])),
        (Some(centers(json!([]))), json!([["(none)", 3]])),
        (
            Some(centers(json!([{"id": "1", "name": "A", "resources": user("SOFIA_shc")}]))),
            json!([["A", 1], ["(none)", 2]]),
        ),
        (
            Some(centers(
                json!([{"id": "1", "name": "A", "state": "deleted", "resources": user("ada_shc")},
                {"id": "2", "name": "A", "state": "active", "resources": user("sofia_shc")}, null]),
            )),
            json!([["A", 1], ["(none)", 2]]),
        ),
        (
            Some(centers(
                json!([{"id": "1", "name": "A", "state": "archived", "resources": user("ada_shc")}]),
            )),
            json!([["(none)", 3]]),
        ),
        (
            Some(centers(
                json!([{"id": "1", "name": "A", "resources": [{"type": "Org", "name": "ada_shc"}]}]),
            )),
            json!([["(none)", 3]]),
        ),
        // One center alone says nothing about people in no center.
        (
            Some(
                json!({"id": "1", "name": "A", "state": "active", "resources": user("ada_shc")})
                    .to_string(),
            ),
            json!([["A", 1], ["(not stated)", 2]]),
        ),
    ] {
        let place = shc();
        if let Some(content) = &content {
            let item = imported(&place, "centers.json", content);
            assert_eq!(item["source"]["kind"], json!("cost-centers"), "{content}");
        }
        let answer = place.json(&["seats", "--by", "cost-center"]);
        let lines = answer["lines"].as_array().expect("lines").iter();
        let lines: Value = lines.map(|it| json!([it["part"], it["seats"]])).collect();
        assert_eq!(lines, expected, "{content:?}");
        assert_eq!(answer["totals"][0]["seats"], json!(3));
        assert_eq!(place.run(&["seats", "--by", "cost-center"]).code, 0);
    }
}

#[test]
fn an_account_has_one_key_in_all_tables() {
    let place = Place::new();
    let folder = place.path("demo").display().to_string();
    let ran = place.run(&["demo", &folder, "--people", "60", "--days", "60", "--every", "30"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let database = place.path("demo/oneseat.db").display().to_string();
    let number = |sql: &str| {
        let answer = place.json(&["--db", &database, "query", sql]);
        answer[0]["n"].as_i64().expect("a number")
    };
    let accounts = number("SELECT count(*) AS n FROM accounts");
    let distinct =
        "SELECT count(*) AS n FROM (SELECT DISTINCT source_kind, source, account FROM accounts)";
    assert_eq!(accounts, number(distinct));
    let all = number("SELECT count(*) AS n FROM seat_accounts");
    assert!(all > 60);
    for table in ["seat_accounts", "emails", "memberships", "fields"] {
        let sql = format!(
            "SELECT count(*) AS n FROM {table} LEFT JOIN accounts USING (source_kind, source, account) \
             WHERE accounts.taken_at IS NULL"
        );
        assert_eq!(number(&sql), 0, "{table}");
    }
    let joined = "SELECT count(*) AS n FROM seat_accounts JOIN accounts USING (source_kind, source, account)";
    assert_eq!(number(joined), all);
}

#[test]
fn what_instances_say_of_themselves_comes_out() {
    let place = shc();
    let license = json!({"seats": 100, "seats_used": "7", "expire_at": "2028-09-30T23:59:59Z", "odd": [1, {"a": null}]});
    let file = place.write("license.json", license.to_string().as_bytes()).display().to_string();
    let ran = place.run(&["import", &file, "--host", "ghes1.example", "--taken-at", "2026-10-02"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let exported = place.json(&["snapshots", "export", "2"]);
    assert_eq!(exported["items"], json!([license]));
    let lines = place.run(&["snapshots", "export", "2", "--format", "ndjson"]).stdout;
    assert_eq!(serde_json::from_str::<Value>(&lines).expect("one line"), license);
    assert_eq!(
        rows(&place, "SELECT source, field, value FROM instance_facts ORDER BY field"),
        json!([
            {"source": "ghes1.example", "field": "expire_at", "value": "2028-09-30T23:59:59Z"},
            {"source": "ghes1.example", "field": "odd", "value": "[1,{\"a\":null}]"},
            {"source": "ghes1.example", "field": "seats", "value": "100"},
            {"source": "ghes1.example", "field": "seats_used", "value": "7"},
        ])
    );
    // As of the day before, no file had stated it.
    let before = ["query", "SELECT * FROM instance_facts", "--as-of", "2026-10-01"];
    assert_eq!(place.json(&before), json!([]));
}

#[test]
fn the_journal_tells_who_did_what_when() {
    let place = shc();
    imported(&place, "list.json", r#"{"costCenters":[]}"#);
    for (words, now) in [
        (&["sources", "set", "shc", "--billing-model", "metered"][..], "2026-11-23T12:00:00Z"),
        (&["snapshots", "void", "2", "--reason", "wrong"], "2026-11-24T12:00:00Z"),
    ] {
        let ran = place.run_with(words, b"", now);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
    }
    let answer = place.json(&["journal"]);
    assert_eq!(answer["schema"], json!("oneseat.journal/1"));
    let items = answer["items"].as_array().expect("items");
    let told: Value = items
        .iter()
        .map(|it| {
            json!([
                it["line"],
                it["at"],
                it["command"],
                it["source"]["kind"],
                it["source"]["name"],
                it["snapshot"],
                it["user"]
            ])
        })
        .collect();
    assert_eq!(
        told,
        json!([
            [1, "2026-11-22T12:00:00Z", "import", "cloud", "shc", 1, null],
            [2, "2026-11-22T12:00:00Z", "import", "cost-centers", "shc", 2, null],
            [3, "2026-11-23T12:00:00Z", "declare", "cloud", "shc", null, null],
            [4, "2026-11-24T12:00:00Z", "void", "cost-centers", "shc", 2, null],
        ])
    );
    let head = place.json(&["snapshots"])["head"].clone();
    assert_eq!(items[3]["hash"], head);
    let table = rows(&place, "SELECT line, hash FROM journal ORDER BY line DESC LIMIT 1");
    assert_eq!(table, json!([{"line": 4, "hash": head}]));
    let lines = |words: &[&str]| {
        let answer = place.json(&[&["journal"], words].concat());
        let items = answer["items"].as_array().expect("items").clone();
        items.iter().filter_map(|it| it["line"].as_i64()).collect::<Vec<_>>()
    };
    assert_eq!(lines(&["--from", "2026-11-23"]), [3, 4]);
    assert_eq!(lines(&["--to", "2026-11-23"]), [1, 2, 3]);
    assert_eq!(lines(&["--from", "2026-11-23", "--to", "2026-11-23"]), [3]);
    assert_eq!(lines(&["--from", "2027-01-01"]), [0_i64; 0]);
    assert_eq!(place.run(&["journal", "--from", "2026-11-24", "--to", "2026-11-23"]).code, 2);
    assert_eq!(Place::new().run(&["journal"]).code, 7);
    let known = place.json(&[
        "query",
        "SELECT max(line) AS n FROM journal",
        "--as-of",
        "2026-10-01",
        "--known-on",
        "2026-11-23",
    ]);
    assert_eq!(known, json!([{"n": 3}]));
    let csv = place.run(&["journal", "--format", "csv"]).stdout;
    assert!(
        csv.starts_with("line,at,command,source.kind,source.name,snapshot,hash,user\r\n"),
        "{csv}"
    );
}

#[test]
fn nobody_is_said_to_have_declared_what_nobody_declared() {
    let place = shc();
    assert!(place.run(&["sources"]).stdout.contains("volume (default)"));
    assert_eq!(place.json(&["sources"])["items"][0]["billing_model_declared"], json!(false));
    place.json(&["sources", "set", "shc", "--billing-model", "volume"]);
    let table = place.run(&["sources"]).stdout;
    assert!(table.contains("volume billing") && !table.contains("default"), "{table}");
    assert_eq!(place.json(&["sources"])["items"][0]["billing_model_declared"], json!(true));
}
