//! Values that could make an answer endless: a snapshot in the year 9999, a source name of half a megabyte,
//! views that double each other, a chain of addresses through all accounts. Each command ends soon, with an
//! answer or an error.

use std::time::{Duration, Instant};

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::common::{Place, Ran};

/// Longer than any of them takes on a busy machine, and far shorter than it took before.
const SOON: Duration = Duration::from_secs(20);

fn done(ran: &Ran) {
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
}

fn report(place: &Place, people: u32) -> String {
    let users: Vec<Value> = (0..people)
        .map(|user| json!({"github_com_user": true, "github_com_login": format!("user-{user}")}))
        .collect();
    let text = json!({"total_seats_consumed": people, "users": users}).to_string();
    place.write("report.json", text.as_bytes()).display().to_string()
}

fn import(place: &Place, people: u32, day: &str, now: &str) {
    let file = report(place, people);
    let words = ["import", &file, "--enterprise", "corp", "--taken-at", day];
    done(&place.run_with(&words, b"", now));
}

#[test]
fn a_snapshot_of_the_year_9999_makes_no_trend_of_millions_of_days() {
    let place = Place::new();
    import(&place, 3, "2026-03-02", crate::common::NOW);
    import(&place, 4, "9999-12-01", "9999-12-30T00:00:00Z");
    let begun = Instant::now();
    for words in
        [&["trend", "--by", "day"][..], &["seats", "--by", "organization", "--period", "day"]]
    {
        let ran = place.run(words);
        assert_eq!(ran.code, 2, "{words:?}: {}{}", ran.stdout, ran.stderr);
        assert!(ran.stderr.contains("more than 100,000 periods"), "{}", ran.stderr);
    }
    for (by, points) in [("month", 95_686), ("quarter", 31_896), ("year", 7974), ("snapshot", 2)] {
        let trend = place.json(&["trend", "--by", by]);
        assert_eq!(trend["points"].as_array().map(Vec::len), Some(points), "{by}");
    }
    let words = ["trend", "--by", "day", "--from", "2026-03-01", "--to", "2026-03-31"];
    assert_eq!(place.json(&words)["points"].as_array().map(Vec::len), Some(30));
    assert!(begun.elapsed() < SOON);
}

#[test]
fn no_source_has_a_name_of_half_a_megabyte() {
    let place = Place::new();
    import(&place, 500, "2026-03-02", crate::common::NOW);
    let long = "h".repeat(600_000);
    let export = json!({"instance": {"server_id": "6c1c", "host_name": long},
        "users": [{"user_id": 1, "login": "ann", "emails": []}]});
    let file = place.write("server.json", export.to_string().as_bytes()).display().to_string();
    let ran = place.run(&["import", &file, "--taken-at", "2026-03-02"]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert!(ran.stderr.contains("a name has at most 1,000"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("hhh") && !ran.stdout.contains("hhh"));
    let file = report(&place, 2);
    let ran = place.run(&["import", &file, "--enterprise", &long, "--taken-at", "2026-03-03"]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    let ran = place.run(&["sources", "rename", "corp", &long]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert_eq!(place.json(&["snapshots"])["items"].as_array().map(Vec::len), Some(1));
    done(&place.run(&["verify"]));
    // In a database that somebody made by hand.
    for (table, column) in [("stored_sources", "name"), ("hosts", "host")] {
        let made = Place::new();
        std::fs::copy(place.path("oneseat.db"), made.path("oneseat.db")).expect("a copy");
        let connection = Connection::open(made.path("oneseat.db")).expect("a database");
        let sql = format!("UPDATE {table} SET {column} = ?1");
        if connection.execute(&sql, [&long]).expect("changed") == 0 {
            connection
                .execute(&format!("INSERT INTO {table} ({column}) VALUES (?1)"), [&long])
                .expect("changed");
        }
        drop(connection);
        let begun = Instant::now();
        for words in [
            &["export", "seats"][..],
            &["query", "SELECT * FROM accounts"],
            &["consumption"],
            &["verify"],
            &["backup", &made.path("b.db").display().to_string()],
        ] {
            let ran = made.run(words);
            assert_eq!(ran.code, 4, "{words:?}: {}", ran.stderr);
            assert!(ran.stderr.contains("is too long"), "{words:?}: {}", ran.stderr);
            assert!(ran.stdout.is_empty(), "{words:?}");
        }
        assert!(begun.elapsed() < SOON);
    }
}

fn with_views(make: impl Fn(u32) -> String) -> Place {
    let place = Place::new();
    import(&place, 3, "2026-03-02", crate::common::NOW);
    let connection = Connection::open(place.path("oneseat.db")).expect("a database");
    connection.execute_batch("CREATE VIEW v0 AS SELECT 1 AS a").expect("a view");
    for view in 1..=16 {
        connection.execute_batch(&make(view)).expect("a view");
    }
    place
}

#[test]
fn views_that_double_each_other_are_evaluated_by_nothing_but_a_statement_that_names_them() {
    let doubled = |how: &'static str| {
        move |view: u32| {
            let before = view - 1;
            format!("CREATE VIEW v{view} AS {}", how.replace('?', &before.to_string()))
        }
    };
    for how in [
        "SELECT a FROM v? UNION ALL SELECT a FROM v?",
        "SELECT x.a + y.a AS a FROM v? x, v? y",
        "SELECT a FROM v? WHERE a IN (SELECT a FROM v?)",
    ] {
        let place = with_views(doubled(how));
        let begun = Instant::now();
        for words in [
            &["consumption"][..],
            &["verify"],
            &["doctor"],
            &["duplicates"],
            &["explain", "user-1"],
            &["tables"],
            &["backup", &place.path("b.db").display().to_string()],
            &["query", "SELECT count(*) FROM accounts"],
            // As deep as anybody could mean.
            &["query", "SELECT count(*) FROM v4"],
        ] {
            done(&place.run(words));
        }
        assert!(begun.elapsed() < SOON, "{how}: {:?}", begun.elapsed());
    }
}

#[test]
fn whoever_hangs_together_with_a_thousand_is_told_of_as_among_all() {
    let place = Place::new();
    let day = |days: u32| {
        let users: Vec<Value> = (0..1500)
            .map(|user| {
                let address = |number: u32| json!({"email": format!("p{number:05}q@corp.example"), "primary": number == user});
                // The first account is part of the chain from the second day on.
                let next = if user == 0 && days == 2 { 90_000 } else { user + 1 };
                json!({"user_id": user, "login": format!("s{user}"), "emails": [address(user), address(next)]})
            })
            .collect();
        let export = json!({"instance": {"server_id": "6c1c", "host_name": "ghes.corp.example"}, "users": users});
        let file = place.write("server.json", export.to_string().as_bytes()).display().to_string();
        done(&place.run(&["import", &file, "--taken-at", &format!("2026-03-0{days}")]));
    };
    import(&place, 3, "2026-03-01", crate::common::NOW);
    (2..=4).for_each(day);
    let all = place.json(&["duplicates"]);
    let all = all["items"].as_array().expect("items");
    assert!(all.len() > 1000);
    for (who, since) in [("s0", "2026-03-03T00:00:00Z"), ("s700", "2026-03-02T00:00:00Z")] {
        let person = place.json(&["explain", who])["people"][0].clone();
        let told = person["duplicates"].as_array().expect("findings");
        assert!(!told.is_empty(), "{who}");
        for item in told {
            let same = all.iter().find(|it| it["server_accounts"] == item["server_accounts"]);
            let same = same.expect("it is among all");
            for key in ["since", "confidence", "evidence", "fixes", "other_server_accounts"] {
                assert_eq!(item[key], same[key], "{who}: {key}");
            }
        }
        assert!(told.iter().any(|item| item["since"] == since), "{who}: {told:?}");
    }
}
