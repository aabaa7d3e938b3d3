//! One primary address on two accounts of an instance proves nothing for them (counting.md section 4), but
//! still proves something for others. Cases with few accounts: the licenses consumed, the matches, and the
//! findings.

use serde_json::{Value, json};

use crate::common::Place;

const HOST: &str = "ghes1.corp.example";
const OTHER: &str = "ghes2.corp.example";
const DAY_ONE: &str = "2026-03-02T08:00:00Z";
const DAY_TWO: &str = "2026-03-03T08:00:00Z";

fn user(login: &str, verified: &[&str]) -> Value {
    json!({"github_com_login": login, "github_com_user": true, "license_type": "Enterprise",
        "github_com_verified_domain_emails": verified})
}

fn account(id: u64, login: &str, emails: &[&str]) -> Value {
    let emails = emails.iter().enumerate();
    let emails = emails.map(|(place, email)| json!({"email": email, "primary": place == 0}));
    json!({"user_id": id, "login": login, "suspended": false, "emails": emails.collect::<Value>()})
}

fn suspended(mut account: Value) -> Value {
    account["suspended"] = json!(true);
    account
}

struct Case {
    about: &'static str,
    users: Vec<Value>,
    here: Vec<Value>,
    there: Vec<Value>,
    consumed: u64,
    matched: u64,
    /// Certain, likely and possible.
    doubles: [u64; 3],
    repeated: bool,
}

fn cases() -> Vec<Case> {
    let shared = "shared@corp.example";
    let case = |about, users, here, there, consumed, matched, doubles, repeated| Case {
        about,
        users,
        here,
        there,
        consumed,
        matched,
        doubles,
        repeated,
    };
    vec![
        case(
            "two accounts with the verified address of a Cloud account: neither is its",
            vec![user("cat", &[shared])],
            vec![account(1, "x1", &[shared]), account(2, "x2", &[shared])],
            vec![],
            3,
            0,
            [0, 0, 2],
            true,
        ),
        case(
            "in another letter case, and one of them suspended",
            vec![user("cat", &[shared])],
            vec![
                account(1, "x1", &[shared]),
                suspended(account(2, "x2", &["Shared@Corp.example"])),
            ],
            vec![],
            2,
            0,
            [0, 0, 1],
            true,
        ),
        case(
            "on another instance it proves",
            vec![user("cat", &[shared])],
            vec![account(1, "x1", &[shared]), account(2, "x2", &[shared])],
            vec![account(1, "y1", &[shared])],
            3,
            1,
            [0, 0, 2],
            true,
        ),
        case(
            "it joins no accounts, neither here nor on two instances",
            vec![],
            vec![account(1, "x1", &[shared]), account(2, "x2", &[shared])],
            vec![account(1, "y1", &[shared])],
            3,
            0,
            [0, 0, 0],
            true,
        ),
        case(
            "it makes no cluster with who has it as another address",
            vec![],
            vec![account(1, "x1", &[shared]), account(2, "x2", &[shared])],
            vec![account(1, "y1", &["y@corp.example", shared])],
            3,
            0,
            [0, 0, 0],
            true,
        ),
        case(
            "the other addresses of such an account prove as ever",
            vec![user("cat", &["cat@corp.example"])],
            vec![account(1, "x1", &[shared, "cat@corp.example"]), account(2, "x2", &[shared])],
            vec![],
            3,
            0,
            [1, 0, 0],
            true,
        ),
        case(
            "its login is likely as ever",
            vec![user("cat", &["c@corp.example"])],
            vec![account(1, "cat", &[shared]), account(2, "x2", &[shared])],
            vec![],
            3,
            0,
            [0, 1, 0],
            true,
        ),
        case(
            "the same local part elsewhere is lowered to possible",
            vec![user("cat", &["shared@old.example"])],
            vec![account(1, "x1", &[shared]), suspended(account(2, "x2", &[shared]))],
            vec![],
            2,
            0,
            [0, 0, 1],
            true,
        ),
        case(
            "one slip away is possible as ever",
            vec![user("cat", &["lovelaec@corp.example"])],
            vec![
                account(1, "x1", &["lovelace@corp.example"]),
                suspended(account(2, "x2", &["lovelace@corp.example"])),
            ],
            vec![],
            2,
            0,
            [0, 0, 1],
            true,
        ),
        case(
            "two accounts without an address are no such case",
            vec![],
            vec![account(1, "x1", &[]), account(2, "x2", &[])],
            vec![],
            2,
            0,
            [0, 0, 0],
            false,
        ),
        case(
            "the same address once on each of two instances is one person",
            vec![],
            vec![account(1, "x1", &[shared])],
            vec![account(1, "y1", &[shared])],
            1,
            0,
            [0, 0, 0],
            false,
        ),
    ]
}

fn import(place: &Place, name: &str, content: &Value, options: &[&str]) {
    let file = place.write(name, content.to_string().as_bytes()).display().to_string();
    place.json(&[&["import", &file], options].concat());
}

fn server(place: &Place, host: &str, users: &[Value], at: &str) {
    let export = json!({"instance": {"server_id": "1", "host_name": host, "version": "3.17.2"}, "users": users});
    import(place, "server.json", &export, &["--taken-at", at]);
}

#[test]
fn an_address_that_an_instance_has_twice_proves_nothing_there() {
    for case in cases() {
        let place = Place::new();
        if !case.users.is_empty() {
            let cloud = json!({"users": case.users});
            import(&place, "cloud.json", &cloud, &["--enterprise", "corp", "--taken-at", DAY_ONE]);
        }
        for (host, accounts) in [(HOST, &case.here), (OTHER, &case.there)] {
            if !accounts.is_empty() {
                server(&place, host, accounts, DAY_ONE);
            }
        }
        let about = case.about;
        let answer = place.json(&["consumption"]);
        assert_eq!(answer["consumed"], case.consumed, "{about}");
        assert_eq!(answer["matched_by"]["verified_email"], case.matched, "{about}");
        let doubles = &answer["duplicates"];
        let found = json!([doubles["certain"], doubles["likely"], doubles["possible"]]);
        assert_eq!(found, json!(case.doubles), "{about}: {}", place.json(&["duplicates"]));
        let warnings = answer["warnings"].as_array().expect("warnings");
        let warned: Vec<&Value> =
            warnings.iter().filter(|it| it["code"] == "address-repeated").collect();
        assert_eq!(!warned.is_empty(), case.repeated, "{about}");
        if let Some(warning) = warned.first() {
            let message = warning["message"].as_str().expect("a sentence");
            assert!(message.starts_with("2 accounts of ghes1.corp.example "), "{message}");
        }
        // explain and duplicates agree, whichever account is asked for.
        for item in place.json(&["duplicates"])["items"].as_array().expect("items") {
            let first = &item["server_accounts"][0];
            let who = format!(
                "{}:{}",
                first["host"].as_str().expect("a host"),
                first["id"].as_str().expect("an id")
            );
            assert_eq!(place.json(&["explain", &who])["people"][0]["duplicate"], *item, "{about}");
        }
    }
}

/// Rule c looks for the repeated address in the row's list like for any other.
#[test]
fn what_github_has_merged_stays_merged() {
    let shared = "shared@corp.example";
    for (listed, at, matched) in [
        (shared, DAY_TWO, 1),
        ("else@corp.example", DAY_TWO, 0),
        // The Server file is the older one.
        ("else@corp.example", DAY_ONE, 1),
    ] {
        let place = Place::new();
        let mut cat = user("cat", &[]);
        cat["enterprise_server_user_ids"] = json!([format!("{HOST}:1")]);
        cat["enterprise_server_primary_emails"] = json!([listed]);
        let options = ["--enterprise", "corp", "--taken-at", DAY_ONE];
        import(&place, "cloud.json", &json!({"users": [cat]}), &options);
        let accounts = [account(1, "x1", &[shared]), account(2, "x2", &[shared])];
        server(&place, HOST, &accounts, at);
        let answer = place.json(&["consumption"]);
        assert_eq!(answer["matched_by"]["reported"], matched, "{listed} {at}");
        assert_eq!(answer["consumed"], 3 - matched, "{listed} {at}");
    }
}

/// It comes and goes with the files, in the trend as in every single answer.
#[test]
fn the_trend_counts_it_where_it_is() {
    let place = Place::new();
    let cloud = json!({"users": [user("cat", &["shared@corp.example"])]});
    import(&place, "cloud.json", &cloud, &["--enterprise", "corp", "--taken-at", DAY_ONE]);
    let one = account(1, "x1", &["shared@corp.example"]);
    let two = account(2, "x2", &["shared@corp.example"]);
    let files = [
        vec![one.clone()],
        vec![one.clone(), two.clone()],
        vec![one.clone(), suspended(two.clone())],
        vec![one.clone(), account(2, "x2", &["x2@corp.example"])],
        vec![two],
    ];
    for (day, accounts) in files.iter().enumerate() {
        server(&place, HOST, accounts, &format!("2026-03-0{}T08:00:00Z", day + 3));
    }
    let trend = place.json(&["trend"]);
    let points = trend["points"].as_array().expect("points");
    let consumed: Vec<&Value> = points.iter().map(|it| &it["consumed"]).collect();
    assert_eq!(consumed, [1, 1, 3, 2, 2, 1]);
    for point in points {
        let at = point["at"].as_str().expect("an instant");
        assert_eq!(
            place.json(&["consumption", "--as-of", at])["consumed"],
            point["consumed"],
            "{at}"
        );
    }
}
