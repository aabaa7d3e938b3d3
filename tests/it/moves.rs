//! The same person in two snapshots (counting.md section 6), and what a trend reports about files and periods
//! (section 9): tables of cases, one kind after another.

use serde_json::{Value, json};

use crate::common::Place;

/// A Cloud user with a login, a NameID (empty for none), and organizations.
fn user(login: &str, name_id: &str, organizations: &[&str]) -> Value {
    let roles: Vec<String> = organizations.iter().map(|it| format!("{it}:Member")).collect();
    let name_id = if name_id.is_empty() { Value::Null } else { json!(name_id) };
    json!({
        "github_com_login": login, "github_com_name": login, "github_com_user": true,
        "enterprise_server_user": false, "visual_studio_subscription_user": false,
        "license_type": "Enterprise", "github_com_saml_name_id": name_id,
        "github_com_verified_domain_emails": [], "github_com_member_roles": roles,
        "github_com_enterprise_roles": ["Member"], "enterprise_server_user_ids": [],
        "enterprise_server_primary_emails": [],
    })
}

/// The same, with a Server account that GitHub has merged.
fn merged(login: &str, name_id: &str, account: &str) -> Value {
    let mut user = user(login, name_id, &[]);
    user["enterprise_server_user"] = json!(true);
    user["enterprise_server_user_ids"] = json!([account]);
    user
}

fn does(place: &Place, words: &[&str]) {
    let ran = place.run(words);
    assert_eq!(ran.code, 0, "{words:?}: {}", ran.stderr);
}

fn cloud(place: &Place, enterprise: &str, at: &str, users: &[Value]) {
    let report =
        json!({"total_seats_consumed": users.len(), "total_seats_purchased": 90, "users": users});
    let file = place.write("cloud.json", report.to_string().as_bytes()).display().to_string();
    does(place, &["import", &file, "--enterprise", enterprise, "--taken-at", at]);
}

fn server(place: &Place, host: &str, at: &str, accounts: &[(&str, &str, &str)]) {
    let mut text = "created_at,id,login,email,role,suspended?,last_logged_ip,repos,ssh_keys,org_memberships,dormant?,\
                    last_active,raw_login,2fa_enabled?\n"
        .to_owned();
    for (id, login, email) in accounts {
        text += &format!(
            "2020-01-02T03:04:05Z,{id},{login},{email},user,false,,1,0,0,false,2026-01-01,{login},false\n"
        );
    }
    let file = place.write("server.csv", text.as_bytes()).display().to_string();
    does(place, &["import", &file, "--host", host, "--taken-at", at]);
}

/// The numbers of joined, left, matched, unmatched and changed.
fn movements(diff: &Value) -> [i64; 5] {
    ["joined", "left", "matched", "unmatched", "changed"]
        .map(|it| diff["movements"][it].as_i64().expect("a number"))
}

fn details(diff: &Value) -> Vec<&str> {
    let items = diff["items"].as_array().expect("items");
    items.iter().filter_map(|it| it["detail"].as_str()).collect()
}

const MONDAYS: [&str; 4] = [
    "2026-03-02T08:00:00Z",
    "2026-03-09T08:00:00Z",
    "2026-03-16T08:00:00Z",
    "2026-03-23T08:00:00Z",
];

#[test]
fn a_cloud_login_that_changes_is_one_person_if_the_name_id_says_so_alone() {
    let ada = |login| user(login, "ada@corp.example", &["web"]);
    type Case = (&'static str, Vec<Value>, Vec<Value>, [i64; 5], &'static str);
    let cases: Vec<Case> = vec![
        (
            "managed",
            vec![ada("ada_corp")],
            vec![ada("lovelace_corp")],
            [0, 0, 0, 0, 1],
            "login ada_corp → lovelace_corp",
        ),
        (
            "classic, then managed",
            vec![ada("ada")],
            vec![ada("ada_corp")],
            [0, 0, 0, 0, 1],
            "login ada → ada_corp",
        ),
        (
            "letter case and spaces",
            vec![user("a", " Ada@Corp.Example ", &[])],
            vec![user("b", "ada@corp.example", &[])],
            [0, 0, 0, 0, 1],
            "login a → b",
        ),
        (
            "a NameID that is no address",
            vec![user("a", "u-17", &[])],
            vec![user("b", "U-17", &[])],
            [0, 0, 0, 0, 1],
            "login a → b",
        ),
        (
            "several at once",
            vec![user("a", "x", &[]), user("b", "y", &[])],
            vec![user("c", "y", &[]), user("d", "x", &[])],
            [0, 0, 0, 0, 2],
            "login b → c",
        ),
        (
            "no NameID",
            vec![user("a", "", &[])],
            vec![user("b", "", &[])],
            [1, 1, 0, 0, 0],
            "takes a license now",
        ),
        (
            "before only",
            vec![user("a", "x", &[])],
            vec![user("b", "", &[])],
            [1, 1, 0, 0, 0],
            "takes a license now",
        ),
        (
            "two new ones have it",
            vec![user("a", "x", &[])],
            vec![user("b", "x", &[]), user("c", "x", &[])],
            [2, 1, 0, 0, 0],
            "takes a license now",
        ),
        (
            "two old ones had it",
            vec![user("a", "x", &[]), user("b", "x", &[])],
            vec![user("c", "x", &[])],
            [1, 2, 0, 0, 0],
            "takes no license any more",
        ),
        (
            "one who stays has it, too",
            vec![user("a", "x", &[]), user("s", "x", &[])],
            vec![user("b", "x", &[]), user("s", "x", &[])],
            [0, 0, 0, 0, 1],
            "login a → b",
        ),
        (
            "logins swapped",
            vec![user("a", "x", &[]), user("b", "y", &[])],
            vec![user("a", "y", &[]), user("b", "x", &[])],
            [0, 0, 0, 0, 2],
            "-x (saml_name_id); +y (saml_name_id)",
        ),
        ("letter case of the login", vec![ada("Ada")], vec![ada("ada")], [0, 0, 0, 0, 0], ""),
    ];
    for (about, before, after, expected, detail) in cases {
        let place = Place::new();
        cloud(&place, "corp", MONDAYS[0], &before);
        cloud(&place, "corp", MONDAYS[1], &after);
        let diff = place.json(&["diff", MONDAYS[0], MONDAYS[1]]);
        // The display name is the login here, so it changes as well.
        assert_eq!(movements(&diff)[..4], expected[..4], "{about}: {diff:#}");
        if expected[4] > 0 || !detail.is_empty() {
            assert_eq!(movements(&diff), expected, "{about}: {diff:#}");
            assert!(details(&diff).iter().any(|it| it.contains(detail)), "{about}: {diff:#}");
        }
        // It is the same when `diff` looks up only a few accounts.
        does(&place, &["recount"]);
        assert_eq!(place.json(&["diff", MONDAYS[0], MONDAYS[1]]), diff, "{about}");
    }
}

#[test]
fn an_organization_sees_a_renamed_member_as_one() {
    let place = Place::new();
    cloud(&place, "corp", MONDAYS[0], &[user("a", "x", &["web"]), user("b", "y", &["web"])]);
    cloud(&place, "corp", MONDAYS[1], &[user("c", "x", &["web"]), user("b", "y", &["ops"])]);
    let diff = place.json(&["diff", MONDAYS[0], MONDAYS[1], "--organization", "Web"]);
    assert_eq!(movements(&diff), [0, 1, 0, 0, 1], "{diff:#}");
    let ran = place.run(&["diff", MONDAYS[0], MONDAYS[1], "--organization", "wep"]);
    assert_eq!(ran.code, 2, "{}", ran.stdout);
    assert!(ran.stderr.contains("web"), "a near name: {}", ran.stderr);
}

#[test]
fn an_account_made_again_is_one_if_host_login_and_address_are_the_same() {
    type Accounts = Vec<(&'static str, &'static str, &'static str)>;
    let cases: Vec<(&str, Accounts, Accounts, [i64; 5], &str)> = vec![
        (
            "made again",
            vec![("7", "al", "al@x")],
            vec![("19", "AL", "Al@x")],
            [0, 0, 0, 0, 1],
            "id 7 → 19 on h.example",
        ),
        (
            "two of them",
            vec![("7", "al", "al@x"), ("8", "bo", "bo@x")],
            vec![("17", "bo", "bo@x"), ("18", "al", "al@x")],
            [0, 0, 0, 0, 2],
            "id 8 → 17 on h.example",
        ),
        (
            "another address",
            vec![("7", "al", "al@x")],
            vec![("19", "al", "al@y")],
            [1, 1, 0, 0, 0],
            "",
        ),
        (
            "another login",
            vec![("7", "al", "al@x")],
            vec![("19", "ali", "al@x")],
            [1, 1, 0, 0, 0],
            "",
        ),
        ("no address", vec![("7", "al", "")], vec![("19", "al", "")], [1, 1, 0, 0, 0], ""),
        (
            "a login that changed under one id",
            vec![("7", "al", "al@x")],
            vec![("7", "ali", "al@x")],
            [0, 0, 0, 0, 1],
            "login al → ali on h.example",
        ),
        (
            "the old id goes on as somebody else",
            vec![("7", "al", "al@x")],
            vec![("7", "bo", "bo@x"), ("19", "al", "al@x")],
            [1, 0, 0, 0, 1],
            "login al → bo on h.example",
        ),
    ];
    for (about, before, after, expected, detail) in cases {
        let place = Place::new();
        server(&place, "h.example", MONDAYS[0], &before);
        server(&place, "h.example", MONDAYS[1], &after);
        let diff = place.json(&["diff", MONDAYS[0], MONDAYS[1]]);
        assert_eq!(movements(&diff), expected, "{about}: {diff:#}");
        assert!(details(&diff).iter().any(|it| it.contains(detail)), "{about}: {diff:#}");
        does(&place, &["recount"]);
        assert_eq!(place.json(&["diff", MONDAYS[0], MONDAYS[1]]), diff, "{about}");
    }
    // On another host, it is another person's account.
    let place = Place::new();
    server(&place, "h.example", MONDAYS[0], &[("7", "al", "al@x")]);
    server(&place, "g.example", MONDAYS[0], &[("1", "zoe", "zoe@x")]);
    server(&place, "h.example", MONDAYS[1], &[("8", "bo", "bo@x")]);
    server(&place, "g.example", MONDAYS[1], &[("1", "zoe", "zoe@x"), ("2", "al", "al@x")]);
    let diff = place.json(&["diff", MONDAYS[0], MONDAYS[1]]);
    assert_eq!(movements(&diff), [2, 1, 0, 0, 0], "{diff:#}");
}

#[test]
fn to_come_into_an_enterprise_or_out_of_it_moves_nobody() {
    let accounts = [("7", "al", "al@x"), ("8", "bo", "bo@x")];
    let place = Place::new();
    server(&place, "h.example", MONDAYS[0], &accounts);
    cloud(&place, "corp", MONDAYS[1], &[user("cy", "cy@x", &[])]);
    let diff = place.json(&["diff", MONDAYS[0], MONDAYS[1]]);
    assert_eq!(movements(&diff), [1, 0, 0, 0, 0], "the first report: {diff:#}");
    assert_eq!(details(&diff), ["first report of corp"]);
    // With a second enterprise, the instance belongs to none until it is declared.
    cloud(&place, "labs", MONDAYS[2], &[user("eve", "eve@x", &[])]);
    let diff = place.json(&["diff", MONDAYS[1], MONDAYS[2]]);
    assert_eq!(movements(&diff), [1, 0, 0, 0, 0], "out of it: {diff:#}");
    does(&place, &["sources", "set", "h.example", "--enterprise", "labs", "--from", MONDAYS[3]]);
    let diff = place.json(&["diff", MONDAYS[2], MONDAYS[3]]);
    assert_eq!(movements(&diff), [0, 0, 0, 0, 0], "into it: {diff:#}");
    // People leave one enterprise and join the other.
    let diff = place.json(&["diff", MONDAYS[1], MONDAYS[3]]);
    assert_eq!(movements(&diff), [3, 2, 0, 0, 0], "from one to another: {diff:#}");
}

/// The changes in the history of an account.
fn history(place: &Place, who: &str) -> Vec<(String, String)> {
    let answer = place.json(&["explain", who]);
    let lines = answer["people"][0]["history"].as_array().expect("a history");
    let text = |it: &Value| it.as_str().expect("a text").to_owned();
    lines.iter().map(|it| (text(&it["account"]), text(&it["change"]))).collect()
}

#[test]
fn the_history_goes_on_under_the_new_login_and_not_under_one_that_somebody_else_has() {
    let place = Place::new();
    let zoe = user("zoe", "zoe@x", &[]);
    cloud(&place, "corp", MONDAYS[0], &[user("ada", "ada@x", &[]), zoe.clone()]);
    cloud(&place, "corp", MONDAYS[1], &[user("lovelace", "ada@x", &[]), zoe.clone()]);
    cloud(
        &place,
        "corp",
        MONDAYS[2],
        &[user("lovelace", "ada@x", &[]), user("ada", "other@x", &[]), zoe.clone()],
    );
    cloud(
        &place,
        "corp",
        MONDAYS[3],
        &[user("countess", "ada@x", &[]), user("ada", "other@x", &[]), zoe],
    );
    let told = history(&place, "countess");
    let accounts: Vec<&str> = told.iter().map(|it| it.0.as_str()).collect();
    assert_eq!(accounts, ["corp:ada", "corp:lovelace", "corp:countess"], "{told:?}");
    assert!(told[1].1.contains("login ada → lovelace"), "{told:?}");
    assert_eq!(history(&place, "ada"), [("corp:ada".to_owned(), "appears".to_owned())]);
    // A question for a login that is gone is answered with the account that had it.
    let answer = place.json(&["explain", "lovelace"]);
    assert_eq!(answer["people"][0]["accounts"][0]["login"], "countess", "{answer:#}");
    assert_eq!(answer["people"][0]["history"][0]["snapshot"], 1, "{answer:#}");
    // It had that login then.
    let then = place.json(&["explain", "lovelace", "--as-of", MONDAYS[1]]);
    assert_eq!(then["people"][0]["accounts"][0]["login"], "lovelace", "{then:#}");
}

#[test]
fn what_was_linked_before_stays_so_under_another_login() {
    let place = Place::new();
    let at = |number: usize| MONDAYS[number];
    server(&place, "h.example", at(0), &[("7", "al", "private@y")]);
    cloud(&place, "corp", "2026-03-02T09:00:00Z", &[merged("ada", "ada@x", "h.example:7")]);
    cloud(&place, "corp", at(1), &[user("ada", "ada@x", &[])]);
    cloud(&place, "corp", at(2), &[user("lovelace", "ada@x", &[])]);
    let answer = place.json(&["duplicates"]);
    let item = &answer["items"][0];
    assert_eq!(item["evidence"][0]["code"], "linked-before", "{answer:#}");
    assert_eq!(item["cloud_account"]["login"], "lovelace", "{answer:#}");
    assert_eq!(item["since"], at(1), "under both logins: {answer:#}");
    // Another person has the old login now, and this person was never linked.
    cloud(&place, "corp", at(3), &[user("lovelace", "ada@x", &[]), user("ada", "else@x", &[])]);
    let answer = place.json(&["duplicates"]);
    assert_eq!(answer["items"][0]["cloud_account"]["login"], "lovelace", "{answer:#}");
    assert_eq!(answer["items"][0]["since"], at(1), "{answer:#}");
}

#[test]
fn a_link_follows_the_account_that_had_the_login_last() {
    let place = Place::new();
    server(&place, "h.example", MONDAYS[0], &[("7", "al", "private@y")]);
    cloud(&place, "corp", MONDAYS[0], &[user("ada", "ada@x", &[])]);
    does(
        &place,
        &["links", "add", "corp:ada", "h.example:7", "--reason", "asked", "--matched-by-github"],
    );
    let consumed = |at: &str| place.json(&["consumption", "--as-of", at])["consumed"].clone();
    assert_eq!(consumed(MONDAYS[0]), 1);
    cloud(&place, "corp", MONDAYS[1], &[user("lovelace", "ada@x", &[])]);
    assert_eq!(consumed(MONDAYS[1]), 1, "the same account under another login");
    // The account has no NameID once. Then another person has the old login.
    cloud(&place, "corp", MONDAYS[2], &[user("lovelace", "", &[])]);
    assert_eq!(consumed(MONDAYS[2]), 1);
    cloud(&place, "corp", MONDAYS[3], &[user("lovelace", "", &[]), user("ada", "else@x", &[])]);
    assert_eq!(consumed(MONDAYS[3]), 2, "two accounts, one of them with al");
    let seat = place.json(&["explain", "h.example:7"]);
    let logins = seat["people"][0]["accounts"].to_string();
    assert!(logins.contains("\"ada\""), "the account that had the login last: {seat:#}");
    // Asked one by one, swept over, with kept counts or without, it is the same.
    for _ in 0..2 {
        let trend = place.json(&["trend"]);
        let points = trend["points"].as_array().expect("points");
        let swept: Vec<&Value> = points.iter().map(|point| &point["consumed"]).collect();
        assert_eq!(swept, [&json!(1), &json!(1), &json!(1), &json!(2)], "{trend:#}");
        does(&place, &["recount"]);
    }
}

#[test]
fn a_summary_closes_by_source_and_organization() {
    let place = Place::new();
    cloud(
        &place,
        "corp",
        MONDAYS[0],
        &[user("a", "a@x", &["web"]), user("b", "b@x", &["web", "ops"])],
    );
    server(&place, "h.example", MONDAYS[0], &[("7", "al", "al@x")]);
    cloud(&place, "corp", MONDAYS[1], &[user("c", "c@x", &["web"]), user("d", "d@x", &[])]);
    server(&place, "h.example", MONDAYS[1], &[("8", "bo", "bo@x")]);
    server(&place, "g.example", MONDAYS[1], &[("1", "zoe", "zoe@x")]);
    let diff = place.json(&["diff", "1", "#4"]);
    assert!(details(&diff).contains(&"first file of g.example"), "{diff:#}");
    let summary = place.json(&["diff", "1", "4", "--summary"]);
    assert_eq!((&summary["items"], &summary["movements"]), (&json!([]), &diff["movements"]));
    let spans = summary["bridge"].as_array().expect("spans");
    let told: Vec<Value> = spans
        .iter()
        .map(|it| json!([it["source"], it["organization"], it["joined"], it["left"]]))
        .collect();
    assert_eq!(
        json!(told),
        json!([
            ["corp", null, 1, 0],
            ["corp", "(several organizations)", 0, 1],
            ["corp", "web", 1, 1],
            ["g.example", null, 1, 0],
            ["h.example", null, 1, 1]
        ])
    );
    for movement in ["joined", "left", "matched", "unmatched", "changed"] {
        let sum: i64 = spans.iter().filter_map(|it| it[movement].as_i64()).sum();
        assert_eq!(json!(sum), diff["movements"][movement], "{movement}");
    }
    let lines = place.run(&["diff", "1", "4", "--summary", "--format", "csv"]).stdout;
    assert_eq!(lines.lines().count(), 6, "{lines}");
    assert!(place.run(&["diff", "1", "4", "--summary"]).stdout.contains("(several organizations)"));
    for words in [["diff", "2026-03-09", "2026-03-02"], ["diff", "4", "1"]] {
        let ran = place.run(&words);
        assert_eq!(ran.code, 2, "{words:?}");
        assert!(ran.stderr.contains("ends before it begins"), "{}", ran.stderr);
    }
    assert_eq!(place.run(&["diff", "1", "99"]).code, 7, "no such snapshot");
    assert_eq!(place.run(&["diff", "1", "x"]).code, 2, "no time and no number");
}

#[test]
fn a_trend_marks_what_no_file_says() {
    let place = Place::new();
    cloud(&place, "corp", "2026-01-05T08:00:00Z", &[user("a", "a@x", &[])]);
    cloud(&place, "corp", "2026-03-02T08:00:00Z", &[user("a", "a@x", &[])]);
    server(
        &place,
        "h.example",
        "2026-03-02T09:00:00Z",
        &[("7", "al", "al@x"), ("8", "bo", "bo@x")],
    );
    let trend = place.json(&["trend", "--by", "month", "--to", "2026-06-30"]);
    let points = trend["points"].as_array().expect("points");
    let told: Vec<Value> = points
        .iter()
        .map(|it| {
            json!([it["at"], it["consumed"], it["snapshots"], it["sources_new"], it["peak"]["at"]])
        })
        .collect();
    let (corp, host) =
        (json!({"kind": "cloud", "name": "corp"}), json!({"kind": "server", "name": "h.example"}));
    assert_eq!(
        json!(told),
        json!([
            ["2026-01-31T23:59:59Z", 1, 1, [corp], "2026-01-05T08:00:00Z"],
            ["2026-02-28T23:59:59Z", 1, 0, [], "2026-02-01T00:00:00Z"],
            ["2026-03-31T23:59:59Z", 3, 2, [host], "2026-03-02T09:00:00Z"]
        ]),
        "no point lies after the data: {trend:#}"
    );
    let table = place.run_on_a_terminal(&["trend", "--by", "month"], 200);
    let line = |day: &str| table.lines().find(|it| it.contains(day)).unwrap_or_default().to_owned();
    assert!(line("2026-02-28").contains("carried"), "{table}");
    assert!(line("2026-03-31").contains("unfinished; first file of h.example"), "{table}");
    assert!(!line("2026-01-31").contains("first"), "everything is new where data begin: {table}");
    assert!(
        table.contains(
            "The step from 1 to 3 on 2026-03-31T23:59:59Z comes with the first file of h.example, and with whatever else"
        ),
        "{table}"
    );
    assert!(
        table.contains("1 to 3") && table.contains("at least 3"),
        "a scale, and a peak: {table}"
    );
    let past = place.run(&["trend", "--by", "month", "--to", "2026-02-10"]).stdout;
    assert!(!past.contains("unfinished"), "data continue after it: {past}");
    for (words, code) in [
        (["trend", "--from", "2026-03-03", "--to", "2026-03-02"], 2),
        (["trend", "--by", "day", "--round", "soon"], 2),
        (["trend", "--by", "day", "--to", "2025-12-31"], 7),
    ] {
        assert_eq!(place.run(&words).code, code, "{words:?}");
    }
    let none = place.json(&["trend", "--from", "2026-05-01"]);
    assert_eq!((&none["points"], &none["peak"]), (&json!([]), &Value::Null));
}

#[test]
fn an_enterprise_has_rounds_of_its_own() {
    let place = Place::new();
    let one = [user("a", "a@x", &[])];
    let two = [user("a", "a@x", &[]), user("b", "b@x", &[])];
    cloud(&place, "corp", "2026-03-02T06:00:00Z", &one);
    cloud(&place, "labs", "2026-03-02T09:00:00Z", &two);
    cloud(&place, "corp", "2026-03-02T13:00:00Z", &two);
    cloud(&place, "labs", "2026-03-02T14:00:00Z", &one);
    let points = |words: &[&str]| {
        let trend = place.json(&[&["trend"], words].concat());
        let points = trend["points"].as_array().expect("points").iter();
        points
            .map(|it| {
                json!([
                    it["at"].as_str().map(|at| &at[11..13]),
                    it["consumed"],
                    it["peak"]["consumed"]
                ])
            })
            .collect::<Value>()
    };
    assert_eq!(points(&["--enterprise", "labs"]), json!([["09", 2, null], ["14", 1, 1]]));
    assert_eq!(points(&["--enterprise", "corp"]), json!([["06", 1, 1], ["13", 2, 2]]));
    assert_eq!(points(&[]), json!([["06", 1, null], ["09", 3, 3], ["13", 4, null], ["14", 3, 3]]));
    assert_eq!(
        points(&["--to", "2026-03-02T13:30:00Z"]),
        json!([["06", 1, null], ["09", 3, 3], ["13", 4, 4]])
    );
}

#[test]
fn seats_of_a_period_that_is_not_over_are_those_of_the_instant_asked() {
    let place = Place::new();
    let users: Vec<Value> = ["a", "b", "c"].iter().map(|it| user(it, it, &["web"])).collect();
    cloud(&place, "corp", "2026-01-05", &users[..1]);
    cloud(&place, "corp", "2026-03-02", &users[..2]);
    cloud(&place, "corp", "2026-03-20", &users);
    let seats = |words: &[&str]| place.json(&[&["seats", "--period", "month"], words].concat());
    let answer = seats(&["--as-of", "2026-03-10"]);
    let totals: Vec<Value> = answer["totals"]
        .as_array()
        .expect("totals")
        .iter()
        .map(|it| json!([it["at"], it["seats"]]))
        .collect();
    assert_eq!(
        json!(totals),
        json!([
            ["2026-01-31T23:59:59Z", 1],
            ["2026-02-28T23:59:59Z", 1],
            ["2026-03-31T23:59:59Z", 2]
        ])
    );
    assert_eq!(answer["lines"][2]["at"], "2026-03-31T23:59:59Z");
    assert_eq!(seats(&[])["totals"][2]["seats"], 3);
    let table = place.run(&["seats", "--period", "month"]).stdout;
    assert!(
        table.contains("until 2026-02-28T23:59:59Z (carried: no file in this period)"),
        "{table}"
    );
    assert!(table.contains("until 2026-03-31T23:59:59Z (unfinished)"), "{table}");
}
