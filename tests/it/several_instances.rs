//! One file about several instances: all of its snapshots are stored, or none. And accounts without ids.

use serde_json::{Value, json};

use crate::common::{Place, fixtures};

const AT: [&str; 2] = ["--taken-at", "2026-03-02T08:00:00Z"];

fn golden(name: &str) -> String {
    fixture(&format!("graphql-server-installations/{name}"))
}

fn fixture(path: &str) -> String {
    fixtures().join(path).display().to_string()
}

fn statuses(answer: &Value) -> Vec<(Value, Value)> {
    let items = answer["items"].as_array().expect("items");
    items.iter().map(|item| (item["source"]["name"].clone(), item["status"].clone())).collect()
}

#[test]
fn three_instances_are_three_snapshots() {
    let place = Place::new();
    let file = golden("three-instances.json");
    let command = ["import", &file, AT[0], AT[1]];
    let answer = place.json(&command);
    let stored = |host| (json!(host), json!("stored"));
    let hosts = ["ghes1.corp.example", "ghes2.corp.example", "ghes3.corp.example"];
    assert_eq!(statuses(&answer), hosts.map(stored));
    assert_eq!(answer["items"][1]["accounts"], json!(1));
    assert_eq!(place.json(&["consumption"])["consumed"], json!(2));
    // The second time, all of them are there.
    let unchanged = |host| (json!(host), json!("unchanged"));
    assert_eq!(statuses(&place.json(&command)), hosts.map(unchanged));
}

#[test]
fn what_is_there_already_is_passed_over() {
    let place = Place::new();
    let all: Value =
        serde_json::from_str(&std::fs::read_to_string(golden("three-instances.json")).expect("it"))
            .expect("JSON");
    let mut first = all.clone();
    let nodes = "/data/enterprise/ownerInfo/enterpriseServerInstallations/nodes";
    let one = all.pointer(nodes).expect("nodes")[1].clone();
    *first.pointer_mut(nodes).expect("nodes") = json!([one]);
    let file = place.write("one.json", first.to_string().as_bytes()).display().to_string();
    place.json(&["import", &file, AT[0], AT[1]]);
    let file = golden("three-instances.json");
    let answer = place.json(&["import", &file, AT[0], AT[1]]);
    assert_eq!(
        statuses(&answer),
        [
            (json!("ghes1.corp.example"), json!("stored")),
            (json!("ghes2.corp.example"), json!("unchanged")),
            (json!("ghes3.corp.example"), json!("stored")),
        ]
    );
    assert_eq!(answer["items"][1]["snapshot"], json!(1));
    assert_eq!(place.json(&["consumption"])["consumed"], json!(2));
}

/// The order of import never shows: an account without an id is the one of the host with the same login.
#[test]
fn a_login_stands_for_its_id_whatever_the_order() {
    let cloud = json!({"total_seats_consumed": 1, "total_seats_purchased": 10, "users": [{
        "github_com_login": "ada", "github_com_user": true,
        "enterprise_server_user_ids": ["ghes.corp.example:7"],
    }]})
    .to_string();
    let with_ids = "id,login,email,suspended?\n7,AL,,false\n8,bo,b@x,false\n";
    let without = "login,email,role,suspension_status\nal,al@plant.example,user,active\nnew,n@x,user,active\n";
    let files = [
        ("cloud.json", cloud.as_str(), "2026-03-01", "--enterprise", "corp"),
        ("ids.csv", with_ids, "2026-03-02", "--host", "ghes.corp.example"),
        ("logins.csv", without, "2026-03-09", "--host", "ghes.corp.example"),
    ];
    let mut answers = Vec::new();
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [0, 2, 1]] {
        let place = Place::new();
        for index in order {
            let (name, text, at, option, source) = files[index];
            let file = place.write(name, text.as_bytes()).display().to_string();
            place.json(&["import", &file, "--taken-at", at, option, source]);
        }
        answers.push((
            place.json(&["consumption"])["seats"].clone(),
            place.json(&["duplicates"])["items"].clone(),
            place.json(&["trend"]),
        ));
    }
    assert_eq!(
        answers[0].0,
        json!({"cloud_only": 0, "cloud_and_server": 1, "server_only": 1}),
        "ada's row lists account 7, which is al"
    );
    assert!(answers.iter().all(|answer| *answer == answers[0]));
}

#[test]
fn unknown_fields_are_told_of_once_and_listed_with_their_times() {
    let place = Place::new();
    let folder = fixtures().join("cloud-license-report-csv");
    let file = folder.join("two-invented-columns.csv").display().to_string();
    for at in ["2026-03-02", "2026-03-09"] {
        let command = ["import", &file, "--enterprise", "corp", "--taken-at", at];
        let answer = place.json(&command);
        let warnings = answer["items"][0]["warnings"].as_array().expect("warnings");
        let named: Vec<&Value> = warnings.iter().map(|warning| &warning["where"]).collect();
        assert_eq!(named, [&json!("Favourite colour"), &json!("Shoe size")]);
    }
    let seen = place.json(&["formats", "--seen"]);
    assert_eq!(
        seen["items"][0],
        json!({
            "format": "cloud-license-report-csv", "field": "Favourite colour",
            "first_seen": "2026-03-02T00:00:00Z", "last_seen": "2026-03-09T00:00:00Z",
        })
    );
    assert_eq!(seen["items"].as_array().map(Vec::len), Some(2));
}

#[test]
fn a_server_license_states_what_was_purchased_where_cloud_does_not() {
    let place = Place::new();
    let users = "id,login,email,suspended?\n7,al,a@x,false\n";
    let file = place.write("users.csv", users.as_bytes()).display().to_string();
    place.json(&["import", &file, "--host", "a.example", AT[0], AT[1]]);
    let license = br#"{"seats":100,"seats_used":3,"expire_at":"2021-03-01T07:59:59Z"}"#;
    let file = place.write("license.json", license).display().to_string();
    let answer = place.json(&["import", &file, "--host", "a.example", AT[0], AT[1]]);
    assert_eq!(answer["items"][0]["reported"], json!({"consumed": 3, "purchased": 100}));
    let consumption = place.json(&["consumption"]);
    assert_eq!(consumption["purchased"], json!(100));
    assert_eq!(consumption["reported"], Value::Null);
    let cloud = br#"{"total_seats_consumed":0,"total_seats_purchased":90,"users":[]}"#;
    let file = place.write("cloud.json", cloud).display().to_string();
    place.json(&["import", &file, "--enterprise", "corp", AT[0], AT[1]]);
    let consumption = place.json(&["consumption"]);
    assert_eq!(consumption["purchased"], json!(90));
    assert_eq!(consumption["warnings"][0]["code"], json!("purchased-disagrees"));
}

#[test]
fn an_instance_that_was_never_synced_is_told_of() {
    let place = Place::new();
    let licenses = fixture("cloud-consumed-licenses-json/one-page.json");
    let users = fixture("server-users-csv/all_users.csv");
    let status = fixture("cloud-license-sync-status/bare.json");
    let at = ["--taken-at", "2026-03-06"];
    for (file, option) in [
        (&licenses, ["--enterprise", "corp"]),
        (&users, ["--host", "ghes.corp.example"]),
        (&users, ["--host", "ghes2.corp.example"]),
        (&status, ["--enterprise", "corp"]),
    ] {
        let ran = place.run(&[&["import", file.as_str()], &option[..], &at].concat());
        assert_eq!(ran.code, 0, "{}", ran.stderr);
    }
    let answer = place.json(&["consumption"]);
    let synced: Vec<&Value> =
        answer["sources"].as_array().expect("a list").iter().map(|it| &it["last_synced"]).collect();
    assert_eq!(synced, [&Value::Null, &json!("2026-03-05T00:00:00Z"), &Value::Null]);
    let warning = &answer["warnings"][0];
    assert_eq!(warning["code"], "never-synced");
    assert!(warning["message"].as_str().is_some_and(|it| it.starts_with("ghes2.corp.example")));
    let table = place.run(&["consumption"]).stdout;
    assert!(table.contains("Last synced"), "{table}");
}

#[test]
fn a_file_that_names_its_instance_needs_no_host_beside_others_that_do() {
    let csv = |login: &str| {
        format!(
            "created_at,id,login,email,role,suspended?,last_logged_ip,repos,ssh_keys,org_memberships,dormant?,\
             last_active,raw_login,2fa_enabled?\n2024-01-01 00:00:00 UTC,1,{login},{login}@corp.example,user,false,,\
             0,0,0,false,2026-01-01,{login},true\n"
        )
    };
    let export = json!({"instance": {"host_name": "c.corp.example"}, "users": [
        {"user_id": 7, "login": "cy", "emails": [{"email": "cy@corp.example", "primary": true}]}]});
    for hosts in [
        &["a.corp.example", "b.corp.example"][..],
        &["a.corp.example", "b.corp.example", "c.corp.example"],
    ] {
        let place = Place::new();
        let files = [("1.csv", csv("ann")), ("2.csv", csv("bob")), ("3.json", export.to_string())];
        let mut command =
            vec!["import".to_owned(), "--taken-at".to_owned(), "2026-03-01".to_owned()];
        for (name, text) in &files {
            command.push(place.write(name, text.as_bytes()).display().to_string());
        }
        for host in hosts {
            command.extend(["--host".to_owned(), (*host).to_owned()]);
        }
        let ran = place.run(&command);
        assert_eq!(ran.code, 0, "{hosts:?}: {}", ran.stderr);
        let sources = place.json(&["sources"]);
        let names: Vec<&str> = sources["items"]
            .as_array()
            .expect("items")
            .iter()
            .filter_map(|it| it["name"].as_str())
            .collect();
        assert_eq!(names, ["a.corp.example", "b.corp.example", "c.corp.example"], "{hosts:?}");
    }
}
