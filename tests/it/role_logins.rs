//! Logins that name a role, in a mapped column of an employee directory (directory.md sections 2 and 3): they prove
//! nothing about a person, neither that two seats are one person's nor that somebody has left.

use serde_json::{Value, json};

use crate::across::{cloud, does, server, user};
use crate::common::Place;

const DAY: &str = "2026-03-02T08:00:00Z";
const HOST: &str = "ghes.corp.example";

/// Imports a list with the columns Id, Mail, GitHub, Ghes and Status.
fn hr(place: &Place, rows: &str) {
    let settings = "[directory.hr]\nid = \"Id\"\nemails = [\"Mail\"]\nlogins = [\"GitHub\"]\n\
                    server_logins = { \"ghes.corp.example\" = \"Ghes\" }\n\
                    active = { column = \"Status\", is = [\"Active\"] }\n";
    let settings = place.write("oneseat.toml", settings.as_bytes()).display().to_string();
    let list = format!("Id,Mail,GitHub,Ghes,Status\n{rows}");
    let list = place.write("hr.csv", list.as_bytes()).display().to_string();
    does(place, &["import", &list, "--directory", "hr", "--taken-at", DAY, "--config", &settings]);
}

fn certain(place: &Place) -> Value {
    place.json(&["duplicates"])["summary"]["certain"].clone()
}

#[test]
fn they_are_no_evidence() {
    for (login, found) in [("build-2", 0), ("admin", 0), ("ci", 0), ("buildadmin", 1)] {
        let place = Place::new();
        cloud(&place, "corp", DAY, &[user("ada", "ada@x.example"), user("zoe", "z@x.example")]);
        server(&place, HOST, DAY, &[("7", login, "b@y.example", false)]);
        hr(&place, &format!("1,ada@x.example,,{login},Active\n2,z@x.example,,,Active\n"));
        assert_eq!(certain(&place), found, "{login}");
    }
}

#[test]
fn an_address_counts_whatever_the_login() {
    let place = Place::new();
    cloud(&place, "corp", DAY, &[user("ada", "ada@x.example"), user("zoe", "z@x.example")]);
    server(&place, HOST, DAY, &[("7", "build", "b@y.example", false)]);
    hr(&place, "1,ada@x.example;b@y.example,,,Active\n2,z@x.example,,,Active\n");
    assert_eq!(certain(&place), 1);
    // The seat of such an account is nobody's whom a leaving could concern.
    assert_eq!(place.json(&["leavers"])["summary"]["excepted"], 1);
}

#[test]
fn nobody_has_left_by_the_login_of_a_machine() {
    for (login, why) in [("ci", "unknown"), ("cy", "left")] {
        let place = Place::new();
        cloud(&place, "corp", DAY, &[user("ada", "ada@x.example"), user("zoe", "z@x.example")]);
        // The account is merged with ada's, of whom the directory knows no address.
        server(&place, HOST, DAY, &[("7", login, "ada@x.example", false)]);
        hr(&place, &format!("1,q@x.example,,{login},Left\n2,z@x.example,,,Active\n"));
        let answer = place.json(&["leavers", "--as-of", "2026-09-01"]);
        let items = answer["items"].as_array().expect("items");
        let [item] = items.as_slice() else { panic!("one item: {answer:#}") };
        assert_eq!((&item["login"], &item["why"]), (&json!("ada"), &json!(why)), "{login}");
    }
}
