//! The public tables for `query`, `export` and readers without this program (interface.md section 4). Every one
//! exists with its columns, also if its name is that of a stored table, and hints name what exists.

use regex_lite::Regex;
use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};

use crate::common::Place;

const REPORTS: [&str; 3] = ["2026-03-02", "2026-03-09", "2026-03-16"];

/// Three reports of corp, an instance with two accounts, and links. ada lists h1:7 and a bare id, bob comes and
/// goes, and ada's license type changes on the last day.
fn place() -> Place {
    let place = Place::new();
    let ada = |license: &str| {
        json!({"github_com_login": "Ada", "github_com_user": true, "license_type": license,
            "enterprise_server_user_ids": ["h1.example:7", "12"],
            "enterprise_server_primary_emails": ["ada@x.example"],
            "github_com_verified_domain_emails": ["ada@x.example"]})
    };
    let bob = json!({"github_com_login": "bob", "github_com_user": true,
        "license_type": "Enterprise", "enterprise_server_user_ids": []});
    let users = [vec![ada("Enterprise")], vec![ada("Enterprise"), bob], vec![ada("Visual Studio")]];
    for (at, users) in REPORTS.iter().zip(users) {
        let report = json!({"total_seats_consumed": users.len(), "total_seats_purchased": 9, "users": users});
        let file = place.write("c.json", report.to_string().as_bytes()).display().to_string();
        place.json(&["import", &file, "--enterprise", "corp", "--taken-at", at]);
    }
    let text = "created_at,id,login,email,role,suspended?\n\
        2021-03-04T05:06:07Z,7,ada7,ada@x.example,user,false\n\
        2021-03-04T05:06:08Z,8,eve,eve@x.example,user,false\n";
    let file = place.write("u.csv", text.as_bytes()).display().to_string();
    place.json(&["import", &file, "--host", "h1.example", "--taken-at", REPORTS[1]]);
    for words in [
        ["add", "corp:ada", "h1.example:8", "--reason", "asked", "--from", "2026-03-10"].as_slice(),
        &["deny", "corp:ada", "h1.example:7", "--reason", "no"],
        &["remove", "corp:ada", "h1.example:7", "--reason", "yes"],
    ] {
        let ran = place.run(&[&["links"], words].concat());
        assert_eq!(ran.code, 0, "{words:?}: {}", ran.stderr);
    }
    place
}

fn rows(place: &Place, words: &[&str]) -> Value {
    place.json(&[&["query"], words].concat())
}

#[test]
fn listed_links_and_journal_are_those_that_are_promised() {
    let place = place();
    let listed = "SELECT source, account, host, id FROM listed ORDER BY id";
    let expected = json!([
        {"source": "corp", "account": "login:ada", "host": null, "id": "12"},
        {"source": "corp", "account": "login:ada", "host": "h1.example", "id": "7"},
    ]);
    assert_eq!(rows(&place, &[listed]), expected);
    assert_eq!(rows(&place, &[listed, "--as-of", REPORTS[0]]), expected, "as of another day");
    let joined = "SELECT count(*) AS n FROM listed JOIN accounts USING (source, account)";
    assert_eq!(rows(&place, &[joined]), json!([{"n": 2}]), "one key through all tables");

    let links =
        "SELECT says, a_source_kind, a_source, a_account, b_source_kind, b_source, b_account,
        reason, valid_from FROM links";
    let link = json!({"says": "one-person", "a_source_kind": "cloud", "a_source": "corp",
        "a_account": "login:ada", "b_source_kind": "server", "b_source": "h1.example",
        "b_account": "id:8", "reason": "asked", "valid_from": "2026-03-10T00:00:00Z"});
    assert_eq!(rows(&place, &[links]), json!([link]));
    assert_eq!(rows(&place, &[links, "--as-of", REPORTS[1]]), json!([]), "it does not hold yet");
    let answer = place.json(&["links"]);
    let id = answer["items"][0]["id"].clone();
    assert_eq!(rows(&place, &["SELECT id FROM links"]), json!([{"id": id}]), "as the command says");

    let lines = place.json(&["journal"])["items"].as_array().expect("items").len();
    assert_eq!(rows(&place, &["SELECT count(*) AS n FROM journal"]), json!([{"n": lines}]));
    // Statements read the public tables, and not the stored ones with the same names.
    for words in [
        ["query", "SELECT count(*) FROM seats, links, listed"].as_slice(),
        &["export", "duplicates"],
    ] {
        assert_eq!(place.run(words).code, 0, "{words:?}");
    }
    let all =
        "SELECT (SELECT count(*) FROM seats) AS seats, (SELECT count(*) FROM listed) AS listed,
        (SELECT count(*) FROM links) AS links, (SELECT count(*) FROM journal) AS journal";
    let expected = json!([{"seats": 2, "listed": 2, "links": 1, "journal": lines}]);
    assert_eq!(rows(&place, &[all]), expected);
    assert_eq!(rows(&place, &[all, "--as-of", "latest", "--known-on", "2026-11-22"]), expected);
}

#[test]
fn whoever_reads_the_file_alone_finds_the_same_under_another_name() {
    let place = place();
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
    let file = Connection::open_with_flags(place.path("oneseat.db"), flags).expect("the database");
    for (name, view) in
        [("listed", "listed_accounts"), ("links", "declared_links"), ("journal", "journal_lines")]
    {
        let count: i64 = file
            .query_row(&format!("SELECT count(*) FROM {view}"), [], |row| row.get(0))
            .expect("a view");
        let sql = format!("SELECT count(*) AS n FROM {name}");
        assert_eq!(rows(&place, &[&sql]), json!([{"n": count}]), "{name}");
        let columns = |answer: Value| -> Vec<String> {
            let first = answer[0].as_object().expect("a row");
            first.keys().cloned().collect()
        };
        let under = |name: &str| columns(rows(&place, &[&format!("SELECT * FROM {name}")]));
        assert_eq!(under(name), under(view), "{name}");
    }
    let page = include_str!("../../docs/cookbook.md");
    for name in ["listed_accounts", "declared_links", "journal_lines"] {
        assert!(page.contains(name), "{name}");
        assert!(place.run(&["tables"]).stdout.contains(name), "{name}");
    }
}

/// A reader with a grammar of its own (DuckDB) parses the text of a view. SQL that only SQLite knows is one
/// view deeper.
#[test]
fn public_views_are_plain_sql_for_every_reader() {
    let place = place();
    let file = Connection::open(place.path("oneseat.db")).expect("the database");
    let mut statement = file
        .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'view' ORDER BY name")
        .expect("a statement");
    let views = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("rows");
    let views: Vec<(String, String)> = views.collect::<Result<_, _>>().expect("views");
    let plain =
        Regex::new(r"^CREATE VIEW \w+ AS\s+SELECT \* FROM \w+( ORDER BY [\w, ]+)?$").expect("one");
    // Migrations have made these.
    let old = ["named_sources", "voided_snapshots", "valid_snapshots"];
    let public = views.iter().filter(|(name, _)| !name.starts_with('_') && !old.contains(&&**name));
    let public: Vec<_> = public.collect();
    assert!(public.len() > 12, "{public:?}");
    for (name, sql) in public {
        assert!(plain.is_match(sql), "{name}: {sql}");
    }
}

#[test]
fn seats_over_time_are_those_of_each_instant() {
    let place = place();
    let sql =
        "SELECT seat_id, license_type, server_accounts, valid_from, valid_to FROM seat_history
        ORDER BY seat_id, valid_from";
    let row = |seat: &str, license: Value, accounts: u64, from: &str, to: Option<&str>| {
        json!({"seat_id": seat, "license_type": license, "server_accounts": accounts,
            "valid_from": format!("{from}T00:00:00Z"), "valid_to": to.map(|it| format!("{it}T00:00:00Z"))})
    };
    let [one, two, three] = REPORTS;
    let seats = json!([
        row("cloud:corp:Ada", json!("Enterprise"), 2, one, Some(two)),
        row("cloud:corp:Ada", json!("Enterprise"), 1, two, Some(three)),
        row("cloud:corp:Ada", json!("Visual Studio"), 1, three, None),
        row("cloud:corp:bob", json!("Enterprise"), 0, two, Some(three)),
        row("server:h1.example:8", Value::Null, 1, two, None),
    ]);
    assert_eq!(rows(&place, &[sql]), seats);
    // At every instant, the rows that hold are the seats.
    let columns = "seat_id, kind, login, name, enterprise, host, id, email, license_type,
        enterprise_roles, organizations, server_accounts";
    for at in REPORTS.map(|at| format!("{at}T00:00:00Z")) {
        let held = format!(
            "SELECT {columns} FROM seat_history WHERE valid_from <= '{at}'
            AND (valid_to IS NULL OR valid_to > '{at}') ORDER BY seat_id"
        );
        let seats = format!("SELECT {columns} FROM seats ORDER BY seat_id");
        assert_eq!(rows(&place, &[&held]), rows(&place, &[&seats, "--as-of", &at]), "{at}");
        let open =
            format!("SELECT {columns} FROM seat_history WHERE valid_to IS NULL ORDER BY seat_id");
        assert_eq!(rows(&place, &[&open, "--as-of", &at]), rows(&place, &[&seats, "--as-of", &at]));
    }
    let export = place.run(&["export", "seat_history", "--format", "csv", "--enterprise", "corp"]);
    assert_eq!((export.code, export.stdout.lines().count()), (0, 6), "{}", export.stderr);
}

#[test]
fn the_demo_has_a_history_of_seats_that_agrees_with_its_trend() {
    let place = Place::new();
    let folder = place.path("demo").display().to_string();
    let ran = place.run(&["demo", &folder, "--people", "60", "--days", "240", "--every", "30"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    std::fs::copy(place.path("demo/oneseat.db"), place.path("oneseat.db")).expect("a copy");
    let sql = "SELECT at, consumed, (SELECT count(*) FROM seat_history
        WHERE valid_from <= at AND (valid_to IS NULL OR valid_to > at)) AS seats FROM trend";
    let points = rows(&place, &[sql]);
    let points = points.as_array().expect("points");
    assert!(points.len() > 8);
    for point in points {
        assert_eq!(point["consumed"], point["seats"], "{}", point["at"]);
    }
}

#[test]
fn every_documented_table_can_be_asked_and_exported_by_name() {
    let place = place();
    let tables = place.json(&["tables"]);
    let items = tables["items"].as_array().expect("items");
    let promised = [
        "sources",
        "snapshots",
        "accounts",
        "account_history",
        "emails",
        "memberships",
        "seats",
        "seat_accounts",
        "seat_history",
        "cost_centers",
        "visual_studio_subscriptions",
        "sync_statuses",
        "instance_facts",
        "journal",
        "listed",
        "links",
        "duplicates",
        "trend",
    ];
    for table in promised {
        let columns: Vec<&str> = items
            .iter()
            .filter(|it| it["table"] == table)
            .filter_map(|it| it["column"].as_str())
            .collect();
        assert!(!columns.is_empty(), "{table}");
        let sql = format!("SELECT {} FROM {table}", columns.join(", "));
        let ran = place.run(&["query", &sql, "--format", "csv"]);
        assert_eq!(ran.code, 0, "{table}: {}", ran.stderr);
        let export = place.run(&["export", table, "--format", "csv"]);
        assert_eq!(export.stdout.lines().next(), ran.stdout.lines().next(), "{table}");
    }
}

#[test]
fn a_hint_never_proposes_what_failed() {
    let place = place();
    let tables = place.json(&["tables"]);
    for item in tables["items"].as_array().expect("items") {
        let column = item["column"].as_str().expect("a column");
        let ran = place.run(&["query", &format!("SELECT \"t\".\"{column}\" FROM (SELECT 1) AS t")]);
        assert_eq!(ran.code, 2, "{column}");
        let hint = ran.stderr.split("hint:").nth(1).expect("a hint");
        assert!(!hint.contains(&format!("\"{column}\"")), "{column}: {hint}");
        let table = item["table"].as_str().expect("a table");
        assert!(hint.contains(table), "{column}: {hint}");
    }
    let ran = place.run(&["query", "SELECT lgoin FROM accounts"]);
    assert!(ran.stderr.contains("did you mean \"login\""), "{}", ran.stderr);
}
