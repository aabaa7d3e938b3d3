//! The completeness certificate: what `snapshots show` states about the completeness of a snapshot, and on what
//! grounds.

use serde_json::{Value, json};

use crate::common::Place;

fn user(login: &str) -> Value {
    json!({"github_com_login": login, "github_com_user": true})
}

fn page(consumed: Option<i64>, users: &[&str]) -> Value {
    let users: Vec<Value> = users.iter().map(|login| user(login)).collect();
    match consumed {
        Some(consumed) => json!({
            "total_seats_consumed": consumed, "total_seats_purchased": 9, "users": users,
        }),
        None => json!({"users": users}),
    }
}

fn import(place: &Place, name: &str, content: &Value, options: &[&str]) {
    let file = place.write(name, content.to_string().as_bytes()).display().to_string();
    let mut words = vec!["import", &file, "--enterprise", "corp"];
    words.extend(options);
    let ran = place.run(&words);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
}

fn shown(place: &Place, id: &str) -> (Value, String) {
    let answer = place.json(&["snapshots", "show", id]);
    let table = place.run(&["snapshots", "show", id]).stdout;
    assert!(table.lines().all(|line| line.chars().count() <= 80), "{table}");
    (answer["items"][0].clone(), table)
}

#[test]
fn pages_that_agree_prove_that_the_answer_is_whole() {
    let place = Place::new();
    let pages = json!([page(Some(3), &["ada", "bob"]), page(Some(3), &["cyd"])]);
    import(&place, "pages.json", &pages, &["--taken-at", "2026-03-01"]);
    let (item, table) = shown(&place, "1");
    let certificate = &item["certificate"];
    assert_eq!(
        *certificate,
        json!({
            "distinct_rows": 3, "stated_total": 3, "pages": 2, "pages_with_totals": 2,
            "totals_equal": true, "nobody_twice": true, "short": null, "unknown_fields": [],
            "columns_left_out": null, "entries_in_plain_text": null,
            "warnings": [],
        })
    );
    assert_eq!(item["taken_at_from"], "option");
    for line in [
        "standing        complete: 3 distinct rows, 3 stated",
        "rows            3, all distinct: nobody is listed twice",
        "pages           2, nobody on two of them",
        "totals          3 consumed, 9 purchased; the same on all 2 pages",
        "unknown fields  none",
        "warnings        none",
    ] {
        assert!(table.contains(line), "{table}");
    }
    assert_eq!(place.run(&["verify"]).code, 0);
}

#[test]
fn a_list_that_moved_is_told_of() {
    let place = Place::new();
    let mut odd = page(Some(4), &["bob", "cyd", "dee"]);
    odd["users"][0]["shoe_size"] = json!(44);
    let pages = json!([page(Some(3), &["ada", "bob"]), odd, page(None, &[])]);
    import(&place, "pages.json", &pages, &["--taken-at", "2026-03-01"]);
    let (item, table) = shown(&place, "1");
    let certificate = &item["certificate"];
    for (key, value) in [
        ("distinct_rows", json!(4)),
        ("stated_total", json!(4)),
        ("pages", json!(3)),
        ("pages_with_totals", json!(2)),
        ("totals_equal", json!(false)),
        ("nobody_twice", json!(false)),
        ("unknown_fields", json!(["shoe_size"])),
    ] {
        assert_eq!(certificate[key], value, "{key}");
    }
    let codes = certificate["warnings"].as_array().expect("a list").iter();
    let codes: Vec<&Value> = codes.map(|warning| &warning["code"]).collect();
    assert_eq!(codes, ["unknown-field", "row-repeated", "list-moved"]);
    assert!(table.contains("rows            5, 4 of them distinct: 1 repeated"), "{table}");
    let words = table.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("the largest totals stated; the pages differ"), "{table}");
    assert!(table.contains("unknown fields  shoe_size; kept and exported"), "{table}");
}

#[test]
fn why_a_snapshot_is_short_stays_known() {
    let place = Place::new();
    let short = page(Some(102), &["ada", "bob"]);
    import(&place, "short.json", &short, &["--taken-at", "2026-03-01", "--partial"]);
    let accept = ["--taken-at", "2026-03-02", "--accept-short", "the rest is gone"];
    import(&place, "short.json", &short, &accept);
    let why = "the file is not complete: 2 rows for a stated total of 102";
    for (id, standing) in [
        ("1", "standing        partial: stored, but never in force"),
        ("2", "standing        short, and accepted for this reason: the rest is gone"),
    ] {
        let (item, table) = shown(&place, id);
        assert_eq!(item["certificate"]["short"], why);
        assert!(table.contains(standing) && table.contains(why), "{table}");
    }
    let users = page(None, &["ada"]);
    import(&place, "users.json", &users, &["--taken-at", "2026-03-03"]);
    let (item, table) = shown(&place, "3");
    assert_eq!(item["certificate"]["totals_equal"], Value::Null);
    assert_eq!(item["complete"], Value::Null);
    assert!(table.contains("totals          none stated"), "{table}");
    assert!(table.contains("nothing proves"), "{table}");
}

#[test]
fn the_same_page_twice_is_no_other_page() {
    let place = Place::new();
    let page = json!({"total_count": 4, "visual_studio_subscriptions": [
        {"visual_studio_subscription_email": "a@corp.example", "subscription_id": "1"},
        {"visual_studio_subscription_email": "b@corp.example", "subscription_id": "2"},
    ]});
    let file = place.write("vs.json", json!([page, page]).to_string().as_bytes());
    let file = file.display().to_string();
    let command = ["import", &file, "--enterprise", "corp", "--taken-at", "2026-03-01"];
    let ran = place.run(&command);
    assert_eq!(ran.code, 3);
    assert!(ran.stderr.contains("2 rows for a stated total of 4"), "{}", ran.stderr);
}

#[test]
fn nobody_at_all_is_an_answer() {
    let place = Place::new();
    let file = place.write("users.json", b"{\"users\": []}").display().to_string();
    let answer = place.json(&["import", &file, "--enterprise", "corp", "--taken-at", "2026-03-01"]);
    let item = &answer["items"][0];
    assert_eq!(item["format"], "cloud-consumed-licenses-json");
    assert_eq!(item["complete"], Value::Null);
    assert_eq!(item["warnings"][0]["code"], "empty");
}
